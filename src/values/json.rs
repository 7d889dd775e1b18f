//! JSON as the decoder of Go's `encoding/json` reads it, into a [`Tree`] with places.

use std::fmt;

use chart_lint_template::Str;
use chart_lint_template::quote::go_quote;
use chart_lint_template::strconv::parse_float;

use super::tree::{NodeData, Tree, TreeBuilder};
use crate::source::{FileId, Span};

/// Why a text is no JSON. `Display` gives Go's words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct JsonError {
    pub(crate) message: String,
    /// The byte that does not fit.
    pub(crate) offset: usize,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// What becomes of numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// They become `float64`; one that is too large is an error.
    Floats,
    /// They keep their digits: read them with the span of the node.
    Texts,
}

/// Go's limit on nesting.
const MAX_DEPTH: usize = 10_000;

/// Reads the first value of a text; gives where it ends.
pub(crate) fn decode_first(text: &[u8], file: FileId, numbers: Numbers) -> Result<(Tree, usize), JsonError> {
    let mut decoder = Decoder { text, at: 0, numbers, builder: TreeBuilder::new(file), too_large: None };
    decoder.value()?;
    match decoder.too_large {
        Some(error) => Err(error),
        None => Ok((decoder.builder.finish(), decoder.at)),
    }
}

/// Reads a text that is one value and nothing more, as `json.Unmarshal`. The error's text is not Go's at the end.
pub(crate) fn decode_all(text: &[u8], file: FileId, numbers: Numbers) -> Result<Tree, JsonError> {
    let (tree, end) = decode_first(text, file, numbers)?;
    match text[end..].iter().position(|byte| !is_space(*byte)) {
        Some(rest) => Err(invalid(text[end + rest], "after top-level value", end + rest)),
        None => Ok(tree),
    }
}

struct Decoder<'t> {
    text: &'t [u8],
    at: usize,
    numbers: Numbers,
    builder: TreeBuilder,
    /// A number that is no `float64`; reported when the whole value has been read.
    too_large: Option<JsonError>,
}

struct Open {
    node: u32,
    start: usize,
    is_list: bool,
    /// Children so far: keys (not for lists) and nodes.
    children: Vec<(Str, Span, u32)>,
    /// The key whose value is being read.
    key: (Str, Span),
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn invalid(byte: u8, context: &str, offset: usize) -> JsonError {
    let quoted = match byte {
        b'\'' => r"'\''".to_owned(),
        b'"' => r#"'"'"#.to_owned(),
        _ => {
            let quoted = go_quote(char::from(byte).to_string().as_bytes());
            format!("'{}'", &quoted[1..quoted.len() - 1])
        }
    };
    JsonError { message: format!("invalid character {quoted} {context}"), offset }
}

impl Decoder<'_> {
    fn skip_space(&mut self) {
        while self.text.get(self.at).is_some_and(|byte| is_space(*byte)) {
            self.at += 1;
        }
    }

    /// The next byte that is no space, left where it is.
    fn peek(&mut self) -> Result<u8, JsonError> {
        self.skip_space();
        self.text.get(self.at).copied().ok_or_else(|| self.end())
    }

    /// The text ends too soon.
    fn end(&self) -> JsonError {
        let is_blank = self.text.iter().all(|byte| is_space(*byte));
        let message = if is_blank { "EOF" } else { "unexpected EOF" };
        JsonError { message: message.to_owned(), offset: self.text.len() }
    }

    fn invalid(&self, context: &str) -> JsonError {
        match self.text.get(self.at) {
            Some(&byte) => invalid(byte, context, self.at),
            None => self.end(),
        }
    }

