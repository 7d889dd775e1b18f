//! `weak-tls-protocol`

use std::ops::Range;

use crate::manifest::{Container, Node, Object, Workload};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Words that settings of protocol versions have in their names, in small letters.
const PROTOCOL_SETTINGS: &[&str] = &[
    "ssl_protocols",
    "ssl-protocols",
    "sslprotocol",
    "ssl-min-ver",
    "tls-min-ver",
    "min-tls",
    "min_tls",
    "mintls",
    "tls-min",
    "tls_min",
    "tls.min",
    "tlsmin",
    "ssl_min",
    "ssl-default-bind-options",
    "minimum_protocol_version",
    "minversion",
    "min_version",
    "enabled.protocols",
    "tls_version",
    "tls-version",
    "ssl-policy",
    "ssl-negotiation-policy",
];

/// Words that settings of ciphers have in their names.
const CIPHER_SETTINGS: &[&str] = &["ssl_ciphers", "ssl-ciphers", "sslciphersuite", "cipher-suites", "ciphersuites", "ssl-default-bind-ciphers"];

/// More of a payload is not read.
const MAX_BYTES: usize = 1 << 20;

pub(super) struct WeakTlsProtocol;

impl Rule for WeakTlsProtocol {
    fn spec(&self) -> &'static Spec {
        spec!("weak-tls-protocol")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        for (name, node) in object.get("metadata.annotations").entries() {
            check_setting(cx, &name, &node);
        }
        if object.is("", "ConfigMap") {
            for (name, node) in object.get("data").entries() {
                check_setting(cx, &name, &node);
                check_text(cx, &node);
            }
        }
        if object.kind() == "TLSOption" {
            check_setting(cx, "minVersion", &object.get("spec.minVersion"));
            for cipher in object.get("spec.cipherSuites").items() {
                check_setting(cx, "cipherSuites", &cipher);
            }
        }
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, _: &Workload<'_>, container: &Container<'_>) {
        for word in ["command", "args"].iter().flat_map(|field| container.node.get(field).items()) {
            check_text(cx, &word);
        }
        for env in container.node.get("env").items() {
            check_setting(cx, &env.get("name").text().unwrap_or_default(), &env.get("value"));
        }
    }
}

/// A setting whose name stands beside its value.
fn check_setting(cx: &mut RuleContext<'_>, name: &str, node: &Node<'_>) {
    let Some(text) = node.as_str().filter(|text| text.len() < 4096 && !text.contains('\n')) else { return };
    let name = name.to_ascii_lowercase();
    let line = format!("{name} {text}");
    if let Some((_, weak)) = weak(&line) {
        report(cx, node, None, &weak);
    }
}

/// A text whose lines may be settings.
fn check_text(cx: &mut RuleContext<'_>, node: &Node<'_>) {
    let Some(text) = node.as_str().filter(|text| text.len() < MAX_BYTES) else { return };
    let mut start = 0;
    for line in text.split('\n') {
        let trimmed = line.trim_start();
        if !trimmed.starts_with(['#', ';'])
            && !trimmed.starts_with("//")
            && let Some((part, weak)) = weak(line)
        {
            report(cx, node, Some(start + part.start..start + part.end), &weak);
        }
        start += line.len() + 1;
    }
}

fn report(cx: &mut RuleContext<'_>, node: &Node<'_>, part: Option<Range<usize>>, weak: &str) {
    let object = cx.describe(node.object());
    let message = format!("{object} allows `{weak}`, which is broken");
    let finding = match part {
        Some(part) => cx.finding_within(node, part, message),
        None => cx.finding(node, message),
    };
    finding.help("allow TLS 1.2 and 1.3 only, with the ciphers that the server chooses by itself").report();
}

/// The first word of a line that names a weak protocol or cipher in a setting of such, and where it is.
fn weak(line: &str) -> Option<(Range<usize>, String)> {
    let lower = line.to_ascii_lowercase();
    if !lower.contains("tls") && !lower.contains("ssl") && !lower.contains("version") && !lower.contains("cipher") {
        return None;
    }
    let setting = |names: &[&str]| names.iter().filter_map(|name| Some(lower.find(name)? + name.len())).min();
    let protocols = setting(PROTOCOL_SETTINGS);
    let ciphers = setting(CIPHER_SETTINGS);
    let start = protocols.or(ciphers)?;
    let is_weak = |word: &str| match protocols {
        Some(_) => is_weak_protocol(word, &lower[..start]),
        None => is_weak_cipher(word),
    };
    let rest = &lower[start..];
    let mut at = 0;
    for word in rest.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '!'))) {
        // What comes after a comment is not part of it.
        if rest[..at].ends_with('#') {
            return None;
        }
        if is_weak(word) {
            let span = start + at..start + at + word.len();
            return Some((span.clone(), line[span].trim_start_matches('+').to_owned()));
        }
        at += word.len() + 1;
    }
    None
}

fn is_weak_protocol(word: &str, before: &str) -> bool {
    let word = word.trim_start_matches('+').trim_end_matches('.');
    match word {
        "sslv2" | "sslv3" | "tlsv1" | "tlsv1.0" | "tlsv1.1" | "tlsv1_0" | "tlsv1_1" | "tlsv10" | "tlsv11" | "tls1.0"
        | "tls1.1" | "tls1_0" | "tls1_1" | "tls10" | "tls11" | "versiontls10" | "versiontls11" | "versionssl30" => true,
        // Only of a lowest version does a bare number say this.
        "1.0" | "1.1" => before.contains("min") && (before.contains("tls") || before.contains("ssl")),
        word => {
            let is_policy = word.starts_with("elbsecuritypolicy-");
            is_policy && (word.contains("2015") || word.contains("2016") || word.contains("tls-1-0") || word.contains("tls-1-1"))
        }
    }
}

fn is_weak_cipher(word: &str) -> bool {
    if word.starts_with(['!', '-']) {
        return false;
    }
    let word = word.trim_start_matches('+');
    let mut parts = word.split(['-', '_']);
    parts.any(|part| matches!(part, "rc4" | "3des" | "null" | "enull" | "anull" | "exp" | "export" | "md5" | "adh" | "cbc3" | "des"))
        && !word.is_empty()
}

#[cfg(test)]
mod tests {
    use super::weak;

    #[test]
    fn weak_protocols_and_ciphers_are_seen_in_many_syntaxes() {
        for (line, expected) in [
            ("ssl_protocols TLSv1 TLSv1.2;", Some("TLSv1")),
            ("    ssl_protocols TLSv1.2 TLSv1.3;", None),
            ("SSLProtocol all -SSLv3 -TLSv1", None),
            ("SSLProtocol -all +TLSv1.1", Some("TLSv1.1")),
            ("ssl-default-bind-options ssl-min-ver TLSv1.0", Some("TLSv1.0")),
            ("tls_minimum_protocol_version: TLSv1_1", Some("TLSv1_1")),
            ("--tls-min-version=VersionTLS10", Some("VersionTLS10")),
            ("--tls-min-version=VersionTLS12", None),
            ("min_version: \"1.1\"", None),
            ("tls_min_version: \"1.1\"", Some("1.1")),
            ("ssl_ciphers HIGH:!aNULL:!MD5;", None),
            ("ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:RC4-SHA;", Some("RC4-SHA")),
            ("appVersion: 1.1", None),
        ] {
            assert_eq!(weak(line).map(|(_, word)| word).as_deref(), expected, "{line}");
        }
    }
}
