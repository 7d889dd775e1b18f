//! JSON as Go's `encoding/json` writes and reads it, and the functions that do so.
//!
//! Neither direction recurses: values may be nested as deep as a template makes them. Both keep origins: each key and
//! each scalar of the text knows the key or value it stands for.

use chart_lint_template::strconv::append_float;
use chart_lint_template::{
    Args, Data, Entry, Error, Field, FloatKind, Function, List, Map, OriginId, Origins, Result, State, Str,
    Text, TextBuilder, Type, Value, quote,
};
use rustc_hash::FxHashSet;

const VALUE: &[Type] = &[Type::Interface];
const TEXT: &[Type] = &[Type::String];

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "toJson",
        params: VALUE,
        variadic: false,
        run: |s, a| or_empty(encode(s, a, Style::HTML)),
    },
    Function { name: "mustToJson", params: VALUE, variadic: false, run: |s, a| encode(s, a, Style::HTML) },
    Function {
        name: "toPrettyJson",
        params: VALUE,
        variadic: false,
        run: |s, a| or_empty(encode(s, a, Style::PRETTY)),
    },
    Function {
        name: "mustToPrettyJson",
        params: VALUE,
        variadic: false,
        run: |s, a| encode(s, a, Style::PRETTY),
    },
    Function { name: "toRawJson", params: VALUE, variadic: false, run: |s, a| encode(s, a, Style::RAW) },
    Function { name: "mustToRawJson", params: VALUE, variadic: false, run: |s, a| encode(s, a, Style::RAW) },
    Function { name: "fromJson", params: TEXT, variadic: false, run: from_json },
    Function { name: "fromJsonArray", params: TEXT, variadic: false, run: from_json_array },
    Function { name: "mustFromJson", params: TEXT, variadic: false, run: must_from_json },
];

/// How JSON is written.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    /// `<`, `>` and `&` are escaped.
    escape_html: bool,
    /// One entry on a line, two spaces for each level.
    indent: bool,
}

impl Style {
    /// As `json.Marshal`.
    pub(crate) const HTML: Style = Style { escape_html: true, indent: false };
    /// As an encoder without escaping of HTML.
    pub(crate) const RAW: Style = Style { escape_html: false, indent: false };
    /// As `json.MarshalIndent` with two spaces.
    pub(crate) const PRETTY: Style = Style { escape_html: true, indent: true };
}

/// Go's `maxNestingDepth`, of the scanner that reads and indents.
const MAX_DEPTH: usize = 10_000;

/// From which depth on Go looks for cycles.
pub(crate) const CYCLES_FROM: usize = 1_000;

fn encode(state: &mut State<'_>, args: &mut Args<'_>, style: Style) -> Result<Value> {
    let value = args.take(0);
    let tracking = state.origins.enabled();
    let mut encoder = Encoder { out: TextBuilder::new(), state: Some(state), style, charged: 0, tracking };
    encoder.write(&value)?;
    Ok(Value::from(encoder.out.finish()))
}

/// Helm's `toJson` keeps quiet about errors, but not about our limits.
fn or_empty(result: Result<Value>) -> Result<Value> {
    match result {
        Err(error) if !error.is_limit() => Ok(Value::from("")),
        other => other,
    }
}

/// A value as JSON, without origins and limits.
pub(crate) fn marshal(value: &Value) -> Result<Text> {
    let mut encoder =
        Encoder { out: TextBuilder::new(), state: None, style: Style::HTML, charged: 0, tracking: false };
    encoder.write(value)?;
    Ok(encoder.out.finish())
}

/// A value as JSON, without origins.
pub(crate) fn encode_plain(state: &mut State<'_>, value: &Value) -> Result<Text> {
    let mut encoder = Encoder {
        out: TextBuilder::new(),
        state: Some(state),
        style: Style::HTML,
        charged: 0,
        tracking: false,
    };
    encoder.write(value)?;
    Ok(encoder.out.finish())
}

struct Encoder<'e, 's> {
    out: TextBuilder,
    state: Option<&'e mut State<'s>>,
    style: Style,
    /// How many bytes of the output are paid for.
    charged: usize,
    tracking: bool,
}

