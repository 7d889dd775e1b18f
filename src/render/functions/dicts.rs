//! Sprig's functions on dicts. Dicts are shared: `set` and `merge` change what others hold.

use chart_lint_template::{
    Args, Data, Entry, Error, Function, List, Map, Result, State, Str, Text, Type, Value,
};

use super::cast::to_text;
use super::merge::{self, Overwrite};
use super::panics;

const DICT_AND_TEXT: &[Type] = &[Type::DICT, Type::String];
const DICTS: &[Type] = &[Type::DICT];
const TWO_DICTS: &[Type] = &[Type::DICT, Type::DICT];
const ANY: &[Type] = &[Type::Interface];

pub(super) static FUNCTIONS: &[Function] = &[
    Function { name: "dict", params: ANY, variadic: true, run: dict },
    Function { name: "get", params: DICT_AND_TEXT, variadic: false, run: get },
    Function { name: "set", params: &[Type::DICT, Type::String, Type::Interface], variadic: false, run: set },
    Function { name: "unset", params: DICT_AND_TEXT, variadic: false, run: unset },
    Function {
        name: "hasKey",
        params: DICT_AND_TEXT,
        variadic: false,
        run: |_, args| Ok(args.map(0).contains(args.bytes(1)).into()),
    },
    Function { name: "pluck", params: &[Type::String, Type::DICT], variadic: true, run: pluck },
    Function { name: "keys", params: DICTS, variadic: true, run: keys },
    Function { name: "values", params: DICTS, variadic: false, run: values },
    Function { name: "pick", params: DICT_AND_TEXT, variadic: true, run: pick },
    Function { name: "omit", params: DICT_AND_TEXT, variadic: true, run: omit },
    Function { name: "dig", params: ANY, variadic: true, run: dig },
    Function {
        name: "merge",
        params: TWO_DICTS,
        variadic: true,
        run: |state, args| merge_all(state, args, Overwrite::No).map(|merged| merged.unwrap_or_else(nothing)),
    },
    Function {
        name: "mergeOverwrite",
        params: TWO_DICTS,
        variadic: true,
        run: |state, args| {
            merge_all(state, args, Overwrite::Yes).map(|merged| merged.unwrap_or_else(nothing))
        },
    },
    Function {
        name: "mustMerge",
        params: TWO_DICTS,
        variadic: true,
        run: |state, args| merge_all(state, args, Overwrite::No)?.map_err(|_| different_types()),
    },
    Function {
        name: "mustMergeOverwrite",
        params: TWO_DICTS,
        variadic: true,
        run: |state, args| merge_all(state, args, Overwrite::Yes)?.map_err(|_| different_types()),
    },
    Function { name: "deepCopy", params: ANY, variadic: false, run: deep_copy },
    Function { name: "mustDeepCopy", params: ANY, variadic: false, run: deep_copy },
];

fn spend(state: &mut State<'_>, entries: usize) -> Result<()> {
    /// A guess at what an entry needs besides its value.
    const ENTRY: usize = size_of::<Value>() + size_of::<Entry>();
    state.spend_steps(entries as u64)?;
    state.spend_bytes(entries.saturating_mul(ENTRY))
}

fn dict(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let map = Map::dict();
    for index in (0..args.len()).step_by(2) {
        let key = to_text(state, args.value(index));
        let key_origin = state.origin_of_text(&key);
        let value = if index + 1 < args.len() { args.value(index + 1).clone() } else { Value::from("") };
        map.insert_entry(key.as_shared().clone(), Entry { value, key_origin });
    }
    Ok(map.into())
}

fn get(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let found = args.map(0).get(args.bytes(1));
    Ok(found.unwrap_or_else(|| Value::from("")).boxed())
}

fn set(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let (map, key) = (args.map(0), args.text(1));
    if map.is_nil() {
        return Err(Error::new("assignment to entry in nil map"));
    }
    let key_origin = state.origin_of_text(&key);
    map.insert_entry(key.as_shared().clone(), Entry { value: args.take(2), key_origin });
    Ok(args.take(0))
}

