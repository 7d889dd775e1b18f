//! The functions that every Go template has, as in `text/template/funcs.go`.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::exec::{State, zero};
use crate::fmt;
use crate::function::{Args, Function};
use crate::text::{Text, TextBuilder};
use crate::types::{Kind, Type, UintKind};
use crate::value::{Data, List, Value};

const ANY: &[Type] = &[Type::Interface];
const REFLECT: &[Type] = &[Type::Reflect];
const REFLECT_AND_MORE: &[Type] = &[Type::Reflect, Type::Reflect];
const TWO: &[Type] = &[Type::Reflect, Type::Reflect];

/// All builtins.
pub static BUILTINS: &[Function] = &[
    Function { name: "and", params: REFLECT_AND_MORE, variadic: true, run: and_or },
    Function { name: "or", params: REFLECT_AND_MORE, variadic: true, run: and_or },
    Function { name: "call", params: REFLECT_AND_MORE, variadic: true, run: call },
    Function { name: "not", params: REFLECT, variadic: false, run: not },
    Function { name: "len", params: REFLECT, variadic: false, run: length },
    Function { name: "index", params: REFLECT_AND_MORE, variadic: true, run: index },
    Function { name: "slice", params: REFLECT_AND_MORE, variadic: true, run: slice },
    Function {
        name: "print",
        params: ANY,
        variadic: true,
        run: |state, args| Ok(fmt::sprint(state, args.all()).into()),
    },
    Function {
        name: "println",
        params: ANY,
        variadic: true,
        run: |state, args| Ok(fmt::sprintln(state, args.all()).into()),
    },
    Function { name: "printf", params: &[Type::String, Type::Interface], variadic: true, run: printf },
    Function {
        name: "html",
        params: ANY,
        variadic: true,
        run: |state, args| escaped(state, args, html_escape),
    },
    Function { name: "js", params: ANY, variadic: true, run: |state, args| escaped(state, args, js_escape) },
    Function {
        name: "urlquery",
        params: ANY,
        variadic: true,
        run: |state, args| escaped(state, args, query_escape),
    },
    Function {
        name: "eq",
        params: REFLECT_AND_MORE,
        variadic: true,
        run: |_, args| equal(args.value(0), args.rest(1)).map(Value::from),
    },
    Function {
        name: "ne",
        params: TWO,
        variadic: false,
        run: |_, args| equal(args.value(0), args.rest(1)).map(|same| Value::from(!same)),
    },
    Function {
        name: "lt",
        params: TWO,
        variadic: false,
        run: |_, args| less(args.value(0), args.value(1)).map(Value::from),
    },
    Function {
        name: "le",
        params: TWO,
        variadic: false,
        run: |_, args| less_or_equal(args.value(0), args.value(1)).map(Value::from),
    },
    Function {
        name: "gt",
        params: TWO,
        variadic: false,
        run: |_, args| less_or_equal(args.value(0), args.value(1)).map(|le| Value::from(!le)),
    },
    Function {
        name: "ge",
        params: TWO,
        variadic: false,
        run: |_, args| less(args.value(0), args.value(1)).map(|lt| Value::from(!lt)),
    },
];

/// Stands for `and` and `or`, which the evaluator runs itself since they do not evaluate all their arguments.
pub(crate) fn and_or(_: &mut State<'_>, _: &mut Args<'_>) -> Result<Value> {
    Err(Error::new("unreachable"))
}

/// Stands for `call`, which the evaluator runs itself since it needs the text of its argument.
pub(crate) fn call(_: &mut State<'_>, _: &mut Args<'_>) -> Result<Value> {
    Err(Error::new("unreachable"))
}

/// `call`: there are no function values in our templates, so it always fails.
pub(crate) fn call_function(function: Option<&Value>, name: &str) -> Result<Value> {
    match function.filter(|value| !value.is_nil()).and_then(Value::type_of) {
        None => Err(Error::new("call of nil")),
        Some(type_of) => Err(Error::new(format!("non-function {name} of type {type_of}"))),
    }
}

