//! Errors of executing a template, with Go's texts.
//!
//! Go wraps errors: an `include` that fails inside an `include` gives a chain, and each link's text ends with the
//! text of the link below. [`Error`] keeps the links apart, so that a caller can show the innermost place, or put
//! Go's one line together, or take it apart as Helm does.

use std::fmt;

use crate::ast::{NodeId, Span};
use crate::text::{OriginId, Str};
use crate::types::Kind;

/// What went wrong while a template was executed.
#[derive(Debug)]
pub struct Error(Box<Link>);

#[derive(Debug)]
struct Link {
    /// The text up to the cause; all of it when there is no cause.
    text: String,
    kind: ErrorKind,
    cause: Option<Error>,
}

/// What one link of an error is.
#[derive(Debug)]
pub enum ErrorKind {
    /// A message, of a function or of the wrapping of another error.
    Message,
    /// Go's `ExecError`: the execution of a template stopped at a place.
    Exec(Box<ExecPlace>),
    /// A method that templates cannot call, since it gives more than a value and an error.
    Signature,
    /// A limit of ours was reached, which Go does not have.
    Limit,
}

/// Where the execution of a template stopped.
#[derive(Debug, Clone)]
pub struct ExecPlace {
    /// The source that the template was parsed from: its name.
    pub source: Str,
    /// The template that was executed.
    pub template: Str,
    /// The node of the source's tree.
    pub node: NodeId,
    /// The bytes of the source that the node stands for.
    pub span: Span,
    /// What went wrong there, without the place; empty if only a function's error is passed on.
    pub message: String,
    /// The function or method whose error is passed on.
    pub function: Option<String>,
    /// The name that was not there, if it went wrong on the way through names.
    pub stumble: Option<Box<Stumble>>,
    /// Inside of a `tpl` text: where that part of the text came from, if it is of one origin.
    pub text_origin: OriginId,
}

/// Where the way through names ended: `.Values.a.b.c` with no `b` in `a`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stumble {
    /// The names as far as they lead: `Values`, `a`, `b`. The last one is missing, or has no fields.
    pub path: Vec<Str>,
    /// What the names start from: empty for `.`, or a variable.
    pub base: Str,
    /// What the last name stands for, if it is there.
    pub found: Option<Kind>,
    /// The keys of the map that has the last name, or lacks it.
    pub keys: Vec<Str>,
    /// Where the map came from that lacks the key, or the value that has no fields.
    pub origin: OriginId,
}

impl Error {
    /// An error with a message, as a function returns it.
    pub fn new(message: impl Into<String>) -> Error {
        Error(Box::new(Link { text: message.into(), kind: ErrorKind::Message, cause: None }))
    }

    /// A method cannot be called: Go finds out before it evaluates the arguments, and names no function.
    pub fn signature(message: impl Into<String>) -> Error {
        Error(Box::new(Link { text: message.into(), kind: ErrorKind::Signature, cause: None }))
    }

    /// A limit of this engine that was reached.
    pub fn limit(message: impl Into<String>) -> Error {
        Error(Box::new(Link { text: message.into(), kind: ErrorKind::Limit, cause: None }))
    }

    /// The execution stopped at a place; `text` is Go's, with the place in it.
    pub(crate) fn exec(text: String, place: ExecPlace, cause: Option<Error>) -> Error {
        Error(Box::new(Link { text, kind: ErrorKind::Exec(Box::new(place)), cause }))
    }

    /// Adds where the way through names ended, if the error is about that and does not know yet.
    pub(crate) fn with_stumble(mut self, stumble: Stumble) -> Error {
        if let ErrorKind::Exec(place) = &mut self.0.kind
            && place.function.is_none()
            && place.stumble.is_none()
        {
            place.stumble = Some(Box::new(stumble));
        }
        self
    }

    /// This error with a text before it, as `fmt.Errorf("…: %w", err)`. The text has to end with the separator.
    pub fn wrapped(self, text: impl Into<String>) -> Error {
        Error(Box::new(Link { text: text.into(), kind: ErrorKind::Message, cause: Some(self) }))
    }

    /// What this link is.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The text of this link alone: all of it up to the text of the cause.
    pub fn own_text(&self) -> &str {
        &self.0.text
    }

    /// The error below, as Go's `errors.Unwrap` gives it.
    pub fn cause(&self) -> Option<&Error> {
        self.0.cause.as_ref()
    }

    /// This error and all below it, outermost first.
    pub fn chain(&self) -> impl Iterator<Item = &Error> {
        std::iter::successors(Some(self), |error| error.cause())
    }

    /// Whether a limit of this engine stopped the execution.
    pub fn is_limit(&self) -> bool {
        self.chain().any(|error| matches!(error.kind(), ErrorKind::Limit))
    }
}

impl fmt::Display for Error {
    /// Go's `Error()`: one text of all links.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chain().try_for_each(|error| f.write_str(&error.0.text))
    }
}

impl std::error::Error for Error {}

impl Drop for Link {
    /// Without recursion: an error may have passed thousands of includes.
    fn drop(&mut self) {
        let mut next = self.cause.take();
        while let Some(mut error) = next {
            next = error.0.cause.take();
        }
    }
}

/// What executing gives.
pub type Result<T> = std::result::Result<T, Error>;
