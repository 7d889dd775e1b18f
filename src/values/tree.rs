//! YAML documents as plain trees that any thread may read: what a values file or a `Chart.yaml` says, and where.
//!
//! Engine maps belong to one render. A tree is read once and becomes such maps anew for each scenario, see
//! [`Tree::to_value`]; strings are shared, so that costs little.

use std::fmt;
use std::ops::Range;

use chart_lint_template::{Entry, List, Map, Origins, Str, Type, Value};
use chart_lint_yaml::{Kind, Target, Tree as YamlTree, Value as YamlValue, decode, values_documents};

use crate::source::{FileId, Location, Span};

/// A decoded document.
#[derive(Debug)]
pub struct Tree {
    file: FileId,
    nodes: Vec<Node>,
    items: Vec<u32>,
    entries: Vec<Slot>,
    duplicates: Vec<(Span, Span)>,
}

/// Identifies a node of a [`Tree`]. The root is 0, and every node comes before its children.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeIndex(pub u32);

#[derive(Debug)]
struct Node {
    data: NodeData,
    span: Span,
    parent: u32,
    /// Index among the children of the parent.
    index: u32,
}

#[derive(Debug)]
pub(crate) enum NodeData {
    Null,
    Bool(bool),
    Number(f64),
    String(Str),
    List(Range<u32>),
    Map(Range<u32>),
}

#[derive(Debug)]
struct Slot {
    key: Str,
    key_span: Span,
    node: u32,
}

/// What a node is.
#[derive(Clone, Copy, Debug)]
pub enum TreeValue<'t> {
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number. Helm knows only `float64`.
    Number(f64),
    /// A string.
    String(&'t Str),
    /// A list; see [`Tree::items`].
    List,
    /// A mapping; see [`Tree::entries`].
    Map,
}

/// One step of the way to a value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PathStep {
    /// The key of a mapping.
    Key(Str),
    /// The index of a list.
    Index(usize),
}

