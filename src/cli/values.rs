//! From flags to values: reads the files that they name.

use std::io::Read;

use crate::source::SourceMap;
use crate::values::{UserFile, ValueOptions, ValuesError};

use super::args::ValuesArgs;

/// Reads the values files and collects the `--set` family.
pub(crate) fn value_options(args: &ValuesArgs, sources: &SourceMap) -> Result<ValueOptions, ValuesError> {
    let mut files = Vec::new();
    for path in &args.values {
        files.push(read_values_file(path, sources)?);
    }
    Ok(ValueOptions {
        files,
        json: args.set_json.clone(),
        set: args.set.clone(),
        strings: args.set_string.clone(),
        file_values: args.set_file.clone(),
        literals: args.set_literal.clone(),
    })
}

pub(super) fn read_values_file(path: &str, sources: &SourceMap) -> Result<UserFile, ValuesError> {
    UserFile::check_is_local(path)?;
    let bytes = if path.trim() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    let bytes = bytes.map_err(|error| UserFile::cannot_open(path, &error))?;
    UserFile::parse(path, bytes, sources)
}

/// Reads a file for `--set-file`.
pub(crate) fn read_set_file(path: &str) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| crate::chart::error::go_io_error("open", path, &error))
}
