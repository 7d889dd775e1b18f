//! The transformers that a kustomization's fields stand for: namespace, names, labels, annotations, replicas, images.

use std::collections::HashMap;

use chart_lint_template::{Data, List, Map, Type, Value};

use super::{Resource, items, map_in, string};
use crate::rules::helpers::ImageReference;
use crate::values::coalesce::origin_of;

/// Nothing that refers to something else is nested as deep.
const MAX_DEPTH: usize = 64;

/// Kinds without a namespace, among those that come with Kubernetes.
const CLUSTER_SCOPED: &[&str] = &[
    "APIService",
    "CSIDriver",
    "CSINode",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "FlowSchema",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "RuntimeClass",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
];

/// Runs all of them, in Kustomize's order.
pub(super) fn run(root: &Map, resources: &mut [Resource]) {
    if let Some(namespace) = root.get(b"namespace").filter(|value| value.as_text().is_some()) {
        set_namespace(&namespace, resources);
    }
    // By the names from before they change.
    for replicas in items(root, "replicas") {
        let Some(replicas) = replicas.as_map() else { continue };
        let name = replicas.get(b"name").and_then(|name| string(&name)).unwrap_or_default();
        let Some(count) = replicas.get(b"count") else { continue };
        for resource in resources.iter().filter(|resource| resource.name() == name) {
            if matches!(
                resource.kind().as_str(),
                "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController"
            ) {
                map_in(&resource.value, "spec").insert("replicas", count.clone());
            }
        }
    }
    rename(root, resources);
    labels(root, resources);
    if let Some(annotations) = root.get(b"commonAnnotations").as_ref().and_then(Value::as_map) {
        for resource in resources.iter() {
            put_all(annotations, &map_in(&resource.metadata(), "annotations"));
            if let Some(template) = template_of(resource) {
                put_all(annotations, &map_in(&map_in(&template, "metadata"), "annotations"));
            }
        }
    }
    for image in items(root, "images") {
        if let Some(image) = image.as_map() {
            for resource in resources.iter() {
                set_image(&Value::from(resource.value.clone()), image, 0);
            }
        }
    }
}

fn set_namespace(namespace: &Value, resources: &[Resource]) {
    for resource in resources {
        let kind = resource.kind();
        if kind == "Namespace" {
            resource.metadata().insert("name", namespace.clone());
        } else if !CLUSTER_SCOPED.contains(&kind.as_str()) {
            resource.metadata().insert("namespace", namespace.clone());
        }
        // Service accounts of the build are where everything else is.
        for subject in items(&resource.value, "subjects") {
            let Some(subject) = subject.as_map() else { continue };
            let is_account =
                subject.get(b"kind").and_then(|kind| string(&kind)).as_deref() == Some("ServiceAccount");
            if is_account {
                subject.insert("namespace", namespace.clone());
            }
        }
    }
}

/// `namePrefix` and `nameSuffix`, with all that refers to the names.
fn rename(root: &Map, resources: &[Resource]) {
    let part = |key: &str| root.get(key.as_bytes()).and_then(|value| string(&value)).unwrap_or_default();
    let (prefix, suffix) = (part("namePrefix"), part("nameSuffix"));
    if prefix.is_empty() && suffix.is_empty() {
        return;
    }
    let mut names = HashMap::new();
    for resource in resources {
        let kind = resource.kind();
        if matches!(kind.as_str(), "Namespace" | "CustomResourceDefinition" | "APIService") {
            continue;
        }
        let Some(name) = resource.metadata().get(b"name") else { continue };
        let old = resource.name();
        let new = format!("{prefix}{old}{suffix}");
        resource.metadata().insert("name", Value::from(new.as_str()).with_origin(origin_of(&name)));
        names.insert((kind, old), new);
    }
    for resource in resources {
        refer(&Value::from(resource.value.clone()), &names, 0);
    }
}

/// Changes the names that something refers to.
fn refer(value: &Value, names: &HashMap<(String, String), String>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match &value.data {
        Data::Map(map) => {
            let kind = map.get(b"kind").and_then(|kind| string(&kind)).unwrap_or_default();
            for (key, entry) in map.entries() {
                let key = key.to_utf8().into_owned();
                let in_map = |field: &'static str, kind: &str| {
                    if let Some(inner) = entry.value.as_map() {
                        replace(inner, field, kind, names);
                    }
                };
                match key.as_str() {
                    "configMapRef" | "configMapKeyRef" | "configMap" => in_map("name", "ConfigMap"),
                    "secretRef" | "secretKeyRef" => in_map("name", "Secret"),
                    "secret" => {
                        in_map("secretName", "Secret");
                        in_map("name", "Secret");
                    }
                    "persistentVolumeClaim" => in_map("claimName", "PersistentVolumeClaim"),
                    "service" => in_map("name", "Service"),
                    "scaleTargetRef" | "roleRef" | "targetRef" => {
                        let kind = entry.value.as_map().and_then(|map| map.get(b"kind"));
                        let kind = kind.and_then(|kind| string(&kind)).unwrap_or_default();
                        in_map("name", &kind);
                    }
                    "serviceAccountName" => replace(map, "serviceAccountName", "ServiceAccount", names),
                    "serviceName" => replace(map, "serviceName", "Service", names),
                    "secretName" => replace(map, "secretName", "Secret", names),
                    "imagePullSecrets" | "subjects" | "secrets" => {
                        for item in items(map, &key) {
                            let Some(item) = item.as_map() else { continue };
                            let kind = match key.as_str() {
                                "subjects" => "ServiceAccount",
                                _ => "Secret",
                            };
                            replace(item, "name", kind, names);
                        }
                    }
                    _ => {}
                }
                // Data of a ConfigMap refers to nothing.
                if !(matches!(kind.as_str(), "ConfigMap" | "Secret") && key.to_lowercase().ends_with("data"))
                {
                    refer(&entry.value, names, depth + 1);
                }
            }
        }
        Data::List(list) => list.iter().for_each(|item| refer(item, names, depth + 1)),
        _ => {}
    }
}

