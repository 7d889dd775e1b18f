//! Sprig's functions for regular expressions. The syntax is Go's ([`syntax`]); matching is done by `regex-automata`,
//! which prefers the same matches as Go's package `regexp` and needs no more than linear time either.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use chart_lint_template::{
    Args, Error, Function, List, OriginId, Result, State, Str, Text, TextBuilder, Type, Value, quote,
};
use regex_automata::meta::Regex;
use regex_automata::util::captures::Captures;
use regex_automata::{Input, Span};
use rustc_hash::FxHashMap;

mod syntax;
mod unicode;

const TWO: &[Type] = &[Type::String, Type::String];
const THREE: &[Type] = &[Type::String, Type::String, Type::String];
const AND_COUNT: &[Type] = &[Type::String, Type::String, Type::INT];

pub(super) static FUNCTIONS: &[Function] = &[
    Function { name: "regexMatch", params: TWO, variadic: false, run: |s, a| matches(s, a, false) },
    Function { name: "mustRegexMatch", params: TWO, variadic: false, run: |s, a| matches(s, a, true) },
    Function { name: "regexFindAll", params: AND_COUNT, variadic: false, run: |s, a| find_all(s, a, true) },
    Function {
        name: "mustRegexFindAll",
        params: AND_COUNT,
        variadic: false,
        run: |s, a| find_all(s, a, false),
    },
    Function { name: "regexFind", params: TWO, variadic: false, run: |s, a| find(s, a, true) },
    Function { name: "mustRegexFind", params: TWO, variadic: false, run: |s, a| find(s, a, false) },
    Function {
        name: "regexReplaceAll",
        params: THREE,
        variadic: false,
        run: |s, a| replace_all(s, a, true, true),
    },
    Function {
        name: "mustRegexReplaceAll",
        params: THREE,
        variadic: false,
        run: |s, a| replace_all(s, a, false, true),
    },
    Function {
        name: "regexReplaceAllLiteral",
        params: THREE,
        variadic: false,
        run: |s, a| replace_all(s, a, true, false),
    },
    Function {
        name: "mustRegexReplaceAllLiteral",
        params: THREE,
        variadic: false,
        run: |s, a| replace_all(s, a, false, false),
    },
    Function { name: "regexSplit", params: AND_COUNT, variadic: false, run: |s, a| split(s, a, true) },
    Function { name: "mustRegexSplit", params: AND_COUNT, variadic: false, run: |s, a| split(s, a, false) },
    Function { name: "regexQuoteMeta", params: &[Type::String], variadic: false, run: quote_meta },
];

/// An expression that was compiled.
struct Compiled {
    regex: Regex,
    /// The names of the groups.
    names: Vec<Option<String>>,
}

/// How large the program of an expression may become, in bytes. Go has no such limit.
const MAX_PROGRAM: usize = 64 << 20;

/// How many expressions are kept.
const MAX_CACHED: usize = 256;

enum Failure {
    /// Go's text.
    Syntax(String),
    Limit,
}

fn compiled(pattern: &Str) -> std::result::Result<Rc<Compiled>, Failure> {
    // Compiling takes longer than matching, and charts use the same few expressions in every template.
    thread_local! {
        static CACHE: RefCell<FxHashMap<Str, Rc<Compiled>>> = RefCell::default();
    }
    if let Some(found) = CACHE.with_borrow(|cache| cache.get(pattern).cloned()) {
        return Ok(found);
    }
    let parsed = syntax::parse(pattern).map_err(Failure::Syntax)?;
    let config = Regex::config().nfa_size_limit(Some(MAX_PROGRAM));
    let regex = Regex::builder().configure(config).build_from_hir(&parsed.hir).map_err(|_| Failure::Limit)?;
    let compiled = Rc::new(Compiled { regex, names: parsed.names });
    CACHE.with_borrow_mut(|cache| {
        if cache.len() >= MAX_CACHED {
            cache.clear();
        }
        cache.insert(pattern.clone(), compiled.clone());
    });
    Ok(compiled)
}

/// Compiles an expression for use outside of templates; the error is Go's.
pub(crate) fn compile(pattern: &[u8]) -> std::result::Result<Regex, String> {
    let parsed = syntax::parse(pattern)?;
    let config = Regex::config().nfa_size_limit(Some(MAX_PROGRAM));
    Regex::builder()
        .configure(config)
        .build_from_hir(&parsed.hir)
        .map_err(|_| "expression is too large".to_owned())
}

/// The expression of argument 0. `panics` says that Sprig calls Go's `MustCompile`, whose message says more.
fn expression(state: &mut State<'_>, args: &Args<'_>, panics: bool) -> Result<Rc<Compiled>> {
    let pattern = args.text(0);
    // A search takes time for each byte, and some to begin.
    state.spend_steps(16 + (pattern.len() + args.bytes(1).len()) as u64 / 16)?;
    compiled(pattern.as_shared()).map_err(|failure| match failure {
        Failure::Limit => Error::limit("a regular expression is too large: limit reached"),
        Failure::Syntax(message) if panics => {
            let bytes = pattern.as_bytes();
            let shown = match quote::can_backquote(bytes) {
                true => format!("`{}`", pattern.to_utf8()),
                false => quote::go_quote(bytes),
            };
            Error::new(format!("regexp: Compile({shown}): {message}"))
        }
        Failure::Syntax(message) => Error::new(message),
    })
}

