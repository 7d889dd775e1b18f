//! `urlParse` and `urlJoin`: Go's package `net/url`, which reads and writes URLs in ways of its own.

use bstr::ByteSlice;
use chart_lint_template::{
    Args, Data, Entry, Error, Function, Map, OriginId, Result, State, Str, Text, Type, Value, quote,
};

pub(super) static FUNCTIONS: &[Function] = &[
    Function { name: "urlParse", params: &[Type::String], variadic: false, run: url_parse },
    Function { name: "urlJoin", params: &[Type::DICT], variadic: false, run: url_join },
];

fn url_parse(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let text = args.text(0);
    let url =
        Url::parse(text.as_bytes()).map_err(|error| Error::new(format!("unable to parse url: {error}")))?;
    let hostname = url.hostname().to_vec();
    let userinfo = url.user.as_ref().map(User::to_bytes).unwrap_or_default();
    let origin = state.origin_of_text(&text);
    let dict = Map::dict();
    for (key, part) in [
        ("scheme", url.scheme),
        ("host", url.host),
        ("hostname", hostname),
        ("path", url.path),
        ("query", url.query),
        ("opaque", url.opaque),
        ("fragment", url.fragment),
        ("userinfo", userinfo),
    ] {
        let value = Value::from(Text::new(part, origin));
        dict.insert_entry(Str::from(key), Entry { value, key_origin: OriginId::NONE });
    }
    Ok(dict.into())
}

fn url_join(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let dict = args.map(0);
    let mut url = Url {
        scheme: part(&dict, "scheme")?,
        host: part(&dict, "host")?,
        path: part(&dict, "path")?,
        query: part(&dict, "query")?,
        opaque: part(&dict, "opaque")?,
        fragment: part(&dict, "fragment")?,
        user: None,
    };
    let userinfo = part(&dict, "userinfo")?;
    if !userinfo.is_empty() {
        let whole = [b"proto://", userinfo.as_slice(), b"@host"].concat();
        let parsed = Url::parse(&whole)
            .map_err(|error| Error::new(format!("unable to parse userinfo in dict: {error}")))?;
        url.user = parsed.user;
    }
    Ok(Value::from(url.to_bytes()))
}

fn part(dict: &Map, key: &str) -> Result<Vec<u8>> {
    match dict.get(key.as_bytes()) {
        None => Ok(Vec::new()),
        Some(Value { data: Data::String(text), .. }) => Ok(text.as_bytes().to_vec()),
        Some(value) if value.is_nil() => Err(super::panics::nil_pointer()),
        Some(value) => {
            let kind = value.kind();
            Err(Error::new(format!("unable to parse {key} key, must be of type string, but {kind} found")))
        }
    }
}

/// `url.URL`, as far as Sprig uses it. All parts but the query and the opaque one are unescaped.
#[derive(Default)]
pub(crate) struct Url {
    pub(crate) scheme: Vec<u8>,
    pub(crate) opaque: Vec<u8>,
    pub(crate) user: Option<User>,
    pub(crate) host: Vec<u8>,
    pub(crate) path: Vec<u8>,
    pub(crate) query: Vec<u8>,
    fragment: Vec<u8>,
}

pub(crate) struct User {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

impl User {
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = escape(&self.name, Part::User);
        if let Some(password) = &self.password {
            out.push(b':');
            out.extend(escape(password, Part::User));
        }
        out
    }
}

/// Where in a URL something stands.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Path,
    Host,
    /// After the `%25` of an IPv6 address.
    Zone,
    User,
    Fragment,
}

/// Whether a byte can stand there as it is.
fn is_plain(byte: u8, part: Part) -> bool {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => true,
        b'$' | b'&' | b'+' | b'=' => true,
        b'!' | b'(' | b')' | b'*' => matches!(part, Part::Host | Part::Zone | Part::Fragment),
        b':' => part != Part::User,
        b',' | b';' => true,
        b'"' | b'\'' | b'<' | b'>' | b'[' | b']' => matches!(part, Part::Host | Part::Zone),
        b'/' | b'@' => matches!(part, Part::Path | Part::Fragment),
        b'?' => part == Part::Fragment,
        _ => false,
    }
}

