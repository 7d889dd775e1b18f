//! `render-failed`

use chart_lint_template::Str;

use crate::finding::Role;
use crate::render::error::{Cause, RenderError};
use crate::rules::{Rule, RuleContext};
use crate::scenario::FailureKind;
use crate::source::Location;
use crate::spec::Spec;

pub(super) struct RenderFailed;

impl Rule for RenderFailed {
    fn spec(&self) -> &'static Spec {
        spec!("render-failed")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let scenario = cx.scenario;
        for error in &scenario.rendered.errors {
            if !is_consequence(cx, error) && !(is_refusal(error) && renders_elsewhere(cx, error)) {
                report(cx, error);
            }
        }
        if let Some(failure) = &scenario.failure
            && failure.kind != FailureKind::Values
        {
            let location = failure.place.unwrap_or_else(|| cx.chart_yaml());
            let role = if failure.kind == FailureKind::Schema { Role::Schema } else { Role::File };
            let finding = cx.finding_at(location, role, failure.message.lines().next().unwrap_or_default());
            let finding = failure.message.lines().skip(1).fold(finding, |finding, line| finding.note(line));
            match &failure.help {
                Some(help) => finding.help(help).report(),
                None => finding.report(),
            }
        }
    }
}

/// Whether the chart itself refuses the values: by `fail` or `required`.
fn is_refusal(error: &RenderError) -> bool {
    error.message.starts_with("execution error at ")
}

/// Whether a template that refuses these values renders with others: then it does what it is meant to do.
fn renders_elsewhere(cx: &RuleContext<'_>, error: &RenderError) -> bool {
    cx.scenarios.iter().any(|scenario| scenario.file(&error.template).is_some())
}

/// Whether a template is missing only because the file that defines it does not parse: one cause, one finding.
fn is_consequence(cx: &RuleContext<'_>, error: &RenderError) -> bool {
    let Cause::Exec(exec) = &error.cause else { return false };
    let Some(last) = exec.chain().last() else { return false };
    let text = last.own_text();
    let missing = text.split_once("no template \"").and_then(|(_, rest)| rest.split_once("\" associated")).map(|(name, _)| name);
    let missing = missing.or_else(|| text.split_once("template \"").and_then(|(_, rest)| rest.split_once("\" not defined")).map(|(name, _)| name));
    let Some(name) = missing else { return false };
    let quoted = format!("\"{name}\"");
    cx.scenario.rendered.errors.iter().any(|other| {
        matches!(other.cause, Cause::Parse(_))
            && cx.template_text(&Str::from(other.template.as_str())).is_some_and(|text| {
                bstr::ByteSlice::find_iter(&*text, b"define").any(|at| {
                    let rest = &text[at + "define".len()..];
                    rest.trim_ascii_start().starts_with(quoted.as_bytes())
                })
            })
    })
}

fn report(cx: &mut RuleContext<'_>, error: &RenderError) {
    let said = format!("Helm says: {}", error.message.replace('\n', " "));
    match &error.cause {
        Cause::Parse(parse) => {
            let location = cx.template_location(&Str::from(error.template.as_str()), parse.span.into());
            let location = location.unwrap_or_else(|| cx.chart_yaml());
            let finding = cx
                .finding_at(location, Role::Template, format!("template does not parse: {}", parse.detail))
                .note(said);
            finding.report();
        }
        Cause::Exec(exec) => {
            // The innermost place that is in a file; a `tpl` text has none of its own.
            let places = error.places();
            let mut located: Vec<(Location, &chart_lint_template::ExecPlace)> = places
                .iter()
                .filter_map(|place| Some((cx.template_location(&place.source, place.span.into())?, place)))
                .collect();
            let Some((location, innermost)) = located.pop() else {
                cx.finding_at(cx.chart_yaml(), Role::File, exec.to_string()).note(said).report();
                return;
            };
            let last = exec.chain().last().map(|link| link.own_text().to_owned()).unwrap_or_default();
            let message = describe(&last, &innermost.message, error);
            let mut finding = cx.finding_at(location, Role::Template, message);
            if is_refusal(error) {
                finding = finding.help(
                    "give it the values that it asks for, with -f or in a file `ci/test-values.yaml`, so that it can be checked",
                );
            }
            for (location, place) in located.iter().rev() {
                let called = place.function.as_deref().unwrap_or("template");
                finding = finding.related(*location, Role::Include, format!("called from here by `{called}`"));
            }
            finding.note(said).report();
        }
    }
}

/// What went wrong, without Go's words around it.
fn describe(last: &str, message: &str, error: &RenderError) -> String {
    if let Some(at) = error.message.strip_prefix("execution error at ")
        && let Some((_, text)) = at.split_once("): ")
    {
        return format!("the chart refuses these values: {text}");
    }
    let text = if message.is_empty() { last } else { message };
    match text.strip_prefix("nil pointer evaluating ") {
        Some(rest) => {
            let field = rest.rsplit_once('.').map_or(rest, |(_, field)| field);
            format!("nil pointer: `.{field}` is asked of something that is not there")
        }
        None => text.to_owned(),
    }
}

