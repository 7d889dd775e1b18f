//! `.helmignore`: which files of a chart's folder Helm does not load.
//!
//! The rules look like those of git but are not: the first rule that matches decides, a rule with `!` ignores
//! everything that it does *not* match, and `**` is refused.

use super::paths::{self, BadPattern};
use crate::source::Span;

/// The name of the file with the rules.
pub(crate) const HELM_IGNORE: &str = ".helmignore";

/// The rules of one chart.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    /// Without `!`, the slash at the start and the one at the end.
    pattern: Vec<u8>,
    /// Where it stands in the file; `None` for the rule that is always there.
    span: Option<Span>,
    /// Ignores what does not match.
    negated: bool,
    /// Looks only at folders.
    only_folders: bool,
    /// Matches the last element of a path alone.
    only_name: bool,
}

/// Why a file is ignored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ignored {
    /// By a rule of the file.
    Rule(Span),
    /// By the rule that is always there: files in `templates/` whose names start with a dot.
    Always,
}

/// A `.helmignore` that Helm refuses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct BadRules {
    /// Helm's text.
    pub(crate) message: String,
    /// The line.
    pub(crate) span: Span,
}

/// The longest line that Go's `bufio.Scanner` reads, with its line break.
const MAX_LINE: usize = 64 * 1024;

impl Rules {
    /// The rules for a chart without a `.helmignore`.
    pub(crate) fn defaults() -> Rules {
        let mut rules = Rules::default();
        rules.add_defaults();
        rules
    }

    fn add_defaults(&mut self) {
        // The pattern is good.
        let _ = self.add(b"templates/.?*", None);
    }

    /// Reads the content of a `.helmignore` (without byte order mark) and adds the rule that is always there.
    pub(crate) fn parse(text: &[u8]) -> Result<Rules, BadRules> {
        let mut rules = Rules::default();
        let mut start = 0;
        while start < text.len() {
            let line_break = text[start..].iter().position(|&byte| byte == b'\n');
            let end = line_break.map_or(text.len(), |length| start + length);
            let span = Span::new(start as u32, end as u32);
            if end - start >= MAX_LINE {
                return Err(BadRules { message: "bufio.Scanner: token too long".to_owned(), span });
            }
            rules.add(&text[start..end], Some(span)).map_err(|message| BadRules { message, span })?;
            start = end + 1;
        }
        rules.add_defaults();
        Ok(rules)
    }

    fn add(&mut self, line: &[u8], span: Option<Span>) -> Result<(), String> {
        let mut pattern = trim_space(line);
        if pattern.is_empty() || pattern.starts_with(b"#") {
            return Ok(());
        }
        if pattern.windows(2).any(|pair| pair == b"**") {
            return Err("double-star (**) syntax is not supported".to_owned());
        }
        paths::matches(pattern, b"abc").map_err(|error: BadPattern| error.to_string())?;
        let negated = pattern.starts_with(b"!");
        if negated {
            pattern = &pattern[1..];
        }
        let only_folders = pattern.ends_with(b"/");
        if only_folders {
            pattern = &pattern[..pattern.len() - 1];
        }
        let from_root = pattern.starts_with(b"/");
        if from_root {
            pattern = &pattern[1..];
        }
        let only_name = !from_root && !pattern.contains(&b'/');
        self.rules.push(Rule { pattern: pattern.to_vec(), span, negated, only_folders, only_name });
        Ok(())
    }

    /// Whether a path within the chart is ignored, and by which rule.
    pub(crate) fn ignores(&self, path: &[u8], is_folder: bool) -> Option<Ignored> {
        if matches!(path, b"" | b"." | b"./") {
            return None;
        }
        let rule = self.rules.iter().find(|rule| rule.ignores(path, is_folder))?;
        Some(rule.span.map_or(Ignored::Always, Ignored::Rule))
    }
}

