//! Rules about what a namespace allows its pods.

use crate::manifest::Object;
use crate::rules::helpers::{object_ref, writes_kind};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// A chart that makes a namespace of its own is the one that has to say what may run there.
fn check(cx: &mut RuleContext<'_>, kind: &str, help: &str) {
    let made: Vec<&Object> = cx
        .index
        .of_kind("Namespace")
        .iter()
        .copied()
        .filter(|object| object.group().is_empty() && cx.is_own(object))
        .collect();
    let Some(first) = made.first() else { return };
    if writes_kind(cx, &[kind]) {
        return;
    }
    let message = format!("the chart makes the namespace `{}` without a {kind}", first.name());
    let others = made.iter().skip(1).map(|object| object_ref(cx.index, object)).collect();
    cx.finding(&first.get("metadata.name"), message).also(others).help(help).report();
}

pub(super) struct LimitRangeMissing;

impl Rule for LimitRangeMissing {
    fn spec(&self) -> &'static Spec {
        spec!("limit-range-missing")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        check(cx, "LimitRange", "add a LimitRange with defaults for containers that set no resources");
    }
}

pub(super) struct ResourceQuotaMissing;

impl Rule for ResourceQuotaMissing {
    fn spec(&self) -> &'static Spec {
        spec!("resource-quota-missing")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        check(cx, "ResourceQuota", "add a ResourceQuota: without one the namespace may take the whole cluster");
    }
}
