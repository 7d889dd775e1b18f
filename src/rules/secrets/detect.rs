//! Secrets in values files: which keys hold one, and what kind of value it is.

use std::collections::{BTreeSet, HashMap};

use rustc_hash::FxBuildHasher;

use crate::chart::Chart;
use crate::finding::Finding;
use crate::render::functions::encoding::base64_encode;
use crate::manifest::Node;
use crate::rules::{ChartContext, RuleContext};
use crate::source::Location;
use crate::values::tree::{NodeIndex, PathStep, Tree, TreeValue};

/// A value that should not stand in a values file.
pub(crate) struct Secret {
    /// The key path: `auth.password`.
    pub(crate) path: String,
    /// The value.
    pub(crate) value: String,
    /// Where the value stands.
    pub(crate) location: Location,
    /// Path of the file, for identity.
    pub(crate) file: String,
    /// In a file for tests or examples: nobody runs it.
    pub(crate) is_example: bool,
    /// Where templates show it.
    pub(crate) uses: Vec<(Location, String)>,
    /// What kind of value it is.
    pub(crate) verdict: Verdict,
}

/// What kind of value it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A default that stands in every copy of the chart and in every list of passwords.
    Placeholder,
    /// Looks like a real secret.
    Hardcoded,
}

/// All secrets of the chart's own values files.
pub(crate) fn secrets_of(cx: &ChartContext<'_>) -> Vec<Secret> {
    let mut secrets = Vec::new();
    for file in cx.values_files() {
        for tree in &file.documents {
            for index in 0..tree.len() as u32 {
                let node = NodeIndex(index);
                if let Some((value, verdict)) = secret_at(tree, node) {
                    secrets.push(Secret {
                        path: named_path(tree, node),
                        uses: Vec::new(),
                        value,
                        location: tree.location(node),
                        file: cx.sources().path(file.id),
                        is_example: file.is_example,
                        verdict,
                    });
                }
            }
        }
    }
    if !secrets.is_empty() {
        let uses = cx.value_uses();
        for secret in &mut secrets {
            secret.uses.extend(uses.get(&secret.location).cloned());
        }
    }
    secrets
}

/// The texts to mask in everything that is shown about a chart: secrets of its values files and of its findings, plain
/// and in base64, the longest first.
pub(crate) fn secrets_to_mask(chart: &Chart, findings: &[Finding]) -> Secrets {
    let mut secrets: BTreeSet<String> = BTreeSet::new();
    let documents = chart.values.iter().flat_map(|values| &values.documents);
    for tree in documents {
        for index in 0..tree.len() as u32 {
            if let Some((value, _)) = secret_at(tree, NodeIndex(index)) {
                secrets.insert(value);
            }
        }
    }
    secrets.extend(findings.iter().flat_map(|finding| finding.secrets.iter().cloned()));
    let mut all: Vec<String> = Vec::new();
    for secret in secrets.into_iter().filter(|secret| is_distinctive(secret)) {
        let mut encoded = Vec::new();
        base64_encode(secret.as_bytes(), &mut encoded);
        all.push(String::from_utf8_lossy(&encoded).into_owned());
        // Lines of a key are masked one by one, as that is how they are shown.
        all.extend(secret.lines().map(str::trim).filter(|line| line.len() >= 8).map(str::to_owned));
    }
    all.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    all.dedup();
    Secrets::new(all)
}

/// Texts to mask, found in other texts without looking for each of them.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    texts: Vec<String>,
    /// Which texts have these first bytes.
    by_start: HashMap<[u8; START], Vec<usize>, FxBuildHasher>,
    /// Texts that are shorter.
    short: Vec<usize>,
}

/// No secrets at all.
pub(crate) static NO_SECRETS: Secrets =
    Secrets { texts: Vec::new(), by_start: HashMap::with_hasher(FxBuildHasher), short: Vec::new() };

/// Nearly all texts are at least as long.
const START: usize = 8;

