//! Go's syntax of regular expressions, with its errors, as the form that the crate `regex-syntax` uses between parsing
//! and compiling.
//!
//! Follows `regexp/syntax/parse.go` in what is accepted. What Go does to make the expression smaller is left out: it
//! does not change what matches.

use regex_syntax::hir::{Capture, Class, ClassUnicode, ClassUnicodeRange, Hir, Look, Repetition};

use super::unicode::{self, MAX, Ranges, cleaned, negated};

/// An expression ready to be compiled.
pub(super) struct Parsed {
    pub(super) hir: Hir,
    /// The names of the groups; group 0 is all of the match.
    pub(super) names: Vec<Option<String>>,
}

/// What is wrong with an expression: Go's words, and the part it means.
struct Wrong<'p>(&'static str, &'p [u8]);

type Result<'p, T> = std::result::Result<T, Wrong<'p>>;

const INVALID_ESCAPE: &str = "invalid escape sequence";
const INVALID_RANGE: &str = "invalid character class range";
const INVALID_NAME: &str = "invalid named capture";
const INVALID_COUNT: &str = "invalid repeat count";
const INVALID_UTF8: &str = "invalid UTF-8";
const NESTED_REPEAT: &str = "invalid nested repetition operator";
const NOTHING_TO_REPEAT: &str = "missing argument to repetition operator";
const TOO_DEEP: &str = "expression nests too deeply";
const TOO_LARGE: &str = "expression too large";
const UNEXPECTED_PAREN: &str = "unexpected )";

/// Parses an expression. The error is Go's: ``error parsing regexp: missing closing ): `(` ``.
pub(super) fn parse(pattern: &[u8]) -> std::result::Result<Parsed, String> {
    let mut parser = Parser {
        all: pattern,
        flags: ONE_LINE,
        stack: Vec::new(),
        names: vec![None],
        allocated: 0,
        repeats: 1,
    };
    match parser.expression() {
        Ok(node) => Ok(Parsed { hir: hir(node), names: parser.names }),
        Err(Wrong(what, part)) => {
            let part = chart_lint_template::text::to_utf8(part);
            Err(format!("error parsing regexp: {what}: `{part}`"))
        }
    }
}

/// Go's flags, as bits: `(?-i` turns all of them around and back.
type Flags = u8;
const FOLD_CASE: Flags = 1;
const DOT_NL: Flags = 1 << 1;
const ONE_LINE: Flags = 1 << 2;
const NON_GREEDY: Flags = 1 << 3;

/// Go's limits: the height of an expression, the size of its program, how often something is repeated.
const MAX_HEIGHT: u32 = 1000;
const MAX_SIZE: u64 = (128 << 20) / 40;
const MAX_COUNT: u32 = 1000;

struct Node {
    kind: Kind,
    height: u32,
    size: u64,
}

enum Kind {
    Empty,
    NoMatch,
    /// One of these characters; a single one if `literal`.
    Class {
        ranges: Ranges,
        literal: bool,
    },
    Look(Look),
    Capture(u32, Box<Node>),
    Repeat {
        min: u32,
        max: Option<u32>,
        greedy: bool,
        counted: bool,
        node: Box<Node>,
    },
    Concat(Vec<Node>),
    Alternate(Vec<Node>),
    /// On the stack only: an open group, with its index if it captures, and the flags outside of it.
    Open(Option<u32>, Flags),
    /// On the stack only.
    Bar,
}

impl Node {
    fn new(kind: Kind) -> Node {
        let inner = |nodes: &[Node]| nodes.iter().map(|node| node.height).max().unwrap_or(0);
        let (height, size) = match &kind {
            Kind::Capture(_, node) => (1 + node.height, 2 + node.size),
            Kind::Repeat { min, max, counted: false, node, .. } => {
                (1 + node.height, if (*min, *max) == (0, None) { 2 + node.size } else { 1 + node.size })
            }
            Kind::Repeat { min, max, node, .. } => {
                let (min, size) = (u64::from(*min), node.size);
                let size = match max.map(u64::from) {
                    None if min == 0 => 2 + size,
                    None => 1 + min * size,
                    Some(max) => max * size + max.saturating_sub(min),
                };
                (1 + node.height, size)
            }
            // Neighbouring characters are one node in Go.
            Kind::Concat(nodes) if nodes.iter().all(Node::is_literal) => (1, nodes.len() as u64),
            Kind::Concat(nodes) => (1 + inner(nodes), nodes.iter().map(|node| node.size).sum()),
            Kind::Alternate(nodes) => {
                (1 + inner(nodes), nodes.iter().map(|node| node.size).sum::<u64>() + nodes.len() as u64 - 1)
            }
            _ => (1, 1),
        };
        Node { kind, height, size: size.max(1) }
    }

