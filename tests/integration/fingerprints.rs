//! A baseline knows its findings again: whatever is moved about in a chart without being changed, nothing is new.

use std::path::{Path, PathBuf};

use crate::cli::{chart_lint, stderr, stdout};

const CHARTS: &[&str] =
    &["fingerprints/chart", "charts/shop", "shapes/failing-beside-good/chart", "shapes/formats/chart"];

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("it is a folder") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let copy = to.join(file.strip_prefix(from).expect("it is in the folder"));
        std::fs::create_dir_all(copy.parent().expect("it is in a folder")).expect("the folder can be made");
        std::fs::copy(file, copy).expect("the file can be copied");
    }
}

fn edit(file: &Path, change: impl Fn(&str) -> String) {
    let text = std::fs::read_to_string(file).expect("it is text");
    std::fs::write(file, change(&text)).expect("the file can be written");
}

fn is_template(file: &Path) -> bool {
    file.components().any(|part| part.as_os_str() == "templates")
}

fn ends(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|found| found == extension)
}

fn is_values(file: &Path) -> bool {
    !is_template(file) && file.file_name().is_some_and(|name| name.to_string_lossy().contains("values"))
}

/// A line on top of every file, so that all others move.
fn comments(chart: &Path) {
    for file in files(chart) {
        if is_template(&file) {
            edit(&file, |text| match ends(&file, "yaml") && !text.starts_with("{{-") {
                true => format!("# looked at\n{text}"),
                false => format!("{{{{- /* looked at */}}}}\n{text}"),
            });
        } else if is_values(&file) {
            edit(&file, |text| format!("# looked at\n{text}"));
        }
    }
}

/// Other names for all templates; partials stay partials.
fn names(chart: &Path) {
    for file in files(chart).into_iter().filter(|file| is_template(file) && !ends(file, "txt")) {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let other = match name.strip_prefix('_') {
            Some(rest) => format!("_other-{rest}"),
            None => format!("other-{name}"),
        };
        std::fs::rename(&file, file.with_file_name(other)).expect("it can be renamed");
    }
}

/// The top-level keys of values files from the last to the first, each with the comments above it.
fn values(chart: &Path) {
    for file in files(chart).into_iter().filter(|file| is_values(file) && ends(file, "yaml")) {
        edit(&file, |text| {
            let mut blocks: Vec<String> = Vec::new();
            let mut above = String::new();
            for line in text.split_inclusive('\n') {
                match line.chars().next() {
                    Some('#' | '\n') | None => above.push_str(line),
                    Some(' ' | '-') => {
                        let block = blocks.last_mut().expect("a key comes first");
                        block.push_str(&std::mem::take(&mut above));
                        block.push_str(line);
                    }
                    Some(_) => blocks.push(std::mem::take(&mut above) + line),
                }
            }
            blocks.into_iter().rev().collect::<String>() + &above
        });
    }
}

/// `kind` before `apiVersion`.
fn keys(chart: &Path) {
    for file in files(chart).into_iter().filter(|file| is_template(file)) {
        edit(&file, |text| {
            let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
            for at in 1..lines.len() {
                if lines[at - 1].starts_with("apiVersion: ") && lines[at].starts_with("kind: ") {
                    lines.swap(at - 1, at);
                }
            }
            lines.concat()
        });
    }
}

#[test]
fn what_is_moved_about_is_not_new() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let changes: &[(&str, &[fn(&Path)])] = &[
        ("comments", &[comments]),
        ("names", &[names]),
        ("values", &[values]),
        ("keys", &[keys]),
        ("all", &[comments, names, values, keys]),
    ];
    for name in CHARTS {
        for (what, change) in changes {
            let folder = tempfile::tempdir().expect("there is room for a few files");
            let root = folder.path();
            let chart = root.join("chart");
            copy(&fixtures.join(name), &chart);
            let flags = ["chart", "--no-config", "--profile", "strict", "--no-repo"];
            let output = chart_lint(root, &[&flags[..], &["--write-baseline", "base.json"]].concat());
            assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
            change.iter().for_each(|change| change(&chart));
            let output =
                chart_lint(root, &[&flags[..], &["--baseline", "base.json", "--format", "json"]].concat());
            let report: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("it is JSON");
            let summary = &report["summary"];
            assert!(summary["suppressed"].as_u64() > Some(0), "{name}: {summary}");
            let new = report["findings"].as_array().into_iter().flatten();
            let new: Vec<String> = new
                .filter(|finding| finding["suppressed"].is_null())
                .map(|finding| format!("{}: {}", finding["rule"], finding["message"]))
                .collect();
            assert!(new.is_empty(), "{name}, {what}: {new:#?}");
            assert_eq!(summary["fixed"], 0, "{name}, {what}");
        }
    }
}

/// The fixture shows the findings whose names would otherwise be made of files or lines.
#[test]
fn the_chart_that_is_moved_about_shows_what_was_known_by_its_file() {
    let chart = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fingerprints");
    let output = chart_lint(&chart, &["chart", "--no-config", "--format", "short", "--min-severity", "info"]);
    let text = stdout(&output);
    let rules = ["disabled-feature-broken", "yaml-invalid", "render-failed", "template-parse-error"];
    for rule in rules {
        assert!(text.contains(&format!("[{rule}]")), "{rule}: {text}");
    }
}
