//! Rules about PodDisruptionBudgets that are there, and about charts that have none.

use crate::finding::{Role, Severity};
use crate::kubernetes::quantity::parse_share;
use crate::manifest::{Node, Object, Selector, Workload, labels};
use crate::rules::helpers::{is_custom, is_singleton, is_trial, list, object_ref, template_place, writes_kind};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

const BUDGET: &str = "PodDisruptionBudget";

/// The workloads whose pods a budget is about. A drain leaves those of DaemonSets and does not wait for jobs.
fn covered<'a>(cx: &RuleContext<'a>, budget: &Object) -> Vec<Workload<'a>> {
    let selector = Selector::of_node(&budget.get("spec.selector"));
    let selected = cx.index.selected(cx.index.namespace(budget), &selector);
    selected.filter(|workload| workload.is_replicated()).cloned().collect()
}

pub(super) struct PdbNotSupported;

impl Rule for PdbNotSupported {
    fn spec(&self) -> &'static Spec {
        spec!("pdb-not-supported")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        if cx.scenario_index != 0 {
            return;
        }
        let scalable: Vec<&Workload<'_>> =
            cx.index.workloads().iter().filter(|workload| is_scalable(cx, workload)).collect();
        let Some(first) = scalable.first() else { return };
        if writes_kind(cx, &[BUDGET]) {
            return;
        }
        let names: Vec<String> = scalable.iter().map(|workload| cx.describe(workload.object)).collect();
        let others = scalable.iter().skip(1).map(|workload| object_ref(cx.index, workload.object)).collect();
        let root = first.object.root();
        cx.finding(&root, format!("the chart has no PodDisruptionBudget for {}", list(&names, 4)))
            .identity("pdb")
            .also(others)
            .help("add a template for one, on when there are two replicas or more: `{{- if .Values.podDisruptionBudget.enabled }}`")
            .report();
    }
}

/// Whether the one who installs the chart may run several pods of a workload.
fn is_scalable(cx: &RuleContext<'_>, workload: &Workload<'_>) -> bool {
    let object = workload.object;
    let replicas = object.get("spec.replicas");
    cx.is_own(object)
        && workload.is_replicated()
        && !is_singleton(workload)
        && object.get("spec.strategy.type").as_str().as_deref() != Some("Recreate")
        && (cx.index.replicas(workload) > 1 || replicas.exists() && cx.is_from_values(&replicas))
}

pub(super) struct PdbBlocksEviction;

impl Rule for PdbBlocksEviction {
    fn spec(&self) -> &'static Spec {
        spec!("pdb-blocks-eviction")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !object.is("policy", BUDGET) {
            return;
        }
        let covered = covered(cx, object);
        let pods: i64 = covered.iter().map(|workload| cx.index.replicas(workload)).sum();
        let may_grow = covered.iter().any(|workload| !cx.index.autoscalers(workload).is_empty());
        let most = object.get("spec.maxUnavailable");
        let least = object.get("spec.minAvailable");
        let text = |node: &Node<'_>| node.text().unwrap_or_default();
        if matches!(text(&most).as_str(), "0" | "0%") {
            cx.finding(&most, format!("{BUDGET} `{}` never lets a pod be evicted", object.name()))
                .label("no pod may be unavailable")
                .help("set `maxUnavailable: 1`: with 0, draining a node waits for ever")
                .report();
            return;
        }
        let wanted = parse_share(&text(&least), pods, true);
        let is_all = text(&least) == "100%";
        if most.exists() || !(is_all || pods > 0 && wanted.is_some_and(|wanted| wanted >= pods)) {
            return;
        }
        let message = if is_all || pods == 0 {
            format!("{BUDGET} `{}` wants all pods available, so none may ever be evicted", object.name())
        } else {
            let pods = if pods == 1 { "the only pod".to_owned() } else { format!("{pods} of {pods} pods") };
            format!("{BUDGET} `{}` wants {pods} available, so none may ever be evicted", object.name())
        };
        let help = if pods == 1 {
            "set `maxUnavailable: 1` instead, or render the budget only for two replicas or more"
        } else {
            "set `maxUnavailable: 1` instead: it is right for any number of replicas"
        };
        let is_trial = is_trial(cx);
        let finding = cx.finding(&least, message).help(help);
        // With more load there are more pods, and then one may go.
        if (may_grow || is_trial) && !is_all { finding.severity(Severity::Medium).report() } else { finding.report() }
    }
}

