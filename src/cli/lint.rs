//! The default command: lints charts.

use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::COULD_NOT;
use super::args::{ColorArg, LintArgs};
use super::output::{outputs, write_file};
use super::progress::Progress;
use super::select::{changed_since, inputs, shard};
use super::settings::{Prepared, Preparer, severity};
use crate::config::Config;
use crate::filter::{Baseline, about_config, by_config};
use crate::finding::Severity;
use crate::input::Input;
use crate::lint::{Phase, Timings, lint_chart, lint_manifests, pool};
use crate::report::{Format, PrettyOptions, Report};
use crate::source::SourceMap;

/// Something that stops the whole run: what, where, and the way out.
pub(super) struct Stop {
    pub(super) message: String,
    pub(super) place: Option<String>,
    pub(super) help: Option<String>,
}

impl Stop {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Stop {
        Stop { message: message.into(), place: None, help: Some(help.into()) }
    }

    pub(super) fn print(&self, err: &mut dyn Write) -> std::io::Result<()> {
        writeln!(err, "error: {}", self.message)?;
        if let Some(place) = &self.place {
            writeln!(err, "  at {place}")?;
        }
        if let Some(help) = &self.help {
            writeln!(err, "  help: {help}")?;
        }
        Ok(())
    }
}

/// Runs the command; gives the exit code.
pub(crate) fn run(args: &LintArgs, out: &mut dyn Write, err: &mut dyn Write) -> std::io::Result<u8> {
    let start = Instant::now();
    let sources = SourceMap::new();
    let timings = args.timings.then(|| Arc::new(Timings::default()));
    let work = match Work::prepare(args, &sources, timings.clone()) {
        Ok(work) => work,
        Err(stop) => return stop.print(err).map(|()| COULD_NOT),
    };
    if work.inputs.is_empty() {
        writeln!(err, "no chart is left to lint: nothing has changed, or it is excluded or in another part")?;
        return Ok(0);
    }
    let progress = Progress::new(work.inputs.len(), args.quiet);
    let results: Vec<_> = work.pool.install(|| {
        work.inputs
            .par_iter()
            .enumerate()
            .map(|(index, (input, prepared))| {
                let settings = &prepared.settings;
                let result = match lint_manifests(input, index, settings, &sources) {
                    Some(result) => Ok(result),
                    None => lint_chart(input.path(), index, settings, &sources)
                        .map_err(|error| (input.path(), error)),
                };
                progress.step();
                result
            })
            .collect()
    });
    progress.finish();
    let mut report = Report {
        sources: &sources,
        charts: Vec::new(),
        findings: Vec::new(),
        fail_on: work.fail_on,
        min_severity: work.min_severity,
        elapsed: start.elapsed(),
        baseline: None,
    };
    let mut failed = Vec::new();
    for (result, (_, prepared)) in results.into_iter().zip(&work.inputs) {
        match result {
            Ok(mut result) => {
                // A chart that could not be loaded has no place in the report.
                for finding in &mut result.findings {
                    finding.chart = report.charts.len();
                }
                if let Some(config) = prepared.config.as_ref().filter(|_| !args.no_ignores) {
                    by_config(&mut result.findings, config, &prepared.by_path, &sources);
                }
                report.charts.push(result.report);
                report.findings.append(&mut result.findings);
            }
            Err((path, error)) => failed.push(Stop {
                message: format!("{path}: {error}"),
                place: error.place().map(|place| sources.describe(place)),
                help: error.help().map(str::to_owned),
            }),
        }
    }
    // Whether an entry of a configuration hides anything is known only when all charts have been seen.
    let is_part = args.shard.is_some() || args.changed_since.is_some() || !args.paths.is_empty();
    if !report.charts.is_empty() && !args.no_ignores {
        for prepared in work.configs.iter().filter(|_| !is_part) {
            if let Some(config) = &prepared.config {
                report.findings.extend(about_config(config, &prepared.settings.rules, 0));
            }
        }
    }
    if let Some(path) = &args.write_baseline {
        let baseline = Baseline::of(&report.findings, &report.charts);
        write_file(path, baseline.to_json().as_bytes())?;
        let count = report.findings.iter().filter(|finding| finding.suppressed.is_none()).count();
        report.baseline = Some(baseline.apply(&mut report.findings, &report.charts));
        writeln!(err, "{count} findings are in the baseline {} now", path.display())?;
    } else if let Some(baseline) = &work.baseline {
        report.baseline = Some(baseline.apply(&mut report.findings, &report.charts));
    }
    report.elapsed = start.elapsed();
    if failed.is_empty() || !report.charts.is_empty() {
        report.write(args.format.into(), &pretty_options(args), out)?;
        for (format, path) in &work.outputs {
            let mut file = Vec::new();
            let plain = PrettyOptions { color: false, width: 100, ..pretty_options(args) };
            report.write(*format, &plain, &mut file)?;
            write_file(path, &file)?;
        }
    }
    out.flush()?;
    for stop in &failed {
        stop.print(err)?;
    }
    if let Some(timings) = &timings {
        print_timings(timings, start.elapsed(), err)?;
    }
    Ok(match (failed.is_empty(), report.failing() > 0) {
        (false, _) => COULD_NOT,
        (true, true) => 1,
        // Whatever rules are on: a chart that Helm refuses was not checked as it should be.
        (true, false) if report.refuses_a_chart() => COULD_NOT,
        (true, false) => 0,
    })
}

