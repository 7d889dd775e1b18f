//! `exposed-credential-pattern`, `private-key-in-chart` and `credential-in-url`: secrets that are known by their form.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::chart::File;
use crate::finding::{Role, Severity};
use crate::manifest::{Node, Object, Workload};
use crate::payload;
use crate::rules::secrets::detect::{is_placeholder, masked, secret_at};
use crate::rules::{ChartContext, Rule, RuleContext};
use crate::source::{Location, Span};
use crate::spec::Spec;
use crate::values::tree::{NodeIndex, Tree, TreeValue};

/// Tokens of providers: what it is, and how it looks. The order is that of the expressions in [`TOKENS`].
const FORMS: &[(&str, &str)] = &[
    ("an AWS access key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("a Google API key", r"\bAIza[0-9A-Za-z_-]{35}\b"),
    ("a GitHub token", r"\b(?:gh[pousr]_[0-9A-Za-z]{36,251}|github_pat_[0-9A-Za-z_]{82})\b"),
    ("a GitLab token", r"\bgl(?:pat|ptt|rt|dt|oas)-[0-9A-Za-z_-]{20,}\b"),
    ("a Bitbucket app password", r"\bATBB[0-9A-Za-z]{32}\b"),
    ("a Slack token", r"\bxox[abeprs]-[0-9A-Za-z-]{20,}\b"),
    ("a Slack webhook", r"hooks\.slack\.com/services/T[0-9A-Z]{8,}/B[0-9A-Z]{8,}/[0-9A-Za-z]{20,}"),
    ("a Stripe key", r"\b[rs]k_live_[0-9A-Za-z]{24,}\b"),
    ("an npm token", r"\bnpm_[0-9A-Za-z]{36}\b"),
    ("a Docker Hub token", r"\bdckr_pat_[0-9A-Za-z_-]{27,}"),
    ("a New Relic key", r"\b(?:NRAK-[0-9A-Z]{27}|NRII-[0-9A-Za-z_-]{32}|NRJS-[0-9a-f]{19})\b"),
    ("a LaunchDarkly key", r"\b(?:sdk|api|mob)-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b"),
    ("a Terraform Cloud token", r"\b[0-9A-Za-z]{14}\.atlasv1\.[0-9A-Za-z_-]{60,}"),
    ("a Vault token", r"\bhv[sbr]\.[0-9A-Za-z_-]{24,}"),
    ("a Twilio key", r"\bSK[0-9a-f]{32}\b"),
    ("a SendGrid key", r"\bSG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}"),
    ("a JSON Web Token", r"\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{20,}"),
    // These have no form of their own: the name before them tells.
    ("a Datadog key", r#"(?i)\b(?:dd|datadog)[_.-]?(?:api|app)[_.-]?key["']?\s*[:=]\s*["']?[0-9a-f]{32,40}\b"#),
    (
        "a Heroku key",
        r#"(?i)\bheroku[_.-]?(?:api[_.-]?)?(?:key|token)["']?\s*[:=]\s*["']?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"#,
    ),
    ("an Okta token", r#"(?i)\bokta[_.-]?(?:api[_.-]?)?token["']?\s*[:=]\s*["']?00[0-9a-z_-]{40}\b"#),
    ("a Sumo Logic key", r#"(?i)\bsumo(?:logic)?[_.-]?access[_.-]?(?:id|key)["']?\s*[:=]\s*["']?[0-9a-z]{14,64}\b"#),
];

/// What must be in a text for one of the forms to be in it: most files have none of them. Without Unicode a boundary of
/// a word is found in more places, and very much faster.
static ANY: LazyLock<Option<regex::bytes::RegexSet>> = LazyLock::new(|| {
    regex::bytes::RegexSetBuilder::new(FORMS.iter().map(|(_, form)| *form)).unicode(false).build().ok()
});

static TOKENS: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    FORMS.iter().filter_map(|(what, form)| Some((*what, Regex::new(form).ok()?))).collect()
});

/// Larger files are data.
const MAX_FILE: usize = 2 << 20;

/// The tokens in a text: what, and where.
fn tokens(text: &str) -> Vec<(&'static str, Range<usize>)> {
    let mut found: Vec<(&str, Range<usize>)> = Vec::new();
    let Some(any) = ANY.as_ref() else { return found };
    for index in any.matches(text.as_bytes()) {
        let Some((what, form)) = TOKENS.get(index) else { continue };
        for token in form.find_iter(text) {
            if !is_example(token.as_str()) && !found.iter().any(|(_, known)| known.contains(&token.start())) {
                found.push((what, token.range()));
            }
        }
    }
    found.sort_by_key(|(_, range)| range.start);
    found
}

/// Whether a token is made up: documentation has such ones.
fn is_example(token: &str) -> bool {
    let lower = token.to_ascii_lowercase();
    let words = ["example", "xxxx", "yourtoken", "your-", "your_", "00000000", "12345678", "abcdefgh", "changeme", "redacted", "dummy", "sample"];
    words.iter().any(|word| lower.contains(word))
        // The token of the front page of the documentation of JSON Web Tokens, and the like: "1234567890", "John Doe".
        || lower.contains("zijoimtizndu2nzg5mc")
        || token.contains("IkpvaG4gRG9l")
}

/// A chart's own files with text in them: what they hold stands in every copy of the chart.
fn texts<'a>(cx: &ChartContext<'a>) -> Vec<(&'a File, std::borrow::Cow<'a, str>)> {
    let chart = cx.chart();
    let values = chart.values.iter().map(|values| &values.file);
    let files = chart.templates.iter().chain(&chart.files).chain(values);
    files
        .filter(|file| file.data.len() <= MAX_FILE)
        .filter_map(|file| Some((file, std::str::from_utf8(file.data.as_bytes()).ok()?.into())))
        .collect()
}

/// Whether nobody runs a file: it belongs to tests or to the documentation.
fn is_for_tests(name: &str) -> bool {
    let parts: Vec<&str> = name.split('/').collect();
    let folders = &parts[..parts.len().saturating_sub(1)];
    folders.iter().any(|folder| matches!(*folder, "ci" | "test" | "tests" | "testdata" | "fixtures" | "examples"))
}

fn place(file: &File, range: Range<usize>) -> Location {
    // Places count the bytes of the file, without its byte order mark, as the data does.
    Location { file: file.source, span: Span::new(range.start as u32, range.end as u32) }
}

pub(super) struct ExposedCredentialPattern;

impl Rule for ExposedCredentialPattern {
    fn spec(&self) -> &'static Spec {
        spec!("exposed-credential-pattern")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        // What stands under the name of a secret in a values file has a finding that says so.
        let known: Vec<Location> =
            crate::rules::secrets::detect::secrets_of(cx).into_iter().map(|secret| secret.location).collect();
        for (file, text) in texts(cx) {
            for (what, range) in tokens(&text) {
                let location = place(file, range.clone());
                let is_known = known.iter().any(|known| {
                    known.file == location.file
                        && known.span.start <= location.span.start
                        && location.span.end <= known.span.end
                });
                if is_known {
                    continue;
                }
                let token = &text[range];
                let name = file.name.to_utf8();
                let finding = cx
                    .finding(location, Role::File, format!("`{name}` holds {what}"))
                    .label(format!("looks like {what}: {}", masked(token)))
                    .secret()
                    .hide(token)
                    .help("revoke it where it was made, and take it from a Secret that the chart does not make");
                if is_for_tests(&name) { finding.severity(Severity::Info).report() } else { finding.report() }
            }
        }
    }
}

