//! What the tests and the examples share: Go's JSON, a listing of events, and packs of documents.

#![allow(dead_code)]

use std::fmt::Write as _;

use chart_lint_yaml::{
    CollectionStyle, Emitter, EventKind, Flavor, Input, Kind, Mark, Parser, Properties, ScalarStyle, Text,
    Tree, Value, emit_value,
};

/// Encodes a decoded value as encoding/json does: sorted keys, HTML escaped, all numbers float64.
pub(crate) fn json(value: Value<'_>) -> String {
    let mut out = String::new();
    write_json(value, &mut out);
    out
}

fn write_json(value: Value<'_>, out: &mut String) {
    match value.kind() {
        Kind::Null => out.push_str("null"),
        Kind::Bool(value) => out.push_str(if value { "true" } else { "false" }),
        Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) => {
            write_number(value.as_f64().unwrap_or_default(), out);
        }
        Kind::String(text) => write_string(text, out),
        Kind::Seq(seq) => {
            out.push('[');
            for (at, item) in seq.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_json(item, out);
            }
            out.push(']');
        }
        Kind::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|entry| entry.key);
            out.push('{');
            for (at, entry) in entries.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_string(entry.key, out);
                out.push(':');
                write_json(entry.value, out);
            }
            out.push('}');
        }
    }
}

fn write_number(value: f64, out: &mut String) {
    let size = value.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{value:e}");
        out.push_str(&if text.contains("e-") { text } else { text.replace('e', "e+") });
    } else {
        let _ = write!(out, "{value}");
    }
}

/// A JSON string as encoding/json writes it.
pub(crate) fn write_string(text: &[u8], out: &mut String) {
    out.push('"');
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\x08' => out.push_str("\\b"),
                '\x0C' => out.push_str("\\f"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\0'..='\x1F' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                    let _ = write!(out, "\\u{:04x}", character as u32);
                }
                _ => out.push(character),
            }
        }
        for _ in chunk.invalid() {
            out.push_str("\\ufffd");
        }
    }
    out.push('"');
}

/// Re-emits a tree.
pub(crate) fn emit(tree: &Tree<'_>, flavor: Flavor) -> Result<Vec<u8>, String> {
    let mut emitter = Emitter::new(flavor);
    emit_value(&mut emitter, tree.root());
    emitter.finish().map_err(|error| error.to_string())
}

/// Lists the events of a text and its error, one on each line, in the form of the Go recorder.
pub(crate) fn events(source: &[u8]) -> Vec<u8> {
    let source = if source.is_empty() { b"\n" } else { source };
    let input = Input::new(source);
    let mut parser = Parser::new(&input);
    let mut out = Vec::new();
    let place = |mark: Mark| format!("{}:{}", mark.line, mark.column);
    loop {
        let event = match parser.next_event() {
            Ok(Some(event)) => event,
            Ok(None) => break,
            Err(error) => {
                let at = match error.kind {
                    // Go has no place for these.
                    chart_lint_yaml::ErrorKind::Reader => Mark::default(),
                    _ => error.at,
                };
                let context = error.context.unwrap_or_default();
                let context_at = place(error.context_at.unwrap_or_default());
                out.extend_from_slice(
                    format!("ERR {error}\nAT {} \"{context}\" {context_at}\n", place(at)).as_bytes(),
                );
                break;
            }
        };
        let marks = format!("{}-{}", place(event.start), place(event.end));
        let properties = |properties: &Properties| {
            let mut out = b" &".to_vec();
            out.extend_from_slice(parser.bytes(properties.anchor.unwrap_or(Text::EMPTY)));
            out.extend_from_slice(b" <");
            out.extend_from_slice(parser.bytes(properties.tag.unwrap_or(Text::EMPTY)));
            out.push(b'>');
            out
        };
        let line: Vec<u8> = match &event.kind {
            EventKind::StreamStart => format!("+STR {marks}").into_bytes(),
            EventKind::StreamEnd => format!("-STR {marks}").into_bytes(),
            EventKind::DocumentStart { .. } => format!("+DOC {marks}").into_bytes(),
            EventKind::DocumentEnd { implicit } => format!("-DOC {marks} {implicit}").into_bytes(),
            EventKind::Alias { anchor } => {
                [format!("=ALI {marks} ").as_bytes(), parser.bytes(*anchor)].concat()
            }
            EventKind::SequenceEnd => format!("-SEQ {marks}").into_bytes(),
            EventKind::MappingEnd => format!("-MAP {marks}").into_bytes(),
            EventKind::SequenceStart(start) => {
                let flow = if start.style == CollectionStyle::Flow { " []" } else { "" };
                [format!("+SEQ {marks}").as_bytes(), &properties(&start.properties), flow.as_bytes()].concat()
            }
            EventKind::MappingStart(start) => {
                let flow = if start.style == CollectionStyle::Flow { " {}" } else { "" };
                [format!("+MAP {marks}").as_bytes(), &properties(&start.properties), flow.as_bytes()].concat()
            }
            EventKind::Scalar(scalar) => {
                let style = match scalar.style {
                    ScalarStyle::Plain => ":",
                    ScalarStyle::SingleQuoted => "'",
                    ScalarStyle::DoubleQuoted => "\"",
                    ScalarStyle::Literal => "|",
                    ScalarStyle::Folded => ">",
                };
                let mut line = format!("=VAL {marks}").into_bytes();
                line.extend(properties(&scalar.properties));
                line.extend(format!(" {} {style}", scalar.implicit).into_bytes());
                for byte in parser.bytes(scalar.value) {
                    match byte {
                        b'\\' => line.extend(b"\\\\"),
                        b'\n' => line.extend(b"\\n"),
                        byte => line.push(*byte),
                    }
                }
                line
            }
        };
        out.extend(line);
        out.push(b'\n');
    }
    out
}

/// Cuts a pack into its frames: a length (32 bits, little endian) and so many bytes, repeated.
pub(crate) fn frames(mut pack: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (len, rest) = pack.split_first_chunk::<4>()?;
        let (frame, rest) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
        pack = rest;
        Some(frame)
    })
}
