//! `insecure-app-flag`, `log-level-debug`, `tls-verification-disabled`

use crate::finding::Severity;
use crate::manifest::{Container, Node, Object, Workload};
use crate::payload::settings::{self, Setting};
use crate::payload::{self, lines, shell};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Whether the values are only for the chart's own tests: nobody installs it with them.
pub(super) fn is_for_tests(cx: &RuleContext<'_>) -> bool {
    let name = &cx.scenario.name;
    cx.scenario_index > 0 && ["ci/", "example", "test", ".ci.", "-ci."].iter().any(|word| name.contains(word))
}

pub(super) struct LogLevelDebug;

impl Rule for LogLevelDebug {
    fn spec(&self) -> &'static Spec {
        spec!("log-level-debug")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        for setting in settings::of_object(object) {
            check_level(cx, &setting);
        }
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        if workload.object.is_test() {
            return;
        }
        for setting in settings::of_container(container) {
            check_level(cx, &setting);
        }
    }
}

fn check_level(cx: &mut RuleContext<'_>, setting: &Setting<'_>) {
    let name = setting.plain_name();
    let is_level = name.ends_with("log-level") || name.ends_with("loglevel") || name.ends_with("logging-level");
    let value = setting.value.to_ascii_lowercase();
    let is_loud = matches!(value.as_str(), "debug" | "trace" | "all" | "silly" | "finest" | "finer");
    // klog: 6 and more shows requests with their contents.
    let is_klog = setting.is_option() && name == "v" && value.parse::<u32>().is_ok_and(|level| (6..=10).contains(&level));
    if !(is_level && is_loud || is_klog) || is_for_tests(cx) {
        return;
    }
    let message = format!("`{}` is `{}` by default", setting.name, setting.value);
    let help = "use `info` or `warn`: debug logs cost much, and may hold what users send";
    setting.finding(cx, message).help(help).report();
}

pub(super) struct TlsVerificationDisabled;

impl Rule for TlsVerificationDisabled {
    fn spec(&self) -> &'static Spec {
        spec!("tls-verification-disabled")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if is_for_tests(cx) {
            return;
        }
        for setting in settings::of_object(object) {
            check_verification(cx, &setting);
        }
        for payload in payload::of_object(object) {
            let found = lines(&payload.text).find(|(_, line)| skips_verification(line));
            if let Some((span, _)) = found {
                let message = format!("`{}` does not check certificates", payload.key);
                let help = "name the authority instead (`ca_file`): anybody on the way can answer";
                payload.finding(cx, span, message).severity(Severity::Low).help(help).report();
            }
        }
        if object.is("apiregistration.k8s.io", "APIService") {
            let skip = object.get("spec.insecureSkipTLSVerify");
            if skip.is_true() && object.get("spec.caBundle").is_empty() {
                let message = format!("the API server does not check the certificate of {}", cx.describe(object));
                let help = "give `caBundle`, which cert-manager can fill in";
                cx.finding(&skip, message).severity(Severity::Low).help(help).report();
            }
        } else if !matches!(object.kind(), "ConfigMap" | "Secret" | "CustomResourceDefinition") {
            let skip = ["insecureSkipVerify", "insecureSkipTlsVerify"];
            if let Some(node) = find_true(&object.get("spec"), &skip, 0) {
                let message = format!("{} does not check certificates", cx.describe(object));
                let help = "name the authority (`ca`) and the name of the server instead";
                cx.finding(&node, message).severity(Severity::Low).help(help).report();
            }
        }
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        if is_for_tests(cx) || workload.object.is_test() {
            return;
        }
        for setting in settings::of_container(container) {
            check_verification(cx, &setting);
        }
        for node in ["command", "args"].iter().flat_map(|field| container.node.get(field).items()) {
            let Some(text) = node.as_str() else { continue };
            let found = shell::lines(&text).into_iter().find(|line| skips_certificate(line.text));
            if let Some(line) = found {
                let message = format!("container `{}` calls `curl` without a check of the certificate", container.name());
                let help = "use `--cacert` with the authority's certificate";
                cx.finding_within(&node, line.span, message).severity(Severity::Low).help(help).report();
            }
        }
    }
}

/// Whether a line of a configuration switches the check of certificates off.
fn skips_verification(line: &str) -> bool {
    let line = line.trim().trim_start_matches("- ");
    let Some((name, value)) = line.split_once([':', '=']) else { return false };
    let name = name.trim().trim_matches('"').to_ascii_lowercase().replace(['_', '-'], "");
    let value = value.trim().trim_matches(['"', ',']);
    matches!(name.as_str(), "insecureskipverify" | "insecureskiptlsverify" | "tlsskipverify" | "tlsskipverifyinsecure")
        && value.split_whitespace().next() == Some("true")
}

