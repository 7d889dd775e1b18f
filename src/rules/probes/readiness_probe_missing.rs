//! `readiness-probe-missing`

use crate::finding::Severity;
use crate::manifest::{Container, Node, Workload};
use crate::rules::helpers;
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
        let Some(service) = helpers::service_of(cx, workload, container) else { return };
        let only_metrics = service.get("spec.ports").items().iter().all(is_metrics);
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
        let finding = cx.finding(&probe, message).help(help);
        // A scrape that comes too early is only tried again.
        if only_metrics { finding.severity(Severity::Low).report() } else { finding.report() }
    }
}

/// Whether a port of a Service is there to be scraped, by its name.
fn is_metrics(port: &Node<'_>) -> bool {
    let name = port.get("name").text().unwrap_or_default();
    name.split('-').any(|part| matches!(part, "metrics" | "metric" | "prometheus" | "prom"))
}
