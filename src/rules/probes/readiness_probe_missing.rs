//! `readiness-probe-missing`

use crate::rules::helpers;
use crate::manifest::{Container, Node, Object, Selector, Workload};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct ReadinessProbeMissing;

impl Rule for ReadinessProbeMissing {
    fn spec(&self) -> &'static Spec {
        spec!("readiness-probe-missing")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let probe = container.node.get("readinessProbe");
        if !container.is_long_running() || !workload.is_long_running() || probe.exists() {
            return;
        }
        let Some(service) = service_of(cx, workload, container) else { return };
        let service = service.name().to_owned();
        let message = format!(
            "container `{}` has no readinessProbe, but Service `{service}` sends it traffic",
            container.name()
        );
        let keys = helpers::keys_that_set(cx, workload.object, "readinessProbe");
        let help = match keys.as_slice() {
            [] => "add a `readinessProbe`: without one, traffic arrives before the container can answer".to_owned(),
            keys => format!("set {} in values.yaml", helpers::list(keys, 3)),
        };
        cx.finding(&probe, message).help(help).report();
    }
}

/// A Service whose ports lead to the container.
fn service_of<'a>(cx: &RuleContext<'a>, workload: &Workload<'_>, container: &Container<'_>) -> Option<&'a Object> {
    let labels = workload.pod_labels();
    let namespace = cx.index.namespace(workload.object);
    cx.index.of_kind("Service").iter().copied().find(|service| {
        cx.index.namespace(service) == namespace
            && !service.get("spec.publishNotReadyAddresses").is_true()
            && Selector::of_labels(&service.get("spec.selector")).matches(&labels)
            && service.get("spec.ports").items().iter().any(|port| leads_to(port, workload, container))
    })
}

/// Whether a Service's port leads to a container: by the name or number of a port that it declares. If no container
/// declares the number, it is the only container's.
fn leads_to(port: &Node<'_>, workload: &Workload<'_>, container: &Container<'_>) -> bool {
    let target = port.get("targetPort");
    let target = if target.exists() { target } else { port.get("port") };
    let Some(target) = target.text() else { return false };
    let declares = |container: &Container<'_>| {
        container.node.get("ports").items().iter().any(|declared| {
            declared.get("name").text().as_deref() == Some(&target)
                || declared.get("containerPort").text().as_deref() == Some(&target)
        })
    };
    if declares(container) {
        return true;
    }
    let running: Vec<_> = workload.containers().into_iter().filter(Container::is_long_running).collect();
    running.len() == 1 && !running.iter().any(declares) && target.parse::<u16>().is_ok()
}
