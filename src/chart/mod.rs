//! Reading a chart: from a folder or a packed file to a [`Chart`], exactly as Helm 4 does it, with places.
//!
//! What is not here: what the templates mean, and values beyond reading them.

mod archive;
mod directory;
pub mod error;
mod gzip;
mod ignore;
pub mod log;
pub mod metadata;
pub(crate) mod paths;
mod sniff;
mod tar;
pub(crate) mod time;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chart_lint_template::Str;
use chart_lint_template::quote::go_quote;
use chart_lint_yaml::Target;

pub use self::error::{LoadError, LoadErrorKind};
pub use self::log::{Level, LogLine};
pub use self::metadata::{Dependency, Lock, Maintainer, Metadata, MetadataPlaces};
use self::metadata::{Misfit, decode_api_version, decode_lock, decode_metadata};
use crate::source::{FileId, Location, SourceMap, Span};
use crate::values::CompiledSchema;
use crate::values::tree::{Tree, ValuesFile};

/// A chart as it was read. Immutable, and shared between threads.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// What it is called in its parent's `charts/`: a folder or a file; for the root the path as the user gave it.
    pub folder: Str,
    /// What `Chart.yaml` says (with `requirements.yaml` for old charts), checked.
    pub metadata: Metadata,
    /// `Chart.yaml`.
    pub chart_yaml: Option<Document>,
    /// `requirements.yaml`.
    pub requirements: Option<Document>,
    /// `Chart.lock` or `requirements.lock`.
    pub lock: Option<Lock>,
    /// `values.yaml`.
    pub values: Option<Values>,
    /// `values.schema.json`.
    pub schema: Option<File>,
    /// What it was compiled to, once somebody asked.
    pub(crate) compiled_schema: CompiledSchema,
    /// Files in `templates/`.
    pub templates: Vec<File>,
    /// All other files that templates see as `.Files`.
    pub files: Vec<File>,
    /// All files, those of subcharts included.
    pub raw: Vec<File>,
    /// The charts in `charts/`, in the order of their folders' names.
    pub dependencies: Vec<Arc<Chart>>,
    /// What was not loaded, and why.
    pub skipped: Vec<Skipped>,
    /// Values files in the chart's folder to check the chart with, though `.helmignore` leaves them out of it.
    pub overlays: Vec<File>,
}

/// A YAML file that was read as a whole.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file.
    pub file: File,
    /// What it says.
    pub tree: Arc<Tree>,
}

/// The default values of a chart.
#[derive(Clone, Debug)]
pub struct Values {
    /// The file.
    pub file: File,
    /// The documents in it.
    pub documents: Vec<Arc<Tree>>,
}

/// A file of a chart.
#[derive(Clone, Debug)]
pub struct File {
    /// The path within its chart: `templates/x.yaml`.
    pub name: Str,
    /// The content, without a byte order mark.
    pub data: Str,
    /// The file in the [`SourceMap`].
    pub source: FileId,
}

/// Something in a chart's folder that is not part of the chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The path within the chart; that of a folder ends with a slash.
    pub name: Str,
    /// Why it is left out.
    pub reason: SkipReason,
}

/// Why something is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// By a rule of `.helmignore`; `None` for the rule that is always there, dot files in `templates/`.
    Ignored(Option<Location>),
    /// In `charts/`, with a name that starts with `_` or `.`.
    HiddenSubchart,
    /// In a folder of `charts/`, but not in the folder of a chart.
    NotInChart,
}

/// How to load.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// Links may lead anywhere inside of this folder; without it only inside of the chart's own.
    pub boundary: Option<PathBuf>,
}

/// A chart and what Helm says while it loads it.
#[derive(Debug)]
pub struct Loaded {
    /// The chart.
    pub chart: Arc<Chart>,
    /// What Helm would log.
    pub log: Vec<LogLine>,
    /// Why Helm would refuse the chart: only what [`load_leniently`] found, empty for a good chart.
    pub problems: Vec<LoadError>,
}

/// A file before it is known which chart it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Buffered {
    pub(crate) name: Str,
    pub(crate) file: FileId,
    pub(crate) data: Str,
}

