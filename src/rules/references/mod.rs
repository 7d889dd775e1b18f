//! Objects that name or select each other.

use super::Rule;

rules! {
    config_refs::{ConfigmapRefMissing, SecretRefMissing},
    custom_resource_unguarded::{CustomResourceUnguarded},
    duplicate_resource::{DuplicateResource},
    env_vars::{DuplicateEnvVar, EnvVarReferenceUndefined},
    hooks::{HookDependencyMissing, HookInvalid},
    ingress_backend_dangling::{IngressBackendDangling},
    monitors::{ServiceMonitorDangling},
    mutable_label::{SelectorContainsMutableLabel},
    ports::{DuplicatePort, ServiceTargetPortMissing},
    pvc_ref_missing::{PvcRefMissing},
    selectors::{SelectorMismatch, SelectorMissing, WorkloadSelectorOverlap},
    service_selector_dangling::{ServiceSelectorDangling},
}

use super::RuleContext;
use super::helpers::is_custom;
use crate::manifest::{Node, Object, Workload};

/// A reference of a pod to a ConfigMap or a Secret.
#[derive(Clone)]
struct ConfigRef<'a> {
    /// `ConfigMap` or `Secret`
    kind: &'static str,
    /// The field that names it.
    node: Node<'a>,
    /// The name.
    name: String,
    /// The keys that are asked for; none if all are taken.
    keys: Vec<Node<'a>>,
    /// Whether the pod starts without it.
    is_optional: bool,
}

/// The references of a workload's pods to ConfigMaps and Secrets. Those for pulling images left out.
fn config_refs<'a>(workload: &Workload<'a>) -> Vec<ConfigRef<'a>> {
    let mut refs = Vec::new();
    let mut add = |kind: &'static str, source: &Node<'a>, field: &str, keys: Vec<Node<'a>>| {
        let node = source.get(field);
        if let Some(name) = node.text().filter(|name| !name.is_empty()) {
            let is_optional = source.get("optional").is_true();
            refs.push(ConfigRef { kind, node, name, keys, is_optional });
        }
    };
    for container in workload.containers() {
        for env in container.node.get("env").items() {
            for (kind, field) in [("ConfigMap", "valueFrom.configMapKeyRef"), ("Secret", "valueFrom.secretKeyRef")] {
                let source = env.get(field);
                let keys = Some(source.get("key")).filter(Node::exists).into_iter().collect();
                add(kind, &source, "name", keys);
            }
        }
        for env in container.node.get("envFrom").items() {
            add("ConfigMap", &env.get("configMapRef"), "name", Vec::new());
            add("Secret", &env.get("secretRef"), "name", Vec::new());
        }
    }
    let keys_of = |source: &Node<'a>| source.get("items").items().iter().map(|item| item.get("key")).collect::<Vec<_>>();
    for volume in workload.pod.get("volumes").items() {
        let (map, secret) = (volume.get("configMap"), volume.get("secret"));
        add("ConfigMap", &map, "name", keys_of(&map));
        add("Secret", &secret, "secretName", keys_of(&secret));
        for source in volume.get("projected.sources").items() {
            let (map, secret) = (source.get("configMap"), source.get("secret"));
            add("ConfigMap", &map, "name", keys_of(&map));
            add("Secret", &secret, "name", keys_of(&secret));
        }
    }
    refs
}

/// An object of the core group by kind, namespace and name.
fn find<'a>(cx: &RuleContext<'a>, kind: &str, namespace: &str, name: &str) -> Option<&'a Object> {
    let index = cx.index;
    index.of_kind(kind).iter().copied().find(|object| {
        object.name() == name && object.group().is_empty() && index.namespace(object) == namespace
    })
}

/// Whether something other than a reference names an object that the chart does not render: a custom resource whose
/// operator makes it, a job or a program that creates it, a role that allows to.
fn is_made_elsewhere(cx: &RuleContext<'_>, name: &str) -> bool {
    const REFERENCES: &[&str] = &["name:", "secretName:", "claimName:", "serviceAccountName:", "- secretRef:", "secret:"];
    let wanted = name.as_bytes();
    if wanted.is_empty() {
        return false;
    }
    let names = |line: &[u8]| line.windows(wanted.len()).any(|word| word == wanted);
    let custom = cx.index.objects().iter().filter(|object| is_custom(object));
    let mut texts = custom.filter_map(|object| Some(&cx.scenario.rendered.files.get(object.file)?.text[object.range.clone()]));
    // Operators derive names from those of their resources.
    let derived = cx.index.objects().iter().filter(|object| is_custom(object)).any(|object| {
        object.name().len() > 3 && name.strip_prefix(object.name()).is_some_and(|rest| rest.starts_with('-'))
    });
    derived
        || texts.any(names)
        || cx.scenario.rendered.files.iter().any(|file| {
            file.text.split(|&byte| byte == b'\n').filter(|line| names(line)).any(|line| {
                let line = line.trim_ascii();
                let line = line.strip_prefix(b"- ").unwrap_or(line).trim_ascii_start();
                !REFERENCES.iter().any(|reference| line.starts_with(reference.as_bytes())) && !line.starts_with(b"#")
            })
        })
}
