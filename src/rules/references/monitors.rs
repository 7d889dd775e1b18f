//! `service-monitor-dangling`

use crate::manifest::{Node, Object, Selector};
use crate::rules::helpers::list;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct ServiceMonitorDangling;

impl Rule for ServiceMonitorDangling {
    fn spec(&self) -> &'static Spec {
        spec!("service-monitor-dangling")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let is_pod_monitor = object.kind() == "PodMonitor";
        if object.group() != "monitoring.coreos.com" || !is_pod_monitor && object.kind() != "ServiceMonitor" {
            return;
        }
        let selector_node = object.get("spec.selector");
        let selector = Selector::of_node(&selector_node);
        if !selector_node.exists() || selector.is_everything() {
            return;
        }
        let Some(namespaces) = namespaces(cx, object) else { return };
        let (ports, endpoints) = if is_pod_monitor {
            (ports_of_pods(cx, &namespaces, &selector), "spec.podMetricsEndpoints")
        } else {
            (ports_of_services(cx, &namespaces, &selector), "spec.endpoints")
        };
        let what = if is_pod_monitor { "pod" } else { "Service" };
        let Some(ports) = ports else {
            let rendered = if is_pod_monitor { !cx.index.workloads().is_empty() } else { has_services(cx) };
            // Without any, something else makes them.
            if rendered && !cx.is_from_values(&selector_node.get("matchLabels")) {
                let labels = crate::manifest::labels(&selector_node.get("matchLabels"));
                let shown: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
                let message = format!("{} selects no {what} of the chart", cx.describe(object));
                cx.finding(&selector_node, message)
                    .label(format!("nothing has {}", shown.join(", ")))
                    .help(format!("make the selector equal the labels of the {what} that has the metrics"))
                    .report();
            }
            return;
        };
        for endpoint in object.get(endpoints).items() {
            let node = endpoint.get("port");
            let Some(port) = node.text().filter(|port| !port.is_empty() && !ports.contains(port)) else { continue };
            let help = if ports.is_empty() {
                format!("give a port of the {what} this name")
            } else {
                format!("the {what} has {}", list(&ports, 5))
            };
            let message = format!("{} asks for port `{port}`, which no {what} that it selects has", cx.describe(object));
            cx.finding(&node, message).label("is never scraped").help(help).report();
        }
    }
}

/// The namespaces in which a monitor looks. Nothing if it looks everywhere.
fn namespaces(cx: &RuleContext<'_>, object: &Object) -> Option<Vec<String>> {
    let selector = object.get("spec.namespaceSelector");
    if selector.get("any").is_true() {
        return None;
    }
    let named: Vec<String> = selector.get("matchNames").items().iter().filter_map(Node::text).collect();
    Some(if named.is_empty() { vec![cx.index.namespace(object).to_owned()] } else { named })
}

fn has_services(cx: &RuleContext<'_>) -> bool {
    cx.index.of_kind("Service").iter().any(|service| cx.is_own(service))
}

/// The names of the ports of all Services that are selected; nothing if none is.
fn ports_of_services(cx: &RuleContext<'_>, namespaces: &[String], selector: &Selector) -> Option<Vec<String>> {
    let mut found = None;
    for service in cx.index.of_kind("Service") {
        let labels = crate::manifest::labels(&service.get("metadata.labels"));
        if namespaces.iter().any(|name| name == cx.index.namespace(service)) && selector.matches(&labels) {
            let names = service.get("spec.ports").items().into_iter().filter_map(|port| port.get("name").text());
            found.get_or_insert_with(Vec::new).extend(names);
        }
    }
    found
}

/// The same for the containers of pods.
fn ports_of_pods(cx: &RuleContext<'_>, namespaces: &[String], selector: &Selector) -> Option<Vec<String>> {
    let mut found = None;
    for namespace in namespaces {
        for workload in cx.index.selected(namespace, selector) {
            let containers = workload.containers();
            let ports = containers.iter().flat_map(|container| container.node.get("ports").items());
            found.get_or_insert_with(Vec::new).extend(ports.filter_map(|port| port.get("name").text()));
        }
    }
    found
}