fn escape(bytes: &[u8], part: Part) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for &byte in bytes {
        if is_plain(byte, part) {
            out.push(byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    out
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

fn unescape(bytes: &[u8], part: Part) -> std::result::Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            if matches!(part, Part::Host | Part::Zone) && byte.is_ascii() && !is_plain(byte, part) {
                return Err(format!("invalid character {} in host name", quote::go_quote(&[byte])));
            }
            out.push(byte);
            continue;
        }
        let whole = &bytes[bytes.len() - after.len() - 1..];
        let whole = &whole[..whole.len().min(3)];
        let bad = || format!("invalid URL escape {}", quote::go_quote(whole));
        let [_, high, low] = whole else { return Err(bad()) };
        let (Some(high), Some(low)) = (hex(*high), hex(*low)) else { return Err(bad()) };
        let value = high << 4 | low;
        // A host can only escape what is not ASCII, a zone only what could also stand there, and both `%`.
        let is_allowed = match part {
            Part::Host => high >= 8,
            Part::Zone => value == b' ' || is_plain(value, Part::Host),
            _ => true,
        };
        if !is_allowed && value != b'%' {
            return Err(bad());
        }
        out.push(value);
        rest = &after[2..];
    }
    Ok(out)
}

/// What is before the first `mark`, and what is after it.
fn cut(bytes: &[u8], mark: u8) -> (&[u8], &[u8]) {
    match bytes.find_byte(mark) {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (bytes, b""),
    }
}

impl Url {
    /// `url.Parse`, with its error texts.
    pub(crate) fn parse(bytes: &[u8]) -> std::result::Result<Url, String> {
        let (before, fragment) = cut(bytes, b'#');
        let failed = |shown: &[u8], error| format!("parse {}: {error}", quote::go_quote(shown));
        let mut url = Url::parse_before_fragment(before).map_err(|error| failed(before, error))?;
        url.fragment = unescape(fragment, Part::Fragment).map_err(|error| failed(bytes, error))?;
        Ok(url)
    }

    fn parse_before_fragment(bytes: &[u8]) -> std::result::Result<Url, String> {
        if bytes.iter().any(|&byte| byte < b' ' || byte == 0x7f) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        let mut url = Url::default();
        if bytes == b"*" {
            url.path = b"*".to_vec();
            return Ok(url);
        }
        let (scheme, rest) = split_scheme(bytes)?;
        url.scheme = scheme.to_ascii_lowercase();
        let (mut rest, query) = cut(rest, b'?');
        url.query = query.to_vec();
        if !rest.starts_with(b"/") {
            if !url.scheme.is_empty() {
                url.opaque = rest.to_vec();
                return Ok(url);
            }
            if cut(rest, b'/').0.contains(&b':') {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let has_authority = rest.starts_with(b"//") && (!url.scheme.is_empty() || !rest.starts_with(b"///"));
        if has_authority {
            let authority = &rest[2..];
            let end = authority.find_byte(b'/').unwrap_or(authority.len());
            url.parse_authority(&authority[..end])?;
            rest = &authority[end..];
        }
        url.path = unescape(rest, Part::Path)?;
        Ok(url)
    }

    fn parse_authority(&mut self, authority: &[u8]) -> std::result::Result<(), String> {
        let at = authority.rfind_byte(b'@');
        self.host = parse_host(&self.scheme, &authority[at.map_or(0, |at| at + 1)..])?;
        let Some(at) = at else { return Ok(()) };
        let userinfo = &authority[..at];
        if !userinfo.iter().all(|&byte| is_valid_in_userinfo(byte)) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        let (name, password) = match userinfo.find_byte(b':') {
            Some(colon) => (&userinfo[..colon], Some(&userinfo[colon + 1..])),
            None => (userinfo, None),
        };
        self.user = Some(User {
            name: unescape(name, Part::User)?,
            password: password.map(|password| unescape(password, Part::User)).transpose()?,
        });
        Ok(())
    }

    /// `URL.Hostname`: without port and brackets.
    pub(crate) fn hostname(&self) -> &[u8] {
        let host = match self.host.rfind_byte(b':') {
            Some(colon) if is_optional_port(&self.host[colon..]) => &self.host[..colon],
            _ => &self.host,
        };
        match host {
            [b'[', inner @ .., b']'] => inner,
            _ => host,
        }
    }

    /// `URL.String`.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.scheme.is_empty() {
            out.extend_from_slice(&self.scheme);
            out.push(b':');
        }
        if !self.opaque.is_empty() {
            out.extend_from_slice(&self.opaque);
        } else {
            self.push_authority_and_path(&mut out);
        }
        if !self.query.is_empty() {
            out.push(b'?');
            out.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push(b'#');
            out.extend(escape(&self.fragment, Part::Fragment));
        }
        out
    }

