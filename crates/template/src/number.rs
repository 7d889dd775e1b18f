//! Reading numbers as Go's `strconv` does, and number constants of templates.

use std::fmt;

use crate::ast::Number;
use crate::quote::{go_quote, unquote_char};
use crate::text::Str;

/// Why [`parse_int`], [`parse_uint`] or [`parse_float`] failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NumberError {
    /// Not a number.
    Syntax,
    /// A number, but too large for the type.
    Range,
}

impl NumberError {
    /// The text of Go's `strconv.NumError`: `strconv.ParseInt: parsing "x": invalid syntax`.
    pub fn message(self, function: &str, text: &[u8]) -> String {
        format!("strconv.{function}: parsing {}: {self}", go_quote(text))
    }
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NumberError::Syntax => "invalid syntax",
            NumberError::Range => "value out of range",
        })
    }
}

impl std::error::Error for NumberError {}

/// `strconv.ParseUint(s, base, 64)`. Base 0 means that a prefix (`0x`, `0o`, `0`, `0b`) says which, and that there may
/// be underscores; other bases are 2 to 36.
pub fn parse_uint(s: &[u8], base: u32) -> Result<u64, NumberError> {
    let by_prefix = base == 0;
    let (base, digits) = match s {
        [] => return Err(NumberError::Syntax),
        _ if !by_prefix => (base, s),
        [b'0', b'b' | b'B', rest @ ..] if !rest.is_empty() => (2, rest),
        [b'0', b'o' | b'O', rest @ ..] if !rest.is_empty() => (8, rest),
        [b'0', b'x' | b'X', rest @ ..] if !rest.is_empty() => (16, rest),
        [b'0', rest @ ..] => (8, rest),
        _ => (10, s),
    };
    let mut value = 0u64;
    let mut has_underscores = false;
    for &digit in digits {
        if digit == b'_' && by_prefix {
            has_underscores = true;
            continue;
        }
        let digit = char::from(digit).to_digit(base).ok_or(NumberError::Syntax)?;
        // Too large is reported at once, even if something that is not a digit follows.
        value = value
            .checked_mul(base.into())
            .and_then(|value| value.checked_add(digit.into()))
            .ok_or(NumberError::Range)?;
    }
    if has_underscores && !underscores_are_fine(s) { Err(NumberError::Syntax) } else { Ok(value) }
}

/// `strconv.ParseInt(s, base, 64)`; see [`parse_uint`].
pub fn parse_int(s: &[u8], base: u32) -> Result<i64, NumberError> {
    let (negative, digits) = match s {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, s),
    };
    let magnitude = parse_uint(digits, base)?;
    let value = if negative { 0i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() };
    value.ok_or(NumberError::Range)
}

/// Underscores separate digits; a base's prefix counts as a digit.
fn underscores_are_fine(s: &[u8]) -> bool {
    #[derive(PartialEq)]
    enum Seen {
        Start,
        Digit,
        Underscore,
        Other,
    }
    let s = s.strip_prefix(b"-").or(s.strip_prefix(b"+")).unwrap_or(s);
    let (mut seen, is_hex, rest) = match s {
        [b'0', b'b' | b'B' | b'o' | b'O', rest @ ..] => (Seen::Digit, false, rest),
        [b'0', b'x' | b'X', rest @ ..] => (Seen::Digit, true, rest),
        _ => (Seen::Start, false, s),
    };
    for &byte in rest {
        seen = match byte {
            b'0'..=b'9' => Seen::Digit,
            b'a'..=b'f' | b'A'..=b'F' if is_hex => Seen::Digit,
            b'_' if seen != Seen::Digit => return false,
            b'_' => Seen::Underscore,
            _ if seen == Seen::Underscore => return false,
            _ => Seen::Other,
        };
    }
    seen != Seen::Underscore
}

