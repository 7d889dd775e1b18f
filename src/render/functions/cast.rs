//! Conversions between kinds of values: `spf13/cast` as Sprig calls it, and Sprig's own to text.

use chart_lint_template::strconv::{parse_float, parse_int};
use chart_lint_template::{Data, List, Object, State, Text, TextBuilder, Type, Value, fmt};

/// `cast.ToInt64`: what cannot be converted is 0.
pub(super) fn to_int64(value: &Value) -> i64 {
    match &value.data {
        Data::Int(n, _) => *n,
        Data::Uint(n, _) => *n as i64,
        Data::Float(n, _) => float_to_int64(*n),
        // The base is told by the prefix, so that "010" is 8 and "08" is nothing at all.
        Data::String(text) => parse_int(without_zero_fraction(text.as_bytes()), 0).unwrap_or(0),
        Data::Bool(b) => i64::from(*b),
        Data::Object(object) => calendar_number(object.as_ref()).unwrap_or(0),
        Data::Nil | Data::Complex(..) | Data::Bytes(_) | Data::List(_) | Data::Map(_) => 0,
    }
}

/// `cast.ToFloat64`: what cannot be converted is 0.
pub(super) fn to_float64(value: &Value) -> f64 {
    match &value.data {
        Data::Int(n, _) => *n as f64,
        Data::Uint(n, _) => *n as f64,
        Data::Float(n, _) => *n,
        Data::String(text) => parse_float(text.as_bytes()).unwrap_or(0.0),
        Data::Bool(b) => f64::from(u8::from(*b)),
        Data::Object(object) => calendar_number(object.as_ref()).unwrap_or(0) as f64,
        Data::Nil | Data::Complex(..) | Data::Bytes(_) | Data::List(_) | Data::Map(_) => 0.0,
    }
}

/// Of the numbers with a name only months and days of the week are known to `cast`, durations are not.
fn calendar_number(object: &dyn Object) -> Option<i64> {
    let is_known =
        matches!(object.type_of(), Type::Named(named) if matches!(named.name, "time.Month" | "time.Weekday"));
    match object.scalar().filter(|_| is_known)?.data {
        Data::Int(n, _) => Some(n),
        _ => None,
    }
}

/// Go's conversion on amd64: whatever does not fit becomes the smallest integer.
pub(super) fn float_to_int64(n: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&n) { n as i64 } else { i64::MIN }
}

/// `1.00` is read as `1`, but `1.50` stays as it is.
fn without_zero_fraction(text: &[u8]) -> &[u8] {
    let zeros = text.iter().rev().take_while(|&&byte| byte == b'0').count();
    match text[..text.len() - zeros].split_last() {
        Some((b'.', integer)) if zeros > 0 => integer,
        _ => text,
    }
}

/// Sprig's `strval`: strings and bytes as they are, everything else as `%v`.
pub(super) fn to_text(state: &mut State<'_>, value: &Value) -> Text {
    match &value.data {
        Data::String(text) | Data::Bytes(text) => text.clone(),
        Data::List(list) if list.type_of() == Type::BYTES => Text::default(),
        _ => to_shown_text(state, value),
    }
}

/// `%v` of a value.
pub(super) fn to_shown_text(state: &mut State<'_>, value: &Value) -> Text {
    let mut out = TextBuilder::new();
    push_shown(state, &mut out, value);
    out.finish()
}

/// Appends a value as `%v`.
pub(super) fn push_shown(state: &mut State<'_>, out: &mut TextBuilder, value: &Value) {
    match &value.data {
        Data::String(text) => fmt::push_charged(state, out, text),
        _ => {
            fmt::append_v(state, out.bytes_mut(), value);
            let origin = state.origin_of(value);
            out.push(b"", origin);
        }
    }
}

/// Sprig's `strslice`: the elements of a list as text, those that are nil left out; of anything else a list of one.
pub(super) fn to_strings(state: &mut State<'_>, value: &Value) -> List {
    match &value.data {
        Data::List(list) if list.type_of() == Type::STRINGS => list.clone(),
        Data::List(list) => {
            let items = list.iter().filter(|item| !item.is_nil());
            let items = items.map(|item| to_text(state, item).into()).collect();
            List::with_capacity(Type::STRINGS, items, list.len())
        }
        Data::Bytes(text) => {
            let origin = state.origin_of_text(text);
            List::of_strings(text.as_bytes().iter().map(|byte| Text::new(byte.to_string(), origin)))
        }
        Data::Nil => List::of_strings::<Text>([]),
        _ => List::of_strings([to_text(state, value)]),
    }
}

/// Sprig's `empty`: nil, false, zero, or of no length.
pub(super) fn is_empty(value: &Value) -> bool {
    !value.is_true()
}
