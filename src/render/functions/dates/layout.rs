//! Go's layouts: times written and read by the example `Mon Jan 2 15:04:05 MST 2006`.

use super::time::{Parts, Time, Zone, days_in, is_leap, leading_int, quote};

/// A part of a layout that stands for a part of a time.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Element {
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekDay,
    WeekDay,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperPm,
    LowerPm,
    ZoneName,
    Offset(OffsetStyle),
    /// How many digits, whether zeros at the end are left out, and what stands before them.
    Fraction {
        digits: usize,
        trim: bool,
        separator: u8,
    },
}

/// How an offset from UTC is written.
#[derive(Clone, Copy, Debug, PartialEq)]
struct OffsetStyle {
    /// `Z` stands for UTC.
    z: bool,
    colons: bool,
    minutes: bool,
    seconds: bool,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEK_DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The name of a month, 1 to 12.
pub(super) fn month_name(month: i64) -> &'static str {
    usize::try_from(month - 1).ok().and_then(|month| MONTHS.get(month)).copied().unwrap_or("")
}

/// The name of a day, Sunday is 0.
pub(super) fn week_day_name(day: i64) -> &'static str {
    usize::try_from(day).ok().and_then(|day| WEEK_DAYS.get(day)).copied().unwrap_or("")
}

/// The first element of a layout: where it starts, what it is, and where it ends.
fn next_element(layout: &[u8]) -> Option<(usize, Element, usize)> {
    for i in 0..layout.len() {
        let rest = &layout[i..];
        // A name that goes on in small letters is another word: `Janet`.
        let is_word = |name: &str| {
            rest.starts_with(name.as_bytes()) && !rest.get(name.len()).is_some_and(u8::is_ascii_lowercase)
        };
        let found = match rest[0] {
            b'J' if rest.starts_with(b"January") => Some((Element::LongMonth, 7)),
            b'J' if is_word("Jan") => Some((Element::Month, 3)),
            b'M' if rest.starts_with(b"Monday") => Some((Element::LongWeekDay, 6)),
            b'M' if is_word("Mon") => Some((Element::WeekDay, 3)),
            b'M' if rest.starts_with(b"MST") => Some((Element::ZoneName, 3)),
            b'0' => match rest {
                [_, b'1', ..] => Some((Element::ZeroMonth, 2)),
                [_, b'2', ..] => Some((Element::ZeroDay, 2)),
                [_, b'3', ..] => Some((Element::ZeroHour12, 2)),
                [_, b'4', ..] => Some((Element::ZeroMinute, 2)),
                [_, b'5', ..] => Some((Element::ZeroSecond, 2)),
                [_, b'6', ..] => Some((Element::Year, 2)),
                [_, b'0', b'2', ..] => Some((Element::ZeroYearDay, 3)),
                _ => None,
            },
            b'1' if rest.starts_with(b"15") => Some((Element::Hour, 2)),
            b'1' => Some((Element::NumMonth, 1)),
            b'2' if rest.starts_with(b"2006") => Some((Element::LongYear, 4)),
            b'2' => Some((Element::Day, 1)),
            // The underscore belongs to the text before the year.
            b'_' if rest.starts_with(b"_2006") => return Some((i + 1, Element::LongYear, i + 5)),
            b'_' if rest.starts_with(b"_2") => Some((Element::UnderDay, 2)),
            b'_' if rest.starts_with(b"__2") => Some((Element::UnderYearDay, 3)),
            b'3' => Some((Element::Hour12, 1)),
            b'4' => Some((Element::Minute, 1)),
            b'5' => Some((Element::Second, 1)),
            b'P' if rest.starts_with(b"PM") => Some((Element::UpperPm, 2)),
            b'p' if rest.starts_with(b"pm") => Some((Element::LowerPm, 2)),
            b'-' | b'Z' => offset_style(rest),
            b'.' | b',' => fraction(rest),
            _ => None,
        };
        if let Some((element, length)) = found {
            return Some((i, element, i + length));
        }
    }
    None
}

fn offset_style(rest: &[u8]) -> Option<(Element, usize)> {
    const STYLES: [(&[u8], bool, bool, bool); 5] = [
        (b"070000", false, true, true),
        (b"07:00:00", true, true, true),
        (b"0700", false, true, false),
        (b"07:00", true, true, false),
        (b"07", false, false, false),
    ];
    let (written, colons, minutes, seconds) = *STYLES.iter().find(|style| rest[1..].starts_with(style.0))?;
    let style = OffsetStyle { z: rest[0] == b'Z', colons, minutes, seconds };
    Some((Element::Offset(style), 1 + written.len()))
}

