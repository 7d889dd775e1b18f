//! From bytes to a text the scanner can trust.
//!
//! libyaml decodes its input while it scans, 512 raw bytes at a time. Here the whole input is
//! checked first, in one fast pass; what remains of libyaml's chunks is a table that exists only
//! for texts where they can be observed: a text with an error in it (libyaml reports whichever
//! comes first, the reader's or the scanner's error, and the reader runs ahead by a chunk), and a
//! text with a byte order mark inside (libyaml looks for it at the start of its buffer).

use std::borrow::Cow;

use crate::error::{Error, ErrorKind};
use crate::position::Mark;

/// The size of libyaml's raw buffer.
const CHUNK: usize = 512;

/// Offsets are 31 bits wide, so that a flag fits beside them; and unescaped text may be longer than
/// what is written.
const MAX_INPUT: usize = 1 << 29;

/// A checked input. All offsets of this library are offsets into [`Input::text`].
///
/// For UTF-8 input the text is the input itself, a byte order mark included. UTF-16 input (it must
/// start with a byte order mark) is decoded to UTF-8; [`Input::source_offset`] leads back.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    text: Cow<'a, [u8]>,
    facts: Facts,
    chunks: Option<Chunks>,
    utf16: bool,
}

/// What the check of the text found out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts {
    /// Where the content starts: after the byte order mark.
    pub(crate) start: usize,
    /// Whether a byte above 0x7F occurs.
    pub(crate) non_ascii: bool,
    /// Whether a line break other than `\n` occurs.
    pub(crate) other_breaks: bool,
}

/// libyaml's view of the text in chunks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chunks {
    /// The end of each chunk that decodes without an error.
    pub(crate) ends: Vec<usize>,
    /// What happens when the chunk after the last one is needed; `None` means end of input.
    pub(crate) failure: Option<Failure>,
}

/// Why the text cannot be read on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) kind: ErrorKind,
    pub(crate) problem: &'static str,
    /// The bad byte; in UTF-16 input the place in the decoded text.
    pub(crate) offset: usize,
}

impl<'a> Input<'a> {
    /// Checks `source` and finds its encoding.
    ///
    /// Broken input is accepted here; the error comes from the parser, where Go reports it.
    #[must_use]
    pub fn new(source: &'a [u8]) -> Self {
        if source.len() > MAX_INPUT {
            let failure =
                Failure { kind: ErrorKind::TooLarge, problem: "input is larger than 512 MiB", offset: 0 };
            return Self {
                text: Cow::Borrowed(&[]),
                facts: Facts::default(),
                chunks: Some(Chunks { ends: Vec::new(), failure: Some(failure) }),
                utf16: false,
            };
        }
        match source {
            [0xFF, 0xFE, rest @ ..] => Self::from_utf16(rest, u16::from_le_bytes),
            [0xFE, 0xFF, rest @ ..] => Self::from_utf16(rest, u16::from_be_bytes),
            _ => {
                let start = if source.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
                let check = check_utf8(source, start);
                let chunks = (check.failure.is_some() || check.inner_bom)
                    .then(|| utf8_chunks(source, start, check.failure));
                Self { text: Cow::Borrowed(source), facts: check.facts, chunks, utf16: false }
            }
        }
    }

    fn from_utf16(units: &[u8], decode: fn([u8; 2]) -> u16) -> Self {
        let (text, chunks) = decode_utf16(units, decode);
        let check = check_utf8(&text, 0);
        let odd = check.inner_bom || chunks.failure.is_some();
        Self { text: Cow::Owned(text), facts: check.facts, chunks: odd.then_some(chunks), utf16: true }
    }