    fn value(&mut self) -> Result<(), JsonError> {
        let mut stack: Vec<Open> = Vec::new();
        loop {
            // A value starts here.
            let byte = self.peek()?;
            let (parent, index) = stack.last().map_or((0, 0), |open| (open.node, open.children.len() as u32));
            let start = self.at;
            let mut done = None;
            match byte {
                b'[' | b'{' => {
                    if stack.len() >= MAX_DEPTH {
                        return Err(invalid(byte, "exceeded max depth", self.at));
                    }
                    self.at += 1;
                    let node = self.builder.push(NodeData::Null, Span::default(), parent, index);
                    let is_list = byte == b'[';
                    let open = Open { node, start, is_list, children: Vec::new(), key: Default::default() };
                    let close = if is_list { b']' } else { b'}' };
                    if self.peek()? == close {
                        self.at += 1;
                        done = Some(self.close(open));
                    } else {
                        stack.push(open);
                        if !is_list {
                            self.key(&mut stack)?;
                        }
                        continue;
                    }
                }
                _ => {
                    let data = self.scalar(byte)?;
                    let span = Span::new(start as u32, self.at as u32);
                    done = done.or(Some(self.builder.push(data, span, parent, index)));
                }
            }
            // A value ended here; so may those around it.
            while let Some(node) = done.take() {
                let Some(open) = stack.last_mut() else { return Ok(()) };
                let (key, span) = std::mem::take(&mut open.key);
                open.children.push((key, span, node));
                let is_list = open.is_list;
                let next = self.peek()?;
                match next {
                    b',' => {
                        self.at += 1;
                        if !is_list {
                            if self.peek()? == b'}' {
                                return Err(self.invalid("looking for beginning of object key string"));
                            }
                            self.key(&mut stack)?;
                        }
                    }
                    b']' if is_list => {
                        self.at += 1;
                        done = stack.pop().map(|open| self.close(open));
                    }
                    b'}' if !is_list => {
                        self.at += 1;
                        done = stack.pop().map(|open| self.close(open));
                    }
                    _ if is_list => return Err(self.invalid("after array element")),
                    _ => return Err(self.invalid("after object key:value pair")),
                }
            }
        }
    }

    fn key(&mut self, stack: &mut [Open]) -> Result<(), JsonError> {
        if self.peek()? != b'"' {
            return Err(self.invalid("looking for beginning of object key string"));
        }
        let start = self.at;
        let key = self.string()?;
        let span = Span::new(start as u32, self.at as u32);
        if self.peek()? != b':' {
            return Err(self.invalid("after object key"));
        }
        self.at += 1;
        if let Some(open) = stack.last_mut() {
            open.key = (key, span);
        }
        Ok(())
    }

    fn close(&mut self, open: Open) -> u32 {
        let span = Span::new(open.start as u32, self.at as u32);
        if open.is_list {
            self.builder.set_list(open.node, span, open.children.into_iter().map(|(.., node)| node));
        } else {
            // The last one of a key wins.
            let mut last = rustc_hash::FxHashMap::default();
            for (at, (key, ..)) in open.children.iter().enumerate() {
                last.insert(key.clone(), at);
            }
            let children = open.children.into_iter().enumerate();
            let children =
                children.filter(|(at, (key, ..))| last.get(key) == Some(at)).map(|(_, child)| child);
            self.builder.set_map(open.node, span, children);
        }
        open.node
    }

    fn scalar(&mut self, byte: u8) -> Result<NodeData, JsonError> {
        match byte {
            b'"' => self.string().map(NodeData::String),
            b't' => self.word("true").map(|()| NodeData::Bool(true)),
            b'f' => self.word("false").map(|()| NodeData::Bool(false)),
            b'n' => self.word("null").map(|()| NodeData::Null),
            b'-' | b'0'..=b'9' => self.number().map(NodeData::Number),
            _ => Err(self.invalid("looking for beginning of value")),
        }
    }