fn fraction(rest: &[u8]) -> Option<(Element, usize)> {
    let digit = *rest.get(1).filter(|digit| matches!(digit, b'0' | b'9'))?;
    let digits = rest[1..].iter().take_while(|&&byte| byte == digit).count();
    if rest.get(1 + digits).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    Some((Element::Fraction { digits, trim: digit == b'9', separator: rest[0] }, 1 + digits))
}

fn push_int(out: &mut Vec<u8>, n: i64, width: usize) {
    if n < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(format!("{:0width$}", n.unsigned_abs()).as_bytes());
}

fn push_fraction(out: &mut Vec<u8>, nanos: u32, digits: usize, trim: bool, separator: u8) {
    // The layout may ask for more digits than Go counts in (12 bits), and gets no more than nine.
    let digits = digits & 0xFFF;
    if trim && (digits == 0 || nanos == 0) {
        return;
    }
    out.push(separator);
    out.extend_from_slice(&format!("{nanos:09}").as_bytes()[..digits.min(9)]);
    if trim {
        while out.last() == Some(&b'0') {
            out.pop();
        }
        if out.last() == Some(&separator) {
            out.pop();
        }
    }
}

fn push_offset(out: &mut Vec<u8>, offset: i64, style: OffsetStyle) {
    if offset == 0 && style.z {
        out.push(b'Z');
        return;
    }
    let minutes = offset / 60;
    out.push(if minutes < 0 { b'-' } else { b'+' });
    push_int(out, minutes.abs() / 60, 2);
    if style.colons {
        out.push(b':');
    }
    if style.minutes {
        push_int(out, minutes.abs() % 60, 2);
    }
    if style.seconds {
        if style.colons {
            out.push(b':');
        }
        let offset = if minutes < 0 { -offset } else { offset };
        push_int(out, offset % 60, 2);
    }
}

/// Writes a time by a layout, in the time's own zone.
pub(super) fn format(time: &Time, layout: &[u8]) -> Vec<u8> {
    format_in(time, layout, time.zone.name(), time.zone.offset())
}

/// Writes a time by a layout, in a zone of this name and offset.
pub(super) fn format_in(time: &Time, layout: &[u8], zone: &[u8], offset: i64) -> Vec<u8> {
    let parts = Parts::new(time, offset);
    let mut out = Vec::with_capacity(layout.len() + 10);
    let mut rest = layout;
    while let Some((start, element, end)) = next_element(rest) {
        out.extend_from_slice(&rest[..start]);
        rest = &rest[end..];
        push_element(&mut out, element, &parts, time.nanos, zone, offset);
    }
    out.extend_from_slice(rest);
    out
}

fn push_element(out: &mut Vec<u8>, element: Element, parts: &Parts, nanos: u32, zone: &[u8], offset: i64) {
    let hour12 = if parts.hour % 12 == 0 { 12 } else { parts.hour % 12 };
    match element {
        Element::Year => push_int(out, parts.year.abs() % 100, 2),
        Element::LongYear => push_int(out, parts.year, 4),
        Element::Month => out.extend(month_name(parts.month).bytes().take(3)),
        Element::LongMonth => out.extend_from_slice(month_name(parts.month).as_bytes()),
        Element::NumMonth => push_int(out, parts.month, 0),
        Element::ZeroMonth => push_int(out, parts.month, 2),
        Element::WeekDay => out.extend(week_day_name(parts.week_day).bytes().take(3)),
        Element::LongWeekDay => out.extend_from_slice(week_day_name(parts.week_day).as_bytes()),
        Element::Day => push_int(out, parts.day, 0),
        Element::UnderDay => out.extend_from_slice(format!("{:2}", parts.day).as_bytes()),
        Element::ZeroDay => push_int(out, parts.day, 2),
        Element::UnderYearDay => out.extend_from_slice(format!("{:3}", parts.year_day).as_bytes()),
        Element::ZeroYearDay => push_int(out, parts.year_day, 3),
        Element::Hour => push_int(out, parts.hour, 2),
        Element::Hour12 => push_int(out, hour12, 0),
        Element::ZeroHour12 => push_int(out, hour12, 2),
        Element::Minute => push_int(out, parts.minute, 0),
        Element::ZeroMinute => push_int(out, parts.minute, 2),
        Element::Second => push_int(out, parts.second, 0),
        Element::ZeroSecond => push_int(out, parts.second, 2),
        Element::UpperPm => out.extend_from_slice(if parts.hour >= 12 { b"PM" } else { b"AM" }),
        Element::LowerPm => out.extend_from_slice(if parts.hour >= 12 { b"pm" } else { b"am" }),
        Element::ZoneName if zone.is_empty() => {
            push_offset(out, offset, OffsetStyle { z: false, colons: false, minutes: true, seconds: false });
        }
        Element::ZoneName => out.extend_from_slice(zone),
        Element::Offset(style) => push_offset(out, offset, style),
        Element::Fraction { digits, trim, separator } => push_fraction(out, nanos, digits, trim, separator),
    }
}