    /// The text all offsets refer to.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Turns an offset in [`Input::text`] into an offset in the source.
    ///
    /// The two differ for UTF-16 input only, and only then does the call take time.
    #[must_use]
    pub fn source_offset(&self, offset: u32) -> u32 {
        if !self.utf16 {
            return offset;
        }
        let before = &self.text[..self.text.len().min(offset as usize)];
        let units: usize = before
            .iter()
            .map(|byte| match byte {
                0x80..0xC0 => 0,
                0xF0.. => 4,
                _ => 2,
            })
            .sum();
        (units + 2) as u32
    }

    /// The text as it was given, if it was not decoded from UTF-16.
    #[must_use]
    pub fn is_source(&self) -> bool {
        !self.utf16
    }

    pub(crate) fn facts(&self) -> Facts {
        self.facts
    }

    pub(crate) fn chunks(&self) -> Option<&Chunks> {
        self.chunks.as_ref()
    }

    /// Gives up the input for its text.
    pub(crate) fn into_text(self) -> Cow<'a, [u8]> {
        self.text
    }

    /// The error for a failure, with the true place of the bad byte.
    pub(crate) fn failure_error(&self, failure: &Failure) -> Error {
        let before = &self.text[..self.text.len().min(failure.offset)];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let at = Mark {
            offset: failure.offset as u32,
            line: memchr::memchr_iter(b'\n', before).count() as u32,
            column: before[line_start..].iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u32,
        };
        Error {
            kind: failure.kind,
            problem: Cow::Borrowed(failure.problem),
            at,
            context: None,
            context_at: None,
        }
    }
}

/// What one pass over a UTF-8 text finds.
struct Check {
    facts: Facts,
    inner_bom: bool,
    /// The start of the bad character, and what is wrong with it.
    failure: Option<(usize, Failure)>,
}

/// Whether a chunk holds nothing but printable ASCII, tabs and `\n`.
fn is_plain(chunk: &[u8; 32]) -> bool {
    let mut odd = 0u8;
    for &byte in chunk {
        // 0x20..=0x7E becomes 0..=0x5E.
        odd |= u8::from(byte.wrapping_sub(0x20) > 0x5E) & u8::from(byte != b'\n') & u8::from(byte != b'\t');
    }
    odd == 0
}

fn check_utf8(text: &[u8], start: usize) -> Check {
    let mut check = Check { facts: Facts { start, ..Facts::default() }, inner_bom: false, failure: None };
    let mut at = start;
    while at < text.len() {
        while let Some(chunk) = text[at..].first_chunk::<32>()
            && is_plain(chunk)
        {
            at += 32;
        }
        let stop = text.len().min(at + 32);
        while at < stop {
            let byte = text[at];
            if byte < 0x80 {
                match byte {
                    b'\t' | b'\n' | 0x20..=0x7E => {}
                    b'\r' => check.facts.other_breaks = true,
                    _ => {
                        check.failure = Some((at, failure("control characters are not allowed", at)));
                        return check;
                    }
                }
                at += 1;
                continue;
            }
            check.facts.non_ascii = true;
            match decode_char(text, at) {
                Ok((width, value)) => {
                    match value {
                        0x85 | 0x2028 | 0x2029 => check.facts.other_breaks = true,
                        0xFEFF => check.inner_bom = true,
                        _ => {}
                    }
                    at += width;
                }
                Err(failure) => {
                    check.failure = Some((at, failure));
                    return check;
                }
            }
        }
    }
    check
}

fn failure(problem: &'static str, offset: usize) -> Failure {
    Failure { kind: ErrorKind::Reader, problem, offset }
}

/// The number of bytes a character takes by its first byte; 0 for a byte that starts none.
pub(crate) const fn width(byte: u8) -> usize {
    match byte {
        0x00..=0x7F => 1,
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        _ => 0,
    }
}

