//! Printing as Go's package `fmt` does: `%v`, `printf` with all its verbs and flags, and the `%!` texts for misuse.

use std::rc::Rc;

use crate::exec::State;
use crate::quote;
use crate::strconv::append_float;
use crate::text::{OriginId, Str, Text, TextBuilder};
use crate::types::{FloatKind, Type};
use crate::value::{Data, List, Map, Object, Value};

/// How deep nested values are printed. Go has no limit and dies of a map that holds itself.
const MAX_DEPTH: usize = 2_000;

/// How much of a value is shown in a message.
const MAX_SHOWN: usize = 1 << 20;

/// Appends a value as an action prints it; a missing value is `<no value>`. What it takes is charged to the state.
pub fn print_value(state: &mut State<'_>, out: &mut Vec<u8>, value: &Value) {
    charged(state, out, |printer| printer.action(value));
}

/// Prints, and charges what was printed to the state. What nests too deeply fails as what is too long does: it holds
/// itself.
fn charged(state: &mut State<'_>, out: &mut Vec<u8>, print: impl FnOnce(&mut Printer<'_>)) {
    let before = out.len();
    let mut printer = Printer::new(out, before.saturating_add(state.bytes_left()));
    print(&mut printer);
    let is_cut = printer.is_cut;
    state.charge(out.len() - before);
    if is_cut {
        state.refuse();
    }
}

fn append_int(out: &mut Vec<u8>, n: i64) {
    if n < 0 {
        out.push(b'-');
    }
    append_uint(out, n.unsigned_abs());
}

