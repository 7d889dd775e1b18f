//! `disabled-feature-broken`

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use bstr::ByteSlice;
use chart_lint_template::Str;
use rayon::prelude::*;

use crate::finding::{Role, Severity};
use crate::render::error::{Cause, RenderError};
use crate::rules::values::nil_pointers::nil_pointers;
use crate::rules::{ChartContext, Rule};
use crate::scenario::Scenario;
use crate::source::Location;
use crate::spec::Spec;
use crate::values::tree::{NodeIndex, PathStep, TreeValue};

pub(super) struct DisabledFeatureBroken;

/// So many templates may be rendered for the switches of one chart: large charts have many of both.
const MOST_TEMPLATES: usize = 1_500;

impl Rule for DisabledFeatureBroken {
    fn spec(&self) -> &'static Spec {
        spec!("disabled-feature-broken")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let Some(scenario) = cx.default_scenario().filter(|scenario| scenario.failure.is_none()) else { return };
        let most = cx.param("toggles").parse().unwrap_or(40).min(MOST_TEMPLATES / scenario.templates.max(1));
        let switches: Vec<(String, Location)> = switches(cx).into_iter().take(most).collect();
        if switches.is_empty() {
            return;
        }
        let probe = cx.probe();
        let readers = Readers::of(scenario);
        let shared: &ChartContext<'_> = cx;
        let chart = shared.shared_chart();
        let broken: Vec<(usize, Scenario)> = switches
            .par_iter()
            .enumerate()
            .filter_map(|(number, (key, _))| {
                let mut probe = probe.clone();
                probe.values.json.push(format!("{key}=true"));
                probe.only = Some(Arc::new(readers.of_key(key)));
                let there = probe.run(chart.0, chart.1);
                let is_broken = !there.rendered.errors.is_empty() || !there.unreadable.is_empty();
                is_broken.then_some((number, there))
            })
            .collect();
        // Those have a rule of their own.
        let known: Vec<Location> = nil_pointers(cx).into_iter().map(|pointer| pointer.location).collect();
        let mut said = BTreeSet::new();
        for (number, there) in broken {
            let (key, switch) = &switches[number];
            for error in &there.rendered.errors {
                let is_old = scenario.rendered.errors.iter().any(|old| old.template == error.template);
                if is_old || is_meant(error) {
                    continue;
                }
                let Some(place) = place_of(&there, error) else { continue };
                let is_known = known.iter().any(|other| {
                    other.file == place.file
                        && other.span.start <= place.span.end
                        && place.span.start <= other.span.end
                });
                if is_known || !said.insert(place) {
                    continue;
                }
                let text = error.message.split_whitespace().collect::<Vec<_>>().join(" ");
                let why = short(error);
                // Another value has to be given with it, but the chart does not say which.
                let needs_more = ["invalid value; expected", "wrong type for value", "nil pointer"]
                    .iter()
                    .any(|start| why.contains(start));
                let finding =
                    cx.finding(place, Role::Template, format!("this fails as soon as `{key}` is on: {why}"));
                let finding = if needs_more { finding.severity(Severity::Medium) } else { finding };
                finding
                    .identity(format!("fails\0{key}\0{why}"))
                    .related(*switch, Role::Values, "off by default")
                    .help("set it, run `helm template`, and give what is missing a default")
                    .note(format!("Helm says: {text}"))
                    .report();
            }
            for document in &there.unreadable {
                let name = there.rendered.files.get(document.file).map(|file| file.name.clone()).unwrap_or_default();
                let is_old = scenario.unreadable.iter().any(|old| {
                    scenario.rendered.files.get(old.file).is_some_and(|file| file.name == name)
                });
                if is_old || crate::rules::is_of_dependency(&name.to_utf8()) {
                    continue;
                }
                let Some(place) = there.trace(document.file, document.at.clone()).template else { continue };
                if !said.insert(place) {
                    continue;
                }
                let reason = document.reason.rsplit_once("yaml: ").map_or(&*document.reason, |(_, reason)| reason);
                cx.finding(place, Role::Template, format!("this is no YAML as soon as `{key}` is on: {reason}"))
                    .identity(format!("no YAML\0{key}\0{}", without_line(reason)))
                    .related(*switch, Role::Values, "off by default")
                    .help("set it, and look at what `helm template --debug` prints")
                    .report();
            }
        }
    }
}

