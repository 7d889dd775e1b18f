//! Writing YAML as Go does for Helm's `toYaml` and `toYamlPretty`.
//!
//! `toYaml` is `sigs.k8s.io/yaml`: the value is written as JSON, that JSON is read by yaml.v2, and
//! the result is emitted by yaml.v2. The way through JSON changes values (numbers become integers,
//! broken text is replaced) and refuses some; all that happens here without any JSON. `toYamlPretty`
//! is yaml.v3 with an indent of 2, on the value itself.

use std::fmt;
use std::ops::Range;

use crate::base64;
use crate::number::{write_float, write_float_through_json};
use crate::reader::width;
use crate::style::{
    Analysis, JsonLoss, allowed_style, analyze, is_break, is_printable, string_style, through_json,
};
use crate::token::ScalarStyle;

/// Which of Go's emitters is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flavor {
    /// `yaml.Marshal` of sigs.k8s.io/yaml: Helm's `toYaml`.
    SigsV2,
    /// yaml.v3's encoder with an indent of 2: Helm's `toYamlPretty`.
    V3Pretty,
}

/// Why a value cannot be written. Helm's `toYaml` gives an empty string then.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EmitError {
    /// JSON knows neither infinity nor NaN.
    UnsupportedValue(f64),
    /// A string holds a character that YAML does not allow (such as U+007F).
    ControlCharacter,
    /// A key is longer than 1,022 characters, or holds U+0085.
    UnreadableKey,
    /// A string holds U+0085 and then `---` or `...`.
    DocumentIndicator,
    /// The value nests more than 10,000 levels deep.
    TooDeep,
}

impl fmt::Display for EmitError {
    /// Gives Go's text. Where U+0085 is involved Go may name a line; see
    /// [`json_to_yaml`](crate::json_to_yaml) for the exact text then.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnsupportedValue(value) => {
                let mut text = Vec::new();
                write_float(*value, &mut text);
                let text = String::from_utf8_lossy(&text);
                write!(f, "error marshaling into JSON: json: unsupported value: {text}")
            }
            Self::ControlCharacter => f.write_str("yaml: control characters are not allowed"),
            Self::UnreadableKey => f.write_str("yaml: did not find expected ',' or '}'"),
            Self::DocumentIndicator => f.write_str("yaml: line 2: found unexpected document indicator"),
            Self::TooDeep => f.write_str("yaml: exceeded max depth of 10000"),
        }
    }
}

impl std::error::Error for EmitError {}

impl From<JsonLoss> for EmitError {
    fn from(loss: JsonLoss) -> Self {
        match loss {
            JsonLoss::ControlCharacter => Self::ControlCharacter,
            JsonLoss::DocumentIndicator => Self::DocumentIndicator,
            JsonLoss::NoKey => Self::UnreadableKey,
        }
    }
}

/// yaml.v2's limit on nested flow collections, which JSON consists of.
const MAX_DEPTH: usize = 10_000;

/// Lines of yaml.v2 break at the first space past this column; those of yaml.v3 never.
const WIDTH: usize = 80;

/// Both emitters indent by two.
const INDENT: usize = 2;

/// The longest key that stands before its `:` on one line.
const MAX_SIMPLE_KEY: usize = 128;

/// What the next value belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Root,
    Item,
    /// After `key`.
    SimpleValue,
    /// After `? key`.
    ComplexValue,
    /// A key is expected, or the value is complete.
    None,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    /// Where the items or values go; for an empty collection nothing may follow.
    place: Place,
    /// The indentation around the collection.
    outer_indent: Option<usize>,
    empty: bool,
}

