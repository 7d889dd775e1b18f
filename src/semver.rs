//! Semantic versions and ranges of them, as Masterminds/semver 3.5 reads and compares them: `1.2`, `v1`, `~1.2.3`,
//! `>=1.0.0, <2.0.0 || 3.x`. Errors are that library's.

use std::cmp::Ordering;
use std::fmt;
use std::sync::OnceLock;

use chart_lint_template::quote::go_quote;
use regex::bytes::Regex;

/// A version. Missing parts are 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) major: u64,
    pub(crate) minor: u64,
    pub(crate) patch: u64,
    /// What follows `-`.
    pub(crate) pre: String,
    /// What follows `+`.
    pub(crate) metadata: String,
    /// The text that was parsed.
    pub(crate) original: String,
}

/// The library's `MaxVersionLen`.
const MAX_VERSION: usize = 256;

const INVALID: &str = "invalid semantic version";
const TOO_LONG: &str = "version string is too long (max 256 bytes)";
const STARTS_WITH_ZERO: &str = "version segment starts with 0";
const INVALID_PRERELEASE: &str = "invalid prerelease string";
const INVALID_METADATA: &str = "invalid metadata string";

impl Version {
    /// Reads a version as `NewVersion`: a leading `v`, leading zeros and missing parts are fine.
    pub(crate) fn parse(text: &[u8]) -> Result<Version, String> {
        if text.len() > MAX_VERSION {
            return Err(TOO_LONG.to_owned());
        }
        let mut scanner = Scanner { rest: text };
        scanner.eat(b'v');
        let number = |byte: u8| byte.is_ascii_digit();
        let parts = scanner.parts(number);
        let (pre, metadata) = (scanner.suffix(b'-'), scanner.suffix(b'+'));
        let Some([major, minor, patch]) = parts.filter(|_| scanner.rest.is_empty()) else {
            return Err(INVALID.to_owned());
        };
        let mut version = Version {
            major: segment(major)?,
            minor: segment(minor)?,
            patch: segment(patch)?,
            pre: String::new(),
            metadata: String::new(),
            original: to_string(text),
        };
        if let Some(pre) = pre {
            version.pre = to_string(pre);
            check_prerelease(&version.pre)?;
        }
        if let Some(metadata) = metadata {
            version.metadata = to_string(metadata);
        }
        Ok(version)
    }

    /// Reads a version as `StrictNewVersion`: exactly three numbers, without `v` or leading zeros.
    pub(crate) fn parse_strict(text: &[u8]) -> Result<Version, String> {
        if text.is_empty() {
            return Err("version string empty".to_owned());
        }
        if text.len() > MAX_VERSION {
            return Err(TOO_LONG.to_owned());
        }
        let mut parts = text.splitn(3, |&byte| byte == b'.');
        let (Some(major), Some(minor), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(INVALID.to_owned());
        };
        let (rest, metadata) = split_once(rest, b'+');
        if let Some(metadata) = metadata {
            check_metadata(metadata)?;
        }
        let (patch, pre) = split_once(rest, b'-');
        if let Some(pre) = pre {
            check_prerelease(&to_string(pre))?;
        }
        for part in [major, minor, patch] {
            if !part.iter().all(u8::is_ascii_digit) {
                return Err("invalid characters in version".to_owned());
            }
            if part.len() > 1 && part.starts_with(b"0") {
                return Err(STARTS_WITH_ZERO.to_owned());
            }
        }
        Ok(Version {
            major: parse_uint(major)?,
            minor: parse_uint(minor)?,
            patch: parse_uint(patch)?,
            pre: pre.map(to_string).unwrap_or_default(),
            metadata: metadata.map(to_string).unwrap_or_default(),
            original: to_string(text),
        })
    }

