//! What keeps running when nodes go, pods move and versions change.

use super::Rule;

rules! {
    devices::{ExtendedResourceMismatch, GpuWithoutLimitGuard},
    jobs::{
        CronjobConcurrency, CronjobInvalidSchedule, HookFailureIgnored, JobNoDeadline, RestartPolicyInvalid,
    },
    pdb::{PdbBlocksEviction, PdbBothPolicies, PdbNotSupported, PdbOrphaned, PdbOverlapping, PdbWithoutPolicy},
    pdb_missing::{PdbMissing},
    replicas::{DatastoreSinglePointOfFailure, SingleReplica},
    rollout::{
        ProgressiveDeliveryNotSupported, RollingUpdateInvalid, RollingUpdateMissing, StatefulsetOnDelete,
    },
    scheduling::{
        HardcodedNodeSelection, PriorityClassMissing, SchedulingNotConfigurable, SystemPriorityClass,
    },
    spread::{
        DatastoreSpreadNotRequired, PodSpreadMissing, SpreadSelectorMismatch, StatefulComponentsColocatable,
    },
    statefulset_service::{StatefulsetServiceName},
    volumes::{DatastoreAsDeployment, RwoVolumeMultiAttach, SharedClaimMultipleWriters},
}
