//! Slash-separated paths as Go's `path` and `path/filepath` treat them, on bytes.

/// The shortest path that means the same, without looking at any file: `path.Clean`.
pub(crate) fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.first() == Some(&b'/');
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => match parts.last() {
                Some(&last) if last != b".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(part),
            },
            _ => parts.push(part),
        }
    }
    let mut clean = if rooted { b"/".to_vec() } else { Vec::new() };
    clean.extend_from_slice(&parts.join(&b'/'));
    if clean.is_empty() {
        clean.push(b'.');
    }
    clean
}

/// The last element, without trailing slashes: `filepath.Base`.
pub(crate) fn base(path: &[u8]) -> &[u8] {
    if path.is_empty() {
        return b".";
    }
    let end = path.iter().rposition(|&byte| byte != b'/').map_or(0, |at| at + 1);
    match path[..end].rsplit(|&byte| byte == b'/').next() {
        Some(last) if !last.is_empty() => last,
        _ => b"/",
    }
}

/// The extension of the last element, with its dot: `filepath.Ext`.
pub(crate) fn ext(path: &[u8]) -> &[u8] {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    name.iter().rposition(|&byte| byte == b'.').map_or(&[], |dot| &name[dot..])
}

/// A pattern is malformed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("syntax error in pattern")]
pub(crate) struct BadPattern;

/// Whether a shell pattern matches a whole name: `filepath.Match`. A part of the pattern that is not reached is not
/// checked.
pub(crate) fn matches(mut pattern: &[u8], mut name: &[u8]) -> Result<bool, BadPattern> {
    'pattern: while !pattern.is_empty() {
        let (star, chunk, rest) = scan_chunk(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            return Ok(!name.contains(&b'/'));
        }
        let is_last = pattern.is_empty();
        if let Some(rest) = match_chunk(chunk, name)?
            && (rest.is_empty() || !is_last)
        {
            name = rest;
            continue;
        }
        if star {
            for at in 0..name.len() {
                if name[at] == b'/' {
                    break;
                }
                match match_chunk(chunk, &name[at + 1..])? {
                    Some(rest) if is_last && !rest.is_empty() => {}
                    Some(rest) => {
                        name = rest;
                        continue 'pattern;
                    }
                    None => {}
                }
            }
        }
        return Ok(false);
    }
    Ok(name.is_empty())
}

/// The next part of a pattern: whether it starts with stars, what follows up to the next star, and the rest.
fn scan_chunk(pattern: &[u8]) -> (bool, &[u8], &[u8]) {
    let stars = pattern.iter().take_while(|&&byte| byte == b'*').count();
    let pattern = &pattern[stars..];
    let mut in_range = false;
    let mut at = 0;
    while at < pattern.len() {
        match pattern[at] {
            b'\\' if at + 1 < pattern.len() => at += 1,
            b'[' => in_range = true,
            b']' => in_range = false,
            b'*' if !in_range => return (stars > 0, &pattern[..at], &pattern[at..]),
            _ => {}
        }
        at += 1;
    }
    (stars > 0, pattern, &[])
}

/// Matches a part without stars at the start of `name`; gives what follows. After a mismatch the rest of the part is
/// still checked for errors.
fn match_chunk<'n>(mut chunk: &[u8], mut name: &'n [u8]) -> Result<Option<&'n [u8]>, BadPattern> {
    let mut failed = false;
    while let Some((&first, rest)) = chunk.split_first() {
        failed = failed || name.is_empty();
        chunk = rest;
        match first {
            b'[' => {
                let mut c = '\0';
                if !failed {
                    let (next, length) = decode(name);
                    c = next;
                    name = &name[length..];
                }
                let negated = chunk.first() == Some(&b'^');
                if negated {
                    chunk = &chunk[1..];
                }
                let mut found = false;
                let mut ranges = 0;
                loop {
                    if ranges > 0 && chunk.first() == Some(&b']') {
                        chunk = &chunk[1..];
                        break;
                    }
                    let (low, rest) = class_member(chunk)?;
                    let (high, rest) = match rest.split_first() {
                        Some((&b'-', rest)) => class_member(rest)?,
                        _ => (low, rest),
                    };
                    chunk = rest;
                    found = found || (low <= c && c <= high);
                    ranges += 1;
                }
                failed = failed || found == negated;
            }
            b'?' => {
                if !failed {
                    failed = name[0] == b'/';
                    name = &name[decode(name).1..];
                }
            }
            _ => {
                let mut wanted = first;
                if first == b'\\' {
                    let Some((&escaped, rest)) = chunk.split_first() else { return Err(BadPattern) };
                    wanted = escaped;
                    chunk = rest;
                }
                if !failed {
                    failed = name[0] != wanted;
                    name = &name[1..];
                }
            }
        }
    }
    Ok((!failed).then_some(name))
}

