//! The `format` keyword: what Helm's validator checks strings for, with its words.

use chart_lint_template::quote::go_quote_char;
use chart_lint_template::strconv::parse_int;

use super::url::Url;
use crate::chart::time;

/// A known format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Format {
    pub(crate) name: &'static str,
    check: fn(&str) -> Result<(), String>,
}

static FORMATS: [Format; 19] = [
    Format { name: "json-pointer", check: json_pointer },
    Format { name: "relative-json-pointer", check: relative_json_pointer },
    Format { name: "uuid", check: uuid },
    Format { name: "duration", check: duration },
    Format { name: "period", check: period },
    Format { name: "ipv4", check: ipv4 },
    Format { name: "ipv6", check: ipv6 },
    Format { name: "hostname", check: hostname },
    Format { name: "email", check: email },
    Format { name: "date", check: date },
    Format { name: "time", check: clock_time },
    Format { name: "date-time", check: date_time },
    Format { name: "uri", check: uri },
    Format { name: "iri", check: uri },
    Format { name: "uri-reference", check: uri_reference },
    Format { name: "iri-reference", check: uri_reference },
    Format { name: "uri-template", check: uri_template },
    Format { name: "semver", check: semver },
    Format { name: "regex", check: regex },
];

impl Format {
    /// The format of a name; one that is not known checks nothing.
    pub(crate) fn find(name: &str) -> Option<Format> {
        FORMATS.iter().find(|format| format.name == name).copied()
    }

    /// Checks a string.
    pub(crate) fn check(&self, text: &str) -> Result<(), String> {
        (self.check)(text)
    }
}

type Checked = Result<(), String>;

fn fail(message: impl Into<String>) -> Checked {
    Err(message.into())
}

fn bad_character(c: char) -> Checked {
    fail(format!("invalid character {}", go_quote_char(c)))
}

fn regex(text: &str) -> Checked {
    super::pattern::compile(text).map(|_| ())
}

fn json_pointer(text: &str) -> Checked {
    if text.is_empty() {
        return Ok(());
    }
    let Some(rest) = text.strip_prefix('/') else { return fail("not starting with /") };
    for token in rest.split('/') {
        let mut escape = false;
        for c in token.chars() {
            if escape && !matches!(c, '0' | '1') {
                return fail("~ must be followed by 0 or 1");
            }
            escape = !escape && c == '~';
        }
        if escape {
            return fail("~ must be followed by 0 or 1");
        }
    }
    Ok(())
}

fn relative_json_pointer(text: &str) -> Checked {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return fail("must start with non-negative integer");
    }
    if digits > 1 && text.starts_with('0') {
        return fail("starts with zero");
    }
    if &text[digits..] == "#" { Ok(()) } else { json_pointer(&text[digits..]) }
}

fn uuid(text: &str) -> Checked {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    if groups.len() != GROUPS.len() {
        return fail("must have 5 elements");
    }
    for (at, (group, length)) in groups.iter().zip(GROUPS).enumerate() {
        if group.len() != length {
            return fail(format!("element {} must be {length} characters long", at + 1));
        }
        if let Some(c) = group.chars().find(|c| !c.is_ascii_hexdigit()) {
            return fail(format!("non-hex character {}", go_quote_char(c)));
        }
    }
    Ok(())
}

fn duration(text: &str) -> Checked {
    let Some(text) = text.strip_prefix('P') else { return fail("must start with P") };
    if text.is_empty() {
        return fail("nothing after P");
    }
    if let Some(weeks) = text.strip_suffix('W') {
        return match weeks {
            "" => fail("no number in week"),
            _ if weeks.bytes().all(|byte| byte.is_ascii_digit()) => Ok(()),
            _ => fail("invalid week"),
        };
    }
    const UNITS: [&str; 2] = ["YMD", "HMS"];
    for (at, part) in text.split('T').enumerate() {
        if at != 0 && part.is_empty() {
            return fail("no time elements");
        }
        let Some(all) = UNITS.get(at) else { return fail("more than one T") };
        let mut units = *all;
        let mut part = part.as_bytes();
        while !part.is_empty() {
            let digits = part.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return fail("missing number");
            }
            let Some((&unit, rest)) = part[digits..].split_first() else { return fail("missing unit") };
            part = rest;
            let shown = go_quote_char(char::from(unit));
            match units.find(char::from(unit)) {
                Some(at) => units = &units[at + 1..],
                None if all.contains(char::from(unit)) => return fail(format!("unit {shown} out of order")),
                None => return fail(format!("invalid unit {shown}")),
            }
        }
    }
    Ok(())
}