/// Go's `ParseError`.
struct Mismatch {
    /// The part of the layout and that of the text that do not fit, or what else is wrong.
    what: Result<(Vec<u8>, Vec<u8>), String>,
}

impl Mismatch {
    fn text(&self, layout: &[u8], value: &[u8]) -> String {
        let value = quote(value);
        match &self.what {
            Ok((wanted, found)) => {
                let (layout, found, wanted) = (quote(layout), quote(found), quote(wanted));
                format!("parsing time {value} as {layout}: cannot parse {found} as {wanted}")
            }
            Err(message) => format!("parsing time {value}: {message}"),
        }
    }
}

/// Why an element could not be read.
enum Bad {
    Value,
    Range(&'static str),
}

/// Reads a time by a layout, as `time.ParseInLocation` does. `default` is the zone of a time that does not say one.
/// The error is Go's.
pub(super) fn parse(layout: &[u8], value: &[u8], default: &Zone) -> Result<Time, String> {
    if matches!(layout, b"2006-01-02T15:04:05Z07:00" | b"2006-01-02T15:04:05.999999999Z07:00")
        && let Some(time) = parse_rfc3339(value)
    {
        return Ok(time);
    }
    let mut reader = Reader::default();
    reader.read(layout, value, default).map_err(|mismatch| mismatch.text(layout, value))
}

#[derive(Default)]
struct Reader<'a> {
    rest: &'a [u8],
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanos: i64,
    am: bool,
    pm: bool,
    is_utc: bool,
    offset: Option<i64>,
    zone_name: &'a [u8],
}

impl<'a> Reader<'a> {
    fn read(&mut self, layout: &[u8], value: &'a [u8], default: &Zone) -> Result<Time, Mismatch> {
        self.rest = value;
        let mut layout = layout;
        loop {
            let next = next_element(layout);
            let prefix = &layout[..next.map_or(layout.len(), |(start, ..)| start)];
            if !self.skip(prefix) {
                return Err(Mismatch { what: Ok((prefix.to_vec(), self.rest.to_vec())) });
            }
            let Some((start, element, end)) = next else {
                if !self.rest.is_empty() {
                    return Err(Mismatch { what: Err(format!("extra text: {}", quote(self.rest))) });
                }
                break;
            };
            let written = &layout[start..end];
            layout = &layout[end..];
            let before = self.rest;
            match self.element(element, layout) {
                Ok(()) => {}
                Err(Bad::Range(what)) => return Err(Mismatch { what: Err(format!("{what} out of range")) }),
                Err(Bad::Value) => return Err(Mismatch { what: Ok((written.to_vec(), before.to_vec())) }),
            }
        }
        self.finish(default).map_err(|what| Mismatch { what: Err(what.to_owned()) })
    }