    fn word(&mut self, word: &'static str) -> Result<(), JsonError> {
        for wanted in word.bytes() {
            if self.text.get(self.at) != Some(&wanted) {
                return Err(self.invalid(&format!("in literal {word} (expecting '{}')", char::from(wanted))));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn digits(&mut self, context: &str) -> Result<(), JsonError> {
        if !self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
            return Err(self.invalid(context));
        }
        while self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<f64, JsonError> {
        let start = self.at;
        if self.text[self.at] == b'-' {
            self.at += 1;
        }
        if self.text.get(self.at) == Some(&b'0') {
            self.at += 1;
        } else {
            self.digits("in numeric literal")?;
        }
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.text.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.text.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        let text = &self.text[start..self.at];
        let number = parse_float(text);
        if number.is_err() && self.numbers == Numbers::Floats && self.too_large.is_none() {
            let text = String::from_utf8_lossy(text);
            let message = format!("json: cannot unmarshal number {text} into Go value of type float64");
            self.too_large = Some(JsonError { message, offset: start });
        }
        Ok(number.unwrap_or_default())
    }

    /// A string with its quotes.
    fn string(&mut self) -> Result<Str, JsonError> {
        self.at += 1;
        let start = self.at;
        let mut is_plain = true;
        loop {
            match self.text.get(self.at) {
                None => return Err(self.end()),
                Some(b'"') => break,
                Some(b'\\') => {
                    is_plain = false;
                    self.at += 1;
                    match self.text.get(self.at) {
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
                        Some(b'u') => {
                            for _ in 0..4 {
                                self.at += 1;
                                if !self.text.get(self.at).is_some_and(u8::is_ascii_hexdigit) {
                                    return Err(self.invalid("in \\u hexadecimal character escape"));
                                }
                            }
                        }
                        _ => return Err(self.invalid("in string escape code")),
                    }
                }
                Some(0..b' ') => return Err(self.invalid("in string literal")),
                Some(_) => {}
            }
            self.at += 1;
        }
        let content = &self.text[start..self.at];
        self.at += 1;
        if is_plain && std::str::from_utf8(content).is_ok() {
            return Ok(Str::from(content));
        }
        Ok(Str::from(unescape(content)))
    }
}

/// The characters of a string that was checked already. Broken UTF-8 and lone surrogates become U+FFFD.
fn unescape(content: &[u8]) -> String {
    let content = chart_lint_template::text::to_utf8(content);
    let mut out = String::with_capacity(content.len());
    let mut rest = content.as_ref();
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let code = rest.as_bytes().get(at + 1).copied().unwrap_or(b'\\');
        rest = rest.get(at + 2..).unwrap_or_default();
        let simple = match code {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = |text: &str| text.get(..4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
                let first = unit(rest).unwrap_or(0xFFFD);
                rest = rest.get(4..).unwrap_or_default();
                let second = rest.strip_prefix("\\u").and_then(unit);
                let pair = second.and_then(|second| char::decode_utf16([first, second]).next()?.ok());
                let is_high = (0xD800..0xDC00).contains(&first);
                if let Some(c) = pair.filter(|_| is_high) {
                    rest = rest.get(6..).unwrap_or_default();
                    c
                } else {
                    char::from_u32(u32::from(first)).unwrap_or(char::REPLACEMENT_CHARACTER)
                }
            }
            other => char::from(other),
        };
        out.push(simple);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use chart_lint_template::Origins;

    fn show(text: &str) -> String {
        match decode_first(text.as_bytes(), FileId::NONE, Numbers::Floats) {
            Ok((tree, end)) => format!("{:?} {end}", tree.to_value(&mut Origins::disabled(), 0)),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn values_and_their_ends_are_found() {
        for (text, expected) in [
            ("1", "1.0 1"),
            (" 1 ,b=2", "1.0 2"),
            ("1x", "1.0 1"),
            ("01", "0.0 1"),
            ("-0.5e+3,", "-500.0 7"),
            ("true,", "true 4"),
            (r#""a\nA\ud83d\ude00\ud83d","#, "\"a\\nA\u{1F600}\u{FFFD}\" 24"),
            (r#"{"a": [1, {"b": null}], "a": 2} x"#, r#"{"a": 2.0} 31"#),
            ("[]", "[] 2"),
            ("{}", "{} 2"),
            (r#"[[],{},"x"]"#, r#"[[], {}, "x"] 11"#),
        ] {
            assert_eq!(show(text), expected, "{text}");
        }
    }

    #[test]
    fn errors_are_those_of_go() {
        for (text, expected) in [
            ("", "EOF"),
            ("  ", "EOF"),
            ("[1", "unexpected EOF"),
            ("\"a", "unexpected EOF"),
            ("x", "invalid character 'x' looking for beginning of value"),
            ("[1 2]", "invalid character '2' after array element"),
            ("[1,]", "invalid character ']' looking for beginning of value"),
            ("{1:2}", "invalid character '1' looking for beginning of object key string"),
            (r#"{"a":1,}"#, "invalid character '}' looking for beginning of object key string"),
            (r#"{"a" 1}"#, "invalid character '1' after object key"),
            (r#"{"a":1 "b"}"#, "invalid character '\"' after object key:value pair"),
            ("tru ", "invalid character ' ' in literal true (expecting 'e')"),
            ("-x", "invalid character 'x' in numeric literal"),
            ("1.x", "invalid character 'x' after decimal point in numeric literal"),
            ("1e+x", "invalid character 'x' in exponent of numeric literal"),
            ("\"a\nb\"", "invalid character '\\n' in string literal"),
            (r#""\q""#, "invalid character 'q' in string escape code"),
            (r#""\u12x4""#, "invalid character 'x' in \\u hexadecimal character escape"),
            ("'a'", "invalid character '\\'' looking for beginning of value"),
            ("é", "invalid character 'Ã' looking for beginning of value"),
            ("[1e999]", "json: cannot unmarshal number 1e999 into Go value of type float64"),
        ] {
            assert_eq!(show(text), expected, "{text}");
        }
        let deep = "[".repeat(10_001);
        assert_eq!(show(&deep), "invalid character '[' exceeded max depth");
    }
}
