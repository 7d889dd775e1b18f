//! One line for each finding: `path:line:column: severity[rule] message`, as editors and `grep` like it.

use std::io::{Result, Write};

use super::Report;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> Result<()> {
    for finding in report.active().filter(|finding| finding.severity >= report.min_severity) {
        let place = report.sources.describe(finding.primary.location);
        write!(out, "{place}: {}[{}] {}", finding.severity, finding.rule, finding.message)?;
        match finding.more_objects.len() {
            0 => {}
            1 => write!(out, " (and {})", finding.more_objects[0].short())?,
            n => write!(out, " (and {n} more objects)")?,
        }
        writeln!(out)?;
    }
    Ok(())
}