/// What one load may use up, and what it notes.
pub(crate) struct Session<'s> {
    pub(crate) sources: &'s SourceMap,
    /// What is wrong with the chart, if loading goes on after that.
    problems: Option<Vec<LoadError>>,
    pub(crate) log: Vec<LogLine>,
    pub(crate) bytes_left: u64,
    entries_left: u32,
    charts_left: u32,
}

/// Limits that Helm does not have. They are far above any chart that is not an attack.
const MAX_BYTES: u64 = 1 << 30;
const MAX_ENTRIES: u32 = 500_000;
const MAX_CHARTS: u32 = 20_000;
const MAX_DEPTH: usize = 100;

impl<'s> Session<'s> {
    fn new(sources: &'s SourceMap) -> Session<'s> {
        Session {
            sources,
            problems: None,
            log: Vec::new(),
            bytes_left: MAX_BYTES,
            entries_left: MAX_ENTRIES,
            charts_left: MAX_CHARTS,
        }
    }

    /// Takes what came of a part of the chart. When loading is lenient, an error is noted and the part left out; what
    /// uses up a budget always ends the load.
    pub(crate) fn check<T>(&mut self, result: Result<T, LoadError>) -> Result<Option<T>, LoadError> {
        match (result, &mut self.problems) {
            (Ok(value), _) => Ok(Some(value)),
            (Err(error), Some(problems))
                if !matches!(error.kind(), LoadErrorKind::TooLarge | LoadErrorKind::TooDeep) =>
            {
                problems.push(error);
                Ok(None)
            }
            (Err(error), _) => Err(error),
        }
    }

    fn spend_bytes(&mut self, bytes: u64) -> Result<(), LoadError> {
        match self.bytes_left.checked_sub(bytes) {
            Some(left) => {
                self.bytes_left = left;
                Ok(())
            }
            None => {
                Err(LoadError::new(LoadErrorKind::TooLarge, format!("chart has more than {MAX_BYTES} bytes")))
            }
        }
    }

    fn spend_entry(&mut self) -> Result<(), LoadError> {
        match self.entries_left.checked_sub(1) {
            Some(left) => {
                self.entries_left = left;
                Ok(())
            }
            None => {
                let message = format!("chart has more than {MAX_ENTRIES} files and folders");
                Err(LoadError::new(LoadErrorKind::TooLarge, message))
            }
        }
    }
}

/// Loads a chart from a folder or a packed file, as `helm template NAME PATH` does.
pub fn load(path: &str, options: &LoadOptions, sources: &SourceMap) -> Result<Loaded, LoadError> {
    load_with(path, options, Session::new(sources))
}

/// Loads as much of a chart as can be read: what Helm would refuse it for is in [`Loaded::problems`].
///
/// # Errors
/// There is no chart to speak of: nothing at the path, no archive, or one that uses up too much.
pub fn load_leniently(path: &str, options: &LoadOptions, sources: &SourceMap) -> Result<Loaded, LoadError> {
    load_with(path, options, Session { problems: Some(Vec::new()), ..Session::new(sources) })
}

fn load_with(path: &str, options: &LoadOptions, mut session: Session<'_>) -> Result<Loaded, LoadError> {
    let path = path.trim();
    let absolute = locate(path)?;
    let shown = shown_path(path);
    let metadata = std::fs::metadata(&absolute).map_err(|error| {
        LoadError::new(LoadErrorKind::Io, error::go_io_error("stat", absolute.display(), &error))
    })?;
    let chart = if metadata.is_dir() {
        load_folder(&absolute, &shown, options, &mut session)?
    } else {
        load_packed(&absolute, &shown, &mut session)?
    };
    Ok(Loaded { chart: Arc::new(chart), log: session.log, problems: session.problems.unwrap_or_default() })
}

/// Loads a packed chart that was read already; `name` is what it is called.
pub fn load_bytes(name: &str, bytes: &[u8], sources: &SourceMap) -> Result<Loaded, LoadError> {
    let mut session = Session::new(sources);
    let chart = load_archive(name, name, bytes, &mut session)?;
    Ok(Loaded { chart: Arc::new(chart), log: session.log, problems: Vec::new() })
}

/// The absolute path of a chart, or Helm's words when there is none.
fn locate(path: &str) -> Result<PathBuf, LoadError> {
    let given = Path::new(path);
    if !path.is_empty() && given.exists() {
        return Ok(directory::absolute(given));
    }
    if given.is_absolute() || path.starts_with('.') {
        return Err(LoadError::new(
            LoadErrorKind::NotFound,
            format!("path {} not found", go_quote(path.as_bytes())),
        ));
    }
    let remote = "chart-lint reads charts from disk only; fetch it first with `helm pull`";
    if path.contains("://") {
        let message = format!("chart {} would have to be downloaded", go_quote(path.as_bytes()));
        return Err(LoadError::new(LoadErrorKind::Remote, message).with_help(remote));
    }
    let message = match path.split_once('/') {
        Some((repository, _)) => format!("repo {repository} not found"),
        None => format!("non-absolute URLs should be in form of repo_name/path_to_chart, got: {path}"),
    };
    Err(LoadError::new(LoadErrorKind::NotFound, message).with_help("no file or folder has this name"))
}

/// A path as it is shown: without `./` and slashes at the end, empty for the working folder.
fn shown_path(path: &str) -> String {
    let clean = String::from_utf8(paths::clean(path.as_bytes())).unwrap_or_else(|_| path.to_owned());
    if clean == "." { String::new() } else { clean }
}

fn load_folder(
    top: &Path,
    shown: &str,
    options: &LoadOptions,
    session: &mut Session<'_>,
) -> Result<Chart, LoadError> {
    let chart_yaml = directory::read_chart_yaml(top, shown, options, session);
    let chart_yaml = session.check(chart_yaml)?;
    let is_v3 = match &chart_yaml {
        Some(chart_yaml) => session.check(check_api_version(chart_yaml))?.unwrap_or(false),
        None => false,
    };
    let folder = directory::read_files(top, shown, options, session)?;
    let mut chart = load_files(folder.files, Str::from(shown), 0, session)?;
    chart.skipped.splice(0..0, folder.skipped);
    chart.overlays = folder.overlays.iter().map(Buffered::to_file).collect();
    session.check(refuse_v3(is_v3))?;
    Ok(chart)
}

fn load_packed(path: &Path, shown: &str, session: &mut Session<'_>) -> Result<Chart, LoadError> {
    let name = path.display().to_string();
    let open = |error: std::io::Error| {
        LoadError::new(LoadErrorKind::Io, error::go_io_error("open", path.display(), &error))
    };
    let metadata = std::fs::metadata(path).map_err(open)?;
    if !metadata.is_file() {
        let message = format!("cannot load irregular file {name} as it has file mode type bits set");
        return Err(LoadError::new(LoadErrorKind::IrregularFile, message));
    }
    session.spend_bytes(metadata.len())?;
    let bytes = std::fs::read(path).map_err(open)?;
    load_archive(&name, shown, &bytes, session)
}

fn load_archive(
    name: &str,
    shown: &str,
    bytes: &[u8],
    session: &mut Session<'_>,
) -> Result<Chart, LoadError> {
    archive::ensure_archive(name, bytes)?;
    let files = archive::read_files(bytes, shown, session).map_err(|error| {
        if archive::is_no_gzip(&error) {
            let message =
                format!("file '{name}' does not appear to be a valid chart file (details: {error})");
            return LoadError::new(LoadErrorKind::Archive, message);
        }
        // Helm does not say why.
        LoadError::new(error.kind(), "unable to load chart archive").with_help(error.to_string())
    })?;
    let Some(chart_yaml) = files.iter().find(|file| file.name == "Chart.yaml") else {
        let message = "unable to detect chart version, no Chart.yaml found";
        return Err(LoadError::new(LoadErrorKind::NoChartYaml, message));
    };
    let is_v3 = session.check(check_api_version(chart_yaml))?.unwrap_or(false);
    let chart = load_files(files, Str::from(shown), 0, session)?;
    session.check(refuse_v3(is_v3))?;
    Ok(chart)
}

/// Checks that the chart has a format that Helm knows. Gives whether it is the one that Helm loads and then refuses.
fn check_api_version(chart_yaml: &Buffered) -> Result<bool, LoadError> {
    let file = chart_yaml.file;
    let document = Source::new(chart_yaml, "Chart.yaml");
    let api_version = document.decode(decode_api_version)?.0;
    match api_version.as_str() {
        "" | "v1" | "v2" => Ok(false),
        "v3" => Ok(true),
        _ => {
            let tree = Tree::new(&document.yaml()?, file, Span::from);
            let place = tree.key(tree.root(), b"apiVersion").map(|node| tree.location(node));
            let error = LoadError::new(LoadErrorKind::ApiVersion, "unsupported chart version");
            Err(error.at(place).with_help("set apiVersion to v2"))
        }
    }
}

fn refuse_v3(is_v3: bool) -> Result<(), LoadError> {
    if is_v3 {
        return Err(LoadError::new(LoadErrorKind::ApiVersion, "invalid chart apiVersion"));
    }
    Ok(())
}

/// A YAML file that is decoded into a struct.
struct Source<'f> {
    file: &'f Buffered,
    name: &'static str,
}

