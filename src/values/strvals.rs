//! The grammar of `--set` and its relatives: Helm's `pkg/strvals`.
//!
//! A flag is parsed into a map that may hold values already. Where Go panics on a value of another type and recovers,
//! the error here has the same words.

use std::sync::Arc;

use chart_lint_template::quote::{go_quote, go_quote_char};
use chart_lint_template::strconv::parse_int;
use chart_lint_template::{Data, Entry, List, Map, OriginId, Origins, Str, Type, Value};

use super::json::{Numbers, decode_first};
use super::origins::{SetFlag, TreeSource, ValueOrigin, ValueOrigins};
use super::tree::{KeyPath, PathStep};
use crate::source::FileId;

/// Helm's `MaxIndex`.
const MAX_INDEX: i64 = 65_536;

/// Helm's `MaxNestedNameLevel`.
const MAX_LEVEL: usize = 30;

/// How deep lists may be nested in lists. Helm has no limit.
const MAX_NESTED_LISTS: usize = 2_000;

/// How a flag's text is read.
pub(crate) enum Mode<'m> {
    /// `--set`: numbers, booleans and null are recognised.
    Typed,
    /// `--set-string`: all values are strings.
    Strings,
    /// `--set-file`: values are paths; the function reads them.
    Files(&'m mut dyn FnMut(&str) -> Result<Vec<u8>, String>),
    /// `--set-json`: values are JSON.
    Json,
    /// `--set-literal`: the value is the rest of the text as it is.
    Literal,
}

/// Where the origins of the values go, and which flag it is.
pub(crate) struct FlagOrigins<'o> {
    pub(crate) origins: &'o mut Origins,
    pub(crate) values: &'o mut ValueOrigins,
    pub(crate) flag: SetFlag,
    pub(crate) occurrence: usize,
}

/// Parses a flag's text into `target`. The error is the parser's, without Helm's words before it.
pub(crate) fn parse_into<'p>(
    text: &'p str,
    target: &Map,
    mode: Mode<'p>,
    origins: FlagOrigins<'p>,
) -> Result<(), String> {
    let mut parser = Parser { text, at: 0, mode, origins, path: Vec::new(), lists: 0 };
    loop {
        match parser.key(target, 0) {
            Ok(()) => parser.path.clear(),
            Err(Stop::End) => return Ok(()),
            Err(Stop::Error(message)) => return Err(message),
        }
    }
}

/// Why the parser stops.
enum Stop {
    /// The text ends, which is fine at the top.
    End,
    /// Go's error.
    Error(String),
}

type Parsed<T> = Result<T, Stop>;

fn error<T>(message: impl Into<String>) -> Parsed<T> {
    Err(Stop::Error(message.into()))
}

