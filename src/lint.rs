//! The driver: from paths to a report. Charts and scenarios are worked on in parallel; the result does not depend on
//! how many threads there are.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chart_lint_template::{Limits, Origins, Str};
use rayon::prelude::*;

use crate::chart::{self, Chart, LoadError, LoadErrorKind, LoadOptions, SkipReason, load_leniently};
use crate::coverage::{BranchKind, coverage_of};
use crate::filter::by_comments_and_annotations;
use crate::finding::{Finding, Role, Severity};
use crate::input::{Input, Loaded, load_manifests};
use crate::manifest::{self, Container, Object, ObjectIndex, Workload};
use crate::render::engine::{RenderOptions, TreeCache, render};
use crate::render::host::Chance;
use crate::render::objects::{Capabilities, KubeVersion};
use crate::render::top::{Release, templates};
use crate::repo::Repo;
use crate::report::{ChartReport, ScenarioReport, Unchecked};
use crate::rules::{ChartCache, ChartContext, RULES, Rule, RuleContext, Secrets, Shared, is_of_dependency};
use crate::scenario::{Failure, FailureKind, Scenario};
use crate::source::{FileId, Location, SourceMap};
use crate::toggles;
use crate::values::{
    DisabledReason, PrepareOptions, UserFile, ValueOptions, ValueOrigins, ValuesError, ValuesErrorKind,
    merge_user_values, prepare,
};

/// The scenario with what the user gave.
pub(crate) const COMMAND_LINE: &str = "command line";

/// What to check, and how.
#[derive(Clone)]
pub struct Settings {
    /// The rules that report, with their severities.
    pub rules: Vec<(&'static dyn Rule, Severity)>,
    /// Whether the objects of dependencies are checked too.
    pub include_dependencies: bool,
    /// The values that the user gave: one more scenario.
    pub values: Option<ValueOptions>,
    /// The release.
    pub release: Release,
    /// The cluster.
    pub capabilities: Capabilities,
    /// Parameters of rules that the configuration sets: by rule and name.
    pub params: HashMap<(String, String), String>,
    /// Whether the repository around a chart is read for its documents and its CI.
    pub repo: bool,
    /// Whether comments and annotations suppress findings.
    pub ignores: bool,
    /// More sets of values, with their names.
    pub scenarios: Vec<(String, ValueOptions)>,
    /// More versions of Kubernetes to render for.
    pub kube_versions: Vec<KubeVersion>,
    /// Where the time goes, if somebody wants to know.
    pub timings: Option<Arc<Timings>>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            rules: RULES.iter().map(|&rule| (rule, rule.spec().severity)).collect(),
            include_dependencies: false,
            values: None,
            release: Release {
                name: "release-name".to_owned(),
                // Not `default`: a chart that says `default` itself can be told from one that says nothing.
                namespace: "release-namespace".to_owned(),
                is_upgrade: false,
            },
            capabilities: Capabilities::default(),
            params: HashMap::new(),
            repo: true,
            ignores: true,
            scenarios: Vec::new(),
            kube_versions: Vec::new(),
            timings: None,
        }
    }
}

/// Where the time of a run goes. Threads work side by side: the sum is more than the run took.
#[derive(Debug, Default)]
pub struct Timings(Mutex<HashMap<Phase, Duration>>);

/// Something that takes time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Reading charts.
    Load,
    /// Rendering, and reading what was rendered.
    Render,
    /// A rule.
    Rule(String),
    /// A chart, everything included.
    Chart(String),
}

impl Timings {
    /// All phases, the longest first.
    pub fn all(&self) -> Vec<(Phase, Duration)> {
        let mut all: Vec<(Phase, Duration)> = match self.0.lock() {
            Ok(times) => times.iter().map(|(phase, time)| (phase.clone(), *time)).collect(),
            Err(_) => Vec::new(),
        };
        all.sort_by(|one, other| (other.1, &one.0).cmp(&(one.1, &other.0)));
        all
    }
}

impl Settings {
    fn time(&self, phase: Phase, start: Instant) {
        if let Some(timings) = &self.timings
            && let Ok(mut times) = timings.0.lock()
        {
            *times.entry(phase).or_default() += start.elapsed();
        }
    }
}

