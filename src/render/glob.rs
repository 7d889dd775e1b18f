//! Patterns of `.Files.Glob`, as the Go package gobwas/glob reads them with `/` as the separator.

use regex::Regex;

/// A compiled pattern. One that cannot be read matches everything, as in Helm.
pub(crate) struct Glob(Matcher);

enum Matcher {
    All,
    Regex(Regex),
    /// Only elements of a fixed number of characters, at least two of them.
    Row(Vec<Element>),
}

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq)]
enum Element {
    /// Plain characters.
    Text(String),
    /// `?`
    Single,
    /// `[abc]`, `[a-z]`, `[!…]`: the characters, as a regular expression too.
    Class { negated: bool, ranges: Vec<(char, char)> },
    /// `*`
    Any,
    /// `**`
    Super,
    /// `{`
    Open,
    /// `,` in braces
    Or,
    /// `}`
    Close,
}

impl Glob {
    /// Compiles a pattern.
    pub(crate) fn new(pattern: &str) -> Glob {
        // The library takes this character for a broken one.
        if pattern.contains('\u{FFFD}') {
            return Glob(Matcher::All);
        }
        let Some(elements) = Parser { rest: pattern.chars().collect(), at: 0, depth: 0 }.parse() else {
            return Glob(Matcher::All);
        };
        let is_fixed =
            |element: &Element| matches!(element, Element::Text(_) | Element::Single | Element::Class { .. });
        if elements.len() > 1 && elements.iter().all(is_fixed) {
            return Glob(Matcher::Row(elements));
        }
        let expression: String = elements.iter().map(Element::to_regex).collect();
        Glob(Regex::new(&format!(r"(?s)\A(?:{expression})\z")).map_or(Matcher::All, Matcher::Regex))
    }

    /// Whether a path matches as a whole.
    pub(crate) fn matches(&self, path: &str) -> bool {
        match &self.0 {
            Matcher::All => true,
            Matcher::Regex(regex) => regex.is_match(path),
            Matcher::Row(elements) => matches_row(elements, path),
        }
    }
}

/// gobwas/glob cuts the text for each element one byte after the start of the element's last character: what follows a
/// character of several bytes does not match.
fn matches_row(elements: &[Element], path: &str) -> bool {
    let length = |element: &Element| match element {
        Element::Text(text) => text.chars().count(),
        _ => 1,
    };
    if path.chars().count() != elements.iter().map(length).sum::<usize>() {
        return false;
    }
    let mut rest = path.as_bytes();
    for element in elements {
        let characters = bstr::ByteSlice::char_indices(rest);
        let Some((last, _, _)) = characters.take(length(element)).last() else { return false };
        let (piece, after) = rest.split_at(last + 1);
        let is_match = match element {
            Element::Text(text) => piece == text.as_bytes(),
            Element::Single => piece != b"/",
            Element::Class { negated, ranges } => {
                let c = bstr::decode_utf8(piece).0.unwrap_or(char::REPLACEMENT_CHARACTER);
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
            _ => false,
        };
        if !is_match {
            return false;
        }
        rest = after;
    }
    true
}

impl Element {
    fn to_regex(&self) -> String {
        match self {
            Element::Text(text) => regex::escape(text),
            Element::Single => "[^/]".to_owned(),
            Element::Any => "[^/]*".to_owned(),
            Element::Super => ".*".to_owned(),
            Element::Open => "(?:".to_owned(),
            Element::Or => "|".to_owned(),
            Element::Close => ")".to_owned(),
            Element::Class { negated, ranges } => {
                let body: String = ranges
                    .iter()
                    .map(|(low, high)| format!("\\x{{{:x}}}-\\x{{{:x}}}", *low as u32, *high as u32))
                    .collect();
                format!("[{}{body}]", if *negated { "^" } else { "" })
            }
        }
    }
}

/// Takes a pattern apart; `None` for a pattern that is not one.
struct Parser {
    rest: Vec<char>,
    at: usize,
    /// How many `{` are open.
    depth: usize,
}

impl Parser {
    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn parse(mut self) -> Option<Vec<Element>> {
        let mut elements = Vec::new();
        while let Some(c) = self.next() {
            elements.push(match c {
                '{' => {
                    self.depth += 1;
                    Element::Open
                }
                ',' if self.depth > 0 => Element::Or,
                '}' if self.depth > 0 => {
                    self.depth -= 1;
                    Element::Close
                }
                '[' => self.class()?,
                '?' => Element::Single,
                '*' if self.peek() == Some('*') => {
                    self.at += 1;
                    Element::Super
                }
                '*' => Element::Any,
                _ => {
                    self.at -= 1;
                    let in_terms = self.depth > 0;
                    let ends = |c| matches!(c, '?' | '*' | '[' | '{') || in_terms && matches!(c, '}' | ',');
                    Element::Text(self.text(ends))
                }
            });
        }
        // What is still open ends with the pattern.
        elements.extend(std::iter::repeat_n(Element::Close, self.depth));
        Some(elements)
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

    /// Either one range or a list of characters.
    fn class(&mut self) -> Option<Element> {
        let negated = self.peek() == Some('!');
        self.at += usize::from(negated);
        let first = self.next()?;
        let ranges = if self.peek() == Some('-') {
            self.at += 1;
            let last = self.next()?;
            if last < first {
                return None;
            }
            vec![(first, last)]
        } else {
            self.at -= 1;
            let text = self.text(|c| c == ']');
            if text.is_empty() {
                return None;
            }
            text.chars().map(|c| (c, c)).collect()
        };
        (self.next() == Some(']')).then_some(Element::Class { negated, ranges })
    }
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
            ("?", "é", true),
            ("a?", "aé", true),
            ("?.txt", "é.txt", false),
            ("é.txt", "é.txt", true),
        ] {
            assert_eq!(Glob::new(pattern).matches(path), want, "{pattern} {path}");
        }
    }
}
