//! TOML as Helm's library BurntSushi/toml 1.6 writes and reads it, and the functions that do so.

use chart_lint_template::{Args, Error, Function, Map, Result, State, Type, Value};

use self::decode::Failure;

mod decode;
mod encode;
mod lexer;

pub(super) static FUNCTIONS: &[Function] = &[
    Function { name: "toToml", params: &[Type::Interface], variadic: false, run: to_toml },
    Function { name: "mustToToml", params: &[Type::Interface], variadic: false, run: must_to_toml },
    Function { name: "fromToml", params: &[Type::String], variadic: false, run: from_toml },
];

/// Go's text for nil, which is a panic and no error of the library.
const NIL: &str = "reflect: call of reflect.Value.Type on zero Value";

fn to_toml(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    match encode::encode(state, args.value(0)) {
        Ok(text) => Ok(Value::from(text)),
        Err(error) if error.is_limit() || error.own_text() == NIL => Err(error),
        // Helm gives the text of the error as the result.
        Err(error) => Ok(Value::from(error.to_string())),
    }
}

fn must_to_toml(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    encode::encode(state, args.value(0)).map(Value::from)
}

fn from_toml(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let text = args.text(0);
    state.spend_steps(1 + text.len() as u64 / 16)?;
    match decode::decode(&text, &mut state.origins) {
        Ok(map) => Ok(Value::from(map)),
        Err(Failure::Toml(message)) => {
            let map = Map::dict();
            map.insert("Error", Value::from(message));
            Ok(Value::from(map))
        }
        Err(Failure::Bug(message)) => Err(Error::new(message)),
        Err(Failure::Limit(error)) => Err(error),
    }
}

/// A part of a key, in quotes if it has to be.
fn bare_key(part: &[u8]) -> Vec<u8> {
    let is_bare = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !part.is_empty() && part.iter().all(is_bare) {
        return part.to_vec();
    }
    let mut out = vec![b'"'];
    encode::append_escaped(&mut out, part);
    out.push(b'"');
    out
}

/// A whole key, with points between its parts.
fn key_text(key: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for (i, part) in key.iter().enumerate() {
        if i > 0 {
            out.push(b'.');
        }
        out.extend_from_slice(&bare_key(part));
    }
    out
}
