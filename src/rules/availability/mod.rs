//! What keeps running when nodes go, pods move and versions change.

use super::Rule;

rules! {
    pdb::{PdbBlocksEviction, PdbBothPolicies, PdbNotSupported, PdbOverlapping, PdbWithoutPolicy},
    pdb_missing::{PdbMissing},
    scheduling::{HardcodedNodeSelection, PriorityClassMissing, SchedulingNotConfigurable, SystemPriorityClass},
    spread::{
        DatastoreSpreadNotRequired, PodSpreadMissing, SpreadSelectorMismatch, StatefulComponentsColocatable,
    },
    replicas::{DatastoreSinglePointOfFailure, SingleReplica},
}
