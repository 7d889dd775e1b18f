//! Names, labels and other metadata that Kubernetes refuses: `invalid-resource-name`, `invalid-label-value`,
//! `non-string-metadata-value`, `object-without-kind`

use crate::kubernetes::names::{is_label_key, is_label_value, name_problem};
use crate::manifest::{Node, Object, Workload};
use crate::rules::helpers::is_custom;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct InvalidResourceName;

impl Rule for InvalidResourceName {
    fn spec(&self) -> &'static Spec {
        spec!("invalid-resource-name")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let node = object.get("metadata.name");
        let Some(name) = node.text() else { return };
        if name.is_empty() && object.get("metadata.generateName").exists() || name.contains("{{") {
            return;
        }
        let kind = object.kind();
        if let Some(problem) = name_problem(kind, &name) {
            let message = if name.is_empty() {
                format!("the name of a {kind} is empty")
            } else {
                format!("`{name}` is no name for a {kind}: {problem}")
            };
            cx.finding(&node, message).help("see how the name is put together, and shorten or convert it there").report();
        }
    }
}

/// The mappings of labels in an object: its own, those of its pods, and those of selectors.
fn label_maps<'a>(object: &'a Object) -> Vec<Node<'a>> {
    let mut maps = vec![object.get("metadata.labels")];
    if let Some(workload) = Workload::of(object) {
        maps.push(workload.template.get("metadata.labels"));
        maps.push(object.get("spec.selector.matchLabels"));
        let claims = object.get("spec.volumeClaimTemplates").items();
        maps.extend(claims.iter().map(|claim| claim.get("metadata.labels")));
    } else if object.is("", "Service") {
        maps.push(object.get("spec.selector"));
    } else if !is_custom(object) {
        for field in ["spec.selector.matchLabels", "spec.podSelector.matchLabels"] {
            maps.push(object.get(field));
        }
    }
    maps
}

fn annotation_maps<'a>(object: &'a Object) -> Vec<Node<'a>> {
    let mut maps = vec![object.get("metadata.annotations")];
    maps.extend(Workload::of(object).map(|workload| workload.template.get("metadata.annotations")));
    maps
}

pub(super) struct InvalidLabelValue;

impl Rule for InvalidLabelValue {
    fn spec(&self) -> &'static Spec {
        spec!("invalid-label-value")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        for map in label_maps(object) {
            for (key, node) in map.entries() {
                if !is_label_key(&key) {
                    let message = format!("`{key}` is no key for a label");
                    cx.finding_at_key(&node, message)
                        .help("a key has at most 63 letters, digits, `-`, `_` and `.`, after an optional `domain/`")
                        .report();
                }
                let Some(value) = node.as_str() else { continue };
                if is_label_value(&value) || value.contains("{{") {
                    continue;
                }
                let why = if value.len() > 63 {
                    format!("it has {} characters, and may have 63", value.len())
                } else {
                    match value.chars().find(|&c| !c.is_ascii_alphanumeric() && !"-_.".contains(c)) {
                        Some(c) => format!("it has `{c}` in it"),
                        None => "it does not start and end with a letter or digit".to_owned(),
                    }
                };
                cx.finding(&node, format!("`{value}` is no value for label `{key}`: {why}"))
                    .help("convert it: `| replace \"+\" \"_\" | trunc 63 | trimSuffix \"-\"`")
                    .report();
            }
        }
    }
}

pub(super) struct NonStringMetadataValue;

impl Rule for NonStringMetadataValue {
    fn spec(&self) -> &'static Spec {
        spec!("non-string-metadata-value")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let labels = label_maps(object).into_iter().map(|map| ("label", map));
        let annotations = annotation_maps(object).into_iter().map(|map| ("annotation", map));
        let mut maps: Vec<_> = labels.chain(annotations).collect();
        if object.is("", "ConfigMap") {
            maps.push(("entry", object.get("data")));
        } else if object.is("", "Secret") {
            maps.push(("entry", object.get("stringData")));
            maps.push(("entry", object.get("data")));
        }
        for (what, map) in maps {
            for (key, node) in map.entries() {
                // A Secret without a value is common, and taken for an empty one.
                let is_fine = node.as_str().is_some() || what == "entry" && !node.exists();
                if !is_fine {
                    report(cx, &node, &format!("{what} `{key}`"));
                }
            }
        }
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        for container in workload.containers() {
            for variable in container.node.get("env").items() {
                let value = variable.get("value");
                if value.exists() && value.as_str().is_none() {
                    let name = variable.get("name").text().unwrap_or_default();
                    report(cx, &value, &format!("variable `{name}`"));
                }
            }
        }
    }
}

fn report(cx: &mut RuleContext<'_>, node: &Node<'_>, what: &str) {
    let is_scalar = !node.is_map() && !node.is_list();
    let help = if !node.exists() {
        "give it a value, or leave it out"
    } else if is_scalar {
        "quote it: `| quote`"
    } else {
        "write it as text: a block after `|`, or `toJson … | quote`"
    };
    cx.finding(node, format!("{what} is {}, not a string", node.type_name())).help(help).report();
}

pub(super) struct ObjectWithoutKind;

impl Rule for ObjectWithoutKind {
    fn spec(&self) -> &'static Spec {
        spec!("object-without-kind")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let mut missing: Vec<String> = ["apiVersion", "kind"]
            .into_iter()
            .filter(|field| object.get(field).is_empty())
            .map(str::to_owned)
            .collect();
        let is_list = object.kind().ends_with("List");
        let has_name =
            object.get("metadata.name").is_written() || object.get("metadata.generateName").exists();
        if missing.is_empty() && !is_list && !has_name {
            missing.push("metadata.name".to_owned());
        }
        if missing.is_empty() {
            return;
        }
        let what = crate::rules::helpers::list(&missing, 3);
        let node = if missing[0] == "metadata.name" && object.get("metadata").exists() {
            object.get("metadata")
        } else {
            object.root()
        };
        cx.finding(&node, format!("a document has no {what}"))
            .help("give it what is missing, or put the condition around the whole object")
            .report();
    }
}