    /// The order of versions. Metadata does not count; a prerelease is before its release.
    pub(crate) fn compare(&self, other: &Version) -> Ordering {
        let numbers = (self.major, self.minor, self.patch).cmp(&(other.major, other.minor, other.patch));
        numbers.then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => compare_prerelease(&self.pre, &other.pre),
        })
    }

    /// The next major version.
    pub(crate) fn next_major(&self) -> Result<Version, String> {
        let major = self.major.checked_add(1).ok_or("major version increment would overflow uint64")?;
        Ok(self.derived(Version { major, ..Version::default() }))
    }

    /// The next minor version.
    pub(crate) fn next_minor(&self) -> Result<Version, String> {
        let minor = self.minor.checked_add(1).ok_or("minor version increment would overflow uint64")?;
        Ok(self.derived(Version { major: self.major, minor, ..Version::default() }))
    }

    /// The next patch version; of a prerelease its release.
    pub(crate) fn next_patch(&self) -> Result<Version, String> {
        let patch = match self.pre.is_empty() {
            true => self.patch.checked_add(1).ok_or("patch version increment would overflow uint64")?,
            false => self.patch,
        };
        Ok(self.derived(Version { major: self.major, minor: self.minor, patch, ..Version::default() }))
    }

    /// The same version as another prerelease.
    pub(crate) fn with_prerelease(&self, pre: &str) -> Result<Version, String> {
        if !pre.is_empty() {
            check_prerelease(pre)?;
        }
        Ok(self.derived(Version { pre: pre.to_owned(), ..self.clone() }))
    }

    /// The same version with other metadata.
    pub(crate) fn with_metadata(&self, metadata: &str) -> Result<Version, String> {
        if !metadata.is_empty() {
            check_metadata(metadata.as_bytes())?;
        }
        Ok(self.derived(Version { metadata: metadata.to_owned(), ..self.clone() }))
    }

    /// Gives a version made from this one an original text with the same `v`, if there was one.
    fn derived(&self, next: Version) -> Version {
        let prefix = if self.original.starts_with('v') { "v" } else { "" };
        Version { original: format!("{prefix}{next}"), ..next }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.pre.is_empty() {
            write!(f, "-{}", self.pre)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

fn to_string(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn split_once(bytes: &[u8], separator: u8) -> (&[u8], Option<&[u8]>) {
    match bytes.iter().position(|&byte| byte == separator) {
        Some(at) => (&bytes[..at], Some(&bytes[at + 1..])),
        None => (bytes, None),
    }
}

fn parse_uint(digits: &[u8]) -> Result<u64, String> {
    let text = to_string(digits);
    if text.is_empty() {
        return Err("strconv.ParseUint: parsing \"\": invalid syntax".to_owned());
    }
    text.parse().map_err(|_| format!("strconv.ParseUint: parsing {}: value out of range", go_quote(digits)))
}

fn segment(digits: &[u8]) -> Result<u64, String> {
    if digits.is_empty() {
        return Ok(0);
    }
    parse_uint(digits).map_err(|error| format!("error parsing version segment: {error}"))
}

fn is_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

fn check_prerelease(pre: &str) -> Result<(), String> {
    for part in pre.split('.') {
        if part.is_empty() {
            return Err(INVALID_PRERELEASE.to_owned());
        }
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            if part.len() > 1 && part.starts_with('0') {
                return Err(STARTS_WITH_ZERO.to_owned());
            }
        } else if !part.bytes().all(is_identifier) {
            return Err(INVALID_PRERELEASE.to_owned());
        }
    }
    Ok(())
}

fn check_metadata(metadata: &[u8]) -> Result<(), String> {
    let good = |part: &[u8]| !part.is_empty() && part.iter().copied().all(is_identifier);
    match metadata.split(|&byte| byte == b'.').all(good) {
        true => Ok(()),
        false => Err(INVALID_METADATA.to_owned()),
    }
}

fn compare_prerelease(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let (x, y) = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (x, y) => (x.unwrap_or(""), y.unwrap_or("")),
        };
        if x == y {
            continue;
        }
        // A number too large for 64 bits is compared as text.
        let order = match (x.parse::<u64>(), y.parse::<u64>()) {
            _ if x.is_empty() => Ordering::Less,
            _ if y.is_empty() => Ordering::Greater,
            (Err(_), Err(_)) => x.cmp(y),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Ok(m), Ok(n)) if m > n => Ordering::Greater,
            _ => Ordering::Less,
        };
        return order;
    }
}

