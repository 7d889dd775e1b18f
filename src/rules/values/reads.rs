//! Ways to values that templates read, one by one: `values-key-misspelt`, `values-guard-mismatch`,
//! `values-zero-ignored`, `values-merge-mutates`, `release-field-unknown`

use std::collections::HashSet;

use bstr::ByteSlice;
use chart_lint_template::ast::Branch;
use chart_lint_template::{NodeId, NodeKind, Str, Tree};

use super::usage::{Usage, foreign_keys, lookup};
use crate::finding::Role;
use crate::rules::helpers::list;
use crate::rules::statics::field_names;
use crate::rules::{ChartContext, Rule};
use crate::source::{FileId, Location, Span};
use crate::spec::Spec;
use crate::suggest::distance;
use crate::values::tree::{NodeIndex, Tree as ValuesTree, TreeValue};

/// A place in a template that reads a value.
struct Read {
    /// The keys, from the top of the values.
    path: Vec<String>,
    location: Location,
    /// Whether it is turned into a number there: nothing becomes zero.
    as_number: bool,
}

/// The way after `Values`: `a`, `b` for `.Values.a.b`, `$.Values.a.b` and `.context.Values.a.b`.
fn values_path(tree: &Tree, id: NodeId) -> Option<Vec<String>> {
    let node = tree.node(id);
    if matches!(node.kind, NodeKind::Chain { .. }) {
        return None;
    }
    let names = field_names(tree, node)?;
    let at = names.iter().position(|name| *name == "Values")?;
    let path: Vec<String> = names[at + 1..].iter().map(|name| name.to_utf8().into_owned()).collect();
    (!path.is_empty()).then_some(path)
}

/// All reads of a part of a template.
fn reads_in(tree: &Tree, file: FileId, within: Option<Span>) -> Vec<Read> {
    let ids = || (0..tree.len() as u32).map(NodeId);
    let numbers: HashSet<u32> = ids()
        .filter_map(|id| {
            let NodeKind::Command(args) = &tree.node(id).kind else { return None };
            let [function, argument] = tree.children(*args) else { return None };
            let NodeKind::Identifier { name, .. } = &tree.node(*function).kind else { return None };
            ["int", "int64", "float64"].iter().any(|known| *name == **known).then_some(argument.0)
        })
        .collect();
    let found = ids().filter_map(|id| {
        let span = Span::from(tree.node(id).span);
        let is_inside = within.is_none_or(|outer| outer.start <= span.start && span.end <= outer.end);
        let path = if is_inside { values_path(tree, id)? } else { return None };
        Some(Read { path, location: Location { file, span }, as_number: numbers.contains(&id.0) })
    });
    found.collect()
}

/// Whether a values file or the schema names a key, if only in a comment: then it is known.
fn is_documented(cx: &ChartContext<'_>, key: &str) -> bool {
    let files = cx.values_files().iter().filter_map(|file| cx.sources().get(file.id));
    let named = [format!("{key}:"), format!("{key}\":")];
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let has = |text: &[u8], word: &str| text.find_iter(word).any(|at| at == 0 || !is_word(text[at - 1]));
    files.into_iter().any(|file| named.iter().any(|word| has(file.bytes(), word)))
        || cx.chart().schema.as_ref().is_some_and(|schema| schema.data.contains_str(format!("\"{key}\"")))
}

pub(super) struct ValuesKeyMisspelt;

