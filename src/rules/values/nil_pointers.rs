//! Where templates ask something of a key that the default values do not have: rendering fails as soon as it runs.

use std::collections::HashMap;

use chart_lint_template::{NodeId, NodeKind, Str, Tree};

use super::usage::{foreign_keys, lookup};
use crate::rules::ChartContext;
use crate::rules::statics::nodes;
use crate::source::{FileId, Location};
use crate::values::tree::TreeValue;

/// An expression that asks for a field of nothing.
pub(in crate::rules) struct NilPointer {
    /// The key that is missing: `ingress.tls`.
    pub(in crate::rules) missing: String,
    /// The field that is asked of it.
    pub(in crate::rules) field: String,
    /// The expression.
    pub(in crate::rules) location: Location,
}

/// Finds them in the bodies of the chart's own files; what a helper asks for may be checked by those who include it.
pub(in crate::rules) fn nil_pointers(cx: &ChartContext<'_>) -> Vec<NilPointer> {
    let chart = cx.chart();
    let templates = cx.templates();
    let changes_values = templates.iter().any(|(_, _, tree)| {
        nodes(tree).any(|node| {
            let NodeKind::Command(args) = &node.kind else { return false };
            let args = tree.children(*args);
            let Some(NodeKind::Identifier { name, .. }) = args.first().map(|&arg| &tree.node(arg).kind) else {
                return false;
            };
            ["set", "merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite"].iter().any(|known| *name == **known)
                && args.get(1).is_some_and(|&arg| {
                    values_path(tree, arg).is_some()
                })
        })
    });
    if changes_values || !crate::values::missing_dependencies(chart).is_empty() {
        return Vec::new();
    }
    let foreign = foreign_keys(chart);
    let documents = chart.values.as_ref().map(|values| values.documents.as_slice()).unwrap_or_default();
    // The name of an own key of a subchart says nothing about what the subchart's values hold.
    let is_missing = |path: &[Str]| -> bool {
        let Some(first) = path.first() else { return false };
        if foreign.contains(&*first.to_utf8()) {
            return false;
        }
        let keys: Vec<&[u8]> = path.iter().map(|name| name.as_bytes()).collect();
        lookup(documents, &keys).is_none_or(|(tree, node)| matches!(tree.get(node), TreeValue::Null))
    };
    // What is empty by default is filled by those who give the values: a condition that asks for it sees to that.
    let is_empty = |path: &[Str]| -> bool {
        let keys: Vec<&[u8]> = path.iter().map(|name| name.as_bytes()).collect();
        lookup(documents, &keys).is_none_or(|(tree, node)| match tree.get(node) {
            TreeValue::Null => true,
            TreeValue::Bool(_) | TreeValue::Number(_) => false,
            TreeValue::Map => tree.entries(node).next().is_none(),
            TreeValue::List => tree.items(node).next().is_none(),
            TreeValue::String(text) => text.is_empty(),
        })
    };
    let mut found = Vec::new();
    for (name, file, tree) in &templates {
        let Some(main) = tree.definitions.iter().find(|definition| definition.name == *name) else { continue };
        let mut walk = Walk { tree, file: *file, is_missing: &is_missing, is_empty: &is_empty, found: &mut found };
        walk.list(main.root, &mut Vec::new());
    }
    found
}

/// The way of keys after `.Values` or `$.Values`.
fn values_path(tree: &Tree, node: NodeId) -> Option<&[Str]> {
    let names = match &tree.node(node).kind {
        NodeKind::Field(names) => tree.names(*names),
        NodeKind::Variable { symbol, fields } if symbol.0 == 0 => tree.names(*fields),
        _ => return None,
    };
    let (first, rest) = names.split_first()?;
    (*first == "Values").then_some(rest)
}

struct Walk<'w, 't> {
    tree: &'t Tree,
    file: FileId,
    is_missing: &'w dyn Fn(&[Str]) -> bool,
    is_empty: &'w dyn Fn(&[Str]) -> bool,
    found: &'w mut Vec<NilPointer>,
}

