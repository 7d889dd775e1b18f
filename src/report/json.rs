//! JSON for programs. Keys may be added within a version of the schema, never changed or removed.

use std::io::{Result, Write};

use serde::Serialize;

use super::Report;
use crate::finding::{ObjectRef, Place, Severity};
use crate::source::SourceMap;

/// The version of the schema.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Root<'a> {
    schema_version: u32,
    tool: Tool,
    charts: Vec<Chart<'a>>,
    findings: Vec<FindingJson<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Chart<'a> {
    path: &'a str,
    name: &'a str,
    version: &'a str,
    scenarios: Vec<Scenario<'a>>,
    unchecked: Vec<Unchecked<'a>>,
}

#[derive(Serialize)]
struct Scenario<'a> {
    name: &'a str,
    values: &'a [String],
    templates: usize,
    rendered: usize,
    objects: usize,
}

#[derive(Serialize)]
struct Unchecked<'a> {
    path: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FindingJson<'a> {
    rule: &'a str,
    severity: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    notes: &'a [String],
    fingerprint: String,
    chart: &'a str,
    scenarios: Vec<&'a str>,
    object: Option<Object<'a>>,
    more_objects: Vec<Object<'a>>,
    primary: PlaceJson<'a>,
    related: Vec<PlaceJson<'a>>,
    suppressed: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'a> {
    api_version: &'a str,
    kind: &'a str,
    namespace: &'a str,
    name: &'a str,
    field: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlaceJson<'a> {
    path: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    start_byte: u32,
    end_byte: u32,
    role: &'static str,
    message: &'a str,
}

#[derive(Serialize)]
struct Summary {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    info: usize,
    suppressed: usize,
    failed: bool,
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> Result<()> {
    let charts = report.charts.iter().map(|chart| Chart {
        path: &chart.path,
        name: &chart.name,
        version: &chart.version,
        scenarios: chart
            .scenarios
            .iter()
            .map(|scenario| Scenario {
                name: &scenario.name,
                values: &scenario.values,
                templates: scenario.templates,
                rendered: scenario.rendered,
                objects: scenario.objects,
            })
            .collect(),
        unchecked: chart
            .unchecked
            .iter()
            .map(|item| Unchecked { path: &item.path, reason: &item.reason })
            .collect(),
    });
    let findings = report.findings.iter().map(|finding| {
        let chart = report.charts.get(finding.chart);
        FindingJson {
            rule: finding.rule,
            severity: finding.severity.name(),
            message: &finding.message,
            help: finding.help.as_deref(),
            notes: &finding.notes,
            fingerprint: finding.fingerprint(),
            chart: chart.map_or("", |chart| &chart.path),
            scenarios: finding
                .scenarios
                .iter()
                .filter_map(|&index| Some(chart?.scenarios.get(index)?.name.as_str()))
                .collect(),
            object: finding.object.as_ref().map(object),
            more_objects: finding.more_objects.iter().map(object).collect(),
            primary: place(report.sources, &finding.primary),
            related: finding.related.iter().map(|related| place(report.sources, related)).collect(),
            suppressed: finding.suppressed.as_deref(),
        }
    });
    let root = Root {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "chart-lint", version: env!("CARGO_PKG_VERSION") },
        charts: charts.collect(),
        findings: findings.collect(),
        summary: Summary {
            critical: report.count(Severity::Critical),
            high: report.count(Severity::High),
            medium: report.count(Severity::Medium),
            low: report.count(Severity::Low),
            info: report.count(Severity::Info),
            suppressed: report.suppressed(),
            failed: report.failing() > 0,
        },
    };
    serde_json::to_writer_pretty(&mut *out, &root)?;
    writeln!(out)
}

fn object(object: &ObjectRef) -> Object<'_> {
    Object {
        api_version: &object.api_version,
        kind: &object.kind,
        namespace: &object.namespace,
        name: &object.name,
        field: &object.field,
    }
}

fn place<'a>(sources: &SourceMap, place: &'a Place) -> PlaceJson<'a> {
    let span = place.location.span;
    let file = sources.get(place.location.file);
    let position = |offset| file.as_ref().map(|file| file.position(offset));
    let (start, end) = (position(span.start), position(span.end));
    let on_disk = file.as_ref().map_or(span, |file| file.disk_span(span));
    PlaceJson {
        path: file.as_ref().map_or_else(String::new, |file| file.path().to_owned()),
        line: start.map_or(1, |position| position.line),
        column: start.map_or(1, |position| position.column),
        end_line: end.map_or(1, |position| position.line),
        end_column: end.map_or(1, |position| position.column),
        start_byte: on_disk.start,
        end_byte: on_disk.end,
        role: place.role.name(),
        message: &place.message,
    }
}
