//! Sprig's functions on strings. What they take over from their arguments keeps its origin, piece by piece.

use bstr::ByteSlice;
use chart_lint_template::text::Origins;
use chart_lint_template::{
    Args, Data, Error, Function, List, Map, OriginId, Result, State, Text, TextBuilder, Type, Value, fmt,
    quote,
};

use super::cast::{push_shown, to_strings, to_text};
use super::letters::{
    chars, decode, decode_last, is_lower, is_space, is_title, is_upper, to_lower, to_title, to_upper,
};
use super::panics;
use super::rewriter::Rewriter;
use super::words;
use crate::render::host::host;

const TEXT: &[Type] = &[Type::String];
const TWO_TEXTS: &[Type] = &[Type::String, Type::String];
const THREE_TEXTS: &[Type] = &[Type::String, Type::String, Type::String];
const INT_AND_TEXT: &[Type] = &[Type::INT, Type::String];
const ANY: &[Type] = &[Type::Interface];

pub(super) static FUNCTIONS: &[Function] = &[
    Function { name: "hello", params: &[], variadic: false, run: |_, _| Ok(Value::from("Hello!")) },
    Function { name: "abbrev", params: INT_AND_TEXT, variadic: false, run: abbrev },
    Function {
        name: "abbrevboth",
        params: &[Type::INT, Type::INT, Type::String],
        variadic: false,
        run: abbrevboth,
    },
    Function { name: "trunc", params: INT_AND_TEXT, variadic: false, run: trunc },
    Function { name: "substr", params: &[Type::INT, Type::INT, Type::String], variadic: false, run: substr },
    Function { name: "trim", params: TEXT, variadic: false, run: trim },
    Function { name: "trimAll", params: TWO_TEXTS, variadic: false, run: trim_all },
    Function { name: "trimall", params: TWO_TEXTS, variadic: false, run: trim_all },
    Function { name: "trimPrefix", params: TWO_TEXTS, variadic: false, run: trim_prefix },
    Function { name: "trimSuffix", params: TWO_TEXTS, variadic: false, run: trim_suffix },
    Function { name: "upper", params: TEXT, variadic: false, run: upper },
    Function { name: "lower", params: TEXT, variadic: false, run: lower },
    Function { name: "title", params: TEXT, variadic: false, run: title },
    Function { name: "untitle", params: TEXT, variadic: false, run: untitle },
    Function { name: "swapcase", params: TEXT, variadic: false, run: swapcase },
    Function {
        name: "camelcase",
        params: TEXT,
        variadic: false,
        run: |state, args| Ok(words::pascal(state, &args.text(0)).into()),
    },
    Function {
        name: "snakecase",
        params: TEXT,
        variadic: false,
        run: |state, args| Ok(words::joined(state, &args.text(0), b'_').into()),
    },
    Function {
        name: "kebabcase",
        params: TEXT,
        variadic: false,
        run: |state, args| Ok(words::joined(state, &args.text(0), b'-').into()),
    },
    Function { name: "initials", params: TEXT, variadic: false, run: initials },
    Function { name: "nospace", params: TEXT, variadic: false, run: nospace },
    Function { name: "shuffle", params: TEXT, variadic: false, run: shuffle },
    Function { name: "repeat", params: INT_AND_TEXT, variadic: false, run: repeat },
    Function { name: "wrap", params: INT_AND_TEXT, variadic: false, run: wrap },
    Function {
        name: "wrapWith",
        params: &[Type::INT, Type::String, Type::String],
        variadic: false,
        run: wrap_with,
    },
    Function {
        name: "contains",
        params: TWO_TEXTS,
        variadic: false,
        run: |_, args| Ok(args.bytes(1).contains_str(args.bytes(0)).into()),
    },
    Function {
        name: "hasPrefix",
        params: TWO_TEXTS,
        variadic: false,
        run: |_, args| Ok(args.bytes(1).starts_with(args.bytes(0)).into()),
    },
    Function {
        name: "hasSuffix",
        params: TWO_TEXTS,
        variadic: false,
        run: |_, args| Ok(args.bytes(1).ends_with(args.bytes(0)).into()),
    },
    Function { name: "quote", params: ANY, variadic: true, run: run_quote },
    Function { name: "squote", params: ANY, variadic: true, run: squote },
    Function { name: "cat", params: ANY, variadic: true, run: cat },
    Function {
        name: "indent",
        params: INT_AND_TEXT,
        variadic: false,
        run: |state, args| indent(state, args, false),
    },
    Function {
        name: "nindent",
        params: INT_AND_TEXT,
        variadic: false,
        run: |state, args| indent(state, args, true),
    },
    Function { name: "replace", params: THREE_TEXTS, variadic: false, run: replace },
    Function {
        name: "plural",
        params: &[Type::String, Type::String, Type::INT],
        variadic: false,
        run: plural,
    },
    Function {
        name: "toString",
        params: ANY,
        variadic: false,
        run: |state, args| Ok(to_text(state, args.value(0)).into()),
    },
    Function {
        name: "toStrings",
        params: ANY,
        variadic: false,
        run: |state, args| Ok(to_strings(state, args.value(0)).into()),
    },
    Function { name: "join", params: &[Type::String, Type::Interface], variadic: false, run: join },
    Function { name: "sortAlpha", params: ANY, variadic: false, run: sort_alpha },
    Function {
        name: "split",
        params: TWO_TEXTS,
        variadic: false,
        run: |state, args| split_map(state, args, 1, -1),
    },
    Function {
        name: "splitn",
        params: &[Type::String, Type::INT, Type::String],
        variadic: false,
        run: |state, args| split_map(state, args, 2, args.int(1)),
    },
    Function { name: "splitList", params: TWO_TEXTS, variadic: false, run: split_list },
];

