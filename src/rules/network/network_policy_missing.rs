//! `network-policy-missing`

use crate::finding::{Role, Severity};
use crate::manifest::{Object, Selector, Workload};
use crate::rules::helpers::{list, object_ref};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Kinds that restrict the traffic of pods.
const POLICIES: &[&str] =
    &["NetworkPolicy", "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "GlobalNetworkPolicy"];

pub(super) struct NetworkPolicyMissing;

impl Rule for NetworkPolicyMissing {
    fn spec(&self) -> &'static Spec {
        spec!("network-policy-missing")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let open: Vec<Workload<'_>> = cx
            .index
            .workloads()
            .iter()
            .filter(|workload| {
                cx.is_own(workload.object)
                    && !workload.object.is_hook()
                    && !workload.pod.get("hostNetwork").is_true()
                    && !is_selected(cx, workload)
            })
            .cloned()
            .collect();
        let Some(first) = open.first().filter(|_| cx.is_whole()) else { return };
        let names: Vec<String> = open.iter().map(|workload| cx.describe(workload.object)).collect();
        let who = list(&names, 4);
        let others = open.iter().skip(1).map(|workload| object_ref(cx.index, workload.object)).collect();
        let (verb, them) = if open.len() == 1 { ("is", "it") } else { ("are", "them") };
        let message =
            format!("{who} {verb} selected by no NetworkPolicy: every pod of the cluster can reach {them}");
        let toggle = POLICIES.iter().find_map(|kind| cx.disabled_kind(kind));
        let root = first.object.root();
        // One finding for the chart, whichever workloads it lists.
        let finding = cx.finding(&root, message).identity("network-policy").also(others);
        match toggle {
            Some(toggle) => finding
                .severity(Severity::Info)
                .help(format!("the chart has a policy that is off by default: set `{}`", toggle.keys.join("` and `")))
                .related(toggle.location, Role::Template, "the policy that is off")
                .values_keys(toggle.places)
                .report(),
            None => finding
                .help("add a NetworkPolicy that lets in only what each component needs, and deny the rest")
                .report(),
        }
    }
}

fn is_selected(cx: &RuleContext<'_>, workload: &Workload<'_>) -> bool {
    let labels = workload.pod_labels();
    let namespace = cx.index.namespace(workload.object);
    let of_namespace = |policy: &&Object| policy.kind().contains("luster") || cx.index.namespace(policy) == namespace;
    POLICIES.iter().flat_map(|kind| cx.index.of_kind(kind)).copied().filter(of_namespace).any(|policy| {
        // Calico writes its selectors in a language of its own; a policy with one is taken to select what it is for.
        if policy.group() == "projectcalico.org" || policy.group() == "crd.projectcalico.org" {
            return true;
        }
        let field = if policy.kind().starts_with("Cilium") { "spec.endpointSelector" } else { "spec.podSelector" };
        let selector = policy.get(field);
        // A policy without `podSelector` selects all pods of its namespace.
        !selector.exists() || Selector::of_node(&selector).matches(&labels)
    })
}
