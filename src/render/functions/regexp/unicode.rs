//! The tables of characters that Go 1.26 knows (Unicode 15.0): general categories, scripts, and case folding.
//!
//! `unicode.txt` was written from Go's package `unicode`. A line is a name and numbers by turns: how many characters
//! to skip, and how many more than one to take. The line `=` lists other names of categories, the line `~` the runs of
//! characters with the same distance to the next one of the same letter: first, last, step, distance.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

/// Ranges of code points, both ends included.
pub(super) type Ranges = Vec<(u32, u32)>;

/// The last code point.
pub(super) const MAX: u32 = 0x10FFFF;

struct Tables {
    lines: FxHashMap<&'static str, &'static str>,
    aliases: FxHashMap<String, &'static str>,
    folds: Vec<[i32; 4]>,
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut tables =
            Tables { lines: FxHashMap::default(), aliases: FxHashMap::default(), folds: Vec::new() };
        for line in include_str!("unicode.txt").lines() {
            let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
            match name {
                "=" => {
                    let pairs = rest.split(' ').filter_map(|pair| pair.split_once('='));
                    tables.aliases.extend(pairs.map(|(name, category)| (canonical_name(name), category)));
                }
                "~" => {
                    let numbers: Vec<i32> =
                        rest.split(' ').filter_map(|number| number.parse().ok()).collect();
                    tables.folds =
                        numbers.chunks_exact(4).map(|run| [run[0], run[1], run[2], run[3]]).collect();
                }
                _ => {
                    tables.lines.insert(name, rest);
                }
            }
        }
        tables
    })
}

fn read(line: &str) -> impl Iterator<Item = (u32, u32)> {
    let mut numbers = line.split(' ').filter_map(|number| number.parse::<u32>().ok());
    let mut next = 0;
    std::iter::from_fn(move || {
        let start = next + numbers.next()?;
        let end = start + numbers.next()?;
        next = end + 1;
        Some((start, end))
    })
}

/// The characters of a category or script by any of its names, and those that are the same letters in other case.
pub(super) fn class(name: &str) -> Option<(Ranges, Ranges)> {
    let name = canonical_name(name);
    match name.as_str() {
        "Any" => return Some((vec![(0, MAX)], Vec::new())),
        "Assigned" => return Some((negated(&category("Cn")?), Vec::new())),
        "Ascii" => return Some((vec![(0, 0x7F)], vec![(0x17F, 0x17F), (0x212A, 0x212A)])),
        // Go has no table of the letters that `(?i)` would add here.
        "Lc" => return Some((category("LC")?, Vec::new())),
        _ => {}
    }
    let ranges = category(&name).or_else(|| category(tables().aliases.get(&name)?))?;
    let folded = ranges.iter().flat_map(|&(lo, hi)| folding_in(lo, hi)).flat_map(same_letters);
    let folded = folded.map(|c| (c, c)).collect();
    Some((ranges, folded))
}

/// A category of one letter holds all of those that start with it.
fn category(name: &str) -> Option<Ranges> {
    let lines = &tables().lines;
    if name == "LC" {
        return Some(union(["Ll", "Lt", "Lu"].iter().filter_map(|name| lines.get(name))));
    }
    if name.len() == 1 {
        let parts = lines.iter().filter(|(part, _)| part.len() == 2 && part.starts_with(name));
        let ranges = union(parts.map(|(_, line)| line));
        return (!ranges.is_empty()).then_some(ranges);
    }
    lines.get(name).map(|line| read(line).collect())
}

fn union<'a>(lines: impl Iterator<Item = &'a &'static str>) -> Ranges {
    cleaned(lines.flat_map(|line| read(line)).collect())
}

/// Go's `canonicalName`: only the first letter large, no separators.
fn canonical_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')) {
        out.push(if out.is_empty() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() });
    }
    out
}

/// Whether a character is a letter or a digit to Go.
pub(super) fn is_letter_or_digit(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    let c = c as u32;
    ["Ll", "Lm", "Lo", "Lt", "Lu", "Nd"]
        .iter()
        .filter_map(|name| tables().lines.get(name))
        .any(|line| read(line).take_while(|&(lo, _)| lo <= c).any(|(_, hi)| c <= hi))
}

/// `unicode.SimpleFold`: the next character that is the same letter, around to the first.
fn simple_fold(c: u32) -> u32 {
    let code = c as i32;
    // Runs may overlap, by at most a few places: the last that starts at or before the character, and some before it.
    let folds = &tables().folds;
    let end = folds.partition_point(|run| run[0] <= code);
    let holds = |run: &&[i32; 4]| code <= run[1] && (code - run[0]) % run[2] == 0;
    folds[..end].iter().rev().take(8).find(holds).map_or(c, |run| (code + run[3]) as u32)
}

/// All other characters that are the same letter.
pub(super) fn same_letters(c: u32) -> impl Iterator<Item = u32> {
    let mut at = c;
    std::iter::from_fn(move || {
        at = simple_fold(at);
        (at != c).then_some(at)
    })
}

/// The characters of a range that have another case.
pub(super) fn folding_in(lo: u32, hi: u32) -> Vec<u32> {
    let mut found = Vec::new();
    for &[first, last, step, _] in &tables().folds {
        let (first, last, step) = (first as u32, last as u32, step as u32);
        if first > hi || last < lo {
            continue;
        }
        let start = if first >= lo { first } else { first + (lo - first).div_ceil(step) * step };
        found.extend((start..=last.min(hi)).step_by(step as usize));
    }
    found
}

/// Ranges in order, without overlaps.
pub(super) fn cleaned(mut ranges: Ranges) -> Ranges {
    ranges.sort_unstable();
    let mut out: Ranges = Vec::with_capacity(ranges.len());
    for (lo, hi) in ranges {
        match out.last_mut() {
            Some(last) if lo <= last.1 + 1 => last.1 = last.1.max(hi),
            _ => out.push((lo, hi)),
        }
    }
    out
}

/// Everything that is not in the ranges, which must be clean.
pub(super) fn negated(ranges: &Ranges) -> Ranges {
    let mut out = Ranges::new();
    let mut next = 0;
    for &(lo, hi) in ranges {
        if next < lo {
            out.push((next, lo - 1));
        }
        next = hi + 1;
    }
    if next <= MAX {
        out.push((next, MAX));
    }
    out
}
