//! Merging a chart's default values under those of the user, with subcharts and globals: Helm's
//! `pkg/chart/common/util/coalesce.go`.
//!
//! Maps are shared and changed in place exactly where Helm shares and changes them, as templates can see that. Go goes
//! through maps in no order; here it is the order of the keys.

use chart_lint_template::fmt::{sprint_value, sprintf};
use chart_lint_template::quote::go_quote;
use chart_lint_template::{
    Data, Entry, FunctionTable, Limits, List, Map, Origin, OriginId, Origins, State, Str, TemplateSet, Text,
    Value, text,
};

use super::error::{ValuesError, ValuesErrorKind};
use super::graph::{Graph, NodeId};
use super::origins::ValueOrigins;
use crate::chart::LogLine;
use crate::source::Location;

const GLOBAL: &[u8] = b"global";

/// Merges values. Needs a thread with a large stack, as all that walks values.
pub(crate) struct Coalescer<'c> {
    pub(crate) graph: &'c Graph,
    pub(crate) origins: &'c Origins,
    pub(crate) value_origins: &'c ValueOrigins,
    pub(crate) log: &'c mut Vec<LogLine>,
}

/// A copy that shares nothing.
pub(crate) fn deep_copy(map: &Map) -> Map {
    if map.is_nil() {
        return Map::typed(map.type_of());
    }
    let copy = map.shallow_copy();
    for entry in copy.borrow_mut().iter_mut().flat_map(|entries| entries.values_mut()) {
        if matches!(entry.value.data, Data::Map(_) | Data::List(_)) {
            entry.value = deep_copy_value(&entry.value);
        }
    }
    copy
}

/// A value that shares nothing with another one.
pub(crate) fn deep_copy_value(value: &Value) -> Value {
    let data = match &value.data {
        Data::Map(map) => Data::Map(deep_copy(map)),
        Data::List(list) => {
            Data::List(List::typed(list.type_of(), list.iter().map(deep_copy_value).collect()))
        }
        data => data.clone(),
    };
    Value { data, ..*value }
}

/// The origin of a value, strings included.
pub(crate) fn origin_of(value: &Value) -> OriginId {
    match &value.data {
        Data::String(text) | Data::Bytes(text) => match text.origins() {
            text::Origins::One(origin) => *origin,
            text::Origins::Runs(runs) => runs.first().map_or(OriginId::NONE, |run| run.value),
        },
        _ => value.origin,
    }
}

/// The place of a value that comes from a file.
pub(crate) fn place_of(value: &Value, origins: &Origins, value_origins: &ValueOrigins) -> Option<Location> {
    match origins.get(origin_of(value))? {
        Origin::Host(number) => value_origins.get(number)?.location(),
        _ => None,
    }
}

fn concat_prefix(a: &str, b: &str) -> String {
    if a.is_empty() { b.to_owned() } else { format!("{a}.{b}") }
}

fn as_table(value: &Value) -> Option<&Map> {
    value.as_map()
}