/// A list, map or struct that is being written.
struct Open {
    items: Items,
    /// Whether an entry was written already.
    started: bool,
    origin: OriginId,
    /// What identifies it in memory, if it is remembered for finding cycles.
    address: Option<(usize, usize)>,
}

enum Items {
    List(List, usize),
    Map(std::vec::IntoIter<(Str, Entry)>),
    Fields(std::vec::IntoIter<Field>),
}

impl Encoder<'_, '_> {
    fn write(&mut self, value: &Value) -> Result<()> {
        let mut stack: Vec<Open> = Vec::new();
        let mut seen = FxHashSet::default();
        let mut next = Some(value.clone());
        loop {
            if let Some(value) = next.take() {
                if let Some(mut open) = self.begin(&value)? {
                    if self.style.indent && stack.len() >= MAX_DEPTH {
                        let bracket = self.out.as_bytes().last().copied().unwrap_or(b'[');
                        return Err(Error::new(invalid(bracket, "exceeded max depth")));
                    }
                    if stack.len() >= CYCLES_FROM {
                        open.address = address(&value);
                        if open.address.is_some_and(|address| !seen.insert(address)) {
                            let type_of = value.type_of().unwrap_or(Type::DICT);
                            let message =
                                format!("json: unsupported value: encountered a cycle via {type_of}");
                            return Err(Error::new(message));
                        }
                    }
                    stack.push(open);
                }
                self.charge()?;
            }
            let depth = stack.len();
            let Some(open) = stack.last_mut() else { break };
            let item = match &mut open.items {
                Items::List(list, index) => {
                    *index += 1;
                    list[..].get(*index - 1).cloned().map(|value| (None, value))
                }
                Items::Map(entries) => {
                    entries.next().map(|(key, entry)| (Some((key, entry.key_origin)), entry.value))
                }
                Items::Fields(fields) => fields
                    .next()
                    .map(|field| (Some((Str::from(field.json_name()), OriginId::NONE)), field.value)),
            };
            match item {
                Some((key, value)) => {
                    if std::mem::replace(&mut open.started, true) {
                        self.out.bytes_mut().push(b',');
                    }
                    self.new_line(depth);
                    if let Some((key, origin)) = key {
                        append_string(self.out.bytes_mut(), &key, self.style.escape_html);
                        self.out.bytes_mut().push(b':');
                        if self.style.indent {
                            self.out.bytes_mut().push(b' ');
                        }
                        self.mark(origin);
                    }
                    next = Some(value);
                }
                None => {
                    if let Some(address) = open.address {
                        seen.remove(&address);
                    }
                    let (started, origin) = (open.started, open.origin);
                    let close = if matches!(open.items, Items::List(..)) { b']' } else { b'}' };
                    stack.pop();
                    if started {
                        self.new_line(depth - 1);
                    }
                    self.out.bytes_mut().push(close);
                    self.mark(origin);
                }
            }
        }
        Ok(())
    }

    fn new_line(&mut self, depth: usize) {
        if self.style.indent {
            let out = self.out.bytes_mut();
            out.push(b'\n');
            out.extend(std::iter::repeat_n(b' ', 2 * depth));
        }
    }

    /// Gives the bytes written since the last mark an origin.
    fn mark(&mut self, origin: OriginId) {
        if self.tracking {
            self.out.push(b"", origin);
        }
    }

    /// Takes what was written from the budget, a good piece at a time.
    fn charge(&mut self) -> Result<()> {
        const PIECE: usize = 1 << 16;
        let Some(state) = &mut self.state else { return Ok(()) };
        if self.out.len() >= self.charged + PIECE {
            state.spend_bytes(self.out.len() - self.charged)?;
            self.charged = self.out.len();
        }
        Ok(())
    }

