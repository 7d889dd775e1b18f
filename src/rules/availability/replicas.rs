//! Rules about workloads of which there is only one pod.

use crate::finding::{Role, Severity};
use crate::kubernetes::datastores;
use crate::manifest::{Node, Workload};
use crate::rules::helpers::{is_singleton, keys_like, list};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// The field that says how many pods there are.
fn replicas_node<'a>(cx: &RuleContext<'a>, workload: &Workload<'a>) -> Node<'a> {
    match cx.index.autoscalers(workload).first() {
        Some(scaler) if scaler.kind() == "ScaledObject" => scaler.get("spec.minReplicaCount"),
        Some(scaler) => scaler.get("spec.minReplicas"),
        None => workload.object.get("spec.replicas"),
    }
}

pub(super) struct SingleReplica;

impl Rule for SingleReplica {
    fn spec(&self) -> &'static Spec {
        spec!("single-replica")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let replicas = cx.index.replicas(workload);
        let wanted = cx.number_param("min") as i64;
        let is_alone_on_purpose = workload.object.get("spec.strategy.type").as_str().as_deref()
            == Some("Recreate")
            || is_singleton(workload)
            || cx.index.claims(workload).iter().any(|claim| claim.is_for_one_node());
        if cx.scenario_index != 0
            || !workload.is_replicated()
            // None at all is a choice.
            || replicas == 0
            || replicas >= wanted
            || is_alone_on_purpose
            || datastores::of_workload(workload).is_some()
        {
            return;
        }
        let node = replicas_node(cx, workload);
        let pods = if replicas == 1 { "one pod".to_owned() } else { format!("{replicas} pods") };
        let message = format!("{} runs {pods} by default", cx.describe(workload.object));
        let toggle =
            cx.disabled_kind("HorizontalPodAutoscaler").or_else(|| cx.disabled_kind("ScaledObject"));
        let finding = cx.finding(&node, message);
        match toggle {
            Some(toggle) => finding
                .severity(Severity::Info)
                .help(format!("the chart has an autoscaler that is off: set `{}`", toggle.keys.join("` and `")))
                .related(toggle.location, Role::Template, "the autoscaler that is off")
                .report(),
            None => finding
                .help(format!("run {wanted} or more: while its only pod moves or restarts, nothing answers"))
                .report(),
        }
    }
}

pub(super) struct DatastoreSinglePointOfFailure;

impl Rule for DatastoreSinglePointOfFailure {
    fn spec(&self) -> &'static Spec {
        spec!("datastore-single-point-of-failure")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        if cx.scenario_index != 0 || !workload.is_replicated() || cx.index.replicas(workload) != 1 {
            return;
        }
        let Some(store) = datastores::of_workload(workload) else { return };
        let node = replicas_node(cx, workload);
        let message =
            format!("{} in {} runs as one pod, and all depend on it", store.name, cx.describe(workload.object));
        let ways_out = keys_like(cx, |key| {
            let key = key.to_ascii_lowercase();
            ["external", "replication", "architecture", "sentinel"].iter().any(|part| key.starts_with(part))
        });
        let finding = cx.finding(&node, message);
        match ways_out.as_slice() {
            [] => finding
                .help("let values name a server outside of the chart, or run it replicated: scaling it alone copies no data")
                .report(),
            keys => finding
                .severity(Severity::Info)
                .help(format!("for production, see {} in values.yaml", list(keys, 3)))
                .report(),
        }
    }
}
