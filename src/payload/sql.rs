//! Statements of SQL, in files of their own or inside of shell scripts.

use std::ops::Range;

/// A statement.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// Its words in capital letters, with one space between them.
    pub(crate) text: String,
    /// From its first byte to its last.
    pub(crate) span: Range<usize>,
}

impl Statement {
    /// Whether it has these words one after the other.
    pub(crate) fn has(&self, words: &str) -> bool {
        let is_end =
            |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
        let bytes = self.text.as_bytes();
        self.text.match_indices(words).any(|(at, _)| {
            is_end(at.checked_sub(1).and_then(|before| bytes.get(before)))
                && is_end(bytes.get(at + words.len()))
        })
    }
}

/// The statements of a text: what ends with `;` or with a line of its own that is no SQL. Comments are left out. Quotes
/// are not looked at, since in a script they may belong to the shell.
pub(crate) fn statements(text: &str) -> Vec<Statement> {
    const STARTS: &[&str] = &[
        "CREATE", "ALTER", "GRANT", "REVOKE", "DROP", "SELECT", "INSERT", "UPDATE", "DELETE", "SET", "FLUSH",
        "USE", "DO",
    ];
    let mut statements: Vec<Statement> = Vec::new();
    let mut open = false;
    for (range, line) in super::lines(text) {
        let code = line.split("--").next().unwrap_or_default();
        if code.trim_start().starts_with('#') {
            continue;
        }
        // Without a `;` a statement ends at an empty line at the latest.
        open = open && !line.trim().is_empty();
        let mut at = range.start;
        for piece in code.split_inclusive(';') {
            let words: Vec<&str> = piece.trim_end_matches(';').split_whitespace().collect();
            let shown = words.join(" ").to_uppercase();
            let first = shown.split(' ').next().unwrap_or_default();
            let start = at + (piece.len() - piece.trim_start().len());
            let end = at + piece.trim_end().len();
            at += piece.len();
            if words.is_empty() {
                open = open && !piece.contains(';');
                continue;
            }
            match statements.last_mut().filter(|_| open) {
                // A statement may go on without its `;`: then the next one starts with its word.
                Some(last) if !STARTS.contains(&first) || !piece.contains(';') && first == "SELECT" => {
                    last.text.push(' ');
                    last.text.push_str(&shown);
                    last.span.end = end;
                }
                // In a script, `mysql -e "GRANT …"` has the statement in the middle of the line.
                _ => match STARTS.iter().filter_map(|word| position(&shown, word)).min() {
                    Some(at_word) => {
                        let text = shown.get(at_word..).unwrap_or_default().to_owned();
                        statements.push(Statement { text, span: start..end });
                    }
                    None => continue,
                },
            }
            open = !piece.contains(';');
        }
    }
    statements
}

/// Where a word stands in a text, at the start or after something that is no letter.
fn position(text: &str, word: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    text.match_indices(word).map(|(at, _)| at).find(|&at| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        before.is_none_or(|byte| !byte.is_ascii_alphanumeric() && !b"_-/.$".contains(byte))
            && bytes.get(at + word.len()) == Some(&b' ')
    })
}

#[cfg(test)]
mod tests {
    use super::statements;

    #[test]
    fn statements_are_found_in_files_and_scripts() {
        let text = "-- who\ncreate role app\n  superuser;\nGRANT ALL ON *.* TO x; SELECT 1;\nmysql -e \"alter user a\"\n";
        let found: Vec<_> = statements(text).into_iter().map(|statement| statement.text).collect();
        assert_eq!(
            found,
            ["CREATE ROLE APP SUPERUSER", "GRANT ALL ON *.* TO X", "SELECT 1", "ALTER USER A\""]
        );
        assert!(statements(text)[0].has("SUPERUSER") && !statements(text)[0].has("SUPER"));
        assert!(statements("echo done\nsettle down\n").is_empty());
    }
}
