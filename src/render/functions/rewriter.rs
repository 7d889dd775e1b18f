//! Texts made of other texts character by character, with the origin of each.

use chart_lint_template::{OriginId, State, Text, TextBuilder};

/// Makes a new text of an old one, from start to end: what is put in has the origin of the place in the old text that
/// it stands for.
pub(super) struct Rewriter<'a> {
    text: &'a Text,
    out: TextBuilder,
    origin: OriginId,
    /// Where the run ends that [`Rewriter::origin`] belongs to.
    end: usize,
}

impl<'a> Rewriter<'a> {
    pub(super) fn new(text: &'a Text) -> Rewriter<'a> {
        let out = TextBuilder::with_capacity(text.len() + text.len() / 8);
        Rewriter { text, out, origin: OriginId::NONE, end: 0 }
    }

    /// Where to write what stands for the byte at `at`. Places may only grow.
    pub(super) fn at(&mut self, state: &mut State<'_>, at: usize) -> &mut Vec<u8> {
        if at >= self.end {
            self.out.push(b"", self.origin);
            let length = self.text.len();
            match self.text.runs(at.min(length)..length).next() {
                Some(run) => {
                    self.end = at + run.end as usize;
                    self.origin = state.origins.of_run(&run);
                }
                None => self.end = usize::MAX,
            }
        }
        self.out.bytes_mut()
    }

    pub(super) fn put(&mut self, state: &mut State<'_>, at: usize, c: char) {
        let out = self.at(state, at);
        match u8::try_from(c) {
            Ok(byte) if byte.is_ascii() => out.push(byte),
            _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }

    pub(super) fn finish(mut self) -> Text {
        self.out.push(b"", self.origin);
        self.out.finish()
    }
}
