//! What values can add to objects: `common-metadata-not-supported`, `extension-points-missing`

use crate::manifest::Workload;
use crate::rules::helpers::{list, object_ref};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;
use crate::values::tree::TreeValue;

pub(super) struct CommonMetadataNotSupported;

/// Keys of values that promise metadata for all objects, and which metadata.
const COMMON: &[(&str, &str)] = &[
    ("commonLabels", "labels"),
    ("additionalLabels", "labels"),
    ("extraLabels", "labels"),
    ("customLabels", "labels"),
    ("globalLabels", "labels"),
    ("commonAnnotations", "annotations"),
    ("additionalAnnotations", "annotations"),
    ("globalAnnotations", "annotations"),
];

/// What is looked for in the render.
const SENTINEL: &str = "chart-lint-probe";

impl Rule for CommonMetadataNotSupported {
    fn spec(&self) -> &'static Spec {
        spec!("common-metadata-not-supported")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        if cx.scenario_number() != 0 || !cx.is_chart() {
            return;
        }
        check_no_key(cx);
        for (key, field) in COMMON {
            if !takes_mapping(cx, key) {
                continue;
            }
            let mut probe = cx.probe();
            probe.values.json.push(format!("{key}={{\"{SENTINEL}\":\"x\"}}"));
            let there = cx.run(probe);
            let has = |object: &crate::manifest::Object| {
                object.get("metadata").get(field).child(SENTINEL).exists()
            };
            let own = |object: &&crate::manifest::Object| cx.is_own(object);
            if !there.objects.iter().filter(own).any(has) {
                continue;
            }
            let lacking: Vec<_> = cx
                .scenario
                .objects
                .iter()
                .filter(own)
                .filter(|object| !object.is_hook() && object.kind() != "CustomResourceDefinition")
                .filter(|object| {
                    there.objects.iter().any(|other| {
                        other.template == object.template
                            && other.kind() == object.kind()
                            && other.name() == object.name()
                            && !has(other)
                    })
                })
                .collect();
            let Some(first) = lacking.first() else { continue };
            let names: Vec<String> = lacking.iter().map(|object| cx.describe(object)).collect();
            let others = lacking.iter().skip(1).map(|object| object_ref(cx.index, object)).collect();
            let verb = if lacking.len() == 1 { "does" } else { "do" };
            let message = format!("{} {verb} not get the {field} of `{key}`", list(&names, 3));
            cx.finding(&first.get("metadata"), message)
                .identity(format!("common\0{key}"))
                .also(others)
                .help(format!("put them into the helper of {field} that every object includes"))
                .report();
        }
    }
}

/// Objects of a chart of which one may want to mark all.
const MANY_OBJECTS: usize = 5;

/// Reports a chart of several objects that has no key for labels or annotations of all of them.
fn check_no_key(cx: &mut RuleContext<'_>) {
    let own: Vec<_> = cx.scenario.objects.iter().filter(|object| cx.is_own(object) && !object.is_hook()).collect();
    let has_key = cx.chart().values.iter().flat_map(|values| &values.documents).any(|tree| {
        (0..tree.len() as u32).any(|node| {
            let path = tree.path(crate::values::tree::NodeIndex(node)).to_string().to_ascii_lowercase();
            let last = path.rsplit('.').next().unwrap_or_default();
            let is_metadata = last.ends_with("labels") || last.ends_with("annotations");
            // At the top or under `global` it may be for everything.
            is_metadata && (path.matches('.').count() == 0 || path.starts_with("global."))
                && !last.starts_with("pod") && !last.starts_with("service")
        })
    });
    let Some(first) = own.first().filter(|_| own.len() >= MANY_OBJECTS && !has_key) else { return };
    let labels = first.get("metadata.labels");
    let node = if labels.exists() { labels } else { first.get("metadata") };
    cx.finding_at_key(&node, "no values key adds labels or annotations to all objects of the chart")
        .identity("common\0none")
        .help("add `commonLabels: {}` and `commonAnnotations: {}` to values.yaml, and put them into the helper of labels that every object includes")
        .report();
}

/// Whether the values have a key that holds a mapping, or nothing yet.
fn takes_mapping(cx: &RuleContext<'_>, key: &str) -> bool {
    cx.chart().values.iter().flat_map(|values| &values.documents).any(|tree| {
        tree.key(tree.root(), key.as_bytes())
            .is_some_and(|node| matches!(tree.get(node), TreeValue::Map | TreeValue::Null))
    })
}

pub(super) struct ExtensionPointsMissing;

/// What can be added to pods, and words that keys of values for it have.
const POINTS: &[(&str, &[&str])] = &[
    ("variables", &["env", "additionalenv", "extraenv"]),
    ("volumes", &["volumes"]),
    ("volume mounts", &["volumemounts", "extramounts"]),
    ("init containers", &["initcontainers"]),
    ("sidecars", &["sidecar", "extracontainers", "additionalcontainers"]),
    ("annotations of pods", &["podannotations", "annotations"]),
    ("labels of pods", &["podlabels", "labels"]),
];

/// Fewer missing ones are a matter of taste.
const FEW: usize = 3;

impl Rule for ExtensionPointsMissing {
    fn spec(&self) -> &'static Spec {
        spec!("extension-points-missing")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        if cx.scenario_number() != 0 || !cx.is_chart() {
            return;
        }
        let mut lacking: Vec<(Workload<'_>, Vec<String>)> = Vec::new();
        for workload in cx.index.workloads() {
            if !cx.is_own(workload.object) || !workload.is_long_running() {
                continue;
            }
            let root = workload.object.root();
            let missing: Vec<String> = POINTS
                .iter()
                .filter(|(_, words)| !words.iter().any(|word| cx.may_render(&root, word)))
                .map(|(what, _)| (*what).to_owned())
                .collect();
            if missing.len() >= FEW {
                lacking.push((workload.clone(), missing));
            }
        }
        let Some((first, missing)) = lacking.first() else { return };
        let names: Vec<String> = lacking.iter().map(|(workload, _)| cx.describe(workload.object)).collect();
        let others = lacking.iter().skip(1).map(|(workload, _)| object_ref(cx.index, workload.object)).collect();
        let what = missing.join(", ");
        cx.finding(&first.object.root(), format!("values cannot add to the pods of {}: {what}", list(&names, 3)))
            .identity("extension-points")
            .also(others)
            .help("render values like `extraEnv`, `extraVolumes` and `podAnnotations` with `toYaml` there")
            .report();
    }
}