/// Writes one YAML document, value by value.
///
/// The caller walks its own values and calls one method for each. Mappings have to be given in the
/// order of [`sort_keys`](crate::sort_keys) to be written as Go writes them.
///
/// ```
/// use chart_lint_yaml::{Emitter, Flavor};
///
/// let mut emitter = Emitter::new(Flavor::SigsV2);
/// emitter.begin_map(1);
/// emitter.key(b"replicas");
/// let range = emitter.float(3.0);
/// emitter.end();
/// let yaml = emitter.finish().expect("the value can be written");
/// assert_eq!(yaml, b"replicas: 3\n");
/// assert_eq!(&yaml[range], b"3");
/// ```
#[derive(Clone, Debug)]
pub struct Emitter {
    flavor: Flavor,
    out: Vec<u8>,
    column: usize,
    /// The indentation of the current collection; `None` outside of all.
    indent: Option<usize>,
    whitespace: bool,
    indention: bool,
    place: Place,
    frames: Vec<Frame>,
    /// Whether values change as the way through JSON changes them.
    json: bool,
    json_error: Option<EmitError>,
    error: Option<EmitError>,
}

impl Emitter {
    /// An emitter for one document.
    #[must_use]
    pub fn new(flavor: Flavor) -> Self {
        Self::with_buffer(flavor, Vec::new())
    }

    /// An emitter that writes into a given buffer, which is cleared first.
    #[must_use]
    pub fn with_buffer(flavor: Flavor, mut buffer: Vec<u8>) -> Self {
        buffer.clear();
        Self {
            flavor,
            out: buffer,
            column: 0,
            indent: None,
            whitespace: true,
            indention: true,
            place: Place::Root,
            frames: Vec::new(),
            json: flavor == Flavor::SigsV2,
            json_error: None,
            error: None,
        }
    }

    /// yaml.v2 alone, for values that come from JSON already.
    pub(crate) fn without_json() -> Self {
        Self { json: false, ..Self::new(Flavor::SigsV2) }
    }

    pub(crate) fn flavor(&self) -> Flavor {
        self.flavor
    }

    /// The number of bytes written so far.
    #[must_use]
    pub fn position(&self) -> usize {
        self.out.len()
    }

    /// Ends the document. The text ends with a line break, which Helm's functions cut off.
    ///
    /// # Errors
    ///
    /// The error Go would give; the text is lost then.
    pub fn finish(mut self) -> Result<Vec<u8>, EmitError> {
        if let Some(error) = self.json_error.or(self.error) {
            return Err(error);
        }
        debug_assert!(self.frames.is_empty(), "a collection is open");
        self.write_indent();
        Ok(self.out)
    }

    // ---- Collections ----------------------------------------------------------------------

    /// Starts a mapping of `len` entries. Each is a [`key`](Self::key) and a value.
    pub fn begin_map(&mut self, len: usize) {
        self.start_node();
        self.begin(len == 0, Place::None, b"{", false);
    }

    /// Starts a sequence of `len` items.
    pub fn begin_seq(&mut self, len: usize) {
        let in_mapping = self.start_node();
        // yaml.v2 does not indent a sequence in a mapping.
        let indentless = self.flavor == Flavor::SigsV2 && in_mapping && !self.indention;
        self.begin(len == 0, Place::Item, b"[", indentless);
    }

    fn begin(&mut self, empty: bool, place: Place, opening: &[u8], indentless: bool) {
        let frame = Frame { place, outer_indent: self.indent, empty };
        self.frames.push(frame);
        self.place = place;
        if self.json && self.frames.len() > MAX_DEPTH {
            self.error.get_or_insert(EmitError::TooDeep);
        }
        if empty {
            self.write_indicator(opening, true, true, false);
        } else {
            self.indent = match self.indent {
                None => Some(0),
                Some(indent) if indentless => Some(indent),
                Some(indent) => Some(indent + INDENT),
            };
        }
    }

    /// Ends the innermost collection.
    pub fn end(&mut self) {
        let Some(frame) = self.frames.pop() else {
            debug_assert!(false, "no collection is open");
            return;
        };
        self.indent = frame.outer_indent;
        if frame.empty {
            let closing = if frame.place == Place::Item { b"]" } else { b"}" };
            self.write_indicator(closing, false, false, false);
        }
        self.place = match self.frames.last() {
            Some(outer) => outer.place,
            None => Place::None,
        };
    }

