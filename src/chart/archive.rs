//! The files of a packed chart, with all that Helm refuses (`pkg/chart/loader/archive`).

use chart_lint_template::Str;
use chart_lint_template::quote::go_quote;

use super::error::{LoadError, LoadErrorKind};
use super::gzip::{Gunzip, Stop};
use super::paths;
use super::sniff::content_type;
use super::tar::{Reader, TYPE_PAX, TYPE_PAX_GLOBAL, TarError};
use super::{Buffered, Session};
use crate::source::SourceFile;

/// Helm's `MaxDecompressedChartSize`.
pub(crate) const MAX_CHART: i64 = 100 * 1024 * 1024;

/// Helm's `MaxDecompressedFileSize`.
pub(crate) const MAX_FILE: u64 = 5 * 1024 * 1024;

/// The most entries of one archive. Empty files and folders cost Helm nothing, but us a header each.
const MAX_ENTRIES: usize = 200_000;

/// Checks that a file is packed, before any of it is unpacked. `name` is the path as Helm prints it.
pub(crate) fn ensure_archive(name: &str, bytes: &[u8]) -> Result<(), LoadError> {
    let mut start = [0; 512];
    let count = bytes.len().min(start.len());
    start[..count].copy_from_slice(&bytes[..count]);
    let content_type = content_type(&start);
    if content_type == "application/x-gzip" || start.starts_with(b"\x1f\x8b\x08") {
        return Ok(());
    }
    let message = if name.ends_with(".yml") || name.ends_with(".yaml") {
        format!("file '{name}' seems to be a YAML file, but expected a gzipped archive")
    } else {
        format!("file '{name}' does not appear to be a gzipped archive; got '{content_type}'")
    };
    let help = "name the folder that holds Chart.yaml, or a packed chart (.tgz)";
    Err(LoadError::new(LoadErrorKind::Archive, message).with_help(help))
}

/// Whether an error says that the data is no gzip at all.
pub(crate) fn is_no_gzip(error: &LoadError) -> bool {
    error.to_string() == Stop::Header.to_string()
}

/// Unpacks an archive. `path` is where it lies, as the user knows it.
pub(crate) fn read_files(
    bytes: &[u8],
    path: &str,
    session: &mut Session<'_>,
) -> Result<Vec<Buffered>, LoadError> {
    let unzipped = Gunzip::new(bytes, session.bytes_left).map_err(|stop| broken(stop.into()))?;
    let mut reader = Reader::new(unzipped);
    let result = read_entries(&mut reader, path, session);
    session.bytes_left = reader.budget_left();
    result
}

fn broken(error: TarError) -> LoadError {
    let kind = match error {
        TarError::Stop(Stop::TooMuch) => LoadErrorKind::TooLarge,
        _ => LoadErrorKind::Archive,
    };
    LoadError::new(kind, error.to_string())
}

fn read_entries(
    reader: &mut Reader<'_>,
    path: &str,
    session: &mut Session<'_>,
) -> Result<Vec<Buffered>, LoadError> {
    let mut files = Vec::new();
    let mut left = MAX_CHART;
    let mut entries = 0;
    while let Some(header) = reader.next().map_err(broken)? {
        entries += 1;
        if entries > MAX_ENTRIES {
            let message = format!("archive has more than {MAX_ENTRIES} entries");
            return Err(LoadError::new(LoadErrorKind::TooLarge, message));
        }
        if header.is_folder() || matches!(header.type_flag, TYPE_PAX | TYPE_PAX_GLOBAL) {
            continue;
        }
        let name = path_in_chart(&header.name)?;
        if header.size > left {
            return Err(too_large());
        }
        if header.size > MAX_FILE as i64 {
            let message = format!(
                "decompressed chart file {} is larger than the maximum file size {MAX_FILE}",
                go_quote(&header.name)
            );
            return Err(LoadError::new(LoadErrorKind::FileTooLarge, message));
        }
        let data = reader.read_data(left as u64).map_err(broken)?;
        left -= data.len() as i64;
        if (data.len() as i64) < header.size || left <= 0 {
            return Err(too_large());
        }
        let shown = String::from_utf8_lossy(&header.name);
        files.push(buffered(name, format!("{path}!{shown}"), data, session));
    }
    if files.is_empty() {
        return Err(LoadError::new(LoadErrorKind::Archive, "no files in chart archive"));
    }
    Ok(files)
}

fn too_large() -> LoadError {
    let message = format!("decompressed chart is larger than the maximum size {MAX_CHART}");
    LoadError::new(LoadErrorKind::TooLarge, message)
}

/// A file that was read, without its byte order mark, known to the session.
pub(crate) fn buffered(name: Vec<u8>, path: String, data: Vec<u8>, session: &Session<'_>) -> Buffered {
    let (bytes, has_bom) = match data.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (Str::from(rest), true),
        None => (Str::from(data), false),
    };
    let source = if has_bom {
        SourceFile::after_bom(path, bytes.clone())
    } else {
        SourceFile::new(path, bytes.clone())
    };
    Buffered { name: Str::from(name), file: session.sources.add(source), data: bytes }
}

/// The path of an entry within the chart: without its first part.
fn path_in_chart(name: &[u8]) -> Result<Vec<u8>, LoadError> {
    let refuse = |message: String| Err(LoadError::new(LoadErrorKind::ArchivePath, message));
    // Archives made on Windows may have backslashes.
    let delimiter = if name.contains(&b'\\') { b'\\' } else { b'/' };
    let mut parts = name.splitn(2, |&byte| byte == delimiter);
    let first = parts.next().unwrap_or_default();
    let rest = parts.next().unwrap_or_default();
    let path: Vec<u8> = rest.iter().map(|&byte| if byte == delimiter { b'/' } else { byte }).collect();
    if path.starts_with(b"/") {
        return refuse("chart illegally contains absolute paths".to_owned());
    }
    let path = paths::clean(&path);
    if path == b"." {
        return refuse(format!(
            "chart illegally contains content outside the base directory: {}",
            go_quote(name)
        ));
    }
    if path.starts_with(b"..") {
        return refuse("chart illegally references parent directory".to_owned());
    }
    if matches!(path.as_slice(), [drive, b':', b'/', ..] if drive.is_ascii_alphabetic()) {
        return refuse("chart contains illegally named files".to_owned());
    }
    if first == b"Chart.yaml" {
        return refuse("chart yaml not in base directory".to_owned());
    }
    Ok(path)
}