/// The way to a value. `Display` writes it as `--set` takes it: `a.b[0].c`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct KeyPath(pub Vec<PathStep>);

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                PathStep::Index(index) => write!(f, "[{index}]")?,
                PathStep::Key(key) => {
                    if at > 0 {
                        f.write_str(".")?;
                    }
                    for c in key.to_utf8().chars() {
                        if matches!(c, '.' | '[' | ',' | '=' | '\\') {
                            f.write_str("\\")?;
                        }
                        write!(f, "{c}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Puts a tree together whose parents come before their children.
pub(crate) struct TreeBuilder {
    tree: Tree,
}

impl TreeBuilder {
    pub(crate) fn new(file: FileId) -> TreeBuilder {
        let (nodes, items, entries, duplicates) = Default::default();
        TreeBuilder { tree: Tree { file, nodes, items, entries, duplicates } }
    }

    /// Adds a node; a list or mapping is set when its children are there.
    pub(crate) fn push(&mut self, data: NodeData, span: Span, parent: u32, index: u32) -> u32 {
        self.tree.nodes.push(Node { data, span, parent, index });
        self.tree.nodes.len() as u32 - 1
    }

    pub(crate) fn set_list(&mut self, node: u32, span: Span, items: impl Iterator<Item = u32>) {
        let start = self.tree.items.len() as u32;
        self.tree.items.extend(items);
        let end = self.tree.items.len() as u32;
        self.set(node, NodeData::List(start..end), span);
    }

    pub(crate) fn set_map(&mut self, node: u32, span: Span, entries: impl Iterator<Item = (Str, Span, u32)>) {
        let start = self.tree.entries.len() as u32;
        for (key, key_span, node) in entries {
            self.tree.nodes[node as usize].index = self.tree.entries.len() as u32 - start;
            self.tree.entries.push(Slot { key, key_span, node });
        }
        let end = self.tree.entries.len() as u32;
        self.set(node, NodeData::Map(start..end), span);
    }

    fn set(&mut self, node: u32, data: NodeData, span: Span) {
        let node = &mut self.tree.nodes[node as usize];
        (node.data, node.span) = (data, span);
    }

    pub(crate) fn finish(self) -> Tree {
        self.tree
    }
}

impl Tree {
    /// Takes over a decoded document. `span` turns its spans into those of the file.
    pub fn new(yaml: &YamlTree<'_>, file: FileId, span: impl Fn(chart_lint_yaml::Span) -> Span) -> Tree {
        let duplicates =
            yaml.duplicate_keys().iter().map(|pair| (span(pair.first), span(pair.second))).collect();
        let mut tree = Tree { file, nodes: Vec::new(), items: Vec::new(), entries: Vec::new(), duplicates };
        let mut pending: Vec<(u32, YamlValue<'_>)> = Vec::new();
        tree.push(yaml.root(), 0, 0, &span, &mut pending);
        while let Some((id, value)) = pending.pop() {
            match value.kind() {
                Kind::Seq(seq) => {
                    let start = tree.items.len() as u32;
                    for (index, item) in seq.iter().enumerate() {
                        let node = tree.push(item, id, index as u32, &span, &mut pending);
                        tree.items.push(node);
                    }
                    tree.nodes[id as usize].data = NodeData::List(start..tree.items.len() as u32);
                }
                Kind::Map(map) => {
                    let start = tree.entries.len() as u32;
                    for (index, entry) in map.iter().enumerate() {
                        let node = tree.push(entry.value, id, index as u32, &span, &mut pending);
                        tree.entries.push(Slot {
                            key: Str::from(entry.key),
                            key_span: span(entry.key_span),
                            node,
                        });
                    }
                    tree.nodes[id as usize].data = NodeData::Map(start..tree.entries.len() as u32);
                }
                _ => {}
            }
        }
        tree
    }

    fn push<'y>(
        &mut self,
        value: YamlValue<'y>,
        parent: u32,
        index: u32,
        span: &impl Fn(chart_lint_yaml::Span) -> Span,
        pending: &mut Vec<(u32, YamlValue<'y>)>,
    ) -> u32 {
        let id = self.nodes.len() as u32;
        let data = match value.kind() {
            Kind::Bool(b) => NodeData::Bool(b),
            Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) => {
                NodeData::Number(value.as_f64().unwrap_or_default())
            }
            Kind::String(text) => NodeData::String(Str::from(text)),
            Kind::Null => NodeData::Null,
            Kind::Seq(_) | Kind::Map(_) => {
                pending.push((id, value));
                NodeData::Null
            }
        };
        self.nodes.push(Node { data, span: span(value.span()), parent, index });
        id
    }

    /// The file.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The root.
    pub fn root(&self) -> NodeIndex {
        NodeIndex(0)
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Never true: there is always a root.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// What a node is.
    pub fn get(&self, node: NodeIndex) -> TreeValue<'_> {
        match &self.nodes[node.0 as usize].data {
            NodeData::Null => TreeValue::Null,
            NodeData::Bool(b) => TreeValue::Bool(*b),
            NodeData::Number(n) => TreeValue::Number(*n),
            NodeData::String(text) => TreeValue::String(text),
            NodeData::List(_) => TreeValue::List,
            NodeData::Map(_) => TreeValue::Map,
        }
    }

    /// Whether a node is a list or mapping with something in it.
    pub fn has_children(&self, node: NodeIndex) -> bool {
        match &self.nodes[node.0 as usize].data {
            NodeData::List(range) | NodeData::Map(range) => !range.is_empty(),
            _ => false,
        }
    }

    /// The items of a list.
    pub fn items(&self, node: NodeIndex) -> impl Iterator<Item = NodeIndex> + '_ {
        let range = match &self.nodes[node.0 as usize].data {
            NodeData::List(range) => range.clone(),
            _ => 0..0,
        };
        self.items[range.start as usize..range.end as usize].iter().map(|&node| NodeIndex(node))
    }

    /// The entries of a mapping, in the order of the source, each key once: key, its place, and value.
    pub fn entries(&self, node: NodeIndex) -> impl Iterator<Item = (&Str, Location, NodeIndex)> + '_ {
        self.slots(node)
            .iter()
            .map(|slot| (&slot.key, Location { file: self.file, span: slot.key_span }, NodeIndex(slot.node)))
    }

    fn slots(&self, node: NodeIndex) -> &[Slot] {
        match &self.nodes[node.0 as usize].data {
            NodeData::Map(range) => &self.entries[range.start as usize..range.end as usize],
            _ => &[],
        }
    }

    /// The value of a key of a mapping.
    pub fn key(&self, node: NodeIndex, key: &[u8]) -> Option<NodeIndex> {
        self.slots(node).iter().find(|slot| slot.key.as_bytes() == key).map(|slot| NodeIndex(slot.node))
    }

    /// The value at the end of a way.
    pub fn at(&self, path: &KeyPath) -> Option<NodeIndex> {
        path.0.iter().try_fold(self.root(), |node, step| match step {
            PathStep::Key(key) => self.key(node, key),
            PathStep::Index(index) => self.items(node).nth(*index),
        })
    }

    /// Where a value is written. The value of an alias is where its anchor is.
    pub fn location(&self, node: NodeIndex) -> Location {
        Location { file: self.file, span: self.nodes[node.0 as usize].span }
    }

    /// Where the key of a value is written; of an item of a list or the root there is none.
    pub fn key_location(&self, node: NodeIndex) -> Option<Location> {
        let Node { parent, index, .. } = self.nodes[node.0 as usize];
        let slot = self.slots(NodeIndex(parent)).get(index as usize).filter(|slot| slot.node == node.0)?;
        Some(Location { file: self.file, span: slot.key_span })
    }

    /// The key of a value; of an item of a list or the root there is none.
    pub fn own_key(&self, node: NodeIndex) -> Option<&Str> {
        let Node { parent, index, .. } = self.nodes[node.0 as usize];
        let slot = self.slots(NodeIndex(parent)).get(index as usize)?;
        (node.0 != 0).then_some(&slot.key)
    }

    /// The mapping or list that a value is in; `None` for the root.
    pub fn parent(&self, node: NodeIndex) -> Option<NodeIndex> {
        (node.0 != 0).then(|| NodeIndex(self.nodes[node.0 as usize].parent))
    }

    /// The way from the root to a value.
    pub fn path(&self, node: NodeIndex) -> KeyPath {
        let mut steps = Vec::new();
        let mut node = node;
        while let Some(parent) = self.parent(node) {
            let index = self.nodes[node.0 as usize].index as usize;
            steps.push(match self.slots(parent).get(index) {
                Some(slot) => PathStep::Key(slot.key.clone()),
                None => PathStep::Index(index),
            });
            node = parent;
        }
        steps.reverse();
        KeyPath(steps)
    }

    /// Keys that are written twice in one mapping: the one that lost and the one after it.
    pub fn duplicate_keys(&self) -> &[(Span, Span)] {
        &self.duplicates
    }

    /// The document as an engine value. With recording on, the value of node `n` has the host origin `base + 2n`, and
    /// its key `base + 2n + 1`.
    pub fn to_value(&self, origins: &mut Origins, base: u32) -> Value {
        self.node_to_value(NodeIndex(0), origins, base)
    }

    /// A part of the document as an engine value, see [`Tree::to_value`].
    pub fn node_to_value(&self, node: NodeIndex, origins: &mut Origins, base: u32) -> Value {
        let records = origins.enabled();
        let first = node.0 as usize;
        // A node comes before its children, so from the end on all children are there when a node needs them. (Nodes
        // after the part that is wanted are made too and dropped; only parts of small documents are asked for.)
        let mut values: Vec<Value> = Vec::with_capacity(self.nodes.len() - first);
        values.resize_with(self.nodes.len() - first, Value::default);
        for (id, node) in self.nodes.iter().enumerate().skip(first).rev() {
            let mut take = |child: u32| std::mem::take(&mut values[child as usize - first]);
            let value = match &node.data {
                NodeData::Null => Value::NIL,
                NodeData::Bool(b) => Value::from(*b),
                NodeData::Number(n) => Value::float(*n),
                NodeData::String(text) => Value::from(text.clone()),
                NodeData::List(range) => {
                    let items = &self.items[range.start as usize..range.end as usize];
                    Value::from(List::new(items.iter().map(|&item| take(item)).collect()))
                }
                NodeData::Map(range) => {
                    let slots = &self.entries[range.start as usize..range.end as usize];
                    let entries = slots.iter().map(|slot| {
                        let key_origin =
                            if records { origins.host(base + 2 * slot.node + 1) } else { Default::default() };
                        (slot.key.clone(), Entry { value: take(slot.node), key_origin })
                    });
                    Value::from(Map::from_entries(Type::DICT, entries))
                }
            };
            values[id - first] =
                if records { value.with_origin(origins.host(base + 2 * id as u32)) } else { value };
        }
        values.into_iter().next().unwrap_or_default()
    }
}

/// The documents of a values file, which Helm merges.
#[derive(Debug, Default)]
pub struct ValuesFile {
    /// The documents that hold a mapping.
    pub documents: Vec<Tree>,
}

/// A values file that Helm refuses.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct ValuesFileError {
    /// Helm's text.
    pub message: String,
    /// The true place.
    pub place: Location,
}

