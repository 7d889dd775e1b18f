//! The files of a chart's folder: Helm's walk, with symbolic links followed and `.helmignore` obeyed.
//!
//! Unlike Helm, nothing outside of the folder (or of the boundary the caller gives) is read, whatever links say.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use chart_lint_template::quote::go_quote;

use super::archive::{MAX_FILE, buffered};
use super::error::{LoadError, LoadErrorKind, go_io_error};
use super::ignore::{HELM_IGNORE, Ignored, Rules};
use super::log::LogLine;
use super::{Buffered, LoadOptions, Session, SkipReason, Skipped, paths};
use crate::lint::is_overlay;
use crate::source::Location;

/// How deep folders are followed.
const MAX_DEPTH: usize = 500;

/// The bytes of a name.
pub(crate) fn os_bytes(name: &OsStr) -> &[u8] {
    name.as_encoded_bytes()
}

/// An absolute path without `.` and `..`, as Go's `filepath.Abs` gives it.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    let path = if path.is_absolute() {
        path.to_owned()
    } else {
        std::env::current_dir().unwrap_or_default().join(path)
    };
    if cfg!(windows) {
        return path;
    }
    match String::from_utf8(paths::clean(os_bytes(path.as_os_str()))) {
        Ok(clean) => PathBuf::from(clean),
        Err(_) => path,
    }
}

/// The files of a folder.
pub(crate) struct Folder {
    pub(crate) files: Vec<Buffered>,
    /// Values files to check the chart with that `.helmignore` leaves out.
    pub(crate) overlays: Vec<Buffered>,
    pub(crate) skipped: Vec<Skipped>,
}

struct Walk<'w, 's> {
    session: &'w mut Session<'s>,
    rules: Rules,
    /// `.helmignore`, if there is one; it is a file of the chart too.
    ignore_file: Option<Buffered>,
    /// As the user knows the folder, with a slash at the end unless it is empty.
    shown: String,
    /// Nothing outside of this is read.
    boundary: PathBuf,
    /// The real paths of the folders that are being walked.
    open: Vec<PathBuf>,
    folder: Folder,
}

/// Reads the files of a chart's folder. `top` is its absolute path, `shown` the one the user knows.
pub(crate) fn read_files(
    top: &Path,
    shown: &str,
    options: &LoadOptions,
    session: &mut Session<'_>,
) -> Result<Folder, LoadError> {
    let real = fs::canonicalize(top).map_err(|error| io("open", top, &error))?;
    let boundary = match &options.boundary {
        Some(boundary) => fs::canonicalize(boundary).map_err(|error| io("open", boundary, &error))?,
        None => real.clone(),
    };
    let shown = if shown.is_empty() || shown.ends_with('/') { shown.to_owned() } else { format!("{shown}/") };
    let folder = Folder { files: Vec::new(), overlays: Vec::new(), skipped: Vec::new() };
    let mut walk = Walk {
        session,
        rules: Rules::defaults(),
        ignore_file: None,
        shown,
        boundary,
        open: Vec::new(),
        folder,
    };
    let rules = walk.read_rules(top);
    walk.session.check(rules)?;
    walk.open.push(real.clone());
    // A folder that cannot be listed counts as empty at the top; the missing Chart.yaml will be reported.
    if let Ok(names) = list(top) {
        for name in names {
            walk.enter(&top.join(&name), os_bytes(&name).to_vec(), &real.join(&name), 0)?;
        }
    }
    Ok(walk.folder)
}

/// Reads `Chart.yaml` before anything else, to see which format the chart has. Gives its path in errors.
pub(crate) fn read_chart_yaml(
    top: &Path,
    shown: &str,
    options: &LoadOptions,
    session: &Session<'_>,
) -> Result<Buffered, LoadError> {
    let path = top.join("Chart.yaml");
    let context = format!("unable to detect chart at {}", path.display());
    let real = fs::canonicalize(&path).map_err(|error| {
        let missing = error.kind() == std::io::ErrorKind::NotFound;
        let kind = if missing { LoadErrorKind::NoChartYaml } else { LoadErrorKind::Io };
        let help = "a chart is a folder with a Chart.yaml, or a packed chart (.tgz)";
        LoadError::new(kind, go_io_error("open", path.display(), &error)).within(&context).with_help(help)
    })?;
    let boundary = options.boundary.as_deref().unwrap_or(top);
    let boundary = fs::canonicalize(boundary).map_err(|error| io("open", boundary, &error))?;
    if !real.starts_with(&boundary) {
        return Err(leads_outside("Chart.yaml", &real));
    }
    let metadata = fs::metadata(&real).map_err(|error| io("open", &path, &error).within(&context))?;
    if !metadata.is_file() && !metadata.is_dir() {
        return Err(irregular(&path));
    }
    if metadata.len() > MAX_FILE && metadata.is_file() {
        return Err(too_large(b"Chart.yaml"));
    }
    let data = read(&real).map_err(|error| {
        let operation = if metadata.is_dir() { "read" } else { "open" };
        io(operation, &path, &error).within(&context)
    })?;
    let separator = if shown.is_empty() || shown.ends_with('/') { "" } else { "/" };
    Ok(buffered(b"Chart.yaml".to_vec(), format!("{shown}{separator}Chart.yaml"), data, session))
}