/// What came of a chart.
pub struct ChartResult {
    /// What was looked at.
    pub report: ChartReport,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// Threads for linting: with stacks that are large enough for what charts nest. `jobs` of 0 means one for each core.
///
/// # Errors
/// The system gives no more threads.
pub fn pool(jobs: usize) -> Result<rayon::ThreadPool, rayon::ThreadPoolBuildError> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(jobs)
        .stack_size(crate::render::stack_size())
        .start_handler(|_| crate::render::mark_large())
        .build()
}

/// Lints one chart. `index` is its place in the report. Needs to run in a [`pool`].
pub fn lint_chart(
    path: &str,
    index: usize,
    settings: &Settings,
    sources: &SourceMap,
) -> Result<ChartResult, LoadError> {
    lint_chart_with(path, index, settings, sources, &|chart| scenario_specs(chart, settings, sources))
}

/// As [`lint_chart`], with the sets of values that `specs` gives instead of those that the chart ships.
pub fn lint_chart_with(
    path: &str,
    index: usize,
    settings: &Settings,
    sources: &SourceMap,
    specs: &(dyn Fn(&Chart) -> Vec<ScenarioSpec> + Sync),
) -> Result<ChartResult, LoadError> {
    let start = Instant::now();
    let chart::Loaded { chart, problems, .. } = load_leniently(path, &LoadOptions::default(), sources)?;
    settings.time(Phase::Load, start);
    let cache = TreeCache::default();
    // What is wrong with a field of Chart.yaml keeps Helm from loading the chart, but nobody from rendering it.
    let is_harmless =
        |problem: &LoadError| matches!(problem.kind(), LoadErrorKind::Validation | LoadErrorKind::ApiVersion);
    let scenarios = if problems.iter().all(is_harmless) {
        scenarios_with(&chart, specs(&chart), settings, &cache)
    } else {
        Vec::new()
    };
    let foreign = chart.walk().into_iter().skip(1).flat_map(Chart::own_files).collect();
    // Inside of an archive there is no repository around the chart.
    let repo = if settings.repo && Path::new(path).is_dir() {
        Repo::read(Path::new(path), path, sources)
    } else {
        Repo::default()
    };
    let facts = ChartCache::default();
    let shared = Shared {
        facts: &facts,
        chart: &chart,
        sources,
        settings,
        chart_index: index,
        foreign: &foreign,
        repo: &repo,
        is_chart: true,
        problems: &problems,
        cache: &cache,
    };
    let mut findings: Vec<Finding> = scenarios
        .par_iter()
        .enumerate()
        .flat_map_iter(|(number, _)| check_scenario(shared, &scenarios, number))
        .collect();
    for &(rule, severity) in &settings.rules {
        let mut context = ChartContext {
            scenarios: &scenarios,
            shared,
            spec: rule.spec(),
            severity,
            findings: &mut findings,
        };
        let start = settings.timings.is_some().then(Instant::now);
        rule.check_chart(&mut context);
        if let Some(start) = start {
            settings.time(Phase::Rule(rule.spec().id.clone()), start);
        }
    }
    let mut report = report(path, &chart, &scenarios, settings);
    report.refused = problems.first().map(ToString::to_string);
    if let Some(refused) = report.refused.as_ref().filter(|_| scenarios.is_empty()) {
        let reason = format!("Helm refuses the chart: {}", refused.lines().next().unwrap_or_default());
        report.unchecked.push(Unchecked { path: "templates".to_owned(), reason });
    }
    let mut findings = merge(findings, sources);
    if settings.ignores {
        let objects = scenarios.iter().flat_map(|scenario| &scenario.objects);
        let files = chart.own_files();
        by_comments_and_annotations(&mut findings, files, objects, &settings.rules, index, sources);
    }
    settings.time(Phase::Chart(path.to_owned()), start);
    Ok(masked_result(report, &chart, findings))
}