    /// Writes a scalar, or the start of anything else.
    fn begin(&mut self, value: &Value) -> Result<Option<Open>> {
        let out = self.out.bytes_mut();
        match &value.data {
            Data::Nil => out.extend_from_slice(b"null"),
            Data::Bool(true) => out.extend_from_slice(b"true"),
            Data::Bool(false) => out.extend_from_slice(b"false"),
            Data::Int(n, _) => out.extend_from_slice(n.to_string().as_bytes()),
            Data::Uint(n, _) => out.extend_from_slice(n.to_string().as_bytes()),
            Data::Float(n, kind) => append_number(out, *n, *kind)?,
            Data::Complex(..) => return Err(Error::new("json: unsupported type: complex128")),
            Data::String(text) => {
                self.string(text);
                return Ok(None);
            }
            Data::Bytes(text) => {
                out.push(b'"');
                super::encoding::base64_encode(text.as_bytes(), out);
                out.push(b'"');
            }
            Data::List(list) if list.is_nil() => out.extend_from_slice(b"null"),
            Data::List(list) => {
                out.push(b'[');
                return Ok(Some(Open::new(Items::List(list.clone(), 0), value.origin)));
            }
            Data::Map(map) if map.is_nil() => out.extend_from_slice(b"null"),
            Data::Map(map) => {
                out.push(b'{');
                return Ok(Some(Open::new(Items::Map(map.entries().into_iter()), value.origin)));
            }
            Data::Object(object) => {
                let json = object.to_json().map_err(|error| {
                    let type_of = object.type_of();
                    Error::new(format!("json: error calling MarshalJSON for type {type_of}: {error}"))
                })?;
                if !matches!(json.data, Data::Map(_)) {
                    return self.begin(&json.with_origin(value.origin));
                }
                // A struct without a `MarshalJSON` of its own: its fields in their order.
                out.push(b'{');
                let fields: Vec<Field> = object.fields().into_iter().filter(is_in_json).collect();
                return Ok(Some(Open::new(Items::Fields(fields.into_iter()), value.origin)));
            }
        }
        if self.tracking {
            let origin = match &mut self.state {
                Some(state) => state.origin_of(value),
                None => OriginId::NONE,
            };
            self.mark(origin);
        }
        Ok(None)
    }

    /// A string; each of its pieces keeps its origin.
    fn string(&mut self, text: &Text) {
        if !self.tracking {
            append_string(self.out.bytes_mut(), text.as_bytes(), self.style.escape_html);
            return;
        }
        self.out.bytes_mut().push(b'"');
        let mut start = 0;
        for run in text.runs(0..text.len()) {
            let piece = &text.as_bytes()[start..run.end as usize];
            start = run.end as usize;
            append_escaped(self.out.bytes_mut(), piece, self.style.escape_html);
            if let Some(state) = &mut self.state {
                let origin = state.origins.of_run(&run);
                self.out.push(b"", origin);
            }
        }
        self.out.bytes_mut().push(b'"');
        if let Some(state) = &mut self.state {
            let origin = state.origin_of_text(text);
            self.out.push(b"", origin);
        }
    }
}

impl Open {
    fn new(items: Items, origin: OriginId) -> Open {
        Open { items, started: false, origin, address: None }
    }
}

/// Whether `encoding/json` writes a field.
fn is_in_json(field: &Field) -> bool {
    let is_empty = !matches!(field.value.data, Data::Object(_)) && !field.value.is_true();
    field.is_exported() && !(field.omit_empty && is_empty)
}

fn address(value: &Value) -> Option<(usize, usize)> {
    match &value.data {
        Data::Map(map) => Some((map.address(), usize::MAX)),
        Data::List(list) => Some((list.as_ptr() as usize, list.len())),
        _ => None,
    }
}

/// A float in the form of ECMAScript, with `1e-7` rather than `1e-07`.
pub(crate) fn append_number(out: &mut Vec<u8>, n: f64, kind: FloatKind) -> Result<()> {
    let is_32 = kind == FloatKind::Float32;
    if !n.is_finite() {
        let mut shown = Vec::new();
        append_float(&mut shown, n, b'g', None, is_32);
        let shown = String::from_utf8_lossy(&shown).into_owned();
        return Err(Error::new(format!("json: unsupported value: {shown}")));
    }
    let abs = n.abs();
    let exponent = abs != 0.0
        && if is_32 { (abs as f32) < 1e-6 || abs as f32 >= 1e21 } else { !(1e-6..1e21).contains(&abs) };
    append_float(out, n, if exponent { b'e' } else { b'f' }, None, is_32);
    if exponent {
        let n = out.len();
        if n >= 4 && &out[n - 4..n - 1] == b"e-0" {
            out.remove(n - 2);
        }
    }
    Ok(())
}

