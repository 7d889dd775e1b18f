//! YAML as Helm's functions write and read it.
//!
//! Values are written without a tree in between, and no direction recurses. Both keep origins: each key and each
//! scalar of a text knows the key or value it stands for, line by line where it has many.

use std::ops::Range;

use bstr::ByteSlice;
use chart_lint_template::{
    Args, Data, Entry, Error, FloatKind, Function, List, Map, OriginId, Result, State, Str, Text,
    TextBuilder, Type, Value,
};
use chart_lint_yaml::{
    self as yaml, Emitter, Flavor, Kind, Span, Target, Tree, decode, json_to_yaml, sort_keys,
};
use rustc_hash::FxHashSet;

use super::{dates, json};

const VALUE: &[Type] = &[Type::Interface];
const TEXT: &[Type] = &[Type::String];

pub(super) static FUNCTIONS: &[Function] = &[
    Function { name: "toYaml", params: VALUE, variadic: false, run: to_yaml },
    Function { name: "mustToYaml", params: VALUE, variadic: false, run: must_to_yaml },
    Function { name: "toYamlPretty", params: VALUE, variadic: false, run: to_yaml_pretty },
    Function { name: "fromYaml", params: TEXT, variadic: false, run: from_yaml },
    Function { name: "fromYamlArray", params: TEXT, variadic: false, run: from_yaml_array },
];

// ---- writing ----

/// Why a value is not written as usual.
enum Stop {
    /// It cannot be written, or only by way of JSON.
    Unusual,
    /// An error that no function keeps quiet about.
    Error(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Error(error)
    }
}

fn to_yaml(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    match marshal(state, args.value(0)) {
        // Helm keeps quiet about its errors, but not about our limits.
        Err(error) if !error.is_limit() => Ok(Value::from("")),
        result => result.map(Value::from),
    }
}

fn must_to_yaml(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    marshal(state, args.value(0)).map(Value::from)
}

/// A value as `sigs.k8s.io/yaml` writes it, without the line break at the end.
pub(crate) fn marshal(state: &mut State<'_>, value: &Value) -> Result<Text> {
    match write(state, value, Flavor::SigsV2) {
        Ok(text) => Ok(text),
        Err(Stop::Error(error)) => Err(error),
        Err(Stop::Unusual) => by_way_of_json(state, value),
    }
}

/// As Go does it: much slower, but with its errors, and for keys that JSON changes.
fn by_way_of_json(state: &mut State<'_>, value: &Value) -> Result<Text> {
    let json = json::encode_plain(state, value).map_err(|error| {
        if error.is_limit() { error } else { Error::new(format!("error marshaling into JSON: {error}")) }
    })?;
    state.spend_bytes(2 * json.len())?;
    let mut yaml = json_to_yaml(json.as_bytes()).map_err(Error::new)?;
    trim_line_break(&mut yaml);
    Ok(Text::plain(yaml))
}

fn to_yaml_pretty(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    match write(state, args.value(0), Flavor::V3Pretty) {
        Ok(text) => Ok(Value::from(text)),
        Err(Stop::Error(error)) => Err(error),
        Err(Stop::Unusual) => Ok(Value::from("")),
    }
}

fn trim_line_break(yaml: &mut Vec<u8>) {
    if yaml.last() == Some(&b'\n') {
        yaml.pop();
    }
}

/// What a stretch of the output shows.
enum Piece {
    /// A key, or a value that is no string.
    Whole(OriginId),
    /// A string.
    String(Text),
}

/// A list, map or struct that is being written.
struct Open {
    items: Items,
    /// What identifies it in memory, if it is remembered for finding cycles.
    address: Option<(usize, usize)>,
}

enum Items {
    List(List, usize),
    Map(std::vec::IntoIter<(Str, Entry)>),
}

struct Writer<'w, 's> {
    state: &'w mut State<'s>,
    emitter: Emitter,
    flavor: Flavor,
    /// The stretches of the output in order, if origins are tracked.
    pieces: Option<Vec<(Range<usize>, Piece)>>,
    /// How many bytes of the output are paid for.
    charged: usize,
}

