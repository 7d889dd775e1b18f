//! Places in a text: byte spans, libyaml's marks, and an index of lines.
//!
//! A [`Span`] is what diagnostics want. A [`Mark`] is what the scanner counts with, because
//! YAML's indentation is measured in characters and its line breaks are not only `\n`.

use std::ops::Range;

/// A half-open range of bytes, `start..end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset of the byte after the last one.
    pub end: u32,
}

impl Span {
    /// The span `start..end`.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The span as a range, to index a slice with.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The number of bytes.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Whether the span covers no byte.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The same span in a text that holds this one from byte `base` on.
    #[must_use]
    pub const fn shifted(self, base: u32) -> Self {
        Self { start: self.start + base, end: self.end + base }
    }
}

/// A position as libyaml counts it.
///
/// Lines end at LF, CR, CRLF, NEL, LS and PS; columns are characters, not bytes. Both start at 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// Byte offset in the text.
    pub offset: u32,
    /// Line, from 0.
    pub line: u32,
    /// Column in characters, from 0.
    pub column: u32,
}

/// A line and a column for people and editors, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in bytes, from 1.
    pub column: u32,
}

/// Where the lines of a text start, to turn byte offsets into lines and columns.
///
/// Here a line ends at `\n` only, as in every editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<u32>,
    len: u32,
}

impl LineIndex {
    /// Indexes `text`. Bytes after the first 4 GiB have no line of their own.
    #[must_use]
    pub fn new(text: &[u8]) -> Self {
        let text = &text[..text.len().min(u32::MAX as usize)];
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text).map(|at| at as u32 + 1));
        Self { starts, len: text.len() as u32 }
    }

    /// The number of lines; a text that ends in a line break has an empty last line.
    #[must_use]
    pub fn line_count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// The position of a byte offset; an offset past the end is at the end.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let offset = offset.min(self.len);
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        Position { line: line as u32, column: offset - start + 1 }
    }

    /// The line (from 1) of a byte offset.
    #[must_use]
    pub fn line(&self, offset: u32) -> u32 {
        self.position(offset).line
    }

    /// The bytes of a line (from 1), its line break included; `None` if there is no such line.
    #[must_use]
    pub fn line_span(&self, line: u32) -> Option<Span> {
        let index = (line as usize).checked_sub(1)?;
        let start = *self.starts.get(index)?;
        let end = self.starts.get(index + 1).copied().unwrap_or(self.len);
        Some(Span::new(start, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_become_lines_and_columns() {
        let index = LineIndex::new(b"a\nbc\n");
        assert_eq!(index.position(0), Position { line: 1, column: 1 });
        assert_eq!(index.position(1), Position { line: 1, column: 2 });
        assert_eq!(index.position(3), Position { line: 2, column: 2 });
        assert_eq!(index.position(5), Position { line: 3, column: 1 });
        assert_eq!(index.position(99), Position { line: 3, column: 1 });
        assert_eq!(index.line_span(2), Some(Span::new(2, 5)));
        assert_eq!(index.line_span(3), Some(Span::new(5, 5)));
        assert_eq!(index.line_span(4), None);
        assert_eq!(LineIndex::new(b"").line_count(), 1);
    }

    #[test]
    fn spans_join_and_shift() {
        let span = Span::new(2, 4).to(Span::new(7, 9));
        assert_eq!(span, Span::new(2, 9));
        assert_eq!(span.shifted(10).range(), 12..19);
        assert_eq!(span.len(), 7);
        assert!(Span::new(3, 3).is_empty());
    }
}