static KEY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    // The header, and some of the key after it, in whatever quotes or comments.
    Regex::new(r#"-----BEGIN (?:(?:RSA|EC|DSA|OPENSSH|PGP) )?PRIVATE KEY(?: BLOCK)?-----(?:\\[rn]|[\s"'#+\\])+[0-9A-Za-z+/=]{24,}"#)
        .ok()
});

/// The same header in base64, at the three ways that it can fall; the rest depends on the kind of key.
static ENCODED_KEY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\bLS0tLS1CRUdJTiB(?:SU0EgUFJJVkFURSB|QUklWQVRFIEtF|FQyBQUklWQVRF|PUEVOU1NIIFBSSVZB)[0-9A-Za-z+/=]{60,}").ok());

/// The private keys in a text: only the line with the header, as the rest need not be shown.
fn private_keys(text: &str) -> Vec<Range<usize>> {
    if !text.contains("PRIVATE KEY") && !text.contains("LS0tLS1CRUdJTi") {
        return Vec::new();
    }
    let plain = KEY.iter().flat_map(|form| form.find_iter(text)).map(|found| {
        let header = found.as_str().match_indices("-----").nth(1).map_or(found.len(), |(at, dashes)| at + dashes.len());
        found.start()..found.start() + header
    });
    let encoded = ENCODED_KEY.iter().flat_map(|form| form.find_iter(text)).map(|found| found.range());
    plain.chain(encoded).collect()
}