// ---- parts of a text ----

fn abbrev(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let (width, text) = (args.int(0), args.text(1));
    if width < 4 {
        return Ok(text.into());
    }
    Ok(abbreviate(state, &text, 0, width).unwrap_or_default().into())
}

fn abbrevboth(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let (left, right, text) = (args.int(0), args.int(1), args.text(2));
    if right < 4 || left > 0 && right < 7 {
        return Ok(text.into());
    }
    Ok(abbreviate(state, &text, left, right).unwrap_or_default().into())
}

/// `goutils.AbbreviateFull`: at most `width` bytes of which some show what is at `offset`, dots for the rest. `None`
/// is its error, in whose place Sprig shows nothing.
fn abbreviate(state: &mut State<'_>, text: &Text, offset: i64, width: i64) -> Option<Text> {
    const DOTS: &[u8] = b"...";
    let length = text.len() as i64;
    if length <= width {
        return Some(text.clone());
    }
    let shown = width - 3;
    let mut offset = offset.min(length);
    if length.wrapping_sub(offset) < shown {
        offset = length - shown;
    }
    let dots = state.origin_of_text(text);
    let mut out = TextBuilder::with_capacity(width as usize);
    if offset <= 4 {
        out.push_slice(text, 0..shown as usize);
        out.push(DOTS, dots);
        return Some(out.finish());
    }
    if width < 7 {
        return None;
    }
    out.push(DOTS, dots);
    if offset + shown < length {
        // Both ends are cut off.
        let start = offset as usize;
        out.push_slice(text, start..start + (shown as usize - DOTS.len()));
        out.push(DOTS, dots);
    } else {
        out.push_slice(text, (length - shown) as usize..text.len());
    }
    Some(out.finish())
}

fn trunc(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let (wanted, text) = (args.int(0), args.text(1));
    let length = text.len();
    let wanted_length = usize::try_from(wanted.unsigned_abs()).unwrap_or(usize::MAX);
    Ok(match wanted {
        _ if wanted_length >= length => text.into(),
        ..0 => text.slice(length - wanted_length..length).into(),
        0.. => text.slice(0..wanted_length).into(),
    })
}

fn substr(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let (start, end, text) = (args.int(0), args.int(1), args.text(2));
    let length = text.len();
    let (start, end) = match (start, end) {
        (..0, end) => (None, Some(end)),
        (start, ..0) => (Some(start), None),
        (start, end) if end as u64 > length as u64 => (Some(start), None),
        (start, end) => (Some(start), Some(end)),
    };
    let first = usize::try_from(start.unwrap_or(0)).unwrap_or(usize::MAX);
    let last = end.map_or(Some(length), |end| usize::try_from(end).ok());
    match last {
        Some(last) if first <= last && last <= length => Ok(text.slice(first..last).into()),
        _ => Err(panics::slice_bounds(start, end, length)),
    }
}

fn trim(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    Ok(trimmed(&args.text(0), is_space).into())
}

fn trim_all(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let cutset: Vec<char> = chars(args.bytes(0)).map(|(_, c)| c).collect();
    Ok(trimmed(&args.text(1), |c| cutset.contains(&c)).into())
}

