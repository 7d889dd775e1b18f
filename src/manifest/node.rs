//! A field of an object, present or not.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;
use std::rc::Rc;

use chart_lint_yaml::{Kind, Span, Value};
use smallvec::SmallVec;

use super::object::Object;

/// A field of an object. It may be absent: then it still knows its path, and the nearest field above it that is there,
/// so that a finding about what is missing has a place.
#[derive(Clone)]
pub struct Node<'a> {
    object: &'a Object,
    value: Option<Value<'a>>,
    /// Where the key is written, if there is one.
    key: Option<Span>,
    /// What to point at: the field itself, or the nearest one above that is there.
    anchor: Span,
    path: SmallVec<[Segment; 8]>,
}

/// Rules ask for very many fields, so a segment is cheap to make and to copy: the text of a key that is there is looked
/// up when somebody asks.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Segment {
    /// The entry of a mapping: the mapping's id in the document, and where the key starts.
    Entry {
        map: u32,
        key: u32,
    },
    /// A key that is not there.
    Absent(Rc<str>),
    Index(usize),
}

impl<'a> Node<'a> {
    pub(super) fn root(object: &'a Object) -> Node<'a> {
        let value = object.value();
        // The line that says what the object is.
        let anchor = value
            .and_then(Value::as_map)
            .and_then(|map| map.entry(b"kind").or_else(|| map.iter().next()))
            .map_or(Span::default(), |entry| entry.key_span.to(entry.value.span()));
        Node { object, value, key: None, anchor, path: SmallVec::new() }
    }

    /// The object that the field belongs to.
    pub fn object(&self) -> &'a Object {
        self.object
    }