fn unset(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    args.map(0).remove(args.bytes(1));
    Ok(args.take(0))
}

fn pluck(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let key = args.bytes(0);
    let dicts = args.rest(1).iter().filter_map(Value::as_map);
    Ok(List::new(dicts.filter_map(|dict| dict.get(key)).collect()).into())
}

/// Go's order is random; ours is that of the keys.
fn keys(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let mut keys = Vec::new();
    for dict in args.all().iter().filter_map(Value::as_map) {
        spend(state, dict.len())?;
        if let Some(entries) = dict.borrow() {
            keys.extend(
                entries.iter().map(|(key, entry)| Value::from(Text::new(key.clone(), entry.key_origin))),
            );
        }
    }
    Ok(List::typed(Type::STRINGS, keys).into())
}

/// Go's order is random; ours is that of the keys.
fn values(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let dict = args.map(0);
    spend(state, dict.len())?;
    let values = dict
        .borrow()
        .map_or_else(Vec::new, |entries| entries.values().map(|entry| entry.value.clone()).collect());
    Ok(List::new(values).into())
}

fn pick(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let dict = args.map(0);
    let picked = Map::dict();
    if let Some(entries) = dict.borrow() {
        for key in args.rest(1).iter().filter_map(Value::as_text) {
            if let Some(entry) = entries.get(key.as_bytes()) {
                picked.insert_entry(key.as_shared().clone(), entry.clone());
            }
        }
    }
    Ok(picked.into())
}

fn omit(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let dict = args.map(0);
    spend(state, dict.len())?;
    let mut kept = dict.borrow().map(|entries| entries.clone()).unwrap_or_default();
    for key in args.rest(1).iter().filter_map(Value::as_text) {
        kept.remove(key.as_bytes());
    }
    Ok(Map::from_entries(Type::DICT, kept).into())
}

fn dig(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let (keys, default, dict) = match args.all() {
        [keys @ .., default, dict] if !keys.is_empty() => (keys, default, dict),
        _ => return Err(Error::new("dig needs at least three arguments")),
    };
    let mut found = as_dict(dict)?;
    let keys: Vec<&Text> = keys
        .iter()
        .map(|key| key.as_text().ok_or_else(|| panics::not_a(key, "string")))
        .collect::<Result<_>>()?;
    for (i, key) in keys.iter().enumerate() {
        let Some(value) = found.get(key.as_bytes()) else {
            return Ok(default.clone().boxed());
        };
        if i + 1 == keys.len() {
            return Ok(value.boxed());
        }
        found = as_dict(&value)?;
    }
    Ok(Value::NIL)
}

/// Go's type assertion: a type with a name, as that of `.Values`, is another type.
fn as_dict(value: &Value) -> Result<Map> {
    match &value.data {
        Data::Map(map) if map.type_of() == Type::DICT => Ok(map.clone()),
        _ => Err(panics::not_a(value, "map[string]interface {}")),
    }
}

/// Merges all dicts into the first. The inner error is mergo's, which `merge` hides and `mustMerge` shows; what panics
/// in Go fails in both.
fn merge_all(
    state: &mut State<'_>,
    args: &mut Args<'_>,
    overwrite: Overwrite,
) -> Result<std::result::Result<Value, merge::DifferentTypes>> {
    let target = args.take(0);
    let mut map = target.as_map().cloned().unwrap_or_else(|| Map::nil(Type::DICT));
    for source in args.rest(1).iter().filter_map(Value::as_map) {
        if map.is_nil() && !source.is_nil() {
            map = Map::dict();
        }
        if let Err(error) = merge::merge(state, &map, source, overwrite)? {
            return Ok(Err(error));
        }
    }
    Ok(Ok(Value { data: Data::Map(map), ..target }.boxed()))
}

fn nothing(_: merge::DifferentTypes) -> Value {
    Value::from("").boxed()
}

fn different_types() -> Error {
    Error::new("src and dst must be of same type")
}

