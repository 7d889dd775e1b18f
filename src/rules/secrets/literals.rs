//! `weak-default-credential`, `env-secret-literal` and `secret-in-configmap`

use std::borrow::Cow;
use std::ops::Range;

use crate::finding::Severity;
use crate::manifest::{Container, Node, Object, Workload};
use crate::payload;
use crate::rules::secrets::detect::{
    Verdict, is_from_tests, is_reference, is_secret_name, judge_name, masked, names_secret, values_secret,
};
use crate::rules::secrets::patterns::{has_private_key, key_file};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct WeakDefaultCredential;

impl Rule for WeakDefaultCredential {
    fn spec(&self) -> &'static Spec {
        spec!("weak-default-credential")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !object.is("", "Secret") || object.is_test() {
            return;
        }
        for payload in payload::of_object(object) {
            let value = payload.text.trim().to_owned();
            if is_weak(cx, &payload.key, &value, &payload.node) {
                let message = format!(
                    "{} sets `{}` to a password that everyone tries first",
                    cx.describe(object),
                    payload.key
                );
                report_weak(cx, &payload.node, message, &value);
            }
        }
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        if workload.object.is_test() {
            return;
        }
        for (name, node, value) in literals(container) {
            if is_weak(cx, &name, &value, &node) && !has_alternative(cx, workload, &name) {
                let message = format!(
                    "container `{}` gets a password in `{name}` that everyone tries first",
                    container.name()
                );
                report_weak(cx, &node, message, &value);
            }
        }
    }
}

/// Whether a value is a well-known password that the chart itself chose. One that a values file sets under the name of a
/// secret has a finding there.
fn is_weak(cx: &RuleContext<'_>, name: &str, value: &str, node: &Node<'_>) -> bool {
    judge_name(name, value) == Some(Verdict::Placeholder) && !values_secret(cx, node)
}

fn report_weak(cx: &mut RuleContext<'_>, node: &Node<'_>, message: String, value: &str) {
    let is_for_tests = is_from_tests(cx, node);
    cx.finding(node, message)
        .severity_if(is_for_tests, Severity::Info)
        .label(format!("a well-known default: {}", masked(value)))
        .hide(value)
        .help("have it given: `required \"… is needed\" .Values.…`, or make a random one and keep it with `lookup`")
        .report();
}

pub(super) struct EnvSecretLiteral;

impl Rule for EnvSecretLiteral {
    fn spec(&self) -> &'static Spec {
        spec!("env-secret-literal")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        if workload.object.is_test() {
            return;
        }
        for (name, node, value) in literals(container) {
            // What comes from a secret of the values is one whatever it looks like.
            let verdict = judge_name(&name, &value).or_else(|| {
                let is_fed = !is_reference(&value) && is_secret_name(&name) && comes_from_secret_key(cx, &node);
                is_fed.then_some(Verdict::Hardcoded)
            });
            let Some(verdict) = verdict else { continue };
            if verdict == Verdict::Placeholder && is_weak(cx, &name, &value, &node)
                || has_alternative(cx, workload, &name)
            {
                continue;
            }
            let message =
                format!("container `{}` has the secret `{name}` in clear in its environment", container.name());
            let is_for_tests = is_from_tests(cx, &node);
            cx.finding(&node, message)
                .severity_if(is_for_tests, Severity::Info)
                .label("whoever may read pods can read it")
                .secret()
                .hide(&value)
                .help(format!("put it into a Secret: `valueFrom: {{secretKeyRef: {{name: …, key: {name}}}}}`"))
                .report();
        }
    }
}

/// Environment variables with a literal value: name, the field `value`, and the value.
fn literals<'a>(container: &Container<'a>) -> Vec<(String, Node<'a>, String)> {
    let variables = container.node.get("env").items();
    variables
        .into_iter()
        .filter_map(|variable| {
            let node = variable.get("value");
            let value = node.text()?;
            Some((variable.get("name").text()?, node, value))
        })
        .collect()
}

/// Whether a values key that is named as a secret fills a field.
fn comes_from_secret_key(cx: &RuleContext<'_>, node: &Node<'_>) -> bool {
    cx.values_of(node).iter().filter(|value| value.is_values).any(|value| {
        let path: Vec<String> = value.path.split('.').map(str::to_owned).collect();
        path.last().is_some_and(|key| names_secret(key, &path))
    })
}

/// Whether the template also has the variable from a Secret, in a branch that was not taken: then the one who gives the
/// value in clear had the choice.
fn has_alternative(cx: &RuleContext<'_>, workload: &Workload<'_>, name: &str) -> bool {
    let Some(text) = cx.template_text(&workload.object.template.as_str().into()) else { return false };
    let text = text.to_utf8();
    let is_name = |line: &str| {
        let line = line.trim().trim_start_matches("- ");
        line.strip_prefix("name:").is_some_and(|rest| rest.trim().trim_matches(['"', '\'']) == name)
    };
    let mut of_variable = false;
    text.lines().map(str::trim).filter(|line| !line.starts_with("{{")).any(|line| {
        if is_name(line) {
            of_variable = true;
        } else if line.starts_with("- ") {
            of_variable = false;
        }
        of_variable && line == "valueFrom:"
    })
}

pub(super) struct SecretInConfigmap;

