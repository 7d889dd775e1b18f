//! SARIF 2.1.0, as code scanning reads it: include chains as code flows, values as related locations.

use std::collections::BTreeMap;
use std::io::{Result, Write};

use serde_json::{Map, Value, json};

use super::model::{Finding, Model, Place};
use crate::finding::Severity;

pub(super) fn write(model: &Model, out: &mut dyn Write) -> Result<()> {
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &model.findings {
        let next = rules.len();
        rules.entry(&finding.rule).or_insert(next);
    }
    // In order of the numbers that results use.
    let mut by_index: Vec<&str> = vec![""; rules.len()];
    for (id, index) in &rules {
        by_index[*index] = id;
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "chart-lint",
                "version": model.tool.version,
                "semanticVersion": model.tool.version,
                "informationUri": "https://github.com/chart-lint/chart-lint",
                "rules": by_index.into_iter().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The folder that chart-lint was run in."}}},
            "results": model.findings.iter().map(|finding| result(finding, rules[finding.rule.as_str()])).collect::<Vec<_>>(),
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn rule(id: &str) -> Value {
    let Some(rule) = crate::rules::find(id) else {
        return json!({"id": id});
    };
    let spec = rule.spec();
    let why = spec.section("Why it matters").unwrap_or_default().trim();
    let fix = spec.section("How to fix").unwrap_or_default().trim();
    json!({
        "id": id,
        "name": id,
        "shortDescription": {"text": spec.summary},
        "fullDescription": {"text": if why.is_empty() { spec.summary.as_str() } else { why }},
        "help": {
            "text": if fix.is_empty() { spec.summary.as_str() } else { fix },
            "markdown": format!("{}\n\n{why}\n\n**How to fix**\n\n{fix}", spec.summary),
        },
        "defaultConfiguration": {"level": level(spec.severity)},
        "properties": {
            "tags": [spec.category.as_str(), "kubernetes", "helm"],
            "security-severity": score(spec.severity),
            "problem.severity": match spec.severity {
                Severity::Critical | Severity::High => "error",
                Severity::Medium => "warning",
                Severity::Low | Severity::Info => "recommendation",
            },
            "precision": "high",
        },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// The number by which code scanning sorts alerts.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "1.0",
    }
}

fn result(finding: &Finding, rule: usize) -> Value {
    let mut result = Map::new();
    result.insert("ruleId".into(), json!(finding.rule));
    result.insert("ruleIndex".into(), json!(rule));
    result.insert("level".into(), json!(level(finding.severity())));
    result.insert("message".into(), json!({"text": finding.text()}));
    let mut location = location(&finding.primary);
    if let Some(object) = &finding.object {
        location["logicalLocations"] = json!([{
            "name": object.name,
            "fullyQualifiedName": format!("{}/{}/{}", object.namespace, object.kind, object.name),
            "kind": "resource",
        }]);
    }
    result.insert("locations".into(), json!([location]));
    result.insert("partialFingerprints".into(), json!({"chartLint/v1": finding.fingerprint}));
    let related: Vec<Value> = finding
        .related
        .iter()
        .enumerate()
        .map(|(id, place)| {
            let mut location = self::location(place);
            location["id"] = json!(id);
            location
        })
        .collect();
    if !related.is_empty() {
        result.insert("relatedLocations".into(), json!(related));
    }
    // From where a template is used to where the field is written.
    let mut chain: Vec<&Place> =
        finding.related.iter().filter(|place| place.role == "include").rev().collect();
    if !chain.is_empty() {
        chain.push(&finding.primary);
        let steps: Vec<Value> =
            chain.into_iter().map(|place| json!({"location": self::location(place)})).collect();
        result.insert("codeFlows".into(), json!([{"threadFlows": [{"locations": steps}]}]));
    }
    if let Some(reason) = &finding.suppressed {
        result.insert("suppressions".into(), json!([{"kind": "inSource", "justification": reason}]));
    }
    result.insert(
        "properties".into(),
        json!({"severity": finding.severity, "chart": finding.chart, "scenarios": finding.scenarios}),
    );
    Value::Object(result)
}

fn location(place: &Place) -> Value {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(&place.path), "uriBaseId": "SRCROOT"},
            "region": {
                "startLine": place.line,
                "startColumn": place.column,
                "endLine": place.end_line.max(place.line),
                "endColumn": place.end_column.max(1),
            },
        },
    });
    if !place.message.is_empty() {
        location["message"] = json!({"text": place.message});
    }
    location
}

/// A path as a relative reference.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b'/'
            | b'!'
            | b'@'
            | b'+' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
