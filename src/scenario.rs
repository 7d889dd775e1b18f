//! A chart with one set of values: what it rendered to, and where everything came from. Owned data, so that scenarios
//! are made on different threads.

use std::ops::Range;
use std::sync::OnceLock;

use crate::manifest::{Object, RepeatedKey, Unreadable};
use crate::provenance::{TemplateSources, Trace, Tracer};
use crate::render::engine::{Rendered, RenderedFile};
use crate::toggles::{OffField, Toggle};
use crate::values::{SchemaProblem, ValueOptions, ValueOrigins};

/// A chart with one set of values.
pub struct Scenario {
    /// `default`, or the name of the values file.
    pub name: String,
    /// The values files, as the user knows them.
    pub values_files: Vec<String>,
    /// The values that it is rendered with, to render it once more on another cluster.
    pub(crate) values: ValueOptions,
    /// The namespace of the release.
    pub namespace: String,
    /// What was rendered, and what was not.
    pub rendered: Rendered,
    /// The templates.
    pub sources: TemplateSources,
    /// Where values came from.
    pub value_origins: ValueOrigins,
    /// The objects.
    pub objects: Vec<Object>,
    /// Documents that are not objects.
    pub unreadable: Vec<Unreadable>,
    /// Keys that are written twice.
    pub repeated_keys: Vec<RepeatedKey>,
    /// Why Helm would not render it: missing dependencies, a schema that is not met. It may be rendered all the same.
    pub failure: Option<Failure>,
    /// How many template files there are that could render.
    pub templates: usize,
    /// Subcharts that are off, and why.
    pub disabled: Vec<(String, String)>,
    /// Objects in branches that were not taken.
    pub toggles: Vec<Toggle>,
    /// See [`Scenario::off_fields`].
    pub(crate) off_fields: OnceLock<Vec<OffField>>,
}

/// Why nothing was rendered.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What Helm says.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where.
    pub place: Option<crate::source::Location>,
    /// The chart's own fault, a values file's, or its schema's: decides which rule reports it.
    pub kind: FailureKind,
    /// The values that do not fit a schema.
    pub schema_problems: Vec<SchemaProblem>,
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// A dependency is not in `charts/`.
    MissingDependency,
    /// The values do not meet the schema.
    Schema,
    /// A values file cannot be read.
    Values,
    /// Anything else.
    Other,
}

impl Scenario {
    /// A scenario with nothing in it yet.
    pub(crate) fn empty(name: String, namespace: String) -> Scenario {
        Scenario {
            name,
            values_files: Vec::new(),
            values: ValueOptions::default(),
            namespace,
            rendered: Rendered::default(),
            sources: TemplateSources::default(),
            value_origins: ValueOrigins::new(),
            objects: Vec::new(),
            unreadable: Vec::new(),
            repeated_keys: Vec::new(),
            failure: None,
            templates: 0,
            disabled: Vec::new(),
            toggles: Vec::new(),
            off_fields: OnceLock::new(),
        }
    }

    /// Whether there was a render, if only of some templates.
    pub fn is_rendered(&self) -> bool {
        self.failure.is_none() || self.templates > 0
    }

    /// Where bytes of a rendered file came from.
    pub fn trace(&self, file: usize, range: Range<usize>) -> Trace {
        let Some(rendered) = self.rendered.files.get(file) else { return Trace::default() };
        self.tracer().trace(&rendered.text, &rendered.runs, range)
    }

    /// The fields that templates write in branches that were not taken: found when somebody asks.
    pub fn off_fields(&self) -> &[OffField] {
        self.off_fields.get_or_init(|| crate::toggles::off_fields(&self.sources, &self.rendered))
    }

    /// See [`Tracer`].
    pub fn tracer(&self) -> Tracer<'_> {
        Tracer { origins: &self.rendered.origins, sources: &self.sources, values: &self.value_origins }
    }

    /// A rendered file by the name of its template.
    pub fn file(&self, name: &str) -> Option<(usize, &RenderedFile)> {
        self.rendered.files.iter().enumerate().find(|(_, file)| file.name == *name)
    }
}
