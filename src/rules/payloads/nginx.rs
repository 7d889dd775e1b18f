//! `nginx-body-buffer-small`, `nginx-body-size`, `nginx-config-invalid`, `nginx-hsts-missing`,
//! `nginx-security-headers-missing`, `nginx-weak-referrer-policy`

use super::exposure::is_exposed;
use crate::finding::Severity;
use crate::manifest::Object;
use crate::payload::nginx::{self, Directive, Server, all, parse, servers};
use crate::payload::{self, Payload};
use crate::rules::helpers::list;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Annotations of an Ingress that hold parts of a configuration.
const SNIPPETS: &[&str] = &[
    "nginx.ingress.kubernetes.io/configuration-snippet",
    "nginx.ingress.kubernetes.io/server-snippet",
    "nginx.org/location-snippets",
    "nginx.org/server-snippets",
];

/// The configurations of nginx in an object, as they are read.
pub(super) fn configurations(object: &Object) -> Vec<(Payload<'_>, Vec<Directive>)> {
    let mut found = Vec::new();
    for payload in files(object) {
        if let Ok(directives) = parse(&payload.text) {
            found.push((payload, directives));
        }
    }
    found
}

/// The texts that look like files of nginx.
fn files(object: &Object) -> impl Iterator<Item = Payload<'_>> {
    payload::of_object(object).into_iter().filter(|payload| nginx::is_like(&payload.text) && !payload.is_template())
}

/// The parts of configurations in annotations of an Ingress.
fn snippets(object: &Object) -> Vec<(Payload<'_>, Vec<Directive>)> {
    if object.kind() != "Ingress" {
        return Vec::new();
    }
    let annotations = object.get("metadata.annotations");
    let snippets = SNIPPETS.iter().filter_map(|name| {
        let payload = Payload::of_node(name, annotations.child(name))?;
        let directives = parse(&payload.text).ok()?;
        Some((payload, directives))
    });
    snippets.collect()
}

/// The value of a header that a directive sets: `add_header Name value` or `more_set_headers "Name: value"`.
fn header<'d>(directive: &'d Directive, name: &str) -> Option<&'d str> {
    match directive.name.as_str() {
        "add_header" if directive.arg(0).eq_ignore_ascii_case(name) => Some(directive.arg(1)),
        "more_set_headers" => directive.args.iter().find_map(|arg| {
            let (key, value) = arg.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
        }),
        _ => None,
    }
}

pub(super) struct NginxConfigInvalid;

impl Rule for NginxConfigInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("nginx-config-invalid")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        for payload in files(object) {
            if let Err(problem) = parse(&payload.text) {
                let message = format!("nginx cannot read `{}`: {}", payload.key, problem.message);
                let help = "nginx refuses to start with it: `nginx -t` in the image shows the same";
                payload.finding(cx, problem.at, message).help(help).report();
            }
        }
    }
}

pub(super) struct NginxSecurityHeadersMissing;

/// The headers that a page should have.
const HEADERS: &[&str] = &[
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Content-Security-Policy",
    "Referrer-Policy",
    "Permissions-Policy",
];

/// The headers that none of a server's directives sets.
fn missing_headers(server: &Server<'_>) -> Vec<String> {
    let set = server.headers();
    // A policy may say who frames the page; nginx often has it in a variable or a long text, so it is not looked into.
    let has_policy = set.iter().any(|name| name.starts_with("content-security-policy"));
    HEADERS
        .iter()
        .filter(|name| {
            let lower = name.to_ascii_lowercase();
            !(set.contains(&lower) || (has_policy && matches!(**name, "X-Frame-Options" | "Content-Security-Policy")))
        })
        .map(|name| (*name).to_owned())
        .collect()
}

impl Rule for NginxSecurityHeadersMissing {
    fn spec(&self) -> &'static Spec {
        spec!("nginx-security-headers-missing")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let mut exposed = None;
        for (payload, directives) in configurations(object) {
            // All servers of a file get their headers in the same way: one finding, at the first.
            let worst = servers(&directives)
                .into_iter()
                .filter(|server| server.serves() && !server.has_unknown_includes())
                .map(|server| (missing_headers(&server), server))
                .filter(|(missing, _)| !missing.is_empty())
                .max_by_key(|(missing, server)| (missing.len(), std::cmp::Reverse(server.directive.span.start)));
            let Some((missing, server)) = worst else { continue };
            let is_exposed = *exposed.get_or_insert_with(|| is_exposed(cx, object));
            let message = format!("the server in `{}` sends no {}", payload.key, list(&missing, 5));
            let help = "add them with `add_header … always;` in the `server` block, unless the application or the ingress sets them";
            let severity = if is_exposed { cx.severity } else { cx.severity.min(Severity::Info) };
            let finding = payload.finding(cx, server.directive.span.clone(), message).help(help).severity(severity);
            if is_exposed {
                finding.report();
            } else {
                finding.note("the chart leads no requests from outside to it: nothing worse than information").report();
            }
        }
    }
}