struct Parser<'p> {
    text: &'p str,
    at: usize,
    mode: Mode<'p>,
    origins: FlagOrigins<'p>,
    /// The way to the value being parsed.
    path: Vec<PathStep>,
    /// How many lists are open inside of each other.
    lists: usize,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.text[self.at..].chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Reads up to one of `stops`; gives what is before it, and which one it is, `None` at the end.
    fn until(&mut self, stops: &[char]) -> (String, Option<char>) {
        let mut text = String::new();
        while let Some(c) = self.next() {
            if stops.contains(&c) {
                return (text, Some(c));
            }
            if c == '\\' && !matches!(self.mode, Mode::Literal) {
                match self.next() {
                    Some(c) => text.push(c),
                    None => break,
                }
            } else {
                text.push(c);
            }
        }
        (text, None)
    }

    /// Whether only white space follows, up to the end or a comma, which is skipped.
    fn is_empty_value(&mut self) -> bool {
        loop {
            let before = self.at;
            match self.next() {
                None | Some(',') => return true,
                Some(c) if c.is_whitespace() => {}
                Some(_) => {
                    self.at = before;
                    return false;
                }
            }
        }
    }

    fn origin(&mut self) -> OriginId {
        let FlagOrigins { origins, values, flag, occurrence } = &mut self.origins;
        let (flag, occurrence) = (*flag, *occurrence);
        values.add(origins, || ValueOrigin::Flag { flag, occurrence, path: KeyPath(self.path.clone()) })
    }

    /// Sets a key; an empty one is not set.
    fn set(&mut self, data: &Map, key: &str, value: Value) {
        if key.is_empty() {
            return;
        }
        let key_origin = if self.origins.origins.enabled() { self.origin() } else { OriginId::NONE };
        data.insert_entry(Str::from(key), Entry { value, key_origin });
    }

    fn key(&mut self, data: &Map, level: usize) -> Parsed<()> {
        let depth = self.path.len();
        let result = self.key_here(data, level);
        self.path.truncate(depth);
        result
    }

    fn key_here(&mut self, data: &Map, level: usize) -> Parsed<()> {
        let stops: &[char] =
            if matches!(self.mode, Mode::Literal) { &['=', '[', '.'] } else { &['=', '[', ',', '.'] };
        let (key, stop) = self.until(stops);
        let quoted = || go_quote(key.as_bytes());
        self.path.push(PathStep::Key(Str::from(key.as_str())));
        let depth = self.path.len();
        match stop {
            None if key.is_empty() => Err(Stop::End),
            None => error(format!("key {} has no value", quoted())),
            Some('[') => {
                let index = self.index()?;
                let mut list = match data.get(key.as_bytes()) {
                    Some(Value { data: Data::List(list), .. }) => list.to_vec(),
                    Some(other) => return wrong_type(&other, Type::LIST),
                    None => Vec::new(),
                };
                let result = self.item(&mut list, index, level);
                self.path.truncate(depth);
                let value = self.list(list);
                self.set(data, &key, value);
                result
            }
            Some('=') => self.key_value(data, &key),
            Some('.') => {
                let level = self.deeper(level)?;
                let inner = match data.get(key.as_bytes()) {
                    Some(Value { data: Data::Map(map), .. }) => map,
                    Some(other) => return wrong_type(&other, Type::DICT),
                    None => Map::dict(),
                };
                let result = self.key(&inner, level);
                if result.is_ok() && inner.is_empty() {
                    return error(format!("key map {} has no value", quoted()));
                }
                if !inner.is_empty() {
                    let origin = self.origin();
                    self.set(data, &key, Value::from(inner).with_origin(origin));
                }
                result
            }
            Some(_) => {
                self.set(data, &key, Value::from(""));
                error(format!("key {} has no value (cannot end with ,)", quoted()))
            }
        }
    }

    fn deeper(&self, level: usize) -> Parsed<usize> {
        if level >= MAX_LEVEL {
            return error(format!(
                "value name nested level is greater than maximum supported nested level of {MAX_LEVEL}"
            ));
        }
        Ok(level + 1)
    }

    /// What follows `key=`.
    fn key_value(&mut self, data: &Map, key: &str) -> Parsed<()> {
        match self.mode {
            Mode::Json => {
                let value = self.json()?;
                self.set(data, key, value);
                Ok(())
            }
            Mode::Literal => {
                let value = self.rest();
                self.set(data, key, value);
                Ok(())
            }
            _ => match self.list_value() {
                Ok(Some(list)) => {
                    self.set(data, key, list);
                    Ok(())
                }
                Ok(None) => {
                    let (text, _) = self.until(&[',']);
                    let (value, result) = self.scalar(&text);
                    self.set(data, key, value);
                    result
                }
                Err(Stop::End) => {
                    let value = self.string("");
                    self.set(data, key, value);
                    Err(Stop::End)
                }
                Err(stop) => Err(stop),
            },
        }
    }

    /// What follows `[index]`: sets it in the list.
    fn item(&mut self, list: &mut Vec<Value>, index: i64, level: usize) -> Parsed<()> {
        let Ok(position) = usize::try_from(index) else {
            return error(format!("negative {index} index not allowed"));
        };
        self.path.push(PathStep::Index(position));
        let depth = self.path.len();
        let (text, stop) = self.until(&['[', '.', '=']);
        if !text.is_empty() {
            let quoted: Vec<String> = text.chars().map(go_quote_char).collect();
            return error(format!("unexpected data at end of array index: [{}]", quoted.join(" ")));
        }
        let value = match stop {
            None => return Err(Stop::End),
            Some('=') => match self.mode {
                Mode::Json => self.json()?,
                Mode::Literal => self.rest(),
                _ => match self.list_value() {
                    Ok(Some(list)) => list,
                    Ok(None) => {
                        let (text, _) = self.until(&[',']);
                        let (value, result) = self.scalar(&text);
                        result?;
                        value
                    }
                    Err(Stop::End) => self.string(""),
                    Err(stop) => return Err(stop),
                },
            },
            Some('[') => {
                let next = self.index()?;
                self.lists += 1;
                if self.lists > MAX_NESTED_LISTS {
                    return error("lists are nested too deeply");
                }
                let mut inner = match list.get(position) {
                    None | Some(Value { data: Data::Nil, .. }) => Vec::new(),
                    Some(Value { data: Data::List(list), .. }) => list.to_vec(),
                    Some(other) => return wrong_type(other, Type::LIST),
                };
                self.item(&mut inner, next, level)?;
                self.lists -= 1;
                self.path.truncate(depth);
                self.list(inner)
            }
            Some(_) => {
                let inner = match list.get_mut(position) {
                    None => Map::dict(),
                    Some(Value { data: Data::Map(map), .. }) => map.clone(),
                    Some(other) => {
                        let map = Map::dict();
                        *other = Value::from(map.clone());
                        map
                    }
                };
                self.key(&inner, level)?;
                let origin = self.origin();
                Value::from(inner).with_origin(origin)
            }
        };
        set_index(list, index, value)
    }

    /// The index up to `]`.
    fn index(&mut self) -> Parsed<i64> {
        let (text, stop) = self.until(&[']']);
        if stop.is_none() {
            return Err(Stop::End);
        }
        parse_int(text.as_bytes(), 10).or_else(|problem| {
            error(format!("error parsing index: {}", problem.message("Atoi", text.as_bytes())))
        })
    }

    /// `{a,b}`; `None` if the value does not start so, and the end if there is none.
    fn list_value(&mut self) -> Parsed<Option<Value>> {
        let before = self.at;
        match self.next() {
            None => return Err(Stop::End),
            Some('{') => {}
            Some(_) => {
                self.at = before;
                return Ok(None);
            }
        }
        let mut items = Vec::new();
        loop {
            let (text, stop) = self.until(&[',', '}']);
            let Some(stop) = stop else { return error("list must terminate with '}'") };
            self.path.push(PathStep::Index(items.len()));
            let is_last = stop == '}';
            if is_last && self.text[self.at..].starts_with(',') {
                self.at += 1;
            }
            let (value, result) = self.scalar(&text);
            self.path.pop();
            result?;
            items.push(value);
            if is_last {
                return Ok(Some(self.list(items)));
            }
        }
    }

    /// The value that a text stands for. Of a file that cannot be read it is nil.
    fn scalar(&mut self, text: &str) -> (Value, Parsed<()>) {
        let value = match &mut self.mode {
            Mode::Files(read) => match read(text) {
                Ok(bytes) => Value::from(bytes),
                Err(message) => return (Value::NIL, error(message)),
            },
            Mode::Typed => typed(text),
            _ => Value::from(text),
        };
        let origin = self.origin();
        (value.with_origin(origin), Ok(()))
    }

    fn string(&mut self, text: &str) -> Value {
        let origin = self.origin();
        Value::from(text).with_origin(origin)
    }

    fn list(&mut self, items: Vec<Value>) -> Value {
        let origin = self.origin();
        Value::from(List::new(items)).with_origin(origin)
    }

    /// All that is left.
    fn rest(&mut self) -> Value {
        let rest = &self.text[self.at..];
        self.at = self.text.len();
        self.string(rest)
    }

    /// A JSON value with the comma after it; nothing at all is null.
    fn json(&mut self) -> Parsed<Value> {
        if self.is_empty_value() {
            return Ok(Value::NIL);
        }
        let rest = &self.text.as_bytes()[self.at..];
        let (tree, end) =
            decode_first(rest, FileId::NONE, Numbers::Floats).or_else(|problem| error(problem.message))?;
        self.at += end;
        self.is_empty_value();
        let FlagOrigins { origins, values, flag, occurrence } = &mut self.origins;
        let tree = Arc::new(tree);
        let base = if origins.enabled() {
            let path = KeyPath(self.path.clone());
            values.add_tree(TreeSource::Flag { flag: *flag, occurrence: *occurrence, path }, &tree)
        } else {
            0
        };
        Ok(tree.to_value(origins, base))
    }
}

