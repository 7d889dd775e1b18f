//! Rules about autoscalers and what they scale.

use std::collections::HashMap;

use crate::finding::{Role, Severity};
use crate::kubernetes::datastores;
use crate::manifest::{Node, Object, Workload};
use crate::rules::helpers::{
    is_custom, is_served, is_singleton, is_trial, list, object_ref, template_place, writes_kind,
};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Kinds that scale something, and where they name it.
const AUTOSCALERS: &[(&str, &str)] = &[
    ("HorizontalPodAutoscaler", "spec.scaleTargetRef"),
    ("ScaledObject", "spec.scaleTargetRef"),
    ("VerticalPodAutoscaler", "spec.targetRef"),
];

/// The reference of an autoscaler to what it scales.
fn target<'a>(scaler: &'a Object) -> Option<Node<'a>> {
    AUTOSCALERS.iter().find(|(kind, _)| scaler.kind() == *kind).map(|(_, field)| scaler.get(field))
}

/// The kind that a reference names.
fn target_kind(target: &Node<'_>) -> String {
    target.get("kind").text().filter(|kind| !kind.is_empty()).unwrap_or_else(|| "Deployment".to_owned())
}

/// What a Utilization metric is about: the resource, and the container if it names one.
struct Utilization<'a> {
    node: Node<'a>,
    resource: String,
    container: Option<String>,
}

/// The metrics of an autoscaler that compare the use of a resource with its request.
fn utilizations<'a>(scaler: &'a Object) -> Vec<Utilization<'a>> {
    let mut found = Vec::new();
    let old = scaler.get("spec.targetCPUUtilizationPercentage");
    if old.exists() {
        found.push(Utilization { node: old, resource: "cpu".to_owned(), container: None });
    }
    for metric in scaler.get("spec.metrics").items() {
        let kind = metric.get("type").text().unwrap_or_default();
        let source = match kind.as_str() {
            "Resource" => metric.get("resource"),
            "ContainerResource" => metric.get("containerResource"),
            _ => continue,
        };
        let is_share = source.get("target.type").as_str().as_deref() == Some("Utilization")
            || source.get("target.averageUtilization").exists()
            || source.get("targetAverageUtilization").exists();
        let container = source.get("container").text();
        if let Some(resource) = source.get("name").text().filter(|_| is_share) {
            found.push(Utilization { node: source.get("name"), resource, container });
        }
    }
    if scaler.kind() == "ScaledObject" {
        for trigger in scaler.get("spec.triggers").items() {
            let resource = trigger.get("type").text().unwrap_or_default();
            let metric = trigger.get("metricType").text().or_else(|| trigger.get("metadata.type").text());
            if matches!(resource.as_str(), "cpu" | "memory")
                && metric.is_none_or(|metric| metric == "Utilization")
            {
                let container = trigger.get("metadata.containerName").text();
                found.push(Utilization { node: trigger.get("type"), resource, container });
            }
        }
    }
    found
}

pub(super) struct AutoscalerTargetMissing;

impl Rule for AutoscalerTargetMissing {
    fn spec(&self) -> &'static Spec {
        spec!("autoscaler-target-missing")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let Some(target) = target(object) else { return };
        let name_node = target.get("name");
        let Some(name) = name_node.text().filter(|name| !name.is_empty()) else { return };
        let kind = target_kind(&target);
        let is_there =
            cx.index.named(&kind, &name, object).any(|other| target_of_kind(other, &kind, &target));
        if is_there || !cx.is_whole() || may_be_elsewhere(cx, object, &name_node, &name, &kind) {
            return;
        }
        let same_name = cx.index.workloads().iter().find(|workload| workload.object.name() == name);
        let of_kind = cx.index.workloads().iter().filter(|workload| workload.object.kind() == kind);
        let names: Vec<String> = of_kind.map(|workload| workload.object.name().to_owned()).collect();
        let (node, help) = match same_name {
            Some(workload) if workload.object.kind() != kind => {
                (target.get("kind"), format!("`{name}` is a {}: name that kind", workload.object.kind()))
            }
            Some(workload) => {
                let version = &workload.object.head.api_version;
                (target.get("apiVersion"), format!("`{name}` is of `{version}`: name that version"))
            }
            None if names.is_empty() => {
                (name_node, format!("render it only together with the {kind} that it scales"))
            }
            None => (name_node, format!("the chart's {kind}s are {}", list(&names, 4))),
        };
        let message = format!("{} scales {kind}/{name}, which the chart does not render", cx.describe(object));
        // The key stands in the autoscaler's own template; the value often in a helper that all names come from.
        cx.finding_at_key(&node, message).help(help).report();
    }
}

