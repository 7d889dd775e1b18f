//! `rate-limit-missing`

use super::nginx::configurations;
use crate::manifest::Object;
use crate::payload::nginx::{all, servers};
use crate::rules::helpers::list;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Directives that limit requests or connections.
const LIMITS: &[&str] = &["limit_req", "limit_conn", "limit_req_zone", "limit_conn_zone", "limit_rate"];
/// Annotations of the Ingress controllers for nginx that do.
const ANNOTATIONS: &[&str] = &[
    "nginx.ingress.kubernetes.io/limit-rps",
    "nginx.ingress.kubernetes.io/limit-rpm",
    "nginx.ingress.kubernetes.io/limit-connections",
    "nginx.ingress.kubernetes.io/global-rate-limit",
    "nginx.org/limit-req-rate",
];

pub(super) struct RateLimitMissing;

impl Rule for RateLimitMissing {
    fn spec(&self) -> &'static Spec {
        spec!("rate-limit-missing")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if object.is("networking.k8s.io", "Ingress") {
            check_ingress(cx, object);
        }
        for (payload, directives) in configurations(object) {
            if all(&directives).any(|directive| LIMITS.contains(&directive.name.as_str())) {
                continue;
            }
            let open = servers(&directives)
                .into_iter()
                .find(|server| server.proxies() && server.serves() && !server.has_unknown_includes());
            let Some(server) = open else { continue };
            // Written in the template under a condition that is not met.
            let is_off = LIMITS.iter().any(|limit| may_write(cx, object, limit));
            let message = format!("the server in `{}` passes on as many requests as anybody sends", payload.key);
            let help = if is_off {
                "the template has a limit that is off: switch it on by its values"
            } else {
                "add `limit_req_zone` and `limit_req`, unless something before it (CDN, WAF, ingress) limits them"
            };
            payload.finding(cx, server.directive.span.clone(), message).help(help).report();
        }
    }
}

/// Whether the template of an object has a word in its source.
fn may_write(cx: &RuleContext<'_>, object: &Object, word: &str) -> bool {
    let text = cx.template_text(&object.template.as_str().into());
    text.is_some_and(|text| text.to_utf8().contains(word))
}

/// An Ingress of an nginx controller whose annotations the user cannot set.
fn check_ingress(cx: &mut RuleContext<'_>, object: &Object) {
    let annotations = object.get("metadata.annotations");
    let names: Vec<String> = annotations.entries().into_iter().map(|(name, _)| name).collect();
    let class = object.get("spec.ingressClassName").text().unwrap_or_default();
    let is_nginx = class == "nginx" || names.iter().any(|name| name.starts_with("nginx.ingress.kubernetes.io/"));
    let is_limited = names.iter().any(|name| ANNOTATIONS.iter().any(|known| name.starts_with(known)));
    let hosts: Vec<String> = object.get("spec.rules").items().iter().filter_map(|rule| rule.get("host").text()).collect();
    if !is_nginx || is_limited || hosts.is_empty() || cx.may_render(&object.get("metadata"), "annotations") {
        return;
    }
    let message = format!("{} passes on as many requests for {} as anybody sends", cx.describe(object), list(&hosts, 2));
    let help = "add `nginx.ingress.kubernetes.io/limit-rps`, or let values add annotations";
    cx.finding(&object.get("metadata"), message).help(help).report();
}