fn trimmed(text: &Text, is_cut: impl Fn(char) -> bool) -> Text {
    let bytes = text.as_bytes();
    let (mut start, mut end) = (0, bytes.len());
    while start < end {
        let (c, length) = decode(&bytes[start..end]);
        if !is_cut(c) {
            break;
        }
        start += length;
    }
    while start < end {
        let (c, length) = decode_last(&bytes[start..end]);
        if !is_cut(c) {
            break;
        }
        end -= length;
    }
    text.slice(start..end)
}

fn trim_prefix(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let (prefix, text) = (args.bytes(0), args.text(1));
    let start = if text.as_bytes().starts_with(prefix) { prefix.len() } else { 0 };
    Ok(text.slice(start..text.len()).into())
}

fn trim_suffix(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let (suffix, text) = (args.bytes(0), args.text(1));
    let cut = if text.as_bytes().ends_with(suffix) { suffix.len() } else { 0 };
    Ok(text.slice(0..text.len() - cut).into())
}

// ---- character by character ----

fn map_chars(state: &mut State<'_>, text: &Text, mut map: impl FnMut(char) -> char) -> Text {
    let mut out = Rewriter::new(text);
    for (at, c) in chars(text.as_bytes()) {
        out.put(state, at, map(c));
    }
    out.finish()
}

fn upper(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    Ok(map_chars(state, &args.text(0), to_upper).into())
}

fn lower(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    Ok(map_chars(state, &args.text(0), to_lower).into())
}

/// `strings.Title`: the first letter of each word in title case.
fn title(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let is_separator = |c: char| {
        if c.is_ascii() { !(c.is_ascii_alphanumeric() || c == '_') } else { is_space(c) }
    };
    let mut previous = ' ';
    let mapped = map_chars(state, &args.text(0), |c| {
        let starts_word = is_separator(previous);
        previous = c;
        if starts_word { to_title(c) } else { c }
    });
    Ok(mapped.into())
}

/// `goutils.Uncapitalize`: the first character after each space in lower case.
fn untitle(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let mut is_next = true;
    let mapped = map_chars(state, &args.text(0), |c| {
        if is_space(c) {
            is_next = true;
            c
        } else if std::mem::take(&mut is_next) {
            to_lower(c)
        } else {
            c
        }
    });
    Ok(mapped.into())
}

/// `goutils.SwapCase`: lower case becomes title case where a word starts, upper case elsewhere.
fn swapcase(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let mut after_space = true;
    let mapped = map_chars(state, &args.text(0), |c| {
        if is_upper(c) || is_title(c) {
            after_space = false;
            to_lower(c)
        } else if is_lower(c) {
            if std::mem::take(&mut after_space) { to_title(c) } else { to_upper(c) }
        } else {
            after_space = is_space(c);
            c
        }
    });
    Ok(mapped.into())
}

/// `goutils.Initials`, which takes each byte for a character of Latin-1.
fn initials(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let text = args.text(0);
    let mut out = Rewriter::new(&text);
    let mut after_gap = true;
    for (at, &byte) in text.as_bytes().iter().enumerate() {
        let c = char::from(byte);
        if is_space(c) {
            after_gap = true;
        } else if std::mem::take(&mut after_gap) {
            out.put(state, at, c);
        }
    }
    Ok(out.finish().into())
}

/// `goutils.DeleteWhiteSpace`, which takes each byte for a character of Latin-1 if there is anything to delete.
fn nospace(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let text = args.text(0);
    if !text.as_bytes().iter().any(|&byte| is_space(char::from(byte))) {
        return Ok(text.into());
    }
    let mut out = Rewriter::new(&text);
    for (at, &byte) in text.as_bytes().iter().enumerate() {
        let c = char::from(byte);
        if !is_space(c) {
            out.put(state, at, c);
        }
    }
    Ok(out.finish().into())
}

fn shuffle(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let text = args.text(0);
    let mut order: Vec<(usize, char)> = chars(text.as_bytes()).collect();
    for i in (1..order.len()).rev() {
        let mut random = [0; 8];
        if let Some(host) = host(state) {
            host.random(&mut random);
        }
        order.swap(i, (u64::from_le_bytes(random) % (i as u64 + 1)) as usize);
    }
    let mut out = TextBuilder::with_capacity(text.len());
    for (at, c) in order {
        if text.as_bytes()[at..].starts_with(c.encode_utf8(&mut [0; 4]).as_bytes()) {
            out.push_slice(&text, at..at + c.len_utf8());
        } else {
            let origin = state.origin_of_text(&text.slice(at..at + 1));
            out.push("\u{FFFD}".as_bytes(), origin);
        }
    }
    Ok(out.finish().into())
}

