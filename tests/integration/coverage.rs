//! Does what `coverage` says to set reach the branch? Tried on samples of the corpus, where that is there.
//! `COVERAGE_SAMPLES` says how many branches are tried, `COVERAGE_SHOW` how many of those that went wrong are printed.

use std::path::Path;

use chart_lint::chart::{LoadOptions, load};
use chart_lint::coverage::coverage;
use chart_lint::lint::{Settings, pool, scenarios};
use chart_lint::source::SourceMap;
use chart_lint::values::ValueOptions;
use rayon::prelude::*;

use crate::provenance::{corpus, number};

/// What came of the branches of a chart.
#[derive(Default)]
struct Tally {
    /// Reached as said.
    reached: usize,
    /// The chart does not render with the values: they are of no use to it.
    refused: usize,
    /// Not reached.
    missed: Vec<String>,
}

fn sample(path: &Path, wanted: usize) -> Tally {
    let mut tally = Tally::default();
    let sources = SourceMap::new();
    let settings = Settings { repo: false, ..Settings::default() };
    let Ok(loaded) = load(&path.to_string_lossy(), &LoadOptions::default(), &sources) else { return tally };
    let before = coverage(&loaded.chart, &scenarios(&loaded.chart, &settings, &sources));
    let simple: Vec<(usize, Vec<String>)> = before
        .unreached()
        .filter(|(_, branch)| branch.uncalled.is_none())
        .filter_map(|(index, _)| Some((index, before.settings(index)?)))
        .filter(|(_, set)| !set.is_empty())
        .collect();
    for (index, json) in simple.iter().step_by((simple.len() / wanted.max(1)).max(1)).take(wanted) {
        let values = ValueOptions { json: json.clone(), ..ValueOptions::default() };
        let settings = Settings { repo: false, values: Some(values), ..Settings::default() };
        let scenarios = scenarios(&loaded.chart, &settings, &sources);
        let branch = &before.branches[*index];
        if coverage(&loaded.chart, &scenarios).branches[*index].is_reached {
            tally.reached += 1;
        } else if scenarios
            .last()
            .is_some_and(|last| last.failure.is_some() || !last.rendered.errors.is_empty())
        {
            tally.refused += 1;
        } else {
            let place = sources.describe(branch.location);
            tally.missed.push(format!("{place}: `{}` with {json:?}", branch.condition));
        }
    }
    tally
}

#[test]
#[allow(clippy::print_stderr)]
fn what_is_said_to_reach_a_branch_reaches_it() {
    let charts = corpus();
    if charts.is_empty() {
        return;
    }
    let wanted = number("COVERAGE_SAMPLES", 100);
    // Some of each chart, or one of each few charts.
    let each = (wanted / charts.len()).max(1);
    let step = (charts.len() * each / wanted.max(1)).max(1);
    let tallies: Vec<Tally> = pool(0)
        .expect("threads can be started")
        .install(|| charts.par_iter().step_by(step).map(|path| sample(path, each)).collect());
    let reached: usize = tallies.iter().map(|tally| tally.reached).sum();
    let refused: usize = tallies.iter().map(|tally| tally.refused).sum();
    let missed: Vec<&String> = tallies.iter().flat_map(|tally| &tally.missed).collect();
    for line in missed.iter().take(number("COVERAGE_SHOW", 0)) {
        eprintln!("{line}");
    }
    eprintln!(
        "{reached} branches are reached as said, {} are not; for {refused} the chart refuses the values",
        missed.len()
    );
    assert!(missed.len() * 20 <= reached + missed.len(), "more than one of 20 is not reached");
}
