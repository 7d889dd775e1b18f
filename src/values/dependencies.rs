//! Which subcharts are used, under which names, and what values the parents take over from them: Helm's
//! `pkg/chart/v2/util/dependencies.go`.

use std::collections::BTreeSet;

use chart_lint_template::fmt::sprint_value;
use chart_lint_template::quote::go_quote;
use chart_lint_template::{Data, Map, Origins, Value};

use super::coalesce::{Coalescer, deep_copy, place_of};
use super::error::ValuesError;
use super::graph::{Graph, NodeId};
use super::origins::ValueOrigins;
use crate::chart::metadata::ImportValue;
use crate::chart::{Dependency, LogLine};
use crate::semver::{Constraints, Version};
use crate::source::Location;

/// A dependency that is switched off, and why.
#[derive(Clone, Debug)]
pub struct Disabled {
    /// The names of the charts that lead to the one that needs it, from the root on (whose own name is not there).
    pub parent: Vec<String>,
    /// The dependency; its name is the alias if it has one.
    pub dependency: Dependency,
    /// What switched it off.
    pub reason: DisabledReason,
}

/// What switches a dependency off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DisabledReason {
    /// The first of its conditions that has a value is false.
    Condition {
        /// The way to the value from the root: `sub.enabled`.
        path: String,
        /// Where the value is written.
        place: Option<Location>,
    },
    /// Some of its tags are false and none is true.
    Tags {
        /// The tags that are false, and where that is written.
        tags: Vec<(String, Option<Location>)>,
    },
}

/// What all steps share.
pub(crate) struct Dependencies<'d> {
    pub(crate) graph: &'d mut Graph,
    pub(crate) origins: &'d Origins,
    pub(crate) value_origins: &'d ValueOrigins,
    pub(crate) log: &'d mut Vec<LogLine>,
    pub(crate) disabled: Vec<Disabled>,
}

/// Whether a version lies in a range, as Helm's `IsCompatibleRange`.
fn is_compatible(range: &str, version: &str) -> bool {
    let Ok(version) = Version::parse(version.as_bytes()) else { return false };
    Constraints::parse(range.as_bytes()).is_ok_and(|range| range.check(&version))
}

/// `Values.Table`: the table at the end of a way, or the step that is none.
fn table(values: &Map, path: &str) -> Result<Map, String> {
    let mut table = values.clone();
    for step in path.split('.') {
        match table.get(step.as_bytes()) {
            Some(Value { data: Data::Map(inner), .. }) => table = inner,
            _ => return Err(format!("{} is not a table", go_quote(step.as_bytes()))),
        }
    }
    Ok(table)
}

/// `Values.PathValue`: the value at the end of a way, if it is no table.
fn path_value(values: &Map, path: &str) -> Option<Value> {
    let (table, key) = match path.rsplit_once('.') {
        Some((tables, key)) => (table(values, tables).ok()?, key),
        None => (values.clone(), path),
    };
    table.get(key.as_bytes()).filter(|value| value.as_map().is_none())
}

