//! Patterns of `.Files.Glob`, as the Go package gobwas/glob reads them with `/` as the separator.

use regex::Regex;

/// A compiled pattern. One that cannot be read matches everything, as in Helm.
pub(crate) struct Glob(Option<Regex>);

impl Glob {
    /// Compiles a pattern.
    pub(crate) fn new(pattern: &str) -> Glob {
        let expression = Parser { rest: pattern.chars().collect(), at: 0, depth: 0 }.parse();
        Glob(expression.and_then(|expression| Regex::new(&format!(r"(?s)\A(?:{expression})\z")).ok()))
    }

    /// Whether a path matches as a whole.
    pub(crate) fn matches(&self, path: &str) -> bool {
        self.0.as_ref().is_none_or(|regex| regex.is_match(path))
    }
}

/// Turns a pattern into a regular expression; `None` for a pattern that is not one.
struct Parser {
    rest: Vec<char>,
    at: usize,
    /// How many `{` are open.
    depth: usize,
}

impl Parser {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.get(self.at).copied();
        self.at += usize::from(c.is_some());
        c
    }

    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn parse(mut self) -> Option<String> {
        let mut out = String::new();
        while let Some(c) = self.next() {
            match c {
                '{' => {
                    self.depth += 1;
                    out.push_str("(?:");
                }
                ',' if self.depth > 0 => out.push('|'),
                '}' if self.depth > 0 => {
                    self.depth -= 1;
                    out.push(')');
                }
                '[' => out.push_str(&self.class()?),
                '?' => out.push_str("[^/]"),
                '*' if self.peek() == Some('*') => {
                    self.at += 1;
                    out.push_str(".*");
                }
                '*' => out.push_str("[^/]*"),
                _ => {
                    self.at -= 1;
                    let in_terms = self.depth > 0;
                    let text = self.text(|c| matches!(c, '?' | '*' | '[' | '{') || in_terms && matches!(c, '}' | ','));
                    out.push_str(&regex::escape(&text));
                }
            }
        }
        // What is still open ends with the pattern.
        out.extend(std::iter::repeat_n(')', self.depth));
        Some(out)
    }

    /// Plain characters up to one that means something; a backslash takes the next one as it is.
    fn text(&mut self, ends: impl Fn(char) -> bool) -> String {
        let mut text = String::new();
        while let Some(c) = self.next() {
            match c {
                '\\' => text.extend(self.next()),
                c if ends(c) => {
                    self.at -= 1;
                    break;
                }
                c => text.push(c),
            }
        }
        text
    }

    /// `[abc]`, `[a-z]`, `[!…]`: either one range or a list of characters.
    fn class(&mut self) -> Option<String> {
        let negated = self.peek() == Some('!');
        self.at += usize::from(negated);
        let first = self.next()?;
        let body = if self.peek() == Some('-') {
            self.at += 1;
            let last = self.next()?;
            if last < first {
                return None;
            }
            format!("{}-{}", class_char(first), class_char(last))
        } else {
            self.at -= 1;
            let text = self.text(|c| c == ']');
            if text.is_empty() {
                return None;
            }
            text.chars().map(class_char).collect()
        };
        if self.next() != Some(']') {
            return None;
        }
        Some(format!("[{}{body}]", if negated { "^" } else { "" }))
    }
}

fn class_char(c: char) -> String {
    format!("\\x{{{:x}}}", c as u32)
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn patterns_match_as_in_gobwas_glob() {
        for (pattern, path, want) in [
            ("*.txt", "a.txt", true),
            ("*.txt", "d/a.txt", false),
            ("**.txt", "d/a.txt", true),
            ("d/*", "d/a", true),
            ("d/*", "d/e/a", false),
            ("d/**", "d/e/a", true),
            ("{a,b}/*.y?ml", "b/x.yaml", true),
            ("[a-c].txt", "b.txt", true),
            ("[!a-c].txt", "b.txt", false),
            ("[ab-]", "-", true),
            (r"\*", "*", true),
            ("[", "anything/at/all", true),
            ("a}", "a}", true),
        ] {
            assert_eq!(Glob::new(pattern).matches(path), want, "{pattern} {path}");
        }
    }
}