/// Lints manifests or a Kustomize folder: the rules about objects, with the same places. Nothing for a chart. Needs to
/// run in a [`pool`].
pub fn lint_manifests(
    input: &Input,
    index: usize,
    settings: &Settings,
    sources: &SourceMap,
) -> Option<ChartResult> {
    let start = Instant::now();
    let Loaded { chart, scenario, unchecked } = load_manifests(input, &settings.release.namespace, sources)?;
    settings.time(Phase::Load, start);
    let scenarios = [scenario];
    // A folder that is called `charts` holds no dependencies here.
    let settings = Settings { include_dependencies: true, ..settings.clone() };
    let repo = Repo::default();
    let foreign = HashSet::new();
    let facts = ChartCache::default();
    let shared = Shared {
        facts: &facts,
        chart: &chart,
        sources,
        settings: &settings,
        chart_index: index,
        foreign: &foreign,
        repo: &repo,
        is_chart: false,
        problems: &[],
        cache: &TreeCache::default(),
    };
    let findings = check_scenario(shared, &scenarios, 0);
    let mut report = report(input.path(), &chart, &scenarios, &settings);
    report.unchecked.extend(unchecked);
    let mut findings = merge(findings, sources);
    if settings.ignores {
        let files: HashSet<FileId> = scenarios[0].sources.files().collect();
        let objects = &scenarios[0].objects;
        by_comments_and_annotations(&mut findings, files, objects, &settings.rules, index, sources);
    }
    settings.time(Phase::Chart(input.path().to_owned()), start);
    Some(masked_result(report, &chart, findings))
}

/// The result with all secrets masked in what findings say; reports mask the lines of files that they show.
fn masked_result(mut report: ChartReport, chart: &Chart, mut findings: Vec<Finding>) -> ChartResult {
    report.secrets = crate::rules::secrets_to_mask(chart, &findings);
    let mask = |text: &mut String| {
        if let Some(masked) = crate::rules::mask_all(text, &report.secrets) {
            *text = masked;
        }
    };
    for finding in &mut findings {
        mask(&mut finding.message);
        finding.help.iter_mut().chain(&mut finding.notes).for_each(mask);
        for place in std::iter::once(&mut finding.primary).chain(&mut finding.related) {
            mask(&mut place.message);
        }
        if let Some(rendered) = &mut finding.rendered {
            // In place, as the span says where the finding is.
            if let Some(masked) = crate::rules::mask_in_place(&rendered.text, &report.secrets) {
                rendered.text = masked;
            }
        }
    }
    ChartResult { report, findings }
}

/// A chart with each set of values that it is checked with. Needs to run in a [`pool`].
pub fn scenarios(chart: &Arc<Chart>, settings: &Settings, sources: &SourceMap) -> Vec<Scenario> {
    scenarios_with(chart, scenario_specs(chart, settings, sources), settings, &TreeCache::default())
}

fn scenarios_with(
    chart: &Arc<Chart>,
    specs: Vec<ScenarioSpec>,
    settings: &Settings,
    cache: &TreeCache,
) -> Vec<Scenario> {
    let make = |spec| {
        let start = Instant::now();
        let scenario = make_scenario(chart, spec, &Cluster::of(settings), cache);
        settings.time(Phase::Render, start);
        scenario
    };
    specs.into_par_iter().map(make).collect()
}

/// A chart with its default values alone. Needs to run in a [`pool`].
pub fn default_scenario(chart: &Arc<Chart>, settings: &Settings) -> Scenario {
    let spec = ScenarioSpec::new("default", Ok(ValueOptions::default()));
    make_scenario(chart, spec, &Cluster::of(settings), &TreeCache::default())
}

/// A set of values to render with.
pub struct ScenarioSpec {
    /// What the report calls it.
    pub name: String,
    /// The values, or why they cannot be read.
    pub values: Result<ValueOptions, ValuesError>,
    /// Another version of Kubernetes than that of the settings.
    pub kube_version: Option<KubeVersion>,
}

impl ScenarioSpec {
    /// A set of values with a name.
    pub fn new(name: impl Into<String>, values: Result<ValueOptions, ValuesError>) -> ScenarioSpec {
        ScenarioSpec { name: name.into(), values, kube_version: None }
    }
}

/// Where a chart is rendered for.
struct Cluster<'a> {
    release: &'a Release,
    capabilities: &'a Capabilities,
    /// The templates to execute, if not all.
    only: Option<Arc<HashSet<Str>>>,
}

impl<'a> Cluster<'a> {
    fn of(settings: &'a Settings) -> Cluster<'a> {
        Cluster { release: &settings.release, capabilities: &settings.capabilities, only: None }
    }
}

/// One more render of a chart, to see what becomes of it: for another release, another cluster, or with other values.
#[derive(Clone)]
pub(crate) struct Probe {
    /// The release.
    pub(crate) release: Release,
    /// The cluster.
    pub(crate) capabilities: Capabilities,
    /// The values.
    pub(crate) values: ValueOptions,
    /// The templates to execute, by name, if not all.
    pub(crate) only: Option<Arc<HashSet<Str>>>,
}

impl Probe {
    /// The render of the default values, to change something of.
    pub(crate) fn new(settings: &Settings) -> Probe {
        let (release, capabilities) = (settings.release.clone(), settings.capabilities.clone());
        Probe { release, capabilities, values: ValueOptions::default(), only: None }
    }

