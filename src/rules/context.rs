//! What a rule sees, and how it reports. A rule names a field or a place; the builder makes a finding of it, with the
//! template, the includes and the values keys behind it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use chart_lint_template::Str;

use super::cache::{ChartCache, Template, Uses};
use crate::chart::{Chart, LoadError};
use crate::finding::{Finding, ObjectRef, Place, RenderedLines, Role, Severity};
use crate::lint::{Probe, Settings};
use crate::manifest::{Node, Object, ObjectIndex};
use crate::provenance::{Trace, ValuePlace};
use crate::render::engine::{RenderedFile, TreeCache};
use crate::render::objects::Capabilities;
use crate::repo::Repo;
use crate::scenario::Scenario;
use crate::source::{FileId, Location, SourceMap, Span};
use crate::spec::Spec;
use crate::toggles::{OffField, Toggle};
use crate::values::tree::{KeyPath, PathStep, Tree as ValuesTree, TreeValue};

/// What all contexts know.
#[derive(Clone, Copy)]
pub(crate) struct Shared<'a> {
    pub(crate) chart: &'a Arc<Chart>,
    pub(crate) sources: &'a SourceMap,
    pub(crate) settings: &'a Settings,
    pub(crate) chart_index: usize,
    /// The files of dependencies.
    pub(crate) foreign: &'a HashSet<FileId>,
    /// What lies around the chart.
    pub(crate) repo: &'a Repo,
    /// Whether there is a chart at all: manifests are linted without.
    pub(crate) is_chart: bool,
    /// Why Helm refuses to load the chart.
    pub(crate) problems: &'a [LoadError],
    /// The parsed templates, for more renders.
    pub(crate) cache: &'a TreeCache,
    /// What was worked out already.
    pub(crate) facts: &'a ChartCache,
}

impl Shared<'_> {
    /// A parameter of a rule: what the configuration sets, or the default of its specification.
    fn param(&self, spec: &'static Spec, name: &str) -> String {
        let set = self.settings.params.get(&(spec.id.clone(), name.to_owned()));
        set.or_else(|| spec.params.get(name)).cloned().unwrap_or_default()
    }

    /// Where a field of `Chart.yaml` is written, or the start of the file.
    fn chart_field(&self, name: &str) -> Location {
        let Some(document) = &self.chart.chart_yaml else { return chart_yaml(self.chart) };
        let node = document.tree.key(document.tree.root(), name.as_bytes());
        node.map_or_else(|| chart_yaml(self.chart), |node| document.tree.location(node))
    }

    /// Whether a key of `values.yaml` is `true`.
    fn values_are_true(&self, path: &str) -> bool {
        let path = KeyPath(path.split('.').map(|part| PathStep::Key(Str::from(part))).collect());
        let mut documents = self.chart.values.iter().flat_map(|values| &values.documents);
        documents
            .any(|tree| tree.at(&path).is_some_and(|node| matches!(tree.get(node), TreeValue::Bool(true))))
    }

    /// Where a key of `values.yaml` is written: `image.tag`.
    fn values_key(&self, path: &str) -> Option<Location> {
        let path = KeyPath(path.split('.').map(|part| PathStep::Key(Str::from(part))).collect());
        let documents = self.chart.values.iter().flat_map(|values| &values.documents);
        let mut places = documents.filter_map(|tree| {
            let node = tree.at(&path)?;
            // Of what takes many lines the key is shown.
            let key = tree.key_location(node).filter(|_| tree.has_children(node));
            Some(key.unwrap_or_else(|| tree.location(node)))
        });
        places.next_back()
    }
}

/// A scenario, as a rule sees it.
pub struct RuleContext<'a> {
    /// What was rendered.
    pub scenario: &'a Scenario,
    /// The scenario and all others of the chart.
    pub scenarios: &'a [Scenario],
    /// All objects.
    pub index: &'a ObjectIndex<'a>,
    pub(crate) shared: Shared<'a>,
    pub(crate) scenario_index: usize,
    pub(crate) spec: &'static Spec,
    pub(crate) severity: Severity,
    pub(crate) findings: &'a mut Vec<Finding>,
}

/// A chart with all its scenarios, as a rule sees it.
pub struct ChartContext<'a> {
    /// All scenarios.
    pub scenarios: &'a [Scenario],
    pub(crate) shared: Shared<'a>,
    pub(crate) spec: &'static Spec,
    pub(crate) severity: Severity,
    pub(crate) findings: &'a mut Vec<Finding>,
}