    /// Steps over the text between elements. A space stands for any number of spaces.
    fn skip(&mut self, mut prefix: &[u8]) -> bool {
        while let Some(&wanted) = prefix.first() {
            if wanted == b' ' {
                if self.rest.first().is_some_and(|&byte| byte != b' ') {
                    return false;
                }
                prefix = cut_spaces(prefix);
                self.rest = cut_spaces(self.rest);
                continue;
            }
            if self.rest.first() != Some(&wanted) {
                return false;
            }
            prefix = &prefix[1..];
            self.rest = &self.rest[1..];
        }
        true
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Bad> {
        if self.rest.len() < length {
            return Err(Bad::Value);
        }
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        Ok(taken)
    }

    fn is_digit(&self, at: usize) -> bool {
        self.rest.get(at).is_some_and(u8::is_ascii_digit)
    }

    /// One or two digits, exactly two if `fixed`.
    fn number(&mut self, fixed: bool) -> Result<i64, Bad> {
        let length = match (self.is_digit(0), self.is_digit(1)) {
            (false, _) => return Err(Bad::Value),
            (true, false) if fixed => return Err(Bad::Value),
            (true, false) => 1,
            (true, true) => 2,
        };
        Ok(digits(self.take(length)?))
    }

    fn name(&mut self, names: &[&str], length: Option<usize>) -> Result<i64, Bad> {
        for (index, name) in names.iter().enumerate() {
            let name = &name.as_bytes()[..length.unwrap_or(name.len())];
            if self.rest.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)) {
                self.rest = &self.rest[name.len()..];
                return Ok(index as i64);
            }
        }
        Err(Bad::Value)
    }

    fn element(&mut self, element: Element, layout_rest: &[u8]) -> Result<(), Bad> {
        match element {
            Element::Year => {
                let year = signed(self.take(2)?).ok_or(Bad::Value)?;
                self.year = year + if year >= 69 { 1900 } else { 2000 };
            }
            Element::LongYear => {
                if self.rest.len() < 4 || !self.is_digit(0) {
                    return Err(Bad::Value);
                }
                self.year = signed(self.take(4)?).ok_or(Bad::Value)?;
            }
            Element::Month => self.month = Some(self.name(&MONTHS, Some(3))? + 1),
            Element::LongMonth => self.month = Some(self.name(&MONTHS, None)? + 1),
            Element::NumMonth | Element::ZeroMonth => {
                let month = self.number(element == Element::ZeroMonth)?;
                if !(1..=12).contains(&month) {
                    return Err(Bad::Range("month"));
                }
                self.month = Some(month);
            }
            Element::WeekDay => drop(self.name(&WEEK_DAYS, Some(3))?),
            Element::LongWeekDay => drop(self.name(&WEEK_DAYS, None)?),
            Element::Day | Element::UnderDay | Element::ZeroDay => {
                if element == Element::UnderDay && self.rest.first() == Some(&b' ') {
                    self.rest = &self.rest[1..];
                }
                // The range is looked at when the month is known.
                self.day = Some(self.number(element == Element::ZeroDay)?);
            }
            Element::UnderYearDay | Element::ZeroYearDay => {
                for _ in 0..2 {
                    if element == Element::UnderYearDay && self.rest.first() == Some(&b' ') {
                        self.rest = &self.rest[1..];
                    }
                }
                let length = (0..3).take_while(|&at| self.is_digit(at)).count();
                if length == 0 || (element == Element::ZeroYearDay && length != 3) {
                    return Err(Bad::Value);
                }
                self.year_day = Some(digits(self.take(length)?));
            }
            Element::Hour => self.hour = in_range(self.number(false)?, 23, "hour")?,
            Element::Hour12 | Element::ZeroHour12 => {
                self.hour = in_range(self.number(element == Element::ZeroHour12)?, 12, "hour")?;
            }
            Element::Minute | Element::ZeroMinute => {
                self.minute = in_range(self.number(element == Element::ZeroMinute)?, 59, "minute")?;
            }
            Element::Second | Element::ZeroSecond => self.seconds(element, layout_rest)?,
            Element::UpperPm | Element::LowerPm => match (element, self.take(2)?) {
                (Element::UpperPm, b"PM") | (Element::LowerPm, b"pm") => self.pm = true,
                (Element::UpperPm, b"AM") | (Element::LowerPm, b"am") => self.am = true,
                _ => return Err(Bad::Value),
            },
            Element::Offset(style) => self.offset(style)?,
            Element::ZoneName => {
                if self.rest.starts_with(b"UTC") {
                    self.is_utc = true;
                    self.rest = &self.rest[3..];
                } else {
                    let length = zone_name_length(self.rest).ok_or(Bad::Value)?;
                    self.zone_name = self.take(length)?;
                }
            }
            Element::Fraction { digits, trim: false, .. } => {
                // What does not fit is cut off before it is read: an error names the text before.
                let length = 1 + (digits & 0xFFF);
                let found = self.take(length)?;
                self.nanos = nanoseconds(found)?;
            }
            Element::Fraction { .. } => {
                if matches!(self.rest, [b'.' | b',', b'0'..=b'9', ..]) {
                    self.fraction()?;
                }
            }
        }
        Ok(())
    }

    /// The second, and a fraction after it that the layout does not mention.
    fn seconds(&mut self, element: Element, layout_rest: &[u8]) -> Result<(), Bad> {
        self.second = in_range(self.number(element == Element::ZeroSecond)?, 59, "second")?;
        if matches!(self.rest, [b'.' | b',', b'0'..=b'9', ..])
            && !matches!(next_element(layout_rest), Some((_, Element::Fraction { .. }, _)))
        {
            self.fraction()?;
        }
        Ok(())
    }

    fn fraction(&mut self) -> Result<(), Bad> {
        let length = 1 + self.rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let found = self.take(length)?;
        self.nanos = nanoseconds(found)?;
        Ok(())
    }

    fn offset(&mut self, style: OffsetStyle) -> Result<(), Bad> {
        if style.z && self.rest.first() == Some(&b'Z') {
            self.rest = &self.rest[1..];
            self.is_utc = true;
            return Ok(());
        }
        let colon = usize::from(style.colons);
        let length = 3 + usize::from(style.minutes) * (2 + colon) + usize::from(style.seconds) * (2 + colon);
        let rest = self.rest;
        if rest.len() < length
            || (style.colons && rest[3] != b':')
            || (style.colons && style.seconds && rest[6] != b':')
        {
            return Err(Bad::Value);
        }
        let written = self.take(length)?;
        let number = |at: usize| match written.get(at..at + 2) {
            Some(digits @ [b'0'..=b'9', b'0'..=b'9']) => Ok(self::digits(digits)),
            _ => Err(Bad::Value),
        };
        // Go looks at the ranges of what it could read even if something else could not be read.
        let hours = number(1);
        let minutes = if style.minutes && hours.is_ok() { number(3 + colon) } else { Ok(0) };
        let seconds =
            if style.seconds && hours.is_ok() && minutes.is_ok() { number(5 + 2 * colon) } else { Ok(0) };
        let value = |number: &Result<i64, Bad>| number.as_ref().ok().copied().unwrap_or(0);
        if value(&seconds) > 60 {
            return Err(Bad::Range("time zone offset second"));
        }
        if value(&minutes) > 60 {
            return Err(Bad::Range("time zone offset minute"));
        }
        if value(&hours) > 24 {
            return Err(Bad::Range("time zone offset hour"));
        }
        let offset = (hours? * 60 + minutes?) * 60 + seconds?;
        self.offset = Some(match written[0] {
            b'+' => offset,
            b'-' => -offset,
            _ => return Err(Bad::Value),
        });
        Ok(())
    }

    fn finish(&mut self, default: &Zone) -> Result<Time, &'static str> {
        if self.pm && self.hour < 12 {
            self.hour += 12;
        } else if self.am && self.hour == 12 {
            self.hour = 0;
        }
        let (month, day) = match self.year_day {
            Some(year_day) => self.by_year_day(year_day)?,
            None => (self.month.unwrap_or(1), self.day.unwrap_or(1)),
        };
        if day < 1 || day > days_in(month, self.year) {
            return Err("day out of range");
        }
        let time = |zone: Zone| {
            Time::from_parts(self.year, month, day, self.hour, self.minute, self.second, self.nanos, zone)
        };
        if self.is_utc {
            return Ok(time(Zone::Utc));
        }
        // Go uses -1 for "none was read", and so takes an offset of -1 s for none.
        if let Some(offset) = self.offset.filter(|&offset| offset != -1) {
            // The local zone is UTC.
            let local = offset == 0 && (self.zone_name.is_empty() || self.zone_name == b"UTC");
            let zone = if local { Zone::Local } else { Zone::fixed(self.zone_name, offset) };
            return Ok(time(zone));
        }
        if !self.zone_name.is_empty() {
            let hours = self.zone_name.strip_prefix(b"GMT").filter(|hours| !hours.is_empty());
            let offset = hours.and_then(signed).unwrap_or(0) * 3600;
            // An abbreviation says nothing about the offset: the clock is taken for that of UTC.
            return Ok(time(Zone::Utc).in_zone(Zone::fixed(self.zone_name, offset)));
        }
        Ok(time(default.clone()))
    }

    fn by_year_day(&self, year_day: i64) -> Result<(i64, i64), &'static str> {
        let length = if is_leap(self.year) { 366 } else { 365 };
        if year_day < 1 || year_day > length {
            return Err("day-of-year out of range");
        }
        let (mut month, mut day) = (1, year_day);
        while day > days_in(month, self.year) {
            day -= days_in(month, self.year);
            month += 1;
        }
        if self.month.is_some_and(|known| known != month) {
            return Err("day-of-year does not match month");
        }
        if self.day.is_some_and(|known| known != day) {
            return Err("day-of-year does not match day");
        }
        Ok((month, day))
    }
}