/// A file's content, at most a little more than Helm's limit.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let file = fs::File::open(path)?;
    // One call to the system for most files, and one more that finds the end.
    let length = file.metadata().map_or(0, |metadata| metadata.len().min(MAX_FILE));
    let mut data = Vec::with_capacity(length as usize + 1);
    file.take(MAX_FILE + 1).read_to_end(&mut data)?;
    Ok(data)
}

fn io(operation: &str, path: &Path, error: &std::io::Error) -> LoadError {
    LoadError::new(LoadErrorKind::Io, go_io_error(operation, path.display(), error))
}

fn irregular(path: &Path) -> LoadError {
    let message = format!("cannot load irregular file {} as it has file mode type bits set", path.display());
    LoadError::new(LoadErrorKind::IrregularFile, message)
}

fn too_large(name: &[u8]) -> LoadError {
    let message = format!("chart file {} is larger than the maximum file size {MAX_FILE}", go_quote(name));
    let help = "leave the file out of the chart: name it in .helmignore";
    LoadError::new(LoadErrorKind::FileTooLarge, message).with_help(help)
}

fn leads_outside(name: &str, target: &Path) -> LoadError {
    let message = format!(
        "symbolic link {name} leads out of the chart's folder to {}, which is not read",
        target.display()
    );
    let help = "copy the file into the chart, or give the folder that holds both as the boundary";
    LoadError::new(LoadErrorKind::LinkOutside, message).with_help(help)
}

fn list(path: &Path) -> std::io::Result<Vec<std::ffi::OsString>> {
    let mut names =
        fs::read_dir(path)?.map(|entry| Ok(entry?.file_name())).collect::<std::io::Result<Vec<_>>>()?;
    names.sort_by(|a, b| os_bytes(a).cmp(os_bytes(b)));
    Ok(names)
}

impl Walk<'_, '_> {
    fn read_rules(&mut self, top: &Path) -> Result<(), LoadError> {
        let path = top.join(HELM_IGNORE);
        let Ok(metadata) = fs::metadata(&path) else { return Ok(()) };
        let real = fs::canonicalize(&path).map_err(|error| io("open", &path, &error))?;
        if !real.starts_with(&self.boundary) {
            return Err(leads_outside(HELM_IGNORE, &real));
        }
        if !metadata.is_file() && !metadata.is_dir() {
            return Err(irregular(&path));
        }
        let operation = if metadata.is_dir() { "read" } else { "open" };
        let data = read(&real).map_err(|error| io(operation, &path, &error))?;
        let shown = format!("{}{HELM_IGNORE}", self.shown);
        let file = buffered(HELM_IGNORE.into(), shown, data, self.session);
        self.rules = Rules::parse(&file.data).map_err(|error| {
            LoadError::new(LoadErrorKind::Ignore, error.message)
                .at(Some(Location { file: file.file, span: error.span }))
        })?;
        self.ignore_file = Some(file);
        Ok(())
    }

    /// Looks at one file or folder: `path` as Helm sees it, `name` within the chart, `real` the path without links in
    /// the folders that lead to it.
    fn enter(&mut self, path: &Path, name: Vec<u8>, real: &Path, depth: usize) -> Result<(), LoadError> {
        let entered = self.enter_one(path, name, real, depth);
        self.session.check(entered).map(|_| ())
    }

    fn enter_one(&mut self, path: &Path, name: Vec<u8>, real: &Path, depth: usize) -> Result<(), LoadError> {
        self.session.spend_entry()?;
        let mut metadata = fs::symlink_metadata(path).map_err(|error| io("lstat", path, &error))?;
        let mut real = real.to_owned();
        let is_link = metadata.is_symlink();
        // What Helm calls the file in one message: the name that the link leads to.
        let mut base = paths::base(&name).to_vec();
        if is_link {
            let target = follow(path).map_err(|message| {
                LoadError::new(LoadErrorKind::Io, message)
                    .within(format_args!("error evaluating symlink {}", path.display()))
            })?;
            let line =
                LogLine::info("found symbolic link in path. Contents of linked file included and used");
            self.session.log.push(
                line.with("path", path.display().to_string()).with("resolved", target.display().to_string()),
            );
            metadata = fs::symlink_metadata(&target).map_err(|error| io("lstat", &target, &error))?;
            real = fs::canonicalize(&target).map_err(|error| io("lstat", &target, &error))?;
            base = target.file_name().map(|name| os_bytes(name).to_vec()).unwrap_or_default();
        }
        if let Some(ignored) = self.rules.ignores(&name, metadata.is_dir()) {
            let place = match (ignored, &self.ignore_file) {
                (Ignored::Rule(span), Some(file)) => Some(Location { file: file.file, span }),
                _ => None,
            };
            let mut name = name;
            if !is_link {
                self.read_overlays(path, &name, &metadata)?;
            }
            if metadata.is_dir() {
                name.push(b'/');
            }
            self.folder.skipped.push(Skipped { name: name.into(), reason: SkipReason::Ignored(place) });
            return Ok(());
        }
        if !metadata.is_dir() && !metadata.is_file() {
            return Err(irregular(path));
        }
        if is_link && !real.starts_with(&self.boundary) {
            return Err(leads_outside(&String::from_utf8_lossy(&name), &real));
        }
        if metadata.is_dir() {
            return self.enter_folder(path, &name, real, depth);
        }
        if metadata.len() > MAX_FILE {
            return Err(too_large(&base));
        }
        if name == HELM_IGNORE.as_bytes()
            && let Some(file) = &self.ignore_file
        {
            self.folder.files.push(file.clone());
            return Ok(());
        }
        let shown = String::from_utf8_lossy(&name).into_owned();
        let data = read(path)
            .map_err(|error| io("open", path, &error).within(format_args!("error reading {shown}")))?;
        self.session.spend_bytes(data.len() as u64)?;
        let file = buffered(name, format!("{}{shown}", self.shown), data, self.session);
        self.folder.files.push(file);
        Ok(())
    }