impl Secrets {
    fn new(texts: Vec<String>) -> Secrets {
        let mut secrets = Secrets { texts, ..Secrets::default() };
        for (index, text) in secrets.texts.iter().enumerate() {
            match text.as_bytes().first_chunk::<START>() {
                Some(start) => secrets.by_start.entry(*start).or_default().push(index),
                None => secrets.short.push(index),
            }
        }
        secrets
    }

    /// The secrets that stand in a text, in their order.
    fn in_text(&self, text: &str) -> Vec<&String> {
        if self.texts.is_empty() {
            return Vec::new();
        }
        let mut found = self.short.clone();
        for (at, window) in text.as_bytes().windows(START).enumerate() {
            let start = window.first_chunk::<START>();
            for &index in start.and_then(|start| self.by_start.get(start)).into_iter().flatten() {
                if text.as_bytes()[at..].starts_with(self.texts[index].as_bytes()) {
                    found.push(index);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|index| &self.texts[index]).collect()
    }
}

/// Whether a field shows a value that a values file sets under the name of a secret: that has a finding of its own.
pub(crate) fn values_secret(cx: &RuleContext<'_>, node: &Node<'_>) -> bool {
    cx.values_of(node).iter().filter(|value| value.is_values).any(|value| {
        let path: Vec<String> = value.path.split('.').map(str::to_owned).collect();
        let text = value.location.and_then(|location| {
            let file = cx.sources().get(location.file)?;
            let bytes = file.bytes().get(location.span.range())?;
            Some(String::from_utf8_lossy(bytes).trim_matches(['"', '\'']).to_owned())
        });
        path.last().zip(text).is_some_and(|(key, text)| judge(key, &text, &path).is_some())
    })
}

/// Whether a field shows a value of a values file for tests: nobody runs that.
pub(crate) fn is_from_tests(cx: &RuleContext<'_>, node: &Node<'_>) -> bool {
    cx.values_of(node).iter().filter_map(|value| value.location).any(|location| {
        let path = cx.sources().path(location.file);
        path.split('/').any(|folder| matches!(folder, "ci" | "test" | "tests"))
    })
}

/// The value of a node and what kind it is, if it is a secret.
pub(crate) fn secret_at(tree: &Tree, node: NodeIndex) -> Option<(String, Verdict)> {
    let value = match tree.get(node) {
        TreeValue::String(text) => text.to_utf8().into_owned(),
        TreeValue::Number(number) => number.to_string(),
        _ => return None,
    };
    let mut path: Vec<String> = tree.path(node).0.iter().map(step_name).collect();
    if let Some(name) = variable_name(tree, node) {
        path.push(name);
    }
    let verdict = judge(path.last()?, &value, &path)?;
    Some((value, verdict))
}

fn step_name(step: &PathStep) -> String {
    match step {
        PathStep::Key(key) => key.to_utf8().into_owned(),
        PathStep::Index(index) => index.to_string(),
    }
}

/// Of the `value` in `{name: DB_PASSWORD, value: …}`, as lists of environment variables have it: the name.
fn variable_name(tree: &Tree, node: NodeIndex) -> Option<String> {
    let path = tree.path(node);
    let Some(PathStep::Key(key)) = path.0.last() else { return None };
    if *key != "value" {
        return None;
    }
    let name = tree.key(tree.parent(node)?, b"name")?;
    match tree.get(name) {
        TreeValue::String(text) => Some(text.to_utf8().into_owned()),
        _ => None,
    }
}

fn named_path(tree: &Tree, node: NodeIndex) -> String {
    match variable_name(tree, node) {
        Some(name) => format!("{} ({name})", tree.path(node)),
        None => tree.path(node).to_string(),
    }
}

/// Words that a secret's key holds.
const SECRET_WORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "pass",
    "secret",
    "token",
    "apikey",
    "jwt",
    "salt",
    "credential",
    "credentials",
    "dsn",
];

/// Pairs of words that make a secret's key.
const SECRET_PAIRS: &[(&str, &str)] = &[
    ("api", "key"),
    ("private", "key"),
    ("encryption", "key"),
    ("access", "key"),
    ("secret", "key"),
    ("signing", "key"),
    ("license", "key"),
];

/// Last words of keys that speak about a secret without being one.
const HARMLESS_ENDINGS: &[&str] = &[
    "name",
    "names",
    "ref",
    "refs",
    "file",
    "files",
    "path",
    "paths",
    "dir",
    "url",
    "uri",
    "enabled",
    "disabled",
    "enable",
    "type",
    "lifetime",
    "length",
    "expiry",
    "expiration",
    "expires",
    "ttl",
    "policy",
    "class",
    "encryption",
    "iterations",
    "rounds",
    "uuid",
    "cmd",
    "command",
    "script",
    "mount",
    "annotations",
    "labels",
    "provider",
    "size",
    "rotation",
    "interval",
    "duration",
    "audience",
    "audiences",
    "issuer",
    "endpoint",
    "create",
    "version",
    "namespace",
    "format",
    "algorithm",
    "username",
    "user",
    "email",
    "template",
    "keyname",
    "mode",
    "count",
    "prefix",
    "suffix",
    "header",
    "cookie",
    "role",
    "store",
    "backend",
    "engine",
    "seconds",
    "minutes",
    "hours",
    "days",
    "required",
    "optional",
    "id",
    "method",
    "host",
    "port",
    "hash",
    "hint",
    "usage",
    "validity",
    "period",
    "max",
    "min",
    "alg",
    "algo",
    "autocomplete",
    "retrieve",
    "check",
    "complexity",
    "strength",
    "items",
    "volume",
    "source",
    "service",
    "account",
    "review",
    "webhook",
    "request",
    "reset",
    "field",
    "property",
    "index",
];

/// Values that stand in for a secret.
const PLACEHOLDERS: &[&str] = &[
    "admin",
    "secret",
    "example",
    "test",
    "testing",
    "demo",
    "default",
    "root",
    "user",
    "guest",
    "public",
    "private",
    "foobar",
    "foo",
    "bar",
    "qwerty",
    "letmein",
    "welcome",
    "insecure",
    "dummy",
    "sample",
    "temp",
    "temporary",
    "token",
    "123",
    "1234",
    "12345",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1234567890",
    "0000",
    "00000000",
    "111111",
    "abc",
    "abc123",
    "abcd",
    "abcd1234",
    "postgres",
    "mysql",
    "redis",
    "mongo",
    "rabbitmq",
    "minio",
    "minioadmin",
    "minio123",
    "elastic",
    "grafana",
    "prom-operator",
    "s3cr3t",
    "supersecret",
    "topsecret",
    "mysecret",
    "pass",
    "none",
    "thisisnotasecret",
    "notsecure",
    "notasecret",
    "tobechanged",
];

/// Beginnings and parts of values that stand in for a secret.
const PLACEHOLDER_PARTS: &[&str] = &[
    "changeme",
    "change-me",
    "change_me",
    "changethis",
    "change-this",
    "change_this",
    "please-change",
    "pleasechange",
    "changeit",
    "change-it",
    "password",
    "passw0rd",
    "replaceme",
    "replace-me",
    "replace_me",
    "thisisasecret",
    "yoursecret",
    "your-secret",
    "your_secret",
    "yourtoken",
    "your-token",
    "my-secret",
    "my_secret",
    "secret-key",
    "secretkey",
    "not-secure",
    "to-be-changed",
    "insecure",
    "fixme",
    "placeholder",
    "example",
];

/// Whether a key says that its value is a secret, and not something about one: its file, its length, where it is kept.
pub(crate) fn names_secret(key: &str, path: &[String]) -> bool {
    let words = words(key);
    let Some(last) = words.last() else { return false };
    let is_secret = words.iter().any(|word| SECRET_WORDS.contains(&word.as_str()))
        || words.windows(2).any(|pair| SECRET_PAIRS.contains(&(pair[0].as_str(), pair[1].as_str())));
    // `passwordKey: admin-password` names an entry of a Secret.
    let names_entry = last == "key"
        && words.iter().any(|word| matches!(word.as_str(), "password" | "passwd" | "pass" | "token"));
    is_secret
        && !names_entry
        && !HARMLESS_ENDINGS.contains(&last.as_str())
        && !words.iter().any(|word| word == "existing")
        && !path.iter().rev().skip(1).any(|part| is_reference_part(part))
}

/// What a value is that stands under a key, if it is a secret at all.
pub(crate) fn judge(key: &str, value: &str, path: &[String]) -> Option<Verdict> {
    if !names_secret(key, path) || is_reference(value) {
        return None;
    }
    let words = words(key);
    let last = words.last()?;
    if is_placeholder(value) {
        // `secret: redis` names a Secret.
        let names_something = last == "key" || matches!(key, "secret" | "token" | "credentials");
        return (!names_something || value.len() > 10).then_some(Verdict::Placeholder);
    }
    let is_password =
        words.iter().any(|word| matches!(word.as_str(), "password" | "passwd" | "pwd" | "passphrase"));
    (looks_random(value) || is_password && last != "key").then_some(Verdict::Hardcoded)
}

/// As [`judge`], for a name that stands alone: an environment variable, an entry of a Secret, a line of a configuration.
pub(crate) fn judge_name(name: &str, value: &str) -> Option<Verdict> {
    // Numbers and words of settings are no secrets there, but well-known passwords are.
    if value.trim().parse::<f64>().is_ok() && !is_placeholder(value) {
        return None;
    }
    judge(name, value, &[name.to_owned()])
}

/// Whether a name that stands alone says that its value is a secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    names_secret(name, &[name.to_owned()])
}