impl Rule for ValuesKeyMisspelt {
    fn spec(&self) -> &'static Spec {
        spec!("values-key-misspelt")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let chart = cx.chart();
        let Some(values) = chart.values.as_ref() else { return };
        let usage = Usage::of(cx);
        let foreign = foreign_keys(chart);
        let templates = cx.templates();
        let reads: Vec<Read> =
            templates.iter().flat_map(|(_, file, tree)| reads_in(tree, *file, None)).collect();
        // Old names, which a template refuses.
        let refused: Vec<Location> =
            templates.iter().flat_map(|(_, file, tree)| refusals(tree, *file)).collect();
        let mut reported: HashSet<Vec<String>> = HashSet::new();
        for read in &reads {
            let keys: Vec<&[u8]> = read.path.iter().map(String::as_bytes).collect();
            // The first key that is not there, in a mapping that is.
            let depth = (0..keys.len()).find(|&depth| lookup(&values.documents, &keys[..=depth]).is_none());
            let Some(depth) = depth else { continue };
            if reported.contains(&read.path[..=depth]) || foreign.contains(&read.path[0]) {
                continue;
            }
            let Some((tree, parent)) = lookup(&values.documents, &keys[..depth]) else { continue };
            let key = &read.path[depth];
            let meant = if is_documented(cx, key) {
                meant_elsewhere(cx, &values.documents, &read.path[..=depth], &usage, &reads)
            } else {
                meant_sibling(tree, parent, read, depth, &usage, &reads)
                    .or_else(|| meant_in_comment(&values.file.data, values.file.source, &read.path[..=depth]))
            };
            let Some((meant, location)) = meant else { continue };
            if refused.iter().any(|refused| refused.file == read.location.file && contains(refused.span, read.location.span)) {
                continue;
            }
            reported.insert(read.path[..=depth].to_vec());
            let shown = read.path[..=depth].join(".");
            cx.finding(read.location, Role::Template, format!("`{shown}` is in no values file; `{meant}` is"))
                .help(format!("read `.Values.{meant}` if that is meant, or add `{shown}` to values.yaml"))
                .related(location, Role::Values, format!("`{meant}` is here"))
                .report();
        }
    }
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The conditions with `fail` in them, with all that they guard.
fn refusals(tree: &Tree, file: FileId) -> Vec<Location> {
    let ids = || (0..tree.len() as u32).map(|id| tree.node(NodeId(id)));
    let fails: Vec<Span> = ids()
        .filter(|node| matches!(&node.kind, NodeKind::Identifier { name, .. } if *name == "fail"))
        .map(|node| Span::from(node.span))
        .collect();
    ids()
        .filter_map(|node| {
            let NodeKind::If(branch) = &node.kind else { return None };
            let (pipe, list) = (Span::from(tree.node(branch.pipe).span), Span::from(tree.node(branch.list).span));
            let guards = fails.iter().any(|fail| contains(list, *fail));
            guards.then(|| Location { file, span: Span::new(pipe.start, list.end.max(pipe.end)) })
        })
        .collect()
}

/// The key beside a missing one that was meant: one that differs in the case of letters only, that nothing else names,
/// or that is one letter off.
fn meant_sibling(
    tree: &ValuesTree,
    parent: NodeIndex,
    read: &Read,
    depth: usize,
    usage: &Usage,
    reads: &[Read],
) -> Option<(String, Location)> {
    let key = read.path[depth].as_str();
    let siblings: Vec<(String, Location)> =
        tree.entries(parent).map(|(name, location, _)| (name.to_utf8().into_owned(), location)).collect();
    let (sibling, location) = siblings.into_iter().find(|(sibling, _)| {
        let (short, long) = if key.len() < sibling.len() { (key, &**sibling) } else { (&**sibling, key) };
        let has_digits = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
        let far = distance(&key.to_lowercase(), &sibling.to_lowercase());
        match far {
            0 => true,
            1 if short.len() < 5 || has_digits(key) || has_digits(sibling) => false,
            1 => !usage.mentions(sibling.as_bytes()) || short.len() >= 7 && !long.starts_with(short),
            _ => {
                // `int .Values.primary.count` beside `replicaCount`: what is not there is always 0.
                let end = sibling.to_lowercase();
                read.as_number && key.len() >= 5 && end.ends_with(key) && !sibling.ends_with(key)
            }
        }
    })?;
    // Both are read side by side: one is the old name of the other.
    let mut path = read.path[..depth].to_vec();
    path.push(sibling);
    let is_beside = |other: &Read| {
        other.location.file == read.location.file
            && other.location.span.start.abs_diff(read.location.span.start) < 80
            && other.path.starts_with(&path)
    };
    (!reads.iter().any(is_beside)).then(|| (path.join("."), location))
}

