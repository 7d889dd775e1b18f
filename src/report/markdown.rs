//! Markdown for pull-request comments and step summaries.

use std::collections::BTreeMap;
use std::io::{Result, Write};

use super::model::{Finding, Model};
use crate::finding::Severity;

/// More findings than these are only counted: a comment has a limit.
const MOST: usize = 100;

pub(super) fn write(model: &Model, out: &mut dyn Write) -> Result<()> {
    let summary = &model.summary;
    let counts: Vec<String> = [
        (Severity::Critical, summary.critical),
        (Severity::High, summary.high),
        (Severity::Medium, summary.medium),
        (Severity::Low, summary.low),
        (Severity::Info, summary.info),
    ]
    .iter()
    .filter(|(_, count)| *count > 0)
    .map(|(severity, count)| format!("{count} {severity}"))
    .collect();
    let verdict = if summary.failed { "❌ failed" } else { "✅ passed" };
    writeln!(out, "## chart-lint {verdict}\n")?;
    let found = if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") };
    let charts = match model.charts.len() {
        1 => "1 chart".to_owned(),
        n => format!("{n} charts"),
    };
    write!(out, "{charts}: {found}")?;
    if summary.suppressed > 0 {
        write!(out, ", {} suppressed", summary.suppressed)?;
    }
    if let (Some(new), Some(fixed)) = (summary.new, summary.fixed) {
        write!(out, "; against the baseline {new} new and {fixed} fixed")?;
    }
    writeln!(out, ".\n")?;
    let shown: Vec<&Finding> = model.shown().collect();
    let mut by_chart: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in shown.iter().take(MOST) {
        by_chart.entry(&finding.chart).or_default().push(finding);
    }
    for (chart, mut findings) in by_chart {
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity()));
        writeln!(out, "### `{chart}`\n")?;
        writeln!(out, "| severity | rule | where | what |")?;
        writeln!(out, "|---|---|---|---|")?;
        for finding in findings {
            let place = &finding.primary;
            let help = finding.help.as_ref().map(|help| format!("<br>{}", cell(help))).unwrap_or_default();
            writeln!(
                out,
                "| {} | `{}` | `{}:{}` | {}{help} |",
                finding.severity,
                finding.rule,
                place.path.replace('|', "\\|"),
                place.line,
                cell(&finding.message)
            )?;
        }
        writeln!(out)?;
    }
    if shown.len() > MOST {
        writeln!(out, "{} more findings are not shown here.\n", shown.len() - MOST)?;
    }
    let unchecked: Vec<String> = model
        .charts
        .iter()
        .flat_map(|chart| {
            chart
                .unchecked
                .iter()
                .map(|item| format!("- `{}`: {}: {}", chart.path, item.path, cell(&item.reason)))
        })
        .collect();
    if !unchecked.is_empty() {
        writeln!(out, "<details><summary>Not checked: {}</summary>\n", unchecked.len())?;
        for line in unchecked.iter().take(MOST) {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "\n</details>")?;
    }
    Ok(())
}

/// Text in a table: no line breaks, no column of its own, no HTML.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace(['\n', '\r'], " ")
}
