//! What is emitted can be read again, and emits the same again.

#![no_main]

use chart_lint_yaml::{Emitter, Flavor, Target, Tree, decode, emit_value, json_to_yaml};
use libfuzzer_sys::fuzz_target;

fn emit(tree: &Tree<'_>, flavor: Flavor) -> Option<Vec<u8>> {
    let mut emitter = Emitter::new(flavor);
    emit_value(&mut emitter, tree.root());
    emitter.finish().ok()
}

fuzz_target!(|source: &[u8]| {
    let _ = json_to_yaml(source);
    let Ok(tree) = decode(source, Target::Any) else { return };
    for flavor in [Flavor::SigsV2, Flavor::V3Pretty] {
        let Some(text) = emit(&tree, flavor) else { continue };
        // Go does not keep these in every place either; -0.0 is written -0, which reads as 0.
        let odd = ["\u{85}", "\u{2028}", "\u{2029}", "<<", "-0"];
        if odd.iter().any(|odd| String::from_utf8_lossy(&text).contains(odd)) {
            continue;
        }
        let again = decode(&text, Target::Any).expect("what was emitted is YAML");
        assert_eq!(emit(&again, flavor).expect("it can be emitted again"), text);
    }
});
