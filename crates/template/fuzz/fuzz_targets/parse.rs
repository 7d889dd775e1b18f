//! Any text either parses, and its tree prints and parses again, or gives an error whose place is in the text.
#![no_main]

#[path = "../src/check.rs"]
mod check;
#[path = "../../tests/parse/dump.rs"]
#[expect(dead_code, reason = "nothing is printed here")]
mod dump;

libfuzzer_sys::fuzz_target!(|text: &[u8]| check::check(text));
