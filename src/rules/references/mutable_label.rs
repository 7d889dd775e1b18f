//! `selector-contains-mutable-label`

use std::ops::Range;

use chart_lint_template::Str;

use crate::finding::{Role, Severity};
use crate::manifest::{Node, Object};
use crate::rules::{Rule, RuleContext, is_of_dependency};
use crate::source::Span;
use crate::spec::Spec;
use crate::values::tree::{KeyPath, PathStep};

/// Labels that change with each version.
const OF_VERSIONS: &[&str] = &["helm.sh/chart", "app.kubernetes.io/version", "chart", "version"];

/// Names of values that hold labels for all objects.
const LABEL_VALUES: &[&str] = &["commonlabels", "extralabels", "additionallabels", "customlabels", "podlabels", "globallabels"];

pub(super) struct SelectorContainsMutableLabel;

impl Rule for SelectorContainsMutableLabel {
    fn spec(&self) -> &'static Spec {
        spec!("selector-contains-mutable-label")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        if cx.scenario.name == "default" {
            check_templates(cx);
        }
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if object.is_hook() {
            return;
        }
        match (object.group(), object.kind()) {
            ("apps" | "extensions", "Deployment" | "DaemonSet" | "ReplicaSet" | "StatefulSet") => {
                check(cx, object, &object.get("spec.selector.matchLabels"), "selector", true);
                for claim in object.get("spec.volumeClaimTemplates").items() {
                    check(cx, object, &claim.get("metadata.labels"), "volumeClaimTemplate", true);
                }
            }
            ("", "Service") => check(cx, object, &object.get("spec.selector"), "selector", false),
            ("policy", "PodDisruptionBudget") => {
                check(cx, object, &object.get("spec.selector.matchLabels"), "selector", false);
            }
            _ => {}
        }
    }
}

fn check(cx: &mut RuleContext<'_>, object: &Object, labels: &Node<'_>, what: &str, is_immutable: bool) {
    for (key, node) in labels.entries() {
        let values = cx.values_of(&node);
        let of_version = values.iter().any(|value| {
            matches!(value.path.trim_start_matches('.'), "Chart.Version" | "Chart.AppVersion")
        });
        let of_labels = values.iter().find(|value| {
            let mut parts = value.path.rsplit('.');
            value.is_values && parts.nth(1).is_some_and(|parent| LABEL_VALUES.contains(&parent.to_ascii_lowercase().as_str()))
        });
        // `version: v1` in the template itself does not change with the chart.
        let by_name = OF_VERSIONS.contains(&key.as_str()) && (key.contains('/') || of_version);
        let why = match of_labels {
            _ if by_name || of_version => "changes with each version of the chart".to_owned(),
            Some(value) => format!("comes from `{}`, which users change", value.path),
            None => continue,
        };
        let message = format!("the {what} of {} holds the label `{key}`, which {why}", cx.describe(object));
        let finding = cx.finding_at_call(&node, labels, message);
        let help = "use the labels that stay: `app.kubernetes.io/name` and `app.kubernetes.io/instance`";
        if is_immutable {
            finding.label("`helm upgrade` fails: the field is immutable").help(help).report();
        } else {
            finding
                .severity(Severity::Medium)
                .label("lets go of all running pods at the upgrade")
                .help(help)
                .report();
        }
    }
}

/// How deep helpers are followed.
const MAX_INCLUDES: usize = 4;

