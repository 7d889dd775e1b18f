//! Rules about probes and life cycle hooks that are missing.

use crate::finding::Severity;
use crate::kubernetes::programs::starts_slowly;
use crate::manifest::{Container, ContainerKind, Node, Workload};
use crate::rules::helpers::{is_served, keys_that_set, list, service_of};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Reports that a field is missing. If values can set it, that is information: the chart has it, and it is off.
fn report(
    cx: &mut RuleContext<'_>,
    workload: &Workload<'_>,
    node: &Node<'_>,
    message: String,
    (fields, advice): (&[&str], &str),
) {
    let keys: Vec<String> =
        fields.iter().flat_map(|field| keys_that_set(cx, workload.object, field)).collect();
    let finding = cx.finding(node, message);
    match keys.as_slice() {
        [] => finding.help(advice).report(),
        keys => finding.severity(Severity::Info).help(format!("set {} in values.yaml", list(keys, 3))).report(),
    }
}

pub(super) struct LivenessProbeMissing;

impl Rule for LivenessProbeMissing {
    fn spec(&self) -> &'static Spec {
        spec!("liveness-probe-missing")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let probe = container.node.get("livenessProbe");
        if probe.exists() || container.kind != ContainerKind::Main || !workload.is_long_running() {
            return;
        }
        let is_main_of_set =
            workload.object.kind() == "StatefulSet" && workload.pod.get("containers").items().len() == 1;
        if !is_main_of_set && service_of(cx, workload, container).is_none() {
            return;
        }
        let message = format!("container `{}` has no livenessProbe", container.name());
        let advice = "add one that fails only if a restart would help: it must not ask other services";
        report(cx, workload, &probe, message, (&["livenessProbe"], advice));
    }
}

pub(super) struct StartupProbeMissing;

/// A container that is given less time to start than this is killed again and again if it is slow.
const SHORT_START: i64 = 60;
/// A first delay of this length or more stands in for a startup probe.
const LONG_DELAY: i64 = 30;

impl Rule for StartupProbeMissing {
    fn spec(&self) -> &'static Spec {
        spec!("startup-probe-missing")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let (probe, startup) = (container.node.get("livenessProbe"), container.node.get("startupProbe"));
        if !probe.exists() || startup.exists() || !container.is_long_running() || !workload.is_long_running() {
            return;
        }
        let number = |field: &str, default: i64| probe.get(field).as_int().unwrap_or(default);
        let delay = number("initialDelaySeconds", 0);
        let budget = number("periodSeconds", 10)
            .saturating_mul(number("failureThreshold", 3))
            .saturating_add(delay);
        let image = container.node.get("image").text().unwrap_or_default();
        let name = container.name();
        let (node, message): (Node<'_>, String) = if delay >= LONG_DELAY {
            let message = format!(
                "the livenessProbe of container `{name}` waits {delay} seconds at each start, and never longer"
            );
            (probe.get("initialDelaySeconds"), message)
        } else if budget < SHORT_START && starts_slowly(&image) {
            let message = format!(
                "container `{name}` is restarted if it takes more than {budget} seconds to start, which it may"
            );
            (probe.clone(), message)
        } else {
            return;
        };
        let advice =
            "add a `startupProbe` with the same handler and a high `failureThreshold`, and no delay for the others";
        report(cx, workload, &node, message, (&["startupProbe"], advice));
    }
}

pub(super) struct GracefulShutdownMissing;

impl Rule for GracefulShutdownMissing {
    fn spec(&self) -> &'static Spec {
        spec!("graceful-shutdown-missing")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let period = workload.pod.get("terminationGracePeriodSeconds");
        let containers = workload.containers();
        if !workload.is_replicated()
            || period.exists()
            || containers.iter().any(|container| container.node.get("lifecycle.preStop").exists())
            || !is_served(cx, workload)
        {
            return;
        }
        let message = format!(
            "{} has neither a `preStop` hook nor a `terminationGracePeriodSeconds`",
            cx.describe(workload.object)
        );
        let fields = &["terminationGracePeriodSeconds", "lifecycle", "lifecycleHooks", "preStop"];
        let advice = "say how long it needs to finish; a short sleep in `preStop` lets proxies notice that it goes";
        report(cx, workload, &period, message, (fields, advice));
    }
}
