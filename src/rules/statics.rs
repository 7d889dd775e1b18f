//! What templates say, whatever branch runs: the names that they define, include and mention.

use std::collections::HashSet;

use chart_lint_template::ast::Node;
use chart_lint_template::{NodeId, NodeKind, Str, Tree};

use crate::chart::Chart;
use crate::rules::ChartContext;
use crate::source::{FileId, Span};

/// All nodes of a tree.
pub(crate) fn nodes(tree: &Tree) -> impl Iterator<Item = &Node> {
    (0..tree.len() as u32).map(|id| tree.node(NodeId(id)))
}

/// The names that a chart and all charts in it define, also in files that do not parse.
pub(crate) fn defined_names(chart: &Chart) -> HashSet<Vec<u8>> {
    let mut names = HashSet::new();
    for template in chart.walk().into_iter().flat_map(|chart| &chart.templates) {
        for word in ["define", "block"] {
            for at in bstr::ByteSlice::find_iter(template.data.as_bytes(), word) {
                let rest = template.data[at + word.len()..].trim_ascii_start();
                let Some((&quote, rest)) = rest.split_first() else { continue };
                if matches!(quote, b'"' | b'`')
                    && let Some(end) = rest.iter().position(|&byte| byte == quote)
                {
                    names.insert(rest[..end].to_vec());
                }
            }
        }
    }
    names
}

/// The templates that a tree calls by a constant name: the name, and the call.
pub(crate) fn called_names(tree: &Tree) -> Vec<(&Str, Span)> {
    let mut calls = Vec::new();
    for node in nodes(tree) {
        match &node.kind {
            NodeKind::Template { name, .. } => calls.push((name, node.span.into())),
            NodeKind::Command(args) => {
                let args = tree.children(*args);
                if let (Some(NodeKind::Identifier { name, .. }), Some(called)) =
                    (args.first().map(|&arg| &tree.node(arg).kind), args.get(1).map(|&arg| tree.node(arg)))
                    && *name == "include"
                    && let NodeKind::String(text) = &called.kind
                {
                    calls.push((text, called.span.into()));
                }
            }
            _ => {}
        }
    }
    calls
}

/// The names after a dot or a variable: `.Values.a` and `$.Values.a` both give `Values`, `a`.
pub(crate) fn field_names<'t>(tree: &'t Tree, node: &'t Node) -> Option<&'t [Str]> {
    match &node.kind {
        NodeKind::Field(names) => Some(tree.names(*names)),
        NodeKind::Variable { fields, .. } | NodeKind::Chain { fields, .. } => Some(tree.names(*fields)),
        _ => None,
    }
}

/// A call of a method with a constant: `.Files.Get "x"` gives the constant and its place.
pub(crate) fn calls_with_text<'t>(
    tree: &'t Tree,
    object: &str,
    methods: &[&str],
) -> Vec<(&'t Str, &'t Str, Span)> {
    let mut calls = Vec::new();
    for node in nodes(tree) {
        let NodeKind::Command(args) = &node.kind else { continue };
        let [function, argument, ..] = tree.children(*args) else { continue };
        let Some([.., before, method]) = field_names(tree, tree.node(*function)) else { continue };
        let argument = tree.node(*argument);
        if *before == *object
            && methods.iter().any(|known| *method == **known)
            && let NodeKind::String(text) = &argument.kind
        {
            calls.push((method, text, argument.span.into()));
        }
    }
    calls
}

/// Whether a render stumbled there already, and another rule says so.
pub(crate) fn failed_at(cx: &ChartContext<'_>, file: FileId, span: Span) -> bool {
    cx.scenarios.iter().any(|scenario| {
        scenario.rendered.errors.iter().any(|error| {
            error.places().iter().any(|place| {
                let there = Span::from(place.span);
                scenario.sources.file(&place.source) == Some(file)
                    && there.start <= span.end
                    && span.start <= there.end
            })
        })
    })
}
