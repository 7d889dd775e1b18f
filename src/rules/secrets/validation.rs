//! `secret-validation-missing` and `empty-secret-rendered`

use std::collections::HashSet;

use crate::finding::Role;
use crate::manifest::{Node, ObjectIndex};
use crate::payload;
use crate::rules::helpers::list;
use crate::rules::secrets::consumers::{How, is_of, uses};
use crate::rules::secrets::detect::{is_optional, is_secret_name};
use crate::rules::secrets::facts::{facts, secret_keys};
use crate::rules::{ChartContext, Rule, RuleContext};
use crate::scenario::Scenario;
use crate::spec::Spec;

pub(super) struct SecretValidationMissing;

impl Rule for SecretValidationMissing {
    fn spec(&self) -> &'static Spec {
        spec!("secret-validation-missing")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let facts = facts(cx);
        let schema = cx.chart().schema.as_ref();
        let schema: Option<serde_json::Value> =
            schema.and_then(|file| serde_json::from_slice(file.data.as_bytes()).ok());
        let rendered = rendered_empty(cx);
        let mut keys = secret_keys(cx);
        keys.retain(|key| {
            key.is_empty
                && !key.is_off
                && !is_optional(&key.path)
                && facts.uses(&key.path)
                && !facts.checks(&key.path)
                && !rendered.contains(&key.path)
                && !schema.as_ref().is_some_and(|schema| is_checked_by(schema, &key.path))
        });
        let [first, rest @ ..] = keys.as_slice() else { return };
        let names: Vec<String> = keys.iter().map(|key| key.path.clone()).collect();
        let verb = if names.len() == 1 { "is" } else { "are" };
        let mut finding = cx
            .finding(first.location, Role::Values, format!("nothing makes sure that {} {verb} set", list(&names, 4)))
            .identity("secret-validation")
            .label("empty by default, and rendered as it is")
            .help(format!("refuse to render without it: `{{{{ required \"{0} is needed\" .Values.{0} }}}}`", first.path));
        for key in rest {
            finding = finding.related(key.location, Role::Values, "here too");
        }
        finding.report();
    }
}

/// Whether a schema says more about a key than its type.
fn is_checked_by(schema: &serde_json::Value, path: &str) -> bool {
    let mut at = schema;
    for part in path.split('.') {
        match at.get("properties").and_then(|properties| properties.get(part)) {
            Some(next) => at = next,
            None => return false,
        }
    }
    ["minLength", "pattern", "const", "enum", "format", "$ref", "oneOf", "anyOf", "allOf"]
        .iter()
        .any(|word| at.get(word).is_some())
        // Conditions name the keys that they demand.
        || ["allOf", "anyOf", "oneOf", "if", "then"].iter().any(|word| schema.get(word).is_some())
}

pub(super) struct EmptySecretRendered;

impl Rule for EmptySecretRendered {
    fn spec(&self) -> &'static Spec {
        spec!("empty-secret-rendered")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        if cx.scenario.name != "default" {
            return;
        }
        let mut by_object: Vec<(Vec<String>, Node<'_>)> = Vec::new();
        for (name, node) in empty_entries(cx.scenario, cx.index) {
            if !cx.is_own(node.object()) {
                continue;
            }
            match by_object.iter_mut().find(|(_, known)| std::ptr::eq(known.object(), node.object())) {
                Some((names, _)) => names.push(name),
                None => by_object.push((vec![name], node)),
            }
        }
        for (mut names, node) in by_object {
            names.dedup();
            let verb = if names.len() == 1 { "is" } else { "are" };
            let message =
                format!("{} of {} {verb} empty with the default values", list(&names, 4), cx.describe(node.object()));
            cx.finding_at_key(&node, message)
                .label("pods read it as it is")
                .help("refuse to render without it: `required \"… is needed\" .Values.…`")
                .report();
        }
    }
}

/// Secrets that the pods of a scenario read and that are empty: entries of Secrets, and variables.
fn empty_entries<'a>(scenario: &'a Scenario, index: &ObjectIndex<'a>) -> Vec<(String, Node<'a>)> {
    let mut found = Vec::new();
    let workloads = index.workloads();
    let needed: Vec<_> = workloads
        .iter()
        .filter(|workload| !workload.object.is_test())
        .flat_map(|workload| uses(workload).into_iter().map(move |used| (workload, used)))
        .filter(|(_, used)| {
            used.kind == "Secret" && !used.is_optional && matches!(used.how, How::Variable | How::Environment)
        })
        .collect();
    for object in scenario.objects.iter().filter(|object| object.is("", "Secret") && !needed.is_empty()) {
        let readers: Vec<_> =
            needed.iter().filter(|(workload, used)| is_of(index, workload, used, object)).collect();
        if readers.is_empty() {
            continue;
        }
        for payload in payload::of_object(object) {
            let is_read = readers.iter().any(|(_, used)| used.key.as_ref().is_none_or(|key| *key == payload.key));
            if is_read && payload.text.trim().is_empty() && is_secret_name(&payload.key) && !is_optional(&payload.key) {
                found.push((payload.key, payload.node));
            }
        }
    }
    for workload in workloads.iter().filter(|workload| !workload.object.is_test()) {
        for container in workload.containers() {
            for variable in container.node.get("env").items() {
                let value = variable.get("value");
                let name = variable.get("name").text().unwrap_or_default();
                let is_empty = value.is_written() && value.text().is_none_or(|text| text.trim().is_empty());
                if is_empty && is_secret_name(&name) && !is_optional(&name) {
                    found.push((name, value));
                }
            }
        }
    }
    found
}

/// The values keys behind what [`EmptySecretRendered`] reports.
fn rendered_empty(cx: &ChartContext<'_>) -> HashSet<String> {
    let mut keys = HashSet::new();
    if let Some(scenario) = cx.default_scenario() {
        let index = ObjectIndex::new(&scenario.objects, &scenario.namespace);
        for (_, node) in empty_entries(scenario, &index) {
            let bytes = node.value_bytes().unwrap_or_else(|| node.bytes());
            let trace = scenario.trace(node.object().file, bytes);
            keys.extend(trace.values.into_iter().map(|value| value.path));
        }
    }
    keys
}
