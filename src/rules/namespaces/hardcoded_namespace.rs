//! `hardcoded-namespace`

use crate::finding::Severity;
use crate::manifest::{Node, Object};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Namespaces of the cluster itself, in which some objects have to be.
const OF_THE_CLUSTER: &[&str] = &["kube-system", "kube-public", "kube-node-lease"];

/// Kinds that belong to an application: a namespace of their own cannot be meant.
const OF_THE_RELEASE: &[&str] = &[
    "ConfigMap",
    "CronJob",
    "DaemonSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "Ingress",
    "Job",
    "PersistentVolumeClaim",
    "Secret",
    "Service",
    "ServiceAccount",
    "StatefulSet",
];

pub(super) struct HardcodedNamespace;

impl Rule for HardcodedNamespace {
    fn spec(&self) -> &'static Spec {
        spec!("hardcoded-namespace")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        check(cx, object, &object.get("metadata.namespace"));
        // References to what the chart renders into the release's namespace.
        for subject in object.get("subjects").items() {
            let name = subject.get("name").text().unwrap_or_default();
            check_reference(cx, object, &subject.get("namespace"), "ServiceAccount", &name);
        }
        let services = object.get("webhooks").items().into_iter().map(|hook| hook.get("clientConfig.service"));
        for service in services.chain([object.get("spec.service")]) {
            let name = service.get("name").text().unwrap_or_default();
            check_reference(cx, object, &service.get("namespace"), "Service", &name);
        }
    }
}

fn check(cx: &mut RuleContext<'_>, object: &Object, node: &Node<'_>) {
    let Some(namespace) = node.text().filter(|text| !text.is_empty()) else { return };
    let values = cx.values_of(node);
    let of_release = values.iter().any(|value| value.path.contains("Release.Namespace"));
    if of_release || namespace == cx.scenario.namespace {
        return;
    }
    let creates_it = cx.index.of_kind("Namespace").iter().any(|object| object.name() == namespace);
    let is_special = creates_it || OF_THE_CLUSTER.contains(&namespace.as_str());
    let message = format!("{} is put into the namespace `{namespace}`, wherever the release is", cx.describe(object));
    if values.is_empty() {
        if !cx.is_literal(node) {
            return;
        }
        let finding = cx.finding(node, message).cause(format!("literal {namespace}"));
        let finding = finding.help("leave `namespace` out, or write `{{ .Release.Namespace }}`");
        if is_special { finding.severity(Severity::Info).report() } else { finding.report() }
    } else if !is_special && OF_THE_RELEASE.contains(&object.kind()) && cx.scenario.name == "default" {
        let key = values.iter().find(|value| value.is_values).map(|value| value.path.clone());
        let Some(key) = key else { return };
        cx.finding(node, message)
            .severity(Severity::Info)
            .by_values()
            .help(format!("let `{key}` be empty by default, and fall back on `.Release.Namespace`"))
            .report();
    }
}

fn check_reference(cx: &mut RuleContext<'_>, object: &Object, node: &Node<'_>, kind: &str, name: &str) {
    let Some(namespace) = node.text().filter(|text| !text.is_empty()) else { return };
    let of_kind = cx.index.of_kind(kind);
    let mut own = of_kind.iter().filter(|known| known.name() == name && cx.is_own(known)).peekable();
    let is_there = own.peek().is_none() || own.any(|known| cx.index.namespace(known) == namespace);
    if is_there || !cx.is_literal(node) {
        return;
    }
    let message = format!(
        "{} looks for {kind}/{name} in the namespace `{namespace}`, but the chart puts it into that of the release",
        cx.describe(object)
    );
    cx.finding(node, message).help("write `{{ .Release.Namespace }}`").report();
}
