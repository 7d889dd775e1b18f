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

/// A chart that is a whole system has a namespace to itself, whoever makes it.
fn check_many_workloads(cx: &mut RuleContext<'_>, help: &str) {
    let wanted = cx.number_param("workloads").max(1.0) as usize;
    let workloads = cx.index.workloads().iter().filter(|workload| workload.is_long_running());
    let own: Vec<&Object> = workloads.map(|workload| workload.object).filter(|object| cx.is_own(object)).collect();
    if own.len() < wanted || !cx.index.of_kind("Namespace").is_empty() || writes_kind(cx, &["LimitRange"]) {
        return;
    }
    let Some(first) = own.first() else { return };
    let message = format!("the chart runs {} workloads, and no LimitRange bounds what containers of its namespace take", own.len());
    let others = own.iter().skip(1).map(|object| object_ref(cx.index, object)).collect();
    cx.finding(&first.get("metadata.name"), message).identity("many workloads").also(others).help(help).report();
}

pub(super) struct LimitRangeMissing;

impl Rule for LimitRangeMissing {
    fn spec(&self) -> &'static Spec {
        spec!("limit-range-missing")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let help = "add a LimitRange with defaults for containers that set no resources";
        check(cx, "LimitRange", help);
        check_many_workloads(cx, help);
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
