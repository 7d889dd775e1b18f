//! Base64 as Go's `base64.StdEncoding` reads and writes it.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Encodes with padding.
pub(crate) fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut group = [0u8; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from(group[0]) << 16 | u32::from(group[1]) << 8 | u32::from(group[2]);
        for k in 0..4 {
            if k <= chunk.len() {
                out.push(ALPHABET[(bits >> (18 - 6 * k) & 0x3F) as usize]);
            } else {
                out.push(b'=');
            }
        }
    }
    out
}

fn value(byte: u8) -> Option<u32> {
    Some(match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

/// Decodes padded base64. Line breaks are skipped, anything else that does not belong is an error.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n'));
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    loop {
        let mut bits = 0;
        let mut count = 0;
        let mut padding = 0;
        while count + padding < 4 {
            match bytes.next() {
                None if count + padding == 0 => return Some(out),
                None => return None,
                Some(b'=') if count >= 2 => padding += 1,
                Some(byte) if padding == 0 => {
                    bits = bits << 6 | value(byte)?;
                    count += 1;
                }
                Some(_) => return None,
            }
        }
        bits <<= 6 * padding;
        out.extend_from_slice(&bits.to_be_bytes()[1..4 - padding]);
        if padding > 0 {
            return bytes.next().is_none().then_some(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn there_and_back() {
        for (plain, text) in [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("abcd", "YWJjZA==")]
        {
            assert_eq!(encode(plain.as_bytes()), text.as_bytes());
            assert_eq!(decode(text.as_bytes()).as_deref(), Some(plain.as_bytes()));
        }
        assert_eq!(decode(b"YW\nJj\r\n").as_deref(), Some(b"abc".as_slice()));
        for bad in ["Y", "YQ", "YQ=", "YQ==YQ==", "Y Q=", "=YQ=", "YQ=a"] {
            assert_eq!(decode(bad.as_bytes()), None, "{bad}");
        }
    }
}