/// Decodes a character by libyaml's rules; the order of its checks decides which text is shown.
fn decode_char(text: &[u8], at: usize) -> Result<(usize, u32), Failure> {
    let lead = text[at];
    let width = width(lead);
    if width == 0 {
        return Err(failure("invalid leading UTF-8 octet", at));
    }
    let Some(octets) = text.get(at..at + width) else {
        return Err(failure("incomplete UTF-8 octet sequence", at));
    };
    let mut value = match width {
        1 => u32::from(lead),
        2 => u32::from(lead & 0x1F),
        3 => u32::from(lead & 0x0F),
        _ => u32::from(lead & 0x07),
    };
    for (k, octet) in octets.iter().enumerate().skip(1) {
        if octet & 0xC0 != 0x80 {
            return Err(failure("invalid trailing UTF-8 octet", at + k));
        }
        value = value << 6 | u32::from(octet & 0x3F);
    }
    let shortest = [0, 0, 0x80, 0x800, 0x1_0000][width];
    if value < shortest {
        return Err(failure("invalid length of a UTF-8 sequence", at));
    }
    if matches!(value, 0xD800..=0xDFFF) || value > 0x10_FFFF {
        return Err(failure("invalid Unicode character", at));
    }
    if !is_allowed(value) {
        return Err(failure("control characters are not allowed", at));
    }
    Ok((width, value))
}

/// The characters a YAML text may hold.
pub(crate) const fn is_allowed(value: u32) -> bool {
    matches!(value, 0x09 | 0x0A | 0x0D | 0x20..=0x7E | 0x85 | 0xA0..=0xD7FF | 0xE000..=0xFFFD | 0x1_0000..=0x10_FFFF)
}

/// Replays libyaml's reads. A character cut by the end of a chunk moves to the next one, which then
/// reads so much less.
fn utf8_chunks(text: &[u8], start: usize, failure: Option<(usize, Failure)>) -> Chunks {
    let mut chunks = Chunks::default();
    let mut raw_end = text.len().min(CHUNK);
    let mut at = start;
    loop {
        while at < raw_end {
            let needed = width(text[at]).max(1);
            if at + needed > raw_end {
                break;
            }
            if let Some((bad, failure)) = &failure
                && *bad == at
            {
                chunks.failure = Some(failure.clone());
                return chunks;
            }
            at += needed;
        }
        // libyaml learns of the end only with its next read, unless it looked for three bytes to
        // find the encoding and did not get them.
        if text.len() >= 3 || at == text.len() {
            chunks.ends.push(at);
        }
        if raw_end == text.len() {
            chunks.failure = failure.map(|(_, failure)| failure);
            return chunks;
        }
        raw_end = text.len().min(at + CHUNK);
    }
}

fn decode_utf16(bytes: &[u8], decode: fn([u8; 2]) -> u16) -> (Vec<u8>, Chunks) {
    let mut text = Vec::with_capacity(bytes.len());
    let mut chunks = Chunks::default();
    // The byte order mark is part of the first chunk.
    let mut raw_end = bytes.len().min(CHUNK - 2);
    let mut at = 0;
    loop {
        let last = raw_end == bytes.len();
        let problem = loop {
            match utf16_char(&bytes[at..raw_end], decode) {
                Utf16::Char(width, value) => {
                    if !is_allowed(value as u32) {
                        break Some("control characters are not allowed");
                    }
                    at += width;
                    text.extend_from_slice(value.encode_utf8(&mut [0; 4]).as_bytes());
                }
                Utf16::Short(problem) => {
                    if at == raw_end || !last {
                        break None;
                    }
                    chunks.ends.push(text.len());
                    break Some(problem);
                }
                Utf16::Bad(problem) => break Some(problem),
            }
        };
        if let Some(problem) = problem {
            chunks.failure = Some(failure(problem, text.len()));
            return (text, chunks);
        }
        chunks.ends.push(text.len());
        if last {
            return (text, chunks);
        }
        raw_end = bytes.len().min(at + CHUNK);
    }
}

