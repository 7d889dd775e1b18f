//! Which plain scalars yaml.v2 and yaml.v3 take for timestamps.
//!
//! Go tries four layouts with `time.Parse`. The time itself is never needed: decoded into an
//! interface a timestamp stays a string, and on the way out only its existence forces quotes.

/// Whether one of go-yaml's four layouts reads the text.
pub(crate) fn is_timestamp(text: &[u8]) -> bool {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits != 4 || text.get(4) != Some(&b'-') {
        return false;
    }
    date(text).is_some_and(|rest| match rest {
        [] => true,
        [b'T' | b't', rest @ ..] => time_of_day(rest).is_some_and(is_zone),
        [b' ', ..] => time_of_day(rest.trim_ascii_start_spaces()).is_some_and(<[u8]>::is_empty),
        _ => false,
    })
}

trait TrimSpaces {
    fn trim_ascii_start_spaces(&self) -> &Self;
}

impl TrimSpaces for [u8] {
    /// Only spaces, as Go's layouts match runs of spaces.
    fn trim_ascii_start_spaces(&self) -> &Self {
        let spaces = self.iter().take_while(|byte| **byte == b' ').count();
        &self[spaces..]
    }
}

/// A number of one or two digits, and what follows.
fn number(text: &[u8]) -> Option<(u32, &[u8])> {
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u32::from(byte - b'0'));
    let (first, rest) = text.split_first()?;
    let first = digit(first)?;
    match rest.split_first() {
        Some((second, after)) if second.is_ascii_digit() => Some((first * 10 + digit(second)?, after)),
        _ => Some((first, rest)),
    }
}

/// `2006-1-2`; gives what follows.
fn date(text: &[u8]) -> Option<&[u8]> {
    let (year, rest) = text.split_at_checked(4)?;
    let year = year.iter().fold(0, |year, byte| year * 10 + u32::from(byte - b'0'));
    let (month, rest) = number(rest.strip_prefix(b"-")?)?;
    let (day, rest) = number(rest.strip_prefix(b"-")?)?;
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    (1..=days).contains(&day).then_some(rest)
}

/// `15:4:5.999999999`; gives what follows.
fn time_of_day(text: &[u8]) -> Option<&[u8]> {
    let (hour, rest) = number(text)?;
    let (minute, rest) = number(rest.strip_prefix(b":")?)?;
    let (second, rest) = number(rest.strip_prefix(b":")?)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(match rest {
        // Any number of digits, after a point or a comma.
        [b'.' | b',', b'0'..=b'9', ..] => {
            let digits = rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            &rest[1 + digits..]
        }
        _ => rest,
    })
}

/// `Z07:00`, with nothing after it.
fn is_zone(text: &[u8]) -> bool {
    match text {
        b"Z" => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            let all_digits = [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit());
            // Go's limits: people do write 24 hours and 60 minutes.
            all_digits && [*h1, *h2] <= *b"24" && [*m1, *m2] <= *b"60"
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_timestamp;

    #[test]
    fn the_four_layouts_are_found() {
        for good in [
            "2020-1-2",
            "2020-01-02",
            "2020-02-29",
            "2001-12-14T21:59:43.10Z",
            "2001-12-14t21:59:43-05:00",
            "2001-12-14T1:2:3+24:60",
            "2001-12-14 21:59:43.1",
            "2001-12-14   1:2:3,5",
        ] {
            assert!(is_timestamp(good.as_bytes()), "{good}");
        }
        for bad in [
            "2021-02-29",
            "2020-13-01",
            "2020-1-32",
            "20201-1-1",
            "2020-1",
            "2020-1-2x",
            "2020-1-2 ",
            "2001-12-14T21:59:43",
            "2001-12-14T24:59:43Z",
            "2001-12-14 21:59:43Z",
            "2001-12-14T21:59:43+25:00",
            "2001-12-14T21:59:43.Z",
        ] {
            assert!(!is_timestamp(bad.as_bytes()), "{bad}");
        }
    }
}
