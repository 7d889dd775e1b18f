//! Characters as Go's package `unicode` knows them. Rust's own classes (`char::is_uppercase`) are other properties of
//! another edition of Unicode, and its case mapping may give several characters for one.

use super::letter_tables::{ALTERNATING, CASES, LETTER, LOWER, NUMBER, PUNCTUATION, TITLE, UPPER};

/// `unicode.IsUpper`.
pub(super) fn is_upper(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_uppercase() } else { contains(&UPPER, c) }
}

/// `unicode.IsLower`.
pub(super) fn is_lower(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_lowercase() } else { contains(&LOWER, c) }
}

/// `unicode.IsTitle`.
pub(super) fn is_title(c: char) -> bool {
    !c.is_ascii() && contains(&TITLE, c)
}

/// `unicode.IsLetter`.
pub(super) fn is_letter(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphabetic() } else { contains(&LETTER, c) }
}

/// `unicode.IsNumber`.
pub(super) fn is_number(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_digit() } else { contains(&NUMBER, c) }
}

/// `unicode.IsPunct`.
pub(super) fn is_punctuation(c: char) -> bool {
    contains(&PUNCTUATION, c)
}

/// `unicode.IsSpace`: the property White_Space, which does not change any more.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// `unicode.ToUpper`.
pub(super) fn to_upper(c: char) -> char {
    if c.is_ascii() { c.to_ascii_uppercase() } else { to_case(c, Case::Upper) }
}

/// `unicode.ToLower`.
pub(super) fn to_lower(c: char) -> char {
    if c.is_ascii() { c.to_ascii_lowercase() } else { to_case(c, Case::Lower) }
}

/// `unicode.ToTitle`.
pub(super) fn to_title(c: char) -> char {
    if c.is_ascii() { c.to_ascii_uppercase() } else { to_case(c, Case::Title) }
}

#[derive(Clone, Copy, PartialEq)]
enum Case {
    Upper,
    Lower,
    Title,
}

fn contains(class: &[u32], c: char) -> bool {
    class.partition_point(|&bound| bound <= u32::from(c)) % 2 == 1
}

fn to_case(c: char, case: Case) -> char {
    let code = u32::from(c);
    let index = CASES.partition_point(|&(_, last, ..)| last < code);
    let Some(&(first, _, upper, lower, title)) = CASES.get(index).filter(|(first, ..)| *first <= code) else {
        return c;
    };
    let delta = match case {
        Case::Upper => upper,
        Case::Lower => lower,
        Case::Title => title,
    };
    let mapped = if delta == ALTERNATING {
        // Upper case comes first in each pair.
        first + ((code - first) & !1 | u32::from(case == Case::Lower))
    } else {
        code.wrapping_add_signed(delta)
    };
    char::from_u32(mapped).unwrap_or(c)
}

/// The character at the start of `bytes`, which are not empty, and its length. As in Go, each byte that is not part of
/// valid UTF-8 is U+FFFD.
pub(super) fn decode(bytes: &[u8]) -> (char, usize) {
    match bytes[0] {
        ascii @ 0..0x80 => (char::from(ascii), 1),
        _ => match bstr::decode_utf8(bytes) {
            (Some(c), length) => (c, length),
            (None, _) => (char::REPLACEMENT_CHARACTER, 1),
        },
    }
}

/// The character at the end of `bytes`, which are not empty, and its length; see [`decode`].
pub(super) fn decode_last(bytes: &[u8]) -> (char, usize) {
    match bstr::decode_last_utf8(bytes) {
        (Some(c), length) => (c, length),
        (None, _) => (char::REPLACEMENT_CHARACTER, 1),
    }
}

/// All characters with their places; see [`decode`].
pub(super) fn chars(bytes: &[u8]) -> impl Iterator<Item = (usize, char)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (c, length) = decode(bytes.get(at..).filter(|rest| !rest.is_empty())?);
        at += length;
        Some((at - length, c))
    })
}
