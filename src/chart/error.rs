//! Why a chart cannot be loaded: Helm's words, the true place, and a way out.

use std::fmt;

use crate::source::Location;

/// A chart that cannot be loaded. `Display` gives what Helm prints after `Error: `.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", .0.message)]
pub struct LoadError(Box<Inner>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Inner {
    kind: LoadErrorKind,
    message: String,
    place: Option<Location>,
    help: Option<String>,
}

/// What is wrong with the chart.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum LoadErrorKind {
    /// There is nothing at the path.
    NotFound,
    /// The chart would have to be downloaded, which chart-lint does not do.
    Remote,
    /// A file or folder cannot be read.
    Io,
    /// A symbolic link leads out of the chart's folder. Helm follows it; chart-lint does not read there.
    LinkOutside,
    /// Symbolic links that lead in a circle.
    LinkLoop,
    /// A device, a socket or the like.
    IrregularFile,
    /// A file is larger than Helm allows.
    FileTooLarge,
    /// The whole chart is larger than Helm or chart-lint allows.
    TooLarge,
    /// Charts in charts, deeper than chart-lint follows.
    TooDeep,
    /// A rule in `.helmignore` that Helm refuses.
    Ignore,
    /// A file that is no archive, or a broken one.
    Archive,
    /// A path in an archive that Helm refuses.
    ArchivePath,
    /// There is no `Chart.yaml`.
    NoChartYaml,
    /// An `apiVersion` that Helm does not know.
    ApiVersion,
    /// A file is not the YAML it should be.
    Yaml,
    /// `values.yaml` is not the YAML it should be.
    Values,
    /// `Chart.yaml` has a value that Helm refuses.
    Validation,
}

impl LoadError {
    pub(crate) fn new(kind: LoadErrorKind, message: impl Into<String>) -> LoadError {
        LoadError(Box::new(Inner { kind, message: message.into(), place: None, help: None }))
    }

    pub(crate) fn at(mut self, place: Option<Location>) -> LoadError {
        self.0.place = self.0.place.or(place);
        self
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> LoadError {
        self.0.help = Some(help.into());
        self
    }

    /// The same error with Helm's words around it.
    pub(crate) fn within(mut self, context: impl fmt::Display) -> LoadError {
        self.0.message = format!("{context}: {}", self.0.message);
        self
    }

    /// What is wrong.
    pub fn kind(&self) -> LoadErrorKind {
        self.0.kind
    }

    /// Where it is wrong, if that is a place in a file.
    pub fn place(&self) -> Option<Location> {
        self.0.place
    }

    /// A way out.
    pub fn help(&self) -> Option<&str> {
        self.0.help.as_deref()
    }
}

/// The text of an error of the operating system as Go prints it: `open /a/b: no such file or directory`.
pub(crate) fn go_io_error(operation: &str, path: impl fmt::Display, error: &std::io::Error) -> String {
    format!("{operation} {path}: {}", go_errno(error))
}

fn go_errno(error: &std::io::Error) -> String {
    let text = error.to_string();
    // Rust adds the number, and the C library starts with a capital letter.
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().collect::<String>() + characters.as_str())
}