/// Words of secrets that many installations do without.
const OPTIONAL_WORDS: &[&str] = &[
    "smtp", "mail",
    "mailer", "email", "slack", "discord", "teams", "telegram", "webhook", "oauth", "oidc", "ldap", "saml", "sso",
    "sentry", "proxy", "license", "s3", "aws", "azure", "gcp", "gcs", "google", "github", "gitlab", "bitbucket", "twilio", "stripe", "sendgrid",
    "mailgun", "openai", "anthropic", "newrelic", "datadog", "pagerduty", "opsgenie", "external", "additional", "extra", "registry",
    "pull", "previous", "old", "backup", "monitoring", "metrics", "recaptcha", "captcha", "bot", "facebook", "twitter", "remote",
];

/// Whether a secret is for something that many installations do without: a mail server, a chat, single sign-on.
pub(crate) fn is_optional(path: &str) -> bool {
    path.split('.').flat_map(words).any(|word| OPTIONAL_WORDS.contains(&word.as_str()))
}

/// Parts of a path below which things are named, not given.
fn is_reference_part(part: &str) -> bool {
    let part = part.to_ascii_lowercase();
    let is_secret_keys = part.ends_with("secretkeys") || part.ends_with("secretkey");
    is_secret_keys
        || [
            "secretkeyref",
            "configmapkeyref",
            "secretref",
            "valuefrom",
            "existingsecret",
            "keys",
            "annotations",
            "labels",
            "image",
            "images",
        ]
        .contains(&part.as_str())
}