impl<'f> Source<'f> {
    fn new(file: &'f Buffered, name: &'static str) -> Source<'f> {
        Source { file, name }
    }

    fn error(&self, message: impl std::fmt::Display, span: chart_lint_yaml::Span) -> LoadError {
        let place = Location { file: self.file.file, span: span.into() };
        let message = format!("cannot load {}: {message}", self.name);
        LoadError::new(LoadErrorKind::Yaml, message).at(Some(place))
    }

    fn yaml(&self) -> Result<chart_lint_yaml::Tree<'f>, LoadError> {
        chart_lint_yaml::decode(&self.file.data, Target::Any)
            .map_err(|error| self.error(&error, error.span()))
    }

    fn decode<T>(
        &self,
        decode: impl FnOnce(chart_lint_yaml::Value<'_>, &Arc<Tree>) -> Result<T, Misfit>,
    ) -> Result<(T, Arc<Tree>), LoadError> {
        let yaml = self.yaml()?;
        let tree = Arc::new(Tree::new(&yaml, self.file.file, Span::from));
        match decode(yaml.root(), &tree) {
            Ok(value) => Ok((value, tree)),
            Err(Misfit { message, span }) => {
                Err(self.error(format_args!("error unmarshaling JSON: while decoding JSON: {message}"), span))
            }
        }
    }
}

