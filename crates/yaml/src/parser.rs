//! From tokens to events, by libyaml's grammar.
//!
//! The parser is a state machine with a stack of states, so no nesting in the text can exhaust the
//! program's stack.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind, Result};
use crate::position::{Mark, Span};
use crate::reader::Input;
use crate::scanner::Scanner;
use crate::token::{CollectionStyle, ScalarStyle, Text, TokenKind};

/// An event of the parser.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// Where it starts; for a node with an anchor or a tag that is where these start.
    pub start: Mark,
    /// Where it ends. The start event of a collection ends with its first token.
    pub end: Mark,
}

/// What an [`Event`] says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EventKind {
    /// The stream starts.
    StreamStart,
    /// The stream ends.
    StreamEnd,
    /// A document starts.
    DocumentStart {
        /// Whether there is no `---`.
        implicit: bool,
    },
    /// A document ends.
    DocumentEnd {
        /// Whether there is no `...`.
        implicit: bool,
    },
    /// `*anchor`
    Alias {
        /// The anchor's name.
        anchor: Text,
    },
    /// A scalar.
    Scalar(Scalar),
    /// A sequence starts.
    SequenceStart(Collection),
    /// A sequence ends.
    SequenceEnd,
    /// A mapping starts.
    MappingStart(Collection),
    /// A mapping ends.
    MappingEnd,
}

/// The anchor and the tag of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Properties {
    /// The anchor's name, without the `&`.
    pub anchor: Option<Text>,
    /// The tag in its long form: `tag:yaml.org,2002:str` for `!!str`.
    pub tag: Option<Text>,
    /// Where the tag is written.
    pub tag_span: Span,
}

/// A scalar event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scalar {
    /// The value, unescaped and unfolded.
    pub value: Text,
    /// How it is written.
    pub style: ScalarStyle,
    /// Whether the value decides the type: a plain scalar without a tag, or any with the tag `!`.
    pub implicit: bool,
    /// Anchor and tag.
    pub properties: Properties,
    /// The scalar itself, without anchor and tag; quotes belong to it.
    pub span: Span,
}

/// The start of a sequence or a mapping.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Collection {
    /// How it is written.
    pub style: CollectionStyle,
    /// Anchor and tag.
    pub properties: Properties,
    /// The first token of the collection itself: a bracket, a brace or a dash. Empty for a block
    /// mapping, at the start of its first key.
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    StreamStart,
    ImplicitDocumentStart,
    DocumentStart,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequenceFirstEntry,
    BlockSequenceEntry,
    IndentlessSequenceEntry,
    BlockMappingFirstKey,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirstEntry,
    FlowSequenceEntry,
    FlowSequenceEntryMappingKey,
    FlowSequenceEntryMappingValue,
    FlowSequenceEntryMappingEnd,
    FlowMappingFirstKey,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingEmptyValue,
    End,
}

#[derive(Clone, Copy, Debug)]
struct TagDirective {
    handle: Text,
    prefix: Text,
}

/// Reads events from an [`Input`], one at a time.
#[derive(Debug)]
pub struct Parser<'i> {
    scanner: Scanner<'i>,
    state: State,
    states: Vec<State>,
    marks: Vec<Mark>,
    tag_directives: Vec<TagDirective>,
    failed: bool,
}

impl<'i> Parser<'i> {
    /// A parser at the start of the input.
    #[must_use]
    pub fn new(input: &'i Input<'i>) -> Self {
        Self {
            scanner: Scanner::new(input),
            state: State::StreamStart,
            states: Vec::new(),
            marks: Vec::new(),
            tag_directives: Vec::new(),
            failed: false,
        }
    }

    /// The next event; `None` after the end of the stream and after an error.
    ///
    /// # Errors
    ///
    /// The first error of the text, exactly where go-yaml would meet it.
    pub fn next_event(&mut self) -> std::result::Result<Option<Event>, Box<Error>> {
        if self.state == State::End || self.failed {
            return Ok(None);
        }
        let event = self.step();
        self.failed = event.is_err();
        event.map(Some)
    }