/// The words of a key: `DB_apiKey` gives `db`, `api`, `key`.
pub(crate) fn words(key: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut previous_lower = false;
    for c in key.chars() {
        let boundary = !c.is_alphanumeric() || (c.is_uppercase() && previous_lower);
        if boundary && !current.is_empty() {
            words.push(std::mem::take(&mut current));
        }
        if c.is_alphanumeric() {
            current.extend(c.to_lowercase());
        }
        previous_lower = c.is_lowercase() || c.is_ascii_digit();
    }
    if !current.is_empty() {
        words.push(current);
    }
    words
}

/// Whether a value points to a secret instead of being one: empty, a template, a variable, a path, an address.
pub(crate) fn is_reference(value: &str) -> bool {
    let trimmed = value.trim();
    trimmed.is_empty()
        || trimmed.contains("{{")
        || trimmed.contains("${")
        || trimmed.contains("$(")
        || trimmed.starts_with('$')
        || (trimmed.starts_with('<') && trimmed.ends_with('>'))
        || trimmed.starts_with('/')
        || trimmed.starts_with("./")
        || trimmed.starts_with("vault:")
        || trimmed.starts_with("ref+")
        || trimmed.starts_with("op://")
        || trimmed.starts_with("arn:")
        // Options that name a file: `jwt,pub-key=/certs/key.pub`.
        || trimmed.contains("=/")
        || (trimmed.contains("://") && !trimmed.contains('@'))
        || matches!(
            trimmed.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "~" | "yes" | "no" | "on" | "off" | "auto" | "none"
        )
        || (trimmed.len() < 6 && trimmed.parse::<f64>().is_ok() && trimmed.len() < 3)
        || trimmed.contains('\n') && !trimmed.contains("PRIVATE KEY")
}

