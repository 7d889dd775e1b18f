//! How a string is written: which quotes it needs, if any.

use std::borrow::Cow;

use crate::emit::Flavor;
use crate::reader::{is_allowed, width};
use crate::resolve::{Resolved, Version, old_bool, resolve};
use crate::token::ScalarStyle;

/// What libyaml's emitter finds out about a scalar before it writes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Analysis {
    pub(crate) multiline: bool,
    plain_allowed: bool,
    single_quoted_allowed: bool,
    block_allowed: bool,
}

/// Bytes that neither mean nor break anything inside of a scalar.
const HARMLESS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0x21;
    while byte < 0x7F {
        table[byte] = !matches!(byte as u8, b':' | b'#');
        byte += 1;
    }
    table
};

/// Analyzes a scalar by libyaml's rules.
pub(crate) fn analyze(value: &[u8], flavor: Flavor) -> Analysis {
    if value.is_empty() {
        return Analysis {
            multiline: false,
            plain_allowed: true,
            single_quoted_allowed: true,
            block_allowed: false,
        };
    }
    let mut indicators = value.starts_with(b"---") || value.starts_with(b"...");
    let followed_by_blank = |at: usize| value.get(at).is_none_or(|byte| matches!(byte, b' ' | b'\t'));
    match value[0] {
        b'#' | b',' | b'[' | b']' | b'{' | b'}' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%'
        | b'@' | b'`' => indicators = true,
        b'?' | b':' | b'-' if followed_by_blank(1) => indicators = true,
        _ => {}
    }

    let mut line_breaks = false;
    let mut special = false;
    let mut tabs = false;
    let mut break_then_space = false;
    let mut space_then_break = false;
    let mut after_space = false;
    let mut after_break = false;
    let mut after_blank = true;
    let mut at = 0;
    while at < value.len() {
        let byte = value[at];
        if HARMLESS[usize::from(byte)] {
            after_space = false;
            after_break = false;
            after_blank = false;
            at += 1;
            continue;
        }
        if at > 0 {
            match byte {
                b':' if followed_by_blank(at + 1) => indicators = true,
                b'#' if after_blank => indicators = true,
                _ => {}
            }
        }
        if byte == b'\t' && flavor == Flavor::V3Pretty {
            tabs = true;
        } else if !is_printable(value, at) {
            special = true;
        }
        if byte == b' ' {
            break_then_space |= after_break;
            after_space = true;
            after_break = false;
        } else if is_break(value, at) {
            line_breaks = true;
            space_then_break |= after_space;
            after_space = false;
            after_break = true;
        } else {
            after_space = false;
            after_break = false;
        }
        after_blank = matches!(byte, b' ' | b'\t' | 0) || after_break;
        at += width(byte).max(1);
    }

    let starts_badly = value[0] == b' ' || is_break(value, 0);
    let unquotable = break_then_space || space_then_break || special || tabs;
    Analysis {
        multiline: line_breaks,
        plain_allowed: !(starts_badly
            || after_space
            || after_break
            || unquotable
            || line_breaks
            || indicators),
        single_quoted_allowed: !unquotable,
        block_allowed: !(after_space || space_then_break || special),
    }
}

/// libyaml's idea of a printable character, with go-yaml's gap: nothing above U+FFFF is.
pub(crate) fn is_printable(value: &[u8], at: usize) -> bool {
    let next = |offset: usize| value.get(at + offset).copied().unwrap_or(0);
    match value[at] {
        0x0A | 0x20..=0x7E => true,
        0xC2 => next(1) >= 0xA0,
        0xC3..=0xEC | 0xEE => true,
        0xED => next(1) < 0xA0,
        0xEF => !matches!((next(1), next(2)), (0xBB, 0xBF) | (0xBF, 0xBE | 0xBF)),
        _ => false,
    }
}

pub(crate) fn is_break(value: &[u8], at: usize) -> bool {
    let next = |offset: usize| value.get(at + offset).copied().unwrap_or(0);
    match value[at] {
        b'\n' | b'\r' => true,
        0xC2 => next(1) == 0x85,
        0xE2 => next(1) == 0x80 && matches!(next(2), 0xA8 | 0xA9),
        _ => false,
    }
}

