//! The syntax tree of one source text: all templates that it defines, in one arena.
//!
//! Nodes refer to each other by [`NodeId`], so that a tree of any depth is dropped without recursion, and so that a
//! tree is `Send + Sync` and can be parsed once and executed by many threads.

use std::ops::Range;

use crate::function::FunctionId;
use crate::text::Str;

/// A byte range of the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset just past the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` to `end`.
    pub fn new(start: usize, end: usize) -> Span {
        Span { start: start as u32, end: end as u32 }
    }

    /// As a range for indexing.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Index of a node in its [`Tree`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct NodeId(pub u32);

/// A variable's name, as an index into [`Tree::symbols`]. Symbol 0 is always `$`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Symbol(pub u32);

/// A stretch of one of the tree's pools.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Slice {
    /// Index of the first element.
    pub start: u32,
    /// Number of elements.
    pub len: u32,
}

impl Slice {
    fn range(self) -> Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }
}

/// One node and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// The bytes it was parsed from; of an action or control structure with its delimiters.
    pub span: Span,
    /// The position that Go gives this kind of node, from which error messages count line and column.
    pub pos: u32,
}

/// What a node is. Names are those of Go's `text/template/parse`.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// A sequence of nodes: children in the node pool.
    List(Slice),
    /// Plain text, trimmed.
    Text(Str),
    /// `{{ pipeline }}`.
    Action(NodeId),
    /// `{{ if pipeline }} list {{ else }} list {{ end }}`.
    If(Branch),
    /// `{{ with … }}`.
    With(Branch),
    /// `{{ range … }}`.
    Range(Branch),
    /// `{{ break }}`.
    Break,
    /// `{{ continue }}`.
    Continue,
    /// `{{ template "name" pipeline }}`.
    Template {
        /// The name.
        name: Str,
        /// The argument, if given.
        pipe: Option<NodeId>,
    },
    /// A pipeline.
    Pipe {
        /// Variables declared or assigned: nodes of kind [`NodeKind::Variable`].
        decl: Slice,
        /// `=` and not `:=`.
        is_assign: bool,
        /// The commands: nodes of kind [`NodeKind::Command`].
        commands: Slice,
    },
    /// An element of a pipeline: a word and its arguments.
    Command(Slice),
    /// A function's name.
    Identifier {
        /// The name.
        name: Str,
        /// The function it stands for.
        function: FunctionId,
    },
    /// `.a.b`: names in the name pool, without dots.
    Field(Slice),
    /// `$x.a.b`: the variable, and the names that follow it.
    Variable {
        /// The variable, with its `$`.
        symbol: Symbol,
        /// Field names after it.
        fields: Slice,
    },
    /// `(pipeline).a.b` or another term followed by fields.
    Chain {
        /// The term.
        node: NodeId,
        /// The names, without dots.
        fields: Slice,
    },
    /// `.`
    Dot,
    /// `nil`
    Nil,
    /// `true` or `false`.
    Bool(bool),
    /// A number: index into [`Tree::numbers`].
    Number(u32),
    /// A string constant: its value. What was written, with its quotes, is the node's span.
    String(Str),
}

/// The parts of `if`, `with` and `range`.
#[derive(Clone, Copy, Debug)]
pub struct Branch {
    /// The condition.
    pub pipe: NodeId,
    /// What to do when it holds.
    pub list: NodeId,
    /// What to do otherwise. `{{ else if }}` is a list with one `if`.
    pub else_list: Option<NodeId>,
}

/// A number constant, as all the types that it can be without loss; see Go's `NumberNode`.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// As a signed integer.
    pub int: Option<i64>,
    /// As an unsigned integer.
    pub uint: Option<u64>,
    /// As a float.
    pub float: Option<f64>,
    /// As a complex number; only constants with an `i` have nothing else.
    pub complex: Option<(f64, f64)>,
    /// The constant as written.
    pub text: Str,
}

/// A named template: the file itself, or a `define` or `block` in it.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The name.
    pub name: Str,
    /// Its body: a node of kind [`NodeKind::List`].
    pub root: NodeId,
    /// The whole `{{ define }} … {{ end }}`, or the whole source.
    pub span: Span,
}

/// All that one source text holds.
#[derive(Debug)]
pub struct Tree {
    /// Name of the source; error messages start with it.
    pub name: Str,
    /// The source.
    pub text: Str,
    /// The templates of the source. The last one is the source itself.
    pub definitions: Vec<Definition>,
    /// Spans of comments, delimiters included, in order.
    pub comments: Vec<Span>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) node_pool: Vec<NodeId>,
    pub(crate) name_pool: Vec<Str>,
    pub(crate) numbers: Vec<Number>,
    pub(crate) symbols: Vec<Str>,
}

impl Tree {
    /// A tree without templates.
    pub(crate) fn empty() -> Tree {
        Tree {
            name: Str::default(),
            text: Str::default(),
            definitions: Vec::new(),
            comments: Vec::new(),
            nodes: Vec::new(),
            node_pool: Vec::new(),
            name_pool: Vec::new(),
            numbers: Vec::new(),
            symbols: Vec::new(),
        }
    }

    /// Text that is no template: one node that stands for all of it. Files that are written as they are have a place
    /// like those that templates write.
    pub fn of_text(name: Str, text: Str) -> Tree {
        let span = Span::new(0, text.as_bytes().len());
        let node = Node { kind: NodeKind::Text(text.clone()), span, pos: 0 };
        Tree { name, text, nodes: vec![node], ..Tree::empty() }
    }

    /// The node of an id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// Number of nodes; ids are below it.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are no nodes (never, for a parsed tree).
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The nodes of a slice of the node pool.
    pub fn children(&self, slice: Slice) -> &[NodeId] {
        &self.node_pool[slice.range()]
    }

    /// The names of a slice of the name pool.
    pub fn names(&self, slice: Slice) -> &[Str] {
        &self.name_pool[slice.range()]
    }

    /// A number constant.
    pub fn number(&self, index: u32) -> &Number {
        &self.numbers[index as usize]
    }

    /// A variable's name, with its `$`.
    pub fn symbol(&self, symbol: Symbol) -> &Str {
        &self.symbols[symbol.0 as usize]
    }

    /// Line and column of a byte offset as Go's error messages count them: lines from 1, columns in bytes from 0.
    pub fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let before = &self.text[..offset.min(self.text.len())];
        let line = before.iter().filter(|&&b| b == b'\n').count();
        let column = before.iter().rev().take_while(|&&b| b != b'\n').count();
        (line + 1, column)
    }

    /// Whether a list holds nothing but space and comments, as Go's `IsEmptyTree` has it.
    pub fn is_empty_list(&self, root: NodeId) -> bool {
        match &self.node(root).kind {
            NodeKind::List(items) => self.children(*items).iter().all(|&item| match &self.node(item).kind {
                NodeKind::Text(text) => text.to_utf8().chars().all(char::is_whitespace),
                _ => false,
            }),
            _ => false,
        }
    }
}