/// Whether a private key stands in a text.
pub(super) fn has_private_key(text: &str) -> bool {
    !private_keys(text).is_empty()
}

/// What kind of secret a file is, by its first bytes or its form.
pub(super) fn key_file(bytes: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    if bytes.starts_with(b"\0GITCRYPTKEY") {
        Some("a git-crypt key")
    } else if bytes.starts_with(&[0xFE, 0xED, 0xFE, 0xED]) || bytes.starts_with(&[0xCE, 0xCE, 0xCE, 0xCE]) {
        Some("a Java key store")
    } else if bytes.starts_with(&[0x30, 0x82]) && bytes.get(4..7) == Some(&[2, 1, 3]) {
        Some("a PKCS#12 key store")
    } else if bytes.starts_with(b"AGE-SECRET-KEY-1") || text.contains("\nAGE-SECRET-KEY-1") {
        Some("an age key")
    } else if has_private_key(text) {
        Some("a private key")
    } else if text.contains("kind: Config") && text.contains("client-key-data: ") {
        Some("a kubeconfig with a key")
    } else if text.contains("\"auths\"") && text.contains("\"auth\"") {
        Some("the logins of image registries")
    } else {
        None
    }
}

pub(super) struct PrivateKeyInChart;

impl Rule for PrivateKeyInChart {
    fn spec(&self) -> &'static Spec {
        spec!("private-key-in-chart")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for (file, text) in texts(cx) {
            let name = file.name.to_utf8();
            if is_for_tests(&name) || is_document(&name) {
                continue;
            }
            for range in private_keys(&text) {
                cx.finding(place(file, range.clone()), Role::File, format!("`{name}` holds a private key"))
                    .label("everyone who has the chart has the key")
                    .hide(&text[range])
                    .help("make a new key, revoke this one, and let users name a Secret that holds theirs")
                    .report();
            }
        }
        for file in &cx.chart().files {
            let name = file.name.to_utf8();
            let what = if std::str::from_utf8(file.data.as_bytes()).is_ok() { None } else { key_file(file.data.as_bytes()) };
            if let Some(what) = what.filter(|_| !is_for_tests(&name)) {
                let start = cx.start_of(file.source);
                cx.finding(start, Role::File, format!("`{name}` is {what}"))
                    .help("make a new key, revoke this one, and keep keys out of the chart")
                    .report();
            }
        }
    }
}

fn is_document(name: &str) -> bool {
    [".md", ".rst", ".adoc", ".gotmpl"].iter().any(|end| name.ends_with(end))
}

pub(super) struct CredentialInUrl;

impl Rule for CredentialInUrl {
    fn spec(&self) -> &'static Spec {
        spec!("credential-in-url")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for file in cx.values_files() {
            for tree in &file.documents {
                for index in 0..tree.len() as u32 {
                    let node = NodeIndex(index);
                    // A password has a finding already if its key says that it is one.
                    let Some(password) = url_password_at(tree, node).filter(|_| secret_at(tree, node).is_none()) else {
                        continue;
                    };
                    let path = tree.path(node).to_string();
                    let message = format!("`{path}` holds a password in its URL");
                    let identity = format!("{}\0{path}", cx.sources().path(file.id));
                    let finding = cx
                        .finding(tree.location(node), Role::Values, message)
                        .identity(identity)
                        .label(format!("with a password: {}", masked(&password)))
                        .secret()
                        .hide(&password)
                        .help("leave the password out of it, and take it from a Secret");
                    if file.is_example { finding.severity(Severity::Info).report() } else { finding.report() }
                }
            }
        }
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        for (_, node) in object.get("metadata.annotations").entries() {
            check_node(cx, &node, "an annotation");
        }
        if object.is("", "ConfigMap") {
            for payload in payload::of_object(object) {
                let Some((part, password)) = url_password(&payload.text) else { continue };
                if !comes_from_values(cx, &payload.node, &password) {
                    let what = format!("`{}` of {}", payload.key, cx.describe(object));
                    let finding = payload.finding(cx, part, format!("{what} holds a password in a URL"));
                    finding
                        .secret()
                        .hide(&password)
                        .help("put the URL into a Secret, or let the program read the password from its environment")
                        .report();
                }
            }
        }
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        for container in workload.containers() {
            for variable in container.node.get("env").items() {
                let name = variable.get("name").text().unwrap_or_default();
                check_node(cx, &variable.get("value"), &format!("the variable `{name}`"));
            }
            for field in ["command", "args"] {
                for argument in container.node.get(field).items() {
                    check_node(cx, &argument, &format!("an argument of container `{}`", container.name()));
                }
            }
        }
    }
}

