//! Names that two releases would share: `release-name-missing`, `cluster-scoped-name-collision`

use crate::finding::ObjectRef;
use crate::manifest::Object;
use crate::rules::helpers::{is_custom, list, object_ref};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Kinds without a namespace that charts make for themselves. Others, like definitions and drivers, are there once in a
/// cluster by their nature.
const CLUSTER_KINDS: &[&str] = &[
    "ClusterRole",
    "ClusterRoleBinding",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "PriorityClass",
    "StorageClass",
    "PodSecurityPolicy",
    "PersistentVolume",
];

/// Kinds without a namespace whose names are given.
const ONCE: &[&str] =
    &["CustomResourceDefinition", "Namespace", "APIService", "CSIDriver", "IngressClass", "RuntimeClass", "Node"];

/// The objects that keep their names when the chart is rendered for another release, other than by the wish of those
/// who give values.
fn same_names<'a>(cx: &RuleContext<'a>, namespace: bool, wanted: &dyn Fn(&Object) -> bool) -> Vec<&'a Object> {
    let scenario = cx.scenario;
    if cx.scenario_number() != 0 || !cx.is_chart() || !scenario.rendered.errors.is_empty() {
        return Vec::new();
    }
    let candidates: Vec<&Object> = scenario
        .objects
        .iter()
        .filter(|object| cx.is_own(object) && !object.is_hook() && !object.name().is_empty() && wanted(object))
        .collect();
    if candidates.is_empty() {
        return Vec::new();
    }
    let mut probe = cx.probe();
    probe.release.name = "another-one".to_owned();
    if namespace {
        probe.release.namespace = "another-namespace".to_owned();
    }
    let other = cx.run(probe);
    candidates
        .into_iter()
        .filter(|object| {
            let is_there = other.objects.iter().any(|other| {
                other.kind() == object.kind() && other.name() == object.name() && other.template == object.template
            });
            // An object in a namespace that is written down belongs to that namespace.
            let is_placed = object.namespace.as_deref().is_some_and(|namespace| !namespace.is_empty())
                && other.objects.iter().any(|other| {
                    other.kind() == object.kind() && other.name() == object.name() && other.namespace != object.namespace
                });
            is_there && !is_placed && !cx.is_from_values(&object.get("metadata.name"))
        })
        .collect()
}

fn names(cx: &RuleContext<'_>, objects: &[&Object]) -> (String, Vec<ObjectRef>) {
    let names: Vec<String> = objects.iter().map(|object| cx.describe(object)).collect();
    let others = objects.iter().skip(1).map(|object| object_ref(cx.index, object)).collect();
    (list(&names, 3), others)
}

pub(super) struct ReleaseNameMissing;

impl Rule for ReleaseNameMissing {
    fn spec(&self) -> &'static Spec {
        spec!("release-name-missing")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let wanted = |object: &Object| {
            let kind = object.kind();
            !CLUSTER_KINDS.contains(&kind)
                && !ONCE.contains(&kind)
                && !kind.starts_with("Cluster")
                && !is_custom(object)
                && object.namespace.is_none()
        };
        let same = same_names(cx, false, &wanted);
        let Some(first) = same.first() else { return };
        let (shown, others) = names(cx, &same);
        let verb = if same.len() == 1 { "has the same name" } else { "have the same names" };
        cx.finding(&first.get("metadata.name"), format!("{shown} {verb} for every release"))
            .identity("release-name")
            .also(others)
            .help("put `{{ .Release.Name }}` into the name, or a helper like `fullname` that does")
            .report();
    }
}

pub(super) struct ClusterScopedNameCollision;

impl Rule for ClusterScopedNameCollision {
    fn spec(&self) -> &'static Spec {
        spec!("cluster-scoped-name-collision")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let wanted = |object: &Object| CLUSTER_KINDS.contains(&object.kind());
        let same = same_names(cx, true, &wanted);
        let Some(first) = same.first() else { return };
        let (shown, others) = names(cx, &same);
        let verb = if same.len() == 1 { "has the same name" } else { "have the same names" };
        let belong = if same.len() == 1 { "belongs" } else { "belong" };
        cx.finding(
            &first.get("metadata.name"),
            format!("{shown} {verb} for every release and namespace, but {belong} to the whole cluster"),
        )
        .identity("cluster-name")
        .also(others)
        .help("put the release and its namespace into the name")
        .report();
    }
}