fn class_member(chunk: &[u8]) -> Result<(char, &[u8]), BadPattern> {
    let chunk = match chunk {
        [] | [b'-' | b']', ..] => return Err(BadPattern),
        [b'\\', rest @ ..] => rest,
        _ => chunk,
    };
    if chunk.is_empty() {
        return Err(BadPattern);
    }
    let (c, length) = decode(chunk);
    let rest = &chunk[length..];
    if (c == char::REPLACEMENT_CHARACTER && length == 1) || rest.is_empty() {
        return Err(BadPattern);
    }
    Ok((c, rest))
}

/// The first character of `bytes`, which is not empty, and its length.
fn decode(bytes: &[u8]) -> (char, usize) {
    match bstr::decode_utf8(bytes) {
        (Some(c), length) => (c, length),
        (None, _) => (char::REPLACEMENT_CHARACTER, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_in_go() {
        for (path, cleaned) in [
            ("", "."),
            ("abc", "abc"),
            ("abc/def/", "abc/def"),
            ("./a//b/./c", "a/b/c"),
            ("a/../..", ".."),
            ("/../a", "/a"),
            ("/", "/"),
            ("a/b/../../c", "c"),
            ("../../a", "../../a"),
        ] {
            assert_eq!(clean(path.as_bytes()), cleaned.as_bytes(), "{path}");
        }
    }

    #[test]
    fn base_and_extension_are_as_in_go() {
        for (path, last, extension) in [
            ("", ".", ""),
            ("/", "/", ""),
            ("a/b.c.tgz", "b.c.tgz", ".tgz"),
            ("a.d/b", "b", ""),
            ("a/", "a", ""),
            (".prov", ".prov", ".prov"),
        ] {
            assert_eq!(
                (base(path.as_bytes()), ext(path.as_bytes())),
                (last.as_bytes(), extension.as_bytes()),
                "{path}"
            );
        }
    }

    #[test]
    fn patterns_match_as_in_go() {
        for (pattern, name, expected) in [
            ("abc", "abc", Ok(true)),
            ("*", "abc", Ok(true)),
            ("*", "a/b", Ok(false)),
            ("*c", "abc", Ok(true)),
            ("a*", "ab/c", Ok(false)),
            ("a*/b", "a/c/b", Ok(false)),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", Ok(true)),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", Ok(false)),
            ("a*b?c*x", "abxbbxdbxebxczzx", Ok(true)),
            ("ab[c]", "abc", Ok(true)),
            ("ab[^c]", "abc", Ok(false)),
            ("ab[^b-d]", "abe", Ok(true)),
            ("[a-ζ]*", "α", Ok(true)),
            ("a?b", "a☺b", Ok(true)),
            ("a???b", "a☺b", Ok(false)),
            ("*[a-ζ]", "A", Ok(false)),
            ("a?b", "a/b", Ok(false)),
            ("a\\*b", "a*b", Ok(true)),
            ("[\\]a]", "]", Ok(true)),
            ("[]a]", "]", Err(BadPattern)),
            ("[-]", "-", Err(BadPattern)),
            ("[x-]", "x", Err(BadPattern)),
            ("a[", "a", Err(BadPattern)),
            ("a[", "ab", Err(BadPattern)),
            ("a[", "x", Err(BadPattern)),
            ("\\", "a", Err(BadPattern)),
            ("[^-x]", "a", Err(BadPattern)),
            ("*x", "xxx", Ok(true)),
            ("", "", Ok(true)),
        ] {
            assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} on {name}");
        }
    }
}
