//! Quoting and unquoting as Go's `strconv` does it.

use std::borrow::Cow;

use crate::unicode::decode;

pub use crate::unicode::is_print;

/// A string constant in double quotes: `strconv.Quote`, and `%q` of `fmt`.
///
/// ```
/// # use chart_lint_template::quote::go_quote;
/// assert_eq!(go_quote(b"a\"\xff\x00\n\xe2\x80\x8b"), r#""a\"\xff\x00\n\u200b""#);
/// ```
pub fn go_quote(bytes: &[u8]) -> String {
    quote(bytes, '"', is_print)
}

/// The same with all that is not ASCII escaped: `strconv.QuoteToASCII`, and `%+q` of `fmt`.
pub fn go_quote_ascii(bytes: &[u8]) -> String {
    quote(bytes, '"', |c| c.is_ascii() && is_print(c))
}

/// A character constant in single quotes: `strconv.QuoteRune`, and `%q` of `fmt` for numbers.
pub fn go_quote_char(c: char) -> String {
    quote(c.encode_utf8(&mut [0; 4]).as_bytes(), '\'', is_print)
}

/// The same with all that is not ASCII escaped: `strconv.QuoteRuneToASCII`.
pub fn go_quote_char_ascii(c: char) -> String {
    quote(c.encode_utf8(&mut [0; 4]).as_bytes(), '\'', |c| c.is_ascii() && is_print(c))
}

fn quote(bytes: &[u8], mark: char, is_plain: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push(mark);
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                _ if c == mark => out.extend(['\\', c]),
                _ if is_plain(c) => out.push(c),
                '\x07' => out.push_str("\\a"),
                '\x08' => out.push_str("\\b"),
                '\x0c' => out.push_str("\\f"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\x0b' => out.push_str("\\v"),
                '\0'..' ' | '\x7f' => push_hex(&mut out, "\\x", u32::from(c), 2),
                '\u{80}'..='\u{ffff}' => push_hex(&mut out, "\\u", u32::from(c), 4),
                _ => push_hex(&mut out, "\\U", u32::from(c), 8),
            }
        }
        for &byte in chunk.invalid() {
            push_hex(&mut out, "\\x", u32::from(byte), 2);
        }
    }
    out.push(mark);
    out
}

fn push_hex(out: &mut String, prefix: &str, value: u32, digits: u32) {
    out.push_str(prefix);
    out.extend((0..digits).rev().filter_map(|digit| char::from_digit((value >> (4 * digit)) & 15, 16)));
}

/// Whether a string can stand between backquotes as it is (`strconv.CanBackquote`, for `%#q`).
pub fn can_backquote(bytes: &[u8]) -> bool {
    str::from_utf8(bytes).is_ok_and(|s| {
        s.chars().all(|c| match c {
            '\t' => true,
            '\0'..' ' | '`' | '\x7f' | '\u{feff}' => false,
            _ => true,
        })
    })
}

/// What is between the quotes is not as Go's syntax demands; its message is Go's `invalid syntax`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InvalidSyntax;

impl std::fmt::Display for InvalidSyntax {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("invalid syntax")
    }
}

impl std::error::Error for InvalidSyntax {}

/// The value of a constant in double quotes, backquotes or single quotes: `strconv.Unquote`.
///
/// In double quotes, bytes that are not UTF-8 become U+FFFD, while escapes such as `\xff` can give any bytes. In
/// backquotes all bytes stay as they are, only carriage returns go.
pub fn unquote(constant: &[u8]) -> Result<Cow<'_, [u8]>, InvalidSyntax> {
    let [mark, inner @ .., last] = constant else { return Err(InvalidSyntax) };
    if mark != last {
        return Err(InvalidSyntax);
    }
    match mark {
        b'`' if inner.contains(&b'`') => Err(InvalidSyntax),
        b'`' if inner.contains(&b'\r') => Ok(inner.iter().copied().filter(|&b| b != b'\r').collect()),
        b'`' => Ok(Cow::Borrowed(inner)),
        b'"' if !inner.iter().any(|b| matches!(b, b'\\' | b'\n' | b'"')) && str::from_utf8(inner).is_ok() => {
            Ok(Cow::Borrowed(inner))
        }
        b'"' | b'\'' => {
            let mut out = Vec::with_capacity(inner.len());
            let mut rest = inner;
            while !rest.is_empty() {
                if rest[0] == b'\n' || (*mark == b'\'' && !out.is_empty()) {
                    return Err(InvalidSyntax);
                }
                let (c, after) = unquote_char(rest, *mark)?;
                c.push_to(&mut out);
                rest = after;
            }
            Ok(Cow::Owned(out))
        }
        _ => Err(InvalidSyntax),
    }
}