/// Puts a finding together. Nothing is reported before [`FindingBuilder::report`].
#[must_use = "call `report`"]
pub struct FindingBuilder<'c> {
    findings: &'c mut Vec<Finding>,
    finding: Option<Finding>,
}

impl<'a> RuleContext<'a> {
    /// The chart.
    pub fn chart(&self) -> &'a Chart {
        self.shared.chart
    }

    /// Whether an object comes from the chart itself, and not from a dependency.
    pub fn is_own(&self, object: &Object) -> bool {
        self.shared.settings.include_dependencies || !is_of_dependency(&object.template)
    }

    /// Something is wrong with a field of an object, or with its absence.
    pub fn finding(&mut self, node: &Node<'_>, message: impl Into<String>) -> FindingBuilder<'_> {
        let bytes = node.bytes();
        let missing = if node.is_written() { Vec::new() } else { self.what_would_write(node) };
        let mut builder = self.finding_in(node.object(), &node.field(), bytes, message.into());
        if let Some(finding) = &mut builder.finding {
            finding.related.extend(missing);
        }
        builder
    }

    /// Where a template writes a field that is not there, in a branch that was not taken, and the values keys that the
    /// branch waits for.
    fn what_would_write(&self, node: &Node<'_>) -> Vec<Place> {
        let name = node.name();
        let fields: Vec<&OffField> =
            self.scenario.off_fields().iter().filter(|field| field.name == name).collect();
        let Some(file) = self.scenario.rendered.files.get(node.object().file).filter(|_| !fields.is_empty())
        else {
            return Vec::new();
        };
        // Only templates that wrote a part of the object; of several places the nearest.
        let range = &node.object().range;
        let first = file.runs.partition_point(|run| run.end as usize <= range.start);
        let mut wrote = HashSet::new();
        for run in &file.runs[first..] {
            wrote.extend(self.scenario.rendered.origins.place(run.place).map(|(source, _)| source));
            if run.end as usize >= range.end {
                break;
            }
        }
        let Some(here) = self.scenario.trace(node.object().file, node.bytes()).template else {
            return Vec::new();
        };
        let far = |field: &&&OffField| {
            (field.location.file != here.file, field.location.span.start.abs_diff(here.span.start))
        };
        let candidates = fields.iter().filter(|field| wrote.contains(&field.source));
        let Some(field) = candidates.min_by_key(far) else { return Vec::new() };
        let is_on = |key: &str| self.shared.values_are_true(key);
        let keys: Vec<&String> = field.keys.iter().filter(|key| !is_on(key)).collect();
        if keys.is_empty() {
            return Vec::new();
        }
        let shown: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        let message = format!(
            "written here when {} {}",
            shown.join(" and "),
            if keys.len() == 1 { "is set" } else { "are set" }
        );
        let mut places = vec![Place::new(field.location, Role::Template, message)];
        places.extend(keys.iter().filter_map(|key| {
            let location = self.shared.values_key(key)?;
            Some(Place::new(location, Role::Values, format!("`{key}` keeps it off")))
        }));
        places
    }

    /// Something is wrong with the key of a field.
    pub fn finding_at_key(&mut self, node: &Node<'_>, message: impl Into<String>) -> FindingBuilder<'_> {
        let bytes = node.key_bytes().unwrap_or_else(|| node.bytes());
        self.finding_in(node.object(), &node.field(), bytes, message.into())
    }

    /// Something is wrong with a part of the string that a field is: `part` counts bytes of [`Node::as_str`]. For lines
    /// of configuration files in ConfigMaps. If the string comes from a values file, the line there is shown too.
    pub fn finding_within(
        &mut self,
        node: &Node<'_>,
        part: Range<usize>,
        message: impl Into<String>,
    ) -> FindingBuilder<'_> {
        let text = node.as_str().unwrap_or_default();
        let line = line_around(&text, part.start).to_owned();
        let bytes = node.bytes_within(part);
        let sources = self.shared.sources;
        let mut builder = self.finding_in(node.object(), &node.field(), bytes, message.into());
        if let Some(finding) = &mut builder.finding {
            finding.identity.push_str(&line);
            for place in finding.related.iter_mut().filter(|place| place.role == Role::Values) {
                place.location = narrowed(sources, place.location, &line);
            }
        }
        builder
    }

    /// Something is wrong with what a field shows, and not with the helper that writes it: the place to edit is the call
    /// in the template that has the key of `holder`, which is the field itself or one above it.
    pub fn finding_at_call(
        &mut self,
        node: &Node<'_>,
        holder: &Node<'_>,
        message: impl Into<String>,
    ) -> FindingBuilder<'_> {
        let file = node.object().file;
        let depth = holder.key_bytes().map(|bytes| self.scenario.trace(file, bytes).includes.len());
        let calls = self.scenario.trace(file, node.bytes()).includes;
        let call = depth.and_then(|depth| calls.get(calls.len().checked_sub(depth + 1)?)).map(|call| call.0);
        let call = call.filter(|call| {
            self.shared.settings.include_dependencies || !self.shared.foreign.contains(&call.file)
        });
        let builder = self.finding(node, message);
        let Some(call) = call else { return builder };
        let FindingBuilder { findings, mut finding } = builder;
        if let Some(finding) = &mut finding {
            let related = &mut finding.related;
            related.retain(|place| place.role == Role::Values || place.location != call);
            let written = std::mem::replace(&mut finding.primary, Place::new(call, Role::Template, ""));
            if written.location != call {
                related.push(Place::new(written.location, Role::Include, "written here"));
            }
        }
        FindingBuilder { findings, finding }
    }

    fn finding_in(
        &mut self,
        object: &Object,
        field: &str,
        bytes: Range<usize>,
        message: String,
    ) -> FindingBuilder<'_> {
        if !self.is_own(object) {
            return FindingBuilder { findings: self.findings, finding: None };
        }
        let trace = self.scenario.trace(object.file, bytes.clone());
        let Some((primary, related)) = places(&trace, self.shared) else {
            return FindingBuilder { findings: self.findings, finding: None };
        };
        let object_ref = ObjectRef {
            api_version: object.head.api_version.clone(),
            kind: object.head.kind.clone(),
            namespace: self.index.namespace(object).to_owned(),
            name: object.head.name.clone(),
            field: field.to_owned(),
        };
        let values: Vec<&str> = trace.values.iter().map(|place| place.path.as_str()).collect();
        let identity = format!(
            "{}\0{}\0{}\0{field}\0{}",
            object_ref.kind,
            object_ref.namespace,
            object_ref.name,
            values.join(",")
        );
        let file = self.scenario.rendered.files.get(object.file);
        let rendered = file.map(|file| rendered_lines(&object.template, file, bytes));
        let notes = trace.values.iter().filter_map(ValuePlace::flag_note).collect();
        let mut builder = self.builder(primary, related, message, identity);
        if let Some(finding) = &mut builder.finding {
            finding.notes = notes;
            finding.object = Some(object_ref);
            finding.rendered = rendered;
        }
        builder
    }

    /// Something is wrong with bytes of a rendered file that are no object.
    pub fn finding_in_rendered(
        &mut self,
        file: usize,
        bytes: Range<usize>,
        message: impl Into<String>,
    ) -> FindingBuilder<'_> {
        let Some(rendered) = self.scenario.rendered.files.get(file) else {
            return FindingBuilder { findings: self.findings, finding: None };
        };
        let template = rendered.name.to_utf8().into_owned();
        // What no YAML reader takes breaks the release, whoever wrote it.
        let is_broken = self.spec.id == "yaml-invalid";
        if is_of_dependency(&template) && !self.shared.settings.include_dependencies && !is_broken {
            return FindingBuilder { findings: self.findings, finding: None };
        }
        let trace = self.scenario.trace(file, bytes.clone());
        let Some((primary, related)) = places(&trace, self.shared) else {
            return FindingBuilder { findings: self.findings, finding: None };
        };
        let message = message.into();
        let identity = without_places(&message);
        let lines = rendered_lines(&template, rendered, bytes);
        let notes = trace.values.iter().filter_map(ValuePlace::flag_note).collect();
        let mut builder = self.builder(primary, related, message, identity);
        if let Some(finding) = &mut builder.finding {
            finding.notes = notes;
            finding.rendered = Some(lines);
        }
        builder
    }

    /// Something is wrong at a place in a file of the chart.
    pub fn finding_at(
        &mut self,
        location: Location,
        role: Role,
        message: impl Into<String>,
    ) -> FindingBuilder<'_> {
        let message = message.into();
        let identity = without_places(&message);
        self.builder(Place::new(location, role, ""), Vec::new(), message, identity)
    }

    fn builder(
        &mut self,
        primary: Place,
        related: Vec<Place>,
        message: String,
        identity: String,
    ) -> FindingBuilder<'_> {
        let scenarios = vec![self.scenario_index];
        let finding = new_finding(
            self.spec,
            self.severity,
            self.shared.chart_index,
            scenarios,
            primary,
            related,
            message,
            identity,
        );
        FindingBuilder { findings: self.findings, finding: Some(finding) }
    }
}

