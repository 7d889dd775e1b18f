//! Values as Go's `%#v` prints them, for the few errors that do.

use std::cmp::Ordering;
use std::fmt::Write as _;

use crate::number::write_float;
use crate::token::Text;
use crate::value::{Data, EntrySlot, KeyKind, Tree};

/// The error of sigs.k8s.io/yaml for a key that is no string, number or boolean.
pub(crate) fn unfit_key(tree: &Tree<'_>, entry: &EntrySlot) -> String {
    let type_name = match entry.kind {
        KeyKind::Null => "%!s(<nil>)",
        _ => "uint64",
    };
    let key = format_key(tree, entry.key, entry.kind);
    let value = format(tree, entry.value);
    format!("unsupported map key of type: {type_name}, key: {key}, value: {value}")
}

/// `%#v` of a key as yaml.v2 decodes it.
pub(crate) fn format_key(tree: &Tree<'_>, text: Text, kind: KeyKind) -> String {
    match kind {
        KeyKind::String => quote(tree.bytes(text)),
        KeyKind::Bool(value) => value.to_string(),
        KeyKind::Int(value) => value.to_string(),
        KeyKind::Uint(value) => format!("{value:#x}"),
        KeyKind::Float(value) => float(value),
        KeyKind::Null => "<nil>".to_owned(),
    }
}

fn float(value: f64) -> String {
    let mut out = Vec::new();
    write_float(value, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// What is still to be printed.
enum Job<'t> {
    Value(u32),
    Key(&'t EntrySlot),
    Text(&'static str),
}

/// `%#v` of a value as yaml.v2 decodes it.
pub(crate) fn format(tree: &Tree<'_>, value: u32) -> String {
    if let Data::Null = tree.values[value as usize].data {
        return "<nil>".to_owned();
    }
    let mut out = String::new();
    let mut jobs = vec![Job::Value(value)];
    while let Some(job) = jobs.pop() {
        let value = match job {
            Job::Text(text) => {
                out.push_str(text);
                continue;
            }
            Job::Key(entry) => {
                match entry.kind {
                    KeyKind::Null => out.push_str("interface {}(nil)"),
                    kind => out.push_str(&format_key(tree, entry.key, kind)),
                }
                continue;
            }
            Job::Value(value) => value,
        };
        match tree.values[value as usize].data {
            Data::Null => out.push_str("interface {}(nil)"),
            Data::Bool(value) => out.push_str(if value { "true" } else { "false" }),
            Data::Int(value) => out.push_str(&value.to_string()),
            // Go prints unsigned integers in hexadecimal here.
            Data::Uint(value) => {
                let _ = write!(out, "{value:#x}");
            }
            Data::Float(value) => out.push_str(&float(value)),
            Data::String(text) => out.push_str(&quote(tree.bytes(text))),
            Data::Seq(start, end) => {
                out.push_str("[]interface {}{");
                jobs.push(Job::Text("}"));
                for (at, item) in tree.items[start as usize..end as usize].iter().enumerate().rev() {
                    jobs.push(Job::Value(*item));
                    jobs.push(Job::Text(if at > 0 { ", " } else { "" }));
                }
            }
            Data::Map(start, end) => {
                out.push_str("map[interface {}]interface {}{");
                jobs.push(Job::Text("}"));
                let mut entries: Vec<_> = tree.entries[start as usize..end as usize].iter().collect();
                entries.sort_by(|a, b| compare_keys(tree, a, b));
                for (at, entry) in entries.into_iter().enumerate().rev() {
                    jobs.push(Job::Value(entry.value));
                    jobs.push(Job::Text(":"));
                    jobs.push(Job::Key(entry));
                    jobs.push(Job::Text(if at > 0 { ", " } else { "" }));
                }
            }
        }
    }
    out
}

/// fmt's order of map keys. Between keys of different types it depends on where the linker put the
/// types; this is how it is in Helm v4.2.4.
fn compare_keys(tree: &Tree<'_>, a: &EntrySlot, b: &EntrySlot) -> Ordering {
    match (a.kind, b.kind) {
        (KeyKind::String, KeyKind::String) => tree.bytes(a.key).cmp(tree.bytes(b.key)),
        (KeyKind::Int(a), KeyKind::Int(b)) => a.cmp(&b),
        (KeyKind::Uint(a), KeyKind::Uint(b)) => a.cmp(&b),
        (KeyKind::Bool(a), KeyKind::Bool(b)) => a.cmp(&b),
        (KeyKind::Float(a), KeyKind::Float(b)) => {
            // NaN comes first.
            a.partial_cmp(&b).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
        }
        (a, b) => type_rank(a).cmp(&type_rank(b)),
    }
}

fn type_rank(kind: KeyKind) -> u8 {
    match kind {
        KeyKind::Null => 0,
        KeyKind::String => 1,
        KeyKind::Uint(_) => 2,
        KeyKind::Int(_) => 3,
        KeyKind::Float(_) => 4,
        KeyKind::Bool(_) => 5,
    }
}

/// `strconv.Quote`.
fn quote(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\x07' => out.push_str("\\a"),
                '\x08' => out.push_str("\\b"),
                '\x0C' => out.push_str("\\f"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\x0B' => out.push_str("\\v"),
                ' '..='~' => out.push(character),
                '\0'..='\x7F' => {
                    let _ = write!(out, "\\x{:02x}", character as u32);
                }
                _ if is_unprintable(character) => {
                    let value = character as u32;
                    let _ = if value > 0xFFFF {
                        write!(out, "\\U{value:08x}")
                    } else {
                        write!(out, "\\u{value:04x}")
                    };
                }
                _ => out.push(character),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out.push('"');
    out
}

/// What `strconv.IsPrint` refuses, as far as Rust's own tables know it.
fn is_unprintable(character: char) -> bool {
    // A combining mark is escaped by Rust but printed by Go.
    let escaped = character.escape_debug().len() > 1;
    character.is_control() || character.is_whitespace() || (escaped && !is_mark(character))
}

fn is_mark(character: char) -> bool {
    // With a letter before it a mark that Rust can print stays as it is.
    let text: String = ['a', character].iter().collect();
    text.escape_debug().count() == 2
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn strings_are_quoted_as_go_quotes_them() {
        assert_eq!(quote("a\"\\\n\u{1}é".as_bytes()), "\"a\\\"\\\\\\n\\x01é\"");
        assert_eq!(quote("\u{85}\u{A0}\u{FEFF}\u{200B}".as_bytes()), "\"\\u0085\\u00a0\\ufeff\\u200b\"");
        assert_eq!(quote(b"\xff"), "\"\\xff\"");
        assert_eq!(quote("e\u{301}😀".as_bytes()), "\"e\u{301}😀\"");
    }
}