impl ValuesFile {
    /// Reads a values file, as Helm's `LoadValues`.
    pub fn read(bytes: &[u8], file: FileId) -> Result<ValuesFile, ValuesFileError> {
        let error = |message: String, span: Span| ValuesFileError { message, place: Location { file, span } };
        let texts = match values_documents(bytes) {
            Ok(texts) => texts,
            Err(bad) => {
                // Helm reads the documents that end before the bad line first, but not the one that it is in.
                let mut before = values_documents(&bytes[..bad.span.start as usize]).unwrap_or_default();
                before.retain(|document| document.span.end < bad.span.start);
                ValuesFile::decode(&before, file)?;
                return Err(error(format!("error reading yaml document: {bad}"), bad.span.into()));
            }
        };
        Ok(ValuesFile { documents: ValuesFile::decode(&texts, file)? })
    }

    fn decode(
        texts: &[chart_lint_yaml::ValuesDocument<'_>],
        file: FileId,
    ) -> Result<Vec<Tree>, ValuesFileError> {
        let mut documents = Vec::with_capacity(texts.len());
        for text in texts {
            let yaml = decode(&text.text, Target::Map).map_err(|error| ValuesFileError {
                message: format!("cannot unmarshal yaml document: {error}"),
                place: Location { file, span: text.file_span(error.span()).into() },
            })?;
            documents.push(Tree::new(&yaml, file, |span| text.file_span(span).into()));
        }
        Ok(documents)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Tree {
        let yaml = decode(text.as_bytes(), Target::Any).expect("this is YAML");
        Tree::new(&yaml, FileId(0), Span::from)
    }

    #[test]
    fn nodes_know_their_way_and_place() {
        let text = "a:\n  b.c: [1, {d: x}]\ne: ~\n";
        let tree = tree(text);
        let path = KeyPath(vec![
            PathStep::Key("a".into()),
            PathStep::Key("b.c".into()),
            PathStep::Index(1),
            PathStep::Key("d".into()),
        ]);
        let node = tree.at(&path).expect("it is there");
        assert_eq!(tree.path(node), path);
        assert_eq!(tree.path(node).to_string(), "a.b\\.c[1].d");
        assert_eq!(&text[tree.location(node).span.range()], "x");
        assert_eq!(&text[tree.key_location(node).expect("it has a key").span.range()], "d");
        assert_eq!(
            format!("{:?}", tree.to_value(&mut Origins::disabled(), 0)),
            r#"{"a": {"b.c": [1.0, {"d": "x"}]}, "e": nil}"#
        );
        assert_eq!(format!("{:?}", tree.node_to_value(node, &mut Origins::disabled(), 0)), r#""x""#);
    }

    #[test]
    fn origins_lead_back_to_the_nodes() {
        let tree = tree("a: {b: x}");
        let mut origins = Origins::recording();
        let value = tree.to_value(&mut origins, 100);
        let map = value.as_map().expect("a map").get(b"a").expect("a key");
        let entry = map.as_map().expect("a map").entries().remove(0).1;
        let host = |id| match origins.get(id) {
            Some(chart_lint_template::Origin::Host(number)) => number,
            other => panic!("{other:?}"),
        };
        let node = NodeIndex((host(entry.key_origin) - 101) / 2);
        assert_eq!(tree.path(node).to_string(), "a.b");
        let chart_lint_template::text::Origins::One(origin) =
            *entry.value.as_text().expect("a string").origins()
        else {
            panic!("one origin");
        };
        assert_eq!(host(origin), 100 + 2 * node.0);
    }

    #[test]
    fn deep_nesting_needs_no_stack() {
        let text = format!("{}{}", "[".repeat(9_000), "]".repeat(9_000));
        let tree = tree(&text);
        assert_eq!(tree.len(), 9_000);
        drop(tree.to_value(&mut Origins::disabled(), 0));
    }

    #[test]
    fn a_bad_separator_comes_after_the_documents_before_it() {
        let read = |text: &str| ValuesFile::read(text.as_bytes(), FileId(0)).map(|file| file.documents.len());
        assert_eq!(read("a: 1\n---\nb: 2\n"), Ok(2));
        let message = |text: &str| read(text).expect_err("Helm refuses this").to_string();
        assert_eq!(
            message("a: 1\n--- {b: 2}\n"),
            "error reading yaml document: invalid Yaml document separator: {b: 2}"
        );
        assert_eq!(
            message("[]\n---\nb: 1\n--- x\n"),
            "cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}"
        );
    }
}
