//! The order of keys in emitted mappings.
//!
//! yaml.v2's comparison is no order: `a10 < a1b < a2 < a10`. Go's own output for such keys changes
//! from run to run. Rust's `sort_by` may panic when it is given such a comparison, so this module has
//! a merge sort of its own, which gives *some* sequence for any comparison, and Go's for all keys
//! that have one.

use crate::emit::Flavor;
use crate::unicode_tables::{DIGITS, LETTERS};

/// Sorts the entries of a mapping for emission.
///
/// For keys without an order the result depends on the order before; sort by bytes first to have
/// always the same.
pub fn sort_keys<T>(flavor: Flavor, entries: &mut [T], key: impl Fn(&T) -> &[u8]) {
    let less = |a: &T, b: &T| key_less(flavor, key(a), key(b));
    // Most mappings are small, and many are in order already.
    if entries.len() <= 12 {
        for end in 1..entries.len() {
            let mut at = end;
            while at > 0 && less(&entries[at], &entries[at - 1]) {
                entries.swap(at, at - 1);
                at -= 1;
            }
        }
        return;
    }
    if entries.windows(2).all(|pair| !less(&pair[1], &pair[0])) {
        return;
    }
    let order = merge_sort(entries.len(), |a, b| less(&entries[a], &entries[b]));
    permute(entries, order);
}

/// The indices `0..len` in order. Stable.
fn merge_sort(len: usize, less: impl Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    let mut other = order.clone();
    let mut run = 1;
    while run < len {
        for start in (0..len).step_by(2 * run) {
            let middle = len.min(start + run);
            let end = len.min(start + 2 * run);
            let (mut left, mut right) = (start, middle);
            for slot in &mut other[start..end] {
                let take_right = left == middle || (right < end && less(order[right], order[left]));
                let from = if take_right { &mut right } else { &mut left };
                *slot = order[*from];
                *from += 1;
            }
        }
        std::mem::swap(&mut order, &mut other);
        run *= 2;
    }
    order
}

/// Puts `entries[order[i]]` at `i`, for all `i`.
fn permute<T>(entries: &mut [T], mut order: Vec<usize>) {
    for start in 0..order.len() {
        let mut at = start;
        loop {
            let from = order[at];
            order[at] = at;
            if from == start || from == at {
                break;
            }
            entries.swap(at, from);
            at = from;
        }
    }
}

/// go-yaml's `keyList.Less` for strings.
///
/// At the first difference: letters by their code, a letter after anything else, numbers by their
/// value. yaml.v3 adds that after a common digit the letter goes first, so that `1a` stands before
/// `10`.
#[must_use]
pub fn key_less(flavor: Flavor, a: &[u8], b: &[u8]) -> bool {
    if a.is_ascii() && b.is_ascii() {
        less(flavor, a, b, |byte| u32::from(*byte))
    } else {
        less(flavor, &runes(a), &runes(b), |rune| *rune)
    }
}

/// Go's `[]rune(s)`.
fn runes(bytes: &[u8]) -> Vec<u32> {
    let mut runes = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        runes.extend(chunk.valid().chars().map(|character| character as u32));
        runes.extend(chunk.invalid().iter().map(|_| 0xFFFD));
    }
    runes
}

fn less<C>(flavor: Flavor, a: &[C], b: &[C], rune: impl Fn(&C) -> u32) -> bool {
    const ZERO: u32 = '0' as u32;
    let common = a.iter().zip(b).take_while(|(a, b)| rune(a) == rune(b)).count();
    let (Some(first_a), Some(first_b)) = (a.get(common), b.get(common)) else {
        return a.len() < b.len();
    };
    let (first_a, first_b) = (rune(first_a), rune(first_b));
    match (is_letter(first_a), is_letter(first_b)) {
        (true, true) => return first_a < first_b,
        (false, false) => {}
        (a_is_letter, b_is_letter) => {
            let after_digit = flavor == Flavor::V3Pretty && common > 0 && is_digit(rune(&a[common - 1]));
            return if after_digit { a_is_letter } else { b_is_letter };
        }
    }
    // A zero inside of a number counts, one that leads it does not.
    let mut start = 0i64;
    if first_a == ZERO || first_b == ZERO {
        let before = a[..common].iter().rev().map(&rune).take_while(|digit| is_digit(*digit));
        if before.into_iter().any(|digit| digit != ZERO) {
            start = 1;
        }
    }
    let number = |text: &[C]| {
        let digits = text[common..].iter().map(&rune).take_while(|digit| is_digit(*digit));
        digits.fold((start, 0), |(value, len), digit| {
            // Digits of other scripts give large numbers, and long numbers overflow, as in Go.
            let digit = i64::from(digit) - i64::from(ZERO);
            (value.wrapping_mul(10).wrapping_add(digit), len + 1)
        })
    };
    let (number_a, len_a) = number(a);
    let (number_b, len_b) = number(b);
    if number_a != number_b {
        return number_a < number_b;
    }
    if len_a != len_b {
        return len_a < len_b;
    }
    first_a < first_b
}

fn is_letter(rune: u32) -> bool {
    if rune < 0x80 { (rune as u8).is_ascii_alphabetic() } else { is_in(&LETTERS, rune) }
}

fn is_digit(rune: u32) -> bool {
    if rune < 0x80 { (rune as u8).is_ascii_digit() } else { is_in(&DIGITS, rune) }
}

fn is_in(table: &[(u32, u32)], rune: u32) -> bool {
    let after = table.partition_point(|(start, _)| *start <= rune);
    after > 0 && rune <= table[after - 1].1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(flavor: Flavor, keys: &[&str]) -> Vec<String> {
        let mut keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        sort_keys(flavor, &mut keys, |key| key.as_bytes());
        keys
    }

    #[test]
    fn numbers_sort_by_value_and_letters_come_last() {
        let keys = ["a10", "a2", "a", "host-10", "host-9", "10", "9", "1", "01", "a_b", "ab", "Z", "-x"];
        let expected = ["-x", "1", "01", "9", "10", "Z", "a", "a_b", "a2", "a10", "ab", "host-9", "host-10"];
        assert_eq!(sorted(Flavor::SigsV2, &keys), expected);
    }

    #[test]
    fn v3_puts_letters_first_after_a_digit() {
        assert!(key_less(Flavor::SigsV2, b"a10", b"a1b"));
        assert!(key_less(Flavor::V3Pretty, b"a1b", b"a10"));
    }

    #[test]
    fn a_cycle_neither_panics_nor_loses_keys() {
        let mut keys: Vec<String> =
            (0..200).map(|n| format!("a{}{}", n % 23, ["", "b", "_", "0"][n % 4])).collect();
        let mut before = keys.clone();
        sort_keys(Flavor::SigsV2, &mut keys, |key| key.as_bytes());
        keys.sort();
        before.sort();
        assert_eq!(keys, before);
    }

    #[test]
    fn large_mappings_are_sorted_too() {
        let mut keys: Vec<String> = (0..500).map(|n| format!("k{}", n * 7919 % 500)).collect();
        sort_keys(Flavor::V3Pretty, &mut keys, |key| key.as_bytes());
        let expected: Vec<String> = (0..500).map(|n| format!("k{n}")).collect();
        assert_eq!(keys, expected);
    }
}
