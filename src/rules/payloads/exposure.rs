//! Whether a server that reads a ConfigMap can be reached from outside of the cluster.

use crate::kubernetes::volumes::users;
use crate::manifest::{Node, Object, ObjectIndex, Selector, Workload};
use crate::rules::RuleContext;

/// Kinds that lead requests from outside to Services.
const ROUTES: &[&str] =
    &["Ingress", "HTTPRoute", "IngressRoute", "Route", "VirtualService", "HTTPProxy", "Mapping", "ApisixRoute", "TCPRoute"];

/// Whether a workload that mounts the ConfigMap is behind a Service of type LoadBalancer or NodePort, or behind an
/// Ingress or another route, in any scenario of the chart.
pub(super) fn is_exposed(cx: &RuleContext<'_>, config: &Object) -> bool {
    cx.scenarios.iter().any(|scenario| {
        let index = ObjectIndex::new(&scenario.objects, &scenario.namespace);
        let same = index.of_kind(config.kind()).iter().find(|object| object.name() == config.name());
        same.is_some_and(|object| users(&index, object).into_iter().any(|workload| is_reachable(&index, workload)))
    })
}

fn is_reachable(index: &ObjectIndex<'_>, workload: &Workload<'_>) -> bool {
    let labels = workload.pod_labels();
    let namespace = index.namespace(workload.object);
    let services = index.of_kind("Service").iter().filter(|service| {
        index.namespace(service) == namespace && Selector::of_labels(&service.get("spec.selector")).matches(&labels)
    });
    let has_host_port = workload.containers().iter().any(|container| {
        container.node.get("ports").items().iter().any(|port| port.get("hostPort").exists())
    });
    has_host_port
        || services.into_iter().any(|service| {
            matches!(service.get("spec.type").text().as_deref(), Some("LoadBalancer" | "NodePort"))
                || ROUTES.iter().flat_map(|kind| index.of_kind(kind)).any(|route| names(&route.get("spec"), service.name(), 0))
        })
}

/// Whether a Service is named anywhere below a field.
fn names(node: &Node<'_>, service: &str, depth: usize) -> bool {
    const MAX_DEPTH: usize = 16;
    if let Some(text) = node.as_str() {
        return text == service || text.strip_prefix(service).is_some_and(|rest| rest.starts_with('.'));
    }
    depth < MAX_DEPTH
        && (node.items().iter().any(|item| names(item, service, depth + 1))
            || node.entries().iter().any(|(_, entry)| names(entry, service, depth + 1)))
}
