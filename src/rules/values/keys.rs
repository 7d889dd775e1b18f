//! Keys that nothing reads: `values-unused`, `values-overlay-unknown-key`

use super::usage::{Usage, foreign_keys, lookup};
use crate::finding::Role;
use crate::lint::is_overlay;
use crate::rules::{ChartContext, Rule};
use crate::source::Location;
use crate::spec::Spec;
use crate::suggest::nearest;
use crate::values::missing_dependencies;
use crate::values::tree::{NodeIndex, Tree, ValuesFile};

pub(super) struct ValuesUnused;

/// More unused keys than this share of all say that something reads them in a way that is not understood.
const MOST_SHARE: f64 = 0.5;

impl Rule for ValuesUnused {
    fn spec(&self) -> &'static Spec {
        spec!("values-unused")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let chart = cx.chart();
        if !missing_dependencies(chart).is_empty() || chart.metadata.is_library() || chart.templates.is_empty() {
            return;
        }
        if cx.default_scenario().is_none() {
            return;
        }
        let usage = Usage::of(cx);
        if usage.everything {
            return;
        }
        let foreign = foreign_keys(chart);
        let mut unused: Vec<(Location, String)> = Vec::new();
        let mut count = 0;
        for tree in chart.values.iter().flat_map(|values| &values.documents) {
            let mut pending = vec![(tree.root(), true)];
            while let Some((node, is_top)) = pending.pop() {
                for (key, location, value) in tree.entries(node) {
                    let name = key.to_utf8();
                    if is_top && foreign.contains(&*name) || name.starts_with("x-") || name.starts_with('_') {
                        continue;
                    }
                    count += 1;
                    if !usage.mentions(key) {
                        unused.push((location, tree.path(value).to_string()));
                    } else if !usage.uses_whole(key) {
                        pending.push((value, false));
                    }
                }
            }
        }
        let enough = unused.len() > 10 && unused.len() as f64 > MOST_SHARE * f64::from(count);
        if enough {
            return;
        }
        for (location, path) in unused {
            cx.finding(location, Role::Values, format!("no template reads `{path}`"))
                .help("remove it, or use it in the template that was meant")
                .report();
        }
    }
}

pub(super) struct ValuesOverlayUnknownKey;

impl Rule for ValuesOverlayUnknownKey {
    fn spec(&self) -> &'static Spec {
        spec!("values-overlay-unknown-key")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let chart = cx.chart();
        if !missing_dependencies(chart).is_empty() || chart.templates.is_empty() {
            return;
        }
        let usage = Usage::of(cx);
        if usage.everything {
            return;
        }
        let foreign = foreign_keys(chart);
        let documents = chart.values.as_ref().map(|values| values.documents.as_slice()).unwrap_or_default();
        let overlays = chart.files.iter().chain(&chart.overlays);
        for file in overlays.filter(|file| is_overlay(&file.name.to_utf8())) {
            let Ok(read) = ValuesFile::read(&file.data, file.source) else { continue };
            for tree in &read.documents {
                let mut pending: Vec<(NodeIndex, Vec<&[u8]>)> = vec![(tree.root(), Vec::new())];
                while let Some((node, path)) = pending.pop() {
                    for (key, location, value) in tree.entries(node) {
                        if path.is_empty() && foreign.contains(&*key.to_utf8()) {
                            continue;
                        }
                        let mut way = path.clone();
                        way.push(key.as_bytes());
                        let base = lookup(documents, &way);
                        let is_known = base.is_some()
                            || usage.mentions(key)
                            || chart.schema.as_ref().is_some_and(|schema| names(&schema.data, key));
                        if is_known {
                            // What is used as a whole, or has nothing in it by default, takes any keys.
                            let is_open = usage.uses_whole(key)
                                || base.is_some_and(|(tree, node)| tree.entries(node).next().is_none());
                            if !is_open {
                                pending.push((value, way));
                            }
                            continue;
                        }
                        let shown = tree.path(value).to_string();
                        let siblings = siblings(documents, &path);
                        let near = nearest(&key.to_utf8(), siblings.iter().map(String::as_str)).map(str::to_owned);
                        let help = match near {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => "remove it: it has no effect".to_owned(),
                        };
                        cx.finding(location, Role::Values, format!("nothing knows `{shown}`")).help(help).report();
                    }
                }
            }
        }
    }
}

/// Whether a schema names a key anywhere.
fn names(schema: &[u8], key: &[u8]) -> bool {
    let quoted = [b"\"", key, b"\""].concat();
    bstr::ByteSlice::find(schema, &quoted).is_some()
}

/// The keys beside one in the default values.
fn siblings(documents: &[std::sync::Arc<Tree>], path: &[&[u8]]) -> Vec<String> {
    let Some((tree, node)) = lookup(documents, path) else { return Vec::new() };
    tree.entries(node).map(|(key, ..)| key.to_utf8().into_owned()).collect()
}