/// Reads the parts of a version from the front of a text.
struct Scanner<'a> {
    rest: &'a [u8],
}

impl<'a> Scanner<'a> {
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.rest.first() == Some(&byte);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn take_while(&mut self, accept: impl Fn(u8) -> bool) -> &'a [u8] {
        let length = self.rest.iter().position(|&byte| !accept(byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    /// One to three parts with points between them. Those that are missing are empty.
    fn parts(&mut self, accept: impl Fn(u8) -> bool + Copy) -> Option<[&'a [u8]; 3]> {
        let mut parts: [&[u8]; 3] = [b"", b"", b""];
        parts[0] = self.take_while(accept);
        if parts[0].is_empty() {
            return None;
        }
        for part in &mut parts[1..] {
            let before = self.rest;
            if self.eat(b'.') {
                *part = self.take_while(accept);
            }
            if part.is_empty() {
                self.rest = before;
                break;
            }
        }
        Some(parts)
    }

    /// `-a.b.c` or `+a.b.c`, without its sign.
    fn suffix(&mut self, sign: u8) -> Option<&'a [u8]> {
        let before = self.rest;
        if !self.eat(sign) {
            return None;
        }
        let all = self.rest;
        let mut length = self.take_while(is_identifier).len();
        if length == 0 {
            self.rest = before;
            return None;
        }
        loop {
            self.rest = &all[length..];
            let part = if self.eat(b'.') { self.take_while(is_identifier).len() } else { 0 };
            if part == 0 {
                break;
            }
            length += 1 + part;
        }
        self.rest = &all[length..];
        Some(&all[..length])
    }

    fn skip_space(&mut self) -> bool {
        !self.take_while(is_space).is_empty()
    }
}

/// What `\s` means to Go's regular expressions.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0C)
}

/// Ranges of versions: alternatives, each of conditions that all have to hold.
#[derive(Clone, Debug)]
pub(crate) struct Constraints {
    alternatives: Vec<Vec<Constraint>>,
}

#[derive(Clone, Debug)]
struct Constraint {
    operator: Operator,
    version: Version,
    /// The version as written.
    original: String,
    /// The minor version is missing or `x`.
    minor_dirty: bool,
    /// The patch version is.
    patch_dirty: bool,
    /// Any part is.
    dirty: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operator {
    None,
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    EqualOrGreater,
    LessOrEqual,
    EqualOrLess,
    Tilde,
    TildeGreater,
    Caret,
}

const OPERATORS: [(&str, Operator); 12] = [
    ("", Operator::None),
    ("=", Operator::Equal),
    ("!=", Operator::NotEqual),
    (">", Operator::Greater),
    ("<", Operator::Less),
    (">=", Operator::GreaterOrEqual),
    ("=>", Operator::EqualOrGreater),
    ("<=", Operator::LessOrEqual),
    ("=<", Operator::EqualOrLess),
    ("~", Operator::Tilde),
    ("~>", Operator::TildeGreater),
    ("^", Operator::Caret),
];

/// The library's `MaxConstraintLen` and `MaxConstraintGroups`.
const MAX_CONSTRAINT: usize = 512;
const MAX_GROUPS: usize = 32;

impl Constraints {
    /// Reads a range.
    pub(crate) fn parse(text: &[u8]) -> Result<Constraints, String> {
        if text.len() > MAX_CONSTRAINT {
            return Err("constraint string is too long (max 512 bytes)".to_owned());
        }
        let text = rewrite_ranges(text);
        let groups: Vec<&[u8]> = split_on_bars(&text);
        if groups.len() > MAX_GROUPS {
            return Err("too many constraint groups (max 32)".to_owned());
        }
        let alternatives = groups.into_iter().map(parse_group).collect::<Result<_, _>>()?;
        Ok(Constraints { alternatives })
    }

