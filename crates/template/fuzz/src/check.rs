//! What holds for every text.

use chart_lint_template::ast::{NodeId, NodeKind, Span, Tree};

use crate::dump::{Functions, parse_text};

/// Panics if something is wrong with what the parser makes of a text.
pub(crate) fn check(text: &[u8]) {
    let within = |span: Span| assert!(span.start <= span.end && span.end as usize <= text.len(), "{span:?}");
    match parse_text("t", text, Functions::Usual) {
        Ok(tree) => {
            tree.comments.iter().for_each(|&comment| within(comment));
            for index in 0..tree.len() {
                let node = tree.node(NodeId(index as u32));
                within(node.span);
                assert!(node.pos as usize <= text.len());
                tree.error_context(NodeId(index as u32));
                check_span(&tree, node.span, &node.kind);
            }
            assert!(tree.definitions.last().is_some_and(|main| main.name == "t"));
        }
        Err(error) => {
            within(error.span);
            error.opening.into_iter().for_each(within);
            assert!(error.message.ends_with(&error.detail));
        }
    }
}

fn check_span(tree: &Tree, span: Span, kind: &NodeKind) {
    let source = &tree.text[span.range()];
    let is_action = source.starts_with(b"{{") && source.ends_with(b"}}");
    match kind {
        NodeKind::Text(text) => assert_eq!(source, text.as_bytes()),
        NodeKind::Action(_)
        | NodeKind::If(_)
        | NodeKind::With(_)
        | NodeKind::Range(_)
        | NodeKind::Break
        | NodeKind::Continue
        | NodeKind::Template { .. } => assert!(is_action),
        NodeKind::Identifier { name, .. } => assert_eq!(source, name.as_bytes()),
        NodeKind::Field(_) | NodeKind::Dot => assert_eq!(source[0], b'.'),
        NodeKind::Variable { .. } => assert_eq!(source[0], b'$'),
        NodeKind::Nil => assert_eq!(source, b"nil"),
        NodeKind::Bool(value) => assert_eq!(source, value.to_string().as_bytes()),
        NodeKind::Number(index) => assert_eq!(source, tree.number(*index).text.as_bytes()),
        NodeKind::String(_) => assert!(matches!(source[0], b'"' | b'`')),
        NodeKind::Chain { .. } | NodeKind::Pipe { .. } | NodeKind::Command(_) => assert!(!source.is_empty()),
        NodeKind::List(_) => {}
    }
}