/// All that is known before the first chart is read.
struct Work {
    inputs: Vec<(Input, Arc<Prepared>)>,
    configs: Vec<Arc<Prepared>>,
    outputs: Vec<(Format, PathBuf)>,
    baseline: Option<Baseline>,
    min_severity: Severity,
    fail_on: Severity,
    pool: rayon::ThreadPool,
}

impl Work {
    fn prepare(args: &LintArgs, sources: &SourceMap, timings: Option<Arc<Timings>>) -> Result<Work, Stop> {
        let mut preparer = Preparer::new(args, sources, timings)?;
        // Mistakes in flags are told before anything is looked for.
        let here = preparer.prepare(".")?;
        let default = here.config.as_ref();
        severity(args.min_severity.as_ref(), None, Severity::Medium)?;
        severity(args.fail_on.as_ref(), None, Severity::High)?;
        let outputs = outputs(&args.output)?;
        let mut inputs = inputs(&args.paths, args.skip_others)?;
        if let Some(revision) = &args.changed_since {
            changed_since(&mut inputs, revision)?;
        }
        let mut prepared = Vec::new();
        for input in inputs {
            let settings = preparer.prepare(input.path())?;
            let excluded = |config: &Config| config.excludes(Path::new(input.path()));
            if !settings.config.as_ref().is_some_and(excluded) {
                prepared.push((input, settings));
            }
        }
        if let Some(text) = &args.shard {
            let (mut inputs, settings): (Vec<Input>, Vec<_>) = prepared.into_iter().unzip();
            let by_path: HashMap<String, Arc<Prepared>> =
                inputs.iter().map(|input| input.path().to_owned()).zip(settings).collect();
            shard(&mut inputs, text)?;
            prepared = inputs
                .into_iter()
                .filter_map(|input| Some((input.clone(), Arc::clone(by_path.get(input.path())?))))
                .collect();
        }
        // What counts for the run as a whole is what counts for its first chart.
        let first = prepared.first().map(|(_, prepared)| Arc::clone(prepared));
        let config = first.as_ref().and_then(|prepared| prepared.config.as_ref()).or(default);
        let min_severity = severity(
            args.min_severity.as_ref(),
            config.and_then(|config| config.min_severity),
            Severity::Medium,
        )?;
        let fail_on =
            severity(args.fail_on.as_ref(), config.and_then(|config| config.fail_on), Severity::High)?;
        let baseline = args.baseline.as_ref().or(config.and_then(|config| config.baseline.as_ref()));
        let baseline = baseline.filter(|_| !args.no_ignores && args.write_baseline.is_none());
        let baseline = baseline
            .map(|path| Baseline::read(path))
            .transpose()
            .map_err(|error| Stop::new(error, "write one with `chart-lint --write-baseline FILE`"))?;
        let pool = pool(args.jobs.unwrap_or(0))
            .map_err(|error| Stop::new(format!("cannot start threads: {error}"), "try `--jobs 1`"))?;
        let configs = preparer.all().map(Arc::clone).collect();
        Ok(Work { inputs: prepared, configs, outputs, baseline, min_severity, fail_on, pool })
    }
}

/// Where the time went, on standard error: threads work side by side, so that the parts are more than the whole.
fn print_timings(timings: &Timings, elapsed: Duration, err: &mut dyn Write) -> std::io::Result<()> {
    const MOST: usize = 10;
    writeln!(err, "the run took {:.1} ms; summed over all threads:", elapsed.as_secs_f64() * 1000.0)?;
    let all = timings.all();
    let line = |err: &mut dyn Write, name: &str, time: Duration| {
        writeln!(err, "{:>10.1} ms  {name}", time.as_secs_f64() * 1000.0)
    };
    let rules: Vec<_> = all.iter().filter(|(phase, _)| matches!(phase, Phase::Rule(_))).collect();
    for (phase, time) in &all {
        match phase {
            Phase::Load => line(err, "reading charts", *time)?,
            Phase::Render => line(err, "rendering, and reading what was rendered", *time)?,
            Phase::Rule(_) | Phase::Chart(_) => {}
        }
    }
    line(err, &format!("{} rules, of which", rules.len()), rules.iter().map(|(_, time)| *time).sum())?;
    for (phase, time) in rules.iter().take(MOST) {
        if let Phase::Rule(id) = phase {
            line(err, &format!("  {id}"), *time)?;
        }
    }
    writeln!(err, "the charts that took longest, everything included:")?;
    for (phase, time) in all.iter().filter(|(phase, _)| matches!(phase, Phase::Chart(_))).take(MOST) {
        if let Phase::Chart(path) = phase {
            line(err, path, *time)?;
        }
    }
    Ok(())
}

fn pretty_options(args: &LintArgs) -> PrettyOptions {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    let color = match args.color {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto => !set("NO_COLOR") && (set("CLICOLOR_FORCE") || std::io::stdout().is_terminal()),
    };
    let width = terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0));
    PrettyOptions { color, width: width.clamp(40, 200), verbose: args.verbose, quiet: args.quiet }
}

/// A flag that cannot be read is the user's mistake, and not the chart's.
pub(super) fn check_flags(options: &crate::values::ValueOptions) -> Result<(), Stop> {
    let mut origins = chart_lint_template::Origins::disabled();
    let mut value_origins = crate::values::ValueOrigins::new();
    crate::values::merge_user_values(options, &mut super::read_set_file, &mut origins, &mut value_origins)
        .map(|_| ())
        .map_err(|error| Stop::new(error.to_string(), "write it as `--set key=value,list[0]=value`"))
}