/// How reflection shows a value as text: a string as it is, anything else by its type.
pub(crate) fn reflect_name(value: &Value) -> String {
    match &value.data {
        Data::String(text) => text.to_utf8().into_owned(),
        Data::Nil if !value.boxed => "<invalid Value>".to_owned(),
        _ => format!("<{} Value>", type_name(value)),
    }
}

fn not(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    Ok(Value::from(!args.value(0).is_true()))
}

fn printf(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let format = args.text(0);
    Ok(fmt::sprintf(state, &format, args.rest(1)).into())
}

fn length(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let value = args.value(0);
    let n = match &value.data {
        Data::String(text) | Data::Bytes(text) => text.len(),
        Data::List(list) => list.len(),
        Data::Map(map) => map.len(),
        Data::Nil if value.boxed => return Err(Error::new("len of nil pointer")),
        // Go asks the zero Value for its type, which panics.
        Data::Nil => return Err(Error::new("reflect: call of reflect.Value.Type on zero Value")),
        _ => return Err(Error::new(format!("len of type {}", pointed_type_name(value)))),
    };
    Ok(Value::int(n as i64))
}

fn type_name(value: &Value) -> String {
    value.type_of().map(|t| t.to_string()).unwrap_or_default()
}

/// The name of a value's type; of a pointer that of what it points to, as Go looks behind pointers first.
fn pointed_type_name(value: &Value) -> String {
    match value.type_of() {
        Some(Type::Pointer(target)) => target.to_string(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// A list index within `0..=len`.
fn index_arg(index: &Value, len: usize) -> Result<usize> {
    let n = match scalar(index).data {
        Data::Int(n, _) => n,
        Data::Uint(n, _) => n as i64,
        Data::Nil => return Err(Error::new("cannot index slice/array with nil")),
        _ => return Err(Error::new(format!("cannot index slice/array with type {}", type_name(index)))),
    };
    usize::try_from(n)
        .ok()
        .filter(|&n| n <= len)
        .ok_or_else(|| Error::new(format!("index out of range: {n}")))
}

fn index(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let mut item = args.value(0).clone();
    if item.is_nil() {
        return Err(Error::new("index of untyped nil"));
    }
    for index in args.rest(1) {
        if item.is_nil() {
            return Err(Error::new("index of nil pointer"));
        }
        let past_end = |kind: &str| Error::new(format!("reflect: {kind} index out of range"));
        item = match &item.data {
            Data::String(text) | Data::Bytes(text) => {
                let n = index_arg(index, text.len())?;
                let kind = if matches!(item.data, Data::String(_)) { "string" } else { "slice" };
                let byte = text.as_bytes().get(n).ok_or_else(|| past_end(kind))?;
                Value::new(Data::Uint(u64::from(*byte), UintKind::Uint8)).with_origin(item.origin)
            }
            Data::List(list) => {
                let n = index_arg(index, list.len())?;
                list.get(n).ok_or_else(|| past_end("slice"))?
            }
            Data::Map(map) => {
                let key = match &index.data {
                    Data::String(text) => text,
                    Data::Nil => return Err(Error::new("value is nil; should be of type string")),
                    _ => {
                        let message = format!("value has type {}; should be string", type_name(index));
                        return Err(Error::new(message));
                    }
                };
                map.get(key.as_bytes()).unwrap_or_else(|| zero(map.type_of().element()))
            }
            _ => return Err(Error::new(format!("can't index item of type {}", pointed_type_name(&item)))),
        };
    }
    Ok(item)
}

fn slice(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let item = args.value(0);
    let indexes = args.rest(1);
    if item.is_nil() {
        return Err(Error::new("slice of untyped nil"));
    }
    if indexes.len() > 3 {
        return Err(Error::new(format!("too many slice indexes: {}", indexes.len())));
    }
    let len = match &item.data {
        Data::String(_) if indexes.len() == 3 => return Err(Error::new("cannot 3-index slice a string")),
        Data::String(text) | Data::Bytes(text) => text.len(),
        Data::List(list) => list.len(),
        _ => return Err(Error::new(format!("can't slice item of type {}", type_name(item)))),
    };
    let mut bounds = [0, len, len];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        *bound = index_arg(index, len)?;
    }
    let [start, end, limit] = bounds;
    if start > end {
        return Err(Error::new(format!("invalid slice index: {start} > {end}")));
    }
    if end > limit {
        return Err(Error::new(format!("invalid slice index: {end} > {limit}")));
    }
    Ok(match &item.data {
        Data::String(text) => Value::from(text.slice(start..end)),
        Data::Bytes(text) => Value::new(Data::Bytes(text.slice(start..end))),
        Data::List(list) => {
            Value::from(List::typed(list.type_of(), list[start..end].to_vec())).with_origin(item.origin)
        }
        _ => Value::INVALID,
    })
}

// ---- comparison ----

#[derive(PartialEq, Clone, Copy)]
enum Basic {
    Bool,
    Complex,
    Int,
    Float,
    String,
    Uint,
}

/// The number behind a type with a name, or the value itself.
fn scalar(value: &Value) -> Cow<'_, Value> {
    match &value.data {
        Data::Object(object) => object.scalar().map_or(Cow::Borrowed(value), Cow::Owned),
        _ => Cow::Borrowed(value),
    }
}

fn basic_kind(value: &Value) -> Option<Basic> {
    Some(match scalar(value).data {
        Data::Bool(_) => Basic::Bool,
        Data::Int(..) => Basic::Int,
        Data::Uint(..) => Basic::Uint,
        Data::Float(..) => Basic::Float,
        Data::Complex(..) => Basic::Complex,
        Data::String(_) => Basic::String,
        _ => return None,
    })
}

fn incompatible(a: &Value, b: &Value) -> Error {
    Error::new(format!("incompatible types for comparison: {} and {}", type_name(a), type_name(b)))
}

/// Whether the first value equals any of the others.
pub fn equal(first: &Value, others: &[Value]) -> Result<bool> {
    if others.is_empty() {
        return Err(Error::new("missing argument for comparison"));
    }
    let first_scalar = scalar(first);
    for other in others {
        let same = match (&first_scalar.data, &scalar(other).data) {
            (Data::Bool(a), Data::Bool(b)) => a == b,
            (Data::Int(a, _), Data::Int(b, _)) => a == b,
            (Data::Uint(a, _), Data::Uint(b, _)) => a == b,
            (Data::Float(a, _), Data::Float(b, _)) => a == b,
            (Data::Complex(a, b), Data::Complex(c, d)) => a == c && b == d,
            (Data::String(a), Data::String(b)) => a.as_bytes() == b.as_bytes(),
            (Data::Int(a, _), Data::Uint(b, _)) | (Data::Uint(b, _), Data::Int(a, _)) => {
                u64::try_from(*a).is_ok_and(|a| a == *b)
            }
            (a, b) if basic_kind(first) != basic_kind(other) => {
                if !matches!(a, Data::Nil) && !matches!(b, Data::Nil) {
                    return Err(incompatible(first, other));
                }
                false
            }
            _ => equal_composite(first, other)?,
        };
        if same {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Maps, slices and structs: only nil ones can be compared.
fn equal_composite(a: &Value, b: &Value) -> Result<bool> {
    let (a_kind, b_kind) = (a.kind(), b.kind());
    if a_kind != b_kind && a_kind != Kind::Invalid && b_kind != Kind::Invalid {
        let (a_shown, b_shown) = (fmt::sprint_string(a), fmt::sprint_value(b));
        let message =
            format!("non-comparable types {a_shown}: {}, {}: {b_shown}", type_name(a), type_name(b));
        return Err(Error::new(message));
    }
    let is_nil = |value: &Value| match &value.data {
        Data::Nil => true,
        Data::List(list) => list.is_nil(),
        Data::Map(map) => map.is_nil(),
        _ => false,
    };
    if is_nil(a) || is_nil(b) {
        return Ok(is_nil(a) == is_nil(b));
    }
    match (&a.data, &b.data) {
        (Data::Object(a), Data::Object(b)) => Ok(std::rc::Rc::ptr_eq(a, b) || a.equals(b.as_ref())),
        _ => Err(Error::new(format!("non-comparable type {}: {}", fmt::sprint_string(b), type_name(b)))),
    }
}

fn less(a: &Value, b: &Value) -> Result<bool> {
    let bad = || Error::new("invalid type for comparison");
    let a_kind = basic_kind(a).ok_or_else(bad)?;
    let b_kind = basic_kind(b).ok_or_else(bad)?;
    match (&scalar(a).data, &scalar(b).data) {
        (Data::Int(a, _), Data::Int(b, _)) => Ok(a < b),
        (Data::Uint(a, _), Data::Uint(b, _)) => Ok(a < b),
        (Data::Float(a, _), Data::Float(b, _)) => Ok(a < b),
        (Data::String(a), Data::String(b)) => Ok(a.as_bytes() < b.as_bytes()),
        (Data::Int(a, _), Data::Uint(b, _)) => Ok(u64::try_from(*a).is_ok_and(|a| a < *b) || *a < 0),
        (Data::Uint(a, _), Data::Int(b, _)) => Ok(u64::try_from(*b).is_ok_and(|b| *a < b)),
        _ if a_kind != b_kind => Err(incompatible(a, b)),
        _ => Err(bad()),
    }
}

fn less_or_equal(a: &Value, b: &Value) -> Result<bool> {
    Ok(less(a, b)? || equal(a, std::slice::from_ref(b))?)
}

// ---- escaping ----

/// The arguments as one text, as an action prints them.
fn joined(state: &mut State<'_>, args: &[Value]) -> Text {
    if let [Value { data: Data::String(text), .. }] = args {
        return text.clone();
    }
    if let [pointer @ Value { data: Data::Object(_), .. }] = args {
        let mut out = TextBuilder::new();
        fmt::print_value(state, out.bytes_mut(), pointer);
        let origin = state.origin_of(pointer);
        out.push(b"", origin);
        return out.finish();
    }
    let args: Vec<Value> = args
        .iter()
        .map(|arg| match &arg.data {
            Data::Nil => Value::from("<no value>"),
            _ => arg.clone(),
        })
        .collect();
    fmt::sprint(state, &args)
}

fn escaped(state: &mut State<'_>, args: &mut Args<'_>, escape: fn(&[u8], &mut Vec<u8>)) -> Result<Value> {
    let text = joined(state, args.all());
    state.spend_bytes(text.len())?;
    let mut out = TextBuilder::with_capacity(text.len());
    let mut start = 0;
    for run in text.runs(0..text.len()) {
        let end = run.end as usize;
        escape(&text.as_bytes()[start..end], out.bytes_mut());
        let origin = state.origins.of_run(&run);
        out.push(b"", origin);
        start = end;
    }
    Ok(out.finish().into())
}

fn html_escape(bytes: &[u8], out: &mut Vec<u8>) {
    for &byte in bytes {
        match byte {
            0 => out.extend_from_slice("\u{FFFD}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            _ => out.push(byte),
        }
    }
}

fn js_escape(bytes: &[u8], out: &mut Vec<u8>) {
    let mut rest = bytes;
    while let Some(&byte) = rest.first() {
        if byte < 0x80 {
            match byte {
                b'\\' => out.extend_from_slice(br"\\"),
                b'\'' => out.extend_from_slice(br"\'"),
                b'"' => out.extend_from_slice(b"\\\""),
                b'<' | b'>' | b'&' | b'=' | 0..b' ' => {
                    out.extend_from_slice(format!("\\u{byte:04X}").as_bytes());
                }
                _ => out.push(byte),
            }
            rest = &rest[1..];
            continue;
        }
        let (c, size) = bstr::decode_utf8(rest);
        let size = if c.is_some() { size } else { 1 };
        let c = c.unwrap_or('\u{FFFD}');
        if crate::quote::is_print(c) {
            out.extend_from_slice(&rest[..size]);
        } else {
            out.extend_from_slice(format!("\\u{:04X}", c as u32).as_bytes());
        }
        rest = &rest[size..];
    }
}

/// `url.QueryEscape`.
pub fn query_escape(bytes: &[u8], out: &mut Vec<u8>) {
    for &byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte),
            b' ' => out.push(b'+'),
            _ => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
}