fn replace(map: &Map, field: &str, kind: &str, names: &HashMap<(String, String), String>) {
    let Some(value) = map.get(field.as_bytes()) else { return };
    let Some(old) = string(&value) else { return };
    if let Some(new) = names.get(&(kind.to_owned(), old)) {
        map.insert(field, Value::from(new.as_str()).with_origin(origin_of(&value)));
    }
}

fn labels(root: &Map, resources: &[Resource]) {
    let truth = |map: &Map, key: &str| map.get(key.as_bytes()).is_some_and(|value| value.is_true());
    let mut sets: Vec<(Map, bool, bool)> = Vec::new();
    if let Some(labels) = root.get(b"commonLabels").and_then(|value| value.as_map().cloned()) {
        sets.push((labels, true, true));
    }
    for entry in items(root, "labels") {
        let Some(entry) = entry.as_map() else { continue };
        if let Some(pairs) = entry.get(b"pairs").and_then(|value| value.as_map().cloned()) {
            let selectors = truth(entry, "includeSelectors");
            sets.push((pairs, selectors, selectors || truth(entry, "includeTemplates")));
        }
    }
    for (pairs, selectors, templates) in &sets {
        for resource in resources {
            put_all(pairs, &map_in(&resource.metadata(), "labels"));
            if *templates && let Some(template) = template_of(resource) {
                put_all(pairs, &map_in(&map_in(&template, "metadata"), "labels"));
            }
            if *selectors {
                for selector in selectors_of(resource) {
                    put_all(pairs, &selector);
                }
            }
        }
    }
}

fn put_all(from: &Map, into: &Map) {
    for (key, entry) in from.entries() {
        into.insert_entry(key, entry);
    }
}

fn child(map: &Map, key: &str) -> Option<Map> {
    map.get(key.as_bytes())?.as_map().cloned()
}

/// The pod template of a workload.
fn template_of(resource: &Resource) -> Option<Map> {
    let spec = child(&resource.value, "spec")?;
    let spec = match child(&spec, "jobTemplate") {
        Some(job) => child(&job, "spec")?,
        None => spec,
    };
    child(&spec, "template")
}

/// The maps of labels by which an object selects pods.
fn selectors_of(resource: &Resource) -> Vec<Map> {
    let Some(spec) = child(&resource.value, "spec") else { return Vec::new() };
    match resource.kind().as_str() {
        "Service" | "ReplicationController" => child(&spec, "selector").into_iter().collect(),
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => {
            vec![map_in(&map_in(&spec, "selector"), "matchLabels")]
        }
        "PodDisruptionBudget" => {
            child(&spec, "selector").map(|selector| map_in(&selector, "matchLabels")).into_iter().collect()
        }
        // A policy that selects everything goes on doing so.
        "NetworkPolicy" => child(&spec, "podSelector")
            .and_then(|selector| child(&selector, "matchLabels"))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// Changes images in all lists of containers.
fn set_image(value: &Value, image: &Map, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match &value.data {
        Data::Map(map) => {
            for (key, entry) in map.entries() {
                if matches!(key.as_bytes(), b"containers" | b"initContainers" | b"ephemeralContainers") {
                    for container in items(map, &key.to_utf8()) {
                        if let Some(container) = container.as_map() {
                            set_container_image(container, image);
                        }
                    }
                } else {
                    set_image(&entry.value, image, depth + 1);
                }
            }
        }
        Data::List(list) => list.iter().for_each(|item| set_image(item, image, depth + 1)),
        _ => {}
    }
}

fn set_container_image(container: &Map, image: &Map) {
    let Some(text) = container.get(b"image").and_then(|value| string(&value)) else { return };
    let reference = ImageReference::parse(&text);
    let part = |key: &str| image.get(key.as_bytes()).filter(|value| !value.is_nil());
    if part("name").and_then(|name| string(&name)).as_deref() != Some(reference.name) {
        return;
    }
    let shown = |value: &Value| string(value).unwrap_or_else(|| format!("{value:?}"));
    let name = part("newName").map_or_else(|| reference.name.to_owned(), |value| shown(&value));
    let (tag, digest) = (part("newTag"), part("digest"));
    let rest = match (&tag, &digest) {
        (_, Some(digest)) => format!("@{}", shown(digest)),
        (Some(tag), None) => format!(":{}", shown(tag)),
        (None, None) => text[reference.name.len()..].to_owned(),
    };
    // What the kustomization says last is what one would edit.
    let source = digest.or(tag).or_else(|| part("newName"));
    let origin = source.as_ref().map(origin_of);
    let value = Value::from(format!("{name}{rest}"));
    container.insert("image", value.with_origin(origin.unwrap_or_default()));
}

/// A list of values.
pub(super) fn list(items: Vec<Value>) -> Value {
    Value::from(List::typed(Type::LIST, items))
}
