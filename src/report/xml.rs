//! JUnit and Checkstyle: XML that CI systems show.

use std::collections::BTreeMap;
use std::io::{Result, Write};

use super::model::{Finding, Model};
use crate::finding::Severity;

/// JUnit, as its schema of Ant's reports asks for: each chart is a suite, each finding a test, which fails if the run does
/// for it; what others say is in the suite's output. A chart without findings has one test that passed. A run has no
/// time and no host of its own here, so that the same findings give the same report.
pub(super) fn write_junit(model: &Model, out: &mut dyn Write) -> Result<()> {
    let fail_on = model.summary.fail_on.parse().unwrap_or(Severity::High);
    let fails = |finding: &Finding| finding.severity() >= fail_on || finding.always_fails;
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites>")?;
    for (id, chart) in model.charts.iter().enumerate() {
        let findings: Vec<&Finding> = model.shown().filter(|finding| finding.chart == chart.path).collect();
        writeln!(
            out,
            "  <testsuite name=\"{0}\" package=\"{0}\" id=\"{id}\" tests=\"{1}\" failures=\"{2}\" errors=\"0\" time=\"0\" \
             timestamp=\"1970-01-01T00:00:00\" hostname=\"localhost\">",
            escape(&chart.path),
            findings.len().max(1),
            findings.iter().filter(|finding| fails(finding)).count()
        )?;
        writeln!(out, "    <properties/>")?;
        if findings.is_empty() {
            writeln!(
                out,
                "    <testcase name=\"{}\" classname=\"chart-lint\" time=\"0\"/>",
                escape(&chart.name)
            )?;
        }
        for finding in &findings {
            let name = format!("{} at {}", finding.rule, at(finding));
            write!(
                out,
                "    <testcase name=\"{}\" classname=\"{}\" time=\"0\"",
                escape(&name),
                escape(&finding.rule)
            )?;
            if !fails(finding) {
                writeln!(out, "/>")?;
                continue;
            }
            writeln!(out, ">")?;
            writeln!(
                out,
                "      <failure message=\"{}\" type=\"{}\">{}: {}</failure>",
                escape(&finding.message),
                finding.severity,
                escape(&at(finding)),
                escape(&finding.text())
            )?;
            writeln!(out, "    </testcase>")?;
        }
        writeln!(out, "    <system-out>")?;
        for finding in findings.iter().filter(|finding| !fails(finding)) {
            writeln!(
                out,
                "{}: {}[{}] {}",
                escape(&at(finding)),
                finding.severity,
                escape(&finding.rule),
                escape(&finding.text())
            )?;
        }
        writeln!(out, "    </system-out>")?;
        writeln!(out, "    <system-err/>")?;
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn at(finding: &Finding) -> String {
    format!("{}:{}:{}", finding.primary.path, finding.primary.line, finding.primary.column)
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