fn ipv4(text: &str) -> Checked {
    let groups: Vec<&str> = text.split('.').collect();
    if groups.len() != 4 {
        return fail("expected four decimals");
    }
    for group in groups {
        if group.len() > 1 && group.starts_with('0') {
            return fail("leading zeros");
        }
        let number =
            parse_int(group.as_bytes(), 10).map_err(|error| error.message("Atoi", group.as_bytes()))?;
        if !(0..=255).contains(&number) {
            return fail("decimal must be between 0 and 255");
        }
    }
    Ok(())
}

fn ipv6(text: &str) -> Checked {
    if !text.contains(':') {
        return fail("missing colon");
    }
    super::url::check_address(text)?;
    if text.contains('%') {
        return fail("zone id is not a part of ipv6 address");
    }
    Ok(())
}

fn hostname(text: &str) -> Checked {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.len() > 253 {
        return fail("more than 253 characters long");
    }
    for label in text.split('.') {
        if label.is_empty() || label.len() > 63 {
            return fail("label must be 1 to 63 characters long");
        }
        if label.starts_with('-') {
            return fail("label starts with hyphen");
        }
        if label.ends_with('-') {
            return fail("label ends with hyphen");
        }
        if let Some(c) = label.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
            return bad_character(c);
        }
    }
    Ok(())
}

fn email(text: &str) -> Checked {
    if text.len() > 254 {
        return fail("more than 255 characters long");
    }
    let Some((local, domain)) = text.rsplit_once('@') else { return fail("missing @") };
    if local.len() > 64 {
        return fail("local part more than 64 characters long");
    }
    if local.len() > 1 && local.starts_with('"') {
        // Whatever the last character is, it is taken for the closing quote.
        if local.as_bytes()[1..local.len() - 1].iter().any(|byte| matches!(byte, b'\\' | b'"')) {
            return fail("backslash and quote are not allowed within quoted local part");
        }
    } else {
        if local.starts_with('.') {
            return fail("starts with dot");
        }
        if local.ends_with('.') {
            return fail("ends with dot");
        }
        if local.contains("..") {
            return fail("consecutive dots");
        }
        let is_good = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c);
        if let Some(c) = local.chars().find(|c| !is_good(*c)) {
            return bad_character(c);
        }
    }
    if let Some(address) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return match address.strip_prefix("IPv6:") {
            Some(address) => ipv6(address).map_err(|error| format!("invalid ipv6 address: {error}")),
            None => ipv4(address).map_err(|error| format!("invalid ipv4 address: {error}")),
        };
    }
    hostname(domain).map_err(|error| format!("invalid domain: {error}"))
}

fn date(text: &str) -> Checked {
    time::check(time::DATE, text)
}

fn clock_time(text: &str) -> Checked {
    let bytes = text.as_bytes();
    if bytes.len() < 9 {
        return fail("less than 9 characters long");
    }
    if bytes[2] != b':' || bytes[5] != b':' {
        return fail("missing colon in correct place");
    }
    let mut parts = Vec::new();
    for token in bytes[..8].splitn(3, |byte| *byte == b':') {
        match parse_int(token, 10) {
            Err(_) => return fail("invalid hour/min/sec"),
            Ok(number) if number < 0 => return fail("non-positive hour/min/sec"),
            Ok(number) => parts.push(number),
        }
    }
    let &[mut hour, mut minute, second] = parts.as_slice() else { return fail("missing hour/min/sec") };
    if hour > 23 || minute > 59 || second > 60 {
        return fail("hour/min/sec out of range");
    }
    let mut rest = &bytes[8..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return fail("no digits in second fraction");
        }
        rest = &fraction[digits..];
    }
    if rest != b"z" && rest != b"Z" {
        if rest.len() != 6 {
            return fail("offset must be 6 characters long");
        }
        let sign = match rest[0] {
            b'+' => -1,
            b'-' => 1,
            _ => return fail("offset must begin with plus/minus"),
        };
        let offset = &rest[1..];
        if offset[2] != b':' {
            return fail("missing colon in offset in correct place");
        }
        let mut parts = Vec::new();
        for token in offset.splitn(2, |byte| *byte == b':') {
            match parse_int(token, 10) {
                Err(_) => return fail("invalid hour/min in offset"),
                Ok(number) if number < 0 => return fail("non-positive hour/min in offset"),
                Ok(number) => parts.push(number),
            }
        }
        let &[hours, minutes] = parts.as_slice() else { return fail("invalid hour/min in offset") };
        if hours > 23 || minutes > 59 {
            return fail("hour/min in offset out of range");
        }
        let mut all = hour * 60 + minute + sign * (hours * 60 + minutes);
        if all < 0 {
            all += 24 * 60;
        }
        (hour, minute) = (all / 60, all % 60);
    }
    if second >= 60 && (hour != 23 || minute != 59) {
        return fail("invalid leap second");
    }
    Ok(())
}

