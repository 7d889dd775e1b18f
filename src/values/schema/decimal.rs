//! Numbers of schemas and values, exactly as they are written: Helm's validator compares fractions and not floats.

use std::cmp::Ordering;

use chart_lint_template::strconv::append_float;

/// An exact decimal number: `0.d1d2d3… × 10^point`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Decimal {
    negative: bool,
    /// Without zeros at either end; empty for zero.
    digits: Vec<u8>,
    point: i64,
}

/// Go reads no larger exponents into a fraction.
const MAX_EXPONENT: i64 = 1_000_000;

impl Decimal {
    /// Reads a number as JSON or Go's `%v` writes it.
    pub(crate) fn parse(text: &str) -> Option<Decimal> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        if exponent.checked_sub(fraction.len() as i64)?.abs() > MAX_EXPONENT {
            return None;
        }
        let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|byte| byte - b'0').collect();
        let zeros = digits.iter().take_while(|&&digit| digit == 0).count();
        digits.drain(..zeros);
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let point = if digits.is_empty() { 0 } else { whole.len() as i64 + exponent - zeros as i64 };
        Some(Decimal { negative: negative && !digits.is_empty(), digits, point })
    }

    /// A float as Go prints it, which is what Helm's validator reads.
    pub(crate) fn of_float(number: f64) -> Option<Decimal> {
        let mut text = Vec::new();
        append_float(&mut text, number, b'g', None, false);
        Decimal::parse(std::str::from_utf8(&text).ok()?)
    }

    pub(crate) fn is_integer(&self) -> bool {
        self.point >= self.digits.len() as i64
    }

    /// The number as an `int`, cut off as Go cuts it.
    pub(crate) fn to_int(&self) -> Option<i64> {
        if !self.is_integer() {
            return None;
        }
        let mut value: u64 = 0;
        for at in 0..self.point.max(0) {
            let digit = self.digits.get(at as usize).copied().unwrap_or(0);
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        }
        let value = value as i64;
        Some(if self.negative { value.wrapping_neg() } else { value })
    }

    /// The nearest float.
    pub(crate) fn to_float(&self) -> f64 {
        let digits: String = self.digits.iter().map(|digit| char::from(b'0' + digit)).collect();
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}0.{digits}0e{}", self.point).parse().unwrap_or_default()
    }

    /// Whether this is a whole multiple of the other, which is not zero.
    pub(crate) fn is_multiple_of(&self, other: &Decimal) -> bool {
        if self.digits.is_empty() || other.digits.is_empty() {
            return self.digits.is_empty();
        }
        // Both as whole numbers with the same exponent: zeros are added to the one or the other.
        let exponent = |number: &Decimal| number.point - number.digits.len() as i64;
        let shift = exponent(self) - exponent(other);
        let zeros = |count: i64| std::iter::repeat_n(0, usize::try_from(count).unwrap_or(0));
        let mut divisor = other.digits.clone();
        divisor.extend(zeros(-shift));
        if divisor.len() > self.digits.len() + usize::try_from(shift).unwrap_or(0) {
            return false;
        }
        let mut rest: Vec<u8> = Vec::new();
        for digit in self.digits.iter().copied().chain(zeros(shift)) {
            if !rest.is_empty() || digit != 0 {
                rest.push(digit);
            }
            while !is_less(&rest, &divisor) {
                subtract(&mut rest, &divisor);
            }
        }
        rest.is_empty()
    }
}

/// Compares whole numbers without zeros at the start.
fn is_less(a: &[u8], b: &[u8]) -> bool {
    (a.len(), a) < (b.len(), b)
}

fn subtract(a: &mut Vec<u8>, b: &[u8]) {
    let mut borrow = 0;
    let offset = a.len() - b.len();
    for at in (0..a.len()).rev() {
        let taken = borrow + if at >= offset { b[at - offset] } else { 0 };
        borrow = u8::from(a[at] < taken);
        a[at] = a[at] + 10 * borrow - taken;
    }
    let zeros = a.iter().take_while(|&&digit| digit == 0).count();
    a.drain(..zeros);
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> Ordering {
        let sign = |number: &Decimal| match (number.digits.is_empty(), number.negative) {
            (true, _) => 0,
            (_, true) => -1,
            _ => 1,
        };
        let size = |number: &Decimal| number.point;
        match (sign(self), sign(other)) {
            (a, b) if a != b => a.cmp(&b),
            (0, _) => Ordering::Equal,
            (1, _) => size(self).cmp(&size(other)).then_with(|| self.digits.cmp(&other.digits)),
            _ => size(other).cmp(&size(self)).then_with(|| other.digits.cmp(&self.digits)),
        }
    }
}

