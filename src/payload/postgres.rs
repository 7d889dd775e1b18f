//! Readers for `pg_hba.conf`, which says who may log in to PostgreSQL and how, and for `postgresql.conf`.

use std::ops::Range;

/// A line of `pg_hba.conf`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HbaLine<'t> {
    /// `host`, `hostssl`, `local`, …
    pub(crate) kind: &'t str,
    /// The databases.
    pub(crate) database: &'t str,
    /// The users.
    pub(crate) user: &'t str,
    /// The addresses: `10.0.0.0/8`, `all`. Empty for `local`.
    pub(crate) address: &'t str,
    /// How they prove who they are: `scram-sha-256`.
    pub(crate) method: &'t str,
    /// From the kind to the method.
    pub(crate) span: Range<usize>,
}

const KINDS: &[&str] = &["local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"];

/// The line of `pg_hba.conf` that a line of a text is.
fn hba_line(start: usize, line: &str) -> Option<HbaLine<'_>> {
    let line = line.split('#').next().unwrap_or_default();
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let kind = *words.first().filter(|word| KINDS.contains(word))?;
    let (address, rest) = match kind {
        "local" => ("", words.get(3..)?),
        // Address and mask may be two words.
        _ if words.get(4).is_some_and(|mask| mask.contains('.') && !mask.contains('=')) => {
            (words[3], words.get(5..)?)
        }
        _ => (*words.get(3)?, words.get(4..)?),
    };
    let method = *rest.first()?;
    let at = |word: &str| start + (word.as_ptr() as usize - line.as_ptr() as usize);
    let span = at(kind)..at(method) + method.len();
    Some(HbaLine { kind, database: words[1], user: words[2], address, method, span })
}

/// The lines of a `pg_hba.conf`.
pub(crate) fn hba(text: &str) -> Vec<HbaLine<'_>> {
    super::lines(text).filter_map(|(span, line)| hba_line(span.start, line)).collect()
}

/// A setting of `postgresql.conf`, or of another file with `name = value` on each line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Setting<'t> {
    /// The name.
    pub(crate) name: &'t str,
    /// The value, without quotes around it.
    pub(crate) value: &'t str,
    /// From the name to the end of the value.
    pub(crate) span: Range<usize>,
}

/// The settings of a text. Lines that are none are left out.
pub(crate) fn settings(text: &str) -> Vec<Setting<'_>> {
    let lines = super::lines(text).filter_map(|(span, line)| {
        let code = line.split('#').next().unwrap_or_default();
        let trimmed = code.trim();
        let (name, value) = trimmed.split_once('=').or_else(|| trimmed.split_once(char::is_whitespace))?;
        let start = span.start + (code.len() - code.trim_start().len());
        let value = value.trim().trim_matches(['\'', '"']);
        Some(Setting { name: name.trim(), value, span: start..start + trimmed.len() })
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::{hba, settings};

    #[test]
    fn access_rules_are_read() {
        let text = "# TYPE DATABASE USER ADDRESS METHOD\nlocal all all trust\n  host all app 10.0.0.0 255.0.0.0 md5\n\
                    hostssl all all ::/0 scram-sha-256 # all\nhost broken\n";
        let lines = hba(text);
        assert_eq!(lines.len(), 3);
        assert_eq!((lines[0].address, lines[0].method), ("", "trust"));
        assert_eq!((lines[1].user, lines[1].address, lines[1].method), ("app", "10.0.0.0", "md5"));
        assert_eq!(&text[lines[2].span.clone()], "hostssl all all ::/0 scram-sha-256");
    }

    #[test]
    fn settings_are_read() {
        let text = "max_connections = 100 # few\nssl on\n\nlog_level='x'";
        let found: Vec<_> = settings(text).into_iter().map(|one| (one.name, one.value)).collect();
        assert_eq!(found, [("max_connections", "100"), ("ssl", "on"), ("log_level", "x")]);
    }
}
