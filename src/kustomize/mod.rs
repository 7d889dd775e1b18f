//! Kustomize folders: what `kustomize build` would make of them, as far as its result can be told from the files alone.
//!
//! Values carry where they are written, and keep it through all transformers: a finding in an overlay's result leads to
//! the line of the base, of the patch or of the `kustomization.yaml` that wrote the field.
//!
//! Not followed: remote resources, `helmCharts`, generators and transformers that are programs, and `replacements`. Names
//! of generated ConfigMaps and Secrets have no hash at their end.

mod patch;
mod transform;

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use chart_lint_template::{Data, Map, Origin, Origins, Str, Value};
use chart_lint_yaml::{Target, decode};

use crate::render::manifests::split;
use crate::report::Unchecked;
use crate::source::{FileId, Location, SourceFile, SourceMap, Span};
use crate::values::coalesce::origin_of;
use crate::values::tree::Tree;
use crate::values::{TreeSource, ValueOrigins};

/// The names that Kustomize looks for, in this order.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// Bases of bases of bases: more is a mistake, or malice.
const MAX_DEPTH: usize = 32;
/// Objects of one build.
const MAX_RESOURCES: usize = 100_000;
/// Larger files are no manifests.
const MAX_BYTES: u64 = 64 << 20;

/// What a folder gives.
#[derive(Default)]
pub(crate) struct Built {
    /// The objects, in order.
    pub(crate) resources: Vec<Resource>,
    /// Why Kustomize would refuse.
    pub(crate) problems: Vec<Problem>,
    /// What was left out.
    pub(crate) unchecked: Vec<Unchecked>,
}

/// An object, and the file that it is from.
#[derive(Clone)]
pub(crate) struct Resource {
    /// The path as the user knows it.
    pub(crate) file: String,
    /// The object.
    pub(crate) value: Map,
}

/// Something that stops `kustomize build`.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) message: String,
    pub(crate) place: Option<Location>,
}

/// The file that makes a folder one of Kustomize's.
pub(crate) fn kustomization_of(folder: &Path) -> Option<PathBuf> {
    NAMES.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

/// Folders that a kustomization refers to, as far as they exist.
pub(crate) fn bases_of(folder: &Path) -> Vec<PathBuf> {
    let Some(path) = kustomization_of(folder) else { return Vec::new() };
    let Ok(text) = std::fs::read(path) else { return Vec::new() };
    let Ok(tree) = decode(&text, Target::Any) else { return Vec::new() };
    let Some(root) = tree.root().as_map() else { return Vec::new() };
    ["resources", "bases", "components"]
        .iter()
        .filter_map(|key| root.get(key.as_bytes())?.as_seq())
        .flat_map(|items| items.iter().filter_map(|item| item.to_string_field()))
        .filter_map(|name| folder.join(String::from_utf8_lossy(&name).as_ref()).canonicalize().ok())
        .filter(|path| path.is_dir())
        .collect()
}

/// Builds a folder. `shown` is the folder as the user gave it.
pub(crate) fn build(
    folder: &Path,
    shown: &str,
    sources: &SourceMap,
    origins: &mut Origins,
    values: &mut ValueOrigins,
) -> Built {
    let mut built = Built::default();
    let Ok(folder) = folder.canonicalize() else {
        built.problems.push(Problem { message: format!("there is no folder `{shown}`"), place: None });
        return built;
    };
    // Bases may lie beside the folder, but not outside of what it belongs to.
    let root = folder.ancestors().find(|above| above.join(".git").exists());
    let above = |levels: usize| folder.ancestors().nth(levels).filter(|above| above.parent().is_some());
    let root = root.or_else(|| above(2)).or_else(|| above(1)).unwrap_or(&folder).to_path_buf();
    let mut builder = Builder { sources, origins, values, root, built: &mut built, open: HashSet::new() };
    let resources = builder.folder(&folder, shown, 0);
    built.resources = resources;
    built
}

struct Builder<'b> {
    sources: &'b SourceMap,
    origins: &'b mut Origins,
    values: &'b mut ValueOrigins,
    /// Nothing outside of it is read.
    root: PathBuf,
    built: &'b mut Built,
    /// The folders that are being built: a cycle has no end.
    open: HashSet<PathBuf>,
}

