//! Reports that go to files, and reports that are made of reports.

use std::io::{Error, Result, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::COULD_NOT;
use super::args::{FormatArg, MergeArgs};
use super::lint::Stop;
use crate::report::model::{Model, SCHEMA_VERSION};
use crate::report::{Format, write_model};

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Format {
        match format {
            FormatArg::Pretty => Format::Pretty,
            FormatArg::Short => Format::Short,
            FormatArg::Json => Format::Json,
            FormatArg::Sarif => Format::Sarif,
            FormatArg::Github => Format::Github,
            FormatArg::Gitlab => Format::Gitlab,
            FormatArg::Junit => Format::Junit,
            FormatArg::Checkstyle => Format::Checkstyle,
            FormatArg::Markdown => Format::Markdown,
            FormatArg::Html => Format::Html,
        }
    }
}

/// What `--output` names: `sarif=FILE`, or a file whose extension tells the format.
pub(super) fn outputs(texts: &[String]) -> std::result::Result<Vec<(Format, PathBuf)>, Stop> {
    texts.iter().map(|text| output(text)).collect()
}

fn output(text: &str) -> std::result::Result<(Format, PathBuf), Stop> {
    if let Some((name, path)) = text.split_once('=')
        && let Ok(format) = FormatArg::from_str(name, false)
    {
        return Ok((format.into(), PathBuf::from(path)));
    }
    let path = Path::new(text);
    let format = match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => Format::Json,
        Some("sarif") => Format::Sarif,
        Some("html" | "htm") => Format::Html,
        Some("md") => Format::Markdown,
        Some("txt") => Format::Pretty,
        _ => {
            let names: Vec<String> = FormatArg::value_variants()
                .iter()
                .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
                .collect();
            return Err(Stop::new(
                format!("`--output {text}` does not tell the format"),
                format!("write it as FORMAT={text}, where FORMAT is one of {}", names.join(", ")),
            ));
        }
    };
    Ok((format, path.to_path_buf()))
}

/// Writes a file; the error says which one.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes)
        .map_err(|error| Error::new(error.kind(), format!("cannot write `{}`: {error}", path.display())))
}

/// `chart-lint merge`: gives the exit code that one run would have had.
pub(super) fn merge(args: &MergeArgs, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8> {
    let outputs = match outputs(&args.output) {
        Ok(outputs) => outputs,
        Err(stop) => return stop.print(err).map(|()| COULD_NOT),
    };
    let mut parts = Vec::new();
    for path in &args.reports {
        match read(path) {
            Ok(part) => parts.push(part),
            Err(stop) => return stop.print(err).map(|()| COULD_NOT),
        }
    }
    let joined = Model::join(parts);
    write_model(&joined, args.format.into(), out)?;
    for (format, path) in &outputs {
        let mut file = Vec::new();
        write_model(&joined, *format, &mut file)?;
        write_file(path, &file)?;
    }
    Ok(u8::from(joined.summary.failed))
}

fn read(path: &Path) -> std::result::Result<Model, Stop> {
    let shown = path.display();
    let help = "give reports that `chart-lint --format json` wrote";
    let bytes =
        std::fs::read(path).map_err(|error| Stop::new(format!("cannot read `{shown}`: {error}"), help))?;
    let model: Model = serde_json::from_slice(&bytes)
        .map_err(|error| Stop::new(format!("`{shown}` is no report of chart-lint: {error}"), help))?;
    if model.schema_version != SCHEMA_VERSION {
        let message =
            format!("`{shown}` has version {} of the schema, not {SCHEMA_VERSION}", model.schema_version);
        return Err(Stop::new(message, "write and join reports with the same version of chart-lint"));
    }
    Ok(model)
}