    fn push_authority_and_path(&self, out: &mut Vec<u8>) {
        let has_host = !self.host.is_empty();
        if has_host || self.user.is_some() || (!self.scheme.is_empty() && !self.path.is_empty()) {
            out.extend_from_slice(b"//");
        }
        if let Some(user) = &self.user {
            out.extend(user.to_bytes());
            out.push(b'@');
        }
        out.extend(escape(&self.host, Part::Host));
        let path = if self.path == b"*" { self.path.clone() } else { escape(&self.path, Part::Path) };
        if has_host && !path.is_empty() && !path.starts_with(b"/") {
            out.push(b'/');
        }
        // Otherwise it would read as a scheme.
        if out.is_empty() && cut(&path, b'/').0.contains(&b':') {
            out.extend_from_slice(b"./");
        }
        out.extend(path);
    }
}

fn split_scheme(bytes: &[u8]) -> std::result::Result<(&[u8], &[u8]), String> {
    for (i, &byte) in bytes.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if i > 0 => {}
            b':' if i == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((&bytes[..i], &bytes[i + 1..])),
            _ => break,
        }
    }
    Ok((b"", bytes))
}

fn is_valid_in_userinfo(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte)
}

fn is_optional_port(port: &[u8]) -> bool {
    match port.split_first() {
        None => true,
        Some((colon, digits)) => *colon == b':' && digits.iter().all(u8::is_ascii_digit),
    }
}

fn parse_host(scheme: &[u8], host: &[u8]) -> std::result::Result<Vec<u8>, String> {
    let bad_port = |port: &[u8]| format!("invalid port {} after host", quote::go_quote(port));
    match host.rfind_byte(b'[') {
        None => {}
        Some(0) => {
            let close = host.rfind_byte(b']').ok_or("missing ']' in host")?;
            let port = &host[close + 1..];
            if !is_optional_port(port) {
                return Err(bad_port(port));
            }
            let name = &host[1..close];
            let zone = name.find(b"%25").unwrap_or(name.len());
            let mut address = unescape(&name[..zone], Part::Host)?;
            address.extend(unescape(&name[zone..], Part::Zone)?);
            match parse_address(&address).map_err(|error| format!("invalid host: {error}"))? {
                Address::V4 => return Err("invalid IP-literal".to_owned()),
                Address::V6 => {}
            }
            return Ok([b"[", address.as_slice(), b"]", port].concat());
        }
        Some(_) => return Err("invalid IP-literal".to_owned()),
    }
    if let (Some(first), Some(last)) = (host.find_byte(b':'), host.rfind_byte(b':')) {
        // Lists of hosts with ports are common for databases, and wrong for the web.
        let is_web = matches!(scheme, b"http" | b"https");
        let port = &host[if is_web { first } else { last }..];
        if !is_optional_port(port) {
            return Err(bad_port(port));
        }
    }
    unescape(host, Part::Host)
}

pub(crate) enum Address {
    V4,
    V6,
}