fn append_uint(out: &mut Vec<u8>, mut n: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// `%v` of what a pointer points to, for messages.
pub(crate) fn sprint_followed(value: &Value) -> String {
    shown(|printer| match &value.data {
        Data::Object(object) if object.to_text().is_none() => printer.object(object, 'v', 0, true),
        _ => printer.arg(value, 'v'),
    })
}

/// Prints for a message: what is very long is cut.
fn shown(print: impl FnOnce(&mut Printer<'_>)) -> String {
    let mut out = Vec::new();
    print(&mut Printer::new(&mut out, MAX_SHOWN));
    crate::text::to_utf8(&out).into_owned()
}

/// A value as `%v`, for messages.
pub fn sprint_value(value: &Value) -> String {
    shown(|printer| printer.arg(value, 'v'))
}

/// A value as `%s`, for messages.
pub(crate) fn sprint_string(value: &Value) -> String {
    shown(|printer| printer.arg(value, 's'))
}

/// Appends `%v` of a value, as bytes: strings are as they are, nil is `<nil>`. What it takes is charged to the state.
pub fn append_v(state: &mut State<'_>, out: &mut Vec<u8>, value: &Value) {
    charged(state, out, |printer| printer.arg(value, 'v'));
}

/// `fmt.Sprint`: a space between two operands when neither is a string.
pub fn sprint(state: &mut State<'_>, args: &[Value]) -> Text {
    let mut out = TextBuilder::new();
    let mut after_string = false;
    for (i, arg) in args.iter().enumerate() {
        let is_string = matches!(arg.data, Data::String(_));
        if i > 0 && !is_string && !after_string {
            out.push(b" ", OriginId::NONE);
        }
        push_plain(state, &mut out, arg);
        after_string = is_string;
    }
    out.finish()
}

/// `fmt.Sprintln`: a space between all operands, and a line break.
pub fn sprintln(state: &mut State<'_>, args: &[Value]) -> Text {
    let mut out = TextBuilder::new();
    for (i, arg) in args.iter().enumerate() {
        if i > 0 {
            out.push(b" ", OriginId::NONE);
        }
        push_plain(state, &mut out, arg);
    }
    out.push(b"\n", OriginId::NONE);
    out.finish()
}

fn push_plain(state: &mut State<'_>, out: &mut TextBuilder, arg: &Value) {
    match &arg.data {
        Data::String(text) => push_charged(state, out, text),
        _ => {
            append_v(state, out.bytes_mut(), arg);
            let origin = state.origin_of(arg);
            out.push(b"", origin);
        }
    }
}

/// Appends a text, if there may be that much.
pub fn push_charged(state: &mut State<'_>, out: &mut TextBuilder, text: &Text) {
    if state.charge(text.len()) {
        out.push_text(text);
    }
}

/// `fmt.Sprintf`.
pub fn sprintf(state: &mut State<'_>, format: &Text, args: &[Value]) -> Text {
    let literal = state.origin_of_text(format);
    let mut out = TextBuilder::with_capacity(format.len() + 16 * args.len());
    let bytes = format.as_bytes();
    let end = bytes.len();
    let mut arg_index = 0;
    let mut reordered = false;
    let mut after_index;
    let mut i = 0;
    while i < end {
        let mut good_index = true;
        let start = i;
        while i < end && bytes[i] != b'%' {
            i += 1;
        }
        out.push_slice(format, start..i);
        if i >= end {
            break;
        }
        i += 1;
        let mut flags = Flags::default();
        while i < end {
            match bytes[i] {
                b'#' => flags.sharp = true,
                b'0' => flags.zero = true,
                b'+' => flags.plus = true,
                b'-' => flags.minus = true,
                b' ' => flags.space = true,
                _ => break,
            }
            i += 1;
        }
        after_index = false;
        let mut index = |i: &mut usize, arg_index: &mut usize, after: &mut bool, good: &mut bool| {
            if bytes.get(*i) == Some(&b'[') {
                reordered = true;
                let (found, width) = argument_number(&bytes[*i..]);
                *i += width;
                match found {
                    Some(Ok(n)) if n < args.len() => {
                        *arg_index = n;
                        *after = true;
                    }
                    Some(_) => {
                        *good = false;
                        *after = true;
                    }
                    None => *good = false,
                }
            }
        };
        index(&mut i, &mut arg_index, &mut after_index, &mut good_index);
        if bytes.get(i) == Some(&b'*') {
            i += 1;
            match int_argument(args, &mut arg_index) {
                Some(width) => {
                    if width < 0 {
                        flags.minus = true;
                        flags.zero = false;
                    }
                    flags.width = Some(width.unsigned_abs() as usize);
                }
                None => out.push(b"%!(BADWIDTH)", literal),
            }
            after_index = false;
        } else {
            (flags.width, i) = parse_number(bytes, i);
            if after_index && flags.width.is_some() {
                good_index = false;
            }
        }
        if i + 1 < end && bytes[i] == b'.' {
            i += 1;
            if after_index {
                good_index = false;
            }
            after_index = false;
            index(&mut i, &mut arg_index, &mut after_index, &mut good_index);
            if bytes.get(i) == Some(&b'*') {
                i += 1;
                flags.precision = int_argument(args, &mut arg_index).and_then(|n| usize::try_from(n).ok());
                if flags.precision.is_none() {
                    out.push(b"%!(BADPREC)", literal);
                }
                after_index = false;
            } else {
                let (number, next) = parse_number(bytes, i);
                flags.precision = Some(number.unwrap_or(0));
                i = next;
            }
        }
        if !after_index {
            index(&mut i, &mut arg_index, &mut after_index, &mut good_index);
        }
        if i >= end {
            out.push(b"%!(NOVERB)", literal);
            break;
        }
        let (verb, size) = decode_char(&bytes[i..]);
        i += size;
        if verb == '%' {
            out.push(b"%", literal);
        } else if !good_index {
            out.push(format!("%!{verb}(BADINDEX)").as_bytes(), literal);
        } else if arg_index >= args.len() {
            out.push(format!("%!{verb}(MISSING)").as_bytes(), literal);
        } else {
            if verb == 'v' || verb == 'w' {
                flags.sharp_v = std::mem::take(&mut flags.sharp);
                flags.plus_v = std::mem::take(&mut flags.plus);
            }
            let arg = &args[arg_index];
            arg_index += 1;
            match &arg.data {
                Data::String(text) if matches!(verb, 's' | 'v') && flags == Flags::default() => {
                    push_charged(state, &mut out, text);
                }
                _ => {
                    charged(state, out.bytes_mut(), |printer| {
                        printer.flags = flags;
                        printer.arg(arg, verb);
                    });
                    let origin = state.origin_of(arg);
                    out.push(b"", origin);
                }
            }
        }
    }
    if !reordered && arg_index < args.len() {
        out.push(b"%!(EXTRA ", literal);
        for (i, arg) in args[arg_index..].iter().enumerate() {
            if i > 0 {
                out.push(b", ", literal);
            }
            match arg.type_of().filter(|_| !arg.is_nil()) {
                None => out.push(b"<nil>", literal),
                Some(type_of) => {
                    out.push(format!("{type_of}=").as_bytes(), literal);
                    append_v(state, out.bytes_mut(), arg);
                    out.push(b"", literal);
                }
            }
        }
        out.push(b")", literal);
    }
    out.finish()
}

fn decode_char(bytes: &[u8]) -> (char, usize) {
    let (c, size) = bstr::decode_utf8(bytes);
    // Go steps over one byte of what is not UTF-8.
    c.map_or(('\u{FFFD}', 1), |c| (c, size))
}

/// `[n]` at the start of `text`: the index from 0, if it could be read; and how many bytes to step over. `None` when
/// there is no closing bracket.
fn argument_number(text: &[u8]) -> (Option<Result<usize, ()>>, usize) {
    if text.len() < 3 {
        return (None, 1);
    }
    match text.iter().position(|&b| b == b']') {
        None => (None, 1),
        Some(close) => {
            let (number, next) = parse_number(&text[..close], 1);
            match number {
                Some(number) if next == close => (Some(number.checked_sub(1).ok_or(())), close + 1),
                _ => (None, close + 1),
            }
        }
    }
}

/// Numbers beyond this are taken as nonsense.
const TOO_LARGE: usize = 1_000_000;

fn parse_number(text: &[u8], start: usize) -> (Option<usize>, usize) {
    let mut number = None;
    let mut i = start;
    while let Some(digit) = text.get(i).filter(|b| b.is_ascii_digit()) {
        if number.unwrap_or(0) > TOO_LARGE {
            return (None, text.len());
        }
        number = Some(number.unwrap_or(0) * 10 + usize::from(digit - b'0'));
        i += 1;
    }
    (number, i)
}

fn int_argument(args: &[Value], index: &mut usize) -> Option<i64> {
    let arg = args.get(*index)?;
    *index += 1;
    let n = match arg.data {
        Data::Int(n, _) => n,
        Data::Uint(n, _) => i64::try_from(n).ok()?,
        _ => return None,
    };
    (n.unsigned_abs() as usize <= TOO_LARGE).then_some(n)
}

#[derive(Clone, Copy, Default, PartialEq)]
struct Flags {
    width: Option<usize>,
    precision: Option<usize>,
    plus: bool,
    minus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    /// `%+v`
    plus_v: bool,
    /// `%#v`
    sharp_v: bool,
}

struct Printer<'a> {
    out: &'a mut Vec<u8>,
    flags: Flags,
    /// Printing an argument inside of a `%!verb(…)`: methods are not called.
    erroring: bool,
    /// How long `out` may become, roughly.
    end: usize,
    /// Something was left out.
    is_cut: bool,
}

impl<'a> Printer<'a> {
    fn new(out: &'a mut Vec<u8>, end: usize) -> Printer<'a> {
        Printer { out, flags: Flags::default(), erroring: false, end, is_cut: false }
    }

    /// As an action prints a value: a missing one is `<no value>`.
    fn action(&mut self, value: &Value) {
        match &value.data {
            Data::String(text) => self.out.extend_from_slice(text.as_bytes()),
            Data::Nil if !value.boxed => self.out.extend_from_slice(b"<no value>"),
            Data::Int(n, _) => append_int(self.out, *n),
            // A pointer is followed, unless the pointer's type knows how to print itself.
            Data::Object(object) => match object.to_text().or_else(|| object.to_text_by_pointer()) {
                Some(text) => self.string(text.as_bytes(), 'v'),
                None => self.object(object, 'v', 0, true),
            },
            _ => self.arg(value, 'v'),
        }
    }

    fn arg(&mut self, value: &Value, verb: char) {
        if value.is_nil() {
            match verb {
                'T' | 'v' => self.pad(b"<nil>"),
                _ => self.bad_verb(None, verb),
            }
            return;
        }
        match verb {
            'T' => {
                let name = value.type_of().map(|t| t.to_string()).unwrap_or_default();
                self.pad_truncated(name.as_bytes());
            }
            'p' => self.pointer(value),
            // Only `Errorf` knows it, which templates cannot call.
            'w' => match &value.data {
                Data::List(list) if list.type_of() == Type::BYTES => self.value(value, verb, 0),
                Data::List(_) | Data::Map(_) | Data::Object(_) => self.bad_verb(Some(value), verb),
                _ => self.value(value, verb, 0),
            },
            _ => self.value(value, verb, 0),
        }
    }

    fn bad_verb(&mut self, value: Option<&Value>, verb: char) {
        self.erroring = true;
        self.out.extend_from_slice(format!("%!{verb}(").as_bytes());
        match value {
            Some(value) => {
                let type_of = value.type_of().map(|t| t.to_string()).unwrap_or_default();
                self.out.extend_from_slice(format!("{type_of}=").as_bytes());
                self.value(value, 'v', 0);
            }
            None => self.out.extend_from_slice(b"<nil>"),
        }
        self.out.push(b')');
        self.erroring = false;
    }

    fn value(&mut self, value: &Value, verb: char, depth: usize) {
        self.is_cut |= depth > MAX_DEPTH || self.out.len() > self.end;
        if self.is_cut {
            return;
        }
        match &value.data {
            Data::Nil => match (self.flags.sharp_v, verb) {
                (true, _) => self.out.extend_from_slice(b"interface {}(nil)"),
                (false, _) => self.out.extend_from_slice(b"<nil>"),
            },
            Data::Bool(b) => match verb {
                't' | 'v' => self.pad(if *b { b"true" } else { b"false" }),
                _ => self.bad_verb(Some(value), verb),
            },
            Data::Int(n, _) => self.integer(value, n.unsigned_abs(), *n < 0, true, verb),
            Data::Uint(n, _) => self.integer(value, *n, false, false, verb),
            Data::Float(n, kind) => match verb {
                'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E' => {
                    self.float(*n, *kind == FloatKind::Float32, verb);
                }
                _ => self.bad_verb(Some(value), verb),
            },
            Data::Complex(re, im) => match verb {
                'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E' => {
                    let plus = self.flags.plus;
                    self.out.push(b'(');
                    self.float(*re, false, verb);
                    self.flags.plus = true;
                    self.float(*im, false, verb);
                    self.out.extend_from_slice(b"i)");
                    self.flags.plus = plus;
                }
                _ => self.bad_verb(Some(value), verb),
            },
            Data::String(text) => match verb {
                'v' | 's' | 'x' | 'X' | 'q' => self.string(text.as_bytes(), verb),
                _ => self.bad_verb(Some(value), verb),
            },
            Data::Bytes(text) => self.byte_slice(text.as_bytes(), verb, depth),
            Data::List(list) => self.list(list, verb, depth),
            Data::Map(map) => self.map(map, verb, depth),
            Data::Object(object) => {
                let printable =
                    matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') && !self.flags.sharp_v && !self.erroring;
                if let Some(text) = object.to_text().filter(|_| printable) {
                    return self.string(text.as_bytes(), verb);
                }
                if self.flags.sharp_v
                    && !self.erroring
                    && let Some(text) = object.to_go_text()
                {
                    return self.pad_truncated(text.as_bytes());
                }
                match object.scalar().map(|value| value.data) {
                    Some(Data::Int(n, _)) => self.integer(value, n.unsigned_abs(), n < 0, true, verb),
                    Some(data) => self.value(&Value::new(data), verb, depth),
                    None => self.object(object, verb, depth, false),
                }
            }
        }
    }

    fn list(&mut self, list: &List, verb: char, depth: usize) {
        if list.type_of() == Type::BYTES && list.is_nil() {
            return match (self.flags.sharp_v, depth) {
                (false, _) => self.byte_slice(b"", verb, depth),
                (true, 0) => self.out.extend_from_slice(b"[]byte(nil)"),
                (true, _) => self.out.extend_from_slice(b"[]uint8(nil)"),
            };
        }
        let (open, separator, close) = self.brackets(list.type_of(), list.is_nil());
        if open.is_none() {
            return;
        }
        for (i, item) in list.iter().enumerate() {
            if i > 0 {
                self.out.extend_from_slice(separator);
            }
            self.value(item, verb, depth + 1);
            if self.is_cut {
                return;
            }
        }
        self.out.push(close);
    }

    /// Writes what comes before the elements of a slice, and says what comes between and after them.
    fn brackets(&mut self, type_of: Type, is_nil: bool) -> (Option<()>, &'static [u8], u8) {
        if self.flags.sharp_v {
            self.out.extend_from_slice(type_of.to_string().as_bytes());
            if is_nil {
                self.out.extend_from_slice(b"(nil)");
                return (None, b"", b' ');
            }
            self.out.push(b'{');
            (Some(()), b", ", b'}')
        } else {
            self.out.push(b'[');
            (Some(()), b" ", b']')
        }
    }

    fn map(&mut self, map: &Map, verb: char, depth: usize) {
        let (separator, close): (&[u8], u8) = if self.flags.sharp_v {
            self.out.extend_from_slice(map.type_of().to_string().as_bytes());
            if map.is_nil() {
                self.out.extend_from_slice(b"(nil)");
                return;
            }
            self.out.push(b'{');
            (b", ", b'}')
        } else {
            self.out.extend_from_slice(b"map[");
            (b" ", b']')
        };
        if let Some(entries) = map.borrow() {
            for (i, (key, entry)) in entries.iter().enumerate() {
                if i > 0 {
                    self.out.extend_from_slice(separator);
                }
                self.key(key, verb);
                self.out.push(b':');
                self.value(&entry.value, verb, depth + 1);
                if self.is_cut {
                    return;
                }
            }
        }
        self.out.push(close);
    }

    fn key(&mut self, key: &Str, verb: char) {
        match verb {
            'v' | 's' | 'x' | 'X' | 'q' => self.string(key, verb),
            _ => self.bad_verb(Some(&Value::from(key.clone())), verb),
        }
    }

    /// A struct. `follow` says that a pointer is taken for what it points to.
    fn object(&mut self, object: &Rc<dyn Object>, verb: char, depth: usize, follow: bool) {
        let mut type_of = object.type_of();
        if let Type::Pointer(target) = type_of {
            type_of = *target;
            if !follow {
                if depth > 0 || object.is_nil() {
                    return self.address(object, verb);
                }
                self.out.push(b'&');
            }
        }
        if self.flags.sharp_v {
            self.out.extend_from_slice(type_of.to_string().as_bytes());
        }
        self.out.push(b'{');
        for (i, field) in object.fields().into_iter().enumerate() {
            if i > 0 {
                self.out.extend_from_slice(if self.flags.sharp_v { b", " } else { b" " });
            }
            if self.flags.plus_v || self.flags.sharp_v {
                self.out.extend_from_slice(field.name.as_bytes());
                self.out.push(b':');
            }
            self.value(&field.value, verb, depth + 1);
        }
        self.out.push(b'}');
    }

    /// A pointer that is not followed.
    fn address(&mut self, object: &Rc<dyn Object>, verb: char) {
        match (verb, object.is_nil()) {
            ('v', true) if self.flags.sharp_v => {
                self.out.extend_from_slice(format!("({})(nil)", object.type_of()).as_bytes());
            }
            ('v', true) => self.pad(b"<nil>"),
            ('b' | 'o' | 'd' | 'x' | 'X', true) => self.number(0, 10, false, verb, false),
            // Go prints the address, which differs with each run.
            ('v' | 'p' | 'b' | 'o' | 'd' | 'x' | 'X', _) => self.out.extend_from_slice(b"0xc000000000"),
            _ => self.bad_verb(Some(&Value::from(object.clone())), verb),
        }
    }

    fn pointer(&mut self, value: &Value) {
        match &value.data {
            // Go prints the address, which differs with each run.
            Data::Map(_) | Data::List(_) | Data::Bytes(_) | Data::Object(_) => {
                self.out.extend_from_slice(b"0xc000000000");
            }
            _ => self.bad_verb(Some(value), 'p'),
        }
    }

    fn byte_slice(&mut self, bytes: &[u8], verb: char, depth: usize) {
        match verb {
            'v' | 'd' => {
                let type_of = if depth == 0 { "[]byte" } else { "[]uint8" };
                let sharp = self.flags.sharp_v;
                self.out.extend_from_slice(if sharp { type_of.as_bytes() } else { b"" });
                self.out.push(if sharp { b'{' } else { b'[' });
                for (i, &byte) in bytes.iter().enumerate() {
                    if i > 0 {
                        self.out.extend_from_slice(if sharp { b", " } else { b" " });
                    }
                    if sharp {
                        self.out.extend_from_slice(format!("{byte:#x}").as_bytes());
                    } else {
                        self.number(u64::from(byte), 10, false, verb, false);
                    }
                }
                self.out.push(if sharp { b'}' } else { b']' });
            }
            's' => self.pad_truncated(bytes),
            'x' | 'X' | 'q' => self.string(bytes, verb),
            _ => {
                let byte = |b: &u8| Value::new(Data::Uint(u64::from(*b), crate::types::UintKind::Uint8));
                self.list(&List::typed(Type::BYTES, bytes.iter().map(byte).collect()), verb, depth);
            }
        }
    }

    fn integer(&mut self, value: &Value, n: u64, negative: bool, signed: bool, verb: char) {
        match verb {
            'v' if self.flags.sharp_v && !signed => {
                let sharp = std::mem::replace(&mut self.flags.sharp, true);
                self.number(n, 16, negative, 'v', false);
                self.flags.sharp = sharp;
            }
            'v' | 'd' => self.number(n, 10, negative, verb, false),
            'b' => self.number(n, 2, negative, verb, false),
            'o' | 'O' => self.number(n, 8, negative, verb, false),
            'x' => self.number(n, 16, negative, verb, false),
            'X' => self.number(n, 16, negative, verb, true),
            'c' | 'q' => {
                let code = if negative { u64::MAX } else { n };
                let c = u32::try_from(code).ok().and_then(char::from_u32).unwrap_or('\u{FFFD}');
                let shown = match verb {
                    'c' => c.to_string(),
                    _ if self.flags.plus => quote::go_quote_char_ascii(c),
                    _ => quote::go_quote_char(c),
                };
                self.pad(shown.as_bytes());
            }
            'U' => self.unicode(if negative { (n as i64).wrapping_neg() as u64 } else { n }),
            _ => self.bad_verb(Some(value), verb),
        }
    }

    fn unicode(&mut self, n: u64) {
        let digits = self.flags.precision.filter(|&p| p > 4).unwrap_or(4);
        let mut shown = format!("U+{n:0digits$X}");
        if let Some(c) = u32::try_from(n).ok().and_then(char::from_u32).filter(|&c| quote::is_print(c))
            && self.flags.sharp
        {
            shown.push_str(&format!(" '{c}'"));
        }
        let zero = std::mem::replace(&mut self.flags.zero, false);
        self.pad(shown.as_bytes());
        self.flags.zero = zero;
    }

    fn number(&mut self, n: u64, base: u64, negative: bool, verb: char, upper: bool) {
        let flags = self.flags;
        let sign = negative || flags.plus || flags.space;
        let mut precision = 0;
        if let Some(wanted) = flags.precision {
            precision = wanted;
            if precision == 0 && n == 0 {
                self.flags.zero = false;
                self.padding(flags.width.unwrap_or(0));
                self.flags.zero = flags.zero;
                return;
            }
        } else if let (true, false, Some(width)) = (flags.zero, flags.minus, flags.width) {
            precision = width.saturating_sub(usize::from(sign));
        }
        // Digits from the last to the first, then the prefix, turned around at the end.
        let mut shown = Vec::with_capacity(precision + 24);
        let mut rest = n;
        loop {
            let digit = (rest % base) as u8;
            shown.push(match (digit < 10, upper) {
                (true, _) => b'0' + digit,
                (false, true) => b'A' + digit - 10,
                (false, false) => b'a' + digit - 10,
            });
            rest /= base;
            if rest == 0 {
                break;
            }
        }
        while shown.len() < precision {
            shown.push(b'0');
        }
        if flags.sharp {
            match base {
                2 => shown.extend_from_slice(b"b0"),
                8 if shown.last() != Some(&b'0') => shown.push(b'0'),
                16 => shown.extend_from_slice(if upper { b"X0" } else { b"x0" }),
                _ => {}
            }
        }
        if verb == 'O' {
            shown.extend_from_slice(b"o0");
        }
        if negative {
            shown.push(b'-');
        } else if flags.plus {
            shown.push(b'+');
        } else if flags.space {
            shown.push(b' ');
        }
        shown.reverse();
        self.flags.zero = false;
        self.pad(&shown);
        self.flags.zero = flags.zero;
    }

    fn float(&mut self, value: f64, is_32: bool, verb: char) {
        let (format, default) = match verb {
            'v' => (b'g', None),
            'f' | 'F' => (b'f', Some(6)),
            'e' => (b'e', Some(6)),
            'E' => (b'E', Some(6)),
            other => (other as u8, None),
        };
        let precision = self.flags.precision.or(default);
        let mut shown = Vec::new();
        append_float(&mut shown, value, format, precision, is_32);
        if !matches!(shown[0], b'-' | b'+') {
            shown.insert(0, b'+');
        }
        if self.flags.space && shown[0] == b'+' && !self.flags.plus {
            shown[0] = b' ';
        }
        if matches!(shown[1], b'I' | b'N') {
            let zero = std::mem::replace(&mut self.flags.zero, false);
            let skip = usize::from(shown[1] == b'N' && !self.flags.space && !self.flags.plus);
            self.pad(&shown[skip..]);
            self.flags.zero = zero;
            return;
        }
        if self.flags.sharp && verb != 'b' {
            shown = with_point(shown, verb, precision);
        }
        if self.flags.plus || shown[0] != b'+' {
            if let (true, false, Some(width)) = (self.flags.zero, self.flags.minus, self.flags.width)
                && width > shown.len()
            {
                self.out.push(shown[0]);
                self.padding(width - shown.len());
                self.out.extend_from_slice(&shown[1..]);
                return;
            }
            self.pad(&shown);
        } else {
            self.pad(&shown[1..]);
        }
    }

    fn string(&mut self, bytes: &[u8], verb: char) {
        match verb {
            'v' if self.flags.sharp_v => self.quoted(bytes),
            'v' | 's' => self.pad_truncated(bytes),
            'x' => self.hex(bytes, b"0123456789abcdef", b'x'),
            'X' => self.hex(bytes, b"0123456789ABCDEF", b'X'),
            _ => self.quoted(bytes),
        }
    }

    fn quoted(&mut self, bytes: &[u8]) {
        let bytes = self.truncated(bytes);
        let shown = if self.flags.sharp && quote::can_backquote(bytes) {
            format!("`{}`", crate::text::to_utf8(bytes))
        } else if self.flags.plus {
            quote::go_quote_ascii(bytes)
        } else {
            quote::go_quote(bytes)
        };
        self.pad(shown.as_bytes());
    }

    fn hex(&mut self, bytes: &[u8], digits: &[u8; 16], letter: u8) {
        let length = self.flags.precision.map_or(bytes.len(), |precision| precision.min(bytes.len()));
        let Flags { space, sharp, minus, width, .. } = self.flags;
        let mut size = 2 * length;
        if size == 0 {
            self.padding(width.unwrap_or(0));
            return;
        }
        if space {
            size = if sharp { size * 2 } else { size } + length - 1;
        } else if sharp {
            size += 2;
        }
        let pad = width.unwrap_or(0).saturating_sub(size);
        if !minus {
            self.padding(pad);
        }
        if sharp {
            self.out.extend_from_slice(&[b'0', letter]);
        }
        for (i, &byte) in bytes[..length].iter().enumerate() {
            if space && i > 0 {
                self.out.push(b' ');
                if sharp {
                    self.out.extend_from_slice(&[b'0', letter]);
                }
            }
            self.out.extend_from_slice(&[digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
        }
        if minus {
            self.padding(pad);
        }
    }

    fn truncated<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        let Some(precision) = self.flags.precision else { return bytes };
        let mut i = 0;
        for _ in 0..precision {
            if i >= bytes.len() {
                break;
            }
            i += decode_char(&bytes[i..]).1;
        }
        &bytes[..i]
    }

    fn pad_truncated(&mut self, bytes: &[u8]) {
        let bytes = self.truncated(bytes);
        self.pad(bytes);
    }

    fn pad(&mut self, bytes: &[u8]) {
        let Some(width) = self.flags.width.filter(|&width| width > 0) else {
            return self.out.extend_from_slice(bytes);
        };
        let mut count = 0;
        let mut i = 0;
        while i < bytes.len() {
            i += decode_char(&bytes[i..]).1;
            count += 1;
        }
        let missing = width.saturating_sub(count);
        if !self.flags.minus {
            self.padding(missing);
        }
        self.out.extend_from_slice(bytes);
        if self.flags.minus {
            self.padding(missing);
        }
    }

    fn padding(&mut self, count: usize) {
        let byte = if self.flags.zero && !self.flags.minus { b'0' } else { b' ' };
        self.out.extend(std::iter::repeat_n(byte, count));
    }
}

/// `%#g` and the like: always with a point, and with trailing zeros.
fn with_point(mut shown: Vec<u8>, verb: char, precision: Option<usize>) -> Vec<u8> {
    let mut digits = match verb {
        'v' | 'g' | 'G' | 'x' => precision.map_or(6, |precision| precision as i64),
        _ => 0,
    };
    let mut tail = Vec::new();
    let mut has_point = false;
    let mut saw_nonzero = false;
    let mut i = 1;
    while i < shown.len() {
        match shown[i] {
            b'.' => has_point = true,
            b'p' | b'P' => tail = shown.split_off(i),
            b'e' | b'E' if verb != 'x' && verb != 'X' => tail = shown.split_off(i),
            byte => {
                saw_nonzero |= byte != b'0';
                if saw_nonzero {
                    digits -= 1;
                }
            }
        }
        i += 1;
    }
    if !has_point {
        if shown.len() == 2 && shown[1] == b'0' {
            digits -= 1;
        }
        shown.push(b'.');
    }
    shown.extend(std::iter::repeat_n(b'0', usize::try_from(digits).unwrap_or(0)));
    shown.extend_from_slice(&tail);
    shown
}
