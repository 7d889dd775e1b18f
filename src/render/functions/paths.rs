//! Sprig's functions on paths: Go's package `path`, and `path/filepath` as it is on Unix, which is the same.

use bstr::ByteSlice;
use chart_lint_template::{Args, Function, Result, State, Text, Type, Value};

use super::rewriter::Rewriter;

const TEXT: &[Type] = &[Type::String];

pub(super) static FUNCTIONS: &[Function] = &[
    Function { name: "base", params: TEXT, variadic: false, run: base },
    Function { name: "osBase", params: TEXT, variadic: false, run: base },
    Function { name: "dir", params: TEXT, variadic: false, run: dir },
    Function { name: "osDir", params: TEXT, variadic: false, run: dir },
    Function {
        name: "clean",
        params: TEXT,
        variadic: false,
        run: |state, args| Ok(cleaned(state, &args.text(0)).into()),
    },
    Function {
        name: "osClean",
        params: TEXT,
        variadic: false,
        run: |state, args| Ok(cleaned(state, &args.text(0)).into()),
    },
    Function { name: "ext", params: TEXT, variadic: false, run: ext },
    Function { name: "osExt", params: TEXT, variadic: false, run: ext },
    Function {
        name: "isAbs",
        params: TEXT,
        variadic: false,
        run: |_, args| Ok(args.bytes(0).starts_with(b"/").into()),
    },
    Function {
        name: "osIsAbs",
        params: TEXT,
        variadic: false,
        run: |_, args| Ok(args.bytes(0).starts_with(b"/").into()),
    },
];

/// The last part, without slashes at its end.
fn base(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let path = args.text(0);
    if path.is_empty() {
        return Ok(Value::from("."));
    }
    let end = path.as_bytes().iter().rposition(|&byte| byte != b'/').map_or(0, |last| last + 1);
    if end == 0 {
        return Ok(path.slice(0..1).into());
    }
    let start = path.as_bytes()[..end].rfind_byte(b'/').map_or(0, |slash| slash + 1);
    Ok(path.slice(start..end).into())
}

/// All but the last part, cleaned.
fn dir(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let path = args.text(0);
    let end = path.as_bytes().rfind_byte(b'/').map_or(0, |slash| slash + 1);
    Ok(cleaned(state, &path.slice(0..end)).into())
}

/// What follows the last dot of the last part, with the dot.
fn ext(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let path = args.text(0);
    let name = path.as_bytes().rfind_byte(b'/').map_or(0, |slash| slash + 1);
    let start = path.as_bytes()[name..].rfind_byte(b'.').map_or(path.len(), |dot| name + dot);
    Ok(path.slice(start..path.len()).into())
}

/// The shortest path that means the same, without looking at any file system.
fn cleaned(state: &mut State<'_>, path: &Text) -> Text {
    let bytes = path.as_bytes();
    if bytes.is_empty() {
        return Text::new(&b"."[..], state.origin_of_text(path));
    }
    let is_rooted = bytes.starts_with(b"/");
    // The parts that stay, by their places.
    let mut parts: Vec<std::ops::Range<usize>> = Vec::new();
    let mut start = 0;
    for part in bytes.split(|&byte| byte == b'/') {
        let range = start..start + part.len();
        start = range.end + 1;
        match part {
            b"" | b"." => {}
            b".." => match parts.last() {
                Some(last) if &bytes[last.clone()] != b".." => drop(parts.pop()),
                _ if is_rooted => {}
                _ => parts.push(range),
            },
            _ => parts.push(range),
        }
    }
    let mut out = Rewriter::new(path);
    if is_rooted {
        out.at(state, 0).push(b'/');
    }
    if parts.is_empty() && !is_rooted {
        out.at(state, 0).push(b'.');
    }
    for (i, part) in parts.into_iter().enumerate() {
        if i > 0 {
            out.at(state, part.start - 1).push(b'/');
        }
        for at in part {
            out.at(state, at).push(bytes[at]);
        }
    }
    out.finish()
}