pub(super) struct NginxWeakReferrerPolicy;

impl Rule for NginxWeakReferrerPolicy {
    fn spec(&self) -> &'static Spec {
        spec!("nginx-weak-referrer-policy")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        for (payload, directives) in configurations(object).into_iter().chain(snippets(object)) {
            for directive in all(&directives) {
                // Of several the browser takes the last that it knows.
                let policy = header(directive, "Referrer-Policy").and_then(|value| value.rsplit(',').next());
                let policy = policy.unwrap_or_default().trim();
                if matches!(policy, "unsafe-url" | "no-referrer-when-downgrade") {
                    let message = format!("the policy `{policy}` sends whole addresses to other sites");
                    let help = "use `strict-origin-when-cross-origin` or `no-referrer`";
                    payload.finding(cx, directive.span.clone(), message).help(help).report();
                }
            }
        }
    }
}

pub(super) struct NginxHstsMissing;

impl Rule for NginxHstsMissing {
    fn spec(&self) -> &'static Spec {
        spec!("nginx-hsts-missing")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        for (payload, directives) in configurations(object) {
            let plain = servers(&directives).into_iter().find(|server| {
                server.has_tls()
                    && server.serves()
                    && !server.has_unknown_includes()
                    && !server.headers().iter().any(|name| name == "strict-transport-security")
            });
            if let Some(server) = plain {
                let message = format!("the TLS server in `{}` sends no `Strict-Transport-Security`", payload.key);
                let help = "add `add_header Strict-Transport-Security \"max-age=31536000\" always;`";
                payload.finding(cx, server.directive.span.clone(), message).help(help).report();
            }
        }
        // The ConfigMap of the ingress controller.
        let data = object.get("data");
        let setting = data.child("hsts");
        let is_controller = object.is("", "ConfigMap")
            && (object.name().contains("nginx") || data.entries().iter().any(|(key, _)| key.starts_with("proxy-") || key.starts_with("ssl-")));
        if is_controller && setting.text().is_some_and(|text| text.eq_ignore_ascii_case("false")) {
            let message = format!("{} switches `Strict-Transport-Security` off for all hosts", cx.describe(object));
            cx.finding(&setting, message).help("leave `hsts` out, or set it to \"true\"").report();
        }
    }
}

pub(super) struct NginxBodyBufferSmall;

impl Rule for NginxBodyBufferSmall {
    fn spec(&self) -> &'static Spec {
        spec!("nginx-body-buffer-small")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let least = cx.param("minimum");
        let Some(minimum) = nginx::size(&least) else { return };
        for (payload, directives) in configurations(object) {
            for directive in all(&directives) {
                let first = nginx::size(directive.arg(0)).unwrap_or(u64::MAX);
                let second = nginx::size(directive.arg(1)).unwrap_or(0);
                let shown = directive.args.join(" ");
                let finding = match directive.name.as_str() {
                    "client_body_buffer_size" if first < minimum => Some((
                        format!("`client_body_buffer_size {shown}` writes nearly every request body to a file"),
                        format!("leave it out (8k or 16k), or use at least {least}"),
                    )),
                    "large_client_header_buffers" if second > 0 && second < 4096 => Some((
                        format!("`large_client_header_buffers {shown}` refuses requests with long cookies or tokens"),
                        "use `4 8k`, nginx's default, or larger".to_owned(),
                    )),
                    "large_client_header_buffers" if first.saturating_mul(second) > 4 << 20 => Some((
                        format!("`large_client_header_buffers {shown}` lets each connection take {} MiB", first.saturating_mul(second) >> 20),
                        "use `4 16k` or `4 32k`".to_owned(),
                    )),
                    _ => None,
                };
                if let Some((message, help)) = finding {
                    payload.finding(cx, directive.span.clone(), message).help(help).report();
                }
            }
        }
    }
}

pub(super) struct NginxBodySize;

impl Rule for NginxBodySize {
    fn spec(&self) -> &'static Spec {
        spec!("nginx-body-size")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        for (payload, directives) in configurations(object) {
            for directive in all(&directives).filter(|directive| directive.name == "client_max_body_size") {
                if nginx::size(directive.arg(0)) == Some(0) {
                    let message = "`client_max_body_size 0` takes request bodies of any size";
                    let help = "set the largest size that the application needs";
                    payload.finding(cx, directive.span.clone(), message).help(help).report();
                }
            }
            let unset = servers(&directives).into_iter().find(|server| {
                server.proxies() && !server.has_unknown_includes() && server.find("client_max_body_size").next().is_none()
            });
            if let Some(server) = unset {
                let message = format!("the server in `{}` passes on request bodies of at most 1 MiB, nginx's default", payload.key);
                let help = "set `client_max_body_size` to what the application needs: larger requests get the answer 413";
                payload.finding(cx, server.directive.span.clone(), message).help(help).report();
            }
        }
    }
}
