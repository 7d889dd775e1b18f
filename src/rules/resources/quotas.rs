//! Rules about what a namespace allows its pods.

use crate::manifest::Object;
use crate::rules::helpers::writes_kind;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// A chart that makes a namespace of its own is the one that has to say what may run there.
fn check(cx: &mut RuleContext<'_>, object: &Object, kind: &str, help: &str) {
    if object.is("", "Namespace") && !writes_kind(cx, &[kind]) {
        let message = format!("the chart makes the namespace `{}` without a {kind}", object.name());
        cx.finding(&object.get("metadata.name"), message).help(help).report();
    }
}

pub(super) struct LimitRangeMissing;

impl Rule for LimitRangeMissing {
    fn spec(&self) -> &'static Spec {
        spec!("limit-range-missing")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        check(cx, object, "LimitRange", "add a LimitRange with defaults for containers that set no resources");
    }
}

pub(super) struct ResourceQuotaMissing;

impl Rule for ResourceQuotaMissing {
    fn spec(&self) -> &'static Spec {
        spec!("resource-quota-missing")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        check(cx, object, "ResourceQuota", "add a ResourceQuota: without one the namespace may take the whole cluster");
    }
}