fn cut_spaces(text: &[u8]) -> &[u8] {
    let spaces = text.iter().take_while(|&&byte| byte == b' ').count();
    &text[spaces..]
}

fn digits(text: &[u8]) -> i64 {
    text.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
}

/// A number, perhaps with a sign, and nothing else.
fn signed(text: &[u8]) -> Option<i64> {
    let (negative, unsigned) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let (number, rest) = leading_int(unsigned)?;
    let number = (number as i64).wrapping_mul(if negative { -1 } else { 1 });
    rest.is_empty().then_some(number)
}

fn in_range(number: i64, max: i64, what: &'static str) -> Result<i64, Bad> {
    if number > max { Err(Bad::Range(what)) } else { Ok(number) }
}

/// A fraction of a second with the point or comma before it. Digits after the ninth do not count.
fn nanoseconds(text: &[u8]) -> Result<i64, Bad> {
    if !matches!(text.first(), Some(b'.' | b',')) {
        return Err(Bad::Value);
    }
    let written = &text[1..text.len().min(10)];
    let nanos = signed(written).ok_or(Bad::Value)?;
    if nanos < 0 {
        return Err(Bad::Range("fractional second"));
    }
    Ok(nanos * 10i64.pow(9 - written.len() as u32))
}

/// How long the name of a zone at the start is, if it looks like one.
fn zone_name_length(text: &[u8]) -> Option<usize> {
    if text.len() < 3 {
        return None;
    }
    if text.starts_with(b"ChST") || text.starts_with(b"MeST") {
        return Some(4);
    }
    if let Some(rest) = text.strip_prefix(b"GMT") {
        return Some(3 + signed_offset_length(rest));
    }
    if matches!(text[0], b'+' | b'-') {
        return Some(signed_offset_length(text)).filter(|&length| length > 0);
    }
    let large = text.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count();
    match large {
        5 if text[4] == b'T' => Some(5),
        4 if text[3] == b'T' || text.starts_with(b"WITA") => Some(4),
        3 => Some(3),
        _ => None,
    }
}

