//! What the templates of a chart do with the values that are secrets.

use std::collections::HashSet;

use chart_lint_template::{NodeId, NodeKind, Tree};

use crate::rules::ChartContext;
use crate::rules::secrets::detect::names_secret;
use crate::source::Location;
use crate::toggles::values_paths;
use crate::values::tree::{NodeIndex, PathStep, Tree as ValuesTree, TreeValue};

/// What templates do with values.
pub(super) struct Facts {
    /// Values keys that some template shows.
    used: HashSet<String>,
    /// Values keys that some template checks, or has something else for.
    checked: HashSet<String>,
    /// Whether a key names a Secret that exists already.
    pub(super) names_secrets: bool,
}

/// Functions that have an answer for a value that is not there.
const CHECKS: &[&str] =
    &["required", "default", "coalesce", "ternary", "empty", "fail", "lookup", "hasKey", "and", "or", "not", "eq", "ne", "len", "regexMatch"];

/// Parts of the names of keys that name a Secret.
const SECRET_NAMES: &[&str] =
    &["existingsecret", "secretname", "secretref", "externalsecret", "sealedsecret", "fromsecret", "usesecret", "existing_secret", "secret_name"];

/// Reads the chart's own templates.
pub(super) fn facts(cx: &ChartContext<'_>) -> Facts {
    let mut facts = Facts { used: HashSet::new(), checked: HashSet::new(), names_secrets: false };
    for (_, _, tree) in cx.templates() {
        for id in (0..tree.len() as u32).map(NodeId) {
            facts.read(&tree, id);
        }
    }
    facts
}

impl Facts {
    fn read(&mut self, tree: &Tree, id: NodeId) {
        match &tree.node(id).kind {
            NodeKind::Action(pipe) => self.used.extend(paths(tree, *pipe)),
            NodeKind::If(branch) | NodeKind::With(branch) | NodeKind::Range(branch) => {
                self.checked.extend(paths(tree, branch.pipe));
            }
            // Helpers are told the keys to check by their names: `(list "auth.password")`.
            NodeKind::String(text) => {
                self.checked.insert(text.to_utf8().into_owned());
            }
            NodeKind::Pipe { commands, .. } => {
                if tree.children(*commands).iter().any(|&command| is_check(tree, command)) {
                    self.checked.extend(paths(tree, id));
                }
            }
            NodeKind::Field(names) | NodeKind::Variable { fields: names, .. } => {
                self.names_secrets |= tree.names(*names).iter().any(|name| {
                    let name = name.to_utf8().to_ascii_lowercase();
                    SECRET_NAMES.iter().any(|part| name.contains(part))
                });
            }
            _ => {}
        }
    }

    /// Whether a template shows a key.
    pub(super) fn uses(&self, path: &str) -> bool {
        self.used.contains(path)
    }

    /// Whether a template shows a key, or takes a mapping around it apart.
    pub(super) fn takes(&self, path: &str) -> bool {
        let ends = path.match_indices('.').map(|(dot, _)| dot).chain([path.len()]);
        ends.into_iter().any(|end| {
            let part = &path[..end];
            self.used.contains(part) || self.checked.contains(part)
        })
    }

    /// Whether a template checks a key.
    pub(super) fn checks(&self, path: &str) -> bool {
        self.checked.contains(path)
    }
}

fn is_check(tree: &Tree, command: NodeId) -> bool {
    let NodeKind::Command(args) = &tree.node(command).kind else { return false };
    tree.children(*args).first().is_some_and(|&first| match &tree.node(first).kind {
        NodeKind::Identifier { name, .. } => CHECKS.contains(&&*name.to_utf8()),
        _ => false,
    })
}

fn paths(tree: &Tree, root: NodeId) -> impl Iterator<Item = String> {
    values_paths(tree, root)
        .into_iter()
        .map(|path| path.iter().map(|part| part.to_utf8()).collect::<Vec<_>>().join("."))
}

/// A key of `values.yaml` that takes a secret.
pub(super) struct SecretKey {
    /// `auth.password`
    pub(super) path: String,
    /// Where it is written.
    pub(super) location: Location,
    /// Whether it has no value by default.
    pub(super) is_empty: bool,
    /// Whether what it is for is off by default.
    pub(super) is_off: bool,
}

/// The keys of `values.yaml` that take secrets.
pub(super) fn secret_keys(cx: &ChartContext<'_>) -> Vec<SecretKey> {
    let mut keys = Vec::new();
    for tree in cx.chart().values.iter().flat_map(|values| &values.documents) {
        for node in (0..tree.len() as u32).map(NodeIndex) {
            let is_empty = match tree.get(node) {
                TreeValue::String(text) => text.is_empty(),
                TreeValue::Null => true,
                _ => continue,
            };
            let path = tree.path(node);
            let parts: Option<Vec<String>> = path
                .0
                .iter()
                .map(|step| match step {
                    PathStep::Key(key) => Some(key.to_utf8().into_owned()),
                    PathStep::Index(_) => None,
                })
                .collect();
            let Some(parts) = parts else { continue };
            if parts.last().is_some_and(|key| names_secret(key, &parts) && !is_entry_name(tree, node, key)) {
                // The key, as an empty value has no place to speak of.
                let location = tree.key_location(node).unwrap_or_else(|| tree.location(node));
                let is_off = is_off(tree, node);
                keys.push(SecretKey { path: path.to_string(), location, is_empty, is_off });
            }
        }
    }
    keys
}

/// Whether a key names the entry of a Secret whose name stands beside it: `secretName`, `secretKey`.
fn is_entry_name(tree: &ValuesTree, node: NodeIndex, key: &str) -> bool {
    key.eq_ignore_ascii_case("secretKey")
        && tree.parent(node).is_some_and(|around| {
            ["secretName", "existingSecret", "secretNamespace"].iter().any(|name| tree.key(around, name.as_bytes()).is_some())
        })
}

/// Whether a mapping around a node says that it is off.
fn is_off(tree: &ValuesTree, node: NodeIndex) -> bool {
    let mut above = tree.parent(node);
    while let Some(around) = above {
        let is_false = |key: &[u8]| {
            tree.key(around, key).is_some_and(|node| matches!(tree.get(node), TreeValue::Bool(false)))
        };
        if is_false(b"enabled") || is_false(b"create") {
            return true;
        }
        above = tree.parent(around);
    }
    false
}