/// Whether a command of a script fetches something without a check of the certificate.
fn skips_certificate(line: &str) -> bool {
    let Some((_, after)) = line.split_once("curl ") else { return false };
    // A pod that asks itself has no name that a certificate could be for.
    let is_local = ["localhost", "127.0.0.1", "kubernetes.default", "[::1]"].iter().any(|host| line.contains(host));
    let mut words = after.split('|').next().unwrap_or_default().split_whitespace();
    !is_local
        && words.any(|word| {
            let letters = word.strip_prefix('-').filter(|letters| !letters.starts_with('-'));
            word == "--insecure"
                || letters.is_some_and(|letters| {
                    letters.contains('k') && letters.len() <= 6 && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
                })
        })
}

/// The field below a node with one of some names that is true.
fn find_true<'a>(node: &Node<'a>, names: &[&str], depth: usize) -> Option<Node<'a>> {
    const MAX_DEPTH: usize = 12;
    if depth > MAX_DEPTH {
        return None;
    }
    for (name, entry) in node.entries() {
        if names.contains(&name.as_str()) && entry.is_true() {
            return Some(entry);
        }
        if let Some(found) = find_true(&entry, names, depth + 1) {
            return Some(found);
        }
    }
    node.items().iter().find_map(|item| find_true(item, names, depth + 1))
}

fn check_verification(cx: &mut RuleContext<'_>, setting: &Setting<'_>) {
    let name = setting.plain_name();
    let is_off = match name.as_str() {
        "node-tls-reject-unauthorized" | "pythonhttpsverify" => setting.value == "0",
        "git-ssl-no-verify" => !setting.value.is_empty() && !setting.is_off(),
        "kubelet-insecure-tls" | "insecure-skip-tls-verify" => setting.is_on(),
        _ => {
            let ends = ["insecure-skip-verify", "skip-tls-verify", "tls-skip-verify", "tls-insecure-skip-verify", "tls-skip-verify-insecure", "skip-tls-verification", "tls-insecure-skip-tls-verify", "disable-tls-verify", "ssl-verify-none"];
            let positive = ["ssl-verify", "verify-ssl", "tls-verify", "verify-tls", "verify-certs", "ssl-reject-unauthorized"];
            ends.iter().any(|end| name.ends_with(end)) && setting.is_on()
                || positive.iter().any(|end| name.ends_with(end)) && setting.is_off()
        }
    };
    if !is_off {
        return;
    }
    let severity = if name == "kubelet-insecure-tls" { Severity::Low } else { cx.severity };
    let message = format!("`{}={}` accepts any certificate", setting.name, setting.value);
    let help = "leave it out by default, and let users give the certificate of their authority";
    setting.finding(cx, message).severity(severity).help(help).report();
}

pub(super) struct InsecureAppFlag;

impl Rule for InsecureAppFlag {
    fn spec(&self) -> &'static Spec {
        spec!("insecure-app-flag")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if is_for_tests(cx) {
            return;
        }
        let settings = settings::of_object(object);
        check_flags(cx, &settings);
        for payload in payload::of_object(object) {
            let found = lines(&payload.text).find(|(_, line)| is_dangerous(line));
            if let Some((span, line)) = found {
                let name = line.trim().split([':', '=']).next().unwrap_or_default().trim_matches(['"', ' ']).to_owned();
                let message = format!("`{}` sets `{name}`", payload.key);
                payload.finding(cx, span, message).help("the name says it: leave it out by default").report();
            }
        }
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        if is_for_tests(cx) || workload.object.is_test() {
            return;
        }
        let settings = settings::of_container(container);
        check_flags(cx, &settings);
    }
}

/// Whether a line of a configuration switches something on that calls itself dangerous.
fn is_dangerous(line: &str) -> bool {
    let Some((name, value)) = line.trim().split_once([':', '=']) else { return false };
    let name = name.trim().trim_matches('"');
    let value = value.split_whitespace().next().unwrap_or_default();
    name.to_ascii_lowercase().starts_with("dangerous") && value.trim_matches(['"', ',']) == "true"
}

fn check_flags(cx: &mut RuleContext<'_>, settings: &[Setting<'_>]) {
    for setting in settings {
        if let Some((severity, what, help)) = insecure(setting, settings) {
            let severity = severity.unwrap_or(cx.severity);
            let message = format!("`{}={}` {what}", setting.name, setting.value);
            setting.finding(cx, message).severity(severity).help(help).report();
        }
    }
}

