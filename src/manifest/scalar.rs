//! Where a part of a string stands in the YAML that wrote it: the third line of a block scalar, a word of a quoted one.

use std::ops::Range;

/// The bytes of `raw`, the scalar as it is written, that became the bytes `part` of `decoded`. Only what is not white
/// space is matched: YAML folds, indents and escapes the rest.
pub(super) fn part_of(raw: &[u8], decoded: &[u8], part: Range<usize>) -> Option<Range<usize>> {
    let dark = |bytes: &[u8]| bytes.iter().filter(|byte| !byte.is_ascii_whitespace()).count();
    let before = dark(decoded.get(..part.start)?);
    let inside = dark(decoded.get(part.start..part.end.min(decoded.len()))?);
    if inside == 0 {
        return None;
    }
    let mut marks = Marks::new(raw);
    let first = marks.nth(before)?;
    let last = if inside > 1 { marks.nth(inside - 2)? } else { first.clone() };
    Some(first.start..last.end)
}

/// The bytes of a scalar that are not white space when it is decoded, each with where it is written.
struct Marks<'a> {
    raw: &'a [u8],
    at: usize,
    end: usize,
    quote: Option<u8>,
    /// A character that was written as an escape: how many of its bytes are still to come, and where it is.
    pending: (usize, Range<usize>),
}

impl<'a> Marks<'a> {
    fn new(raw: &'a [u8]) -> Marks<'a> {
        let quote = raw.first().copied().filter(|byte| matches!(byte, b'"' | b'\''));
        let is_block = matches!(raw.first(), Some(b'|' | b'>'));
        let at = match quote {
            Some(_) => 1,
            // The header of a block scalar: `|-`, perhaps with a comment.
            None if is_block => raw.iter().position(|&byte| byte == b'\n').unwrap_or(raw.len()),
            None => 0,
        };
        let end = if quote.is_some() { raw.len().saturating_sub(1) } else { raw.len() };
        Marks { raw, at, end, quote, pending: (0, 0..0) }
    }

    /// An escape of a double-quoted scalar: its length, and how many bytes it becomes that are not white space.
    fn escape(&self) -> (usize, usize) {
        let digits = match self.raw.get(self.at + 1) {
            Some(b'x') => 2,
            Some(b'u') => 4,
            Some(b'U') => 8,
            Some(b'n' | b't' | b'r' | b' ' | b'\n' | b'\r' | b'v' | b'f') => return (2, 0),
            _ => return (2, 1),
        };
        let text =
            self.raw.get(self.at + 2..self.at + 2 + digits).and_then(|hex| std::str::from_utf8(hex).ok());
        let letter = text.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        let dark = letter.filter(|letter| !letter.is_ascii_whitespace()).map_or(0, char::len_utf8);
        (2 + digits, dark)
    }
}

impl Iterator for Marks<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            if self.pending.0 > 0 {
                self.pending.0 -= 1;
                return Some(self.pending.1.clone());
            }
            if self.at >= self.end {
                return None;
            }
            let (length, dark) = match (self.quote, self.raw[self.at]) {
                (Some(b'"'), b'\\') => self.escape(),
                (Some(b'\''), b'\'') => (2, 1),
                (_, byte) => (1, usize::from(!byte.is_ascii_whitespace())),
            };
            self.pending = (dark, self.at..(self.at + length).min(self.raw.len()));
            self.at += length;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::part_of;

    /// The part of `raw` that wrote `word`.
    fn written<'t>(raw: &'t str, decoded: &str, word: &str) -> &'t str {
        let at = decoded.find(word).expect("the word is in the text");
        let part = part_of(raw.as_bytes(), decoded.as_bytes(), at..at + word.len()).expect("it is written");
        &raw[part]
    }

    #[test]
    fn parts_of_all_kinds_of_scalars_are_found() {
        assert_eq!(written("|\n    one two\n\n    three\n", "one two\n\nthree\n", "three"), "three");
        assert_eq!(written(">-\n  one\n  two\n", "one two", "one two"), "one\n  two");
        assert_eq!(written(r#""a\nb\tcd""#, "a\nb\tcd", "cd"), "cd");
        assert_eq!(written(r#""\u00e9 x""#, "\u{e9} x", "x"), "x");
        assert_eq!(written("'it''s so'", "it's so", "so"), "so");
        assert_eq!(written("plain\n  text", "plain text", "text"), "text");
        assert_eq!(part_of(b"x", b"x", 1..1), None);
        assert_eq!(part_of(b"x", b"x", 0..9), Some(0..1));
    }
}
