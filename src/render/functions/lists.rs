//! Sprig's functions on lists. They work on slices of any type and give `[]interface {}`. None changes its argument.
//! How much room the results have for more elements is as in Go, since `slice` can show it.

use std::borrow::Cow;
use std::collections::HashSet;

use chart_lint_template::{Args, Data, Error, Function, List, Result, State, Str, Type, UintKind, Value};
use rustc_hash::FxBuildHasher;

use super::cast::{is_empty, to_int64};
use super::flow::deep_equal;
use super::panics;

const ANY: &[Type] = &[Type::Interface];
const TWO: &[Type] = &[Type::Interface, Type::Interface];
const CHUNK: &[Type] = &[Type::INT, Type::Interface];

pub(super) static FUNCTIONS: &[Function] = &[
    Function { name: "list", params: ANY, variadic: true, run: list },
    Function { name: "tuple", params: ANY, variadic: true, run: list },
    Function { name: "append", params: TWO, variadic: false, run: push },
    Function { name: "push", params: TWO, variadic: false, run: push },
    Function { name: "mustAppend", params: TWO, variadic: false, run: push },
    Function { name: "mustPush", params: TWO, variadic: false, run: push },
    Function { name: "prepend", params: TWO, variadic: false, run: prepend },
    Function { name: "mustPrepend", params: TWO, variadic: false, run: prepend },
    Function { name: "first", params: ANY, variadic: false, run: first },
    Function { name: "mustFirst", params: ANY, variadic: false, run: first },
    Function { name: "last", params: ANY, variadic: false, run: last },
    Function { name: "mustLast", params: ANY, variadic: false, run: last },
    Function { name: "rest", params: ANY, variadic: false, run: rest },
    Function { name: "mustRest", params: ANY, variadic: false, run: rest },
    Function { name: "initial", params: ANY, variadic: false, run: initial },
    Function { name: "mustInitial", params: ANY, variadic: false, run: initial },
    Function { name: "reverse", params: ANY, variadic: false, run: reverse },
    Function { name: "mustReverse", params: ANY, variadic: false, run: reverse },
    Function { name: "compact", params: ANY, variadic: false, run: compact },
    Function { name: "mustCompact", params: ANY, variadic: false, run: compact },
    Function { name: "uniq", params: ANY, variadic: false, run: uniq },
    Function { name: "mustUniq", params: ANY, variadic: false, run: uniq },
    Function { name: "without", params: TWO, variadic: true, run: without },
    Function { name: "mustWithout", params: TWO, variadic: true, run: without },
    Function { name: "has", params: TWO, variadic: false, run: has },
    Function { name: "mustHas", params: TWO, variadic: false, run: has },
    Function { name: "slice", params: TWO, variadic: true, run: slice },
    Function { name: "mustSlice", params: TWO, variadic: true, run: slice },
    Function { name: "chunk", params: CHUNK, variadic: false, run: chunk },
    Function { name: "mustChunk", params: CHUNK, variadic: false, run: chunk },
    Function { name: "concat", params: ANY, variadic: true, run: concat },
];

/// The elements of a slice of any type. Of anything else `problem` and its kind are the error.
fn items<'v>(state: &mut State<'_>, value: &'v Value, problem: &str) -> Result<Cow<'v, [Value]>> {
    let items: Cow<'v, [Value]> = match &value.data {
        Data::List(list) => Cow::Borrowed(list),
        Data::Bytes(text) => {
            let origin = state.origin_of_text(text);
            let byte =
                |&byte: &u8| Value::new(Data::Uint(u64::from(byte), UintKind::Uint8)).with_origin(origin);
            Cow::Owned(text.as_bytes().iter().map(byte).collect())
        }
        Data::Nil => return Err(panics::nil_pointer()),
        _ => return Err(Error::new(format!("{problem} {}", value.kind()))),
    };
    Ok(items)
}

/// The same for functions that copy the elements, which costs something.
fn copied(state: &mut State<'_>, value: &Value, problem: &str) -> Result<Vec<Value>> {
    let items = items(state, value, problem)?;
    spend(state, items.len())?;
    Ok(items.into_owned())
}

fn spend(state: &mut State<'_>, items: usize) -> Result<()> {
    state.spend_steps(items as u64)?;
    state.spend_bytes(items.saturating_mul(size_of::<Value>()))
}

/// A list that Go makes at its full length.
fn exact(items: Vec<Value>) -> Value {
    List::exact(Type::LIST, items).into()
}

fn list(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    Ok(exact(args.all().to_vec()))
}

fn push(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let mut items = copied(state, args.value(0), "Cannot push on type")?;
    let capacity = items.len();
    items.push(args.take(1));
    Ok(List::appended(Type::LIST, items, capacity).into())
}

fn prepend(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let mut items = copied(state, args.value(0), "Cannot prepend on type")?;
    items.insert(0, args.take(1));
    Ok(List::appended(Type::LIST, items, 1).into())
}

fn first(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let items = items(state, args.value(0), "Cannot find first on type")?;
    Ok(items.first().cloned().unwrap_or_default().boxed())
}

fn last(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let items = items(state, args.value(0), "Cannot find last on type")?;
    Ok(items.last().cloned().unwrap_or_default().boxed())
}