/// `copystructure.Copy`.
fn deep_copy(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    if args.value(0).is_nil() {
        return Err(panics::reflect_call("Type", "zero"));
    }
    Ok(copy(state, args.take(0))?.boxed())
}

/// A container whose elements are being copied.
struct Copying {
    /// The copy; of a list it is the list itself until all elements are copied.
    container: Value,
    /// The elements of a list.
    items: Vec<Value>,
    /// What has to be copied of it: everything else is shared.
    pending: std::vec::IntoIter<(Step, Value)>,
    /// The element that is being copied.
    at: Step,
}

/// Where an element is in its container.
enum Step {
    Key(Str),
    Index(usize),
}

/// How deep a value may be nested. A dict that holds itself has no end, and kills Helm.
const MAX_DEPTH: usize = 100_000;

/// Walks with a stack of its own, since values may be nested deeper than the thread's stack allows.
fn copy(state: &mut State<'_>, mut value: Value) -> Result<Value> {
    let mut stack: Vec<Copying> = Vec::new();
    loop {
        let mut done = match Copying::start(&value) {
            Some(container) => {
                if stack.len() >= MAX_DEPTH {
                    return Err(Error::limit("a value is nested too deeply to be copied: limit reached"));
                }
                spend(state, container.length())?;
                stack.push(container);
                None
            }
            None => Some(copied_alone(value)),
        };
        value = loop {
            let Some(container) = stack.last_mut() else { return Ok(done.unwrap_or_default()) };
            if let Some(copied) = done.take() {
                container.set(copied);
            }
            match container.pending.next() {
                Some((step, next)) => {
                    container.at = step;
                    break next;
                }
                None => done = stack.pop().map(Copying::finish),
            }
        };
    }
}

/// A copy of what is no container.
fn copied_alone(value: Value) -> Value {
    match &value.data {
        Data::Object(object) => match object.deep_copied() {
            Some(copied) => Value { data: Data::Object(copied), ..value },
            None => value,
        },
        _ => value,
    }
}

impl Copying {
    fn start(value: &Value) -> Option<Copying> {
        let mut pending = Vec::new();
        let (items, data) = match &value.data {
            Data::List(list) if !List::is_nil(list) => {
                let wanted = list.iter().enumerate().filter(|(_, item)| needs_copy(item));
                pending.extend(wanted.map(|(index, item)| (Step::Index(index), item.clone())));
                (list.to_vec(), value.data.clone())
            }
            Data::Map(map) => {
                let entries = map.borrow()?;
                let wanted = entries.iter().filter(|(_, entry)| needs_copy(&entry.value));
                pending.extend(wanted.map(|(key, entry)| (Step::Key(key.clone()), entry.value.clone())));
                (Vec::new(), Data::Map(map.shallow_copy()))
            }
            _ => return None,
        };
        let container = Value { data, ..value.clone() };
        Some(Copying { container, items, pending: pending.into_iter(), at: Step::Index(0) })
    }

    /// How many elements there are.
    fn length(&self) -> usize {
        self.container.as_map().map_or(self.items.len(), Map::len)
    }

    /// Puts the copy of an element in its place.
    fn set(&mut self, copied: Value) {
        match &self.at {
            Step::Key(key) => {
                let mut entries = self.container.as_map().and_then(Map::borrow_mut);
                if let Some(entry) = entries.as_mut().and_then(|entries| entries.get_mut(key)) {
                    entry.value = copied;
                }
            }
            Step::Index(index) => {
                if let Some(item) = self.items.get_mut(*index) {
                    *item = copied;
                }
            }
        }
    }

    fn finish(self) -> Value {
        let data = match self.container.data {
            Data::List(list) => Data::List(List::with_capacity(list.type_of(), self.items, list.capacity())),
            data => data,
        };
        Value { data, ..self.container }
    }
}

/// Whether a copy of a value is another value.
fn needs_copy(value: &Value) -> bool {
    matches!(value.data, Data::List(_) | Data::Map(_) | Data::Object(_))
}
