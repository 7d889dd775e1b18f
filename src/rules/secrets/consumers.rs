//! `secret-as-env`, `secret-env-from-whole`, and where pods read Secrets and ConfigMaps.

use std::collections::BTreeMap;

use crate::manifest::{Node, Object, ObjectIndex, Workload};
use crate::rules::helpers::{list, object_ref};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// How a pod reads a Secret or ConfigMap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// One entry as an environment variable.
    Variable,
    /// All entries as environment variables.
    Environment,
    /// As files.
    Volume,
    /// For pulling images.
    Pull,
}

/// A place where a pod reads a Secret or ConfigMap.
pub(super) struct Use<'a> {
    /// `Secret` or `ConfigMap`.
    pub(super) kind: &'static str,
    /// Its name.
    pub(super) name: String,
    /// The field with the name.
    pub(super) node: Node<'a>,
    /// The entry, if only one is read.
    pub(super) key: Option<String>,
    /// Whether the pod starts without it.
    pub(super) is_optional: bool,
    /// How it is read.
    pub(super) how: How,
}

/// The Secrets and ConfigMaps that the pods of a workload read.
pub(super) fn uses<'a>(workload: &Workload<'a>) -> Vec<Use<'a>> {
    let mut uses = Vec::new();
    let mut add = |kind, node: Node<'a>, field: &str, how| {
        let name_node = node.get(field);
        if let Some(name) = name_node.text().filter(|name| !name.is_empty()) {
            let key = (how == How::Variable).then(|| node.get("key").text()).flatten();
            let is_optional = node.get("optional").is_true();
            uses.push(Use { kind, name, node: name_node, key, is_optional, how });
        }
    };
    for container in workload.containers() {
        for variable in container.node.get("env").items() {
            add("Secret", variable.get("valueFrom.secretKeyRef"), "name", How::Variable);
            add("ConfigMap", variable.get("valueFrom.configMapKeyRef"), "name", How::Variable);
        }
        for source in container.node.get("envFrom").items() {
            add("Secret", source.get("secretRef"), "name", How::Environment);
            add("ConfigMap", source.get("configMapRef"), "name", How::Environment);
        }
    }
    for volume in workload.pod.get("volumes").items() {
        add("Secret", volume.get("secret"), "secretName", How::Volume);
        add("ConfigMap", volume.get("configMap"), "name", How::Volume);
        for source in volume.get("projected.sources").items() {
            add("Secret", source.get("secret"), "name", How::Volume);
            add("ConfigMap", source.get("configMap"), "name", How::Volume);
        }
    }
    for secret in workload.pod.get("imagePullSecrets").items() {
        add("Secret", secret, "name", How::Pull);
    }
    uses
}

/// Whether a use is of an object: of its kind, its name and its namespace.
pub(super) fn is_of(index: &ObjectIndex<'_>, workload: &Workload<'_>, used: &Use<'_>, object: &Object) -> bool {
    used.kind == object.kind()
        && used.name == object.name()
        && object.group().is_empty()
        && index.namespace(object) == index.namespace(workload.object)
}

pub(super) struct SecretAsEnv;

impl Rule for SecretAsEnv {
    fn spec(&self) -> &'static Spec {
        spec!("secret-as-env")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let uses: Vec<Use<'_>> = uses(workload)
            .into_iter()
            .filter(|used| used.kind == "Secret" && matches!(used.how, How::Variable | How::Environment))
            .collect();
        let Some(first) = uses.first() else { return };
        let mut names: Vec<String> = uses.iter().map(|used| used.name.clone()).collect();
        names.sort();
        names.dedup();
        let word = if names.len() == 1 { "the Secret" } else { "the Secrets" };
        let message = format!("{} reads {word} {} into its environment", cx.describe(workload.object), list(&names, 4));
        cx.finding(&first.node, message)
            .help("mount the Secret as files if the program can read its secrets from files")
            .report();
    }
}

pub(super) struct SecretEnvFromWhole;

impl Rule for SecretEnvFromWhole {
    fn spec(&self) -> &'static Spec {
        spec!("secret-env-from-whole")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        /// From how many workloads on the fan-out is worth a word.
        const MANY: usize = 3;
        let mut by_secret: BTreeMap<(String, String), Vec<(Workload<'_>, Node<'_>)>> = BTreeMap::new();
        for workload in cx.index.workloads().iter().filter(|workload| cx.is_own(workload.object)) {
            for used in uses(workload) {
                if used.kind == "Secret" && used.how == How::Environment {
                    let key = (cx.index.namespace(workload.object).to_owned(), used.name);
                    let readers = by_secret.entry(key).or_default();
                    if !readers.iter().any(|(known, _)| std::ptr::eq(known.object, workload.object)) {
                        readers.push((workload.clone(), used.node));
                    }
                }
            }
        }
        for ((_, name), readers) in by_secret {
            let Some((first, node)) = readers.first() else { continue };
            let names: Vec<String> = readers.iter().map(|(workload, _)| cx.describe(workload.object)).collect();
            let message = if readers.len() >= MANY {
                format!("{} workloads get every entry of the Secret `{name}`: {}", readers.len(), list(&names, 4))
            } else {
                format!("{} gets every entry of the Secret `{name}`", list(&names, 4))
            };
            let others = readers.iter().skip(1).map(|(workload, _)| object_ref(cx.index, workload.object)).collect();
            let identity = format!("{}\0{name}", cx.describe(first.object));
            cx.finding(node, message)
                .identity(identity)
                .also(others)
                .help("name the entries that the program reads, each with a `secretKeyRef`")
                .report();
        }
    }
}
