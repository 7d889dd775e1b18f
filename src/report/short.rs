//! One line for each finding: `path:line:column: severity[rule] message`, as editors and `grep` like it.

use std::io::{Result, Write};

use super::model::Model;

pub(super) fn write(model: &Model, out: &mut dyn Write) -> Result<()> {
    for finding in model.shown() {
        let place = &finding.primary;
        write!(out, "{}:{}:{}: ", place.path, place.line, place.column)?;
        write!(out, "{}[{}] {}", finding.severity, finding.rule, finding.message)?;
        match finding.more_objects.len() {
            0 => {}
            1 => write!(out, " (and {})", finding.more_objects[0].short())?,
            n => write!(out, " (and {n} more objects)")?,
        }
        writeln!(out)?;
    }
    Ok(())
}
