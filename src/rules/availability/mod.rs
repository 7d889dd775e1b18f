//! What keeps running when nodes go, pods move and versions change.

use super::Rule;

rules! {
    pdb::{PdbBlocksEviction, PdbBothPolicies, PdbNotSupported, PdbOverlapping, PdbWithoutPolicy},
    pdb_missing::{PdbMissing},
    replicas::{DatastoreSinglePointOfFailure, SingleReplica},
}
