//! Values as a Go template sees them.
//!
//! Maps are shared and changed in place: `set` on one reference is seen through all of them. Of lists only `sortAlpha`
//! changes any; otherwise they are shared as they are. One execution is therefore single-threaded;
//! what leaves it ([`crate::exec::Output`]) is owned data.

use std::cell::{OnceCell, Ref, RefCell, RefMut};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use crate::function::Function;
use crate::text::{OriginId, Str, Text};
use crate::types::{FloatKind, IntKind, Kind, Type, UintKind};

/// A value and where it came from.
///
/// `boxed` says that Go would hold it in an `interface {}` (an element of a map or list, the result of a function
/// that returns one). It shows only in error messages, and for nil: a boxed [`Data::Nil`] is a nil interface, an
/// unboxed one is reflect's zero `Value`.
#[derive(Clone, Default)]
pub struct Value {
    /// What it is.
    pub data: Data,
    /// Where it came from; of a string see [`Text::origins`] instead.
    pub origin: OriginId,
    /// Whether it is held in an interface.
    pub boxed: bool,
}

/// The kinds of values.
#[derive(Clone, Default)]
pub enum Data {
    /// No value.
    #[default]
    Nil,
    /// A boolean.
    Bool(bool),
    /// A signed integer.
    Int(i64, IntKind),
    /// An unsigned integer.
    Uint(u64, UintKind),
    /// A float.
    Float(f64, FloatKind),
    /// A complex number; only literals make one.
    Complex(f64, f64),
    /// A string.
    String(Text),
    /// A `[]byte`.
    Bytes(Text),
    /// Any other slice.
    List(List),
    /// A map with string keys.
    Map(Map),
    /// Anything else: structs and pointers to structs.
    Object(Rc<dyn Object>),
}

/// A struct, or a pointer to one, with fields and methods.
pub trait Object {
    /// Its type: [`Type::Named`], or [`Type::Pointer`] to one.
    fn type_of(&self) -> Type;
    /// All fields in the order of the declaration, unexported ones (with a small first letter) included.
    fn fields(&self) -> Vec<Field>;
    /// The value of an exported field.
    fn field(&self, name: &[u8]) -> Option<Value> {
        let mut fields = self.fields().into_iter();
        fields.find(|field| field.name.as_bytes() == name && field.is_exported()).map(|field| field.value)
    }
    /// A method by name. The receiver is the first argument.
    fn method(&self, name: &[u8]) -> Option<&'static Function> {
        match self.type_of() {
            Type::Named(named) | Type::Pointer(&Type::Named(named)) => find_method(named.methods, name),
            _ => None,
        }
    }
    /// What `String()` or `Error()` gives, if the type has it.
    fn to_text(&self) -> Option<String> {
        None
    }
    /// What `GoString()` gives, if the type has it, for `%#v`.
    fn to_go_text(&self) -> Option<String> {
        None
    }
    /// What `String()` gives if only the pointer to the type has it: an action prints so, a function that gets the
    /// value does not.
    fn to_text_by_pointer(&self) -> Option<String> {
        None
    }
    /// The object as a function gets it, if that is less than what a field access gives: a struct that was reached
    /// through a pointer has the methods of the pointer, a copy of it has not.
    fn by_value(&self) -> Option<Rc<dyn Object>> {
        None
    }
    /// What `encoding/json` makes of it: by default an object of its exported fields.
    fn to_json(&self) -> Result<Value, String> {
        let map = Map::dict();
        for field in self.fields() {
            if field.is_exported() && !(field.omit_empty && is_empty_for_json(&field.value)) {
                map.insert(Str::from(field.json_name()), field.value);
            }
        }
        Ok(Value::from(map))
    }
    /// What a type is made of that is no struct but a number with a name, such as `time.Month`.
    fn scalar(&self) -> Option<Value> {
        None
    }
    /// A number of the same type.
    fn with_scalar(&self, value: i64) -> Option<Value> {
        let _ = value;
        None
    }
    /// Whether it is a pointer to nothing.
    fn is_nil(&self) -> bool {
        false
    }
    /// Whether `==` finds another object of the same type equal, beyond being the same in memory.
    fn equals(&self, other: &dyn Object) -> bool {
        let _ = other;
        false
    }
    /// A copy as Go's `copystructure` makes it, if it is another object: fields that are not exported are not copied.
    fn deep_copied(&self) -> Option<Rc<dyn Object>> {
        None
    }
    /// For the code that made the object to get it back.
    fn as_any(&self) -> &dyn std::any::Any;
}