/// A string in quotes.
pub(crate) fn append_string(out: &mut Vec<u8>, bytes: &[u8], escape_html: bool) {
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    append_escaped(out, bytes, escape_html);
    out.push(b'"');
}

fn append_escaped(out: &mut Vec<u8>, bytes: &[u8], escape_html: bool) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut start = 0;
    let mut i = 0;
    while let Some(&byte) = bytes.get(i) {
        if byte < 0x80 {
            let safe = byte >= b' ' && byte != b'"' && byte != b'\\';
            if safe && !(escape_html && matches!(byte, b'<' | b'>' | b'&')) {
                i += 1;
                continue;
            }
            out.extend_from_slice(&bytes[start..i]);
            match byte {
                b'\\' | b'"' => out.extend_from_slice(&[b'\\', byte]),
                0x08 => out.extend_from_slice(b"\\b"),
                0x0C => out.extend_from_slice(b"\\f"),
                b'\n' => out.extend_from_slice(b"\\n"),
                b'\r' => out.extend_from_slice(b"\\r"),
                b'\t' => out.extend_from_slice(b"\\t"),
                _ => {
                    let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
                    out.extend_from_slice(b"\\u00");
                    out.extend_from_slice(&digits);
                }
            }
            i += 1;
            start = i;
            continue;
        }
        let (c, size) = bstr::decode_utf8(&bytes[i..]);
        let (escape, size): (&[u8], usize) = match c {
            None => (b"\\ufffd", 1),
            Some('\u{2028}') => (b"\\u2028", size),
            Some('\u{2029}') => (b"\\u2029", size),
            Some(_) => (b"", size),
        };
        if !escape.is_empty() {
            out.extend_from_slice(&bytes[start..i]);
            out.extend_from_slice(escape);
            start = i + size;
        }
        i += size;
    }
    out.extend_from_slice(&bytes[start..]);
}

// ---- reading ----

fn from_json(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let text = args.text(0);
    let error = match decode(&text, Some(&mut state.origins)) {
        Ok(Decoded { value, out_of_range }) => match (value.data, out_of_range) {
            (Data::Map(map), None) => return Ok(Value { data: Data::Map(map), ..value }),
            (Data::Map(map), Some(error)) => {
                map.insert("Error", Value::from(error));
                return Ok(Value { data: Data::Map(map), ..value });
            }
            (Data::Nil, None) => return Ok(Value::from(Map::nil(Type::DICT))),
            (data, _) => wrong_type(&data, Type::DICT),
        },
        Err(error) => error,
    };
    let map = Map::dict();
    map.insert("Error", Value::from(error));
    Ok(Value::from(map))
}

fn from_json_array(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let text = args.text(0);
    let error = match decode(&text, Some(&mut state.origins)) {
        Ok(Decoded { value, out_of_range }) => match (value.data, out_of_range) {
            (Data::List(list), None) => return Ok(Value { data: Data::List(list), ..value }),
            (Data::List(_), Some(error)) => error,
            (Data::Nil, None) => return Ok(Value::from(List::nil(Type::LIST))),
            (data, _) => wrong_type(&data, Type::LIST),
        },
        Err(error) => error,
    };
    Ok(Value::from(List::new(vec![Value::from(error)])))
}

fn must_from_json(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let text = args.text(0);
    match decode(&text, Some(&mut state.origins)) {
        Ok(Decoded { value, out_of_range: None }) => Ok(value.boxed()),
        Ok(Decoded { out_of_range: Some(error), .. }) | Err(error) => Err(Error::new(error)),
    }
}

/// Go's words for a JSON value that does not fit the variable it is decoded into.
pub(crate) fn wrong_type(data: &Data, wanted: Type) -> String {
    let found = match data {
        Data::Bool(_) => "bool",
        Data::String(_) => "string",
        Data::List(_) => "array",
        Data::Map(_) => "object",
        _ => "number",
    };
    format!("json: cannot unmarshal {found} into Go value of type {wanted}")
}

