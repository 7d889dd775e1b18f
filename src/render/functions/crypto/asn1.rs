//! Keys in ASN.1, read as Go's `encoding/asn1` reads them into structs, with its errors.

use num_bigint::BigUint;

/// What a field of a struct holds.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// `int`
    Int,
    /// `*big.Int`
    Big,
    /// `[]byte`
    Bytes,
    /// `asn1.ObjectIdentifier`
    ObjectId,
    /// `asn1.BitString`
    Bits,
    /// `asn1.RawValue`
    Raw,
    /// A struct of a name.
    Struct(&'static str, &'static [Member]),
    /// A slice of structs.
    List(&'static str, &'static [Member]),
}

/// A field of a struct.
#[derive(Clone, Copy)]
pub(super) struct Member {
    shape: Shape,
    optional: bool,
    /// The number of a tag around it.
    explicit: Option<u64>,
    omit_empty: bool,
}

const fn member(shape: Shape) -> Member {
    Member { shape, optional: false, explicit: None, omit_empty: false }
}

const fn optional(shape: Shape) -> Member {
    Member { shape, optional: true, explicit: None, omit_empty: false }
}

const fn explicit(shape: Shape, tag: u64) -> Member {
    Member { shape, optional: true, explicit: Some(tag), omit_empty: false }
}

pub(super) const PKCS1: Shape = Shape::Struct(
    "pkcs1PrivateKey",
    &[
        member(Shape::Int),
        member(Shape::Big),
        member(Shape::Int),
        member(Shape::Big),
        member(Shape::Big),
        member(Shape::Big),
        optional(Shape::Big),
        optional(Shape::Big),
        optional(Shape::Big),
        Member { omit_empty: true, ..optional(Shape::List("pkcs1AdditionalRSAPrime", PRIME)) },
    ],
);
const PRIME: &[Member] = &[member(Shape::Big), member(Shape::Big), member(Shape::Big)];

pub(super) const PKCS8: Shape = Shape::Struct(
    "pkcs8",
    &[
        member(Shape::Int),
        member(Shape::Struct("AlgorithmIdentifier", &[member(Shape::ObjectId), optional(Shape::Raw)])),
        member(Shape::Bytes),
    ],
);

pub(super) const EC: Shape = Shape::Struct(
    "ecPrivateKey",
    &[member(Shape::Int), member(Shape::Bytes), explicit(Shape::ObjectId, 0), explicit(Shape::Bits, 1)],
);

pub(super) const DSA: Shape = Shape::Struct(
    "DSAKeyFormat",
    &[
        member(Shape::Int),
        member(Shape::Big),
        member(Shape::Big),
        member(Shape::Big),
        member(Shape::Big),
        member(Shape::Big),
    ],
);

/// What was read.
#[derive(Clone, Debug, Default)]
pub(super) enum Parsed {
    /// An optional field that is missing.
    #[default]
    Absent,
    Int(i64),
    /// Whether it is negative, and the number without its sign.
    Big(bool, BigUint),
    Bytes(Vec<u8>),
    /// The numbers.
    ObjectId(Vec<u64>),
    /// With its head.
    Raw(Vec<u8>),
    Struct(Vec<Parsed>),
    List(Vec<Parsed>),
}

impl Parsed {
    /// A field of a struct.
    pub(super) fn field(&self, index: usize) -> &Parsed {
        const ABSENT: &Parsed = &Parsed::Absent;
        match self {
            Parsed::Struct(fields) => fields.get(index).unwrap_or(ABSENT),
            _ => ABSENT,
        }
    }

    pub(super) fn int(&self) -> i64 {
        if let Parsed::Int(n) = self { *n } else { 0 }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Parsed::Bytes(bytes) | Parsed::Raw(bytes) => bytes,
            _ => &[],
        }
    }

    pub(super) fn object_id(&self) -> &[u64] {
        if let Parsed::ObjectId(numbers) = self { numbers } else { &[] }
    }

    /// A number greater than 0.
    pub(super) fn positive(&self) -> Option<&BigUint> {
        match self {
            Parsed::Big(false, n) if *n != BigUint::ZERO => Some(n),
            _ => None,
        }
    }

    /// A number without its sign.
    pub(super) fn big(&self) -> BigUint {
        if let Parsed::Big(_, n) = self { n.clone() } else { BigUint::ZERO }
    }

    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Parsed::Absent)
    }
}

type Result<T> = std::result::Result<T, String>;

fn structure<T>(message: &str) -> Result<T> {
    Err(format!("asn1: structure error: {message}"))
}

