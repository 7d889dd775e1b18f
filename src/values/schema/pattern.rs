//! Regular expressions of schemas, in Go's syntax.

use crate::render::functions::regexp;

/// A compiled expression and the text it was made from.
pub(crate) struct Pattern {
    pub(crate) text: String,
    regex: regex_automata::meta::Regex,
}

/// Compiles an expression; the error is Go's.
pub(crate) fn compile(text: &str) -> Result<Pattern, String> {
    let regex = regexp::compile(text.as_bytes())?;
    Ok(Pattern { text: text.to_owned(), regex })
}

impl Pattern {
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}