// ---- texts of other texts ----

fn repeat(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let (count, text) = (args.int(0), args.text(1));
    Ok(repeated(state, &text, count)?.into())
}

/// `strings.Repeat`.
fn repeated(state: &mut State<'_>, text: &Text, count: i64) -> Result<Text> {
    if count == 1 {
        return Ok(text.clone());
    }
    let length = repeated_length(text.len(), count)?;
    if length == 0 {
        return Ok(Text::default());
    }
    let count = length / text.len();
    state.spend_bytes(length)?;
    if let Origins::One(origin) = text.origins() {
        return Ok(Text::new(text.as_bytes().repeat(count), *origin));
    }
    let mut out = TextBuilder::with_capacity(text.len() * count);
    for _ in 0..count {
        out.push_text(text);
    }
    Ok(out.finish())
}

/// How long a repeated text is, or why Go does not make it.
fn repeated_length(length: usize, count: i64) -> Result<usize> {
    /// More than this Go does not even try to allocate.
    const MAX_ALLOCATION: usize = 1 << 48;
    let Ok(count) = usize::try_from(count) else {
        return Err(Error::new("strings: negative Repeat count"));
    };
    match length.checked_mul(count).filter(|&length| i64::try_from(length).is_ok()) {
        None => Err(Error::new("strings: Repeat output length overflow")),
        Some(MAX_ALLOCATION..) => Err(panics::makeslice()),
        Some(length) => Ok(length),
    }
}

fn wrap(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    Ok(wrapped(&args.text(1), args.int(0), &Text::plain("\n"), false).into())
}

fn wrap_with(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let (width, line_break, text) = (args.int(0), args.text(1), args.text(2));
    let line_break = if line_break.is_empty() { Text::plain("\n") } else { line_break };
    let breaks = text.len() / usize::try_from(width).unwrap_or(1).max(1) + 1;
    state.spend_bytes(breaks.saturating_mul(line_break.len()))?;
    Ok(wrapped(&text, width, &line_break, true).into())
}

/// `goutils.WrapCustom`: lines of at most `width` bytes, words told apart by spaces. It cuts inside of characters.
fn wrapped(text: &Text, width: i64, line_break: &Text, cut_words: bool) -> Text {
    let bytes = text.as_bytes();
    let width = usize::try_from(width).unwrap_or(1).max(1);
    let mut out = TextBuilder::with_capacity(bytes.len());
    let mut at = 0;
    while bytes.len() - at > width {
        if bytes[at] == b' ' {
            at += 1;
            continue;
        }
        let next_space = || bytes[at + width..].find_byte(b' ').map(|index| at + width + index);
        let (end, next) = match bytes[at..=at + width].rfind_byte(b' ') {
            Some(space) => (at + space, at + space + 1),
            None if cut_words => (at + width, at + width),
            None => match next_space() {
                Some(space) => (space, space + 1),
                None => break,
            },
        };
        out.push_slice(text, at..end);
        out.push_text(line_break);
        at = next;
    }
    out.push_slice(text, at..bytes.len());
    out.finish()
}

fn run_quote(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let mut out = TextBuilder::new();
    for value in args.all().iter().filter(|value| !value.is_nil()) {
        if !out.is_empty() {
            out.bytes_mut().push(b' ');
        }
        let text = to_text(state, value);
        // What is escaped takes twice as much, or more.
        state.spend_bytes(text.len().saturating_mul(2))?;
        push_quoted(state, &mut out, &text);
    }
    Ok(out.finish().into())
}

/// Appends a text as `%q`, its parts with their origins.
fn push_quoted(state: &mut State<'_>, out: &mut TextBuilder, text: &Text) {
    let bytes = text.as_bytes();
    out.bytes_mut().push(b'"');
    if bytes.is_empty() {
        let origin = state.origin_of_text(text);
        return out.push(b"\"", origin);
    }
    let mut start = 0;
    let mut pending = OriginId::NONE;
    for run in text.runs(0..bytes.len()) {
        let end = run.end as usize;
        let origin = state.origins.of_run(&run);
        pending = state.origins.join(pending, origin);
        // A character that two runs share is quoted as one.
        let is_cut = bytes.get(end).is_some_and(|&next| next & 0xC0 == 0x80);
        if !is_cut {
            let quoted = quote::go_quote(&bytes[start..end]);
            let last = if end == bytes.len() { quoted.len() } else { quoted.len() - 1 };
            out.push(&quoted.as_bytes()[1..last], pending);
            pending = OriginId::NONE;
            start = end;
        }
    }
}