/// A field of a struct.
pub struct Field {
    /// Its name in Go.
    pub name: &'static str,
    /// Its name in JSON, if that is another.
    pub json: Option<&'static str>,
    /// Whether JSON leaves it out when it is empty.
    pub omit_empty: bool,
    /// Its value.
    pub value: Value,
}

impl Field {
    /// A field without a JSON tag.
    pub fn new(name: &'static str, value: impl Into<Value>) -> Field {
        Field { name, json: None, omit_empty: false, value: value.into() }
    }

    /// A field with a JSON tag.
    pub fn tagged(
        name: &'static str,
        json: &'static str,
        omit_empty: bool,
        value: impl Into<Value>,
    ) -> Field {
        Field { name, json: Some(json), omit_empty, value: value.into() }
    }

    /// Whether templates and encoders see it.
    pub fn is_exported(&self) -> bool {
        self.name.starts_with(|c: char| c.is_ascii_uppercase())
    }

    /// Its name in JSON.
    pub fn json_name(&self) -> &'static str {
        self.json.unwrap_or(self.name)
    }
}

/// What `omitempty` leaves out.
fn is_empty_for_json(value: &Value) -> bool {
    !matches!(value.data, Data::Object(_)) && !value.is_true()
}

fn find_method(methods: &'static [Function], name: &[u8]) -> Option<&'static Function> {
    methods.iter().find(|method| method.name.as_bytes() == name)
}

/// A slice: a part of some elements that others may be a part of, too.
#[derive(Clone)]
pub struct List {
    items: Option<Rc<Items>>,
    start: u32,
    length: u32,
    type_of: Type,
}

/// Elements that lists share; a type of its own so that deep nesting is dropped without recursion.
struct Items {
    values: Vec<Value>,
    /// Room for more, which [`List::slice`] fills with zeros.
    capacity: Capacity,
    /// What the elements are now, if they have been changed since.
    changed: OnceCell<Box<Items>>,
}

/// How many elements there is room for.
#[derive(Clone, Copy)]
enum Capacity {
    /// As many as there are.
    Exact,
    /// As many as when they were appended one by one.
    Grown,
    /// So many.
    Of(usize),
}

impl Items {
    fn latest(&self) -> &Items {
        let mut items = self;
        while let Some(changed) = items.changed.get() {
            items = changed;
        }
        items
    }

    /// Replaces the elements for all lists that share them.
    fn change(&self, values: Vec<Value>, capacity: usize) {
        let changed = Items { values, capacity: Capacity::Of(capacity), changed: OnceCell::new() };
        // It cannot have been set already: it is the latest.
        let _ = self.latest().changed.set(Box::new(changed));
    }

    /// Moves the elements out, those from before a change too.
    fn take(&mut self) -> Vec<Value> {
        let mut values = std::mem::take(&mut self.values);
        let mut next = self.changed.take();
        while let Some(mut items) = next {
            values.append(&mut items.values);
            next = items.changed.take();
        }
        values
    }
}

impl Drop for Items {
    fn drop(&mut self) {
        drop_all(self.take());
    }
}

impl List {
    /// A list of type `[]interface {}`, with the capacity that it has after appending one by one.
    pub fn new(items: Vec<Value>) -> List {
        List::typed(Type::LIST, items)
    }

    /// A list of another slice type. The elements must be of its element type. Its capacity is as after appending one
    /// by one.
    pub fn typed(type_of: Type, items: Vec<Value>) -> List {
        List::with(type_of, items, Capacity::Grown)
    }

    /// A list that was made with exactly this length.
    pub fn exact(type_of: Type, items: Vec<Value>) -> List {
        List::with(type_of, items, Capacity::Exact)
    }

    /// A list of some capacity, if it is not below the number of elements.
    pub fn with_capacity(type_of: Type, items: Vec<Value>, capacity: usize) -> List {
        List::with(type_of, items, Capacity::Of(capacity))
    }

    /// Elements that were appended all at once to a list of `capacity` elements that was too small for them.
    pub fn appended(type_of: Type, items: Vec<Value>, capacity: usize) -> List {
        let capacity = if items.len() > capacity {
            element_layout(type_of).grown(capacity, items.len())
        } else {
            capacity
        };
        List::with_capacity(type_of, items, capacity)
    }

    fn with(type_of: Type, values: Vec<Value>, capacity: Capacity) -> List {
        let length = values.len() as u32;
        let items = Items { values, capacity, changed: OnceCell::new() };
        List { items: Some(Rc::new(items)), start: 0, length, type_of }
    }

    /// A nil slice.
    pub fn nil(type_of: Type) -> List {
        List { items: None, start: 0, length: 0, type_of }
    }

    /// A list of strings, `[]string`, that was made with exactly this length.
    pub fn of_strings<T: Into<Text>>(items: impl IntoIterator<Item = T>) -> List {
        List::exact(Type::STRINGS, items.into_iter().map(|item| Value::from(item.into())).collect())
    }

    /// Whether it is nil, and not only empty.
    pub fn is_nil(&self) -> bool {
        self.items.is_none()
    }

    /// Its type.
    pub fn type_of(&self) -> Type {
        self.type_of
    }

    /// The same list seen as another type with the same elements.
    pub fn with_type(self, type_of: Type) -> List {
        List { type_of, ..self }
    }

    /// Whether both are the same list in memory.
    pub fn same(&self, other: &List) -> bool {
        match (&self.items, &other.items) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b) && self.start == other.start,
            (None, None) => true,
            _ => false,
        }
    }

    /// The element at `index`, boxed if the elements are interfaces.
    pub fn get(&self, index: usize) -> Option<Value> {
        let value = self.deref().get(index)?.clone();
        Some(Value { boxed: self.type_of.element() == Some(Type::Interface), ..value })
    }

    /// How many elements there is room for.
    pub fn capacity(&self) -> usize {
        let Some(items) = &self.items else { return 0 };
        let items = items.latest();
        let capacity = match items.capacity {
            Capacity::Exact => items.values.len(),
            Capacity::Grown => element_layout(self.type_of).grown_one_by_one(items.values.len()),
            Capacity::Of(capacity) => capacity.max(items.values.len()),
        };
        capacity.saturating_sub(self.start as usize)
    }

    /// A part of the list, which shares its elements. As in Go it may reach beyond the end, up to the capacity.
    pub fn slice(&self, start: usize, end: usize) -> Option<List> {
        if start > end || end > self.capacity() {
            return None;
        }
        let first = self.start as usize;
        if let Some(items) = &self.items {
            let latest = items.latest();
            if first + end > latest.values.len() {
                let capacity = self.capacity() + first;
                let mut values = latest.values.clone();
                values.resize(capacity, crate::exec::zero(self.type_of.element()));
                items.change(values, capacity);
            }
        }
        let (start, length) = ((first + start) as u32, (end - start) as u32);
        Some(List { items: self.items.clone(), start, length, type_of: self.type_of })
    }

    /// Sorts the elements in place, which all see that share them.
    pub fn sort_by(&self, mut compare: impl FnMut(&Value, &Value) -> std::cmp::Ordering) {
        let Some(items) = &self.items else { return };
        if self.is_sorted_by(|a, b| compare(a, b).is_le()) {
            return;
        }
        let capacity = self.capacity() + self.start as usize;
        let mut values = items.latest().values.clone();
        let start = self.start as usize;
        values[start..start + self.length as usize].sort_by(compare);
        items.change(values, capacity);
    }
}

