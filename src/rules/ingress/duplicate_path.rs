//! `ingress-duplicate-path`

use std::collections::HashMap;

use super::is_ingress;
use crate::kubernetes::exposure::annotation;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Annotations of an Ingress that is meant to stand beside another one for the same path.
const BESIDE: &[&str] = &[
    "nginx.ingress.kubernetes.io/canary",
    "nginx.ingress.kubernetes.io/canary-by-header",
    "haproxy-ingress.github.io/blue-green-deploy",
    "traefik.ingress.kubernetes.io/router.entrypoints",
    "traefik.ingress.kubernetes.io/router.priority",
    "alb.ingress.kubernetes.io/group.order",
];

pub(super) struct IngressDuplicatePath;

impl Rule for IngressDuplicatePath {
    fn spec(&self) -> &'static Spec {
        spec!("ingress-duplicate-path")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let index = cx.index;
        let mut known: HashMap<[String; 4], String> = HashMap::new();
        for object in index.of_kind("Ingress").iter().filter(|object| is_ingress(object)) {
            if BESIDE.iter().any(|name| annotation(object, name).exists()) {
                continue;
            }
            let class = object.get("spec.ingressClassName").text();
            let class = class.or_else(|| annotation(object, "kubernetes.io/ingress.class").text()).unwrap_or_default();
            for rule in object.get("spec.rules").items() {
                let host = rule.get("host").text().unwrap_or_default();
                for path in rule.get("http.paths").items() {
                    let written = path.get("path");
                    let text = written.text().unwrap_or_else(|| "/".to_owned());
                    let kind = path.get("pathType").text().unwrap_or_default();
                    let key = [class.clone(), host.clone(), text.clone(), kind];
                    let Some(first) = known.get(&key) else {
                        known.insert(key, object.name().to_owned());
                        continue;
                    };
                    let shown = if host.is_empty() { text } else { format!("{host}{text}") };
                    let message = if first == object.name() {
                        format!("Ingress `{first}` names the path `{shown}` twice")
                    } else {
                        format!("Ingresses `{first}` and `{}` both name the path `{shown}`", object.name())
                    };
                    let place = if written.exists() { written } else { path.clone() };
                    cx.finding(&place, message)
                        .label("which one wins is up to the controller")
                        .help("leave one of them out, or give them different hosts, paths or classes")
                        .report();
                }
            }
        }
    }
}