/// Puts a chart together from its files: Helm's `LoadFiles`.
fn load_files(
    files: Vec<Buffered>,
    folder: Str,
    depth: usize,
    session: &mut Session<'_>,
) -> Result<Chart, LoadError> {
    session.charts_left = session.charts_left.checked_sub(1).ok_or_else(|| {
        LoadError::new(LoadErrorKind::TooLarge, format!("chart holds more than {MAX_CHARTS} charts"))
    })?;
    if depth > MAX_DEPTH {
        let message = format!("charts are nested deeper than {MAX_DEPTH} levels");
        return Err(LoadError::new(LoadErrorKind::TooDeep, message));
    }
    let mut metadata: Option<Metadata> = None;
    let mut chart = Chart {
        folder,
        metadata: Metadata::default(),
        chart_yaml: None,
        requirements: None,
        lock: None,
        values: None,
        schema: None,
        compiled_schema: CompiledSchema::default(),
        templates: Vec::new(),
        files: Vec::new(),
        raw: files.iter().map(Buffered::to_file).collect(),
        dependencies: Vec::new(),
        skipped: Vec::new(),
        overlays: Vec::new(),
    };
    for file in files.iter().filter(|file| file.name == "Chart.yaml") {
        let metadata = metadata.get_or_insert_default();
        let source = Source::new(file, "Chart.yaml");
        let decoded = source.decode(|value, tree| decode_metadata(metadata, value, tree));
        let tree = match session.check(decoded)? {
            Some((_, tree)) => Some(tree),
            // A value of the wrong type: what stands there is known all the same.
            None => source.yaml().ok().map(|yaml| Arc::new(Tree::new(&yaml, file.file, Span::from))),
        };
        if metadata.api_version.is_empty() {
            metadata.api_version = "v1".to_owned();
        }
        chart.chart_yaml = tree.map(|tree| Document { file: file.to_file(), tree });
    }
    let mut subcharts: BTreeMap<Vec<u8>, Vec<Buffered>> = BTreeMap::new();
    for file in files {
        let name = file.name.clone();
        match name.as_bytes() {
            b"Chart.yaml" => {}
            b"Chart.lock" => {
                let lock = Source::new(&file, "Chart.lock").decode(decode_lock);
                chart.lock = session.check(lock)?.map(|(lock, _)| lock);
            }
            b"values.yaml" => {
                let values = ValuesFile::read(&file.data, file.file).map_err(|error| {
                    LoadError::new(LoadErrorKind::Values, format!("cannot load values.yaml: {error}"))
                        .at(Some(error.place))
                });
                let documents = session.check(values)?.map(|values| values.documents).unwrap_or_default();
                let documents = documents.into_iter().map(Arc::new).collect();
                chart.values = Some(Values { file: file.to_file(), documents });
            }
            b"values.schema.json" => chart.schema = Some(file.to_file()),
            b"requirements.yaml" => {
                let metadata = metadata.get_or_insert_default();
                if metadata.api_version != "v1" {
                    let message = "Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". We recommend migrating dependencies to Chart.yaml.";
                    session.log.push(LogLine::info(message).at(Some(file.start())));
                }
                let decoded = Source::new(&file, "requirements.yaml")
                    .decode(|value, tree| decode_metadata(metadata, value, tree));
                let tree = session.check(decoded)?.map(|(_, tree)| tree);
                chart.requirements = tree.map(|tree| Document { file: file.to_file(), tree });
                if metadata.api_version == "v1" {
                    chart.files.push(file.to_file());
                }
            }
            b"requirements.lock" => {
                let lock = Source::new(&file, "requirements.lock").decode(decode_lock);
                chart.lock = session.check(lock)?.map(|(lock, _)| lock);
                let metadata = metadata.get_or_insert_default();
                if metadata.api_version != "v1" {
                    let message = "Warning: Dependency locking is handled in Chart.lock since apiVersion \"v2\". We recommend migrating to Chart.lock.";
                    session.log.push(LogLine::info(message).at(Some(file.start())));
                }
                if metadata.api_version == "v1" {
                    chart.files.push(file.to_file());
                }
            }
            name if name.starts_with(b"templates/") => chart.templates.push(file.to_file()),
            name => match name.strip_prefix(b"charts/") {
                Some(_) if paths::ext(name) == b".prov" => chart.files.push(file.to_file()),
                Some(rest) => {
                    let subchart = rest.split(|&byte| byte == b'/').next().unwrap_or_default();
                    let file = Buffered { name: Str::from(rest), ..file };
                    subcharts.entry(subchart.to_vec()).or_default().push(file);
                }
                None => chart.files.push(file.to_file()),
            },
        }
    }
    let mut metadata = match metadata {
        Some(metadata) => metadata,
        // Without it a folder in `charts/` is no chart at all.
        None if depth > 0 || session.problems.is_none() => {
            return Err(LoadError::new(LoadErrorKind::NoChartYaml, "Chart.yaml file is missing"));
        }
        None => Metadata::default(),
    };
    let tree = chart.chart_yaml.as_ref().map(|document| &document.tree);
    let valid = metadata.validate(|field| {
        let tree = tree?;
        let node = tree.key(tree.root(), field.as_bytes()).unwrap_or(tree.root());
        Some(tree.location(node))
    });
    if session.check(valid)?.is_none() && metadata.name.as_bytes() != paths::base(metadata.name.as_bytes()) {
        // Templates are found by the chart's name, so it has to be one.
        metadata.name = String::from_utf8_lossy(paths::base(&chart.folder)).into_owned();
    }
    let name = metadata.name.clone();
    chart.metadata = metadata;
    for (folder, files) in subcharts {
        let shown = String::from_utf8_lossy(&folder).into_owned();
        if folder.starts_with(b"_") || folder.starts_with(b".") {
            let name = Str::from([b"charts/", folder.as_slice()].concat());
            chart.skipped.push(Skipped { name, reason: SkipReason::HiddenSubchart });
            continue;
        }
        let subchart = if paths::ext(&folder) == b".tgz" {
            load_packed_subchart(&name, &folder, &files, depth, session)
        } else {
            let (files, skipped) = files_of_subchart(files);
            chart.skipped.extend(skipped);
            Ok(load_files(files, Str::from(folder), depth + 1, session))
        };
        let subchart = subchart.and_then(|subchart| {
            subchart.map_err(|error| error.within(format_args!("error unpacking subchart {shown} in {name}")))
        });
        chart.dependencies.extend(session.check(subchart)?.map(Arc::new));
    }
    Ok(chart)
}

