//! What scales with the load.

use super::Rule;

rules! {
    targets::{
        AutoscalerTargetMissing, AutoscalingNotSupported, HpaDuplicateTarget, HpaMaxNotGreater,
        HpaReplicasConflict, HpaRequestsMissing,
    },
}