fn check_node(cx: &mut RuleContext<'_>, node: &Node<'_>, what: &str) {
    let Some(text) = node.as_str() else { return };
    let Some((part, password)) = url_password(&text) else { return };
    if comes_from_values(cx, node, &password) {
        return;
    }
    cx.finding_within(node, part, format!("{what} of {} holds a password in a URL", cx.describe(node.object())))
        .secret()
        .hide(&password)
        .help("put the URL into a Secret, or let the program read the password from its environment")
        .report();
}

/// Whether a values file holds the password: then the finding is there.
fn comes_from_values(cx: &RuleContext<'_>, node: &Node<'_>, password: &str) -> bool {
    cx.values_of(node).iter().filter_map(|value| value.location).any(|location| {
        let file = cx.sources().get(location.file);
        file.is_some_and(|file| {
            let bytes = file.bytes().get(location.span.range()).unwrap_or_default();
            String::from_utf8_lossy(bytes).contains(password)
        })
    })
}

fn url_password_at(tree: &Tree, node: NodeIndex) -> Option<String> {
    match tree.get(node) {
        TreeValue::String(text) => url_password(&text.to_utf8()).map(|(_, password)| password),
        _ => None,
    }
}

/// The first URL with a password in a text: its bytes up to the host, and the password. Not in comments.
fn url_password(text: &str) -> Option<(Range<usize>, String)> {
    text.match_indices("://").find_map(|(at, _)| {
        let scheme = text[..at].bytes().rev().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-')).count();
        let rest = &text[at + 3..];
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '`' | '<' | '>' | '?' | '#' | ',' | '\\')).unwrap_or(rest.len());
        let (login, host) = rest[..end].rsplit_once('@')?;
        let (user, password) = login.split_once(':')?;
        let line = text[..at].rsplit('\n').next().unwrap_or_default().trim_start();
        let is_comment = ["#", "//", ";", "*", "--"].iter().any(|start| line.starts_with(start));
        let is_reference = password.contains(['$', '{', '}', '%', '(', '*', '[', '|', '=']) || password.starts_with("..");
        let is_made_up = is_placeholder(password)
            || password == user
            || password.len() < 4
            || matches!(password.to_ascii_lowercase().as_str(), "pass" | "pword" | "passwd" | "user_password" | "token");
        let has_host = host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[' || c == '{' || c == '$');
        (scheme > 0 && has_host && !is_comment && !is_reference && !is_made_up)
            .then(|| (at - scheme..at + 3 + login.len() + 1, password.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::{private_keys, tokens, url_password};

    #[test]
    fn passwords_in_urls_are_found() {
        let found = |text| url_password(text).map(|(_, password)| password);
        assert_eq!(found("x postgres://app:hunter22@db:5432/app").as_deref(), Some("hunter22"));
        assert_eq!(found("redis://:s3cr3tword@cache:6379/0").as_deref(), Some("s3cr3tword"));
        for text in [
            "postgres://app:$(PW)@db",
            "postgres://app:${PW}@db",
            "postgres://user:password@db",
            "# postgres://app:hunter22@db",
            "https://example.org:8080/a@b",
            "amqp://guest:guest@queue",
            "git@example.org:team/app",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn tokens_are_known_by_their_form() {
        let token = ["gh", "p_16C7e42F292c6912E7710c838347Ae178B4a"].concat();
        assert_eq!(tokens(&format!("t: {token}")).len(), 1);
        for text in ["AKIAIOSFODNN7EXAMPLE", "xoxb-your-token-goes-here-please", "id: 0e3a1b9c-4d5e-4f60-8a7b-9c0d1e2f3a4b"] {
            assert!(tokens(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn keys_need_more_than_their_header() {
        let header = ["-----BEGIN RSA PRIVATE", " KEY-----"].concat();
        assert_eq!(private_keys(&format!("{header}\nMIIEowIBAAKCAQEA7bq98xGz0b1m2J8o\n")).len(), 1);
        assert!(private_keys(&format!("{header}\n...\n")).is_empty());
        assert!(private_keys(&format!("{{{{ if hasPrefix \"{header}\" .Values.key }}}}")).is_empty());
    }
}