    /// Writes what stands before a value. Gives whether the value belongs to a key.
    fn start_node(&mut self) -> bool {
        match self.place {
            Place::Root => {
                self.place = Place::None;
                false
            }
            Place::Item => {
                self.write_indent();
                self.write_indicator(b"-", true, false, true);
                false
            }
            Place::SimpleValue => {
                self.write_indicator(b":", false, false, false);
                self.place = Place::None;
                true
            }
            Place::ComplexValue => {
                self.write_indent();
                self.write_indicator(b":", true, false, true);
                self.place = Place::None;
                true
            }
            Place::None => {
                debug_assert!(false, "a key is missing, or the document is complete");
                true
            }
        }
    }

    // ---- Scalars --------------------------------------------------------------------------
    //
    // Each gives the bytes of the output that the scalar takes.

    /// Writes the key of the next entry.
    pub fn key(&mut self, key: &[u8]) -> Range<usize> {
        debug_assert!(self.place == Place::None, "a value is missing");
        let decoded = if self.json { through_json(key, true) } else { Ok(key.into()) };
        let key = decoded.unwrap_or_else(|loss| {
            self.error.get_or_insert(loss.into());
            key.into()
        });
        self.write_indent();
        if self.flavor == Flavor::V3Pretty && std::str::from_utf8(&key).is_err() {
            return self.binary_key(&key);
        }
        let analysis = analyze(&key, self.flavor);
        let simple = !analysis.multiline && key.len() <= MAX_SIMPLE_KEY;
        self.start_key(simple);
        self.write_string(&key, analysis, simple)
    }

    fn start_key(&mut self, simple: bool) {
        if simple {
            self.place = Place::SimpleValue;
        } else {
            self.write_indicator(b"?", true, false, true);
            self.place = Place::ComplexValue;
        }
    }

    /// Writes a null.
    pub fn null(&mut self) -> Range<usize> {
        self.word(b"null")
    }

    /// Writes a boolean.
    pub fn bool(&mut self, value: bool) -> Range<usize> {
        self.word(if value { b"true".as_slice() } else { b"false" })
    }

    /// Writes a signed integer.
    pub fn int(&mut self, value: i64) -> Range<usize> {
        let mut digits = [0; 20];
        let text = format_digits(value.unsigned_abs(), value < 0, &mut digits);
        self.start_node();
        self.write_plain(text, true)
    }

    /// Writes an unsigned integer.
    pub fn uint(&mut self, value: u64) -> Range<usize> {
        let mut digits = [0; 20];
        let text = format_digits(value, false, &mut digits);
        self.start_node();
        self.write_plain(text, true)
    }

    /// Writes a float. `toYaml` writes a whole number below 1e21 as an integer.
    pub fn float(&mut self, value: f64) -> Range<usize> {
        let mut text = Vec::with_capacity(24);
        if self.json {
            if value.is_finite() {
                write_float_through_json(value, &mut text);
            } else {
                self.json_error.get_or_insert(EmitError::UnsupportedValue(value));
            }
        } else if value.is_nan() {
            text.extend_from_slice(b".nan");
        } else if value.is_infinite() {
            text.extend_from_slice(if value > 0.0 { b".inf".as_slice() } else { b"-.inf" });
        } else {
            write_float(value, &mut text);
        }
        self.start_node();
        self.write_plain(&text, true)
    }

    /// Writes text as it is, without quotes: what is not a string but reads as its type, such as a time.
    pub fn plain(&mut self, text: &[u8]) -> Range<usize> {
        self.word(text)
    }

