//! Decoding of any bytes: no panic, and strict decoding only ever refuses more.

#![no_main]

use chart_lint_yaml::{Target, decode, decode_strict, values_documents};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &[u8]| {
    for target in [Target::Map, Target::List, Target::Any] {
        let loose = decode(source, target);
        let strict = decode_strict(source, target);
        match (&loose, &strict) {
            (Err(error), Ok(_)) => panic!("only strict decoding succeeds: {error}"),
            (Err(error), _) => assert!(!error.to_string().is_empty()),
            _ => {}
        }
    }
    if let Ok(documents) = values_documents(source) {
        for document in documents {
            let end = document.file_offset(document.text.len() as u32);
            assert!(end as usize <= source.len());
        }
    }
});
