//! From flags and the configuration to what is checked, and how. Flags win.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::LintArgs;
use super::lint::Stop;
use super::values::{read_values_file, value_options};
use crate::config::{Config, ConfigError};
use crate::finding::Severity;
use crate::lint::{Settings, Timings};
use crate::profile::Profile;
use crate::render::objects::KubeVersion;
use crate::rules::{RULES, Rule, find};
use crate::source::SourceMap;
use crate::spec::Spec;
use crate::values::{ValueOptions, ValuesError};

/// What a chart is checked with.
pub(super) struct Prepared {
    /// The configuration, if there is one.
    pub(super) config: Option<Config>,
    /// What is checked.
    pub(super) settings: Settings,
    /// Rules that only the settings of some paths switch on.
    pub(super) by_path: HashSet<String>,
}

/// All that a run needs to know about its configurations.
pub(super) struct Preparer<'a> {
    args: &'a LintArgs,
    sources: &'a SourceMap,
    /// The values of the flags, read once.
    values: Option<ValueOptions>,
    timings: Option<Arc<Timings>>,
    known: HashMap<Option<PathBuf>, Arc<Prepared>>,
}

impl<'a> Preparer<'a> {
    pub(super) fn new(
        args: &'a LintArgs,
        sources: &'a SourceMap,
        timings: Option<Arc<Timings>>,
    ) -> Result<Preparer<'a>, Stop> {
        let values = if args.values.is_empty() {
            None
        } else {
            let options =
                value_options(&args.values, sources).map_err(|error| values_stop(&error, sources))?;
            super::lint::check_flags(&options)?;
            Some(options)
        };
        Ok(Preparer { args, sources, values, timings, known: HashMap::new() })
    }

    /// What the chart at a path is checked with.
    pub(super) fn prepare(&mut self, path: &str) -> Result<Arc<Prepared>, Stop> {
        let file = match &self.args.config {
            Some(path) => Some(path.clone()),
            None if self.args.no_config => None,
            None if path == "-" => Config::find(Path::new(".")),
            None => Config::find(Path::new(path)),
        };
        if let Some(known) = self.known.get(&file) {
            return Ok(Arc::clone(known));
        }
        let config = match &file {
            Some(file) => {
                let config = Config::read(file, self.sources);
                Some(config.map_err(|error| config_stop(&error, self.sources))?)
            }
            None => None,
        };
        let prepared = Arc::new(self.make(config)?);
        self.known.insert(file, Arc::clone(&prepared));
        Ok(prepared)
    }

    /// All that were prepared.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Prepared>> {
        self.known.values()
    }

    fn make(&self, config: Option<Config>) -> Result<Prepared, Stop> {
        let args = self.args;
        let (rules, by_path) = rules(args, config.as_ref())?;
        let mut settings = Settings {
            rules,
            include_dependencies: args.include_dependencies
                || config.as_ref().and_then(|config| config.include_dependencies).unwrap_or(false),
            repo: !args.no_repo && config.as_ref().and_then(|config| config.repo).unwrap_or(true),
            ignores: !args.no_ignores,
            values: self.values.clone(),
            timings: self.timings.clone(),
            ..Settings::default()
        };
        if let Some(name) = &args.release_name {
            settings.release.name.clone_from(name);
        }
        if let Some(namespace) = &args.namespace {
            settings.release.namespace.clone_from(namespace);
        }
        settings.capabilities.api_versions.extend(args.api_versions.iter().cloned());
        let mut versions = Vec::new();
        for text in &args.kube_version {
            versions.push(KubeVersion::parse(text).map_err(|error| {
                let message = format!("`{text}` is not a Kubernetes version: {error}");
                Stop::new(message, "write it as 1.33 or v1.33.2")
            })?);
        }
        if let Some(config) = config.as_ref().filter(|_| versions.is_empty()) {
            versions.clone_from(&config.kube_versions);
        }
        let mut versions = versions.into_iter();
        if let Some(first) = versions.next() {
            settings.capabilities.kube_version = first;
        }
        settings.kube_versions = versions.collect();
        if let Some(config) = &config {
            for setting in &config.rules {
                for (name, value) in &setting.params {
                    settings.params.insert((setting.rule.clone(), name.clone()), value.clone());
                }
            }
            for scenario in &config.scenarios {
                let mut options = ValueOptions::default();
                for path in &scenario.values {
                    let path = config.folder.join(path);
                    let file = read_values_file(&crate::input::shown_from_here(&path), self.sources);
                    let file = file.map_err(|error| Stop {
                        place: error.place().or(Some(scenario.location)).map(|at| self.sources.describe(at)),
                        ..values_stop(&error, self.sources)
                    })?;
                    options.files.push(file);
                }
                options.json = scenario.set.iter().map(|(key, json)| format!("{key}={json}")).collect();
                super::lint::check_flags(&options)
                    .map_err(|stop| Stop { place: Some(self.sources.describe(scenario.location)), ..stop })?;
                settings.scenarios.push((scenario.name.clone(), options));
            }
        }
        Ok(Prepared { config, settings, by_path })
    }
}

