//! What the user sets: `-f` files and the `--set` family, merged in Helm's order (`pkg/cli/values`).

use std::sync::Arc;

use chart_lint_template::{Data, Map, Origins, Str, Type, Value};

use super::error::{ValuesError, ValuesErrorKind};
use super::json::{Numbers, decode_all};
use super::origins::{SetFlag, TreeSource, ValueOrigins};
use super::strvals::{FlagOrigins, Mode, parse_into};
use super::tree::{KeyPath, Tree, ValuesFile};
use crate::chart::error::go_io_error;
use crate::source::{FileId, SourceFile, SourceMap};

/// The flags of one scenario.
#[derive(Clone, Debug, Default)]
pub struct ValueOptions {
    /// `-f`, `--values`, read already.
    pub files: Vec<UserFile>,
    /// `--set-json`
    pub json: Vec<String>,
    /// `--set`
    pub set: Vec<String>,
    /// `--set-string`
    pub strings: Vec<String>,
    /// `--set-file`
    pub file_values: Vec<String>,
    /// `--set-literal`
    pub literals: Vec<String>,
}

/// A values file of the user, read once for all scenarios.
#[derive(Clone, Debug)]
pub struct UserFile {
    /// The path as it was given; `-` is the standard input.
    pub path: String,
    /// The file in the [`SourceMap`].
    pub file: FileId,
    /// What it says.
    pub documents: Vec<Arc<Tree>>,
}

/// Reads a file for `--set-file`; the error is Go's text.
pub type ReadFile<'r> = &'r mut dyn FnMut(&str) -> Result<Vec<u8>, String>;

impl UserFile {
    /// Reads the content of a values file.
    pub fn parse(path: &str, bytes: impl Into<Str>, sources: &SourceMap) -> Result<UserFile, ValuesError> {
        let bytes = bytes.into();
        let file = sources.add(SourceFile::new(path, bytes.clone()));
        let values = ValuesFile::read(&bytes, file).map_err(|error| {
            let message = format!("failed to parse {path}: {error}");
            ValuesError::new(ValuesErrorKind::File, message).at(Some(error.place))
        })?;
        Ok(UserFile {
            path: path.to_owned(),
            file,
            documents: values.documents.into_iter().map(Arc::new).collect(),
        })
    }

    /// The error of a file that could not be opened, in Helm's words.
    pub fn cannot_open(path: &str, error: &std::io::Error) -> ValuesError {
        ValuesError::new(ValuesErrorKind::File, go_io_error("open", path, error))
    }

    /// Refuses a path that is an address of something elsewhere: chart-lint reads from disk only.
    pub fn check_is_local(path: &str) -> Result<(), ValuesError> {
        let remote = ["http://", "https://", "oci://"]
            .iter()
            .any(|scheme| path.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
        if remote {
            let message = format!("values file {path:?} would have to be downloaded");
            let help = "download it first and name the file: chart-lint does not use the network";
            return Err(ValuesError::new(ValuesErrorKind::Remote, message).with_help(help));
        }
        Ok(())
    }
}

/// Merges what the user set into one map. `read` reads the files of `--set-file`.
pub fn merge_user_values(
    options: &ValueOptions,
    read: ReadFile<'_>,
    origins: &mut Origins,
    values: &mut ValueOrigins,
) -> Result<Map, ValuesError> {
    let base = Map::dict();
    for file in &options.files {
        merge_maps(&base, &documents_to_map(&file.documents, TreeSource::UserFile, origins, values));
    }
    let flags = [
        (SetFlag::Json, &options.json),
        (SetFlag::Set, &options.set),
        (SetFlag::String, &options.strings),
        (SetFlag::File, &options.file_values),
        (SetFlag::Literal, &options.literals),
    ];
    for (flag, texts) in flags {
        for (occurrence, text) in texts.iter().enumerate() {
            let result = match flag {
                SetFlag::Json if text.trim_matches(char::is_whitespace).starts_with('{') => {
                    set_json_object(text, &base, occurrence, origins, values)
                }
                _ => set_values(flag, text, &base, occurrence, read, origins, values)
                    .map_err(|message| flag_error(flag, text, &message)),
            };
            result.map_err(|message| ValuesError::new(ValuesErrorKind::Flag, message))?;
        }
    }
    Ok(base)
}

/// Helm's text for a flag that cannot be read; of JSON it says only what was given.
pub(crate) fn flag_error(flag: SetFlag, text: &str, message: &str) -> String {
    match flag {
        SetFlag::Json => format!("failed parsing --set-json data {text}"),
        _ => format!("failed parsing {flag} data: {message}"),
    }
}

/// Sets what one flag says in a map. The error is that of Helm's parser alone.
pub(crate) fn set_values(
    flag: SetFlag,
    text: &str,
    target: &Map,
    occurrence: usize,
    read: ReadFile<'_>,
    origins: &mut Origins,
    values: &mut ValueOrigins,
) -> Result<(), String> {
    let mode = match flag {
        SetFlag::Json => Mode::Json,
        SetFlag::Set => Mode::Typed,
        SetFlag::String => Mode::Strings,
        SetFlag::File => Mode::Files(read),
        SetFlag::Literal => Mode::Literal,
    };
    parse_into(text, target, mode, FlagOrigins { origins, values, flag, occurrence })
}

/// `--set-json '{…}'`
fn set_json_object(
    text: &str,
    target: &Map,
    occurrence: usize,
    origins: &mut Origins,
    values: &mut ValueOrigins,
) -> Result<(), String> {
    let trimmed = text.trim_matches(char::is_whitespace);
    let tree = decode_all(trimmed.as_bytes(), FileId::NONE, Numbers::Floats)
        .map_err(|_| format!("failed parsing --set-json data JSON: {text}"))?;
    let source = TreeSource::Flag { flag: SetFlag::Json, occurrence, path: KeyPath::default() };
    merge_maps(target, &documents_to_map(&[Arc::new(tree)], source, origins, values));
    Ok(())
}

/// The documents of a values file as one map.
pub(crate) fn documents_to_map(
    documents: &[Arc<Tree>],
    source: TreeSource,
    origins: &mut Origins,
    values: &mut ValueOrigins,
) -> Map {
    let mut merged: Option<Map> = None;
    for tree in documents {
        let base = if origins.enabled() { values.add_tree(source.clone(), tree) } else { 0 };
        if let Data::Map(map) = tree.to_value(origins, base).data {
            match &merged {
                None => merged = Some(map),
                Some(merged) => merge_maps(merged, &map),
            }
        }
    }
    merged.unwrap_or_else(|| Map::typed(Type::DICT))
}

/// Helm's `MergeMaps`, in place: what the second map says wins, tables are merged.
pub(crate) fn merge_maps(target: &Map, source: &Map) {
    let mut pending = vec![(target.clone(), source.clone())];
    while let Some((target, source)) = pending.pop() {
        for (key, entry) in source.entries() {
            if let (Some(Value { data: Data::Map(old), .. }), Data::Map(new)) =
                (target.get(&key), &entry.value.data)
            {
                pending.push((old, new.clone()));
                continue;
            }
            target.insert_entry(key, entry);
        }
    }
}
