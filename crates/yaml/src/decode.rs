//! Decoding as `sigs.k8s.io/yaml` does it for Helm: yaml.v2 into an `interface{}`, that to JSON, and
//! the JSON into a map or a list.
//!
//! The three steps are one pass here; the errors of the later steps are kept until the earlier ones
//! are through, so that the first error is Go's first error.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::base64;
use crate::error::Error;
use crate::go_syntax;
use crate::number::{write_float, write_float32};
use crate::position::Span;
use crate::reader::Input;
use crate::resolve::{Resolved, Version, resolve, resolve_tagged};
use crate::token::Text;
use crate::tree::{NodeId, NodeKind, Nodes, Stream, compose};
use crate::utf8::replace_invalid;
use crate::value::{Data, DuplicateKey, EntrySlot, KeyKind, Slot, Tree};

/// The Go type that a document is decoded into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// `map[string]interface {}`
    Map,
    /// `[]interface {}`
    List,
    /// `interface {}`: anything goes.
    Any,
}

/// Why a document could not be decoded. `Display` gives the text that Helm's user sees.
#[derive(Clone, Debug, PartialEq)]
pub enum DecodeError {
    /// The text is no YAML.
    Syntax(Box<Error>),
    /// A node cannot be decoded: a bad tag, a bad merge, a mapping as a key.
    Node {
        /// The text, without the `yaml: ` before it.
        problem: String,
        /// The node.
        span: Span,
    },
    /// Duplicate keys, in strict decoding.
    Duplicates(Vec<Duplicate>),
    /// The result cannot be JSON: a null key, infinity.
    Json {
        /// The text.
        problem: String,
        /// The key or the value.
        span: Span,
    },
    /// The JSON does not fit the target, or nests too deep.
    Target {
        /// The text.
        problem: String,
        /// The value.
        span: Span,
    },
}

/// A key that strict decoding refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// go-yaml's text: `line 2: key "a" already set in map`. The line is the one of the value.
    pub problem: String,
    /// The key that is written a second time.
    pub key: Span,
}

impl DecodeError {
    /// The text without what `sigs.k8s.io/yaml` puts before it, as yaml.v2 or encoding/json word it.
    #[must_use]
    pub fn inner_text(&self) -> String {
        match self {
            Self::Syntax(error) => error.to_string(),
            Self::Node { problem, .. } => format!("yaml: {problem}"),
            Self::Duplicates(duplicates) => {
                let lines: Vec<_> =
                    duplicates.iter().map(|duplicate| format!("\n  {}", duplicate.problem)).collect();
                format!("yaml: unmarshal errors:{}", lines.concat())
            }
            Self::Json { problem, .. } | Self::Target { problem, .. } => problem.clone(),
        }
    }

    /// The place of the error.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Syntax(error) => Span::new(error.at.offset, error.at.offset),
            Self::Node { span, .. } | Self::Json { span, .. } | Self::Target { span, .. } => *span,
            Self::Duplicates(duplicates) => duplicates.first().map(|first| first.key).unwrap_or_default(),
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = match self {
            Self::Target { .. } => "error unmarshaling JSON: while decoding JSON: ",
            _ => "error converting YAML to JSON: ",
        };
        f.write_str(step)?;
        f.write_str(&self.inner_text())
    }
}

impl std::error::Error for DecodeError {}

/// Decodes the first document of a text, as `yaml.Unmarshal` of sigs.k8s.io/yaml.
///
/// An empty document is null, whatever the target; Go leaves its target alone then.
///
/// # Errors
///
/// The error Go gives. Nothing is decoded then.
pub fn decode(source: &[u8], target: Target) -> Result<Tree<'_>, DecodeError> {
    decode_stream(compose(Input::new(source), 1), target, false)
}

/// Decodes as [`decode`], but refuses duplicate keys, as `yaml.UnmarshalStrict`.
///
/// # Errors
///
/// The error Go gives.
pub fn decode_strict(source: &[u8], target: Target) -> Result<Tree<'_>, DecodeError> {
    decode_stream(compose(Input::new(source), 1), target, true)
}

