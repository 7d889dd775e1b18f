//! `values.schema.json`: Helm's `pkg/chart/common/util/jsonschema.go` and the validator behind it.

mod compile;
mod decimal;
mod format;
mod pattern;
mod url;
mod validate;

use std::sync::OnceLock;

use chart_lint_template::{Map, Origins, Str, Value};

use self::compile::{Compiled, compile};
use self::validate::{Failure, Instance, Misfit, check};
use super::coalesce::place_of;
use super::error::{ValuesError, ValuesErrorKind};
use super::graph::{Graph, NodeId};
use super::origins::ValueOrigins;
use super::tree::{KeyPath, PathStep};
use crate::source::{Location, Span};

/// A value that does not fit its schema.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SchemaProblem {
    /// The names of the charts that lead to the one whose schema it is, from the root on (whose own name is not there).
    pub chart: Vec<String>,
    /// The way to the value in the values of that chart.
    pub path: KeyPath,
    /// What is wrong.
    pub message: String,
    /// Where the value is written, or what is around it.
    pub place: Option<Location>,
}

/// The schema of a chart, compiled once for all sets of values.
#[derive(Default)]
pub(crate) struct CompiledSchema(OnceLock<Result<Compiled, String>>);

impl CompiledSchema {
    fn get(&self, text: &Str) -> Result<&Compiled, &String> {
        self.0.get_or_init(|| compile(text)).as_ref()
    }
}

impl Clone for CompiledSchema {
    /// Nothing: the copy of a chart may get another schema.
    fn clone(&self) -> CompiledSchema {
        CompiledSchema::default()
    }
}

impl std::fmt::Debug for CompiledSchema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CompiledSchema")
    }
}

struct Validation<'v> {
    graph: &'v Graph,
    origins: &'v Origins,
    value_origins: &'v ValueOrigins,
    problems: Vec<SchemaProblem>,
    /// A schema that is no schema.
    bad_schema: Option<Location>,
    names: Vec<String>,
}

/// Checks values with one schema, whatever chart it belongs to: Helm's `ValidateAgainstSingleSchema`. The error is
/// Helm's text. Needs a thread with a large stack.
pub fn check_values(schema: &Str, values: &Map) -> Result<(), String> {
    let compiled = compile(schema)?;
    check(&compiled, Instance::value(values.clone().into())).map_err(|failure| text_of(&failure))
}

/// Why a text is no schema, in Helm's words; nothing if it is one. Needs a thread with a large stack.
pub(crate) fn schema_error(schema: &Str) -> Option<String> {
    compile(schema).err()
}

fn text_of(failure: &Failure) -> String {
    match failure {
        Failure::Limit => "the values take too long to be checked".to_owned(),
        Failure::Misfit(misfit) => {
            let text = misfit.to_string();
            let header = "jsonschema validation failed with 'file:///values.schema.json#'\n";
            format!("{}\n", text.strip_prefix(header).unwrap_or(&text))
        }
    }
}

/// Checks the values of all charts with their schemas.
pub(crate) fn validate(
    graph: &Graph,
    root: NodeId,
    values: &Map,
    origins: &Origins,
    value_origins: &ValueOrigins,
) -> Result<(), ValuesError> {
    let mut validation = Validation {
        graph,
        origins,
        value_origins,
        problems: Vec::new(),
        bad_schema: None,
        names: Vec::new(),
    };
    let text = validation.chart(root, values);
    if text.is_empty() {
        return Ok(());
    }
    let message =
        format!("values don't meet the specifications of the schema(s) in the following chart(s):\n{text}");
    let place = validation.problems.first().and_then(|problem| problem.place).or(validation.bad_schema);
    Err(ValuesError::new(ValuesErrorKind::Schema, message)
        .at(place)
        .with_schema_problems(validation.problems))
}

impl Validation<'_> {
    /// `ValidateAgainstSchema`: the text of all errors, empty if there are none.
    fn chart(&mut self, node: NodeId, values: &Map) -> String {
        let mut text = String::new();
        let chart = self.graph.chart(node);
        if let Some(schema) = &chart.schema
            && let Err(error) = self.values(
                chart.compiled_schema.get(&schema.data),
                Location { file: schema.source, span: Span::default() },
                values,
            )
        {
            text.push_str(&format!("{}:\n{error}", self.graph.name(node)));
        }
        for &child in self.graph.dependencies(node) {
            let name = self.graph.name(child);
            match values.get(name.as_bytes()) {
                Some(value) if !value.is_nil() => match value.as_map() {
                    Some(values) => {
                        self.names.push(name.to_owned());
                        text.push_str(&self.chart(child, values));
                        self.names.pop();
                    }
                    None => {
                        let type_of = value.type_of().map(|type_of| type_of.to_string()).unwrap_or_default();
                        let message =
                            format!("invalid type for values: expected object (map), got {type_of}");
                        text.push_str(&format!("{name}:\n{message}\n"));
                    }
                },
                _ => {}
            }
        }
        text
    }

    /// `ValidateAgainstSingleSchema`
    fn values(
        &mut self,
        schema: Result<&Compiled, &String>,
        file: Location,
        values: &Map,
    ) -> Result<(), String> {
        let schema = schema.inspect_err(|_| self.bad_schema = self.bad_schema.or(Some(file)));
        check(schema.map_err(String::clone)?, Instance::value(values.clone().into())).map_err(|failure| {
            if let Failure::Misfit(misfit) = &failure {
                for leaf in misfit.leaves() {
                    let problem = self.problem(leaf, values);
                    self.problems.push(problem);
                }
            }
            text_of(&failure)
        })
    }

    fn problem(&self, leaf: &Misfit, values: &Map) -> SchemaProblem {
        let mut path = Vec::new();
        let mut place = None;
        let mut at = Some(Value::from(values.clone()));
        for step in &leaf.location {
            let list = at.as_ref().and_then(Value::as_list).cloned();
            let (next, step) = match (list, step.parse::<usize>()) {
                (Some(list), Ok(index)) => (list.get(index), PathStep::Index(index)),
                _ => {
                    let map = at.as_ref().and_then(Value::as_map).cloned();
                    (map.and_then(|map| map.get(step.as_bytes())), PathStep::Key(Str::from(step.as_str())))
                }
            };
            path.push(step);
            place =
                next.as_ref().and_then(|value| place_of(value, self.origins, self.value_origins)).or(place);
            at = next;
        }
        let message = leaf.message.clone();
        SchemaProblem { chart: self.names.clone(), path: KeyPath(path), message, place }
    }
}
