//! Writes TOML as BurntSushi/toml 1.6 does: what is no table first, then tables and arrays of tables.

use chart_lint_template::strconv::append_float;
use chart_lint_template::{
    Data, Error, FloatKind, List, OriginId, Result, State, Str, Text, TextBuilder, Type, Value,
};

use super::{bare_key, key_text};
use crate::render::functions::dates;

/// How deep values may be nested. The library has no limit, and dies of a map that holds itself.
const MAX_DEPTH: usize = 3_000;

/// Writes a value.
pub(super) fn encode(state: &mut State<'_>, value: &Value) -> Result<Text> {
    if value.is_nil() {
        return Err(Error::new("reflect: call of reflect.Value.Type on zero Value"));
    }
    let tracking = state.origins.enabled();
    let mut encoder =
        Encoder { out: TextBuilder::new(), state, tracking, key: Vec::new(), depth: 0, charged: 0 };
    encoder.encode(value)?;
    Ok(encoder.out.finish())
}

struct Encoder<'e, 's> {
    out: TextBuilder,
    state: &'e mut State<'s>,
    tracking: bool,
    /// The full key of what is being written.
    key: Vec<Vec<u8>>,
    depth: usize,
    charged: usize,
}

/// What the library takes a value for.
#[derive(PartialEq)]
enum Class {
    Nil,
    Table,
    Tables,
    Other,
}

/// The entries of a table with their keys and the origins of the keys.
type Entries = Vec<(Str, OriginId, Value)>;

fn too_deep<T>() -> Result<T> {
    Err(Error::limit("a value is nested too deeply: limit reached"))
}

fn classify(value: &Value, depth: usize) -> Result<Class> {
    if depth > MAX_DEPTH {
        return too_deep();
    }
    Ok(match &value.data {
        Data::Nil => Class::Nil,
        Data::Complex(..) => return Err(Error::new("unsupported type: complex128")),
        Data::List(list) if list.is_nil() => Class::Nil,
        Data::List(list) => {
            let mut tables = !list.is_empty();
            for item in list.iter() {
                match classify(item, depth + 1)? {
                    Class::Nil => return Err(Error::new("toml: cannot encode array with nil element")),
                    Class::Table => {}
                    _ => tables = false,
                }
            }
            if tables { Class::Tables } else { Class::Other }
        }
        Data::Map(map) if map.is_nil() => Class::Nil,
        Data::Map(_) => Class::Table,
        Data::Object(_) if marshaled(value).is_none() && !is_scalar(value) => Class::Table,
        _ => Class::Other,
    })
}

fn is_scalar(value: &Value) -> bool {
    match &value.data {
        Data::Object(object) => object.scalar().is_some(),
        _ => false,
    }
}

/// What a type with a text of its own is written as.
fn marshaled(value: &Value) -> Option<std::result::Result<String, String>> {
    let Data::Object(object) = &value.data else { return None };
    if let Some(time) = dates::toml_time(value) {
        return Some(Ok(time));
    }
    if let Some(duration) = dates::duration_text(value) {
        return Some(Ok(quoted(duration.as_bytes())));
    }
    if object.scalar().is_some() {
        return None;
    }
    match object.to_json() {
        Ok(Value { data: Data::String(text), .. }) => Some(Ok(quoted(text.as_bytes()))),
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    }
}

fn entries(value: &Value) -> Entries {
    match &value.data {
        Data::Map(map) => {
            map.entries().into_iter().map(|(key, entry)| (key, entry.key_origin, entry.value)).collect()
        }
        Data::Object(object) => {
            let fields = object.fields().into_iter().filter(|field| field.is_exported());
            fields.map(|field| (Str::from(field.name), OriginId::NONE, field.value)).collect()
        }
        _ => Vec::new(),
    }
}

impl Encoder<'_, '_> {
    fn write(&mut self, text: &[u8], origin: OriginId) {
        if self.tracking {
            self.out.push(text, origin);
        } else {
            self.out.bytes_mut().extend_from_slice(text);
        }
    }

    fn plain(&mut self, text: &str) {
        self.write(text.as_bytes(), OriginId::NONE);
    }

    fn new_line(&mut self) {
        if !self.out.is_empty() {
            self.plain("\n");
        }
    }