/// `strconv.ParseFloat(s, 64)`: decimal and hexadecimal floats, with underscores where Go's syntax allows them, and
/// `inf`, `infinity` and `nan` in any case.
pub fn parse_float(s: &[u8]) -> Result<f64, NumberError> {
    let (negative, unsigned) = match s {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, s),
    };
    if unsigned.eq_ignore_ascii_case(b"inf") || unsigned.eq_ignore_ascii_case(b"infinity") {
        return Ok(if negative { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    if s.eq_ignore_ascii_case(b"nan") {
        return Ok(f64::NAN);
    }
    let magnitude = match unsigned {
        [b'0', b'x' | b'X', rest @ ..] if !rest.is_empty() => hexadecimal_float(rest),
        _ => decimal_float(unsigned),
    }?;
    if s.contains(&b'_') && !underscores_are_fine(s) {
        return Err(NumberError::Syntax);
    }
    if magnitude.is_infinite() {
        return Err(NumberError::Range);
    }
    Ok(if negative { -magnitude } else { magnitude })
}

fn decimal_float(s: &[u8]) -> Result<f64, NumberError> {
    let split = s.iter().position(|b| matches!(b, b'e' | b'E'));
    let (mantissa, exponent) = match split {
        Some(at) => (&s[..at], Some(exponent(&s[at + 1..])?)),
        None => (s, None),
    };
    let mut clean = String::with_capacity(s.len());
    for &byte in mantissa {
        match byte {
            b'_' => {}
            b'0'..=b'9' => clean.push(char::from(byte)),
            b'.' if !clean.contains('.') => clean.push('.'),
            _ => return Err(NumberError::Syntax),
        }
    }
    if let Some(exponent) = exponent {
        clean.push_str(&format!("e{exponent}"));
    }
    // Rust's syntax is wider, but what is left is in both; it also wants a digit before the exponent.
    clean.parse().map_err(|_| NumberError::Syntax)
}

/// The exponent after the `e` or `p`. Beyond 10,000 its exact value no longer matters.
fn exponent(s: &[u8]) -> Result<i32, NumberError> {
    let (negative, digits) = match s {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, s),
    };
    if !digits.first().is_some_and(u8::is_ascii_digit) {
        return Err(NumberError::Syntax);
    }
    let mut value = 0i32;
    for &digit in digits {
        match digit {
            b'_' => {}
            b'0'..=b'9' if value < 10_000 => value = value * 10 + i32::from(digit - b'0'),
            b'0'..=b'9' => {}
            _ => return Err(NumberError::Syntax),
        }
    }
    Ok(if negative { -value } else { value })
}

/// What follows the `0x`. An exponent is mandatory.
fn hexadecimal_float(s: &[u8]) -> Result<f64, NumberError> {
    let at = s.iter().position(|b| matches!(b, b'p' | b'P')).ok_or(NumberError::Syntax)?;
    let mut mantissa = 0u64;
    let mut scale = 0i32;
    let mut has_digits = false;
    let mut has_point = false;
    // Of more digits than 64 bits can hold it only matters whether one of them is not zero.
    let mut is_inexact = false;
    for &byte in &s[..at] {
        match byte {
            b'_' => {}
            b'.' if !has_point => has_point = true,
            _ => {
                let digit = char::from(byte).to_digit(16).ok_or(NumberError::Syntax)?;
                has_digits = true;
                if mantissa >> 60 == 0 {
                    mantissa = mantissa << 4 | u64::from(digit);
                    scale = scale.saturating_sub(if has_point { 4 } else { 0 });
                } else {
                    is_inexact |= digit != 0;
                    scale = scale.saturating_add(if has_point { 0 } else { 4 });
                }
            }
        }
    }
    if !has_digits {
        return Err(NumberError::Syntax);
    }
    let exponent = exponent(&s[at + 1..])?;
    Ok(assemble_float(mantissa, scale.saturating_add(exponent), is_inexact))
}

/// `mantissa * 2^exponent`, rounded to even; a little more than that if it `is_inexact`.
fn assemble_float(mantissa: u64, exponent: i32, is_inexact: bool) -> f64 {
    const MANTISSA_BITS: u32 = 52;
    const BIAS: i32 = 1023;
    if mantissa == 0 {
        return 0.0;
    }
    // As a number with 64 bits of which the first is set, times 2^exponent.
    let shift = mantissa.leading_zeros();
    let bits = mantissa << shift;
    let exponent = exponent.saturating_sub(shift as i32);
    // Its first bit stands for 2^(exponent + 63); subnormal numbers keep fewer bits.
    let biased = exponent.saturating_add(63 + BIAS);
    if biased > 2 * BIAS {
        return f64::INFINITY;
    }
    let drop =
        if biased >= 1 { 63 - MANTISSA_BITS } else { (64 - MANTISSA_BITS).saturating_sub_signed(biased) };
    if drop > 64 {
        return 0.0;
    }
    let kept = if drop == 64 { 0 } else { bits >> drop };
    let rest = bits << (64 - drop);
    const HALF: u64 = 1 << 63;
    let round_up = rest > HALF || (rest == HALF && (is_inexact || kept & 1 == 1));
    // The leading bit adds one to the exponent, and so does a carry out of the mantissa.
    let exponent_field = (biased.max(1) as u64 - 1) << MANTISSA_BITS;
    f64::from_bits(exponent_field + kept + u64::from(round_up))
}

/// What the lexer took a constant for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Constant {
    Char,
    Complex,
    Real,
}