/// Whether an object is of the kind and API group that a reference names; the version does not matter.
fn target_of_kind(object: &Object, kind: &str, target: &Node<'_>) -> bool {
    let version = target.get("apiVersion").text().unwrap_or_else(|| "apps/v1".to_owned());
    let group = version.rsplit_once('/').map_or("", |(group, _)| group);
    object.kind() == kind && object.group() == group
}

/// Whether the target may be made by something else: its name is set in values, or an operator makes it for a custom
/// resource of the chart.
fn may_be_elsewhere(cx: &RuleContext<'_>, scaler: &Object, name_node: &Node<'_>, name: &str, kind: &str) -> bool {
    let values = cx.values_of(name_node);
    let is_named_by_user = values.iter().any(|value| {
        let key = value.path.to_ascii_lowercase();
        value.is_values && (key.ends_with("name") && key.contains("target") || key.contains("ref"))
    });
    let made_by_operator = cx.index.objects().iter().any(|other| {
        is_custom(other)
            && !std::ptr::eq(other, scaler)
            && target(other).is_none()
            && !other.name().is_empty()
            && (name.contains(other.name()) || other.kind() == kind && other.name() == name)
    });
    is_named_by_user || made_by_operator
}

pub(super) struct HpaReplicasConflict;

impl Rule for HpaReplicasConflict {
    fn spec(&self) -> &'static Spec {
        spec!("hpa-replicas-conflict")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let replicas = workload.object.get("spec.replicas");
        if !replicas.is_written() {
            return;
        }
        let Some(&scaler) = cx.index.autoscalers(workload).first() else {
            return check_switched_off(cx, workload, &replicas);
        };
        let (name, scaler_name) = (cx.describe(workload.object), cx.describe(scaler));
        let place = template_place(cx, &scaler.root());
        let finding = if replicas.exists() {
            cx.finding(&replicas, format!("{name} sets `replicas`, which {scaler_name} is to decide"))
                .label("each upgrade resets the number of pods to this")
        } else {
            let message = format!("{name} sets `replicas` as soon as values do, though {scaler_name} is to decide");
            cx.finding_at_key(&replicas, message).severity(Severity::Low)
        };
        let finding =
            finding.help("render it only without the autoscaler: `{{- if not .Values.autoscaling.enabled }}`");
        match place {
            Some(place) => finding.related(place, Role::Object, "the autoscaler").report(),
            None => finding.report(),
        }
    }
}

/// The same with an autoscaler that is off: the only one of the chart, for its only workload, with a switch that the
/// workload's templates do not know.
fn check_switched_off(cx: &mut RuleContext<'_>, workload: &Workload<'_>, replicas: &Node<'_>) {
    let own = cx.index.workloads().iter().filter(|other| cx.is_own(other.object) && !other.object.is_hook());
    if !replicas.exists() || !workload.is_replicated() || own.count() != 1 {
        return;
    }
    let is_scaler = |kind: &str| matches!(kind, "HorizontalPodAutoscaler" | "ScaledObject");
    let mut scalers = cx.scenario.toggles.iter().filter(|toggle| is_scaler(&toggle.kind));
    let (Some(toggle), None) = (scalers.next().cloned(), scalers.next()) else { return };
    let is_known = toggle.keys.iter().any(|key| {
        let parts: Vec<&str> = key.split('.').collect();
        // `enabled` stands everywhere; what it belongs to does not.
        let part = if parts.len() > 1 { parts[parts.len() - 2] } else { parts[0] };
        cx.may_render(&workload.object.root(), part)
    });
    if is_known {
        return;
    }
    let message = format!(
        "{} sets `replicas` even if `{}` switches the autoscaler on",
        cx.describe(workload.object),
        toggle.keys.join("` and `")
    );
    cx.finding(replicas, message)
        .severity(Severity::Low)
        .label("each upgrade would reset the number of pods to this")
        .help(format!("render it only without the autoscaler: `{{{{- if not .Values.{} }}}}`", toggle.keys[0]))
        .related(toggle.location, Role::Template, "the autoscaler")
        .report();
}

