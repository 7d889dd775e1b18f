//! A page in one file that can be read on its own: nothing is fetched, and it says everything without its script.

use std::collections::BTreeMap;
use std::io::{Result, Write};

use super::model::{Finding, Lines, Model, Place};
use super::xml::escape;
use crate::finding::Severity;

/// More bars than these say nothing.
const MOST_BARS: usize = 20;

pub(super) fn write(model: &Model, out: &mut dyn Write) -> Result<()> {
    let summary = &model.summary;
    let (class, verdict) = if summary.failed { ("failed", "failed") } else { ("passed", "passed") };
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<title>chart-lint: {verdict}</title>\n<style>\n{}</style>\n\
         </head>\n<body>",
        include_str!("html.css")
    )?;
    let charts = match model.charts.as_slice() {
        [one] => format!("{} {}", one.name, one.version),
        several => format!("{} charts", several.len()),
    };
    writeln!(out, "<h1>chart-lint: <span class=\"{class}\">{verdict}</span></h1>")?;
    writeln!(
        out,
        "<p class=\"soft\">{} · fails at <code>{}</code> · chart-lint {}</p>",
        escape(&charts),
        escape(&summary.fail_on),
        escape(&model.tool.version)
    )?;
    writeln!(out, "<div class=\"tiles\">")?;
    let counts = [summary.critical, summary.high, summary.medium, summary.low, summary.info];
    for (severity, count) in Severity::ALL.iter().zip(counts) {
        writeln!(out, "<div class=\"tile {severity}\"><b class=\"level\">{count}</b>{severity}</div>")?;
    }
    if summary.suppressed > 0 {
        writeln!(out, "<div class=\"tile\"><b>{}</b>suppressed</div>", summary.suppressed)?;
    }
    if let (Some(new), Some(fixed)) = (summary.new, summary.fixed) {
        writeln!(
            out,
            "<div class=\"tile\"><b>{new}</b>new</div><div class=\"tile\"><b>{fixed}</b>fixed</div>"
        )?;
    }
    writeln!(out, "</div>")?;
    let shown: Vec<&Finding> = model.findings.iter().filter(|finding| finding.suppressed.is_none()).collect();
    if !shown.is_empty() {
        writeln!(out, "<div class=\"plots\">")?;
        plot(out, "By rule", &shown, |finding| &finding.rule)?;
        if model.charts.len() > 1 {
            plot(out, "By chart", &shown, |finding| &finding.chart)?;
        } else {
            plot(out, "By file", &shown, |finding| &finding.primary.path)?;
        }
        writeln!(out, "</div>")?;
    }
    // Without its script the form would do nothing: the script shows it.
    writeln!(
        out,
        "<form hidden><input type=\"search\" placeholder=\"rule, file, object, words\" aria-label=\"Search\">"
    )?;
    for severity in Severity::ALL {
        writeln!(
            out,
            "<label class=\"{severity}\"><input type=\"checkbox\" name=\"level\" value=\"{severity}\" checked> \
             <span class=\"level\">{severity}</span></label>"
        )?;
    }
    writeln!(out, "<button id=\"open\" type=\"button\">open or close all</button><output></output></form>")?;
    for chart in &model.charts {
        let mut findings: Vec<&&Finding> =
            shown.iter().filter(|finding| finding.chart == chart.path).collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity()));
        writeln!(out, "<section class=\"chart\">")?;
        writeln!(
            out,
            "<h2>{} {} <span class=\"where\">{}</span></h2>",
            escape(&chart.name),
            escape(&chart.version),
            escape(&chart.path)
        )?;
        let scenarios: Vec<String> = chart
            .scenarios
            .iter()
            .map(|scenario| format!("{} ({} objects)", escape(&scenario.name), scenario.objects))
            .collect();
        writeln!(out, "<p class=\"soft\">Scenarios: {}</p>", scenarios.join(", "))?;
        if !chart.unchecked.is_empty() {
            writeln!(out, "<details><summary>Not checked: {}</summary><ul>", chart.unchecked.len())?;
            for item in &chart.unchecked {
                writeln!(out, "<li><code>{}</code>: {}</li>", escape(&item.path), escape(&item.reason))?;
            }
            writeln!(out, "</ul></details>")?;
        }
        let suppressed: Vec<&Finding> = model
            .findings
            .iter()
            .filter(|finding| finding.chart == chart.path && finding.suppressed.is_some())
            .collect();
        write_suppressed(&suppressed, out)?;
        if findings.is_empty() && suppressed.is_empty() {
            writeln!(out, "<p>Nothing found.</p>")?;
        }
        for finding in findings {
            write_finding(finding, out)?;
        }
        writeln!(out, "</section>")?;
    }
    writeln!(out, "<script>\n{}</script>\n</body>\n</html>", include_str!("html.js"))
}

