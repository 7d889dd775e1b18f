//! Decimal numbers of any length: `shopspring/decimal` as Sprig's `addf`, `divf` and the like use it.

use std::cmp::Ordering;

use chart_lint_template::strconv::append_float;
use chart_lint_template::{Error, Result};

/// `digits × 10^exponent`, perhaps negative.
#[derive(Clone, Debug)]
pub(super) struct Decimal {
    is_negative: bool,
    digits: Natural,
    exponent: i64,
}

/// Digits after the point of a division that does not come out even.
const DIVISION_PRECISION: i64 = 16;

impl Decimal {
    /// The shortest decimal that reads back as this float.
    pub(super) fn from_float(value: f64) -> Result<Decimal> {
        if !value.is_finite() {
            let shown = chart_lint_template::strconv::format_float(value);
            return Err(Error::new(format!("Cannot create a Decimal from {shown}")));
        }
        let mut shown = Vec::new();
        append_float(&mut shown, value.abs(), b'e', None, false);
        let shown = String::from_utf8(shown).unwrap_or_default();
        let (mantissa, exponent) = shown.split_once('e').unwrap_or((&shown, "0"));
        let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        // At most 17 digits, which fit.
        let digits = format!("{integer}{fraction}").parse().unwrap_or(0);
        let exponent = exponent.parse::<i64>().unwrap_or(0) - fraction.len() as i64;
        Ok(Decimal { is_negative: value < 0.0, digits: Natural::from_u64(digits), exponent })
    }

    /// The nearest float.
    pub(super) fn to_float(&self) -> f64 {
        if self.digits.is_zero() {
            return 0.0;
        }
        let sign = if self.is_negative { "-" } else { "" };
        let shown = format!("{sign}{}e{}", self.digits.to_decimal(), self.exponent);
        shown.parse().unwrap_or(0.0)
    }

    /// What an operation with it costs.
    pub(super) fn size(&self) -> u64 {
        self.digits.limbs.len() as u64
    }

    pub(super) fn add(&self, other: &Decimal) -> Result<Decimal> {
        let exponent = self.exponent.min(other.exponent);
        let a = self.digits.scaled(self.exponent - exponent);
        let b = other.digits.scaled(other.exponent - exponent);
        let (is_negative, digits) = match (self.is_negative == other.is_negative, a.cmp(&b)) {
            (true, _) => (self.is_negative, a.plus(&b)),
            (false, Ordering::Less) => (other.is_negative, b.minus(&a)),
            (false, _) => (self.is_negative, a.minus(&b)),
        };
        Ok(Decimal { is_negative, digits, exponent })
    }

    pub(super) fn sub(&self, other: &Decimal) -> Result<Decimal> {
        self.add(&Decimal { is_negative: !other.is_negative, ..other.clone() })
    }

    pub(super) fn mul(&self, other: &Decimal) -> Result<Decimal> {
        Ok(Decimal {
            is_negative: self.is_negative != other.is_negative,
            digits: self.digits.times(&other.digits),
            exponent: self.exponent + other.exponent,
        })
    }

    /// To [`DIVISION_PRECISION`] digits after the point, half of the last one away from zero.
    pub(super) fn div(&self, other: &Decimal) -> Result<Decimal> {
        if other.digits.is_zero() {
            return Err(Error::new("decimal division by 0"));
        }
        let shift = self.exponent - other.exponent + DIVISION_PRECISION;
        let dividend = self.digits.scaled(shift.max(0));
        let divisor = other.digits.scaled((-shift).max(0));
        let (mut digits, rest) = dividend.div_rem(&divisor);
        if rest.plus(&rest).cmp(&divisor) != Ordering::Less {
            digits = digits.plus(&Natural::from_u64(1));
        }
        Ok(Decimal {
            is_negative: self.is_negative != other.is_negative,
            digits,
            exponent: -DIVISION_PRECISION,
        })
    }
}

/// A natural number in base 10⁹, the lowest limb first, without zeros at the top.
#[derive(Clone, Debug)]
struct Natural {
    limbs: Vec<u32>,
}

const BASE: u64 = 1_000_000_000;
const BASE_DIGITS: usize = 9;

impl Natural {
    fn from_u64(mut n: u64) -> Natural {
        let mut limbs = Vec::new();
        while n > 0 {
            limbs.push((n % BASE) as u32);
            n /= BASE;
        }
        Natural { limbs }
    }

    fn from_limbs(mut limbs: Vec<u32>) -> Natural {
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
        Natural { limbs }
    }

    fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    fn to_decimal(&self) -> String {
        let mut shown = String::with_capacity(self.limbs.len() * BASE_DIGITS);
        for (i, limb) in self.limbs.iter().rev().enumerate() {
            shown.push_str(&if i == 0 { limb.to_string() } else { format!("{limb:09}") });
        }
        shown
    }

    fn cmp(&self, other: &Natural) -> Ordering {
        let by_length = self.limbs.len().cmp(&other.limbs.len());
        by_length.then_with(|| self.limbs.iter().rev().cmp(other.limbs.iter().rev()))
    }

    /// Times 10^`digits`.
    fn scaled(&self, digits: i64) -> Natural {
        let digits = usize::try_from(digits).unwrap_or(0);
        if self.is_zero() || digits == 0 {
            return self.clone();
        }
        let mut limbs = vec![0; digits / BASE_DIGITS];
        limbs.extend_from_slice(&self.limbs);
        Natural { limbs }.times_small(10u32.pow((digits % BASE_DIGITS) as u32))
    }