/// The style that go-yaml's encoder asks for: quotes only where the text would not be a string.
fn wanted_style(value: &[u8], flavor: Flavor) -> ScalarStyle {
    let (version, is_word) = match flavor {
        Flavor::SigsV2 => (Version::V2, false),
        Flavor::V3Pretty => (Version::V3, old_bool(value).is_some()),
    };
    if value.contains(&b'\n') {
        ScalarStyle::Literal
    } else if resolve(value, version) == Resolved::Str && !is_word && !is_base60(value) {
        ScalarStyle::Plain
    } else {
        ScalarStyle::DoubleQuoted
    }
}

/// The style a string is written in. `simple_key`: as a key before a `:` on the same line.
pub(crate) fn string_style(
    value: &[u8],
    analysis: Analysis,
    flavor: Flavor,
    simple_key: bool,
) -> ScalarStyle {
    allowed_style(wanted_style(value, flavor), analysis, simple_key)
}

/// The style that libyaml's emitter makes of a wanted one.
pub(crate) fn allowed_style(wanted: ScalarStyle, analysis: Analysis, simple_key: bool) -> ScalarStyle {
    let mut style = wanted;
    if simple_key && analysis.multiline {
        style = ScalarStyle::DoubleQuoted;
    }
    if style == ScalarStyle::Plain && !analysis.plain_allowed {
        style = ScalarStyle::SingleQuoted;
    }
    if style == ScalarStyle::SingleQuoted && !analysis.single_quoted_allowed {
        style = ScalarStyle::DoubleQuoted;
    }
    if style == ScalarStyle::Literal && (!analysis.block_allowed || simple_key) {
        style = ScalarStyle::DoubleQuoted;
    }
    style
}

/// `^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$`, numbers to the base of 60 in YAML 1.1.
fn is_base60(value: &[u8]) -> bool {
    let rest = match value {
        [b'+' | b'-', rest @ ..] => rest,
        _ => value,
    };
    if !rest.first().is_some_and(u8::is_ascii_digit) || !rest.contains(&b':') {
        return false;
    }
    let is_digits = |text: &[u8]| text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'_');
    let mut parts = rest.split(|byte| *byte == b':');
    if !parts.next().is_some_and(is_digits) {
        return false;
    }
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let (whole, fraction) = match part.iter().position(|byte| *byte == b'.') {
            Some(dot) if parts.peek().is_none() => (&part[..dot], &part[dot + 1..]),
            _ => (part, &[][..]),
        };
        let is_part = match whole {
            [digit] => digit.is_ascii_digit(),
            [b'0'..=b'5', digit] => digit.is_ascii_digit(),
            _ => false,
        };
        if !is_part || !is_digits(fraction) {
            return false;
        }
    }
    true
}

/// Why a string does not survive the way through JSON into yaml.v2's reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonLoss {
    ControlCharacter,
    DocumentIndicator,
    /// As a key: a line break inside, or too long.
    NoKey,
}

/// The string that yaml.v2 reads from what encoding/json writes for this one.
///
/// Broken UTF-8 is replaced. U+0085 is a line break to YAML, and line breaks in quotes are folded.
pub(crate) fn through_json(value: &[u8], key: bool) -> Result<Cow<'_, [u8]>, JsonLoss> {
    if value.iter().all(|byte| *byte < 0x7F) {
        // Escapes can only make it longer; most keys are far from the limit.
        if key && value.len() > 100 && json_len(value) > 1024 {
            return Err(JsonLoss::NoKey);
        }
        return Ok(Cow::Borrowed(value));
    }
    let value = crate::utf8::replace_invalid(value);
    // Only valid UTF-8 is left.
    let text = String::from_utf8_lossy(&value);
    let is_forbidden = |character: char| character >= '\x7F' && !is_allowed(character as u32);
    if text.chars().any(is_forbidden) {
        return Err(JsonLoss::ControlCharacter);
    }
    let breaks = text.contains('\u{85}');
    if key && (breaks || json_len(text.as_bytes()) > 1024) {
        return Err(JsonLoss::NoKey);
    }
    if !breaks {
        return Ok(value);
    }
    fold_next_lines(&text).map(Cow::Owned)
}

