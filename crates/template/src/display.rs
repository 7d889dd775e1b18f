//! Nodes as Go's `String` methods print them; error messages show them as `<.Values.a>`.

use crate::ast::{Branch, NodeId, NodeKind, Slice, Tree};
use crate::quote::go_quote;
use crate::text::Str;

/// What is still to be written. A list of such pieces replaces recursion, so that a tree of any depth can be printed.
enum Piece {
    Node(NodeId),
    Plain(&'static str),
    /// Field names, each with a dot before it.
    Fields(Slice),
}

impl Tree {
    /// The node as Go prints it (`node.String()`): mostly its source with other spacing.
    ///
    /// Strings and numbers stay as written, `{{ else if }}` becomes `{{else}}{{if}}`, and a block the call of its
    /// template.
    pub fn node_string(&self, id: NodeId) -> Str {
        let mut out = Vec::new();
        let mut pieces = vec![Piece::Node(id)];
        while let Some(piece) = pieces.pop() {
            match piece {
                Piece::Plain(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Fields(fields) => self.write_fields(fields, &mut out),
                Piece::Node(id) => {
                    let first = pieces.len();
                    self.write_node(id, &mut out, &mut pieces);
                    pieces[first..].reverse();
                }
            }
        }
        out.into()
    }

    /// Where a node is and what it reads, as Go's error messages say it: `NAME:LINE:COLUMN` and the node's text.
    pub fn error_context(&self, id: NodeId) -> (Str, Str) {
        let (line, column) = self.line_and_column(self.node(id).pos as usize);
        let mut location = self.name.to_vec();
        location.extend_from_slice(format!(":{line}:{column}").as_bytes());
        (location.into(), self.node_string(id))
    }

    /// Writes what can be written at once, and leaves the rest in `pieces`, in order.
    fn write_node(&self, id: NodeId, out: &mut Vec<u8>, pieces: &mut Vec<Piece>) {
        let node = self.node(id);
        match &node.kind {
            NodeKind::List(items) => {
                pieces.extend(self.children(*items).iter().map(|&item| Piece::Node(item)))
            }
            NodeKind::Text(text) => out.extend_from_slice(text),
            NodeKind::Action(pipe) => {
                out.extend_from_slice(b"{{");
                pieces.extend([Piece::Node(*pipe), Piece::Plain("}}")]);
            }
            NodeKind::If(branch) => self.write_branch("{{if ", branch, pieces),
            NodeKind::With(branch) => self.write_branch("{{with ", branch, pieces),
            NodeKind::Range(branch) => self.write_branch("{{range ", branch, pieces),
            NodeKind::Break => out.extend_from_slice(b"{{break}}"),
            NodeKind::Continue => out.extend_from_slice(b"{{continue}}"),
            NodeKind::Template { name, pipe } => {
                out.extend_from_slice(b"{{template ");
                out.extend_from_slice(go_quote(name).as_bytes());
                if let Some(pipe) = pipe {
                    pieces.extend([Piece::Plain(" "), Piece::Node(*pipe)]);
                }
                pieces.push(Piece::Plain("}}"));
            }
            NodeKind::Pipe { decl, is_assign, commands } => {
                self.write_all(*decl, ", ", pieces);
                if decl.len > 0 {
                    pieces.push(Piece::Plain(if *is_assign { " = " } else { " := " }));
                }
                self.write_all(*commands, " | ", pieces);
            }
            NodeKind::Command(arguments) => self.write_all(*arguments, " ", pieces),
            NodeKind::Identifier { name, .. } => out.extend_from_slice(name),
            NodeKind::Field(fields) => self.write_fields(*fields, out),
            NodeKind::Variable { symbol, fields } => {
                out.extend_from_slice(self.symbol(*symbol));
                self.write_fields(*fields, out);
            }
            NodeKind::Chain { node, fields } => {
                self.write_operand(*node, pieces);
                pieces.push(Piece::Fields(*fields));
            }
            NodeKind::Dot => out.push(b'.'),
            NodeKind::Nil => out.extend_from_slice(b"nil"),
            NodeKind::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            NodeKind::Number(index) => out.extend_from_slice(&self.number(*index).text),
            NodeKind::String(_) => out.extend_from_slice(&self.text[node.span.range()]),
        }
    }

    fn write_branch(&self, opening: &'static str, branch: &Branch, pieces: &mut Vec<Piece>) {
        pieces.extend([
            Piece::Plain(opening),
            Piece::Node(branch.pipe),
            Piece::Plain("}}"),
            Piece::Node(branch.list),
        ]);
        if let Some(else_list) = branch.else_list {
            pieces.extend([Piece::Plain("{{else}}"), Piece::Node(else_list)]);
        }
        pieces.push(Piece::Plain("{{end}}"));
    }

    fn write_all(&self, nodes: Slice, separator: &'static str, pieces: &mut Vec<Piece>) {
        for (index, &node) in self.children(nodes).iter().enumerate() {
            if index > 0 {
                pieces.push(Piece::Plain(separator));
            }
            self.write_operand(node, pieces);
        }
    }

    /// A pipeline inside another one stands in parentheses.
    fn write_operand(&self, id: NodeId, pieces: &mut Vec<Piece>) {
        if matches!(self.node(id).kind, NodeKind::Pipe { .. }) {
            pieces.extend([Piece::Plain("("), Piece::Node(id), Piece::Plain(")")]);
        } else {
            pieces.push(Piece::Node(id));
        }
    }

    fn write_fields(&self, fields: Slice, out: &mut Vec<u8>) {
        for name in self.names(fields) {
            out.push(b'.');
            out.extend_from_slice(name);
        }
    }
}
