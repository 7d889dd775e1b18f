//! All charts of the corpus with all their sets of values, in one process: rendering them, and linting them.
//!
//! `cargo bench --bench corpus [-- TEXT]`; with a text only the charts whose names hold it.

#![allow(clippy::print_stdout)] // A bench prints its table.

mod support;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use chart_lint::chart::{Chart, LoadOptions, load};
use chart_lint::lint::{ScenarioSpec, lint_chart_with, pool};
use chart_lint::profile::Profile;
use chart_lint::render::TreeCache;
use chart_lint::source::SourceMap;
use chart_lint::values::{UserFile, ValueOptions};
use rayon::prelude::*;

use support::{Cost, measure, render_chart, settings};

/// A chart and the sets of values it is rendered with.
struct Entry {
    archive: PathBuf,
    cases: Vec<Case>,
}

struct Case {
    name: String,
    /// `chart:PATH`, `golden:PATH`, or nothing.
    values: String,
    /// Of a case with flags.
    set: Vec<String>,
    /// A file of values from outside of the chart, read beforehand.
    outside: Option<(String, Vec<u8>)>,
}

fn main() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let entries = match read_corpus(&corpus, &wanted) {
        Ok(entries) => entries,
        Err(error) => {
            println!("corpus: skipped: the corpus is not at ../shared/corpus ({error})");
            return;
        }
    };
    let cases: usize = entries.iter().map(|entry| entry.cases.len()).sum();
    let pool = pool(0).expect("threads start");
    println!("{} charts, {cases} sets of values, {} threads", entries.len(), pool.current_num_threads());
    println!();
    println!("{:44} {:>8} {:>8} {:>9} {:>8}", "", "wall s", "CPU s", "peak MiB", "CPU of B");

    let mut base = Cost::default();
    let ((_, failed, bytes), cost) = measure(|| pool.install(|| render_all(&entries, true)));
    line("A  render, each set of values by itself", cost, base);
    let (_, render) = measure(|| pool.install(|| render_all(&entries, false)));
    base = render;
    line("B  render, each chart loaded once", render, base);
    println!("   {cases} cases, {failed} refused, {:.1} MB of manifests", bytes as f64 / 1e6);
    let profiles = [
        ("C  lint, no rule", None),
        ("D  lint, profile recommended", Some(Profile::Recommended)),
        ("E  lint, profile strict", Some(Profile::Strict)),
    ];
    for (title, profile) in profiles {
        let ((panics, findings), cost) = measure(|| pool.install(|| lint_all(&entries, profile)));
        line(title, cost, base);
        println!("   {findings} findings, {panics} panics");
    }
}

fn line(title: &str, cost: Cost, base: Cost) {
    let ratio = cost.cpu.as_secs_f64() / base.cpu.as_secs_f64();
    let ratio = if ratio.is_finite() { format!("{ratio:.2}") } else { String::new() };
    let (wall, cpu) = (cost.wall.as_secs_f64(), cost.cpu.as_secs_f64());
    println!("{title:44} {wall:8.2} {cpu:8.2} {:9.0} {ratio:>8}", cost.peak);
}

/// Renders everything: how many cases there were, how many were refused, and how many bytes the others gave.
fn render_all(entries: &[Entry], each_by_itself: bool) -> (usize, usize, usize) {
    let (done, failed, bytes) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let count = |result: Result<usize, String>| {
        done.fetch_add(1, Ordering::Relaxed);
        match result {
            Ok(length) => bytes.fetch_add(length, Ordering::Relaxed),
            Err(_) => failed.fetch_add(1, Ordering::Relaxed),
        };
    };
    entries.par_iter().for_each(|entry| {
        let path = entry.archive.to_string_lossy();
        let sources = SourceMap::new();
        if each_by_itself {
            entry.cases.par_iter().for_each(|case| {
                let sources = SourceMap::new();
                count(
                    load(&path, &LoadOptions::default(), &sources)
                        .map_err(|error| error.to_string())
                        .and_then(|loaded| {
                            let values = case.options(&loaded.chart, &sources)?;
                            render_chart(&loaded.chart, &values, &TreeCache::default())
                        }),
                );
            });
        } else {
            let Ok(loaded) = load(&path, &LoadOptions::default(), &sources) else { return };
            let cache = TreeCache::default();
            entry.cases.par_iter().for_each(|case| {
                let values = case.options(&loaded.chart, &sources);
                count(values.and_then(|values| render_chart(&loaded.chart, &values, &cache)));
            });
        }
    });
    (done.into_inner(), failed.into_inner(), bytes.into_inner())
}

