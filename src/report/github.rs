//! Annotations of GitHub Actions: workflow commands on standard output.

use std::io::{Result, Write};

use super::model::{Finding, Model};
use crate::finding::Severity;

pub(super) fn write(model: &Model, out: &mut dyn Write) -> Result<()> {
    for finding in model.shown() {
        let place = &finding.primary;
        writeln!(
            out,
            "::{} file={},line={},endLine={},col={},endColumn={},title={}::{}",
            level(finding),
            property(&place.path),
            place.line,
            place.end_line.max(place.line),
            place.column,
            place.end_column.max(place.column),
            property(&format!("{} ({})", finding.rule, finding.severity)),
            data(&finding.text())
        )?;
    }
    Ok(())
}

fn level(finding: &Finding) -> &'static str {
    match finding.severity() {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "notice",
    }
}

/// What follows the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
