//! Reads TOML as BurntSushi/toml 1.6 does, with its errors.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use chart_lint_template::number::{NumberError, parse_float, parse_int};
use chart_lint_template::quote::go_quote;
use chart_lint_template::text::to_utf8;
use chart_lint_template::{Entry, Error, List, Map, OriginId, Origins, Str, Text, TextBuilder, Type, Value};
use rustc_hash::{FxHashMap, FxHashSet};

use super::key_text;
use super::lexer::{Item, Kind, Lexer};
use crate::render::functions::dates::{LocalZone, parse_local};

/// Why a text could not be read.
pub(super) enum Failure {
    /// The library's error.
    Toml(String),
    /// The library does not know what to do, and panics.
    Bug(String),
    Limit(Error),
}

type Result<T> = std::result::Result<T, Failure>;

/// How deep values may be nested. The library has no limit.
const MAX_DEPTH: usize = 3_000;

/// Reads a text. Values and keys know where their bytes came from.
pub(super) fn decode(text: &Text, origins: &mut Origins) -> Result<Map> {
    let mut data = text.as_bytes();
    for mark in [&b"\xFF\xFE"[..], b"\xFE\xFF", b"\xEF\xBB\xBF"] {
        if let Some(rest) = data.strip_prefix(mark) {
            data = rest;
            break;
        }
    }
    if data.iter().take(6).any(|&byte| byte == 0) {
        let message = "files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8";
        return Err(Failure::Toml(format!("toml: line 1: {message}")));
    }
    let mut parser = Parser {
        lexer: Lexer::new(data),
        offset: text.len() - data.len(),
        text,
        origins: Some(origins).filter(|origins| origins.enabled()),
        context: Vec::new(),
        current_key: Vec::new(),
        line: 0,
        arrays: FxHashMap::default(),
        root: TableRef::default(),
        implicit: FxHashSet::default(),
        depth: 0,
    };
    loop {
        let item = parser.next()?;
        if item.kind == Kind::End {
            break;
        }
        parser.top_level(item)?;
    }
    table_value(&parser.root, 0)
}

/// What a key stands for while the text is read.
#[derive(Clone)]
enum Node {
    Value(Value),
    Table(TableRef),
    Tables(Vec<TableRef>),
}

#[derive(Clone, Default)]
struct TableRef(Rc<RefCell<BTreeMap<Vec<u8>, (Node, OriginId)>>>);

fn too_deep() -> Failure {
    Failure::Limit(Error::limit("TOML is nested too deeply: limit reached"))
}

fn table_value(table: &TableRef, depth: usize) -> Result<Map> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    let map = Map::dict();
    for (key, (node, key_origin)) in table.0.borrow().iter() {
        let value = match node {
            Node::Value(value) => value.clone(),
            Node::Table(table) => Value::from(table_value(table, depth + 1)?),
            Node::Tables(tables) => {
                let tables = tables.iter().map(|table| table_value(table, depth + 1).map(Value::from));
                Value::from(List::typed(Type::Slice(&Type::DICT), tables.collect::<Result<_>>()?))
            }
        };
        let key = Str::from(key.as_slice());
        map.insert_entry(key, Entry { value, key_origin: *key_origin });
    }
    Ok(map)
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    /// How many bytes of the text are before the lexer's input.
    offset: usize,
    text: &'a Text,
    origins: Option<&'a mut Origins>,
    context: Vec<Vec<u8>>,
    current_key: Vec<u8>,
    /// The line of the key that was read last.
    line: i64,
    /// For each full key whether its value is an array.
    arrays: FxHashMap<Vec<u8>, bool>,
    root: TableRef,
    /// Keys that are tables only because something is inside of them.
    implicit: FxHashSet<Vec<u8>>,
    depth: usize,
}

/// A part of a key and where it came from.
type Part = (Vec<u8>, OriginId);

impl<'a> Parser<'a> {
    fn failure(&self, line: i64, message: &str) -> Failure {
        let key = self.shown_key();
        Failure::Toml(match key.is_empty() {
            true => format!("toml: line {line}: {message}"),
            false => format!("toml: line {line} (last key {}): {message}", go_quote(&key)),
        })
    }