pub(super) struct HpaRequestsMissing;

impl Rule for HpaRequestsMissing {
    fn spec(&self) -> &'static Spec {
        spec!("hpa-requests-missing")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        // A LimitRange gives requests to those that have none.
        if !cx.index.of_kind("LimitRange").is_empty() {
            return;
        }
        for scaler in cx.index.autoscalers(workload) {
            for metric in utilizations(scaler) {
                let resource = metric.resource.as_str();
                let of_pod = workload.pod.get("resources");
                if has(&of_pod, resource) {
                    continue;
                }
                let lacking: Vec<_> = workload
                    .containers()
                    .into_iter()
                    .filter(|container| container.is_long_running())
                    .filter(|container| {
                        metric.container.as_ref().is_none_or(|name| *name == container.name())
                            && !has(&container.node.get("resources"), resource)
                    })
                    .collect();
                let Some(first) = lacking.first() else { continue };
                let names: Vec<String> = lacking.iter().map(|container| container.name()).collect();
                let message = format!(
                    "{} scales by the share of the {resource} request that is used, but {} {} none",
                    cx.describe(scaler),
                    list(&names, 3),
                    if names.len() == 1 { "has" } else { "have" },
                );
                let also = vec![object_ref(cx.index, scaler)];
                let place = template_place(cx, &metric.node);
                let is_trial = is_trial(cx);
                let finding = cx
                    .finding(&first.node.get("resources"), message)
                    .help(format!(
                        "set `resources.requests.{resource}`: without it the autoscaler computes nothing and never scales"
                    ))
                    .also(also);
                // Whoever switches the autoscaler on may set the requests too.
                let finding = if is_trial { finding.severity(Severity::Medium) } else { finding };
                match place {
                    Some(place) => finding.related(place, Role::Object, "the metric").report(),
                    None => finding.report(),
                }
            }
        }
    }
}

/// Whether there is a request for a resource; a limit alone is one too.
fn has(resources: &Node<'_>, resource: &str) -> bool {
    ["requests", "limits"].iter().any(|field| resources.get(field).child(resource).exists())
}

pub(super) struct HpaMaxNotGreater;

impl Rule for HpaMaxNotGreater {
    fn spec(&self) -> &'static Spec {
        spec!("hpa-max-not-greater")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let (most_field, least_field, default_most, default_least) = match object.kind() {
            "HorizontalPodAutoscaler" => ("spec.maxReplicas", "spec.minReplicas", None, 1),
            "ScaledObject" => ("spec.maxReplicaCount", "spec.minReplicaCount", Some(100), 0),
            _ => return,
        };
        let most_node = object.get(most_field);
        let name = cx.describe(object);
        let least = object.get(least_field).as_int().unwrap_or(default_least);
        let Some(most) = most_node.as_int().or(default_most.filter(|_| !most_node.exists())) else {
            if !most_node.exists() {
                cx.finding(&most_node, format!("{name} has no `maxReplicas`"))
                    .severity(Severity::High)
                    .help("set `maxReplicas`: the API server refuses the object without it")
                    .report();
            }
            return;
        };
        if most < least {
            cx.finding(&most_node, format!("{name} allows at most {most} pods and wants at least {least}"))
                .severity(Severity::High)
                .help("set a maximum above the minimum: the API server refuses the object")
                .report();
        } else if most == least {
            cx.finding(&most_node, format!("{name} has room for exactly {most} pods, so it never scales"))
                .severity(Severity::Low)
                .help("raise the maximum, or leave the autoscaler out")
                .report();
        }
    }
}

