//! `values.schema.json`: `values-schema-missing`, `values-schema-invalid`, `values-schema-violation`,
//! `values-schema-incomplete`

use std::collections::HashSet;

use chart_lint_yaml::{Target, decode};

use super::usage::{Usage, foreign_keys, lookup};
use crate::chart::File;
use crate::finding::{Role, Severity};
use crate::rules::{ChartContext, Rule};
use crate::scenario::FailureKind;
use crate::source::{Location, Span};
use crate::spec::Spec;
use crate::values::schema_error;
use crate::values::tree::{NodeIndex, Tree, TreeValue};

pub(super) struct ValuesSchemaMissing;

impl Rule for ValuesSchemaMissing {
    fn spec(&self) -> &'static Spec {
        spec!("values-schema-missing")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let chart = cx.chart();
        if chart.schema.is_some() || chart.metadata.is_library() || chart.templates.is_empty() {
            return;
        }
        let first = chart.values.iter().flat_map(|values| &values.documents).find_map(|tree| {
            let (_, location, _) = tree.entries(tree.root()).next()?;
            Some(location)
        });
        if let Some(place) = first {
            cx.finding(place, Role::Values, "the values have no schema")
                .help("write a `values.schema.json` beside values.yaml")
                .report();
        }
    }
}

/// A schema as a tree, if it is JSON.
fn read(file: &File) -> Option<Tree> {
    let yaml = decode(&file.data, Target::Any).ok()?;
    Some(Tree::new(&yaml, file.source, Span::from))
}

pub(super) struct ValuesSchemaInvalid;

impl Rule for ValuesSchemaInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("values-schema-invalid")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for chart in cx.charts() {
            let Some(file) = &chart.schema else { continue };
            let remote = read(file).and_then(|tree| {
                (0..tree.len() as u32).map(NodeIndex).find_map(|node| {
                    let TreeValue::String(text) = tree.get(node) else { return None };
                    let key = tree.path(node);
                    let is_reference = key.to_string().ends_with("$ref");
                    let text = text.to_utf8().into_owned();
                    let is_remote = text.starts_with("http") && !text.contains("json-schema.org");
                    (is_reference && is_remote).then(|| (tree.location(node), text))
                })
            });
            if let Some((place, address)) = remote {
                cx.finding(place, Role::Schema, format!("the schema refers to the network: `{address}`"))
                    .severity(Severity::Medium)
                    .help("put what it refers to into `definitions` of this file")
                    .report();
                continue;
            }
            let Some(said) = schema_error(&file.data) else { continue };
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            let place = serde_json::from_slice::<serde::de::IgnoredAny>(&file.data).err().map(|error| {
                let source = cx.sources().get(file.source);
                let position = crate::source::Position { line: error.line() as u32, column: error.column() as u32 };
                let at = source.map_or(0, |source| source.offset(position));
                Location { file: file.source, span: Span::new(at, at + 1) }
            });
            let message = match place {
                Some(_) => "the schema is not valid JSON",
                None => "the schema is no valid JSON Schema",
            };
            cx.finding(place.unwrap_or_else(|| cx.start_of(file.source)), Role::Schema, message)
                .help("correct the schema: Helm refuses the chart with it")
                .note(format!("Helm says: {said}"))
                .report();
        }
    }
}

/// More problems of one scenario say nothing new.
const MOST: usize = 20;

pub(super) struct ValuesSchemaViolation;

impl Rule for ValuesSchemaViolation {
    fn spec(&self) -> &'static Spec {
        spec!("values-schema-violation")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let is_refused = |failure: &crate::scenario::Failure| failure.kind == FailureKind::Schema;
        // What must be given is empty by default; a values file for tests gives it.
        let some_pass = cx.scenarios.iter().any(|scenario| !scenario.failure.as_ref().is_some_and(is_refused));
        for scenario in cx.scenarios {
            let Some(failure) = scenario.failure.as_ref().filter(|failure| is_refused(failure)) else { continue };
            let is_default = scenario.name == "default";
            for problem in failure.schema_problems.iter().take(MOST) {
                // What is missing is asked for by the schema.
                let schema = cx.chart().schema.as_ref().map(|schema| cx.start_of(schema.source));
                let values = cx.chart().values.as_ref().map(|values| cx.start_of(values.file.source));
                let place = problem.place.or(values).or(schema).unwrap_or_else(|| cx.chart_field("name"));
                let mut path = problem.path.to_string();
                for chart in problem.chart.iter().rev() {
                    path = if path.is_empty() { chart.clone() } else { format!("{chart}.{path}") };
                }
                let message = if path.is_empty() {
                    format!("the values do not meet the schema: {}", problem.message)
                } else {
                    format!("`{path}` does not meet the schema: {}", problem.message)
                };
                let with = if is_default { String::new() } else { format!(" (with {})", scenario.name) };
                let finding = cx
                    .finding(place, Role::Values, format!("{message}{with}"))
                    .help("correct the value, or the schema");
                if is_default && some_pass { finding.severity(Severity::Info).report() } else { finding.report() }
            }
            // A value for a dependency that is no mapping has no place in a schema.
            if failure.schema_problems.is_empty()
                && !cx.chart().walk().iter().any(|chart| {
                    chart.schema.as_ref().is_some_and(|schema| schema_error(&schema.data).is_some())
                })
            {
                let place = failure.place.unwrap_or_else(|| cx.chart_field("name"));
                let text = failure.message.split_whitespace().collect::<Vec<_>>().join(" ");
                cx.finding(place, Role::Values, text).help("correct the value, or the schema").report();
            }
        }
    }
}

