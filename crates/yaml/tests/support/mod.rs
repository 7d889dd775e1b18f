//! What the tests and the examples share: Go's JSON, a listing of events, and packs of documents.

#![allow(dead_code)]

use std::fmt::Write as _;

use chart_lint_yaml::{
    CollectionStyle, DecodeError, Emitter, EventKind, Flavor, Input, Kind, Mark, Parser, Properties,
    ScalarStyle, Target, Text, Tree, Value, decode, decode_strict, emit_value, key_less, sort_keys,
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

/// What the recorders say about a document.
pub(crate) const ANSWERS: [&str; 6] = ["map", "list", "strict", "toYaml", "toYamlPretty", "events"];

/// This crate's answers to a document, in the order of [`ANSWERS`].
pub(crate) fn answers(source: &[u8]) -> [Vec<u8>; 6] {
    let tag = |answer: Result<String, String>| match answer {
        Ok(text) => format!("ok:{text}").into_bytes(),
        Err(text) => format!("err:{text}").into_bytes(),
    };
    let decoded = |result: Result<Tree<'_>, DecodeError>, empty: &str| {
        tag(result
            .map(|tree| if tree.root().is_null() { empty.to_owned() } else { json(tree.root()) })
            .map_err(|error| error.to_string()))
    };
    let any = decode(source, Target::Any);
    let emitted = |flavor| match &any {
        Ok(tree) => match emit(tree, flavor) {
            Ok(text) => [b"ok:", text.as_slice()].concat(),
            Err(text) => tag(Err(text)),
        },
        Err(error) => tag(Err(error.to_string())),
    };
    [
        decoded(decode(source, Target::Map), "{}"),
        decoded(decode(source, Target::List), "[]"),
        decoded(decode_strict(source, Target::Map), "{}"),
        emitted(Flavor::SigsV2),
        emitted(Flavor::V3Pretty),
        events(source),
    ]
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

/// A Go value, as the recorder reads them: `nil`, `true`, `1i` (int64), `1u` (uint64), `1.5` (float64),
/// `"s"`, `b"s"` ([]byte), `[1i]`, `{"k": 1i}`.
pub(crate) enum GoValue {
    Nil,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    String(Vec<u8>),
    Bytes(Vec<u8>),
    List(Vec<GoValue>),
    Map(Vec<(Vec<u8>, GoValue)>),
}

/// Places in an output, each with the scalar that stands there.
pub(crate) type Ranges = Vec<(std::ops::Range<usize>, GoValue)>;

impl GoValue {
    pub(crate) fn emit(&self, flavor: Flavor) -> Result<Vec<u8>, String> {
        let mut emitter = Emitter::new(flavor);
        self.write(flavor, &mut emitter);
        emitter.finish().map_err(|error| error.to_string())
    }

    fn write(&self, flavor: Flavor, emitter: &mut Emitter) {
        match self {
            Self::Nil => drop(emitter.null()),
            Self::Bool(value) => drop(emitter.bool(*value)),
            Self::Int(value) => drop(emitter.int(*value)),
            Self::Uint(value) => drop(emitter.uint(*value)),
            Self::Float(value) => drop(emitter.float(*value)),
            Self::String(value) => drop(emitter.string(value)),
            Self::Bytes(value) => drop(emitter.bytes(value)),
            Self::List(items) => {
                emitter.begin_seq(items.len());
                for item in items {
                    item.write(flavor, emitter);
                }
                emitter.end();
            }
            Self::Map(entries) => {
                let mut entries: Vec<_> = entries.iter().collect();
                sort_keys(flavor, &mut entries, |entry| &entry.0);
                emitter.begin_map(entries.len());
                for (key, value) in entries {
                    emitter.key(key);
                    value.write(flavor, emitter);
                }
                emitter.end();
            }
        }
    }

    /// Emits, and tells where each key and scalar is.
    pub(crate) fn emit_with_ranges(&self, flavor: Flavor) -> (Result<Vec<u8>, String>, Ranges) {
        let mut emitter = Emitter::new(flavor);
        let mut ranges = Vec::new();
        self.write_with_ranges(flavor, &mut emitter, &mut ranges);
        (emitter.finish().map_err(|error| error.to_string()), ranges)
    }

    fn write_with_ranges(&self, flavor: Flavor, emitter: &mut Emitter, ranges: &mut Ranges) {
        match self {
            Self::Nil => ranges.push((emitter.null(), Self::Nil)),
            Self::Bool(value) => ranges.push((emitter.bool(*value), Self::Bool(*value))),
            Self::Int(value) => ranges.push((emitter.int(*value), Self::Int(*value))),
            Self::Uint(value) => ranges.push((emitter.uint(*value), Self::Uint(*value))),
            Self::Float(value) => ranges.push((emitter.float(*value), Self::Float(*value))),
            Self::String(value) => ranges.push((emitter.string(value), Self::String(value.clone()))),
            Self::Bytes(value) => drop(emitter.bytes(value)),
            Self::List(items) => {
                emitter.begin_seq(items.len());
                for item in items {
                    item.write_with_ranges(flavor, emitter, ranges);
                }
                emitter.end();
            }
            Self::Map(entries) => {
                let mut entries: Vec<_> = entries.iter().collect();
                sort_keys(flavor, &mut entries, |entry| &entry.0);
                emitter.begin_map(entries.len());
                for (key, value) in entries {
                    ranges.push((emitter.key(key), Self::String(key.clone())));
                    value.write_with_ranges(flavor, emitter, ranges);
                }
                emitter.end();
            }
        }
    }

    /// Whether a value is this scalar, read back. Infinity cannot be decoded, and `toYaml` folds
    /// U+0085 and replaces broken text.
    pub(crate) fn is_same(&self, value: Value<'_>, flavor: Flavor) -> bool {
        match self {
            Self::Nil => value.is_null(),
            Self::Bool(expected) => value.as_bool() == Some(*expected),
            Self::Int(expected) => value.as_f64() == Some(*expected as f64),
            Self::Uint(expected) => value.as_f64() == Some(*expected as f64),
            Self::Float(expected) => value.as_f64() == Some(*expected),
            Self::String(expected) => {
                let text = String::from_utf8_lossy(expected);
                value.as_str() == Some(expected)
                    || (value.as_str().is_some() && (flavor == Flavor::SigsV2 && text.contains('\u{85}')))
                    || std::str::from_utf8(expected).is_err()
            }
            _ => false,
        }
    }

    /// encoding/json's text, or its error as sigs.k8s.io/yaml gives it.
    pub(crate) fn json(&self) -> Result<Vec<u8>, String> {
        let mut out = String::new();
        self.write_json(&mut out)?;
        Ok(out.into_bytes())
    }

    fn write_json(&self, out: &mut String) -> Result<(), String> {
        match self {
            Self::Nil => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Int(value) => out.push_str(&value.to_string()),
            Self::Uint(value) => out.push_str(&value.to_string()),
            Self::Float(value) if !value.is_finite() => {
                let name = if value.is_nan() {
                    "NaN"
                } else if *value > 0.0 {
                    "+Inf"
                } else {
                    "-Inf"
                };
                return Err(format!("error marshaling into JSON: json: unsupported value: {name}"));
            }
            Self::Float(value) => write_number(*value, out),
            Self::String(value) => write_string(value, out),
            Self::Bytes(value) => write_string(&base64(value), out),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    item.write_json(out)?;
                }
                out.push(']');
            }
            Self::Map(entries) => {
                out.push('{');
                for (at, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    write_string(key, out);
                    out.push(':');
                    value.write_json(out)?;
                }
                out.push('}');
            }
        }
        Ok(())
    }

    /// Whether go-yaml's comparison is an order on the keys of all maps.
    pub(crate) fn keys_have_an_order(&self) -> bool {
        match self {
            Self::List(items) => items.iter().all(Self::keys_have_an_order),
            Self::Map(entries) => {
                let keys: Vec<&[u8]> = entries.iter().map(|entry| entry.0.as_slice()).collect();
                have_an_order(&keys) && entries.iter().all(|(_, value)| value.keys_have_an_order())
            }
            _ => true,
        }
    }
}