/// A JSON text as a value, without origins.
pub(crate) fn parse(bytes: &[u8]) -> std::result::Result<Value, String> {
    let decoded = decode(&Text::plain(bytes), None)?;
    match decoded.out_of_range {
        None => Ok(decoded.value),
        Some(error) => Err(error),
    }
}

/// What a JSON text holds.
pub(crate) struct Decoded {
    /// The value.
    pub(crate) value: Value,
    /// Go's error for the first number that no float64 can hold. It stands for nil, and Go goes on reading.
    pub(crate) out_of_range: Option<String>,
}

/// Reads a JSON text as `json.Unmarshal` into an empty interface. The error is Go's text.
pub(crate) fn decode(text: &Text, origins: Option<&mut Origins>) -> std::result::Result<Decoded, String> {
    let origins = origins.filter(|origins| origins.enabled());
    let mut decoder = Decoder { bytes: text.as_bytes(), text, at: 0, origins, out_of_range: None };
    let value = decoder.document()?;
    Ok(Decoded { value, out_of_range: decoder.out_of_range })
}

struct Decoder<'a> {
    bytes: &'a [u8],
    text: &'a Text,
    at: usize,
    origins: Option<&'a mut Origins>,
    out_of_range: Option<String>,
}

/// A list or object that is being read.
enum Unfinished {
    List { items: Vec<Value>, start: usize },
    Map { entries: Vec<(Str, Entry)>, key: (Str, OriginId), start: usize },
}

type Parsed<T> = std::result::Result<T, String>;

const UNEXPECTED_END: &str = "unexpected end of JSON input";

fn invalid(byte: u8, context: &str) -> String {
    let shown = match byte {
        b'\'' => r"\'".to_owned(),
        b'"' => "\"".to_owned(),
        _ => {
            // Go takes the byte for a character.
            let quoted = quote::go_quote(char::from(byte).to_string().as_bytes());
            quoted.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned()
        }
    };
    format!("invalid character '{shown}' {context}")
}