    /// Reads the values files in what `.helmignore` leaves out: those in `ci/` are for tests, and seldom packed. As they
    /// are no part of the chart, one that cannot be read is passed over, and so are links.
    fn read_overlays(&mut self, path: &Path, name: &[u8], metadata: &fs::Metadata) -> Result<(), LoadError> {
        if metadata.is_dir() {
            if name != b"ci" {
                return Ok(());
            }
            for child in list(path).unwrap_or_default() {
                self.session.spend_entry()?;
                let (child_path, child_name) = (path.join(&child), [b"ci/", os_bytes(&child)].concat());
                if let Ok(metadata) = fs::symlink_metadata(&child_path)
                    && !metadata.is_dir()
                {
                    self.read_overlays(&child_path, &child_name, &metadata)?;
                }
            }
            return Ok(());
        }
        let Ok(shown) = std::str::from_utf8(name) else { return Ok(()) };
        if !metadata.is_file() || metadata.len() > MAX_FILE || !is_overlay(shown) {
            return Ok(());
        }
        let Ok(data) = read(path) else { return Ok(()) };
        self.session.spend_bytes(data.len() as u64)?;
        let file = buffered(name.to_vec(), format!("{}{shown}", self.shown), data, self.session);
        self.folder.overlays.push(file);
        Ok(())
    }

    fn enter_folder(
        &mut self,
        path: &Path,
        name: &[u8],
        real: PathBuf,
        depth: usize,
    ) -> Result<(), LoadError> {
        if self.open.contains(&real) {
            let shown = String::from_utf8_lossy(name);
            let message = format!("symbolic link {shown} leads back to {}, which it is in", real.display());
            return Err(LoadError::new(LoadErrorKind::LinkLoop, message).with_help("remove the link"));
        }
        if depth >= MAX_DEPTH {
            let message = format!("folder {} is nested too deeply", path.display());
            return Err(LoadError::new(LoadErrorKind::TooDeep, message));
        }
        let names = list(path).map_err(|error| io("open", path, &error))?;
        self.open.push(real.clone());
        for child in names {
            let child_name = [name, b"/", os_bytes(&child)].concat();
            self.enter(&path.join(&child), child_name, &real.join(&child), depth + 1)?;
        }
        self.open.pop();
        Ok(())
    }
}

/// Where a link leads, as Go's `filepath.EvalSymlinks` finds it; the error is Go's.
fn follow(path: &Path) -> Result<PathBuf, String> {
    const MAX_LINKS: usize = 255;
    let mut links = 0;
    let mut done = PathBuf::new();
    let mut rest: Vec<std::ffi::OsString> = Vec::new();
    let push = |rest: &mut Vec<std::ffi::OsString>, path: &Path| {
        rest.extend(path.components().rev().map(|component| component.as_os_str().to_owned()));
    };
    push(&mut rest, path);
    while let Some(component) = rest.pop() {
        if component == ".." {
            done.pop();
            continue;
        }
        if component == "." {
            continue;
        }
        let next = done.join(&component);
        let metadata =
            fs::symlink_metadata(&next).map_err(|error| go_io_error("lstat", next.display(), &error))?;
        if !metadata.is_symlink() {
            if !metadata.is_dir() && !rest.is_empty() {
                return Err(format!("lstat {}: not a directory", next.display()));
            }
            done = next;
            continue;
        }
        links += 1;
        if links > MAX_LINKS {
            return Err("EvalSymlinks: too many links".to_owned());
        }
        let target = fs::read_link(&next).map_err(|error| go_io_error("readlink", next.display(), &error))?;
        if target.is_absolute() {
            done = PathBuf::new();
        }
        push(&mut rest, &target);
    }
    Ok(done)
}
