//! Directives and tags.

use super::{Scanner, hex_value, is_alpha, is_blank};
use crate::error::Result;
use crate::position::Mark;
use crate::reader::width;
use crate::token::{Text, TokenKind};

impl Scanner<'_> {
    pub(super) fn scan_directive(&mut self) -> Result<()> {
        const CONTEXT: &str = "while scanning a directive";
        let start = self.mark();
        self.skip();

        self.need(1)?;
        let from = self.pos;
        while is_alpha(self.at(0)) {
            self.pos += 1;
            self.need(1)?;
        }
        if self.pos == from {
            return self.fail(CONTEXT, start, "could not find expected directive name");
        }
        if !self.is_blankz(0) {
            return self.fail(CONTEXT, start, "found unexpected non-alphabetical character");
        }
        let kind = match &self.text[from..self.pos] {
            b"YAML" => self.scan_version_directive(start)?,
            b"TAG" => self.scan_tag_directive(start)?,
            _ => return self.fail(CONTEXT, start, "found unknown directive name"),
        };
        let end = self.mark();

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
        self.push(kind, start, end);
        Ok(())
    }

    fn scan_version_directive(&mut self, start: Mark) -> Result<TokenKind> {
        self.skip_blanks()?;
        let major = self.scan_version_number(start)?;
        if self.at(0) != b'.' {
            return self.fail(
                "while scanning a %YAML directive",
                start,
                "did not find expected digit or '.' character",
            );
        }
        self.skip();
        let minor = self.scan_version_number(start)?;
        Ok(TokenKind::VersionDirective { major, minor })
    }

    fn scan_version_number(&mut self, start: Mark) -> Result<u8> {
        const CONTEXT: &str = "while scanning a %YAML directive";
        self.need(1)?;
        let mut value = 0;
        let mut length = 0;
        while self.at(0).is_ascii_digit() {
            length += 1;
            if length > 2 {
                return self.fail(CONTEXT, start, "found extremely long version number");
            }
            value = value * 10 + (self.at(0) - b'0');
            self.pos += 1;
            self.need(1)?;
        }
        if length == 0 {
            return self.fail(CONTEXT, start, "did not find expected version number");
        }
        Ok(value)
    }

    fn scan_tag_directive(&mut self, start: Mark) -> Result<TokenKind> {
        const CONTEXT: &str = "while scanning a %TAG directive";
        self.skip_blanks()?;
        let handle = self.scan_tag_handle(true, start)?;
        self.need(1)?;
        if !is_blank(self.at(0)) {
            return self.fail(CONTEXT, start, "did not find expected whitespace");
        }
        // Here libyaml does not fill its buffer.
        while is_blank(self.at(0)) {
            self.pos += 1;
        }
        let prefix = self.scan_tag_uri(true, Text::EMPTY, start)?;
        self.need(1)?;
        if !self.is_blankz(0) {
            return self.fail(CONTEXT, start, "did not find expected whitespace or line break");
        }
        Ok(TokenKind::TagDirective { handle, prefix })
    }

    pub(super) fn scan_tag(&mut self, start: Mark) -> Result<TokenKind> {
        self.need(2)?;
        let handle;
        let suffix;
        if self.at(1) == b'<' {
            self.pos += 2;
            handle = Text::EMPTY;
            suffix = self.scan_tag_uri(false, Text::EMPTY, start)?;
            if self.at(0) != b'>' {
                return self.fail("while scanning a tag", start, "did not find the expected '>'");
            }
            self.skip();
        } else {
            let head = self.scan_tag_handle(false, start)?;
            let bytes = self.bytes(head);
            if bytes.len() > 1 && bytes.ends_with(b"!") {
                handle = head;
                suffix = self.scan_tag_uri(false, Text::EMPTY, start)?;
            } else {
                // It was no handle, but the start of the suffix.
                let bang = Text::in_source(start.offset as usize, start.offset as usize + 1);
                let rest = self.scan_tag_uri(false, head, start)?;
                // The tag `!` alone has no handle and the suffix `!`.
                (handle, suffix) = if rest.is_empty() { (Text::EMPTY, bang) } else { (bang, rest) };
            }
        }
        self.need(1)?;
        if !self.is_blankz(0) {
            return self.fail(
                "while scanning a tag",
                start,
                "did not find expected whitespace or line break",
            );
        }
        Ok(TokenKind::Tag { handle, suffix })
    }

    fn scan_tag_handle(&mut self, directive: bool, start: Mark) -> Result<Text> {
        self.need(1)?;
        if self.at(0) != b'!' {
            return self.fail_tag(directive, start, "did not find expected '!'");
        }
        let from = self.pos;
        self.pos += 1;
        self.need(1)?;
        while is_alpha(self.at(0)) {
            self.pos += 1;
            self.need(1)?;
        }
        if self.at(0) == b'!' {
            self.pos += 1;
        } else if directive && self.pos != from + 1 {
            return self.fail_tag(directive, start, "did not find expected '!'");
        }
        Ok(Text::in_source(from, self.pos))
    }

    /// Scans a tag's URI. `head` was read already and, without its `!`, belongs in front.
    fn scan_tag_uri(&mut self, directive: bool, head: Text, start: Mark) -> Result<Text> {
        let from = self.buffer.len();
        let mut found = !head.is_empty();
        if let Some(span) = head.source_span()
            && span.len() > 1
        {
            self.buffer.extend_from_slice(&self.text[span.range()][1..]);
        }
        self.need(1)?;
        loop {
            match self.at(0) {
                b'%' => self.scan_uri_escapes(directive, start)?,
                byte @ (b';' | b'/' | b'?' | b':' | b'@' | b'&' | b'=' | b'+' | b'$' | b',' | b'.' | b'!'
                | b'~' | b'*' | b'\'' | b'(' | b')' | b'[' | b']') => {
                    self.buffer.push(byte);
                    self.pos += 1;
                }
                byte if is_alpha(byte) => {
                    self.buffer.push(byte);
                    self.pos += 1;
                }
                _ => break,
            }
            self.need(1)?;
            found = true;
        }
        if !found {
            return self.fail_tag(directive, start, "did not find expected tag URI");
        }
        Ok(Text::in_buffer(from, self.buffer.len()))
    }

    /// Decodes the `%XX` of one UTF-8 character.
    fn scan_uri_escapes(&mut self, directive: bool, start: Mark) -> Result<()> {
        let mut remaining = None;
        loop {
            self.need(3)?;
            let (Some(high), Some(low)) = (hex_value(self.at(1)), hex_value(self.at(2))) else {
                return self.fail_tag(directive, start, "did not find URI escaped octet");
            };
            if self.at(0) != b'%' {
                return self.fail_tag(directive, start, "did not find URI escaped octet");
            }
            let octet = (high << 4 | low) as u8;
            let left = match remaining {
                None => match width(octet) {
                    0 => return self.fail_tag(directive, start, "found an incorrect leading UTF-8 octet"),
                    width => width,
                },
                Some(_) if octet & 0xC0 != 0x80 => {
                    return self.fail_tag(directive, start, "found an incorrect trailing UTF-8 octet");
                }
                Some(left) => left,
            };
            self.buffer.push(octet);
            self.pos += 3;
            if left == 1 {
                return Ok(());
            }
            remaining = Some(left - 1);
        }
    }
}
