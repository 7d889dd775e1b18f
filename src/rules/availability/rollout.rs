//! Rules about how pods are replaced by those of a new version.

use crate::finding::Severity;
use crate::kubernetes::quantity::parse_share;
use crate::manifest::{Node, Workload};
use crate::rules::helpers::{is_served, is_singleton, object_ref, writes_kind};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

fn text(node: &Node<'_>) -> Option<String> {
    node.text().filter(|text| !text.is_empty())
}

pub(super) struct RollingUpdateMissing;

impl Rule for RollingUpdateMissing {
    fn spec(&self) -> &'static Spec {
        spec!("rolling-update-missing")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let strategy = workload.object.get("spec.strategy.type");
        if workload.object.kind() != "Deployment"
            || cx.scenario_index != 0
            || !workload.is_long_running()
            || text(&strategy).as_deref() != Some("Recreate")
            || must_run_alone(cx, workload)
        {
            return;
        }
        let message = format!("each update stops all pods of {} first", cx.describe(workload.object));
        cx.finding(&strategy, message)
            .help("use `RollingUpdate`: nothing here keeps an old and a new pod from running side by side")
            .report();
    }
}

/// Whether two pods of a workload would be in each other's way: they write to the same volume, use the same port of the
/// node, or are made to run alone.
fn must_run_alone(cx: &RuleContext<'_>, workload: &Workload<'_>) -> bool {
    let writes_claim =
        cx.index.claims(workload).iter().any(|claim| claim.object.is_none() || claim.is_for_one_node());
    let on_node = workload.pod.get("volumes").items().iter().any(|volume| volume.get("hostPath").exists());
    let takes_port = workload.containers().iter().any(|container| {
        container.node.get("ports").items().iter().any(|port| port.get("hostPort").exists())
    });
    writes_claim
        // With other values there is one.
        || cx.may_render(&workload.pod, "persistence")
        || cx.may_render(&workload.pod, "claim")
        || on_node
        || takes_port
        || workload.pod.get("hostNetwork").is_true()
        || is_singleton(workload)
}

pub(super) struct RollingUpdateInvalid;

impl Rule for RollingUpdateInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("rolling-update-invalid")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let object = workload.object;
        let (field, surge_default, down_default) = match object.kind() {
            "Deployment" => ("spec.strategy", "25%", "25%"),
            "DaemonSet" => ("spec.updateStrategy", "0", "1"),
            _ => return,
        };
        let strategy = object.get(field);
        let rolling = strategy.get("rollingUpdate");
        let kind = text(&strategy.get("type")).unwrap_or_else(|| "RollingUpdate".to_owned());
        let name = cx.describe(object);
        if kind == "Recreate" && rolling.exists() {
            cx.finding(&rolling, format!("{name} has the strategy `Recreate` and settings of `RollingUpdate`"))
                .label("the API server refuses both together")
                .help("render `rollingUpdate` only for that strategy; a value of `null` removes a default")
                .report();
        }
        if kind != "RollingUpdate" || !rolling.exists() {
            return;
        }
        let (surge, down) = (rolling.get("maxSurge"), rolling.get("maxUnavailable"));
        let is_zero = |node: &Node<'_>, default: &str| {
            matches!(text(node).as_deref().unwrap_or(default), "0" | "0%")
        };
        let (no_surge, none_down) = (is_zero(&surge, surge_default), is_zero(&down, down_default));
        if no_surge && none_down {
            let node = if down.exists() { down } else { surge };
            cx.finding(&node, format!("{name} may have neither one pod more nor one less during an update"))
                .label("`maxSurge` and `maxUnavailable` are both 0")
                .help("allow one of them: the API server refuses the object")
                .report();
            return;
        }
        if object.kind() == "DaemonSet" {
            if !no_surge && !none_down {
                cx.finding(&surge, format!("{name} sets both `maxSurge` and `maxUnavailable`"))
                    .label("for a DaemonSet one of them must be 0")
                    .help("set `maxUnavailable: 0` beside `maxSurge`")
                    .report();
            }
            return;
        }
        let replicas = cx.index.replicas(workload);
        let allowed = text(&down).and_then(|text| parse_share(&text, replicas, false));
        if replicas > 1 && allowed.is_some_and(|allowed| allowed >= replicas) {
            cx.finding(&down, format!("each update may take all {replicas} pods of {name} at once"))
                .severity(Severity::Medium)
                .help("lower `maxUnavailable`: `25%` is the default")
                .report();
        }
    }
}

pub(super) struct StatefulsetOnDelete;

impl Rule for StatefulsetOnDelete {
    fn spec(&self) -> &'static Spec {
        spec!("statefulset-on-delete")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let strategy = workload.object.get("spec.updateStrategy.type");
        if workload.object.kind() == "StatefulSet" && text(&strategy).as_deref() == Some("OnDelete") {
            let message =
                format!("{} keeps its old pods until someone deletes them", cx.describe(workload.object));
            cx.finding(&strategy, message)
                .help("use `RollingUpdate`, unless an operator or a person replaces the pods one by one")
                .report();
        }
    }
}

pub(super) struct ProgressiveDeliveryNotSupported;

impl Rule for ProgressiveDeliveryNotSupported {
    fn spec(&self) -> &'static Spec {
        spec!("progressive-delivery-not-supported")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        if cx.scenario_index != 0 {
            return;
        }
        let served: Vec<&Workload<'_>> =
            cx
            .index
            .workloads()
            .iter()
            .filter(|workload| {
                cx.is_own(workload.object)
                    && workload.object.kind() == "Deployment"
                    && workload.is_long_running()
                    && is_served(cx, workload)
            })
            .collect();
        let Some(first) = served.first() else { return };
        if writes_kind(cx, &["Rollout", "Canary", "TrafficSplit", "HTTPRoute"]) || readme_mentions(cx) {
            return;
        }
        let others = served.iter().skip(1).map(|workload| object_ref(cx.index, workload.object)).collect();
        let root = first.object.root();
        let message = format!("the chart has no way to give {} a canary", cx.describe(first.object));
        cx.finding(&root, message)
            .identity("progressive-delivery")
            .also(others)
            .help("if it must not fail for all at once, offer a Rollout or Canary, or say in the README how to run two versions")
            .report();
    }
}

/// Whether the chart's README or a document of its repository speaks of two versions side by side.
fn readme_mentions(cx: &RuleContext<'_>) -> bool {
    const WORDS: &[&str] = &["canary", "blue-green", "blue/green", "progressive delivery", "argo rollouts", "flagger"];
    let mentions = |text: &str| {
        let text = text.to_lowercase();
        WORDS.iter().any(|word| text.contains(word))
    };
    let in_chart = cx.chart().files.iter().any(|file| {
        let name = file.name.to_utf8().to_lowercase();
        name.starts_with("readme") && mentions(&file.data.to_utf8())
    });
    in_chart || cx.shared.repo.documents.iter().any(|document| mentions(&document.text))
}
