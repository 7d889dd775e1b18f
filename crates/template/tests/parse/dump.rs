//! Prints syntax trees, in the same form as `fuzz/go/main.go` prints Go's.

use std::fmt::Write;

use chart_lint_template::ast::{NodeId, NodeKind, Slice, Tree};
use chart_lint_template::function::FunctionId;
use chart_lint_template::parser::{ParseError, parse};
use chart_lint_template::quote::go_quote;

/// The functions that `fuzz/go/main.go` has.
const FUNCTIONS: &str = "and call html index slice js len not or print printf println urlquery eq ge gt le lt ne \
    upper include quote default list dict fail été 世界 _x x1";

/// Which functions there are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Functions {
    /// Those above.
    Usual,
    /// Also `break` and `continue`, which are then no keywords.
    WithLoops,
    /// All names.
    Any,
}

/// Parses a text with these functions.
pub(crate) fn parse_text(name: &str, text: &[u8], functions: Functions) -> Result<Tree, ParseError> {
    let resolve = |name: &[u8]| {
        let is_known = match name {
            b"break" | b"continue" => functions == Functions::WithLoops,
            _ if functions == Functions::Any => true,
            _ => FUNCTIONS.split_whitespace().any(|function| function.as_bytes() == name),
        };
        is_known.then_some(FunctionId(0))
    };
    parse(&name.into(), &text.into(), &resolve)
}

/// All templates of a tree, by name.
pub(crate) fn dump(tree: &Tree, with_spans: bool) -> String {
    let mut out = String::new();
    let mut definitions: Vec<_> = tree.definitions.iter().collect();
    definitions.sort_by(|a, b| a.name.cmp(&b.name));
    for definition in definitions {
        let _ = writeln!(out, "template {}", go_quote(&definition.name));
        let mut dumper = Dumper { out: &mut out, tree, with_spans };
        dumper.node(definition.root, 1);
        let _ = writeln!(out, "  as {}", go_quote(&tree.node_string(definition.root)));
    }
    if with_spans {
        for comment in &tree.comments {
            let _ = writeln!(out, "comment {}", go_quote(&tree.text[comment.range()]));
        }
    }
    out
}

struct Dumper<'t> {
    out: &'t mut String,
    tree: &'t Tree,
    with_spans: bool,
}

impl Dumper<'_> {
    fn node(&mut self, id: NodeId, depth: usize) {
        let (tree, node) = (self.tree, self.tree.node(id));
        let mut children = Vec::new();
        let what = match &node.kind {
            NodeKind::List(items) => {
                children.extend(tree.children(*items));
                "list".to_owned()
            }
            NodeKind::Text(text) => format!("text {}", go_quote(text)),
            NodeKind::Action(pipe) => {
                children.push(*pipe);
                "action".to_owned()
            }
            NodeKind::If(branch) | NodeKind::With(branch) | NodeKind::Range(branch) => {
                children.extend([branch.pipe, branch.list]);
                children.extend(branch.else_list);
                match &node.kind {
                    NodeKind::If(_) => "if".to_owned(),
                    NodeKind::With(_) => "with".to_owned(),
                    _ => "range".to_owned(),
                }
            }
            NodeKind::Break => "break".to_owned(),
            NodeKind::Continue => "continue".to_owned(),
            NodeKind::Template { name, pipe } => {
                children.extend(*pipe);
                format!("template {}", go_quote(name))
            }
            NodeKind::Pipe { decl, is_assign, commands } => {
                children.extend(tree.children(*decl));
                children.extend(tree.children(*commands));
                match (is_assign, decl.len) {
                    (true, _) => "pipe =".to_owned(),
                    (false, 0) => "pipe".to_owned(),
                    (false, _) => "pipe :=".to_owned(),
                }
            }
            NodeKind::Command(arguments) => {
                children.extend(tree.children(*arguments));
                "command".to_owned()
            }
            NodeKind::Identifier { name, .. } => format!("function {name}"),
            NodeKind::Field(fields) => format!("field {}", self.fields(*fields)),
            NodeKind::Variable { symbol, fields } => {
                format!("variable {}{}", tree.symbol(*symbol), self.fields(*fields))
            }
            NodeKind::Chain { node, fields } => {
                children.push(*node);
                format!("chain {}", self.fields(*fields))
            }
            NodeKind::Dot => "dot".to_owned(),
            NodeKind::Nil => "nil".to_owned(),
            NodeKind::Bool(value) => format!("bool {value}"),
            NodeKind::Number(index) => {
                let number = tree.number(*index);
                let mut what = format!("number {}", go_quote(&number.text));
                if let Some(int) = number.int {
                    let _ = write!(what, " int {int}");
                }
                if let Some(uint) = number.uint {
                    let _ = write!(what, " uint {uint}");
                }
                if let Some(float) = number.float {
                    let _ = write!(what, " float {:016x}", float.to_bits());
                }
                if let Some((real, imaginary)) = number.complex {
                    let _ = write!(what, " complex {:016x} {:016x}", real.to_bits(), imaginary.to_bits());
                }
                what
            }
            NodeKind::String(value) => format!("string {}", go_quote(value)),
        };
        let (line, column) = tree.line_and_column(node.pos as usize);
        let _ = write!(self.out, "{}{what} at {} ({line}:{column})", "  ".repeat(depth), node.pos);
        if self.with_spans {
            let _ = write!(self.out, " {}", go_quote(&tree.text[node.span.range()]));
        }
        self.out.push('\n');
        for child in children {
            self.node(child, depth + 1);
        }
    }

    fn fields(&self, fields: Slice) -> String {
        self.tree.names(fields).iter().map(|name| format!(".{name}")).collect()
    }
}
