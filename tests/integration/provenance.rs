//! Are the places real? Whatever place a rendered scalar names is changed in the chart, and the chart rendered again:
//! the scalar has to change, and whatever else changes has to name the same place.
//!
//! Samples the corpus where it is there, which is not part of the repository. `PROVENANCE_SAMPLES` says how many scalars
//! are tried, `PROVENANCE_SHOW` how many of those that went wrong are printed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use chart_lint::chart::{Chart, File, LoadOptions, Values, load};
use chart_lint::lint::{Settings, default_scenario, pool};
use chart_lint::manifest::Node;
use chart_lint::scenario::Scenario;
use chart_lint::source::{FileId, Location, SourceMap};
use chart_lint::values::tree::ValuesFile;
use rayon::prelude::*;

/// How many scalars are tried when nobody says.
const FEW: usize = 150;

/// What came of a sample.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Outcome {
    /// The place was changed, and the scalar with it.
    Proved,
    /// It names the release or a field of `Chart.yaml`; another release or chart changed it.
    ProvedNamed,
    /// It names something of the cluster or the chart that is not changed here.
    Named,
    /// Any change of the place is refused by the chart: it does not render, or not to YAML.
    Refused,
    /// The place is not such that a small change of it can be made.
    Untried,
    /// The place was changed, and the scalar stayed as it was.
    Unmoved,
    /// No place is named.
    Unknown,
}

#[derive(Default)]
struct Tally {
    outcomes: BTreeMap<Outcome, usize>,
    /// Other scalars that changed and name the place, and that do not.
    others: [usize; 2],
    /// Of those that changed because a values key did: those that name the key, and those that do not.
    keys: [usize; 2],
    /// What went wrong, for people.
    wrong: Vec<String>,
}

impl Tally {
    fn add(mut self, other: Tally) -> Tally {
        for (outcome, count) in other.outcomes {
            *self.outcomes.entry(outcome).or_default() += count;
        }
        for index in 0..2 {
            self.others[index] += other.others[index];
            self.keys[index] += other.keys[index];
        }
        self.wrong.extend(other.wrong);
        self
    }

    fn count(&self, outcome: Outcome) -> usize {
        self.outcomes.get(&outcome).copied().unwrap_or(0)
    }
}

/// The same numbers on every machine and in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }
}

/// A scalar of a rendered object.
struct Scalar {
    file: usize,
    /// The name of the template, the number of the object in it, and the field.
    id: (String, usize, String),
    bytes: Range<usize>,
}

fn scalars(scenario: &Scenario) -> Vec<Scalar> {
    let mut found = Vec::new();
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for object in &scenario.objects {
        let number = numbers.entry(&object.template).or_default();
        *number += 1;
        let mut pending = vec![object.root()];
        while let Some(node) = pending.pop() {
            let below: Vec<Node<'_>> =
                node.entries().into_iter().map(|(_, node)| node).chain(node.items()).collect();
            if below.is_empty() {
                if let Some(bytes) = node.value_bytes().filter(|bytes| !bytes.is_empty()) {
                    let id = (object.template.clone(), *number, node.field());
                    found.push(Scalar { file: object.file, id, bytes });
                }
            } else {
                pending.extend(below.into_iter().rev());
            }
        }
    }
    found
}

fn text<'s>(scenario: &'s Scenario, scalar: &Scalar) -> &'s [u8] {
    &scenario.rendered.files[scalar.file].text[scalar.bytes.clone()]
}

/// The pieces of a scalar that were written at once.
fn pieces(scenario: &Scenario, scalar: &Scalar) -> Vec<Range<usize>> {
    let runs = &scenario.rendered.files[scalar.file].runs;
    let mut start = scalar.bytes.start;
    let mut pieces = Vec::new();
    for run in &runs[runs.partition_point(|run| run.end as usize <= start)..] {
        let end = (run.end as usize).min(scalar.bytes.end);
        pieces.push(start..end);
        start = end;
        if start >= scalar.bytes.end {
            break;
        }
    }
    pieces
}

/// Whether a scalar names a place.
fn names(scenario: &Scenario, scalar: &Scalar, place: Location) -> bool {
    let touches = |known: &Location| {
        known.file == place.file && known.span.start < place.span.end && place.span.start < known.span.end
    };
    pieces(scenario, scalar).into_iter().any(|piece| {
        let trace = scenario.trace(scalar.file, piece);
        trace.template.iter().any(touches)
            || trace.literals.iter().any(touches)
            || trace.values.iter().any(|value| value.location.as_ref().is_some_and(touches))
            || trace.includes.iter().any(|(location, _)| touches(location))
    })
}