fn values_stop(error: &ValuesError, sources: &SourceMap) -> Stop {
    Stop {
        message: error.to_string(),
        place: error.place().map(|place| sources.describe(place)),
        help: error
            .help()
            .map(str::to_owned)
            .or_else(|| Some("check the path and the YAML of the values file".to_owned())),
    }
}

pub(super) fn config_stop(error: &ConfigError, sources: &SourceMap) -> Stop {
    Stop {
        message: error.message.clone(),
        place: error.place.map(|place| sources.describe(place)),
        help: Some(error.help.clone()),
    }
}

/// A severity that a flag, the configuration or nobody gives.
pub(super) fn severity(
    flag: Option<&String>,
    config: Option<Severity>,
    default: Severity,
) -> Result<Severity, Stop> {
    match flag {
        Some(text) => text.parse().map_err(|error: String| Stop::new(error, "look at `chart-lint --help`")),
        None => Ok(config.unwrap_or(default)),
    }
}

type RulesOn = (Vec<(&'static dyn Rule, Severity)>, HashSet<String>);

/// The rules that are on, with their severities.
fn rules(args: &LintArgs, config: Option<&Config>) -> Result<RulesOn, Stop> {
    let profile = match &args.profile {
        Some(name) => {
            name.parse().map_err(|error: String| Stop::new(error, "look at `chart-lint --help`"))?
        }
        None => config.and_then(|config| config.profile).unwrap_or_default(),
    };
    let mut levels: HashMap<&str, Option<Severity>> = HashMap::new();
    for setting in config.iter().flat_map(|config| &config.rules) {
        if let Some(level) = setting.level {
            levels.insert(&setting.rule, level);
        }
    }
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
    let overridden: HashSet<&str> = config
        .iter()
        .flat_map(|config| &config.overrides)
        .flat_map(|entry| &entry.rules)
        .filter(|setting| setting.level.is_some_and(|level| level.is_some()))
        .map(|setting| setting.rule.as_str())
        .collect();
    let mut on = Vec::new();
    let mut by_path = HashSet::new();
    for &rule in RULES.iter() {
        let spec = rule.spec();
        if args.ignore.contains(&spec.id) {
            continue;
        }
        let level = levels.get(spec.id.as_str()).copied();
        if let Some(severity) =
            level.unwrap_or(Some(spec.severity)).filter(|_| is_on(args, profile, spec, level))
        {
            on.push((rule, severity));
        } else if args.select.is_empty() && overridden.contains(spec.id.as_str()) {
            on.push((rule, spec.severity));
            by_path.insert(spec.id.clone());
        }
    }
    Ok((on, by_path))
}

fn is_on(args: &LintArgs, profile: Profile, spec: &Spec, level: Option<Option<Severity>>) -> bool {
    if !args.select.is_empty() {
        return args.select.contains(&spec.id);
    }
    // A rule that is given a severity is wanted.
    profile.includes(spec) || level.is_some_and(|level| level.is_some())
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