    fn is_literal(&self) -> bool {
        matches!(self.kind, Kind::Class { literal: true, .. })
    }

    fn is_marker(&self) -> bool {
        matches!(self.kind, Kind::Open(..) | Kind::Bar)
    }

    /// Whether all repetitions inside of each other stay below the limit together.
    fn repeats_at_most(&self, mut limit: u32) -> bool {
        match &self.kind {
            Kind::Repeat { counted: true, max: Some(0), .. } => true,
            Kind::Repeat { min, max, counted, node, .. } => {
                let count = if *counted { max.unwrap_or(*min) } else { 0 };
                if count > limit {
                    return false;
                }
                limit = limit.checked_div(count).unwrap_or(limit);
                node.repeats_at_most(limit)
            }
            Kind::Capture(_, node) => node.repeats_at_most(limit),
            Kind::Concat(nodes) | Kind::Alternate(nodes) => {
                nodes.iter().all(|node| node.repeats_at_most(limit))
            }
            _ => true,
        }
    }
}

struct Parser<'p> {
    all: &'p [u8],
    flags: Flags,
    stack: Vec<Node>,
    names: Vec<Option<String>>,
    /// How many nodes were made, about as Go counts them, and the product of all repetitions: Go looks at the size of
    /// an expression only if these are large.
    allocated: u64,
    repeats: u64,
}