impl Builder<'_> {
    fn problem(&mut self, message: impl Into<String>, value: &Value) {
        let place = self.place(value);
        self.built.problems.push(Problem { message: message.into(), place });
    }

    fn left_out(&mut self, path: impl Into<String>, reason: &str) {
        let entry = Unchecked { path: path.into(), reason: reason.to_owned() };
        if !self.built.unchecked.contains(&entry) {
            self.built.unchecked.push(entry);
        }
    }

    /// Where a value is written.
    fn place(&self, value: &Value) -> Option<Location> {
        match self.origins.get(origin_of(value))? {
            Origin::Host(number) => self.values.get(number)?.location(),
            _ => None,
        }
    }

    /// The resources of a folder with a kustomization, after all its transformers.
    fn folder(&mut self, folder: &Path, shown: &str, depth: usize) -> Vec<Resource> {
        let Some(path) = kustomization_of(folder) else { return Vec::new() };
        if depth > MAX_DEPTH || !self.open.insert(folder.to_path_buf()) {
            let message = format!("{shown} refers to itself");
            self.built.problems.push(Problem { message, place: None });
            return Vec::new();
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let documents = self.read(&path, &join(shown, &name));
        let mut resources = Vec::new();
        for document in documents {
            if let Some(kustomization) = document.as_map() {
                resources = self.kustomization(kustomization, folder, shown, resources, depth);
            }
        }
        self.open.remove(folder);
        resources
    }

    fn kustomization(
        &mut self,
        root: &Map,
        folder: &Path,
        shown: &str,
        mut resources: Vec<Resource>,
        depth: usize,
    ) -> Vec<Resource> {
        for key in ["resources", "bases"] {
            for item in items(root, key) {
                resources.extend(self.resource(&item, folder, shown, depth));
                if resources.len() > MAX_RESOURCES {
                    self.problem("more objects than any cluster takes", &item);
                    resources.truncate(MAX_RESOURCES);
                }
            }
        }
        for item in items(root, "components") {
            if let Some((path, shown)) = self.inside(&item, folder, shown)
                && let Some(file) = kustomization_of(&path)
            {
                let name =
                    file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                if self.open.insert(path.clone()) {
                    // A component works on what is there already.
                    for document in self.read(&file, &join(&shown, &name)) {
                        if let Some(component) = document.as_map() {
                            resources = self.kustomization(component, &path, &shown, resources, depth + 1);
                        }
                    }
                    self.open.remove(&path);
                }
            }
        }
        for key in [
            "helmCharts",
            "helmChartInflationGenerator",
            "generators",
            "transformers",
            "replacements",
            "vars",
        ] {
            if !items(root, key).is_empty() {
                self.left_out(join(shown, "kustomization.yaml"), &format!("`{key}` is not followed"));
            }
        }
        self.generate(root, "configMapGenerator", "ConfigMap", folder, shown, &mut resources);
        self.generate(root, "secretGenerator", "Secret", folder, shown, &mut resources);
        self.patches(root, folder, shown, &mut resources);
        transform::run(root, &mut resources);
        resources
    }

    fn resource(&mut self, item: &Value, folder: &Path, shown: &str, depth: usize) -> Vec<Resource> {
        let Some(name) = string(item) else { return Vec::new() };
        if is_remote(&name) {
            self.left_out(name, "it is remote, and nothing is fetched");
            return Vec::new();
        }
        let Some((path, shown)) = self.inside(item, folder, shown) else { return Vec::new() };
        if path.is_dir() {
            if kustomization_of(&path).is_none() {
                self.problem(format!("the folder `{shown}` has no kustomization.yaml"), item);
            }
            return self.folder(&path, &shown, depth + 1);
        }
        let mut resources = Vec::new();
        for document in self.read(&path, &shown) {
            self.add(document, &shown, &mut resources);
        }
        resources
    }

    /// A document as a resource, or as several if it is a list.
    fn add(&mut self, document: Value, file: &str, resources: &mut Vec<Resource>) {
        let Some(map) = document.as_map() else { return };
        let kind = map.get(b"kind").and_then(|kind| string(&kind)).unwrap_or_default();
        match map.get(b"items").as_ref().and_then(Value::as_list) {
            Some(list) if kind.ends_with("List") => {
                for item in list.iter() {
                    if let Some(value) = item.as_map() {
                        resources.push(Resource { file: file.to_owned(), value: value.clone() });
                    }
                }
            }
            _ => resources.push(Resource { file: file.to_owned(), value: map.clone() }),
        }
    }

    /// A path that a kustomization names. It must be inside of what the folder belongs to.
    fn inside(&mut self, item: &Value, folder: &Path, shown: &str) -> Option<(PathBuf, String)> {
        let name = string(item)?;
        match folder.join(&name).canonicalize() {
            Ok(path) if path.starts_with(&self.root) => Some((path, join(shown, &name))),
            Ok(_) => {
                self.problem(format!("`{name}` lies outside of the repository, and is not read"), item);
                None
            }
            Err(_) => {
                self.problem(format!("there is no `{name}` in `{shown}`"), item);
                None
            }
        }
    }

    fn text(&mut self, path: &Path, shown: &str) -> Option<(Str, FileId)> {
        let size = std::fs::metadata(path).map(|data| data.len()).unwrap_or(0);
        let read = if size > MAX_BYTES { None } else { std::fs::read(path).ok() };
        let Some(bytes) = read else {
            let message = format!("`{shown}` cannot be read");
            self.built.problems.push(Problem { message, place: None });
            return None;
        };
        let file = SourceFile::new(shown, bytes);
        let text = file.bytes().clone();
        Some((text, self.sources.add(file)))
    }

    /// The documents of a YAML file.
    fn read(&mut self, path: &Path, shown: &str) -> Vec<Value> {
        let Some((text, file)) = self.text(path, shown) else { return Vec::new() };
        self.documents(&text, file, 0)
    }

    fn documents(&mut self, text: &[u8], file: FileId, offset: u32) -> Vec<Value> {
        let mut documents = Vec::new();
        for range in split(text) {
            let start = offset + range.start as u32;
            let shift =
                |span: chart_lint_yaml::Span| Span { start: start + span.start, end: start + span.end };
            match decode(&text[range], Target::Any) {
                Ok(yaml) => {
                    let tree = Arc::new(Tree::new(&yaml, file, shift));
                    let base = self.values.add_tree(TreeSource::Manifest, &tree);
                    documents.push(tree.to_value(self.origins, base));
                }
                Err(error) => {
                    let place = Some(Location { file, span: shift(error.span()) });
                    self.built.problems.push(Problem { message: error.to_string(), place });
                }
            }
        }
        documents
    }

    /// ConfigMaps and Secrets from files and literals.
    fn generate(
        &mut self,
        root: &Map,
        key: &str,
        kind: &str,
        folder: &Path,
        shown: &str,
        resources: &mut Vec<Resource>,
    ) {
        for generator in items(root, key) {
            let Some(generator) = generator.as_map() else { continue };
            let data = Map::dict();
            for item in items(generator, "files") {
                let Some(text) = string(&item) else { continue };
                let (name, path) = match text.split_once('=') {
                    Some((name, path)) => (name.to_owned(), path.to_owned()),
                    None => (text.rsplit('/').next().unwrap_or_default().to_owned(), text),
                };
                let path_value = Value::from(path.as_str()).with_origin(origin_of(&item));
                if let Some((path, shown)) = self.inside(&path_value, folder, shown)
                    && let Some((text, file)) = self.text(&path, &shown)
                {
                    data.insert(name.as_str(), self.file_value(text, file, &shown));
                }
            }
            for item in items(generator, "envs").into_iter().chain(generator.get(b"env")) {
                if let Some((path, shown)) = self.inside(&item, folder, shown)
                    && let Some((text, file)) = self.text(&path, &shown)
                {
                    self.env_file(&text, file, &shown, &data);
                }
            }
            for item in items(generator, "literals") {
                let Some(text) = item.as_text() else { continue };
                if let Some(at) = text.as_bytes().iter().position(|&byte| byte == b'=') {
                    let value = text.slice(at + 1..text.len());
                    let value = match unquoted(value.as_bytes()) {
                        true => value.slice(1..value.len() - 1),
                        false => value,
                    };
                    data.insert(Str::from(&text.as_bytes()[..at]), Value::from(value));
                }
            }
            self.emit_generated(generator, kind, data, shown, resources);
        }
    }

    fn emit_generated(
        &mut self,
        generator: &Map,
        kind: &str,
        data: Map,
        shown: &str,
        resources: &mut Vec<Resource>,
    ) {
        let Some(name) = generator.get(b"name") else { return };
        let behavior = generator.get(b"behavior").and_then(|text| string(&text)).unwrap_or_default();
        // A Secret's data is given in clear here; `stringData` says the same without encoding.
        let field: &[u8] = if kind == "Secret" { b"stringData" } else { b"data" };
        let known = resources
            .iter()
            .find(|resource| resource.is(kind) && resource.name() == string(&name).unwrap_or_default());
        if let (Some(known), "merge" | "replace") = (known, behavior.as_str()) {
            let into = match known.value.get(field).and_then(|value| value.as_map().cloned()) {
                Some(map) if behavior == "merge" => map,
                _ => {
                    let map = Map::dict();
                    known.value.insert(Str::from(field), Value::from(map.clone()));
                    map
                }
            };
            for (key, entry) in data.entries() {
                into.insert_entry(key, entry);
            }
            return;
        }
        let metadata = Map::dict();
        metadata.insert("name", name);
        for key in ["namespace"] {
            if let Some(value) = generator.get(key.as_bytes()) {
                metadata.insert(key, value);
            }
        }
        if let Some(options) = generator.get(b"options").as_ref().and_then(Value::as_map) {
            for key in ["labels", "annotations"] {
                if let Some(value) = options.get(key.as_bytes()) {
                    metadata.insert(key, value);
                }
            }
        }
        let value = Map::dict();
        value.insert("apiVersion", Value::from("v1"));
        value.insert("kind", Value::from(kind));
        value.insert("metadata", Value::from(metadata));
        if kind == "Secret" {
            value.insert("type", generator.get(b"type").unwrap_or_else(|| Value::from("Opaque")));
        }
        value.insert(Str::from(field), Value::from(data));
        resources.push(Resource { file: join(shown, "kustomization.yaml"), value });
    }

    /// A whole file as one value.
    fn file_value(&mut self, text: Str, file: FileId, shown: &str) -> Value {
        let location = Location { file, span: Span::new(0, text.as_bytes().len() as u32) };
        self.value_at(text, location, shown)
    }

    fn value_at(&mut self, text: Str, location: Location, shown: &str) -> Value {
        let origin = self
            .values
            .add(self.origins, || crate::values::ValueOrigin::Place { name: shown.to_owned(), location });
        Value::from(text).with_origin(origin)
    }

    /// `KEY=value` lines.
    fn env_file(&mut self, text: &[u8], file: FileId, shown: &str, data: &Map) {
        let mut start = 0;
        for line in text.split(|&byte| byte == b'\n') {
            let end = start + line.len();
            let trimmed = line.trim_ascii();
            if !trimmed.is_empty()
                && !trimmed.starts_with(b"#")
                && let Some(at) = line.iter().position(|&byte| byte == b'=')
            {
                let key = line[..at].trim_ascii();
                let value = line[at + 1..].strip_suffix(b"\r").unwrap_or(&line[at + 1..]);
                let location = Location { file, span: Span::new((start + at + 1) as u32, end as u32) };
                let value = self.value_at(Str::from(value), location, shown);
                data.insert(Str::from(key), value);
            }
            start = end + 1;
        }
    }
}