/// What [`unquote_char`] read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unquoted {
    /// A character.
    Char(char),
    /// A byte given as `\xff` or `\377`.
    Byte(u8),
}

impl Unquoted {
    /// The number of the character, or the byte.
    pub fn code(self) -> u32 {
        match self {
            Unquoted::Char(c) => u32::from(c),
            Unquoted::Byte(byte) => u32::from(byte),
        }
    }

    fn push_to(self, out: &mut Vec<u8>) {
        match self {
            Unquoted::Char(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Unquoted::Byte(byte) => out.push(byte),
        }
    }
}

/// Reads one character or escape from the inside of a constant that stands in `mark`, and gives what follows it:
/// `strconv.UnquoteChar`.
pub fn unquote_char(bytes: &[u8], mark: u8) -> Result<(Unquoted, &[u8]), InvalidSyntax> {
    let (escape, rest) = match bytes {
        [] => return Err(InvalidSyntax),
        [first, ..] if *first == mark => return Err(InvalidSyntax),
        [b'\\'] => return Err(InvalidSyntax),
        [b'\\', escape, rest @ ..] => (*escape, rest),
        _ => {
            let (c, length) = decode(bytes);
            return Ok((Unquoted::Char(c), &bytes[length..]));
        }
    };
    let simple = |c| Ok((Unquoted::Char(c), rest));
    match escape {
        b'a' => simple('\x07'),
        b'b' => simple('\x08'),
        b'f' => simple('\x0c'),
        b'n' => simple('\n'),
        b'r' => simple('\r'),
        b't' => simple('\t'),
        b'v' => simple('\x0b'),
        b'\\' => simple('\\'),
        b'x' => {
            let (value, rest) = digits(rest, 2, 16)?;
            Ok((Unquoted::Byte(value as u8), rest))
        }
        b'u' | b'U' => {
            let (value, rest) = digits(rest, if escape == b'u' { 4 } else { 8 }, 16)?;
            Ok((Unquoted::Char(char::from_u32(value).ok_or(InvalidSyntax)?), rest))
        }
        b'0'..=b'7' => {
            let (value, rest) = digits(&bytes[1..], 3, 8)?;
            Ok((Unquoted::Byte(u8::try_from(value).map_err(|_| InvalidSyntax)?), rest))
        }
        b'\'' | b'"' if escape == mark => simple(char::from(escape)),
        _ => Err(InvalidSyntax),
    }
}

fn digits(bytes: &[u8], count: usize, base: u32) -> Result<(u32, &[u8]), InvalidSyntax> {
    let (digits, rest) = bytes.split_at_checked(count).ok_or(InvalidSyntax)?;
    let value = digits
        .iter()
        .try_fold(0u32, |value, &digit| Some(value.wrapping_mul(base) + char::from(digit).to_digit(base)?));
    Ok((value.ok_or(InvalidSyntax)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(constant: &[u8]) -> Vec<u8> {
        unquote(constant).expect("a good constant").into_owned()
    }

    #[test]
    fn only_bytes_in_escapes_can_break_utf8() {
        assert_eq!(value(br#""\xff\377\u00e9\U0001F600""#), b"\xff\xff\xc3\xa9\xf0\x9f\x98\x80");
        assert_eq!(value(b"\"a\xff\xe2\x82\""), "a\u{fffd}\u{fffd}\u{fffd}".as_bytes());
        assert_eq!(value(b"`a\xff\r\n`"), b"a\xff\n");
    }

    #[test]
    fn bad_constants_are_refused() {
        let bad: [&[u8]; 16] = [
            b"",
            b"\"",
            b"`",
            b"\"a",
            b"\"\\\"",
            b"\"\\'\"",
            b"\"\\q\"",
            b"\"\\x4\"",
            b"\"\\400\"",
            b"\"\\08\"",
            b"\"\\ud800\"",
            b"\"\\Uffffffff\"",
            b"\"\n\"",
            b"'ab'",
            b"'\\\"'",
            b"`a`b`",
        ];
        for constant in bad {
            assert_eq!(unquote(constant), Err(InvalidSyntax), "{}", String::from_utf8_lossy(constant));
        }
    }
}
