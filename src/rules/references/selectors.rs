//! `selector-mismatch`, `selector-missing`, `workload-selector-overlap`

use crate::finding::Role;
use crate::manifest::{Object, Selector, Workload, labels};
use crate::rules::helpers::template_place;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

const KINDS: &[&str] = &["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"];

/// Whether a workload finds its pods by a selector that it has to name.
fn has_selector(object: &Object) -> bool {
    object.group() == "apps" && KINDS.contains(&object.kind())
}

pub(super) struct SelectorMissing;

impl Rule for SelectorMissing {
    fn spec(&self) -> &'static Spec {
        spec!("selector-missing")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let selector = object.get("spec.selector");
        let is_there = !selector.get("matchLabels").is_empty() || !selector.get("matchExpressions").items().is_empty();
        // Before `apps/v1` the labels of the pods were taken.
        if !has_selector(object) || object.head.api_version != "apps/v1" || is_there {
            return;
        }
        let message = format!("{} has no selector for its pods", cx.describe(object));
        cx.finding(&selector, message)
            .label("the API server refuses it")
            .help("add `selector.matchLabels` with labels of the pod template")
            .report();
    }
}

pub(super) struct SelectorMismatch;

impl Rule for SelectorMismatch {
    fn spec(&self) -> &'static Spec {
        spec!("selector-mismatch")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let node = workload.object.get("spec.selector");
        let has = workload.pod_labels();
        let selector = Selector::of_node(&node);
        if !has_selector(workload.object) || !node.exists() || selector.matches(&has) {
            return;
        }
        let wanted = labels(&node.get("matchLabels"));
        let differing = wanted.iter().find(|pair| !has.contains(pair));
        let label = match differing {
            Some((key, value)) => match has.iter().find(|(known, _)| known == key) {
                Some((_, own)) => format!("`{key}` is `{value}` here, but `{own}` on the pods"),
                None => format!("the pods have no label `{key}`"),
            },
            None => "an expression does not hold for the pods' labels".to_owned(),
        };
        let match_labels = node.get("matchLabels");
        let place = match differing {
            Some((key, _)) => match_labels.child(key),
            None => node,
        };
        let message = format!("the selector of {} does not select its own pods", cx.describe(workload.object));
        cx.finding_at_call(&place, &match_labels, message)
            .label(label)
            .help("use the same helper for `selector.matchLabels` and for the labels of the pod template")
            .report();
    }
}

pub(super) struct WorkloadSelectorOverlap;

impl Rule for WorkloadSelectorOverlap {
    fn spec(&self) -> &'static Spec {
        spec!("workload-selector-overlap")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let index = cx.index;
        let all: Vec<(&Workload<'_>, Selector, Vec<(String, String)>)> = index
            .workloads()
            .iter()
            .filter(|workload| has_selector(workload.object))
            .map(|workload| {
                let selector = Selector::of_node(&workload.object.get("spec.selector"));
                (workload, selector, workload.pod_labels())
            })
            .collect();
        for (number, (workload, selector, own)) in all.iter().enumerate() {
            // A second object of one name is the matter of `duplicate-resource`.
            let other = all[..number].iter().find(|(other, of_other, labels)| {
                index.namespace(other.object) == index.namespace(workload.object)
                    && selector.matches(labels)
                    && of_other.matches(own)
                    && (other.object.name(), other.object.kind()) != (workload.object.name(), workload.object.kind())
            });
            let Some((other, ..)) = other else { continue };
            let (here, there) = if cx.is_own(workload.object) { (*workload, *other) } else { (*other, *workload) };
            let place = template_place(cx, &there.object.get("spec.selector"));
            let message = format!(
                "the selectors of {} and {} select each other's pods",
                cx.describe(here.object),
                cx.describe(there.object)
            );
            let finding = cx
                .finding(&here.object.get("spec.selector"), message)
                .help("add a label to both, such as `app.kubernetes.io/component`, to pods and selectors");
            match place {
                Some(place) => finding.related(place, Role::Template, "the other selector").report(),
                None => finding.report(),
            }
        }
    }
}
