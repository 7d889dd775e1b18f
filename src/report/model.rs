//! A report as data: what `--format json` writes, what `chart-lint merge` reads again, and what the other formats for
//! programs are made of.

use serde::{Deserialize, Serialize};

use super::Report;
use super::snippet::Snippet;
use crate::finding::{ObjectRef, Severity};
use crate::rules::{NO_SECRETS, Secrets};
use crate::source::SourceMap;

/// The version of the schema. Keys may be added within a version, never changed or removed.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// A whole report.
#[derive(Serialize, Deserialize, Debug, Clone)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Model {
    pub(crate) schema_version: u32,
    pub(crate) tool: Tool,
    pub(crate) charts: Vec<Chart>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) summary: Summary,
}

#[derive(Serialize, Deserialize, Debug, Clone)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) version: String,
}

#[derive(Serialize, Deserialize, Debug, Clone)]
pub(crate) struct Chart {
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) scenarios: Vec<Scenario>,
    pub(crate) unchecked: Vec<Unchecked>,
}

#[derive(Serialize, Deserialize, Debug, Clone)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) values: Vec<String>,
    pub(crate) templates: usize,
    pub(crate) rendered: usize,
    pub(crate) objects: usize,
}

#[derive(Serialize, Deserialize, Debug, Clone)]
pub(crate) struct Unchecked {
    pub(crate) path: String,
    pub(crate) reason: String,
}

#[derive(Serialize, Deserialize, Debug, Clone)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finding {
    pub(crate) rule: String,
    pub(crate) severity: String,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    #[serde(default)]
    pub(crate) notes: Vec<String>,
    pub(crate) fingerprint: String,
    pub(crate) chart: String,
    pub(crate) scenarios: Vec<String>,
    pub(crate) object: Option<Object>,
    #[serde(default)]
    pub(crate) more_objects: Vec<Object>,
    pub(crate) primary: Place,
    pub(crate) related: Vec<Place>,
    /// The rendered lines that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rendered: Option<Rendered>,
    pub(crate) suppressed: Option<String>,
    /// Whether the run fails however bad it is: something was not checked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) always_fails: bool,
}

/// Lines of a rendered file.
#[derive(Serialize, Deserialize, Debug, Clone)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rendered {
    /// The name that Helm gives the template.
    pub(crate) template: String,
    pub(crate) first_line: usize,
    pub(crate) text: String,
    /// Bytes of `text`.
    pub(crate) start_byte: usize,
    pub(crate) end_byte: usize,
}

#[derive(Serialize, Deserialize, Debug, Clone)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Object {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) field: String,
}

#[derive(Serialize, Deserialize, Debug, Clone)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Place {
    pub(crate) path: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) end_line: u32,
    pub(crate) end_column: u32,
    pub(crate) start_byte: u32,
    pub(crate) end_byte: u32,
    pub(crate) role: String,
    pub(crate) message: String,
    /// The lines around the place, secrets masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) snippet: Option<Lines>,
}

/// A few lines of a file.
#[derive(Serialize, Deserialize, Debug, Clone)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Lines {
    pub(crate) first_line: usize,
    pub(crate) text: String,
}

#[derive(Serialize, Deserialize, Debug, Clone, Default)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    pub(crate) critical: usize,
    pub(crate) high: usize,
    pub(crate) medium: usize,
    pub(crate) low: usize,
    pub(crate) info: usize,
    pub(crate) suppressed: usize,
    /// Findings that the baseline does not know, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) new: Option<usize>,
    /// Findings of the baseline that are gone, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fixed: Option<usize>,
    pub(crate) failed: bool,
    /// From which severity on the run fails.
    #[serde(default = "high")]
    pub(crate) fail_on: String,
    /// Below which severity people are not shown findings.
    #[serde(default = "medium")]
    pub(crate) min_severity: String,
}

fn high() -> String {
    "high".to_owned()
}

fn medium() -> String {
    "medium".to_owned()
}