/// Whether a value is one that everybody tries first.
pub(crate) fn is_placeholder(value: &str) -> bool {
    let lower = value.trim().to_lowercase();
    PLACEHOLDERS.contains(&lower.as_str())
        || PLACEHOLDER_PARTS.iter().any(|part| lower.contains(part))
        || lower.starts_with("xxx")
        || is_monotonous(&lower)
}

/// Text that counts up, or repeats a few characters: `abcdef0123456789`, `aaaaaaaa`.
fn is_monotonous(value: &str) -> bool {
    let bytes = value.as_bytes();
    if bytes.len() < 6 {
        return false;
    }
    let steps =
        bytes.windows(2).filter(|pair| pair[1] == pair[0].wrapping_add(1) || pair[1] == pair[0]).count();
    let distinct = bytes.iter().collect::<std::collections::BTreeSet<_>>().len();
    distinct <= 2 || steps * 10 >= (bytes.len() - 1) * 8
}

/// Whether a value looks as if a generator or a keyboard made it, and not as if it named something.
fn looks_random(value: &str) -> bool {
    let value = value.trim();
    if value.len() < 8 || value.contains(' ') && value.split(' ').count() > 3 {
        return value.contains("PRIVATE KEY");
    }
    if value.contains("://") {
        return value.contains('@');
    }
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let upper = value.chars().filter(char::is_ascii_uppercase).count();
    let lower = value.chars().filter(char::is_ascii_lowercase).count();
    let other = value.len() - digits - upper - lower;
    let is_hex = value.len() >= 16 && value.chars().all(|c| c.is_ascii_hexdigit());
    let is_name = value.split(['-', '.', '_']).all(|word| {
        !word.is_empty()
            && (word.chars().all(|c| c.is_ascii_lowercase()) || word.chars().all(|c| c.is_ascii_digit()))
    });
    !is_name
        && (is_hex
            || (digits >= 2 && lower + upper >= 4)
            || (upper > 0 && lower > 0 && other > 0 && digits > 0))
}

/// Whether a value can be looked for in other texts: it is not a word that also stands there for something else.
pub(crate) fn is_distinctive(value: &str) -> bool {
    let is_words = value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    // `please-change-me` stands for nothing else, `web-server` may.
    let is_phrase = value.len() >= 12 && value.matches('-').count() >= 2;
    value.len() >= 8 && (looks_random(value) || !is_words || is_phrase)
}

/// A text with all secrets in it masked.
pub(crate) fn mask_all(text: &str, secrets: &Secrets) -> Option<String> {
    let mut masked_text: Option<String> = None;
    for secret in secrets.in_text(text) {
        let current = masked_text.as_deref().unwrap_or(text);
        if current.contains(secret.as_str()) {
            masked_text = Some(current.replace(secret.as_str(), &masked(secret)));
        }
    }
    masked_text
}

/// A text with its secrets masked, each by as many characters as it has, so that places stay where they are.
pub(crate) fn mask_in_place(text: &str, secrets: &Secrets) -> Option<String> {
    let mut masked: Option<String> = None;
    for secret in secrets.in_text(text) {
        let current = masked.as_deref().unwrap_or(text);
        if current.contains(secret.as_str()) {
            let count = secret.chars().count();
            let stars: String = secret
                .chars()
                .enumerate()
                .map(|(index, c)| if index < 2 || index + 2 >= count { c } else { '*' })
                .collect();
            masked = Some(current.replace(secret.as_str(), &stars));
        }
    }
    masked
}

