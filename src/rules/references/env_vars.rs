//! `duplicate-env-var`, `env-var-reference-undefined`

use std::collections::{HashMap, HashSet};

use super::find;
use crate::finding::Severity;
use crate::manifest::{Container, Node, Workload};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct DuplicateEnvVar;

impl Rule for DuplicateEnvVar {
    fn spec(&self) -> &'static Spec {
        spec!("duplicate-env-var")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, _: &Workload<'_>, container: &Container<'_>) {
        let mut known: HashMap<String, Node<'_>> = HashMap::new();
        for env in container.node.get("env").items() {
            let Some(name) = env.get("name").text() else { continue };
            let Some(first) = known.insert(name.clone(), env.clone()) else { continue };
            let same = first.get("value").text() == env.get("value").text()
                && !first.get("valueFrom").exists()
                && !env.get("valueFrom").exists();
            let message = format!("container `{}` sets the variable `{name}` twice", container.name());
            let finding = cx.finding(&env.get("name"), message);
            let finding = finding.help("leave one of them out: the last one wins, and server-side apply refuses both");
            if same {
                finding.severity(Severity::Low).label("with the same value").report();
            } else {
                finding.label("this one wins").report();
            }
        }
    }
}

pub(super) struct EnvVarReferenceUndefined;

impl Rule for EnvVarReferenceUndefined {
    fn spec(&self) -> &'static Spec {
        spec!("env-var-reference-undefined")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let Some(mut known) = taken_over(cx, workload, container) else { return };
        let all: HashSet<String> =
            container.node.get("env").items().iter().filter_map(|env| env.get("name").text()).collect();
        for env in container.node.get("env").items() {
            let value = env.get("value");
            for name in references(&value.as_str().unwrap_or_default()) {
                if !known.contains(&name) && !is_of_service(&name) {
                    let where_from = if all.contains(&name) { "only set further down" } else { "not set" };
                    report(cx, container, &value, &name, where_from);
                }
            }
            known.extend(env.get("name").text());
        }
        let words = ["command", "args"].map(|field| container.node.get(field).items());
        // In a script it is the output of a program.
        let shells = ["sh", "bash", "ash", "dash", "zsh"];
        let is_shell = words.iter().flatten().any(|word| {
            let text = word.text().unwrap_or_default();
            shells.contains(&text.rsplit('/').next().unwrap_or_default()) || text == "-c" || text == "-ec"
        });
        for word in words.iter().flatten().filter(|_| !is_shell) {
            for name in references(&word.as_str().unwrap_or_default()) {
                if !known.contains(&name) && !is_of_service(&name) {
                    report(cx, container, word, &name, "not set");
                }
            }
        }
    }
}

fn report(cx: &mut RuleContext<'_>, container: &Container<'_>, node: &Node<'_>, name: &str, why: &str) {
    let message = format!("`$({name})` in container `{}` stays as it is: the variable is {why}", container.name());
    cx.finding(node, message)
        .help("set the variable above in `env`, or write `$$(…)` if the text is meant as it is")
        .report();
}

/// The variables that a container takes over from ConfigMaps and Secrets of the chart; nothing if some are unknown.
fn taken_over(cx: &RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) -> Option<HashSet<String>> {
    let mut names = HashSet::new();
    let namespace = cx.index.namespace(workload.object);
    for source in container.node.get("envFrom").items() {
        let prefix = source.get("prefix").text().unwrap_or_default();
        for (kind, field) in [("ConfigMap", "configMapRef.name"), ("Secret", "secretRef.name")] {
            let Some(name) = source.get(field).text() else { continue };
            let object = find(cx, kind, namespace, &name)?;
            for data in ["data", "stringData"] {
                names.extend(object.get(data).entries().into_iter().map(|(key, _)| format!("{prefix}{key}")));
            }
        }
    }
    Some(names)
}

/// Names in `$(NAME)` as people write variables: in capitals. `$$(NAME)` is escaped.
fn references(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let after = &rest[at + 1..];
        if let Some(escaped) = after.strip_prefix('$') {
            rest = escaped;
            continue;
        }
        if let Some((name, _)) = after.strip_prefix('(').and_then(|inner| inner.split_once(')'))
            && name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
            && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        {
            names.push(name.to_owned());
        }
        rest = after;
    }
    names
}

/// Whether Kubernetes sets the variable for a Service.
fn is_of_service(name: &str) -> bool {
    name.ends_with("_SERVICE_HOST") || name.contains("_SERVICE_PORT") || name.contains("_PORT_")
}

#[cfg(test)]
mod tests {
    use super::references;

    #[test]
    fn references_are_told_from_escapes_and_programs() {
        assert_eq!(references("--x=$(POD_IP):$(PORT)"), ["POD_IP", "PORT"]);
        assert!(references("$$(POD_IP) $(date) $(a b) $POD $(").is_empty());
    }
}
