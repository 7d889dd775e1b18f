//! What Go answered, and what this crate answers.

#![allow(clippy::unwrap_used)]

mod support;

use chart_lint_yaml::{Flavor, Target, decode, json_to_yaml};
use support::{ANSWERS, GoValue, answers, difference, unquote};

/// Collects failures, to show more than one.
#[derive(Default)]
struct Failures {
    shown: Vec<String>,
    count: usize,
}

impl Failures {
    fn check(&mut self, what: &str, source: &[u8], ours: &[u8], theirs: &[u8]) {
        if ours == theirs {
            return;
        }
        self.count += 1;
        if self.shown.len() < 10 {
            let source = String::from_utf8_lossy(source);
            self.shown.push(format!("{what} of {source:?} differs {}", difference(ours, theirs)));
        }
    }

    fn report(self) {
        assert!(self.count == 0, "{} differences\n{}", self.count, self.shown.join("\n"));
    }
}

#[test]
fn documents_are_read_as_go_reads_them() {
    let text = String::from_utf8(support::input("read.txt")).unwrap();
    let mut failures = Failures::default();
    let mut source = Vec::new();
    let mut ours: [Vec<u8>; 6] = Default::default();
    let mut recorded: [Vec<u8>; 6] = Default::default();
    let mut cases = 0;
    for line in text.lines() {
        if let Some(quoted) = line.strip_prefix("source ") {
            source = unquote(quoted);
            ours = answers(&source);
            cases += 1;
            continue;
        }
        let Some(kind) = ANSWERS.iter().position(|name| line.split(' ').next() == Some(name)) else {
            assert!(line.starts_with(['#', '=']), "{line}");
            continue;
        };
        let answer = &line[ANSWERS[kind].len() + 1..];
        recorded[kind] = match answer.strip_prefix("= ") {
            Some(same) => recorded[ANSWERS.iter().position(|name| *name == same).unwrap()].clone(),
            None => unquote(answer),
        };
        failures.check(ANSWERS[kind], &source, &ours[kind], &recorded[kind]);
    }
    assert!(cases > 900, "{cases} cases");
    failures.report();
}

#[test]
fn fuzzed_documents_are_read_as_go_reads_them() {
    let pack = support::input("fuzzed.pack");
    let mut differences = Vec::new();
    let cases = support::fuzzed(&pack);
    assert!(cases.len() > 4000, "{} cases", cases.len());
    for (source, hashes) in cases {
        let ordered =
            decode(source, Target::Any).map_or(true, |tree| support::keys_have_an_order(tree.root()));
        for (kind, answer) in answers(source).iter().enumerate() {
            let emission = kind == 3 || kind == 4;
            if (ordered || !emission) && support::hash(answer) != hashes[kind] {
                differences.push(format!("{} of {:?}", ANSWERS[kind], String::from_utf8_lossy(source)));
            }
        }
    }
    assert!(
        differences.is_empty(),
        "{} differences\n{}",
        differences.len(),
        differences[..10.min(differences.len())].join("\n")
    );
}

#[test]
fn values_are_emitted_as_go_emits_them() {
    let text = String::from_utf8(support::input("emit.txt")).unwrap();
    let mut failures = Failures::default();
    let mut value = GoValue::Nil;
    let mut literal = "";
    let mut cases = 0;
    for line in text.lines() {
        if let Some(text) = line.strip_prefix("value ") {
            literal = text;
            value = GoValue::parse(literal);
            cases += 1;
            continue;
        }
        let (flavor, answer) = if let Some(answer) = line.strip_prefix("toYaml ") {
            (Flavor::SigsV2, answer)
        } else if let Some(answer) = line.strip_prefix("toYamlPretty ") {
            (Flavor::V3Pretty, answer)
        } else {
            assert!(line.starts_with('#'), "{line}");
            continue;
        };
        let theirs = unquote(answer);
        let tag = |result: Result<Vec<u8>, String>| match result {
            Ok(text) => [b"ok:", text.as_slice()].concat(),
            Err(text) => format!("err:{text}").into_bytes(),
        };
        if !value.keys_have_an_order() {
            continue;
        }
        let ours = tag(value.emit(flavor));
        // The emitter does not know the line of an error in the JSON text.
        if !(ours.starts_with(b"err:yaml: ") && theirs.starts_with(b"err:yaml: line ")) {
            failures.check(line.split(' ').next().unwrap(), literal.as_bytes(), &ours, &theirs);
        }
        if flavor == Flavor::SigsV2 {
            let through = tag(value.json().and_then(|json| json_to_yaml(&json)));
            failures.check("toYaml through JSON", literal.as_bytes(), &through, &theirs);
        }
    }
    assert!(cases > 600, "{cases} cases");
    failures.report();
}

#[test]
fn emission_tells_where_each_scalar_is() {
    let text = String::from_utf8(support::input("emit.txt")).unwrap();
    for literal in text.lines().filter_map(|line| line.strip_prefix("value ")) {
        let value = GoValue::parse(literal);
        for flavor in [Flavor::SigsV2, Flavor::V3Pretty] {
            let (result, ranges) = value.emit_with_ranges(flavor);
            let Ok(text) = result else { continue };
            let mut end = 0;
            for (range, scalar) in ranges {
                assert!(end <= range.start && range.end <= text.len(), "{literal}: {range:?}");
                end = range.end;
                // Outside of its surroundings a scalar still reads as itself, if it is on one line.
                let part = &text[range];
                let finite = !matches!(scalar, GoValue::Float(value) if !value.is_finite());
                if finite && !part.contains(&b'\n') && !part.is_empty() {
                    let tree = decode(part, Target::Any).unwrap_or_else(|error| panic!("{literal}: {error}"));
                    assert!(
                        scalar.is_same(tree.root(), flavor),
                        "{literal}: {:?}",
                        String::from_utf8_lossy(part)
                    );
                }
            }
        }
    }
}