/// Whether go-yaml's comparisons are an order on the keys. If not, Go's output changes from run to run.
fn have_an_order(keys: &[&[u8]]) -> bool {
    [Flavor::SigsV2, Flavor::V3Pretty].into_iter().all(|flavor| {
        let mut sorted = keys.to_vec();
        sort_keys(flavor, &mut sorted, |key| key);
        sorted
            .iter()
            .enumerate()
            .all(|(at, a)| sorted[at + 1..].iter().all(|b| key_less(flavor, a, b) && !key_less(flavor, b, a)))
    })
}

/// The same for a decoded value.
pub(crate) fn keys_have_an_order(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::Seq(seq) => seq.iter().all(keys_have_an_order),
        Kind::Map(map) => {
            let keys: Vec<&[u8]> = map.iter().map(|entry| entry.key).collect();
            // Comparing all pairs of a large mapping takes too long; they do have an order.
            (keys.len() > 500 || have_an_order(&keys))
                && map.iter().all(|entry| keys_have_an_order(entry.value))
        }
        _ => true,
    }
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0u32, |bits, k| bits << 8 | u32::from(chunk.get(k).copied().unwrap_or(0)));
        for k in 0..4 {
            let letter = alphabet[(bits >> (18 - 6 * k) & 0x3F) as usize];
            out.push(if k <= chunk.len() { letter } else { b'=' });
        }
    }
    out
}

