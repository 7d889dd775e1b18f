//! UTF-8 as Go takes it: every byte that belongs to no character is one U+FFFD.

use std::borrow::Cow;

/// Replaces each byte of broken UTF-8 by U+FFFD, as encoding/json and `[]rune` do.
pub(crate) fn replace_invalid(bytes: &[u8]) -> Cow<'_, [u8]> {
    if std::str::from_utf8(bytes).is_ok() {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        out.extend_from_slice(chunk.valid().as_bytes());
        for _ in chunk.invalid() {
            out.extend_from_slice("\u{FFFD}".as_bytes());
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::replace_invalid;

    #[test]
    fn every_bad_byte_is_replaced() {
        let text = |bytes: &[u8]| String::from_utf8_lossy(&replace_invalid(bytes)).into_owned();
        assert_eq!(text(b"abc"), "abc");
        assert_eq!(text(b"a\xff\xfeb"), "a\u{FFFD}\u{FFFD}b");
        assert_eq!(text(b"\xe2\x82"), "\u{FFFD}\u{FFFD}");
        assert_eq!(text(b"\xed\xa0\x80"), "\u{FFFD}\u{FFFD}\u{FFFD}");
    }
}