fn write(state: &mut State<'_>, value: &Value, flavor: Flavor) -> std::result::Result<Text, Stop> {
    let pieces = state.origins.enabled().then(Vec::new);
    let mut writer = Writer { state, emitter: Emitter::new(flavor), flavor, pieces, charged: 0 };
    writer.walk(value)?;
    writer.charge()?;
    let Writer { state, emitter, pieces, .. } = writer;
    let mut yaml = emitter.finish().map_err(|_| Stop::Unusual)?;
    trim_line_break(&mut yaml);
    Ok(match pieces {
        None => Text::plain(yaml),
        Some(pieces) => with_origins(state, &yaml, pieces),
    })
}

impl Writer<'_, '_> {
    fn walk(&mut self, value: &Value) -> std::result::Result<(), Stop> {
        let mut stack: Vec<Open> = Vec::new();
        let mut seen = FxHashSet::default();
        if let Some(items) = self.begin(value)? {
            stack.push(Open { items, address: None });
        }
        while let Some(open) = stack.last_mut() {
            let items = match &mut open.items {
                Items::List(list, index) => match list[..].get(*index) {
                    Some(item) => {
                        *index += 1;
                        Some((self.begin(item)?, address(item)))
                    }
                    None => None,
                },
                Items::Map(entries) => match entries.next() {
                    Some((key, entry)) => {
                        self.key(&key, entry.key_origin)?;
                        Some((self.begin(&entry.value)?, address(&entry.value)))
                    }
                    None => None,
                },
            };
            match items {
                Some((None, _)) => {}
                Some((Some(items), mut address)) => {
                    if stack.len() < json::CYCLES_FROM {
                        address = None;
                    } else if address.is_some_and(|address| !seen.insert(address)) {
                        return Err(self.cycle());
                    }
                    self.charge()?;
                    stack.push(Open { items, address });
                }
                None => {
                    if let Some(address) = open.address {
                        seen.remove(&address);
                    }
                    self.emitter.end();
                    stack.pop();
                }
            }
        }
        Ok(())
    }

    fn cycle(&self) -> Stop {
        match self.flavor {
            Flavor::SigsV2 => Stop::Unusual,
            // Go's stack overflows, and Helm crashes.
            Flavor::V3Pretty => {
                Stop::Error(Error::limit("toYamlPretty: a value contains itself: limit reached"))
            }
        }
    }

    /// Takes what was written from the budget, a good piece at a time.
    fn charge(&mut self) -> Result<()> {
        const PIECE: usize = 1 << 12;
        let written = self.emitter.position();
        if written >= self.charged + PIECE {
            self.state.spend_bytes(written - self.charged)?;
            self.charged = written;
        }
        Ok(())
    }

    fn key(&mut self, key: &[u8], origin: OriginId) -> std::result::Result<(), Stop> {
        // JSON has U+FFFD for each bad byte, and two keys may become one; go-yaml folds U+0085.
        let is_odd = |key: &[u8]| key.to_str().map_or(true, |key| key.contains('\u{85}'));
        if self.flavor == Flavor::SigsV2 && !key.is_ascii() && is_odd(key) {
            return Err(Stop::Unusual);
        }
        let range = self.emitter.key(key);
        if let Some(pieces) = &mut self.pieces {
            pieces.push((range, Piece::Whole(origin)));
        }
        Ok(())
    }

