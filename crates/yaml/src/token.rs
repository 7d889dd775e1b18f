//! Tokens, and handles to the text of scalars.

use crate::position::{Mark, Span};

/// A handle to a piece of text: either a part of the input, or text that had to be put together
/// (unescaped, unfolded), which lies in a buffer of its own.
///
/// Ask the parser, the stream or the tree the handle comes from for the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Text {
    /// The top bit says that the text lies in the buffer.
    start: u32,
    end: u32,
}

const IN_BUFFER: u32 = 1 << 31;

impl Text {
    /// The empty text.
    pub const EMPTY: Self = Self { start: 0, end: 0 };

    pub(crate) fn in_source(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    pub(crate) fn in_buffer(start: usize, end: usize) -> Self {
        Self { start: start as u32 | IN_BUFFER, end: end as u32 }
    }

    /// The text as a part of the input, if it stands there letter for letter.
    #[must_use]
    pub fn source_span(self) -> Option<Span> {
        (self.start & IN_BUFFER == 0).then_some(Span::new(self.start, self.end))
    }

    /// The number of bytes.
    #[must_use]
    pub fn len(self) -> usize {
        (self.end - (self.start & !IN_BUFFER)) as usize
    }

    /// Whether the text is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The place in the buffer, for a text that lies there.
    pub(crate) fn buffer_range(self) -> std::ops::Range<usize> {
        (self.start & !IN_BUFFER) as usize..self.end as usize
    }

    pub(crate) fn bytes<'t>(self, source: &'t [u8], buffer: &'t [u8]) -> &'t [u8] {
        if self.start & IN_BUFFER == 0 {
            &source[self.start as usize..self.end as usize]
        } else {
            &buffer[self.buffer_range()]
        }
    }
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScalarStyle {
    /// `text`
    Plain,
    /// `'text'`
    SingleQuoted,
    /// `"text"`
    DoubleQuoted,
    /// `|` and indented lines
    Literal,
    /// `>` and indented lines
    Folded,
}

/// How a sequence or a mapping is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CollectionStyle {
    /// By indentation.
    Block,
    /// In brackets or braces.
    Flow,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum TokenKind {
    StreamStart,
    StreamEnd,
    VersionDirective { major: u8, minor: u8 },
    TagDirective { handle: Text, prefix: Text },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(Text),
    Anchor(Text),
    Tag { handle: Text, suffix: Text },
    Scalar { value: Text, style: ScalarStyle },
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: Mark,
    pub(crate) end: Mark,
    /// The level (from 1) whose potential simple key starts with this token; 0 for none.
    pub(crate) simple_key_level: u32,
}