/// The size of the elements of a slice type.
fn element_layout(type_of: Type) -> crate::capacity::Element {
    let (size, has_pointers) = match type_of.element().map(Type::kind) {
        Some(Kind::Bool | Kind::Int(IntKind::Int8) | Kind::Uint(UintKind::Uint8)) => (1, false),
        Some(Kind::Int(_) | Kind::Uint(_) | Kind::Float(_)) => (8, false),
        Some(Kind::Slice) => (24, true),
        Some(Kind::Map | Kind::Pointer) => (8, true),
        _ => (16, true),
    };
    crate::capacity::Element { size, has_pointers }
}

impl Deref for List {
    type Target = [Value];
    fn deref(&self) -> &[Value] {
        let start = self.start as usize;
        let items = self.items.as_ref();
        items
            .and_then(|items| items.latest().values.get(start..start + self.length as usize))
            .unwrap_or_default()
    }
}

/// A map with string keys, shared by reference.
#[derive(Clone)]
pub struct Map {
    entries: Option<Rc<Entries>>,
    type_of: Type,
}

/// The entries of a map; a type of its own so that deep nesting is dropped without recursion.
#[derive(Default)]
pub struct Entries(RefCell<BTreeMap<Str, Entry>>);

/// A value in a map, with the origin of its key.
#[derive(Clone, Default)]
pub struct Entry {
    /// The value.
    pub value: Value,
    /// Where the key came from.
    pub key_origin: OriginId,
}