/// What conditions around a place have asked for already.
type Asked<'t> = Vec<&'t [Str]>;

impl<'t> Walk<'_, 't> {
    fn list(&mut self, root: NodeId, asked: &mut Asked<'t>) {
        // Lists nest as deep as the template's blocks do, which the parser limits.
        let NodeKind::List(items) = &self.tree.node(root).kind else { return };
        for &item in self.tree.children(*items) {
            match &self.tree.node(item).kind {
                NodeKind::Action(pipe) => self.pipe(*pipe, asked),
                NodeKind::Template { pipe: Some(pipe), .. } => self.pipe(*pipe, asked),
                NodeKind::If(branch) | NodeKind::With(branch) | NodeKind::Range(branch) => {
                    self.pipe(branch.pipe, asked);
                    let before = asked.len();
                    self.mentions(branch.pipe, asked);
                    self.list(branch.list, asked);
                    if let Some(otherwise) = branch.else_list {
                        self.list(otherwise, asked);
                    }
                    asked.truncate(before);
                }
                _ => {}
            }
        }
    }

    /// Notes the ways that an expression asks for.
    fn mentions(&self, pipe: NodeId, asked: &mut Asked<'t>) {
        let mut pending = vec![pipe];
        while let Some(id) = pending.pop() {
            match &self.tree.node(id).kind {
                NodeKind::Pipe { commands, .. } => pending.extend(self.tree.children(*commands)),
                NodeKind::Command(args) => pending.extend(self.tree.children(*args)),
                // `(.Values.a).b` asks for `a`: whoever wrote it knows that it may be missing.
                NodeKind::Chain { node, .. } => pending.push(*node),
                _ => asked.extend(values_path(self.tree, id)),
            }
        }
    }

    fn pipe(&mut self, pipe: NodeId, asked: &mut Asked<'t>) {
        let before = asked.len();
        self.mentions(pipe, asked);
        let mut pending = vec![pipe];
        while let Some(id) = pending.pop() {
            match &self.tree.node(id).kind {
                NodeKind::Pipe { commands, .. } => pending.extend(self.tree.children(*commands)),
                NodeKind::Command(args) => pending.extend(self.tree.children(*args)),
                NodeKind::Chain { node, .. } => pending.push(*node),
                _ => self.check(id, asked, before),
            }
        }
        asked.truncate(before);
    }

    /// Checks one field. `outer` is how many of the ways asked for are those of conditions around.
    fn check(&mut self, id: NodeId, asked: &Asked<'t>, outer: usize) {
        let Some(path) = values_path(self.tree, id) else { return };
        for length in 1..path.len() {
            let parent = &path[..length];
            if !(self.is_missing)(parent) {
                continue;
            }
            // Somebody looked before: at the key itself, or, in a condition around, at something in it.
            let is_guarded = asked.iter().enumerate().any(|(number, other)| {
                *other == parent
                    || number < outer && other.len() >= length && &other[..length] == parent
                    || number < outer && parent.starts_with(other) && !other.is_empty() && (self.is_empty)(other)
            });
            if !is_guarded {
                let joined = |names: &[Str]| {
                    names.iter().map(|name| name.to_utf8().into_owned()).collect::<Vec<_>>().join(".")
                };
                self.found.push(NilPointer {
                    missing: joined(parent),
                    field: path[length].to_utf8().into_owned(),
                    location: Location { file: self.file, span: self.tree.node(id).span.into() },
                });
            }
            return;
        }
    }
}

/// One of each missing key, with the other places.
pub(in crate::rules) fn by_key(found: Vec<NilPointer>) -> Vec<(NilPointer, Vec<Location>)> {
    let mut order: Vec<(NilPointer, Vec<Location>)> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for pointer in found {
        match known.get(&pointer.missing) {
            Some(&at) => order[at].1.push(pointer.location),
            None => {
                known.insert(pointer.missing.clone(), order.len());
                order.push((pointer, Vec::new()));
            }
        }
    }
    order
}
