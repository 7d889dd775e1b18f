//! From text to tokens, by libyaml's rules as go-yaml v2 has them.
//!
//! The scanner looks ahead as libyaml does, because a mapping key is known only by the `:` that
//! follows it: tokens wait in a queue until no potential key (a *simple key*) can start at the
//! head of the queue any more. A key must fit on one line and into 1,024 characters.
//!
//! [`Scanner::need`] stands wherever libyaml fills its buffer. For ordinary texts it does nothing;
//! see the module `reader` for the texts where it matters.

mod directives;
mod scalars;

use std::borrow::Cow;
use std::collections::VecDeque;

use crate::error::{Error, ErrorKind, Result};
use crate::position::{Mark, Span};
use crate::reader::{Input, width};
use crate::token::{ScalarStyle, Text, Token, TokenKind};

/// go-yaml's limit on nested flow collections, and on nested indentation.
const MAX_DEPTH: usize = 10_000;

/// A simple key must end within so many characters.
const MAX_SIMPLE_KEY: u32 = 1024;

#[derive(Clone, Copy, Debug, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    token_number: usize,
    mark: Mark,
}

#[derive(Debug)]
pub(crate) struct Scanner<'i> {
    input: &'i Input<'i>,
    text: &'i [u8],
    pos: usize,
    line: u32,
    /// `pos` minus the column: the start of the line, moved on by the bytes that are no characters.
    line_origin: usize,
    other_breaks: bool,
    non_ascii: bool,

    tokens: VecDeque<Token>,
    tokens_parsed: usize,
    token_available: bool,
    stream_started: bool,

    flow_level: usize,
    /// The column of the current block collection; -1 outside of all.
    indent: i64,
    indents: Vec<i64>,
    simple_key_allowed: bool,
    /// One entry for each flow level, and one for the block context.
    simple_keys: Vec<SimpleKey>,

    buffer: Vec<u8>,
    leading_break: Vec<u8>,
    trailing_breaks: Vec<u8>,
    comments: Vec<Span>,

    /// Whether the text has to be read in libyaml's chunks.
    chunked: bool,
    next_chunk: usize,
    chunk_end: usize,
    end_nuls: usize,
    /// Where libyaml's buffer starts.
    buffer_start: usize,
}

