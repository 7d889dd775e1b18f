//! `rbac-cluster-admin`, `rbac-anonymous-binding` and `rbac-masters-binding`

use crate::finding::Severity;
use crate::manifest::{Node, Object};
use crate::rules::rbac::graph::is_binding;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct RbacClusterAdmin;

impl Rule for RbacClusterAdmin {
    fn spec(&self) -> &'static Spec {
        spec!("rbac-cluster-admin")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let role = object.get("roleRef.name");
        let name = role.text().unwrap_or_default();
        if !is_binding(object) || object.get("roleRef.kind").text().as_deref() != Some("ClusterRole") {
            return;
        }
        let everywhere = object.kind() == "ClusterRoleBinding";
        let what = match (name.as_str(), everywhere) {
            ("cluster-admin", true) => "may do everything in the cluster",
            ("cluster-admin", false) => "may do everything in its namespace",
            ("admin" | "edit", true) => "may change almost everything in all namespaces",
            ("admin" | "edit", false) => "may change almost everything in its namespace, and read its Secrets",
            _ => return,
        };
        let subject = object.get("subjects").items().into_iter().next();
        let who = match subject.as_ref().and_then(|subject| subject.get("name").text()) {
            Some(name) => format!("`{name}`"),
            None => "the subject".to_owned(),
        };
        let finding = cx.finding(&role, format!("{} binds `{name}`: {who} {what}", cx.describe(object)));
        let finding = if name == "cluster-admin" { finding } else { finding.severity(Severity::Medium) };
        finding.help("bind a role that names what is needed").report();
    }
}

pub(super) struct RbacAnonymousBinding;

impl Rule for RbacAnonymousBinding {
    fn spec(&self) -> &'static Spec {
        spec!("rbac-anonymous-binding")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        for name in subjects_named(object, &["system:anonymous", "system:unauthenticated"]) {
            let role = object.get("roleRef.name").text().unwrap_or_default();
            cx.finding(&name, format!("{} gives `{role}` to everyone, without a login", cx.describe(object)))
                .help("bind the role to the account that needs it")
                .report();
        }
    }
}

pub(super) struct RbacMastersBinding;

impl Rule for RbacMastersBinding {
    fn spec(&self) -> &'static Spec {
        spec!("rbac-masters-binding")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        for name in subjects_named(object, &["system:masters"]) {
            cx.finding(&name, format!("{} names the group `system:masters`", cx.describe(object)))
                .label("its members pass every check of rights")
                .help("bind the role to a group of your own, or to a ServiceAccount")
                .report();
        }
    }
}

/// The names of subjects that are among some.
fn subjects_named<'a>(object: &'a Object, names: &[&str]) -> Vec<Node<'a>> {
    if !is_binding(object) {
        return Vec::new();
    }
    let subjects = object.get("subjects").items();
    let found = subjects.iter().map(|subject| subject.get("name"));
    found.filter(|name| name.as_str().is_some_and(|name| names.contains(&&*name))).collect()
}
