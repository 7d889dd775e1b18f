//! Go's `time.Time` and `time.Duration`, as far as templates can see them.
//!
//! The local zone is UTC, under the name "Local": nothing is read from the system.

use std::rc::Rc;

/// A point in time.
#[derive(Clone, Debug)]
pub(crate) struct Time {
    /// Seconds since the start of year 1.
    pub(super) sec: i64,
    pub(super) nanos: u32,
    pub(super) zone: Zone,
    /// Nanoseconds since the program started, of a time from the clock.
    pub(super) monotonic: Option<i64>,
}

/// Where the clock of a time stands.
#[derive(Clone, Debug)]
pub(crate) enum Zone {
    Utc,
    Local,
    Fixed(Rc<FixedZone>),
}

/// An offset from UTC that was read together with a time.
#[derive(Debug)]
pub(crate) struct FixedZone {
    pub(super) name: Vec<u8>,
    pub(super) offset: i64,
}

impl Zone {
    /// The name of the location.
    pub(super) fn location(&self) -> &[u8] {
        match self {
            Zone::Utc => b"UTC",
            Zone::Local => b"Local",
            Zone::Fixed(zone) => &zone.name,
        }
    }

    /// The abbreviation that is printed.
    pub(super) fn name(&self) -> &[u8] {
        match self {
            Zone::Utc | Zone::Local => b"UTC",
            Zone::Fixed(zone) => &zone.name,
        }
    }

    pub(super) fn offset(&self) -> i64 {
        match self {
            Zone::Utc | Zone::Local => 0,
            Zone::Fixed(zone) => zone.offset,
        }
    }

    pub(super) fn fixed(name: &[u8], offset: i64) -> Zone {
        Zone::Fixed(Rc::new(FixedZone { name: name.to_vec(), offset }))
    }

    fn same(&self, other: &Zone) -> bool {
        match (self, other) {
            (Zone::Utc, Zone::Utc) | (Zone::Local, Zone::Local) => true,
            // Go keeps one zone for each full hour without a name, and TOML has some of its own.
            (Zone::Fixed(a), Zone::Fixed(b)) => {
                let shared = a.name.is_empty() && a.offset % 3600 == 0 || a.name.ends_with(b"-local");
                Rc::ptr_eq(a, b) || (shared && a.name == b.name && a.offset == b.offset)
            }
            _ => false,
        }
    }
}

/// Seconds from the start of year 1 to 1970.
const UNIX: i64 = 62_135_596_800;
const DAY: i64 = 86_400;
const NANOS: i128 = 1_000_000_000;

impl Default for Time {
    /// Go's zero time.
    fn default() -> Time {
        Time { sec: 0, nanos: 0, zone: Zone::Utc, monotonic: None }
    }
}

impl Time {
    /// `time.Unix`, in the local zone.
    pub(crate) fn from_unix(seconds: i64, nanos: u32) -> Time {
        Time { sec: seconds.wrapping_add(UNIX), nanos, zone: Zone::Local, monotonic: None }
    }