impl RuleContext<'_> {
    /// A parameter of the rule.
    pub fn param(&self, name: &str) -> String {
        self.shared.param(self.spec, name)
    }

    /// A parameter of the rule that is a number.
    pub fn number_param(&self, name: &str) -> f64 {
        self.param(name).parse().unwrap_or(0.0)
    }

    /// The cluster that the chart is rendered for.
    pub(crate) fn capabilities(&self) -> &Capabilities {
        &self.shared.settings.capabilities
    }

    /// Whether all templates of the scenario rendered, to documents that can be read: else what an object misses may be
    /// in one that did not, and that one has a finding already.
    pub(crate) fn is_whole(&self) -> bool {
        self.scenario.rendered.errors.is_empty() && self.scenario.unreadable.is_empty()
    }

    /// Whether there is a chart at all, and not only manifests.
    pub(crate) fn is_chart(&self) -> bool {
        self.shared.is_chart
    }

    /// The name of the release.
    pub(crate) fn release_name(&self) -> &str {
        &self.shared.settings.release.name
    }

    /// Whether the objects of dependencies are checked too.
    pub(crate) fn includes_dependencies(&self) -> bool {
        self.shared.settings.include_dependencies
    }

    /// Which of the chart's scenarios this is.
    pub(crate) fn scenario_number(&self) -> usize {
        self.scenario_index
    }

    /// One more render with the default values, to change something of; see [`RuleContext::run`].
    pub(crate) fn probe(&self) -> Probe {
        Probe::new(self.shared.settings)
    }

    /// Renders the chart once more. Costs as much as a scenario: only for what cannot be seen otherwise.
    pub(crate) fn run(&self, probe: Probe) -> Scenario {
        probe.run(self.shared.chart, self.shared.cache)
    }

    /// Where the value of a field came from. Empty for what stands in the template as it is.
    pub fn values_of(&self, node: &Node<'_>) -> Vec<ValuePlace> {
        let bytes = node.value_bytes().unwrap_or_else(|| node.bytes());
        self.scenario.trace(node.object().file, bytes).values
    }

    /// Whether the value of a field comes from a values key: then the one who installs the chart chose it.
    pub fn is_from_values(&self, node: &Node<'_>) -> bool {
        self.values_of(node).iter().any(|value| value.is_values)
    }

    /// Whether a field stands in the template as it is: whoever installs the chart cannot change it. What a helper gives
    /// for the value alone is not: the helper may give something else for other values.
    pub fn is_literal(&self, node: &Node<'_>) -> bool {
        let file = node.object().file;
        let Some(bytes) = node.value_bytes() else { return false };
        let trace = self.scenario.trace(file, bytes);
        let around = node
            .key_bytes()
            .map_or(trace.includes.len(), |key| self.scenario.trace(file, key).includes.len());
        trace.is_text && trace.values.is_empty() && trace.includes.len() <= around
    }

    /// What lies around the chart: documents, CI. Empty with `--no-repo` and for packed charts.
    pub fn repo(&self) -> &Repo {
        self.shared.repo
    }

    /// Where a field of `Chart.yaml` is written, or the start of the file.
    pub fn chart_field(&self, name: &str) -> Location {
        self.shared.chart_field(name)
    }

    /// Where a key of `values.yaml` is written: `image.tag`.
    pub fn values_key(&self, path: &str) -> Option<Location> {
        self.shared.values_key(path)
    }

    /// All files that were read.
    pub fn sources(&self) -> &SourceMap {
        self.shared.sources
    }

    /// An object as messages name it: `Deployment/web`.
    pub fn describe(&self, object: &Object) -> String {
        format!("{}/{}", object.kind(), object.name())
    }

    /// The start of `Chart.yaml`: for what has no better place.
    pub fn chart_yaml(&self) -> Location {
        chart_yaml(self.shared.chart)
    }

    /// A span of a template's source.
    pub fn template_location(&self, name: &Str, span: Span) -> Option<Location> {
        Some(Location { file: self.scenario.sources.file(name)?, span })
    }

    /// The source of a template.
    pub fn template_text(&self, name: &Str) -> Option<Str> {
        Some(self.shared.sources.get(self.scenario.sources.file(name)?)?.bytes().clone())
    }

    /// Whether the template of a branch that was not taken names something like `key`.
    pub fn toggle_mentions(&self, toggle: &Toggle, key: &str) -> bool {
        let key = key.to_ascii_lowercase();
        self.scenario.sources.words(&toggle.template).is_some_and(|words| words.contains(&key))
    }

    /// An object of a kind that the chart has, but does not render with these values; nothing if it renders another one
    /// of that kind.
    pub fn disabled_kind(&self, kind: &str) -> Option<Toggle> {
        let renders_one = self.index.of_kind(kind).iter().any(|object| self.is_own(object));
        self.scenario.toggles.iter().find(|toggle| !renders_one && toggle.kind == kind).cloned()
    }

    /// Whether the templates that wrote a field also have something about `key`: it may be set by other values.
    pub fn may_render(&self, node: &Node<'_>, key: &str) -> bool {
        if !self.shared.is_chart {
            return false;
        }
        let Some(bytes) = node.value_bytes() else { return false };
        let Some(file) = self.scenario.rendered.files.get(node.object().file) else { return false };
        let key = key.to_ascii_lowercase();
        let first = file.runs.partition_point(|run| run.end as usize <= bytes.start);
        let mut seen: Vec<&Str> = Vec::new();
        for run in &file.runs[first..] {
            if let Some((source, _)) = self.scenario.rendered.origins.place(run.place)
                && !seen.contains(&source)
            {
                seen.push(source);
                if self.scenario.sources.words(source).is_some_and(|words| words.contains(&key)) {
                    return true;
                }
            }
            if run.end as usize >= bytes.end {
                break;
            }
        }
        // The field itself comes from values as a whole: then so may anything in it.
        !self.scenario.trace(node.object().file, bytes.clone()).is_text
    }
}