enum Utf16 {
    Char(usize, char),
    /// More bytes are needed; without them this is the problem.
    Short(&'static str),
    Bad(&'static str),
}

fn utf16_char(bytes: &[u8], decode: fn([u8; 2]) -> u16) -> Utf16 {
    let Some(first) = bytes.first_chunk::<2>() else {
        return Utf16::Short("incomplete UTF-16 character");
    };
    let first = u32::from(decode(*first));
    if first & 0xFC00 == 0xDC00 {
        return Utf16::Bad("unexpected low surrogate area");
    }
    let (width, value) = if first & 0xFC00 == 0xD800 {
        let Some(second) = bytes.get(2..4).and_then(|bytes| bytes.first_chunk::<2>()) else {
            return Utf16::Short("incomplete UTF-16 surrogate pair");
        };
        let second = u32::from(decode(*second));
        if second & 0xFC00 != 0xDC00 {
            return Utf16::Bad("expected low surrogate area");
        }
        (4, 0x1_0000 + ((first & 0x3FF) << 10) + (second & 0x3FF))
    } else {
        (2, first)
    };
    match char::from_u32(value) {
        Some(value) => Utf16::Char(width, value),
        None => Utf16::Bad("invalid Unicode character"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(source: &[u8]) -> Option<&'static str> {
        Input::new(source).chunks.and_then(|chunks| chunks.failure).map(|failure| failure.problem)
    }

    #[test]
    fn broken_text_is_named_as_libyaml_names_it() {
        assert_eq!(problem(b"a: b"), None);
        assert_eq!(problem(b"a\x00"), Some("control characters are not allowed"));
        assert_eq!(problem(b"a\x7f"), Some("control characters are not allowed"));
        assert_eq!(problem(b"\xff"), Some("invalid leading UTF-8 octet"));
        assert_eq!(problem(b"\xc3"), Some("incomplete UTF-8 octet sequence"));
        assert_eq!(problem(b"\xc3a"), Some("invalid trailing UTF-8 octet"));
        assert_eq!(problem(b"\xc0\x80"), Some("invalid length of a UTF-8 sequence"));
        assert_eq!(problem(b"\xed\xa0\x80"), Some("invalid Unicode character"));
        assert_eq!(problem(b"\xef\xbf\xbf"), Some("control characters are not allowed"));
        assert_eq!(problem(b"\xff\xfea\x00b"), Some("incomplete UTF-16 character"));
        assert_eq!(problem(b"\xff\xfe\x00\xdc"), Some("unexpected low surrogate area"));
    }

    #[test]
    fn utf16_is_decoded_and_offsets_lead_back() {
        let input = Input::new(b"\xff\xfea\x00\xe9\x00b\x00");
        assert_eq!(input.text(), "aéb".as_bytes());
        assert_eq!(input.source_offset(3), 6);
        let input = Input::new(b"\xfe\xff\xd8\x3d\xde\x00\x00b");
        assert_eq!(input.text(), "😀b".as_bytes());
        assert_eq!(input.source_offset(4), 6);
    }

    #[test]
    fn facts_are_found_in_every_place_of_a_chunk() {
        for before in 0..70 {
            let mut text = vec![b'x'; before];
            assert!(!Input::new(&text).facts.other_breaks);
            text.push(b'\r');
            assert!(Input::new(&text).facts.other_breaks);
            text.extend("é".as_bytes());
            assert!(Input::new(&text).facts.non_ascii);
            text.push(1);
            assert!(Input::new(&text).chunks.is_some());
        }
    }

    #[test]
    fn a_cut_character_moves_to_the_next_chunk() {
        let mut text = vec![b'x'; 511];
        text.extend("éa\u{1}".as_bytes());
        let chunks = Input::new(&text).chunks.unwrap_or_default();
        assert_eq!(chunks.ends, [511]);
        text.splice(0..0, [b'y'; 600]);
        let chunks = Input::new(&text).chunks.unwrap_or_default();
        assert_eq!(chunks.ends, [512, 1024]);
    }
}
