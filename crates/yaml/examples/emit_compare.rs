//! Compares the emitter with Go on any number of values.
//!
//!     emit_compare ORACLE PACK…
//!
//! A pack is a file of values, each with its length (32 bits, little endian) before it, in the encoding
//! that `tests/support` reads. The oracle answers each with two frames of the same form: `toYaml` and
//! `toYamlPretty`, with `ok:` or `err:` before them.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{BufReader, BufWriter, Write};

use chart_lint_yaml::{Flavor, json_to_yaml};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let oracle = arguments.next().expect("usage: emit_compare ORACLE PACK...");
    for pack in arguments {
        let bytes = std::fs::read(&pack).unwrap();
        let mut child = support::start(&oracle);
        let mut to = BufWriter::new(child.stdin.take().unwrap());
        let mut from = BufReader::with_capacity(1 << 20, child.stdout.take().unwrap());
        let (mut values, mut refused, mut unordered) = (0usize, [0usize; 2], 0usize);
        let mut differences = [0usize; 3];
        std::thread::scope(|scope| {
            scope.spawn(|| {
                to.write_all(&bytes).unwrap();
                to.flush().unwrap();
                drop(to);
            });
            for encoded in support::frames(&bytes) {
                values += 1;
                let value = support::GoValue::parse(&String::from_utf8_lossy(encoded));
                // The order of such keys changes in Go from run to run.
                let ordered = value.keys_have_an_order();
                unordered += usize::from(!ordered);
                let json = value.json();
                for (kind, flavor) in [Flavor::SigsV2, Flavor::V3Pretty].into_iter().enumerate() {
                    let theirs = support::read_frame(&mut from).expect("the oracle answers");
                    let result = value.emit(flavor);
                    refused[kind] += usize::from(theirs.starts_with(b"err:"));
                    let mut show = |what: usize, ours: &[u8]| {
                        differences[what] += 1;
                        if differences[what] <= 5 {
                            println!(
                                "{pack} value {values} ({flavor:?}, {what}) differs {}",
                                support::difference(ours, &theirs)
                            );
                        }
                    };
                    if !ordered && theirs.starts_with(b"ok:") && result.is_ok() {
                        continue;
                    }
                    let ours = match &result {
                        Ok(text) => [b"ok:", text.as_slice()].concat(),
                        Err(error) => format!("err:{error}").into_bytes(),
                    };
                    if ours.starts_with(b"err:") != theirs.starts_with(b"err:")
                        || (ours != theirs && ours.starts_with(b"ok:"))
                    {
                        show(kind, &ours);
                    }
                    if flavor == Flavor::SigsV2 {
                        let through = match &json {
                            Ok(json) => match json_to_yaml(json) {
                                Ok(text) => [b"ok:", text.as_slice()].concat(),
                                Err(error) => format!("err:{error}").into_bytes(),
                            },
                            Err(error) => format!("err:{error}").into_bytes(),
                        };
                        if through != theirs {
                            show(2, &through);
                        }
                    }
                }
            }
        });
        child.wait().unwrap();
        println!("{pack}: {values} values, {unordered} with keys that have no order");
        println!("  refused by Go: {} toYaml, {} toYamlPretty", refused[0], refused[1]);
        println!(
            "  differences: {} toYaml, {} toYamlPretty, {} toYaml through JSON text (with the error's text)",
            differences[0], differences[1], differences[2]
        );
    }
}
