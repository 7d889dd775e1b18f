//! Addresses of schemas and what they refer to, as Go's `net/url` treats them.

use crate::render::functions::urls::{Url as GoUrl, parse_address};

/// A parsed address.
pub(crate) struct Url(GoUrl);

impl Url {
    /// `url.Parse`, with its errors.
    pub(crate) fn parse(text: &str) -> Result<Url, String> {
        GoUrl::parse(text.as_bytes()).map(Url)
    }

    pub(crate) fn is_absolute(&self) -> bool {
        !self.0.scheme.is_empty()
    }

    pub(crate) fn scheme(&self) -> &[u8] {
        &self.0.scheme
    }

    pub(crate) fn path(&self) -> String {
        String::from_utf8_lossy(&self.0.path).into_owned()
    }

    pub(crate) fn hostname(&self) -> String {
        String::from_utf8_lossy(self.0.hostname()).into_owned()
    }

    pub(crate) fn has_brackets(&self) -> bool {
        self.0.host.contains(&b'[') && self.0.host.contains(&b']')
    }

    /// The path as it is written, if Go would write it otherwise.
    pub(crate) fn raw_path<'t>(&self, text: &'t str) -> &'t str {
        let path = self.written_path(text);
        let mut plain = GoUrl::default();
        plain.path.clone_from(&self.0.path);
        if plain.to_bytes() == path.as_bytes() { "" } else { path }
    }

    /// The path as it is written.
    fn written_path<'t>(&self, text: &'t str) -> &'t str {
        if !self.0.opaque.is_empty() {
            return "";
        }
        let text = text.split(['#', '?']).next().unwrap_or_default();
        let scheme = self.0.scheme.len();
        let rest = if scheme > 0 { text.get(scheme + 1..).unwrap_or_default() } else { text };
        match rest.strip_prefix("//") {
            Some(authority) if scheme > 0 || !rest.starts_with("///") => {
                authority.find('/').map_or("", |slash| &authority[slash..])
            }
            _ => rest,
        }
    }

    /// `URL.EscapedPath`: as it is written, if that is good.
    fn escaped_path(&self, text: &str) -> String {
        let path = self.written_path(text);
        let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:@[]/%".contains(&byte);
        if path.bytes().all(is_good) {
            return path.to_owned();
        }
        let mut plain = GoUrl::default();
        plain.path = [b"/", self.0.path.as_slice()].concat();
        String::from_utf8_lossy(&plain.to_bytes()[1..]).into_owned()
    }
}

/// What an address refers to from a base, without fragments: `ResolveReference` and `String`.
pub(crate) fn join(base: &str, reference: &str) -> Result<String, String> {
    let parse = |text: &str| Url::parse(text).map_err(|error| parse_error(text, &error));
    let (base_url, reference_url) = (parse(base)?, parse(reference)?);
    let (base_path, path) = (base_url.escaped_path(base), reference_url.escaped_path(reference));
    let (Url(base), Url(mut url)) = (base_url, reference_url);
    let is_relative = url.scheme.is_empty();
    if is_relative {
        url.scheme.clone_from(&base.scheme);
    }
    let mut resolved = String::new();
    if !is_relative || !url.host.is_empty() || url.user.is_some() {
        resolved = resolve_path(&path, "");
    } else {
        if path.is_empty() && url.query.is_empty() {
            url.query.clone_from(&base.query);
        }
        if !path.is_empty() || base.opaque.is_empty() {
            resolved = resolve_path(&base_path, &path);
            url.host.clone_from(&base.host);
            url.user = base.user;
        }
    }
    // Go forgets this; Helm's validator puts it back.
    if is_relative && !base.opaque.is_empty() {
        url.opaque = base.opaque;
    }
    let query = std::mem::take(&mut url.query);
    url.path = Vec::new();
    let mut out = String::from_utf8_lossy(&url.to_bytes()).into_owned();
    if url.opaque.is_empty() {
        let has_authority = !url.host.is_empty() || url.user.is_some();
        if !has_authority && !url.scheme.is_empty() && !resolved.is_empty() {
            out.push_str("//");
        }
        out.push_str(&resolved);
    }
    if !query.is_empty() {
        out.push('?');
        out.push_str(&String::from_utf8_lossy(&query));
    }
    Ok(out)
}

/// The text of a `ParseURLError`.
pub(crate) fn parse_error(url: &str, error: &str) -> String {
    let quoted = chart_lint_template::quote::go_quote(url.as_bytes());
    format!("error in parsing {quoted}: {error}")
}

fn resolve_path(base: &str, reference: &str) -> String {
    let full = if reference.is_empty() {
        base.to_owned()
    } else if reference.starts_with('/') {
        reference.to_owned()
    } else {
        format!("{}{reference}", &base[..base.rfind('/').map_or(0, |slash| slash + 1)])
    };
    if full.is_empty() {
        return full;
    }
    let mut parts: Vec<&str> = Vec::new();
    let mut ends_with_dots = false;
    for part in full.split('/') {
        ends_with_dots = matches!(part, "." | "..");
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let mut path = parts.join("/");
    if ends_with_dots {
        path.push('/');
    }
    if !path.starts_with('/') {
        path.insert(0, '/');
    }
    path
}

/// `netip.ParseAddr`
pub(crate) fn check_address(text: &str) -> Result<(), String> {
    parse_address(text.as_bytes()).map(|_| ())
}

/// `url.PathUnescape`
pub(crate) fn path_unescape(text: &str) -> Result<String, String> {
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'%' {
            out.push(bytes[at]);
            at += 1;
            continue;
        }
        let digits =
            text.get(at + 1..at + 3).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
            let end = bytes.len().min(at + 3);
            let quoted = chart_lint_template::quote::go_quote(&bytes[at..end]);
            return Err(format!("invalid URL escape {quoted}"));
        };
        out.push(byte);
        at += 3;
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// `url.PathEscape` of each part of a path.
pub(crate) fn path_escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b'$' | b'&' | b'+' | b':' | b'=' | b'@' | b'/' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_resolve_as_in_go() {
        for (base, reference, expected) in [
            ("file:///values.schema.json", "", "file:///values.schema.json"),
            ("file:///values.schema.json", "other.json", "file:///other.json"),
            ("file:///values.schema.json", "./a/../b.json", "file:///b.json"),
            ("file:///values.schema.json", "/x/y", "file:///x/y"),
            ("file:///values.schema.json", "https://example.com/a b", "https://example.com/a%20b"),
            ("https://example.com/a/b?x=1", "", "https://example.com/a/b?x=1"),
            ("https://example.com/a/b", "c/./d/..", "https://example.com/a/c/"),
            ("https://example.com/a/b", "//other/x", "https://other/x"),
            ("urn:example:a", "", "urn:example:a"),
        ] {
            assert_eq!(join(base, reference).as_deref(), Ok(expected), "{base} + {reference}");
        }
        assert_eq!(
            join("file:///a", "%zz").expect_err("no URL"),
            "error in parsing \"%zz\": parse \"%zz\": invalid URL escape \"%zz\""
        );
    }
}
