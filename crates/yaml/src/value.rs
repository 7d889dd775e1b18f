//! The decoded tree: plain values, each with the place it was written at.
//!
//! The values of a tree lie in one vector, so a tree is cheap to build, to walk and to drop, however
//! deep it is.

use std::borrow::Cow;

use crate::number::write_float32;
use crate::position::Span;
use crate::token::Text;

/// A decoded document.
///
/// The tree borrows its text from the source where it can. It nests at most 10,000 levels deep, as
/// Go's JSON decoder allows no more.
#[derive(Clone, Debug)]
pub struct Tree<'a> {
    pub(crate) text: Cow<'a, [u8]>,
    pub(crate) buffer: Vec<u8>,
    pub(crate) values: Vec<Slot>,
    pub(crate) items: Vec<u32>,
    pub(crate) entries: Vec<EntrySlot>,
    pub(crate) root: u32,
    pub(crate) duplicates: Vec<DuplicateKey>,
    pub(crate) comments: Vec<Span>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) data: Data,
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Data {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    String(Text),
    /// A range of `items`.
    Seq(u32, u32),
    /// A range of `entries`.
    Map(u32, u32),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct EntrySlot {
    pub(crate) key: Text,
    pub(crate) kind: KeyKind,
    pub(crate) key_span: Span,
    pub(crate) value: u32,
    pub(crate) merged: bool,
}

/// What a key was before it became a string.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KeyKind {
    /// A string.
    String,
    /// A boolean: `y: 1` has the key `true`.
    Bool(bool),
    /// An integer: `0x10: 1` has the key `16`.
    Int(i64),
    /// A float, which is rounded to 32 bits: `16777217.0: 1` has the key `1.6777216e+07`.
    Float(f64),
    /// An integer above `i64::MAX`. Decoding fails with one.
    Uint(u64),
    /// Null. Decoding fails with one.
    Null,
}

/// A key that is written twice in one mapping. The last one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DuplicateKey {
    /// The key that lost.
    pub first: Span,
    /// The key that comes after it.
    pub second: Span,
}

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub enum Kind<'t> {
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer. In Helm's maps it is a float64, as any number.
    Int(i64),
    /// An integer above `i64::MAX`.
    Uint(u64),
    /// A float; never infinite or NaN.
    Float(f64),
    /// A string.
    String(&'t [u8]),
    /// A sequence.
    Seq(Seq<'t>),
    /// A mapping.
    Map(Map<'t>),
}

impl Tree<'_> {
    /// The same tree with a text of its own, so that it can outlive the source.
    #[must_use]
    pub fn into_owned(self) -> Tree<'static> {
        Tree { text: Cow::Owned(self.text.into_owned()), ..self }
    }

    /// The value of the document.
    #[must_use]
    pub fn root(&self) -> Value<'_> {
        Value { tree: self, id: self.root }
    }

    /// A value by its number; see [`Value::id`].
    #[must_use]
    pub fn value(&self, id: u32) -> Option<Value<'_>> {
        ((id as usize) < self.values.len()).then_some(Value { tree: self, id })
    }

    /// The text that all spans refer to; see [`Input::text`](crate::Input::text).
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Keys that are written twice in one mapping.
    #[must_use]
    pub fn duplicate_keys(&self) -> &[DuplicateKey] {
        &self.duplicates
    }

    /// The comments of the document (and those the parser met when it looked for its end), in order.
    #[must_use]
    pub fn comments(&self) -> &[Span] {
        &self.comments
    }

    pub(crate) fn bytes(&self, text: Text) -> &[u8] {
        text.bytes(&self.text, &self.buffer)
    }
}

/// A value of a [`Tree`].
#[derive(Clone, Copy, Debug)]
pub struct Value<'t> {
    tree: &'t Tree<'t>,
    id: u32,
}