    /// Writes a scalar or an empty collection, or the start of another.
    fn begin(&mut self, value: &Value) -> std::result::Result<Option<Items>, Stop> {
        let emitter = &mut self.emitter;
        let range = match &value.data {
            Data::Nil => emitter.null(),
            Data::Bool(b) => emitter.bool(*b),
            Data::Int(n, _) => emitter.int(*n),
            Data::Uint(n, _) => emitter.uint(*n),
            Data::Float(n, FloatKind::Float64) => emitter.float(*n),
            // Written with fewer digits than as a float64.
            Data::Float(n, FloatKind::Float32) => {
                emitter.float((*n as f32).to_string().parse().unwrap_or(*n))
            }
            Data::Complex(..) => return Err(self.cannot_marshal("complex128")),
            Data::String(text) => {
                let range = emitter.string(text.as_bytes());
                if let Some(pieces) = &mut self.pieces {
                    pieces.push((range, Piece::String(text.clone())));
                }
                return Ok(None);
            }
            Data::Bytes(bytes) => emitter.bytes(bytes.as_bytes()),
            Data::List(list) if list.is_nil() && self.flavor == Flavor::SigsV2 => emitter.null(),
            Data::Map(map) if map.is_nil() && self.flavor == Flavor::SigsV2 => emitter.null(),
            Data::List(list) if list.is_empty() => {
                let start = emitter.position();
                emitter.begin_seq(0);
                emitter.end();
                start..emitter.position()
            }
            Data::Map(map) if map.is_empty() => self.empty_map(),
            Data::List(list) => {
                emitter.begin_seq(list.len());
                return Ok(Some(Items::List(list.clone(), 0)));
            }
            Data::Map(map) => {
                let mut entries = map.entries();
                sort_keys(self.flavor, &mut entries, |(key, _)| key);
                emitter.begin_map(entries.len());
                return Ok(Some(Items::Map(entries.into_iter())));
            }
            Data::Object(_) if self.flavor == Flavor::V3Pretty => return self.begin_pretty_object(value),
            Data::Object(object) => {
                let json = object.to_json().map_err(|_| Stop::Unusual)?;
                return self.begin(&json.with_origin(value.origin));
            }
        };
        if let Some(pieces) = &mut self.pieces {
            let origin = self.state.origin_of(value);
            pieces.push((range, Piece::Whole(origin)));
        }
        Ok(None)
    }

    fn empty_map(&mut self) -> Range<usize> {
        let start = self.emitter.position();
        self.emitter.begin_map(0);
        self.emitter.end();
        start..self.emitter.position()
    }

    /// yaml.v3 knows times, and what has a text of its own; it takes other structs apart.
    fn begin_pretty_object(&mut self, value: &Value) -> std::result::Result<Option<Items>, Stop> {
        let Data::Object(object) = &value.data else { return Ok(None) };
        let range = if let Some(time) = dates::yaml_time(value) {
            self.emitter.plain(&time)
        } else if let Some(duration) = dates::duration_text(value) {
            self.emitter.string(duration.as_bytes())
        } else if let Some(scalar) = object.scalar() {
            return self.begin(&scalar.with_origin(value.origin));
        } else if let Ok(Value { data: Data::String(text), .. }) = object.to_json() {
            self.emitter.string(text.as_bytes())
        } else {
            let fields = object.fields().into_iter().filter(|field| field.is_exported());
            let entries: Vec<(Str, Entry)> = fields
                .map(|field| {
                    let entry = Entry { value: field.value, key_origin: OriginId::NONE };
                    (Str::from(field.name.to_ascii_lowercase()), entry)
                })
                .collect();
            if !entries.is_empty() {
                self.emitter.begin_map(entries.len());
                return Ok(Some(Items::Map(entries.into_iter())));
            }
            self.empty_map()
        };
        if let Some(pieces) = &mut self.pieces {
            pieces.push((range, Piece::Whole(value.origin)));
        }
        Ok(None)
    }

    fn cannot_marshal(&self, type_of: &str) -> Stop {
        match self.flavor {
            Flavor::SigsV2 => Stop::Unusual,
            Flavor::V3Pretty => Stop::Error(Error::new(format!("cannot marshal type: {type_of}"))),
        }
    }
}

fn address(value: &Value) -> Option<(usize, usize)> {
    match &value.data {
        Data::Map(map) => Some((map.address(), usize::MAX)),
        Data::List(list) => Some((list.as_ptr() as usize, list.len())),
        _ => None,
    }
}

/// The output with the origins of its pieces. What stands before a piece belongs to it, but the colon to its key.
fn with_origins(state: &mut State<'_>, yaml: &[u8], pieces: Vec<(Range<usize>, Piece)>) -> Text {
    let mut out = TextBuilder::with_capacity(yaml.len());
    let mut written = 0;
    // The origin of bytes that are written, but perhaps not yet all.
    let mut whole = OriginId::NONE;
    for (range, piece) in pieces {
        // The line break at the end of a block scalar may be cut off.
        let end = range.end.min(yaml.len());
        let before = &yaml[written..range.start.min(end)];
        let shown = &yaml[range.start.min(end)..end];
        written = end;
        let colon = match before.first() {
            Some(b':') => before.find_byte(b'\n').unwrap_or(before.len()),
            _ => 0,
        };
        out.push(&before[..colon], whole);
        out.bytes_mut().extend_from_slice(&before[colon..]);
        match piece {
            Piece::Whole(origin) => {
                out.bytes_mut().extend_from_slice(shown);
                whole = origin;
            }
            Piece::String(text) => {
                whole = state.origin_of_text(&text);
                push_shown(&mut out, shown, &text, whole);
            }
        }
    }
    out.push(&yaml[written..], whole);
    out.finish()
}