/// The number of characters of the JSON string, its quotes included.
fn json_len(value: &[u8]) -> usize {
    let mut len = 2;
    for character in String::from_utf8_lossy(value).chars() {
        len += match character {
            '"' | '\\' | '\x08' | '\x0C' | '\n' | '\r' | '\t' => 2,
            '\0'..='\x1F' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\u{FFFD}' => 6,
            _ => 1,
        };
    }
    len
}

/// Folds U+0085 as a line break in a double-quoted scalar. Only spaces and U+0085 stand in JSON as
/// they are; all other blanks and breaks are escaped.
fn fold_next_lines(text: &str) -> Result<Vec<u8>, JsonLoss> {
    let mut out = Vec::with_capacity(text.len());
    let is_blank = |character: char| matches!(character, ' ' | '\u{85}');
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if !is_blank(first) {
            out.extend_from_slice(&rest.as_bytes()[..first.len_utf8()]);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let end = rest.find(|character| !is_blank(character)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        match run.matches('\u{85}').count() {
            0 => out.extend_from_slice(run.as_bytes()),
            1 => out.push(b' '),
            breaks => out.resize(out.len() + breaks - 1, b'\n'),
        }
        let at_line_start = run.ends_with('\u{85}');
        if at_line_start
            && (after.starts_with("---") || after.starts_with("..."))
            && after[3..].starts_with(is_blank)
        {
            return Err(JsonLoss::DocumentIndicator);
        }
        rest = after;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(value: &str) -> ScalarStyle {
        string_style(value.as_bytes(), analyze(value.as_bytes(), Flavor::SigsV2), Flavor::SigsV2, false)
    }

    #[test]
    fn styles_follow_go_yaml() {
        use ScalarStyle::{DoubleQuoted, Literal, Plain, SingleQuoted};
        for (value, expected) in [
            ("abc", Plain),
            ("a: b", SingleQuoted),
            ("a:b", Plain),
            ("a #b", SingleQuoted),
            ("a#b", Plain),
            ("- a", SingleQuoted),
            ("-a", Plain),
            ("---", SingleQuoted),
            (" a", SingleQuoted),
            ("a ", SingleQuoted),
            ("", DoubleQuoted),
            ("yes", DoubleQuoted),
            ("1:30", DoubleQuoted),
            ("1:60", Plain),
            ("a\nb", Literal),
            ("a\nb ", DoubleQuoted),
            ("a \nb", DoubleQuoted),
            ("a\tb", DoubleQuoted),
            ("é", Plain),
            ("😀", DoubleQuoted),
            ("a\u{2028}b", SingleQuoted),
            ("<<", Plain),
        ] {
            assert_eq!(style(value), expected, "{value:?}");
        }
    }

    #[test]
    fn base_60_is_recognised() {
        for good in ["1:30", "-1:5", "1_0:59", "1:2:3.5_", "1:30."] {
            assert!(is_base60(good.as_bytes()), "{good}");
        }
        for bad in ["1:", ":30", "1:60", "1:2.5:3", "1:123", "_1:30", "1:30x"] {
            assert!(!is_base60(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn next_line_characters_fold() {
        let fold = |text: &str| {
            through_json(text.as_bytes(), false).map(|text| String::from_utf8_lossy(&text).into_owned())
        };
        assert_eq!(fold("a\u{85}b"), Ok("a b".to_owned()));
        assert_eq!(fold("a \u{85} b"), Ok("a b".to_owned()));
        assert_eq!(fold("a\u{85}\u{85}b"), Ok("a\nb".to_owned()));
        assert_eq!(fold("a\u{85}--- b"), Err(JsonLoss::DocumentIndicator));
        assert_eq!(fold("a\u{85} --- b"), Ok("a --- b".to_owned()));
        assert_eq!(fold("a\u{7f}"), Err(JsonLoss::ControlCharacter));
        assert_eq!(through_json(&[b'k'; 1022], true).map(|key| key.len()), Ok(1022));
        assert_eq!(through_json(&[b'k'; 1023], true), Err(JsonLoss::NoKey));
    }
}
