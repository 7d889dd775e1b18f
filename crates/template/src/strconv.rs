//! Numbers as Go's `strconv` writes and reads them.

pub use crate::number::{NumberError, parse_float, parse_int, parse_uint};

/// The decimal digits of a float and where the point is: the value is `0.digits × 10^point`.
struct Decimal {
    digits: Vec<u8>,
    point: i32,
}

/// Appends a float as `strconv.AppendFloat` does. `format` is one of `eEfgGbxX`; a `precision` of `None` asks for the
/// fewest digits that read back as the same number, of a `float32` if `is_32` is set.
pub fn append_float(out: &mut Vec<u8>, value: f64, format: u8, precision: Option<usize>, is_32: bool) {
    if value.is_nan() {
        return out.extend_from_slice(b"NaN");
    }
    if value.is_infinite() {
        return out.extend_from_slice(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    }
    match format {
        b'b' => return append_binary(out, value, is_32),
        b'x' | b'X' => return append_hex(out, value, format, precision, is_32),
        _ => {}
    }
    if value.is_sign_negative() {
        out.push(b'-');
    }
    let value = value.abs();
    match (format, precision) {
        (b'f', Some(precision)) => out.extend_from_slice(format!("{value:.precision$}").as_bytes()),
        (b'e' | b'E', Some(precision)) => {
            append_exponent(out, &exact(value, precision + 1), precision, format)
        }
        (b'f', None) => append_plain(out, &shortest(value, is_32), None),
        (b'e' | b'E', None) => {
            let decimal = shortest(value, is_32);
            append_exponent(out, &decimal, decimal.digits.len().saturating_sub(1), format);
        }
        _ => append_general(out, value, format, precision, is_32),
    }
}

/// `%g`: exponents for very small and very large numbers only.
fn append_general(out: &mut Vec<u8>, value: f64, format: u8, precision: Option<usize>, is_32: bool) {
    let (decimal, mut limit) = match precision {
        Some(precision) => {
            let precision = precision.max(1);
            (exact(value, precision), precision as i32)
        }
        None => (shortest(value, is_32), 6),
    };
    let count = decimal.digits.len() as i32;
    if precision.is_some() && limit > count && count >= decimal.point {
        limit = count;
    }
    let exponent = decimal.point - 1;
    if exponent < -4 || exponent >= limit {
        let digits = match precision {
            Some(precision) => (precision.max(1) as i32).min(count) - 1,
            None => count - 1,
        };
        return append_exponent(out, &decimal, digits.max(0) as usize, format + b'e' - b'g');
    }
    append_plain(out, &decimal, Some((count - decimal.point).max(0) as usize));
}

/// Digits with a point, `places` of them after it (as many as there are digits if not said).
fn append_plain(out: &mut Vec<u8>, decimal: &Decimal, places: Option<usize>) {
    let digit = |i: i32| usize::try_from(i).ok().and_then(|i| decimal.digits.get(i)).copied().unwrap_or(b'0');
    if decimal.point > 0 {
        out.extend((0..decimal.point).map(digit));
    } else {
        out.push(b'0');
    }
    let places = places.unwrap_or((decimal.digits.len() as i32 - decimal.point).max(0) as usize);
    if places > 0 {
        out.push(b'.');
        out.extend((0..places as i32).map(|i| digit(decimal.point + i)));
    }
}

/// `d.ddde±dd`, with `places` digits after the point.
fn append_exponent(out: &mut Vec<u8>, decimal: &Decimal, places: usize, letter: u8) {
    let digit = |i: usize| decimal.digits.get(i).copied().unwrap_or(b'0');
    out.push(digit(0));
    if places > 0 {
        out.push(b'.');
        out.extend((1..=places).map(digit));
    }
    out.push(letter);
    let exponent = if decimal.digits.is_empty() { 0 } else { decimal.point - 1 };
    out.push(if exponent < 0 { b'-' } else { b'+' });
    let exponent = exponent.unsigned_abs();
    if exponent < 10 {
        out.push(b'0');
    }
    out.extend_from_slice(exponent.to_string().as_bytes());
}

fn parse_exponent_form(text: &str) -> Decimal {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let mut digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    let point = if digits.is_empty() { 0 } else { exponent.parse::<i32>().unwrap_or(0) + 1 };
    Decimal { digits, point }
}

/// The fewest digits that read back as the same number. Where the number lies just between two of them Go takes the
/// even one; Rust takes the upper.
fn shortest(value: f64, is_32: bool) -> Decimal {
    /// With fewer digits, no two forms that read back as the same number lie a digit apart.
    const MANY: usize = 16;
    const MANY_32: usize = 7;
    let text = if is_32 { format!("{:e}", value as f32) } else { format!("{value:e}") };
    let mut decimal = parse_exponent_form(&text);
    let length = decimal.digits.len();
    let Some(last) = decimal.digits.last_mut().filter(|last| **last % 2 == 1) else { return decimal };
    if length < if is_32 { MANY_32 } else { MANY } {
        return decimal;
    }
    let exact = parse_exponent_form(&format!("{value:.*e}", length + 30));
    if exact.digits.len() != length + 1 || exact.digits.last() != Some(&b'5') {
        return decimal;
    }
    let upper = *last;
    // The exact digits begin with those of the lower form.
    *last = if exact.digits[length - 1] == upper { upper + 1 } else { upper - 1 };
    let other = *last;
    let mut text = Vec::new();
    append_exponent(&mut text, &decimal, length - 1, b'e');
    let text = String::from_utf8(text).unwrap_or_default();
    let reads_back = if is_32 { text.parse() == Ok(value as f32) } else { text.parse() == Ok(value) };
    if !reads_back || other > b'9' {
        decimal.digits[length - 1] = upper;
    }
    decimal
}

/// `count` significant digits, correctly rounded.
fn exact(value: f64, count: usize) -> Decimal {
    let places = count.saturating_sub(1);
    parse_exponent_form(&format!("{value:.places$e}"))
}

/// `mantissa p exponent`, both decimal.
fn append_binary(out: &mut Vec<u8>, value: f64, is_32: bool) {
    let (negative, mantissa, exponent) = split(value, is_32);
    if negative {
        out.push(b'-');
    }
    let bits = if is_32 { 23 } else { 52 };
    let exponent = exponent - bits;
    let sign = if exponent >= 0 { "+" } else { "" };
    out.extend_from_slice(format!("{mantissa}p{sign}{exponent}").as_bytes());
}

/// Sign, mantissa with the implicit bit, and the exponent of that bit.
fn split(value: f64, is_32: bool) -> (bool, u64, i32) {
    let (bits, mantissa_bits, bias, exponent_bits) = if is_32 {
        (u64::from((value as f32).to_bits()), 23, 127, 8)
    } else {
        (value.to_bits(), 52, 1023, 11)
    };
    let exponent = ((bits >> mantissa_bits) & ((1 << exponent_bits) - 1)) as i32;
    let mantissa = bits & ((1 << mantissa_bits) - 1);
    if exponent == 0 {
        (value.is_sign_negative(), mantissa, 1 - bias)
    } else {
        (value.is_sign_negative(), mantissa | 1 << mantissa_bits, exponent - bias)
    }
}

/// `0x1.yyyyp±dd`
fn append_hex(out: &mut Vec<u8>, value: f64, format: u8, precision: Option<usize>, is_32: bool) {
    let (negative, mut mantissa, mut exponent) = split(value, is_32);
    if mantissa == 0 {
        exponent = 0;
    }
    // The leading 1 (if there is one) goes to bit 60, so that 15 hexadecimal digits follow it.
    mantissa <<= 60 - if is_32 { 23 } else { 52 };
    while mantissa != 0 && mantissa & 1 << 60 == 0 {
        mantissa <<= 1;
        exponent -= 1;
    }
    if let Some(precision) = precision.filter(|&precision| precision < 15) {
        let shift = (precision * 4) as u32;
        let extra = (mantissa << shift) & ((1 << 60) - 1);
        mantissa >>= 60 - shift;
        if extra | (mantissa & 1) > 1 << 59 {
            mantissa += 1;
        }
        mantissa <<= 60 - shift;
        if mantissa & 1 << 61 != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let upper = format == b'X';
    let digits: &[u8; 16] = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    if negative {
        out.push(b'-');
    }
    out.extend_from_slice(&[b'0', format, b'0' + ((mantissa >> 60) & 1) as u8]);
    mantissa = (mantissa << 4) & (((1 << 60) - 1) << 4);
    if precision.map_or(mantissa != 0, |precision| precision > 0) {
        out.push(b'.');
        let mut written = 0;
        while precision.map_or(mantissa != 0, |precision| written < precision) {
            out.push(digits[(mantissa >> 60) as usize & 15]);
            mantissa <<= 4;
            written += 1;
        }
    }
    out.push(if upper { b'P' } else { b'p' });
    out.push(if exponent < 0 { b'-' } else { b'+' });
    let exponent = exponent.unsigned_abs();
    if exponent < 10 {
        out.push(b'0');
    }
    out.extend_from_slice(exponent.to_string().as_bytes());
}

/// A `float64` as `%v` prints it, and templates do.
pub fn format_float(value: f64) -> String {
    let mut out = Vec::new();
    append_float(&mut out, value, b'g', None, false);
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_shortest_forms_the_even_one_is_taken() {
        assert_eq!(format_float(1_412_224_057_067_736.3), "1.4122240570677362e+15");
        assert_eq!(format_float(-739_009_459_254_409.3), "-7.390094592544092e+14");
        assert_eq!(format_float(1.0 / 3.0), "0.3333333333333333");
    }
}
