//! `tests/inputs/parse/*.txt` hold templates with lines `---` between them; `*.snap` beside them what comes out.
//! Run with `UPDATE_SNAPSHOTS=1` to write them anew.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use chart_lint_template::ast::Span;
use chart_lint_template::parser::ParseError;

use crate::dump::{Functions, dump, parse_text};

#[test]
fn snapshots_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inputs/parse");
    let mut stale = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("the folder is in the repository") {
        let path = entry.expect("a readable entry").path();
        if path.extension().is_none_or(|extension| extension != "txt") || path.ends_with("helm-functions.txt")
        {
            continue;
        }
        count += 1;
        let cases = fs::read_to_string(&path).expect("a readable input");
        let shown: String = cases.trim_end_matches('\n').split("\n---\n").map(show).collect();
        let snapshot = path.with_extension("snap");
        if fs::read_to_string(&snapshot).unwrap_or_default() == shown {
            continue;
        }
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            fs::write(&snapshot, shown).expect("a writable snapshot");
        } else {
            stale.push(path);
        }
    }
    assert!(count > 5, "{count} files in {}", folder.display());
    assert!(stale.is_empty(), "other results than in the snapshots of {stale:?}");
}

fn show(text: &str) -> String {
    let mut out = format!("{text}\n--->\n");
    match parse_text("t", text.as_bytes(), Functions::Usual) {
        Ok(tree) => out.push_str(&dump(&tree, true)),
        Err(error) => show_error(text, &error, &mut out),
    }
    out.push_str("====\n");
    out
}

fn show_error(text: &str, error: &ParseError, out: &mut String) {
    let _ = writeln!(out, "error {error}");
    show_span(text, error.span, "", out);
    if let Some(opening) = error.opening {
        show_span(text, opening, " opened here", out);
    }
}

/// The lines of a span, and what of the first one is in it.
fn show_span(text: &str, span: Span, label: &str, out: &mut String) {
    let (start, end) = (span.start as usize, span.end as usize);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let end = end.min(line_start + line.len());
    let number = text[..start].matches('\n').count() + 1;
    let columns = |text: &str| text.chars().count();
    let _ = writeln!(out, "{number:4} | {line}");
    let indent = " ".repeat(columns(&text[line_start..start]));
    let _ =
        writeln!(out, "     | {indent}{}{label}", "^".repeat(columns(&text[start..end.max(start)]).max(1)));
}
