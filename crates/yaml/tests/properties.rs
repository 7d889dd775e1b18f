//! What holds for every text.

#![allow(clippy::unwrap_used)]

mod support;

use chart_lint_yaml::{
    Emitter, EventKind, Flavor, Input, Kind, NodeKind, Parser, Span, Target, Value, decode, decode_strict,
    emit_value, parse, values_documents,
};

/// A small generator of pseudo-random numbers (xorshift), so that each run is the same.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

const PIECES: &[&[u8]] = &[
    b": ",
    b"- ",
    b"? ",
    b"\n",
    b"  ",
    b"\t",
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b"'",
    b"\"",
    b"|\n",
    b">-\n",
    b"&a ",
    b"*a",
    b"!!str ",
    b"!!binary ",
    b"<<: ",
    b"---\n",
    b"...\n",
    b"%TAG !a! b\n",
    b"#",
    b"\\",
    b"\r",
    b"\xC2\x85",
    b"\xE2\x80\xA8",
    b"\xEF\xBB\xBF",
    b"\xFF",
    b"\x00",
    b"\x7F",
    b"0x1F",
    b"1e9",
    b"~",
    b"yes",
    b".nan",
];

fn mutate(source: &[u8], random: &mut Random) -> Vec<u8> {
    let mut text = source.to_vec();
    for _ in 0..1 + random.below(4) {
        let at = random.below(text.len() + 1);
        match random.below(4) {
            0 => {
                text.splice(at..at, PIECES[random.below(PIECES.len())].iter().copied());
            }
            1 if at < text.len() => {
                let end = text.len().min(at + 1 + random.below(6));
                text.drain(at..end);
            }
            2 if at < text.len() => text[at] = random.below(256) as u8,
            _ => {
                let from = random.below(text.len() + 1);
                let end = text.len().min(from + random.below(30));
                let piece = text[from..end].to_vec();
                text.splice(at..at, piece);
            }
        }
    }
    text
}

fn each_mutation(check: impl Fn(&[u8])) {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for source in support::recorded_sources() {
        if source.len() > 4000 {
            continue;
        }
        check(&source);
        for _ in 0..15 {
            check(&mutate(&source, &mut random));
        }
    }
}

fn is_inside(span: Span, text: &[u8]) -> bool {
    span.start <= span.end && span.end as usize <= text.len()
}

#[test]
fn events_nest_and_their_spans_lie_in_the_text() {
    each_mutation(|source| {
        let input = Input::new(source);
        let text = input.text();
        let mut parser = Parser::new(&input);
        let mut open = Vec::new();
        while let Ok(Some(event)) = parser.next_event() {
            assert!(event.start <= event.end, "{event:?}");
            assert!(event.end.offset as usize <= text.len(), "{event:?}");
            match event.kind {
                EventKind::SequenceStart(_) => open.push('['),
                EventKind::MappingStart(_) => open.push('{'),
                EventKind::SequenceEnd => assert_eq!(open.pop(), Some('[')),
                EventKind::MappingEnd => assert_eq!(open.pop(), Some('{')),
                EventKind::Scalar(scalar) => {
                    assert!(is_inside(scalar.span, text));
                    if let Some(span) = scalar.value.source_span() {
                        assert!(is_inside(span, text));
                        assert_eq!(parser.bytes(scalar.value), &text[span.range()]);
                    }
                }
                _ => {}
            }
        }
        for pair in parser.comments().windows(2) {
            assert!(pair[0].end <= pair[1].start);
        }
        for comment in parser.comments() {
            assert!(text[comment.range()].starts_with(b"#"));
            assert!(!text[comment.range()].contains(&b'\n'));
        }
    });
}

#[test]
fn nodes_lie_in_the_nodes_around_them() {
    each_mutation(|source| {
        let stream = parse(source);
        for document in stream.documents() {
            let mut stack = vec![document.root];
            while let Some(id) = stack.pop() {
                let node = stream.node(id);
                assert!(is_inside(node.span, stream.text()), "{node:?}");
                for child in stream.children(id) {
                    let inner = stream.node(*child).span;
                    assert!(
                        node.span.start <= inner.start && inner.end <= node.span.end,
                        "{node:?} {inner:?}"
                    );
                    stack.push(*child);
                }
                if let NodeKind::Mapping { .. } = node.kind {
                    assert_eq!(stream.children(id).len(), 2 * stream.pairs(id).count());
                }
            }
        }
        if let Some(error) = stream.error() {
            assert!(error.at.offset as usize <= stream.text().len());
        }
    });
}

fn check_value(value: Value<'_>, text: &[u8]) {
    assert!(is_inside(value.span(), text));
    match value.kind() {
        Kind::Float(value) => assert!(value.is_finite()),
        Kind::String(value) => assert!(std::str::from_utf8(value).is_ok()),
        Kind::Seq(seq) => seq.iter().for_each(|item| check_value(item, text)),
        Kind::Map(map) => {
            let mut keys: Vec<&[u8]> = Vec::new();
            for entry in map.iter() {
                assert!(is_inside(entry.key_span, text));
                assert!(std::str::from_utf8(entry.key).is_ok());
                check_value(entry.value, text);
                keys.push(entry.key);
            }
            let count = keys.len();
            keys.sort_unstable();
            keys.dedup();
            assert_eq!(keys.len(), count, "every key occurs once");
        }
        _ => {}
    }
}

#[test]
fn decoded_trees_are_sound_and_decoding_is_deterministic() {
    each_mutation(|source| {
        let decoded = decode(source, Target::Any);
        match &decoded {
            Ok(tree) => {
                check_value(tree.root(), tree.text());
                let again = decode(source, Target::Any).unwrap();
                assert_eq!(support::json(tree.root()), support::json(again.root()));
            }
            Err(error) => {
                assert_eq!(decode(source, Target::Any).unwrap_err(), *error);
                assert!(!error.to_string().is_empty());
            }
        }
        // Strict decoding only ever refuses more.
        if let Ok(tree) = decode_strict(source, Target::Any) {
            assert_eq!(support::json(tree.root()), support::json(decoded.unwrap().root()));
        }
        let _ = values_documents(source);
    });
}

#[test]
fn what_is_emitted_reads_back_as_the_same() {
    each_mutation(|source| {
        let Ok(tree) = decode(source, Target::Any) else { return };
        for flavor in [Flavor::SigsV2, Flavor::V3Pretty] {
            let mut emitter = Emitter::new(flavor);
            emit_value(&mut emitter, tree.root());
            let Ok(text) = emitter.finish() else { continue };
            let before = support::json(tree.root());
            // Neither library keeps U+0085 or the breaks U+2028 and U+2029, and both write the string
            // `<<` so that it reads as a merge.
            if ["\u{85}", "\\u2028", "\\u2029", "\"\\u003c\\u003c\""].iter().any(|odd| before.contains(odd)) {
                continue;
            }
            let again = decode(&text, Target::Any)
                .unwrap_or_else(|error| panic!("{error}: {:?}", String::from_utf8_lossy(&text)));
            let after = support::json(again.root());
            // -0 becomes 0 on the way through JSON.
            assert_eq!(
                after.replace("-0", "0"),
                before.replace("-0", "0"),
                "{flavor:?}: {:?}",
                String::from_utf8_lossy(source)
            );
        }
    });
}