type SubchartResult = Result<Result<Chart, LoadError>, LoadError>;

fn load_packed_subchart(
    parent: &str,
    folder: &[u8],
    files: &[Buffered],
    depth: usize,
    session: &mut Session<'_>,
) -> SubchartResult {
    let Some(file) = files.first() else {
        return Ok(Err(LoadError::new(LoadErrorKind::NoChartYaml, "no files")));
    };
    if file.name.as_bytes() != folder {
        let expected = String::from_utf8_lossy(folder);
        let message = format!(
            "error unpacking subchart tar in {parent}: expected {expected}, got {}",
            file.name.to_utf8()
        );
        return Err(LoadError::new(LoadErrorKind::Archive, message));
    }
    let place = Location { file: file.file, span: Span::default() };
    let path = session.sources.path(file.file);
    let files = match archive::read_files(&file.data, &path, session) {
        Ok(files) => files,
        Err(error) => return Ok(Err(error.at(Some(place)))),
    };
    Ok(load_files(files, Str::from(folder), depth + 1, session))
}

/// The files of an unpacked subchart, with paths within it; a plain file in `charts/` gives none.
fn files_of_subchart(files: Vec<Buffered>) -> (Vec<Buffered>, Vec<Skipped>) {
    let mut inside = Vec::with_capacity(files.len());
    let mut skipped = Vec::new();
    for file in files {
        match file.name.iter().position(|&byte| byte == b'/') {
            Some(slash) => inside.push(Buffered { name: Str::from(&file.name[slash + 1..]), ..file }),
            None => {
                let name = Str::from([b"charts/", file.name.as_bytes()].concat());
                skipped.push(Skipped { name, reason: SkipReason::NotInChart });
            }
        }
    }
    (inside, skipped)
}

