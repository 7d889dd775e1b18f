//! Rules about what decides on which node a pod runs.

use crate::finding::Severity;
use crate::manifest::{Node, Workload};
use crate::rules::helpers::list;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

const HOSTNAME: &str = "kubernetes.io/hostname";

pub(super) struct HardcodedNodeSelection;

impl Rule for HardcodedNodeSelection {
    fn spec(&self) -> &'static Spec {
        spec!("hardcoded-node-selection")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        if cx.scenario_index != 0 {
            return;
        }
        for node in pinned(&workload.pod) {
            let name = node.text().unwrap_or_default();
            let message = format!("{} runs only on the node `{name}`", cx.describe(workload.object));
            cx.finding(&node, message)
                .help("select nodes by what they have, with labels of your own, and let values say which")
                .report();
        }
    }
}

/// The fields of a pod that name a node.
fn pinned<'a>(pod: &Node<'a>) -> Vec<Node<'a>> {
    let mut found = vec![pod.get("nodeName"), pod.get("nodeSelector").child(HOSTNAME)];
    let affinity = pod.get("affinity.nodeAffinity");
    let terms =
        affinity.get("requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms").items().into_iter().flat_map(
            |term| term.get("matchExpressions").items().into_iter().chain(term.get("matchFields").items()),
        );
    for expression in terms {
        let key = expression.get("key").text().unwrap_or_default();
        if (key == HOSTNAME || key == "metadata.name")
            && expression.get("operator").as_str().as_deref() == Some("In")
        {
            found.extend(expression.get("values").items().into_iter().next());
        }
    }
    found.retain(|node| node.text().is_some_and(|name| !name.is_empty()));
    found
}

pub(super) struct SchedulingNotConfigurable;

impl Rule for SchedulingNotConfigurable {
    fn spec(&self) -> &'static Spec {
        spec!("scheduling-not-configurable")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        if workload.object.is_hook() || cx.scenario_index != 0 {
            return;
        }
        let lacks = |key: &&&str| {
            let node = workload.pod.get(key);
            let is_literal = cx.values_of(&node).is_empty();
            !cx.may_render(&workload.pod, key) && (!node.exists() || is_literal)
        };
        let missing: Vec<String> = ["nodeSelector", "tolerations", "affinity"]
            .iter()
            .filter(lacks)
            .map(|key| (*key).to_owned())
            .collect();
        let wanted: &[&str] =
            if workload.is_replicated() { &["topologySpreadConstraints", "priorityClassName"] } else { &[] };
        let optional: Vec<String> = wanted.iter().filter(lacks).map(|key| (*key).to_owned()).collect();
        let (keys, severity) = match (missing.is_empty(), optional.is_empty()) {
            (false, _) => (missing, None),
            (true, false) => (optional, Some(Severity::Info)),
            (true, true) => return,
        };
        let message = format!("no values key sets {} of {}", list(&keys, 5), cx.describe(workload.object));
        let finding = cx.finding(&workload.pod, message).help(format!(
            "let values set them, as `helm create` does: `{{{{- with .Values.{} }}}}`",
            keys[0]
        ));
        match severity {
            Some(severity) => finding.severity(severity).report(),
            None => finding.report(),
        }
    }
}

pub(super) struct PriorityClassMissing;

impl Rule for PriorityClassMissing {
    fn spec(&self) -> &'static Spec {
        spec!("priority-class-missing")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let class = workload.pod.get("priorityClassName");
        if workload.is_long_running() && class.is_empty() {
            cx.finding(&class, format!("{} has no priority class", cx.describe(workload.object)))
                .help("set `priorityClassName`: without one its pods go first when a node is full")
                .report();
        }
    }
}

/// Words in the names of charts that belong to the cluster itself.
const OF_THE_CLUSTER: &[&str] = &[
    "cni",
    "csi",
    "dns",
    "calico",
    "cilium",
    "flannel",
    "kube-proxy",
    "kube-vip",
    "metallb",
    "metrics-server",
    "cloud-controller",
    "cloud-provider",
    "autoscaler",
    "karpenter",
    "node-",
    "device-plugin",
    "gpu-operator",
    "snapshot-controller",
    "load-balancer-controller",
    "storage",
    "longhorn",
    "rook",
    "agent",
    "cert-manager",
    "descheduler",
    "gatekeeper",
    "kyverno",
];

pub(super) struct SystemPriorityClass;

impl Rule for SystemPriorityClass {
    fn spec(&self) -> &'static Spec {
        spec!("system-priority-class")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let class = workload.pod.get("priorityClassName");
        let Some(name) = class.text().filter(|name| name.starts_with("system-")) else { return };
        let object = workload.object;
        let chart = cx.chart().name().to_owned();
        let belongs_to_cluster =
            OF_THE_CLUSTER.iter().any(|word| chart.contains(word) || object.name().contains(word));
        let is_node_agent = object.kind() == "DaemonSet";
        if belongs_to_cluster || is_node_agent || cx.index.namespace(object) == "kube-system" {
            return;
        }
        let message = format!("{} runs with the priority `{name}` of the cluster's own parts", cx.describe(object));
        cx.finding(&class, message)
            .help("use a PriorityClass of your own: this one may push out the pods that keep the cluster alive")
            .report();
    }
}
