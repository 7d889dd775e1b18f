//! Requests, limits and quotas.

use super::Rule;

rules! {
    amounts::{InvalidResourceQuantity, LimitRequestRatio, RequestsExceedLimits, ResourceRequestFloor},
    missing::{
        CpuLimitMissing, CpuLimitSet, CpuRequestMissing, MemoryLimitMissing, MemoryRequestMissing,
        MemoryRequestNotEqualLimit, QosNotGuaranteed, ResourcesNotSet,
    },
    quotas::{LimitRangeMissing, ResourceQuotaMissing},
    resources_not_configurable::{ResourcesNotConfigurable},
}
