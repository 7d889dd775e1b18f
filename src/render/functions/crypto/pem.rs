//! PEM blocks as Go's `encoding/pem` reads and writes them.

use crate::render::functions::encoding::{base64_decode, base64_encode};

/// A block: what its first line says, and its content.
pub(super) struct Block {
    pub(super) label: Vec<u8>,
    pub(super) bytes: Vec<u8>,
}

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"\n-----END ";
const DASHES: &[u8] = b"-----";

/// The first block of a text. Whatever stands around it does not matter.
pub(super) fn decode(text: &[u8]) -> Option<Block> {
    let mut rest = text;
    let mut skip = 0;
    loop {
        rest = rest.get(skip..)?;
        // The first end, and the last start before it.
        let end = bstr::ByteSlice::find(rest, END)?;
        skip = end + END.len();
        let Some(begin) = bstr::ByteSlice::rfind(&rest[..end], BEGIN) else { continue };
        if begin > 0 && rest[begin - 1] != b'\n' {
            continue;
        }
        let start = begin + BEGIN.len();
        let (line, consumed) = first_line(&rest[start..]);
        // Counted from what follows the first line; the end may lie before it.
        let mut end = end as i64 - (start + consumed) as i64;
        rest = &rest[start + consumed..];
        let after_end = |end: i64| usize::try_from(end + END.len() as i64);
        skip = after_end(end).ok()?;
        let Some(label) = line.strip_suffix(DASHES) else { continue };
        let mut has_headers = false;
        loop {
            if rest.is_empty() {
                return None;
            }
            let (line, consumed) = first_line(rest);
            if !line.contains(&b':') {
                break;
            }
            has_headers = true;
            rest = &rest[consumed..];
            end -= consumed as i64;
        }
        match after_end(end) {
            Ok(after) if after <= rest.len() => skip = after,
            _ => return None,
        }
        if has_headers && end < 0 {
            continue;
        }
        let trailer = &rest[skip..];
        let trailer_length = label.len() + DASHES.len();
        if trailer.len() < trailer_length {
            continue;
        }
        let (trailer, rest_of_line) = trailer.split_at(trailer_length);
        if !trailer.starts_with(label) || !trailer.ends_with(DASHES) || !first_line(rest_of_line).0.is_empty()
        {
            continue;
        }
        let content = usize::try_from(end).ok().and_then(|end| rest.get(..end)).unwrap_or_default();
        let content: Vec<u8> = content.iter().copied().filter(|byte| !matches!(byte, b' ' | b'\t')).collect();
        let Ok(bytes) = base64_decode(&content) else { continue };
        return Some(Block { label: label.to_vec(), bytes });
    }
}

/// The first line without white space at its end, and how many bytes it takes.
fn first_line(text: &[u8]) -> (&[u8], usize) {
    let (line, consumed) = match text.iter().position(|&byte| byte == b'\n') {
        Some(end) => (text[..end].strip_suffix(b"\r").unwrap_or(&text[..end]), end + 1),
        None => (text, text.len()),
    };
    let end = line.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).map_or(0, |last| last + 1);
    (&line[..end], consumed)
}

/// Writes a block.
pub(super) fn encode(label: &str, bytes: &[u8]) -> String {
    let mut base64 = Vec::new();
    base64_encode(bytes, &mut base64);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in base64.chunks(64) {
        out.extend(line.iter().map(|&byte| char::from(byte)));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}