impl<'p> Parser<'p> {
    fn expression(&mut self) -> Result<'p, Node> {
        let mut rest = self.all;
        let mut last_repeat: &[u8] = b"";
        while let Some(&byte) = rest.first() {
            let mut repeat: &[u8] = b"";
            match byte {
                b'(' if rest.get(1) == Some(&b'?') => rest = self.perl_flags(rest)?,
                b'(' => {
                    self.names.push(None);
                    let index = self.names.len() as u32 - 1;
                    self.push(Kind::Open(Some(index), self.flags))?;
                    rest = &rest[1..];
                }
                b'|' => {
                    self.concat()?;
                    self.push(Kind::Bar)?;
                    rest = &rest[1..];
                }
                b')' => {
                    self.right_paren()?;
                    rest = &rest[1..];
                }
                b'^' => {
                    self.push(Kind::Look(if self.has(ONE_LINE) { Look::Start } else { Look::StartLF }))?;
                    rest = &rest[1..];
                }
                b'$' => {
                    self.push(Kind::Look(if self.has(ONE_LINE) { Look::End } else { Look::EndLF }))?;
                    rest = &rest[1..];
                }
                b'.' => {
                    let ranges = if self.has(DOT_NL) { vec![(0, MAX)] } else { vec![(0, 9), (11, MAX)] };
                    self.push(Kind::Class { ranges, literal: false })?;
                    rest = &rest[1..];
                }
                b'[' => rest = self.class(rest)?,
                b'*' | b'+' | b'?' => {
                    let (min, max) = match byte {
                        b'*' => (0, None),
                        b'+' => (1, None),
                        _ => (0, Some(1)),
                    };
                    repeat = rest;
                    rest = self.repeat(min, max, false, rest, &rest[1..], last_repeat)?;
                }
                b'{' => match counts(rest) {
                    None => {
                        self.literal(u32::from(b'{'))?;
                        rest = &rest[1..];
                    }
                    Some((counts, after)) => {
                        let wrong = Wrong(INVALID_COUNT, &rest[..rest.len() - after.len()]);
                        let (min, max) = counts.ok_or(wrong)?;
                        repeat = rest;
                        rest = self.repeat(min, max, true, rest, after, last_repeat)?;
                    }
                },
                b'\\' => rest = self.escape(rest)?,
                _ => {
                    let (c, after) = next_char(rest)?;
                    self.literal(c)?;
                    rest = after;
                }
            }
            last_repeat = repeat;
        }
        self.concat()?;
        self.alternate()?;
        match (self.stack.pop(), self.stack.is_empty()) {
            (Some(node), true) => Ok(node),
            _ => Err(Wrong("missing closing )", self.all)),
        }
    }

    fn has(&self, flag: Flags) -> bool {
        self.flags & flag != 0
    }

    fn push(&mut self, kind: Kind) -> Result<'p, ()> {
        self.push_node(Node::new(kind))
    }

    fn push_node(&mut self, node: Node) -> Result<'p, ()> {
        let joins_literal = node.is_literal() && self.stack.last().is_some_and(Node::is_literal);
        self.allocated += u64::from(!joins_literal);
        self.check_limits(&node)?;
        self.stack.push(node);
        Ok(())
    }

    fn check_limits(&self, node: &Node) -> Result<'p, ()> {
        let large = self.allocated >= MAX_SIZE / self.repeats;
        if large && node.size > MAX_SIZE {
            return Err(Wrong(TOO_LARGE, self.all));
        }
        if node.height > MAX_HEIGHT {
            return Err(Wrong(TOO_DEEP, self.all));
        }
        Ok(())
    }

    fn literal(&mut self, c: u32) -> Result<'p, ()> {
        let mut ranges = vec![(c, c)];
        if self.has(FOLD_CASE) {
            ranges.extend(unicode::same_letters(c).map(|c| (c, c)));
        }
        self.push(Kind::Class { ranges: cleaned(ranges), literal: true })
    }

    /// Puts what stands next to each other together, up to the last marker.
    fn concat(&mut self) -> Result<'p, ()> {
        let start = self.stack.iter().rposition(Node::is_marker).map_or(0, |marker| marker + 1);
        let mut nodes = self.stack.split_off(start);
        let node = match nodes.len() {
            0 => Node::new(Kind::Empty),
            1 => nodes.remove(0),
            _ => {
                let mut flat = Vec::with_capacity(nodes.len());
                for node in nodes {
                    match node.kind {
                        Kind::Concat(inner) => flat.extend(inner),
                        _ => flat.push(node),
                    }
                }
                Node::new(Kind::Concat(flat))
            }
        };
        self.push_node(node)
    }

    /// Puts the alternatives together, up to the last open group.
    fn alternate(&mut self) -> Result<'p, ()> {
        let is_open = |node: &Node| matches!(node.kind, Kind::Open(..));
        let start = self.stack.iter().rposition(is_open).map_or(0, |open| open + 1);
        let mut nodes = self.stack.split_off(start);
        nodes.retain(|node| !node.is_marker());
        let node = match nodes.len() {
            0 => Node::new(Kind::NoMatch),
            1 => nodes.remove(0),
            _ => Node::new(Kind::Alternate(nodes)),
        };
        self.push_node(node)
    }

    fn right_paren(&mut self) -> Result<'p, ()> {
        self.concat()?;
        self.alternate()?;
        let (node, open) = (self.stack.pop(), self.stack.pop());
        match (node, open) {
            (Some(node), Some(Node { kind: Kind::Open(index, flags), .. })) => {
                self.flags = flags;
                match index {
                    Some(index) => self.push(Kind::Capture(index, Box::new(node))),
                    None => self.push_node(node),
                }
            }
            _ => Err(Wrong(UNEXPECTED_PAREN, self.all)),
        }
    }

    fn repeat(
        &mut self,
        min: u32,
        max: Option<u32>,
        counted: bool,
        before: &'p [u8],
        after: &'p [u8],
        last_repeat: &'p [u8],
    ) -> Result<'p, &'p [u8]> {
        let mut greedy = !self.has(NON_GREEDY);
        let mut after = after;
        if after.first() == Some(&b'?') {
            after = &after[1..];
            greedy = !greedy;
        }
        if !last_repeat.is_empty() {
            return Err(Wrong(NESTED_REPEAT, &last_repeat[..last_repeat.len() - after.len()]));
        }
        let written = &before[..before.len() - after.len()];
        let node = match self.stack.pop() {
            Some(node) if !node.is_marker() => Box::new(node),
            _ => return Err(Wrong(NOTHING_TO_REPEAT, written)),
        };
        self.allocated += 1;
        if counted {
            let count = u64::from(max.unwrap_or(min).max(1));
            self.repeats = if count > MAX_SIZE / self.repeats { MAX_SIZE } else { self.repeats * count };
        }
        let node = Node::new(Kind::Repeat { min, max, greedy, counted, node });
        self.check_limits(&node)?;
        if counted && (min >= 2 || max.is_some_and(|max| max >= 2)) && !node.repeats_at_most(MAX_COUNT) {
            return Err(Wrong(INVALID_COUNT, written));
        }
        self.stack.push(node);
        Ok(after)
    }

    /// `(?flags)`, `(?flags:`, `(?P<name>` or `(?<name>`.
    fn perl_flags(&mut self, text: &'p [u8]) -> Result<'p, &'p [u8]> {
        let name_start = match text {
            [_, _, b'P', b'<', _, ..] => Some(4),
            [_, _, b'<', _, ..] => Some(3),
            _ => None,
        };
        if let Some(start) = name_start {
            let Some(end) = text.iter().position(|&byte| byte == b'>') else {
                check_utf8(text)?;
                return Err(Wrong(INVALID_NAME, text));
            };
            let name = text.get(start..end).unwrap_or_default();
            check_utf8(name)?;
            if name.is_empty() || !name.iter().all(|&byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
                return Err(Wrong(INVALID_NAME, &text[..=end]));
            }
            self.names.push(Some(String::from_utf8_lossy(name).into_owned()));
            let index = self.names.len() as u32 - 1;
            self.push(Kind::Open(Some(index), self.flags))?;
            return Ok(&text[end + 1..]);
        }
        let mut rest = &text[2..];
        let mut flags = self.flags;
        let mut negative = false;
        let mut saw_flag = false;
        while !rest.is_empty() {
            let (c, after) = next_char(rest)?;
            rest = after;
            match char::from_u32(c) {
                Some('i') => flags |= FOLD_CASE,
                Some('m') => flags &= !ONE_LINE,
                Some('s') => flags |= DOT_NL,
                Some('U') => flags |= NON_GREEDY,
                Some('-') if !negative => {
                    negative = true;
                    flags = !flags;
                    saw_flag = false;
                    continue;
                }
                Some(c @ (':' | ')')) if !negative || saw_flag => {
                    if negative {
                        flags = !flags;
                    }
                    if c == ':' {
                        self.push(Kind::Open(None, self.flags))?;
                    }
                    self.flags = flags;
                    return Ok(rest);
                }
                _ => break,
            }
            saw_flag = true;
        }
        Err(Wrong("invalid or unsupported Perl syntax", &text[..text.len() - rest.len()]))
    }

    /// What starts with a backslash, outside of brackets.
    fn escape(&mut self, text: &'p [u8]) -> Result<'p, &'p [u8]> {
        let look = match text.get(1) {
            Some(b'A') => Some(Look::Start),
            Some(b'b') => Some(Look::WordAscii),
            Some(b'B') => Some(Look::WordAsciiNegate),
            Some(b'z') => Some(Look::End),
            Some(b'C') => return Err(Wrong(INVALID_ESCAPE, &text[..2])),
            Some(b'Q') => {
                let quoted = &text[2..];
                let end = bstr::ByteSlice::find(quoted, br"\E");
                let mut literal = &quoted[..end.unwrap_or(quoted.len())];
                while !literal.is_empty() {
                    let (c, rest) = next_char(literal)?;
                    self.literal(c)?;
                    literal = rest;
                }
                return Ok(end.map_or(b"", |end| &quoted[end + 2..]));
            }
            _ => None,
        };
        if let Some(look) = look {
            self.push(Kind::Look(look))?;
            return Ok(&text[2..]);
        }
        let mut ranges = Ranges::new();
        if let Some(rest) = self.class_escape(text, &mut ranges)? {
            self.push(Kind::Class { ranges: cleaned(ranges), literal: false })?;
            return Ok(rest);
        }
        let (c, rest) = char_escape(text)?;
        self.literal(c)?;
        Ok(rest)
    }

    /// `\pN`, `\d` and the like, if the text starts with one.
    fn class_escape(&self, text: &'p [u8], ranges: &mut Ranges) -> Result<'p, Option<&'p [u8]>> {
        if let [b'\\', sign @ (b'p' | b'P'), ..] = text {
            return self.unicode_class(text, *sign == b'P', ranges).map(Some);
        }
        let group: &[(u32, u32)] = match text {
            [b'\\', b'd' | b'D', ..] => DIGITS,
            [b'\\', b's' | b'S', ..] => SPACES,
            [b'\\', b'w' | b'W', ..] => WORDS,
            _ => return Ok(None),
        };
        self.add_group(ranges, group, text[1].is_ascii_uppercase());
        Ok(Some(&text[2..]))
    }

    fn unicode_class(&self, text: &'p [u8], negative: bool, ranges: &mut Ranges) -> Result<'p, &'p [u8]> {
        let (c, mut rest) = next_char(&text[2..])?;
        let mut name = &text[2..text.len() - rest.len()];
        if c == u32::from(b'{') {
            let Some(end) = text.iter().position(|&byte| byte == b'}') else {
                check_utf8(text)?;
                return Err(Wrong(INVALID_RANGE, text));
            };
            name = &text[3..end];
            rest = &text[end + 1..];
            check_utf8(name)?;
        }
        let written = &text[..text.len() - rest.len()];
        let (name, negative) = match name.strip_prefix(b"^") {
            Some(name) => (name, !negative),
            None => (name, negative),
        };
        let found = unicode::class(&String::from_utf8_lossy(name));
        let (mut class, folded) = found.ok_or(Wrong(INVALID_RANGE, written))?;
        if self.has(FOLD_CASE) {
            class.extend(folded);
        }
        let class = cleaned(class);
        ranges.extend(if negative { negated(&class) } else { class });
        Ok(rest)
    }

    fn add_group(&self, ranges: &mut Ranges, group: &[(u32, u32)], negative: bool) {
        let mut class = group.to_vec();
        if self.has(FOLD_CASE) {
            for &(lo, hi) in group {
                add_folded(&mut class, lo, hi);
            }
        }
        let class = cleaned(class);
        ranges.extend(if negative { negated(&class) } else { class });
    }

    /// `[…]`
    fn class(&mut self, text: &'p [u8]) -> Result<'p, &'p [u8]> {
        let mut rest = &text[1..];
        let negative = rest.first() == Some(&b'^');
        if negative {
            rest = &rest[1..];
        }
        let mut ranges = Ranges::new();
        let mut first = true;
        while first || rest.first() != Some(&b']') {
            first = false;
            if rest.len() > 2
                && rest.starts_with(b"[:")
                && let Some(end) = bstr::ByteSlice::find(&rest[2..], b":]")
            {
                let name = &rest[..end + 4];
                let (group, negative) = named_group(name).ok_or(Wrong(INVALID_RANGE, name))?;
                self.add_group(&mut ranges, group, negative);
                rest = &rest[end + 4..];
                continue;
            }
            if let Some(after) = self.class_escape(rest, &mut ranges)? {
                rest = after;
                continue;
            }
            let start = rest;
            let (lo, after) = class_char(rest, text)?;
            rest = after;
            let mut hi = lo;
            if let [b'-', end, ..] = rest
                && *end != b']'
            {
                (hi, rest) = class_char(&rest[1..], text)?;
                if hi < lo {
                    return Err(Wrong(INVALID_RANGE, &start[..start.len() - rest.len()]));
                }
            }
            ranges.push((lo, hi));
            if self.has(FOLD_CASE) {
                add_folded(&mut ranges, lo, hi);
            }
        }
        let ranges = cleaned(ranges);
        self.push(Kind::Class { ranges: if negative { negated(&ranges) } else { ranges }, literal: false })?;
        Ok(&rest[1..])
    }
}

