//! `rbac-dangling`

use super::graph::is_binding;
use crate::manifest::{Node, Object};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct RbacDangling;

impl Rule for RbacDangling {
    fn spec(&self) -> &'static Spec {
        spec!("rbac-dangling")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !is_binding(object) {
            return;
        }
        check_role(cx, object);
        for subject in object.get("subjects").items() {
            check_subject(cx, object, &subject);
        }
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &crate::manifest::Workload<'_>) {
        let node = workload.pod.get("serviceAccountName");
        let Some(name) = node.text().filter(|name| !name.is_empty()) else { return };
        let own = cx.index.namespace(workload.object).to_owned();
        let Some(elsewhere) = only_elsewhere(cx, "ServiceAccount", &name, &own) else { return };
        let message = format!(
            "{} runs in `{own}`, but the chart makes ServiceAccount/{name} in `{elsewhere}`",
            cx.describe(workload.object)
        );
        let account = cx.index.of_kind("ServiceAccount").iter().find(|account| account.name() == name).copied();
        let place = account.and_then(|account| crate::rules::helpers::template_place(cx, &account.root()));
        let finding = cx.finding_at_call(&node, &node, message).help("put both into the same namespace");
        match place {
            Some(place) => finding.related(place, crate::finding::Role::Object, "made here").report(),
            None => finding.report(),
        }
    }
}

/// The namespace of an object of that name, if there is one, but none in the namespace where it is looked for.
fn only_elsewhere(cx: &RuleContext<'_>, kind: &str, name: &str, namespace: &str) -> Option<String> {
    let mut elsewhere = None;
    for object in cx.index.of_kind(kind).iter().filter(|object| object.name() == name) {
        if cx.index.namespace(object) == namespace {
            return None;
        }
        elsewhere = Some(cx.index.namespace(object).to_owned());
    }
    elsewhere
}

/// A Role has to be in the namespace of its binding.
fn check_role(cx: &mut RuleContext<'_>, object: &Object) {
    let node = object.get("roleRef.name");
    let (Some(name), Some("Role")) = (node.text(), object.get("roleRef.kind").text().as_deref()) else { return };
    let own = cx.index.namespace(object).to_owned();
    if let Some(elsewhere) = only_elsewhere(cx, "Role", &name, &own) {
        let message = format!("{} is in `{own}`, but Role/{name} in `{elsewhere}`", cx.describe(object));
        cx.finding_at_call(&node, &node, message).help("put the binding and its role into the same namespace").report();
    }
}

fn check_subject(cx: &mut RuleContext<'_>, object: &Object, subject: &Node<'_>) {
    let node = subject.get("name");
    let (Some(name), Some("ServiceAccount")) = (node.text(), subject.get("kind").text().as_deref()) else { return };
    let own = cx.index.namespace(object).to_owned();
    let namespace = subject.get("namespace").text().filter(|text| !text.is_empty()).unwrap_or(own);
    if let Some(elsewhere) = only_elsewhere(cx, "ServiceAccount", &name, &namespace) {
        let message = format!(
            "{} names ServiceAccount/{name} in `{namespace}`, but the chart makes it in `{elsewhere}`",
            cx.describe(object)
        );
        let place = subject.get("namespace");
        cx.finding(&place, message).help("name the namespace in which the account is").report();
        return;
    }
    // A name of the chart's making that neither an account nor a pod has, though there are accounts.
    let is_made = cx.index.of_kind("ServiceAccount").iter().any(|account| account.name() == name);
    let accounts: Vec<&str> =
        cx.index.of_kind("ServiceAccount").iter().filter(|account| cx.is_own(account)).map(|account| account.name()).collect();
    let is_used =
        cx.index.workloads().iter().any(|workload| workload.pod.get("serviceAccountName").text().as_deref() == Some(&*name));
    let is_bound_elsewhere = accounts.iter().any(|account| {
        !cx.index.objects().iter().filter(|other| is_binding(other)).any(|binding| {
            binding.get("subjects").items().iter().any(|subject| subject.get("name").text().as_deref() == Some(account))
        })
    });
    if !is_made && !is_used && is_bound_elsewhere && !cx.is_from_values(&node) && !cx.is_literal(&node) {
        let message = format!("{} names ServiceAccount/{name}, which the chart does not make", cx.describe(object));
        cx.finding_at_call(&node, &node, message)
            .help(format!("the chart makes {}", crate::rules::helpers::list(&accounts.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), 4)))
            .report();
    }
}
