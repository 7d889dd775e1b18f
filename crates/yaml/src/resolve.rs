//! What a scalar means: go-yaml's YAML 1.1 resolution.

use std::borrow::Cow;

use crate::number::{is_yaml_float, parse_dotted_float, parse_float, parse_int, parse_uint};
use crate::timestamp::is_timestamp;

/// Which library resolves: the two know different words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V2,
    V3,
}

/// The meaning of a scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Resolved {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Str,
    /// Looks like a timestamp; decoded into an interface it is a string.
    Timestamp,
}

impl Resolved {
    /// The short form of the tag this is.
    fn short_tag(self) -> &'static str {
        match self {
            Self::Null => "!!null",
            Self::Bool(_) => "!!bool",
            Self::Int(_) | Self::Uint(_) => "!!int",
            Self::Float(_) => "!!float",
            Self::Str => "!!str",
            Self::Timestamp => "!!timestamp",
        }
    }
}

const PREFIX: &[u8] = b"tag:yaml.org,2002:";

/// `!!str` for `tag:yaml.org,2002:str`.
pub(crate) fn short_tag(tag: &[u8]) -> String {
    match tag.strip_prefix(PREFIX) {
        Some(name) => format!("!!{}", String::from_utf8_lossy(name)),
        None => String::from_utf8_lossy(tag).into_owned(),
    }
}

/// Resolves a scalar with an explicit tag (in its long form).
///
/// # Errors
///
/// The problem text, if the value is not of the tag's type.
pub(crate) fn resolve_tagged(tag: &[u8], value: &[u8]) -> Result<Resolved, String> {
    let name = tag.strip_prefix(PREFIX).unwrap_or_default();
    let resolved = match name {
        b"str" => return Ok(Resolved::Str),
        b"bool" | b"int" | b"null" => resolve_with(value, Version::V2, false),
        b"float" => match resolve_with(value, Version::V2, false) {
            Resolved::Int(value) => Resolved::Float(value as f64),
            resolved => resolved,
        },
        b"timestamp" => resolve_with(value, Version::V2, true),
        // Any other tag leaves the text alone.
        _ => return Ok(Resolved::Str),
    };
    if resolved.short_tag().as_bytes()[2..] == *name {
        return Ok(resolved);
    }
    let value = String::from_utf8_lossy(value);
    Err(format!("cannot decode {} `{value}` as a {}", resolved.short_tag(), short_tag(tag)))
}

/// Resolves a scalar without a tag.
pub(crate) fn resolve(value: &[u8], version: Version) -> Resolved {
    let Some(first) = value.first() else { return Resolved::Null };
    // Only these can start anything but a string.
    match first {
        b'+' | b'-' | b'0'..=b'9' | b'.' | b'~' => {}
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' if value.len() <= 5 => {}
        _ => return Resolved::Str,
    }
    resolve_with(value, version, true)
}

fn resolve_with(value: &[u8], version: Version, timestamps: bool) -> Resolved {
    if let Some(word) = resolve_word(value, version) {
        return word;
    }
    match value.first() {
        Some(b'.') => parse_dotted_float(value).map_or(Resolved::Str, Resolved::Float),
        Some(b'+' | b'-' | b'0'..=b'9') => {
            if timestamps && is_timestamp(value) {
                return Resolved::Timestamp;
            }
            resolve_number(value, version)
        }
        _ => Resolved::Str,
    }
}

fn resolve_word(value: &[u8], version: Version) -> Option<Resolved> {
    Some(match value {
        b"" | b"~" | b"null" | b"Null" | b"NULL" => Resolved::Null,
        b"true" | b"True" | b"TRUE" => Resolved::Bool(true),
        b"false" | b"False" | b"FALSE" => Resolved::Bool(false),
        b".nan" | b".NaN" | b".NAN" => Resolved::Float(f64::NAN),
        b".inf" | b".Inf" | b".INF" | b"+.inf" | b"+.Inf" | b"+.INF" => Resolved::Float(f64::INFINITY),
        b"-.inf" | b"-.Inf" | b"-.INF" => Resolved::Float(f64::NEG_INFINITY),
        _ if version == Version::V2 => Resolved::Bool(old_bool(value)?),
        _ => return None,
    })
}