/// Adds the other cases of all letters of a range.
fn add_folded(ranges: &mut Ranges, lo: u32, hi: u32) {
    ranges.extend(unicode::folding_in(lo, hi).into_iter().flat_map(unicode::same_letters).map(|c| (c, c)));
}

fn check_utf8(text: &[u8]) -> Result<'_, ()> {
    match std::str::from_utf8(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(Wrong(INVALID_UTF8, &text[error.valid_up_to()..])),
    }
}

/// The first character, and what follows it.
fn next_char(text: &[u8]) -> Result<'_, (u32, &[u8])> {
    match bstr::decode_utf8(text) {
        (Some(c), size) => Ok((c as u32, &text[size..])),
        // Go reads U+FFFD from nothing, but nobody looks at it: what needs a character has failed by then.
        (None, 0) => Ok((0xFFFD, text)),
        (None, _) => Err(Wrong(INVALID_UTF8, text)),
    }
}

/// A character of a class, perhaps an escaped one.
fn class_char<'p>(text: &'p [u8], class: &'p [u8]) -> Result<'p, (u32, &'p [u8])> {
    match text.first() {
        None => Err(Wrong("missing closing ]", class)),
        Some(b'\\') => char_escape(text),
        Some(_) => next_char(text),
    }
}

/// A backslash and what stands for one character.
fn char_escape(text: &[u8]) -> Result<'_, (u32, &[u8])> {
    if text.len() == 1 {
        return Err(Wrong("trailing backslash at end of expression", b""));
    }
    let (c, mut rest) = next_char(&text[1..])?;
    let wrong = |rest: &[u8]| Err(Wrong(INVALID_ESCAPE, &text[..text.len() - rest.len()]));
    let is_octal = |text: &[u8]| matches!(text.first(), Some(b'0'..=b'7'));
    let simple = match char::from_u32(c).unwrap_or_default() {
        '1'..='7' if !is_octal(rest) => return wrong(rest),
        '0'..='7' => {
            let mut value = c - u32::from(b'0');
            for _ in 1..3 {
                if !is_octal(rest) {
                    break;
                }
                value = value * 8 + u32::from(rest[0] - b'0');
                rest = &rest[1..];
            }
            return Ok((value, rest));
        }
        'x' => return hexadecimal(text, rest),
        'a' => 7,
        'f' => 0x0C,
        'n' => 0x0A,
        'r' => 0x0D,
        't' => 0x09,
        'v' => 0x0B,
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => c as u32,
        _ => return wrong(rest),
    };
    Ok((simple, rest))
}