fn chart_yaml(chart: &Chart) -> Location {
    match &chart.chart_yaml {
        Some(document) => Location { file: document.file.source, span: Span::new(0, 0) },
        None => Location { file: FileId(0), span: Span::new(0, 0) },
    }
}

/// `values.yaml` and the values files beside it.
fn values_files(chart: &Chart) -> Vec<ValuesFile> {
    let own = chart.values.as_ref().map(|values| ValuesFile {
        id: values.file.source,
        documents: values.documents.clone(),
        is_example: false,
    });
    let others = chart.files.iter().filter_map(|file| {
        let name = file.name.to_utf8();
        let base = name.rsplit('/').next().unwrap_or_default();
        let is_yaml = base.ends_with(".yaml") || base.ends_with(".yml");
        if !is_yaml || !base.contains("values") {
            return None;
        }
        let read = crate::values::tree::ValuesFile::read(&file.data, file.source).ok()?;
        Some(ValuesFile {
            id: file.source,
            documents: read.documents.into_iter().map(Arc::new).collect(),
            is_example: name.contains('/') || base.contains("example") || base.contains("ci"),
        })
    });
    own.into_iter().chain(others).collect()
}

/// Adds where the templates of a scenario show values, unless a place is known for them.
fn add_value_uses(scenario: &Scenario, uses: &mut Uses) {
    let mut objects: HashMap<usize, Vec<&Object>> = HashMap::new();
    for object in &scenario.objects {
        objects.entry(object.file).or_default().push(object);
    }
    for (number, file) in scenario.rendered.files.iter().enumerate() {
        let objects = objects.get(&number).map(Vec::as_slice).unwrap_or_default();
        let mut start = 0;
        for run in &file.runs {
            let bytes = start..run.end as usize;
            start = run.end as usize;
            if !run.value.is_some() {
                continue;
            }
            let trace = scenario.trace(number, bytes.clone());
            let Some(template) = trace.template else { continue };
            for value in trace.values.iter().filter(|value| value.is_values) {
                let Some(location) = value.location else { continue };
                uses.entry(location).or_insert_with(|| {
                    // The objects of a file are in the order of their documents; those of a list are in one document.
                    let at = objects.partition_point(|object| object.range.end <= bytes.start);
                    let object = objects.get(at).filter(|object| object.range.contains(&bytes.start));
                    let what = match object {
                        Some(object) => format!("rendered here into {}/{}", object.kind(), object.name()),
                        None => "rendered here".to_owned(),
                    };
                    (template, what)
                });
            }
        }
    }
}

