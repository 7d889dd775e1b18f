//! For people: the findings of each chart, the worst first, with the lines to edit.

use std::fmt;
use std::io::{Result, Write};

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeStyles};

use super::snippet::Snippet;
use super::{ChartReport, Report};
use crate::finding::{Finding, Place, Role, Severity};
use crate::rules::{NO_SECRETS, Secrets};

/// How the text looks.
#[derive(Clone, Copy, Debug)]
pub struct PrettyOptions {
    /// With colours.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Every finding in full, with the rendered lines.
    pub verbose: bool,
    /// No summary.
    pub quiet: bool,
}

/// How many places of the same rule are named below the first one.
const MORE: usize = 5;

pub(super) fn write(report: &Report<'_>, options: &PrettyOptions, out: &mut dyn Write) -> Result<()> {
    let painter = Painter::new(options);
    // Of many charts those with nothing to show are only counted: they would bury the others.
    let folds = report.charts.len() > MANY_CHARTS && !options.verbose;
    let mut silent = Silent::default();
    for (index, chart) in report.charts.iter().enumerate() {
        let findings: Vec<&Finding> = report.active().filter(|finding| finding.chart == index).collect();
        let (shown, folded): (Vec<&Finding>, Vec<&Finding>) =
            findings.into_iter().partition(|finding| report.is_shown(finding));
        for group in groups(&shown, options.verbose) {
            write_group(report, &painter, &group, options, out)?;
        }
        if folds && shown.is_empty() {
            silent.charts += 1;
            silent.findings += folded.len();
            silent.unchecked += chart.unchecked.len();
        } else if !options.quiet {
            write_chart_summary(report, &painter, chart, &shown, &folded, out)?;
        }
    }
    if !options.quiet {
        if silent.charts > 0 {
            writeln!(out, "{silent} (-v lists them)\n")?;
        }
        write_summary(report, &painter, out)?;
    }
    Ok(())
}

/// More charts than these are not all listed.
const MANY_CHARTS: usize = 5;

/// Charts with nothing to show.
#[derive(Default)]
struct Silent {
    charts: usize,
    /// Findings below the severity that is shown.
    findings: usize,
    /// Things that were not checked.
    unchecked: usize,
}

impl std::fmt::Display for Silent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let charts = if self.charts == 1 { "chart has" } else { "charts have" };
        write!(f, "{} {charts} nothing to show", self.charts)?;
        if self.findings > 0 {
            write!(f, ", {} findings folded", self.findings)?;
        }
        if self.unchecked > 0 {
            write!(f, ", {} templates or dependencies not checked", self.unchecked)?;
        }
        Ok(())
    }
}