/// What follows `\x`: two digits, or any number of them in braces.
fn hexadecimal<'p>(text: &'p [u8], mut rest: &'p [u8]) -> Result<'p, (u32, &'p [u8])> {
    let wrong = |rest: &[u8]| Err(Wrong(INVALID_ESCAPE, &text[..text.len() - rest.len()]));
    let digit = |c: u32| char::from_u32(c).and_then(|c| c.to_digit(16));
    if rest.is_empty() {
        return wrong(rest);
    }
    let (first, after) = next_char(rest)?;
    rest = after;
    if first == u32::from(b'{') {
        let mut value = 0;
        let mut count = 0;
        loop {
            if rest.is_empty() {
                return wrong(rest);
            }
            let (c, after) = next_char(rest)?;
            rest = after;
            if c == u32::from(b'}') {
                return if count == 0 { wrong(rest) } else { Ok((value, rest)) };
            }
            let Some(digit) = digit(c) else { return wrong(rest) };
            value = value * 16 + digit;
            if value > MAX {
                return wrong(rest);
            }
            count += 1;
        }
    }
    let (second, after) = next_char(rest)?;
    rest = after;
    match (digit(first), digit(second)) {
        (Some(first), Some(second)) => Ok((first * 16 + second, rest)),
        _ => wrong(rest),
    }
}