fn signed_offset_length(text: &[u8]) -> usize {
    let [b'+' | b'-', number @ ..] = text else { return 0 };
    match leading_int(number) {
        Some((hours, rest)) if rest.len() < number.len() && hours <= 23 => text.len() - rest.len(),
        _ => 0,
    }
}

/// The usual form, read strictly; other forms are left to the layout.
fn parse_rfc3339(text: &[u8]) -> Option<Time> {
    let number = |range: std::ops::Range<usize>, min: i64, max: i64| -> Option<i64> {
        let text = text.get(range)?;
        let value = text.iter().all(u8::is_ascii_digit).then(|| digits(text))?;
        (min..=max).contains(&value).then_some(value)
    };
    let year = number(0..4, 0, 9999)?;
    let month = number(5..7, 1, 12)?;
    let day = number(8..10, 1, days_in(month, year))?;
    let hour = number(11..13, 0, 23)?;
    let minute = number(14..16, 0, 59)?;
    let second = number(17..19, 0, 59)?;
    if [text[4], text[7], text[10], text[13], text[16]] != *b"--T::" {
        return None;
    }
    let mut at = 19;
    let mut nanos = 0;
    if matches!(text[at..], [b'.', b'0'..=b'9', ..]) {
        let length = 1 + text[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        nanos = nanoseconds(&text[at..at + length]).ok()?;
        at += length;
    }
    let zone = match &text[at..] {
        b"Z" => Zone::Utc,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let offset = (number(at + 1..at + 3, 0, 23)? * 60 + number(at + 4..at + 6, 0, 59)?) * 60;
            match offset {
                0 => Zone::Local,
                _ => Zone::fixed(b"", if *sign == b'-' { -offset } else { offset }),
            }
        }
        _ => return None,
    };
    Some(Time::from_parts(year, month, day, hour, minute, second, nanos, zone))
}
