//! Compares this crate with Go on any number of documents.
//!
//!     corpus_compare ORACLE PACK…
//!
//! A pack is a file of documents, each with its length (32 bits, little endian) before it. The oracle
//! is a program that reads such documents and answers each with six frames of the same form: what
//! `yaml.Unmarshal` gives for a map, for a list, `yaml.UnmarshalStrict` for a map, `toYaml` and
//! `toYamlPretty` of the document decoded into `any`, and the events of yaml.v2 (may be empty). An
//! answer starts with `ok:` or `err:`. The source of one is in `tests/recorder`.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{BufReader, BufWriter, Write};

use chart_lint_yaml::{Target, decode};

fn show(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let oracle = arguments.next().expect("usage: corpus_compare ORACLE PACK...");
    let names = ["map", "list", "strict", "toYaml", "toYamlPretty", "events"];
    for pack in arguments {
        let bytes = std::fs::read(&pack).unwrap();
        let mut child = support::start(&oracle);
        let mut to = BufWriter::new(child.stdin.take().unwrap());
        let mut from = BufReader::with_capacity(1 << 20, child.stdout.take().unwrap());
        let mut differences = [0usize; 6];
        let mut compared = [0usize; 6];
        let (mut documents, mut refused, mut unordered, mut total) = (0usize, 0usize, 0usize, 0usize);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                to.write_all(&bytes).unwrap();
                to.flush().unwrap();
                drop(to);
            });
            for source in support::frames(&bytes) {
                documents += 1;
                total += source.len();
                let ours = support::answers(source);
                let ordered = decode(source, Target::Any)
                    .is_ok_and(|tree| tree.root().is_null() || support::keys_have_an_order(tree.root()))
                    || ours[3].starts_with(b"err:");
                unordered += usize::from(!ordered);
                for (kind, ours) in ours.iter().enumerate() {
                    let theirs = support::read_frame(&mut from).expect("the oracle answers");
                    if kind == 0 && theirs.starts_with(b"err:") {
                        refused += 1;
                    }
                    if kind == 5 && theirs.is_empty() {
                        continue;
                    }
                    if (kind == 3 || kind == 4) && !ordered {
                        continue;
                    }
                    compared[kind] += 1;
                    if *ours != theirs {
                        differences[kind] += 1;
                        if differences[kind] <= 5 {
                            let head = show(&source[..source.len().min(200)]);
                            println!(
                                "{pack} document {documents}: {} differs {}\n  source: {head:?}",
                                names[kind],
                                support::difference(ours, &theirs)
                            );
                        }
                    }
                }
            }
        });
        child.wait().unwrap();
        println!("{pack}: {documents} documents, {total} bytes, {refused} refused by Go as a map,");
        println!("  {unordered} with keys that have no order (their emission is not compared)");
        for (name, (count, compared)) in names.iter().zip(differences.iter().zip(compared)) {
            println!("  {name}: {compared} compared, {count} differences");
        }
    }
}