    /// Whether a version is in the range. A prerelease is only where a condition of the same alternative names one.
    pub(crate) fn check(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|conditions| {
            let prereleases = conditions.iter().any(|condition| !condition.version.pre.is_empty());
            (prereleases || version.pre.is_empty())
                && conditions.iter().all(|condition| condition.holds(version))
        })
    }
}

impl fmt::Display for Constraints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, conditions) in self.alternatives.iter().enumerate() {
            if i > 0 {
                f.write_str(" || ")?;
            }
            for (i, condition) in conditions.iter().enumerate() {
                if i > 0 {
                    f.write_str(" ")?;
                }
                let operator = OPERATORS.iter().find(|(_, operator)| *operator == condition.operator);
                write!(f, "{}{}", operator.map_or("", |(shown, _)| shown), condition.original)?;
            }
        }
        Ok(())
    }
}

/// `1.2 - 3.4` becomes `>= 1.2, <= 3.4`, wherever it stands.
fn rewrite_ranges(text: &[u8]) -> Vec<u8> {
    const VERSION: &str = r"v?([0-9|xX*]+)(\.[0-9|xX*]+)?(\.[0-9|xX*]+)?(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?";
    static RANGE: OnceLock<Option<Regex>> = OnceLock::new();
    let lone_dash = |window: &[u8]| is_space(window[0]) && window[1] == b'-' && is_space(window[2]);
    if !text.windows(3).any(lone_dash) {
        return text.to_vec();
    }
    let pattern = || {
        let space = r"[ \t\n\r\x0C]";
        Regex::new(&format!("(?-u){space}*({VERSION}){space}+-{space}+({VERSION}){space}*")).ok()
    };
    let Some(range) = RANGE.get_or_init(pattern) else { return text.to_vec() };
    let mut out = text.to_vec();
    for found in range.captures_iter(text) {
        let group = |i: usize| found.get(i).map_or(&b""[..], |group| group.as_bytes());
        let new = [b">= ", group(1), b", <= ", group(11), b" "].concat();
        let old = group(0);
        if let Some(at) = bstr::ByteSlice::find(&out[..], old) {
            out.splice(at..at + old.len(), new);
        }
    }
    out
}

fn split_on_bars(text: &[u8]) -> Vec<&[u8]> {
    bstr::ByteSlice::split_str(text, "||").collect()
}

fn parse_group(group: &[u8]) -> Result<Vec<Constraint>, String> {
    let improper = || format!("improper constraint: {}", go_quote(group));
    // All of it has to read as conditions before one of them may be refused.
    let mut found = Vec::new();
    let mut scanner = Scanner { rest: group };
    loop {
        scanner.skip_space();
        let sign = scanner.take_while(|byte| b"=!<>~^".contains(&byte));
        let operator = OPERATORS.iter().find(|(shown, _)| shown.as_bytes() == sign);
        let &(_, operator) = operator.ok_or_else(improper)?;
        scanner.skip_space();
        let before = scanner.rest;
        scanner.eat(b'v');
        let parts =
            scanner.parts(|byte| byte.is_ascii_digit() || b"|xX*".contains(&byte)).ok_or_else(improper)?;
        let pre = scanner.suffix(b'-');
        scanner.suffix(b'+');
        let written = &before[..before.len() - scanner.rest.len()];
        found.push((operator, parts, pre, written));
        let spaced = scanner.skip_space();
        if scanner.rest.is_empty() {
            break;
        }
        if !scanner.eat(b',') && !spaced {
            return Err(improper());
        }
    }
    found
        .into_iter()
        .map(|(operator, parts, pre, written)| constraint(operator, parts, pre, written))
        .collect()
}