impl<'t> Value<'t> {
    fn slot(self) -> &'t Slot {
        &self.tree.values[self.id as usize]
    }

    /// What the value is.
    #[must_use]
    pub fn kind(self) -> Kind<'t> {
        match self.slot().data {
            Data::Null => Kind::Null,
            Data::Bool(value) => Kind::Bool(value),
            Data::Int(value) => Kind::Int(value),
            Data::Uint(value) => Kind::Uint(value),
            Data::Float(value) => Kind::Float(value),
            Data::String(text) => Kind::String(self.tree.bytes(text)),
            Data::Seq(start, end) => {
                Kind::Seq(Seq { tree: self.tree, items: &self.tree.items[start as usize..end as usize] })
            }
            Data::Map(start, end) => {
                let entries = &self.tree.entries[start as usize..end as usize];
                Kind::Map(Map { tree: self.tree, entries })
            }
        }
    }

    /// Where the value is written. The value of an alias is where the anchor is; a missing value
    /// has an empty span.
    #[must_use]
    pub fn span(self) -> Span {
        self.slot().span
    }

    /// A number that tells the values of one tree apart. Values of aliases have their own.
    #[must_use]
    pub fn id(self) -> u32 {
        self.id
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_str(self) -> Option<&'t [u8]> {
        match self.kind() {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.slot().data {
            Data::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The number as Helm's maps hold it: a float64, whatever is written.
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        match self.slot().data {
            Data::Int(value) => Some(value as f64),
            Data::Uint(value) => Some(value as f64),
            Data::Float(value) => Some(value),
            _ => None,
        }
    }

    /// The sequence, if it is one.
    #[must_use]
    pub fn as_seq(self) -> Option<Seq<'t>> {
        match self.kind() {
            Kind::Seq(seq) => Some(seq),
            _ => None,
        }
    }

    /// The mapping, if it is one.
    #[must_use]
    pub fn as_map(self) -> Option<Map<'t>> {
        match self.kind() {
            Kind::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Whether the value is null.
    #[must_use]
    pub fn is_null(self) -> bool {
        matches!(self.slot().data, Data::Null)
    }

    /// The value of a key, if this is a mapping that has it.
    #[must_use]
    pub fn get(self, key: &[u8]) -> Option<Value<'t>> {
        self.as_map()?.get(key)
    }

    /// The text this value becomes where Go decodes it into a field of type `string`: numbers and
    /// booleans are printed, `appVersion: 1.10` becomes `1.1`. Null and collections give `None`.
    #[must_use]
    pub fn to_string_field(self) -> Option<Cow<'t, [u8]>> {
        Some(match self.slot().data {
            Data::String(text) => Cow::Borrowed(self.tree.bytes(text)),
            Data::Bool(true) => Cow::Borrowed(b"true"),
            Data::Bool(false) => Cow::Borrowed(b"false"),
            Data::Int(value) => Cow::Owned(value.to_string().into_bytes()),
            Data::Uint(value) => Cow::Owned(value.to_string().into_bytes()),
            Data::Float(value) => {
                let mut out = Vec::new();
                write_float32(value, &mut out);
                Cow::Owned(out)
            }
            Data::Null | Data::Seq(..) | Data::Map(..) => return None,
        })
    }

    /// The type's name in encoding/json's errors: `null`, `bool`, `number`, `string`, `array` or
    /// `object`.
    #[must_use]
    pub fn json_type(self) -> &'static str {
        match self.slot().data {
            Data::Null => "null",
            Data::Bool(_) => "bool",
            Data::Int(_) | Data::Uint(_) | Data::Float(_) => "number",
            Data::String(_) => "string",
            Data::Seq(..) => "array",
            Data::Map(..) => "object",
        }
    }
}

/// A sequence of a [`Tree`].
#[derive(Clone, Copy, Debug)]
pub struct Seq<'t> {
    tree: &'t Tree<'t>,
    items: &'t [u32],
}

impl<'t> Seq<'t> {
    /// The number of items.
    #[must_use]
    pub fn len(self) -> usize {
        self.items.len()
    }

    /// Whether there are no items.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.items.is_empty()
    }

    /// An item.
    #[must_use]
    pub fn get(self, index: usize) -> Option<Value<'t>> {
        self.items.get(index).map(|id| Value { tree: self.tree, id: *id })
    }

    /// The items.
    pub fn iter(self) -> impl ExactSizeIterator<Item = Value<'t>> + DoubleEndedIterator + 't {
        let tree = self.tree;
        self.items.iter().map(move |id| Value { tree, id: *id })
    }
}

/// A mapping of a [`Tree`], in the order of the source. Every key occurs once.
#[derive(Clone, Copy, Debug)]
pub struct Map<'t> {
    tree: &'t Tree<'t>,
    entries: &'t [EntrySlot],
}

/// One entry of a [`Map`].
#[derive(Clone, Copy, Debug)]
pub struct Entry<'t> {
    /// The key, as the string it becomes.
    pub key: &'t [u8],
    /// What the key was.
    pub key_kind: KeyKind,
    /// Where the key is written; for a merged entry that is in the mapping it comes from.
    pub key_span: Span,
    /// Whether the entry comes from a merge (`<<`).
    pub merged: bool,
    /// The value.
    pub value: Value<'t>,
}

impl<'t> Map<'t> {
    /// The number of entries.
    #[must_use]
    pub fn len(self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.entries.is_empty()
    }

    /// The value of a key. Takes time in proportion to the size of the mapping.
    #[must_use]
    pub fn get(self, key: &[u8]) -> Option<Value<'t>> {
        self.entry(key).map(|entry| entry.value)
    }

    /// The entry of a key. Takes time in proportion to the size of the mapping.
    #[must_use]
    pub fn entry(self, key: &[u8]) -> Option<Entry<'t>> {
        let slot = self.entries.iter().find(|entry| self.tree.bytes(entry.key) == key)?;
        Some(entry(self.tree, slot))
    }

    /// The entries.
    pub fn iter(self) -> impl ExactSizeIterator<Item = Entry<'t>> + DoubleEndedIterator + 't {
        let tree = self.tree;
        self.entries.iter().map(move |slot| entry(tree, slot))
    }
}

fn entry<'t>(tree: &'t Tree<'t>, slot: &'t EntrySlot) -> Entry<'t> {
    Entry {
        key: tree.bytes(slot.key),
        key_kind: slot.kind,
        key_span: slot.key_span,
        merged: slot.merged,
        value: Value { tree, id: slot.value },
    }
}
