//! `host-network`, `host-pid` and `host-ipc`

use crate::kubernetes::node_agents::{observes_node, uses_node_network};
use crate::manifest::Workload;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct HostNetwork;

impl Rule for HostNetwork {
    fn spec(&self) -> &'static Spec {
        spec!("host-network")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        if !has_image(workload, uses_node_network) {
            check(cx, workload, "hostNetwork", "shares the network of its node", "no NetworkPolicy applies to it");
        }
    }
}

pub(super) struct HostPid;

impl Rule for HostPid {
    fn spec(&self) -> &'static Spec {
        spec!("host-pid")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        if !has_image(workload, observes_node) {
            check(cx, workload, "hostPID", "sees the processes of its node", "reads their environment, or ends them");
        }
    }
}

pub(super) struct HostIpc;

impl Rule for HostIpc {
    fn spec(&self) -> &'static Spec {
        spec!("host-ipc")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        check(cx, workload, "hostIPC", "shares the memory segments of its node", "reads what other processes share");
    }
}

/// Whether a container of a workload runs a known image.
pub(super) fn has_image(workload: &Workload<'_>, is_known: fn(&str) -> bool) -> bool {
    let containers = workload.containers();
    containers.iter().filter_map(|container| container.node.get("image").text()).any(|image| is_known(&image))
}

fn check(cx: &mut RuleContext<'_>, workload: &Workload<'_>, field: &str, what: &str, label: &str) {
    let node = workload.pod.get(field);
    if node.is_true() && !workload.is_windows() {
        cx.finding(&node, format!("{} {what}", cx.describe(workload.object)))
            .label(label)
            .help(format!("remove `{field}`, or let values turn it on where it is needed"))
            .report();
    }
}