pub(super) struct PdbWithoutPolicy;

impl Rule for PdbWithoutPolicy {
    fn spec(&self) -> &'static Spec {
        spec!("pdb-without-policy")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let (most, least) = (object.get("spec.maxUnavailable"), object.get("spec.minAvailable"));
        if object.is("policy", BUDGET) && !most.exists() && !least.exists() {
            let message =
                format!("{BUDGET} `{}` has neither `maxUnavailable` nor `minAvailable`", object.name());
            cx.finding(&most, message)
                .help("set `maxUnavailable: 1`: without a number the budget allows what it should prevent")
                .report();
        }
    }
}

pub(super) struct PdbBothPolicies;

impl Rule for PdbBothPolicies {
    fn spec(&self) -> &'static Spec {
        spec!("pdb-both-policies")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let (most, least) = (object.get("spec.maxUnavailable"), object.get("spec.minAvailable"));
        if object.is("policy", BUDGET) && most.exists() && least.exists() {
            let message = format!("{BUDGET} `{}` sets both `maxUnavailable` and `minAvailable`", object.name());
            cx.finding(&least, message)
                .label("only one of them may be set")
                .help("render `minAvailable` only if `maxUnavailable` is not set")
                .report();
        }
    }
}

pub(super) struct PdbOverlapping;

impl Rule for PdbOverlapping {
    fn spec(&self) -> &'static Spec {
        spec!("pdb-overlapping")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        if workload.is_job() || workload.object.is_hook() {
            return;
        }
        let matching = cx.index.budgets_of(workload);
        let [others @ .., last] = matching.as_slice() else { return };
        if others.is_empty() {
            return;
        }
        let names: Vec<String> = matching.iter().map(|budget| budget.name().to_owned()).collect();
        let message = format!(
            "the pods of {} are selected by the PodDisruptionBudgets {}",
            cx.describe(workload.object),
            list(&names, 4)
        );
        let also = others.iter().map(|budget| object_ref(cx.index, budget)).collect();
        let first = others.first().and_then(|other| template_place(cx, &other.get("spec.selector")));
        let selector = last.get("spec.selector");
        let finding = cx
            .finding(&selector, message)
            .also(also)
            .help("let each pod be selected by one budget: with two, no pod can be evicted");
        match first {
            Some(place) => finding.related(place, Role::Object, "the other budget selects them here").report(),
            None => finding.report(),
        }
    }
}

pub(super) struct PdbOrphaned;

impl Rule for PdbOrphaned {
    fn spec(&self) -> &'static Spec {
        spec!("pdb-orphaned")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let node = object.get("spec.selector");
        let selector = Selector::of_node(&node);
        if !object.is("policy", BUDGET) || !node.exists() || selector.is_everything() {
            return;
        }
        let namespace = cx.index.namespace(object);
        let has_pods = cx.index.workloads().iter().any(|workload| cx.index.namespace(workload.object) == namespace);
        // An operator may make the pods for a custom resource.
        let values: Vec<String> = labels(&node.get("matchLabels")).into_iter().map(|(_, value)| value).collect();
        let is_of_operator = cx.index.objects().iter().any(|other| {
            is_custom(other) && other.group() != "monitoring.coreos.com" && values.iter().any(|value| value.contains(other.name()))
        });
        if !has_pods || is_of_operator || cx.index.selected(namespace, &selector).next().is_some() {
            return;
        }
        let place = template_place(cx, &node);
        let finding = cx
            .finding(&object.root(), format!("{BUDGET} `{}` selects no pod of the chart", object.name()))
            .help("render it only with the workload that it is for, and with the same labels");
        match place {
            Some(place) => finding.related(place, Role::Object, "selects by this").report(),
            None => finding.report(),
        }
    }
}
