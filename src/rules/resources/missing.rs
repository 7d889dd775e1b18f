//! Rules about requests and limits that are missing, or that are there.

use crate::kubernetes::quantity::parse_quantity;
use crate::manifest::{Container, ContainerKind, Node, Workload};
use crate::rules::helpers::{container_names, keys_that_set, list};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// What is asked of a container's `resources`.
fn amount<'a>(container: &Container<'a>, field: &str, resource: &str) -> Node<'a> {
    container.node.get("resources").get(field).child(resource)
}

/// The request for a resource: a limit without one counts as one too.
fn request<'a>(container: &Container<'a>, resource: &str) -> Node<'a> {
    let own = amount(container, "requests", resource);
    if own.exists() { own } else { amount(container, "limits", resource) }
}

/// The containers that run for long, or the main ones of a job; none for hooks, and none if a LimitRange of the chart or
/// the pod itself speaks for all.
fn judged<'a>(cx: &RuleContext<'a>, workload: &Workload<'a>) -> Vec<Container<'a>> {
    if workload.object.is_hook()
        || !workload.pod.get("resources").is_empty()
        || !cx.index.of_kind("LimitRange").is_empty()
    {
        return Vec::new();
    }
    workload.containers().into_iter().filter(Container::is_long_running).collect()
}

/// One finding for all containers of a workload that lack something, at the first of them.
fn report(
    cx: &mut RuleContext<'_>,
    workload: &Workload<'_>,
    lacking: &[Container<'_>],
    what: &str,
    advice: &str,
) {
    let Some(first) = lacking.first() else { return };
    let verb = if lacking.len() == 1 { "has" } else { "have" };
    let names = container_names(&lacking.iter().collect::<Vec<_>>());
    let message = format!("{names} of {} {verb} {what}", cx.describe(workload.object));
    let keys = keys_that_set(cx, workload.object, "resources");
    let help = match keys.as_slice() {
        [] => advice.to_owned(),
        keys => format!("{advice}; here with {} in values.yaml", list(keys, 3)),
    };
    cx.finding(&first.node.get("resources"), message).help(help).report();
}

pub(super) struct ResourcesNotSet;

impl Rule for ResourcesNotSet {
    fn spec(&self) -> &'static Spec {
        spec!("resources-not-set")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        if judged(cx, workload).is_empty() {
            return;
        }
        let lacks = |container: &Container<'_>| {
            let resources = container.node.get("resources");
            ["requests", "limits", "claims"].iter().all(|field| resources.get(field).is_empty())
        };
        // Init containers matter where the others have what they need: a quota asks for it of all.
        let some_have = judged(cx, workload).iter().any(|container| !lacks(container));
        let counts = |container: &Container<'_>| match container.kind {
            ContainerKind::Main | ContainerKind::Sidecar => true,
            ContainerKind::Init => some_have,
            ContainerKind::Ephemeral => false,
        };
        let containers = workload.containers().into_iter();
        let lacking: Vec<_> = containers.filter(|container| counts(container) && lacks(container)).collect();
        report(
            cx,
            workload,
            &lacking,
            "neither requests nor limits",
            "set a request for cpu and memory and a limit for memory",
        );
    }
}

/// A rule about one amount that is missing.
fn check_missing(
    cx: &mut RuleContext<'_>,
    workload: &Workload<'_>,
    field: &str,
    resource: &str,
    advice: &str,
) {
    let lacking: Vec<_> = judged(cx, workload)
        .into_iter()
        .filter(|container| match field {
            "requests" => !request(container, resource).exists(),
            _ => !amount(container, field, resource).exists(),
        })
        .collect();
    let what = format!("no {resource} {}", field.trim_end_matches('s'));
    report(cx, workload, &lacking, &what, advice);
}

pub(super) struct CpuRequestMissing;

impl Rule for CpuRequestMissing {
    fn spec(&self) -> &'static Spec {
        spec!("cpu-request-missing")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        check_missing(cx, workload, "requests", "cpu", "set `resources.requests.cpu` to what it uses as a rule");
    }
}

pub(super) struct MemoryRequestMissing;

impl Rule for MemoryRequestMissing {
    fn spec(&self) -> &'static Spec {
        spec!("memory-request-missing")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        check_missing(cx, workload, "requests", "memory", "set `resources.requests.memory` to what it uses as a rule");
    }
}

pub(super) struct MemoryLimitMissing;

impl Rule for MemoryLimitMissing {
    fn spec(&self) -> &'static Spec {
        spec!("memory-limit-missing")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        check_missing(cx, workload, "limits", "memory", "set `resources.limits.memory` to the most that it may use");
    }
}

pub(super) struct CpuLimitMissing;

impl Rule for CpuLimitMissing {
    fn spec(&self) -> &'static Spec {
        spec!("cpu-limit-missing")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        check_missing(cx, workload, "limits", "cpu", "set `resources.limits.cpu` to the most that it may use");
    }
}

pub(super) struct CpuLimitSet;

impl Rule for CpuLimitSet {
    fn spec(&self) -> &'static Spec {
        spec!("cpu-limit-set")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let limit = amount(container, "limits", "cpu");
        if limit.exists() && !workload.object.is_hook() {
            cx.finding(&limit, format!("container `{}` has a cpu limit", container.name()))
                .help("leave it out: it slows the container down even while the node is idle; the request is enough")
                .report();
        }
    }
}

pub(super) struct MemoryRequestNotEqualLimit;

impl Rule for MemoryRequestNotEqualLimit {
    fn spec(&self) -> &'static Spec {
        spec!("memory-request-not-equal-limit")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let (asked, most) = (amount(container, "requests", "memory"), amount(container, "limits", "memory"));
        if differ(&asked, &most) && container.is_long_running() && workload.is_long_running() {
            let text = |node: &Node<'_>| node.text().unwrap_or_default();
            let message = format!(
                "container `{}` may use {} of memory and asks for {}",
                container.name(),
                text(&most),
                text(&asked)
            );
            cx.finding(&asked, message)
                .help("ask for as much as the limit: what lies between is not there when the node is full")
                .report();
        }
    }
}

/// Whether two quantities are both there and not the same amount.
fn differ(one: &Node<'_>, other: &Node<'_>) -> bool {
    let value = |node: &Node<'_>| node.text().and_then(|text| parse_quantity(&text));
    matches!((value(one), value(other)), (Some(one), Some(other)) if one != other)
}

pub(super) struct QosNotGuaranteed;

impl Rule for QosNotGuaranteed {
    fn spec(&self) -> &'static Spec {
        spec!("qos-not-guaranteed")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        if !workload.is_long_running() || !workload.pod.get("resources").is_empty() {
            return;
        }
        let lacking: Vec<_> = workload
            .containers()
            .into_iter()
            .filter(|container| {
                container.kind != ContainerKind::Ephemeral
                    && ["cpu", "memory"].iter().any(|resource| {
                        let most = amount(container, "limits", resource);
                        !most.exists() || differ(&amount(container, "requests", resource), &most)
                    })
            })
            .collect();
        let what = "limits for cpu and memory that are missing or above the requests: its pods are not of the class Guaranteed";
        report(cx, workload, &lacking, what, "set limits for cpu and memory that equal the requests");
    }
}