/// What is searched. Go takes each byte that is not UTF-8 for a U+FFFD, so such text is searched in another form.
struct Haystack<'t> {
    text: &'t Text,
    searched: Cow<'t, str>,
    /// If that is another text: for each of its bytes the offset in the original.
    offsets: Vec<u32>,
}

impl<'t> Haystack<'t> {
    fn new(text: &'t Text) -> Haystack<'t> {
        let searched = text.to_utf8();
        let mut offsets = Vec::new();
        if let Cow::Owned(searched) = &searched {
            offsets.reserve(searched.len() + 1);
            let mut at = 0;
            for chunk in text.as_bytes().utf8_chunks() {
                offsets.extend(at..at + chunk.valid().len() as u32);
                at += chunk.valid().len() as u32;
                for _ in chunk.invalid() {
                    offsets.extend([at; '\u{FFFD}'.len_utf8()]);
                    at += 1;
                }
            }
            offsets.push(at);
        }
        Haystack { text, searched, offsets }
    }

    fn len(&self) -> usize {
        self.searched.len()
    }

    fn input(&self, from: usize) -> Input<'_> {
        Input::new(self.searched.as_bytes()).span(from..self.len())
    }

    /// Number of bytes of the character at an offset, 0 at the end.
    fn char_len(&self, at: usize) -> usize {
        self.searched.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
    }

    /// A range of the original text.
    fn range(&self, span: Span) -> std::ops::Range<usize> {
        let original = |at: usize| self.offsets.get(at).map_or(at, |&at| at as usize);
        original(span.start)..original(span.end)
    }

    fn slice(&self, span: Span) -> Text {
        self.text.slice(self.range(span))
    }
}

/// Go's `allMatches`: at most `limit` of them, all if it is negative.
fn all_matches(regex: &Regex, haystack: &Haystack<'_>, limit: i64) -> Vec<Span> {
    let end = haystack.len();
    let limit = usize::try_from(limit).unwrap_or(end + 1);
    let mut found = Vec::new();
    let mut at = 0;
    let mut previous_end = None;
    while found.len() < limit && at <= end {
        let Some(span) = regex.search(&haystack.input(at)).map(|found| found.span()) else { break };
        let mut accept = true;
        if span.end == at {
            // An empty match right after another match does not count.
            accept = previous_end != Some(span.start);
            at += haystack.char_len(at).max(1);
        } else {
            at = span.end;
        }
        previous_end = Some(span.end);
        if accept {
            found.push(span);
        }
    }
    found
}

fn matches(state: &mut State<'_>, args: &mut Args<'_>, must: bool) -> Result<Value> {
    match expression(state, args, false) {
        Ok(expression) => {
            let text = args.text(1);
            let haystack = Haystack::new(&text);
            Ok(Value::from(expression.regex.search_half(&haystack.input(0).earliest(true)).is_some()))
        }
        Err(error) if must || error.is_limit() => Err(error),
        Err(_) => Ok(Value::from(false)),
    }
}

fn find(state: &mut State<'_>, args: &mut Args<'_>, panics: bool) -> Result<Value> {
    let expression = expression(state, args, panics)?;
    let text = args.text(1);
    let haystack = Haystack::new(&text);
    Ok(match expression.regex.search(&haystack.input(0)) {
        Some(found) => Value::from(haystack.slice(found.span())),
        None => Value::from(""),
    })
}

/// What each piece of a list costs, for the limit.
const PIECE: usize = 64;

fn find_all(state: &mut State<'_>, args: &mut Args<'_>, panics: bool) -> Result<Value> {
    let expression = expression(state, args, panics)?;
    let text = args.text(1);
    let haystack = Haystack::new(&text);
    let found = all_matches(&expression.regex, &haystack, args.int(2));
    state.spend_bytes(found.len() * PIECE + text.len())?;
    Ok(Value::from(match found.is_empty() {
        true => List::nil(Type::STRINGS),
        false => List::of_strings(found.into_iter().map(|span| haystack.slice(span))),
    }))
}

fn split(state: &mut State<'_>, args: &mut Args<'_>, panics: bool) -> Result<Value> {
    let expression = expression(state, args, panics)?;
    let text = args.text(1);
    let limit = args.int(2);
    if limit == 0 {
        return Ok(Value::from(List::nil(Type::STRINGS)));
    }
    if text.is_empty() && !args.bytes(0).is_empty() {
        return Ok(Value::from(List::of_strings([text])));
    }
    let haystack = Haystack::new(&text);
    let found = all_matches(&expression.regex, &haystack, limit);
    state.spend_bytes(found.len() * PIECE + text.len())?;
    let mut pieces = Vec::with_capacity(found.len() + 1);
    let (mut start, mut end) = (0, 0);
    for span in found {
        if limit > 0 && pieces.len() as i64 == limit - 1 {
            break;
        }
        end = span.start;
        if span.end != 0 {
            pieces.push(haystack.slice(Span { start, end }));
        }
        start = span.end;
    }
    if end != haystack.len() {
        pieces.push(haystack.slice(Span { start, end: haystack.len() }));
    }
    Ok(Value::from(List::of_strings(pieces)))
}

