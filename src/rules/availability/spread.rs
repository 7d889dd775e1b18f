//! Rules about which nodes and zones the pods of a workload share.

use crate::kubernetes::datastores;
use crate::manifest::{Node, Selector, Workload};
use crate::rules::helpers::{is_trial, keys_that_set, list, object_ref};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// A term that keeps pods apart.
struct Term<'a> {
    node: Node<'a>,
    /// Whether pods stay pending rather than break it.
    is_required: bool,
    is_anti_affinity: bool,
}

impl Term<'_> {
    fn selector(&self) -> Node<'_> {
        self.node.get("labelSelector")
    }

    /// Whether pods with these labels are kept apart from those that the term belongs to.
    fn selects(&self, labels: &[(String, String)]) -> bool {
        Selector::of_node(&self.selector()).matches(labels)
    }
}

/// The anti-affinity terms and spread constraints of a pod.
fn terms<'a>(workload: &Workload<'a>) -> Vec<Term<'a>> {
    let anti = workload.pod.get("affinity.podAntiAffinity");
    let required = anti.get("requiredDuringSchedulingIgnoredDuringExecution").items();
    let preferred = anti.get("preferredDuringSchedulingIgnoredDuringExecution").items();
    let constraints = workload.pod.get("topologySpreadConstraints").items();
    let required =
        required.into_iter().map(|node| Term { node, is_required: true, is_anti_affinity: true });
    let preferred = preferred.into_iter().map(|node| Term {
        node: node.get("podAffinityTerm"),
        is_required: false,
        is_anti_affinity: true,
    });
    let constraints = constraints.into_iter().map(|node| {
        let is_required = node.get("whenUnsatisfiable").as_str().as_deref() != Some("ScheduleAnyway");
        Term { node, is_required, is_anti_affinity: false }
    });
    required.chain(preferred).chain(constraints).filter(|term| term.node.exists()).collect()
}

pub(super) struct PodSpreadMissing;

impl Rule for PodSpreadMissing {
    fn spec(&self) -> &'static Spec {
        spec!("pod-spread-missing")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let replicas = cx.index.replicas(workload);
        let labels = workload.pod_labels();
        if !workload.is_replicated()
            || replicas < 2
            || terms(workload).iter().any(|term| term.selects(&labels))
        {
            return;
        }
        let message = format!(
            "nothing keeps the {replicas} pods of {} on different nodes",
            cx.describe(workload.object)
        );
        let mut keys = keys_that_set(cx, workload.object, "topologySpreadConstraints");
        keys.extend(keys_that_set(cx, workload.object, "affinity"));
        let help = match keys.as_slice() {
            [] => "add `topologySpreadConstraints` or a `podAntiAffinity` that select the pod's own labels".to_owned(),
            keys => format!("give {} a default that spreads the pods", list(keys, 3)),
        };
        cx.finding(&workload.pod.get("topologySpreadConstraints"), message).help(help).report();
    }
}

pub(super) struct SpreadSelectorMismatch;

impl Rule for SpreadSelectorMismatch {
    fn spec(&self) -> &'static Spec {
        spec!("spread-selector-mismatch")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let labels = workload.pod_labels();
        for term in terms(workload) {
            let selector = term.selector();
            let in_other_namespaces =
                term.node.get("namespaceSelector").exists() || !term.node.get("namespaces").is_empty();
            let parsed = Selector::of_node(&selector);
            if in_other_namespaces || parsed.matches(&labels) && !parsed.is_everything() {
                continue;
            }
            let what = if term.is_anti_affinity { "anti-affinity term" } else { "topology spread constraint" };
            let who = cx.describe(workload.object);
            let (message, help) = if !selector.exists() {
                (
                    format!("a {what} of {who} has no `labelSelector`, so it does nothing"),
                    "select the labels of the pod itself".to_owned(),
                )
            } else if parsed.is_everything() {
                (
                    format!("a {what} of {who} selects every pod of the namespace"),
                    "select the labels of the pod itself: what else runs there should not matter".to_owned(),
                )
            } else {
                // To keep away from another component is a different thing.
                let selects_another = cx.index.workloads().iter().any(|other| {
                    !std::ptr::eq(other.object, workload.object) && parsed.matches(&other.pod_labels())
                });
                if selects_another && cx.param("allowOthers") == "true" {
                    continue;
                }
                // What a test of the chart sets is no more than an example.
                if is_trial(cx) {
                    continue;
                }
                let message = format!("a {what} of {who} does not select the pod's own labels, so it does nothing");
                match differing(&selector, &labels) {
                    Some(difference) => (message, format!("the pod {difference}: use the same helper for both")),
                    None => (message, "use the same helper for the selector as for the labels of the pod".to_owned()),
                }
            };
            let node = if selector.exists() { selector } else { term.node.clone() };
            cx.finding(&node, message.replace("a anti", "an anti")).help(help).report();
        }
    }
}

