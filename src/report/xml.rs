//! JUnit and Checkstyle: XML that CI systems show.

use std::collections::BTreeMap;
use std::io::{Result, Write};

use super::model::{Finding, Model};
use crate::finding::Severity;

/// JUnit: each chart is a suite, each finding a failed test; a chart without findings has one test that passed.
pub(super) fn write_junit(model: &Model, out: &mut dyn Write) -> Result<()> {
    let fail_on = model.summary.fail_on.parse().unwrap_or(Severity::High);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    let all = model.shown().count();
    let failed = |finding: &&Finding| finding.severity() >= fail_on;
    let passed =
        model.charts.iter().filter(|chart| !model.shown().any(|finding| finding.chart == chart.path)).count();
    writeln!(
        out,
        "<testsuites name=\"chart-lint\" tests=\"{}\" failures=\"{}\" errors=\"0\">",
        all + passed,
        model.shown().filter(failed).count()
    )?;
    for chart in &model.charts {
        let findings: Vec<&Finding> = model.shown().filter(|finding| finding.chart == chart.path).collect();
        let failures = findings.iter().filter(|finding| finding.severity() >= fail_on).count();
        writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">",
            escape(&chart.path),
            findings.len().max(1)
        )?;
        if findings.is_empty() {
            writeln!(out, "    <testcase name=\"{}\" classname=\"chart-lint\"/>", escape(&chart.name))?;
        }
        for finding in findings {
            let place = &finding.primary;
            writeln!(
                out,
                "    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" line=\"{}\">",
                escape(&format!("{} at {}:{}:{}", finding.rule, place.path, place.line, place.column)),
                escape(&finding.rule),
                escape(&place.path),
                place.line
            )?;
            let text = escape(&finding.text());
            if finding.severity() >= fail_on {
                writeln!(
                    out,
                    "      <failure message=\"{}\" type=\"{}\">{text}</failure>",
                    escape(&finding.message),
                    finding.severity
                )?;
            } else {
                writeln!(out, "      <system-out>{}: {text}</system-out>", finding.severity)?;
            }
            writeln!(out, "    </testcase>")?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// Checkstyle: findings by file.
pub(super) fn write_checkstyle(model: &Model, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<checkstyle version=\"4.3\">")?;
    let mut files: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in model.shown() {
        files.entry(&finding.primary.path).or_default().push(finding);
    }
    for (path, findings) in files {
        writeln!(out, "  <file name=\"{}\">", escape(path))?;
        for finding in findings {
            let severity = match finding.severity() {
                Severity::Critical | Severity::High => "error",
                Severity::Medium => "warning",
                Severity::Low | Severity::Info => "info",
            };
            writeln!(
                out,
                "    <error line=\"{}\" column=\"{}\" severity=\"{severity}\" message=\"{}\" source=\"chart-lint.{}\"/>",
                finding.primary.line,
                finding.primary.column,
                escape(&finding.text()),
                escape(&finding.rule)
            )?;
        }
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}

/// Text for content and for attributes; characters that XML does not have are replaced.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\r' | '\t' => escaped.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