/// The place where two answers differ, and what stands around it.
pub(crate) fn difference(ours: &[u8], theirs: &[u8]) -> String {
    let at = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
    let from = at.saturating_sub(60);
    let part = |text: &[u8]| {
        String::from_utf8_lossy(&text[from.min(text.len())..text.len().min(at + 60)]).into_owned()
    };
    format!("at byte {at}\n    ours: {:?}\n      go: {:?}", part(ours), part(theirs))
}

/// Reads one frame from a program.
pub(crate) fn read_frame(from: &mut impl std::io::Read) -> Option<Vec<u8>> {
    let mut len = [0; 4];
    from.read_exact(&mut len).ok()?;
    let mut frame = vec![0; u32::from_le_bytes(len) as usize];
    from.read_exact(&mut frame).ok()?;
    Some(frame)
}

/// Undoes Go's `strconv.Quote`.
pub(crate) fn unquote(quoted: &str) -> Vec<u8> {
    let (text, rest) = unquote_prefix(quoted);
    assert!(rest.is_empty(), "more than a quoted text: {quoted}");
    text
}

/// Undoes Go's `strconv.Quote` at the start of a text, and gives what follows.
pub(crate) fn unquote_prefix(quoted: &str) -> (Vec<u8>, &str) {
    let mut out = Vec::new();
    let mut rest = quoted.strip_prefix('"').expect("a quoted text");
    loop {
        let mut characters = rest.chars();
        let first = characters.next().expect("the quoted text ends");
        rest = characters.as_str();
        if first == '"' {
            return (out, rest);
        }
        if first != '\\' {
            out.extend_from_slice(first.to_string().as_bytes());
            continue;
        }
        let escape = characters.next().expect("the escape ends");
        rest = characters.as_str();
        let digits = match escape {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if digits > 0 {
            let code = u32::from_str_radix(&rest[..digits], 16).expect("hexadecimal digits");
            rest = &rest[digits..];
            match char::from_u32(code).filter(|_| digits > 2) {
                Some(character) => out.extend_from_slice(character.to_string().as_bytes()),
                None => out.push(code as u8),
            }
            continue;
        }
        out.push(match escape {
            'a' => 7,
            'b' => 8,
            't' => 9,
            'n' => 10,
            'v' => 11,
            'f' => 12,
            'r' => 13,
            other => other as u8,
        });
    }
}

/// Where the recorded inputs are.
pub(crate) fn input(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/inputs/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The sources of `read.txt`.
pub(crate) fn recorded_sources() -> Vec<Vec<u8>> {
    let text = String::from_utf8(input("read.txt")).expect("read.txt is UTF-8");
    text.lines().filter_map(|line| line.strip_prefix("source ")).map(unquote).collect()
}

/// The inputs of `fuzzed.pack`, each with the hashes of Go's answers.
pub(crate) fn fuzzed(pack: &[u8]) -> Vec<(&[u8], [u64; 6])> {
    let mut cases = Vec::new();
    let mut rest = pack;
    while let Some((len, after)) = rest.split_first_chunk::<4>() {
        let (source, mut after) = after.split_at(u32::from_le_bytes(*len) as usize);
        let hashes = std::array::from_fn(|_| {
            let (hash, more) = after.split_first_chunk::<8>().expect("six hashes");
            after = more;
            u64::from_le_bytes(*hash)
        });
        cases.push((source, hashes));
        rest = after;
    }
    cases
}

/// FNV-1a.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

impl GoValue {
    /// Reads the literals of `emit.txt`.
    pub(crate) fn parse(literal: &str) -> Self {
        let mut rest = literal;
        let value = Self::parse_prefix(&mut rest);
        assert!(rest.is_empty(), "more than a value: {literal}");
        value
    }

    fn parse_prefix(rest: &mut &str) -> Self {
        fn skip(rest: &mut &str) {
            *rest = rest.trim_start_matches([' ', ',']);
        }
        fn take(rest: &mut &str, prefix: &str) -> bool {
            let found = rest.strip_prefix(prefix);
            *rest = found.unwrap_or(rest);
            found.is_some()
        }
        fn text(rest: &mut &str) -> Vec<u8> {
            let (text, after) = unquote_prefix(rest);
            *rest = after;
            text
        }
        skip(rest);
        for (word, value) in [
            ("nil", Self::Nil),
            ("true", Self::Bool(true)),
            ("false", Self::Bool(false)),
            ("NaN", Self::Float(f64::NAN)),
            ("+Inf", Self::Float(f64::INFINITY)),
            ("-Inf", Self::Float(f64::NEG_INFINITY)),
        ] {
            if take(rest, word) {
                return value;
            }
        }
        if rest.starts_with('"') {
            return Self::String(text(rest));
        }
        if rest.starts_with("b\"") {
            *rest = &rest[1..];
            return Self::Bytes(text(rest));
        }
        if take(rest, "[") {
            let mut items = Vec::new();
            loop {
                skip(rest);
                if take(rest, "]") {
                    return Self::List(items);
                }
                items.push(Self::parse_prefix(rest));
            }
        }
        if take(rest, "{") {
            let mut entries = std::collections::BTreeMap::new();
            loop {
                skip(rest);
                if take(rest, "}") {
                    return Self::Map(entries.into_iter().collect());
                }
                let key = text(rest);
                assert!(take(rest, ":"), "a colon is missing: {rest}");
                entries.insert(key, Self::parse_prefix(rest));
            }
        }
        let end = rest.find([' ', ',', ']', '}']).unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        *rest = after;
        if let Some(digits) = number.strip_suffix('i') {
            Self::Int(digits.parse().expect("an integer"))
        } else if let Some(digits) = number.strip_suffix('u') {
            Self::Uint(digits.parse().expect("an unsigned integer"))
        } else {
            Self::Float(number.parse().expect("a float"))
        }
    }
}

/// Starts the recorder; `command` holds its arguments too.
pub(crate) fn start(command: &str) -> std::process::Child {
    let mut words = command.split(' ');
    std::process::Command::new(words.next().unwrap_or_default())
        .args(words)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the recorder runs")
}