/// Writes a scalar that shows a string. The lines that stand there as they are in the string keep its origins.
fn push_shown(out: &mut TextBuilder, shown: &[u8], text: &Text, origin: OriginId) {
    let has_many = text.runs(0..text.len()).nth(1).is_some();
    if !has_many && shown.find_byte(b'\n').is_none() {
        out.bytes_mut().extend_from_slice(shown);
        return;
    }
    let (header, mut rest) = shown.split_at(header_length(shown));
    out.push(header, origin);
    for line in lines(text.as_bytes()) {
        let Some(at) = find_line(rest, &text.as_bytes()[line.clone()]) else { break };
        out.push(&rest[..at], origin);
        rest = &rest[at + line.len()..];
        out.push_slice(text, line);
    }
    out.bytes_mut().extend_from_slice(rest);
}

/// The length of what stands before the line break after the `|` or `>` of a block scalar.
fn header_length(scalar: &[u8]) -> usize {
    match scalar.first() {
        Some(b'|' | b'>') => scalar.find_byte(b'\n').unwrap_or(0),
        _ => 0,
    }
}

/// The lines that are not empty, without their line breaks.
fn lines(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        while text.get(start) == Some(&b'\n') {
            start += 1;
        }
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let range = start..start + rest.find_byte(b'\n').unwrap_or(rest.len());
        start = range.end;
        Some(range)
    })
}

/// Where a line stands in a block scalar, or in another where it is all there is.
fn find_line(text: &[u8], line: &[u8]) -> Option<usize> {
    // Usually after a quotation mark, or a line break and the indentation.
    let start = text.iter().position(|byte| !b"\n \"'".contains(byte)).unwrap_or(0);
    if text[start..].starts_with(line) {
        return Some(start);
    }
    text.find(line)
}

// ---- reading ----

fn from_yaml(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let text = args.text(0);
    match read(state, &text, Target::Map)? {
        Ok(Value { data: Data::Nil, .. }) => Ok(Value::from(Map::dict())),
        Ok(value) => Ok(value),
        Err(error) => {
            let map = Map::dict();
            map.insert("Error", Value::from(error).boxed());
            Ok(Value::from(map))
        }
    }
}

fn from_yaml_array(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let text = args.text(0);
    match read(state, &text, Target::List)? {
        Ok(Value { data: Data::Nil, .. }) => Ok(Value::from(List::new(Vec::new()))),
        Ok(value) => Ok(value),
        Err(error) => Ok(Value::from(List::new(vec![Value::from(error).boxed()]))),
    }
}

/// The first document of a text, or the text of Go's error.
fn read(state: &mut State<'_>, text: &Text, target: Target) -> Result<std::result::Result<Value, String>> {
    state.spend_steps(text.len() as u64 / 64)?;
    let tree = match decode(text.as_bytes(), target) {
        Ok(tree) => tree,
        Err(error) => return Ok(Err(error.to_string())),
    };
    Ok(Ok(Reader::new(state, &tree, text).value()?))
}

struct Reader<'r, 's> {
    state: &'r mut State<'s>,
    tree: &'r Tree<'r>,
    /// The text that the tree was read from, if origins are tracked.
    source: Option<&'r Text>,
    /// Whether the spans of the tree are those of the source: UTF-16 was changed before.
    has_spans: bool,
}