/// The sources of a chart's own templates: only those that may read a switch are rendered again.
struct Readers {
    templates: Vec<(Str, Str)>,
    helpers: Vec<Str>,
}

impl Readers {
    fn of(scenario: &Scenario) -> Readers {
        let mut readers = Readers { templates: Vec::new(), helpers: Vec::new() };
        for (name, _, tree) in scenario.sources.iter() {
            let shown = name.to_utf8();
            if shown.rsplit('/').next().is_some_and(|base| base.starts_with('_')) {
                readers.helpers.push(tree.text.clone());
            } else if !crate::rules::is_of_dependency(&shown) {
                readers.templates.push((name.clone(), tree.text.clone()));
            }
        }
        readers
    }

    /// The templates that name what is switched, or all if a helper does: who includes it is not known.
    fn of_key(&self, key: &str) -> HashSet<Str> {
        let mut parts = key.rsplit('.');
        let last = parts.next().unwrap_or_default();
        let name = parts.next().unwrap_or(last);
        let has = |text: &Str| text.contains_str(name);
        let all = self.helpers.iter().any(has);
        self.templates.iter().filter(|(_, text)| all || has(text)).map(|(name, _)| name.clone()).collect()
    }
}

/// The keys of `values.yaml` that switch a feature on and are off, those of objects that are not rendered first.
fn switches(cx: &ChartContext<'_>) -> Vec<(String, Location)> {
    let chart = cx.chart();
    let toggled: BTreeSet<&str> = cx
        .default_scenario()
        .into_iter()
        .flat_map(|scenario| &scenario.toggles)
        .flat_map(|toggle| toggle.keys.iter().map(String::as_str))
        .collect();
    let mut found = Vec::new();
    for tree in chart.values.iter().flat_map(|values| &values.documents) {
        for node in (0..tree.len() as u32).map(NodeIndex) {
            let TreeValue::Bool(false) = tree.get(node) else { continue };
            let path = tree.path(node);
            let Some(PathStep::Key(last)) = path.0.last() else { continue };
            let is_in_list = path.0.iter().any(|step| matches!(step, PathStep::Index(_)));
            let shown = path.to_string();
            let is_switch = *last == "enabled" || *last == "create" || toggled.contains(shown.as_str());
            // A subchart that is switched on is rendered by itself.
            let is_foreign = path.0.first().is_some_and(|first| {
                let PathStep::Key(first) = first else { return false };
                chart.metadata.dependencies.iter().flatten().flatten().any(|dependency| {
                    *first == *dependency.name || *first == *dependency.alias
                })
            });
            if is_switch && !is_in_list && !is_foreign {
                found.push((!toggled.contains(shown.as_str()), shown, tree.location(node)));
            }
        }
    }
    found.sort();
    found.into_iter().map(|(_, shown, location)| (shown, location)).collect()
}

/// Whether the chart itself refuses, or what fails belongs to a dependency.
fn is_meant(error: &RenderError) -> bool {
    error.message.starts_with("execution error at ")
        || crate::rules::is_of_dependency(&error.template)
        || matches!(error.cause, Cause::Parse(_))
}

/// The innermost place that is in a file.
fn place_of(scenario: &Scenario, error: &RenderError) -> Option<Location> {
    error.places().into_iter().rev().find_map(|place| {
        let file = scenario.sources.file(&Str::from(place.source.as_bytes()))?;
        Some(Location { file, span: place.span.into() })
    })
}

/// What a YAML reader says, without the line: what is written above moves it.
fn without_line(reason: &str) -> &str {
    reason.strip_prefix("line ").and_then(|rest| rest.split_once(": ")).map_or(reason, |(_, what)| what)
}

/// What went wrong, without where.
fn short(error: &RenderError) -> String {
    let Cause::Exec(exec) = &error.cause else { return String::new() };
    let last = exec.chain().last().map(|link| link.own_text().to_owned()).unwrap_or_default();
    last.rsplit_once(">: ").map_or(last.clone(), |(_, text)| text.to_owned())
}