impl Resource {
    fn field(&self, key: &str) -> String {
        self.value.get(key.as_bytes()).and_then(|value| string(&value)).unwrap_or_default()
    }

    pub(crate) fn kind(&self) -> String {
        self.field("kind")
    }

    pub(crate) fn is(&self, kind: &str) -> bool {
        self.field("kind") == kind
    }

    pub(crate) fn metadata(&self) -> Map {
        map_in(&self.value, "metadata")
    }

    pub(crate) fn name(&self) -> String {
        let metadata = self.value.get(b"metadata");
        let name = metadata.as_ref().and_then(Value::as_map).and_then(|metadata| metadata.get(b"name"));
        name.and_then(|name| string(&name)).unwrap_or_default()
    }
}

/// The map in a field, which is made if there is none.
pub(crate) fn map_in(map: &Map, key: &str) -> Map {
    match map.get(key.as_bytes()).and_then(|value| value.as_map().cloned()).filter(|map| !map.is_nil()) {
        Some(map) => map,
        None => {
            let made = Map::dict();
            map.insert(key, Value::from(made.clone()));
            made
        }
    }
}

/// The items of a list in a field.
pub(crate) fn items(map: &Map, key: &str) -> Vec<Value> {
    match map.get(key.as_bytes()).map(|value| value.data) {
        Some(Data::List(list)) => list.to_vec(),
        _ => Vec::new(),
    }
}

