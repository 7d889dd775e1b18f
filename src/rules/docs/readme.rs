//! `production-readiness-disclaimer`, `readme-command-invalid`

use std::collections::BTreeSet;

use super::words::{Document, documents};
use crate::finding::Role;
use crate::payload::lines;
use crate::rules::{ChartContext, Rule};
use crate::source::{Location, Span};
use crate::spec::Spec;
use crate::values::tree::{KeyPath, NodeIndex, PathStep};

fn location(document: &Document<'_>, span: std::ops::Range<usize>) -> Location {
    let at = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
    Location { file: document.source, span: Span::new(at(span.start), at(span.end)) }
}

/// The README in the chart's own folder: one further up may be about other charts.
fn own_readme<'a>(cx: &ChartContext<'a>) -> Option<Document<'a>> {
    let folders = cx.repo().root.as_ref().and_then(|root| {
        let chart = cx.chart().chart_yaml.as_ref()?;
        let shown = cx.sources().path(chart.file.source);
        let folder = std::path::Path::new(&shown).parent()?.canonicalize().ok()?;
        Some(folder.strip_prefix(root).ok()?.to_string_lossy().into_owned())
    });
    let folder = folders.unwrap_or_default();
    documents(cx.chart(), cx.repo()).into_iter().find(|document| {
        let parent = document.name.rsplit_once('/').map_or("", |(parent, _)| parent);
        document.is_readme() && parent == folder
    })
}

pub(super) struct ProductionReadinessDisclaimer;

impl Rule for ProductionReadinessDisclaimer {
    fn spec(&self) -> &'static Spec {
        spec!("production-readiness-disclaimer")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        const PHRASES: &[&str] = &[
            "work in progress", "not production ready", "not production-ready", "not ready for production", "not yet ready for production",
            "not for production", "do not use in production", "don't use in production", "not intended for production", "not recommended for production", "not suitable for production",
        ];
        let version = &cx.chart().metadata.version;
        let is_released = version.split('.').next().and_then(|major| major.trim_start_matches('v').parse::<u64>().ok()).is_some_and(|major| major >= 1);
        let Some(readme) = own_readme(cx).filter(|_| is_released) else { return };
        // Further down it is about a single setting.
        const BEGINNING: usize = 40;
        let found = lines(&readme.text).take(BEGINNING).find_map(|(span, line)| {
            let lower = line.to_ascii_lowercase();
            let phrase = PHRASES.iter().find(|phrase| lower.contains(**phrase))?;
            let at = span.start + lower.find(*phrase)?;
            Some((at..at + phrase.len(), *phrase))
        });
        let version = version.clone();
        if let Some((span, phrase)) = found {
            let message = format!("the README says \"{phrase}\", and the version of the chart is {version}");
            let help = "versions from 1.0.0 promise a stable chart: say what is not ready, or use 0.x";
            cx.finding(location(&readme, span), Role::File, message).help(help).report();
        }
    }
}

pub(super) struct ReadmeCommandInvalid;

impl Rule for ReadmeCommandInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("readme-command-invalid")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let Some(readme) = own_readme(cx).filter(|_| cx.chart().metadata.chart_type != "library") else { return };
        let known = KnownKeys::read(cx);
        // What `.helmignore` leaves out of the chart is still in its folder.
        let names = cx.chart().files.iter().map(|file| &file.name).chain(cx.chart().skipped.iter().map(|skipped| &skipped.name));
        let files: BTreeSet<String> = names.map(|name| name.to_utf8().into_owned()).collect();
        let has_overlays = files.iter().any(|file| crate::lint::is_overlay(file) && !file.contains('/'));
        let mut in_code = false;
        let mut in_command = false;
        let mut reported = BTreeSet::new();
        for (span, line) in lines(&readme.text) {
            let trimmed = line.trim();
            if trimmed.starts_with("```") {
                in_code = !in_code;
                in_command = false;
                continue;
            }
            if !in_code && !line.starts_with("    ") && !line.starts_with('\t') {
                continue;
            }
            let starts = ["helm install", "helm upgrade", "helm template"].iter().any(|command| trimmed.contains(command));
            in_command = starts || in_command;
            if in_command {
                let words: Vec<&str> = line.split_whitespace().collect();
                for pair in words.windows(2) {
                    let start = span.start + (pair[1].as_ptr() as usize - line.as_ptr() as usize);
                    let place = location(&readme, start..start + pair[1].len());
                    let argument = pair[1].trim_matches(['"', '\'']);
                    let problem = match pair[0] {
                        "--set" | "--set-string" | "--set-file" => unknown_key(&known, argument),
                        "-f" | "--values" => missing_file(argument, &files, has_overlays),
                        _ => None,
                    };
                    if let Some(message) = problem.filter(|message| reported.insert(message.clone())) {
                        let help = "put the README right: who copies the command gets something else than it says";
                        cx.finding(place, Role::File, message).help(help).report();
                    }
                }
            }
            in_command = in_command && trimmed.ends_with('\\');
        }
    }
}

