//! `selector-contains-mutable-label`

use crate::finding::Severity;
use crate::manifest::{Node, Object};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Labels that change with each version.
const OF_VERSIONS: &[&str] = &["helm.sh/chart", "app.kubernetes.io/version", "chart", "version"];

/// Names of values that hold labels for all objects.
const LABEL_VALUES: &[&str] = &["commonlabels", "extralabels", "additionallabels", "customlabels", "podlabels", "globallabels"];

pub(super) struct SelectorContainsMutableLabel;

impl Rule for SelectorContainsMutableLabel {
    fn spec(&self) -> &'static Spec {
        spec!("selector-contains-mutable-label")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if object.is_hook() {
            return;
        }
        match (object.group(), object.kind()) {
            ("apps" | "extensions", "Deployment" | "DaemonSet" | "ReplicaSet" | "StatefulSet") => {
                check(cx, object, &object.get("spec.selector.matchLabels"), "selector", true);
                for claim in object.get("spec.volumeClaimTemplates").items() {
                    check(cx, object, &claim.get("metadata.labels"), "volumeClaimTemplate", true);
                }
            }
            ("", "Service") => check(cx, object, &object.get("spec.selector"), "selector", false),
            ("policy", "PodDisruptionBudget") => {
                check(cx, object, &object.get("spec.selector.matchLabels"), "selector", false);
            }
            _ => {}
        }
    }
}

fn check(cx: &mut RuleContext<'_>, object: &Object, labels: &Node<'_>, what: &str, is_immutable: bool) {
    for (key, node) in labels.entries() {
        let values = cx.values_of(&node);
        let of_version = values.iter().any(|value| {
            matches!(value.path.trim_start_matches('.'), "Chart.Version" | "Chart.AppVersion")
        });
        let of_labels = values.iter().find(|value| {
            let mut parts = value.path.rsplit('.');
            value.is_values && parts.nth(1).is_some_and(|parent| LABEL_VALUES.contains(&parent.to_ascii_lowercase().as_str()))
        });
        // `version: v1` in the template itself does not change with the chart.
        let by_name = OF_VERSIONS.contains(&key.as_str()) && (key.contains('/') || of_version);
        let why = match of_labels {
            _ if by_name || of_version => "changes with each version of the chart".to_owned(),
            Some(value) => format!("comes from `{}`, which users change", value.path),
            None => continue,
        };
        let message = format!("the {what} of {} holds the label `{key}`, which {why}", cx.describe(object));
        let finding = cx.finding_at_call(&node, labels, message);
        let help = "use the labels that stay: `app.kubernetes.io/name` and `app.kubernetes.io/instance`";
        if is_immutable {
            finding.label("`helm upgrade` fails: the field is immutable").help(help).report();
        } else {
            finding
                .severity(Severity::Medium)
                .label("lets go of all running pods at the upgrade")
                .help(help)
                .report();
        }
    }
}