    /// Renders.
    pub(crate) fn run(self, chart: &Arc<Chart>, cache: &TreeCache) -> Scenario {
        let spec = ScenarioSpec::new("probe", Ok(self.values));
        let cluster = Cluster { release: &self.release, capabilities: &self.capabilities, only: self.only };
        make_scenario(chart, spec, &cluster, cache)
    }
}

/// The default values, each overlay that the chart ships, and what the user gave.
fn scenario_specs(chart: &Chart, settings: &Settings, sources: &SourceMap) -> Vec<ScenarioSpec> {
    let mut specs = vec![ScenarioSpec::new("default", Ok(ValueOptions::default()))];
    for file in chart.files.iter().chain(&chart.overlays) {
        let name = file.name.to_utf8();
        if is_overlay(&name) {
            let path = sources.path(file.source);
            let values = UserFile::parse(&path, file.data.clone(), sources)
                .map(|file| ValueOptions { files: vec![file], ..ValueOptions::default() });
            specs.push(ScenarioSpec::new(name, values));
        }
    }
    if let Some(values) = &settings.values {
        specs.push(ScenarioSpec::new(COMMAND_LINE, Ok(values.clone())));
    }
    for (name, values) in &settings.scenarios {
        specs.push(ScenarioSpec::new(name.as_str(), Ok(values.clone())));
    }
    let first = specs.len();
    for version in &settings.kube_versions {
        for at in 0..first {
            let spec = &specs[at];
            let name = format!("{} on {}", spec.name, version.version);
            specs.push(ScenarioSpec {
                name,
                values: spec.values.clone(),
                kube_version: Some(version.clone()),
            });
        }
    }
    specs
}

/// Whether a file of a chart is a set of values that it is meant to be rendered with: `ci/*-values.yaml`, as
/// chart-testing has it, and `values-production.yaml` or `values.ci.yaml` beside `values.yaml`.
pub(crate) fn is_overlay(name: &str) -> bool {
    if let Some(name) = name.strip_prefix("ci/") {
        return !name.contains('/') && name.ends_with("-values.yaml");
    }
    let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"));
    let is_values = stem.is_some_and(|stem| stem.starts_with("values.") || stem.starts_with("values-"));
    let words = ["example", "sample", "template", "schema"];
    is_values && !name.contains('/') && !words.iter().any(|word| name.contains(word))
}

fn make_scenario(
    chart: &Arc<Chart>,
    spec: ScenarioSpec,
    cluster: &Cluster<'_>,
    cache: &TreeCache,
) -> Scenario {
    let mut scenario = Scenario::empty(spec.name, cluster.release.namespace.clone());
    let other;
    let cluster = match spec.kube_version {
        None => cluster,
        Some(kube_version) => {
            other = Capabilities { kube_version, ..cluster.capabilities.clone() };
            &Cluster { release: cluster.release, capabilities: &other, only: cluster.only.clone() }
        }
    };
    let result = spec.values.and_then(|values| {
        scenario.values_files = values.files.iter().map(|file| file.path.clone()).collect();
        fill(&mut scenario, chart, &values, cluster, cache)?;
        scenario.values = values;
        Ok(())
    });
    if let Err(error) = result {
        scenario.failure = Some(failure(&error));
    }
    scenario
}

fn failure(error: &ValuesError) -> Failure {
    Failure {
        message: error.to_string(),
        help: error.help().map(str::to_owned),
        place: error.place(),
        kind: match error.kind() {
            ValuesErrorKind::MissingDependencies => FailureKind::MissingDependency,
            ValuesErrorKind::Schema => FailureKind::Schema,
            ValuesErrorKind::File => FailureKind::Values,
            _ => FailureKind::Other,
        },
        schema_problems: error.schema_problems().to_vec(),
    }
}

fn fill(
    scenario: &mut Scenario,
    chart: &Arc<Chart>,
    values: &ValueOptions,
    cluster: &Cluster<'_>,
    cache: &TreeCache,
) -> Result<(), ValuesError> {
    let mut origins = Origins::recording();
    let mut value_origins = ValueOrigins::new();
    let mut read = |path: &str| crate::cli::read_set_file(path);
    let user_values = merge_user_values(values, &mut read, &mut origins, &mut value_origins)?;
    // A library, a chart whose dependencies were not fetched, values that do not fit their schema: all are checked as
    // far as it goes.
    let strict = PrepareOptions { allow_library: true, ..PrepareOptions::default() };
    let prepared = match prepare(chart, &user_values, &strict, &mut origins, &mut value_origins) {
        Err(error)
            if matches!(error.kind(), ValuesErrorKind::MissingDependencies | ValuesErrorKind::Schema) =>
        {
            scenario.failure = Some(failure(&error));
            let lenient =
                PrepareOptions { allow_missing_dependencies: true, skip_schema_validation: true, ..strict };
            (origins, value_origins) = (Origins::recording(), ValueOrigins::new());
            let user_values = merge_user_values(values, &mut read, &mut origins, &mut value_origins)?;
            prepare(chart, &user_values, &lenient, &mut origins, &mut value_origins)?
        }
        prepared => prepared?,
    };
    let templates =
        templates(&prepared, cluster.release, cluster.capabilities, &mut origins, &mut value_origins);
    scenario.disabled = prepared
        .disabled
        .iter()
        .map(|disabled| {
            let names = disabled.parent.iter().map(String::as_str).chain([disabled.dependency.name.as_str()]);
            let why = match &disabled.reason {
                DisabledReason::Condition { path, .. } => format!("`{path}` is false"),
                DisabledReason::Tags { tags } => {
                    let tags: Vec<String> = tags.iter().map(|(tag, _)| format!("`tags.{tag}`")).collect();
                    format!("{} is false", tags.join(" and "))
                }
            };
            (names.collect::<Vec<_>>().join("/"), why)
        })
        .collect();
    let options = RenderOptions {
        chance: Chance::Fixed,
        limits: Limits::default(),
        stop_at_error: false,
        only: cluster.only.clone(),
    };
    scenario.templates = templates.renderables.iter().filter(|template| is_rendered(&template.name)).count();
    scenario.rendered = render(templates.renderables, cache, origins, &options);
    for (name, file) in templates.files {
        let tree = cache.find(&name);
        scenario.sources.add(name, file, tree);
    }
    let parsed = manifest::parse(&scenario.rendered.files);
    scenario.objects = parsed.objects;
    scenario.unreadable = parsed.unreadable;
    scenario.repeated_keys = parsed.repeated_keys;
    if let Some((name, values)) =
        templates.values.iter().find(|(name, _)| name == &prepared.instance.full_path)
    {
        scenario.toggles = toggles::find(name, &scenario.sources, &scenario.rendered, values, &value_origins);
    }
    scenario.value_origins = value_origins;
    Ok(())
}

/// Whether a template gives objects: neither a partial nor the notes.
fn is_rendered(name: &[u8]) -> bool {
    let base = name.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    !base.starts_with(b"_") && base != b"NOTES.txt"
}

fn check_scenario(shared: Shared<'_>, scenarios: &[Scenario], number: usize) -> Vec<Finding> {
    let Some(scenario) = scenarios.get(number) else { return Vec::new() };
    let index = ObjectIndex::new(&scenario.objects, &scenario.namespace);
    let is_own =
        |object: &Object| shared.settings.include_dependencies || !is_of_dependency(&object.template);
    let objects: Vec<&Object> = scenario.objects.iter().filter(|object| is_own(object)).collect();
    let workloads: Vec<(&Workload<'_>, Vec<Container<'_>>)> = index
        .workloads()
        .iter()
        .filter(|workload| is_own(workload.object))
        .map(|workload| (workload, workload.containers()))
        .collect();
    let mut findings = Vec::new();
    for &(rule, severity) in &shared.settings.rules {
        // Manifests have neither templates nor values.
        let is_about_charts = matches!(rule.spec().scope.as_str(), "chart files" | "values");
        if is_about_charts && !shared.is_chart && rule.spec().id != "render-failed" {
            continue;
        }
        let start = shared.settings.timings.is_some().then(Instant::now);
        let mut context = RuleContext {
            scenario,
            scenarios,
            index: &index,
            shared,
            scenario_index: number,
            spec: rule.spec(),
            severity,
            findings: &mut findings,
        };
        rule.check_scenario(&mut context);
        for object in &objects {
            rule.check_object(&mut context, object);
        }
        for (workload, containers) in &workloads {
            rule.check_workload(&mut context, workload);
            for container in containers {
                rule.check_container(&mut context, workload, container);
            }
        }
        if let Some(start) = start {
            shared.settings.time(Phase::Rule(rule.spec().id.clone()), start);
        }
    }
    findings
}

/// Findings with the same cause become one: the same rule at the same place, in whatever scenario and for whatever
/// object.
fn merge(findings: Vec<Finding>, sources: &SourceMap) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::new();
    let mut known = HashMap::new();
    let mut places = HashSet::new();
    for finding in findings {
        let key = (
            finding.rule,
            finding.cause.clone().ok_or(finding.primary.location),
            finding.severity,
            finding.object.is_none().then(|| finding.message.clone()),
        );
        match known.get(&key) {
            None => {
                let index = merged.len();
                places.extend(finding.related.iter().map(|place| (index, place.location)));
                known.insert(key, index);
                merged.push(finding);
            }
            Some(&index) => absorb(&mut merged[index], finding, |place| places.insert((index, place))),
        }
    }
    merged.iter_mut().for_each(settle_objects);
    drop_subsumed(&mut merged);
    for finding in &mut merged {
        finding.scenarios.sort_unstable();
        finding.scenarios.dedup();
    }
    let order = |finding: &Finding| {
        (
            std::cmp::Reverse(finding.severity),
            finding.rule,
            sources.path(finding.primary.location.file),
            finding.primary.location.span,
            finding.message.clone(),
        )
    };
    merged.sort_by_cached_key(order);
    merged
}

