//! `.chart-lint.yaml`: found upwards from a chart, read with places, so that a mistake in it is shown where it is.

mod read;
mod schema;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use globset::GlobMatcher;

use crate::finding::Severity;
use crate::profile::Profile;
use crate::render::objects::KubeVersion;
use crate::source::{Location, SourceMap};

pub use schema::json_schema;

/// The names that are looked for, in this order.
pub const NAMES: [&str; 2] = [".chart-lint.yaml", ".chart-lint.yml"];

/// What a configuration file says, with those that it extends.
#[derive(Debug, Default)]
pub struct Config {
    /// The path as messages show it.
    pub path: String,
    /// The folder that its paths start from.
    pub folder: PathBuf,
    /// `extends`
    pub profile: Option<Profile>,
    /// `kubeVersions`
    pub kube_versions: Vec<KubeVersion>,
    /// `scenarios`
    pub scenarios: Vec<ConfigScenario>,
    /// `rules`, the last one counts.
    pub rules: Vec<RuleSetting>,
    /// `paths`: other settings for some files, the last one counts.
    pub overrides: Vec<Override>,
    /// `ignore`
    pub ignores: Vec<Ignore>,
    /// `exclude`: charts and files that are not looked at.
    pub exclude: Vec<PathPattern>,
    /// `minSeverity`
    pub min_severity: Option<Severity>,
    /// `failOn`
    pub fail_on: Option<Severity>,
    /// `includeDependencies`
    pub include_dependencies: Option<bool>,
    /// `repository`: whether README, documents and CI around a chart are read.
    pub repo: Option<bool>,
    /// `baseline`: a file, from the folder of the configuration.
    pub baseline: Option<PathBuf>,
}

/// A set of values to check a chart with.
#[derive(Debug, Clone)]
pub struct ConfigScenario {
    /// The name.
    pub name: String,
    /// Values files, from the folder of the configuration.
    pub values: Vec<String>,
    /// Keys and their values as JSON.
    pub set: Vec<(String, String)>,
    /// Where it is written.
    pub location: Location,
}

/// What is set for a rule.
#[derive(Debug, Clone)]
pub struct RuleSetting {
    /// The rule's id.
    pub rule: String,
    /// `None` leaves the severity as it is, `Some(None)` is off.
    pub level: Option<Option<Severity>>,
    /// Parameters.
    pub params: Vec<(String, String)>,
}

/// Settings for some files.
#[derive(Debug)]
pub struct Override {
    /// The files.
    pub path: PathPattern,
    /// What is set.
    pub rules: Vec<RuleSetting>,
}

/// Findings that are not wanted.
#[derive(Debug)]
pub struct Ignore {
    /// The rule; all of them if there is none.
    pub rule: Option<String>,
    /// Objects, as `Kind/name`.
    pub object: Option<GlobMatcher>,
    /// Files.
    pub path: Option<PathPattern>,
    /// Why.
    pub reason: String,
    /// The last day on which it counts.
    pub until: Option<jiff::civil::Date>,
    /// Where it is written.
    pub location: Location,
    /// Whether it hid something.
    pub used: AtomicBool,
}

/// A pattern of paths, which counts from the folder of the configuration that it stands in.
#[derive(Debug, Clone)]
pub struct PathPattern {
    folder: PathBuf,
    glob: GlobMatcher,
}

impl PathPattern {
    /// Whether a path fits, or a folder that it lies in.
    pub fn fits(&self, path: &Path) -> bool {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let inside = absolute.strip_prefix(&self.folder).unwrap_or(path);
        inside.ancestors().filter(|path| !path.as_os_str().is_empty()).any(|path| self.glob.is_match(path))
    }
}

/// A configuration that cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub place: Option<Location>,
    /// A way out.
    pub help: String,
}

impl Config {
    /// The configuration file for a path: in its folder, or the nearest above.
    pub fn find(path: &Path) -> Option<PathBuf> {
        let path = std::path::absolute(path).ok()?;
        let folder = if path.is_dir() { path.as_path() } else { path.parent()? };
        folder.ancestors().find_map(|folder| {
            NAMES.iter().map(|name| folder.join(name)).find(|candidate| candidate.is_file())
        })
    }

    /// Reads a configuration file, and those that it extends.
    ///
    /// # Errors
    /// The first thing in it that is not understood, with its place and a suggestion.
    pub fn read(path: &Path, sources: &SourceMap) -> Result<Config, ConfigError> {
        read::read(path, sources, 0)
    }

    /// Whether a path is to be left alone.
    pub fn excludes(&self, path: &Path) -> bool {
        self.exclude.iter().any(|pattern| pattern.fits(path))
    }
}
