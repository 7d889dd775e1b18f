//! Errors of a render, in Helm's words.
//!
//! Helm takes Go's error texts apart again (`cleanupParseError`, `reformatExecErrorMsg` in `pkg/engine/engine.go`).
//! So do we, from the same texts, so that its oddities come out the same. The places for our own messages do not come
//! from the texts: see [`RenderError::place`].

use chart_lint_template::{Error, ErrorKind, ExecPlace, ParseError, Span, Str};

use super::functions::helm::{MESSAGE_END, MESSAGE_START};

/// A template that does not render.
#[derive(Debug)]
pub struct RenderError {
    /// The template file that was being parsed or executed: `chart/templates/x.yaml`.
    pub template: String,
    /// What Helm prints after `Error: `.
    pub message: String,
    /// What went wrong, with places.
    pub cause: Cause,
}

/// What went wrong.
#[derive(Debug)]
pub enum Cause {
    /// The template does not parse.
    Parse(ParseError),
    /// The template does not execute.
    Exec(Error),
}

/// A place in a template's source, as an error names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorPlace {
    /// Name of the source: `chart/templates/_helpers.tpl`, or `gotpl` for a `tpl` text.
    pub source: Str,
    /// The bytes.
    pub span: Span,
}

impl RenderError {
    /// A parse error of a file.
    pub(crate) fn parse(template: &str, error: ParseError) -> RenderError {
        let message = parse_message(template, &error.message.to_utf8());
        RenderError { template: template.to_owned(), message, cause: Cause::Parse(error) }
    }

    /// An execution error of a file.
    pub(crate) fn exec(template: &str, error: Error) -> RenderError {
        let message = exec_message(template, &error);
        RenderError { template: template.to_owned(), message, cause: Cause::Exec(error) }
    }

    /// The places from the file that was executed down to where it went wrong.
    pub fn places(&self) -> Vec<ExecPlace> {
        match &self.cause {
            Cause::Parse(_) => Vec::new(),
            Cause::Exec(error) => error
                .chain()
                .filter_map(|link| match link.kind() {
                    ErrorKind::Exec(place) => Some((**place).clone()),
                    _ => None,
                })
                .collect(),
        }
    }
}

/// Helm's `cleanupParseError`: the place, and what follows the last colon.
fn parse_message(template: &str, text: &str) -> String {
    let tokens: Vec<&str> = text.split(": ").collect();
    match tokens.as_slice() {
        [_, place, .., last] => format!("parse error at ({place}): {last}"),
        [_, place] => format!("parse error at ({place}): {place}"),
        _ => format!("parse error in ({template}): {text}"),
    }
}

/// Helm's `reformatExecErrorMsg`.
fn exec_message(template: &str, error: &Error) -> String {
    let text = error.to_string();
    if !error.chain().any(|link| matches!(link.kind(), ErrorKind::Exec(_))) {
        return text;
    }
    let mut tokens = text.splitn(3, ": ");
    let (Some(_), Some(place), Some(rest)) = (tokens.next(), tokens.next(), tokens.next()) else {
        return format!("execution error in ({template}): {text}");
    };
    if let Some(message) = between_marks(rest) {
        return format!("execution error at ({place}): {message}");
    }
    let mut links: Vec<Link> = Vec::new();
    // A link's text is the end of the outer text, from where the link's own text starts.
    let mut start = 0;
    for link in error.chain() {
        match Link::read(&text[start..]) {
            Some(read) if links.last() == Some(&read) => {}
            Some(read) => links.push(read),
            None => return text,
        }
        start += link.own_text().len();
    }
    let shown: String = links.iter().map(Link::show).collect();
    shown.trim().to_owned()
}

/// The message of `fail` and `required`: from the first mark to the last.
fn between_marks(text: &str) -> Option<&str> {
    let start = text.find(MESSAGE_START)? + MESSAGE_START.len();
    let end = text.rfind(MESSAGE_END)?;
    text.get(start..end)
}

/// Helm's `TraceableError`.
#[derive(PartialEq)]
struct Link {
    place: String,
    message: String,
    function: String,
}

impl Link {
    /// Helm's `parseTemplateExecErrorString`.
    fn read(text: &str) -> Option<Link> {
        let rest = text.strip_prefix("template: ")?;
        if rest.starts_with("no template ") {
            return Some(Link { place: String::new(), message: text.to_owned(), function: String::new() });
        }
        Link::read_executing(rest).or_else(|| Link::read_simple(rest))
    }

    fn read_executing(rest: &str) -> Option<Link> {
        let (place, after) = rest.split_once(": executing ")?;
        let after = after.strip_prefix('"')?;
        let (function, after) = after.split_once('"')?;
        let after = after.strip_prefix(" at <")?;
        let (node, message) = after.split_once(">: ")?;
        Some(Link {
            place: place.to_owned(),
            message: without_next(message).to_owned(),
            function: format!("executing \"{function}\" at <{node}>:"),
        })
    }

    fn read_simple(rest: &str) -> Option<Link> {
        let (place, message) = rest.rsplit_once(": ")?;
        let message = without_next(message).to_owned();
        Some(Link { place: place.to_owned(), message, function: String::new() })
    }

    fn show(&self) -> String {
        let mut shown = String::new();
        for (part, after) in [(&self.place, "\n  "), (&self.function, "\n    "), (&self.message, "\n")] {
            if !part.is_empty() {
                shown.push_str(part);
                shown.push_str(after);
            }
        }
        shown
    }
}

/// The message without the next error that is chained to it.
fn without_next(message: &str) -> &str {
    message.find(" template:").map_or(message, |cut| &message[..cut])
}