    /// Writes a string.
    pub fn string(&mut self, value: &[u8]) -> Range<usize> {
        self.start_node();
        if self.flavor == Flavor::V3Pretty && std::str::from_utf8(value).is_err() {
            return self.write_binary(value, false);
        }
        let decoded = if self.json { through_json(value, false) } else { Ok(value.into()) };
        let value = decoded.unwrap_or_else(|loss| {
            self.error.get_or_insert(loss.into());
            value.into()
        });
        let analysis = analyze(&value, self.flavor);
        self.write_string(&value, analysis, false)
    }

    /// Writes a `[]byte`: a string in base64 for `toYaml`, a list of numbers for `toYamlPretty`.
    pub fn bytes(&mut self, value: &[u8]) -> Range<usize> {
        if self.flavor == Flavor::SigsV2 {
            return self.string(&base64::encode(value));
        }
        let start = self.out.len();
        self.begin_seq(value.len());
        for byte in value {
            self.uint(u64::from(*byte));
        }
        self.end();
        start..self.out.len()
    }

    fn word(&mut self, text: &[u8]) -> Range<usize> {
        self.start_node();
        self.write_plain(text, true)
    }

    fn write_string(&mut self, value: &[u8], analysis: Analysis, simple_key: bool) -> Range<usize> {
        let style = string_style(value, analysis, self.flavor, simple_key);
        self.write_styled(value, style, simple_key)
    }

    fn write_styled(&mut self, value: &[u8], style: ScalarStyle, simple_key: bool) -> Range<usize> {
        // Only a value may be broken into lines, and its lines are indented more.
        let outer = self.indent;
        self.indent = Some(outer.map_or(INDENT, |indent| indent + INDENT));
        let range = match style {
            ScalarStyle::Plain => self.write_plain(value, simple_key),
            ScalarStyle::SingleQuoted => self.write_single_quoted(value, !simple_key),
            ScalarStyle::DoubleQuoted => self.write_double_quoted(value, !simple_key),
            ScalarStyle::Literal | ScalarStyle::Folded => self.write_literal(value),
        };
        self.indent = outer;
        range
    }

    // yaml.v3 writes a string that is no UTF-8 as `!!binary`.

    fn binary_key(&mut self, key: &[u8]) -> Range<usize> {
        let text = base64_lines(key);
        let simple = !text.contains(&b'\n') && text.len() + "!!binary".len() <= MAX_SIMPLE_KEY;
        self.start_key(simple);
        self.write_binary(key, simple)
    }

    fn write_binary(&mut self, value: &[u8], simple_key: bool) -> Range<usize> {
        let text = base64_lines(value);
        self.write_space();
        let start = self.out.len();
        self.write_text(b"!!binary");
        self.whitespace = false;
        self.indention = false;
        let analysis = analyze(&text, self.flavor);
        let wanted = if text.contains(&b'\n') { ScalarStyle::Literal } else { ScalarStyle::Plain };
        let range = self.write_styled(&text, allowed_style(wanted, analysis, simple_key), simple_key);
        start..range.end
    }

    // ---- The writer -----------------------------------------------------------------------

    fn put(&mut self, byte: u8) {
        self.out.push(byte);
        self.column += 1;
    }

    fn put_break(&mut self) {
        self.out.push(b'\n');
        self.column = 0;
        if self.flavor == Flavor::V3Pretty {
            self.indention = true;
        }
    }

    /// Copies text without line breaks.
    fn write_text(&mut self, text: &[u8]) {
        self.out.extend_from_slice(text);
        self.column += text.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
    }

    /// Copies one character and gives its length.
    fn write_char(&mut self, value: &[u8], at: usize) -> usize {
        let end = value.len().min(at + width(value[at]).max(1));
        self.out.extend_from_slice(&value[at..end]);
        self.column += 1;
        end - at
    }

    /// Copies a line break and gives its length.
    fn write_break(&mut self, value: &[u8], at: usize) -> usize {
        if value[at] == b'\n' {
            self.put_break();
            return 1;
        }
        let len = self.write_char(value, at);
        self.column = 0;
        if self.flavor == Flavor::V3Pretty {
            self.indention = true;
        }
        len
    }

