//! Functions that templates can call.

use std::collections::HashMap;
use std::fmt;

use rustc_hash::FxBuildHasher;

use crate::error::Result;
use crate::exec::State;
use crate::text::{Str, Text};
use crate::types::Type;
use crate::value::{Data, List, Map, Value};

/// Index of a function in a [`FunctionTable`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct FunctionId(pub u32);

/// A function or method.
///
/// The engine checks and converts arguments as Go does before it calls [`Function::run`]: a parameter of type
/// [`Type::String`] is a [`Data::String`], one of a slice type a [`Data::List`] (or [`Data::Bytes`]), one of a map
/// type a [`Data::Map`], both perhaps nil; [`Type::Interface`] and [`Type::Reflect`] take anything.
///
/// Origins: what `run` returns without an origin gets that of its arguments, all of them. A value that is passed on
/// keeps its own. A function that puts text together piece by piece uses [`crate::text::TextBuilder`].
pub struct Function {
    /// The name that templates use.
    pub name: &'static str,
    /// The types of the parameters; of a method without the receiver.
    pub params: &'static [Type],
    /// Whether the last parameter takes any number of arguments: its type is that of one of them.
    pub variadic: bool,
    /// What it does.
    pub run: Native,
}

/// The code of a function.
pub type Native = fn(&mut State<'_>, &mut Args<'_>) -> Result<Value>;

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The arguments of a call. Of a method the first is the receiver.
pub struct Args<'a> {
    values: &'a mut [Value],
}

impl<'a> Args<'a> {
    /// Arguments that have been checked against the function's parameters.
    pub fn new(values: &'a mut [Value]) -> Args<'a> {
        Args { values }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All of them.
    pub fn all(&self) -> &[Value] {
        self.values
    }

    /// Those from `index` on.
    pub fn rest(&self, index: usize) -> &[Value] {
        self.values.get(index..).unwrap_or_default()
    }

    /// An argument.
    pub fn value(&self, index: usize) -> &Value {
        self.values.get(index).unwrap_or(&Value::NIL)
    }

    /// An argument, moved out.
    pub fn take(&mut self, index: usize) -> Value {
        self.values.get_mut(index).map(std::mem::take).unwrap_or_default()
    }

    /// An argument of type `string`.
    pub fn text(&self, index: usize) -> Text {
        self.value(index).as_text().cloned().unwrap_or_default()
    }

    /// The bytes of an argument of type `string` or `[]byte`.
    pub fn bytes(&self, index: usize) -> &[u8] {
        match &self.value(index).data {
            Data::String(text) | Data::Bytes(text) => text.as_bytes(),
            _ => &[],
        }
    }

    /// An argument of a signed integer type.
    pub fn int(&self, index: usize) -> i64 {
        match self.value(index).data {
            Data::Int(n, _) => n,
            _ => 0,
        }
    }

    /// An argument of type `bool`.
    pub fn bool(&self, index: usize) -> bool {
        matches!(self.value(index).data, Data::Bool(true))
    }

    /// An argument of type `float64`.
    pub fn float(&self, index: usize) -> f64 {
        match self.value(index).data {
            Data::Float(n, _) => n,
            _ => 0.0,
        }
    }

    /// An argument of a map type.
    pub fn map(&self, index: usize) -> Map {
        self.value(index).as_map().cloned().unwrap_or_else(|| Map::nil(Type::DICT))
    }

    /// An argument of a slice type.
    pub fn list(&self, index: usize) -> List {
        self.value(index).as_list().cloned().unwrap_or_else(|| List::nil(Type::LIST))
    }
}

/// All functions of an engine, by name.
#[derive(Default)]
pub struct FunctionTable {
    functions: Vec<&'static Function>,
    ids: HashMap<&'static str, FunctionId, FxBuildHasher>,
}

impl FunctionTable {
    /// A table with the functions that every Go template has.
    pub fn with_builtins() -> FunctionTable {
        let mut table = FunctionTable::default();
        table.extend(crate::builtins::BUILTINS);
        table
    }

    /// Adds functions; a later one replaces an earlier one of the same name.
    pub fn extend(&mut self, functions: &'static [Function]) {
        for function in functions {
            let id = *self.ids.entry(function.name).or_insert(FunctionId(self.functions.len() as u32));
            match self.functions.get_mut(id.0 as usize) {
                Some(slot) => *slot = function,
                None => self.functions.push(function),
            }
        }
    }

    /// The function of a name.
    pub fn find(&self, name: &[u8]) -> Option<FunctionId> {
        self.ids.get(std::str::from_utf8(name).ok()?).copied()
    }

    /// A function.
    pub fn get(&self, id: FunctionId) -> &'static Function {
        self.functions[id.0 as usize]
    }

    /// All names, in no order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.ids.keys().copied()
    }

    /// A parsed name, for the parser.
    pub fn resolver(&self) -> impl Fn(&[u8]) -> Option<FunctionId> + '_ {
        |name| self.find(name)
    }
}

/// A key as Go prints it in messages.
pub(crate) fn lossy(name: &Str) -> String {
    name.to_utf8().into_owned()
}
