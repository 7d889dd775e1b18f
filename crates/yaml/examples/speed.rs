//! Measures this crate, beside libyaml, on a pack of documents (see `corpus_compare`).
//!
//!     speed PACK…

#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "../tests/support/mod.rs"]
mod support;

#[path = "../tests/support/libyaml.rs"]
mod libyaml;

use std::time::Instant;

use chart_lint_yaml::{Emitter, Flavor, Input, Parser, Target, decode, emit_value, parse};

/// The best of seven runs, in MB/s.
fn measure(name: &str, bytes: usize, mut run: impl FnMut() -> usize) -> f64 {
    let mut best = f64::INFINITY;
    let mut check = 0;
    for _ in 0..7 {
        let start = Instant::now();
        check = run();
        best = best.min(start.elapsed().as_secs_f64());
    }
    let speed = bytes as f64 / 1e6 / best;
    println!("  {name:<28} {speed:7.1} MB/s   ({check})");
    speed
}

fn count_events(source: &[u8]) -> usize {
    let input = Input::new(source);
    let mut parser = Parser::new(&input);
    let mut count = 0;
    while let Ok(Some(_)) = parser.next_event() {
        count += 1;
    }
    count
}

fn main() {
    for pack in std::env::args().skip(1) {
        let bytes = std::fs::read(&pack).unwrap();
        let documents: Vec<&[u8]> = support::frames(&bytes).collect();
        let total: usize = documents.iter().map(|document| document.len()).sum();
        println!("{pack}: {} documents, {:.1} MB", documents.len(), total as f64 / 1e6);
        let sum = |work: fn(&[u8]) -> usize| {
            let documents = &documents;
            move || documents.iter().map(|document| work(document)).sum::<usize>()
        };
        let theirs = measure("unsafe-libyaml events", total, sum(libyaml::count_events));
        let ours = measure("events", total, sum(count_events));
        println!("    {:.2} times libyaml", ours / theirs);
        measure("parse (nodes)", total, sum(|source| parse(source).documents().len()));
        measure("decode", total, sum(|source| usize::from(decode(source, Target::Any).is_ok())));
        let trees: Vec<_> = documents.iter().filter_map(|source| decode(source, Target::Any).ok()).collect();
        for (name, flavor) in
            [("toYaml (per input byte)", Flavor::SigsV2), ("toYamlPretty", Flavor::V3Pretty)]
        {
            let mut buffer = Vec::new();
            measure(name, total, || {
                let mut written = 0;
                for tree in &trees {
                    let mut emitter = Emitter::with_buffer(flavor, std::mem::take(&mut buffer));
                    emit_value(&mut emitter, tree.root());
                    if let Ok(text) = emitter.finish() {
                        written += text.len();
                        buffer = text;
                    }
                }
                written
            });
        }
    }
}