/// What a chart is made of, with bytes of one file replaced.
fn edited(chart: &Chart, place: Location, new: &[u8]) -> Option<Chart> {
    let replaced = |file: &File| {
        let mut data = file.data.to_vec();
        data.splice(place.span.range(), new.iter().copied());
        File { data: data.into(), ..file.clone() }
    };
    let mut chart = chart.clone();
    for file in chart.templates.iter_mut().chain(&mut chart.files) {
        if file.source == place.file {
            *file = replaced(file);
            return Some(chart);
        }
    }
    if let Some(values) = &chart.values
        && values.file.source == place.file
    {
        let file = replaced(&values.file);
        let documents = ValuesFile::read(&file.data, file.source).ok()?.documents;
        chart.values = Some(Values { file, documents: documents.into_iter().map(Arc::new).collect() });
        return Some(chart);
    }
    for index in 0..chart.dependencies.len() {
        if let Some(dependency) = edited(&chart.dependencies[index], place, new) {
            chart.dependencies[index] = Arc::new(dependency);
            return Some(chart);
        }
    }
    None
}

fn other(byte: u8) -> u8 {
    match byte {
        b'9' => b'8',
        b'z' => b'y',
        b'Z' => b'Y',
        byte => byte + 1,
    }
}

/// Changes of a scalar of a values file, the most likely first.
fn values_edits(old: &[u8]) -> Vec<Vec<u8>> {
    let swapped = |at: usize| {
        let mut new = old.to_vec();
        new[at] = other(new[at]);
        new
    };
    match old {
        b"{}" => return vec![b"{zz: zz}".to_vec()],
        b"[]" => return vec![b"[zz]".to_vec()],
        b"\"\"" | b"''" => return vec![b"zz".to_vec(), b"7".to_vec(), b"true".to_vec()],
        b"true" => return vec![b"false".to_vec()],
        b"false" => return vec![b"true".to_vec()],
        b"null" | b"~" | b"" => return vec![b" zz".to_vec(), b" 7".to_vec()],
        [b'{' | b'[', ..] => return Vec::new(),
        _ => {}
    }
    let from = match old[0] {
        b'|' | b'>' => old.iter().position(|&byte| byte == b'\n').unwrap_or(0),
        _ => 0,
    };
    let good: Vec<usize> = (from..old.len())
        .filter(|&at| old[at].is_ascii_alphanumeric() && (at == 0 || old[at - 1] != b'\\'))
        .collect();
    let Some((&first, &last)) = good.first().zip(good.last()) else { return Vec::new() };
    let is_number = old.iter().all(u8::is_ascii_digit);
    if is_number {
        return vec![swapped(last)];
    }
    let mut edits = vec![swapped(good[good.len() / 2]), swapped(last), swapped(first)];
    edits.dedup();
    edits
}

/// Changes of a part of a template.
fn template_edits(old: &[u8]) -> Vec<Vec<u8>> {
    if old.starts_with(b"{{") {
        // What an action makes of nothing but itself.
        return vec![b"zz".to_vec(), b"77".to_vec(), b"\"zz\"".to_vec(), b"true".to_vec()];
    }
    let good: Vec<usize> = (0..old.len()).filter(|&at| old[at].is_ascii_alphanumeric()).collect();
    let tries = [good.len() / 2, good.len().saturating_sub(1), 0];
    let mut edits: Vec<Vec<u8>> = tries
        .iter()
        .filter_map(|&index| {
            let mut new = old.to_vec();
            let at = *good.get(index)?;
            new[at] = other(new[at]);
            Some(new)
        })
        .collect();
    edits.dedup();
    edits
}

struct Lab<'a> {
    chart: Arc<Chart>,
    sources: &'a SourceMap,
    settings: &'a Settings,
    scenario: Scenario,
}