impl Buffered {
    fn to_file(&self) -> File {
        File { name: self.name.clone(), data: self.data.clone(), source: self.file }
    }

    /// Its first byte.
    fn start(&self) -> Location {
        Location { file: self.file, span: Span::default() }
    }
}

/// Whether a file in `crds/` is a manifest, by its name.
fn has_manifest_extension(name: &[u8]) -> bool {
    let extension = paths::ext(name);
    [&b".yaml"[..], b".yml", b".json"].iter().any(|wanted| extension.eq_ignore_ascii_case(wanted))
}

impl Chart {
    /// The chart's name.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// The files in `crds/` that are manifests, of this chart alone: Helm's `CRDObjects` without the subcharts.
    pub fn crds(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.name.starts_with(b"crds/") && has_manifest_extension(&file.name))
    }

    /// The files of this chart, without those of the charts in it.
    pub fn own_files(&self) -> impl Iterator<Item = FileId> + '_ {
        let documents =
            [&self.chart_yaml, &self.requirements].into_iter().flatten().map(|document| &document.file);
        let values = self.values.iter().map(|values| &values.file);
        let files =
            self.templates.iter().chain(&self.files).chain(&self.schema).chain(documents).chain(values);
        files.map(|file| file.source)
    }

    /// This chart and all charts in it.
    pub fn walk(&self) -> Vec<&Chart> {
        let mut charts = vec![self];
        let mut at = 0;
        while let Some(chart) = charts.get(at).copied() {
            charts.extend(chart.dependencies.iter().map(Arc::as_ref));
            at += 1;
        }
        charts
    }
}