    fn indent(&self) -> String {
        "  ".repeat(self.key.len().saturating_sub(1))
    }

    fn charge(&mut self) -> Result<()> {
        const PIECE: usize = 1 << 16;
        if self.out.len() >= self.charged + PIECE {
            self.state.spend_bytes(self.out.len() - self.charged)?;
            self.charged = self.out.len();
        }
        Ok(())
    }

    fn enter(&mut self) -> Result<()> {
        if self.depth >= MAX_DEPTH {
            return too_deep();
        }
        self.depth += 1;
        self.charge()
    }

    fn encode(&mut self, value: &Value) -> Result<()> {
        self.encode_entry(value, OriginId::NONE)
    }

    /// Writes a value with its key.
    fn encode_entry(&mut self, value: &Value, key_origin: OriginId) -> Result<()> {
        self.enter()?;
        match &value.data {
            Data::Complex(..) => {
                let key = String::from_utf8_lossy(&key_text(&self.key)).into_owned();
                return Err(Error::new(format!("unsupported type for key '{key}': complex128")));
            }
            Data::List(list) => match classify(value, 0)? {
                Class::Tables => self.tables(list, key_origin)?,
                _ => self.key_value(value, key_origin)?,
            },
            Data::Map(map) if map.is_nil() => {}
            Data::Nil => {}
            _ if classify(value, 0)? == Class::Table => self.table(value, key_origin)?,
            _ => self.key_value(value, key_origin)?,
        }
        self.depth -= 1;
        Ok(())
    }

    fn key_value(&mut self, value: &Value, key_origin: OriginId) -> Result<()> {
        let Some(key) = self.key.last() else { return self.element(value) };
        let line = [self.indent().as_bytes(), &bare_key(key), b" = "].concat();
        self.write(&line, key_origin);
        self.element(value)?;
        self.new_line();
        Ok(())
    }

    fn tables(&mut self, list: &List, key_origin: OriginId) -> Result<()> {
        if self.key.is_empty() {
            return Err(Error::new("toml: top-level values must be Go maps or structs"));
        }
        let header = [self.indent().as_bytes(), b"[[", &key_text(&self.key), b"]]"].concat();
        for item in list.iter() {
            self.new_line();
            self.write(&header, key_origin);
            self.new_line();
            self.table_content(item)?;
        }
        Ok(())
    }

    fn table(&mut self, value: &Value, key_origin: OriginId) -> Result<()> {
        if self.key.len() == 1 {
            self.new_line();
        }
        if !self.key.is_empty() {
            let header = [self.indent().as_bytes(), b"[", &key_text(&self.key), b"]"].concat();
            self.write(&header, key_origin);
            self.new_line();
        }
        self.table_content(value)
    }

    fn table_content(&mut self, value: &Value) -> Result<()> {
        let (direct, tables) = split(value)?;
        for (key, origin, value) in direct.into_iter().chain(tables) {
            if is_nil(&value) {
                continue;
            }
            self.key.push(key.to_vec());
            self.encode_entry(&value, origin)?;
            self.key.pop();
        }
        Ok(())
    }

