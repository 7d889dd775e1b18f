//! What Go and Helm answered. `fuzz/go/main.go` records `go.jsonl`; `helm.jsonl` is from Helm 4.2.4.

use std::fmt::Write;

use chart_lint_template::quote::{go_quote, is_print};

use crate::dump::{Functions, dump, parse_text};
use crate::json;

/// Fails with all differences at once.
fn assert_none(differences: &str) {
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn trees_and_errors_are_those_of_go() {
    let records = json::read("go.jsonl");
    assert!(records.len() > 1000, "{} cases", records.len());
    let mut differences = String::new();
    for record in records {
        let text = match record.get("hex") {
            Some(hex) => (0..hex.len() / 2)
                .map(|index| {
                    u8::from_str_radix(&hex[2 * index..2 * index + 2], 16).expect("hexadecimal digits")
                })
                .collect(),
            None => record.get("text").cloned().unwrap_or_default().into_bytes(),
        };
        let (ours, go) = match parse_text(&record["name"], &text, Functions::Usual) {
            Ok(tree) => (dump(&tree, false), record.get("dump")),
            Err(error) => (error.to_string(), record.get("error")),
        };
        if go != Some(&ours) {
            let _ = writeln!(differences, "{}\n  Go {:?}\n  here {ours:?}", go_quote(&text), record);
        }
    }
    assert_none(&differences);
}

#[test]
fn helm_shows_the_end_of_the_same_errors() {
    let mut differences = String::new();
    let functions = include_str!("../inputs/parse/helm-functions.txt");
    let resolve = |name: &[u8]| {
        let index = functions.split_whitespace().position(|function| function.as_bytes() == name);
        index.map(|index| chart_lint_template::function::FunctionId(index as u32))
    };
    for record in json::read("helm.jsonl") {
        let (name, text) = (record["name"].as_str(), record["text"].as_str());
        let result = chart_lint_template::parser::parse(&name.into(), &text.into(), &resolve);
        // Helm keeps the place, and what follows the last colon.
        let ours = result.err().map(|error| {
            let text = error.message.to_string();
            let detail = text.rsplit(": ").next().unwrap_or_default();
            format!("parse error at ({name}:{}): {detail}", error.line)
        });
        if ours.as_ref() != record.get("error") {
            let _ = writeln!(
                differences,
                "{}: {text:?}\n  Helm {:?}\n  here {ours:?}",
                record["id"],
                record.get("error")
            );
        }
    }
    assert_none(&differences);
}

#[test]
fn printable_characters_are_those_of_go() {
    // FNV-1a over one byte for each code point, as `answer` in `fuzz/go/main.go` gives them.
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for code in 0..=u32::from(char::MAX) {
        let class = b'0' + u8::from(char::from_u32(code).is_some_and(is_print));
        hash = (hash ^ u64::from(class)).wrapping_mul(0x0100_0000_01b3);
    }
    assert_eq!(hash, PRINTABLE_HASH);
}

const PRINTABLE_HASH: u64 = 0xca12_3f40_b48f_73e9;
