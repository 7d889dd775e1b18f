//! Large texts that are made to hurt: nothing may overflow the stack of a small thread, and nothing may
//! take more than linear time.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::{Duration, Instant};

use chart_lint_yaml::{
    Emitter, Flavor, Input, Parser, Target, decode, decode_strict, emit_value, parse, sort_keys,
};

/// Runs on a stack of 2 MB, like a test thread's.
fn on_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}

fn run(source: &[u8]) -> Option<String> {
    let input = Input::new(source);
    let mut parser = Parser::new(&input);
    while let Ok(Some(_)) = parser.next_event() {}
    drop(parse(source));
    let strict = decode_strict(source, Target::Any);
    drop(strict);
    match decode(source, Target::Any) {
        Ok(tree) => {
            for flavor in [Flavor::SigsV2, Flavor::V3Pretty] {
                let mut emitter = Emitter::new(flavor);
                emit_value(&mut emitter, tree.root());
                drop(emitter.finish());
            }
            None
        }
        Err(error) => Some(error.to_string()),
    }
}

#[test]
fn repeated_pieces_take_linear_time() {
    const SIZE: usize = 300_000;
    const PIECES: &[&str] = &[
        "[",
        "{",
        "- ",
        "? ",
        "'",
        "\"",
        "a: ",
        "a:\n",
        "- a\n",
        "&a [*a, ",
        "&a ",
        "*a ",
        "!x ",
        "!!str ",
        "|\n",
        "# c\n",
        "\n",
        " ",
        "\t",
        "a ",
        "a,",
        "[a,",
        "{a,",
        "{a: ",
        "[a: ",
        "? - ",
        "- ? ",
        "a: b\n",
        "a: [b]\n",
        "---\n",
        "...\n",
        "--- a\n",
        "%YAML 1.1\n",
        "%TAG !a! b\n",
        ": ",
        "-\n",
        "?\n",
        ":\n",
        "é",
        "\u{85}",
        "\u{2028}",
        "\r",
        "\r\n",
        "\\",
        "\"\\n\"",
        "''",
        "[],",
        "{},",
        "[]: ",
        "[[]],",
        "\"a\"\n",
        "'a\n\n'",
        "<<: {a: b}\n",
        "a: |\n  b\n",
        " a: |\n",
        "a: >\n\n\n",
        "\u{feff}a: b\n",
        "\"a\u{2028}\" ",
        "~: a\n",
    ];
    on_small_stack(|| {
        for piece in PIECES {
            for start in ["", "[", "# \u{2028}\n- ", "a: \"", "a: |\n  ", "\u{feff}\u{feff}"] {
                let source = [start, &piece.repeat(SIZE / piece.len())].concat();
                let begin = Instant::now();
                run(source.as_bytes());
                // Quadratic time would be hours.
                assert!(begin.elapsed() < Duration::from_secs(30), "{start:?} and {piece:?}");
            }
        }
    });
}

#[test]
fn depth_is_limited_as_in_go() {
    on_small_stack(|| {
        let nested = |open: &str, close: &str, depth: usize| {
            run([open.repeat(depth), close.repeat(depth)].concat().as_bytes())
        };
        assert_eq!(nested("[", "]", 10_000), None);
        assert_eq!(nested("{a: ", "}", 10_000), None);
        let too_deep = "error converting YAML to JSON: yaml: exceeded max depth of 10000";
        assert_eq!(nested("[", "]", 10_001).as_deref(), Some(too_deep));
        assert_eq!(nested("- ", "", 10_001).as_deref(), Some(too_deep));
        // Each alone is within the limit, but JSON counts both.
        let mixed = ["- ".repeat(6_000), "[".repeat(6_000), "]".repeat(6_000)].concat();
        assert_eq!(
            run(mixed.as_bytes()).as_deref(),
            Some("error unmarshaling JSON: while decoding JSON: invalid character '[' exceeded max depth")
        );
    });
}

#[test]
fn aliases_cannot_blow_up() {
    on_small_stack(|| {
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for level in 1..12 {
            let items = vec![format!("*a{}", level - 1); 9].join(",");
            bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
        }
        let excessive = "error converting YAML to JSON: yaml: document contains excessive aliasing";
        assert_eq!(run(bomb.as_bytes()).as_deref(), Some(excessive));

        // Few nodes, but each is large: more than Go's limit knows of.
        let large = format!("a: &a \"{}\"\nb: [{}]\n", "x".repeat(1_000_000), "*a,".repeat(100_000));
        assert_eq!(run(large.as_bytes()).as_deref(), Some(excessive));
        let large = format!("a: &a !!binary {}\nb: [{}]\n", "YWJj".repeat(100_000), "*a,".repeat(1_000));
        assert_eq!(run(large.as_bytes()), None);
    });
}

#[test]
fn long_tag_prefixes_cannot_blow_up() {
    on_small_stack(|| {
        let source = format!("%TAG !a! {}\n---\n{}", "x".repeat(500_000), "- !a!b c\n".repeat(50_000));
        let error = run(source.as_bytes());
        assert_eq!(
            error.as_deref(),
            Some("error converting YAML to JSON: yaml: the tags of the document are too long")
        );
    });
}

#[test]
fn large_mappings_are_sorted_in_time() {
    let mut keys: Vec<String> = (0..200_000).map(|n| format!("key-{}", n * 7919 % 200_000)).collect();
    sort_keys(Flavor::SigsV2, &mut keys, |key| key.as_bytes());
    assert_eq!(keys[199_999], "key-199999");
    let source: String = keys.iter().map(|key| format!("{key}: 1\n")).collect();
    assert_eq!(run(source.as_bytes()), None);
}