/// The least and the most of a repetition, if they are allowed.
type Counts = Option<(u32, Option<u32>)>;

/// `{2}`, `{2,}` or `{2,3}`, and what follows. `None` if the brace is only a brace.
fn counts(text: &[u8]) -> Option<(Counts, &[u8])> {
    let (min, mut rest) = count(&text[1..])?;
    let mut max = Some(min);
    if rest.first()? == &b',' {
        rest = &rest[1..];
        if rest.first()? == &b'}' {
            max = None;
        } else {
            let (number, after) = count(rest)?;
            max = Some(number);
            rest = after;
        }
    }
    let rest = rest.strip_prefix(b"}")?;
    let good = min <= MAX_COUNT && max.is_none_or(|max| max <= MAX_COUNT && min <= max);
    Some((good.then_some((min, max)), rest))
}

/// A number without leading zeros.
fn count(text: &[u8]) -> Option<(u32, &[u8])> {
    let length = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    if length == 0 || (length > 1 && text[0] == b'0') {
        return None;
    }
    let digits = &text[..length];
    let number = digits
        .iter()
        .fold(0u32, |number, digit| number.saturating_mul(10).saturating_add(u32::from(digit - b'0')));
    Some((number, &text[length..]))
}

const DIGITS: &[(u32, u32)] = &[(0x30, 0x39)];
const SPACES: &[(u32, u32)] = &[(0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20)];
const WORDS: &[(u32, u32)] = &[(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)];

