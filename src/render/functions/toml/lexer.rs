//! Splits TOML into items, as BurntSushi/toml 1.6 does.
//!
//! A state machine like the original, since errors depend on which state meets what: an error that a byte causes (not
//! UTF-8, a control character) stops the parser only when it comes to it.

use std::collections::VecDeque;

use chart_lint_template::quote::{go_quote, go_quote_char};
use chart_lint_template::text::to_utf8;

use crate::render::functions::letters::is_letter;

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Error,
    End,
    Text,
    String,
    /// A string with escapes.
    EscapedString,
    RawString,
    MultilineString,
    RawMultilineString,
    Bool,
    Integer,
    Float,
    Datetime,
    Array,
    ArrayEnd,
    TableStart,
    TableEnd,
    ArrayTableStart,
    ArrayTableEnd,
    KeyStart,
    KeyEnd,
    Comment,
    InlineTable,
    InlineTableEnd,
}

impl Kind {
    /// The original's name, for its messages about bugs of its own.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Error => "Error",
            Kind::End => "EOF",
            Kind::Text => "Text",
            Kind::String
            | Kind::EscapedString
            | Kind::RawString
            | Kind::MultilineString
            | Kind::RawMultilineString => "String",
            Kind::Bool => "Bool",
            Kind::Integer => "Integer",
            Kind::Float => "Float",
            Kind::Datetime => "DateTime",
            Kind::Array => "Array",
            Kind::ArrayEnd => "ArrayEnd",
            Kind::TableStart => "TableStart",
            Kind::TableEnd => "TableEnd",
            Kind::ArrayTableStart => "ArrayTableStart",
            Kind::ArrayTableEnd => "ArrayTableEnd",
            Kind::KeyStart => "KeyStart",
            Kind::KeyEnd => "KeyEnd",
            Kind::Comment => "CommentStart",
            Kind::InlineTable => "InlineTableStart",
            Kind::InlineTableEnd => "InlineTableEnd",
        }
    }
}

/// A piece of the text.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) line: i64,
    /// Of an error.
    pub(super) message: String,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Top,
    TopEnd,
    TableStart,
    TableEnd,
    ArrayTableEnd,
    TableNameStart,
    TableNameEnd,
    BareName,
    QuotedName,
    KeyStart,
    KeyNameStart,
    KeyEnd,
    Value,
    ArrayValue,
    ArrayValueEnd,
    ArrayEnd,
    InlineTableValue,
    InlineTableValueEnd,
    InlineTableEnd,
    String,
    MultilineString,
    RawString,
    MultilineRawString,
    MultilineStringEscape,
    StringEscape,
    /// So many hexadecimal digits.
    HexEscape(u8),
    NumberOrDateStart,
    NumberOrDate,
    Datetime,
    /// Digits of a base and underscores.
    BaseInteger(u32),
    DecimalNumber,
    DecimalNumberStart,
    BaseNumberOrDate,
    Float,
    Bool,
    CommentStart,
    Comment,
}

/// The character that stands for the end of the text.
const END: char = '\0';

