//! Values: where they come from, how they are merged, and which subcharts they switch on.
//!
//! [`merge_user_values`] puts together what the user set; [`prepare`] does with a chart and those values what Helm does
//! before it renders. Nothing here reads a file.

pub(crate) mod coalesce;
mod dependencies;
mod error;
mod graph;
mod json;
pub mod options;
pub mod origins;
mod schema;
mod strvals;
pub mod tree;

use std::sync::Arc;

use chart_lint_template::{Map, Origins};

use self::coalesce::Coalescer;
use self::dependencies::Dependencies;
pub use self::dependencies::{Disabled, DisabledReason};
pub use self::error::{ValuesError, ValuesErrorKind};
use self::graph::{Graph, NodeId};
pub use self::options::{UserFile, ValueOptions, merge_user_values};
pub use self::origins::{SetFlag, TreeSource, ValueOrigin, ValueOrigins};
pub(crate) use self::schema::{CompiledSchema, schema_error};
pub use self::schema::{SchemaProblem, check_values};
use crate::chart::{Chart, LogLine, Metadata};

/// A chart as one set of values uses it: under its alias, without the dependencies that are off, with the values that
/// were imported.
pub struct Instance {
    /// The chart as it was read.
    pub chart: Arc<Chart>,
    /// Its metadata as Helm leaves it: the name is the alias, the dependencies are those that are on.
    pub metadata: Metadata,
    /// Its own default values, with what it imports from its dependencies.
    pub values: Option<Map>,
    /// Helm's `ChartFullPath`: what the names of its templates start with. Deep inside of an aliased chart the names
    /// are those of the charts and not of the alias, as Helm has it.
    pub full_path: String,
    /// The charts that are on, in Helm's order.
    pub dependencies: Vec<Instance>,
}

impl Instance {
    /// The name that templates and values know it by.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }
}

/// What to do with charts that Helm refuses to render.
#[derive(Clone, Copy, Debug, Default)]
pub struct PrepareOptions {
    /// `--skip-schema-validation`
    pub skip_schema_validation: bool,
    /// Go on without the charts that are not there.
    pub allow_missing_dependencies: bool,
    /// Go on with a library chart.
    pub allow_library: bool,
}

/// All that a render needs of the values.
pub struct Prepared {
    /// The root chart.
    pub instance: Instance,
    /// `.Values` of the root; those of the subcharts are in it.
    pub values: Map,
    /// What Helm would log.
    pub log: Vec<LogLine>,
    /// The dependencies that are off, and why.
    pub disabled: Vec<Disabled>,
}

/// Does with a chart what Helm does between loading and rendering it: checks that it can be rendered, switches
/// dependencies on and off, imports values, merges all values and checks them against the schemas.
///
/// `user_values` is left as it is. What the values' origins stand for is added to `value_origins`. Needs a thread with a
/// large stack: see [`crate::render::with_large_stack`].
pub fn prepare(
    chart: &Arc<Chart>,
    user_values: &Map,
    options: &PrepareOptions,
    origins: &mut Origins,
    value_origins: &mut ValueOrigins,
) -> Result<Prepared, ValuesError> {
    let mut log = Vec::new();
    if !options.allow_library {
        check_installable(chart)?;
    }
    if chart.metadata.deprecated {
        log.push(LogLine::warn("this chart is deprecated"));
    }
    if !options.allow_missing_dependencies {
        check_dependencies(chart)?;
    }
    let mut graph = Graph::default();
    let mut defaults = |chart: &Chart, names: &[String]| {
        let values = chart.values.as_ref()?;
        let source = TreeSource::Chart(names.to_vec());
        Some(options::documents_to_map(&values.documents, source, origins, value_origins))
    };
    let root = graph.add(chart, &mut Vec::new(), &mut defaults);
    let (origins, value_origins) = (&*origins, &*value_origins);
    let mut dependencies =
        Dependencies { graph: &mut graph, origins, value_origins, log: &mut log, disabled: Vec::new() };
    if let Err(error) = dependencies.process(root, user_values) {
        return Err(error.within("chart dependencies processing failed"));
    }
    let disabled = dependencies.disabled;
    let mut coalescer = Coalescer { graph: &graph, origins, value_origins, log: &mut log };
    let values = coalescer.coalesce_values(root, user_values)?;
    if !options.skip_schema_validation {
        schema::validate(&graph, root, &values, origins, value_origins)?;
    }
    Ok(Prepared { instance: instance(&graph, root), values, log, disabled })
}

fn instance(graph: &Graph, node: NodeId) -> Instance {
    Instance {
        chart: Arc::clone(graph.chart(node)),
        metadata: graph.metadata(node).clone(),
        values: graph.values(node).cloned(),
        full_path: graph.full_path(node),
        dependencies: graph.dependencies(node).iter().map(|&child| instance(graph, child)).collect(),
    }
}

/// Only applications can be rendered.
pub fn check_installable(chart: &Chart) -> Result<(), ValuesError> {
    match chart.metadata.chart_type.as_str() {
        "" | "application" => Ok(()),
        other => {
            let help = "render a chart that depends on it";
            let message = format!("{other} charts are not installable");
            Err(ValuesError::new(ValuesErrorKind::NotInstallable, message).with_help(help))
        }
    }
}

/// The names of the dependencies that are not in `charts/`.
pub fn missing_dependencies(chart: &Chart) -> Vec<&str> {
    let wanted = chart.metadata.dependencies.iter().flatten().flatten();
    let is_missing = |name: &&str| chart.dependencies.iter().all(|there| there.name() != *name);
    wanted.map(|dependency| dependency.name.as_str()).filter(is_missing).collect()
}

/// All dependencies have to be in `charts/`.
pub fn check_dependencies(chart: &Chart) -> Result<(), ValuesError> {
    let missing = missing_dependencies(chart);
    let Some(first) = missing.first() else { return Ok(()) };
    let message = format!(
        "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch \
         missing dependencies: found in Chart.yaml, but missing in charts/ directory: {}",
        missing.join(", ")
    );
    let dependencies = chart.metadata.dependencies.iter().flatten().flatten();
    let place =
        dependencies.into_iter().find(|dependency| dependency.name == *first).and_then(|found| found.place);
    let help = "run `helm dependency build`";
    Err(ValuesError::new(ValuesErrorKind::MissingDependencies, message).at(place).with_help(help))
}