impl Dependencies<'_> {
    /// `ProcessDependencies`
    pub(crate) fn process(&mut self, root: NodeId, values: &Map) -> Result<(), ValuesError> {
        self.enable(root, values, "", &mut Vec::new())?;
        self.import_values(root)
    }

    fn coalescer(&mut self) -> Coalescer<'_> {
        Coalescer {
            graph: self.graph,
            origins: self.origins,
            value_origins: self.value_origins,
            log: self.log,
        }
    }

    /// Finds the chart that a dependency means, and gives it its own copy.
    fn resolve(&mut self, node: NodeId, dependency: &Dependency) -> Option<NodeId> {
        let graph = &mut *self.graph;
        let found = graph.dependencies(node).iter().copied().find(|&child| {
            let metadata = graph.metadata(child);
            metadata.name == dependency.name && is_compatible(&dependency.version, &metadata.version)
        })?;
        let copy = graph.copy(found);
        if !dependency.alias.is_empty() {
            graph.metadata_mut(copy).name = dependency.alias.clone();
        }
        Some(copy)
    }

    /// `processDependencyEnabled`: applies aliases and removes what is switched off. `names` lead to the chart from the
    /// root, and `path` in the root's values.
    fn enable(
        &mut self,
        node: NodeId,
        values: &Map,
        path: &str,
        names: &mut Vec<String>,
    ) -> Result<(), ValuesError> {
        let Some(wanted) = self.graph.metadata(node).dependencies.clone() else { return Ok(()) };
        let wanted: Vec<Dependency> = wanted.into_iter().flatten().collect();
        let graph = &*self.graph;
        let is_wanted = |child: NodeId| {
            let metadata = graph.metadata(child);
            wanted.iter().any(|dependency| {
                metadata.name == dependency.name && is_compatible(&dependency.version, &metadata.version)
            })
        };
        let mut children: Vec<NodeId> =
            graph.dependencies(node).iter().copied().filter(|&child| !is_wanted(child)).collect();
        let mut dependencies = Vec::with_capacity(wanted.len());
        for mut dependency in wanted {
            children.extend(self.resolve(node, &dependency));
            if !dependency.alias.is_empty() {
                dependency.name = dependency.alias.clone();
            }
            dependency.enabled = true;
            dependencies.push(dependency);
        }
        self.graph.set_dependencies(node, children);
        let store = |this: &mut Self, dependencies: &[Dependency]| {
            let all = dependencies.iter().cloned().map(Some).collect();
            this.graph.metadata_mut(node).dependencies = Some(all);
        };
        store(self, &dependencies);
        let coalesced = self.coalescer().coalesce_values(node, values)?;
        let reasons = self.switch(&mut dependencies, &coalesced, path);
        let mut off = BTreeSet::new();
        for (dependency, reason) in dependencies.iter().zip(reasons) {
            if let Some(reason) = reason.filter(|_| !dependency.enabled) {
                off.insert(dependency.name.clone());
                let (parent, dependency) = (names.clone(), dependency.clone());
                self.disabled.push(Disabled { parent, dependency, reason });
            }
        }
        let graph = &*self.graph;
        let used: Vec<NodeId> = graph
            .dependencies(node)
            .iter()
            .copied()
            .filter(|&child| !off.contains(graph.name(child)))
            .collect();
        store(self, &dependencies);
        for &child in &used {
            let name = self.graph.name(child).to_owned();
            let path = format!("{path}{name}.");
            names.push(name);
            self.enable(child, &coalesced, &path, names)?;
            names.pop();
        }
        dependencies.retain(|dependency| !off.contains(&dependency.name));
        let left: Vec<_> = dependencies.into_iter().map(Some).collect();
        self.graph.metadata_mut(node).dependencies = (!left.is_empty()).then_some(left);
        self.graph.set_dependencies(node, used);
        Ok(())
    }

    /// Switches dependencies on and off by tags, then by conditions. Gives why those are off that are.
    fn switch(
        &mut self,
        dependencies: &mut [Dependency],
        values: &Map,
        path: &str,
    ) -> Vec<Option<DisabledReason>> {
        let mut reasons: Vec<Option<DisabledReason>> = vec![None; dependencies.len()];
        if let Ok(all) = table(values, "tags") {
            for (dependency, reason) in dependencies.iter_mut().zip(&mut reasons) {
                let mut on = false;
                let mut tags = Vec::new();
                for tag in dependency.tags.iter().flatten() {
                    match all.get(tag.as_bytes()) {
                        Some(Value { data: Data::Bool(true), .. }) => on = true,
                        Some(value @ Value { data: Data::Bool(false), .. }) => {
                            tags.push((tag.clone(), place_of(&value, self.origins, self.value_origins)));
                        }
                        Some(value) => self.log.push(
                            LogLine::warn("returned non-bool value")
                                .with("tag", tag.as_str())
                                .with("chart", dependency.name.as_str())
                                .at(place_of(&value, self.origins, self.value_origins)),
                        ),
                        None => {}
                    }
                }
                dependency.enabled = on || tags.is_empty();
                *reason = (!dependency.enabled).then_some(DisabledReason::Tags { tags });
            }
        }
        for (dependency, reason) in dependencies.iter_mut().zip(&mut reasons) {
            let conditions = dependency.condition.trim_matches(char::is_whitespace).split(',');
            for condition in conditions.filter(|condition| !condition.is_empty()) {
                let path = format!("{path}{condition}");
                match path_value(values, &path) {
                    Some(value @ Value { data: Data::Bool(on), .. }) => {
                        dependency.enabled = on;
                        let place = place_of(&value, self.origins, self.value_origins);
                        *reason = (!on).then_some(DisabledReason::Condition { path, place });
                        break;
                    }
                    Some(value) => self.log.push(
                        LogLine::warn("returned non-bool value")
                            .with("path", condition)
                            .with("chart", dependency.name.as_str())
                            .at(place_of(&value, self.origins, self.value_origins)),
                    ),
                    None => {}
                }
            }
        }
        reasons
    }

    /// `processDependencyImportValues`: the innermost charts first.
    fn import_values(&mut self, node: NodeId) -> Result<(), ValuesError> {
        for child in self.graph.dependencies(node).to_vec() {
            self.import_values(child)?;
        }
        let Some(dependencies) = self.graph.metadata(node).dependencies.clone() else { return Ok(()) };
        let values = self.coalescer().merge_values(node)?;
        let imported = Map::dict();
        let mut left = Vec::with_capacity(dependencies.len());
        for mut dependency in dependencies.into_iter().flatten() {
            let mut pairs = Vec::new();
            for import in dependency.import_values.iter().flatten() {
                // What was imported already, by another alias of a chart that shares its metadata, Helm does not know
                // any more and drops.
                if matches!(import, ImportValue::Pair { .. }) {
                    continue;
                }
                let (child, parent, message) = match import.to_value().data {
                    Data::Map(map) => {
                        let part = |key: &[u8]| sprint_value(&map.get(key).unwrap_or(Value::NIL));
                        (part(b"child"), part(b"parent"), "ImportValues missing table from chart")
                    }
                    Data::String(text) => {
                        (format!("exports.{}", text.to_utf8()), ".".to_owned(), "ImportValues missing table")
                    }
                    _ => continue,
                };
                match table(&values, &format!("{}.{child}", dependency.name)) {
                    Ok(table) => {
                        let table = if table.is_empty() { Map::dict() } else { table };
                        let table = path_to_map(&parent, table);
                        self.coalescer().coalesce_tables(&imported, &table, "", true);
                    }
                    Err(error) => {
                        let mut line = LogLine::warn(message);
                        if message.ends_with("chart") {
                            line = line.with("chart", dependency.name.as_str());
                        }
                        self.log.push(line.with("error", error).at(dependency.place));
                    }
                }
                pairs.push(ImportValue::Pair { child, parent });
            }
            dependency.import_values = (!pairs.is_empty()).then_some(pairs);
            left.push(Some(dependency));
        }
        self.graph.metadata_mut(node).dependencies = Some(left);
        let values = deep_copy(&values);
        self.coalescer().coalesce_tables(&values, &imported, "", true);
        self.graph.set_values(node, values);
        Ok(())
    }
}

/// A table inside of nested ones.
fn path_to_map(path: &str, table: Map) -> Map {
    if path == "." {
        return table;
    }
    path.split('.').rev().fold(table, |inner, key| {
        let outer = Map::dict();
        outer.insert(key, inner.into());
        outer
    })
}