impl Decoder<'_> {
    fn document(&mut self) -> Parsed<Value> {
        let mut stack: Vec<Unfinished> = Vec::new();
        loop {
            let mut finished = match self.begin(&mut stack)? {
                Some(value) => value,
                None => continue,
            };
            // A value may end the list or object it is in, and that the one around it.
            loop {
                let Some(open) = stack.last_mut() else {
                    return match self.next_byte() {
                        None => Ok(finished),
                        Some(byte) => Err(invalid(byte, "after top-level value")),
                    };
                };
                match open {
                    Unfinished::List { items, .. } => items.push(finished),
                    Unfinished::Map { entries, key, .. } => {
                        let (name, key_origin) = std::mem::take(key);
                        entries.push((name, Entry { value: finished, key_origin }));
                    }
                }
                let byte = self.next_byte().ok_or(UNEXPECTED_END)?;
                self.at += 1;
                match (open, byte) {
                    (Unfinished::List { .. }, b',') => break,
                    (Unfinished::Map { key, .. }, b',') => {
                        let byte = self.next_byte().ok_or(UNEXPECTED_END)?;
                        *key = self.key(byte)?;
                        break;
                    }
                    (Unfinished::List { .. }, b']') | (Unfinished::Map { .. }, b'}') => {}
                    (Unfinished::List { .. }, _) => return Err(invalid(byte, "after array element")),
                    (Unfinished::Map { .. }, _) => return Err(invalid(byte, "after object key:value pair")),
                }
                finished = match stack.pop() {
                    Some(open) => self.close(open),
                    None => Value::NIL,
                };
            }
        }
    }

    /// Steps over white space and looks at what follows.
    fn next_byte(&mut self) -> Option<u8> {
        while let Some(&byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    /// Reads a scalar, an empty collection, or the start of a collection.
    fn begin(&mut self, stack: &mut Vec<Unfinished>) -> Parsed<Option<Value>> {
        let byte = self.next_byte().ok_or(UNEXPECTED_END)?;
        let start = self.at;
        match byte {
            b'[' | b'{' => {
                if stack.len() >= MAX_DEPTH {
                    return Err(invalid(byte, "exceeded max depth"));
                }
                self.at += 1;
                let following = self.next_byte();
                if byte == b'[' {
                    let open = Unfinished::List { items: Vec::new(), start };
                    if following == Some(b']') {
                        self.at += 1;
                        return Ok(Some(self.close(open)));
                    }
                    stack.push(open);
                    return Ok(None);
                }
                let mut open = Unfinished::Map { entries: Vec::new(), key: Default::default(), start };
                match following {
                    Some(b'}') => {
                        self.at += 1;
                        return Ok(Some(self.close(open)));
                    }
                    None => return Err(UNEXPECTED_END.to_owned()),
                    Some(byte) => {
                        if let Unfinished::Map { key, .. } = &mut open {
                            *key = self.key(byte)?;
                        }
                    }
                }
                stack.push(open);
                Ok(None)
            }
            b'"' => {
                let text = self.string()?;
                Ok(Some(Value::from(text).boxed()))
            }
            b'-' | b'0'..=b'9' => self.number().map(Some),
            b't' => self.word(b"true", Value::from(true)).map(Some),
            b'f' => self.word(b"false", Value::from(false)).map(Some),
            b'n' => self.word(b"null", Value::NIL).map(Some),
            _ => Err(invalid(byte, "looking for beginning of value")),
        }
    }

    fn close(&mut self, open: Unfinished) -> Value {
        let (value, start) = match open {
            Unfinished::List { items, start } => (Value::from(List::new(items)), start),
            Unfinished::Map { entries, start, .. } => {
                (Value::from(Map::from_entries(Type::DICT, entries)), start)
            }
        };
        let origin = self.origin(start, start + 1);
        value.with_origin(origin).boxed()
    }

    fn key(&mut self, byte: u8) -> Parsed<(Str, OriginId)> {
        if byte != b'"' {
            return Err(invalid(byte, "looking for beginning of object key string"));
        }
        let start = self.at;
        let key = self.string()?;
        let origin = self.origin(start, self.at);
        match self.next_byte() {
            Some(b':') => self.at += 1,
            Some(byte) => return Err(invalid(byte, "after object key")),
            None => return Err(UNEXPECTED_END.to_owned()),
        }
        Ok((key.as_shared().clone(), origin))
    }

    /// Where the bytes of a range came from.
    fn origin(&mut self, start: usize, end: usize) -> OriginId {
        let Some(origins) = &mut self.origins else { return OriginId::NONE };
        let mut all = OriginId::NONE;
        for run in self.text.runs(start..end) {
            let origin = origins.of_run(&run);
            all = origins.join(all, origin);
        }
        all
    }

    /// The byte at the position; Go feeds its scanner a space at the end of the text.
    fn byte_or_space(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(b' ')
    }

    fn word(&mut self, word: &'static [u8], value: Value) -> Parsed<Value> {
        let start = self.at;
        for &expected in &word[1..] {
            self.at += 1;
            let byte = self.byte_or_space();
            if byte != expected {
                let word = String::from_utf8_lossy(word);
                let expected = char::from(expected);
                return Err(invalid(byte, &format!("in literal {word} (expecting '{expected}')")));
            }
        }
        self.at += 1;
        let origin = self.origin(start, self.at);
        Ok(value.with_origin(origin).boxed())
    }

    fn number(&mut self) -> Parsed<Value> {
        let start = self.at;
        if self.byte_or_space() == b'-' {
            self.at += 1;
        }
        match self.byte_or_space() {
            b'0' => self.at += 1,
            b'1'..=b'9' => self.digits(),
            byte => return Err(invalid(byte, "in numeric literal")),
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            let byte = self.byte_or_space();
            if !byte.is_ascii_digit() {
                return Err(invalid(byte, "after decimal point in numeric literal"));
            }
            self.digits();
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.bytes.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            let byte = self.byte_or_space();
            if !byte.is_ascii_digit() {
                return Err(invalid(byte, "in exponent of numeric literal"));
            }
            self.digits();
        }
        let literal = std::str::from_utf8(&self.bytes[start..self.at]).unwrap_or_default();
        let origin = self.origin(start, self.at);
        match literal.parse::<f64>() {
            Ok(n) if n.is_finite() => Ok(Value::float(n).with_origin(origin).boxed()),
            _ => {
                self.out_of_range.get_or_insert_with(|| {
                    format!("json: cannot unmarshal number {literal} into Go value of type float64")
                });
                Ok(Value::NIL)
            }
        }
    }

    fn digits(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
    }

    /// A string in quotes, its pieces with their origins.
    fn string(&mut self) -> Parsed<Text> {
        self.at += 1;
        let start = self.at;
        let mut plain = true;
        loop {
            let Some(&byte) = self.bytes.get(self.at) else { return Err(UNEXPECTED_END.to_owned()) };
            match byte {
                b'"' => break,
                b'\\' => {
                    plain = false;
                    self.escape()?;
                }
                0..b' ' => return Err(invalid(byte, "in string literal")),
                _ => {
                    plain &= byte < 0x80;
                    self.at += 1;
                }
            }
        }
        let end = self.at;
        self.at += 1;
        let content = &self.bytes[start..end];
        if self.origins.is_none() {
            let bytes = if plain { Str::from(content) } else { Str::from(unescape(content)) };
            return Ok(Text::plain(bytes));
        }
        if !plain && content.contains(&b'\\') {
            let origin = self.origin(start, end);
            return Ok(Text::new(unescape(content), origin));
        }
        let mut out = TextBuilder::with_capacity(content.len());
        let mut piece_start = start;
        for run in self.text.runs(start..end) {
            let piece_end = start + run.end as usize;
            out.bytes_mut().extend_from_slice(&unescape(&self.bytes[piece_start..piece_end]));
            if let Some(origins) = &mut self.origins {
                let origin = origins.of_run(&run);
                out.push(b"", origin);
            }
            piece_start = piece_end;
        }
        Ok(out.finish())
    }

    /// Steps over an escape sequence.
    fn escape(&mut self) -> Parsed<()> {
        self.at += 1;
        let byte = self.byte_or_space();
        match byte {
            b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"' => {}
            b'u' => {
                for _ in 0..4 {
                    self.at += 1;
                    let byte = self.byte_or_space();
                    if !byte.is_ascii_hexdigit() {
                        return Err(invalid(byte, "in \\u hexadecimal character escape"));
                    }
                }
            }
            _ => return Err(invalid(byte, "in string escape code")),
        }
        self.at += 1;
        Ok(())
    }
}

/// Resolves the escapes of a valid string, and makes it UTF-8: each bad byte and each lone surrogate is U+FFFD.
fn unescape(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len());
    let mut rest = content;
    while let Some(&byte) = rest.first() {
        let mut size = 1;
        match (byte, rest.get(1)) {
            (b'\\', Some(&escaped)) => {
                size = 2;
                match escaped {
                    b'b' => out.push(0x08),
                    b'f' => out.push(0x0C),
                    b'n' => out.push(b'\n'),
                    b'r' => out.push(b'\r'),
                    b't' => out.push(b'\t'),
                    b'u' => {
                        let (c, length) = unicode_escape(rest);
                        size = length;
                        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                    other => out.push(other),
                }
            }
            (0..0x80, _) => out.push(byte),
            _ => {
                let (c, length) = bstr::decode_utf8(rest);
                size = if c.is_some() { length } else { 1 };
                out.extend_from_slice(c.unwrap_or('\u{FFFD}').encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        rest = &rest[size..];
    }
    out
}

/// `\uXXXX` at the start, or two of them that are a surrogate pair: the character, and the length.
fn unicode_escape(rest: &[u8]) -> (char, usize) {
    let unit = |from: usize| -> Option<u32> {
        let digits = rest.get(from..from + 6)?.strip_prefix(b"\\u")?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let first = unit(0).unwrap_or(0xFFFD);
    if (0xD800..0xDC00).contains(&first)
        && let Some(second @ 0xDC00..0xE000) = unit(6)
    {
        let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return (char::from_u32(code).unwrap_or('\u{FFFD}'), 12);
    }
    (char::from_u32(first).unwrap_or('\u{FFFD}'), 6)
}