    fn write_space(&mut self) {
        if !self.whitespace {
            self.put(b' ');
        }
    }

    fn write_indent(&mut self) {
        let indent = self.indent.unwrap_or(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.put_break();
        }
        if self.column < indent {
            let missing = indent - self.column;
            self.out.resize(self.out.len() + missing, b' ');
            self.column = indent;
        }
        self.whitespace = true;
        if self.flavor == Flavor::SigsV2 {
            self.indention = true;
        }
    }

    fn write_indicator(&mut self, text: &[u8], needs_space: bool, is_whitespace: bool, is_indention: bool) {
        if needs_space {
            self.write_space();
        }
        self.out.extend_from_slice(text);
        self.column += text.len();
        self.whitespace = is_whitespace;
        self.indention &= is_indention;
    }

    /// Whether a line may break at the space here.
    fn is_past_width(&self) -> bool {
        self.flavor == Flavor::SigsV2 && self.column > WIDTH
    }

    fn write_plain(&mut self, value: &[u8], whole: bool) -> Range<usize> {
        self.write_space();
        let start = self.out.len();
        if whole || self.flavor == Flavor::V3Pretty || self.column + value.len() <= WIDTH {
            self.write_text(value);
        } else {
            let mut after_space = false;
            let mut at = 0;
            while at < value.len() {
                // A plain scalar neither ends in a space nor holds a line break.
                if value[at] == b' ' {
                    if !after_space && self.is_past_width() && value.get(at + 1) != Some(&b' ') {
                        self.write_indent();
                    } else {
                        self.put(b' ');
                    }
                    at += 1;
                    after_space = true;
                } else {
                    at += self.write_char(value, at);
                    self.indention = false;
                    after_space = false;
                }
            }
        }
        self.whitespace = false;
        self.indention = false;
        start..self.out.len()
    }

    fn write_single_quoted(&mut self, value: &[u8], allow_breaks: bool) -> Range<usize> {
        self.write_space();
        let start = self.out.len();
        self.write_indicator(b"'", false, false, false);
        let mut after_space = false;
        let mut after_break = false;
        let mut at = 0;
        while at < value.len() {
            if value[at] == b' ' {
                let inside = at > 0 && at < value.len() - 1;
                if allow_breaks
                    && !after_space
                    && self.is_past_width()
                    && inside
                    && value.get(at + 1) != Some(&b' ')
                {
                    self.write_indent();
                } else {
                    self.put(b' ');
                }
                at += 1;
                after_space = true;
            } else if is_break(value, at) {
                if !after_break && value[at] == b'\n' {
                    self.put_break();
                }
                at += self.write_break(value, at);
                self.indention = true;
                after_break = true;
            } else {
                if after_break {
                    self.write_indent();
                }
                if value[at] == b'\'' {
                    self.put(b'\'');
                }
                at += self.write_char(value, at);
                self.indention = false;
                after_space = false;
                after_break = false;
            }
        }
        self.write_indicator(b"'", false, false, false);
        self.whitespace = false;
        self.indention = false;
        start..self.out.len()
    }

    fn write_double_quoted(&mut self, value: &[u8], allow_breaks: bool) -> Range<usize> {
        self.write_space();
        let start = self.out.len();
        self.write_indicator(b"\"", false, false, false);
        // libyaml looks for a byte order mark here, but always at the start of the value. So if
        // there is one, all characters are escaped.
        let escape_all = value.starts_with(b"\xEF\xBB\xBF");
        let mut after_space = false;
        let mut at = 0;
        while at < value.len() {
            let byte = value[at];
            if escape_all || !is_printable(value, at) || is_break(value, at) || matches!(byte, b'"' | b'\\') {
                at += self.write_escape(value, at);
                after_space = false;
            } else if byte == b' ' {
                let inside = at > 0 && at < value.len() - 1;
                if allow_breaks && !after_space && self.is_past_width() && inside {
                    self.write_indent();
                    if value.get(at + 1) == Some(&b' ') {
                        self.put(b'\\');
                    }
                } else {
                    self.put(b' ');
                }
                at += 1;
                after_space = true;
            } else {
                at += self.write_char(value, at);
                after_space = false;
            }
        }
        self.write_indicator(b"\"", false, false, false);
        self.whitespace = false;
        self.indention = false;
        start..self.out.len()
    }