    fn plus(&self, other: &Natural) -> Natural {
        let length = self.limbs.len().max(other.limbs.len());
        let mut limbs = Vec::with_capacity(length + 1);
        let mut carry = 0;
        for i in 0..length {
            let sum = limb(&self.limbs, i) + limb(&other.limbs, i) + carry;
            limbs.push((sum % BASE) as u32);
            carry = sum / BASE;
        }
        limbs.push(carry as u32);
        Natural::from_limbs(limbs)
    }

    /// The difference to a number that is not larger.
    fn minus(&self, other: &Natural) -> Natural {
        let mut limbs = Vec::with_capacity(self.limbs.len());
        let mut borrow = 0;
        for i in 0..self.limbs.len() {
            let difference = BASE + limb(&self.limbs, i) - limb(&other.limbs, i) - borrow;
            limbs.push((difference % BASE) as u32);
            borrow = u64::from(difference < BASE);
        }
        Natural::from_limbs(limbs)
    }

    fn times_small(&self, factor: u32) -> Natural {
        let mut limbs = Vec::with_capacity(self.limbs.len() + 1);
        let mut carry = 0;
        for &limb in &self.limbs {
            let product = u64::from(limb) * u64::from(factor) + carry;
            limbs.push((product % BASE) as u32);
            carry = product / BASE;
        }
        limbs.push(carry as u32);
        Natural::from_limbs(limbs)
    }

    fn times(&self, other: &Natural) -> Natural {
        let mut limbs = vec![0u32; self.limbs.len() + other.limbs.len()];
        for (i, &a) in self.limbs.iter().enumerate() {
            let mut carry = 0;
            for (j, &b) in other.limbs.iter().enumerate() {
                let product = u64::from(a) * u64::from(b) + u64::from(limbs[i + j]) + carry;
                limbs[i + j] = (product % BASE) as u32;
                carry = product / BASE;
            }
            limbs[i + other.limbs.len()] = carry as u32;
        }
        Natural::from_limbs(limbs)
    }

    /// Quotient and remainder of the division by a number that is not 0: Knuth's algorithm D.
    fn div_rem(&self, divisor: &Natural) -> (Natural, Natural) {
        let size = divisor.limbs.len();
        if self.cmp(divisor) == Ordering::Less {
            return (Natural::from_u64(0), self.clone());
        }
        if size == 1 {
            return self.div_rem_small(divisor.limbs[0]);
        }
        // With a large first limb of the divisor each guess is off by two at most.
        let scale = (BASE / (u64::from(divisor.limbs[size - 1]) + 1)) as u32;
        let divisor = divisor.times_small(scale).limbs;
        let mut rest = self.times_small(scale).limbs;
        rest.resize(self.limbs.len() + 1, 0);
        let mut quotient = vec![0u32; rest.len() - size];
        for at in (0..quotient.len()).rev() {
            let top = limb(&rest, at + size) * BASE + limb(&rest, at + size - 1);
            let mut guess = top / limb(&divisor, size - 1);
            let mut left = top % limb(&divisor, size - 1);
            while guess >= BASE || guess * limb(&divisor, size - 2) > left * BASE + limb(&rest, at + size - 2)
            {
                guess -= 1;
                left += limb(&divisor, size - 1);
                if left >= BASE {
                    break;
                }
            }
            if !subtract_times(&mut rest[at..=at + size], &divisor, guess) {
                guess -= 1;
                add_back(&mut rest[at..=at + size], &divisor);
            }
            quotient[at] = guess as u32;
        }
        let (rest, _) = Natural::from_limbs(rest).div_rem_small(scale);
        (Natural::from_limbs(quotient), rest)
    }

    fn div_rem_small(&self, divisor: u32) -> (Natural, Natural) {
        let mut limbs = vec![0; self.limbs.len()];
        let mut rest = 0;
        for (i, &limb) in self.limbs.iter().enumerate().rev() {
            let value = rest * BASE + u64::from(limb);
            limbs[i] = (value / u64::from(divisor)) as u32;
            rest = value % u64::from(divisor);
        }
        (Natural::from_limbs(limbs), Natural::from_u64(rest))
    }
}

fn limb(limbs: &[u32], index: usize) -> u64 {
    limbs.get(index).copied().map_or(0, u64::from)
}

/// `rest -= divisor × factor`, modulo the size of `rest`; says whether it was large enough.
fn subtract_times(rest: &mut [u32], divisor: &[u32], factor: u64) -> bool {
    let mut borrow = 0;
    for (i, limb_of_rest) in rest.iter_mut().enumerate() {
        let product = limb(divisor, i) * factor + borrow;
        borrow = product / BASE;
        let low = product % BASE;
        let value = u64::from(*limb_of_rest);
        if value < low {
            borrow += 1;
            *limb_of_rest = (value + BASE - low) as u32;
        } else {
            *limb_of_rest = (value - low) as u32;
        }
    }
    borrow == 0
}

fn add_back(rest: &mut [u32], divisor: &[u32]) {
    let mut carry = 0;
    for (i, limb_of_rest) in rest.iter_mut().enumerate() {
        let sum = u64::from(*limb_of_rest) + limb(divisor, i) + carry;
        *limb_of_rest = (sum % BASE) as u32;
        carry = sum / BASE;
    }
}