impl Drop for Entries {
    fn drop(&mut self) {
        drop_all(std::mem::take(self.0.get_mut()).into_values().map(|entry| entry.value).collect());
    }
}

/// Drops values without recursion: containers that nobody else holds give up their contents first.
fn drop_all(mut pending: Vec<Value>) {
    while let Some(value) = pending.pop() {
        match value.data {
            Data::Map(Map { entries: Some(entries), .. }) => {
                if let Ok(mut entries) = Rc::try_unwrap(entries) {
                    let entries = std::mem::take(entries.0.get_mut());
                    pending.extend(entries.into_values().map(|entry| entry.value).filter(is_container));
                }
            }
            Data::List(List { items: Some(items), .. }) => {
                if let Ok(mut items) = Rc::try_unwrap(items) {
                    pending.extend(items.take().into_iter().filter(is_container));
                }
            }
            _ => {}
        }
    }
}

fn is_container(value: &Value) -> bool {
    matches!(value.data, Data::Map(_) | Data::List(_))
}

impl Map {
    /// An empty `map[string]interface {}`.
    pub fn dict() -> Map {
        Map::typed(Type::DICT)
    }

    /// An empty map of another type.
    pub fn typed(type_of: Type) -> Map {
        Map { entries: Some(Rc::default()), type_of }
    }

    /// A nil map.
    pub fn nil(type_of: Type) -> Map {
        Map { entries: None, type_of }
    }

    /// A map of these entries.
    pub fn from_entries(type_of: Type, entries: impl IntoIterator<Item = (Str, Entry)>) -> Map {
        let entries: BTreeMap<Str, Entry> = entries.into_iter().collect();
        Map { entries: Some(Rc::new(Entries(RefCell::new(entries)))), type_of }
    }

    /// A map with the same entries, which are not copied themselves.
    pub fn shallow_copy(&self) -> Map {
        let entries = self.borrow().map(|entries| Rc::new(Entries(RefCell::new(entries.clone()))));
        Map { entries, type_of: self.type_of }
    }

    /// Whether it is nil, and not only empty.
    pub fn is_nil(&self) -> bool {
        self.entries.is_none()
    }

    /// Its type.
    pub fn type_of(&self) -> Type {
        self.type_of
    }

    /// The same map seen as another type with the same elements.
    pub fn with_type(self, type_of: Type) -> Map {
        Map { type_of, ..self }
    }

    /// Whether both are the same map in memory.
    pub fn same(&self, other: &Map) -> bool {
        match (&self.entries, &other.entries) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }

    /// Something that identifies the map in memory, for finding cycles.
    pub fn address(&self) -> usize {
        self.entries.as_ref().map_or(0, |entries| Rc::as_ptr(entries) as usize)
    }