/// A whole number with commas, as the English printer of `golang.org/x/text` writes it.
pub(crate) fn print_int(number: i64) -> String {
    group(&number.to_string())
}

fn group(number: &str) -> String {
    let (sign, digits) = if let Some(rest) = number.strip_prefix('-') { ("-", rest) } else { ("", number) };
    let mut out = sign.to_owned();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A float as that printer writes it: with commas, and from a million on with a power of ten.
pub(crate) fn print_float(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "∞".to_owned() } else { "-∞".to_owned() };
    }
    let Some(decimal) = Decimal::of_float(number) else { return "NaN".to_owned() };
    let digits: String = decimal.digits.iter().map(|digit| char::from(b'0' + digit)).collect();
    let sign = if decimal.negative { "-" } else { "" };
    if digits.is_empty() {
        return "0".to_owned();
    }
    let exponent = decimal.point - 1;
    if !(-4..6).contains(&exponent) {
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        let raise = |digit| match digit {
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            digit => char::from_u32(u32::from('⁰') + u32::from(digit) - u32::from('0')).unwrap_or(digit),
        };
        let raised: String = format!("{:02}", exponent.abs()).chars().map(raise).collect();
        let minus = if exponent < 0 { "⁻" } else { "" };
        return format!("{sign}{first}{dot}{rest}×10{minus}{raised}");
    }
    if decimal.point <= 0 {
        return format!("{sign}0.{}{digits}", "0".repeat((-decimal.point) as usize));
    }
    let point = decimal.point as usize;
    if point >= digits.len() {
        return format!("{sign}{}", group(&format!("{digits}{}", "0".repeat(point - digits.len()))));
    }
    let (whole, fraction) = digits.split_at(point);
    format!("{sign}{}.{fraction}", group(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::parse(text).expect("a number")
    }

    #[test]
    fn numbers_compare_exactly() {
        for (a, b, expected) in [
            ("1", "1.0", Ordering::Equal),
            ("0", "-0.0e5", Ordering::Equal),
            ("1e2", "99.999", Ordering::Greater),
            ("-1", "1", Ordering::Less),
            ("-2", "-1", Ordering::Less),
            ("0.1", "0.10000000000000001", Ordering::Less),
            ("12", "2", Ordering::Greater),
            ("1e-3", "1e-4", Ordering::Greater),
        ] {
            assert_eq!(number(a).cmp(&number(b)), expected, "{a} {b}");
        }
        assert!(number("1e3").is_integer() && !number("1.5").is_integer() && number("-0").is_integer());
        assert_eq!((number("1.2e3").to_int(), number("-7").to_int()), (Some(1200), Some(-7)));
        assert_eq!(Decimal::parse("1e1000001"), None);
    }

    #[test]
    fn multiples_are_exact() {
        for (a, b, expected) in [
            ("10", "5", true),
            ("10", "3", false),
            ("0.3", "0.1", true),
            ("1e3", "0.25", true),
            ("1", "2", false),
            ("0", "7", true),
            ("-9", "3", true),
            ("123456789123456789", "9", true),
            ("1e300", "7", false),
        ] {
            assert_eq!(number(a).is_multiple_of(&number(b)), expected, "{a} {b}");
        }
    }

    #[test]
    fn floats_print_as_the_english_printer_does() {
        for (number, expected) in [
            (0.0, "0"),
            (1.5, "1.5"),
            (-2.0, "-2"),
            (12345.0, "12,345"),
            (999_999.0, "999,999"),
            (1e6, "1×10⁰⁶"),
            (1_234_567.5, "1.2345675×10⁰⁶"),
            (1e100, "1×10¹⁰⁰"),
            (0.0001, "0.0001"),
            (0.00001, "1×10⁻⁰⁵"),
            (123_456.789, "123,456.789"),
            (5e-324, "5×10⁻³²⁴"),
            (3000.25, "3,000.25"),
        ] {
            assert_eq!(print_float(number), expected);
        }
        assert_eq!(print_int(-12_345_678), "-12,345,678");
        assert_eq!(Decimal::parse("1.5e3").map(|number| number.to_float()), Some(1500.0));
    }
}
