//! `camelcase`, `snakecase` and `kebabcase`: where words start and end, as `huandu/xstrings` sees it.

use chart_lint_template::{State, Text};

use super::letters::{decode, is_letter, is_number, is_punctuation, is_space, is_upper, to_lower, to_upper};
use super::rewriter::Rewriter;

/// `xstrings.ToPascalCase`. It has its oddities: connectors at the start stay, of several between two words all but one.
pub(super) fn pascal(state: &mut State<'_>, text: &Text) -> Text {
    let bytes = text.as_bytes();
    let mut out = Rewriter::new(text);
    let mut current = (0, '\0');
    let mut after_upper = false;
    let mut at = 0;
    while at < bytes.len() {
        let (c, length) = decode(&bytes[at..]);
        current = (at, c);
        at += length;
        if !is_connector(c) {
            after_upper = is_upper(c);
            current.1 = to_upper(c);
            break;
        }
        out.put(state, current.0, c);
    }
    if at >= bytes.len() {
        // Meant for a single character; it doubles the last one of nothing but connectors.
        if !bytes.is_empty() {
            out.put(state, current.0, current.1);
        }
        return out.finish();
    }
    while at < bytes.len() {
        let previous = current;
        let (c, length) = decode(&bytes[at..]);
        current = (at, c);
        at += length;
        match (is_connector(c), is_connector(previous.1)) {
            (true, true) => out.put(state, previous.0, previous.1),
            (_, true) => {
                after_upper = is_upper(c);
                current.1 = to_upper(c);
            }
            _ => {
                if after_upper {
                    if is_upper(c) {
                        current.1 = to_lower(c);
                    } else {
                        after_upper = false;
                    }
                }
                out.put(state, previous.0, previous.1);
            }
        }
    }
    out.put(state, current.0, current.1);
    out.finish()
}

fn is_connector(c: char) -> bool {
    c == '-' || c == '_' || is_space(c)
}

/// `xstrings.ToSnakeCase` and `ToKebabCase`: words in lower case with `connector` between them.
pub(super) fn joined(state: &mut State<'_>, text: &Text, connector: u8) -> Text {
    let mut joiner = Joiner { state, out: Rewriter::new(text), bytes: text.as_bytes(), connector, at: 0 };
    joiner.run();
    joiner.out.finish()
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Invalid,
    Number,
    Upper,
    Alphabet,
    Connector,
    Punctuation,
    Other,
}

/// A stretch of characters of one kind. The last one is empty and invalid.
#[derive(Clone, Copy)]
struct Word {
    kind: Kind,
    start: usize,
    end: usize,
}

struct Joiner<'a, 's, 't> {
    state: &'s mut State<'t>,
    out: Rewriter<'a>,
    bytes: &'a [u8],
    connector: u8,
    /// Where the next word starts.
    at: usize,
}

