//! `render-failed`, and the same for other causes: `template-parse-error`, `values-overlay-fails`

use bstr::ByteSlice;
use chart_lint_template::{ExecPlace, Kind, OriginId, ParseError, Str, Stumble};

use crate::finding::Role;
use crate::render::error::{Cause, RenderError};
use crate::rules::helpers::list;
use crate::rules::{FindingBuilder, Rule, RuleContext};
use crate::lint::COMMAND_LINE;
use crate::scenario::{FailureKind, Scenario};
use crate::source::Location;
use crate::spec::Spec;
use crate::suggest::nearest;

pub(crate) struct RenderFailed;

impl Rule for RenderFailed {
    fn spec(&self) -> &'static Spec {
        spec!("render-failed")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let scenario = cx.scenario;
        for error in execution_errors(cx) {
            if !is_of_overlay(cx, error) {
                report(cx, error);
            }
        }
        // What else can be wrong with a chart as a whole has rules of its own.
        if let Some(failure) = &scenario.failure
            && failure.kind == FailureKind::Other
        {
            let location = failure.place.unwrap_or_else(|| cx.chart_yaml());
            let finding =
                cx.finding_at(location, Role::File, failure.message.lines().next().unwrap_or_default());
            let finding = failure.message.lines().skip(1).fold(finding, |finding, line| finding.note(line));
            match &failure.help {
                Some(help) => finding.help(help).report(),
                None => finding.report(),
            }
        }
    }
}

pub(crate) struct TemplateParseError;

impl Rule for TemplateParseError {
    fn spec(&self) -> &'static Spec {
        spec!("template-parse-error")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let scenario = cx.scenario;
        for error in &scenario.rendered.errors {
            if matches!(error.cause, Cause::Parse(_)) {
                report(cx, error);
            }
        }
    }
}

pub(crate) struct ValuesOverlayFails;

impl Rule for ValuesOverlayFails {
    fn spec(&self) -> &'static Spec {
        spec!("values-overlay-fails")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        for error in execution_errors(cx) {
            if is_of_overlay(cx, error) {
                report(cx, error);
            }
        }
    }
}

/// The templates that do not execute, and are to blame for it themselves.
fn execution_errors<'a>(cx: &RuleContext<'a>) -> Vec<&'a RenderError> {
    let scenario = cx.scenario;
    let errors = scenario.rendered.errors.iter().filter(|error| matches!(error.cause, Cause::Exec(_)));
    errors
        .filter(|error| !is_consequence(cx, error) && !(is_refusal(error) && renders_elsewhere(cx, error)))
        .collect()
}

/// Whether an error is there only with a values file that the chart ships.
fn is_of_overlay(cx: &RuleContext<'_>, error: &RenderError) -> bool {
    let same = |scenario: &Scenario| {
        scenario.rendered.errors.iter().any(|other| {
            other.template == error.template && other.message == error.message
        })
    };
    cx.scenario_number() > 0
        && cx.scenario.name != COMMAND_LINE
        && !cx.scenarios.iter().any(|other| {
            let is_base = other.name == "default" || other.name == COMMAND_LINE;
            is_base && same(other)
        })
}

/// Whether the chart itself refuses the values: by `fail` or `required`.
fn is_refusal(error: &RenderError) -> bool {
    error.message.starts_with("execution error at ")
}

/// Whether a template that refuses these values renders with others: then it does what it is meant to do.
fn renders_elsewhere(cx: &RuleContext<'_>, error: &RenderError) -> bool {
    cx.scenarios.iter().any(|scenario| scenario.file(&error.template).is_some())
}

/// The named template that an error misses.
fn missing_template(error: &RenderError) -> Option<&str> {
    let Cause::Exec(exec) = &error.cause else { return None };
    let text = exec.chain().last()?.own_text();
    let between = |start, end| Some(text.split_once(start)?.1.split_once(end)?.0);
    between("no template \"", "\" associated").or_else(|| between("template \"", "\" not defined"))
}

/// Whether a template is missing only because the file that defines it does not parse: one cause, one finding.
fn is_consequence(cx: &RuleContext<'_>, error: &RenderError) -> bool {
    let Some(name) = missing_template(error) else { return false };
    // Perhaps a dependency defines it that was not fetched.
    if cx.scenario.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::MissingDependency) {
        return true;
    }
    let quoted = format!("\"{name}\"");
    cx.scenario.rendered.errors.iter().any(|other| {
        matches!(other.cause, Cause::Parse(_))
            && cx.template_text(&Str::from(other.template.as_str())).is_some_and(|text| {
                text.find_iter(b"define").any(|at| {
                    let rest = &text[at + "define".len()..];
                    rest.trim_ascii_start().starts_with(quoted.as_bytes())
                })
            })
    })
}