fn date_time(text: &str) -> Checked {
    let bytes = text.as_bytes();
    if bytes.len() < 20 {
        return fail("less than 20 characters long");
    }
    if !matches!(bytes[10], b't' | b'T') {
        return fail("11th character must be t or T");
    }
    // A character may be cut in two here, as it is in Go.
    let part = |range: std::ops::Range<usize>| String::from_utf8_lossy(&bytes[range]).into_owned();
    date(&part(0..10)).map_err(|error| format!("invalid date element: {error}"))?;
    clock_time(&part(11..bytes.len())).map_err(|error| format!("invalid time element: {error}"))
}

fn parse_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text)?;
    let host = url.hostname();
    if host.contains(':') {
        if !url.has_brackets() {
            return Err("ipv6 address not enclosed in brackets".to_owned());
        }
        ipv6(&host).map_err(|error| format!("invalid ipv6 address: {error}"))?;
    }
    Ok(url)
}

fn uri(text: &str) -> Checked {
    if parse_url(text)?.is_absolute() { Ok(()) } else { fail("relative url") }
}

fn uri_reference(text: &str) -> Checked {
    if text.contains('\\') {
        return fail("contains \\");
    }
    parse_url(text).map(|_| ())
}

fn uri_template(text: &str) -> Checked {
    let url = parse_url(text)?;
    for token in url.raw_path(text).split('/') {
        let token =
            super::url::path_unescape(token).map_err(|error| format!("percent decode failed: {error}"))?;
        let mut wants_open = true;
        for c in token.chars() {
            let is_open = match c {
                '{' => true,
                '}' => false,
                _ => continue,
            };
            if is_open != wants_open {
                return fail("nested curly braces");
            }
            wants_open = !wants_open;
        }
        if !wants_open {
            return fail("no matching closing brace");
        }
    }
    Ok(())
}

fn period(text: &str) -> Checked {
    let Some((start, end)) = text.split_once('/') else { return fail("missing slash") };
    let in_part = |what: &'static str| move |error: String| format!("invalid {what}: {error}");
    if start.starts_with('P') {
        duration(start).map_err(in_part("start duration"))?;
        return date_time(end).map_err(in_part("end date-time"));
    }
    date_time(start).map_err(in_part("start date-time"))?;
    if end.starts_with('P') {
        duration(end).map_err(in_part("end duration"))
    } else {
        date_time(end).map_err(in_part("end date-time"))
    }
}

fn semver(text: &str) -> Checked {
    let is_good = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut text = text;
    if let Some((before, build)) = text.split_once('+') {
        if build.is_empty() {
            return fail("build is empty");
        }
        for identifier in build.split('.') {
            if identifier.is_empty() {
                return fail("build identifier is empty");
            }
            if let Some(c) = identifier.chars().find(|c| !is_good(*c)) {
                return fail(format!("invalid character {} in build identifier", go_quote_char(c)));
            }
        }
        text = before;
    }
    if let Some((before, release)) = text.split_once('-') {
        for identifier in release.split('.') {
            if identifier.is_empty() {
                return fail("pre-release identifier is empty");
            }
            if let Some(c) = identifier.chars().find(|c| !is_good(*c)) {
                return fail(format!("invalid character {} in pre-release identifier", go_quote_char(c)));
            }
            let is_number = identifier.bytes().all(|byte| byte.is_ascii_digit());
            if is_number && identifier.len() > 1 && identifier.starts_with('0') {
                return fail("pre-release numeric identifier starts with zero");
            }
        }
        text = before;
    }
    let versions: Vec<&str> = text.split('.').collect();
    if versions.len() != 3 {
        return fail("versionCore must have 3 numbers separated by dot");
    }
    for (version, name) in versions.iter().zip(["major", "minor", "patch"]) {
        if version.is_empty() {
            return fail(format!("{name} is empty"));
        }
        if version.len() > 1 && version.starts_with('0') {
            return fail(format!("{name} starts with zero"));
        }
        if !version.bytes().all(|byte| byte.is_ascii_digit()) {
            return fail(format!("{name} contains non-digit"));
        }
    }
    Ok(())
}