/// What is wrong with the argument of `--set`.
fn unknown_key(known: &KnownKeys, argument: &str) -> Option<String> {
    // Words that stand for what the reader wants to set.
    const EXAMPLES: &[&str] = &["key", "value", "path.to", "foo", "bar", "param", "parameter", "name"];
    for assignment in argument.split(',') {
        let (key, value) = assignment.split_once('=')?;
        let is_example = EXAMPLES.iter().any(|word| key.starts_with(word) && value.trim_end_matches(|c: char| c.is_ascii_digit()).ends_with("value"))
            || key.starts_with("path.to")
            || key.starts_with("key");
        if is_example {
            return None;
        }
        let is_plain = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        if is_plain && !known.has(key) {
            return Some(format!("`--set {key}` sets a key that the chart does not have"));
        }
    }
    None
}

/// What is wrong with the argument of `-f`: a file in a folder of the chart, or one like others that it has.
fn missing_file(argument: &str, files: &BTreeSet<String>, has_overlays: bool) -> Option<String> {
    let name = argument.trim_start_matches("./");
    let name = name.strip_prefix("chart/").unwrap_or(name);
    let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    let is_plain = is_yaml && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte));
    let (folder, _) = name.rsplit_once('/').unwrap_or(("", name));
    // Other names are for files that the reader writes himself.
    let is_of_chart = if folder.is_empty() {
        has_overlays && crate::lint::is_overlay(name)
    } else {
        !folder.starts_with('/') && files.iter().any(|file| file.starts_with(&format!("{folder}/")))
    };
    (is_plain && is_of_chart && !files.contains(name)).then(|| format!("there is no file `{argument}` in the chart"))
}

/// The keys that a chart has, by its values files, its schema, its dependencies and its templates.
struct KnownKeys {
    paths: BTreeSet<String>,
    /// Keys with a scalar, an empty mapping or a list: anything may be below.
    open: BTreeSet<String>,
    dependencies: BTreeSet<String>,
    /// The sources of templates and schema, in which a key may stand as a word.
    sources: String,
}

impl KnownKeys {
    fn read(cx: &ChartContext<'_>) -> KnownKeys {
        let chart = cx.chart();
        let mut known = KnownKeys {
            paths: BTreeSet::new(),
            open: BTreeSet::new(),
            dependencies: BTreeSet::from(["global".to_owned(), "tags".to_owned()]),
            sources: String::new(),
        };
        for tree in chart.values.iter().flat_map(|values| &values.documents) {
            for index in 0..tree.len() as u32 {
                let KeyPath(steps) = tree.path(NodeIndex(index));
                let names: Option<Vec<String>> = steps
                    .iter()
                    .map(|step| match step {
                        PathStep::Key(key) => Some(key.to_utf8().into_owned()),
                        PathStep::Index(_) => None,
                    })
                    .collect();
                if let Some(names) = names {
                    known.paths.insert(names.join("."));
                }
            }
        }
        let parents: BTreeSet<String> =
            known.paths.iter().filter_map(|path| Some(path.rsplit_once('.')?.0.to_owned())).collect();
        known.open = known.paths.iter().filter(|path| !parents.contains(*path)).cloned().collect();
        for dependency in chart.metadata.dependencies.iter().flatten().flatten() {
            known.dependencies.insert(dependency.name.clone());
            known.dependencies.insert(dependency.alias.clone());
        }
        known.dependencies.extend(chart.dependencies.iter().map(|dependency| dependency.name().to_owned()));
        for (_, file, _) in cx.templates() {
            if let Some(source) = cx.sources().get(file) {
                known.sources.push_str(&source.bytes().to_utf8());
            }
        }
        for file in chart.own_files() {
            if let Some(source) = cx.sources().get(file)
                && source.path().ends_with("values.schema.json")
            {
                known.sources.push_str(&source.bytes().to_utf8());
            }
        }
        known
    }

    fn has(&self, key: &str) -> bool {
        let first = key.split('.').next().unwrap_or(key);
        if self.dependencies.contains(first) || self.paths.contains(key) || self.paths.is_empty() {
            return true;
        }
        let mut prefix = key;
        while let Some((shorter, _)) = prefix.rsplit_once('.') {
            if self.open.contains(shorter) {
                return true;
            }
            prefix = shorter;
        }
        let last = key.rsplit('.').next().unwrap_or(key);
        // Templates may read what the values file does not name.
        self.sources.contains(last)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::missing_file;

    #[test]
    fn files_of_the_reader_are_not_missed() {
        let files: BTreeSet<String> = ["ci/a-values.yaml", "values.production.yaml"].map(str::to_owned).into();
        assert!(missing_file("ci/b-values.yaml", &files, true).is_some());
        assert!(missing_file("values.staging.yaml", &files, true).is_some());
        for fine in ["ci/a-values.yaml", "my-values.yaml", "values.yaml", "other/x.yaml", "<file>.yaml", "/tmp/x.yaml"] {
            assert_eq!(missing_file(fine, &files, true), None, "{fine}");
        }
    }
}