/// Which kind of IP address this is, with the error texts of `netip.ParseAddr`.
pub(crate) fn parse_address(address: &[u8]) -> std::result::Result<Address, String> {
    let fail = |message: &str, at: &[u8]| address_error(address, message, at);
    match address.iter().find(|byte| b".:%".contains(byte)) {
        Some(b'.') => check_v4(address, address).map(|()| Address::V4),
        Some(b':') => check_v6(address).map(|()| Address::V6),
        Some(_) => Err(fail("missing IPv6 address", b"")),
        None => Err(fail("unable to parse IP", b"")),
    }
}

fn address_error(address: &[u8], message: &str, at: &[u8]) -> String {
    let shown = quote::go_quote(address);
    match at {
        b"" => format!("ParseAddr({shown}): {message}"),
        _ => format!("ParseAddr({shown}): {message} (at {})", quote::go_quote(at)),
    }
}

/// Four numbers with dots between them, the whole of `part`.
fn check_v4(address: &[u8], part: &[u8]) -> std::result::Result<(), String> {
    let fail = |message: &str, at: &[u8]| Err(address_error(address, message, at));
    let (mut value, mut digits, mut dots) = (0u32, 0, 0);
    for (i, &byte) in part.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                if digits == 1 && value == 0 {
                    return fail("IPv4 field has octet with leading zero", b"");
                }
                value = value * 10 + u32::from(byte - b'0');
                digits += 1;
                if value > 255 {
                    return fail("IPv4 field has value >255", b"");
                }
            }
            b'.' => {
                if i == 0 || i + 1 == part.len() || part[i - 1] == b'.' {
                    return fail("IPv4 field must have at least one digit", &part[i..]);
                }
                if dots == 3 {
                    return fail("IPv4 address too long", b"");
                }
                dots += 1;
                (value, digits) = (0, 0);
            }
            _ => return fail("unexpected character", &part[i..]),
        }
    }
    if dots < 3 { fail("IPv4 address too short", b"") } else { Ok(()) }
}

fn check_v6(address: &[u8]) -> std::result::Result<(), String> {
    /// Bytes of an address.
    const SIZE: usize = 16;
    let fail = |message: &str, at: &[u8]| Err(address_error(address, message, at));
    let (mut rest, zone) = match address.find_byte(b'%') {
        Some(at) => (&address[..at], Some(&address[at + 1..])),
        None => (address, None),
    };
    if zone == Some(b"") {
        return fail("zone must be a non-empty string", b"");
    }
    let mut has_ellipsis = false;
    if let Some(after) = rest.strip_prefix(b"::") {
        has_ellipsis = true;
        rest = after;
        if rest.is_empty() {
            return Ok(());
        }
    }
    let mut size = 0;
    while size < SIZE {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        if digits > 4 {
            return fail("each group must have 4 or less digits", rest);
        }
        if digits == 0 {
            return fail("each colon-separated field must have at least one digit", rest);
        }
        let after = &rest[digits..];
        if after.starts_with(b".") {
            if !has_ellipsis && size != SIZE - 4 {
                return fail("embedded IPv4 address must replace the final 2 fields of the address", rest);
            }
            if size + 4 > SIZE {
                return fail("too many hex fields to fit an embedded IPv4 at the end of the address", rest);
            }
            check_v4(address, rest)?;
            rest = b"";
            size += 4;
            break;
        }
        size += 2;
        rest = match after {
            [] => {
                rest = after;
                break;
            }
            [b':'] => return fail("colon must be followed by more characters", after),
            [b':', after @ ..] => after,
            _ => return fail("unexpected character, want colon", after),
        };
        if let Some(after) = rest.strip_prefix(b":") {
            if has_ellipsis {
                return fail("multiple :: in address", rest);
            }
            has_ellipsis = true;
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
    }
    if !rest.is_empty() {
        return fail("trailing garbage after address", rest);
    }
    match (size < SIZE, has_ellipsis) {
        (true, false) => fail("address string too short", b""),
        (false, true) => fail("the :: must expand to at least one field of zeros", b""),
        _ => Ok(()),
    }
}

/// The host of a URL, for other chapters.
pub(super) fn host_of(url: &[u8]) -> std::result::Result<Vec<u8>, String> {
    Url::parse(url).map(|url| url.host)
}
