//! JSON for programs.

use std::io::{Result, Write};

use super::model::Model;

pub(super) fn write(model: &Model, out: &mut dyn Write) -> Result<()> {
    serde_json::to_writer_pretty(&mut *out, model)?;
    writeln!(out)
}