    fn item_failure(&self, item: &Item, message: impl AsRef<str>) -> Failure {
        self.failure(item.line, message.as_ref())
    }

    /// An error that has to do with the key.
    fn key_failure<T>(&self, message: String) -> Result<T> {
        Err(self.failure(self.line, &message))
    }

    fn shown_key(&self) -> Vec<u8> {
        if self.current_key.is_empty() {
            return key_text(&self.context);
        }
        if self.context.is_empty() {
            return self.current_key.clone();
        }
        [&key_text(&self.context)[..], b".", &self.current_key].concat()
    }

    fn bytes(&self, item: &Item) -> &'a [u8] {
        self.lexer.input.get(item.start..item.end).unwrap_or_default()
    }

    fn next(&mut self) -> Result<Item> {
        let item = self.lexer.next_item();
        match item.kind {
            Kind::Error => Err(self.item_failure(&item, &item.message)),
            _ => Ok(item),
        }
    }

    fn expect(&mut self, kind: Kind) -> Result<()> {
        let item = self.next()?;
        check_kind(kind, item.kind)
    }

    /// The parts of a key up to an item of this kind.
    fn key(&mut self, end: Kind) -> Result<Vec<Part>> {
        let mut item = self.next()?;
        self.line = item.line;
        let mut key = Vec::new();
        while item.kind != end && item.kind != Kind::End {
            let part = match item.kind {
                Kind::Text => self.bytes(&item).to_vec(),
                Kind::String | Kind::EscapedString | Kind::RawString => {
                    self.string(&item)?.as_bytes().to_vec()
                }
                kind => return Err(bug(format!("Unexpected key type: {}", kind.name()))),
            };
            key.push((part, self.origin(&item)));
            item = self.next()?;
        }
        check_kind(end, item.kind)?;
        Ok(key)
    }

    fn top_level(&mut self, item: Item) -> Result<()> {
        match item.kind {
            Kind::Comment => self.expect(Kind::Text),
            Kind::TableStart => {
                let key = self.key(Kind::TableEnd)?;
                self.add_context(&key, false)?;
                self.set_type(None, false);
                Ok(())
            }
            Kind::ArrayTableStart => {
                let key = self.key(Kind::ArrayTableEnd)?;
                self.add_context(&key, true)?;
                self.set_type(None, false);
                Ok(())
            }
            Kind::KeyStart => {
                let outer = self.context.clone();
                let key = self.key(Kind::KeyEnd)?;
                let (value, is_array) = self.keyed_value(&key)?;
                self.set_last(&key, value, is_array)?;
                self.context = outer;
                self.current_key.clear();
                Ok(())
            }
            kind => Err(bug(format!("Unexpected type at top level: {}", kind.name()))),
        }
    }

    /// Goes into the tables that a key with points names, and reads the value.
    fn keyed_value(&mut self, key: &[Part]) -> Result<(Value, bool)> {
        let Some(((last, _), parents)) = key.split_last() else {
            return Err(Failure::Bug("runtime error: index out of range [-1]".to_owned()));
        };
        self.current_key = last.clone();
        for part in parents {
            let mut full: Vec<Part> =
                self.context.iter().map(|part| (part.clone(), OriginId::NONE)).collect();
            full.push(part.clone());
            self.implicit.insert(key_text_of(&full));
            self.add_context(&full, false)?;
        }
        let item = self.next()?;
        self.value(item, false)
    }

    fn set_last(&mut self, key: &[Part], value: Value, is_array: bool) -> Result<()> {
        let Some((last, origin)) = key.last() else { return Ok(()) };
        self.set_value(last, *origin, Node::Value(value))?;
        self.set_type(Some(last), is_array);
        Ok(())
    }

    /// Reads a value; says whether it is an array.
    fn value(&mut self, item: Item, parent_is_array: bool) -> Result<(Value, bool)> {
        let value = match item.kind {
            Kind::String
            | Kind::EscapedString
            | Kind::MultilineString
            | Kind::RawString
            | Kind::RawMultilineString => Value::from(self.string(&item)?),
            Kind::Integer => self.integer(&item)?,
            Kind::Float => self.float(&item)?,
            Kind::Bool => Value::from(self.bytes(&item) == b"true"),
            Kind::Datetime => self.datetime(&item)?,
            Kind::Array | Kind::InlineTable => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(too_deep());
                }
                let is_array = item.kind == Kind::Array;
                let value = match is_array {
                    true => self.array()?,
                    false => self.inline_table(parent_is_array)?,
                };
                self.depth -= 1;
                return Ok((value.with_origin(self.origin(&item)), is_array));
            }
            kind => return Err(bug(format!("Unexpected value type: {}", kind.name()))),
        };
        let value = match &value.data {
            chart_lint_template::Data::String(_) => value,
            _ => value.with_origin(self.origin(&item)),
        };
        Ok((value, false))
    }

    /// Where the bytes of an item came from.
    fn origin(&mut self, item: &Item) -> OriginId {
        let Some(origins) = &mut self.origins else { return OriginId::NONE };
        let end = item.end.max(item.start + 1).min(self.lexer.input.len());
        let mut all = OriginId::NONE;
        for run in self.text.runs(self.offset + item.start.min(end)..self.offset + end) {
            let origin = origins.of_run(&run);
            all = origins.join(all, origin);
        }
        all
    }

    fn string(&mut self, item: &Item) -> Result<Text> {
        let bytes = self.bytes(item);
        let plain = |bytes: &[u8]| bytes.to_vec();
        let value = match item.kind {
            Kind::EscapedString => self.unescape(item, bytes)?,
            Kind::MultilineString => {
                let joined = without_escaped_breaks(without_first_break(bytes));
                self.unescape(item, &joined)?
            }
            Kind::RawMultilineString => plain(without_first_break(bytes)),
            _ => plain(bytes),
        };
        let Some(origins) = &mut self.origins else { return Ok(Text::plain(value)) };
        if value != bytes {
            let origin = self.origin(item);
            return Ok(Text::new(value, origin));
        }
        let mut out = TextBuilder::with_capacity(value.len());
        let (mut start, first) = (0, self.offset + item.start);
        for run in self.text.runs(first..first + value.len()) {
            let origin = origins.of_run(&run);
            out.push(&value[start..run.end as usize], origin);
            start = run.end as usize;
        }
        Ok(out.finish())
    }

    fn integer(&mut self, item: &Item) -> Result<Value> {
        let written = self.bytes(item);
        let shown = go_quote(written);
        if !underscores_are_fine(written) {
            let message = format!("Invalid integer {shown}: underscores must be surrounded by digits");
            return Err(self.item_failure(item, message));
        }
        if has_leading_zero(written) {
            let message = format!("Invalid integer {shown}: cannot have leading zeroes");
            return Err(self.item_failure(item, message));
        }
        match parse_int(written, 0) {
            Ok(n) => Ok(Value::int64(n)),
            Err(NumberError::Range) => {
                let message = format!("{} is out of range for int64", to_utf8(written));
                Err(self.item_failure(item, message))
            }
            Err(NumberError::Syntax) => {
                Err(bug(format!("Expected integer value, but got '{}'.", to_utf8(written))))
            }
        }
    }

    fn float(&mut self, item: &Item) -> Result<Value> {
        let written = self.bytes(item);
        let shown = go_quote(written);
        let mut parts =
            written.split(|byte| matches!(byte, b'.' | b'e' | b'E')).filter(|part| !part.is_empty());
        if !parts.clone().all(underscores_are_fine) {
            let message = format!("Invalid float {shown}: underscores must be surrounded by digits");
            return Err(self.item_failure(item, message));
        }
        if parts.next().is_some_and(has_leading_zero) {
            let message = format!("Invalid float {shown}: cannot have leading zeroes");
            return Err(self.item_failure(item, message));
        }
        let digit_follows = |at: usize| written.get(at + 1).is_some_and(u8::is_ascii_digit);
        if !written.iter().enumerate().all(|(at, &byte)| byte != b'.' || digit_follows(at)) {
            let message = format!("Invalid float {shown}: '.' must be followed by one or more digits");
            return Err(self.item_failure(item, message));
        }
        if matches!(written, b"nan" | b"+nan" | b"-nan") {
            let sign = if written[0] == b'-' { -1.0 } else { 1.0 };
            return Ok(Value::float(f64::NAN.copysign(sign)));
        }
        let digits: Vec<u8> = written.iter().copied().filter(|&byte| byte != b'_').collect();
        match parse_float(&digits) {
            Ok(n) => Ok(Value::float(n)),
            Err(NumberError::Range) => {
                let message = format!("{} is out of range for float64", to_utf8(written));
                Err(self.item_failure(item, message))
            }
            Err(NumberError::Syntax) => Err(self.item_failure(item, format!("Invalid float value: {shown}"))),
        }
    }

    fn datetime(&mut self, item: &Item) -> Result<Value> {
        const FORMS: [(&str, LocalZone); 7] = [
            ("2006-01-02T15:04:05.999999999Z07:00", LocalZone::System),
            ("2006-01-02T15:04:05.999999999", LocalZone::Datetime),
            ("2006-01-02", LocalZone::Date),
            ("15:04:05.999999999", LocalZone::Time),
            ("2006-01-02T15:04Z07:00", LocalZone::System),
            ("2006-01-02T15:04", LocalZone::Datetime),
            ("15:04", LocalZone::Time),
        ];
        let replaced = |byte: &u8| match byte {
            b'z' => b'Z',
            b't' | b' ' => b'T',
            other => *other,
        };
        let written: Vec<u8> = self.bytes(item).iter().map(replaced).collect();
        let invalid = || format!("invalid datetime: {}", go_quote(&written));
        for (layout, zone) in FORMS {
            if let Ok(value) = parse_local(layout, &written, zone) {
                // Go reads an hour of one digit, TOML does not.
                let layout = layout.bytes().take_while(|byte| !matches!(byte, b'.' | b'Z'));
                let differs =
                    |(at, byte): (usize, u8)| !byte.is_ascii_digit() && written.get(at) != Some(&byte);
                if layout.enumerate().any(differs) {
                    break;
                }
                return Ok(value);
            }
        }
        Err(self.item_failure(item, invalid()))
    }

    fn array(&mut self) -> Result<Value> {
        self.set_type(Some(&self.current_key.clone()), true);
        let mut items = Vec::new();
        loop {
            let item = self.next()?;
            match item.kind {
                Kind::ArrayEnd => return Ok(Value::from(List::new(items))),
                Kind::Comment => self.expect(Kind::Text)?,
                _ => items.push(self.value(item, true)?.0),
            }
        }
    }

    fn inline_table(&mut self, parent_is_array: bool) -> Result<Value> {
        let top = TableRef::default();
        let (outer_context, outer_key) = (self.context.clone(), self.current_key.clone());
        self.context.push(std::mem::take(&mut self.current_key));
        let context = self.context.clone();
        self.implicit.insert(key_text(&context));
        let parts: Vec<Part> = context.iter().map(|part| (part.clone(), OriginId::NONE)).collect();
        self.add_context(&parts, parent_is_array)?;
        loop {
            let item = self.next()?;
            match item.kind {
                Kind::InlineTableEnd => break,
                Kind::Comment => {
                    self.expect(Kind::Text)?;
                    continue;
                }
                _ => {}
            }
            let key = self.key(Kind::KeyEnd)?;
            let (value, is_array) = self.keyed_value(&key)?;
            self.set_last(&key, value.clone(), is_array)?;
            let Some(((last, origin), parents)) = key.split_last() else { continue };
            let mut table = top.clone();
            for (part, origin) in parents {
                let node = table.0.borrow().get(part).map(|(node, _)| node.clone());
                table = match node {
                    None => {
                        let inner = TableRef::default();
                        table.0.borrow_mut().insert(part.clone(), (Node::Table(inner.clone()), *origin));
                        inner
                    }
                    Some(Node::Table(inner)) => inner,
                    Some(_) => {
                        let context: Vec<String> = self.context.iter().map(|part| go_quote(part)).collect();
                        return self.key_failure(format!("[{}] is not a table", context.join(" ")));
                    }
                };
            }
            table.0.borrow_mut().insert(last.clone(), (Node::Value(value), *origin));
            self.context.clone_from(&context);
        }
        self.context = outer_context;
        self.current_key = outer_key;
        table_value(&top, self.depth).map(Value::from)
    }

    /// Makes the table of a key the one that keys are read into. With `array` it is a new table of an array.
    fn add_context(&mut self, key: &[Part], array: bool) -> Result<()> {
        let Some(((last, last_origin), parents)) = key.split_last() else {
            return Err(Failure::Bug("runtime error: slice bounds out of range [:-1]".to_owned()));
        };
        let mut table = self.root.clone();
        let mut context = Vec::with_capacity(key.len());
        for (part, origin) in parents {
            context.push(part.clone());
            let known = table.0.borrow().contains_key(part);
            if !known {
                self.implicit.insert(key_text(&context));
                table.0.borrow_mut().insert(part.clone(), (Node::Table(TableRef::default()), *origin));
            }
            let next = inner_table(&table, part);
            let Some(next) = next else {
                let key = to_utf8(&key_text(&context)).into_owned();
                return self.key_failure(format!("Key '{key}' was already created as a hash."));
            };
            table = next;
        }
        self.context = context;
        if array {
            let added = {
                let mut entries = table.0.borrow_mut();
                let entry =
                    entries.entry(last.clone()).or_insert_with(|| (Node::Tables(Vec::new()), *last_origin));
                match &mut entry.0 {
                    Node::Tables(tables) => {
                        tables.push(TableRef::default());
                        true
                    }
                    _ => false,
                }
            };
            if !added {
                let key = to_utf8(&key_text_of(key)).into_owned();
                return self
                    .key_failure(format!("Key '{key}' was already created and cannot be used as an array."));
            }
        } else {
            self.set_value(last, *last_origin, Node::Table(TableRef::default()))?;
        }
        self.context.push(last.clone());
        Ok(())
    }

    fn set_value(&mut self, key: &[u8], origin: OriginId, node: Node) -> Result<()> {
        let mut table = self.root.clone();
        for i in 0..self.context.len() {
            let known = table.0.borrow().contains_key(&self.context[i]);
            let shown = || to_utf8(&key_text(&self.context[..=i])).into_owned();
            if !known {
                return Err(bug(format!("Context for key '{}' has not been established.", shown())));
            }
            table = match inner_table(&table, &self.context[i]) {
                Some(table) => table,
                None => return self.key_failure(format!("Key '{}' has already been defined.", shown())),
            };
        }
        let mut full = self.context.clone();
        full.push(key.to_vec());
        let full = key_text(&full);
        if table.0.borrow().contains_key(key) {
            let is_array = self.arrays.get(&full).copied().unwrap_or(false);
            if !self.implicit.remove(&full) {
                let shown = to_utf8(&full).into_owned();
                return self.key_failure(format!("Key '{shown}' has already been defined."));
            }
            if !is_array {
                return Ok(());
            }
        }
        table.0.borrow_mut().insert(key.to_vec(), (node, origin));
        Ok(())
    }

    fn set_type(&mut self, key: Option<&[u8]>, is_array: bool) {
        let mut full = self.context.clone();
        if let Some(key) = key.filter(|key| !key.is_empty()) {
            full.push(key.to_vec());
        }
        if full.is_empty() {
            full.push(Vec::new());
        }
        self.arrays.insert(key_text(&full), is_array);
    }

    fn unescape(&mut self, item: &Item, text: &[u8]) -> Result<Vec<u8>> {
        let mut out = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
            out.extend_from_slice(&rest[..at]);
            rest = &rest[at + 1..];
            let Some((&escaped, after)) = rest.split_first() else {
                return Err(Failure::Bug(format!(
                    "runtime error: index out of range [{0}] with length {0}",
                    text.len()
                )));
            };
            rest = after;
            let digits = match escaped {
                b'b' => 0x08.into(),
                b't' => b'\t'.into(),
                b'n' => b'\n'.into(),
                b'f' => 0x0C.into(),
                b'r' => b'\r'.into(),
                b'e' => 0x1B.into(),
                b'"' | b'\\' => escaped.into(),
                b'x' => Escape::Digits(2),
                b'u' => Escape::Digits(4),
                b'U' => Escape::Digits(8),
                b' ' | b'\t' => {
                    let message = format!("invalid escape: '\\{}'", char::from(escaped));
                    return Err(self.item_failure(item, message));
                }
                _ => {
                    let shown = chart_lint_template::quote::go_quote_char(char::from(escaped));
                    return Err(bug(format!("Expected valid escape code after \\, but got {shown}.")));
                }
            };
            match digits {
                Escape::Byte(byte) => out.push(byte),
                Escape::Digits(count) => {
                    let digits = to_utf8(rest.get(..count).unwrap_or(rest)).into_owned();
                    rest = rest.get(count..).unwrap_or_default();
                    let code = u32::from_str_radix(&digits, 16).ok();
                    let Some(c) = code.and_then(char::from_u32) else {
                        let message = format!("Escaped character '\\u{digits}' is not valid UTF-8.");
                        return Err(self.item_failure(item, message));
                    };
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
        }
        out.extend_from_slice(rest);
        Ok(out)
    }
}