fn constraint(
    operator: Operator,
    [major, minor, patch]: [&[u8]; 3],
    pre: Option<&[u8]>,
    written: &[u8],
) -> Result<Constraint, String> {
    let is_any = |part: &[u8]| matches!(part, b"" | b"x" | b"X" | b"*");
    let mut constraint = Constraint {
        operator,
        version: Version::default(),
        original: to_string(written),
        minor_dirty: false,
        patch_dirty: false,
        dirty: true,
    };
    let numbers = if is_any(major) {
        b"0.0.0".to_vec()
    } else if is_any(minor) {
        constraint.minor_dirty = true;
        [major, b".0.0"].concat()
    } else if is_any(patch) {
        constraint.patch_dirty = true;
        [major, b".", minor, b".0"].concat()
    } else {
        constraint.dirty = false;
        written.to_vec()
    };
    let text = match pre.filter(|_| constraint.dirty) {
        Some(pre) => [&numbers, &b"-"[..], pre].concat(),
        None => numbers,
    };
    constraint.version = Version::parse(&text).map_err(|_| "constraint parser error".to_owned())?;
    Ok(constraint)
}

impl Constraint {
    fn holds(&self, version: &Version) -> bool {
        let wanted = &self.version;
        let order = version.compare(wanted);
        match self.operator {
            Operator::None | Operator::Equal if self.dirty => self.tilde(version),
            Operator::None | Operator::Equal => order.is_eq(),
            Operator::NotEqual => self.not_equal(version),
            Operator::Greater if self.dirty && version.major != wanted.major => version.major > wanted.major,
            Operator::Greater if self.minor_dirty => false,
            Operator::Greater if self.patch_dirty => version.minor > wanted.minor,
            Operator::Greater => order.is_gt(),
            Operator::Less => order.is_lt(),
            Operator::GreaterOrEqual | Operator::EqualOrGreater => order.is_ge(),
            Operator::LessOrEqual | Operator::EqualOrLess if self.dirty => {
                let minor = self.minor_dirty || version.minor <= wanted.minor;
                version.major < wanted.major || version.major == wanted.major && minor
            }
            Operator::LessOrEqual | Operator::EqualOrLess => order.is_le(),
            Operator::Tilde | Operator::TildeGreater => self.tilde(version),
            Operator::Caret => order.is_ge() && self.caret(version),
        }
    }

    fn not_equal(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if self.dirty {
            if version.major != wanted.major || (version.minor != wanted.minor && !self.minor_dirty) {
                return true;
            }
            if self.minor_dirty {
                return false;
            }
            if version.patch != wanted.patch && !self.patch_dirty {
                return true;
            }
            if self.patch_dirty {
                let prereleases = !version.pre.is_empty() || !wanted.pre.is_empty();
                return prereleases && compare_prerelease(&version.pre, &wanted.pre).is_ne();
            }
        }
        version.compare(wanted).is_ne()
    }

    /// `~1.2.3` is `>=1.2.3, <1.3.0`, and `~0.0.0` is everything.
    fn tilde(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if version.compare(wanted).is_lt() {
            return false;
        }
        let zero = (wanted.major, wanted.minor, wanted.patch) == (0, 0, 0);
        if zero && !self.minor_dirty && !self.patch_dirty {
            return true;
        }
        version.major == wanted.major && (version.minor == wanted.minor || self.minor_dirty)
    }

    /// The upper end of `^`: the first part that is not 0 stays the same.
    fn caret(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if version.major != wanted.major || wanted.major > 0 || self.minor_dirty {
            return version.major == wanted.major;
        }
        if version.minor != wanted.minor || wanted.minor > 0 || self.patch_dirty {
            return version.minor == wanted.minor;
        }
        version.patch == wanted.patch
    }
}