    pub(super) fn value(&self) -> Option<Value<'a>> {
        self.value
    }

    /// A field below this one; names are separated by dots.
    pub fn get(&self, path: &str) -> Node<'a> {
        let mut node = self.clone();
        for key in path.split('.') {
            node.step(key);
        }
        node
    }

    /// The field of a key, which may hold dots.
    pub fn child(&self, key: &str) -> Node<'a> {
        let mut node = self.clone();
        node.step(key);
        node
    }

    /// Goes down to the field of a key.
    fn step(&mut self, key: &str) {
        let found = self.value.and_then(|map| Some((map.id(), map.as_map()?.entry(key.as_bytes())?)));
        match found {
            Some((map, entry)) => {
                self.value = Some(entry.value);
                self.key = Some(entry.key_span);
                self.anchor = anchor_of(entry.key_span, entry.value);
                self.path.push(Segment::Entry { map, key: entry.key_span.start });
            }
            None => {
                self.value = None;
                self.key = None;
                self.path.push(Segment::Absent(Rc::from(key)));
            }
        }
    }

    /// The items of a list; none if it is not one.
    pub fn items(&self) -> Vec<Node<'a>> {
        let Some(items) = self.value.and_then(Value::as_seq) else { return Vec::new() };
        items.iter().enumerate().map(|(index, value)| self.item(index, value)).collect()
    }

    fn item(&self, index: usize, value: Value<'a>) -> Node<'a> {
        let mut path = self.path.clone();
        path.push(Segment::Index(index));
        // An item of a list has no key: its name tells it from the others, or else its first field.
        let anchor = match value.as_map() {
            Some(map) => map
                .entry(b"name")
                .or_else(|| map.iter().next())
                .map_or(value.span(), |entry| entry.key_span.to(entry.value.span())),
            None => value.span(),
        };
        Node { object: self.object, value: Some(value), key: None, anchor, path }
    }

    /// The entries of a mapping, with their keys; none if it is not one.
    pub fn entries(&self) -> Vec<(String, Node<'a>)> {
        let Some((id, map)) = self.value.and_then(|map| Some((map.id(), map.as_map()?))) else {
            return Vec::new();
        };
        map.iter()
            .map(|entry| {
                let key = String::from_utf8_lossy(entry.key).into_owned();
                let mut path = self.path.clone();
                path.push(Segment::Entry { map: id, key: entry.key_span.start });
                let node = Node {
                    object: self.object,
                    value: Some(entry.value),
                    key: Some(entry.key_span),
                    anchor: anchor_of(entry.key_span, entry.value),
                    path,
                };
                (key, node)
            })
            .collect()
    }

    /// Whether the field is there and not null.
    pub fn exists(&self) -> bool {
        self.value.is_some_and(|value| !value.is_null())
    }

    /// Whether the field is written, if only as null.
    pub fn is_written(&self) -> bool {
        self.value.is_some()
    }

    /// Whether it is absent, null, or an empty mapping, list or string.
    pub fn is_empty(&self) -> bool {
        match self.value.map(Value::kind) {
            None | Some(Kind::Null) => true,
            Some(Kind::String(text)) => text.is_empty(),
            Some(Kind::Map(map)) => map.is_empty(),
            Some(Kind::Seq(seq)) => seq.is_empty(),
            Some(_) => false,
        }
    }

    /// Whether it is a mapping.
    pub fn is_map(&self) -> bool {
        self.value.is_some_and(|value| value.as_map().is_some())
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        self.value.is_some_and(|value| value.as_seq().is_some())
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<Cow<'a, str>> {
        self.value?.as_str().map(String::from_utf8_lossy)
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        self.value?.as_bool()
    }

    /// Whether it is the boolean `true`.
    pub fn is_true(&self) -> bool {
        self.as_bool() == Some(true)
    }

    /// The integer, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self.value?.kind() {
            Kind::Int(n) => Some(n),
            Kind::Float(n) if n.fract() == 0.0 && n.abs() < 9.0e15 => Some(n as i64),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<f64> {
        self.value?.as_f64()
    }

    /// Any scalar as text.
    pub fn text(&self) -> Option<String> {
        let text = self.value?.to_string_field()?;
        Some(String::from_utf8_lossy(&text).into_owned())
    }

    /// What kind of value it is, in YAML's words.
    pub fn type_name(&self) -> &'static str {
        match self.value.map(Value::kind) {
            None => "absent",
            Some(Kind::Null) => "null",
            Some(Kind::Bool(_)) => "a boolean",
            Some(Kind::Int(_) | Kind::Uint(_) | Kind::Float(_)) => "a number",
            Some(Kind::String(_)) => "a string",
            Some(Kind::Seq(_)) => "a list",
            Some(Kind::Map(_)) => "a mapping",
        }
    }

    /// The last name of the path.
    pub fn name(&self) -> &str {
        match self.path.last() {
            Some(Segment::Entry { map, key }) => self.key_text(*map, *key),
            Some(Segment::Absent(key)) => key,
            _ => "",
        }
    }

    /// The key of an entry.
    fn key_text(&self, map: u32, key: u32) -> &'a str {
        let map = self.object.value_of(map).and_then(Value::as_map);
        let entry = map.and_then(|map| map.iter().find(|entry| entry.key_span.start == key));
        entry.and_then(|entry| std::str::from_utf8(entry.key).ok()).unwrap_or_default()
    }

    /// The path from the object: `spec.template.spec.containers[0].image`.
    pub fn field(&self) -> String {
        let mut shown = String::new();
        for segment in &self.path {
            let key: &str = match segment {
                Segment::Entry { map, key } => self.key_text(*map, *key),
                Segment::Absent(key) => key,
                Segment::Index(index) => {
                    let _ = write!(shown, "[{index}]");
                    continue;
                }
            };
            if key.contains('.') || key.is_empty() {
                let _ = write!(shown, "[{key:?}]");
            } else {
                if !shown.is_empty() {
                    shown.push('.');
                }
                shown.push_str(key);
            }
        }
        shown
    }

    /// The bytes of the rendered file to point at.
    pub fn bytes(&self) -> Range<usize> {
        self.object.in_file(self.anchor)
    }

    /// The bytes of the rendered file that the value takes, if it is there.
    pub fn value_bytes(&self) -> Option<Range<usize>> {
        Some(self.object.in_file(self.value?.span()))
    }

    /// The bytes of the rendered file that wrote a part of the string that the field is: `part` counts bytes of
    /// [`Node::as_str`]. What cannot be placed is at the whole value.
    pub fn bytes_within(&self, part: Range<usize>) -> Range<usize> {
        let within = self.value.and_then(|value| {
            let span = value.span();
            let found = super::scalar::part_of(self.object.raw(span), value.as_str()?, part)?;
            let start = span.start as usize;
            Some(self.object.in_file(Span::new((start + found.start) as u32, (start + found.end) as u32)))
        });
        within.unwrap_or_else(|| self.bytes())
    }

    /// The bytes of the rendered file that the key takes, if there is one.
    pub fn key_bytes(&self) -> Option<Range<usize>> {
        Some(self.object.in_file(self.key?))
    }
}

/// What to point at for an entry: a scalar with its key, a collection by its key.
fn anchor_of(key: Span, value: Value<'_>) -> Span {
    match value.kind() {
        Kind::Map(map) if !map.is_empty() => key,
        Kind::Seq(seq) if !seq.is_empty() => key,
        Kind::Null => key,
        // Only the value: it is what has to change.
        _ if !value.span().is_empty() => value.span(),
        _ => key,
    }
}