/// `[:alpha:]` or `[:^alpha:]`: its characters, and whether all others are meant.
fn named_group(name: &[u8]) -> Option<(&'static [(u32, u32)], bool)> {
    let name = name.strip_prefix(b"[:")?.strip_suffix(b":]")?;
    let (name, negative) = match name.strip_prefix(b"^") {
        Some(name) => (name, true),
        None => (name, false),
    };
    let group: &[(u32, u32)] = match name {
        b"alnum" => &[(0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)],
        b"alpha" => &[(0x41, 0x5A), (0x61, 0x7A)],
        b"ascii" => &[(0x00, 0x7F)],
        b"blank" => &[(0x09, 0x09), (0x20, 0x20)],
        b"cntrl" => &[(0x00, 0x1F), (0x7F, 0x7F)],
        b"digit" => DIGITS,
        b"graph" => &[(0x21, 0x7E)],
        b"lower" => &[(0x61, 0x7A)],
        b"print" => &[(0x20, 0x7E)],
        b"punct" => &[(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)],
        b"space" => &[(0x09, 0x0D), (0x20, 0x20)],
        b"upper" => &[(0x41, 0x5A)],
        b"word" => WORDS,
        b"xdigit" => &[(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)],
        _ => return None,
    };
    Some((group, negative))
}

fn hir(node: Node) -> Hir {
    match node.kind {
        Kind::Empty | Kind::Open(..) | Kind::Bar => Hir::empty(),
        Kind::NoMatch => Hir::fail(),
        Kind::Class { ranges, .. } => Hir::class(Class::Unicode(ClassUnicode::new(char_ranges(&ranges)))),
        Kind::Look(look) => Hir::look(look),
        Kind::Capture(index, node) => Hir::capture(Capture { index, name: None, sub: Box::new(hir(*node)) }),
        Kind::Repeat { min, max, greedy, node, .. } => {
            Hir::repetition(Repetition { min, max, greedy, sub: Box::new(hir(*node)) })
        }
        Kind::Concat(nodes) => Hir::concat(nodes.into_iter().map(hir).collect()),
        Kind::Alternate(nodes) => Hir::alternation(nodes.into_iter().map(hir).collect()),
    }
}

/// Surrogates are no characters: they match nothing.
fn char_ranges(ranges: &Ranges) -> Vec<ClassUnicodeRange> {
    let mut out = Vec::with_capacity(ranges.len());
    for &(lo, hi) in ranges {
        let before = (lo, hi.min(0xD7FF));
        let after = (lo.max(0xE000), hi);
        for (lo, hi) in [before, after] {
            if lo <= hi
                && let (Some(lo), Some(hi)) = (char::from_u32(lo), char::from_u32(hi))
            {
                out.push(ClassUnicodeRange::new(lo, hi));
            }
        }
    }
    out
}