/// A values file of the chart.
pub(crate) struct ValuesFile {
    /// The file.
    pub(crate) id: FileId,
    /// What it says.
    pub(crate) documents: Vec<Arc<ValuesTree>>,
    /// For tests or as an example: nobody runs it as it is.
    pub(crate) is_example: bool,
}

impl<'a> ChartContext<'a> {
    /// `values.yaml` and the values files beside it.
    pub(crate) fn values_files(&self) -> &'a [ValuesFile] {
        self.shared.facts.values_files.get_or_init(|| values_files(self.shared.chart))
    }

    /// Where templates show the values of places in values files, and in which object: the first place of each.
    pub(crate) fn value_uses(&self) -> &'a Uses {
        self.shared.facts.value_uses.get_or_init(|| {
            let mut uses = Uses::new();
            self.scenarios.iter().for_each(|scenario| add_value_uses(scenario, &mut uses));
            uses
        })
    }

    /// The chart.
    pub fn chart(&self) -> &'a Chart {
        self.shared.chart
    }

    /// All files that were read.
    pub fn sources(&self) -> &'a SourceMap {
        self.shared.sources
    }

    /// A parameter of the rule.
    pub fn param(&self, name: &str) -> String {
        self.shared.param(self.spec, name)
    }

    /// Why Helm refuses to load the chart.
    pub(crate) fn problems(&self) -> &'a [LoadError] {
        self.shared.problems
    }

    /// One more render with the default values, to change something of; see [`ChartContext::run`].
    pub(crate) fn probe(&self) -> Probe {
        Probe::new(self.shared.settings)
    }

    /// What several renders at once need: see [`Probe::run`].
    pub(crate) fn shared_chart(&self) -> (&'a Arc<Chart>, &'a TreeCache) {
        (self.shared.chart, self.shared.cache)
    }

    /// The charts whose files are checked: the chart, and its dependencies if they are checked too.
    pub(crate) fn charts(&self) -> Vec<&'a Chart> {
        let chart: &'a Chart = self.shared.chart;
        if self.shared.settings.include_dependencies { chart.walk() } else { vec![chart] }
    }

    /// What lies around the chart: documents, CI. Empty with `--no-repo` and for packed charts.
    pub fn repo(&self) -> &'a Repo {
        self.shared.repo
    }

    /// The scenario with the default values, if it could be rendered.
    pub fn default_scenario(&self) -> Option<&'a Scenario> {
        self.scenarios.first().filter(|scenario| scenario.is_rendered())
    }

    /// The chart's own templates that parse, by their names within the chart, in order; those of dependencies left out.
    pub fn templates(&self) -> Vec<Template> {
        let templates = self.shared.facts.templates.get_or_init(|| {
            let mut templates = BTreeMap::new();
            for scenario in self.scenarios {
                for (name, file, tree) in scenario.sources.iter() {
                    if !is_of_dependency(&name.to_utf8()) {
                        templates.entry(name.clone()).or_insert_with(|| (name.clone(), file, tree.clone()));
                    }
                }
            }
            templates.into_values().collect()
        });
        templates.clone()
    }

    /// Where a field of `Chart.yaml` is written, or the start of the file.
    pub fn chart_field(&self, name: &str) -> Location {
        self.shared.chart_field(name)
    }

    /// Where a key of `values.yaml` is written: `image.tag`.
    pub fn values_key(&self, path: &str) -> Option<Location> {
        self.shared.values_key(path)
    }

    /// Something is wrong at a place in a file of the chart.
    pub fn finding(
        &mut self,
        location: Location,
        role: Role,
        message: impl Into<String>,
    ) -> FindingBuilder<'_> {
        let message = message.into();
        let identity = without_places(&message);
        let primary = Place::new(location, role, "");
        let finding = new_finding(
            self.spec,
            self.severity,
            self.shared.chart_index,
            Vec::new(),
            primary,
            Vec::new(),
            message,
            identity,
        );
        FindingBuilder { findings: self.findings, finding: Some(finding) }
    }

    /// The start of a file.
    pub fn start_of(&self, file: FileId) -> Location {
        Location { file, span: Span::new(0, 0) }
    }
}

