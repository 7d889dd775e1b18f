//! What kind of data a file holds, as Go's `http.DetectContentType` guesses it; Helm names it when a file is no chart.

/// Bytes that a file must start with where the mask has bits.
struct Signature {
    mask: Option<&'static [u8]>,
    bytes: &'static [u8],
    content_type: &'static str,
}

const fn exact(bytes: &'static [u8], content_type: &'static str) -> Signature {
    Signature { mask: None, bytes, content_type }
}

const fn masked(mask: &'static [u8], bytes: &'static [u8], content_type: &'static str) -> Signature {
    Signature { mask: Some(mask), bytes, content_type }
}

const TAGS: [&[u8]; 17] = [
    b"<!DOCTYPE HTML",
    b"<HTML",
    b"<HEAD",
    b"<SCRIPT",
    b"<IFRAME",
    b"<H1",
    b"<DIV",
    b"<FONT",
    b"<TABLE",
    b"<A",
    b"<STYLE",
    b"<TITLE",
    b"<B",
    b"<BODY",
    b"<BR",
    b"<P",
    b"<!--",
];

const BEFORE_VIDEO: &[Signature] = &[
    exact(b"%PDF-", "application/pdf"),
    exact(b"%!PS-Adobe-", "application/postscript"),
    masked(b"\xff\xff\0\0", b"\xfe\xff\0\0", "text/plain; charset=utf-16be"),
    masked(b"\xff\xff\0\0", b"\xff\xfe\0\0", "text/plain; charset=utf-16le"),
    masked(b"\xff\xff\xff\0", b"\xef\xbb\xbf\0", "text/plain; charset=utf-8"),
    exact(b"\0\0\x01\0", "image/x-icon"),
    exact(b"\0\0\x02\0", "image/x-icon"),
    exact(b"BM", "image/bmp"),
    exact(b"GIF87a", "image/gif"),
    exact(b"GIF89a", "image/gif"),
    masked(b"\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff\xff\xff", b"RIFF\0\0\0\0WEBPVP", "image/webp"),
    exact(b"\x89PNG\r\n\x1a\n", "image/png"),
    exact(b"\xff\xd8\xff", "image/jpeg"),
    masked(b"\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff", b"FORM\0\0\0\0AIFF", "audio/aiff"),
    exact(b"ID3", "audio/mpeg"),
    exact(b"OggS\0", "application/ogg"),
    exact(b"MThd\0\0\0\x06", "audio/midi"),
    masked(b"\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff", b"RIFF\0\0\0\0AVI ", "video/avi"),
    masked(b"\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff", b"RIFF\0\0\0\0WAVE", "audio/wave"),
];

const AFTER_VIDEO: &[Signature] = &[
    exact(b"\x1a\x45\xdf\xa3", "video/webm"),
    masked(
        b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff",
        b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0LP",
        "application/vnd.ms-fontobject",
    ),
    exact(b"\0\x01\0\0", "font/ttf"),
    exact(b"OTTO", "font/otf"),
    exact(b"ttcf", "font/collection"),
    exact(b"wOFF", "font/woff"),
    exact(b"wOF2", "font/woff2"),
    exact(b"\x1f\x8b\x08", "application/x-gzip"),
    exact(b"PK\x03\x04", "application/zip"),
    exact(b"Rar!\x1a\x07\0", "application/x-rar-compressed"),
    exact(b"Rar!\x1a\x07\x01\0", "application/x-rar-compressed"),
    exact(b"\0asm", "application/wasm"),
];

impl Signature {
    fn matches(&self, data: &[u8]) -> bool {
        match self.mask {
            None => data.starts_with(self.bytes),
            Some(mask) => {
                data.len() >= mask.len()
                    && data
                        .iter()
                        .zip(mask)
                        .map(|(byte, mask)| byte & mask)
                        .take(mask.len())
                        .eq(self.bytes.iter().copied())
            }
        }
    }
}

/// The content type of a file that starts with these (at most 512) bytes.
pub(crate) fn content_type(data: &[u8]) -> &'static str {
    let is_space = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ');
    let text = &data[data.iter().position(|byte| !is_space(byte)).unwrap_or(data.len())..];
    if TAGS.iter().any(|tag| starts_with_tag(text, tag)) {
        return "text/html; charset=utf-8";
    }
    if text.starts_with(b"<?xml") {
        return "text/xml; charset=utf-8";
    }
    let find = |signatures: &'static [Signature]| signatures.iter().find(|signature| signature.matches(data));
    if let Some(found) = find(BEFORE_VIDEO) {
        return found.content_type;
    }
    if is_mp4(data) {
        return "video/mp4";
    }
    if let Some(found) = find(AFTER_VIDEO) {
        return found.content_type;
    }
    let is_binary = |byte: &u8| matches!(byte, 0..=0x08 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
    if text.iter().any(is_binary) { "application/octet-stream" } else { "text/plain; charset=utf-8" }
}

fn starts_with_tag(text: &[u8], tag: &[u8]) -> bool {
    let Some((start, [after, ..])) = text.split_at_checked(tag.len()) else { return false };
    // A small letter matches a capital one.
    let same =
        |(&byte, &wanted): (&u8, &u8)| wanted == if wanted.is_ascii_uppercase() { byte & 0xDF } else { byte };
    start.iter().zip(tag).all(same) && matches!(after, b' ' | b'>')
}

fn is_mp4(data: &[u8]) -> bool {
    let Some(&[a, b, c, d]) = data.first_chunk::<4>() else { return false };
    let size = u32::from_be_bytes([a, b, c, d]) as usize;
    if data.len() < 12 || data.len() < size || !size.is_multiple_of(4) || &data[4..8] != b"ftyp" {
        return false;
    }
    (8..size).step_by(4).filter(|&at| at != 12).any(|at| data[at..].starts_with(b"mp4"))
}

#[cfg(test)]
mod tests {
    use super::content_type;

    #[test]
    fn content_is_guessed_as_in_go() {
        let padded = |text: &[u8]| {
            let mut data = text.to_vec();
            data.resize(512, 0);
            data
        };
        for (data, expected) in [
            (padded(b""), "application/octet-stream"),
            (padded(b"apiVersion: v2\n"), "application/octet-stream"),
            (vec![b'a'; 512], "text/plain; charset=utf-8"),
            (padded(b" <html>"), "text/html; charset=utf-8"),
            (padded(b"<HTMLx"), "application/octet-stream"),
            (padded(b"\n<?xml?>"), "text/xml; charset=utf-8"),
            (padded(b"PK\x03\x04"), "application/zip"),
            (padded(b"\x1f\x8b\x08"), "application/x-gzip"),
            (padded(b"RIFF1234WAVE"), "audio/wave"),
            (padded(b"\0\0\0\x0cftypmp42"), "video/mp4"),
        ] {
            assert_eq!(content_type(&data), expected);
        }
    }
}
