//! What a path leads to: charts, a Kustomize folder, or plain manifests.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chart_lint_template::{FrameId, OriginId, Origins, Run, Str, Tree, Value};

use crate::chart::{Chart, Metadata};
use crate::kustomize;
use crate::manifest;
use crate::render::engine::{Rendered, RenderedFile, write_objects};
use crate::report::Unchecked;
use crate::scenario::{Failure, FailureKind, Scenario};
use crate::source::{SourceFile, SourceMap};
use crate::values::ValueOrigins;

/// Something to lint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A chart: a folder with a `Chart.yaml`, or a packed one.
    Chart(String),
    /// A folder with a `kustomization.yaml`.
    Kustomization(String),
    /// Manifests that are written as they are.
    Manifests {
        /// The path as the user gave it.
        path: String,
        /// The files.
        files: Vec<PathBuf>,
    },
    /// Manifests on standard input.
    Stdin(Vec<u8>),
}

/// Larger files are no manifests.
const MAX_BYTES: u64 = 64 << 20;

impl Input {
    /// The path as the user knows it.
    pub fn path(&self) -> &str {
        match self {
            Input::Chart(path) | Input::Kustomization(path) | Input::Manifests { path, .. } => path,
            Input::Stdin(_) => "-",
        }
    }
}

/// A path as messages show it.
pub(crate) fn shown(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}

/// A path as messages show it, from the folder that we are in if it lies there.
pub(crate) fn shown_from_here(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    shown(here.as_deref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path))
}

/// What lies at or below a path. Charts come first: manifests and Kustomize folders beside charts are not looked for,
/// but are linted when they are named themselves.
pub fn discover(path: &Path) -> Vec<Input> {
    if path.is_file() {
        return discover_file(path);
    }
    // A folder with templates is meant to be a chart, and without a Chart.yaml a broken one.
    if path.join("Chart.yaml").is_file() || holds_templates(&path.join("templates")) {
        return vec![Input::Chart(shown(path))];
    }
    if kustomize::kustomization_of(path).is_some() {
        return vec![Input::Kustomization(shown(path))];
    }
    let found = walk(path);
    if !found.charts.is_empty() {
        return found.charts.into_iter().map(|path| Input::Chart(shown(&path))).collect();
    }
    if !found.kustomizations.is_empty() {
        // A base is checked as part of what uses it.
        let bases: HashSet<PathBuf> =
            found.kustomizations.iter().flat_map(|folder| kustomize::bases_of(folder)).collect();
        let is_base = |folder: &PathBuf| folder.canonicalize().is_ok_and(|folder| bases.contains(&folder));
        let tops: Vec<PathBuf> =
            found.kustomizations.iter().filter(|folder| !is_base(folder)).cloned().collect();
        let used = if tops.is_empty() { found.kustomizations } else { tops };
        return used.into_iter().map(|path| Input::Kustomization(shown(&path))).collect();
    }
    let files: Vec<PathBuf> = found.manifests.into_iter().filter(|path| holds_objects(path)).collect();
    if files.is_empty() { Vec::new() } else { vec![Input::Manifests { path: shown(path), files }] }
}

fn discover_file(path: &Path) -> Vec<Input> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let is_manifest = is_yaml(&name) || name.ends_with(".json");
    // A file of a chart stands for the chart: hooks and editors name single files.
    if !name.ends_with(".tgz") && !name.ends_with(".tar.gz") {
        let above = path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let chart = above.ancestors().filter(|folder| folder.join("Chart.yaml").is_file()).last();
        if let Some(chart) = chart {
            return vec![Input::Chart(shown(chart))];
        }
        if kustomize::kustomization_of(above).is_some_and(|known| known.file_name() == path.file_name()) {
            return vec![Input::Kustomization(shown(above))];
        }
        if is_manifest && holds_objects(path) {
            return vec![Input::Manifests { path: shown(path), files: vec![path.to_path_buf()] }];
        }
        // No archive, and in no chart.
        return Vec::new();
    }
    vec![Input::Chart(shown(path))]
}

