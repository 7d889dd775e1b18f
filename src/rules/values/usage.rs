//! What templates read of the values, by name: enough to say that nothing reads a key.

use std::collections::HashSet;

use bstr::ByteSlice;
use chart_lint_template::ast::Branch;
use chart_lint_template::{NodeId, NodeKind, Tree};

use crate::chart::Chart;
use crate::rules::ChartContext;
use crate::rules::statics::field_names;
use crate::values::tree::{NodeIndex, Tree as ValuesTree, TreeValue};

/// The names that templates read.
#[derive(Default)]
pub(super) struct Usage {
    /// Names that are mentioned anywhere: as a field, or in a text.
    mentioned: HashSet<Vec<u8>>,
    /// Names of keys that are used with all that is below them.
    whole: HashSet<Vec<u8>>,
    /// Whether all values are used as a whole.
    pub(super) everything: bool,
}

/// Functions that ask for a key, or whether something is there: they use nothing as a whole.
const ASKING: &[&str] = &[
    "and", "or", "not", "empty", "eq", "ne", "gt", "lt", "ge", "le", "hasKey", "kindIs", "kindOf", "typeIs", "index",
    "get", "dig", "pluck", "fail", "required", "len",
];

impl Usage {
    /// What the templates of a chart read, and the helpers of the charts in it.
    pub(super) fn of(cx: &ChartContext<'_>) -> Usage {
        let mut usage = Usage::default();
        for (_, _, tree) in cx.templates() {
            usage.add_tree(&tree);
        }
        for scenario in cx.scenarios.iter().take(1) {
            for (name, _, tree) in scenario.sources.iter() {
                let base = name.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
                if crate::rules::is_of_dependency(&name.to_utf8()) && base.starts_with(b"_") {
                    usage.add_tree(tree);
                }
            }
        }
        let chart = cx.chart();
        for file in &chart.files {
            usage.add_actions(&file.data, b"Values.");
        }
        // Values may hold templates themselves.
        for tree in chart.values.iter().flat_map(|values| &values.documents) {
            for node in 0..tree.len() as u32 {
                if let TreeValue::String(text) = tree.get(NodeIndex(node))
                    && text.contains_str("{{")
                {
                    usage.add_words(text);
                }
            }
        }
        for dependency in chart.metadata.dependencies.iter().flatten().flatten() {
            usage.add_words(dependency.condition.as_bytes());
        }
        usage
    }

    /// Whether a key is named anywhere.
    pub(super) fn mentions(&self, key: &[u8]) -> bool {
        self.mentioned.contains(key)
    }

    /// Whether a key is used with all that is in it.
    pub(super) fn uses_whole(&self, key: &[u8]) -> bool {
        self.whole.contains(key)
    }

    fn add_words(&mut self, text: &[u8]) {
        self.mentioned.insert(text.to_vec());
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'-';
        for word in text.split(|byte| !is_part(byte)).filter(|word| !word.is_empty()) {
            self.mentioned.insert(word.to_vec());
        }
    }

    /// The ways to values in a text that may be run as a template.
    fn add_actions(&mut self, text: &[u8], start: &[u8]) {
        for at in text.find_iter(start) {
            let rest = &text[at + start.len()..];
            let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"_.-".contains(byte));
            let path = &rest[..end.unwrap_or(rest.len())];
            self.add_words(path);
            if let Some(last) = path.rsplit(|&byte| byte == b'.').next() {
                self.whole.insert(last.to_vec());
            }
        }
    }

    fn add_tree(&mut self, tree: &Tree) {
        // What a condition, a command that only asks, or the head of a `with` names.
        let mut asked: HashSet<u32> = HashSet::new();
        for id in 0..tree.len() as u32 {
            match &tree.node(NodeId(id)).kind {
                NodeKind::If(Branch { pipe, .. }) => asked.extend(alone(tree, *pipe)),
                NodeKind::With(Branch { pipe, list, .. }) if !has_dot(tree, *list) => {
                    asked.extend(alone(tree, *pipe));
                }
                NodeKind::Command(args) => {
                    let args = tree.children(*args);
                    if let Some(NodeKind::Identifier { name, .. }) = args.first().map(|&arg| &tree.node(arg).kind)
                        && ASKING.iter().any(|known| *name == **known)
                    {
                        asked.extend(args.iter().map(|arg| arg.0));
                    }
                }
                // `$values := .Values`: what is read of the variable counts.
                NodeKind::Pipe { decl, commands, .. } if !tree.children(*decl).is_empty() => {
                    if let [command] = tree.children(*commands)
                        && let NodeKind::Command(args) = &tree.node(*command).kind
                        && let [only] = tree.children(*args)
                        && field_names(tree, tree.node(*only)).is_some_and(|names| names.last().is_some_and(|last| *last == "Values"))
                    {
                        asked.insert(only.0);
                    }
                }
                _ => {}
            }
        }
        for id in 0..tree.len() as u32 {
            let node = tree.node(NodeId(id));
            if let Some(names) = field_names(tree, node) {
                self.mentioned.extend(names.iter().map(|name| name.to_vec()));
                if let Some(last) = names.last().filter(|_| !asked.contains(&id)) {
                    self.everything |= *last == "Values";
                    self.whole.insert(last.to_vec());
                }
            } else if let NodeKind::String(text) = &node.kind {
                self.add_words(text);
                // `index .Values "a"` may be used as a whole.
                self.whole.insert(text.to_vec());
            }
        }
    }
}

/// The fields that are the only argument of their command in a pipeline.
fn alone(tree: &Tree, pipe: NodeId) -> Vec<u32> {
    let NodeKind::Pipe { commands, .. } = &tree.node(pipe).kind else { return Vec::new() };
    let mut found = Vec::new();
    for &command in tree.children(*commands) {
        if let NodeKind::Command(args) = &tree.node(command).kind
            && let [only] = tree.children(*args)
        {
            found.push(only.0);
        }
    }
    found
}

/// Whether the dot itself is used somewhere in a list.
fn has_dot(tree: &Tree, list: NodeId) -> bool {
    let span = tree.node(list).span;
    (0..tree.len() as u32).any(|id| {
        let node = tree.node(NodeId(id));
        matches!(node.kind, NodeKind::Dot) && span.start <= node.span.start && node.span.end <= span.end
    })
}

/// The names at the top of the values that belong to others: dependencies, and what Helm itself knows.
pub(super) fn foreign_keys(chart: &Chart) -> HashSet<String> {
    let declared = chart.metadata.dependencies.iter().flatten().flatten();
    let names = declared.flat_map(|dependency| [dependency.name.clone(), dependency.alias.clone()]);
    let vendored = chart.dependencies.iter().map(|dependency| dependency.name().to_owned());
    let known = ["global".to_owned(), "tags".to_owned()];
    names.chain(vendored).chain(known).collect()
}

/// The value at a way of keys in the first document that has it.
pub(super) fn lookup<'t>(documents: &'t [std::sync::Arc<ValuesTree>], path: &[&[u8]]) -> Option<(&'t ValuesTree, NodeIndex)> {
    documents.iter().rev().find_map(|tree| {
        let node = path.iter().try_fold(tree.root(), |node, key| tree.key(node, key))?;
        Some((&**tree, node))
    })
}
