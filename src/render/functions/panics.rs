//! The texts of Go's runtime panics, which Helm prints as errors.

use chart_lint_template::{Error, Value};

/// What calling a method of the type of a nil interface gives.
pub(super) fn nil_pointer() -> Error {
    Error::new("runtime error: invalid memory address or nil pointer dereference")
}

/// A type assertion that does not hold.
pub(super) fn not_a(value: &Value, wanted: &str) -> Error {
    let found = match value.type_of().filter(|_| !value.is_nil()) {
        Some(type_of) => type_of.to_string(),
        None => "nil".to_owned(),
    };
    Error::new(format!("interface conversion: interface {{}} is {found}, not {wanted}"))
}

/// A division by zero.
pub(super) fn divide() -> Error {
    Error::new("runtime error: integer divide by zero")
}

/// `text[start:end]` that is out of range; `None` stands for a bound that is left out. Go looks at the end first.
pub(super) fn slice_bounds(start: Option<i64>, end: Option<i64>, length: usize) -> Error {
    let message = match (start, end) {
        (_, Some(end)) if end < 0 => format!("[:{end}]"),
        (_, Some(end)) if end as u64 > length as u64 => format!("[:{end}] with length {length}"),
        (Some(start), _) if start < 0 => format!("[{start}:]"),
        (start, end) => format!("[{}:{}]", start.unwrap_or(0), end.unwrap_or(length as i64)),
    };
    Error::new(format!("runtime error: slice bounds out of range {message}"))
}

/// A slice of a negative length, or of one that memory cannot hold.
pub(super) fn makeslice() -> Error {
    Error::new("runtime error: makeslice: len out of range")
}

/// A method of `reflect.Value` that a value of this kind does not have.
pub(super) fn reflect_call(method: &str, kind: &str) -> Error {
    Error::new(format!("reflect: call of reflect.Value.{method} on {kind} Value"))
}