fn rest(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let items = copied(state, args.value(0), "Cannot find rest on type")?;
    Ok(match items.get(1..) {
        Some(rest) => exact(rest.to_vec()),
        None => List::nil(Type::LIST).into(),
    })
}

fn initial(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let mut items = copied(state, args.value(0), "Cannot find initial on type")?;
    Ok(match items.pop() {
        Some(_) => exact(items),
        None => List::nil(Type::LIST).into(),
    })
}

fn reverse(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let mut items = copied(state, args.value(0), "Cannot find reverse on type")?;
    items.reverse();
    Ok(exact(items))
}

fn compact(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let mut items = copied(state, args.value(0), "Cannot compact on type")?;
    items.retain(|item| !is_empty(item));
    Ok(List::new(items).into())
}

fn uniq(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let items = copied(state, args.value(0), "Cannot find uniq on type")?;
    let mut found: Vec<Value> = Vec::new();
    let mut scalars = HashSet::with_hasher(FxBuildHasher);
    // What has no key is compared with all others that have none.
    let mut others: Vec<Value> = Vec::new();
    for item in items {
        let is_new = match Key::of(&item) {
            Some(key) => scalars.insert(key),
            None => {
                let is_new = !is_among(state, &others, &item)?;
                if is_new {
                    others.push(item.clone());
                }
                is_new
            }
        };
        if is_new {
            found.push(item);
        }
    }
    Ok(List::new(found).into())
}

/// Tells scalars apart as [`deep_equal`] does.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Nil,
    Bool(bool),
    Int(i64, &'static str),
    Uint(u64, &'static str),
    Float(u64, &'static str),
    String(Str),
}

impl Key {
    fn of(value: &Value) -> Option<Key> {
        Some(match &value.data {
            Data::Nil => Key::Nil,
            Data::Bool(b) => Key::Bool(*b),
            Data::Int(n, kind) => Key::Int(*n, kind.name()),
            Data::Uint(n, kind) => Key::Uint(*n, kind.name()),
            // 0 and -0 are equal, NaN is not equal to itself.
            Data::Float(n, kind) if !n.is_nan() => Key::Float((*n + 0.0).to_bits(), kind.name()),
            Data::String(text) => Key::String(text.as_shared().clone()),
            _ => return None,
        })
    }
}

fn is_among(state: &mut State<'_>, haystack: &[Value], needle: &Value) -> Result<bool> {
    state.spend_steps(haystack.len() as u64)?;
    for item in haystack {
        if deep_equal(state, needle, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn without(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let mut kept = Vec::new();
    for item in copied(state, args.value(0), "Cannot find without on type")? {
        if !is_among(state, args.rest(1), &item)? {
            kept.push(item);
        }
    }
    Ok(List::new(kept).into())
}

fn has(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    if args.value(1).is_nil() {
        return Ok(false.into());
    }
    let items = items(state, args.value(1), "Cannot find has on type")?;
    is_among(state, &items, args.value(0)).map(Value::from)
}

/// Sprig's `slice`, which replaces Go's: of an empty list it gives nil, and it may reach beyond the end.
fn slice(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let list = args.value(0);
    let length = items(state, list, "list should be type of slice or array but")?.len();
    if length == 0 {
        return Ok(Value::NIL);
    }
    let start = args.all().get(1).map_or(0, to_int64);
    let end = args.all().get(2).map_or(length as i64, to_int64);
    let part =
        usize::try_from(start).ok().zip(usize::try_from(end).ok()).and_then(|(start, end)| {
            match &list.data {
                Data::Bytes(text) if start <= end && end <= length => {
                    Some(Data::Bytes(text.slice(start..end)))
                }
                Data::List(list) => list.slice(start, end).map(Data::List),
                _ => None,
            }
        });
    let part = part.ok_or_else(|| Error::new("reflect.Value.Slice: slice index out of bounds"))?;
    Ok(Value { data: part, ..list.clone() }.boxed())
}

/// Lists of `size` elements each. The arithmetic is Go's, so that sizes that make no sense fail as they do there.
fn chunk(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let size = args.int(0);
    let items = copied(state, args.value(1), "Cannot chunk type")?;
    let length = items.len() as f64;
    let chunks = super::cast::float_to_int64(((length - 1.0) / size as f64).floor() + 1.0);
    if chunks < 0 {
        return Err(panics::makeslice());
    }
    let mut found = Vec::new();
    let mut items = items.into_iter();
    for i in 0..chunks {
        let mut wanted = size;
        if i == chunks - 1 {
            wanted = (length % size as f64).floor() as i64;
            if wanted == 0 {
                wanted = size;
            }
        }
        let Ok(wanted) = usize::try_from(wanted) else {
            return Err(panics::makeslice());
        };
        found.push(exact(items.by_ref().take(wanted).collect()));
    }
    Ok(List::exact(Type::Slice(&Type::LIST), found).into())
}

fn concat(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let mut all = Vec::new();
    for list in args.all() {
        let items = match &list.data {
            Data::List(_) | Data::Bytes(_) | Data::Nil => items(state, list, "")?,
            _ => return Err(Error::new(format!("Cannot concat type {} as list", list.kind()))),
        };
        spend(state, items.len())?;
        all.extend_from_slice(&items);
    }
    Ok(Value::from(if all.is_empty() { List::nil(Type::LIST) } else { List::new(all) }).boxed())
}