fn decode_stream(stream: Stream<'_>, target: Target, strict: bool) -> Result<Tree<'_>, DecodeError> {
    let parts = stream.into_parts();
    if let Some(error) = parts.error {
        return Err(DecodeError::Syntax(error));
    }
    let tree = Tree {
        text: parts.text,
        buffer: parts.buffer,
        values: Vec::with_capacity(parts.nodes.len()),
        items: Vec::new(),
        entries: Vec::with_capacity(parts.nodes.len() / 2),
        root: 0,
        duplicates: Vec::new(),
        comments: parts.comments,
    };
    let mut decoder = Decoder::new(&parts.nodes, tree, strict);
    decoder.tree.root = match parts.documents.first() {
        Some(document) => decoder.decode(document.root)?,
        None => decoder.add(Data::Null, Span::default()),
    };
    if !decoder.refused.is_empty() {
        return Err(DecodeError::Duplicates(decoder.refused));
    }
    let Decoder { mut tree, unfit, binaries, .. } = decoder;
    if unfit {
        check_json(&tree)?;
    }
    if !binaries.is_empty() {
        replace_broken_text(&mut tree, binaries.into_values());
    }
    let kind = tree.root().json_type();
    let wanted = match target {
        Target::Map if !matches!(kind, "object" | "null") => "map[string]interface {}",
        Target::List if !matches!(kind, "array" | "null") => "[]interface {}",
        _ => return Ok(tree),
    };
    let problem = format!("json: cannot unmarshal {kind} into Go value of type {wanted}");
    Err(DecodeError::Target { problem, span: tree.root().span() })
}

/// More text than this must not come from aliases.
const MAX_ALIAS_BYTES: u64 = 1 << 30;

/// encoding/json's limit on nesting.
const MAX_JSON_DEPTH: usize = 10_000;

/// Looks for what JSON cannot hold, in the order of Go's steps: keys when the maps are converted,
/// infinity and NaN when they are marshalled, depth when the JSON is read.
///
/// Go walks its maps in no order when it converts; here it is the order of the source.
fn check_json(tree: &Tree<'_>) -> Result<(), DecodeError> {
    let mut unfit_key = None;
    let mut special = None;
    let mut too_deep = None;
    // Mappings in order of keys, as encoding/json writes them.
    let mut stack = vec![(tree.root, 1)];
    while let Some((id, depth)) = stack.pop() {
        let slot = &tree.values[id as usize];
        match slot.data {
            Data::Float(value) if !value.is_finite() && special.is_none() => {
                let mut problem = b"json: unsupported value: ".to_vec();
                write_float(value, &mut problem);
                let problem = String::from_utf8_lossy(&problem).into_owned();
                special = Some(DecodeError::Json { problem, span: slot.span });
            }
            Data::Seq(start, end) => {
                if depth > MAX_JSON_DEPTH && too_deep.is_none() {
                    too_deep = Some(('[', slot.span));
                }
                let items = &tree.items[start as usize..end as usize];
                stack.extend(items.iter().rev().map(|item| (*item, depth + 1)));
            }
            Data::Map(start, end) => {
                if depth > MAX_JSON_DEPTH && too_deep.is_none() {
                    too_deep = Some(('{', slot.span));
                }
                let mut entries: Vec<_> = tree.entries[start as usize..end as usize].iter().collect();
                for entry in &entries {
                    let earlier = unfit_key.is_none_or(|found: &EntrySlot| entry.key_span < found.key_span);
                    if matches!(entry.kind, KeyKind::Null | KeyKind::Uint(_)) && earlier {
                        unfit_key = Some(*entry);
                    }
                }
                entries.sort_by(|a, b| tree.bytes(b.key).cmp(tree.bytes(a.key)));
                stack.extend(entries.iter().map(|entry| (entry.value, depth + 1)));
            }
            _ => {}
        }
    }
    if let Some(entry) = unfit_key {
        let problem = go_syntax::unfit_key(tree, entry);
        return Err(DecodeError::Json { problem, span: entry.key_span });
    }
    if let Some(error) = special {
        return Err(error);
    }
    if let Some((opening, span)) = too_deep {
        let problem = format!("invalid character '{opening}' exceeded max depth");
        return Err(DecodeError::Target { problem, span });
    }
    Ok(())
}

/// Replaces what is no UTF-8 in the texts of binary scalars, as encoding/json does.
fn replace_broken_text(tree: &mut Tree<'_>, texts: impl Iterator<Item = Text>) {
    let mut replaced = HashMap::new();
    for text in texts {
        if let Cow::Owned(valid) = replace_invalid(tree.bytes(text)) {
            let start = tree.buffer.len();
            tree.buffer.extend_from_slice(&valid);
            replaced.insert(text, Text::in_buffer(start, tree.buffer.len()));
        }
    }
    if replaced.is_empty() {
        return;
    }
    for at in 0..tree.values.len() {
        match tree.values[at].data {
            Data::String(text) => {
                if let Some(valid) = replaced.get(&text) {
                    tree.values[at].data = Data::String(*valid);
                }
            }
            Data::Map(start, end) => {
                let entries = &mut tree.entries[start as usize..end as usize];
                let mut changed = false;
                for entry in entries {
                    if let Some(valid) = replaced.get(&entry.key) {
                        entry.key = *valid;
                        changed = true;
                    }
                }
                if changed {
                    // Two keys may have become one.
                    let entries = tree.entries[start as usize..end as usize].to_vec();
                    let start = tree.entries.len() as u32;
                    tree.move_entries(&entries);
                    tree.values[at].data = Data::Map(start, tree.entries.len() as u32);
                }
            }
            _ => {}
        }
    }
}

/// A node that is being decoded.
enum Frame {
    Seq {
        node: NodeId,
        next: usize,
        /// Where its items start among the pending ones.
        first: usize,
    },
    Map(MapFrame),
    /// Below an alias. Ends when the value of the anchor is there.
    Alias(NodeId),
    /// The sequence of a merge, from the last item to the first.
    MergeSeq {
        node: NodeId,
        left: usize,
    },
}

struct MapFrame {
    node: NodeId,
    next: usize,
    first: usize,
    /// The frame of the mapping that the entries go into: a merge fills the mapping it stands in.
    owner: usize,
    /// The key whose value is being decoded.
    key: Option<Key>,
    /// Whether the key itself is being decoded, because it is no plain scalar node.
    key_pending: bool,
    /// The keys set so far, in strict decoding.
    seen: HashSet<Vec<u8>>,
}

#[derive(Clone, Copy)]
struct Key {
    text: Text,
    kind: KeyKind,
    span: Span,
}

struct Decoder<'s, 'a> {
    nodes: &'s Nodes,
    tree: Tree<'a>,
    strict: bool,
    frames: Vec<Frame>,
    pending_items: Vec<u32>,
    pending_entries: Vec<EntrySlot>,
    /// The alias nodes that are being expanded.
    expanding: HashSet<NodeId>,
    decode_count: u64,
    alias_count: u64,
    /// The length of all scalars that aliases stand for.
    alias_bytes: u64,
    /// What `!!binary` scalars decode to, if they may be needed again.
    binaries: HashMap<NodeId, Text>,
    /// The duplicate keys of strict decoding.
    refused: Vec<Duplicate>,
    /// Whether something was decoded that JSON cannot hold.
    unfit: bool,
    depth: usize,
}

impl<'s, 'a> Decoder<'s, 'a> {
    fn new(nodes: &'s Nodes, tree: Tree<'a>, strict: bool) -> Self {
        Self {
            nodes,
            tree,
            strict,
            frames: Vec::new(),
            pending_items: Vec::new(),
            pending_entries: Vec::new(),
            expanding: HashSet::new(),
            // The document itself counts.
            decode_count: 1,
            alias_count: 0,
            alias_bytes: 0,
            binaries: HashMap::new(),
            refused: Vec::new(),
            unfit: false,
            depth: 0,
        }
    }

    fn add(&mut self, data: Data, span: Span) -> u32 {
        self.tree.values.push(Slot { data, span });
        (self.tree.values.len() - 1) as u32
    }

    fn decode(&mut self, root: NodeId) -> Result<u32, DecodeError> {
        let mut finished = self.visit(root, false)?;
        loop {
            finished = match (finished, self.frames.last_mut()) {
                // A finished value goes to the frame that waits for it.
                (Some(value), None) => return Ok(value),
                (Some(value), Some(Frame::Seq { .. })) => {
                    self.pending_items.push(value);
                    None
                }
                (Some(value), Some(Frame::Map(map))) => {
                    if map.key_pending {
                        map.key_pending = false;
                        let (key_node, value_node) = {
                            let pair = &self.nodes.children(map.node)[map.next - 2..map.next];
                            (pair[0], pair[1])
                        };
                        let key = self.key_of_value(value, self.nodes.node(key_node).span)?;
                        self.set_key(key);
                        self.visit(value_node, false)?
                    } else {
                        self.set_entry(value);
                        None
                    }
                }
                (finished, Some(Frame::Alias(alias))) => {
                    self.expanding.remove(alias);
                    self.frames.pop();
                    finished
                }
                // A merge leaves no value behind, and it is never the outermost frame.
                (None, None) => return Ok(self.add(Data::Null, Span::default())),
                (None, Some(Frame::Seq { node, next, first })) => {
                    let (node, first) = (*node, *first);
                    match self.nodes.children(node).get(*next) {
                        Some(child) => {
                            *next += 1;
                            self.visit(*child, false)?
                        }
                        None => Some(self.finish_seq(node, first)),
                    }
                }
                (None, Some(Frame::Map(_))) => self.step_map()?,
                (_, Some(Frame::MergeSeq { node, left })) => {
                    let node = *node;
                    match left.checked_sub(1) {
                        Some(index) => {
                            *left = index;
                            let child = self.nodes.children(node)[index];
                            self.check_merge(child)?;
                            self.visit(child, true)?
                        }
                        None => {
                            self.frames.pop();
                            None
                        }
                    }
                }
            };
        }
    }

    /// Starts to decode a node. Gives the value of a scalar; collections and aliases become frames.
    fn visit(&mut self, id: NodeId, merge: bool) -> Result<Option<u32>, DecodeError> {
        let node = self.nodes.node(id);
        self.count(node.span)?;
        match node.kind {
            NodeKind::Scalar { .. } => {
                let data = self.resolve_scalar(id)?;
                Ok(Some(self.add(data, node.span)))
            }
            NodeKind::Sequence { .. } => {
                self.enter();
                self.frames.push(Frame::Seq { node: id, next: 0, first: self.pending_items.len() });
                Ok(None)
            }
            NodeKind::Mapping { .. } => {
                let owner = if merge { self.innermost_owner() } else { self.frames.len() };
                if !merge {
                    self.enter();
                }
                self.frames.push(Frame::Map(MapFrame {
                    node: id,
                    next: 0,
                    first: self.pending_entries.len(),
                    owner,
                    key: None,
                    key_pending: false,
                    seen: HashSet::new(),
                }));
                Ok(None)
            }
            NodeKind::Alias { target } => {
                if !self.expanding.insert(id) {
                    let name = &self.tree.text()[node.span.range()];
                    let name = String::from_utf8_lossy(name.get(1..).unwrap_or_default());
                    let problem = format!("anchor '{name}' value contains itself");
                    return Err(DecodeError::Node { problem, span: node.span });
                }
                self.frames.push(Frame::Alias(id));
                self.visit(target, merge)
            }
        }
    }

    /// The mapping that a merge at this place fills.
    fn innermost_owner(&self) -> usize {
        let map = self.frames.iter().rev().find_map(|frame| match frame {
            Frame::Map(map) => Some(map.owner),
            _ => None,
        });
        map.unwrap_or(0)
    }

    fn enter(&mut self) {
        self.depth += 1;
        self.unfit |= self.depth > MAX_JSON_DEPTH;
    }

    /// Counts a decoded node, and applies go-yaml's limit on what aliases may blow up.
    fn count(&mut self, span: Span) -> Result<(), DecodeError> {
        self.decode_count += 1;
        if self.expanding.is_empty() {
            return Ok(());
        }
        self.alias_count += 1;
        if self.alias_count <= 100 || self.decode_count <= 1000 {
            return Ok(());
        }
        let ratio = self.alias_count as f64 / self.decode_count as f64;
        // The limit on bytes is not Go's, which would run out of memory.
        if ratio > allowed_alias_ratio(self.decode_count) || self.alias_bytes > MAX_ALIAS_BYTES {
            let problem = "document contains excessive aliasing".to_owned();
            return Err(DecodeError::Node { problem, span });
        }
        Ok(())
    }

    // ---- Scalars --------------------------------------------------------------------------

    fn resolve_scalar(&mut self, id: NodeId) -> Result<Data, DecodeError> {
        let node = self.nodes.node(id);
        let NodeKind::Scalar { value, implicit, .. } = node.kind else { return Ok(Data::Null) };
        if !self.expanding.is_empty() {
            self.alias_bytes += value.len() as u64;
        }
        let resolved = match self.nodes.properties(id).tag {
            None if implicit => resolve(self.tree.bytes(value), Version::V2),
            None => Resolved::Str,
            Some(tag) => {
                let tag = self.tree.bytes(tag);
                if tag == b"tag:yaml.org,2002:binary" {
                    return self.decode_binary(id, value);
                }
                resolve_tagged(tag, self.tree.bytes(value))
                    .map_err(|problem| DecodeError::Node { problem, span: node.span })?
            }
        };
        Ok(match resolved {
            Resolved::Null => Data::Null,
            Resolved::Bool(value) => Data::Bool(value),
            Resolved::Int(value) => Data::Int(value),
            Resolved::Uint(value) => Data::Uint(value),
            Resolved::Float(value) => {
                self.unfit |= !value.is_finite();
                Data::Float(value)
            }
            Resolved::Str | Resolved::Timestamp => Data::String(value),
        })
    }

    fn decode_binary(&mut self, id: NodeId, value: Text) -> Result<Data, DecodeError> {
        if let Some(text) = self.binaries.get(&id) {
            return Ok(Data::String(*text));
        }
        let Some(bytes) = base64::decode(self.tree.bytes(value)) else {
            let problem = "!!binary value contains invalid base64 data".to_owned();
            return Err(DecodeError::Node { problem, span: self.nodes.node(id).span });
        };
        // Any bytes may come out. JSON replaces those that are no UTF-8, but errors show them.
        let text = self.push_text(&bytes);
        self.binaries.insert(id, text);
        Ok(Data::String(text))
    }

    fn push_text(&mut self, bytes: &[u8]) -> Text {
        let start = self.tree.buffer.len();
        self.tree.buffer.extend_from_slice(bytes);
        Text::in_buffer(start, self.tree.buffer.len())
    }

    // ---- Sequences ------------------------------------------------------------------------

    fn finish_seq(&mut self, node: NodeId, first: usize) -> u32 {
        self.frames.pop();
        self.depth -= 1;
        let start = self.tree.items.len() as u32;
        self.tree.items.extend_from_slice(&self.pending_items[first..]);
        self.pending_items.truncate(first);
        let end = self.tree.items.len() as u32;
        self.add(Data::Seq(start, end), self.nodes.node(node).span)
    }

    // ---- Mappings -------------------------------------------------------------------------

    /// The next pair of the innermost mapping.
    fn step_map(&mut self) -> Result<Option<u32>, DecodeError> {
        let nodes = self.nodes;
        let Some(Frame::Map(map)) = self.frames.last_mut() else { return Ok(None) };
        let pair = nodes.children(map.node).get(map.next..map.next + 2);
        let Some(&[key_node, value_node]) = pair else {
            return Ok(self.finish_map());
        };
        map.next += 2;
        let node = nodes.node(key_node);
        if !matches!(node.kind, NodeKind::Scalar { .. }) {
            map.key_pending = true;
            return self.visit(key_node, false);
        }
        if self.is_merge(key_node) {
            return self.merge(value_node);
        }
        self.count(node.span)?;
        let data = self.resolve_scalar(key_node)?;
        let key = self.key_of_data(data, node.span);
        self.set_key(key);
        self.visit(value_node, false)
    }

    fn is_merge(&self, id: NodeId) -> bool {
        let NodeKind::Scalar { value, implicit, .. } = self.nodes.node(id).kind else { return false };
        let is_merge_tag = |tag| self.tree.bytes(tag) == b"tag:yaml.org,2002:merge";
        value.len() == 2
            && self.tree.bytes(value) == b"<<"
            && (implicit || self.nodes.properties(id).tag.is_some_and(is_merge_tag))
    }

    fn merge(&mut self, value: NodeId) -> Result<Option<u32>, DecodeError> {
        if let NodeKind::Sequence { .. } = self.nodes.node(value).kind {
            let left = self.nodes.children(value).len();
            self.frames.push(Frame::MergeSeq { node: value, left });
            return Ok(None);
        }
        self.check_merge(value)?;
        self.visit(value, true)
    }

    /// Only a mapping, or an alias of one, can be merged.
    fn check_merge(&self, id: NodeId) -> Result<(), DecodeError> {
        let node = self.nodes.node(id);
        let kind = match node.kind {
            NodeKind::Alias { target } => self.nodes.node(target).kind,
            kind => kind,
        };
        if matches!(kind, NodeKind::Mapping { .. }) {
            return Ok(());
        }
        let problem = "map merge requires map or sequence of maps as the value".to_owned();
        Err(DecodeError::Node { problem, span: node.span })
    }

    fn key_of_value(&mut self, value: u32, span: Span) -> Result<Key, DecodeError> {
        let data = self.tree.values[value as usize].data;
        if matches!(data, Data::Seq(..) | Data::Map(..)) {
            let problem = format!("invalid map key: {}", go_syntax::format(&self.tree, value));
            return Err(DecodeError::Node { problem, span });
        }
        Ok(self.key_of_data(data, span))
    }

    fn key_of_data(&mut self, data: Data, span: Span) -> Key {
        let (text, kind) = match data {
            Data::String(text) => (text, KeyKind::String),
            Data::Bool(value) => {
                let text = self.push_text(if value { b"true" } else { b"false" });
                (text, KeyKind::Bool(value))
            }
            Data::Int(value) => (self.push_text(value.to_string().as_bytes()), KeyKind::Int(value)),
            Data::Uint(value) => (self.push_text(value.to_string().as_bytes()), KeyKind::Uint(value)),
            Data::Float(value) => {
                let mut digits = Vec::new();
                write_float32(value, &mut digits);
                let text = match digits.as_slice() {
                    b"+Inf" => self.push_text(b".inf"),
                    b"-Inf" => self.push_text(b"-.inf"),
                    b"NaN" => self.push_text(b".nan"),
                    digits => self.push_text(digits),
                };
                (text, KeyKind::Float(value))
            }
            Data::Null | Data::Seq(..) | Data::Map(..) => (Text::EMPTY, KeyKind::Null),
        };
        self.unfit |= matches!(kind, KeyKind::Null | KeyKind::Uint(_));
        Key { text, kind, span }
    }

    fn set_key(&mut self, key: Key) {
        if let Some(Frame::Map(map)) = self.frames.last_mut() {
            map.key = Some(key);
        }
    }

    /// Puts a finished value under the current key of the innermost mapping.
    fn set_entry(&mut self, value: u32) {
        let top = self.frames.len() - 1;
        let Some(Frame::Map(map)) = self.frames.last_mut() else { return };
        let Some(key) = map.key.take() else { return };
        let owner = map.owner;
        if self.strict {
            let value_node = self.nodes.children(map.node)[map.next - 1];
            if !self.is_first(owner, key) {
                let line = self.nodes.node(value_node).mark.line + 1;
                let name = go_syntax::format_key(&self.tree, key.text, key.kind);
                let problem = format!("line {line}: key {name} already set in map");
                self.refused.push(Duplicate { problem, key: key.span });
                return;
            }
        }
        self.pending_entries.push(EntrySlot {
            key: key.text,
            kind: key.kind,
            key_span: key.span,
            value,
            merged: owner != top,
        });
    }

    /// Whether the mapping has no such key yet. Go compares keys with their types.
    fn is_first(&mut self, owner: usize, key: Key) -> bool {
        let mut name = match key.kind {
            // NaN is not equal to itself.
            KeyKind::Float(value) if value.is_nan() => return true,
            KeyKind::Float(0.0) => b"f0".to_vec(),
            KeyKind::Float(value) => format!("f{value:e}").into_bytes(),
            KeyKind::String => b"s".to_vec(),
            KeyKind::Bool(_) => b"b".to_vec(),
            KeyKind::Int(_) => b"i".to_vec(),
            KeyKind::Uint(_) => b"u".to_vec(),
            KeyKind::Null => b"n".to_vec(),
        };
        if !matches!(key.kind, KeyKind::Float(_)) {
            name.extend_from_slice(self.tree.bytes(key.text));
        }
        match self.frames.get_mut(owner) {
            Some(Frame::Map(map)) => map.seen.insert(name),
            _ => true,
        }
    }

    /// Ends the innermost mapping. One that is merged leaves its entries to the mapping around it.
    fn finish_map(&mut self) -> Option<u32> {
        let Some(Frame::Map(map)) = self.frames.pop() else { return None };
        if map.owner != self.frames.len() {
            return None;
        }
        self.depth -= 1;
        let start = self.tree.entries.len() as u32;
        self.tree.move_entries(&self.pending_entries[map.first..]);
        self.pending_entries.truncate(map.first);
        let end = self.tree.entries.len() as u32;
        Some(self.add(Data::Map(start, end), self.nodes.node(map.node).span))
    }
}

impl Tree<'_> {
    /// Adds the entries of a mapping. Of entries with the same key the last one stays.
    fn move_entries(&mut self, entries: &[EntrySlot]) {
        let entries = &*unite_zeros(entries);
        let winners = winners(entries, |text| text.bytes(&self.text, &self.buffer));
        if winners.is_empty() {
            self.entries.extend_from_slice(entries);
            return;
        }
        for (entry, winner) in entries.iter().zip(&winners) {
            match winner {
                None => self.entries.push(*entry),
                Some(winner) if !entry.merged && !entries[*winner].merged => {
                    let second = entries[*winner].key_span;
                    self.duplicates.push(DuplicateKey { first: entry.key_span, second });
                }
                Some(_) => {}
            }
        }
    }
}

