//! `chart-lint coverage`: which branches of the templates no scenario takes.

use std::io::{Result, Write};

use serde::Serialize;

use super::COULD_NOT;
use super::args::{CoverageArgs, CoverageFormat};
use super::lint::Stop;
use super::select::inputs;
use super::values::value_options;
use crate::chart::{LoadError, LoadOptions, load};
use crate::coverage::{Branch, BranchKind, Coverage, coverage};
use crate::input::Input;
use crate::lint::{Settings, pool, scenarios};
use crate::render::objects::KubeVersion;
use crate::source::SourceMap;

/// The version of the JSON.
const SCHEMA_VERSION: u32 = 1;

/// What was found of one chart.
struct Covered {
    path: String,
    name: String,
    version: String,
    scenarios: Vec<String>,
    coverage: Coverage,
}

/// Runs the command; gives the exit code.
pub(super) fn run(args: &CoverageArgs, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8> {
    let sources = SourceMap::new();
    let prepared = settings(args, &sources).and_then(|settings| Ok((settings, inputs(&args.paths, false)?)));
    let (settings, inputs) = match prepared {
        Ok(prepared) => prepared,
        Err(stop) => return stop.print(err).map(|()| COULD_NOT),
    };
    let pool = match pool(0) {
        Ok(pool) => pool,
        Err(error) => {
            return Stop::new(format!("cannot start threads: {error}"), "").print(err).map(|()| COULD_NOT);
        }
    };
    let mut covered = Vec::new();
    let mut code = 0;
    // Manifests have no branches.
    for input in inputs.iter().filter(|input| matches!(input, Input::Chart(_))) {
        let path = input.path();
        match pool.install(|| cover(path, &settings, &sources)) {
            Ok(chart) => covered.push(chart),
            Err(error) => {
                writeln!(err, "error: {path}: {error}")?;
                code = COULD_NOT;
            }
        }
    }
    match args.format {
        CoverageFormat::Pretty => covered.iter().try_for_each(|chart| print(chart, &sources, out))?,
        CoverageFormat::Json => write_json(&covered, &sources, out)?,
    }
    Ok(code)
}

fn settings(args: &CoverageArgs, sources: &SourceMap) -> std::result::Result<Settings, Stop> {
    let mut settings = Settings { repo: false, ..Settings::default() };
    if let Some(version) = &args.kube_version {
        settings.capabilities.kube_version = KubeVersion::parse(version).map_err(|error| {
            Stop::new(
                format!("`{version}` is not a Kubernetes version: {error}"),
                "write it as 1.33 or v1.33.2",
            )
        })?;
    }
    settings.capabilities.api_versions.extend(args.api_versions.iter().cloned());
    if !args.values.is_empty() {
        let options = value_options(&args.values, sources).map_err(|error| {
            Stop::new(error.to_string(), "check the path and the YAML of the values file")
        })?;
        super::lint::check_flags(&options)?;
        settings.values = Some(options);
    }
    Ok(settings)
}

fn cover(path: &str, settings: &Settings, sources: &SourceMap) -> std::result::Result<Covered, LoadError> {
    let chart = load(path, &LoadOptions::default(), sources)?.chart;
    let scenarios = scenarios(&chart, settings, sources);
    Ok(Covered {
        path: path.to_owned(),
        name: chart.name().to_owned(),
        version: chart.metadata.version.clone(),
        scenarios: scenarios.iter().map(|scenario| scenario.name.clone()).collect(),
        coverage: coverage(&chart, &scenarios),
    })
}

/// Never more than was reached: 99.9 % are not 100 %.
fn percent(reached: usize, all: usize) -> usize {
    (100 * reached).checked_div(all).unwrap_or(100)
}

fn print(chart: &Covered, sources: &SourceMap, out: &mut dyn Write) -> Result<()> {
    let coverage = &chart.coverage;
    let count = chart.scenarios.len();
    let word = if count == 1 { "scenario" } else { "scenarios" };
    writeln!(out, "{} {} · {count} {word}: {}", chart.name, chart.version, chart.scenarios.join(", "))?;
    let reached = coverage.branches.iter().filter(|branch| branch.is_reached).count();
    let all = coverage.branches.len();
    let kinds: Vec<String> = BranchKind::ALL
        .iter()
        .map(|&kind| (kind, coverage.count(kind)))
        .filter(|(_, (all, _))| *all > 0)
        .map(|(kind, (all, reached))| format!("{} {reached} of {all}", kind.name()))
        .collect();
    let share = percent(reached, all);
    let kinds = if kinds.is_empty() { String::new() } else { format!(": {}", kinds.join(", ")) };
    writeln!(out, "{reached} of {all} branches are reached, {share} %{kinds}")?;
    for (index, branch) in coverage.unreached() {
        let indent = "  ".repeat(1 + around(coverage, index));
        writeln!(
            out,
            "{indent}{}: {} `{}`",
            sources.describe(branch.location),
            outcome(branch),
            branch.condition
        )?;
        if !branch.keys.is_empty() {
            let keys: Vec<String> = branch.keys.iter().map(|key| format!("`{key}`")).collect();
            writeln!(out, "{indent}  decided by {}", keys.join(", "))?;
        }
        if let Some(settings) = coverage.settings(index).filter(|settings| !settings.is_empty()) {
            let flags: Vec<String> =
                settings.iter().map(|setting| format!("--set-json '{setting}'")).collect();
            writeln!(out, "{indent}  reached with {}", flags.join(" "))?;
        }
        if let Some(name) = &branch.uncalled {
            writeln!(out, "{indent}  in `{name}`, which nothing calls")?;
        }
    }
    writeln!(out)
}

/// How many branches that are not reached are around one.
fn around(coverage: &Coverage, index: usize) -> usize {
    let parent = |&index: &usize| coverage.branches[index].inside;
    let chain = std::iter::successors(parent(&index), parent);
    chain.filter(|&index| !coverage.branches[index].is_reached).count()
}

/// What never happens.
fn outcome(branch: &Branch) -> &'static str {
    match (branch.kind, branch.when) {
        (BranchKind::If | BranchKind::With, true) => "never true:",
        (BranchKind::If | BranchKind::With, false) => "never false:",
        (BranchKind::Range, true) => "never has an element:",
        (BranchKind::Range, false) => "never empty:",
        (BranchKind::Default, true) => "never the first of the two:",
        (BranchKind::Default, false) => "never the other:",
        (BranchKind::AndOr, true) => "never decided before the last operand:",
        (BranchKind::AndOr, false) => "never decided by the last operand:",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Root<'a> {
    schema_version: u32,
    charts: Vec<ChartJson<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChartJson<'a> {
    path: &'a str,
    name: &'a str,
    version: &'a str,
    scenarios: &'a [String],
    branches: usize,
    reached: usize,
    kinds: Vec<KindJson>,
    unreached: Vec<BranchJson<'a>>,
}

#[derive(Serialize)]
struct KindJson {
    kind: &'static str,
    branches: usize,
    reached: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BranchJson<'a> {
    kind: &'static str,
    /// Which way is not taken: that of a condition that holds, or the other.
    when: bool,
    path: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    start_byte: u32,
    end_byte: u32,
    condition: &'a str,
    keys: &'a [String],
    /// What to give to `--set-json` to reach it, if that is simple.
    set: Option<Vec<String>>,
    /// The branch around it that is not reached either: an index into `unreached`.
    inside: Option<usize>,
    uncalled: Option<&'a str>,
}

fn write_json(charts: &[Covered], sources: &SourceMap, out: &mut dyn Write) -> Result<()> {
    let charts = charts.iter().map(|chart| {
        let coverage = &chart.coverage;
        let numbers: Vec<usize> = coverage.unreached().map(|(index, _)| index).collect();
        let unreached = coverage.unreached().map(|(index, branch)| {
            let file = sources.get(branch.location.file);
            let span = branch.location.span;
            let position = |offset| file.as_ref().map(|file| file.position(offset));
            let (start, end) = (position(span.start), position(span.end));
            let on_disk = file.as_ref().map_or(span, |file| file.disk_span(span));
            BranchJson {
                kind: branch.kind.name(),
                when: branch.when,
                path: sources.path(branch.location.file),
                line: start.map_or(1, |start| start.line),
                column: start.map_or(1, |start| start.column),
                end_line: end.map_or(1, |end| end.line),
                end_column: end.map_or(1, |end| end.column),
                start_byte: on_disk.start,
                end_byte: on_disk.end,
                condition: &branch.condition,
                keys: &branch.keys,
                set: coverage.settings(index),
                inside: branch.inside.and_then(|inside| numbers.binary_search(&inside).ok()),
                uncalled: branch.uncalled.as_deref(),
            }
        });
        let kinds = BranchKind::ALL.iter().map(|&kind| {
            let (branches, reached) = coverage.count(kind);
            KindJson { kind: kind.name(), branches, reached }
        });
        ChartJson {
            path: &chart.path,
            name: &chart.name,
            version: &chart.version,
            scenarios: &chart.scenarios,
            branches: coverage.branches.len(),
            reached: coverage.branches.len() - numbers.len(),
            kinds: kinds.collect(),
            unreached: unreached.collect(),
        }
    });
    let root = Root { schema_version: SCHEMA_VERSION, charts: charts.collect() };
    serde_json::to_writer_pretty(&mut *out, &root)?;
    writeln!(out)
}
