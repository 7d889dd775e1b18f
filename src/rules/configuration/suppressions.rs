//! `suppression-unused` and `suppression-without-reason`: found where suppressions are applied, after all other rules
//! (`crate::filter`).

use crate::rules::Rule;
use crate::spec::Spec;

pub(super) struct SuppressionUnused;

impl Rule for SuppressionUnused {
    fn spec(&self) -> &'static Spec {
        spec!("suppression-unused")
    }
}

pub(super) struct SuppressionWithoutReason;

impl Rule for SuppressionWithoutReason {
    fn spec(&self) -> &'static Spec {
        spec!("suppression-without-reason")
    }
}