    /// The bytes of a text that an event of this parser holds.
    #[must_use]
    pub fn bytes(&self, text: Text) -> &[u8] {
        self.scanner.bytes(text)
    }

    /// The comments read so far, in order, from `#` up to the line break. The parser reads ahead.
    #[must_use]
    pub fn comments(&self) -> &[Span] {
        self.scanner.comments()
    }

    pub(crate) fn finish(self) -> (Vec<u8>, Vec<Span>) {
        self.scanner.finish()
    }

    fn step(&mut self) -> Result<Event> {
        match self.state {
            State::StreamStart => self.parse_stream_start(),
            State::ImplicitDocumentStart => self.parse_document_start(true),
            State::DocumentStart => self.parse_document_start(false),
            State::DocumentContent => self.parse_document_content(),
            State::DocumentEnd => self.parse_document_end(),
            State::BlockNode => self.parse_node(true, false),
            State::BlockSequenceFirstEntry => self.parse_block_sequence_entry(true),
            State::BlockSequenceEntry => self.parse_block_sequence_entry(false),
            State::IndentlessSequenceEntry => self.parse_indentless_sequence_entry(),
            State::BlockMappingFirstKey => self.parse_block_mapping_key(true),
            State::BlockMappingKey => self.parse_block_mapping_key(false),
            State::BlockMappingValue => self.parse_block_mapping_value(),
            State::FlowSequenceFirstEntry => self.parse_flow_sequence_entry(true),
            State::FlowSequenceEntry => self.parse_flow_sequence_entry(false),
            State::FlowSequenceEntryMappingKey => self.parse_flow_sequence_entry_mapping_key(),
            State::FlowSequenceEntryMappingValue => self.parse_flow_sequence_entry_mapping_value(),
            State::FlowSequenceEntryMappingEnd => self.parse_flow_sequence_entry_mapping_end(),
            State::FlowMappingFirstKey => self.parse_flow_mapping_key(true),
            State::FlowMappingKey => self.parse_flow_mapping_key(false),
            State::FlowMappingValue => self.parse_flow_mapping_value(false),
            State::FlowMappingEmptyValue => self.parse_flow_mapping_value(true),
            State::End => self.fail("unexpected event after the end of the stream", Mark::default()),
        }
    }

    // ---- Helpers --------------------------------------------------------------------------

    /// The kind and the marks of the next token.
    fn peek(&mut self) -> Result<(TokenKind, Mark, Mark)> {
        let token = self.scanner.peek()?;
        Ok((token.kind, token.start, token.end))
    }

    fn skip(&mut self) {
        self.scanner.skip_token();
    }