enum Job<'t> {
    Value(yaml::Value<'t>),
    Entry(yaml::Entry<'t>),
    List(usize, Span),
    Map(usize, Span),
}

impl<'r, 's> Reader<'r, 's> {
    fn new(state: &'r mut State<'s>, tree: &'r Tree<'r>, text: &'r Text) -> Reader<'r, 's> {
        let source = state.origins.enabled().then_some(text);
        Reader { state, tree, source, has_spans: tree.text().len() == text.len() }
    }

    fn value(&mut self) -> Result<Value> {
        /// What a value of a document takes in memory, roughly. Aliases make much of little.
        const NODE: usize = 64;
        let mut jobs = vec![Job::Value(self.tree.root())];
        let mut done: Vec<(Str, Entry)> = Vec::new();
        while let Some(job) = jobs.pop() {
            self.state.spend_bytes(NODE)?;
            let (key, value) = match job {
                Job::Value(value) => (None, value),
                Job::Entry(entry) => (Some((entry.key, entry.key_span)), entry.value),
                Job::List(start, span) => {
                    let items = done.drain(start..).map(|(_, entry)| entry.value).collect();
                    let list = Value::from(List::new(items));
                    self.close(&mut done, list, span);
                    continue;
                }
                Job::Map(start, span) => {
                    let map = Value::from(Map::from_entries(Type::DICT, done.drain(start..)));
                    self.close(&mut done, map, span);
                    continue;
                }
            };
            let (key, key_origin) = match key {
                Some((key, span)) => (Str::from(key), self.origin(span)),
                None => Default::default(),
            };
            let scalar = match value.kind() {
                Kind::Null => Value::NIL,
                Kind::Bool(b) => Value::from(b),
                Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) => {
                    Value::float(value.as_f64().unwrap_or_default())
                }
                Kind::String(bytes) => Value::from(self.string(bytes, value.span())),
                Kind::Seq(items) => {
                    done.push((key, Entry { value: Value::NIL, key_origin }));
                    jobs.push(Job::List(done.len(), value.span()));
                    jobs.extend(items.iter().rev().map(Job::Value));
                    continue;
                }
                Kind::Map(entries) => {
                    done.push((key, Entry { value: Value::NIL, key_origin }));
                    jobs.push(Job::Map(done.len(), value.span()));
                    jobs.extend(entries.iter().rev().map(Job::Entry));
                    continue;
                }
            };
            let scalar = match (&scalar.data, self.source) {
                (Data::String(_), _) | (_, None) => scalar,
                _ => {
                    let origin = self.origin(value.span());
                    scalar.with_origin(origin)
                }
            };
            done.push((key, Entry { value: scalar.boxed(), key_origin }));
        }
        Ok(done.pop().map_or(Value::NIL, |(_, entry)| entry.value))
    }

    /// Puts a collection in the place that was kept for it.
    fn close(&mut self, done: &mut [(Str, Entry)], value: Value, span: Span) {
        // All of it may be made by many; where it starts is enough.
        let origin = self.origin(Span::new(span.start, span.end.min(span.start + 1)));
        if let Some((_, entry)) = done.last_mut() {
            entry.value = value.with_origin(origin).boxed();
        }
    }

    /// Where the bytes of a span came from.
    fn origin(&mut self, span: Span) -> OriginId {
        /// As many as [`State::origin_of_text`] names.
        const FEW: usize = 8;
        let Some(source) = self.source else { return OriginId::NONE };
        let range = if self.has_spans { span.range() } else { 0..source.len() };
        let mut all = OriginId::NONE;
        for run in source.runs(range).take(FEW) {
            let origin = self.state.origins.of_run(&run);
            all = self.state.origins.join(all, origin);
        }
        all
    }

    /// A string. The lines that stand in the source as they are keep its origins.
    fn string(&mut self, bytes: &[u8], span: Span) -> Text {
        let Some(source) = self.source else { return Text::plain(bytes) };
        // Mostly it is a part of the source, in memory too.
        let offset = (bytes.as_ptr() as usize).wrapping_sub(source.as_bytes().as_ptr() as usize);
        if source.as_bytes().get(offset..).is_some_and(|rest| rest.len() >= bytes.len()) {
            return source.slice(offset..offset + bytes.len());
        }
        let origin = self.origin(span);
        if !self.has_spans {
            return Text::new(bytes, origin);
        }
        let mut out = TextBuilder::with_capacity(bytes.len());
        let (mut at, end) = (span.range().start, span.range().end);
        at += header_length(&source.as_bytes()[at..end]);
        let mut written = 0;
        for line in lines(bytes) {
            let Some(found) = find_line(&source.as_bytes()[at..end], &bytes[line.clone()]) else { break };
            out.push(&bytes[written..line.start], origin);
            out.push_slice(source, at + found..at + found + line.len());
            at += found + line.len();
            written = line.end;
        }
        out.push(&bytes[written..], origin);
        out.finish()
    }
}
