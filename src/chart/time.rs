//! Times as Go's `time.Parse` checks them, for the two layouts that charts meet: RFC 3339 and plain dates.

/// The layout of RFC 3339.
pub(crate) const RFC3339: &str = "2006-01-02T15:04:05Z07:00";
/// The layout of a date.
pub(crate) const DATE: &str = "2006-01-02";

/// Checks a time; the error is Go's.
pub(crate) fn check(layout: &'static str, value: &str) -> Result<(), String> {
    let mut parser = Parser { layout, value, rest: value.as_bytes() };
    let mut day = (0, 0, 0);
    let mut elements: &[Element] = &[
        Element::Year,
        Element::Literal(b'-'),
        Element::Month,
        Element::Literal(b'-'),
        Element::Day,
        Element::Literal(b'T'),
        Element::Hour,
        Element::Literal(b':'),
        Element::Minute,
        Element::Literal(b':'),
        Element::Second,
        Element::Zone,
    ];
    if layout == DATE {
        elements = &elements[..5];
    }
    for element in elements {
        let number = parser.element(element)?;
        match element {
            Element::Year => day.0 = number,
            Element::Month => day.1 = number,
            Element::Day => day.2 = number,
            _ => {}
        }
    }
    if !parser.rest.is_empty() {
        return Err(parser.failed(&format!(": extra text: {}", quote(parser.rest))));
    }
    let (year, month, day) = day;
    let days = match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if day < 1 || day > days {
        return Err(parser.failed(": day out of range"));
    }
    Ok(())
}

enum Element {
    Literal(u8),
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Zone,
}

struct Parser<'v> {
    layout: &'static str,
    value: &'v str,
    rest: &'v [u8],
}

impl Parser<'_> {
    fn element(&mut self, element: &Element) -> Result<u32, String> {
        let (name, needs_two, range) = match element {
            Element::Literal(byte) => {
                if self.rest.first() != Some(byte) {
                    return Err(self.cannot(self.rest, &char::from(*byte).to_string()));
                }
                self.rest = &self.rest[1..];
                return Ok(0);
            }
            Element::Year => {
                let digits = self.rest.get(..4).filter(|digits| digits[0].is_ascii_digit());
                let year = digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
                let year = year.ok_or_else(|| self.cannot(self.rest, "2006"))?;
                self.rest = &self.rest[4..];
                return Ok(year);
            }
            Element::Zone => return self.zone(),
            Element::Month => ("01", true, Some(("month", 1..=12))),
            Element::Day => ("02", true, None),
            Element::Hour => ("15", false, Some(("hour", 0..=23))),
            Element::Minute => ("04", true, Some(("minute", 0..=59))),
            Element::Second => ("05", true, Some(("second", 0..=59))),
        };
        let before = self.rest;
        let number = number(&mut self.rest, needs_two).ok_or_else(|| self.cannot(before, name))?;
        if let Some((what, range)) = range
            && !range.contains(&number)
        {
            return Err(self.failed(&format!(": {what} out of range")));
        }
        if matches!(element, Element::Second)
            && matches!(self.rest, [b'.' | b',', digit, ..] if digit.is_ascii_digit())
        {
            let digits = self.rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            self.rest = &self.rest[1 + digits..];
        }
        Ok(number)
    }

    fn zone(&mut self) -> Result<u32, String> {
        if let [b'Z', rest @ ..] = self.rest {
            self.rest = rest;
            return Ok(0);
        }
        let before = self.rest;
        let bad = || self.cannot(before, "Z07:00");
        let (&[sign, a, b, colon, c, d], rest) = before.split_first_chunk::<6>().ok_or_else(bad)?;
        let two = |digits: [u8; 2]| number(&mut &digits[..], true);
        let (Some(hours), Some(minutes), b':') = (two([a, b]), two([c, d]), colon) else { return Err(bad()) };
        let in_range = if hours > 24 {
            Some("time zone offset hour")
        } else if minutes > 60 {
            Some("time zone offset minute")
        } else {
            None
        };
        if let Some(what) = in_range {
            return Err(self.failed(&format!(": {what} out of range")));
        }
        if !matches!(sign, b'+' | b'-') {
            return Err(bad());
        }
        self.rest = rest;
        Ok(0)
    }

    fn cannot(&self, rest: &[u8], element: &str) -> String {
        format!(
            "parsing time {} as {}: cannot parse {} as {}",
            quote(self.value.as_bytes()),
            quote(self.layout.as_bytes()),
            quote(rest),
            quote(element.as_bytes())
        )
    }

    fn failed(&self, message: &str) -> String {
        format!("parsing time {}{message}", quote(self.value.as_bytes()))
    }
}

/// One or two digits, or exactly two.
fn number(rest: &mut &[u8], needs_two: bool) -> Option<u32> {
    let digit =
        |byte: Option<&u8>| byte.filter(|byte| byte.is_ascii_digit()).map(|byte| u32::from(byte - b'0'));
    let first = digit(rest.first())?;
    let (number, length) = match digit(rest.get(1)) {
        Some(second) => (first * 10 + second, 2),
        None if needs_two => return None,
        None => (first, 1),
    };
    *rest = &rest[length..];
    Some(number)
}

fn quote(text: &[u8]) -> String {
    let mut out = String::from("\"");
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b' '..=b'~' | 0x7f => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_checked_as_in_go() {
        for (layout, value, expected) in [
            (RFC3339, "2020-05-15T15:03:45.123456789-07:00", Ok(())),
            (RFC3339, "2020-05-15T15:03:45Z", Ok(())),
            (
                RFC3339,
                "2020-05-15",
                Err(
                    "parsing time \"2020-05-15\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"T\"",
                ),
            ),
            (
                RFC3339,
                "x",
                Err("parsing time \"x\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"x\" as \"2006\""),
            ),
            (
                RFC3339,
                "2020-13-15T15:03:45Z",
                Err("parsing time \"2020-13-15T15:03:45Z\": month out of range"),
            ),
            (
                RFC3339,
                "2020-01-01T25:03:45Z",
                Err("parsing time \"2020-01-01T25:03:45Z\": hour out of range"),
            ),
            (
                RFC3339,
                "2020-01-01T05:03:45Zx",
                Err("parsing time \"2020-01-01T05:03:45Zx\": extra text: \"x\""),
            ),
            (DATE, "2021-02-29", Err("parsing time \"2021-02-29\": day out of range")),
            (DATE, "2020-02-29", Ok(())),
            (
                DATE,
                "2020-2-29",
                Err("parsing time \"2020-2-29\" as \"2006-01-02\": cannot parse \"2-29\" as \"01\""),
            ),
            (
                DATE,
                "20é0-02-29",
                Err(
                    "parsing time \"20\\xc3\\xa90-02-29\" as \"2006-01-02\": cannot parse \"20\\xc3\\xa90-02-29\" as \"2006\"",
                ),
            ),
        ] {
            assert_eq!(check(layout, value), expected.map_err(str::to_owned), "{value}");
        }
    }
}
