//! Numbers as Go's `strconv` reads and prints them.

use std::io::Write as _;

/// Why a number could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberError {
    Syntax,
    Range,
}

/// `strconv.ParseUint(s, base, 64)`; base 0 means that a prefix decides.
///
/// Callers have removed the underscores that base 0 would allow.
pub(crate) fn parse_uint(text: &[u8], base: u32) -> Result<u64, NumberError> {
    let (base, digits) = match (base, text) {
        (0, [b'0', b'b' | b'B', rest @ ..]) if !rest.is_empty() => (2, rest),
        (0, [b'0', b'o' | b'O', rest @ ..]) if !rest.is_empty() => (8, rest),
        (0, [b'0', b'x' | b'X', rest @ ..]) if !rest.is_empty() => (16, rest),
        (0, [b'0', rest @ ..]) => (8, rest),
        (0, _) => (10, text),
        _ => (base, text),
    };
    if text.is_empty() {
        return Err(NumberError::Syntax);
    }
    let mut value = 0u64;
    // Go reports an overflow at the digit where it happens, even if a bad character follows.
    for byte in digits {
        let digit = char::from(*byte).to_digit(base).ok_or(NumberError::Syntax)?;
        value = value
            .checked_mul(u64::from(base))
            .and_then(|value| value.checked_add(u64::from(digit)))
            .ok_or(NumberError::Range)?;
    }
    Ok(value)
}

/// `strconv.ParseInt(s, base, 64)`.
pub(crate) fn parse_int(text: &[u8], base: u32) -> Result<i64, NumberError> {
    let (negative, digits) = match text {
        [b'+', rest @ ..] => (false, rest),
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let value = parse_uint(digits, base)?;
    if negative {
        0i64.checked_sub_unsigned(value).ok_or(NumberError::Range)
    } else {
        i64::try_from(value).map_err(|_| NumberError::Range)
    }
}

/// Whether yaml's own expression for floats matches:
/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
pub(crate) fn is_yaml_float(text: &[u8]) -> bool {
    let rest = match text {
        [b'+' | b'-', rest @ ..] => rest,
        _ => text,
    };
    let (whole, rest) = split_digits(rest);
    let rest = match rest {
        [b'.', rest @ ..] => {
            let (fraction, rest) = split_digits(rest);
            if whole.is_empty() && fraction.is_empty() {
                return false;
            }
            rest
        }
        _ if whole.is_empty() => return false,
        _ => rest,
    };
    match rest {
        [] => true,
        [b'e' | b'E', b'+' | b'-', digits @ ..] | [b'e' | b'E', digits @ ..] => {
            !digits.is_empty() && split_digits(digits).1.is_empty()
        }
        _ => false,
    }
}

fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

/// `strconv.ParseFloat` for a text that [`is_yaml_float`]; `None` where Go reports a range error.
pub(crate) fn parse_float(text: &[u8]) -> Option<f64> {
    let value: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    value.is_finite().then_some(value)
}

/// `strconv.ParseFloat` for a text that starts with a dot. Underscores may stand between digits.
pub(crate) fn parse_dotted_float(text: &[u8]) -> Option<f64> {
    if !text.contains(&b'_') {
        return if is_yaml_float(text) { parse_float(text) } else { None };
    }
    let digit_at = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_digit);
    for (at, byte) in text.iter().enumerate() {
        // A run of underscores is refused with its second one.
        if *byte == b'_' && !(digit_at(at.checked_sub(1)) && digit_at(Some(at + 1))) {
            return None;
        }
    }
    let digits: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'_').collect();
    if is_yaml_float(&digits) { parse_float(&digits) } else { None }
}

/// The shortest digits that read back as the number, and the place of the decimal point: the number
/// is 0.d1d2d3… × 10^point.
struct Decimal {
    digits: [u8; 24],
    len: usize,
    point: i32,
    negative: bool,
}

impl Decimal {
    fn digits(&self) -> &[u8] {
        &self.digits[..self.len]
    }

    /// Reads Rust's `{:e}` form, which has the shortest digits as Go's has.
    fn from_exponent_form(text: &[u8]) -> Self {
        let mut decimal = Self { digits: [0; 24], len: 0, point: 0, negative: false };
        let mut exponent = 0i32;
        let mut exponent_negative = false;
        let mut in_exponent = false;
        for byte in text {
            match byte {
                b'-' if in_exponent => exponent_negative = true,
                b'-' => decimal.negative = true,
                b'e' => in_exponent = true,
                b'0'..=b'9' if in_exponent => exponent = exponent * 10 + i32::from(byte - b'0'),
                b'0'..=b'9' if decimal.len < decimal.digits.len() => {
                    decimal.digits[decimal.len] = *byte;
                    decimal.len += 1;
                }
                _ => {}
            }
        }
        decimal.point = if exponent_negative { 1 - exponent } else { 1 + exponent };
        if decimal.digits() == b"0" {
            decimal.len = 0;
            decimal.point = 0;
        }
        decimal
    }