pub(super) struct HpaDuplicateTarget;

impl Rule for HpaDuplicateTarget {
    fn spec(&self) -> &'static Spec {
        spec!("hpa-duplicate-target")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let scalers: Vec<&Object> =
            AUTOSCALERS.iter().flat_map(|(kind, _)| cx.index.of_kind(kind)).copied().collect();
        let mut known: HashMap<(String, String, String), &Object> = HashMap::new();
        for scaler in scalers {
            let Some(target) = target(scaler) else { continue };
            let Some(name) = target.get("name").text() else { continue };
            if scaler.kind() == "VerticalPodAutoscaler" && !changes_pods(scaler) {
                continue;
            }
            let key = (cx.index.namespace(scaler).to_owned(), target_kind(&target), name);
            let Some(&other) = known.get(&key) else {
                known.insert(key, scaler);
                continue;
            };
            // A vertical and a horizontal one get on if they look at different things.
            let disturbs = other.kind() == "VerticalPodAutoscaler"
                || scaler.kind() != "VerticalPodAutoscaler"
                || !utilizations(other).is_empty();
            if !disturbs {
                continue;
            }
            let (_, kind, name) = &key;
            let message = format!(
                "{} and {} both scale {kind}/{name}",
                cx.describe(other),
                cx.describe(scaler)
            );
            let also = vec![object_ref(cx.index, other)];
            let place = template_place(cx, &other.root());
            let finding = cx
                .finding(&target.get("name"), message)
                .also(also)
                .help("keep one of them: each undoes what the other does");
            match place {
                Some(place) => finding.related(place, Role::Object, "the other autoscaler").report(),
                None => finding.report(),
            }
        }
    }
}

/// Whether a VerticalPodAutoscaler changes pods by itself.
fn changes_pods(scaler: &Object) -> bool {
    let mode = scaler.get("spec.updatePolicy.updateMode").text();
    !matches!(mode.as_deref(), Some("Off" | "Initial"))
}

pub(super) struct AutoscalingNotSupported;

impl Rule for AutoscalingNotSupported {
    fn spec(&self) -> &'static Spec {
        spec!("autoscaling-not-supported")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        if cx.scenario_index != 0 {
            return;
        }
        let stateless: Vec<&Workload<'_>> =
            cx.index.workloads().iter().filter(|workload| is_stateless(cx, workload)).collect();
        let Some(first) = stateless.first() else { return };
        let kinds: Vec<&str> = AUTOSCALERS.iter().map(|(kind, _)| *kind).collect();
        if writes_kind(cx, &kinds) {
            return;
        }
        let names: Vec<String> = stateless.iter().map(|workload| cx.describe(workload.object)).collect();
        let others = stateless.iter().skip(1).map(|workload| object_ref(cx.index, workload.object)).collect();
        let root = first.object.root();
        cx.finding(&root, format!("the chart has no autoscaler for {}", list(&names, 4)))
            .identity("autoscaling")
            .also(others)
            .help("add a template for a HorizontalPodAutoscaler that `autoscaling.enabled` switches on")
            .report();
    }
}

/// Whether more pods of a workload would carry more load: it answers requests and keeps nothing.
fn is_stateless(cx: &RuleContext<'_>, workload: &Workload<'_>) -> bool {
    let object = workload.object;
    cx.is_own(object)
        && object.kind() == "Deployment"
        && workload.is_long_running()
        && object.get("spec.strategy.type").as_str().as_deref() != Some("Recreate")
        && cx.index.claims(workload).is_empty()
        && !is_singleton(workload)
        && datastores::of_workload(workload).is_none()
        && is_served(cx, workload)
}