impl Joiner<'_, '_, '_> {
    fn run(&mut self) {
        let mut word = self.next_word();
        while self.at < self.bytes.len() {
            if word.kind != Kind::Connector {
                self.write(word);
            }
            let previous = word;
            word = self.next_word();
            match previous.kind {
                Kind::Number => {
                    word = self.write_letters_and_numbers(word);
                    if !matches!(word.kind, Kind::Invalid | Kind::Punctuation | Kind::Connector) {
                        self.connect(word);
                    }
                }
                Kind::Connector => self.write(previous),
                Kind::Punctuation => {}
                _ if word.kind != Kind::Number => {
                    if !matches!(word.kind, Kind::Connector | Kind::Punctuation) {
                        self.connect(word);
                    }
                }
                _ if self.at >= self.bytes.len() => {}
                _ => word = self.after_number(word),
            }
        }
        self.write(word);
    }

    /// A number that follows letters belongs to them, as in `bld4_floor`, unless lower case follows: `http_2xx`.
    fn after_number(&mut self, number: Word) -> Word {
        let mut word = self.next_word();
        if word.kind != Kind::Alphabet {
            self.write(number);
            if !matches!(word.kind, Kind::Connector | Kind::Punctuation) {
                self.connect(word);
            }
            return word;
        }
        self.connect(number);
        self.write(number);
        word = self.write_letters_and_numbers(word);
        if !matches!(word.kind, Kind::Invalid | Kind::Connector | Kind::Punctuation) {
            self.connect(word);
        }
        word
    }

    fn write_letters_and_numbers(&mut self, mut word: Word) -> Word {
        while matches!(word.kind, Kind::Alphabet | Kind::Number) {
            self.write(word);
            word = self.next_word();
        }
        word
    }

    fn connect(&mut self, word: Word) {
        let connector = self.connector;
        self.out.at(self.state, word.start).push(connector);
    }

    fn write(&mut self, word: Word) {
        if !matches!(word.kind, Kind::Upper | Kind::Connector) {
            for at in word.start..word.end {
                let byte = self.bytes[at];
                self.out.at(self.state, at).push(byte);
            }
            return;
        }
        let mut at = word.start;
        while at < word.end {
            let (c, length) = decode(&self.bytes[at..word.end]);
            let shown = match c {
                _ if is_connector(c) => char::from(self.connector),
                _ if is_upper(c) => to_lower(c),
                _ => c,
            };
            self.out.put(self.state, at, shown);
            at += length;
        }
    }

    /// `xstrings.nextWord`.
    fn next_word(&mut self) -> Word {
        let start = self.at;
        let Some((first, length)) = self.next_valid(start) else {
            // Nothing but broken characters, or nothing at all.
            self.at = self.bytes.len();
            return Word { kind: Kind::Invalid, start, end: self.at };
        };
        let mut end = start + length;
        let (kind, belongs): (Kind, fn(char) -> bool) = match first {
            c if is_connector(c) => (Kind::Connector, is_connector),
            c if is_punctuation(c) => (Kind::Punctuation, is_punctuation),
            c if is_upper(c) => {
                self.at = self.end_of_upper(end);
                return Word { kind: Kind::Upper, start, end: self.at };
            }
            c if is_alphabet(c) => (Kind::Alphabet, is_lower_alphabet),
            c if is_number(c) => (Kind::Number, is_number),
            _ => (Kind::Other, is_other),
        };
        let mut last = first;
        while end < self.bytes.len() {
            // Broken characters belong to what they stand between; at the very end, to what is before.
            let (c, length) = self.next_valid(end).unwrap_or((last, self.bytes.len() - end));
            if !belongs(c) {
                break;
            }
            last = c;
            end += length;
        }
        self.at = end;
        Word { kind, start, end }
    }

    /// The end of a word that starts with an upper case letter: `HTTP` before `Status`, or `Status`.
    fn end_of_upper(&self, mut end: usize) -> usize {
        let length = self.bytes.len();
        if end >= length {
            return end;
        }
        let (c, size) = self.next_valid(end).unwrap_or(('A', length - end));
        if is_upper(c) {
            let mut previous_size = size;
            end += size;
            while end < length {
                let (c, size) = self.next_valid(end).unwrap_or(('A', length - end));
                if !is_upper(c) {
                    return if is_alphabet(c) { end - previous_size } else { end };
                }
                previous_size = size;
                end += size;
            }
        } else if is_alphabet(c) {
            end += size;
            while end < length {
                let (c, size) = self.next_valid(end).unwrap_or(('a', length - end));
                if !is_lower_alphabet(c) {
                    break;
                }
                end += size;
            }
        }
        end
    }

    /// The next character that is not broken, and how far its end is.
    fn next_valid(&self, start: usize) -> Option<(char, usize)> {
        let mut at = start;
        while at < self.bytes.len() {
            let (c, length) = decode(&self.bytes[at..]);
            at += length;
            if c != char::REPLACEMENT_CHARACTER {
                return Some((c, at - start));
            }
        }
        None
    }
}

/// A letter, but not one of the common Chinese, Japanese and Korean ones.
fn is_alphabet(c: char) -> bool {
    is_letter(c)
        && !matches!(c, '\u{4E00}'..='\u{9FCC}' | '\u{3400}'..='\u{4D85}' | '\u{20000}'..='\u{2B81D}')
}

fn is_lower_alphabet(c: char) -> bool {
    is_alphabet(c) && !is_upper(c)
}

fn is_other(c: char) -> bool {
    !(is_connector(c) || is_alphabet(c) || is_number(c) || is_punctuation(c))
}
