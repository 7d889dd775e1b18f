//! Which findings are not shown, and why: comments in files, annotations of objects, the configuration, a baseline.
//! Suppressed findings stay in the report and are counted; what suppresses nothing is reported itself.

mod annotations;
pub mod baseline;
mod comments;

use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::Ordering;

use crate::config::{Config, Ignore};
use crate::finding::{Finding, Place, Role, Severity};
use crate::manifest::Object;
use crate::rules::{Rule, find};
use crate::source::{FileId, SourceMap};

pub use baseline::Baseline;

/// The rule that reports what suppresses nothing.
const UNUSED: &str = "suppression-unused";
/// The rule that asks for reasons.
const NO_REASON: &str = "suppression-without-reason";

/// Suppresses findings by the comments in files and the annotations of objects. `files` are those of the chart.
pub(crate) fn by_comments_and_annotations<'o>(
    findings: &mut Vec<Finding>,
    files: impl IntoIterator<Item = FileId>,
    objects: impl IntoIterator<Item = &'o Object>,
    rules: &[(&'static dyn Rule, Severity)],
    chart: usize,
    sources: &SourceMap,
) {
    let annotations = annotations::Annotations::of(objects);
    for finding in findings.iter_mut() {
        if let Some(reason) = annotations.reason(finding) {
            finding.suppressed = Some(reason);
        }
    }
    let mut comments: Vec<comments::Comment> =
        files.into_iter().flat_map(|file| comments::read(file, sources)).collect();
    if comments.is_empty() {
        return;
    }
    for finding in findings.iter_mut() {
        let places = std::iter::once(&finding.primary)
            .chain(finding.related.iter().filter(|place| matches!(place.role, Role::Values | Role::Include)));
        let places: Vec<&Place> = places.collect();
        let mut reason = None;
        for comment in comments.iter_mut().filter(|comment| comment.names(finding.rule)) {
            if places.iter().any(|place| comment.covers(place, sources)) {
                comment.used = true;
                reason = Some(comment.reason.clone());
            }
        }
        if let Some(reason) = reason {
            finding.suppressed = Some(if reason.is_empty() { "comment".to_owned() } else { reason });
        }
    }
    let ran: HashSet<&str> = rules.iter().map(|(rule, _)| rule.spec().id.as_str()).collect();
    for comment in &comments {
        if let Some(finding) = about_comment(comment, &ran, rules, chart) {
            findings.push(finding);
        }
    }
}

/// What is wrong with a comment: it hides nothing, or says not why.
fn about_comment(
    comment: &comments::Comment,
    ran: &HashSet<&str>,
    rules: &[(&'static dyn Rule, Severity)],
    chart: usize,
) -> Option<Finding> {
    let unknown: Vec<&str> =
        comment.rules.iter().map(String::as_str).filter(|id| find(id).is_none()).collect();
    let make = |id: &str, message: String, help: &str| {
        let (rule, severity) = rules.iter().find(|(rule, _)| rule.spec().id == id)?;
        let place = Place::new(comment.location, Role::File, "");
        let finding = Finding::new(&rule.spec().id, *severity, chart, place, message);
        Some(Finding { help: Some(help.to_owned()), ..finding })
    };
    if let Some(id) = unknown.first() {
        let near =
            crate::suggest::nearest(id, crate::rules::RULES.iter().map(|rule| rule.spec().id.as_str()));
        let help = near.map_or_else(
            || "`chart-lint rules` lists them all".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        return make(UNUSED, format!("there is no rule `{id}` to ignore"), &help);
    }
    // Of a rule that did not run nobody knows what it would have found.
    if !comment.used && comment.rules.iter().all(|id| ran.contains(id.as_str())) {
        let ids = comment.rules.join(", ");
        return make(
            UNUSED,
            format!("nothing to ignore here: `{ids}` finds nothing"),
            "take the comment out",
        );
    }
    if comment.reason.is_empty() {
        let help = "say why: `# chart-lint: ignore[rule] the reason`";
        return make(NO_REASON, "this comment does not say why".to_owned(), help);
    }
    None
}

/// Applies the configuration: severities by path, and what it ignores.
/// `by_path` are the rules that nothing but the settings of paths switches on.
pub(crate) fn by_config(
    findings: &mut Vec<Finding>,
    config: &Config,
    by_path: &HashSet<String>,
    sources: &SourceMap,
) {
    let today = jiff::Zoned::now().date();
    findings.retain_mut(|finding| {
        let path = sources.path(finding.primary.location.file);
        let path = Path::new(&path);
        let mut wanted = !by_path.contains(finding.rule);
        for entry in &config.overrides {
            let Some(setting) = entry.rules.iter().rev().find(|setting| setting.rule == finding.rule) else {
                continue;
            };
            if entry.path.fits(path) {
                match setting.level {
                    Some(Some(level)) => {
                        finding.severity = level;
                        wanted = true;
                    }
                    Some(None) => wanted = false,
                    None => {}
                }
            }
        }
        if !wanted {
            return false;
        }
        for ignore in &config.ignores {
            if ignore.until.is_none_or(|until| today <= until) && matches(ignore, finding, path) {
                ignore.used.store(true, Ordering::Relaxed);
                finding.suppressed.get_or_insert_with(|| ignore.reason.clone());
            }
        }
        true
    });
}

fn matches(ignore: &Ignore, finding: &Finding, path: &Path) -> bool {
    let object = |glob: &globset::GlobMatcher| {
        let mut objects = finding.object.iter().chain(&finding.more_objects).peekable();
        objects.peek().is_some() && objects.all(|object| glob.is_match(object.short()))
    };
    ignore.rule.as_ref().is_none_or(|rule| rule == finding.rule)
        && ignore.object.as_ref().is_none_or(object)
        && ignore.path.as_ref().is_none_or(|pattern| pattern.fits(path))
}

/// What is wrong with the entries of a configuration, after the whole run: they hide nothing, or their time is over.
pub(crate) fn about_config(
    config: &Config,
    rules: &[(&'static dyn Rule, Severity)],
    chart: usize,
) -> Vec<Finding> {
    let today = jiff::Zoned::now().date();
    let Some((rule, severity)) = rules.iter().find(|(rule, _)| rule.spec().id == UNUSED) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for ignore in &config.ignores {
        let what = ignore.rule.as_deref().unwrap_or("everything");
        let (message, help) = match ignore.until {
            Some(until) if until < today => (
                format!("ignoring `{what}` was agreed on until {until}"),
                "repair what it hid, or agree on another day",
            ),
            _ if !ignore.used.load(Ordering::Relaxed) => {
                let is_known = ignore
                    .rule
                    .as_deref()
                    .is_none_or(|id| rules.iter().any(|(rule, _)| rule.spec().id == id));
                if !is_known {
                    continue;
                }
                (format!("this entry hides nothing: `{what}` finds nothing there"), "take it out")
            }
            _ => continue,
        };
        let place = Place::new(ignore.location, Role::File, "");
        let finding = Finding::new(&rule.spec().id, *severity, chart, place, message);
        findings.push(Finding { help: Some(help.to_owned()), ..finding });
    }
    findings
}
