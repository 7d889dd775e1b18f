//! `configmap-ref-missing`, `secret-ref-missing`

use std::collections::{HashMap, HashSet};

use super::{ConfigRef, config_refs, is_made_elsewhere};
use crate::finding::Role;
use crate::manifest::{Node, Object, Workload};
use crate::rules::helpers::template_place;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// What every namespace has, or what the platform puts there.
const GIVEN: &[&str] = &[
    "kube-root-ca.crt",
    "openshift-service-ca.crt",
    "istio-ca-root-cert",
    "extension-apiserver-authentication",
    "linkerd-identity-trust-roots",
];

pub(super) struct ConfigmapRefMissing;

impl Rule for ConfigmapRefMissing {
    fn spec(&self) -> &'static Spec {
        spec!("configmap-ref-missing")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        if cx.is_whole() {
            check(cx, "ConfigMap", &["data", "binaryData"]);
        }
    }
}

pub(super) struct SecretRefMissing;

impl Rule for SecretRefMissing {
    fn spec(&self) -> &'static Spec {
        spec!("secret-ref-missing")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        if cx.is_whole() {
            check(cx, "Secret", &["data", "stringData"]);
        }
    }
}

/// More missing names than these are not looked for in the rest of the chart.
const MAX_NAMES: usize = 64;

fn check(cx: &mut RuleContext<'_>, kind: &str, fields: &[&str]) {
    let index = cx.index;
    let of_kind = index.of_kind(kind).iter().filter(|object| object.group().is_empty());
    let known: HashMap<(&str, &str), &Object> =
        of_kind.map(|object| ((index.namespace(object), object.name()), *object)).collect();
    let mut missing = HashSet::new();
    let can_be_created = may_create(cx, kind);
    for workload in index.workloads() {
        if !cx.is_own(workload.object) {
            continue;
        }
        let namespace = index.namespace(workload.object);
        for reference in config_refs(workload).into_iter().filter(|reference| reference.kind == kind) {
            if reference.is_optional || GIVEN.contains(&reference.name.as_str()) {
                continue;
            }
            match known.get(&(namespace, reference.name.as_str())) {
                Some(object) => check_keys(cx, &reference, object, fields),
                None => {
                    missing.insert(reference.name.clone());
                    if missing.len() <= MAX_NAMES && !can_be_created {
                        check_name(cx, workload, &reference, namespace);
                    }
                }
            }
        }
    }
}

/// Whether a role of the chart allows a program to create such objects: then it may do so.
fn may_create(cx: &RuleContext<'_>, kind: &str) -> bool {
    let plural = if kind == "Secret" { "secrets" } else { "configmaps" };
    let roles = ["Role", "ClusterRole"].iter().flat_map(|kind| cx.index.of_kind(kind));
    roles.flat_map(|role| role.get("rules").items()).any(|rule| {
        let has = |field: &str, words: [&str; 2]| {
            rule.get(field).items().iter().filter_map(Node::text).any(|text| words.contains(&text.as_str()))
        };
        has("resources", [plural, "*"]) && has("verbs", ["create", "*"])
    })
}

fn check_name(cx: &mut RuleContext<'_>, workload: &Workload<'_>, reference: &ConfigRef<'_>, namespace: &str) {
    let (kind, name) = (reference.kind, &reference.name);
    let who = cx.describe(workload.object);
    let mut others = cx.index.of_kind(kind).iter().filter(|object| object.name() == name && cx.is_own(object));
    if let Some(other) = others.next().copied() {
        let elsewhere = cx.index.namespace(other).to_owned();
        let place = template_place(cx, &other.root());
        let message =
            format!("{who} needs {kind}/{name} in the namespace `{namespace}`, but the chart puts it into `{elsewhere}`");
        let finding = cx.finding_at_call(&reference.node, &reference.node, message).cause(format!("{kind} {name}"));
        let finding = finding.help("give both the same `metadata.namespace`, or none");
        match place {
            Some(place) => finding.related(place, Role::Template, "made here").report(),
            None => finding.report(),
        }
        return;
    }
    // A name from values means something that the user has made.
    if cx.is_from_values(&reference.node)
        || is_certificate(cx, namespace, name)
        || is_made_elsewhere(cx, name)
    {
        return;
    }
    let message = format!("{who} needs {kind}/{name}, and nothing here makes it");
    cx.finding_at_call(&reference.node, &reference.node, message)
        .cause(format!("{kind} {name}"))
        .label("the pods wait for it")
        .help(format!("render the {kind}, let a values key name one that exists, or mark the reference `optional: true`"))
        .report();
}

/// Whether cert-manager puts a certificate into a Secret, or a platform does so for a Service.
fn is_certificate(cx: &RuleContext<'_>, namespace: &str, name: &str) -> bool {
    let by_ingress = cx.index.of_kind("Ingress").iter().any(|ingress| {
        let issuers = ["cert-manager.io/issuer", "cert-manager.io/cluster-issuer", "kubernetes.io/tls-acme"];
        let annotations = ingress.get("metadata.annotations");
        let tls = ingress.get("spec.tls").items();
        cx.index.namespace(ingress) == namespace
            && issuers.iter().any(|issuer| annotations.child(issuer).exists())
            && tls.iter().any(|entry| entry.get("secretName").text().as_deref() == Some(name))
    });
    by_ingress
        || cx.index.of_kind("Service").iter().any(|service| {
            let annotations = service.get("metadata.annotations");
            annotations.child("service.beta.openshift.io/serving-cert-secret-name").text().as_deref() == Some(name)
        })
}

fn check_keys(cx: &mut RuleContext<'_>, reference: &ConfigRef<'_>, object: &Object, fields: &[&str]) {
    let has = |key: &str| fields.iter().any(|field| object.get(field).entries().iter().any(|(known, _)| known == key));
    let holds_nothing = fields.iter().all(|field| object.get(field).entries().is_empty());
    let missing: Vec<&Node<'_>> =
        reference.keys.iter().filter(|key| key.text().is_some_and(|key| !has(&key))).collect();
    for node in missing {
        let Some(key) = node.text() else { continue };
        // Data that is filled in later, by a program or by values.
        if holds_nothing || cx.is_from_values(node) || is_filled_later(object) || comes_from_values(cx, object, fields) {
            return;
        }
        let message = format!("{}/{} has no key `{key}`", reference.kind, reference.name);
        cx.finding(node, message)
            .label("the pods wait for it")
            .help(format!("use a key that the {} has, or add this one", reference.kind))
            .report();
    }
}

/// Whether the whole of an object's data is what the user gives.
fn comes_from_values(cx: &RuleContext<'_>, object: &Object, fields: &[&str]) -> bool {
    fields.iter().any(|field| {
        let node = object.get(field);
        let Some(bytes) = node.value_bytes() else { return false };
        !cx.scenario.trace(object.file, bytes).is_text
    })
}

fn is_filled_later(object: &Object) -> bool {
    object.head.annotations.iter().any(|(name, _)| name.contains("secret-generator") || name.contains("inject"))
}
