//! Cuts a template into tokens, one at a time, when the parser asks for it.
//!
//! Trimming of white space (`{{-`, `-}}`) and leaving out comments is done here; the parser sees neither. A token has no
//! text and no line of its own: both follow from where it stands in the source.

use bstr::ByteSlice;

use crate::ast::Span;
use crate::quote::go_quote;
use crate::unicode::{decode, is_alphanumeric, is_print};

/// What a token is. `Space` matters only next to variables and between operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TokenKind {
    /// The lexer gave up; [`Lexer::error`] says why.
    Error,
    Bool,
    /// A character that is a token only so that the parser can refuse it, and the comma.
    Char,
    CharConstant,
    Complex,
    Assign,
    Declare,
    Eof,
    Field,
    Identifier,
    LeftDelim,
    LeftParen,
    Number,
    Pipe,
    RawString,
    RightDelim,
    RightParen,
    Space,
    String,
    Text,
    Variable,
    // Keywords; messages show them in angle brackets.
    Block,
    Break,
    Continue,
    Dot,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

impl TokenKind {
    pub(crate) fn is_keyword(self) -> bool {
        self as u8 >= TokenKind::Block as u8
    }
}

/// A token and where it stands. It is no more than two words, because it is handed on all the time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    /// The start, and in the upper half the end.
    place: u64,
}

impl Token {
    pub(crate) fn new(kind: TokenKind, start: u32, end: u32) -> Token {
        Token { kind, place: u64::from(start) | u64::from(end) << 32 }
    }

    pub(crate) fn start(self) -> u32 {
        self.place as u32
    }

    pub(crate) fn end(self) -> u32 {
        (self.place >> 32) as u32
    }

    pub(crate) fn span(self) -> Span {
        Span { start: self.start(), end: self.end() }
    }
}

/// Why the lexer gave up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LexError {
    UnclosedAction,
    UnclosedComment,
    CommentNotAlone,
    UnclosedParen,
    UnopenedParen,
    LoneColon,
    UnclosedString,
    UnclosedRawString,
    UnclosedChar,
    BadNumber,
    /// In or after a name.
    BadCharacter(char),
    UnknownCharacter(char),
}

impl LexError {
    /// Go's text. `place` is what was read of the token.
    pub(crate) fn message(&self, place: &[u8]) -> String {
        match self {
            LexError::UnclosedAction => "unclosed action".to_owned(),
            LexError::UnclosedComment => "unclosed comment".to_owned(),
            LexError::CommentNotAlone => "comment ends before closing delimiter".to_owned(),
            LexError::UnclosedParen => "unclosed left paren".to_owned(),
            LexError::UnopenedParen => "unexpected right paren".to_owned(),
            LexError::LoneColon => "expected :=".to_owned(),
            LexError::UnclosedString => "unterminated quoted string".to_owned(),
            LexError::UnclosedRawString => "unterminated raw quoted string".to_owned(),
            LexError::UnclosedChar => "unterminated character constant".to_owned(),
            LexError::BadNumber => format!("bad number syntax: {}", go_quote(place)),
            LexError::BadCharacter(c) => format!("bad character {}", code_point(*c)),
            LexError::UnknownCharacter(c) => format!("unrecognized character in action: {}", code_point(*c)),
        }
    }
}

/// `%#U` of Go's `fmt`.
fn code_point(c: char) -> String {
    let code = u32::from(c);
    if is_print(c) { format!("U+{code:04X} '{c}'") } else { format!("U+{code:04X}") }
}

/// The state of the scan.
#[derive(Debug)]
pub(crate) struct Lexer<'t> {
    text: &'t [u8],
    pos: usize,
    is_inside_action: bool,
    paren_depth: usize,
    /// `break` and `continue` are keywords, unless there are functions with these names.
    break_is_keyword: bool,
    continue_is_keyword: bool,
    /// Comments passed so far, with their delimiters.
    pub(crate) comments: Vec<Span>,
    /// Where the left delimiter of the last action starts.
    pub(crate) action_start: u32,
    /// Set when the last token is an [`TokenKind::Error`]. There is no token after it.
    pub(crate) error: Option<LexError>,
}