/// The first and last two characters of a secret.
pub(crate) fn masked(value: &str) -> String {
    let characters: Vec<char> = value.chars().collect();
    match characters.len() {
        0..=7 => "*".repeat(characters.len().max(4)),
        n => {
            let first: String = characters[..2].iter().collect();
            let last: String = characters[n - 2..].iter().collect();
            format!("{first}{}{last}", "*".repeat((n - 4).min(12)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Verdict, judge, masked};

    fn verdict(path: &str, value: &str) -> Option<Verdict> {
        let parts: Vec<String> = path.split('.').map(str::to_owned).collect();
        judge(&parts[parts.len() - 1], value, &parts)
    }

    #[test]
    fn defaults_that_everyone_knows_are_placeholders() {
        for (path, value) in [
            ("openopsEnv.OPS_JWT_SECRET", "please-change-this-secret"),
            ("openopsEnv.OPS_ENCRYPTION_KEY", "abcdef123456789abcdef123456789ab"),
            ("openopsEnv.OPS_POSTGRES_PASSWORD", "please-change-this-password-1"),
            ("auth.password", "changeme"),
            ("auth.rootPassword", "admin"),
            ("redis.password", "123456"),
            ("superset.secretKey", "thisISaSECRET_1234"),
        ] {
            assert_eq!(verdict(path, value), Some(Verdict::Placeholder), "{path}");
        }
    }

    #[test]
    fn real_secrets_are_hardcoded() {
        for (path, value) in [
            ("auth.password", "tr0ub4dor&3"),
            ("api.token", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
            ("app.encryptionKey", "9f86d081884c7d659a2feaa0c55ad015"),
            ("db.dsn", "postgres://app:hunter22@db:5432/app"),
        ] {
            assert_eq!(verdict(path, value), Some(Verdict::Hardcoded), "{path}");
        }
    }

    #[test]
    fn references_and_settings_are_no_secrets() {
        for (path, value) in [
            ("auth.existingSecret", "my-app-credentials"),
            ("auth.secretName", "changeme"),
            ("auth.passwordKey", "password"),
            ("auth.secretKeyRef.key", "password"),
            ("auth.password", ""),
            ("auth.password", "${DB_PASSWORD}"),
            ("auth.password", "{{ .Values.global.password }}"),
            ("auth.passwordFile", "/run/secrets/password"),
            ("auth.tokenLifetime", "24h"),
            ("serviceAccount.token", "true"),
            ("tls.secret", "my-app-tls"),
            ("passwordPolicy", "changeme"),
            ("image.pullSecrets", "regcred"),
            ("auth.secretKeys.adminPasswordKey", "postgres-password"),
            ("externalEtcd.secretPasswordKey", "etcd-root-password"),
            ("images.tags.credential_cleanup", "docker.io/openstack/keystone:2024.1-ubuntu"),
            ("conf.enforce_password_check", "True"),
            // What users complained about in other tools; see section 5 of the catalog.
            ("SECRETS_DIR", "/run/secrets"),
            ("password_encryption", "scram-sha-256"),
            ("PASSWORD_ITERATIONS", "600000"),
            ("CEPH_SECRET_UUID", "457eb676-33da-42ec-9a8c-9293d545c337"),
            ("DB_PASSWORD_FILE", "run-secrets-Password1"),
            ("DB_PASSWORD_PATH", "run-secrets-Password1"),
            ("server-tokens", "off"),
            ("external_secrets_replicas", "2"),
            ("ingress.tls.secretName", "web-tls-Secret1"),
            ("ADMIN_EMAIL_TOKEN_TTL", "24h"),
            ("secretKeyRef.name", "Web-Secret-1a2b"),
            ("auth.password", "$(DB_PASSWORD)"),
            ("auth.password", "null"),
            ("auth.passwordUpdateJob.enabled", "true"),
            ("envFrom.secretRef.name", "Web-Secret-1a2b"),
        ] {
            assert_eq!(verdict(path, value), None, "{path}");
        }
    }

    #[test]
    fn secrets_are_masked() {
        assert_eq!(masked("hunter2"), "*******");
        assert_eq!(masked("please-change-me"), "pl************me");
    }
}