/// A finding that another one about the same object says better goes.
fn drop_subsumed(findings: &mut Vec<Finding>) {
    let objects = |finding: &Finding| {
        let all = finding.object.iter().chain(&finding.more_objects);
        all.map(|object| (object.kind.clone(), object.namespace.clone(), object.name.clone()))
            .collect::<Vec<_>>()
    };
    let said: HashSet<_> = findings
        .iter()
        .flat_map(|finding| objects(finding).into_iter().map(|object| (finding.rule, object)))
        .collect();
    findings.retain(|finding| {
        let Some(rule) = crate::rules::find(finding.rule) else { return true };
        let by = &rule.spec().subsumed_by;
        if by.is_empty() {
            return true;
        }
        let own = objects(finding);
        // Only if each of its objects has the other finding too.
        own.is_empty()
            || !by.iter().any(|other| {
                crate::rules::find(other).is_some_and(|other| {
                    own.iter().all(|object| said.contains(&(other.spec().id.as_str(), object.clone())))
                })
            })
    });
}

/// Adds what another finding with the same cause says. `is_new` tells whether a place is not in `kept` yet.
fn absorb(kept: &mut Finding, other: Finding, mut is_new: impl FnMut(Location) -> bool) {
    kept.scenarios.extend(other.scenarios);
    kept.more_objects.extend(other.more_objects);
    kept.more_objects.extend(other.object);
    let values = other.related.into_iter().filter(|place| place.role == Role::Values);
    kept.related.extend(values.filter(|place| is_new(place.location)));
}

