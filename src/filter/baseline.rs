//! What was found before and is not to be reported again, until it is gone.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::report::{BaselineCounts, ChartReport};

const VERSION: u32 = 1;

/// A baseline. Findings are known by what they are about, not by their lines: see
/// [`Finding::fingerprint`](crate::finding::Finding::fingerprint).
#[derive(Serialize, Deserialize, Debug, Default)]
pub struct Baseline {
    version: u32,
    /// By chart: how often each fingerprint was found. The rule is there for the one who reads the file.
    charts: BTreeMap<String, BTreeMap<String, Entry>>,
}

#[derive(Serialize, Deserialize, Debug, Clone)]
struct Entry {
    rule: String,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    count: usize,
}

fn one() -> usize {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref)] // As serde calls it.
fn is_one(count: &usize) -> bool {
    *count == 1
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// Why it cannot be used, in one line.
    pub fn read(path: &Path) -> Result<Baseline, String> {
        let shown = path.display();
        let bytes =
            std::fs::read(path).map_err(|error| format!("cannot read the baseline `{shown}`: {error}"))?;
        let baseline: Baseline =
            serde_json::from_slice(&bytes).map_err(|error| format!("`{shown}` is no baseline: {error}"))?;
        if baseline.version != VERSION {
            return Err(format!("the baseline `{shown}` has version {}, not {VERSION}", baseline.version));
        }
        Ok(baseline)
    }

    /// The baseline of what was found.
    pub fn of(findings: &[Finding], charts: &[ChartReport]) -> Baseline {
        let mut baseline = Baseline { version: VERSION, charts: BTreeMap::new() };
        for finding in findings.iter().filter(|finding| finding.suppressed.is_none()) {
            let Some(chart) = charts.get(finding.chart) else { continue };
            let entries = baseline.charts.entry(chart.path.clone()).or_default();
            entries
                .entry(finding.fingerprint())
                .and_modify(|entry| entry.count += 1)
                .or_insert(Entry { rule: finding.rule.to_owned(), count: 1 });
        }
        baseline
    }

    /// As text, in an order that does not change.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Suppresses what is known; counts what is new, and what is gone.
    pub fn apply(&self, findings: &mut [Finding], charts: &[ChartReport]) -> BaselineCounts {
        let mut left = self.charts.clone();
        let mut counts = BaselineCounts::default();
        for finding in findings.iter_mut().filter(|finding| finding.suppressed.is_none()) {
            let known = charts
                .get(finding.chart)
                .and_then(|chart| left.get_mut(&chart.path))
                .and_then(|entries| entries.get_mut(&finding.fingerprint()))
                .filter(|entry| entry.count > 0);
            match known {
                Some(entry) => {
                    entry.count -= 1;
                    finding.suppressed = Some("baseline".to_owned());
                }
                None => counts.new += 1,
            }
        }
        // Of charts that were not part of the run nothing is known.
        let ran = charts.iter().filter_map(|chart| left.get(&chart.path));
        counts.fixed = ran.flat_map(BTreeMap::values).map(|entry| entry.count).sum();
        counts
    }
}