/// A string.
pub(crate) fn string(value: &Value) -> Option<String> {
    value.as_text().map(|text| text.to_utf8().into_owned())
}

/// Whether a value in a literal is in quotes, which are not part of it.
fn unquoted(value: &[u8]) -> bool {
    value.len() >= 2 && value[0] == value[value.len() - 1] && matches!(value[0], b'"' | b'\'')
}

fn is_remote(name: &str) -> bool {
    name.contains("://")
        || name.starts_with("git@")
        || name.starts_with("github.com/")
        || name.contains("?ref=")
}

/// A path from a folder, without `.` and with `..` taken together where that can be told.
fn join(folder: &str, name: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for component in Path::new(folder).join(name).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if parts.last().is_some_and(|last| last != "..") => {
                parts.pop();
            }
            Component::RootDir => parts.push(String::new()),
            other => parts.push(other.as_os_str().to_string_lossy().into_owned()),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn paths_are_joined() {
        for (folder, name, joined) in [
            (".", "a.yaml", "a.yaml"),
            ("k8s/base", "../x/a.yaml", "k8s/x/a.yaml"),
            ("overlay", "../../a", "../a"),
            ("/abs/overlay", "../base", "/abs/base"),
        ] {
            assert_eq!(join(folder, name), joined, "{folder} {name}");
        }
    }
}