/// Looks for values with labels that templates write into selectors, but that are empty by default, so that no rendered
/// selector shows them.
fn check_templates(cx: &mut RuleContext<'_>) {
    let mut names: Vec<Str> = cx.scenario.sources.iter().map(|(name, ..)| name.clone()).collect();
    names.sort();
    for name in names {
        let shown = name.to_utf8().into_owned();
        let base = shown.rsplit('/').next().unwrap_or_default();
        if is_of_dependency(&shown) || base.starts_with('_') || base == "NOTES.txt" {
            continue;
        }
        let Some(text) = cx.template_text(&name) else { continue };
        let Ok(text) = std::str::from_utf8(&text) else { continue };
        for region in selectors(text) {
            let Some((at, path)) = label_values(cx, &text[region.clone()], MAX_INCLUDES) else { continue };
            let span = Span::new((region.start + at.start) as u32, (region.start + at.end) as u32);
            let Some(location) = cx.template_location(&name, span).filter(|_| is_empty(cx, &path)) else { continue };
            let message = format!("the selector of a workload takes labels from `{path}`, which users change");
            cx.finding_at(location, Role::Template, message)
                .label("once it is changed, `helm upgrade` fails: the field is immutable")
                .help("use the labels that stay: `app.kubernetes.io/name` and `app.kubernetes.io/instance`")
                .report();
        }
    }
}

/// What stands below `spec.selector.matchLabels` of workloads in a template.
fn selectors(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut kind, mut before) = ("", "");
    let mut open: Option<(usize, usize)> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        let indent = line.len() - line.trim_start().len();
        if let Some((at, above)) = open
            && !trimmed.is_empty()
            && !trimmed.starts_with("{{")
            && indent <= above
        {
            found.push(at..start);
            open = None;
        }
        kind = trimmed.strip_prefix("kind:").map_or(kind, str::trim);
        let is_workload = matches!(kind, "Deployment" | "StatefulSet" | "DaemonSet");
        if open.is_none() && is_workload && before == "  selector:" && trimmed.starts_with("matchLabels:") {
            open = Some((start + indent + "matchLabels:".len(), indent));
        }
        if !trimmed.is_empty() {
            before = line.trim_end();
        }
        start += line.len();
    }
    found
}

/// The first values key with labels that a part of a template reads, by itself or in a helper, and where.
fn label_values(cx: &RuleContext<'_>, text: &str, depth: usize) -> Option<(Range<usize>, String)> {
    for (at, _) in text.match_indices(".Values.") {
        let rest = &text[at + ".Values.".len()..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))).unwrap_or(rest.len());
        let path = rest[..end].trim_end_matches('.');
        // What a helper makes of an argument is not known: many take the name and the instance only.
        let action = text[..at].rfind("{{").unwrap_or(0);
        if text[action..at].contains("include ") {
            continue;
        }
        let last = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        if LABEL_VALUES.contains(&last.as_str()) {
            return Some((at..at + ".Values.".len() + path.len(), path.to_owned()));
        }
    }
    for (at, _) in text.match_indices("include \"").filter(|_| depth > 0) {
        let rest = &text[at + "include \"".len()..];
        let Some((helper, _)) = rest.split_once('"') else { continue };
        if let Some((_, path)) = helper_text(cx, helper).and_then(|text| label_values(cx, &text, depth - 1)) {
            return Some((at..at + "include \"".len() + helper.len() + 1, path));
        }
    }
    None
}

/// The text of a helper.
fn helper_text(cx: &RuleContext<'_>, wanted: &str) -> Option<String> {
    let definitions = cx.scenario.sources.iter().filter_map(|(name, _, tree)| {
        let found = tree.definitions.iter().find(|definition| definition.name.as_bytes() == wanted.as_bytes())?;
        Some((name, tree.node(found.root).span))
    });
    let (name, span) = definitions.min_by_key(|(name, _)| *name)?;
    let text = cx.template_text(name)?;
    Some(String::from_utf8_lossy(text.get(span.start as usize..span.end as usize)?).into_owned())
}

/// Whether the chart sets nothing below a values key.
fn is_empty(cx: &RuleContext<'_>, path: &str) -> bool {
    let path = KeyPath(path.split('.').map(|part| PathStep::Key(Str::from(part))).collect());
    let documents = cx.chart().values.iter().flat_map(|values| &values.documents);
    !documents.into_iter().any(|tree| tree.at(&path).is_some_and(|node| tree.entries(node).next().is_some()))
}