/// Bars, longest first, each made of its severities.
fn plot<'m>(
    out: &mut dyn Write,
    title: &str,
    findings: &[&'m Finding],
    key: impl Fn(&'m Finding) -> &'m str,
) -> Result<()> {
    let mut counts: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    for &finding in findings {
        let at = Severity::ALL.iter().position(|&severity| severity == finding.severity()).unwrap_or(4);
        counts.entry(key(finding)).or_default()[at] += 1;
    }
    let mut bars: Vec<(&str, [usize; 5])> = counts.into_iter().collect();
    bars.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.iter().sum::<usize>()));
    let longest = bars.first().map_or(1, |(_, counts)| counts.iter().sum::<usize>()).max(1);
    writeln!(out, "<div><h2>{title}</h2>")?;
    for (name, counts) in bars.iter().take(MOST_BARS) {
        let total: usize = counts.iter().sum();
        // Of a long name the end is shown: paths start alike.
        write!(
            out,
            "<div class=\"bar\"><code title=\"{0}\"><bdi>{0}</bdi></code><span class=\"track\">",
            escape(name)
        )?;
        for (severity, count) in Severity::ALL.iter().zip(counts).filter(|(_, count)| **count > 0) {
            let share = *count as f64 * 100.0 / longest as f64;
            write!(
                out,
                "<i class=\"{severity}\" style=\"width:{share:.1}%\" title=\"{count} {severity}\"></i>"
            )?;
        }
        writeln!(out, "</span><span>{total}</span></div>")?;
    }
    if bars.len() > MOST_BARS {
        writeln!(out, "<p class=\"soft\">and {} more</p>", bars.len() - MOST_BARS)?;
    }
    writeln!(out, "</div>")
}

fn write_finding(finding: &Finding, out: &mut dyn Write) -> Result<()> {
    let place = &finding.primary;
    let at = format!("{}:{}:{}", place.path, place.line, place.column);
    let object = finding.object.as_ref().map(super::model::Object::short).unwrap_or_default();
    let text = format!("{} {} {at} {object}", finding.rule, finding.message).to_lowercase();
    writeln!(
        out,
        "<details class=\"finding {0}\" data-level=\"{0}\" data-text=\"{1}\"><summary><span class=\"level\">{0}</span> \
         <b>{2}</b> {3}<span class=\"where\">{4}</span></summary><div>",
        finding.severity(),
        escape(&text),
        escape(&finding.rule),
        with_code(&finding.message),
        escape(&at)
    )?;
    write_snippet(place, out)?;
    for related in &finding.related {
        let message =
            if related.message.is_empty() { related.role.as_str() } else { related.message.as_str() };
        writeln!(
            out,
            "<p>{} <span class=\"where\">{}:{}:{}</span></p>",
            with_code(message),
            escape(&related.path),
            related.line,
            related.column
        )?;
        write_snippet(related, out)?;
    }
    for note in &finding.notes {
        writeln!(out, "<p>{}</p>", with_code(note))?;
    }
    if !finding.more_objects.is_empty() {
        let names: Vec<String> = finding.more_objects.iter().map(|object| escape(&object.short())).collect();
        writeln!(out, "<p>Also in {}</p>", names.join(", "))?;
    }
    if let Some(help) = &finding.help {
        writeln!(out, "<p><b>Help:</b> {}</p>", with_code(help))?;
    }
    if !finding.scenarios.is_empty() {
        writeln!(out, "<p class=\"soft\">Scenarios: {}</p>", escape(&finding.scenarios.join(", ")))?;
    }
    writeln!(out, "</div></details>")
}

/// What is not shown as a finding, and why.
fn write_suppressed(findings: &[&Finding], out: &mut dyn Write) -> Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "<details class=\"suppressed\"><summary>Suppressed: {}</summary><ul>", findings.len())?;
    for finding in findings {
        writeln!(
            out,
            "<li><b>{}</b> {} <span class=\"where\">{}:{}</span>: {}</li>",
            escape(&finding.rule),
            with_code(&finding.message),
            escape(&finding.primary.path),
            finding.primary.line,
            escape(finding.suppressed.as_deref().unwrap_or_default())
        )?;
    }
    writeln!(out, "</ul></details>")
}

/// A text whose parts between backticks are code.
fn with_code(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape(text);
    }
    let parts = parts.iter().enumerate().map(|(index, part)| match index % 2 {
        0 => escape(part),
        _ => format!("<code>{}</code>", escape(part)),
    });
    parts.collect()
}

fn write_snippet(place: &Place, out: &mut dyn Write) -> Result<()> {
    let Some(Lines { first_line, text }) = &place.snippet else { return Ok(()) };
    write!(out, "<pre>")?;
    let last = first_line + text.lines().count();
    let width = last.to_string().len();
    for (index, line) in text.lines().enumerate() {
        let number = first_line + index;
        write!(out, "<span>{number:width$} │ </span>")?;
        if number == place.line as usize {
            writeln!(out, "<b>{}</b>", escape(line))?;
        } else {
            writeln!(out, "{}", escape(line))?;
        }
    }
    writeln!(out, "</pre>")
}
