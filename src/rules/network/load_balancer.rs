//! `service-load-balancer`, `load-balancer-open`, `plaintext-exposure-default`: what is reachable from outside.

use crate::kubernetes::exposure::{annotation, has_certificate, is_internal};
use crate::manifest::{Node, Object};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

fn type_of(object: &Object) -> Option<String> {
    object.get("spec.type").text().filter(|_| object.is("", "Service"))
}

pub(super) struct ServiceLoadBalancer;

impl Rule for ServiceLoadBalancer {
    fn spec(&self) -> &'static Spec {
        spec!("service-load-balancer")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if type_of(object).as_deref() != Some("LoadBalancer") || cx.scenario.name != "default" {
            return;
        }
        let message = format!("Service `{}` asks for a load balancer by default", object.name());
        cx.finding(&object.get("spec.type"), message)
            .help("make `ClusterIP` the default, and let values choose `LoadBalancer`")
            .report();
    }
}

pub(super) struct LoadBalancerOpen;

impl Rule for LoadBalancerOpen {
    fn spec(&self) -> &'static Spec {
        spec!("load-balancer-open")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let ranges = object.get("spec.loadBalancerSourceRanges");
        let is_all = |range: &Node<'_>| matches!(range.text().as_deref(), Some("0.0.0.0/0" | "::/0"));
        let open = ranges.items().iter().all(is_all);
        let by_annotation = annotation(object, "service.beta.kubernetes.io/load-balancer-source-ranges").exists();
        if type_of(object).as_deref() != Some("LoadBalancer") || !open || by_annotation || is_internal(object) {
            return;
        }
        let message = format!("the load balancer of Service `{}` is open to every address", object.name());
        let place = if ranges.exists() { ranges } else { object.get("spec.type") };
        cx.finding(&place, message)
            .help("set `loadBalancerSourceRanges`, or the cloud's annotation for an internal load balancer")
            .report();
    }
}

pub(super) struct PlaintextExposureDefault;

impl Rule for PlaintextExposureDefault {
    fn spec(&self) -> &'static Spec {
        spec!("plaintext-exposure-default")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if cx.scenario.name != "default" || has_certificate(object) {
            return;
        }
        if object.is("networking.k8s.io", "Ingress") || object.is("extensions", "Ingress") {
            let tls = object.get("spec.tls");
            if tls.items().is_empty() && !object.get("spec.rules").items().is_empty() {
                let message = format!("Ingress `{}` is rendered by default and serves plain HTTP", object.name());
                cx.finding(&object.get("spec"), message)
                    .help("render it with TLS by default, or only when values ask for it")
                    .report();
            }
            return;
        }
        let kind = object.get("spec.type");
        if !matches!(type_of(object).as_deref(), Some("NodePort" | "LoadBalancer")) || is_internal(object) {
            return;
        }
        let ports = object.get("spec.ports").items();
        if ports.iter().any(is_https) {
            return;
        }
        if let Some(port) = ports.iter().find(|port| is_http(port)) {
            let message = format!(
                "Service `{}` ({}) serves plain HTTP to the outside by default",
                object.name(),
                kind.text().unwrap_or_default()
            );
            cx.finding(&port.get("port"), message)
                .label("no TLS in front of it")
                .help("make `ClusterIP` the default and put an Ingress with TLS in front, or give the load balancer a certificate")
                .report();
        }
    }
}

fn named(port: &Node<'_>, words: &[&str]) -> bool {
    let texts = [port.get("name").text(), port.get("appProtocol").text(), port.get("targetPort").text()];
    texts.iter().flatten().any(|text| {
        let mut parts = text.split(['-', '_', '/', '.']);
        parts.any(|part| words.contains(&part.to_ascii_lowercase().as_str()))
    })
}

fn is_https(port: &Node<'_>) -> bool {
    matches!(port.get("port").as_int(), Some(443 | 8443)) || named(port, &["https", "tls", "websecure"])
}

fn is_http(port: &Node<'_>) -> bool {
    let is_tcp = port.get("protocol").text().is_none_or(|protocol| protocol == "TCP");
    is_tcp && (matches!(port.get("port").as_int(), Some(80 | 8080 | 8000)) || named(port, &["http", "web"]))
}