    fn of_f64(value: f64) -> Self {
        let mut text = [0u8; 40];
        let mut rest = text.as_mut_slice();
        // 40 bytes hold any shortest form; if they did not, the digits would be cut.
        let written = write!(rest, "{value:e}").map(|()| rest.len());
        let left = written.unwrap_or(0);
        let len = text.len() - left;
        let decimal = Self::from_exponent_form(&text[..len]);
        // Only 16 digits and more can lie close enough together for a tie.
        if decimal.len < 16 {
            return decimal;
        }
        let exact = format!("{value:.*e}", decimal.len + 30);
        decimal.tie_to_even(&exact, |text| text.parse() == Ok(value))
    }

    fn of_f32(value: f32) -> Self {
        let decimal = Self::from_exponent_form(format!("{value:e}").as_bytes());
        if decimal.len < 7 {
            return decimal;
        }
        let exact = format!("{value:.*e}", decimal.len + 30);
        decimal.tie_to_even(&exact, |text| text.parse() == Ok(value))
    }

    /// Where the number lies exactly between two shortest forms, Go takes the one with the even last
    /// digit; Rust does not. `exact` is the number with more digits.
    fn tie_to_even(mut self, exact: &str, reads_back: impl Fn(&str) -> bool) -> Self {
        let exact_digits: Vec<u8> =
            exact.bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).collect();
        let (lower, rest) = exact_digits.split_at(self.len.min(exact_digits.len()));
        let is_tie = rest.first() == Some(&b'5') && rest[1..].iter().all(|digit| *digit == b'0');
        let Some(last) = self.len.checked_sub(1) else { return self };
        if !is_tie || self.digits[last].is_multiple_of(2) {
            return self;
        }
        // The even one is the other one: the lower form, or the one above it. An odd lower digit
        // below 9 needs no carry; after a 9 the even digit is a 0 with a shorter form.
        let other = if self.digits() == lower { self.digits[last] + 1 } else { self.digits[last] - 1 };
        if !other.is_ascii_digit() {
            return self;
        }
        let before = self.digits[last];
        self.digits[last] = other;
        let mut text = Vec::new();
        self.write_exponent(&mut text);
        if !reads_back(&String::from_utf8_lossy(&text)) {
            self.digits[last] = before;
        }
        self
    }

    /// Writes the `%f` form with as many decimals as there are digits.
    fn write_plain(&self, out: &mut Vec<u8>) {
        if self.negative {
            out.push(b'-');
        }
        let digits = self.digits();
        if self.point <= 0 {
            out.push(b'0');
        } else {
            let whole = digits.len().min(self.point as usize);
            out.extend_from_slice(&digits[..whole]);
            out.resize(out.len() + self.point as usize - whole, b'0');
        }
        let whole = usize::try_from(self.point).unwrap_or(0);
        if digits.len() > whole {
            out.push(b'.');
            let zeros = usize::try_from(-self.point).unwrap_or(0);
            out.resize(out.len() + zeros, b'0');
            out.extend_from_slice(&digits[whole..]);
        }
    }

    /// Writes the `%e` form; the exponent has two digits at least.
    fn write_exponent(&self, out: &mut Vec<u8>) {
        if self.negative {
            out.push(b'-');
        }
        let (first, rest) = self.digits().split_first().unwrap_or((&b'0', &[]));
        out.push(*first);
        if !rest.is_empty() {
            out.push(b'.');
            out.extend_from_slice(rest);
        }
        let exponent = self.point - 1;
        out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
        let exponent = exponent.unsigned_abs();
        if exponent < 10 {
            out.push(b'0');
        }
        out.extend_from_slice(exponent.to_string().as_bytes());
    }

    /// Writes the `%g` form with the shortest digits.
    fn write_general(&self, out: &mut Vec<u8>) {
        if self.len > 0 && (self.point < -3 || self.point > 6) {
            self.write_exponent(out);
        } else {
            self.write_plain(out);
        }
    }
}

fn write_special(value: f64, out: &mut Vec<u8>) -> bool {
    let text: &[u8] = if value.is_nan() {
        b"NaN"
    } else if value == f64::INFINITY {
        b"+Inf"
    } else if value == f64::NEG_INFINITY {
        b"-Inf"
    } else {
        return false;
    };
    out.extend_from_slice(text);
    true
}

/// `strconv.AppendFloat(out, value, 'g', -1, 64)`.
pub(crate) fn write_float(value: f64, out: &mut Vec<u8>) {
    if !write_special(value, out) {
        Decimal::of_f64(value).write_general(out);
    }
}

/// `strconv.AppendFloat(out, value, 'g', -1, 32)`, which rounds to 32 bits first.
pub(crate) fn write_float32(value: f64, out: &mut Vec<u8>) {
    let value = value as f32;
    if !write_special(f64::from(value), out) {
        Decimal::of_f32(value).write_general(out);
    }
}