pub(super) struct ValuesSchemaIncomplete;

/// Keys whose values are shaped by Kubernetes or by the user.
const FREE: &[&str] = &["labels", "annotations", "resources", "selector", "affinity", "tolerations", "env", "context"];

impl Rule for ValuesSchemaIncomplete {
    fn spec(&self) -> &'static Spec {
        spec!("values-schema-incomplete")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let chart = cx.chart();
        let Some(file) = &chart.schema else { return };
        let Some(schema) = read(file) else { return };
        if schema_error(&file.data).is_some() {
            return;
        }
        let documents = chart.values.as_ref().map(|values| values.documents.as_slice()).unwrap_or_default();
        let foreign = foreign_keys(chart);
        let (mut count, mut missing) = (0_usize, Vec::new());
        for tree in documents {
            let mut pending = vec![(tree.root(), vec![schema.root()])];
            while let Some((node, places)) = pending.pop() {
                for (key, _, value) in tree.entries(node) {
                    let name = key.to_utf8();
                    if node == tree.root() && foreign.contains(&*name) {
                        continue;
                    }
                    count += 1;
                    let found = properties(&schema, &places, key);
                    if found.is_empty() {
                        missing.push(tree.path(value).to_string());
                        continue;
                    }
                    let lower = name.to_ascii_lowercase();
                    let is_free = FREE.iter().any(|free| lower.contains(free));
                    let is_open = found.iter().all(|&place| !has_properties(&schema, place));
                    if !is_free && !is_open {
                        pending.push((value, found));
                    }
                }
            }
        }
        let wanted: f64 = cx.param("coverage").parse().unwrap_or(80.0);
        let covered = count.saturating_sub(missing.len()) as f64 * 100.0 / count.max(1) as f64;
        if count > 0 && covered < wanted {
            let place = schema.key(schema.root(), b"properties").and_then(|node| schema.key_location(node));
            let place = place.unwrap_or_else(|| cx.start_of(file.source));
            let shown = crate::rules::helpers::list(&missing, 3);
            cx.finding(place, Role::Schema, format!("the schema knows {covered:.0} % of the values, but not {shown}"))
                .identity("coverage")
                .help("add the missing properties with their types")
                .report();
        }
        gone(cx, &schema, documents, &foreign);
    }
}

/// Properties that neither values nor templates know.
fn gone(
    cx: &mut ChartContext<'_>,
    schema: &Tree,
    documents: &[std::sync::Arc<Tree>],
    foreign: &HashSet<String>,
) {
    if documents.is_empty() || !crate::values::missing_dependencies(cx.chart()).is_empty() {
        return;
    }
    let usage = Usage::of(cx);
    let mut found = Vec::new();
    if let Some(list) = schema.key(schema.root(), b"properties") {
        for (key, location, _) in schema.entries(list) {
            let name = key.to_utf8();
            let is_known = lookup(documents, &[key.as_bytes()]).is_some() || usage.mentions(key) || usage.everything;
            if !is_known && !foreign.contains(&*name) {
                found.push((location, name.into_owned()));
            }
        }
    }
    for (location, name) in found.into_iter().take(MOST) {
        cx.finding(location, Role::Schema, format!("the schema has `{name}`, which no template reads"))
            .help("remove it from the schema, or use it")
            .report();
    }
}

/// The schemas of a key in some schemas: through references and combinations.
fn properties(schema: &Tree, places: &[NodeIndex], key: &[u8]) -> Vec<NodeIndex> {
    let mut found = Vec::new();
    for place in expand(schema, places) {
        if let Some(property) = schema.key(place, b"properties").and_then(|list| schema.key(list, key)) {
            found.push(property);
        } else if let Some(more) = schema.key(place, b"additionalProperties")
            && matches!(schema.get(more), TreeValue::Map)
        {
            found.push(more);
        } else if schema.key(place, b"patternProperties").is_some() {
            found.push(place);
        }
    }
    found
}

fn has_properties(schema: &Tree, place: NodeIndex) -> bool {
    expand(schema, &[place]).iter().any(|&place| {
        schema.key(place, b"properties").is_some_and(|list| schema.entries(list).next().is_some())
    })
}

/// Schemas with those that they refer to or are put together from.
fn expand(schema: &Tree, places: &[NodeIndex]) -> Vec<NodeIndex> {
    let mut all: Vec<NodeIndex> = Vec::new();
    let mut pending = places.to_vec();
    while let Some(place) = pending.pop() {
        if all.contains(&place) || all.len() > 200 {
            continue;
        }
        all.push(place);
        if let Some(TreeValue::String(reference)) = schema.key(place, b"$ref").map(|node| schema.get(node))
            && let Some(path) = reference.to_utf8().strip_prefix("#/")
        {
            let steps = path.split('/').map(|step| step.replace("~1", "/").replace("~0", "~"));
            pending.extend(steps.into_iter().try_fold(schema.root(), |node, step| schema.key(node, step.as_bytes())));
        }
        for word in ["allOf", "anyOf", "oneOf"] {
            pending.extend(schema.key(place, word.as_bytes()).into_iter().flat_map(|list| schema.items(list)));
        }
        for word in ["then", "else"] {
            pending.extend(schema.key(place, word.as_bytes()));
        }
    }
    all
}
