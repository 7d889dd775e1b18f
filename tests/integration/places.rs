//! Does every finding lead to a place that is there? Lints the corpus where it is there, a sample of it unless
//! `PLACES_STEP` is 1; `PLACES_SHOW` says how many of the places that are wrong are printed.

use std::collections::BTreeMap;

use chart_lint::finding::{Finding, Role};
use chart_lint::lint::{Settings, lint_chart, pool};
use chart_lint::source::SourceMap;
use rayon::prelude::*;

use crate::provenance::{corpus, number};

/// What is wrong with the place of a finding, if anything.
fn problem(finding: &Finding, sources: &SourceMap, chart: &str) -> Option<&'static str> {
    let places = std::iter::once(&finding.primary).chain(&finding.related);
    for place in places {
        let Some(file) = sources.get(place.location.file) else { return Some("names no file") };
        let span = place.location.span;
        if span.start > span.end || span.end as usize > file.bytes().len() {
            return Some("is past the end of the file");
        }
        if !file.path().starts_with(chart) {
            return Some("is outside of the chart");
        }
    }
    let span = finding.primary.location.span;
    let is_nowhere = span.start == 0 && span.end == 0;
    // The start of another file is the place to edit where something is missing in it.
    (finding.primary.role == Role::Template && is_nowhere)
        .then_some("is line 1 because nothing better is known")
}

#[test]
#[allow(clippy::print_stderr)]
fn every_finding_has_a_place() {
    let charts = corpus();
    // Every how manyth chart: 1 for all of them.
    let step = number("PLACES_STEP", 25).max(1);
    let checked: Vec<(BTreeMap<&'static str, usize>, usize, Vec<String>)> =
        pool(0).expect("threads can be started").install(|| {
            let paths = charts.par_iter().step_by(step);
            let one = |path: &std::path::PathBuf| {
                let sources = SourceMap::new();
                let settings = Settings { repo: false, ..Settings::default() };
                let path = path.to_string_lossy().into_owned();
                let Ok(result) = lint_chart(&path, 0, &settings, &sources) else { return Default::default() };
                let mut roles: BTreeMap<&'static str, usize> = BTreeMap::new();
                let mut keys = 0;
                let mut wrong = Vec::new();
                for finding in &result.findings {
                    *roles.entry(finding.primary.role.name()).or_default() += 1;
                    let mut places = std::iter::once(&finding.primary).chain(&finding.related);
                    keys += usize::from(places.any(|place| place.role == Role::Values));
                    if let Some(problem) = problem(finding, &sources, &path) {
                        let place = sources.describe(finding.primary.location);
                        wrong.push(format!("{place} {}: {problem}", finding.rule));
                    }
                }
                (roles, keys, wrong)
            };
            paths.map(one).collect()
        });
    let mut roles: BTreeMap<&str, usize> = BTreeMap::new();
    for (role, count) in checked.iter().flat_map(|(roles, ..)| roles) {
        *roles.entry(role).or_default() += count;
    }
    let keys: usize = checked.iter().map(|(_, keys, _)| keys).sum();
    let wrong: Vec<&String> = checked.iter().flat_map(|(.., wrong)| wrong).collect();
    for line in wrong.iter().take(number("PLACES_SHOW", 20)) {
        eprintln!("{line}");
    }
    let total: usize = roles.values().sum();
    eprintln!("{total} findings of {} charts: at {roles:?}, {keys} with a values key", checked.len());
    assert!(wrong.is_empty(), "{} findings have no good place", wrong.len());
}