    /// `time.Date`: what is too large or negative is carried over.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn from_parts(
        year: i64,
        month: i64,
        day: i64,
        hour: i64,
        minute: i64,
        second: i64,
        nanos: i64,
        zone: Zone,
    ) -> Time {
        let month = month.wrapping_sub(1);
        let year = year.wrapping_add(month.div_euclid(12));
        let days = days_from_civil(year, month.rem_euclid(12) + 1).wrapping_add(day.wrapping_sub(1));
        let second = second.wrapping_add(nanos.div_euclid(NANOS as i64));
        let clock = hour.wrapping_mul(3600).wrapping_add(minute.wrapping_mul(60)).wrapping_add(second);
        let unix = days.wrapping_mul(DAY).wrapping_add(clock).wrapping_sub(zone.offset());
        let nanos = nanos.rem_euclid(NANOS as i64) as u32;
        Time { sec: unix.wrapping_add(UNIX), nanos, zone, monotonic: None }
    }

    /// Seconds since 1970.
    pub(crate) fn unix(&self) -> i64 {
        self.sec.wrapping_sub(UNIX)
    }

    pub(super) fn is_zero(&self) -> bool {
        self.sec == 0 && self.nanos == 0
    }

    /// The same moment on another clock.
    pub(super) fn in_zone(&self, zone: Zone) -> Time {
        Time { zone, ..self.clone() }
    }

    /// The calendar of the time's own zone.
    pub(super) fn parts(&self) -> Parts {
        Parts::new(self, self.zone.offset())
    }

    fn add_seconds(&mut self, seconds: i64) {
        let sum = self.sec.wrapping_add(seconds);
        self.sec = match (sum > self.sec) == (seconds > 0) {
            true => sum,
            false if seconds > 0 => i64::MAX,
            false => -i64::MAX,
        };
    }

    pub(super) fn add(&self, duration: i64) -> Time {
        let mut time = self.clone();
        let mut seconds = duration / NANOS as i64;
        let mut nanos = i64::from(self.nanos) + duration % NANOS as i64;
        if nanos >= NANOS as i64 {
            seconds += 1;
            nanos -= NANOS as i64;
        } else if nanos < 0 {
            seconds -= 1;
            nanos += NANOS as i64;
        }
        time.nanos = nanos as u32;
        time.add_seconds(seconds);
        time.monotonic = self.monotonic.and_then(|monotonic| monotonic.checked_add(duration));
        time
    }

    pub(super) fn add_date(&self, years: i64, months: i64, days: i64) -> Time {
        let parts = self.parts();
        let (hour, minute, second) = (parts.hour, parts.minute, parts.second);
        Time::from_parts(
            parts.year.wrapping_add(years),
            parts.month.wrapping_add(months),
            parts.day.wrapping_add(days),
            hour,
            minute,
            second,
            i64::from(self.nanos),
            self.zone.clone(),
        )
    }

    /// Nanoseconds since another time, at most as many as fit.
    pub(super) fn since(&self, other: &Time) -> i64 {
        if let (Some(a), Some(b)) = (self.monotonic, other.monotonic) {
            return a.saturating_sub(b);
        }
        let nanos = (i128::from(self.sec) - i128::from(other.sec)) * NANOS + i128::from(self.nanos)
            - i128::from(other.nanos);
        i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
    }

    pub(super) fn compare(&self, other: &Time) -> std::cmp::Ordering {
        match (self.monotonic, other.monotonic) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => (self.sec, self.nanos).cmp(&(other.sec, other.nanos)),
        }
    }

    /// What `==` compares: zone included.
    pub(super) fn equals(&self, other: &Time) -> bool {
        (self.sec, self.nanos, self.monotonic) == (other.sec, other.nanos, other.monotonic)
            && self.zone.same(&other.zone)
    }

    /// How far the time is past a multiple of a duration since year 1.
    fn remainder(&self, duration: i64) -> i64 {
        let nanos = i128::from(self.sec) * NANOS + i128::from(self.nanos);
        nanos.rem_euclid(i128::from(duration)) as i64
    }

    pub(super) fn truncate(&self, duration: i64) -> Time {
        let time = Time { monotonic: None, ..self.clone() };
        if duration <= 0 { time } else { time.add(-self.remainder(duration)) }
    }

    pub(super) fn round(&self, duration: i64) -> Time {
        let time = Time { monotonic: None, ..self.clone() };
        if duration <= 0 {
            return time;
        }
        let remainder = self.remainder(duration);
        let up = is_half(remainder, duration);
        time.add(if up { duration - remainder } else { -remainder })
    }
}

/// A time on a clock and in a calendar.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    /// From 1.
    pub(super) year_day: i64,
    /// Sunday is 0.
    pub(super) week_day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
}