/// Lints everything: how many charts panicked, and how many findings there were.
fn lint_all(entries: &[Entry], profile: Option<Profile>) -> (usize, usize) {
    let settings = settings(profile);
    let (panics, findings) = (AtomicUsize::new(0), AtomicUsize::new(0));
    entries.par_iter().for_each(|entry| {
        let path = entry.archive.to_string_lossy();
        let sources = SourceMap::new();
        let specs = |chart: &Chart| {
            let spec = |case: &Case| {
                ScenarioSpec::new(case.name.as_str(), Ok(case.options(chart, &sources).unwrap_or_default()))
            };
            entry.cases.iter().map(spec).collect()
        };
        let lint = || lint_chart_with(&path, 0, &settings, &sources, &specs);
        match catch_unwind(AssertUnwindSafe(lint)) {
            Ok(Ok(result)) => {
                findings.fetch_add(result.findings.len(), Ordering::Relaxed);
            }
            Ok(Err(_)) => {}
            Err(_) => {
                println!("   panic: {path}");
                panics.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    (panics.into_inner(), findings.into_inner())
}

impl Case {
    fn options(&self, chart: &Chart, sources: &SourceMap) -> Result<ValueOptions, String> {
        let mut options = ValueOptions { set: self.set.clone(), ..ValueOptions::default() };
        let file = match (self.values.split_once(':'), &self.outside) {
            (Some(("chart", path)), _) => {
                let file = chart.raw.iter().find(|file| file.name == *path);
                Some((path, file.ok_or_else(|| format!("the chart has no {path}"))?.data.to_vec()))
            }
            (_, Some((path, bytes))) => Some((path.as_str(), bytes.clone())),
            _ => None,
        };
        if let Some((path, bytes)) = file {
            options.files.push(UserFile::parse(path, bytes, sources).map_err(|error| error.to_string())?);
        }
        Ok(options)
    }
}

/// The charts with their cases: those of `cases.tsv`, and of `flags.tsv` those that set values and nothing else.
fn read_corpus(corpus: &Path, wanted: &str) -> std::io::Result<Vec<Entry>> {
    let golden = corpus.join("golden");
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    let mut add = |archive: &str, case: Case| {
        if archive.contains(wanted) {
            let new = || Entry { archive: corpus.join("charts").join(archive), cases: Vec::new() };
            entries.entry(archive.to_owned()).or_insert_with(new).cases.push(case);
        }
    };
    for row in std::fs::read_to_string(golden.join("cases.tsv"))?.lines().skip(1) {
        let mut columns = row.split('\t');
        let mut next = || columns.next().unwrap_or_default().to_owned();
        let (archive, name, values) = (next(), next(), next());
        let outside = match values.strip_prefix("golden:") {
            Some(path) => Some((path.to_owned(), std::fs::read(golden.join(path))?)),
            None => None,
        };
        add(&archive, Case { name, values, set: Vec::new(), outside });
    }
    for row in std::fs::read_to_string(golden.join("flags.tsv"))?.lines().skip(1) {
        let mut columns = row.split('\t');
        let mut next = || columns.next().unwrap_or_default().to_owned();
        let (archive, name, arguments) = (next(), next(), next());
        let Some(flags) = arguments.strip_prefix("release-name {chart} ") else { continue };
        let words: Vec<&str> = flags.split(' ').collect();
        let is_set =
            words.chunks(2).all(|pair| matches!(pair, ["--set", value] if !value.contains(['"', '\''])));
        if is_set {
            let set = words.chunks(2).map(|pair| pair[1].to_owned()).collect();
            add(&archive, Case { name, values: String::new(), set, outside: None });
        }
    }
    Ok(entries.into_values().collect())
}