/// The first label that a selector wants and a pod does not have.
fn differing(selector: &Node<'_>, labels: &[(String, String)]) -> Option<String> {
    let wanted = crate::manifest::labels(&selector.get("matchLabels"));
    let (key, value) = wanted.into_iter().find(|pair| !labels.contains(pair))?;
    let has = labels.iter().find(|(known, _)| *known == key);
    Some(match has {
        Some((_, own)) => format!("has `{key}: {own}`, and not `{value}`"),
        None => format!("has no label `{key}`"),
    })
}

/// The data stores of a chart with the workloads that run them.
fn stores<'a>(cx: &RuleContext<'a>) -> Vec<(&'static str, Workload<'a>)> {
    let own = cx.index.workloads().iter().filter(|workload| cx.is_own(workload.object));
    own.filter_map(|workload| Some((datastores::of_workload(workload)?.name, workload.clone()))).collect()
}

pub(super) struct DatastoreSpreadNotRequired;

impl Rule for DatastoreSpreadNotRequired {
    fn spec(&self) -> &'static Spec {
        spec!("datastore-spread-not-required")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let Some(store) = datastores::of_workload(workload) else { return };
        let labels = workload.pod_labels();
        let terms: Vec<_> = terms(workload).into_iter().filter(|term| term.selects(&labels)).collect();
        let Some(first) = terms.first() else { return };
        if !workload.is_replicated()
            || cx.index.replicas(workload) < 2
            || terms.iter().any(|term| term.is_required)
        {
            return;
        }
        let message = format!("the pods of {} ({}) may share a node", cx.describe(workload.object), store.name);
        cx.finding(&first.node, message)
            .label("only a preference")
            .help("require it: `requiredDuringSchedulingIgnoredDuringExecution`, or `whenUnsatisfiable: DoNotSchedule`")
            .report();
    }
}

pub(super) struct StatefulComponentsColocatable;

impl Rule for StatefulComponentsColocatable {
    fn spec(&self) -> &'static Spec {
        spec!("stateful-components-colocatable")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let stores = stores(cx);
        let Some((first_name, first)) = stores.first() else { return };
        let names: Vec<String> = stores.iter().map(|(_, workload)| cx.describe(workload.object)).collect();
        let keeps_apart = stores.iter().any(|(name, workload)| {
            let terms = terms(workload);
            stores.iter().any(|(other, others)| {
                other != name && terms.iter().any(|term| term.selects(&others.pod_labels()))
            })
        });
        if keeps_apart || stores.iter().all(|(name, _)| name == first_name) {
            return;
        }
        let message = format!("nothing keeps the data stores {} on different nodes", list(&names, 4));
        let others = stores.iter().skip(1).map(|(_, workload)| object_ref(cx.index, workload.object)).collect();
        let node = first.pod.get("affinity");
        cx.finding(&node, message)
            .identity("colocatable")
            .also(others)
            .help("give them a common label and a preferred `podAntiAffinity` on it: one lost node then takes one of them")
            .report();
    }
}