/// The booleans of YAML 1.1 that YAML 1.2 dropped.
pub(crate) fn old_bool(value: &[u8]) -> Option<bool> {
    match value {
        b"y" | b"Y" | b"yes" | b"Yes" | b"YES" | b"on" | b"On" | b"ON" => Some(true),
        b"n" | b"N" | b"no" | b"No" | b"NO" | b"off" | b"Off" | b"OFF" => Some(false),
        _ => None,
    }
}

fn resolve_number(value: &[u8], version: Version) -> Resolved {
    let plain: Cow<'_, [u8]> = if value.contains(&b'_') {
        value.iter().copied().filter(|byte| *byte != b'_').collect()
    } else {
        Cow::Borrowed(value)
    };
    if let Ok(value) = parse_int(&plain, 0) {
        return Resolved::Int(value);
    }
    if let Ok(value) = parse_uint(&plain, 0) {
        return Resolved::Uint(value);
    }
    if is_yaml_float(&plain)
        && let Some(value) = parse_float(&plain)
    {
        return Resolved::Float(value);
    }
    // What is left are oddities of go-yaml: a sign after the prefix.
    let resolved = match &*plain {
        [b'0', b'b', digits @ ..] => parse_prefixed(digits, 2),
        [b'-', b'0', b'b', digits @ ..] => parse_negative(digits, 2),
        [b'0', b'o', digits @ ..] if version == Version::V3 => parse_prefixed(digits, 8),
        [b'-', b'0', b'o', digits @ ..] if version == Version::V3 => parse_negative(digits, 8),
        _ => None,
    };
    resolved.unwrap_or(Resolved::Str)
}

fn parse_prefixed(digits: &[u8], base: u32) -> Option<Resolved> {
    let int = parse_int(digits, base).map(Resolved::Int);
    int.or_else(|_| parse_uint(digits, base).map(Resolved::Uint)).ok()
}

fn parse_negative(digits: &[u8], base: u32) -> Option<Resolved> {
    parse_int(&[b"-", digits].concat(), base).map(Resolved::Int).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_1_1_words_and_numbers() {
        for (text, resolved) in [
            ("yes", Resolved::Bool(true)),
            ("Off", Resolved::Bool(false)),
            ("yEs", Resolved::Str),
            ("y", Resolved::Bool(true)),
            ("~", Resolved::Null),
            ("", Resolved::Null),
            ("017", Resolved::Int(15)),
            ("0o17", Resolved::Int(15)),
            ("08", Resolved::Float(8.0)),
            ("1_000", Resolved::Int(1000)),
            ("0b-101", Resolved::Int(-5)),
            ("1e400", Resolved::Str),
            ("18446744073709551615", Resolved::Uint(u64::MAX)),
            ("18446744073709551616", Resolved::Float(18_446_744_073_709_551_616.0)),
            ("1:30", Resolved::Str),
            ("2020-01-01", Resolved::Timestamp),
            (".5", Resolved::Float(0.5)),
            ("<<", Resolved::Str),
            ("_1", Resolved::Str),
            ("-", Resolved::Str),
            ("+.inf", Resolved::Float(f64::INFINITY)),
        ] {
            assert_eq!(resolve(text.as_bytes(), Version::V2), resolved, "{text}");
        }
        assert_eq!(resolve(b"yes", Version::V3), Resolved::Str);
        assert_eq!(resolve(b"0o-7", Version::V3), Resolved::Int(-7));
        assert_eq!(resolve(b"0o-7", Version::V2), Resolved::Str);
    }

    #[test]
    fn tags_are_checked() {
        let tagged = |tag: &str, value: &str| resolve_tagged(tag.as_bytes(), value.as_bytes());
        assert_eq!(tagged("tag:yaml.org,2002:str", "1"), Ok(Resolved::Str));
        assert_eq!(tagged("tag:yaml.org,2002:float", "1"), Ok(Resolved::Float(1.0)));
        assert_eq!(tagged("tag:yaml.org,2002:int", "1"), Ok(Resolved::Int(1)));
        assert_eq!(tagged("!custom", "1"), Ok(Resolved::Str));
        assert_eq!(
            tagged("tag:yaml.org,2002:int", "x"),
            Err("cannot decode !!str `x` as a !!int".to_owned())
        );
        assert_eq!(tagged("tag:yaml.org,2002:int", ""), Err("cannot decode !!null `` as a !!int".to_owned()));
    }
}