/// A piece of a replacement.
enum Piece<'r> {
    /// A part of it as it is.
    Literal(std::ops::Range<usize>),
    Group(usize),
    Named(Cow<'r, str>),
}

/// Takes a replacement apart: `$1`, `${name}`, `$$`.
fn pieces(replacement: &[u8]) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut start = 0;
    while let Some(dollar) = replacement[start..].iter().position(|&byte| byte == b'$') {
        let dollar = start + dollar;
        out.push(Piece::Literal(start..dollar));
        let rest = &replacement[dollar + 1..];
        if rest.first() == Some(&b'$') {
            out.push(Piece::Literal(dollar..dollar + 1));
            start = dollar + 2;
            continue;
        }
        match group_reference(rest) {
            Some((piece, length)) => {
                out.push(piece);
                start = dollar + 1 + length;
            }
            None => {
                out.push(Piece::Literal(dollar..dollar + 1));
                start = dollar + 1;
            }
        }
    }
    out.push(Piece::Literal(start..replacement.len()));
    out
}

/// `name` or `{name}` at the start, and how long it is.
fn group_reference(text: &[u8]) -> Option<(Piece<'_>, usize)> {
    let braced = text.first() == Some(&b'{');
    let inner = &text[usize::from(braced)..];
    let mut length = 0;
    while length < inner.len() {
        let (c, size) = bstr::decode_utf8(&inner[length..]);
        match c {
            Some(c) if c == '_' || unicode::is_letter_or_digit(c) => length += size,
            _ => break,
        }
    }
    if length == 0 || (braced && inner.get(length) != Some(&b'}')) {
        return None;
    }
    let name = String::from_utf8_lossy(&inner[..length]);
    let leading_zero = length > 1 && name.starts_with('0');
    let number = name.bytes().all(|byte| byte.is_ascii_digit()) && !leading_zero && length <= 9;
    let piece = match name.parse() {
        Ok(index) if number => Piece::Group(index),
        _ => Piece::Named(name),
    };
    Some((piece, length + 2 * usize::from(braced)))
}

fn replace_all(state: &mut State<'_>, args: &mut Args<'_>, panics: bool, expand: bool) -> Result<Value> {
    let expression = expression(state, args, panics)?;
    let text = args.text(1);
    let replacement = args.text(2);
    let haystack = Haystack::new(&text);
    let pieces = match expand {
        true => pieces(replacement.as_bytes()),
        false => vec![Piece::Literal(0..replacement.len())],
    };
    let needs_groups = pieces.iter().any(|piece| !matches!(piece, Piece::Literal(_)));
    let mut captures = match needs_groups {
        true => expression.regex.create_captures(),
        false => Captures::matches(expression.regex.group_info().clone()),
    };
    let mut out = TextBuilder::with_capacity(text.len());
    let mut charged = 0;
    let (mut last_end, mut at) = (0, 0);
    while at <= haystack.len() {
        expression.regex.search_captures(&haystack.input(at), &mut captures);
        let Some(span) = captures.get_match().map(|found| found.span()) else { break };
        out.push_slice(&text, haystack.range(Span { start: last_end, end: span.start }));
        // An empty match right after another match is not replaced.
        if span.end > last_end || span.start == 0 {
            for piece in &pieces {
                let group = match piece {
                    Piece::Literal(range) => {
                        out.push_slice(&replacement, range.clone());
                        continue;
                    }
                    Piece::Group(index) => captures.get_group(*index),
                    Piece::Named(name) => {
                        let mut groups = expression.names.iter().enumerate();
                        groups.find_map(|(index, known)| {
                            captures.get_group(index).filter(|_| known.as_deref() == Some(&**name))
                        })
                    }
                };
                if let Some(group) = group {
                    out.push_slice(&text, haystack.range(group));
                }
            }
            if out.len() > charged + (1 << 16) {
                state.spend_bytes(out.len() - charged)?;
                charged = out.len();
            }
        }
        last_end = span.end;
        let width = haystack.char_len(at);
        at = if at + width > span.end {
            at + width
        } else if at + 1 > span.end {
            at + 1
        } else {
            span.end
        };
    }
    if out.is_empty() && last_end == 0 && at == 0 {
        return Ok(Value::from(text));
    }
    out.push_slice(&text, haystack.range(Span { start: last_end, end: haystack.len() }));
    Ok(Value::from(out.finish()))
}

fn quote_meta(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let text = args.text(0);
    let mut out = TextBuilder::with_capacity(text.len() + 8);
    let mut start = 0;
    for (at, byte) in text.as_bytes().iter().enumerate() {
        if br"\.+*?()|[]{}^$".contains(byte) {
            out.push_slice(&text, start..at);
            out.push(b"\\", OriginId::NONE);
            start = at;
        }
    }
    out.push_slice(&text, start..text.len());
    Ok(Value::from(out.finish()))
}