impl Lab<'_> {
    fn source(&self, place: Location) -> Vec<u8> {
        let file = self.sources.get(place.file);
        file.and_then(|file| file.bytes().get(place.span.range()).map(<[u8]>::to_vec)).unwrap_or_default()
    }

    /// Tries a byte of a scalar.
    fn try_byte(&self, scalar: &Scalar, at: usize, dice: &mut Dice, tally: &mut Tally) -> Outcome {
        let trace = self.scenario.trace(scalar.file, at..at + 1);
        let in_files: Vec<Location> = trace
            .values
            .iter()
            .filter(|value| value.is_values)
            .filter_map(|value| value.exact_location(self.sources))
            .collect();
        let (place, is_values) = if let Some(template) = trace.template.filter(|_| trace.is_text) {
            (template, false)
        } else if !in_files.is_empty() {
            (in_files[dice.below(in_files.len())], true)
        } else if let Some(named) = trace.values.first() {
            return self.try_named(scalar, &named.path, tally);
        } else if !trace.literals.is_empty() {
            (trace.literals[dice.below(trace.literals.len())], false)
        } else if let Some(template) = trace.template {
            (template, false)
        } else {
            tally.wrong.push(self.describe("unknown", scalar, None));
            return Outcome::Unknown;
        };
        let old = self.source(place);
        if trace.is_text && old != self.scenario.rendered.files[scalar.file].text[at..at + 1] {
            tally.wrong.push(self.describe("other text", scalar, Some(place)));
            return Outcome::Unmoved;
        }
        let is_line = trace.values.iter().any(|value| value.line.is_some());
        let edits = if is_values && !is_line { values_edits(&old) } else { template_edits(&old) };
        let mut outcome = if edits.is_empty() { Outcome::Untried } else { Outcome::Refused };
        for edit in edits {
            let Some(chart) = edited(&self.chart, place, &edit) else { continue };
            let after = default_scenario(&Arc::new(chart), self.settings);
            if after.failure.is_some()
                || after.rendered.errors.len() > self.scenario.rendered.errors.len()
                || after.unreadable.len() > self.scenario.unreadable.len()
            {
                continue;
            }
            if self.compare(scalar, place, is_values, &after, tally) {
                return Outcome::Proved;
            }
            outcome = Outcome::Unmoved;
        }
        if outcome == Outcome::Unmoved {
            tally.wrong.push(self.describe("unmoved", scalar, Some(place)));
        }
        outcome
    }

    /// Tries a scalar that shows something of the release or of `Chart.yaml`.
    fn try_named(&self, scalar: &Scalar, name: &str, tally: &mut Tally) -> Outcome {
        let mut settings = Settings { repo: false, ..Settings::default() };
        let mut chart = (*self.chart).clone();
        match name {
            ".Release.Name" => "sample-release".clone_into(&mut settings.release.name),
            ".Release.Namespace" => "sample-namespace".clone_into(&mut settings.release.namespace),
            ".Chart.Version" => "77.77.77".clone_into(&mut chart.metadata.version),
            ".Chart.AppVersion" => "77.77.77".clone_into(&mut chart.metadata.app_version),
            _ => return Outcome::Named,
        }
        let after = default_scenario(&Arc::new(chart), &settings);
        let new = scalars(&after).into_iter().find(|new| new.id == scalar.id);
        match new {
            Some(new) if text(&after, &new) != text(&self.scenario, scalar) => Outcome::ProvedNamed,
            // The field itself may have the name in its path, and a subchart has a version of its own.
            None => Outcome::ProvedNamed,
            Some(_) if scalar.id.0.contains("/charts/") => Outcome::Named,
            Some(_) => {
                tally.wrong.push(self.describe(&format!("unmoved by {name}"), scalar, None));
                Outcome::Unmoved
            }
        }
    }

    /// Whether the scalar changed. Counts what else did.
    fn compare(
        &self,
        scalar: &Scalar,
        place: Location,
        is_values: bool,
        after: &Scenario,
        tally: &mut Tally,
    ) -> bool {
        let new: BTreeMap<_, _> =
            scalars(after).into_iter().map(|scalar| (scalar.id.clone(), scalar)).collect();
        let differs =
            |old: &Scalar| new.get(&old.id).is_none_or(|new| text(after, new) != text(&self.scenario, old));
        if !differs(scalar) {
            return false;
        }
        let before = scalars(&self.scenario);
        // Another branch was taken: what changes by that is not made of the value.
        let same_shape = before.len() == new.len() && before.iter().all(|old| new.contains_key(&old.id));
        if !same_shape {
            return true;
        }
        for old in before.iter().filter(|old| old.id != scalar.id && differs(old)) {
            let known = names(&self.scenario, old, place);
            let index = usize::from(!known);
            tally.others[index] += 1;
            if is_values {
                tally.keys[index] += 1;
            }
            if !known {
                tally.wrong.push(self.describe("changed too", old, Some(place)));
            }
        }
        if is_values {
            tally.keys[0] += 1;
        }
        true
    }

    fn describe(&self, what: &str, scalar: &Scalar, place: Option<Location>) -> String {
        let shown: String = String::from_utf8_lossy(text(&self.scenario, scalar)).chars().take(60).collect();
        let place = place.map_or_else(String::new, |place| {
            let source: String = String::from_utf8_lossy(&self.source(place)).chars().take(60).collect();
            format!(" {} {source:?}", self.sources.describe(place))
        });
        format!("{what}: {} {} {shown:?}{place}", scalar.id.0, scalar.id.2)
    }
}

