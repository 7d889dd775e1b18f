//! From findings to text. Reports know nothing of rules or of the command line.

mod github;
mod gitlab;
mod html;
mod json;
mod markdown;
pub(crate) mod model;
mod pretty;
mod sarif;
mod short;
mod snippet;
mod xml;

use std::time::Duration;

use crate::finding::{Finding, Severity};
use crate::rules::Secrets;
use crate::source::SourceMap;

use model::Model;
pub use pretty::PrettyOptions;

/// What a run found, and what it looked at.
pub struct Report<'a> {
    /// All files.
    pub sources: &'a SourceMap,
    /// The charts, in the order of the run.
    pub charts: Vec<ChartReport>,
    /// The findings: by chart, the worst first.
    pub findings: Vec<Finding>,
    /// From which severity on the run has failed.
    pub fail_on: Severity,
    /// Below which severity findings are only counted.
    pub min_severity: Severity,
    /// How long it took.
    pub elapsed: Duration,
    /// How it compares with a baseline, if there is one.
    pub baseline: Option<BaselineCounts>,
}

/// What was looked at in a chart.
#[derive(Debug, Clone, Default)]
pub struct ChartReport {
    /// The path as the user gave it.
    pub path: String,
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
    /// What it was rendered with.
    pub scenarios: Vec<ScenarioReport>,
    /// What was not checked, and why.
    pub unchecked: Vec<Unchecked>,
    /// Why Helm refuses to load the chart, if it does. Such a chart never passes.
    pub refused: Option<String>,
    /// Texts that are masked wherever they would be shown.
    pub secrets: Secrets,
}

/// What a scenario gave.
#[derive(Debug, Clone, Default)]
pub struct ScenarioReport {
    /// The name.
    pub name: String,
    /// The values files.
    pub values: Vec<String>,
    /// How many template files there are.
    pub templates: usize,
    /// How many of them gave something.
    pub rendered: usize,
    /// How many objects they gave.
    pub objects: usize,
}

/// Something that was not checked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unchecked {
    /// What.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// What a baseline says about a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BaselineCounts {
    /// Findings that it does not know.
    pub new: usize,
    /// Findings of it that are gone.
    pub fixed: usize,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people, with the source lines.
    Pretty,
    /// One line for each finding.
    Short,
    /// For programs.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// JUnit's XML.
    Junit,
    /// Checkstyle's XML.
    Checkstyle,
    /// For pull-request comments and step summaries.
    Markdown,
    /// A page for browsers, in one file.
    Html,
}

impl Report<'_> {
    /// How many findings of a severity are shown or folded; suppressed ones do not count.
    pub fn count(&self, severity: Severity) -> usize {
        self.active().filter(|finding| finding.severity == severity).count()
    }

    /// How many findings are suppressed.
    pub fn suppressed(&self) -> usize {
        self.findings.iter().filter(|finding| finding.suppressed.is_some()).count()
    }

    /// How many findings make the run fail.
    pub fn failing(&self) -> usize {
        self.active().filter(|finding| finding.severity >= self.fail_on || finding.always_fails).count()
    }

    /// Whether a chart of the run cannot be loaded.
    pub fn refuses_a_chart(&self) -> bool {
        self.charts.iter().any(|chart| chart.refused.is_some())
    }

    /// Whether a finding is shown in full: what makes the run fail always is.
    fn is_shown(&self, finding: &Finding) -> bool {
        finding.severity >= self.min_severity || finding.always_fails
    }

    fn active(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.suppressed.is_none())
    }

    /// Writes the report.
    pub fn write(
        &self,
        format: Format,
        options: &PrettyOptions,
        out: &mut dyn std::io::Write,
    ) -> std::io::Result<()> {
        match format {
            Format::Pretty => pretty::write(self, options, out),
            _ => write_model(&Model::of(self), format, out),
        }
    }
}

/// Writes a report that is data, in any format but [`Format::Pretty`], which needs the sources; `short` stands in.
pub(crate) fn write_model(
    model: &Model,
    format: Format,
    out: &mut dyn std::io::Write,
) -> std::io::Result<()> {
    match format {
        Format::Pretty | Format::Short => short::write(model, out),
        Format::Json => json::write(model, out),
        Format::Sarif => sarif::write(model, out),
        Format::Github => github::write(model, out),
        Format::Gitlab => gitlab::write(model, out),
        Format::Junit => xml::write_junit(model, out),
        Format::Checkstyle => xml::write_checkstyle(model, out),
        Format::Markdown => markdown::write(model, out),
        Format::Html => html::write(model, out),
    }
}