    fn write_escape(&mut self, value: &[u8], at: usize) -> usize {
        let lead = value[at];
        let width = width(lead).max(1).min(value.len() - at);
        let lead_bits = match width {
            1 => lead & 0x7F,
            2 => lead & 0x1F,
            3 => lead & 0x0F,
            _ => lead & 0x07,
        };
        let code = value[at + 1..at + width]
            .iter()
            .fold(u32::from(lead_bits), |code, octet| code << 6 | u32::from(octet & 0x3F));
        self.put(b'\\');
        let short = match code {
            0x00 => b'0',
            0x07 => b'a',
            0x08 => b'b',
            0x09 => b't',
            0x0A => b'n',
            0x0B => b'v',
            0x0C => b'f',
            0x0D => b'r',
            0x1B => b'e',
            0x22 => b'"',
            0x5C => b'\\',
            0x85 => b'N',
            0xA0 => b'_',
            0x2028 => b'L',
            0x2029 => b'P',
            _ => {
                let (letter, digits) = match code {
                    ..=0xFF => (b'x', 2),
                    0x100..=0xFFFF => (b'u', 4),
                    _ => (b'U', 8),
                };
                self.put(letter);
                for k in (0..digits).rev() {
                    let digit = (code >> (4 * k) & 0xF) as usize;
                    self.put(b"0123456789ABCDEF"[digit]);
                }
                return width;
            }
        };
        self.put(short);
        width
    }

    fn write_literal(&mut self, value: &[u8]) -> Range<usize> {
        self.write_space();
        let start = self.out.len();
        self.write_indicator(b"|", false, false, false);
        self.write_block_hints(value);
        self.put_break();
        self.indention = true;
        self.whitespace = true;
        let mut after_break = true;
        let mut at = 0;
        while at < value.len() {
            if is_break(value, at) {
                at += self.write_break(value, at);
                self.indention = true;
                after_break = true;
                continue;
            }
            if after_break {
                self.write_indent();
            }
            let line = at;
            while at < value.len() && !is_break(value, at) {
                at += 1;
            }
            self.write_text(&value[line..at]);
            self.indention = false;
            after_break = false;
        }
        start..self.out.len()
    }

    /// The indentation (if the text starts with a blank) and the chomping of a block scalar.
    fn write_block_hints(&mut self, value: &[u8]) {
        if value.first() == Some(&b' ') || (!value.is_empty() && is_break(value, 0)) {
            self.write_indicator(b"2", false, false, false);
        }
        let last = last_char(value);
        let hint: &[u8] = match last {
            Some(at) if is_break(value, at) => match last_char(&value[..at]) {
                None => b"+",
                Some(before) if is_break(value, before) => b"+",
                Some(_) => b"",
            },
            _ => b"-",
        };
        if !hint.is_empty() {
            self.write_indicator(hint, false, false, false);
        }
    }
}

/// The start of the last character.
fn last_char(value: &[u8]) -> Option<usize> {
    value.iter().rposition(|byte| byte & 0xC0 != 0x80)
}

fn format_digits(mut value: u64, negative: bool, digits: &mut [u8; 20]) -> &[u8] {
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    if negative {
        at -= 1;
        digits[at] = b'-';
    }
    &digits[at..]
}

/// Base64 in lines of 70 characters, as go-yaml writes `!!binary`. One short line has no line break.
fn base64_lines(value: &[u8]) -> Vec<u8> {
    let text = base64::encode(value);
    if text.len() < 70 {
        return text;
    }
    text.chunks(70).flat_map(|line| line.iter().copied().chain([b'\n'])).collect()
}