impl Rule {
    fn ignores(&self, path: &[u8], is_folder: bool) -> bool {
        if self.only_folders && !is_folder {
            return self.negated;
        }
        let path = if self.only_name { paths::base(path) } else { path };
        // A pattern that turns out to be bad only now matches nothing.
        paths::matches(&self.pattern, path).unwrap_or(false) != self.negated
    }
}

/// `strings.TrimSpace`.
pub(crate) fn trim_space(text: &[u8]) -> &[u8] {
    let is_space = |c: char| c.is_whitespace();
    bstr::ByteSlice::trim_with(text, is_space)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignored(rules: &str, path: &str) -> bool {
        let is_folder = path.ends_with('/');
        let path = path.trim_end_matches('/');
        Rules::parse(rules.as_bytes())
            .expect("the rules are good")
            .ignores(path.as_bytes(), is_folder)
            .is_some()
    }

    #[test]
    fn rules_ignore_as_in_helm() {
        for (rules, path, expected) in [
            ("helm.txt", "helm.txt", true),
            ("helm.*", "helm.txt", true),
            ("helm.*", "rudder.txt", false),
            ("*.txt", "tiller.txt", true),
            ("*.txt", "cargo/a.txt", true),
            ("cargo/*.txt", "cargo/a.txt", true),
            ("cargo/*.*", "cargo/a.txt", true),
            ("cargo/*.txt", "mast/a.txt", false),
            ("ru[c-e]?er.txt", "rudder.txt", true),
            ("templates/.?*", "templates/.dotfile", true),
            (".*", ".", false),
            (".*", "./", false),
            (".*", ".joonix", true),
            (".*", "helm.txt", false),
            (".*", "", false),
            ("cargo/", "cargo/", true),
            ("cargo/", "cargo", false),
            ("cargo/", "mast/cargo/", true),
            ("helm.txt/", "helm.txt", false),
            ("!helm.txt", "helm.txt", false),
            ("!helm.txt", "tiller.txt", true),
            ("!*.txt", "cargo/", true),
            ("!cargo/", "mast/", true),
            ("!cargo/", "helm.txt", true),
            ("/a.txt", "a.txt", true),
            ("/a.txt", "cargo/a.txt", false),
            ("/cargo/", "cargo/", true),
            ("cargo/a.txt", "x/cargo/a.txt", false),
            ("# helm.txt", "helm.txt", false),
            ("  helm.txt  \r", "helm.txt", true),
            ("", "templates/.hidden", true),
            ("", "templates/sub/.hidden", false),
            ("", "templates/.", false),
        ] {
            assert_eq!(ignored(rules, path), expected, "{rules:?} on {path:?}");
        }
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let rules = Rules::parse(b"a\n!b\n").expect("the rules are good");
        assert_eq!(rules.ignores(b"a", false), Some(Ignored::Rule(Span::new(0, 1))));
        assert_eq!(rules.ignores(b"b", false), None);
        assert_eq!(rules.ignores(b"c", false), Some(Ignored::Rule(Span::new(2, 4))));
        assert_eq!(rules.ignores(b"templates/.x", false), Some(Ignored::Rule(Span::new(2, 4))));
        assert_eq!(Rules::defaults().ignores(b"templates/.x", false), Some(Ignored::Always));
    }

    #[test]
    fn bad_rules_are_refused() {
        for (text, message, start) in [
            ("foo/**/bar", "double-star (**) syntax is not supported", 0),
            ("a\n[z-\n", "syntax error in pattern", 2),
        ] {
            let error = Rules::parse(text.as_bytes()).expect_err("Helm refuses this");
            assert_eq!((error.message.as_str(), error.span.start), (message, start));
        }
        let long = "x".repeat(MAX_LINE);
        assert_eq!(
            Rules::parse(long.as_bytes()).expect_err("too long").message,
            "bufio.Scanner: token too long"
        );
        assert!(Rules::parse(&long.as_bytes()[1..]).is_ok());
    }
}
