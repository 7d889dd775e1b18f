//! `ingress-backend-dangling`

use super::find;
use crate::kubernetes::exposure::{backends, port_of};
use crate::manifest::{Node, Object};
use crate::rules::helpers::{is_custom, list};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct IngressBackendDangling;

impl Rule for IngressBackendDangling {
    fn spec(&self) -> &'static Spec {
        spec!("ingress-backend-dangling")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !cx.is_whole() {
            return;
        }
        for backend in backends(object) {
            let Some(name) = backend.service.text().filter(|name| !name.is_empty()) else { continue };
            let own = cx.index.namespace(object);
            let namespace = backend.namespace.clone().unwrap_or_else(|| own.to_owned());
            // The load balancer controller of AWS reads such a backend from an annotation.
            let port = backend.port.as_ref().and_then(Node::text);
            if port.as_deref() == Some("use-annotation") {
                continue;
            }
            let Some(service) = find(cx, "Service", &namespace, &name) else {
                if namespace == own && !cx.is_from_values(&backend.service) && !is_of_operator(cx, &name) {
                    let message = format!("{} leads to Service/{name}, which the chart does not have", cx.describe(object));
                    cx.finding_at_call(&backend.service, &backend.service, message)
                        .label("answers 503")
                        .help("use the name of a Service of the chart, best from the same helper")
                        .report();
                }
                continue;
            };
            let (Some(node), Some(port)) = (backend.port, port) else {
                let message = format!("{} leads to Service/{name}, but to none of its ports", cx.describe(object));
                if object.kind() == "Ingress" {
                    cx.finding_at_key(&backend.service, message)
                        .label("has no port")
                        .help("add `port.name` or `port.number`; if it is there, the value that it shows is not set")
                        .report();
                }
                continue;
            };
            let is_external = service.get("spec.type").text().as_deref() == Some("ExternalName");
            if is_external || port_of(service, &port).is_some() || service.get("spec.ports").items().is_empty() {
                continue;
            }
            let ports: Vec<String> = service.get("spec.ports").items().iter().map(shown).collect();
            let message = format!("{} leads to port `{port}` of Service/{name}, which has none like it", cx.describe(object));
            cx.finding(&node, message)
                .label("answers 503")
                .help(format!("the Service has {}", list(&ports, 5)))
                .report();
        }
    }
}

fn shown(port: &Node<'_>) -> String {
    let number = port.get("port").text().unwrap_or_default();
    port.get("name").text().map_or_else(|| number.clone(), |name| format!("{name} ({number})"))
}

/// Whether an operator may make the Service for a custom resource of the chart.
fn is_of_operator(cx: &RuleContext<'_>, name: &str) -> bool {
    cx.index.objects().iter().any(|object| is_custom(object) && !object.name().is_empty() && name.contains(object.name()))
        || name.contains('@')
}
