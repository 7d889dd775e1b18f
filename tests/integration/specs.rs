//! The rules' specifications: every example is linted, and has findings on exactly the lines that are marked.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use chart_lint::lint::{Settings, lint_chart, pool};
use chart_lint::rules::RULES;
use chart_lint::source::SourceMap;
use chart_lint::spec::{Example, expected_lines};
use chart_lint_yaml::{Target, Value, decode};

const CHART_YAML: &str = "apiVersion: v2\nname: example\nversion: 1.0.0\n";

/// A line of a file.
type Line = (String, usize);

fn lint(pool: &rayon::ThreadPool, example: &Example, id: &str) -> Vec<(Line, String)> {
    let folder = tempfile::tempdir().expect("there is room for a few files");
    let root = folder.path().join("example");
    write(&root, "Chart.yaml", CHART_YAML);
    for (name, text) in &example.files {
        write(&root, name, text);
    }
    let sources = SourceMap::new();
    let path = root.to_string_lossy().into_owned();
    let mut settings = Settings::default();
    if let Some((_, text)) = example.files.iter().find(|(name, _)| name == ".chart-lint.yaml") {
        settings.params = params(text);
    }
    let result = pool.install(|| lint_chart(&path, 0, &settings, &sources));
    let result = result.unwrap_or_else(|error| panic!("the example of {id} does not load: {error}"));
    let mut found = Vec::new();
    for finding in result.findings.into_iter().filter(|finding| finding.rule == id) {
        let place = |location| {
            let file = sources.get(location_file(location)).expect("places are in files that were read");
            let name = file.path().trim_start_matches(&path).trim_start_matches('/').to_owned();
            (name, sources.position(location).expect("it has a position").line as usize)
        };
        found.push((place(finding.primary.location), finding.message));
    }
    found.sort();
    found
}

/// The parameters that the configuration of an example sets.
fn params(text: &str) -> HashMap<(String, String), String> {
    let tree = decode(text.as_bytes(), Target::Map).expect("the configuration is YAML");
    let entries = |value: Option<Value<'_>>| -> Vec<(String, u32)> {
        let map = value.and_then(Value::as_map);
        let entries = map.into_iter().flat_map(|map| map.iter());
        entries.map(|entry| (String::from_utf8_lossy(entry.key).into_owned(), entry.value.id())).collect()
    };
    let mut params = HashMap::new();
    for (rule, value) in entries(tree.root().get(b"rules")) {
        let value = tree.value(value).and_then(|value| value.get(b"params"));
        for (name, value) in entries(value) {
            let text = tree.value(value).and_then(|value| value.to_string_field()).expect("it is a scalar");
            params.insert((rule.clone(), name), String::from_utf8_lossy(&text).into_owned());
        }
    }
    params
}

fn location_file(location: chart_lint::source::Location) -> chart_lint::source::FileId {
    location.file
}

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("the folder can be made");
    std::fs::write(path, text).expect("the file can be written");
}

#[test]
fn examples_have_exactly_the_findings_that_are_marked() {
    let mut wrong = Vec::new();
    let pool = pool(1).expect("there is room for a thread");
    // `SPEC=<part of an id>` runs only some: for the one who writes them.
    let only = std::env::var("SPEC").unwrap_or_default();
    for rule in RULES.iter().filter(|rule| rule.spec().id.contains(&only)) {
        let spec = rule.spec();
        let examples = spec.examples();
        for bad in [true, false] {
            if !examples.iter().any(|example| example.bad == bad) {
                wrong.push(format!(
                    "rules/{}.md has no {} example",
                    spec.id,
                    if bad { "bad" } else { "good" }
                ));
            }
        }
        for example in &examples {
            let expected: BTreeSet<Line> = example
                .files
                .iter()
                .flat_map(|(name, text)| {
                    let marks = expected_lines(text).into_iter().filter(|(_, id)| *id == spec.id);
                    marks.map(|(line, _)| (name.clone(), line))
                })
                .collect();
            let findings = lint(&pool, example, &spec.id);
            let found: BTreeSet<Line> = findings.iter().map(|(line, _)| line.clone()).collect();
            if example.bad && expected.is_empty() {
                wrong.push(format!("a bad example of rules/{}.md marks no line", spec.id));
            }
            if found != expected {
                let kind = if example.bad { "bad" } else { "good" };
                wrong.push(format!(
                    "rules/{}.md, {kind} example {:?}:\n  marked {expected:?}\n  found  {findings:#?}",
                    spec.id, example.title
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_specification_has_a_rule_and_every_rule_a_specification() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut specs: Vec<String> = std::fs::read_dir(folder)
        .expect("there is a folder of specifications")
        .flatten()
        .filter_map(|entry| entry.file_name().to_string_lossy().strip_suffix(".md").map(str::to_owned))
        .filter(|name| name != "README" && name != "TEMPLATE")
        .collect();
    specs.sort();
    let ids: Vec<String> = RULES.iter().map(|rule| rule.spec().id.clone()).collect();
    let mut sorted = ids.clone();
    sorted.sort();
    assert_eq!(ids, sorted, "RULES is in order of id");
    assert_eq!(specs, ids, "rules/*.md and RULES in src/rules/mod.rs name the same rules");
}
