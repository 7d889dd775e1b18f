//! What rules ask for again and again, worked out once for a chart.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chart_lint_template::{Str, Tree};

use super::context::ValuesFile;
use crate::chart::Chart;
use crate::source::{FileId, Location};
use crate::values::tree::NodeIndex;

/// A template: its name within the chart, its file and its tree.
pub(crate) type Template = (Str, FileId, Arc<Tree>);

/// Where templates show a value, and in which object.
pub(crate) type Uses = HashMap<Location, (Location, String)>;

/// What was worked out for a chart.
#[derive(Default)]
pub(crate) struct ChartCache {
    pub(super) values_files: OnceLock<Vec<ValuesFile>>,
    pub(super) value_uses: OnceLock<Uses>,
    pub(super) templates: OnceLock<Vec<Template>>,
    keys: OnceLock<Vec<Key>>,
    keys_by_end: Mutex<HashMap<String, Arc<[String]>>>,
    kinds: Mutex<HashMap<usize, Arc<BTreeSet<String>>>>,
}

/// A key of `values.yaml`.
struct Key {
    name: String,
    document: usize,
    node: NodeIndex,
}

impl ChartCache {
    /// The key paths of `values.yaml` whose last name is like something, in the order of the file.
    pub(crate) fn keys_like(&self, chart: &Chart, is_like: impl Fn(&str) -> bool) -> Vec<String> {
        let documents = chart.values.as_ref().map(|values| values.documents.as_slice()).unwrap_or_default();
        let keys = self.keys.get_or_init(|| {
            let all = documents.iter().enumerate().flat_map(|(document, tree)| {
                (0..tree.len() as u32).filter_map(move |index| {
                    let name = tree.own_key(NodeIndex(index))?.to_utf8().into_owned();
                    Some(Key { name, document, node: NodeIndex(index) })
                })
            });
            all.collect()
        });
        let like = keys.iter().filter(|key| is_like(&key.name));
        like.map(|key| documents[key.document].path(key.node).to_string()).collect()
    }

    /// The key paths of `values.yaml` whose last name ends in `end`, in small letters.
    pub(crate) fn keys_with_end(&self, chart: &Chart, end: &str) -> Arc<[String]> {
        let mut known = self.keys_by_end.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = known.get(end) {
            return keys.clone();
        }
        let keys: Arc<[String]> =
            self.keys_like(chart, |name| name.to_ascii_lowercase().ends_with(end)).into();
        known.insert(end.to_owned(), keys.clone());
        keys
    }

    /// What stands behind `kind:` in the templates of a scenario; `find` looks for it.
    pub(crate) fn kinds(
        &self,
        scenario: usize,
        find: impl FnOnce() -> BTreeSet<String>,
    ) -> Arc<BTreeSet<String>> {
        let mut known = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(scenario).or_insert_with(|| Arc::new(find())).clone()
    }
}
