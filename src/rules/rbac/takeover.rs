//! `rbac-takeover-workload`

use std::collections::BTreeMap;

use crate::finding::{Role as PlaceRole, Severity};
use crate::kubernetes::controllers::reads_all_secrets;
use crate::manifest::{Node, Workload};
use crate::rules::helpers::{list, object_ref, template_place};
use crate::rules::rbac::graph::{Grant, Policy, account, grants, policies};
use crate::rules::rbac::rights::{escalation, reads_secrets, runs_commands};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

const READS_SECRETS: &str = "reads the Secrets of all namespaces";

pub(super) struct RbacTakeoverWorkload;

impl Rule for RbacTakeoverWorkload {
    fn spec(&self) -> &'static Spec {
        spec!("rbac-takeover-workload")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let grants: Vec<Grant<'_>> =
            grants(cx.index).into_iter().filter(|grant| grant.is_cluster_wide).collect();
        if grants.is_empty() {
            return;
        }
        // Workloads by account: the rights are the account's.
        let mut accounts: BTreeMap<(String, String), Vec<Workload<'_>>> = BTreeMap::new();
        for workload in cx.index.workloads().iter().filter(|workload| cx.is_own(workload.object)) {
            if workload.pod.get("automountServiceAccountToken").as_bool() != Some(false) {
                let namespace = cx.index.namespace(workload.object).to_owned();
                accounts.entry((account(workload), namespace)).or_default().push(workload.clone());
            }
        }
        for ((account, namespace), workloads) in accounts {
            let of_account = grants.iter().filter(|grant| grant.is_for(cx.index, &account, &namespace));
            let is_reader = workloads.iter().any(|workload| {
                let containers = workload.containers();
                containers.iter().filter_map(|container| container.node.get("image").text()).any(|image| reads_all_secrets(&image))
            });
            if let Some((grant, what, node)) =
                of_account.into_iter().find_map(|grant| takeover(grant, is_reader).map(|(what, node)| (grant, what, node)))
            {
                report(cx, &account, &workloads, grant, what, &node);
            }
        }
    }
}

/// What a grant gives that is enough to take over the cluster, and where it says so.
fn takeover<'a>(grant: &Grant<'a>, is_reader: bool) -> Option<(&'static str, Node<'a>)> {
    if grant.role_name == "cluster-admin" {
        return Some(("may do everything in the cluster", grant.binding.get("roleRef.name")));
    }
    let policies = policies(grant.role?);
    let worst = |policy: &Policy<'_>| -> Option<&'static str> {
        if policy.is_everything() {
            Some("may do everything in the cluster")
        } else if let Some((what, false)) = escalation(policy) {
            Some(what)
        } else if reads_secrets(policy) && !is_reader {
            Some(READS_SECRETS)
        } else if runs_commands(policy) {
            Some("runs commands in all pods")
        } else {
            None
        }
    };
    policies.iter().find_map(|policy| Some((worst(policy)?, policy.node.get("verbs"))))
}

fn report(
    cx: &mut RuleContext<'_>,
    account: &str,
    workloads: &[Workload<'_>],
    grant: &Grant<'_>,
    what: &str,
    node: &Node<'_>,
) {
    let [first, rest @ ..] = workloads else { return };
    let names: Vec<String> = workloads.iter().map(|workload| cx.describe(workload.object)).collect();
    let message =
        format!("whoever gets into {} has the cluster: its account `{account}` {what}", list(&names, 3));
    let others = rest.iter().map(|workload| object_ref(cx.index, workload.object)).collect();
    let binding = template_place(cx, &grant.binding.get("roleRef"));
    let rule = template_place(cx, node).filter(|_| grant.role.is_some());
    let mut finding = cx
        // The key, as the name often comes from a helper that all workloads share.
        .finding_at_key(&first.pod.get("serviceAccountName"), message)
        .also(others)
        .help("give the account only what the program uses, in the namespaces where it uses it");
    if what == READS_SECRETS {
        // The role has a finding that says so already.
        finding = finding.severity(Severity::Medium);
    }
    if let Some(place) = binding {
        let message = format!("bound here to `{}`", grant.role_name);
        finding = finding.related(place, PlaceRole::Object, message);
    }
    if let Some(place) = rule {
        finding = finding.related(place, PlaceRole::Object, format!("{what}: allowed here"));
    }
    finding.report();
}
