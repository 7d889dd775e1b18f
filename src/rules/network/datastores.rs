//! `datastore-network-exposure`, `datastore-exposed-externally`: who can reach data stores.

use super::{Direction, has_other_policies, isolatable, policies, restricts, selects};
use crate::kubernetes::datastores::{self, Role};
use crate::kubernetes::exposure::{backends, is_internal};
use crate::manifest::{Node, Object, Selector, Workload};
use crate::rules::helpers::{list, object_ref};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct DatastoreNetworkExposure;

impl Rule for DatastoreNetworkExposure {
    fn spec(&self) -> &'static Spec {
        spec!("datastore-network-exposure")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        if has_other_policies(cx) {
            return;
        }
        let all = isolatable(cx);
        let is_open = |workload: &&Workload<'_>| {
            !policies(cx).any(|policy| restricts(policy, Direction::Ingress) && selects(cx, policy, workload))
        };
        let open: Vec<&Workload<'_>> = all.iter().copied().filter(|workload| is_open(workload)).collect();
        // Where nothing is isolated, `network-policy-missing` says so for all.
        if open.len() == all.len() {
            return;
        }
        let stores: Vec<(&Workload<'_>, &str)> =
            open.into_iter().filter_map(|workload| Some((workload, store_of(workload)?))).collect();
        let Some((first, _)) = stores.first() else { return };
        let names: Vec<String> =
            stores.iter().map(|(workload, store)| format!("{} ({store})", cx.describe(workload.object))).collect();
        let others = stores[1..].iter().map(|(workload, _)| object_ref(cx.index, workload.object)).collect();
        let message = format!("every pod of the cluster can open connections to {}", list(&names, 4));
        cx.finding(&first.object.root(), message)
            .identity("datastores")
            .also(others)
            .help("add a NetworkPolicy that lets in only the pods which use it, to its port")
            .report();
    }
}

/// The data store that a workload runs, by image or by port.
fn store_of(workload: &Workload<'_>) -> Option<&'static str> {
    if let Some(store) = datastores::of_workload(workload) {
        return Some(store.name);
    }
    let running = if workload.is_long_running() { workload.containers() } else { Vec::new() };
    let ports = running.iter().filter(|container| container.is_long_running());
    let ports = ports.flat_map(|container| container.node.get("ports").items());
    ports.into_iter().find_map(|port| Some(datastores::of_port(port.get("containerPort").as_int()?)?.name))
}

pub(super) struct DatastoreExposedExternally;

impl Rule for DatastoreExposedExternally {
    fn spec(&self) -> &'static Spec {
        spec!("datastore-exposed-externally")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        // What users switch on for themselves is their choice.
        if cx.scenario.name != "default" {
            return;
        }
        if object.is("", "Service") {
            let kind = object.get("spec.type");
            let is_outside = matches!(kind.text().as_deref(), Some("NodePort" | "LoadBalancer"));
            let is_open = is_outside
                && !is_internal(object)
                && !object.get("spec.loadBalancerSourceRanges").items().iter().any(is_range);
            if let Some(store) = is_open.then(|| behind(cx, object, None)).flatten() {
                let message = format!(
                    "Service `{}` ({}) makes {store} reachable from outside of the cluster",
                    object.name(),
                    kind.text().unwrap_or_default()
                );
                cx.finding(&kind, message).help("use `type: ClusterIP` by default").report();
            }
            return;
        }
        for backend in backends(object) {
            let Some(name) = backend.service.text() else { continue };
            let namespace = backend.namespace.clone().unwrap_or_else(|| cx.index.namespace(object).to_owned());
            let services = cx.index.of_kind("Service").iter().copied();
            let service = services.into_iter().find(|service| {
                service.name() == name && cx.index.namespace(service) == namespace && service.group().is_empty()
            });
            let port = backend.port.as_ref().and_then(Node::text);
            let Some(store) = service.and_then(|service| behind(cx, service, port.as_deref())) else { continue };
            let message = format!("{} makes {store} reachable from outside of the cluster", cx.describe(object));
            cx.finding(&backend.service, message)
                .help("leave the route out by default, or put authentication in front of it")
                .report();
        }
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        if cx.scenario.name != "default" || !workload.is_long_running() {
            return;
        }
        for container in workload.containers() {
            let Some(store) = datastores::of_container(&container).filter(|_| container.is_long_running()) else { continue };
            for port in container.node.get("ports").items() {
                let host = port.get("hostPort");
                if host.as_int().is_some_and(|port| port != 0) {
                    let message = format!(
                        "{} of container `{}` is reachable on each node's address",
                        store.name,
                        container.name()
                    );
                    cx.finding(&host, message).help("leave `hostPort` out: a Service leads to the pod").report();
                }
            }
        }
    }
}

fn is_range(range: &Node<'_>) -> bool {
    range.text().is_some_and(|range| range != "0.0.0.0/0" && range != "::/0")
}

/// The data store or the administration page that a Service leads to. Of a pod that holds other things too, only
/// the data store's own ports count.
fn behind(cx: &RuleContext<'_>, service: &Object, route_port: Option<&str>) -> Option<String> {
    let selector = Selector::of_labels(&service.get("spec.selector"));
    let namespace = cx.index.namespace(service);
    for workload in cx.index.selected(namespace, &selector) {
        let running: Vec<_> = workload.containers().into_iter().filter(|container| container.is_long_running()).collect();
        for container in &running {
            let image = container.node.get("image").text().unwrap_or_default();
            if let Some(page) = datastores::admin_page(&image) {
                return Some(page.to_owned());
            }
            let Some(store) = datastores::of_container(container) else { continue };
            // Files are often served to the public.
            if store.role == Role::Objects {
                continue;
            }
            let is_stores = |target: &str| {
                running.len() == 1
                    || container.node.get("ports").items().iter().any(|port| {
                        port.get("name").text().as_deref() == Some(target)
                            || port.get("containerPort").text().as_deref() == Some(target)
                    })
            };
            let ports = service.get("spec.ports").items();
            let mut targets = ports.iter().filter_map(|port| {
                let own = [port.get("name").text(), port.get("port").text()];
                let is_meant = route_port.is_none_or(|wanted| own.iter().flatten().any(|own| own == wanted));
                let target = port.get("targetPort").text().or_else(|| port.get("port").text());
                target.filter(|_| is_meant)
            });
            if targets.any(|target| is_stores(&target)) {
                return Some(store.name.to_owned());
            }
        }
    }
    None
}