impl Number {
    /// A constant of a template: under all types that can hold it, as Go's ideal constants are. The error is Go's text.
    pub(crate) fn parse(text: Str, constant: Constant) -> Result<Number, Vec<u8>> {
        let mut number = Number { int: None, uint: None, float: None, complex: None, text };
        match constant {
            Constant::Char => number.set_char()?,
            Constant::Complex => number.set_complex(scan_complex(&number.text)?),
            Constant::Real => {
                // Only a zero with an `i` can be anything but complex.
                let imaginary = number.text.strip_suffix(b"i").map(parse_float);
                match imaginary {
                    Some(Ok(imaginary)) => number.set_complex((0.0, imaginary)),
                    _ => number.set_real()?,
                }
            }
        }
        Ok(number)
    }

    fn set_char(&mut self) -> Result<(), Vec<u8>> {
        let (c, rest) = unquote_char(&self.text[1..], b'\'').map_err(|error| error.to_string())?;
        if rest != b"'" {
            return Err([b"malformed character constant: ", self.text.as_bytes()].concat());
        }
        let code = c.code();
        self.int = Some(code.into());
        self.uint = Some(code.into());
        self.float = Some(code.into());
        Ok(())
    }

    fn set_complex(&mut self, (real, imaginary): (f64, f64)) {
        self.complex = Some((real, imaginary));
        if imaginary == 0.0 {
            self.float = Some(real);
            self.int = float_to_int(real);
            self.uint = float_to_uint(real);
        }
    }

    fn set_real(&mut self) -> Result<(), Vec<u8>> {
        self.int = parse_int(&self.text, 0).ok();
        self.uint = parse_uint(&self.text, 0).ok();
        if self.int == Some(0) {
            self.uint = Some(0); // "-0" is one too.
        }
        self.float = match (self.int, self.uint) {
            (Some(int), _) => Some(int as f64),
            (None, Some(uint)) => Some(uint as f64),
            (None, None) => {
                let float = parse_float(&self.text)
                    .map_err(|_| format!("illegal number syntax: {}", go_quote(&self.text)))?;
                if !self.text.iter().any(|b| b".eEpP".contains(b)) {
                    return Err(format!("integer overflow: {}", go_quote(&self.text)).into());
                }
                self.int = float_to_int(float);
                self.uint = float_to_uint(float);
                Some(float)
            }
        };
        Ok(())
    }
}

/// The integer that is exactly this float. Go converts there and back; on amd64 what does not fit never comes back.
fn float_to_int(float: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    ((-LIMIT..LIMIT).contains(&float) && float.trunc() == float).then_some(float as i64)
}

fn float_to_uint(float: f64) -> Option<u64> {
    const LIMIT: f64 = 18_446_744_073_709_551_616.0;
    ((0.0..LIMIT).contains(&float) && float.trunc() == float).then_some(float as u64)
}

/// Reads `1+2i` as Go's `fmt.Sscan` does, which knows less forms than the lexer lets through.
fn scan_complex(text: &[u8]) -> Result<(f64, f64), String> {
    const MALFORMED: &str = "syntax error scanning complex number";
    let (real, rest) = scan_float(text);
    if !matches!(rest, [b'+' | b'-', ..]) {
        return Err(MALFORMED.to_owned());
    }
    let (sign, rest) = rest.split_at(1);
    let (imaginary, rest) = scan_float(rest);
    if !rest.starts_with(b"i") {
        return Err(MALFORMED.to_owned());
    }
    let float = |s: &[u8]| parse_float(s).map_err(|error| error.message("ParseFloat", s));
    Ok((float(real)?, float(&[sign, imaginary].concat())?))
}

/// Splits off what looks like a float to `fmt`.
fn scan_float(text: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    let mut accept = |set: &[u8]| {
        let found = text.get(at).is_some_and(|b| set.contains(b));
        at += usize::from(found);
        found
    };
    let is_special = (accept(b"nN") && accept(b"aA") && accept(b"nN")) || {
        accept(b"+-");
        accept(b"iI") && accept(b"nN") && accept(b"fF")
    };
    if !is_special {
        let is_hex = accept(b"0") && accept(b"xX");
        let digits: &[u8] = if is_hex { b"0123456789aAbBcCdDeEfF_" } else { b"0123456789_" };
        while accept(digits) {}
        if accept(b".") {
            while accept(digits) {}
        }
        if accept(if is_hex { b"pP" } else { b"eEpP" }) {
            accept(b"+-");
            while accept(b"0123456789_") {}
        }
    }
    text.split_at(at)
}
