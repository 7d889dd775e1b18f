//! What keeps running when nodes go, pods move and versions change.

use super::Rule;

rules! {
    pdb_missing::{PdbMissing},
}