/// To Go the keys 0.0 and -0.0 are the same, and the last one stays; as texts they differ.
fn unite_zeros(entries: &[EntrySlot]) -> Cow<'_, [EntrySlot]> {
    let is_zero = |entry: &EntrySlot| matches!(entry.kind, KeyKind::Float(0.0));
    let Some(last) = entries.iter().rfind(|entry| is_zero(entry)) else { return Cow::Borrowed(entries) };
    let unite =
        |entry: &EntrySlot| EntrySlot { key: if is_zero(entry) { last.key } else { entry.key }, ..*entry };
    Cow::Owned(entries.iter().map(unite).collect())
}

/// For each entry the later one that replaces it, if there is one. Empty if no key occurs twice.
fn winners<'t>(entries: &[EntrySlot], bytes: impl Fn(Text) -> &'t [u8]) -> Vec<Option<usize>> {
    let mut winners = Vec::new();
    let mut lose = |loser: usize, winner: usize| {
        winners.resize(entries.len(), None);
        winners[loser] = Some(winner);
    };
    // Keys that JSON cannot have are refused later; no other key replaces them.
    let is_unfit = |entry: &EntrySlot| matches!(entry.kind, KeyKind::Null | KeyKind::Uint(_));
    if entries.len() <= 16 {
        for (at, entry) in entries.iter().enumerate() {
            let len = entry.key.len();
            let later = entries[at + 1..].iter().position(|later| {
                later.key.len() == len
                    && bytes(later.key) == bytes(entry.key)
                    && is_unfit(later) == is_unfit(entry)
            });
            if let Some(later) = later {
                lose(at, at + 1 + later);
            }
        }
        return winners;
    }
    let mut order: Vec<usize> = (0..entries.len()).collect();
    let name = |at: usize| (bytes(entries[at].key), is_unfit(&entries[at]));
    order.sort_unstable_by(|a, b| name(*a).cmp(&name(*b)).then(a.cmp(b)));
    for pair in order.windows(2) {
        if name(pair[0]) == name(pair[1]) {
            lose(pair[0], pair[1]);
        }
    }
    winners
}

/// The part of all decoded nodes that may come from aliases: 99 % of small documents, 10 % of large
/// ones.
fn allowed_alias_ratio(decode_count: u64) -> f64 {
    const LOW: u64 = 400_000;
    const HIGH: u64 = 4_000_000;
    match decode_count {
        ..=LOW => 0.99,
        HIGH.. => 0.10,
        _ => 0.99 - 0.89 * ((decode_count - LOW) as f64 / (HIGH - LOW) as f64),
    }
}
