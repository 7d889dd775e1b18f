//! Reads JSON lines of which each is an object of strings.

use std::collections::BTreeMap;
use std::path::Path;

/// One line: its members by name.
pub(crate) type Record = BTreeMap<String, String>;

pub(crate) fn read(file: &str) -> Vec<Record> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inputs/parse").join(file);
    let text = std::fs::read_to_string(path).expect("the file is in the repository");
    text.lines().map(|line| object(line).unwrap_or_else(|| panic!("{file}: bad line {line}"))).collect()
}

fn object(line: &str) -> Option<Record> {
    let mut rest = line.strip_prefix('{')?;
    let mut record = Record::new();
    while !rest.starts_with('}') {
        let (name, after) = string(rest.strip_prefix(',').unwrap_or(rest))?;
        let (value, after) = string(after.strip_prefix(':')?)?;
        record.insert(name, value);
        rest = after;
    }
    (rest == "}").then_some(record)
}

fn string(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut rest = text.trim_start().strip_prefix('"')?;
    loop {
        let end = rest.find(['"', '\\'])?;
        out.push_str(&rest[..end]);
        if rest[end..].starts_with('"') {
            return Some((out, &rest[end + 1..]));
        }
        let escape = rest[end + 1..].chars().next()?;
        rest = &rest[end + 2..];
        out.push(match escape {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'b' => '\x08',
            'f' => '\x0c',
            'u' => {
                let unit = u32::from_str_radix(rest.get(..4)?, 16).ok()?;
                rest = &rest[4..];
                // No line has escapes for characters beyond U+FFFF.
                char::from_u32(unit)?
            }
            other => other,
        });
    }
}
