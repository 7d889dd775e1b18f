//! What can go wrong while YAML is read, with Go's words and with the true place.
//!
//! Go's message names a line by an odd rule (see [`Error::line_in_message`]); people who compare
//! with Helm want that text, people who look for the mistake want [`Error::at`].

use std::borrow::Cow;
use std::fmt;

use crate::position::Mark;

/// Which part of the library refused the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The bytes are no text YAML allows: broken UTF-8, control characters.
    Reader,
    /// The text does not split into tokens.
    Scanner,
    /// The tokens do not form a document.
    Parser,
    /// The document refers to an anchor that does not exist.
    Composer,
    /// The document is well-formed but its content cannot be decoded.
    Decoder,
    /// The input is larger than 512 MiB, or its tags blow it up. This limit is not Go's.
    TooLarge,
}

/// An error of the YAML reader.
///
/// `Display` gives go-yaml's text: `yaml: line 2: did not find expected key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Which part refused the text.
    pub kind: ErrorKind,
    /// What is wrong, without any place: `did not find expected key`.
    pub problem: Cow<'static, str>,
    /// Where the problem is.
    pub at: Mark,
    /// What was being read: `while parsing a block mapping`.
    pub context: Option<&'static str>,
    /// Where the thing being read starts.
    pub context_at: Option<Mark>,
}

impl Error {
    /// The line that go-yaml's message names, `None` if it names none.
    ///
    /// go-yaml prints its 0-based line as it is, and adds 1 only for scanner errors. When the line
    /// is 0 it falls back to the line of the context, and if that is 0 too it prints no line.
    /// So most parser errors name the line before the bad one.
    #[must_use]
    pub fn line_in_message(&self) -> Option<u32> {
        match self.kind {
            ErrorKind::Scanner | ErrorKind::Parser => {}
            _ => return None,
        }
        if self.at.line != 0 {
            let extra = u32::from(self.kind == ErrorKind::Scanner);
            return Some(self.at.line + extra);
        }
        self.context_at.map(|mark| mark.line).filter(|line| *line != 0)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("yaml: ")?;
        if let Some(line) = self.line_in_message() {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.problem)
    }
}

impl std::error::Error for Error {}

/// Scanner and parser results; the error is boxed because it is large and rare.
pub(crate) type Result<T> = std::result::Result<T, Box<Error>>;