/// What an escape stands for.
enum Escape {
    Byte(u8),
    /// A character by so many hexadecimal digits.
    Digits(usize),
}

impl From<u8> for Escape {
    fn from(byte: u8) -> Escape {
        Escape::Byte(byte)
    }
}

fn bug(message: String) -> Failure {
    Failure::Bug(format!("BUG: {message}\n\n"))
}

fn check_kind(expected: Kind, got: Kind) -> Result<()> {
    if expected == got {
        return Ok(());
    }
    Err(bug(format!("Expected '{}' but got '{}'.", expected.name(), got.name())))
}

fn key_text_of(key: &[Part]) -> Vec<u8> {
    let parts: Vec<Vec<u8>> = key.iter().map(|(part, _)| part.clone()).collect();
    key_text(&parts)
}

/// The table of a key; of an array of tables the last.
fn inner_table(table: &TableRef, key: &[u8]) -> Option<TableRef> {
    match table.0.borrow().get(key) {
        Some((Node::Table(table), _)) => Some(table.clone()),
        Some((Node::Tables(tables), _)) => tables.last().cloned(),
        _ => None,
    }
}

fn has_leading_zero(number: &[u8]) -> bool {
    match number {
        [b'0', second, ..] => !matches!(second, b'b' | b'o' | b'x'),
        [b'-' | b'+', b'0', _, ..] => true,
        _ => false,
    }
}

fn underscores_are_fine(number: &[u8]) -> bool {
    if matches!(number, b"nan" | b"+nan" | b"-nan" | b"inf" | b"-inf" | b"+inf") {
        return true;
    }
    let mut accept = false;
    for byte in number {
        if *byte == b'_' && !accept {
            return false;
        }
        accept = byte.is_ascii_hexdigit();
    }
    accept
}

fn without_first_break(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\n").or(text.strip_prefix(b"\r\n")).unwrap_or(text)
}

/// Removes each backslash at the end of a line, with the white space after it.
fn without_escaped_breaks(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    let mut i = 0;
    while let Some(at) = rest[i..].iter().position(|&byte| byte == b'\\') {
        i += at;
        if rest.get(i + 1) == Some(&b'\\') {
            i += 2;
            continue;
        }
        let spaces =
            rest[i + 1..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
        if !rest[i + 1..i + 1 + spaces].contains(&b'\n') {
            i += 1;
            continue;
        }
        out.extend_from_slice(&rest[..i]);
        rest = &rest[i + 1 + spaces..];
        i = 0;
    }
    out.extend_from_slice(rest);
    out
}