fn syntax<T>(message: &str) -> Result<T> {
    Err(format!("asn1: syntax error: {message}"))
}

/// Reads a value; gives what follows it too.
pub(super) fn unmarshal(bytes: &[u8], shape: Shape) -> Result<(Parsed, &[u8])> {
    let (parsed, offset) = field(bytes, 0, member(shape))?;
    Ok((parsed, &bytes[offset..]))
}

struct Head {
    class: u8,
    tag: u64,
    length: usize,
    is_compound: bool,
}

/// A number in base 128, and where it ends.
fn base128(bytes: &[u8], mut offset: usize) -> Result<(u64, usize)> {
    let mut value: u64 = 0;
    for count in 0.. {
        let Some(&byte) = bytes.get(offset) else { break };
        if count == 5 {
            return structure("base 128 integer too large");
        }
        if count == 0 && byte == 0x80 {
            return syntax("integer is not minimally encoded");
        }
        value = value << 7 | u64::from(byte & 0x7F);
        offset += 1;
        if byte & 0x80 == 0 {
            if value > i32::MAX as u64 {
                return structure("base 128 integer too large");
            }
            return Ok((value, offset));
        }
    }
    syntax("truncated base 128 integer")
}

fn head(bytes: &[u8], mut offset: usize) -> Result<(Head, usize)> {
    let Some(&byte) = bytes.get(offset) else {
        return Err("asn1: internal error in parseTagAndLength".to_owned());
    };
    offset += 1;
    let mut found =
        Head { class: byte >> 6, tag: u64::from(byte & 0x1F), length: 0, is_compound: byte & 0x20 != 0 };
    if found.tag == 0x1F {
        (found.tag, offset) = base128(bytes, offset)?;
        if found.tag < 0x1F {
            return syntax("non-minimal tag");
        }
    }
    let Some(&byte) = bytes.get(offset) else { return syntax("truncated tag or length") };
    offset += 1;
    if byte & 0x80 == 0 {
        found.length = usize::from(byte);
        return Ok((found, offset));
    }
    if byte == 0x80 {
        return syntax("indefinite length found (not DER)");
    }
    for _ in 0..byte & 0x7F {
        let Some(&byte) = bytes.get(offset) else { return syntax("truncated tag or length") };
        offset += 1;
        if found.length >= 1 << 23 {
            return structure("length too large");
        }
        found.length = found.length << 8 | usize::from(byte);
        if found.length == 0 {
            return structure("superfluous leading zeros in length");
        }
    }
    if found.length < 0x80 {
        return structure("non-minimal length");
    }
    Ok((found, offset))
}

/// Reads a field at an offset; gives the offset behind it.
fn field(bytes: &[u8], start: usize, member: Member) -> Result<(Parsed, usize)> {
    let missing = |message: String| match member.optional {
        true => Ok((Parsed::Absent, start)),
        false => Err(message),
    };
    if start == bytes.len() {
        return missing("asn1: syntax error: sequence truncated".to_owned());
    }
    let (mut found, mut offset) = head(bytes, start)?;
    if let Some(tag) = member.explicit {
        if offset == bytes.len() {
            return structure("explicit tag has no child");
        }
        if found.class != 2 || found.tag != tag || !(found.length == 0 || found.is_compound) {
            return missing("asn1: structure error: explicitly tagged member didn't match".to_owned());
        }
        if found.length == 0 {
            return structure("zero length explicit tag was not an asn1.Flag");
        }
        (found, offset) = head(bytes, offset)?;
    }
    let (tag, is_compound, name) = match member.shape {
        Shape::Int => (2, false, "int"),
        Shape::Big => (2, false, ""),
        Shape::Bytes => (4, false, ""),
        Shape::ObjectId => (6, false, "ObjectIdentifier"),
        Shape::Bits => (3, false, "BitString"),
        Shape::Struct(name, _) => (16, true, name),
        Shape::List(..) => (16, true, ""),
        Shape::Raw => (found.tag, found.is_compound, "RawValue"),
    };
    let class = if matches!(member.shape, Shape::Raw) { found.class } else { 0 };
    if (found.class, found.tag, found.is_compound) != (class, tag, is_compound) {
        let Head { class, tag: found, length, is_compound } = found;
        let (optional, omit_empty) = (member.optional, member.omit_empty);
        return missing(format!(
            "asn1: structure error: tags don't match ({tag} vs {{class:{class} tag:{found} length:{length} \
             isCompound:{is_compound}}}) {{optional:{optional} explicit:false application:false private:false \
             defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:{omit_empty}}} {name} @{offset}"
        ));
    }
    let Some(content) = bytes.get(offset..offset + found.length) else { return syntax("data truncated") };
    let end = offset + found.length;
    let parsed = match member.shape {
        Shape::Int => Parsed::Int(int64(content)?),
        Shape::Big => big(content)?,
        Shape::Bytes => Parsed::Bytes(content.to_vec()),
        Shape::ObjectId => Parsed::ObjectId(object_id(content)?),
        Shape::Bits => {
            check_bits(content)?;
            Parsed::Bytes(content[1..].to_vec())
        }
        Shape::Raw => Parsed::Raw(bytes[start..end].to_vec()),
        Shape::Struct(_, members) => Parsed::Struct(fields(content, members)?),
        Shape::List(name, members) => Parsed::List(list(content, name, members)?),
    };
    Ok((parsed, end))
}

