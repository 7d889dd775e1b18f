//! ASN.1 in its distinguished encoding: a strict reader as Go's `cryptobyte`, and a writer.

use num_bigint::BigUint;

use crate::render::functions::dates;

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OBJECT_ID: u8 = 0x06;
pub(super) const UTF8_STRING: u8 = 0x0C;
pub(super) const PRINTABLE_STRING: u8 = 0x13;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// A tag of a member whose meaning depends on where it stands.
pub(super) const fn context(number: u8) -> u8 {
    0x80 | number
}

/// The same, of a member with parts.
pub(super) const fn constructed(number: u8) -> u8 {
    0xA0 | number
}

/// Reads elements from the front of some bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn peek(self, tag: u8) -> bool {
        self.0.first() == Some(&tag)
    }

    /// An element: its tag, all of it, and how long its head is.
    fn element(&mut self) -> Option<(u8, &'a [u8], usize)> {
        let [tag, length, ..] = *self.0 else { return None };
        if tag & 0x1F == 0x1F {
            return None;
        }
        let (head, length) = if length & 0x80 == 0 {
            (2, usize::from(length))
        } else {
            let count = usize::from(length & 0x7F);
            if count == 0 || count > 4 {
                return None;
            }
            let bytes = self.0.get(2..2 + count)?;
            let length = bytes.iter().fold(0usize, |length, &byte| length << 8 | usize::from(byte));
            if length < 128 || bytes[0] == 0 {
                return None;
            }
            (2 + count, length)
        };
        let whole = self.0.get(..head.checked_add(length)?)?;
        self.0 = &self.0[whole.len()..];
        Some((tag, whole, head))
    }

    /// Any element: its tag and content.
    pub(super) fn any(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, whole, head) = self.element()?;
        Some((tag, &whole[head..]))
    }

    /// Any element with its head.
    pub(super) fn any_whole(&mut self) -> Option<&'a [u8]> {
        self.element().map(|(_, whole, _)| whole)
    }

    /// The content of an element with this tag.
    pub(super) fn read(&mut self, tag: u8) -> Option<Reader<'a>> {
        let (found, content) = self.any()?;
        (found == tag).then_some(Reader(content))
    }

    /// An element with this tag, with its head.
    pub(super) fn whole(&mut self, tag: u8) -> Option<Reader<'a>> {
        let (found, whole, _) = self.element()?;
        (found == tag).then_some(Reader(whole))
    }

    /// The content of an element if it has this tag. The outer `None` is an element that is broken.
    pub(super) fn optional(&mut self, tag: u8) -> Option<Option<Reader<'a>>> {
        if self.peek(tag) { self.read(tag).map(Some) } else { Some(None) }
    }

    /// The bytes of an integer, in two's complement.
    pub(super) fn integer(&mut self) -> Option<&'a [u8]> {
        self.read(INTEGER).map(|content| content.0).filter(|bytes| is_minimal(bytes))
    }

    /// An integer that fits into 64 bits, perhaps with another tag.
    pub(super) fn int64(&mut self, tag: u8) -> Option<i64> {
        let bytes = self.read(tag)?.0;
        if !is_minimal(bytes) || bytes.len() > 8 {
            return None;
        }
        let start = if bytes[0] & 0x80 == 0 { 0 } else { -1 };
        Some(bytes.iter().fold(start, |n, &byte| n << 8 | i64::from(byte)))
    }

    pub(super) fn boolean(&mut self) -> Option<bool> {
        match self.read(BOOLEAN)?.0 {
            [0] => Some(false),
            [0xFF] => Some(true),
            _ => None,
        }
    }

    /// The content of an object identifier that can be read.
    pub(super) fn object_id(&mut self) -> Option<&'a [u8]> {
        let bytes = self.read(OBJECT_ID)?.0;
        components(bytes)?;
        Some(bytes)
    }

    /// The bits of a bit string, and how many there are.
    pub(super) fn bit_string(&mut self) -> Option<(&'a [u8], usize)> {
        let (&padding, bytes) = self.read(BIT_STRING)?.0.split_first()?;
        let bad = match bytes.last() {
            _ if padding > 7 => true,
            None => padding != 0,
            Some(last) => last & ((1 << padding) - 1) != 0,
        };
        (!bad).then(|| (bytes, bytes.len() * 8 - usize::from(padding)))
    }

    /// Whether a time can be read.
    pub(super) fn time(&mut self, tag: u8) -> bool {
        let layouts: &[&str] = match tag {
            UTC_TIME => &["060102150405Z0700", "0601021504Z0700"],
            _ => &["20060102150405Z0700"],
        };
        let Some(content) = self.read(tag) else { return false };
        layouts
            .iter()
            .find_map(|layout| dates::reformatted(layout, content.0))
            .is_some_and(|same| same == content.0)
    }
}

fn is_minimal(bytes: &[u8]) -> bool {
    match bytes {
        [] => false,
        [0, second, ..] => second & 0x80 != 0,
        [0xFF, second, ..] => second & 0x80 == 0,
        _ => true,
    }
}

/// The numbers of an object identifier.
pub(super) fn components(bytes: &[u8]) -> Option<Vec<u32>> {
    let mut out = Vec::new();
    let mut value: u32 = 0;
    let mut count = 0;
    for &byte in bytes {
        if count == 5 || value >= 1 << 24 || (count == 0 && byte == 0x80) {
            return None;
        }
        value = value << 7 | u32::from(byte & 0x7F);
        count += 1;
        if byte & 0x80 == 0 {
            if out.is_empty() {
                out.extend(if value < 80 { [value / 40, value % 40] } else { [2, value - 80] });
            } else {
                out.push(value);
            }
            value = 0;
            count = 0;
        }
    }
    (count == 0 && !out.is_empty()).then_some(out)
}

/// The unsigned number of an integer's bytes; `None` if it is negative.
pub(super) fn unsigned(bytes: &[u8]) -> Option<BigUint> {
    (bytes.first()? & 0x80 == 0).then(|| BigUint::from_bytes_be(bytes))
}

// ---- writing ----

/// An element.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        length @ 0..128 => out.push(length as u8),
        length => {
            let bytes = length.to_be_bytes();
            let skip = bytes.iter().take_while(|&&byte| byte == 0).count();
            out.push(0x80 | (bytes.len() - skip) as u8);
            out.extend_from_slice(&bytes[skip..]);
        }
    }
    out.extend_from_slice(content);
    out
}

/// A sequence of elements.
pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, &parts.concat())
}

/// An integer that is not negative.
pub(super) fn integer(n: &BigUint) -> Vec<u8> {
    let mut bytes = n.to_bytes_be();
    if bytes[0] & 0x80 != 0 {
        bytes.insert(0, 0);
    }
    element(INTEGER, &bytes)
}

/// Whole bytes as a bit string.
pub(super) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    element(BIT_STRING, &[&[0], bytes].concat())
}