    /// The entries, in the order of their keys. The map must not be changed while they are held.
    pub fn borrow(&self) -> Option<Ref<'_, BTreeMap<Str, Entry>>> {
        self.entries.as_ref().map(|entries| entries.0.borrow())
    }

    /// The entries for changing; `None` for a nil map. The map must not be read while they are held.
    pub fn borrow_mut(&self) -> Option<RefMut<'_, BTreeMap<Str, Entry>>> {
        self.entries.as_ref().map(|entries| entries.0.borrow_mut())
    }

    /// A copy of all entries in the order of their keys, for walking while the map may change.
    pub fn entries(&self) -> Vec<(Str, Entry)> {
        self.borrow().map_or_else(Vec::new, |entries| {
            entries.iter().map(|(key, entry)| (key.clone(), entry.clone())).collect()
        })
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.borrow().map_or(0, |entries| entries.len())
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is an entry for the key.
    pub fn contains(&self, key: &[u8]) -> bool {
        self.borrow().is_some_and(|entries| entries.contains_key(key))
    }

    /// The value of a key, boxed if the elements are interfaces.
    pub fn get(&self, key: &[u8]) -> Option<Value> {
        let value = self.borrow()?.get(key)?.value.clone();
        Some(Value { boxed: self.type_of.element() == Some(Type::Interface), ..value })
    }

    /// Sets a key whose own origin is unknown. Does nothing to a nil map.
    pub fn insert(&self, key: impl Into<Str>, value: Value) {
        self.insert_entry(key.into(), Entry { value, key_origin: OriginId::NONE });
    }

    /// Sets a key. Does nothing to a nil map.
    pub fn insert_entry(&self, key: Str, entry: Entry) {
        // The value that was there is dropped after the borrow ends: it may hold the last reference to this map.
        let previous = self.borrow_mut().and_then(|mut entries| entries.insert(key, entry));
        drop(previous);
    }

    /// Removes a key.
    pub fn remove(&self, key: &[u8]) -> Option<Value> {
        self.borrow_mut().and_then(|mut entries| entries.remove(key)).map(|entry| entry.value)
    }

    /// A method of the map's type, if it has a name.
    pub fn method(&self, name: &[u8]) -> Option<&'static Function> {
        match self.type_of {
            Type::Named(named) => find_method(named.methods, name),
            _ => None,
        }
    }
}

impl Value {
    /// Reflect's zero `Value`: nothing at all.
    pub const INVALID: Value = Value { data: Data::Nil, origin: OriginId::NONE, boxed: false };

    /// A nil interface.
    pub const NIL: Value = Value { data: Data::Nil, origin: OriginId::NONE, boxed: true };

    /// A value without a known origin.
    pub fn new(data: Data) -> Value {
        Value { data, origin: OriginId::NONE, boxed: false }
    }

    /// An `int`.
    pub fn int(n: i64) -> Value {
        Value::new(Data::Int(n, IntKind::Int))
    }

    /// An `int64`.
    pub fn int64(n: i64) -> Value {
        Value::new(Data::Int(n, IntKind::Int64))
    }

    /// A `float64`.
    pub fn float(n: f64) -> Value {
        Value::new(Data::Float(n, FloatKind::Float64))
    }

    /// The same value from elsewhere.
    pub fn with_origin(self, origin: OriginId) -> Value {
        match self.data {
            Data::String(text) => Value { data: Data::String(text.with_origin(origin)), ..self },
            Data::Bytes(text) => Value { data: Data::Bytes(text.with_origin(origin)), ..self },
            data => Value { data, origin, boxed: self.boxed },
        }
    }

    /// The same value, as it is outside of an interface.
    pub fn unboxed(self) -> Value {
        Value { boxed: false, ..self }
    }

    /// The same value, as it is inside of an interface.
    pub fn boxed(self) -> Value {
        Value { boxed: true, ..self }
    }

    /// Whether there is a value at all (a nil map or slice is one).
    pub fn is_nil(&self) -> bool {
        matches!(self.data, Data::Nil)
    }

    /// Whether it is reflect's zero `Value`.
    pub fn is_invalid(&self) -> bool {
        self.is_nil() && !self.boxed
    }