impl<'t> Lexer<'t> {
    /// A lexer for a text that is shorter than 4 GiB.
    pub(crate) fn new(text: &'t [u8], break_is_keyword: bool, continue_is_keyword: bool) -> Lexer<'t> {
        Lexer {
            text,
            pos: 0,
            is_inside_action: false,
            paren_depth: 0,
            break_is_keyword,
            continue_is_keyword,
            comments: Vec::new(),
            action_start: 0,
            error: None,
        }
    }

    /// The next token; at the end always `Eof`.
    pub(crate) fn next_token(&mut self) -> Token {
        if self.is_inside_action { self.inside_action() } else { self.text() }
    }

    fn rest(&self) -> &'t [u8] {
        &self.text[self.pos..]
    }

    fn token(&self, kind: TokenKind, start: usize) -> Token {
        Token::new(kind, start as u32, self.pos as u32)
    }

    fn fail(&mut self, error: LexError, start: usize) -> Token {
        self.error = Some(error);
        self.token(TokenKind::Error, start)
    }

    /// Text up to the next action, or that action's left delimiter.
    fn text(&mut self) -> Token {
        loop {
            let start = self.pos;
            let Some(length) = find_pair(self.rest(), b'{', b'{') else {
                self.pos = self.text.len();
                let kind = if self.pos > start { TokenKind::Text } else { TokenKind::Eof };
                return self.token(kind, start);
            };
            let delim = start + length;
            let after = &self.text[delim + 2..];
            let trims = matches!(after, [b'-', space, ..] if is_space(*space));
            let text = &self.text[start..delim];
            let trimmed = if trims { text.iter().rev().take_while(|&&b| is_space(b)).count() } else { 0 };
            let kept = text.len() - trimmed;
            if kept > 0 {
                self.pos = delim;
                return Token::new(TokenKind::Text, start as u32, (start + kept) as u32);
            }
            let inner = delim + if trims { 4 } else { 2 };
            if !self.text[inner..].starts_with(b"/*") {
                self.action_start = delim as u32;
                self.is_inside_action = true;
                self.paren_depth = 0;
                self.pos = delim + 2;
                let token = self.token(TokenKind::LeftDelim, delim);
                self.pos = inner;
                return token;
            }
            if let Err(error) = self.comment(delim, inner) {
                return self.fail(error, inner);
            }
        }
    }

    /// Passes a comment whose `/*` is at `inner`.
    fn comment(&mut self, delim: usize, inner: usize) -> Result<(), LexError> {
        self.pos = inner + 2;
        let Some(length) = find_pair(self.rest(), b'*', b'/') else {
            return Err(LexError::UnclosedComment);
        };
        self.pos += length + 2;
        let trims = match self.right_delim() {
            RightDelim::None => return Err(LexError::CommentNotAlone),
            RightDelim::Plain => false,
            RightDelim::Trimming => true,
        };
        self.pos += if trims { 4 } else { 2 };
        self.comments.push(Span::new(delim, self.pos));
        if trims {
            self.skip_space();
        }
        Ok(())
    }

    /// What closes the action here, if anything does.
    fn right_delim(&self) -> RightDelim {
        match self.rest() {
            [b'}', b'}', ..] => RightDelim::Plain,
            [space, b'-', b'}', b'}', ..] if is_space(*space) => RightDelim::Trimming,
            _ => RightDelim::None,
        }
    }

    fn skip_space(&mut self) {
        self.pos += self.rest().iter().take_while(|&&b| is_space(b)).count();
    }

