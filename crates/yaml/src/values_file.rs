//! Values files of several documents.
//!
//! Helm cuts a values file at its `---` lines before it reads any YAML, with the reader of
//! `k8s.io/apimachinery`, and merges the documents. That reader knows nothing of YAML: it also cuts
//! inside of a block scalar. It ends each line with `\n`, the last one too.

use std::borrow::Cow;
use std::fmt;

use crate::position::Span;

/// One document of a values file, as Helm hands it to its YAML library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValuesDocument<'a> {
    /// The text to decode. It differs from the file where that has CRLF, and at its end.
    pub text: Cow<'a, [u8]>,
    /// Where the document lies in the file.
    pub span: Span,
    /// Offsets in `text` before which a CR was dropped.
    dropped: Vec<u32>,
}

impl ValuesDocument<'_> {
    /// Turns an offset in the document's text into an offset in the file.
    #[must_use]
    pub fn file_offset(&self, offset: u32) -> u32 {
        let before = self.dropped.partition_point(|at| *at <= offset) as u32;
        (self.span.start + offset + before).min(self.span.end)
    }

    /// Turns a span of the document's text into a span of the file.
    #[must_use]
    pub fn file_span(&self, span: Span) -> Span {
        let start = self.file_offset(span.start);
        // The end of a line stays before its CR.
        let before = self.dropped.partition_point(|at| *at < span.end) as u32;
        let end = (self.span.start + span.end + before).min(self.span.end);
        Span::new(start, end.max(start))
    }
}

/// A line that starts with `---` and goes on with anything but a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValuesError {
    /// What follows the `---`.
    pub text: String,
    /// The line.
    pub span: Span,
}

impl fmt::Display for ValuesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid Yaml document separator: {}", self.text)
    }
}

impl std::error::Error for ValuesError {}

/// Cuts a values file into documents.
///
/// # Errors
///
/// A bad separator. Helm reads none of the documents then; it prints the error after
/// `error reading yaml document: `.
pub fn values_documents(source: &[u8]) -> Result<Vec<ValuesDocument<'_>>, ValuesError> {
    let mut documents = Vec::new();
    // The start of the current document; `None` before its first line.
    let mut start: Option<usize> = None;
    let mut at = 0;
    while at < source.len() {
        let end = memchr::memchr(b'\n', &source[at..]).map_or(source.len(), |len| at + len + 1);
        let line = &source[at..end];
        if let Some(rest) = line.strip_prefix(b"---") {
            check_separator(rest, at, end)?;
            if let Some(start) = start.take() {
                documents.push(document(source, start, at));
                at = end;
                continue;
            }
        }
        // A separator before any document belongs to the document that follows.
        start.get_or_insert(at);
        at = end;
    }
    if let Some(start) = start {
        documents.push(document(source, start, source.len()));
    }
    Ok(documents)
}

fn check_separator(rest: &[u8], start: usize, end: usize) -> Result<(), ValuesError> {
    let text = String::from_utf8_lossy(rest);
    let text = text.trim_matches(|character: char| is_go_space(character));
    if text.is_empty() || text.starts_with('#') {
        return Ok(());
    }
    Err(ValuesError { text: text.to_owned(), span: Span::new(start as u32, end as u32) })
}

/// `unicode.IsSpace`, which `strings.TrimSpace` uses.
fn is_go_space(character: char) -> bool {
    character.is_whitespace()
}

fn document(source: &[u8], start: usize, end: usize) -> ValuesDocument<'_> {
    let lines = &source[start..end];
    let span = Span::new(start as u32, end as u32);
    let has_crlf = memchr::memmem::find(lines, b"\r\n").is_some();
    if lines.ends_with(b"\n") && !has_crlf {
        return ValuesDocument { text: Cow::Borrowed(lines), span, dropped: Vec::new() };
    }
    let mut text = Vec::with_capacity(lines.len() + 1);
    let mut dropped = Vec::new();
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(line) => {
                text.extend_from_slice(line);
                dropped.push(text.len() as u32);
                text.push(b'\n');
            }
            None => text.extend_from_slice(line),
        }
    }
    if !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    ValuesDocument { text: Cow::Owned(text), span, dropped }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        let documents = values_documents(source.as_bytes()).expect("the separators are good");
        documents.iter().map(|document| String::from_utf8_lossy(&document.text).into_owned()).collect()
    }

    #[test]
    fn documents_are_cut_at_separators() {
        assert_eq!(texts(""), Vec::<String>::new());
        assert_eq!(texts("a: 1"), ["a: 1\n"]);
        assert_eq!(texts("a: 1\n---\nb: 2\n"), ["a: 1\n", "b: 2\n"]);
        assert_eq!(texts("---\na: 1\n--- # x\nb: 2"), ["---\na: 1\n", "b: 2\n"]);
        assert_eq!(texts("a: 1\n---\n---\nb: 2\n"), ["a: 1\n", "---\nb: 2\n"]);
        assert_eq!(texts("---\n---\n"), ["---\n"]);
    }

    #[test]
    fn line_ends_become_newlines_and_offsets_lead_back() {
        let source = b"a: 1\r\nb: 2\r\n---\r\nc: 3";
        let documents = values_documents(source).expect("the separators are good");
        assert_eq!(&*documents[0].text, b"a: 1\nb: 2\n");
        assert_eq!(&*documents[1].text, b"c: 3\n");
        assert_eq!(documents[0].file_offset(5), 6);
        assert_eq!(documents[0].file_span(Span::new(0, 4)), Span::new(0, 4));
        assert_eq!(documents[1].file_span(Span::new(0, 5)), Span::new(17, 21));
    }

    #[test]
    fn a_bad_separator_is_an_error() {
        let error = values_documents(b"a: 1\n--- {b: 2}\n").expect_err("this is refused");
        assert_eq!(error.to_string(), "invalid Yaml document separator: {b: 2}");
        assert_eq!(error.span, Span::new(5, 16));
    }
}
