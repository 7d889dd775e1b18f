//! Templates that are nested deeper than any stack would allow. Each test runs with the 2 MiB stack of a thread.

use chart_lint_template::ast::{NodeId, Tree};

use crate::dump::{Functions, parse_text};

fn on_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(test).expect("a thread");
    thread.join().expect("no panic");
}

fn parse(text: &str) -> Result<Tree, String> {
    parse_text("t", text.as_bytes(), Functions::Usual).map_err(|error| error.to_string())
}

fn printed(tree: &Tree) -> String {
    tree.node_string(tree.definitions.last().expect("the text itself").root).to_string()
}

#[test]
fn a_million_nested_ifs_are_read_and_printed() {
    on_small_stack(|| {
        let text = ["{{if .}}".repeat(1_000_000), "{{end}}".repeat(1_000_000)].concat();
        let tree = parse(&text).expect("a tree");
        assert_eq!(printed(&tree), text);
        assert_eq!(parse(&text[..text.len() - 7]).expect_err("an error"), "template: t:1: unexpected EOF");
    });
}

#[test]
fn a_long_chain_of_else_if_is_read_and_printed() {
    on_small_stack(|| {
        let text = ["{{with .}}", &"{{else with .a}}".repeat(300_000), "{{else}}{{end}}"].concat();
        let tree = parse(&text).expect("a tree");
        let printed = printed(&tree);
        assert!(printed.starts_with("{{with .}}{{else}}{{with .a}}{{else}}{{with .a}}"));
        assert!(printed.ends_with(&["{{else}}", &"{{end}}".repeat(300_001)].concat()));
    });
}

#[test]
fn blocks_may_be_nested_deeply() {
    on_small_stack(|| {
        let text = ["{{block \"a\" .}}".repeat(100_000), "{{end}}".repeat(100_000)].concat();
        // All but the innermost one call a template, and so are not empty.
        let error = parse(&text).expect_err("an error");
        assert_eq!(error, "template: t:1: template: multiple definition of template \"a\"");
    });
}

#[test]
fn parentheses_have_go_s_limit() {
    on_small_stack(|| {
        let nested = |depth: usize| ["{{", &"(".repeat(depth), "1", &")".repeat(depth), "}}"].concat();
        let tree = parse(&nested(10_000)).expect("a tree");
        assert_eq!(printed(&tree), nested(10_000));
        assert_eq!(tree.error_context(NodeId(0)).0, "t:1:10002");
        assert_eq!(
            parse(&nested(10_001)).expect_err("an error"),
            "template: t:1: max expression depth exceeded"
        );
        // Side by side they do not add up.
        let wide = ["{{print", &" (1)".repeat(20_000), "}}"].concat();
        parse(&wide).expect("a tree");
    });
}

#[test]
fn long_lists_take_linear_time() {
    on_small_stack(|| {
        for (piece, count) in [
            ("{{$x := 1}}{{$x}}", 200_000),
            ("{{define \"a\"}}{{end}}", 100_000),
            ("{{- /* a */ -}} ", 200_000),
            ("{{print .a.b.c.d | print}}\n", 100_000),
        ] {
            parse(&piece.repeat(count)).expect("a tree");
        }
        let variables: String =
            (0..200_000).map(|index| format!("{{{{$x{index} := $}}}}{{{{$x{index}}}}}")).collect();
        parse(&variables).expect("a tree");
        let fields = ["{{ $", &".a".repeat(500_000), " }}"].concat();
        parse(&fields).expect("a tree");
    });
}