    fn inside_action(&mut self) -> Token {
        let start = self.pos;
        let right_delim = self.right_delim();
        if right_delim != RightDelim::None {
            if self.paren_depth > 0 {
                return self.fail(LexError::UnclosedParen, start);
            }
            return self.close_action(right_delim == RightDelim::Trimming);
        }
        let Some(&first) = self.text.get(start) else {
            return self.fail(LexError::UnclosedAction, start);
        };
        self.pos += 1;
        match first {
            b' ' | b'\t' | b'\r' | b'\n' => self.space(start),
            b'=' => self.token(TokenKind::Assign, start),
            b':' => {
                if !self.accept(b"=") {
                    return self.fail(LexError::LoneColon, start);
                }
                self.token(TokenKind::Declare, start)
            }
            b'|' => self.token(TokenKind::Pipe, start),
            b'"' => self.quoted(b'"', TokenKind::String, LexError::UnclosedString),
            b'\'' => self.quoted(b'\'', TokenKind::CharConstant, LexError::UnclosedChar),
            b'`' => match self.rest().find_byte(b'`') {
                Some(length) => {
                    self.pos += length + 1;
                    self.token(TokenKind::RawString, start)
                }
                None => {
                    self.pos = self.text.len();
                    self.fail(LexError::UnclosedRawString, start)
                }
            },
            b'$' => self.field_or_variable(start, TokenKind::Variable, TokenKind::Variable),
            // Also at the end of the text a dot is taken for the start of a number.
            b'.' if self.text.get(self.pos).is_some_and(|b| !b.is_ascii_digit()) => {
                self.field_or_variable(start, TokenKind::Field, TokenKind::Dot)
            }
            b'.' | b'+' | b'-' | b'0'..=b'9' => {
                self.pos = start;
                self.number()
            }
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => self.identifier(start),
            b'(' => {
                self.paren_depth += 1;
                self.token(TokenKind::LeftParen, start)
            }
            b')' => match self.paren_depth.checked_sub(1) {
                Some(depth) => {
                    self.paren_depth = depth;
                    self.token(TokenKind::RightParen, start)
                }
                None => self.fail(LexError::UnopenedParen, start),
            },
            b'!'..=b'~' => self.token(TokenKind::Char, start),
            _ => {
                let (c, length) = decode(&self.text[start..]);
                self.pos = start + length;
                if is_alphanumeric(c) {
                    self.identifier(start)
                } else {
                    self.fail(LexError::UnknownCharacter(c), start)
                }
            }
        }
    }

    fn close_action(&mut self, trims: bool) -> Token {
        if trims {
            self.pos += 2;
        }
        let start = self.pos;
        self.pos += 2;
        let token = self.token(TokenKind::RightDelim, start);
        if trims {
            self.skip_space();
        }
        self.is_inside_action = false;
        token
    }

    /// Space, without its last character if that one belongs to the right delimiter.
    fn space(&mut self, start: usize) -> Token {
        self.skip_space();
        if self.rest().starts_with(b"-}}") {
            self.pos -= 1;
        }
        self.token(TokenKind::Space, start)
    }

    /// The rest of a constant in which a backslash protects what follows.
    fn quoted(&mut self, mark: u8, kind: TokenKind, unclosed: LexError) -> Token {
        let start = self.pos - 1;
        loop {
            match self.rest() {
                [byte, ..] if *byte == mark => {
                    self.pos += 1;
                    return self.token(kind, start);
                }
                [] | [b'\n', ..] => return self.fail(unclosed, start),
                [b'\\', escaped, ..] if *escaped != b'\n' => self.pos += 2,
                _ => self.pos += 1,
            }
        }
    }

    /// The rest of a name after `.` or `$`, or one of these alone.
    fn field_or_variable(&mut self, start: usize, kind: TokenKind, alone: TokenKind) -> Token {
        if self.is_at_terminator() {
            return self.token(alone, start);
        }
        self.name(start, kind)
    }

