//! Source files and places in them.
//!
//! Every file that was read is kept in a [`SourceMap`] for as long as anybody may want to show a line of it. A place
//! is a [`FileId`] and a [`Span`] of bytes; lines and columns are counted only when somebody asks.

use std::ops::Range;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use chart_lint_template::Str;

/// Identifies a file of a [`SourceMap`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(pub u32);

impl FileId {
    /// No file: for what was never read from one.
    pub const NONE: FileId = FileId(u32::MAX);
}

/// A half-open range of bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset just past the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` to `end`.
    pub const fn new(start: u32, end: u32) -> Span {
        Span { start, end }
    }

    /// As a range for indexing.
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether it covers no byte.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }
}

impl From<chart_lint_yaml::Span> for Span {
    fn from(span: chart_lint_yaml::Span) -> Span {
        Span::new(span.start, span.end)
    }
}

impl From<chart_lint_template::Span> for Span {
    fn from(span: chart_lint_template::Span) -> Span {
        Span::new(span.start, span.end)
    }
}

/// A place in a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub span: Span,
}

/// A line and a column, both from 1. Columns count characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// A file that was read.
#[derive(Debug)]
pub struct SourceFile {
    path: String,
    bytes: Str,
    bom: bool,
    lines: OnceLock<Vec<u32>>,
}

impl SourceFile {
    /// A file with its path as the user knows it: relative to the working folder if it was given so, with `!` after
    /// the path of an archive: `chart.tgz!chart/values.yaml`.
    pub fn new(path: impl Into<String>, bytes: impl Into<Str>) -> SourceFile {
        SourceFile { path: path.into(), bytes: bytes.into(), bom: false, lines: OnceLock::new() }
    }

    /// The same for a file that started with a byte order mark, which is not part of `bytes`.
    pub fn after_bom(path: impl Into<String>, bytes: impl Into<Str>) -> SourceFile {
        SourceFile { bom: true, ..SourceFile::new(path, bytes) }
    }

    /// The path as the user knows it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The content, without a byte order mark.
    pub fn bytes(&self) -> &Str {
        &self.bytes
    }

    /// Where each line starts.
    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let mut starts = vec![0];
            starts.extend(bstr::ByteSlice::find_iter(self.bytes.as_bytes(), b"\n").map(|at| at as u32 + 1));
            starts
        })
    }

    /// How many lines there are. A file that ends with a line break has an empty last line.
    pub fn line_count(&self) -> u32 {
        self.lines().len() as u32
    }

    /// Line and column of an offset; one past the end is at the end.
    pub fn position(&self, offset: u32) -> Position {
        let lines = self.lines();
        let offset = (offset as usize).min(self.bytes.len());
        let line = lines.partition_point(|&start| start as usize <= offset);
        let start = lines.get(line.saturating_sub(1)).map_or(0, |&start| start as usize);
        let column = count_characters(&self.bytes[start.min(offset)..offset]) + 1;
        Position { line: line as u32, column: column as u32 }
    }

    /// The offset of a line and column; the nearest one if there is no such place.
    pub fn offset(&self, position: Position) -> u32 {
        let span = self.line_span(position.line.clamp(1, self.line_count())).unwrap_or_default();
        let line = &self.bytes[span.range()];
        let mut offset = span.start;
        let mut left = position.column.saturating_sub(1);
        for chunk in line.utf8_chunks() {
            for length in chunk.valid().chars().map(char::len_utf8).chain(chunk.invalid().iter().map(|_| 1)) {
                if left == 0 {
                    return offset;
                }
                left -= 1;
                offset += length as u32;
            }
        }
        offset
    }

    /// The bytes of a line (from 1) without its line break.
    pub fn line_span(&self, line: u32) -> Option<Span> {
        let index = (line as usize).checked_sub(1)?;
        let start = *self.lines().get(index)?;
        let end = match self.lines().get(index + 1) {
            Some(&next) => {
                let end = next - 1;
                if end > start && self.bytes.get(end as usize - 1) == Some(&b'\r') { end - 1 } else { end }
            }
            None => self.bytes.len() as u32,
        };
        Some(Span::new(start, end))
    }

    /// The bytes of the file on disk that a span stands for: a byte order mark counts there.
    pub fn disk_span(&self, span: Span) -> Span {
        let skip = if self.bom { 3 } else { 0 };
        Span::new(span.start + skip, span.end + skip)
    }
}

fn count_characters(bytes: &[u8]) -> usize {
    bytes.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum()
}

/// All files that were read. Files are only ever added, so an id stays good.
#[derive(Debug, Default)]
pub struct SourceMap {
    files: RwLock<Vec<Arc<SourceFile>>>,
}

impl SourceMap {
    /// An empty map.
    pub fn new() -> SourceMap {
        SourceMap::default()
    }

    /// Adds a file.
    pub fn add(&self, file: SourceFile) -> FileId {
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        files.push(Arc::new(file));
        FileId(files.len() as u32 - 1)
    }

    /// A file.
    pub fn get(&self, id: FileId) -> Option<Arc<SourceFile>> {
        self.files.read().unwrap_or_else(PoisonError::into_inner).get(id.0 as usize).cloned()
    }

    /// The path of a file as the user knows it, empty if there is no such file.
    pub fn path(&self, id: FileId) -> String {
        self.get(id).map_or_else(String::new, |file| file.path().to_owned())
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where a place starts.
    pub fn position(&self, location: Location) -> Option<Position> {
        Some(self.get(location.file)?.position(location.span.start))
    }

    /// `path:line:column` of a place.
    pub fn describe(&self, location: Location) -> String {
        match self.get(location.file) {
            Some(file) => {
                let Position { line, column } = file.position(location.span.start);
                format!("{}:{line}:{column}", file.path())
            }
            None => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let file = SourceFile::new("a.yaml", "é: 1\nb: \u{1F600}x\r\nlast");
        assert_eq!(file.position(0), Position { line: 1, column: 1 });
        assert_eq!(file.position(2), Position { line: 1, column: 2 });
        assert_eq!(file.position(6), Position { line: 2, column: 1 });
        assert_eq!(file.position(13), Position { line: 2, column: 5 });
        assert_eq!(file.position(999), Position { line: 3, column: 5 });
        assert_eq!(file.line_span(2), Some(Span::new(6, 14)));
        assert_eq!(file.line_span(3), Some(Span::new(16, 20)));
        assert_eq!(file.line_span(4), None);
        for offset in [0, 2, 3, 6, 9, 13, 16, 19] {
            assert_eq!(file.offset(file.position(offset)), offset);
        }
    }

    #[test]
    fn broken_characters_count_one_byte_each() {
        let file = SourceFile::new("a", &b"\xff\xfe\xc3a"[..]);
        assert_eq!(file.position(3), Position { line: 1, column: 4 });
    }

    #[test]
    fn a_byte_order_mark_counts_on_disk_only() {
        let file = SourceFile::after_bom("a", "x: 1");
        assert_eq!(file.disk_span(Span::new(0, 1)), Span::new(3, 4));
        assert_eq!(file.position(0).column, 1);
    }

    #[test]
    fn ids_stay_good() {
        let sources = SourceMap::new();
        let a = sources.add(SourceFile::new("a", "1"));
        let b = sources.add(SourceFile::new("b", "2\n3"));
        assert_eq!(sources.path(a), "a");
        assert_eq!(sources.describe(Location { file: b, span: Span::new(2, 3) }), "b:2:1");
        assert_eq!(sources.describe(Location { file: FileId(9), span: Span::default() }), "");
    }
}