/// Findings of one rule and severity that are shown as one: the first in full, the others by their place.
fn groups<'f>(findings: &[&'f Finding], verbose: bool) -> Vec<Vec<&'f Finding>> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings {
        let same = |group: &&mut Vec<&Finding>| {
            !verbose && group[0].rule == finding.rule && group[0].severity == finding.severity
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

fn write_group(
    report: &Report<'_>,
    painter: &Painter,
    group: &[&Finding],
    options: &PrettyOptions,
    out: &mut dyn Write,
) -> Result<()> {
    let Some((finding, others)) = group.split_first() else { return Ok(()) };
    writeln!(out, "  {}  {}", painter.severity(finding.severity), painter.bold(finding.rule))?;
    painter.wrapped(out, "", "", &finding.message)?;
    let secrets = report.charts.get(finding.chart).map_or(&NO_SECRETS, |chart| &chart.secrets);
    write_place(report, painter, &finding.primary, 1, secrets, out)?;
    // The place to edit and what fills it are shown with their lines, the way between them by name.
    let mut values = 0;
    for place in &finding.related {
        match place.role {
            Role::Include | Role::Object => {
                let at = format!("{} at", place.message);
                writeln!(out, "  {} {}", painter.dim(&at), report.sources.describe(place.location))?;
            }
            _ if values < 2 || options.verbose => {
                values += 1;
                write_place(report, painter, place, 0, secrets, out)?;
            }
            _ => {}
        }
    }
    if let Some(rendered) = finding.rendered.as_ref().filter(|rendered| options.verbose || rendered.always) {
        writeln!(
            out,
            "  {}",
            painter.dim(&format!("rendered by {}, from line {}:", rendered.template, rendered.first_line))
        )?;
        let mut start = 0;
        for line in rendered.text.split_inclusive('\n') {
            let end = start + line.len();
            let is_meant =
                start < rendered.span.end.max(rendered.span.start + 1) && rendered.span.start < end;
            let mark = if is_meant { ">" } else { " " };
            let shown: String =
                line.trim_end().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            writeln!(out, "  {mark} {} {shown}", painter.dim("│"))?;
            start = end;
        }
    }
    if let Some(chart) = report.charts.get(finding.chart)
        && !finding.scenarios.is_empty()
        && !finding.scenarios.contains(&0)
    {
        let names = finding.scenarios.iter().filter_map(|&index| chart.scenarios.get(index));
        let names: Vec<String> = names.map(|scenario| scenario.name.clone()).collect();
        painter.wrapped(out, "only with: ", "2", &shorten(&names, MORE))?;
    }
    for note in &finding.notes {
        painter.wrapped(out, "", "", note)?;
    }
    if !finding.more_objects.is_empty() {
        let names: Vec<String> = finding.more_objects.iter().map(crate::finding::ObjectRef::short).collect();
        let most = if options.verbose { usize::MAX } else { MORE };
        painter.wrapped(out, "also in: ", "2", &shorten(&names, most))?;
    }
    for other in others.iter().take(MORE) {
        let place = report.sources.describe(other.primary.location);
        writeln!(out, "  {} {place} {}", painter.dim("also:"), painter.dim(&other.message))?;
    }
    if others.len() > MORE {
        writeln!(
            out,
            "  {}",
            painter.dim(&format!("also: {} more (--verbose shows all)", others.len() - MORE))
        )?;
    }
    if let Some(help) = &finding.help {
        painter.wrapped(out, "help: ", "36", help)?;
    }
    writeln!(out)
}

fn shorten(names: &[String], most: usize) -> String {
    let mut shown = names.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > most {
        shown.push_str(&format!(" and {} more", names.len() - most));
    }
    shown
}

fn write_place(
    report: &Report<'_>,
    painter: &Painter,
    place: &Place,
    context: u32,
    secrets: &Secrets,
    out: &mut dyn Write,
) -> Result<()> {
    let Some(file) = report.sources.get(place.location.file) else { return Ok(()) };
    let snippet = Snippet::new(&file, place.location, context, &place.message, place.secret, secrets);
    let drawing = Drawing { snippet };
    let mut text = String::new();
    if painter.handler.render_report(&mut text, &drawing).is_err() {
        return writeln!(out, "     {}", report.sources.describe(place.location));
    }
    // The first line would hold the message, which stands above already; the last one is empty.
    for line in text.lines().skip(1).filter(|line| !line.is_empty()) {
        writeln!(out, "  {}", line.trim_end())?;
    }
    Ok(())
}

fn write_chart_summary(
    report: &Report<'_>,
    painter: &Painter,
    chart: &ChartReport,
    shown: &[&Finding],
    folded: &[&Finding],
    out: &mut dyn Write,
) -> Result<()> {
    let names: Vec<&str> = chart.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    let scenarios = match names.len() {
        0 => "not rendered".to_owned(),
        1 => format!("1 scenario: {}", names[0]),
        n if n <= 6 => format!("{n} scenarios: {}", names.join(", ")),
        n => format!("{n} scenarios: {} and {} more", names[..5].join(", "), n - 5),
    };
    if chart.version.is_empty() {
        // Manifests: nothing was rendered, and there is nothing to vary.
        let first = chart.scenarios.first().cloned().unwrap_or_default();
        let plural = if first.templates == 1 { "" } else { "s" };
        writeln!(
            out,
            "{} · {}: {} file{plural}, {} objects",
            painter.bold(&chart.name),
            first.name,
            first.templates,
            first.objects
        )?;
    } else {
        writeln!(out, "{} {} · {}", painter.bold(&chart.name), chart.version, scenarios)?;
    }
    if let Some(first) = chart.scenarios.first().filter(|_| !chart.version.is_empty()) {
        let objects: usize = chart.scenarios.iter().map(|scenario| scenario.objects).max().unwrap_or(0);
        writeln!(out, "{} templates, {} rendered, {objects} objects", first.templates, first.rendered)?;
    }
    let mut counts = Vec::new();
    for severity in Severity::ALL {
        let count = shown.iter().filter(|finding| finding.severity == severity).count();
        let hidden = folded.iter().filter(|finding| finding.severity == severity).count();
        if count + hidden > 0 {
            let folded =
                if hidden > 0 { format!(" (folded, --min-severity {severity})") } else { String::new() };
            counts.push(format!("{} {}{folded}", painter.severity(severity), count + hidden));
        }
    }
    if counts.is_empty() {
        writeln!(out, "  nothing found")?;
    } else {
        writeln!(out, "  {}", counts.join("   "))?;
    }
    for unchecked in chart.unchecked.iter().take(if report.charts.len() > 1 { 3 } else { 10 }) {
        writeln!(out, "  {} {}: {}", painter.dim("not checked:"), unchecked.path, unchecked.reason)?;
    }
    writeln!(out)
}

fn write_summary(report: &Report<'_>, painter: &Painter, out: &mut dyn Write) -> Result<()> {
    let failing = report.failing();
    let elapsed = match report.elapsed.as_millis() {
        0..=9_999 => format!("{} ms", report.elapsed.as_millis()),
        _ => format!("{:.1} s", report.elapsed.as_secs_f64()),
    };
    let suppressed = match report.suppressed() {
        0 => String::new(),
        n => format!(", {n} suppressed"),
    };
    let suppressed = match report.baseline {
        Some(counts) => {
            format!("{suppressed} ({} new, {} fixed since the baseline)", counts.new, counts.fixed)
        }
        None => suppressed,
    };
    let charts = match report.charts.len() {
        1 => String::new(),
        n => format!(" in {n} charts"),
    };
    let finding = if failing == 1 { "finding" } else { "findings" };
    let level = report.fail_on;
    if failing > 0 {
        let text =
            format!("{failing} {finding} at or above `{level}`{charts}{suppressed}: failed in {elapsed}");
        writeln!(out, "{}", painter.failed(&text))
    } else {
        let text = format!("no findings at or above `{level}`{charts}{suppressed}: passed in {elapsed}");
        writeln!(out, "{}", painter.passed(&text))
    }
}

struct Painter {
    color: bool,
    width: usize,
    handler: GraphicalReportHandler,
}

impl Painter {
    fn new(options: &PrettyOptions) -> Painter {
        let mut theme =
            if options.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        if !options.color {
            theme.styles = ThemeStyles::none();
        }
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(options.width)
            .with_links(false)
            .with_context_lines(1);
        Painter { color: options.color, width: options.width, handler }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// A paragraph, indented, with a title before it in a colour of its own.
    fn wrapped(&self, out: &mut dyn Write, title: &str, code: &str, text: &str) -> Result<()> {
        let indent = " ".repeat(2 + title.len());
        let options = textwrap::Options::new(self.width).subsequent_indent(&indent).break_words(false);
        // The title counts for the width of the first line, and is coloured when the lines are known.
        let whole = format!("  {title}{text}");
        for (index, line) in textwrap::wrap(&whole, options).iter().enumerate() {
            match line.strip_prefix(&format!("  {title}")).filter(|_| index == 0 && !title.is_empty()) {
                Some(rest) => writeln!(out, "  {}{rest}", self.paint(code, title))?,
                None => writeln!(out, "{line}")?,
            }
        }
        Ok(())
    }

    fn severity(&self, severity: Severity) -> String {
        let code = match severity {
            Severity::Critical => "1;35",
            Severity::High => "1;31",
            Severity::Medium => "33",
            Severity::Low => "34",
            Severity::Info => "36",
        };
        self.paint(code, severity.name())
    }

    fn bold(&self, text: &str) -> String {
        self.paint("1", text)
    }

    fn dim(&self, text: &str) -> String {
        self.paint("2", text)
    }

    fn failed(&self, text: &str) -> String {
        self.paint("1;31", text)
    }

    fn passed(&self, text: &str) -> String {
        self.paint("1;32", text)
    }
}

/// A snippet as miette wants it.
#[derive(Debug)]
struct Drawing {
    snippet: Snippet,
}

impl fmt::Display for Drawing {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Drawing {}

impl Diagnostic for Drawing {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.snippet)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(self.snippet.label())))
    }
}