    /// Writes a value on one line.
    fn element(&mut self, value: &Value) -> Result<()> {
        self.enter()?;
        let origin = if self.tracking { self.state.origin_of(value) } else { OriginId::NONE };
        if let Some(text) = marshaled(value) {
            let text = text.map_err(Error::new)?;
            self.write(text.as_bytes(), origin);
            self.depth -= 1;
            return Ok(());
        }
        match &value.data {
            Data::String(text) => self.string(text),
            Data::Bool(b) => self.write(if *b { b"true" } else { b"false" }, origin),
            Data::Int(n, _) => self.write(n.to_string().as_bytes(), origin),
            Data::Uint(n, _) => self.write(n.to_string().as_bytes(), origin),
            Data::Float(n, kind) => self.write(&float(*n, *kind), origin),
            Data::Bytes(text) => {
                let numbers: Vec<String> = text.as_bytes().iter().map(u8::to_string).collect();
                self.write(format!("[{}]", numbers.join(", ")).as_bytes(), origin);
            }
            Data::List(list) => {
                self.write(b"[", origin);
                for (i, item) in list.iter().enumerate() {
                    if i > 0 {
                        self.plain(", ");
                    }
                    self.element(item)?;
                }
                self.write(b"]", origin);
            }
            Data::Object(object) if object.scalar().is_some() => {
                let scalar = object.scalar().unwrap_or_default().with_origin(origin);
                self.element(&scalar)?;
            }
            Data::Map(_) | Data::Object(_) => self.inline_table(value, origin)?,
            Data::Nil | Data::Complex(..) => {
                let type_of = value.type_of().unwrap_or(Type::Interface);
                return Err(Error::new(format!("unexpected type: {type_of}")));
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn inline_table(&mut self, value: &Value, origin: OriginId) -> Result<()> {
        let fields = match &value.data {
            Data::Object(object) => Some(object.fields()),
            _ => None,
        };
        let (direct, tables) = split(value)?;
        self.write(b"{", origin);
        // The library counts for the commas what it leaves out: nils, and the fields of a struct that are not exported.
        let total = direct.len() + tables.len();
        let more = !tables.is_empty();
        for (entries, trailing) in [(direct, more), (tables, false)] {
            let count = entries.len();
            for (i, (key, key_origin, value)) in entries.into_iter().enumerate() {
                if is_nil(&value) {
                    continue;
                }
                self.write(&[&bare_key(&key)[..], b" = "].concat(), key_origin);
                self.element(&value)?;
                let comma = match &fields {
                    Some(fields) => {
                        let position = fields.iter().position(|field| field.name.as_bytes() == &*key);
                        position != total.checked_sub(1)
                    }
                    None => trailing || i + 1 != count,
                };
                if comma {
                    self.plain(", ");
                }
            }
        }
        self.write(b"}", origin);
        Ok(())
    }

    fn string(&mut self, text: &Text) {
        if !self.tracking {
            let quoted = quoted(text.as_bytes());
            // Broken UTF-8 stays as it is.
            if std::str::from_utf8(text.as_bytes()).is_ok() {
                self.out.bytes_mut().extend_from_slice(quoted.as_bytes());
                return;
            }
        }
        let whole = self.state.origin_of_text(text);
        self.write(b"\"", whole);
        let mut start = 0;
        for run in text.runs(0..text.len()) {
            let end = run.end as usize;
            let mut piece = Vec::new();
            append_escaped(&mut piece, &text.as_bytes()[start..end]);
            let origin = self.state.origins.of_run(&run);
            self.write(&piece, origin);
            start = end;
        }
        self.write(b"\"", whole);
    }
}

fn is_nil(value: &Value) -> bool {
    match &value.data {
        Data::Nil => true,
        Data::List(list) => list.is_nil(),
        Data::Map(map) => map.is_nil(),
        _ => false,
    }
}

/// The entries of a table: those that are no tables, and those that are.
fn split(value: &Value) -> Result<(Entries, Entries)> {
    let (mut direct, mut tables) = (Vec::new(), Vec::new());
    for entry in entries(value) {
        match classify(&entry.2, 0)? {
            Class::Table | Class::Tables => tables.push(entry),
            _ => direct.push(entry),
        }
    }
    Ok((direct, tables))
}

fn float(n: f64, kind: FloatKind) -> Vec<u8> {
    let sign: &[u8] = if n.is_sign_negative() { b"-" } else { b"" };
    if n.is_nan() {
        return [sign, b"nan"].concat();
    }
    if n.is_infinite() {
        return [sign, b"inf"].concat();
    }
    let mut out = Vec::new();
    append_float(&mut out, n, b'g', None, kind == FloatKind::Float32);
    if !out.iter().any(|byte| matches!(byte, b'e' | b'.')) {
        out.extend_from_slice(b".0");
    }
    out
}

/// A text in quotes. What is not UTF-8 is replaced; see [`append_escaped`] for bytes.
fn quoted(text: &[u8]) -> String {
    let mut out = vec![b'"'];
    append_escaped(&mut out, text);
    out.push(b'"');
    String::from_utf8_lossy(&out).into_owned()
}

/// Escapes what cannot stand in a string in double quotes.
pub(super) fn append_escaped(out: &mut Vec<u8>, text: &[u8]) {
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0C => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0..b' ' | 0x7F => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
}