fn is_yaml(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

#[derive(Default)]
struct Found {
    charts: Vec<PathBuf>,
    kustomizations: Vec<PathBuf>,
    manifests: Vec<PathBuf>,
}

/// What lies below a folder. Links are not followed, hidden folders and what git ignores are not entered.
fn walk(path: &Path) -> Found {
    let mut found = Found::default();
    // A chart is one thing: what lies in it is not looked for.
    let is_open = |entry: &ignore::DirEntry| {
        entry.depth() == 0 || !entry.path().parent().is_some_and(|folder| folder.join("Chart.yaml").is_file())
    };
    let mut builder = ignore::WalkBuilder::new(path);
    builder.follow_links(false).require_git(false).ignore(false).filter_entry(is_open);
    for entry in builder.build().flatten() {
        let kind = entry.file_type();
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.into_path();
        if kind.is_some_and(|kind| kind.is_dir()) {
            if path.join("Chart.yaml").is_file() {
                found.charts.push(path);
            } else if kustomize::kustomization_of(&path).is_some() {
                found.kustomizations.push(path);
            }
            continue;
        }
        if !kind.is_some_and(|kind| kind.is_file()) {
            continue;
        }
        if name.ends_with(".tgz") || name.ends_with(".tar.gz") {
            found.charts.push(path);
        } else if is_yaml(&name) || name.ends_with(".json") {
            found.manifests.push(path);
        }
    }
    found.charts.sort();
    found.kustomizations.sort();
    found.manifests.sort();
    found
}

/// Whether a folder has something that looks like the templates of a chart.
fn holds_templates(folder: &Path) -> bool {
    let is_template = |path: PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let text = std::fs::read(&path).unwrap_or_default();
        name.ends_with(".tpl")
            || name == "NOTES.txt"
            || is_yaml(&name) && bstr::ByteSlice::contains_str(&*text, "{{")
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(is_template)
}

/// Whether a file has something that looks like a Kubernetes object: other YAML beside manifests is none of ours.
fn holds_objects(path: &Path) -> bool {
    let small = std::fs::metadata(path).is_ok_and(|data| data.len() <= MAX_BYTES);
    let Some(bytes) = small.then(|| std::fs::read(path).ok()).flatten() else { return false };
    let has = |key: &[u8]| bstr::ByteSlice::find(&*bytes, key).is_some();
    has(b"apiVersion") && has(b"kind")
}

/// Manifests as a scenario of a chart that has nothing else.
pub(crate) struct Loaded {
    /// A chart without templates and values.
    pub(crate) chart: Arc<Chart>,
    /// The objects.
    pub(crate) scenario: Scenario,
    /// What was left out.
    pub(crate) unchecked: Vec<Unchecked>,
}

/// Loads manifests or a Kustomize folder; nothing for a chart.
pub(crate) fn load_manifests(input: &Input, namespace: &str, sources: &SourceMap) -> Option<Loaded> {
    let mut unchecked = Vec::new();
    let mut scenario = Scenario::empty("manifests".to_owned(), namespace.to_owned());
    let (name, files) = match input {
        Input::Chart(_) => return None,
        Input::Kustomization(path) => {
            scenario.name = "kustomization".to_owned();
            let files = build(path, &mut scenario, &mut unchecked, sources);
            (base_name(path), files)
        }
        Input::Stdin(bytes) => {
            let file = SourceFile::after_bom("-", bytes.clone());
            plain(vec![file], &mut scenario, sources);
            ("-".to_owned(), 1)
        }
        Input::Manifests { path, files } => {
            let mut read = Vec::new();
            for file in files {
                match std::fs::read(file) {
                    Ok(bytes) => read.push(SourceFile::after_bom(shown(file), bytes)),
                    Err(error) => {
                        unchecked.push(Unchecked { path: shown(file), reason: error.to_string() });
                    }
                }
            }
            plain(read, &mut scenario, sources);
            (base_name(path), files.len())
        }
    };
    scenario.templates = files;
    let parsed = manifest::parse(&scenario.rendered.files);
    scenario.objects = parsed.objects;
    scenario.unreadable = parsed.unreadable;
    scenario.repeated_keys = parsed.repeated_keys;
    let metadata = Metadata { name, ..Metadata::default() };
    let chart = Arc::new(Chart { folder: Str::from(input.path()), metadata, ..Chart::default() });
    Some(Loaded { chart, scenario, unchecked })
}

fn base_name(path: &str) -> String {
    let name = Path::new(path).canonicalize().ok();
    let name = name.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| path.to_owned())
}

/// Files as they are: each is a text that wrote itself.
fn plain(files: Vec<SourceFile>, scenario: &mut Scenario, sources: &SourceMap) {
    let mut origins = Origins::recording();
    let mut rendered = Vec::new();
    for file in files {
        let name = Str::from(file.path());
        let text = file.bytes().clone();
        let tree = Tree::of_text(name.clone(), text.clone());
        let place = origins.add_source(&name, tree.len());
        let run = Run {
            end: text.as_bytes().len() as u32,
            place,
            frame: FrameId::NONE,
            value: OriginId::NONE,
            skip: 0,
        };
        let id = sources.add(file);
        scenario.sources.add(name.clone(), id, Some(Arc::new(tree)));
        rendered.push(RenderedFile::new(name, text.as_bytes().to_vec(), vec![run]));
    }
    scenario.rendered = Rendered { files: rendered, origins, ..Rendered::default() };
}

/// A Kustomize folder; gives how many files it has.
fn build(path: &str, scenario: &mut Scenario, unchecked: &mut Vec<Unchecked>, sources: &SourceMap) -> usize {
    let mut origins = Origins::recording();
    let mut values = ValueOrigins::new();
    let built = kustomize::build(Path::new(path), path, sources, &mut origins, &mut values);
    let mut files: Vec<(Str, Vec<Value>)> = Vec::new();
    for resource in built.resources {
        let value = Value::from(resource.value);
        match files.iter_mut().find(|(name, _)| *name == *resource.file) {
            Some((_, objects)) => objects.push(value),
            None => files.push((Str::from(resource.file.as_str()), vec![value])),
        }
    }
    let count = files.len();
    scenario.rendered = write_objects(&files, origins);
    scenario.value_origins = values;
    let mut problems = built.problems.into_iter();
    if let Some(first) = problems.next() {
        scenario.failure = Some(Failure {
            schema_problems: Vec::new(),
            message: first.message,
            help: Some("`kustomize build` stops here too; what could be read is checked".to_owned()),
            place: first.place,
            kind: FailureKind::Other,
        });
    }
    unchecked.extend(problems.map(|problem| Unchecked {
        path: problem.place.map_or_else(|| path.to_owned(), |place| sources.describe(place)),
        reason: problem.message,
    }));
    unchecked.extend(built.unchecked);
    count
}

/// What a Kustomize folder gives, as YAML; for tests.
#[doc(hidden)]
pub fn kustomize_output(path: &str) -> String {
    let mut scenario = Scenario::empty(String::new(), String::new());
    build(path, &mut scenario, &mut Vec::new(), &SourceMap::new());
    let texts = scenario.rendered.files.iter().map(|file| String::from_utf8_lossy(&file.text));
    texts.collect()
}