fn report(cx: &mut RuleContext<'_>, error: &RenderError) {
    // Helm's text has lines of its own, with spaces before them.
    let said = format!("Helm says: {}", error.message.split_whitespace().collect::<Vec<_>>().join(" "));
    match &error.cause {
        Cause::Parse(parse) => report_parse(cx, error, parse, said),
        Cause::Exec(exec) => {
            let places = error.places();
            let last = exec.chain().last().map(|link| link.own_text().to_owned()).unwrap_or_default();
            report_exec(cx, error, &places, &last, said);
        }
    }
}

fn report_parse(cx: &mut RuleContext<'_>, error: &RenderError, parse: &ParseError, said: String) {
    let name = Str::from(error.template.as_str());
    let detail = parse.detail.to_utf8();
    let opening = parse.opening.and_then(|span| cx.template_location(&name, span.into()));
    let location = cx.template_location(&name, parse.span.into());
    let at_end = detail == "unexpected EOF";
    let (location, opening) = match opening {
        // The end of the file says nothing; what is open there does.
        Some(opening) if at_end => (Some(opening), None),
        opening => (location, opening),
    };
    let location = location.unwrap_or_else(|| cx.chart_yaml());
    let help = if let Some(name) = between(&detail, "function \"", "\" not defined") {
        let functions = crate::render::functions::table();
        let source = cx.template_text(&Str::from(error.template.as_str())).unwrap_or_default();
        if source.get(parse.span.end as usize) == Some(&b':') {
            // It is the next line of the manifest.
            "an action before this line is not closed with `}}`".to_owned()
        } else { match nearest(name, functions.names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "Helm has no such function; a named template is called with `include`".to_owned(),
        } }
    } else if at_end {
        "close it with `{{ end }}`".to_owned()
    } else if detail.starts_with("unexpected {{end}}") {
        "there is one `{{ end }}` too many, or what it should close is missing".to_owned()
    } else if detail.starts_with("unclosed action") || detail.contains("unterminated") {
        "close the action or the text on the same line".to_owned()
    } else if detail.contains("bad character U+0027") || detail.contains("character constant") {
        "template strings are written in double quotes or backticks".to_owned()
    } else if detail.starts_with("undefined variable") {
        "a variable is seen only inside of the block that declares it, and is declared with `:=`".to_owned()
    } else {
        String::new()
    };
    let mut finding =
        cx.finding_at(location, Role::Template, format!("template does not parse: {detail}")).note(said);
    if at_end {
        finding = finding.label("this is not closed");
    }
    if let Some(opening) = opening.filter(|opening| *opening != location) {
        finding = finding.related(opening, Role::Template, "opened here");
    }
    with_help(finding, help).report();
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    Some(text.split_once(start)?.1.split_once(end)?.0)
}

fn with_help<'c>(finding: FindingBuilder<'c>, help: String) -> FindingBuilder<'c> {
    if help.is_empty() { finding } else { finding.help(help) }
}

fn report_exec(cx: &mut RuleContext<'_>, error: &RenderError, places: &[ExecPlace], last: &str, said: String) {
    // The innermost place that is in a file; a `tpl` text has none of its own.
    let mut located: Vec<(Location, usize)> = places
        .iter()
        .enumerate()
        .filter_map(|(index, place)| Some((cx.template_location(&place.source, place.span.into())?, index)))
        .collect();
    let Some((location, innermost)) = located.pop() else {
        cx.finding_at(cx.chart_yaml(), Role::File, last).note(said).report();
        return;
    };
    let deepest = &places[places.len() - 1];
    let text = if deepest.message.is_empty() { last } else { &deepest.message };
    let story = tell(cx, error, deepest, text);
    // What the values say is found by the scenario, before the finding holds the context.
    let mut values = places_of(cx, deepest.stumble.as_ref().map_or(OriginId::NONE, |stumble| stumble.origin));
    if values.is_empty() && !is_refusal(error) {
        values = places_named(cx, deepest);
    }
    let texts = places_of(cx, deepest.text_origin);
    let mut finding = cx.finding_at(location, Role::Template, story.message).label(story.label);
    for (location, path) in values {
        finding = finding.related(location, Role::Values, format!("`{path}` is set here"));
    }
    if innermost + 1 < places.len() {
        match texts.into_iter().next() {
            Some((location, path)) => {
                let message = format!("`{path}`, a text with templates in it, is rendered by `tpl`");
                finding = finding.related(location, Role::Values, message);
            }
            None => finding = finding.note("it is in the text that `tpl` renders"),
        }
    }
    let mut below = innermost;
    for (location, index) in located.iter().rev() {
        let called = places[below].template.to_utf8();
        finding = finding.related(*location, Role::Include, format!("called from here as `{called}`"));
        below = *index;
    }
    with_help(finding, story.help).note(said).report();
}

fn places_of(cx: &RuleContext<'_>, origin: OriginId) -> Vec<(Location, String)> {
    let places = cx.scenario.tracer().values_of(origin);
    places.into_iter().filter_map(|place| Some((place.location?, place.path))).collect()
}

