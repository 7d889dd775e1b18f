//! Sprig's functions of defaults (`default`, `coalesce`, `ternary`) and of reflection (`typeOf`, `kindIs`, `deepEqual`).

use std::collections::HashSet;

use chart_lint_template::{Args, Data, Function, Kind, List, Map, Result, State, Type, Value};
use rustc_hash::FxBuildHasher;

use super::cast::is_empty;

const ANY: &[Type] = &[Type::Interface];
const TWO: &[Type] = &[Type::Interface, Type::Interface];
const TEXT_AND_ANY: &[Type] = &[Type::String, Type::Interface];

pub(super) static FUNCTIONS: &[Function] = &[
    Function { name: "default", params: TWO, variadic: true, run: default },
    Function {
        name: "empty",
        params: ANY,
        variadic: false,
        run: |_, args| Ok(is_empty(args.value(0)).into()),
    },
    Function { name: "coalesce", params: ANY, variadic: true, run: coalesce },
    Function {
        name: "all",
        params: ANY,
        variadic: true,
        run: |_, args| Ok((!args.all().iter().any(is_empty)).into()),
    },
    Function {
        name: "any",
        params: ANY,
        variadic: true,
        run: |_, args| Ok((!args.all().iter().all(is_empty)).into()),
    },
    Function {
        name: "ternary",
        params: &[Type::Interface, Type::Interface, Type::Bool],
        variadic: false,
        run: ternary,
    },
    Function {
        name: "typeOf",
        params: ANY,
        variadic: false,
        run: |_, args| Ok(type_name(args.value(0)).into()),
    },
    Function { name: "typeIs", params: TEXT_AND_ANY, variadic: false, run: type_is },
    Function { name: "typeIsLike", params: TEXT_AND_ANY, variadic: false, run: type_is_like },
    Function {
        name: "kindOf",
        params: ANY,
        variadic: false,
        run: |_, args| Ok(args.value(0).kind().to_string().into()),
    },
    Function { name: "kindIs", params: TEXT_AND_ANY, variadic: false, run: kind_is },
    Function { name: "deepEqual", params: TWO, variadic: false, run: run_deep_equal },
];

fn default(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let is_given = args.len() > 1 && !is_empty(args.value(1));
    state.note_choice(is_given);
    Ok(args.take(usize::from(is_given)).boxed())
}

fn coalesce(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let found = args.all().iter().position(|value| !is_empty(value));
    state.note_choice(found.is_some_and(|index| index + 1 < args.len()));
    Ok(found.map_or(Value::NIL, |index| args.take(index).boxed()))
}

fn ternary(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let index = if args.bool(2) { 0 } else { 1 };
    state.note_choice(index == 0);
    Ok(args.take(index).boxed())
}

/// `%T`.
fn type_name(value: &Value) -> String {
    value.type_of().filter(|_| !value.is_nil()).map_or_else(|| "<nil>".to_owned(), |found| found.to_string())
}

fn type_is(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    Ok((type_name(args.value(1)).as_bytes() == args.bytes(0)).into())
}

fn type_is_like(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let found = type_name(args.value(1));
    let wanted = args.bytes(0);
    Ok((found.as_bytes() == wanted || found.as_bytes().strip_prefix(b"*") == Some(wanted)).into())
}

fn kind_is(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    Ok((args.value(1).kind().to_string().as_bytes() == args.bytes(0)).into())
}

fn run_deep_equal(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    deep_equal(state, args.value(0), args.value(1)).map(Value::from)
}

/// `reflect.DeepEqual`: of the same type, and the same all the way down.
pub(super) fn deep_equal(state: &mut State<'_>, a: &Value, b: &Value) -> Result<bool> {
    let mut pending = Vec::new();
    if !same_here(a, b, &mut pending) {
        return Ok(false);
    }
    let mut seen = HashSet::with_hasher(FxBuildHasher);
    while let Some((a, b)) = pending.pop() {
        state.spend_steps(1)?;
        let same = match (&a.data, &b.data) {
            (Data::Map(a), Data::Map(b)) => {
                !seen.insert((a.address(), b.address())) || same_entries(a, b, &mut pending)
            }
            (Data::List(a), Data::List(b)) => {
                !seen.insert((a.as_ptr() as usize, b.as_ptr() as usize))
                    || a.iter().zip(b.iter()).all(|(a, b)| same_here(a, b, &mut pending))
            }
            (Data::Object(a), Data::Object(b)) => {
                if let (Some(a), Some(b)) = (a.scalar(), b.scalar()) {
                    pending.push((a, b));
                    continue;
                }
                let (a, b) = (a.fields(), b.fields());
                let mut pairs = a.iter().zip(&b);
                a.len() == b.len() && pairs.all(|(a, b)| same_here(&a.value, &b.value, &mut pending))
            }
            _ => same_here(&a, &b, &mut Vec::new()),
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Compares what is not nested; what is goes to `pending` if it may be the same.
fn same_here(a: &Value, b: &Value, pending: &mut Vec<(Value, Value)>) -> bool {
    let nested = match (&a.data, &b.data) {
        (Data::Nil, Data::Nil) => return true,
        (Data::Bool(a), Data::Bool(b)) => return a == b,
        (Data::Int(a, a_kind), Data::Int(b, b_kind)) => return a == b && a_kind == b_kind,
        (Data::Uint(a, a_kind), Data::Uint(b, b_kind)) => return a == b && a_kind == b_kind,
        (Data::Float(a, a_kind), Data::Float(b, b_kind)) => return a == b && a_kind == b_kind,
        (Data::Complex(a, b), Data::Complex(c, d)) => return a == c && b == d,
        (Data::String(a), Data::String(b)) | (Data::Bytes(a), Data::Bytes(b)) => {
            return a.as_bytes() == b.as_bytes();
        }
        (Data::List(a), Data::List(b)) => {
            if a.type_of() != b.type_of() || a.is_nil() != b.is_nil() || a.len() != b.len() {
                return false;
            }
            !List::same(a, b)
        }
        (Data::Map(a), Data::Map(b)) => {
            if a.type_of() != b.type_of() || a.is_nil() != b.is_nil() || a.len() != b.len() {
                return false;
            }
            !Map::same(a, b)
        }
        (Data::Object(object), Data::Object(other)) => {
            if object.type_of() != other.type_of() {
                return false;
            }
            // Two pointers to the same struct are equal whatever is in it.
            !(std::rc::Rc::ptr_eq(object, other) && a.kind() == Kind::Pointer)
        }
        _ => return false,
    };
    if nested {
        pending.push((a.clone(), b.clone()));
    }
    true
}

fn same_entries(a: &Map, b: &Map, pending: &mut Vec<(Value, Value)>) -> bool {
    let (Some(a), Some(b)) = (a.borrow(), b.borrow()) else { return true };
    // Both are sorted by key and have as many entries.
    a.iter()
        .zip(b.iter())
        .all(|((a_key, a), (b_key, b))| a_key == b_key && same_here(&a.value, &b.value, pending))
}