fn squote(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let mut out = TextBuilder::new();
    for value in args.all().iter().filter(|value| !value.is_nil()) {
        if !out.is_empty() {
            out.bytes_mut().push(b' ');
        }
        out.bytes_mut().push(b'\'');
        match &value.data {
            Data::String(text) if matches!(text.origins(), Origins::Runs(_)) => out.push_text(text),
            _ => fmt::append_v(state, out.bytes_mut(), value),
        }
        let origin = state.origin_of(value);
        out.push(b"'", origin);
    }
    Ok(out.finish().into())
}

fn cat(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let mut out = TextBuilder::new();
    let mut is_first = true;
    for value in args.all().iter().filter(|value| !value.is_nil()) {
        if !std::mem::take(&mut is_first) {
            out.bytes_mut().push(b' ');
        }
        push_shown(state, &mut out, value);
    }
    Ok(out.finish().into())
}

/// Spaces at the start of each line.
fn indent(state: &mut State<'_>, args: &mut Args<'_>, new_line: bool) -> Result<Value> {
    let (spaces, text) = (args.int(0), args.text(1));
    let spaces = repeated_length(1, spaces)?;
    let bytes = text.as_bytes();
    let lines = bytes.find_iter(b"\n").count() + 1;
    let length = spaces.saturating_mul(lines).saturating_add(bytes.len() + usize::from(new_line));
    state.spend_bytes(length)?;
    let pad = vec![b' '; spaces];
    let parts = bytes.split_inclusive(|&byte| byte == b'\n');
    let ends_in_new_line = bytes.last().is_none_or(|&last| last == b'\n');
    if !state.origins.enabled() {
        let mut out = Vec::with_capacity(length);
        if new_line {
            out.push(b'\n');
        }
        for line in parts {
            out.extend_from_slice(&pad);
            out.extend_from_slice(line);
        }
        if ends_in_new_line {
            out.extend_from_slice(&pad);
        }
        return Ok(Value::from(out));
    }
    let mut out = TextBuilder::with_capacity(length);
    if new_line {
        out.push(b"\n", OriginId::NONE);
    }
    let mut start = 0;
    for line in parts {
        out.push(&pad, OriginId::NONE);
        out.push_slice(&text, start..start + line.len());
        start += line.len();
    }
    if ends_in_new_line {
        out.push(&pad, OriginId::NONE);
    }
    Ok(out.finish().into())
}

fn replace(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let (old, new, text) = (args.text(0), args.text(1), args.text(2));
    let (old, bytes) = (old.as_bytes(), text.as_bytes());
    if old == new.as_bytes() {
        return Ok(text.into());
    }
    let mut places: Vec<usize> = if old.is_empty() {
        chars(bytes).map(|(at, _)| at).chain([bytes.len()]).collect()
    } else {
        bytes.find_iter(old).collect()
    };
    if places.is_empty() {
        return Ok(text.into());
    }
    state.spend_bytes(bytes.len().saturating_add(places.len().saturating_mul(new.len())))?;
    let mut out = TextBuilder::with_capacity(bytes.len());
    let mut start = 0;
    for place in places.drain(..) {
        out.push_slice(&text, start..place);
        out.push_text(&new);
        start = place + old.len();
    }
    out.push_slice(&text, start..bytes.len());
    Ok(out.finish().into())
}

fn plural(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let index = if args.int(2) == 1 { 0 } else { 1 };
    Ok(args.text(index).into())
}

// ---- lists of texts ----

fn join(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let separator = args.text(0);
    let items = to_strings(state, args.value(1));
    state.spend_bytes(separator.len().saturating_mul(items.len()))?;
    let mut out = TextBuilder::new();
    for (i, item) in items.iter().filter_map(Value::as_text).enumerate() {
        if i > 0 {
            out.push_text(&separator);
        }
        state.spend_bytes(item.len())?;
        out.push_text(item);
    }
    Ok(out.finish().into())
}

/// A list of type `[]string` is sorted itself, as all can see who hold it; of others a sorted copy is made.
fn sort_alpha(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let value = args.value(0);
    if !matches!(value.data, Data::List(_) | Data::Bytes(_)) {
        return Ok(List::of_strings([to_text(state, value)]).into());
    }
    let list = to_strings(state, value);
    state.spend_steps(list.len() as u64)?;
    list.sort_by(|a, b| bytes_of(a).cmp(bytes_of(b)));
    Ok(list.into())
}