type Insecure = (Option<Severity>, &'static str, &'static str);

fn insecure(setting: &Setting<'_>, all: &[Setting<'_>]) -> Option<Insecure> {
    let name = setting.plain_name();
    let value = setting.value.to_ascii_lowercase();
    let by_name = |wanted: &str| all.iter().find(|other| other.plain_name().ends_with(wanted));
    let debug: Insecure =
        (Some(Severity::Low), "runs the application as developers do", "switch it off by default: it shows errors with their insides, and is slow");
    match name.as_str() {
        "debug" | "app-debug" | "django-debug" | "flask-debug" | "wp-debug" | "wordpress-debug" | "rails-debug"
            if setting.is_on() && !setting.is_option() =>
        {
            return Some(debug);
        }
        "node-env" | "rails-env" | "rack-env" | "flask-env" | "app-env" | "django-env" | "aspnetcore-environment"
            if matches!(value.as_str(), "development" | "dev" | "local") =>
        {
            return Some(debug);
        }
        "api-insecure" if setting.is_on() => {
            return Some((None, "shows Traefik's dashboard and API to everybody", "leave it out: route to `api@internal` with authentication"));
        }
        "allowed-hosts" | "django-allowed-hosts" if value == "*" => {
            return Some((Some(Severity::Low), "takes requests for any host name", "name the hosts, from values"));
        }
        "gf-auth-anonymous-org-role" if value == "admin" || value == "editor" => {
            let is_on = by_name("gf-auth-anonymous-enabled").is_some_and(Setting::is_on);
            return is_on.then_some((None, "lets anybody change dashboards without logging in", "use `Viewer`, or switch anonymous access off"));
        }
        "auth" | "authentication" if setting.is_option() && value == "none" => {
            return Some((None, "lets anybody in without logging in", "switch authentication on by default"));
        }
        _ => {}
    }
    let disables = ["disable-auth", "auth-disabled", "disable-authentication", "authentication-disabled", "no-auth", "skip-auth", "disable-security", "disable-device-auth"];
    let enables = ["auth-enabled", "enable-auth", "authentication-enabled", "enable-authentication", "basic-auth-active", "security-enabled"];
    // Other rules know data stores, and one way to log in among several may well be off.
    let others = ["xpack", "zoo", "iam", "ldap", "oidc", "oauth", "oauth2", "saml", "sso", "github", "gitlab", "google", "jwt", "mtls", "proxy", "okta", "keycloak", "metrics", "registry", "smtp"];
    if name.split('-').any(|part| others.contains(&part)) {
        return None;
    }
    if name.starts_with("dangerously") && setting.is_on() {
        return Some((None, "is dangerous, as its name says", "leave it out by default"));
    }
    if disables.iter().any(|end| name.ends_with(end)) && setting.is_on()
        || enables.iter().any(|end| name.ends_with(end)) && setting.is_off()
    {
        return Some((None, "lets anybody in without logging in", "switch authentication on by default"));
    }
    let is_origin = ["cors-allowed-origins", "cors-allow-origin", "cors-origin", "cors-allow-origins", "cors-origins", "cors-allowed-origin"];
    if is_origin.iter().any(|end| name.ends_with(end)) && matches!(value.as_str(), "*" | "[\"*\"]") {
        let has_credentials = by_name("cors-allow-credentials").or_else(|| by_name("cors-credentials")).is_some_and(Setting::is_on);
        return has_credentials.then_some((None, "lets any site act for users who are logged in", "name the sites that may, from values"));
    }
    if name.contains("pprof") && (value.starts_with("0.0.0.0:") || value.starts_with("[::]:")) {
        return Some((Some(Severity::Low), "shows profiles of the process to everybody", "bind it to 127.0.0.1: profiles hold parts of the memory"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{is_dangerous, skips_certificate, skips_verification};

    #[test]
    fn lines_of_configurations_are_read() {
        assert!(skips_verification("  insecure_skip_verify: true") && skips_verification("\"insecureSkipVerify\": true,"));
        assert!(!skips_verification("insecure_skip_verify: false") && !skips_verification("# about it"));
        assert!(skips_certificate("curl -sk https://a") && skips_certificate("curl --insecure -X POST https://a"));
        assert!(!skips_certificate("curl -sS https://a | tar -xk") && !skips_certificate("curl -k https://localhost"));
        assert!(is_dangerous("dangerouslyDisableDeviceAuth: true") && !is_dangerous("dangerous: false"));
    }
}
