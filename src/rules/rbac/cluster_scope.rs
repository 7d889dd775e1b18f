//! `rbac-cluster-scope-unneeded`

use crate::manifest::Object;
use crate::rules::rbac::graph::{grants, is_role, policies};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Resources of Kubernetes that lie in namespaces: API group and resource.
const NAMESPACED: &[(&str, &str)] = &[
    ("", "configmaps"),
    ("", "endpoints"),
    ("", "events"),
    ("", "persistentvolumeclaims"),
    ("", "pods"),
    ("", "replicationcontrollers"),
    ("", "secrets"),
    ("", "serviceaccounts"),
    ("", "services"),
    ("apps", "daemonsets"),
    ("apps", "deployments"),
    ("apps", "replicasets"),
    ("apps", "statefulsets"),
    ("autoscaling", "horizontalpodautoscalers"),
    ("batch", "cronjobs"),
    ("batch", "jobs"),
    ("coordination.k8s.io", "leases"),
    ("discovery.k8s.io", "endpointslices"),
    ("networking.k8s.io", "ingresses"),
    ("networking.k8s.io", "networkpolicies"),
    ("policy", "poddisruptionbudgets"),
    ("rbac.authorization.k8s.io", "rolebindings"),
    ("rbac.authorization.k8s.io", "roles"),
];

/// Parts of values keys that choose between one namespace and all.
const SWITCHES: &[&str] = &["namespaced", "watchnamespace", "singlenamespace", "allnamespace", "clusterwide", "clusterrole", "scope", "namespaces"];

pub(super) struct RbacClusterScopeUnneeded;

impl Rule for RbacClusterScopeUnneeded {
    fn spec(&self) -> &'static Spec {
        spec!("rbac-cluster-scope-unneeded")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !is_role(object) || object.kind() != "ClusterRole" {
            return;
        }
        let policies = policies(object);
        let only_namespaced = !policies.is_empty()
            && policies.iter().all(|policy| {
                let mut pairs = policy.pairs().peekable();
                pairs.peek().is_some()
                    && pairs.all(|(group, resource)| {
                        let main = resource.split('/').next().unwrap_or(resource);
                        NAMESPACED.contains(&(group, main))
                    })
            });
        let is_bound = grants(cx.index)
            .iter()
            .any(|grant| grant.is_cluster_wide && grant.role.is_some_and(|role| std::ptr::eq(role, object)));
        let kind = object.get("kind");
        let has_switch = kind.value_bytes().is_some_and(|bytes| !cx.scenario.trace(object.file, bytes).is_text)
            || cx.disabled_kind("Role").is_some()
            || SWITCHES.iter().any(|switch| cx.may_render(&object.root(), switch));
        if !only_namespaced || !is_bound || has_switch {
            return;
        }
        cx.finding(&kind, format!("{} reaches all namespaces, and its rules are about things in namespaces", cx.describe(object)))
            .help("if it is used in one namespace make it a Role, or let a values key choose")
            .report();
    }
}
