//! Scalars: block, quoted and plain.

use super::{Scanner, hex_value, is_blank};
use crate::error::Result;
use crate::position::Mark;
use crate::token::{ScalarStyle, Text, TokenKind};

/// Bytes that a plain scalar in the block context may simply run over.
const PLAIN_BLOCK: [bool; 256] = ordinary(b" \t\r\n:\0");
/// The same inside of flow collections.
const PLAIN_FLOW: [bool; 256] = ordinary(b" \t\r\n:\0,?[]{}");
/// Bytes that a quoted scalar may simply run over.
const SINGLE_QUOTED: [bool; 256] = ordinary(b" \t\r\n\0'");
const DOUBLE_QUOTED: [bool; 256] = ordinary(b" \t\r\n\0\"\\");

const fn ordinary(special: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x80 {
        table[byte] = true;
        byte += 1;
    }
    let mut i = 0;
    while i < special.len() {
        table[special[i] as usize] = false;
        i += 1;
    }
    table
}

impl Scanner<'_> {
    // ---- Block scalars --------------------------------------------------------------------

    pub(super) fn scan_block_scalar(&mut self, style: ScalarStyle) -> Result<()> {
        const CONTEXT: &str = "while scanning a block scalar";
        let literal = style == ScalarStyle::Literal;
        let start = self.mark();
        self.skip();

        // The header: chomping and indentation, in either order.
        self.need(1)?;
        let mut chomping = 0i8;
        let mut increment = 0u8;
        if let b'+' | b'-' = self.at(0) {
            chomping = if self.at(0) == b'+' { 1 } else { -1 };
            self.skip();
            self.need(1)?;
            if self.at(0).is_ascii_digit() {
                increment = self.scan_indentation_indicator(start)?;
            }
        } else if self.at(0).is_ascii_digit() {
            increment = self.scan_indentation_indicator(start)?;
            self.need(1)?;
            if let b'+' | b'-' = self.at(0) {
                chomping = if self.at(0) == b'+' { 1 } else { -1 };
                self.skip();
            }
        }
        self.skip_blanks()?;
        if self.at(0) == b'#' {
            self.scan_comment()?;
        }
        if !self.is_breakz(0) {
            return self.fail(CONTEXT, start, "did not find expected comment or line break");
        }
        if self.is_break(0) {
            self.need(2)?;
            self.skip_line();
        }

        let mut indent = match increment {
            0 => 0,
            increment => self.indent.max(0) + i64::from(increment),
        };
        let from = self.buffer.len();
        self.leading_break.clear();
        self.trailing_breaks.clear();
        let mut end = self.scan_block_scalar_breaks(&mut indent, start)?;

        self.need(1)?;
        let mut leading_blank = false;
        while i64::from(self.column()) == indent && !self.is_end(0) {
            let trailing_blank = is_blank(self.at(0));
            if !literal && !leading_blank && !trailing_blank && self.leading_break == b"\n" {
                // A folded line: its break becomes a space, unless empty lines follow.
                if self.trailing_breaks.is_empty() {
                    self.buffer.push(b' ');
                }
            } else {
                self.buffer.extend_from_slice(&self.leading_break);
            }
            self.buffer.extend_from_slice(&self.trailing_breaks);
            self.trailing_breaks.clear();
            leading_blank = trailing_blank;

            let line = self.pos;
            if self.chunked {
                while !self.is_breakz(0) {
                    self.skip();
                    self.need(1)?;
                }
            } else {
                self.advance_to(self.line_end(line));
            }
            self.buffer.extend_from_slice(&self.text[line..self.pos]);

            self.need(2)?;
            self.leading_break.clear();
            let line_break = self.read_line();
            self.leading_break.extend_from_slice(line_break);
            end = self.scan_block_scalar_breaks(&mut indent, start)?;
        }
        if chomping != -1 {
            self.buffer.extend_from_slice(&self.leading_break);
        }
        if chomping == 1 {
            self.buffer.extend_from_slice(&self.trailing_breaks);
        }
        let value = Text::in_buffer(from, self.buffer.len());
        self.push(TokenKind::Scalar { value, style }, start, end);
        Ok(())
    }

    fn scan_indentation_indicator(&mut self, start: Mark) -> Result<u8> {
        let digit = self.at(0) - b'0';
        if digit == 0 {
            return self.fail(
                "while scanning a block scalar",
                start,
                "found an indentation indicator equal to 0",
            );
        }
        self.skip();
        Ok(digit)
    }

    /// Skips indentation and empty lines. Finds the indentation, if it is not known (0). Gives the
    /// place after the last line break.
    fn scan_block_scalar_breaks(&mut self, indent: &mut i64, start: Mark) -> Result<Mark> {
        let mut end = self.mark();
        let mut max_indent = 0;
        loop {
            self.need(1)?;
            if !self.chunked {
                let missing = usize::try_from(*indent - i64::from(self.column())).unwrap_or(0);
                self.skip_spaces(if *indent == 0 { usize::MAX } else { missing });
            }
            while (*indent == 0 || i64::from(self.column()) < *indent) && self.at(0) == b' ' {
                self.pos += 1;
                self.need(1)?;
            }
            max_indent = max_indent.max(i64::from(self.column()));
            if (*indent == 0 || i64::from(self.column()) < *indent) && self.at(0) == b'\t' {
                return self.fail(
                    "while scanning a block scalar",
                    start,
                    "found a tab character where an indentation space is expected",
                );
            }
            if !self.is_break(0) {
                break;
            }
            self.need(2)?;
            let line_break = self.read_line();
            self.trailing_breaks.extend_from_slice(line_break);
            end = self.mark();
        }
        if *indent == 0 {
            *indent = max_indent.max(self.indent + 1).max(1);
        }
        Ok(end)
    }

    // ---- Quoted scalars -------------------------------------------------------------------

    pub(super) fn scan_flow_scalar(&mut self, start: Mark, style: ScalarStyle) -> Result<Text> {
        self.skip();
        let single = style == ScalarStyle::SingleQuoted;
        if !self.chunked
            && let Some(value) = self.scan_simple_quoted(single)
        {
            return Ok(value);
        }
        let from = self.buffer.len();
        let quote = if single { b'\'' } else { b'"' };
        let table = if single { &SINGLE_QUOTED } else { &DOUBLE_QUOTED };
        loop {
            self.need(4)?;
            if self.column() == 0 && self.is_document_indicator() {
                return self.fail(
                    "while scanning a quoted scalar",
                    start,
                    "found unexpected document indicator",
                );
            }
            if self.is_end(0) {
                return self.fail("while scanning a quoted scalar", start, "found unexpected end of stream");
            }

            let mut leading_blanks = false;
            while !self.is_blankz(0) {
                let byte = self.at(0);
                if byte == quote {
                    if single && self.at(1) == b'\'' {
                        self.buffer.push(b'\'');
                        self.pos += 2;
                    } else {
                        break;
                    }
                } else if !single && byte == b'\\' {
                    if self.is_break(1) {
                        self.need(3)?;
                        self.skip();
                        self.skip_line();
                        leading_blanks = true;
                        break;
                    }
                    self.scan_escape(start)?;
                } else {
                    let run = self.pos;
                    self.skip();
                    if !self.chunked {
                        self.skip_run(table);
                    }
                    self.buffer.extend_from_slice(&self.text[run..self.pos]);
                }
                self.need(2)?;
            }

            self.need(1)?;
            if self.at(0) == quote {
                break;
            }

            let blanks = self.pos;
            let mut blanks_end = blanks;
            self.leading_break.clear();
            self.trailing_breaks.clear();
            loop {
                if is_blank(self.at(0)) {
                    self.pos += 1;
                    if !leading_blanks {
                        blanks_end = self.pos;
                    }
                } else if self.is_break(0) {
                    self.need(2)?;
                    let line_break = self.read_line();
                    if leading_blanks {
                        self.trailing_breaks.extend_from_slice(line_break);
                    } else {
                        self.leading_break.extend_from_slice(line_break);
                        leading_blanks = true;
                    }
                } else {
                    break;
                }
                self.need(1)?;
            }
            if leading_blanks {
                self.fold_breaks();
            } else {
                self.buffer.extend_from_slice(&self.text[blanks..blanks_end]);
            }
        }
        self.skip();
        Ok(Text::in_buffer(from, self.buffer.len()))
    }

    /// A quoted scalar on one line without escapes, which is a part of the text.
    fn scan_simple_quoted(&mut self, single: bool) -> Option<Text> {
        let from = self.pos;
        let rest = &self.text[from..];
        let (end, next) = if single {
            let end = from + memchr::memchr2(b'\'', b'\n', rest)?;
            (end, self.byte(end + 1))
        } else {
            (from + memchr::memchr3(b'"', b'\\', b'\n', rest)?, 0)
        };
        let quote = if single { b'\'' } else { b'"' };
        if self.text[end] != quote || (single && next == b'\'') {
            return None;
        }
        if self.other_breaks && self.first_break(from, end) < end {
            return None;
        }
        self.advance_to(end);
        self.pos += 1;
        Some(Text::in_source(from, end))
    }

    /// Line folding: one break becomes a space, more of them stay, less one.
    fn fold_breaks(&mut self) {
        if self.leading_break.first() == Some(&b'\n') {
            if self.trailing_breaks.is_empty() {
                self.buffer.push(b' ');
            } else {
                self.buffer.extend_from_slice(&self.trailing_breaks);
            }
        } else {
            self.buffer.extend_from_slice(&self.leading_break);
            self.buffer.extend_from_slice(&self.trailing_breaks);
        }
    }

    fn scan_escape(&mut self, start: Mark) -> Result<()> {
        const CONTEXT: &str = "while parsing a quoted scalar";
        let mut code_length = 0;
        let meaning: &[u8] = match self.at(1) {
            b'0' => b"\0",
            b'a' => b"\x07",
            b'b' => b"\x08",
            b't' | b'\t' => b"\t",
            b'n' => b"\n",
            b'v' => b"\x0B",
            b'f' => b"\x0C",
            b'r' => b"\r",
            b'e' => b"\x1B",
            b' ' => b" ",
            b'"' => b"\"",
            b'\'' => b"'",
            b'\\' => b"\\",
            b'N' => "\u{85}".as_bytes(),
            b'_' => "\u{A0}".as_bytes(),
            b'L' => "\u{2028}".as_bytes(),
            b'P' => "\u{2029}".as_bytes(),
            b'x' => {
                code_length = 2;
                b""
            }
            b'u' => {
                code_length = 4;
                b""
            }
            b'U' => {
                code_length = 8;
                b""
            }
            _ => return self.fail(CONTEXT, start, "found unknown escape character"),
        };
        self.buffer.extend_from_slice(meaning);
        self.pos += 2;
        if code_length == 0 {
            return Ok(());
        }
        self.need(code_length)?;
        let mut value = 0u64;
        for k in 0..code_length {
            let Some(digit) = hex_value(self.at(k)) else {
                return self.fail(CONTEXT, start, "did not find expected hexdecimal number");
            };
            value = value << 4 | u64::from(digit);
        }
        let Some(value) = u32::try_from(value).ok().and_then(char::from_u32) else {
            return self.fail(CONTEXT, start, "found invalid Unicode character escape code");
        };
        self.buffer.extend_from_slice(value.encode_utf8(&mut [0; 4]).as_bytes());
        self.pos += code_length;
        Ok(())
    }

    // ---- Plain scalars --------------------------------------------------------------------

    pub(super) fn scan_plain_scalar(&mut self, start: Mark) -> Result<(Text, Mark)> {
        let indent = self.indent + 1;
        let flow = self.flow_level > 0;
        let table = if flow { &PLAIN_FLOW } else { &PLAIN_BLOCK };
        let from = self.pos;
        let mut end = start;
        // Where the text starts in the buffer, once a line break made it differ from the source.
        let mut folded: Option<usize> = None;
        let mut leading_blanks = false;
        // The blanks that were seen last, on one line.
        let mut blanks = from..from;
        loop {
            self.need(4)?;
            if self.column() == 0 && self.is_document_indicator() {
                break;
            }
            if self.at(0) == b'#' {
                break;
            }

            let mut run = None;
            while !self.is_blankz(0) {
                match self.at(0) {
                    b':' if self.is_blankz(1) => break,
                    b',' | b'?' | b'[' | b']' | b'{' | b'}' if flow => break,
                    _ => {}
                }
                if run.is_none() {
                    run = Some(self.pos);
                    if leading_blanks {
                        if folded.is_none() {
                            folded = Some(self.buffer.len());
                            self.buffer.extend_from_slice(&self.text[from..end.offset as usize]);
                        }
                        self.fold_breaks();
                        leading_blanks = false;
                    } else if folded.is_some() {
                        self.buffer.extend_from_slice(&self.text[blanks.clone()]);
                    }
                }
                self.skip();
                if self.chunked {
                    self.need(2)?;
                } else {
                    self.skip_run(table);
                }
            }
            if let Some(run) = run {
                end = self.mark();
                if folded.is_some() {
                    self.buffer.extend_from_slice(&self.text[run..self.pos]);
                }
            }

            if !is_blank(self.at(0)) && !self.is_break(0) {
                break;
            }
            self.need(1)?;

            blanks = self.pos..self.pos;
            loop {
                if is_blank(self.at(0)) {
                    if leading_blanks && i64::from(self.column()) < indent && self.at(0) == b'\t' {
                        return self.fail(
                            "while scanning a plain scalar",
                            start,
                            "found a tab character that violates indentation",
                        );
                    }
                    self.pos += 1;
                    if !leading_blanks {
                        blanks.end = self.pos;
                    }
                } else if self.is_break(0) {
                    self.need(2)?;
                    if !leading_blanks {
                        self.leading_break.clear();
                        self.trailing_breaks.clear();
                    }
                    let line_break = self.read_line();
                    if leading_blanks {
                        self.trailing_breaks.extend_from_slice(line_break);
                    } else {
                        self.leading_break.extend_from_slice(line_break);
                        leading_blanks = true;
                    }
                } else {
                    break;
                }
                self.need(1)?;
            }
            if !flow && i64::from(self.column()) < indent {
                break;
            }
        }
        if leading_blanks {
            self.simple_key_allowed = true;
        }
        let value = match folded {
            Some(start) => Text::in_buffer(start, self.buffer.len()),
            None => Text::in_source(from, end.offset as usize),
        };
        Ok((value, end))
    }
}