/// The only other place of a missing key in the values, if nothing reads it there.
fn meant_elsewhere(
    cx: &ChartContext<'_>,
    documents: &[std::sync::Arc<ValuesTree>],
    path: &[String],
    usage: &Usage,
    reads: &[Read],
) -> Option<(String, Location)> {
    let key = path.last()?;
    if key.len() < 8 || usage.everything {
        return None;
    }
    let mut found = None;
    for tree in documents {
        for node in (0..tree.len() as u32).map(NodeIndex) {
            for (name, location, value) in tree.entries(node) {
                if *name == **key {
                    let is_first = found.is_none();
                    found = Some((tree.path(value).to_string(), location));
                    if !is_first {
                        return None;
                    }
                }
            }
        }
    }
    let (meant, location) = found?;
    let parents: Vec<&str> = meant.split('.').collect();
    let (_, parents) = parents.split_last()?;
    let is_in_foreign = parents.first().is_some_and(|first| foreign_keys(cx.chart()).contains(*first));
    let is_in_list = meant.contains('[');
    let is_used = parents.iter().any(|parent| usage.uses_whole(parent.as_bytes()));
    // Whoever names the key some other way may read it there: through a variable, or in `with`.
    let mut named = 0;
    for (_, _, tree) in &cx.templates() {
        for id in (0..tree.len() as u32).map(NodeId) {
            let names = field_names(tree, tree.node(id)).unwrap_or_default();
            named += usize::from(names.iter().any(|name| *name == **key));
        }
    }
    let here = reads.iter().filter(|read| read.path.starts_with(path)).count();
    // A comment may describe the key where it is read.
    let files = cx.values_files().iter().filter_map(|file| cx.sources().get(file.id));
    let described: usize = files.map(|file| file.bytes().find_iter(&format!("{key}:")).count()).sum();
    (named == here && described == 1 && !is_used && !is_in_foreign && !is_in_list).then_some((meant, location))
}

/// A key that a comment of the values describes, and that differs in the case of letters only.
fn meant_in_comment(text: &[u8], file: FileId, path: &[String]) -> Option<(String, Location)> {
    let (key, parents) = path.split_last()?;
    let mut start = 0;
    for line in text.split(|&byte| byte == b'\n') {
        let comment = line.trim_ascii_start().strip_prefix(b"#").map(<[u8]>::trim_ascii_start);
        if let Some((name, _)) = comment.and_then(|comment| comment.split_once_str(":"))
            && key.len() >= 6
            && name.eq_ignore_ascii_case(key.as_bytes())
        {
            let meant = parents.iter().map(String::as_str).chain([&*name.to_str_lossy()]).collect::<Vec<_>>().join(".");
            let span = Span::new(start as u32, (start + line.len()) as u32);
            return Some((meant, Location { file, span }));
        }
        start += line.len() + 1;
    }
    None
}

/// The branches of a template that run when a condition holds: what it asks, and what it prints.
fn branches(tree: &Tree) -> Vec<(NodeId, &Branch, bool)> {
    let ids = (0..tree.len() as u32).map(NodeId);
    let found = ids.filter_map(|id| match &tree.node(id).kind {
        NodeKind::If(branch) => Some((id, branch, false)),
        NodeKind::With(branch) => Some((id, branch, true)),
        _ => None,
    });
    found.filter(|(_, branch, _)| branch.else_list.is_none()).collect()
}

/// What is at a way of keys in `values.yaml`.
fn value_at<'c>(cx: &ChartContext<'c>, path: &[String]) -> Option<(&'c ValuesTree, NodeIndex)> {
    let keys: Vec<&[u8]> = path.iter().map(String::as_bytes).collect();
    let chart = cx.shared_chart().0;
    lookup(&chart.values.as_ref()?.documents, &keys)
}

pub(super) struct ValuesGuardMismatch;