    fn identifier(&mut self, start: usize) -> Token {
        let token = self.name(start, TokenKind::Identifier);
        let kind = match &self.text[start..self.pos] {
            _ if token.kind == TokenKind::Error => TokenKind::Error,
            b"if" => TokenKind::If,
            b"end" => TokenKind::End,
            b"nil" => TokenKind::Nil,
            b"else" => TokenKind::Else,
            b"with" => TokenKind::With,
            b"true" | b"false" => TokenKind::Bool,
            b"range" => TokenKind::Range,
            b"block" => TokenKind::Block,
            b"define" => TokenKind::Define,
            b"template" => TokenKind::Template,
            b"break" if self.break_is_keyword => TokenKind::Break,
            b"continue" if self.continue_is_keyword => TokenKind::Continue,
            _ => TokenKind::Identifier,
        };
        Token { kind, ..token }
    }

    /// Letters, digits and underscores from here, and a check of what follows them.
    fn name(&mut self, start: usize, kind: TokenKind) -> Token {
        loop {
            match self.rest() {
                [b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9', ..] => self.pos += 1,
                rest @ [0x80..=0xff, ..] => match decode(rest) {
                    (c, length) if is_alphanumeric(c) => self.pos += length,
                    _ => break,
                },
                _ => break,
            }
        }
        if self.is_at_terminator() {
            return self.token(kind, start);
        }
        let bad = self.pos;
        let (c, length) = decode(self.rest());
        self.pos += length;
        self.fail(LexError::BadCharacter(c), bad)
    }

    /// Whether a name may end here.
    fn is_at_terminator(&self) -> bool {
        match self.rest() {
            [] => true,
            [byte, ..] if is_space(*byte) => true,
            [b'.' | b',' | b'|' | b':' | b')' | b'(', ..] => true,
            rest => rest.starts_with(b"}}"),
        }
    }

    /// A number. What is accepted here but makes no sense is refused when the parser reads its value.
    fn number(&mut self) -> Token {
        let start = self.pos;
        if !self.scan_number() {
            return self.fail(LexError::BadNumber, start);
        }
        if !matches!(self.rest(), [b'+' | b'-', ..]) {
            return self.token(TokenKind::Number, start);
        }
        if !self.scan_number() || self.text[self.pos - 1] != b'i' {
            return self.fail(LexError::BadNumber, start);
        }
        self.token(TokenKind::Complex, start)
    }

    fn scan_number(&mut self) -> bool {
        const DECIMAL: &[u8] = b"0123456789_";
        self.accept(b"+-");
        let mut digits = DECIMAL;
        let mut exponent: &[u8] = b"eE";
        if self.accept(b"0") {
            if self.accept(b"xX") {
                (digits, exponent) = (b"0123456789abcdefABCDEF_", b"pP");
            } else if self.accept(b"oO") {
                (digits, exponent) = (b"01234567_", b"");
            } else if self.accept(b"bB") {
                (digits, exponent) = (b"01_", b"");
            }
        }
        self.accept_run(digits);
        if self.accept(b".") {
            self.accept_run(digits);
        }
        if self.accept(exponent) {
            self.accept(b"+-");
            self.accept_run(DECIMAL);
        }
        self.accept(b"i");
        if self.pos < self.text.len() {
            let (c, length) = decode(self.rest());
            if is_alphanumeric(c) {
                self.pos += length;
                return false;
            }
        }
        true
    }

    fn accept(&mut self, set: &[u8]) -> bool {
        let found = self.text.get(self.pos).is_some_and(|byte| set.contains(byte));
        self.pos += usize::from(found);
        found
    }

    fn accept_run(&mut self, set: &[u8]) {
        while self.accept(set) {}
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RightDelim {
    None,
    Plain,
    Trimming,
}

/// The space that is trimmed and that separates operands: nothing beyond ASCII.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// How many actions a text seems to have.
pub(crate) fn count_actions(text: &[u8]) -> usize {
    let mut rest = text;
    let mut count = 0;
    while let Some(at) = find_pair(rest, b'{', b'{') {
        count += 1;
        rest = &rest[at + 2..];
    }
    count
}

/// Where `first` stands with `second` right after it.
fn find_pair(bytes: &[u8], first: u8, second: u8) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + bytes[from..].find_byte(first)?;
        if bytes.get(at + 1) == Some(&second) {
            return Some(at);
        }
        from = at + 1;
    }
}
