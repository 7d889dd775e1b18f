//! `capabilities-not-dropped`, `capability-added-non-default`, `capability-added-beyond-net-bind` and
//! `dangerous-capability`. A capability that is added is reported by the first of the last three that it is bad enough
//! for, and by no other.

use crate::kubernetes::capabilities::{danger, is_baseline, normal};
use crate::manifest::{Container, Node, Workload};
use crate::rules::security::containers::{Rollup, hardenable, report};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct CapabilitiesNotDropped;

impl Rule for CapabilitiesNotDropped {
    fn spec(&self) -> &'static Spec {
        spec!("capabilities-not-dropped")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let mut containers = hardenable(workload);
        containers.retain(|container| {
            let dropped = container.security("capabilities.drop").items();
            // A privileged container has all of them whatever it drops.
            !container.is_privileged() && !dropped.iter().filter_map(Node::text).any(|name| normal(&name) == "ALL")
        });
        let rollup = Rollup {
            field: "capabilities.drop",
            what: ["keeps capabilities that it may not need", "keep capabilities that they may not need"],
            help: "set `capabilities: {drop: [ALL]}`; images that start as root and then change their user also need \
                   `add: [CHOWN, SETGID, SETUID]`",
        };
        report(cx, workload, &containers, &rollup);
    }
}

/// The capabilities that a container adds: normal names, with their places.
fn added<'a>(container: &Container<'a>) -> Vec<(String, Node<'a>)> {
    let items = container.security("capabilities.add").items();
    items.into_iter().filter_map(|node| Some((normal(&node.text()?), node))).collect()
}

pub(super) struct DangerousCapability;

impl Rule for DangerousCapability {
    fn spec(&self) -> &'static Spec {
        spec!("dangerous-capability")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        // A privileged container has them all already, and a finding that says so.
        if workload.is_windows() || container.is_privileged() {
            return;
        }
        for (name, node) in added(container) {
            if let Some(danger) = danger(&name) {
                cx.finding(&node, format!("container `{}` has the capability `{name}`", container.name()))
                    .label(danger)
                    .help(format!("take `{name}` away, or run what needs it apart from the rest"))
                    .report();
            }
        }
    }
}

pub(super) struct CapabilityAddedNonDefault;

impl Rule for CapabilityAddedNonDefault {
    fn spec(&self) -> &'static Spec {
        spec!("capability-added-non-default")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        if workload.is_windows() || container.is_privileged() {
            return;
        }
        for (name, node) in added(container) {
            if !is_baseline(&name) && danger(&name).is_none() {
                let message = format!("container `{}` adds the capability `{name}`", container.name());
                cx.finding(&node, message)
                    .label("more than containers get by default")
                    .help(format!("take `{name}` away; the Pod Security Standard \"baseline\" refuses it"))
                    .report();
            }
        }
    }
}

pub(super) struct CapabilityAddedBeyondNetBind;

impl Rule for CapabilityAddedBeyondNetBind {
    fn spec(&self) -> &'static Spec {
        spec!("capability-added-beyond-net-bind")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        if workload.is_windows() || container.is_privileged() {
            return;
        }
        let more: Vec<(String, Node<'_>)> = added(container)
            .into_iter()
            .filter(|(name, _)| name != "NET_BIND_SERVICE" && is_baseline(name))
            .collect();
        let Some((_, first)) = more.first() else { return };
        let names: Vec<String> = more.iter().map(|(name, _)| name.clone()).collect();
        let names = crate::rules::helpers::list(&names, 6);
        cx.finding(first, format!("container `{}` adds the capabilities {names}", container.name()))
            .help("start as the user that the program runs as; the Pod Security Standard \"restricted\" allows only `NET_BIND_SERVICE`")
            .report();
    }
}
