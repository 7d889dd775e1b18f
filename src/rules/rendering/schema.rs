//! `schema-invalid`

use crate::kubernetes::fields::{Field, FieldType, Fields, fields, mapping_of};
use crate::manifest::{Node, Object};
use crate::finding::Severity;
use crate::rules::helpers::{is_custom, list};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct SchemaInvalid;

impl Rule for SchemaInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("schema-invalid")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if is_custom(object) {
            // Many controllers take a template of pods, with fields of their own in it; containers are containers.
            let Some(container) = fields("Container") else { return };
            for list in ["spec.template.spec.containers", "spec.template.spec.initContainers"] {
                for node in object.get(list).items().iter().filter(|node| node.get("image").exists()) {
                    check(cx, node, container, &[]);
                }
            }
            return;
        }
        let Some(mapping) = mapping_of(object.group(), object.kind()).and_then(fields) else { return };
        let root = object.root();
        // What an object has besides is metadata, which other rules look at, and what the cluster writes.
        let known = ["apiVersion", "kind", "metadata", "status"];
        let own: Vec<_> =
            root.entries().into_iter().filter(|(name, _)| !known.contains(&name.as_str())).collect();
        check_entries(cx, &root, own, mapping, &[]);
        if let Some(meta) = fields("Meta") {
            check(cx, &root.get("metadata"), meta, &[]);
        }
    }
}

/// The mappings above a field, the outermost first: what belongs there, and the name that it has.
type Above<'n> = [(&'static Fields, &'n str)];

fn check(cx: &mut RuleContext<'_>, node: &Node<'_>, mapping: &'static Fields, above: &Above<'_>) {
    check_entries(cx, node, node.entries(), mapping, above);
}

fn check_entries(
    cx: &mut RuleContext<'_>,
    node: &Node<'_>,
    entries: Vec<(String, Node<'_>)>,
    mapping: &'static Fields,
    above: &Above<'_>,
) {
    let mut unknown = Vec::new();
    for (name, value) in entries {
        match mapping.get(name.as_str()) {
            Some(field) => check_field(cx, &value, *field, mapping, above),
            None => unknown.push((name, value)),
        }
    }
    let Some((first, place)) = unknown.first() else { return };
    let names: Vec<String> = unknown.iter().map(|(name, _)| name.clone()).collect();
    let parent = shown(node);
    let fields = if names.len() == 1 { "field" } else { "fields" };
    let home = above.iter().rev().find(|(fields, _)| fields.contains_key(first.as_str()));
    let help = match home {
        Some((_, "")) => format!("it belongs to {}: mind the indentation", node.object().kind()),
        Some((_, home)) => format!("it belongs to `{home}`: mind the indentation"),
        None => match crate::suggest::nearest(first, mapping.keys().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "remove it, or see where it belongs: Kubernetes ignores or refuses it".to_owned(),
        },
    };
    cx.finding_at_key(place, format!("{parent} has no {fields} {}", list(&names, 4)))
        .severity(Severity::Medium)
        .help(help)
        .report();
}

/// A field as messages name it: its last name, or for an item of a list that of the list.
fn shown(node: &Node<'_>) -> String {
    let path = node.field();
    let last = path.rsplit('.').next().unwrap_or_default();
    if last.is_empty() { format!("a {}", node.object().kind()) } else { format!("`{last}`") }
}

fn check_field(
    cx: &mut RuleContext<'_>,
    node: &Node<'_>,
    field: Field,
    mapping: &'static Fields,
    above: &Above<'_>,
) {
    // Null is the same as absent.
    if !node.exists() {
        return;
    }
    let name = node.name().to_owned();
    if field.is_list && !node.is_list() {
        if field.field_type != FieldType::Any {
            report(cx, node, &format!("`{name}`"), "a list");
        }
        return;
    }
    let items = if field.is_list { node.items() } else { vec![node.clone()] };
    for item in items.iter().filter(|item| item.exists()) {
        let expected = match field.field_type {
            FieldType::Any => continue,
            FieldType::Text if item.as_str().is_some() => continue,
            FieldType::Text => "a string",
            FieldType::Integer if item.as_number().is_some() => continue,
            FieldType::Integer => "a number",
            FieldType::Boolean if item.as_bool().is_some() => continue,
            FieldType::Boolean => "a boolean",
            FieldType::IntegerOrText if item.as_number().is_some() || item.as_str().is_some() => continue,
            FieldType::IntegerOrText => "a number or a string",
            FieldType::Fields(_) if !item.is_map() => "a mapping",
            FieldType::Fields(inner) => {
                let Some(inner) = fields(inner) else { continue };
                let mut path: Vec<(&'static Fields, &str)> = above.to_vec();
                let parent = node.field();
                let mut steps = parent.rsplit('.').skip(1);
                let step = steps.next().unwrap_or_default().to_owned();
                path.push((mapping, &step));
                check(cx, item, inner, &path);
                continue;
            }
        };
        let what = if field.is_list { format!("an item of `{name}`") } else { format!("`{name}`") };
        report(cx, item, &what, expected);
    }
}

fn report(cx: &mut RuleContext<'_>, node: &Node<'_>, what: &str, expected: &str) {
    let help = match expected {
        "a string" if node.is_map() => "a `: ` in it makes it a mapping: quote the whole text",
        "a string" => "quote it: `| quote`",
        "a number" => "write it without quotes, as a number: `| int`",
        "a boolean" => "write it without quotes: `true` or `false`",
        "a list" => "write each item behind `- `",
        _ => "see what the template prints here",
    };
    let message = format!("{what} is {}, where Kubernetes takes {expected}", node.type_name());
    cx.finding(node, message).help(help).report();
}