impl Rule for SecretInConfigmap {
    fn spec(&self) -> &'static Spec {
        spec!("secret-in-configmap")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !object.is("", "ConfigMap") || object.is_test() {
            return;
        }
        for (key, node) in object.get("binaryData").entries() {
            let bytes = node
                .as_str()
                .and_then(|text| crate::render::functions::encoding::base64_decode(text.as_bytes()).ok());
            if let Some(what) = bytes.as_deref().and_then(key_file) {
                let message = format!("{} holds {what} in `{key}`", cx.describe(object));
                report_in_configmap(cx, &node, None, message, None);
            }
        }
        for payload in payload::of_object(object) {
            let what = if has_private_key(&payload.text) {
                Some("a private key")
            } else {
                key_file(payload.text.as_bytes())
            };
            if let Some(what) = what {
                let message = format!("{} holds {what} in `{}`", cx.describe(object), payload.key);
                report_in_configmap(cx, &payload.node, None, message, None);
                continue;
            }
            let value = payload.text.trim();
            if !value.contains('\n') && judge_name(&payload.key, value).is_some() {
                let message = format!("{} holds a secret in `{}`", cx.describe(object), payload.key);
                report_in_configmap(cx, &payload.node, None, message, Some(value));
            } else if let Some((part, name, value)) = assignment(&payload.key, &payload.text) {
                let message = format!("{} holds a secret: `{name}` in `{}`", cx.describe(object), payload.key);
                report_in_configmap(cx, &payload.node, Some(part), message, Some(&value));
            }
        }
    }
}

fn report_in_configmap(
    cx: &mut RuleContext<'_>,
    node: &Node<'_>,
    part: Option<Range<usize>>,
    message: String,
    secret: Option<&str>,
) {
    let is_for_tests = is_from_tests(cx, node);
    let finding = match part {
        Some(part) => cx.finding_within(node, part, message),
        None => cx.finding(node, message),
    };
    let finding = match secret {
        Some(secret) => finding.secret().hide(secret),
        None => finding.secret(),
    };
    finding
        .severity_if(is_for_tests, Severity::Info)
        .label("ConfigMaps are read by many, and kept in clear")
        .help("move it to a Secret; in a configuration file let the program read it from its environment or from a file")
        .report();
}

/// Extensions of programs and documents: what looks like a setting there is code or an example.
const CODE: &[&str] =
    &["css", "go", "html", "js", "lua", "md", "mjs", "php", "pl", "py", "rb", "sh", "sql", "tmpl", "tpl", "ts", "txt"];

/// Longer texts are dashboards and the like.
const MAX_TEXT: usize = 200_000;

/// The first setting of a configuration file that holds a secret: its bytes, its name and its value.
fn assignment(key: &str, text: &str) -> Option<(Range<usize>, String, String)> {
    let extension = key.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let is_code = extension.is_some_and(|extension| CODE.contains(&extension.as_str())) || text.starts_with("#!");
    if is_code || text.len() > MAX_TEXT {
        return None;
    }
    payload::lines(text).find_map(|(range, line)| {
        let trimmed = line.trim_start();
        if trimmed.starts_with(['#', ';', '/', '*', '<', '-']) {
            return None;
        }
        let at = line.find([':', '='])?;
        let name = line[..at].trim().trim_matches(['"', '\'']);
        let is_name =
            name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
        if name.is_empty() || !is_name || !is_secret_name(name) {
            return None;
        }
        let value = setting_value(&line[at + 1..])?;
        judge_name(name, &value)?;
        let start = range.start + line.len() - trimmed.len();
        Some((start..range.end, name.to_owned(), value.into_owned()))
    })
}

/// The value of a setting, without quotes and what follows it; nothing for expressions and references.
fn setting_value(rest: &str) -> Option<Cow<'_, str>> {
    let rest = rest.trim().trim_start_matches('=').trim().trim_end_matches([',', ';']);
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
    let value = match quote {
        Some(quote) => rest[1..].split(quote).next()?,
        None => rest.split(" #").next()?.trim(),
    };
    let is_expression = value.contains(['(', ')', '{', '}', '[', ']', '<', '>', '$', '%', '|', '*'])
        || value.contains(' ')
        || is_reference(value);
    (!is_expression).then_some(Cow::Borrowed(value))
}

#[cfg(test)]
mod tests {
    use super::assignment;

    fn found(key: &str, text: &str) -> Option<(String, String)> {
        assignment(key, text).map(|(_, name, value)| (name, value))
    }

    #[test]
    fn settings_with_a_secret_are_found_in_configuration_files() {
        for (key, text) in [
            ("app.properties", "a=b\ndb.password=tr0ub4dor&3\n"),
            ("app.yaml", "database:\n  password: \"tr0ub4dor&3\" # theirs\n"),
            ("app.json", "{\n  \"password\": \"tr0ub4dor&3\",\n}"),
            ("redis.conf", "password = tr0ub4dor&3"),
        ] {
            assert!(found(key, text).is_some_and(|(_, value)| value == "tr0ub4dor&3"), "{key}");
        }
    }

    #[test]
    fn settings_about_secrets_are_none() {
        for (key, text) in [
            ("nginx.conf", "server-tokens: off"),
            ("app.properties", "external_secrets_replicas=2"),
            ("app.properties", "token_ttl=3600"),
            ("app.properties", "password=${DB_PASSWORD}"),
            ("app.properties", "#password=tr0ub4dor&3"),
            ("app.properties", "password_file=/run/secrets/password"),
            ("app.js", "const secretKey = 'tr0ub4dor&3abc';"),
            ("app.properties", "admin_email_token_lifetime=5d"),
            ("app.conf", "password = getenv('PASSWORD')"),
        ] {
            assert_eq!(found(key, text), None, "{key}: {text}");
        }
    }
}
