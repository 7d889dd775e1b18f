//! The node tree of a stream: what is written, before anything is resolved or merged.
//!
//! All nodes of a stream lie in one vector. A node's children are a range of another, so nothing
//! here recurses, neither while it is built nor while it is dropped.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::error::{Error, ErrorKind};
use crate::parser::{Event, EventKind, Parser, Properties};
use crate::position::{Mark, Span};
use crate::reader::Input;
use crate::token::{CollectionStyle, ScalarStyle, Text};

/// A node of a [`Stream`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NodeKind {
    /// A scalar.
    Scalar {
        /// The value, unescaped and unfolded.
        value: Text,
        /// How it is written.
        style: ScalarStyle,
        /// Whether the value decides the type: a plain scalar without a tag, or any with the tag `!`.
        implicit: bool,
    },
    /// A sequence; see [`Stream::children`].
    Sequence {
        /// How it is written.
        style: CollectionStyle,
    },
    /// A mapping. Its children are keys and values by turns.
    Mapping {
        /// How it is written.
        style: CollectionStyle,
    },
    /// `*anchor`
    Alias {
        /// The node that carries the anchor. It may be a node around this one.
        target: NodeId,
    },
}

/// A node: what it is, and where it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// From the first to the last byte of the node, without anchor and tag. A block collection ends
    /// where its last child ends.
    pub span: Span,
    /// The place of the node as libyaml sees it: of the anchor or the tag, if there is one.
    pub mark: Mark,
    /// Whether it has an anchor or a tag; see [`Stream::properties`].
    pub has_properties: bool,
    children: (u32, u32),
}

/// One document of a stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Document {
    /// The root node.
    pub root: NodeId,
    /// From the `---` (or the directives before it, or the first token) to the end marker or to the
    /// start of what follows.
    pub span: Span,
    /// Whether the document starts with `---`.
    pub explicit_start: bool,
}

/// A parsed text: its documents up to the first error, the error, and all comments read.
#[derive(Debug)]
pub struct Stream<'a> {
    text: Cow<'a, [u8]>,
    buffer: Vec<u8>,
    nodes: Nodes,
    documents: Vec<Document>,
    comments: Vec<Span>,
    error: Option<Box<Error>>,
}

/// The nodes of a stream, by their ids.
#[derive(Debug, Default)]
pub(crate) struct Nodes {
    nodes: Vec<Node>,
    children: Vec<NodeId>,
    /// Those of the few nodes that have any, in the order of the nodes.
    properties: Vec<(NodeId, Properties)>,
}

impl Nodes {
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    pub(crate) fn children(&self, id: NodeId) -> &[NodeId] {
        let (start, end) = self.node(id).children;
        &self.children[start as usize..end as usize]
    }

    pub(crate) fn properties(&self, id: NodeId) -> Properties {
        if !self.node(id).has_properties {
            return Properties::default();
        }
        let found = self.properties.binary_search_by_key(&id, |(id, _)| *id);
        found.map(|at| self.properties[at].1).unwrap_or_default()
    }
}

/// The parts of a stream that its reader takes over.
pub(crate) struct Parts<'a> {
    pub(crate) text: Cow<'a, [u8]>,
    pub(crate) buffer: Vec<u8>,
    pub(crate) nodes: Nodes,
    pub(crate) documents: Vec<Document>,
    pub(crate) comments: Vec<Span>,
    pub(crate) error: Option<Box<Error>>,
}

/// Parses all documents of a text.
///
/// This never fails: a text with an error gives the documents before the one that holds the error,
/// and [`Stream::error`].
#[must_use]
pub fn parse(source: &[u8]) -> Stream<'_> {
    compose(Input::new(source), usize::MAX)
}

/// Parses the first document only, as go-yaml's `Unmarshal` does; what follows is not looked at.
#[must_use]
pub fn parse_first(source: &[u8]) -> Stream<'_> {
    compose(Input::new(source), 1)
}

pub(crate) fn compose(input: Input<'_>, limit: usize) -> Stream<'_> {
    let (composer, error, buffer, comments) = {
        let mut parser = Parser::new(&input);
        let mut composer = Composer::default();
        let error = composer.run(&mut parser, limit).err();
        let (buffer, comments) = parser.finish();
        (composer, error, buffer, comments)
    };
    Stream {
        text: input.into_text(),
        buffer,
        nodes: composer.nodes,
        documents: composer.documents,
        comments,
        error,
    }
}

impl Stream<'_> {
    /// The documents before the first error.
    #[must_use]
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// The first error of the text.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        self.error.as_deref()
    }

    /// The comments, in order, from `#` up to the line break.
    #[must_use]
    pub fn comments(&self) -> &[Span] {
        &self.comments
    }

    /// The text that all spans refer to; see [`Input::text`].
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// A node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        self.nodes.node(id)
    }

    /// The children of a sequence or a mapping (keys and values by turns), none for other nodes.
    #[must_use]
    pub fn children(&self, id: NodeId) -> &[NodeId] {
        self.nodes.children(id)
    }

    /// The pairs of a mapping, none for other nodes.
    pub fn pairs(&self, id: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> + '_ {
        let children = match self.node(id).kind {
            NodeKind::Mapping { .. } => self.children(id),
            _ => &[],
        };
        children.chunks_exact(2).map(|pair| (pair[0], pair[1]))
    }

    /// The bytes of a text that one of the nodes holds.
    #[must_use]
    pub fn bytes(&self, text: Text) -> &[u8] {
        text.bytes(&self.text, &self.buffer)
    }

    /// The value of a scalar node, without its quotes; `None` for other nodes.
    #[must_use]
    pub fn scalar(&self, id: NodeId) -> Option<&[u8]> {
        match self.node(id).kind {
            NodeKind::Scalar { value, .. } => Some(self.bytes(value)),
            _ => None,
        }
    }

    /// The anchor and the tag of a node.
    #[must_use]
    pub fn properties(&self, id: NodeId) -> Properties {
        self.nodes.properties(id)
    }

    /// The long form of a node's tag: `tag:yaml.org,2002:str` for `!!str`.
    #[must_use]
    pub fn tag(&self, id: NodeId) -> Option<&[u8]> {
        self.properties(id).tag.map(|tag| self.bytes(tag))
    }

    /// The same stream with a text of its own, so that it can outlive the source.
    #[must_use]
    pub fn into_owned(self) -> Stream<'static> {
        let Self { text, buffer, nodes, documents, comments, error } = self;
        Stream { text: Cow::Owned(text.into_owned()), buffer, nodes, documents, comments, error }
    }

    /// The name of a node's anchor.
    #[must_use]
    pub fn anchor(&self, id: NodeId) -> Option<&[u8]> {
        self.properties(id).anchor.map(|anchor| self.bytes(anchor))
    }
}