fn fields(content: &[u8], members: &'static [Member]) -> Result<Vec<Parsed>> {
    let mut offset = 0;
    let mut out = Vec::with_capacity(members.len());
    for &member in members {
        let (parsed, end) = field(content, offset, member)?;
        out.push(parsed);
        offset = end;
    }
    Ok(out)
}

fn list(content: &[u8], name: &'static str, members: &'static [Member]) -> Result<Vec<Parsed>> {
    // Go looks at the heads of all elements first.
    let mut offset = 0;
    let mut count = 0;
    while offset < content.len() {
        let (found, end) = head(content, offset)?;
        if (found.class, found.tag, found.is_compound) != (0, 16, true) {
            return structure("sequence tag mismatch");
        }
        if end + found.length > content.len() {
            return syntax("truncated sequence");
        }
        offset = end + found.length;
        count += 1;
    }
    let mut offset = 0;
    let mut out = Vec::with_capacity(count);
    for _ in 0..count {
        let (parsed, end) = field(content, offset, member(Shape::Struct(name, members)))?;
        out.push(parsed);
        offset = end;
    }
    Ok(out)
}

fn check_integer(bytes: &[u8]) -> Result<()> {
    match bytes {
        [] => structure("empty integer"),
        [0, second, ..] if second & 0x80 == 0 => structure("integer not minimally-encoded"),
        [0xFF, second, ..] if second & 0x80 != 0 => structure("integer not minimally-encoded"),
        _ => Ok(()),
    }
}

fn int64(bytes: &[u8]) -> Result<i64> {
    check_integer(bytes)?;
    if bytes.len() > 8 {
        return structure("integer too large");
    }
    let start = if bytes[0] & 0x80 == 0 { 0 } else { -1 };
    Ok(bytes.iter().fold(start, |n, &byte| n << 8 | i64::from(byte)))
}

fn big(bytes: &[u8]) -> Result<Parsed> {
    check_integer(bytes)?;
    if bytes[0] & 0x80 == 0 {
        return Ok(Parsed::Big(false, BigUint::from_bytes_be(bytes)));
    }
    let inverted: Vec<u8> = bytes.iter().map(|byte| !byte).collect();
    Ok(Parsed::Big(true, BigUint::from_bytes_be(&inverted) + 1u32))
}

fn check_bits(bytes: &[u8]) -> Result<()> {
    let Some((&padding, content)) = bytes.split_first() else { return syntax("zero length BIT STRING") };
    let bad = match content.last() {
        _ if padding > 7 => true,
        None => padding > 0,
        Some(last) => last & ((1 << padding) - 1) != 0,
    };
    if bad { syntax("invalid padding bits in BIT STRING") } else { Ok(()) }
}

fn object_id(bytes: &[u8]) -> Result<Vec<u64>> {
    if bytes.is_empty() {
        return syntax("zero length OBJECT IDENTIFIER");
    }
    let (first, mut offset) = base128(bytes, 0)?;
    let mut out = if first < 80 { vec![first / 40, first % 40] } else { vec![2, first - 80] };
    while offset < bytes.len() {
        let (value, end) = base128(bytes, offset)?;
        out.push(value);
        offset = end;
    }
    Ok(out)
}

/// An object identifier at the start of some bytes.
pub(super) fn read_object_id(bytes: &[u8]) -> Option<Vec<u64>> {
    match field(bytes, 0, member(Shape::ObjectId)) {
        Ok((Parsed::ObjectId(numbers), _)) => Some(numbers),
        _ => None,
    }
}

/// An octet string at the start of some bytes.
pub(super) fn read_bytes(bytes: &[u8]) -> Result<Vec<u8>> {
    match field(bytes, 0, member(Shape::Bytes))?.0 {
        Parsed::Bytes(bytes) => Ok(bytes),
        _ => Ok(Vec::new()),
    }
}