/// Go counts from the start of March of this year, unsigned, so that every number of seconds is some date.
const ABSOLUTE_YEARS: i128 = 292_277_022_400;

impl Parts {
    pub(super) fn new(time: &Time, offset: i64) -> Parts {
        let start = -days_from_civil_wide(-ABSOLUTE_YEARS, 3);
        let absolute =
            (time.unix() as u64).wrapping_add(offset as u64).wrapping_add((start * i128::from(DAY)) as u64);
        let days = i128::from(absolute / DAY as u64) - start;
        let clock = (absolute % DAY as u64) as i64;
        let (year, month, day) = civil_from_days(days);
        Parts {
            year: year as i64,
            month: month as i64,
            day: day as i64,
            year_day: (days - days_from_civil_wide(year, 1)) as i64 + 1,
            week_day: (days + 4).rem_euclid(7) as i64,
            hour: clock / 3600,
            minute: clock / 60 % 60,
            second: clock % 60,
        }
    }
}

/// Days from 1970 to the first day of a month. A year that is far off wraps around as Go's unsigned years do.
fn days_from_civil(year: i64, month: i64) -> i64 {
    let january = i64::from(month < 3);
    let absolute = (year as u64).wrapping_sub(january as u64).wrapping_add(ABSOLUTE_YEARS as u64);
    let century = 146_097u64.wrapping_mul(absolute / 100) / 4;
    let of_century = 1461 * (absolute % 100) / 4;
    let of_year = (979 * (month + 12 * january) - 2919) >> 5;
    let days = century.wrapping_add(of_century).wrapping_add(of_year as u64) as i64;
    days.wrapping_add(days_from_civil_wide(-ABSOLUTE_YEARS, 3) as i64)
}

fn days_from_civil_wide(year: i128, month: i128) -> i128 {
    // Years that start in March have the day that may be missing at their end.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil_from_days(days: i128) -> (i128, i128, i128) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i128::from(month <= 2), month, day)
}

pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days of a month, 1 to 12.
pub(super) fn days_in(month: i64, year: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_half(remainder: i64, duration: i64) -> bool {
    (remainder as u64).wrapping_add(remainder as u64) >= duration as u64
}

/// `time.Duration.Round`.
pub(super) fn round_duration(duration: i64, unit: i64) -> i64 {
    if unit <= 0 {
        return duration;
    }
    let remainder = duration % unit;
    if duration < 0 {
        let remainder = -remainder;
        if !is_half(remainder, unit) {
            return duration + remainder;
        }
        return duration.checked_sub(unit).map_or(i64::MIN, |less| less + remainder);
    }
    if !is_half(remainder, unit) {
        return duration - remainder;
    }
    (i128::from(duration) + i128::from(unit) - i128::from(remainder)).try_into().unwrap_or(i64::MAX)
}

/// `time.Duration.String`: `1h2m3.5s`, `1.5ms`, `0s`.
pub(super) fn format_duration(duration: i64) -> String {
    let nanos = duration.unsigned_abs();
    let sign = if duration < 0 { "-" } else { "" };
    let fraction = |value: u64, places: usize| {
        let unit = 10u64.pow(places as u32);
        let digits = format!("{:0places$}", value % unit);
        let digits = digits.trim_end_matches('0');
        match places == 0 || digits.is_empty() {
            true => (value / unit).to_string(),
            false => format!("{}.{digits}", value / unit),
        }
    };
    match nanos {
        0 => "0s".to_owned(),
        1..1_000 => format!("{sign}{nanos}ns"),
        1_000..1_000_000 => format!("{sign}{}µs", fraction(nanos, 3)),
        1_000_000..1_000_000_000 => format!("{sign}{}ms", fraction(nanos, 6)),
        _ => {
            let minutes = nanos / 60_000_000_000;
            let seconds = fraction(nanos % 60_000_000_000, 9);
            match minutes {
                0 => format!("{sign}{seconds}s"),
                1..60 => format!("{sign}{minutes}m{seconds}s"),
                _ => format!("{sign}{}h{}m{seconds}s", minutes / 60, minutes % 60),
            }
        }
    }
}

/// `time.ParseDuration`. The error is Go's.
pub(super) fn parse_duration(text: &[u8]) -> Result<i64, String> {
    const LIMIT: u64 = 1 << 63;
    let wrong = |what: &str| Err(format!("time: {what} {}", quote(text)));
    let invalid = || wrong("invalid duration");
    let (negative, mut rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if rest == b"0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return invalid();
    }
    let mut total: u64 = 0;
    while let Some(&first) = rest.first() {
        if first != b'.' && !first.is_ascii_digit() {
            return invalid();
        }
        let before = rest;
        let Some((whole, after)) = leading_int(rest) else { return invalid() };
        rest = after;
        let mut found = rest.len() != before.len();
        let (mut fraction, mut scale) = (0, 1.0);
        if rest.first() == Some(&b'.') {
            let after_point = &rest[1..];
            (fraction, scale, rest) = leading_fraction(after_point);
            found |= rest.len() != after_point.len();
        }
        if !found {
            return invalid();
        }
        let end = rest.iter().position(|&byte| byte == b'.' || byte.is_ascii_digit()).unwrap_or(rest.len());
        if end == 0 {
            return wrong("missing unit in duration");
        }
        let (name, after) = rest.split_at(end);
        rest = after;
        let unit: u64 = match name {
            b"ns" => 1,
            b"us" => 1_000,
            b"ms" => 1_000_000,
            b"s" => 1_000_000_000,
            b"m" => 60_000_000_000,
            b"h" => 3_600_000_000_000,
            _ if name == "µs".as_bytes() || name == "μs".as_bytes() => 1_000,
            _ => return wrong(&format!("unknown unit {} in duration", quote(name))),
        };
        if whole > LIMIT / unit {
            return invalid();
        }
        let mut value = whole * unit;
        if fraction > 0 {
            value += (fraction as f64 * (unit as f64 / scale)) as u64;
            if value > LIMIT {
                return invalid();
            }
        }
        total = total.wrapping_add(value);
        if total > LIMIT {
            return invalid();
        }
    }
    match negative {
        true => Ok((total as i64).wrapping_neg()),
        false => i64::try_from(total).or_else(|_| invalid()),
    }
}

/// The digits at the start; `None` if the number is too large.
pub(super) fn leading_int(text: &[u8]) -> Option<(u64, &[u8])> {
    let mut value: u64 = 0;
    let mut rest = text;
    while let Some(digit) = rest.first().filter(|byte| byte.is_ascii_digit()) {
        if value > (1 << 63) / 10 {
            return None;
        }
        value = value * 10 + u64::from(digit - b'0');
        if value > 1 << 63 {
            return None;
        }
        rest = &rest[1..];
    }
    Some((value, rest))
}

/// The digits after a point, and by what to divide them. Those that do not fit are dropped.
fn leading_fraction(text: &[u8]) -> (u64, f64, &[u8]) {
    let mut value: u64 = 0;
    let mut scale = 1.0;
    let mut overflow = false;
    let mut rest = text;
    while let Some(digit) = rest.first().filter(|byte| byte.is_ascii_digit()) {
        rest = &rest[1..];
        if overflow || value > i64::MAX as u64 / 10 {
            overflow = true;
            continue;
        }
        let next = value * 10 + u64::from(digit - b'0');
        if next > 1 << 63 {
            overflow = true;
            continue;
        }
        value = next;
        scale *= 10.0;
    }
    (value, scale, rest)
}

/// How package `time` quotes in its errors: all that is not plain ASCII as `\x…`.
pub(super) fn quote(text: &[u8]) -> String {
    let mut out = String::from("\"");
    for &byte in text {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(byte));
            }
            b' '..=0x7F => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push('"');
    out
}
