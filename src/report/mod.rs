//! From findings to text. Reports know nothing of rules or of the command line.

mod json;
mod pretty;
mod short;
mod snippet;

use std::time::Duration;

use crate::finding::{Finding, Severity};
use crate::source::SourceMap;

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

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people, with the source lines.
    Pretty,
    /// One line for each finding.
    Short,
    /// For programs.
    Json,
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
        self.active().filter(|finding| finding.severity >= self.fail_on).count()
    }

    /// Whether a chart of the run cannot be loaded.
    pub fn refuses_a_chart(&self) -> bool {
        self.charts.iter().any(|chart| chart.refused.is_some())
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
            Format::Short => short::write(self, out),
            Format::Json => json::write(self, out),
        }
    }
}
