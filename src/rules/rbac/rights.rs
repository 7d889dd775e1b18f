//! `rbac-secrets-cluster-wide`, `rbac-secrets-namespaced`, `rbac-pod-create`, `rbac-pod-exec` and
//! `rbac-escalate-bind-impersonate`. They speak of resources that a rule names; `*` is `rbac-wildcard`.

use crate::finding::Severity;
use crate::kubernetes::controllers::reads_all_secrets;
use crate::manifest::{Node, Object};
use crate::rules::helpers::template_place;
use crate::rules::rbac::graph::{Grant, Policy, account, grants, is_role, policies};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

const READ: &[&str] = &["get", "list", "watch"];
const WRITE: &[&str] = &["create", "update", "patch"];
const RBAC: &str = "rbac.authorization.k8s.io";

/// Whether a rule lets one read all Secrets that it reaches.
pub(super) fn reads_secrets(policy: &Policy<'_>) -> bool {
    policy.names("", "secrets") && policy.allows(READ) && !policy.is_limited()
}

/// Whether a rule lets one run commands in pods.
pub(super) fn runs_commands(policy: &Policy<'_>) -> bool {
    (policy.names("", "pods/exec") || policy.names("", "pods/attach"))
        && policy.allows(&["create", "get"])
        && !policy.is_limited()
}

/// What lets one who holds a rule gain more rights, if anything does, and whether it can be stopped short by the rule of
/// Kubernetes that nobody gives away what he does not have.
pub(super) fn escalation(policy: &Policy<'_>) -> Option<(&'static str, bool)> {
    // Binding or taking on what is named is the careful way to do it.
    if policy.is_limited() {
        return None;
    }
    let of_roles = policy.names(RBAC, "roles") || policy.names(RBAC, "clusterroles");
    let of_bindings = policy.names(RBAC, "rolebindings") || policy.names(RBAC, "clusterrolebindings");
    let of_people =
        ["users", "groups", "serviceaccounts"].iter().any(|resource| policy.names("", resource));
    if of_roles && policy.allows(&["escalate"]) {
        Some(("may give roles rights that it does not have itself", false))
    } else if of_roles && policy.allows(&["bind"]) {
        Some(("may bind any role to anyone", false))
    } else if of_people && policy.names_verb("impersonate") {
        Some(("may act as somebody else", false))
    } else if of_bindings && policy.allows(WRITE) {
        Some(("may bind roles to others", true))
    } else {
        None
    }
}

/// The grants of a role.
fn grants_of<'a>(cx: &RuleContext<'a>, role: &Object) -> Vec<Grant<'a>> {
    let mut grants = grants(cx.index);
    grants.retain(|grant| grant.role.is_some_and(|known| std::ptr::eq(known, role)));
    grants
}

pub(super) struct RbacSecretsClusterWide;

impl Rule for RbacSecretsClusterWide {
    fn spec(&self) -> &'static Spec {
        spec!("rbac-secrets-cluster-wide")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !is_role(object) || object.kind() != "ClusterRole" {
            return;
        }
        let policies = policies(object);
        let Some(policy) = policies.iter().find(|policy| reads_secrets(policy)) else { return };
        let grants = grants_of(cx, object);
        let Some(grant) = grants.iter().find(|grant| grant.is_cluster_wide) else { return };
        let is_meant = cx.index.workloads().iter().any(|workload| {
            let images = workload.containers().into_iter().filter_map(|container| container.node.get("image").text());
            grant.is_for(cx.index, &account(workload), cx.index.namespace(workload.object))
                && images.into_iter().any(|image| reads_all_secrets(&image))
        });
        if is_meant {
            return;
        }
        let place = template_place(cx, &grant.binding.get("roleRef"));
        let binding = cx.describe(grant.binding);
        let finding = cx
            .finding(&resource_node(policy, &["secrets"]), format!("{} reads the Secrets of all namespaces", cx.describe(object)))
            .label("passwords, keys and the tokens of other accounts")
            .help("bind it with a RoleBinding in each namespace that is meant, or name the Secrets in `resourceNames`");
        match place {
            Some(place) => finding
                .related(place, crate::finding::Role::Object, format!("{binding} gives it in all namespaces"))
                .report(),
            None => finding.report(),
        }
    }
}

