//! `artifacthub-annotation-invalid`

use chart_lint_yaml::{Kind, Target, Value, decode};

use super::addresses::is_request_url;
use super::chart_yaml::{chart_yamls, text};
use crate::finding::Role;
use crate::rules::{ChartContext, Rule};
use crate::spec::Spec;

const CATEGORIES: &[&str] = &[
    "ai-machine-learning",
    "database",
    "integration-delivery",
    "monitoring-logging",
    "networking",
    "security",
    "storage",
    "streaming-messaging",
    "skip-prediction",
];
const CHANGES: &[&str] = &["added", "changed", "deprecated", "removed", "fixed", "security"];

pub(super) struct ArtifacthubAnnotationInvalid;

impl Rule for ArtifacthubAnnotationInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("artifacthub-annotation-invalid")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for file in chart_yamls(cx) {
            let Some(annotations) = file.field("annotations") else { continue };
            for (key, location, node) in file.tree.entries(annotations) {
                let key = key.to_utf8();
                let Some(name) = key.strip_prefix("artifacthub.io/") else { continue };
                let Some(written) = text(file.tree, node) else { continue };
                if let Err((wrong, help)) = check(name, &written) {
                    cx.finding(location, Role::File, format!("annotation `{key}`: {wrong}")).help(help).report();
                }
            }
        }
    }
}

/// Checks an annotation; the error is what is wrong, and what to write.
fn check(name: &str, written: &str) -> Result<(), (String, String)> {
    match name {
        "category" if !CATEGORIES.contains(&written) => {
            Err((format!("there is no category `{written}`"), format!("use one of {}", CATEGORIES.join(", "))))
        }
        "containsSecurityUpdates" | "operator" | "prerelease"
            if !["true", "false", "1", "0", "t", "f", "T", "F", "TRUE", "FALSE", "True", "False"].contains(&written) =>
        {
            Err((format!("`{written}` is no boolean"), "write \"true\" or \"false\", in quotes".to_owned()))
        }
        "license" if !is_license(written) => {
            Err((format!("`{written}` is no SPDX identifier"), "write it as in `Apache-2.0`".to_owned()))
        }
        "changes" => check_list(written, |item| match item.kind() {
            Kind::String(_) => Ok(()),
            Kind::Map(_) => {
                if !has_text(item, "description") {
                    return Err("a change has no `description`".to_owned());
                }
                match text_of(item, "kind") {
                    Some(kind) if !CHANGES.contains(&kind.as_str()) => {
                        Err(format!("`{kind}` is no kind of change: use {}", CHANGES.join(", ")))
                    }
                    _ => Ok(()),
                }
            }
            _ => Err("a change is neither a text nor a mapping".to_owned()),
        }),
        "images" => check_list(written, |item| needs(item, &["image"])),
        "crds" => check_list(written, |item| needs(item, &["kind", "version", "name"])),
        "links" => check_list(written, |item| needs(item, &["name", "url"])),
        "maintainers" => check_list(written, |item| needs(item, &["name", "email"])),
        "recommendations" => check_list(written, |item| needs(item, &["url"])),
        "screenshots" => check_list(written, |item| needs(item, &["url"])),
        "crdsExamples" => check_list(written, |_| Ok(())),
        "signKey" => {
            let help = "write `fingerprint` and `url`".to_owned();
            let tree = decode(written.as_bytes(), Target::Any)
                .map_err(|error| (format!("it is not YAML: {error}"), help.clone()))?;
            let root = tree.root();
            needs(root, &["fingerprint", "url"]).map_err(|wrong| (wrong, help.clone()))?;
            match text_of(root, "url") {
                Some(url) if !is_request_url(&url) => Err((format!("`{url}` is no address"), help)),
                _ => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// Checks an annotation that holds a list as YAML.
fn check_list(
    written: &str,
    check: impl Fn(Value<'_>) -> Result<(), String>,
) -> Result<(), (String, String)> {
    let help = "write a list in YAML after `|`, with the fields that Artifact Hub names".to_owned();
    let tree = decode(written.as_bytes(), Target::Any)
        .map_err(|error| (format!("it is not YAML: {error}"), help.clone()))?;
    let Some(items) = tree.root().as_seq() else {
        return Err(("it is not a list".to_owned(), help));
    };
    items.iter().try_for_each(check).map_err(|wrong| (wrong, help))
}

fn needs(item: Value<'_>, fields: &[&str]) -> Result<(), String> {
    if item.as_map().is_none() {
        return Err("an entry is not a mapping".to_owned());
    }
    match fields.iter().find(|field| !has_text(item, field)) {
        Some(missing) => Err(format!("an entry has no `{missing}`")),
        None => Ok(()),
    }
}

fn text_of(item: Value<'_>, field: &str) -> Option<String> {
    let text = item.get(field.as_bytes())?.to_string_field()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

fn has_text(item: Value<'_>, field: &str) -> bool {
    text_of(item, field).is_some_and(|text| !text.is_empty())
}

/// Whether a text looks like an expression of SPDX identifiers.
fn is_license(text: &str) -> bool {
    let is_word = |word: &str| {
        let word = word.trim_matches(['(', ')']);
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-.+:".contains(c))
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let joins = |word: &&str| matches!(*word, "AND" | "OR" | "WITH");
    words.len() % 2 == 1
        && words.iter().step_by(2).all(|word| is_word(word) && !joins(word))
        && words.iter().skip(1).step_by(2).all(joins)
}
