//! Why there are no values to render with.

use super::schema::SchemaProblem;
use crate::source::Location;

/// Values that Helm refuses. `Display` gives what Helm prints after `Error: `.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", .0.message)]
pub struct ValuesError(Box<Inner>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Inner {
    kind: ValuesErrorKind,
    message: String,
    place: Option<Location>,
    help: Option<String>,
    schema_problems: Vec<SchemaProblem>,
}

/// What is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum ValuesErrorKind {
    /// A file given with `-f` cannot be read or is no YAML.
    File,
    /// A file would have to be downloaded, which chart-lint does not do.
    Remote,
    /// A flag that sets values cannot be read.
    Flag,
    /// A library, which cannot be rendered by itself.
    NotInstallable,
    /// Charts named in `Chart.yaml` are not in `charts/`.
    MissingDependencies,
    /// A value for a subchart is no table.
    TypeMismatch,
    /// The values do not fit a `values.schema.json`, or one of those is no schema.
    Schema,
}

impl ValuesError {
    pub(crate) fn new(kind: ValuesErrorKind, message: impl Into<String>) -> ValuesError {
        let (place, help, schema_problems) = (None, None, Vec::new());
        ValuesError(Box::new(Inner { kind, message: message.into(), place, help, schema_problems }))
    }

    pub(crate) fn at(mut self, place: Option<Location>) -> ValuesError {
        self.0.place = self.0.place.or(place);
        self
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> ValuesError {
        self.0.help = Some(help.into());
        self
    }

    pub(crate) fn with_schema_problems(mut self, problems: Vec<SchemaProblem>) -> ValuesError {
        self.0.schema_problems = problems;
        self
    }

    pub(crate) fn within(mut self, context: &str) -> ValuesError {
        self.0.message = format!("{context}: {}", self.0.message);
        self
    }

    /// What is wrong.
    pub fn kind(&self) -> ValuesErrorKind {
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

    /// Each value that does not fit its schema.
    pub fn schema_problems(&self) -> &[SchemaProblem] {
        &self.0.schema_problems
    }
}