/// Names each other object once.
fn settle_objects(finding: &mut Finding) {
    finding.more_objects.sort_unstable();
    finding.more_objects.dedup();
    if let Some(own) = &finding.object {
        // The same object under another scenario is no other object.
        finding.more_objects.retain(|object| {
            (&object.kind, &object.namespace, &object.name) != (&own.kind, &own.namespace, &own.name)
        });
    }
}

fn report(path: &str, chart: &Chart, scenarios: &[Scenario], settings: &Settings) -> ChartReport {
    let mut report = ChartReport {
        path: path.to_owned(),
        name: chart.name().to_owned(),
        version: chart.metadata.version.clone(),
        scenarios: Vec::new(),
        unchecked: Vec::new(),
        refused: None,
        secrets: Secrets::default(),
    };
    for scenario in scenarios {
        let gave_something = |file: &&crate::render::engine::RenderedFile| {
            is_rendered(&file.name) && !file.text.iter().all(u8::is_ascii_whitespace)
        };
        report.scenarios.push(ScenarioReport {
            name: scenario.name.clone(),
            values: scenario.values_files.clone(),
            templates: scenario.templates,
            rendered: scenario.rendered.files.iter().filter(gave_something).count(),
            objects: scenario.objects.len(),
        });
    }
    report.unchecked = unchecked(chart, scenarios, settings);
    report
}

