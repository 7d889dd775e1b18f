//! The default command: lints charts.

use std::collections::{HashMap, HashSet};
use std::io::{IsTerminal, Read, Write};
use std::path::PathBuf;
use std::time::Instant;

use rayon::prelude::*;

use super::COULD_NOT;
use super::args::{ColorArg, LintArgs};
use super::output::{outputs, write_file};
use super::values::value_options;
use crate::finding::Severity;
use crate::input::{Input, discover};
use crate::lint::{Settings, lint_chart, lint_manifests, pool};
use crate::profile::Profile;
use crate::render::objects::KubeVersion;
use crate::report::{PrettyOptions, Report};
use crate::rules::{RULES, Rule, find};
use crate::source::SourceMap;

/// Something that stops the whole run: what, where, and the way out.
pub(super) struct Stop {
    message: String,
    place: Option<String>,
    help: Option<String>,
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
    let (settings, min_severity, fail_on) = match settings(args, &sources) {
        Ok(settings) => settings,
        Err(stop) => return stop.print(err).map(|()| COULD_NOT),
    };
    let outputs = match outputs(&args.output) {
        Ok(outputs) => outputs,
        Err(stop) => return stop.print(err).map(|()| COULD_NOT),
    };
    let inputs = match inputs(&args.paths) {
        Ok(inputs) => inputs,
        Err(stop) => return stop.print(err).map(|()| COULD_NOT),
    };
    let pool = match pool(args.jobs.unwrap_or(0)) {
        Ok(pool) => pool,
        Err(error) => {
            let stop = Stop::new(format!("cannot start threads: {error}"), "try `--jobs 1`");
            return stop.print(err).map(|()| COULD_NOT);
        }
    };
    let results: Vec<_> = pool.install(|| {
        inputs
            .par_iter()
            .enumerate()
            .map(|(index, input)| {
                if let Some(result) = lint_manifests(input, index, &settings, &sources) {
                    return Ok(result);
                }
                lint_chart(input.path(), index, &settings, &sources).map_err(|error| (input.path(), error))
            })
            .collect()
    });
    let mut report = Report {
        sources: &sources,
        charts: Vec::new(),
        findings: Vec::new(),
        fail_on,
        min_severity,
        elapsed: start.elapsed(),
        baseline: None,
    };
    let mut failed = Vec::new();
    for result in results {
        match result {
            Ok(mut result) => {
                // A chart that could not be loaded has no place in the report.
                for finding in &mut result.findings {
                    finding.chart = report.charts.len();
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
    report.elapsed = start.elapsed();
    if failed.is_empty() || !report.charts.is_empty() {
        report.write(args.format.into(), &pretty_options(args), out)?;
        for (format, path) in &outputs {
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
    Ok(match (failed.is_empty(), report.failing() > 0) {
        (false, _) => COULD_NOT,
        (true, true) => 1,
        // Whatever rules are on: a chart that Helm refuses was not checked as it should be.
        (true, false) if report.refuses_a_chart() => COULD_NOT,
        (true, false) => 0,
    })
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

/// What lies at the paths, each once.
pub(super) fn inputs(paths: &[PathBuf]) -> Result<Vec<Input>, Stop> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here } else { paths };
    let mut inputs: Vec<Input> = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            std::io::stdin().lock().read_to_end(&mut bytes).map_err(|error| {
                Stop::new(
                    format!("cannot read standard input: {error}"),
                    "pipe manifests into `chart-lint -`",
                )
            })?;
            inputs.push(Input::Stdin(bytes));
            continue;
        }
        if !path.exists() {
            let message = format!("there is nothing at `{}`", path.display());
            return Err(Stop::new(
                message,
                "give the path of a chart (a folder with a Chart.yaml, or a .tgz file), of a Kustomize folder or of manifests",
            ));
        }
        let found = discover(path);
        if found.is_empty() {
            let message = format!("there is no chart and no manifest in `{}`", path.display());
            return Err(Stop::new(
                message,
                "a chart is a folder with a Chart.yaml, or a .tgz file; a manifest has `apiVersion` and `kind`",
            ));
        }
        inputs.extend(found);
    }
    let mut known = HashSet::new();
    inputs.retain(|input| known.insert(input.path().to_owned()));
    Ok(inputs)
}

fn settings(args: &LintArgs, sources: &SourceMap) -> Result<(Settings, Severity, Severity), Stop> {
    let severity = |text: &str| {
        text.parse::<Severity>().map_err(|error| Stop::new(error, "look at `chart-lint --help`"))
    };
    let (min_severity, fail_on) = (severity(&args.min_severity)?, severity(&args.fail_on)?);
    let mut settings = Settings {
        rules: rules(args)?,
        include_dependencies: args.include_dependencies,
        repo: !args.no_repo,
        ..Settings::default()
    };
    if let Some(name) = &args.release_name {
        settings.release.name.clone_from(name);
    }
    if let Some(namespace) = &args.namespace {
        settings.release.namespace.clone_from(namespace);
    }
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
        let options = value_options(&args.values, sources).map_err(|error| Stop {
            message: error.to_string(),
            place: error.place().map(|place| sources.describe(place)),
            help: error
                .help()
                .map(str::to_owned)
                .or_else(|| Some("check the path and the YAML of the values file".to_owned())),
        })?;
        check_flags(&options)?;
        settings.values = Some(options);
    }
    Ok((settings, min_severity, fail_on))
}

/// The rules that are on, with their severities.
fn rules(args: &LintArgs) -> Result<Vec<(&'static dyn Rule, Severity)>, Stop> {
    let profile: Profile =
        args.profile.parse().map_err(|error: String| Stop::new(error, "look at `chart-lint --help`"))?;
    let mut levels = HashMap::new();
    for text in &args.severity {
        let help = "write it as RULE=LEVEL: image-latest-tag=high";
        let (id, level) =
            text.split_once('=').ok_or_else(|| Stop::new(format!("`{text}` names no level"), help))?;
        known(id)?;
        let level = match level {
            "off" => None,
            level => Some(level.parse::<Severity>().map_err(|error| Stop::new(error, help))?),
        };
        levels.insert(id, level);
    }
    for id in args.select.iter().chain(&args.ignore) {
        known(id)?;
    }
    let is_on = |spec: &crate::spec::Spec| {
        let selected = args.select.contains(&spec.id);
        // A rule that is given a severity is wanted.
        let wanted = levels.get(spec.id.as_str()).is_some_and(Option::is_some);
        let by_profile = args.select.is_empty() && (profile.includes(spec) || wanted);
        (selected || by_profile) && !args.ignore.contains(&spec.id)
    };
    let on = RULES.iter().filter(|rule| is_on(rule.spec()));
    Ok(on
        .filter_map(|&rule| {
            let spec = rule.spec();
            let severity = levels.get(spec.id.as_str()).copied().unwrap_or(Some(spec.severity))?;
            Some((rule, severity))
        })
        .collect())
}

/// An id that no rule has is a mistake, with a suggestion.
fn known(id: &str) -> Result<(), Stop> {
    if find(id).is_some() {
        return Ok(());
    }
    let help = match super::rules::nearest(id) {
        Some(near) => format!("did you mean `{near}`? `chart-lint rules` lists them all"),
        None => "`chart-lint rules` lists them all".to_owned(),
    };
    Err(Stop::new(format!("there is no rule `{id}`"), help))
}

/// A flag that cannot be read is the user's mistake, and not the chart's.
pub(super) fn check_flags(options: &crate::values::ValueOptions) -> Result<(), Stop> {
    let mut origins = chart_lint_template::Origins::disabled();
    let mut value_origins = crate::values::ValueOrigins::new();
    crate::values::merge_user_values(options, &mut super::read_set_file, &mut origins, &mut value_origins)
        .map(|_| ())
        .map_err(|error| Stop::new(error.to_string(), "write it as `--set key=value,list[0]=value`"))
}