/// The values keys that the expression names, where they are written in `values.yaml`.
fn places_named(cx: &RuleContext<'_>, place: &ExecPlace) -> Vec<(Location, String)> {
    let Some((_, tree)) = cx.scenario.sources.get(&place.source) else { return Vec::new() };
    let paths = crate::toggles::values_paths(tree, place.node);
    let shown = paths.iter().map(|path| path.iter().map(|name| name.to_utf8()).collect::<Vec<_>>().join("."));
    shown.take(2).filter_map(|path| Some((cx.values_key(&path)?, path))).collect()
}

/// What to say about an error.
struct Story {
    message: String,
    label: String,
    help: String,
}

/// What went wrong, without Go's words around it.
fn tell(cx: &RuleContext<'_>, error: &RenderError, place: &ExecPlace, text: &str) -> Story {
    let story = |message: String| Story { message, label: String::new(), help: String::new() };
    if let Some(at) = error.message.strip_prefix("execution error at ")
        && let Some((_, text)) = at.split_once("): ")
    {
        let help =
            "give it the values that it asks for, with -f or in a file `ci/test-values.yaml`, so that it can be checked";
        return Story {
            help: help.to_owned(),
            ..story(format!("the chart refuses these values: {text}"))
        };
    }
    if let Some(stumble) = &place.stumble {
        return tell_stumble(stumble, text);
    }
    if let Some(name) = missing_template(error) {
        let known: Vec<String> = cx
            .scenario
            .sources
            .iter()
            .flat_map(|(_, _, tree)| &tree.definitions)
            .map(|definition| definition.name.to_utf8().into_owned())
            .collect();
        let help = match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "no file in `templates/` and no chart in `charts/` defines it".to_owned(),
        };
        return Story { help, ..story(format!("there is no template `{name}`")) };
    }
    if let Some(rest) = text.strip_prefix("nil pointer evaluating ") {
        let field = rest.rsplit_once('.').map_or(rest, |(_, field)| field);
        return story(format!("nil pointer: `.{field}` is asked of something that is not there"));
    }
    if let Some((wanted, got)) =
        text.strip_prefix("wrong type for value; expected ").and_then(|rest| rest.split_once("; got "))
    {
        let label = format!("this is {}", type_words(got));
        return Story { label, ..story(format!("wrong type: {} is expected here", type_words(wanted))) };
    }
    if let Some(got) = text.strip_prefix("range can't iterate over ") {
        let label = format!("this is `{got}`");
        return Story { label, ..story("`range` needs a list or a map".to_owned()) };
    }
    story(text.to_owned())
}

fn tell_stumble(stumble: &Stumble, text: &str) -> Story {
    let names: Vec<String> = stumble.path.iter().map(|name| name.to_utf8().into_owned()).collect();
    let whole = format!("{}.{}", stumble.base.to_utf8(), names.join("."));
    let last = names.last().map(String::as_str).unwrap_or_default();
    if let Some(found) = stumble.found {
        let field = between(text, "can't evaluate field ", " in type").unwrap_or_default();
        return Story {
            message: format!("`{whole}` is {} and has no field `{field}`", kind_words(found)),
            label: format!("`{last}` is {}", kind_words(found)),
            help: String::new(),
        };
    }
    let keys: Vec<String> = stumble.keys.iter().map(|key| key.to_utf8().into_owned()).collect();
    let (has, label) = match names.len().checked_sub(2).map(|index| names[index].as_str()) {
        Some("Values") => ("the values have".to_owned(), format!("the values have no key `{last}`")),
        Some(parent) => (format!("`{parent}` has"), format!("`{parent}` has no key `{last}`")),
        None if !stumble.base.is_empty() => {
            let base = stumble.base.to_utf8();
            (format!("`{base}` has"), format!("`{base}` has no key `{last}`"))
        }
        None => ("`.` has".to_owned(), format!("`.` has no key `{last}`")),
    };
    let mut help = if keys.is_empty() { format!("{has} no keys at all") } else { format!("{has} {}", list(&keys, 8)) };
    if let Some(near) = nearest(last, keys.iter().map(String::as_str)) {
        help.push_str(&format!("; did you mean `{near}`?"));
    }
    Story { message: format!("nil pointer: `{whole}` is missing"), label, help }
}

fn kind_words(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "a string",
        Kind::Bool => "a boolean",
        Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) => "a number",
        Kind::Map => "a map",
        Kind::Slice => "a list",
        _ => "something else",
    }
}

/// A Go type as people name it.
fn type_words(name: &str) -> &str {
    match name {
        "string" => "a string",
        "bool" => "a boolean",
        _ if name.starts_with("map[") => "a map",
        _ if name.starts_with("[]") => "a list",
        _ if ["int", "uint", "float"].iter().any(|number| name.starts_with(number)) => "a number",
        _ => name,
    }
}