impl<'a> Stream<'a> {
    pub(crate) fn into_parts(self) -> Parts<'a> {
        let Self { text, buffer, nodes, documents, comments, error } = self;
        Parts { text, buffer, nodes, documents, comments, error }
    }
}

/// Puts the events together.
#[derive(Default)]
struct Composer {
    nodes: Nodes,
    documents: Vec<Document>,
    /// The children of all open collections, the innermost last.
    pending: Vec<NodeId>,
    /// The open collections, each with where its children start in `pending`.
    open: Vec<(NodeId, usize)>,
    anchors: HashMap<Vec<u8>, NodeId>,
}

impl Composer {
    fn run(&mut self, parser: &mut Parser<'_>, limit: usize) -> Result<(), Box<Error>> {
        let mut document_start = Span::default();
        let mut explicit_start = false;
        while self.documents.len() < limit {
            let Some(event) = parser.next_event()? else { break };
            match event.kind {
                EventKind::StreamStart | EventKind::StreamEnd => {}
                EventKind::DocumentStart { implicit } => {
                    document_start = Span::new(event.start.offset, event.end.offset);
                    explicit_start = !implicit;
                    self.anchors.clear();
                    self.pending.clear();
                }
                EventKind::DocumentEnd { .. } => {
                    if let Some(root) = self.pending.pop() {
                        let span = Span::new(document_start.start, event.end.offset);
                        self.documents.push(Document { root, span, explicit_start });
                    }
                }
                EventKind::Alias { anchor } => self.alias(parser, &event, anchor)?,
                EventKind::Scalar(scalar) => {
                    let kind = NodeKind::Scalar {
                        value: scalar.value,
                        style: scalar.style,
                        implicit: scalar.implicit,
                    };
                    self.add(parser, kind, scalar.span, event.start, scalar.properties);
                }
                EventKind::SequenceStart(start) => {
                    let kind = NodeKind::Sequence { style: start.style };
                    let id = self.add(parser, kind, start.span, event.start, start.properties);
                    self.open.push((id, self.pending.len()));
                }
                EventKind::MappingStart(start) => {
                    let kind = NodeKind::Mapping { style: start.style };
                    let id = self.add(parser, kind, start.span, event.start, start.properties);
                    self.open.push((id, self.pending.len()));
                }
                EventKind::SequenceEnd | EventKind::MappingEnd => self.close(event.end),
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        parser: &Parser<'_>,
        kind: NodeKind,
        span: Span,
        mark: Mark,
        properties: Properties,
    ) -> NodeId {
        let id = NodeId(self.nodes.nodes.len() as u32);
        let has_properties = properties != Properties::default();
        self.nodes.nodes.push(Node { kind, span, mark, has_properties, children: (0, 0) });
        if has_properties {
            self.nodes.properties.push((id, properties));
            if let Some(anchor) = properties.anchor {
                self.anchors.insert(parser.bytes(anchor).to_vec(), id);
            }
        }
        self.pending.push(id);
        id
    }

    fn alias(&mut self, parser: &Parser<'_>, event: &Event, anchor: Text) -> Result<(), Box<Error>> {
        let name = parser.bytes(anchor);
        let Some(target) = self.anchors.get(name).copied() else {
            let name = String::from_utf8_lossy(name);
            return Err(Box::new(Error {
                kind: ErrorKind::Composer,
                problem: Cow::Owned(format!("unknown anchor '{name}' referenced")),
                at: event.start,
                context: None,
                context_at: None,
            }));
        };
        let span = Span::new(event.start.offset, event.end.offset);
        self.add(parser, NodeKind::Alias { target }, span, event.start, Properties::default());
        Ok(())
    }

    fn close(&mut self, end: Mark) {
        let Some((id, first)) = self.open.pop() else { return };
        let start = self.nodes.children.len() as u32;
        let last_end = self.pending[first..].last().map(|last| self.nodes.nodes[last.index()].span.end);
        self.nodes.children.extend_from_slice(&self.pending[first..]);
        self.pending.truncate(first);
        let node = &mut self.nodes.nodes[id.index()];
        node.children = (start, self.nodes.children.len() as u32);
        let block = matches!(
            node.kind,
            NodeKind::Sequence { style: CollectionStyle::Block }
                | NodeKind::Mapping { style: CollectionStyle::Block }
        );
        // The end event of a block collection is where the next token starts, far too late.
        node.span.end = if block {
            last_end.unwrap_or(node.span.end).max(node.span.end)
        } else {
            end.offset.max(node.span.end)
        };
    }
}