/// So many letters at the end of two keys say that they are about the same thing.
const SAME_END: usize = 8;

impl Rule for ValuesGuardMismatch {
    fn spec(&self) -> &'static Spec {
        spec!("values-guard-mismatch")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for (_, file, tree) in cx.templates() {
            for (_, branch, is_with) in branches(&tree) {
                let [asked] = &reads_in(&tree, file, Some(tree.node(branch.pipe).span.into()))[..] else {
                    continue;
                };
                let inside = Span::from(tree.node(branch.list).span);
                if is_with && has_dot(&tree, inside) || !only_asks(&tree, branch.pipe) {
                    continue;
                }
                let printed = reads_in(&tree, file, Some(inside));
                let Some(first) = printed.first() else { continue };
                let is_other = |read: &Read| {
                    read.path == first.path
                        && !read.path.starts_with(&asked.path)
                        && !asked.path.starts_with(&read.path)
                };
                let ends_alike = same_end(asked.path.last(), first.path.last()) >= SAME_END;
                let is_global = |read: &Read| read.path[0] == "global";
                let is_switch = |read: &Read| {
                    value_at(cx, &read.path).is_some_and(|(tree, node)| matches!(tree.get(node), TreeValue::Bool(_)))
                };
                if !printed.iter().all(is_other)
                    || !ends_alike
                    || is_global(asked) != is_global(first)
                    || is_switch(asked)
                    || is_switch(first)
                {
                    continue;
                }
                let (asked_path, printed_path) = (asked.path.join("."), first.path.join("."));
                let message = format!("the condition asks for `{asked_path}`, but `{printed_path}` is printed");
                cx.finding(asked.location, Role::Template, message)
                    .help("ask for the value that is printed")
                    .related(first.location, Role::Template, "printed here")
                    .report();
            }
        }
    }
}

/// Whether a condition only asks whether something is there: by itself, or `gt (len …) 0`.
fn only_asks(tree: &Tree, pipe: NodeId) -> bool {
    let span = tree.node(pipe).span;
    (0..tree.len() as u32).map(|id| tree.node(NodeId(id))).all(|node| {
        let is_inside = span.start <= node.span.start && node.span.end <= span.end;
        match &node.kind {
            NodeKind::Identifier { name, .. } if is_inside => *name == "gt" || *name == "len",
            _ => true,
        }
    })
}

fn has_dot(tree: &Tree, within: Span) -> bool {
    (0..tree.len() as u32).map(|id| tree.node(NodeId(id))).any(|node| {
        let span = Span::from(node.span);
        let is_relative = match &node.kind {
            NodeKind::Dot => true,
            NodeKind::Field(names) => tree.names(*names).first().is_some_and(|name| *name != "Values"),
            _ => false,
        };
        is_relative && within.start <= span.start && span.end <= within.end
    })
}

/// How many letters at their end two keys share, apart from case.
fn same_end(one: Option<&String>, other: Option<&String>) -> usize {
    let (Some(one), Some(other)) = (one, other) else { return 0 };
    let letters = one.bytes().rev().zip(other.bytes().rev());
    letters.take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count()
}

pub(super) struct ValuesZeroIgnored;

/// Fields that may be 0, which is not what they are by default.
const ZERO_MATTERS: &[&str] = &[
    "backoffLimit",
    "failedJobsHistoryLimit",
    "revisionHistoryLimit",
    "successfulJobsHistoryLimit",
    "ttlSecondsAfterFinished",
];