fn bytes_of(value: &Value) -> &[u8] {
    value.as_text().map_or(&[], Text::as_bytes)
}

fn split_list(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let (separator, text) = (args.text(0), args.text(1));
    let parts = split(state, &text, separator.as_bytes(), -1)?;
    Ok(List::of_strings(parts).into())
}

fn split_map(state: &mut State<'_>, args: &Args<'_>, text: usize, limit: i64) -> Result<Value> {
    let (separator, text) = (args.text(0), args.text(text));
    let map = Map::typed(Type::STRING_MAP);
    for (i, part) in split(state, &text, separator.as_bytes(), limit)?.into_iter().enumerate() {
        map.insert(format!("_{i}"), part.into());
    }
    Ok(map.into())
}

/// `strings.SplitN`: at most `limit` parts if that is not negative; without a separator, characters.
fn split(state: &mut State<'_>, text: &Text, separator: &[u8], limit: i64) -> Result<Vec<Text>> {
    let bytes = text.as_bytes();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if limit == 0 {
        return Ok(Vec::new());
    }
    let (ends, last): (Vec<(usize, usize)>, bool) = if separator.is_empty() {
        let cuts = chars(bytes).map(|(at, _)| (at, at)).skip(1);
        (cuts.take(limit - 1).collect(), !bytes.is_empty())
    } else {
        let cuts = bytes.find_iter(separator).map(|at| (at, at + separator.len()));
        (cuts.take(limit - 1).collect(), true)
    };
    state.spend_bytes(ends.len().saturating_mul(size_of::<Value>()))?;
    let mut parts = Vec::with_capacity(ends.len() + 1);
    let mut start = 0;
    for (end, next) in ends {
        parts.push(text.slice(start..end));
        start = next;
    }
    if last {
        parts.push(text.slice(start..bytes.len()));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chart_lint_template::{Limits, Map, Origin, Origins, State, Str, TemplateSet, Value, parse};

    use crate::render::functions::table;
    use crate::render::host::{Chance, Host};

    /// Renders a template with `.a` = `xa yb` from value 1 and `.b` = `cd` from value 2, and shows which bytes come
    /// from which: `xa‹1›`.
    fn shown(template: &str) -> String {
        let tree = parse(&Str::from("t"), &Str::from(template), &table().resolver()).expect("it parses");
        let mut templates = TemplateSet::default();
        templates.add(&Arc::new(tree));
        let mut origins = Origins::recording();
        let data = Map::dict();
        for (number, key, text) in [(1, "a", "xa yb"), (2, "b", "cd")] {
            data.insert(key, Value::from(text).with_origin(origins.host(number)));
        }
        let host = Box::new(Host::new(Chance::Fixed));
        let mut state = State::new(table(), templates, origins, Limits::default(), host);
        let output = state.execute(b"t", data.into(), "t").expect("it renders");
        let (mut out, mut start) = (String::new(), 0);
        for run in output.runs(0..output.len()) {
            let end = run.end as usize;
            out.push_str(&String::from_utf8_lossy(&output.as_bytes()[start..end]));
            for leaf in state.origins.leaves(run.value) {
                if let Origin::Host(number) = leaf {
                    out.push_str(&format!("‹{number}›"));
                }
            }
            start = end;
        }
        out
    }

    #[test]
    fn parts_keep_their_origins() {
        assert_eq!(shown("{{ cat .a .b | upper }}"), "XA YB‹1› CD‹2›");
        assert_eq!(shown("{{ cat .a .b | quote }}"), "\"xa yb‹1› cd\"‹2›");
        assert_eq!(shown("{{ cat .a .b | trunc 7 }}"), "xa yb‹1› c‹2›");
        assert_eq!(shown("{{ replace \"a\" .b .a }}"), "x‹1›cd‹2› yb‹1›");
        assert_eq!(shown("{{ join \"+\" (list .b .a) }}"), "cd‹2›+xa yb‹1›");
        assert_eq!(shown("{{ nindent 2 (cat .a .b) }}"), "\n  xa yb‹1› cd‹2›");
        assert_eq!(shown("{{ index (splitList \" \" (cat .a .b)) 2 }}"), "cd‹2›");
        assert_eq!(shown("{{ kebabcase (cat .a .b) }}"), "xa-yb‹1›-cd‹2›");
        assert_eq!(shown("{{ default .a .b }}{{ .b | len }}"), "cd‹2›2‹2›");
    }
}