/// What becomes of a float64 when encoding/json writes it and yaml.v2 reads it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum JsonNumber {
    /// The text is an integer that fits 64 bits, signed or not; it is printed as it is.
    Integer,
    /// It stays a float.
    Float,
}

/// Writes a finite float the way [`JsonNumber`] says it ends up in YAML.
pub(crate) fn write_float_through_json(value: f64, out: &mut Vec<u8>) -> JsonNumber {
    if value == 0.0 {
        // JSON writes -0, which YAML reads as the integer 0.
        out.push(b'0');
        return JsonNumber::Integer;
    }
    let decimal = Decimal::of_f64(value);
    let magnitude = value.abs();
    if (1.0..1e21).contains(&magnitude) && decimal.point as usize >= decimal.len {
        let start = out.len();
        decimal.write_plain(out);
        let text = &out[start..];
        if parse_int(text, 10).is_ok() || parse_uint(text, 10).is_ok() {
            return JsonNumber::Integer;
        }
        out.truncate(start);
    }
    decimal.write_general(out);
    JsonNumber::Float
}

#[cfg(test)]
mod tests {
    use super::*;

    fn general(value: f64) -> String {
        let mut out = Vec::new();
        write_float(value, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    fn through_json(value: f64) -> String {
        let mut out = Vec::new();
        write_float_through_json(value, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn floats_print_as_go_prints_them() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (0.5, "0.5"),
            (100_000.0, "100000"),
            (999_999.5, "999999.5"),
            (1e6, "1e+06"),
            (1_234_567.5, "1.2345675e+06"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (-1.5e-7, "-1.5e-07"),
            (1e100, "1e+100"),
            (f64::MAX, "1.7976931348623157e+308"),
            // Halfway between two shortest forms.
            (2_304_797_902_905_525.0 / 4.0, "5.761994757263812e+14"),
            (-2_171_669_107_505_089.0 / 8.0, "-2.7145863843813612e+14"),
            (5_248_274_905_079_917.0 / 4.0, "1.3120687262699792e+15"),
            (5e-324, "5e-324"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(general(value), text);
        }
        let mut out = Vec::new();
        write_float32(0.1, &mut out);
        out.push(b' ');
        write_float32(16_777_217.0, &mut out);
        assert_eq!(out, b"0.1 1.6777216e+07");
    }

    #[test]
    fn json_turns_whole_floats_into_integers() {
        for (value, text) in [
            (1e6, "1000000"),
            (-0.0, "0"),
            (1e19, "10000000000000000000"),
            (1e20, "1e+20"),
            (-1e19, "-1e+19"),
            (9_223_372_036_854_775_808.0, "9223372036854776000"),
            (123_456_789.5, "1.234567895e+08"),
            (1e-7, "1e-07"),
            (1.5, "1.5"),
        ] {
            assert_eq!(through_json(value), text);
        }
    }

    #[test]
    fn integers_follow_strconv() {
        assert_eq!(parse_int(b"0x1F", 0), Ok(31));
        assert_eq!(parse_int(b"-0b11", 0), Ok(-3));
        assert_eq!(parse_int(b"017", 0), Ok(15));
        assert_eq!(parse_int(b"0o17", 0), Ok(15));
        assert_eq!(parse_int(b"0", 0), Ok(0));
        assert_eq!(parse_int(b"08", 0), Err(NumberError::Syntax));
        assert_eq!(parse_int(b"0x", 0), Err(NumberError::Syntax));
        assert_eq!(parse_int(b"+", 0), Err(NumberError::Syntax));
        assert_eq!(parse_int(b"-9223372036854775808", 0), Ok(i64::MIN));
        assert_eq!(parse_int(b"9223372036854775808", 0), Err(NumberError::Range));
        assert_eq!(parse_uint(b"18446744073709551615", 0), Ok(u64::MAX));
        assert_eq!(parse_uint(b"+1", 0), Err(NumberError::Syntax));
    }

    #[test]
    fn float_shapes_follow_the_expression() {
        for good in ["1", "1.", ".5", "+.5", "1e3", "1.5E-3", "08", "1.e5"] {
            assert!(is_yaml_float(good.as_bytes()), "{good}");
        }
        for bad in ["", ".", "e3", "1e", "1e+", "1.5.5", "0x1", "--1", ".e3"] {
            assert!(!is_yaml_float(bad.as_bytes()), "{bad}");
        }
        assert_eq!(parse_dotted_float(b".5_0"), Some(0.5));
        assert_eq!(parse_dotted_float(b"._5"), None);
        assert_eq!(parse_dotted_float(b".5__0"), None);
        assert_eq!(parse_dotted_float(b".5_"), None);
        assert_eq!(parse_float(b"1e400"), None);
    }
}