impl Rule for ValuesZeroIgnored {
    fn spec(&self) -> &'static Spec {
        spec!("values-zero-ignored")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let mut found: Vec<(String, Location)> = Vec::new();
        for (_, file, tree) in cx.templates() {
            let Some(source) = cx.sources().get(file) else { continue };
            for (_, branch, is_with) in branches(&tree) {
                let [asked] = &reads_in(&tree, file, Some(tree.node(branch.pipe).span.into()))[..] else {
                    continue;
                };
                let pipe = Span::from(tree.node(branch.pipe).span);
                let is_alone = asked.location.span.start == pipe.start && asked.location.span.end >= pipe.end;
                let inside = Span::from(tree.node(branch.list).span);
                let body = source.bytes().get(inside.start as usize..inside.end as usize).unwrap_or_default();
                let lines = body.lines().map(<[u8]>::trim_ascii);
                let lines: Vec<&[u8]> = lines.filter(|line| !line.is_empty() && !line.starts_with(b"#")).collect();
                let [line] = lines[..] else { continue };
                let field = line.split_once_str(":").map(|(name, _)| name).unwrap_or_default();
                let is_printed = is_with || reads_in(&tree, file, Some(inside)).iter().any(|read| read.path == asked.path);
                if is_alone && is_printed && ZERO_MATTERS.iter().any(|known| field == known.as_bytes()) {
                    found.push((asked.path.join("."), asked.location));
                }
            }
        }
        let Some((path, first)) = found.first() else { return };
        let mut paths: Vec<String> = found.iter().map(|(path, _)| format!("{path}: 0")).collect();
        paths.dedup();
        let have = if paths.len() == 1 { "has" } else { "have" };
        let mut finding = cx
            .finding(*first, Role::Template, format!("{} {have} no effect: 0 counts as not set", list(&paths, 4)))
            .help(format!("ask whether it is null: `{{{{ if not (kindIs \"invalid\" .Values.{path}) }}}}`"));
        for (path, location) in &found[1..] {
            finding = finding.related(*location, Role::Template, format!("`{path}` is asked for here"));
        }
        finding.report();
    }
}

pub(super) struct ValuesMergeMutates;

impl Rule for ValuesMergeMutates {
    fn spec(&self) -> &'static Spec {
        spec!("values-merge-mutates")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        const MERGES: &[&str] = &["merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite"];
        let mut known: HashSet<Vec<String>> = HashSet::new();
        for (_, file, tree) in cx.templates() {
            for id in (0..tree.len() as u32).map(NodeId) {
                let NodeKind::Command(args) = &tree.node(id).kind else { continue };
                let [function, target, _, ..] = tree.children(*args) else { continue };
                let NodeKind::Identifier { name, .. } = &tree.node(*function).kind else { continue };
                let Some(path) = values_path(&tree, *target) else { continue };
                if !MERGES.iter().any(|merge| *name == **merge) || !known.insert(path.clone()) {
                    continue;
                }
                let location = Location { file, span: tree.node(*target).span.into() };
                let message = format!("`{}` changes `.Values.{}` for all templates that follow", name.to_utf8(), path.join("."));
                cx.finding(location, Role::Template, message)
                    .help(format!("let it write into a new one: `{} (dict) …`", name.to_utf8()))
                    .report();
            }
        }
    }
}

pub(super) struct ReleaseFieldUnknown;

/// What Helm says about a release.
const RELEASE: &[&str] = &["Name", "Namespace", "Service", "IsInstall", "IsUpgrade", "Revision"];

impl Rule for ReleaseFieldUnknown {
    fn spec(&self) -> &'static Spec {
        spec!("release-field-unknown")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for (_, file, tree) in cx.templates() {
            for id in (0..tree.len() as u32).map(NodeId) {
                let node = tree.node(id);
                let names: &[Str] = field_names(&tree, node).unwrap_or_default();
                let Some(at) = names.iter().position(|name| *name == "Release") else { continue };
                // Of `.Values.Release.x` the user decides.
                let is_own = names[..at].iter().any(|name| *name == "Values");
                let Some(field) = names.get(at + 1).map(|name| name.to_utf8()).filter(|_| !is_own) else { continue };
                let Some(meant) = RELEASE.iter().find(|known| **known != field && known.eq_ignore_ascii_case(&field))
                else {
                    continue;
                };
                let location = Location { file, span: node.span.into() };
                cx.finding(location, Role::Template, format!("`.Release.{field}` does not exist: it is always empty"))
                    .help(format!("write `.Release.{meant}`"))
                    .report();
            }
        }
    }
}