/// Helm's `setIndex`.
fn set_index(list: &mut Vec<Value>, index: i64, value: Value) -> Parsed<()> {
    if index > MAX_INDEX {
        return error(format!("index of {index} is greater than maximum supported index of {MAX_INDEX}"));
    }
    let index = index as usize;
    if list.len() <= index {
        list.resize(index + 1, Value::NIL);
    }
    list[index] = value;
    Ok(())
}

/// What Go says when a value is taken for a map or a list and is something else.
fn wrong_type<T>(value: &Value, wanted: Type) -> Parsed<T> {
    let found = match value.type_of() {
        Some(type_of) if !value.is_nil() => type_of.to_string(),
        _ => "nil".to_owned(),
    };
    error(format!("unable to parse key: interface conversion: interface {{}} is {found}, not {wanted}"))
}

/// Helm's `typedVal`.
fn typed(text: &str) -> Value {
    let is = |word: &str| {
        // Go's EqualFold knows one more s.
        text.chars().map(|c| if c == '\u{17F}' { 's' } else { c.to_ascii_lowercase() }).eq(word.chars())
    };
    if is("true") {
        return Value::from(true);
    }
    if is("false") {
        return Value::from(false);
    }
    if is("null") {
        return Value::NIL;
    }
    if text == "0" {
        return Value::int64(0);
    }
    if !text.is_empty()
        && !text.starts_with('0')
        && let Ok(n) = parse_int(text.as_bytes(), 10)
    {
        return Value::int64(n);
    }
    Value::from(text)
}