const fn is_alpha(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

const fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

fn hex_value(byte: u8) -> Option<u32> {
    char::from(byte).to_digit(16)
}

impl<'i> Scanner<'i> {
    pub(crate) fn new(input: &'i Input<'i>) -> Self {
        let facts = input.facts();
        Self {
            input,
            text: input.text(),
            pos: facts.start,
            line: 0,
            line_origin: facts.start,
            other_breaks: facts.other_breaks,
            non_ascii: facts.non_ascii,
            tokens: VecDeque::with_capacity(16),
            tokens_parsed: 0,
            token_available: false,
            stream_started: false,
            flow_level: 0,
            indent: -1,
            indents: Vec::new(),
            simple_key_allowed: false,
            simple_keys: Vec::new(),
            buffer: Vec::new(),
            leading_break: Vec::new(),
            trailing_breaks: Vec::new(),
            comments: Vec::new(),
            chunked: input.chunks().is_some(),
            next_chunk: 0,
            chunk_end: facts.start,
            end_nuls: 0,
            buffer_start: facts.start,
        }
    }

    // ---- What the parser sees -------------------------------------------------------------

    pub(crate) fn peek(&mut self) -> Result<&Token> {
        if !self.token_available {
            self.fetch_more_tokens()?;
        }
        // `fetch_more_tokens` leaves a token; after the end of the stream the parser stops asking.
        match self.tokens.front() {
            Some(token) => Ok(token),
            None => Err(self.error(ErrorKind::Scanner, None, None, "unexpected end of tokens")),
        }
    }

    /// Removes the token that was peeked at.
    pub(crate) fn skip_token(&mut self) {
        self.token_available = false;
        self.tokens_parsed += 1;
        self.tokens.pop_front();
    }

    pub(crate) fn bytes(&self, text: Text) -> &[u8] {
        text.bytes(self.text, &self.buffer)
    }

    pub(crate) fn comments(&self) -> &[Span] {
        &self.comments
    }

    /// Whether tags have made more text than the input could ever need: a long `%TAG` prefix is
    /// copied with each use.
    pub(crate) fn has_too_many_tags(&self) -> bool {
        self.buffer.len() > self.text.len() * 8 + (1 << 20) || self.buffer.len() > 1 << 30
    }

    /// Puts two texts together in the buffer.
    pub(crate) fn join(&mut self, first: Text, second: Text) -> Text {
        let bytes = [self.bytes(first), self.bytes(second)].concat();
        self.prefix(&bytes, Text::EMPTY)
    }

    /// Puts a text into the buffer, after a prefix.
    pub(crate) fn prefix(&mut self, prefix: &[u8], text: Text) -> Text {
        let start = self.buffer.len();
        self.buffer.extend_from_slice(prefix);
        match text.source_span() {
            Some(span) => self.buffer.extend_from_slice(&self.text[span.range()]),
            None => self.buffer.extend_from_within(text.buffer_range()),
        }
        Text::in_buffer(start, self.buffer.len())
    }

    /// The buffer and the comments, for those who keep the tokens' texts.
    pub(crate) fn finish(self) -> (Vec<u8>, Vec<Span>) {
        (self.buffer, self.comments)
    }

    // ---- Reading characters ---------------------------------------------------------------

    fn at(&self, offset: usize) -> u8 {
        self.text.get(self.pos + offset).copied().unwrap_or(0)
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    fn column(&self) -> u32 {
        (self.pos - self.line_origin) as u32
    }

    fn mark(&self) -> Mark {
        Mark { offset: self.pos.min(self.text.len()) as u32, line: self.line, column: self.column() }
    }

    /// Whether the stream ends here. NUL cannot occur in a checked text.
    fn is_end(&self, offset: usize) -> bool {
        self.at(offset) == 0
    }

    fn is_break(&self, offset: usize) -> bool {
        match self.at(offset) {
            b'\n' | b'\r' => true,
            0xC2 => self.at(offset + 1) == 0x85,
            0xE2 => self.at(offset + 1) == 0x80 && matches!(self.at(offset + 2), 0xA8 | 0xA9),
            _ => false,
        }
    }

    fn is_breakz(&self, offset: usize) -> bool {
        self.is_end(offset) || self.is_break(offset)
    }

    fn is_blankz(&self, offset: usize) -> bool {
        match self.at(offset) {
            b' ' | b'\t' | b'\n' | b'\r' | 0 => true,
            0xC2 | 0xE2 => self.is_break(offset),
            _ => false,
        }
    }

    /// Skips one character that is no line break.
    fn skip(&mut self) {
        let width = width(self.at(0)).max(1);
        self.pos += width;
        self.line_origin += width - 1;
    }

    /// Skips bytes that the table allows; all of them are characters of one byte.
    fn skip_run(&mut self, table: &[bool; 256]) {
        let rest = self.text.get(self.pos..).unwrap_or_default();
        self.pos += rest.iter().take_while(|byte| table[usize::from(**byte)]).count();
    }

    /// Skips spaces, but not more than `limit`. For texts that are not read in chunks.
    fn skip_spaces(&mut self, limit: usize) {
        let rest = self.text.get(self.pos..).unwrap_or_default();
        self.pos += rest.iter().take(limit).take_while(|byte| **byte == b' ').count();
    }

    /// Moves on to `end`, with no line break in between.
    fn advance_to(&mut self, end: usize) {
        if self.non_ascii {
            let inner = self.text[self.pos..end].iter().filter(|byte| **byte & 0xC0 == 0x80).count();
            self.line_origin += inner;
        }
        self.pos = end;
    }

    /// The number of bytes of the line break here, 0 if there is none.
    fn break_len(&self) -> usize {
        match self.at(0) {
            b'\n' => 1,
            b'\r' if self.at(1) == b'\n' => 2,
            b'\r' => 1,
            0xC2 if self.is_break(0) => 2,
            0xE2 if self.is_break(0) => 3,
            _ => 0,
        }
    }

    fn skip_line(&mut self) {
        let len = self.break_len();
        if len > 0 {
            self.pos += len;
            self.line += 1;
            self.line_origin = self.pos;
        }
    }

    /// Skips a line break and gives what it stands for: LS and PS for themselves, all others `\n`.
    fn read_line(&mut self) -> &'static [u8] {
        let meaning: &'static [u8] = match self.at(0) {
            0xE2 if self.at(2) == 0xA8 => b"\xE2\x80\xA8",
            0xE2 => b"\xE2\x80\xA9",
            _ => b"\n",
        };
        let before = self.pos;
        self.skip_line();
        if self.pos == before { b"" } else { meaning }
    }

    /// The end of the line that `from` is in: the offset of its line break, or of the end.
    fn line_end(&self, from: usize) -> usize {
        if !self.other_breaks {
            let rest = &self.text[from..];
            return memchr::memchr(b'\n', rest).map_or(self.text.len(), |at| from + at);
        }
        self.first_break(from, self.text.len())
    }

    /// The offset of the first line break of any kind in a range, or the end of the range.
    fn first_break(&self, from: usize, end: usize) -> usize {
        let mut at = from;
        while at < end {
            match self.text[at] {
                b'\n' | b'\r' => break,
                0xC2 if self.byte(at + 1) == 0x85 => break,
                0xE2 if self.byte(at + 1) == 0x80 && matches!(self.byte(at + 2), 0xA8 | 0xA9) => break,
                _ => at += 1,
            }
        }
        at
    }

    /// Makes sure that `count` characters are decoded, as libyaml does before it looks at them.
    fn need(&mut self, count: usize) -> Result<()> {
        if self.chunked { self.load(count) } else { Ok(()) }
    }

    #[cold]
    fn load(&mut self, count: usize) -> Result<()> {
        let Some(chunks) = self.input.chunks() else { return Ok(()) };
        if self.has_decoded(count) {
            return Ok(());
        }
        self.buffer_start = self.pos;
        loop {
            if let Some(end) = chunks.ends.get(self.next_chunk) {
                self.chunk_end = *end;
                self.next_chunk += 1;
            } else if let Some(failure) = &chunks.failure {
                return Err(Box::new(self.input.failure_error(failure)));
            } else {
                // At the end libyaml adds a NUL each time it is asked for more.
                self.end_nuls += 1;
                return Ok(());
            }
            if self.has_decoded(count) {
                return Ok(());
            }
        }
    }

    fn has_decoded(&self, count: usize) -> bool {
        let unread = self.text.get(self.pos..self.chunk_end).unwrap_or_default();
        let characters = unread.iter().filter(|byte| **byte & 0xC0 != 0x80).take(count).count();
        let nuls_read = self.pos.saturating_sub(self.text.len());
        characters + self.end_nuls >= count + nuls_read
    }

    /// libyaml allows a byte order mark at the start of a line, but looks for it at the start of
    /// its buffer. So a mark that happens to stand there costs every line one character, until the
    /// buffer moves on.
    fn skip_byte_order_mark(&mut self) {
        let buffer = self.text.get(self.buffer_start..).unwrap_or_default();
        if self.column() == 0 && buffer.starts_with(b"\xEF\xBB\xBF") {
            self.skip();
        }
    }

    // ---- Errors ---------------------------------------------------------------------------

    fn error(
        &self,
        kind: ErrorKind,
        context: Option<&'static str>,
        context_at: Option<Mark>,
        problem: impl Into<Cow<'static, str>>,
    ) -> Box<Error> {
        Box::new(Error { kind, problem: problem.into(), at: self.mark(), context, context_at })
    }

    #[cold]
    fn fail<T>(&self, context: &'static str, context_at: Mark, problem: &'static str) -> Result<T> {
        Err(self.error(ErrorKind::Scanner, Some(context), Some(context_at), problem))
    }

    #[cold]
    fn fail_here<T>(&self, problem: &'static str) -> Result<T> {
        Err(self.error(ErrorKind::Scanner, None, Some(self.mark()), problem))
    }

    #[cold]
    fn fail_tag<T>(&self, directive: bool, context_at: Mark, problem: &'static str) -> Result<T> {
        let context = if directive { "while parsing a %TAG directive" } else { "while parsing a tag" };
        self.fail(context, context_at, problem)
    }

    #[cold]
    fn fail_depth<T>(&self, context: &'static str) -> Result<T> {
        let key = self.simple_keys.last().copied().unwrap_or_default();
        let problem = format!("exceeded max depth of {MAX_DEPTH}");
        Err(self.error(ErrorKind::Scanner, Some(context), Some(key.mark), problem))
    }

    // ---- The queue of tokens --------------------------------------------------------------

    fn push(&mut self, kind: TokenKind, start: Mark, end: Mark) {
        self.tokens.push_back(Token { kind, start, end, simple_key_level: 0 });
    }

    /// Appends a token that may start a simple key; `level` comes from [`Self::save_simple_key`].
    fn push_key_start(&mut self, kind: TokenKind, start: Mark, end: Mark, level: u32) {
        self.tokens.push_back(Token { kind, start, end, simple_key_level: level });
    }

    /// Inserts a token before the one with the given number. If that is gone already, which happens
    /// after `[]` and `{}` only, go-yaml appends the token.
    fn insert(&mut self, number: usize, token: Token) {
        match number.checked_sub(self.tokens_parsed) {
            Some(at) => self.tokens.insert(at.min(self.tokens.len()), token),
            None => self.tokens.push_back(token),
        }
    }

    /// Appends the token of an indicator of `len` characters.
    fn push_indicator(&mut self, kind: TokenKind, len: usize) {
        let start = self.mark();
        self.pos += len;
        let end = self.mark();
        self.push(kind, start, end);
    }

    /// Fetches until there is a token at the head of the queue that cannot turn out to be a key.
    fn fetch_more_tokens(&mut self) -> Result<()> {
        loop {
            if let Some(head) = self.tokens.front().copied() {
                if head.simple_key_level == 0 {
                    break;
                }
                let index = head.simple_key_level as usize - 1;
                let waits =
                    self.simple_keys.get(index).is_some_and(|key| key.token_number == self.tokens_parsed);
                if !waits || !self.simple_key_is_valid(index)? {
                    break;
                }
            }
            self.fetch_next_token()?;
        }
        self.token_available = true;
        Ok(())
    }

    fn fetch_next_token(&mut self) -> Result<()> {
        self.need(1)?;
        if !self.stream_started {
            self.fetch_stream_start();
            return Ok(());
        }
        self.scan_to_next_token()?;
        self.unroll_indent(i64::from(self.column()));
        self.need(4)?;

        let byte = self.at(0);
        if self.column() == 0 {
            match byte {
                b'%' => return self.fetch_directive(),
                b'-' if self.is_document_indicator() => {
                    return self.fetch_document_indicator(TokenKind::DocumentStart);
                }
                b'.' if self.is_document_indicator() => {
                    return self.fetch_document_indicator(TokenKind::DocumentEnd);
                }
                _ => {}
            }
        }
        match byte {
            0 => self.fetch_stream_end(),
            b'[' => self.fetch_flow_collection_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_collection_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_collection_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_collection_end(TokenKind::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if self.is_blankz(1) => self.fetch_block_entry(),
            b'?' if self.flow_level > 0 || self.is_blankz(1) => self.fetch_key(),
            b':' if self.flow_level > 0 || self.is_blankz(1) => self.fetch_value(),
            b'*' => self.fetch_anchor(true),
            b'&' => self.fetch_anchor(false),
            b'!' => self.fetch_tag(),
            b'|' if self.flow_level == 0 => self.fetch_block_scalar(ScalarStyle::Literal),
            b'>' if self.flow_level == 0 => self.fetch_block_scalar(ScalarStyle::Folded),
            b'\'' => self.fetch_flow_scalar(ScalarStyle::SingleQuoted),
            b'"' => self.fetch_flow_scalar(ScalarStyle::DoubleQuoted),
            // `-`, `?` and `:` came before, when they are indicators.
            b'\t' | b'#' | b'|' | b'>' | b'%' | b'@' | b'`' => self.fail(
                "while scanning for the next token",
                self.mark(),
                "found character that cannot start any token",
            ),
            _ => self.fetch_plain_scalar(),
        }
    }

    /// `---` or `...`, followed by a blank, at the start of a line.
    fn is_document_indicator(&self) -> bool {
        let first = self.at(0);
        (first == b'-' || first == b'.') && self.at(1) == first && self.at(2) == first && self.is_blankz(3)
    }

    // ---- Simple keys and indentation ------------------------------------------------------

    /// Whether the potential key is still possible at the current place.
    fn simple_key_is_valid(&mut self, index: usize) -> Result<bool> {
        let key = self.simple_keys[index];
        if !key.possible {
            return Ok(false);
        }
        if key.mark.line < self.line || key.mark.column + MAX_SIMPLE_KEY < self.column() {
            if key.required {
                return self.fail("while scanning a simple key", key.mark, "could not find expected ':'");
            }
            self.simple_keys[index].possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    /// Remembers that a key may start at the next token. Gives the level the key is saved at.
    fn save_simple_key(&mut self) -> Result<u32> {
        if !self.simple_key_allowed {
            return Ok(0);
        }
        let required = self.flow_level == 0 && self.indent == i64::from(self.column());
        self.remove_simple_key()?;
        let key = SimpleKey {
            possible: true,
            required,
            token_number: self.tokens_parsed + self.tokens.len(),
            mark: self.mark(),
        };
        let level = self.simple_keys.len();
        self.simple_keys[level - 1] = key;
        Ok(level as u32)
    }

    fn remove_simple_key(&mut self) -> Result<()> {
        let Some(key) = self.simple_keys.last_mut() else { return Ok(()) };
        if key.possible {
            if key.required {
                let mark = key.mark;
                return self.fail("while scanning a simple key", mark, "could not find expected ':'");
            }
            key.possible = false;
        }
        Ok(())
    }

    /// Starts a block collection, if the column is deeper than the current one. `number` is the
    /// token the start belongs before; `None` means the end of the queue.
    fn roll_indent(&mut self, column: u32, number: Option<usize>, kind: TokenKind, mark: Mark) -> Result<()> {
        if self.flow_level > 0 || self.indent >= i64::from(column) {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = i64::from(column);
        if self.indents.len() > MAX_DEPTH {
            return self.fail_depth("while increasing indent level");
        }
        let token = Token { kind, start: mark, end: mark, simple_key_level: 0 };
        match number {
            Some(number) => self.insert(number, token),
            None => self.tokens.push_back(token),
        }
        Ok(())
    }

    /// Ends the block collections that are deeper than the column.
    fn unroll_indent(&mut self, column: i64) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            let mark = self.mark();
            self.push(TokenKind::BlockEnd, mark, mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    // ---- Fetchers, one for each kind of token ---------------------------------------------

    fn fetch_stream_start(&mut self) {
        self.simple_keys.push(SimpleKey::default());
        self.simple_key_allowed = true;
        self.stream_started = true;
        let mark = self.mark();
        self.push(TokenKind::StreamStart, mark, mark);
    }

    fn fetch_stream_end(&mut self) -> Result<()> {
        // The end counts as the start of a line.
        if self.column() != 0 {
            self.line_origin = self.pos;
            self.line += 1;
        }
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let mark = self.mark();
        self.push(TokenKind::StreamEnd, mark, mark);
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.scan_directive()
    }

    fn fetch_document_indicator(&mut self, kind: TokenKind) -> Result<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push_indicator(kind, 3);
        Ok(())
    }

    fn fetch_flow_collection_start(&mut self, kind: TokenKind) -> Result<()> {
        let level = self.save_simple_key()?;
        let key = SimpleKey {
            token_number: self.tokens_parsed + self.tokens.len(),
            mark: self.mark(),
            ..SimpleKey::default()
        };
        self.simple_keys.push(key);
        self.flow_level += 1;
        if self.flow_level > MAX_DEPTH {
            return self.fail_depth("while increasing flow level");
        }
        self.simple_key_allowed = true;
        let start = self.mark();
        self.pos += 1;
        let end = self.mark();
        self.push_key_start(kind, start, end, level);
        Ok(())
    }

    fn fetch_flow_collection_end(&mut self, kind: TokenKind) -> Result<()> {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            if let Some(key) = self.simple_keys.pop() {
                // go-yaml forgets the wrong key here when the collection was empty: the level still
                // has the number of the bracket. So nothing waits for a `:` after `[]` and `{}`.
                let index = key.token_number.checked_sub(self.tokens_parsed);
                if let Some(token) = index.and_then(|index| self.tokens.get_mut(index)) {
                    token.simple_key_level = 0;
                }
            }
        }
        self.simple_key_allowed = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Result<()> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(TokenKind::FlowEntry, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<()> {
        // In the flow context `-` is an error that the parser reports.
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.fail_here("block sequence entries are not allowed in this context");
            }
            self.roll_indent(self.column(), None, TokenKind::BlockSequenceStart, self.mark())?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.fail_here("mapping keys are not allowed in this context");
            }
            self.roll_indent(self.column(), None, TokenKind::BlockMappingStart, self.mark())?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.push_indicator(TokenKind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<()> {
        let top = self.simple_keys.len() - 1;
        if self.simple_key_is_valid(top)? {
            let key = self.simple_keys[top];
            let token = Token { kind: TokenKind::Key, start: key.mark, end: key.mark, simple_key_level: 0 };
            self.insert(key.token_number, token);
            self.roll_indent(
                key.mark.column,
                Some(key.token_number),
                TokenKind::BlockMappingStart,
                key.mark,
            )?;
            self.simple_keys[top].possible = false;
            self.simple_key_allowed = false;
        } else {
            // The `:` follows a complex key.
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    return self.fail_here("mapping values are not allowed in this context");
                }
                self.roll_indent(self.column(), None, TokenKind::BlockMappingStart, self.mark())?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.push_indicator(TokenKind::Value, 1);
        Ok(())
    }

    fn fetch_anchor(&mut self, alias: bool) -> Result<()> {
        let level = self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark();
        self.skip();
        self.need(1)?;
        let from = self.pos;
        while is_alpha(self.at(0)) {
            self.pos += 1;
            self.need(1)?;
        }
        let end = self.mark();
        let follows =
            self.is_blankz(0) || matches!(self.at(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if self.pos == from || !follows {
            let context = if alias { "while scanning an alias" } else { "while scanning an anchor" };
            return self.fail(context, start, "did not find expected alphabetic or numeric character");
        }
        let name = Text::in_source(from, self.pos);
        let kind = if alias { TokenKind::Alias(name) } else { TokenKind::Anchor(name) };
        self.push_key_start(kind, start, end, level);
        Ok(())
    }

    fn fetch_tag(&mut self) -> Result<()> {
        let level = self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark();
        let kind = self.scan_tag(start)?;
        let end = self.mark();
        self.push_key_start(kind, start, end, level);
        Ok(())
    }

    fn fetch_block_scalar(&mut self, style: ScalarStyle) -> Result<()> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.scan_block_scalar(style)
    }

    fn fetch_flow_scalar(&mut self, style: ScalarStyle) -> Result<()> {
        let level = self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark();
        let value = self.scan_flow_scalar(start, style)?;
        let end = self.mark();
        self.push_key_start(TokenKind::Scalar { value, style }, start, end, level);
        Ok(())
    }

    fn fetch_plain_scalar(&mut self) -> Result<()> {
        let level = self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark();
        let (value, end) = self.scan_plain_scalar(start)?;
        let kind = TokenKind::Scalar { value, style: ScalarStyle::Plain };
        self.push_key_start(kind, start, end, level);
        Ok(())
    }

    // ---- Between tokens -------------------------------------------------------------------

    fn scan_to_next_token(&mut self) -> Result<()> {
        loop {
            self.need(1)?;
            if self.chunked {
                self.skip_byte_order_mark();
                self.need(1)?;
            }
            // Tabs are allowed where no key can start.
            let tabs = self.flow_level > 0 || !self.simple_key_allowed;
            if !self.chunked {
                self.skip_spaces(usize::MAX);
            }
            loop {
                match self.at(0) {
                    b' ' => {}
                    b'\t' if tabs => {}
                    _ => break,
                }
                self.pos += 1;
                self.need(1)?;
            }
            if self.at(0) == b'#' {
                self.scan_comment()?;
            }
            if !self.is_break(0) {
                return Ok(());
            }
            self.need(2)?;
            self.skip_line();
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    /// Skips a comment up to its line break, and remembers it.
    fn scan_comment(&mut self) -> Result<()> {
        let start = self.pos;
        if self.chunked {
            while !self.is_breakz(0) {
                self.skip();
                self.need(1)?;
            }
        } else {
            self.advance_to(self.line_end(start));
        }
        self.comments.push(Span::new(start as u32, self.pos as u32));
        Ok(())
    }

    fn skip_blanks(&mut self) -> Result<()> {
        self.need(1)?;
        while is_blank(self.at(0)) {
            self.pos += 1;
            self.need(1)?;
        }
        Ok(())
    }
}