impl Model {
    pub(super) fn of(report: &Report<'_>) -> Model {
        let charts = report.charts.iter().map(|chart| Chart {
            path: chart.path.clone(),
            name: chart.name.clone(),
            version: chart.version.clone(),
            scenarios: chart
                .scenarios
                .iter()
                .map(|scenario| Scenario {
                    name: scenario.name.clone(),
                    values: scenario.values.clone(),
                    templates: scenario.templates,
                    rendered: scenario.rendered,
                    objects: scenario.objects,
                })
                .collect(),
            unchecked: chart
                .unchecked
                .iter()
                .map(|item| Unchecked { path: item.path.clone(), reason: item.reason.clone() })
                .collect(),
        });
        Model {
            schema_version: SCHEMA_VERSION,
            tool: Tool { name: "chart-lint".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
            charts: charts.collect(),
            findings: report.findings.iter().map(|finding| of_finding(report, finding)).collect(),
            summary: Summary {
                critical: report.count(Severity::Critical),
                high: report.count(Severity::High),
                medium: report.count(Severity::Medium),
                low: report.count(Severity::Low),
                info: report.count(Severity::Info),
                suppressed: report.suppressed(),
                new: report.baseline.map(|baseline| baseline.new),
                fixed: report.baseline.map(|baseline| baseline.fixed),
                failed: report.failing() > 0,
                fail_on: report.fail_on.name().to_owned(),
                min_severity: report.min_severity.name().to_owned(),
            },
        }
    }

    /// Joins reports of parts of a run.
    pub(crate) fn join(parts: Vec<Model>) -> Model {
        let mut joined = Model {
            schema_version: SCHEMA_VERSION,
            tool: Tool { name: "chart-lint".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
            charts: Vec::new(),
            findings: Vec::new(),
            summary: Summary { fail_on: high(), min_severity: medium(), ..Summary::default() },
        };
        let worst = |one: &str, other: &str| {
            let parse = |text: &str| text.parse::<Severity>().unwrap_or(Severity::Medium);
            parse(one).min(parse(other)).name().to_owned()
        };
        let add = |one: Option<usize>, other: Option<usize>| match (one, other) {
            (None, None) => None,
            (one, other) => Some(one.unwrap_or(0) + other.unwrap_or(0)),
        };
        for (index, part) in parts.into_iter().enumerate() {
            let (sum, own) = (&mut joined.summary, part.summary);
            sum.critical += own.critical;
            sum.high += own.high;
            sum.medium += own.medium;
            sum.low += own.low;
            sum.info += own.info;
            sum.suppressed += own.suppressed;
            sum.new = add(sum.new, own.new);
            sum.fixed = add(sum.fixed, own.fixed);
            sum.failed |= own.failed;
            if index == 0 {
                (sum.fail_on, sum.min_severity) = (own.fail_on, own.min_severity);
            } else {
                sum.fail_on = worst(&sum.fail_on, &own.fail_on);
                sum.min_severity = worst(&sum.min_severity, &own.min_severity);
            }
            joined.charts.extend(part.charts);
            joined.findings.extend(part.findings);
        }
        joined.charts.sort_by(|one, other| one.path.cmp(&other.path));
        joined.findings.sort_by(|one, other| one.chart.cmp(&other.chart));
        joined
    }

    /// The findings that are shown: not suppressed, and at or above the severity that people want to see.
    pub(super) fn shown(&self) -> impl Iterator<Item = &Finding> {
        let least = self.summary.min_severity.parse().unwrap_or(Severity::Info);
        self.findings.iter().filter(move |finding| {
            finding.suppressed.is_none() && (finding.severity() >= least || finding.always_fails)
        })
    }
}

impl Finding {
    /// How bad it is.
    pub(super) fn severity(&self) -> Severity {
        self.severity.parse().unwrap_or(Severity::Info)
    }

    /// The message, with the help as a sentence of its own.
    pub(super) fn text(&self) -> String {
        match &self.help {
            Some(help) => format!("{}. Help: {help}", self.message),
            None => self.message.clone(),
        }
    }
}

impl Object {
    /// `Deployment/web`
    pub(super) fn short(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }
}

fn of_finding(report: &Report<'_>, finding: &crate::finding::Finding) -> Finding {
    let chart = report.charts.get(finding.chart);
    let secrets = chart.map_or(&NO_SECRETS, |chart| &chart.secrets);
    let scenarios =
        finding.scenarios.iter().filter_map(|&index| Some(chart?.scenarios.get(index)?.name.clone()));
    Finding {
        rule: finding.rule.to_owned(),
        severity: finding.severity.name().to_owned(),
        message: finding.message.clone(),
        help: finding.help.clone(),
        notes: finding.notes.clone(),
        fingerprint: finding.fingerprint(),
        chart: chart.map_or_else(String::new, |chart| chart.path.clone()),
        scenarios: scenarios.collect(),
        object: finding.object.as_ref().map(object),
        more_objects: finding.more_objects.iter().map(object).collect(),
        primary: place(report.sources, &finding.primary, secrets),
        related: finding.related.iter().map(|related| place(report.sources, related, secrets)).collect(),
        rendered: finding.rendered.as_ref().map(|rendered| Rendered {
            template: rendered.template.clone(),
            first_line: rendered.first_line,
            text: rendered.text.clone(),
            start_byte: rendered.span.start,
            end_byte: rendered.span.end,
        }),
        suppressed: finding.suppressed.clone(),
        always_fails: finding.always_fails,
    }
}

fn object(object: &ObjectRef) -> Object {
    Object {
        api_version: object.api_version.clone(),
        kind: object.kind.clone(),
        namespace: object.namespace.clone(),
        name: object.name.clone(),
        field: object.field.clone(),
    }
}

fn place(sources: &SourceMap, place: &crate::finding::Place, secrets: &Secrets) -> Place {
    let span = place.location.span;
    let file = sources.get(place.location.file);
    let position = |offset| file.as_ref().map(|file| file.position(offset));
    let (start, end) = (position(span.start), position(span.end));
    let on_disk = file.as_ref().map_or(span, |file| file.disk_span(span));
    let snippet = file.as_ref().map(|file| {
        let snippet = Snippet::new(file, place.location, 1, "", place.secret, secrets);
        let (first_line, text) = snippet.lines();
        Lines { first_line, text: text.to_owned() }
    });
    Place {
        path: file.as_ref().map_or_else(String::new, |file| file.path().to_owned()),
        line: start.map_or(1, |position| position.line),
        column: start.map_or(1, |position| position.column),
        end_line: end.map_or(1, |position| position.line),
        end_column: end.map_or(1, |position| position.column),
        start_byte: on_disk.start,
        end_byte: on_disk.end,
        role: place.role.name().to_owned(),
        message: place.message.clone(),
        snippet,
    }
}