fn unchecked(chart: &Chart, scenarios: &[Scenario], settings: &Settings) -> Vec<Unchecked> {
    let mut unchecked = BTreeSet::new();
    let mut add = |path: String, reason: String| unchecked.insert(Unchecked { path, reason });
    for scenario in scenarios {
        if let Some(failure) = scenario.failure.as_ref().filter(|_| !scenario.is_rendered()) {
            let first = failure.message.lines().next().unwrap_or_default();
            add(format!("scenario {}", scenario.name), first.to_owned());
        }
    }
    for skipped in &chart.skipped {
        let reason = match skipped.reason {
            SkipReason::Ignored(_) => continue,
            SkipReason::HiddenSubchart => "its name starts with `_` or `.`, so Helm does not load it",
            SkipReason::NotInChart => "it is in `charts/`, but in no chart",
        };
        add(skipped.name.to_utf8().into_owned(), reason.to_owned());
    }
    let rendered_scenarios: Vec<&Scenario> =
        scenarios.iter().filter(|scenario| scenario.is_rendered()).collect();
    // Templates that gave nothing in any scenario.
    if let Some(first) = rendered_scenarios.first() {
        for (name, ..) in first.sources.iter() {
            let own = !crate::rules::is_of_dependency(&name.to_utf8());
            let gave = |scenario: &&Scenario| {
                scenario
                    .rendered
                    .files
                    .iter()
                    .any(|file| file.name == *name && !file.text.iter().all(u8::is_ascii_whitespace))
            };
            if !own || !is_rendered(name) || rendered_scenarios.iter().any(gave) {
                continue;
            }
            let failed = rendered_scenarios
                .iter()
                .any(|scenario| scenario.rendered.errors.iter().any(|error| *name == *error.template));
            if failed {
                continue;
            }
            let shown = name.to_utf8();
            let shown = shown.split_once('/').map_or(&*shown, |(_, rest)| rest).to_owned();
            let keys: BTreeSet<&str> = rendered_scenarios
                .iter()
                .flat_map(|scenario| &scenario.toggles)
                .filter(|toggle| toggle.template == *name)
                .flat_map(|toggle| toggle.keys.iter().map(String::as_str))
                .collect();
            let keys: Vec<String> = keys.into_iter().map(|key| format!("`{key}`")).collect();
            let reason = match keys.as_slice() {
                [] => why_empty(chart, scenarios, name),
                [one] => format!("never renders: {one} is off in every scenario"),
                several => format!("never renders: {} are off in every scenario", several.join(", ")),
            };
            add(shown, reason);
        }
    }
    let mut off: BTreeSet<(String, String)> = BTreeSet::new();
    if let Some((first, rest)) = rendered_scenarios.split_first() {
        for entry in &first.disabled {
            if rest.iter().all(|scenario| scenario.disabled.iter().any(|(name, _)| *name == entry.0)) {
                off.insert(entry.clone());
            }
        }
    }
    for (name, why) in off {
        add(format!("charts/{name}"), format!("is off in every scenario: {why}"));
    }
    if !settings.include_dependencies {
        let names: BTreeSet<&str> = chart.dependencies.iter().map(|dependency| dependency.name()).collect();
        let objects = rendered_scenarios
            .iter()
            .map(|scenario| {
                scenario
                    .objects
                    .iter()
                    .filter(|object| crate::rules::is_of_dependency(&object.template))
                    .count()
            })
            .max()
            .unwrap_or(0);
        if objects > 0 {
            let names = names.into_iter().collect::<Vec<_>>().join(", ");
            add(
                format!("{objects} objects of dependencies"),
                format!("{names} (--include-dependencies checks them)"),
            );
        }
    }
    unchecked.into_iter().collect()
}

/// Why a template gives nothing: the first condition in it that is never met.
fn why_empty(chart: &Chart, scenarios: &[Scenario], name: &Str) -> String {
    let coverage = coverage_of(chart, scenarios, &|known| known == name);
    let first = coverage.outermost(name).next();
    match first {
        Some(branch) if branch.kind == BranchKind::Range => {
            format!("never renders: `{}` is empty in every scenario", branch.condition)
        }
        Some(branch) => {
            let outcome = if branch.when { "true" } else { "false" };
            format!("never renders: `{}` is {outcome} in no scenario", branch.condition)
        }
        None => "it renders nothing in any scenario".to_owned(),
    }
}