pub(super) struct RbacSecretsNamespaced;

impl Rule for RbacSecretsNamespaced {
    fn spec(&self) -> &'static Spec {
        spec!("rbac-secrets-namespaced")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !is_role(object) {
            return;
        }
        let policies = policies(object);
        let Some(policy) = policies.iter().find(|policy| reads_secrets(policy)) else { return };
        if object.kind() == "ClusterRole" {
            let grants = grants_of(cx, object);
            if grants.is_empty() || grants.iter().any(|grant| grant.is_cluster_wide) {
                return;
            }
        }
        cx.finding(&resource_node(policy, &["secrets"]), format!("{} reads all Secrets of its namespace", cx.describe(object)))
            .help("name the Secrets that are needed in `resourceNames`, for `get`; `list` and `watch` cannot be limited")
            .report();
    }
}

/// Kinds that make pods: API group and resource.
const POD_MAKERS: &[(&str, &str)] = &[
    ("", "pods"),
    ("", "replicationcontrollers"),
    ("apps", "daemonsets"),
    ("apps", "deployments"),
    ("apps", "replicasets"),
    ("apps", "statefulsets"),
    ("batch", "cronjobs"),
    ("batch", "jobs"),
];

pub(super) struct RbacPodCreate;

impl Rule for RbacPodCreate {
    fn spec(&self) -> &'static Spec {
        spec!("rbac-pod-create")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !is_role(object) {
            return;
        }
        let policies = policies(object);
        let names_one = |policy: &Policy<'_>| POD_MAKERS.iter().any(|(group, resource)| policy.names(group, resource));
        let Some(policy) = policies.iter().find(|policy| names_one(policy) && policy.allows(WRITE) && !policy.is_limited())
        else {
            return;
        };
        let resources: Vec<&str> = POD_MAKERS.iter().map(|(_, resource)| *resource).collect();
        cx.finding(&resource_node(policy, &resources), format!("{} creates or changes pods", cx.describe(object)))
            .label("a pod can run as any account of its namespace, and mount its Secrets")
            .help("take the right away if nothing starts pods; for a single workload name it in `resourceNames`")
            .report();
    }
}

pub(super) struct RbacPodExec;

impl Rule for RbacPodExec {
    fn spec(&self) -> &'static Spec {
        spec!("rbac-pod-exec")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !is_role(object) {
            return;
        }
        let policies = policies(object);
        let Some(policy) = policies.iter().find(|policy| runs_commands(policy)) else { return };
        let node = resource_node(policy, &["pods/exec", "pods/attach", "pods/*", "*/exec", "*/attach"]);
        cx.finding(&node, format!("{} runs commands in pods", cx.describe(object)))
            .label("with the rights and Secrets of each pod that it reaches")
            .help("take `pods/exec` and `pods/attach` away if nothing opens a shell in a pod")
            .report();
    }
}

pub(super) struct RbacEscalateBindImpersonate;

impl Rule for RbacEscalateBindImpersonate {
    fn spec(&self) -> &'static Spec {
        spec!("rbac-escalate-bind-impersonate")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !is_role(object) {
            return;
        }
        let policies = policies(object);
        let mut found: Vec<_> =
            policies.iter().filter_map(|policy| Some((policy, escalation(policy)?))).collect();
        found.sort_by_key(|(_, (_, is_checked))| *is_checked);
        let Some((policy, (what, is_checked))) = found.first() else { return };
        let finding = cx
            .finding(&policy.node.get("verbs"), format!("{} {what}", cx.describe(object)))
            .label("a way to more rights than it has now");
        // Kubernetes refuses to let it give away what it does not have; and a Role ends with its namespace.
        let finding =
            if *is_checked || object.kind() == "Role" { finding.severity(Severity::Medium) } else { finding };
        finding.help("name the roles or accounts that are meant in `resourceNames`, or make the bindings in the chart").report();
    }
}

/// The item of `resources` that is among some, or the list.
fn resource_node<'a>(policy: &Policy<'a>, wanted: &[&str]) -> Node<'a> {
    let resources = policy.node.get("resources");
    let items = resources.items();
    let found = items.into_iter().find(|item| item.as_str().is_some_and(|name| wanted.contains(&&*name)));
    found.unwrap_or(resources)
}