#[allow(clippy::too_many_arguments)]
fn new_finding(
    spec: &'static Spec,
    severity: Severity,
    chart: usize,
    scenarios: Vec<usize>,
    primary: Place,
    related: Vec<Place>,
    message: String,
    identity: String,
) -> Finding {
    // Who gives the rule another severity has decided that it may pass.
    let always_fails = spec.always_fails && severity == spec.severity;
    let finding = Finding::new(&spec.id, severity, chart, primary, message);
    Finding { scenarios, related, identity, always_fails, ..finding }
}

impl FindingBuilder<'_> {
    /// What to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        if let Some(finding) = &mut self.finding {
            finding.help = Some(help.into());
        }
        self
    }

    /// One more line of explanation.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        if let Some(finding) = &mut self.finding {
            finding.notes.push(note.into());
        }
        self
    }

    /// What stands under the caret of the primary place.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        if let Some(finding) = &mut self.finding {
            finding.primary.message = label.into();
        }
        self
    }

    /// The primary place holds a secret: it is never shown in clear.
    pub fn secret(mut self) -> Self {
        if let Some(finding) = &mut self.finding {
            finding.primary.secret = true;
            if let Some(rendered) = &mut finding.rendered {
                rendered.mask();
            }
        }
        self
    }

    /// A secret that it is about: it is masked wherever it would be shown, in lines around the place too.
    pub fn hide(mut self, secret: &str) -> Self {
        if let Some(finding) = &mut self.finding {
            finding.secrets.push(secret.to_owned());
        }
        self
    }

    /// The values keys that would change it.
    pub fn values_keys(mut self, keys: Vec<(Location, String)>) -> Self {
        if let Some(finding) = &mut self.finding {
            let places =
                keys.into_iter().map(|(location, message)| Place::new(location, Role::Values, message));
            finding.related.extend(places);
        }
        self
    }

    /// Another place that explains it.
    pub fn related(mut self, location: Location, role: Role, message: impl Into<String>) -> Self {
        if let Some(finding) = &mut self.finding {
            finding.related.push(Place::new(location, role, message));
        }
        self
    }

    /// The rendered lines are shown without `--verbose` too.
    pub fn show_rendered(mut self) -> Self {
        if let Some(rendered) = self.finding.as_mut().and_then(|finding| finding.rendered.as_mut()) {
            rendered.always = true;
        }
        self
    }

    /// Not as bad as usual.
    pub fn severity(mut self, severity: Severity) -> Self {
        if let Some(finding) = &mut self.finding {
            finding.severity = severity;
        }
        self
    }

    /// The values keys behind it are what has to change: all findings of the rule with the same keys become one.
    pub fn by_values(mut self) -> Self {
        if let Some(finding) = &mut self.finding {
            let values = finding.related.iter().filter(|place| place.role == Role::Values);
            let mut keys: Vec<String> = values.map(|place| format!("{:?}", place.location)).collect();
            keys.sort();
            finding.cause = (!keys.is_empty()).then(|| keys.join("\0"));
        }
        self
    }

    /// What the finding comes from, if that is not its place: all findings of the rule with this cause become one.
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        if let Some(finding) = &mut self.finding {
            finding.cause = Some(cause.into());
        }
        self
    }

    /// Not as bad as usual, if a condition holds.
    pub fn severity_if(self, condition: bool, severity: Severity) -> Self {
        if condition { self.severity(severity) } else { self }
    }

    /// Something could not be checked: the run fails however bad it is, unless the user has decided on the rule.
    pub fn not_checked(mut self) -> Self {
        if let Some(finding) = &mut self.finding {
            let usual = crate::rules::find(finding.rule).map(|rule| rule.spec().severity);
            finding.always_fails = usual == Some(finding.severity);
        }
        self
    }

    /// Other objects that it is about.
    pub fn also(mut self, objects: Vec<ObjectRef>) -> Self {
        if let Some(finding) = &mut self.finding {
            finding.more_objects = objects;
        }
        self
    }

    /// What identifies the finding besides its rule, if the message is no good for that.
    pub fn identity(mut self, identity: impl Into<String>) -> Self {
        if let Some(finding) = &mut self.finding {
            finding.identity = identity.into();
        }
        self
    }

    /// Reports the finding.
    pub fn report(self) {
        self.findings.extend(self.finding);
    }
}