    fn pop_state(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    #[cold]
    fn fail<T>(&self, problem: &'static str, at: Mark) -> Result<T> {
        Err(Box::new(Error {
            kind: ErrorKind::Parser,
            problem: Cow::Borrowed(problem),
            at,
            context: None,
            context_at: None,
        }))
    }

    #[cold]
    fn fail_in<T>(
        &self,
        context: &'static str,
        context_at: Mark,
        problem: &'static str,
        at: Mark,
    ) -> Result<T> {
        Err(Box::new(Error {
            kind: ErrorKind::Parser,
            problem: Cow::Borrowed(problem),
            at,
            context: Some(context),
            context_at: Some(context_at),
        }))
    }

    /// Fails inside of the innermost collection.
    #[cold]
    fn fail_in_collection<T>(&mut self, context: &'static str, problem: &'static str, at: Mark) -> Result<T> {
        let start = self.marks.pop().unwrap_or_default();
        self.fail_in(context, start, problem, at)
    }

    fn empty_scalar(&self, at: Mark) -> Event {
        let span = Span::new(at.offset, at.offset);
        Event {
            kind: EventKind::Scalar(Scalar {
                value: Text::EMPTY,
                style: ScalarStyle::Plain,
                implicit: true,
                properties: Properties::default(),
                span,
            }),
            start: at,
            end: at,
        }
    }

    /// Ends the innermost collection.
    fn end_collection(&mut self, kind: EventKind, start: Mark, end: Mark) -> Event {
        self.pop_state();
        self.marks.pop();
        self.skip();
        Event { kind, start, end }
    }

    /// Remembers where a collection starts, for errors, and skips its first token.
    fn enter_collection(&mut self) -> Result<()> {
        let (_, start, _) = self.peek()?;
        self.marks.push(start);
        self.skip();
        Ok(())
    }

    // ---- Documents ------------------------------------------------------------------------

    fn parse_stream_start(&mut self) -> Result<Event> {
        let (kind, start, end) = self.peek()?;
        if kind != TokenKind::StreamStart {
            return self.fail("did not find expected <stream-start>", start);
        }
        self.state = State::ImplicitDocumentStart;
        self.skip();
        Ok(Event { kind: EventKind::StreamStart, start, end })
    }

    fn parse_document_start(&mut self, implicit: bool) -> Result<Event> {
        let (mut kind, mut start, mut end) = self.peek()?;
        if !implicit {
            while kind == TokenKind::DocumentEnd {
                self.skip();
                (kind, start, end) = self.peek()?;
            }
        }
        if kind == TokenKind::StreamEnd {
            self.state = State::End;
            self.skip();
            return Ok(Event { kind: EventKind::StreamEnd, start, end });
        }
        let starts_explicitly = matches!(
            kind,
            TokenKind::VersionDirective { .. } | TokenKind::TagDirective { .. } | TokenKind::DocumentStart
        );
        if implicit && !starts_explicitly {
            self.process_directives()?;
            self.states.push(State::DocumentEnd);
            self.state = State::BlockNode;
            return Ok(Event { kind: EventKind::DocumentStart { implicit: true }, start, end });
        }
        self.process_directives()?;
        let (kind, here, end) = self.peek()?;
        if kind != TokenKind::DocumentStart {
            return self.fail("did not find expected <document start>", here);
        }
        self.states.push(State::DocumentEnd);
        self.state = State::DocumentContent;
        self.skip();
        Ok(Event { kind: EventKind::DocumentStart { implicit: false }, start, end })
    }

    fn parse_document_content(&mut self) -> Result<Event> {
        let (kind, start, _) = self.peek()?;
        match kind {
            TokenKind::VersionDirective { .. }
            | TokenKind::TagDirective { .. }
            | TokenKind::DocumentStart
            | TokenKind::DocumentEnd
            | TokenKind::StreamEnd => {
                self.pop_state();
                Ok(self.empty_scalar(start))
            }
            _ => self.parse_node(true, false),
        }
    }

    fn parse_document_end(&mut self) -> Result<Event> {
        let (kind, start, end) = self.peek()?;
        let implicit = kind != TokenKind::DocumentEnd;
        if !implicit {
            self.skip();
        }
        self.tag_directives.clear();
        self.state = State::DocumentStart;
        let end = if implicit { start } else { end };
        Ok(Event { kind: EventKind::DocumentEnd { implicit }, start, end })
    }

    fn process_directives(&mut self) -> Result<()> {
        let mut version_seen = false;
        loop {
            let (kind, start, _) = self.peek()?;
            match kind {
                TokenKind::VersionDirective { major, minor } => {
                    if version_seen {
                        return self.fail("found duplicate %YAML directive", start);
                    }
                    if (major, minor) != (1, 1) {
                        return self.fail("found incompatible YAML document", start);
                    }
                    version_seen = true;
                }
                TokenKind::TagDirective { handle, prefix } => {
                    if self.tag_prefix(handle).is_some() {
                        return self.fail("found duplicate %TAG directive", start);
                    }
                    self.tag_directives.push(TagDirective { handle, prefix });
                }
                _ => return Ok(()),
            }
            self.skip();
        }
    }

    fn tag_prefix(&self, handle: Text) -> Option<Text> {
        let handle = self.scanner.bytes(handle);
        let directive =
            self.tag_directives.iter().find(|directive| self.scanner.bytes(directive.handle) == handle)?;
        Some(directive.prefix)
    }

    /// The long form of a tag; `None` if its handle is not defined.
    fn resolve_tag(&mut self, handle: Text, suffix: Text) -> Option<Text> {
        if handle.is_empty() {
            return Some(suffix);
        }
        if let Some(prefix) = self.tag_prefix(handle) {
            return Some(self.scanner.join(prefix, suffix));
        }
        match self.scanner.bytes(handle) {
            b"!" => Some(self.scanner.join(handle, suffix)),
            b"!!" => Some(self.scanner.prefix(b"tag:yaml.org,2002:", suffix)),
            _ => None,
        }
    }

    // ---- Nodes ----------------------------------------------------------------------------

    fn parse_node(&mut self, block: bool, indentless_sequence: bool) -> Result<Event> {
        let (mut kind, mut token_start, mut token_end) = self.peek()?;
        if let TokenKind::Alias(anchor) = kind {
            self.pop_state();
            self.skip();
            return Ok(Event { kind: EventKind::Alias { anchor }, start: token_start, end: token_end });
        }

        let start = token_start;
        let mut properties_end = token_start;
        let mut properties = Properties::default();
        let mut has_properties = false;
        // An anchor and a tag, in either order.
        loop {
            match kind {
                TokenKind::Anchor(name) if properties.anchor.is_none() => {
                    properties.anchor = Some(name);
                }
                TokenKind::Tag { handle, suffix } if properties.tag.is_none() => {
                    properties.tag_span = Span::new(token_start.offset, token_end.offset);
                    properties.tag = self.resolve_tag(handle, suffix);
                    if self.scanner.has_too_many_tags() {
                        return Err(Box::new(Error {
                            kind: ErrorKind::TooLarge,
                            problem: Cow::Borrowed("the tags of the document are too long"),
                            at: token_start,
                            context: None,
                            context_at: None,
                        }));
                    }
                    if properties.tag.is_none_or(Text::is_empty) {
                        // libyaml reads the token that follows before it looks the tag up.
                        self.skip();
                        self.read_past_properties(properties.anchor.is_none())?;
                        return self.fail_in(
                            "while parsing a node",
                            start,
                            "found undefined tag handle",
                            token_start,
                        );
                    }
                }
                _ => break,
            }
            has_properties = true;
            properties_end = token_end;
            self.skip();
            (kind, token_start, token_end) = self.peek()?;
        }
        let properties = properties;

        let span = Span::new(token_start.offset, token_end.offset);
        let collection = |style| Collection { style, properties, span };
        let (event, state) = match kind {
            TokenKind::BlockEntry if indentless_sequence => {
                (EventKind::SequenceStart(collection(CollectionStyle::Block)), State::IndentlessSequenceEntry)
            }
            TokenKind::Scalar { value, style } => {
                let implicit = match properties.tag {
                    None => style == ScalarStyle::Plain,
                    Some(tag) => self.bytes(tag) == b"!",
                };
                self.pop_state();
                self.skip();
                let scalar = Scalar { value, style, implicit, properties, span };
                return Ok(Event { kind: EventKind::Scalar(scalar), start, end: token_end });
            }
            TokenKind::FlowSequenceStart => {
                (EventKind::SequenceStart(collection(CollectionStyle::Flow)), State::FlowSequenceFirstEntry)
            }
            TokenKind::FlowMappingStart => {
                (EventKind::MappingStart(collection(CollectionStyle::Flow)), State::FlowMappingFirstKey)
            }
            TokenKind::BlockSequenceStart if block => {
                (EventKind::SequenceStart(collection(CollectionStyle::Block)), State::BlockSequenceFirstEntry)
            }
            TokenKind::BlockMappingStart if block => {
                (EventKind::MappingStart(collection(CollectionStyle::Block)), State::BlockMappingFirstKey)
            }
            _ if has_properties => {
                self.pop_state();
                let at = Span::new(properties_end.offset, properties_end.offset);
                let scalar = Scalar {
                    value: Text::EMPTY,
                    style: ScalarStyle::Plain,
                    implicit: properties.tag.is_none(),
                    properties,
                    span: at,
                };
                return Ok(Event { kind: EventKind::Scalar(scalar), start, end: properties_end });
            }
            _ => {
                let context = if block { "while parsing a block node" } else { "while parsing a flow node" };
                return self.fail_in(context, start, "did not find expected node content", token_start);
            }
        };
        self.state = state;
        Ok(Event { kind: event, start, end: token_end })
    }

    /// Looks at the tokens after a tag as far as libyaml does before it resolves the tag; what the
    /// scanner finds wrong there comes first.
    fn read_past_properties(&mut self, may_have_anchor: bool) -> Result<()> {
        let (kind, _, _) = self.peek()?;
        if may_have_anchor && matches!(kind, TokenKind::Anchor(_)) {
            self.skip();
            self.peek()?;
        }
        Ok(())
    }

    // ---- Block collections ----------------------------------------------------------------

    fn parse_block_sequence_entry(&mut self, first: bool) -> Result<Event> {
        if first {
            self.enter_collection()?;
        }
        let (kind, start, end) = self.peek()?;
        match kind {
            TokenKind::BlockEntry => {
                self.skip();
                let (next, _, _) = self.peek()?;
                if matches!(next, TokenKind::BlockEntry | TokenKind::BlockEnd) {
                    self.state = State::BlockSequenceEntry;
                    return Ok(self.empty_scalar(end));
                }
                self.states.push(State::BlockSequenceEntry);
                self.parse_node(true, false)
            }
            TokenKind::BlockEnd => Ok(self.end_collection(EventKind::SequenceEnd, start, end)),
            _ => self.fail_in_collection(
                "while parsing a block collection",
                "did not find expected '-' indicator",
                start,
            ),
        }
    }

    fn parse_indentless_sequence_entry(&mut self) -> Result<Event> {
        let (kind, start, end) = self.peek()?;
        if kind != TokenKind::BlockEntry {
            self.pop_state();
            return Ok(Event { kind: EventKind::SequenceEnd, start, end: start });
        }
        self.skip();
        let (next, _, _) = self.peek()?;
        if matches!(next, TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd) {
            self.state = State::IndentlessSequenceEntry;
            return Ok(self.empty_scalar(end));
        }
        self.states.push(State::IndentlessSequenceEntry);
        self.parse_node(true, false)
    }

    fn parse_block_mapping_key(&mut self, first: bool) -> Result<Event> {
        if first {
            self.enter_collection()?;
        }
        let (kind, start, end) = self.peek()?;
        match kind {
            TokenKind::Key => {
                self.skip();
                let (next, _, _) = self.peek()?;
                if matches!(next, TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd) {
                    self.state = State::BlockMappingValue;
                    return Ok(self.empty_scalar(end));
                }
                self.states.push(State::BlockMappingValue);
                self.parse_node(true, true)
            }
            TokenKind::BlockEnd => Ok(self.end_collection(EventKind::MappingEnd, start, end)),
            _ => self.fail_in_collection("while parsing a block mapping", "did not find expected key", start),
        }
    }

    fn parse_block_mapping_value(&mut self) -> Result<Event> {
        let (kind, start, end) = self.peek()?;
        if kind != TokenKind::Value {
            self.state = State::BlockMappingKey;
            return Ok(self.empty_scalar(start));
        }
        self.skip();
        let (next, _, _) = self.peek()?;
        if matches!(next, TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd) {
            self.state = State::BlockMappingKey;
            return Ok(self.empty_scalar(end));
        }
        self.states.push(State::BlockMappingKey);
        self.parse_node(true, true)
    }

    // ---- Flow collections -----------------------------------------------------------------

    fn parse_flow_sequence_entry(&mut self, first: bool) -> Result<Event> {
        if first {
            self.enter_collection()?;
        }
        let (mut kind, mut start, mut end) = self.peek()?;
        if kind != TokenKind::FlowSequenceEnd {
            if !first {
                if kind != TokenKind::FlowEntry {
                    return self.fail_in_collection(
                        "while parsing a flow sequence",
                        "did not find expected ',' or ']'",
                        start,
                    );
                }
                self.skip();
                (kind, start, end) = self.peek()?;
            }
            if kind == TokenKind::Key {
                // A pair without braces: `[a: b]`.
                self.state = State::FlowSequenceEntryMappingKey;
                self.skip();
                let collection = Collection {
                    style: CollectionStyle::Flow,
                    properties: Properties::default(),
                    span: Span::new(start.offset, end.offset),
                };
                return Ok(Event { kind: EventKind::MappingStart(collection), start, end });
            }
            if kind != TokenKind::FlowSequenceEnd {
                self.states.push(State::FlowSequenceEntry);
                return self.parse_node(false, false);
            }
        }
        Ok(self.end_collection(EventKind::SequenceEnd, start, end))
    }

    fn parse_flow_sequence_entry_mapping_key(&mut self) -> Result<Event> {
        let (kind, _, end) = self.peek()?;
        if !matches!(kind, TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd) {
            self.states.push(State::FlowSequenceEntryMappingValue);
            return self.parse_node(false, false);
        }
        // libyaml skips the token here, the `:` as well as a `,` or the `]`.
        self.skip();
        self.state = State::FlowSequenceEntryMappingValue;
        Ok(self.empty_scalar(end))
    }

    fn parse_flow_sequence_entry_mapping_value(&mut self) -> Result<Event> {
        let (kind, start, _) = self.peek()?;
        if kind == TokenKind::Value {
            self.skip();
            let (next, _, _) = self.peek()?;
            if !matches!(next, TokenKind::FlowEntry | TokenKind::FlowSequenceEnd) {
                self.states.push(State::FlowSequenceEntryMappingEnd);
                return self.parse_node(false, false);
            }
        }
        self.state = State::FlowSequenceEntryMappingEnd;
        Ok(self.empty_scalar(start))
    }

    fn parse_flow_sequence_entry_mapping_end(&mut self) -> Result<Event> {
        let (_, start, _) = self.peek()?;
        self.state = State::FlowSequenceEntry;
        Ok(Event { kind: EventKind::MappingEnd, start, end: start })
    }

    fn parse_flow_mapping_key(&mut self, first: bool) -> Result<Event> {
        if first {
            self.enter_collection()?;
        }
        let (mut kind, mut start, mut end) = self.peek()?;
        if kind != TokenKind::FlowMappingEnd {
            if !first {
                if kind != TokenKind::FlowEntry {
                    return self.fail_in_collection(
                        "while parsing a flow mapping",
                        "did not find expected ',' or '}'",
                        start,
                    );
                }
                self.skip();
                (kind, start, end) = self.peek()?;
            }
            if kind == TokenKind::Key {
                self.skip();
                let (next, start, _) = self.peek()?;
                if matches!(next, TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd) {
                    self.state = State::FlowMappingValue;
                    return Ok(self.empty_scalar(start));
                }
                self.states.push(State::FlowMappingValue);
                return self.parse_node(false, false);
            }
            if kind != TokenKind::FlowMappingEnd {
                self.states.push(State::FlowMappingEmptyValue);
                return self.parse_node(false, false);
            }
        }
        Ok(self.end_collection(EventKind::MappingEnd, start, end))
    }

    fn parse_flow_mapping_value(&mut self, empty: bool) -> Result<Event> {
        let (kind, mut start, _) = self.peek()?;
        if !empty && kind == TokenKind::Value {
            self.skip();
            let (next, next_start, _) = self.peek()?;
            if !matches!(next, TokenKind::FlowEntry | TokenKind::FlowMappingEnd) {
                self.states.push(State::FlowMappingKey);
                return self.parse_node(false, false);
            }
            start = next_start;
        }
        self.state = State::FlowMappingKey;
        Ok(self.empty_scalar(start))
    }
}