    /// The string, if it is one.
    pub fn as_text(&self) -> Option<&Text> {
        match &self.data {
            Data::String(text) => Some(text),
            _ => None,
        }
    }

    /// The map, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_list(&self) -> Option<&List> {
        match &self.data {
            Data::List(list) => Some(list),
            _ => None,
        }
    }

    /// The type that Go's reflection sees: `interface {}` for a nil interface, that of the content otherwise; `None`
    /// for the zero `Value`.
    pub fn type_of(&self) -> Option<Type> {
        Some(match &self.data {
            Data::Nil if self.boxed => Type::Interface,
            Data::Nil => return None,
            Data::Bool(_) => Type::Bool,
            Data::Int(_, kind) => Type::Int(*kind),
            Data::Uint(_, kind) => Type::Uint(*kind),
            Data::Float(_, kind) => Type::Float(*kind),
            Data::Complex(..) => Type::Complex,
            Data::String(_) => Type::String,
            Data::Bytes(_) => Type::BYTES,
            Data::List(list) => list.type_of(),
            Data::Map(map) => map.type_of(),
            Data::Object(object) => object.type_of(),
        })
    }

    /// The kind of the content: [`Kind::Invalid`] for any nil that is not a nil map or slice.
    pub fn kind(&self) -> Kind {
        match &self.data {
            Data::Nil => Kind::Invalid,
            _ => self.type_of().map_or(Kind::Invalid, Type::kind),
        }
    }

    /// Whether `if` takes it as true: not the zero of its type, not empty. A struct is always true.
    pub fn is_true(&self) -> bool {
        match &self.data {
            Data::Nil => false,
            Data::Bool(b) => *b,
            Data::Int(n, _) => *n != 0,
            Data::Uint(n, _) => *n != 0,
            Data::Float(n, _) => *n != 0.0,
            Data::Complex(re, im) => *re != 0.0 || *im != 0.0,
            Data::String(text) | Data::Bytes(text) => !text.is_empty(),
            Data::List(list) => !list.is_empty(),
            Data::Map(map) => !map.is_empty(),
            Data::Object(object) => object.scalar().is_none_or(|value| value.is_true()),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.data {
            Data::Nil => f.write_str(if self.boxed { "nil" } else { "invalid" }),
            Data::Bool(b) => b.fmt(f),
            Data::Int(n, _) => n.fmt(f),
            Data::Uint(n, _) => n.fmt(f),
            Data::Float(n, _) => n.fmt(f),
            Data::Complex(re, im) => write!(f, "({re}+{im}i)"),
            Data::String(text) | Data::Bytes(text) => text.fmt(f),
            Data::List(list) => f.debug_list().entries(list.iter()).finish(),
            Data::Map(map) => f
                .debug_map()
                .entries(map.entries().into_iter().map(|(key, entry)| (key, entry.value)))
                .finish(),
            Data::Object(object) => write!(f, "{}", object.type_of()),
        }
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Value {
        Value::new(Data::Bool(b))
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Value {
        Value::new(Data::String(text))
    }
}

impl From<Str> for Value {
    fn from(s: Str) -> Value {
        Value::from(Text::plain(s))
    }
}

impl From<&str> for Value {
    fn from(s: &str) -> Value {
        Value::from(Text::plain(s))
    }
}

impl From<String> for Value {
    fn from(s: String) -> Value {
        Value::from(Text::plain(s))
    }
}

impl From<Vec<u8>> for Value {
    fn from(s: Vec<u8>) -> Value {
        Value::from(Text::plain(s))
    }
}

impl From<List> for Value {
    fn from(list: List) -> Value {
        Value::new(Data::List(list))
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Value {
        Value::new(Data::Map(map))
    }
}

impl From<Rc<dyn Object>> for Value {
    fn from(object: Rc<dyn Object>) -> Value {
        Value::new(Data::Object(object))
    }
}

impl From<&str> for Text {
    fn from(s: &str) -> Text {
        Text::plain(s)
    }
}

impl From<String> for Text {
    fn from(s: String) -> Text {
        Text::plain(s)
    }
}

impl From<Str> for Text {
    fn from(s: Str) -> Text {
        Text::plain(s)
    }
}