pub(super) struct Lexer<'a> {
    pub(super) input: &'a [u8],
    start: usize,
    at: usize,
    line: i64,
    state: Option<State>,
    items: VecDeque<Item>,
    has_escapes: bool,
    /// The widths of the last characters, the newest first.
    widths: [usize; 4],
    at_end: bool,
    stack: Vec<State>,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(input: &'a [u8]) -> Lexer<'a> {
        Lexer {
            input,
            start: 0,
            at: 0,
            line: 1,
            state: Some(State::Top),
            items: VecDeque::new(),
            has_escapes: false,
            widths: [0; 4],
            at_end: false,
            stack: Vec::new(),
        }
    }

    pub(super) fn next_item(&mut self) -> Item {
        loop {
            if let Some(item) = self.items.pop_front() {
                return item;
            }
            self.state = match self.state {
                Some(state) => self.step(state),
                // After the end there is nothing more.
                None => {
                    self.push_item(Kind::End, self.at, self.at, self.line);
                    None
                }
            };
        }
    }

    fn push_item(&mut self, kind: Kind, start: usize, end: usize, line: i64) {
        self.items.push_back(Item { kind, start, end, line, message: String::new() });
    }

    fn pop(&mut self) -> Option<State> {
        self.stack.pop()
    }

    fn current(&self) -> &'a [u8] {
        self.input.get(self.start..self.at).unwrap_or_default()
    }

    fn emit(&mut self, kind: Kind) {
        if self.start > self.at {
            let byte = self.input.get(self.at).copied().unwrap_or(0);
            self.error(format!("invalid UTF-8 byte: 0x{byte:02x}"));
            return;
        }
        self.push_item(kind, self.start, self.at, self.line);
        self.start = self.at;
    }

    fn emit_trimmed(&mut self, kind: Kind) {
        let current = self.current();
        let trimmed = current.trim_ascii_start();
        let start = self.at - trimmed.len();
        self.push_item(kind, start, start + trimmed.trim_ascii_end().len(), self.line);
        self.start = self.at;
    }

    fn next(&mut self) -> char {
        let Some(&byte) = self.input.get(self.at) else {
            self.at_end = true;
            return END;
        };
        if byte == b'\n' {
            self.line += 1;
        }
        self.widths = [self.widths[0], self.widths[0], self.widths[1], self.widths[2]];
        let (c, width) = bstr::decode_utf8(&self.input[self.at..]);
        let Some(c) = c else {
            self.error(format!("invalid UTF-8 byte: 0x{byte:02x}"));
            return '\u{FFFD}';
        };
        let is_control = (c < ' ' || c == '\x7F') && !matches!(c, '\t' | '\r' | '\n');
        if is_control || (c == '\r' && self.input.get(self.at + 1) != Some(&b'\n')) {
            let message = format!("TOML files cannot contain control characters: '0x{:02x}'", c as u32);
            self.push_error(message, self.line);
            return '\u{FFFD}';
        }
        self.widths[0] = width;
        self.at += width;
        c
    }

    fn ignore(&mut self) {
        self.start = self.at;
    }

    fn backup(&mut self) {
        if std::mem::take(&mut self.at_end) {
            return;
        }
        let [width, a, b, c] = self.widths;
        self.widths = [a, b, c, c];
        self.at = self.at.saturating_sub(width);
        if self.input.get(self.at) == Some(&b'\n') {
            self.line -= 1;
        }
    }

    fn accept(&mut self, wanted: char) -> bool {
        if self.next() == wanted {
            return true;
        }
        self.backup();
        false
    }

    fn peek(&mut self) -> char {
        let c = self.next();
        self.backup();
        c
    }

    fn skip_spaces(&mut self) {
        while is_space(self.next()) {}
        self.backup();
        self.ignore();
    }

    fn push_error(&mut self, message: String, line: i64) -> Option<State> {
        self.items.push_back(Item { kind: Kind::Error, start: self.start, end: self.at, line, message });
        None
    }

    /// An error of the last character.
    fn error(&mut self, message: impl Into<String>) -> Option<State> {
        self.push_error(message.into(), if self.at_end { self.line - 1 } else { self.line })
    }

    /// An error of the line before.
    fn error_before(&mut self, message: impl Into<String>) -> Option<State> {
        self.push_error(message.into(), self.line - 1)
    }

    /// An error of what is being read.
    fn fail(&mut self, message: impl Into<String>) -> Option<State> {
        let after_break = self.at >= 1 && self.input.get(self.at - 1) == Some(&b'\n');
        let line = if self.at_end && after_break { self.line - 1 } else { self.line };
        self.push_error(message.into(), line)
    }

    fn skip_to(&mut self, state: State) -> Option<State> {
        self.ignore();
        Some(state)
    }

    fn comment_then(&mut self, state: State) -> Option<State> {
        self.stack.push(state);
        Some(State::CommentStart)
    }

    /// Ends a value.
    fn finish(&mut self, kind: Kind) -> Option<State> {
        self.backup();
        self.emit(kind);
        self.pop()
    }

    fn step(&mut self, state: State) -> Option<State> {
        match state {
            State::Top => self.top(),
            State::TopEnd => self.top_end(),
            State::TableStart => {
                if self.peek() == '[' {
                    self.next();
                    self.emit(Kind::ArrayTableStart);
                    self.stack.push(State::ArrayTableEnd);
                } else {
                    self.emit(Kind::TableStart);
                    self.stack.push(State::TableEnd);
                }
                Some(State::TableNameStart)
            }
            State::TableEnd => {
                self.emit(Kind::TableEnd);
                Some(State::TopEnd)
            }
            State::ArrayTableEnd => {
                let c = self.next();
                if c != ']' {
                    let shown = go_quote_char(c);
                    return self.fail(format!(
                        "expected end of table array name delimiter ']', but got {shown} instead"
                    ));
                }
                self.emit(Kind::ArrayTableEnd);
                Some(State::TopEnd)
            }
            State::TableNameStart => self.table_name_start(),
            State::TableNameEnd => self.table_name_end(),
            State::BareName => {
                let c = self.next();
                if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') {
                    return Some(State::BareName);
                }
                self.finish(Kind::Text)
            }
            State::QuotedName => self.quoted_name(),
            State::KeyStart => self.key_start(),
            State::KeyNameStart => self.key_name_start(),
            State::KeyEnd => self.key_end(),
            State::Value => self.value(),
            State::ArrayValue => self.array_value(),
            State::ArrayValueEnd => self.array_value_end(),
            State::ArrayEnd => {
                self.ignore();
                self.emit(Kind::ArrayEnd);
                self.pop()
            }
            State::InlineTableValue => self.inline_table_value(),
            State::InlineTableValueEnd => self.inline_table_value_end(),
            State::InlineTableEnd => {
                self.ignore();
                self.emit(Kind::InlineTableEnd);
                self.pop()
            }
            State::String => self.string(),
            State::MultilineString => self.multiline_string(),
            State::RawString => self.raw_string(),
            State::MultilineRawString => self.multiline_raw_string(),
            State::MultilineStringEscape => {
                if is_line_break(self.next()) {
                    return Some(State::MultilineString);
                }
                self.backup();
                self.stack.push(State::MultilineString);
                self.string_escape()
            }
            State::StringEscape => self.string_escape(),
            State::HexEscape(count) => self.hex_escape(count),
            State::NumberOrDateStart => match self.next() {
                '0' => Some(State::BaseNumberOrDate),
                _ => Some(State::NumberOrDate),
            },
            State::NumberOrDate => match self.next() {
                '0'..='9' => Some(State::NumberOrDate),
                '-' | ':' => Some(State::Datetime),
                '_' => Some(State::DecimalNumber),
                '.' | 'e' | 'E' => Some(State::Float),
                _ => self.finish(Kind::Integer),
            },
            State::Datetime => match self.next() {
                '0'..='9' | '-' | ':' | 'T' | 't' | ' ' | '.' | 'Z' | 'z' | '+' => Some(State::Datetime),
                _ => {
                    self.backup();
                    self.emit_trimmed(Kind::Datetime);
                    self.pop()
                }
            },
            State::BaseInteger(base) => match self.next() {
                '_' => Some(State::BaseInteger(base)),
                c if c.is_digit(base) => Some(State::BaseInteger(base)),
                _ => self.finish(Kind::Integer),
            },
            State::DecimalNumber => match self.next() {
                '0'..='9' | '_' => Some(State::DecimalNumber),
                '.' | 'e' | 'E' => Some(State::Float),
                _ => self.finish(Kind::Integer),
            },
            State::DecimalNumberStart => self.decimal_number_start(),
            State::BaseNumberOrDate => self.base_number_or_date(),
            State::Float => match self.next() {
                '0'..='9' | '_' | '.' | '-' | '+' | 'e' | 'E' => Some(State::Float),
                _ => self.finish(Kind::Float),
            },
            State::Bool => self.bool(),
            State::CommentStart => {
                self.ignore();
                self.emit(Kind::Comment);
                Some(State::Comment)
            }
            State::Comment => match self.next() {
                '\n' | '\r' => self.finish(Kind::Text),
                END if self.at_end => self.finish(Kind::Text),
                _ => Some(State::Comment),
            },
        }
    }

    fn top(&mut self) -> Option<State> {
        match self.next() {
            c if is_space(c) || is_line_break(c) => self.skip_to(State::Top),
            '#' => self.comment_then(State::Top),
            '[' => Some(State::TableStart),
            END => {
                if self.at > self.start {
                    return self.fail("unexpected EOF");
                }
                self.emit(Kind::End);
                None
            }
            _ => {
                self.backup();
                self.stack.push(State::TopEnd);
                Some(State::KeyStart)
            }
        }
    }

    fn top_end(&mut self) -> Option<State> {
        match self.next() {
            '#' => self.comment_then(State::Top),
            c if is_space(c) => Some(State::TopEnd),
            c if is_line_break(c) => self.skip_to(State::Top),
            END => {
                self.emit(Kind::End);
                None
            }
            c => {
                let shown = go_quote_char(c);
                self.fail(format!(
                    "expected a top-level item to end with a newline, comment, or EOF, but got {shown} instead"
                ))
            }
        }
    }

    fn table_name_start(&mut self) -> Option<State> {
        self.skip_spaces();
        match self.peek() {
            ']' | END => self.fail("unexpected end of table name (table names cannot be empty)"),
            '.' => self.fail("unexpected table separator (table names cannot be empty)"),
            '"' | '\'' => {
                self.ignore();
                self.stack.push(State::TableNameEnd);
                Some(State::QuotedName)
            }
            _ => {
                self.stack.push(State::TableNameEnd);
                Some(State::BareName)
            }
        }
    }

    fn table_name_end(&mut self) -> Option<State> {
        self.skip_spaces();
        match self.next() {
            '.' => self.skip_to(State::TableNameStart),
            ']' => self.pop(),
            c => {
                let shown = go_quote_char(c);
                self.fail(format!("expected '.' or ']' to end table name, but got {shown} instead"))
            }
        }
    }

    fn quoted_name(&mut self) -> Option<State> {
        match self.next() {
            '"' => self.skip_to(State::String),
            '\'' => self.skip_to(State::RawString),
            c if is_space(c) => self.skip_to(State::Value),
            END => self.fail("unexpected EOF; expected value"),
            c => {
                let shown = go_quote_char(c);
                self.fail(format!("expected value but found {shown} instead"))
            }
        }
    }

    fn key_start(&mut self) -> Option<State> {
        self.skip_spaces();
        match self.peek() {
            '=' | END => return self.fail("unexpected '=': key name appears blank"),
            '.' => return self.fail("unexpected '.': keys cannot start with a '.'"),
            '"' | '\'' => self.ignore(),
            _ => {}
        }
        self.emit(Kind::KeyStart);
        Some(State::KeyNameStart)
    }

    fn key_name_start(&mut self) -> Option<State> {
        self.skip_spaces();
        match self.peek() {
            '"' | '\'' => {
                self.ignore();
                self.stack.push(State::KeyEnd);
                Some(State::QuotedName)
            }
            '=' | END => self.fail("unexpected '='"),
            '.' => self.fail("unexpected '.'"),
            _ => {
                self.stack.push(State::KeyEnd);
                Some(State::BareName)
            }
        }
    }

    fn key_end(&mut self) -> Option<State> {
        self.skip_spaces();
        match self.next() {
            c if is_space(c) => self.skip_to(State::KeyEnd),
            END => self.fail("unexpected EOF; expected key separator '='"),
            '.' => self.skip_to(State::KeyNameStart),
            '=' => {
                self.emit(Kind::KeyEnd);
                self.skip_to(State::Value)
            }
            c => {
                let message = format!("expected '.' or '=', but got {} instead", go_quote_char(c));
                if c == '\n' { self.error_before(message) } else { self.fail(message) }
            }
        }
    }

    fn value(&mut self) -> Option<State> {
        let c = self.next();
        match c {
            c if is_space(c) => return self.skip_to(State::Value),
            '0'..='9' => {
                self.backup();
                return Some(State::NumberOrDateStart);
            }
            '[' => {
                self.ignore();
                self.emit(Kind::Array);
                return Some(State::ArrayValue);
            }
            '{' => {
                self.ignore();
                self.emit(Kind::InlineTable);
                return Some(State::InlineTableValue);
            }
            '"' | '\'' => {
                let (single, multiline) = match c {
                    '"' => (State::String, State::MultilineString),
                    _ => (State::RawString, State::MultilineRawString),
                };
                if self.accept(c) {
                    if self.accept(c) {
                        return self.skip_to(multiline);
                    }
                    self.backup();
                }
                return self.skip_to(single);
            }
            '.' => return self.fail("floats must start with a digit, not '.'"),
            'i' | 'n' => {
                if (self.accept('n') && self.accept('f')) || (self.accept('a') && self.accept('n')) {
                    self.emit(Kind::Float);
                    return self.pop();
                }
            }
            '-' | '+' => return Some(State::DecimalNumberStart),
            _ => {}
        }
        if is_letter(c) {
            self.backup();
            return Some(State::Bool);
        }
        if c == END {
            return self.fail("unexpected EOF; expected value");
        }
        let message = format!("expected value but found {} instead", go_quote_char(c));
        if c == '\n' { self.error_before(message) } else { self.fail(message) }
    }

    fn array_value(&mut self) -> Option<State> {
        match self.next() {
            c if is_space(c) || is_line_break(c) => self.skip_to(State::ArrayValue),
            '#' => self.comment_then(State::ArrayValue),
            ',' => self.fail("unexpected comma"),
            ']' => Some(State::ArrayEnd),
            _ => {
                self.backup();
                self.stack.push(State::ArrayValueEnd);
                Some(State::Value)
            }
        }
    }

    fn array_value_end(&mut self) -> Option<State> {
        match self.next() {
            c if is_space(c) || is_line_break(c) => self.skip_to(State::ArrayValueEnd),
            '#' => self.comment_then(State::ArrayValueEnd),
            ',' => self.skip_to(State::ArrayValue),
            ']' => Some(State::ArrayEnd),
            c => {
                let shown = char_or_end(c);
                self.fail(format!("expected a comma (',') or array terminator (']'), but got {shown}"))
            }
        }
    }

    fn inline_table_value(&mut self) -> Option<State> {
        match self.next() {
            c if is_space(c) || is_line_break(c) => self.skip_to(State::InlineTableValue),
            '#' => self.comment_then(State::InlineTableValue),
            ',' => self.fail("unexpected comma"),
            '}' => Some(State::InlineTableEnd),
            _ => {
                self.backup();
                self.stack.push(State::InlineTableValueEnd);
                Some(State::KeyStart)
            }
        }
    }

    fn inline_table_value_end(&mut self) -> Option<State> {
        match self.next() {
            c if is_space(c) || is_line_break(c) => self.skip_to(State::InlineTableValueEnd),
            '#' => self.comment_then(State::InlineTableValueEnd),
            ',' => {
                self.ignore();
                self.skip_spaces();
                match self.peek() {
                    '}' => Some(State::InlineTableValueEnd),
                    _ => Some(State::InlineTableValue),
                }
            }
            '}' => Some(State::InlineTableEnd),
            c => {
                let shown = char_or_end(c);
                self.fail(format!(
                    "expected a comma or an inline table terminator '}}', but got {shown} instead"
                ))
            }
        }
    }

    fn string(&mut self) -> Option<State> {
        match self.next() {
            END => self.fail("unexpected EOF; expected '\"'"),
            c if is_line_break(c) => self.error_before("strings cannot contain newlines"),
            '\\' => {
                self.stack.push(State::String);
                Some(State::StringEscape)
            }
            '"' => {
                self.backup();
                let escaped = std::mem::take(&mut self.has_escapes);
                self.emit(if escaped { Kind::EscapedString } else { Kind::String });
                self.next();
                self.ignore();
                self.pop()
            }
            _ => Some(State::String),
        }
    }

    fn raw_string(&mut self) -> Option<State> {
        match self.next() {
            END => self.fail("unexpected EOF; expected \"'\""),
            c if is_line_break(c) => self.error_before("strings cannot contain newlines"),
            '\'' => {
                self.backup();
                self.emit(Kind::RawString);
                self.next();
                self.ignore();
                self.pop()
            }
            _ => Some(State::RawString),
        }
    }

    fn multiline_string(&mut self) -> Option<State> {
        match self.next() {
            END => self.fail("unexpected EOF; expected '\"\"\"'"),
            '\\' => Some(State::MultilineStringEscape),
            '"' => {
                let too_many =
                    |current: &[u8]| current.ends_with(b"\"\"\"\"\"") && !current.ends_with(b"\\\"\"\"\"\"");
                let end =
                    self.multiline_end('"', too_many, Kind::MultilineString, "unexpected '\"\"\"\"\"\"'");
                end.unwrap_or(Some(State::MultilineString))
            }
            _ => Some(State::MultilineString),
        }
    }

    fn multiline_raw_string(&mut self) -> Option<State> {
        match self.next() {
            END => self.fail("unexpected EOF; expected \"'''\""),
            '\'' => {
                let too_many = |current: &[u8]| current.ends_with(b"'''''");
                let end =
                    self.multiline_end('\'', too_many, Kind::RawMultilineString, "unexpected \"''''''\"");
                end.unwrap_or(Some(State::MultilineRawString))
            }
            _ => Some(State::MultilineRawString),
        }
    }

    /// Three quotes end the string, unless more of them follow. `None` if the string goes on.
    fn multiline_end(
        &mut self,
        quote: char,
        too_many: impl Fn(&[u8]) -> bool,
        kind: Kind,
        message: &str,
    ) -> Option<Option<State>> {
        if !self.accept(quote) {
            return None;
        }
        if !self.accept(quote) {
            self.backup();
            return None;
        }
        if self.peek() == quote {
            if too_many(self.current()) {
                return Some(self.fail(message));
            }
            self.backup();
            self.backup();
            return None;
        }
        for _ in 0..3 {
            self.backup();
        }
        if kind == Kind::MultilineString {
            self.has_escapes = false;
        }
        self.emit(kind);
        for _ in 0..3 {
            self.next();
        }
        self.ignore();
        Some(self.pop())
    }

    fn string_escape(&mut self) -> Option<State> {
        self.has_escapes = true;
        match self.next() {
            'e' | 'b' | 't' | 'n' | 'f' | 'r' | '"' | ' ' | '\t' | '\\' => self.pop(),
            'x' => Some(State::HexEscape(2)),
            'u' => Some(State::HexEscape(4)),
            'U' => Some(State::HexEscape(8)),
            c => self.error(format!("invalid escape in string '\\{c}'")),
        }
    }

    fn hex_escape(&mut self, count: u8) -> Option<State> {
        for _ in 0..count {
            if !self.next().is_ascii_hexdigit() {
                let (count, letter) = match count {
                    2 => ("two", 'x'),
                    4 => ("four", 'u'),
                    _ => ("eight", 'U'),
                };
                let shown = go_quote(self.current());
                return self.fail(format!(
                    "expected {count} hexadecimal digits after '\\{letter}', but got {shown} instead"
                ));
            }
        }
        self.pop()
    }

    fn decimal_number_start(&mut self) -> Option<State> {
        let c = self.next();
        match c {
            'i' | 'n' => {
                let rest = if c == 'i' { ['n', 'f'] } else { ['a', 'n'] };
                if !self.accept(rest[0]) || !self.accept(rest[1]) {
                    let shown = to_utf8(self.current());
                    return self.fail(format!("invalid float: '{shown}'"));
                }
                self.emit(Kind::Float);
                return self.pop();
            }
            '0' => {
                let base = self.peek();
                if matches!(base, 'b' | 'o' | 'x') {
                    let shown = to_utf8(self.current());
                    return self.fail(format!("cannot use sign with non-decimal numbers: '{shown}{base}'"));
                }
            }
            '.' => return self.fail("floats must start with a digit, not '.'"),
            _ => {}
        }
        if c.is_ascii_digit() {
            return Some(State::DecimalNumber);
        }
        let shown = go_quote_char(c);
        self.fail(format!("expected a digit but got {shown}"))
    }

    fn base_number_or_date(&mut self) -> Option<State> {
        let (base, name) = match self.next() {
            '0'..='9' => return Some(State::NumberOrDate),
            '_' => return Some(State::DecimalNumber),
            '.' | 'e' | 'E' => return Some(State::Float),
            'b' => (2, "a binary"),
            'o' => (8, "an octal"),
            'x' => (16, "a hexadecimal"),
            _ => return self.finish(Kind::Integer),
        };
        let c = self.peek();
        if !c.is_digit(base) {
            let shown = to_utf8(self.current());
            self.fail(format!("not {name} number: '{shown}{c}'"));
        }
        Some(State::BaseInteger(base))
    }

    fn bool(&mut self) -> Option<State> {
        let mut word = String::new();
        loop {
            let c = self.next();
            if !is_letter(c) {
                self.backup();
                break;
            }
            word.push(c);
        }
        if matches!(word.as_str(), "true" | "false") {
            self.emit(Kind::Bool);
            return self.pop();
        }
        let shown = go_quote(word.as_bytes());
        self.fail(format!("expected value but found {shown} instead"))
    }
}

fn is_space(c: char) -> bool {
    matches!(c, '\t' | ' ')
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

fn char_or_end(c: char) -> String {
    if c == END { "end of file".to_owned() } else { format!("'{c}'") }
}