pub(crate) fn corpus() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/charts");
    // Reports name files without `..`.
    let Ok(entries) = std::fs::canonicalize(folder).and_then(std::fs::read_dir) else { return Vec::new() };
    let mut charts: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    charts.sort();
    charts
}

pub(crate) fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn sample(path: &std::path::Path, seed: usize, wanted: usize) -> Tally {
    let mut tally = Tally::default();
    let sources = SourceMap::new();
    let settings = Settings { repo: false, ..Settings::default() };
    let Ok(loaded) = load(&path.to_string_lossy(), &LoadOptions::default(), &sources) else { return tally };
    let scenario = default_scenario(&loaded.chart, &settings);
    let all = scalars(&scenario);
    let lab = Lab { chart: loaded.chart, sources: &sources, settings: &settings, scenario };
    let mut dice = Dice(seed as u64);
    for _ in 0..if all.is_empty() { 0 } else { wanted } {
        let scalar = &all[dice.below(all.len())];
        let rendered = text(&lab.scenario, scalar);
        let good: Vec<usize> =
            (0..rendered.len()).filter(|&at| rendered[at].is_ascii_alphanumeric()).collect();
        // `{}` and `""` have no letters.
        let at = if good.is_empty() { 0 } else { good[dice.below(good.len())] };
        let outcome = lab.try_byte(scalar, scalar.bytes.start + at, &mut dice, &mut tally);
        *tally.outcomes.entry(outcome).or_default() += 1;
    }
    tally
}

#[test]
#[allow(clippy::print_stderr)]
fn what_a_scalar_names_is_what_changes_it() {
    let charts = corpus();
    if charts.is_empty() {
        return;
    }
    let wanted = number("PROVENANCE_SAMPLES", FEW);
    let tally = pool(0).expect("threads can be started").install(|| {
        charts
            .par_iter()
            .enumerate()
            // As many from each chart as from any other, give or take one.
            .map(|(index, path)| {
                let (before, after) = (wanted * index / charts.len(), wanted * (index + 1) / charts.len());
                sample(path, index, after - before)
            })
            .reduce(Tally::default, Tally::add)
    });
    for line in tally.wrong.iter().take(number("PROVENANCE_SHOW", 0)) {
        eprintln!("{line}");
    }
    let total: usize = tally.outcomes.values().sum();
    let share = |count: usize, of: usize| 100.0 * count as f64 / of.max(1) as f64;
    for (outcome, count) in &tally.outcomes {
        eprintln!("{outcome:?}: {count} of {total}, {:.2} %", share(*count, total));
    }
    let [known, unknown] = tally.others;
    eprintln!("changed too: {known} name the place, {unknown} do not");
    let [known, unknown] = tally.keys;
    eprintln!("made of .Values: {:.2} % of {} name the key", share(known, known + unknown), known + unknown);
    let proved = tally.count(Outcome::Proved) + tally.count(Outcome::ProvedNamed);
    let tried = proved + tally.count(Outcome::Unmoved);
    assert!(share(tally.count(Outcome::Unknown), total) <= 1.0, "too many scalars name no place");
    assert!(share(tally.count(Outcome::Unmoved), tried) <= 2.0, "too many scalars name a wrong place");
    assert!(share(known, known + unknown) >= 95.0, "too many values lose their key");
}

/// The id of a file is all that tells whether it is the one to edit.
#[test]
fn an_edit_changes_one_file() {
    let sources = SourceMap::new();
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/charts/shop");
    let chart = load(&path.to_string_lossy(), &LoadOptions::default(), &sources).expect("it loads").chart;
    let nowhere = Location { file: FileId::NONE, span: Default::default() };
    assert!(edited(&chart, nowhere, b"x").is_none());
    let file = chart.values.as_ref().expect("it has values").file.source;
    let start = Location { file, span: Default::default() };
    let changed = edited(&chart, start, b"zz: 1\n").expect("it can be edited");
    assert!(changed.values.expect("it has values").file.data.starts_with(b"zz: 1\n"));
}