/// A message without the lines of templates that it names: what is written above moves them, and files are renamed.
fn without_places(message: &str) -> String {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut last = "";
    let words = message.split(' ').filter(|word| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_line = last == "line" && is_number(bare);
        let is_place =
            bare.rsplit_once(':').is_some_and(|(path, line)| path.contains("templates/") && is_number(line));
        last = word;
        !is_line && !is_place
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The line of a text that a byte is in, without the space around it.
fn line_around(text: &str, at: usize) -> &str {
    let at = at.min(text.len());
    let bytes = text.as_bytes();
    let start = bytes[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let end = bytes[at..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |newline| at + newline);
    text.get(start..end).unwrap_or_default().trim()
}

/// The line within a place of several lines that says `line`, if there is exactly one.
fn narrowed(sources: &SourceMap, location: Location, line: &str) -> Location {
    let narrow = || {
        let file = sources.get(location.file)?;
        let text = std::str::from_utf8(file.bytes().get(location.span.range())?).ok()?;
        let (at, _) = text.match_indices(line).next().filter(|_| !line.is_empty())?;
        if !text.contains('\n') || text.match_indices(line).nth(1).is_some() {
            return None;
        }
        let start = location.span.start + u32::try_from(at).ok()?;
        Some(Location { span: Span::new(start, start + u32::try_from(line.len()).ok()?), ..location })
    };
    narrow().unwrap_or(location)
}

/// Whether a template belongs to a subchart: `chart/charts/sub/templates/x.yaml`.
pub(crate) fn is_of_dependency(template: &str) -> bool {
    template.split('/').nth(1) == Some("charts")
}

/// The place to edit, and the places that explain it. The place to edit is the innermost one that belongs to the chart
/// itself: a helper of a library in `charts/` is not the user's to change.
fn places(trace: &Trace, shared: Shared<'_>) -> Option<(Place, Vec<Place>)> {
    let Some(template) = trace.template else {
        // No template wrote it: an object that Kustomize put together.
        let location = trace.values.iter().find_map(|value| value.location)?;
        return Some((Place::new(location, Role::File, ""), Vec::new()));
    };
    let mut chain = vec![(template, Role::Template, String::new())];
    for (location, name) in &trace.includes {
        chain.push((*location, Role::Include, format!("called from here as `{name}`")));
    }
    let own = chain.iter().position(|(location, ..)| {
        shared.settings.include_dependencies || !shared.foreign.contains(&location.file)
    });
    let own = own.unwrap_or(0);
    let mut related = Vec::new();
    let (location, _, _) = chain.remove(own);
    for value in &trace.values {
        if let Some(location) = value.exact_location(shared.sources) {
            related.push(Place::new(location, Role::Values, format!("`{}` is set here", value.path)));
        }
    }
    for literal in &trace.literals {
        let is_within = |place: &Location| {
            place.file == literal.file
                && place.span.start <= literal.span.start
                && literal.span.end <= place.span.end
        };
        // What stands in the action that is shown, or in the call that led to it, needs no line of its own.
        if !is_within(&location) && !chain.iter().any(|(known, ..)| is_within(known)) {
            related.push(Place::new(*literal, Role::Template, "the value comes from here"));
        }
    }
    for (index, (location, role, message)) in chain.into_iter().enumerate() {
        let message = if index < own { "written here".to_owned() } else { message };
        related.push(Place::new(location, role, message));
    }
    Some((Place::new(location, Role::Template, ""), related))
}

/// The rendered lines around bytes.
fn rendered_lines(template: &str, file: &RenderedFile, bytes: Range<usize>) -> RenderedLines {
    let text = file.text.as_slice();
    const CONTEXT: usize = 2;
    const MOST: usize = 8;
    let start = bytes.start.min(text.len());
    let end = bytes.end.clamp(start, text.len());
    let line_start =
        |at: usize| text[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let line_end = |at: usize| {
        text[at..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |newline| at + newline)
    };
    let mut first = line_start(start);
    for _ in 0..CONTEXT {
        first = line_start(first.saturating_sub(1));
    }
    let mut last = line_end(start);
    for _ in 0..MOST {
        if last >= end {
            break;
        }
        last = line_end(last + 1);
    }
    for _ in 0..CONTEXT {
        last = if last < text.len() { line_end(last + 1) } else { last };
    }
    let first_line = file.line_of(first);
    let shown = String::from_utf8_lossy(&text[first..last]).into_owned();
    let span = start - first..end.min(last).max(start) - first;
    RenderedLines { template: template.to_owned(), first_line, text: shown, span, always: false }
}