impl Coalescer<'_> {
    /// `CoalesceValues`: a null of the user removes a default.
    pub(crate) fn coalesce_values(&mut self, node: NodeId, values: &Map) -> Result<Map, ValuesError> {
        self.coalesce(node, deep_copy(values), "", false)
    }

    /// `MergeValues`: nulls stay.
    pub(crate) fn merge_values(&mut self, node: NodeId) -> Result<Map, ValuesError> {
        self.coalesce(node, Map::dict(), "", true)
    }

    fn warn(&mut self, message: String, about: &Value) {
        let place = place_of(about, self.origins, self.value_origins);
        self.log.push(LogLine::info(message).at(place));
    }

    fn coalesce(&mut self, node: NodeId, dest: Map, prefix: &str, merge: bool) -> Result<Map, ValuesError> {
        self.coalesce_chart(node, &dest, prefix, merge);
        self.coalesce_dependencies(node, &dest, prefix, merge)?;
        Ok(dest)
    }

    fn coalesce_dependencies(
        &mut self,
        node: NodeId,
        dest: &Map,
        prefix: &str,
        merge: bool,
    ) -> Result<(), ValuesError> {
        let graph = self.graph;
        for &subchart in graph.dependencies(node) {
            let name = graph.name(subchart);
            let values = match dest.get(name.as_bytes()) {
                None => {
                    let values = Map::dict();
                    dest.insert(name, values.clone().into());
                    values
                }
                Some(value) => match value.data {
                    Data::Map(values) => values,
                    _ => return Err(self.type_mismatch(name, &value)),
                },
            };
            let prefix = concat_prefix(prefix, graph.name(node));
            self.coalesce_globals(&values, dest, &prefix);
            let values = self.coalesce(subchart, values, &prefix, merge)?;
            let entry = dest.borrow().and_then(|entries| entries.get(name.as_bytes()).cloned());
            let entry = entry.unwrap_or_default();
            dest.insert_entry(
                Str::from(name),
                Entry { value: Value { data: Data::Map(values), ..entry.value }, ..entry },
            );
        }
        Ok(())
    }

    fn type_mismatch(&self, name: &str, value: &Value) -> ValuesError {
        let message = format!("type mismatch on {name}: {}", print_as_bool(value));
        let help = format!("`{name}` is a subchart: its values must be a table");
        ValuesError::new(ValuesErrorKind::TypeMismatch, message)
            .at(place_of(value, self.origins, self.value_origins))
            .with_help(help)
    }

    fn coalesce_globals(&mut self, dest: &Map, source: &Map, prefix: &str) {
        let dest_globals = match dest.get(GLOBAL) {
            None => Map::dict(),
            Some(Value { data: Data::Map(map), .. }) => map,
            Some(other) => {
                return self.warn(
                    "warning: skipping globals because destination global is not a table.".to_owned(),
                    &other,
                );
            }
        };
        let source_globals = match source.get(GLOBAL) {
            None => Map::dict(),
            Some(Value { data: Data::Map(map), .. }) => map,
            Some(other) => {
                return self.warn(
                    "warning: skipping globals because source global is not a table.".to_owned(),
                    &other,
                );
            }
        };
        for (key, entry) in source_globals.entries() {
            let Some(table) = as_table(&entry.value) else {
                match dest_globals.get(&key) {
                    Some(Value { data: Data::Map(_), .. }) => {
                        self.warn(format!("key {key} is table. Skipping"), &entry.value);
                    }
                    _ => dest_globals.insert_entry(key, entry),
                }
                continue;
            };
            let copy = Map::from_entries(table.type_of(), table.entries());
            match dest_globals.get(&key) {
                None => {}
                Some(Value { data: Data::Map(old), .. }) => {
                    // The parent's value wins here.
                    let prefix = concat_prefix(prefix, &key.to_utf8());
                    self.coalesce_tables(&copy, &old, &prefix, true);
                }
                Some(_) => {
                    let quoted = go_quote(&key);
                    self.warn(
                        format!("Conflict: cannot merge map onto non-map for {quoted}. Skipping."),
                        &entry.value,
                    );
                    continue;
                }
            }
            let value = Value { data: Data::Map(copy), ..entry.value };
            dest_globals.insert_entry(key, Entry { value, ..entry });
        }
        let entry = dest.borrow().and_then(|entries| entries.get(GLOBAL).cloned());
        let entry = entry
            .or_else(|| source.borrow().and_then(|entries| entries.get(GLOBAL).cloned()))
            .unwrap_or_default();
        let value = Value { data: Data::Map(dest_globals), ..entry.value };
        dest.insert_entry(Str::from("global"), Entry { value, ..entry });
    }

    /// The chart's own defaults go under `values`.
    fn coalesce_chart(&mut self, node: NodeId, values: &Map, prefix: &str, merge: bool) {
        let graph = self.graph;
        let prefix = concat_prefix(prefix, graph.name(node));
        let Some(defaults) = graph.values(node) else { return };
        for (key, default) in deep_copy(defaults).entries() {
            let Some(value) = values.get(&key) else {
                if !merge {
                    if default.value.is_nil() {
                        continue;
                    }
                    if let Some(table) = as_table(&default.value) {
                        clean_nils(table);
                    }
                }
                values.insert_entry(key, default);
                continue;
            };
            if value.is_nil() && !merge {
                values.remove(&key);
            } else if let Some(dest) = as_table(&value) {
                match as_table(&default.value) {
                    None if default.value.is_nil() => {}
                    None => {
                        self.warn(
                            format!("warning: skipped value for {prefix}.{key}: Not a table."),
                            &default.value,
                        );
                    }
                    Some(source) => {
                        let name = key.to_utf8();
                        let is_subchart =
                            graph.dependencies(node).iter().any(|&child| *graph.name(child) == *name);
                        let merge = merge || is_subchart;
                        if !merge {
                            clean_nils(source);
                        }
                        self.coalesce_tables(dest, source, &concat_prefix(&prefix, &name), merge);
                    }
                }
            }
        }
    }

    /// `CoalesceTables` and `MergeTables`: what `dest` says wins.
    pub(crate) fn coalesce_tables(&mut self, dest: &Map, source: &Map, prefix: &str, merge: bool) {
        // Which keys of the source are nulls of its own is lost below.
        let own: Vec<(Str, Entry)> = source.entries();
        let has_value = |key: &Str| {
            own.binary_search_by(|(own, _)| own.cmp(key)).is_ok_and(|at| !own[at].1.value.is_nil())
        };
        for (key, entry) in dest.entries() {
            if entry.value.is_nil() {
                source.insert_entry(key, entry);
            }
        }
        for (key, entry) in source.entries() {
            let full_key = || concat_prefix(prefix, &key.to_utf8());
            let Some(value) = dest.get(&key) else {
                dest.insert_entry(key, entry);
                continue;
            };
            if !merge && value.is_nil() && has_value(&key) {
                dest.remove(&key);
            } else if let Some(table) = as_table(&entry.value) {
                match as_table(&value) {
                    Some(dest) => self.coalesce_tables(dest, table, &full_key(), merge),
                    None => {
                        let message = format!(
                            "warning: cannot overwrite table with non table for {} ({})",
                            full_key(),
                            sprint_value(&entry.value)
                        );
                        self.warn(message, &value);
                    }
                }
            } else if as_table(&value).is_some() && !entry.value.is_nil() {
                let message = format!(
                    "warning: destination for {} is a table. Ignoring non-table value ({})",
                    full_key(),
                    sprint_value(&entry.value)
                );
                self.warn(message, &entry.value);
            }
        }
    }
}

/// Helm's `cleanNilValues`.
fn clean_nils(map: &Map) {
    let mut pending = vec![map.clone()];
    while let Some(map) = pending.pop() {
        for (key, entry) in map.entries() {
            match &entry.value.data {
                Data::Nil => {
                    map.remove(&key);
                }
                Data::Map(inner) => pending.push(inner.clone()),
                _ => {}
            }
        }
    }
}

/// `%t` of a value that is no boolean, which Helm prints by mistake.
fn print_as_bool(value: &Value) -> String {
    let functions = FunctionTable::default();
    let mut state =
        State::new(&functions, TemplateSet::default(), Origins::disabled(), Limits::default(), Box::new(()));
    sprintf(&mut state, &Text::plain("%t"), std::slice::from_ref(value)).to_utf8().into_owned()
}
