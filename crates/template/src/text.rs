//! Strings as Go has them, and strings that know where each byte came from.
//!
//! [`Str`] is a shared, immutable byte string: Go's `string`, which is usually UTF-8 but need not be.
//! [`Text`] is a `Str` together with its [`Origins`]. Like minijinja's `StringInput` it does not deref to the
//! characters, so that a function which makes new text has to say what happens to the origin: keep it
//! ([`TextBuilder::push_slice`]), or give the new bytes one of their own ([`TextBuilder::push`]).

use std::borrow::Borrow;
use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, Range};
use std::rc::Rc;
use std::sync::Arc;

/// Identifies where a value came from. What it means is known to whoever made it; this crate only hands it on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct OriginId(pub u32);

impl OriginId {
    /// No origin is known, or tracking is off.
    pub const NONE: OriginId = OriginId(0);

    /// Whether an origin is known.
    pub fn is_some(self) -> bool {
        self.0 != 0
    }
}

impl fmt::Debug for OriginId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// A place in some template's source that writes output: an index into the table of all places of an execution.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Debug)]
pub struct PlaceId(pub u32);

impl PlaceId {
    /// Not yet written by any template.
    pub const NONE: PlaceId = PlaceId(0);
}

/// One execution of a template: which `include`, `template` or `tpl` called it, and from where.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Debug)]
pub struct FrameId(pub u32);

impl FrameId {
    /// No frame: the bytes have not been written by a template yet.
    pub const NONE: FrameId = FrameId(0);
}

/// A stretch of bytes with one origin. Runs are in order and cover the whole text; each ends where the next starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    /// Offset just past the last byte of the run.
    pub end: u32,
    /// The template node that wrote these bytes, if a template has written them.
    pub place: PlaceId,
    /// The execution of that template.
    pub frame: FrameId,
    /// Where the value came from that these bytes show.
    pub value: OriginId,
    /// How many bytes of what the node or the value gave come before this run: text that is cut into lines and
    /// indented still leads to the right line of a long text node or block scalar.
    pub skip: u32,
}

impl Run {
    /// Whether `next` goes on where this run, which starts at `start`, ends.
    fn goes_on(&self, start: u32, next: &Run) -> bool {
        self.place == next.place
            && self.frame == next.frame
            && self.value == next.value
            && (next.skip == self.skip + (self.end - start)
                || self.place == PlaceId::NONE && !self.value.is_some())
    }
}

/// Where the bytes of a [`Text`] came from.
#[derive(Clone, Debug)]
pub enum Origins {
    /// All bytes have the same origin, and no template wrote them yet.
    One(OriginId),
    /// Several stretches.
    Runs(Rc<[Run]>),
}

impl Default for Origins {
    fn default() -> Self {
        Origins::One(OriginId::NONE)
    }
}

/// A shared immutable byte string, Go's `string`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Str(Arc<[u8]>);

impl Str {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The characters; each byte that is not part of valid UTF-8 becomes U+FFFD of its own, as in a Go `range`.
    pub fn to_utf8(&self) -> Cow<'_, str> {
        to_utf8(&self.0)
    }
}

impl Default for Str {
    fn default() -> Self {
        Str(Arc::from(&[][..]))
    }
}

impl Deref for Str {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Borrow<[u8]> for Str {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Str {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<&str> for Str {
    fn from(s: &str) -> Self {
        Str(Arc::from(s.as_bytes()))
    }
}

impl From<String> for Str {
    fn from(s: String) -> Self {
        Str(Arc::from(s.into_bytes()))
    }
}

impl From<&[u8]> for Str {
    fn from(s: &[u8]) -> Self {
        Str(Arc::from(s))
    }
}

impl From<Vec<u8>> for Str {
    fn from(s: Vec<u8>) -> Self {
        Str(Arc::from(s))
    }
}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other.as_bytes()
    }
}

impl PartialEq<&str> for Str {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == *other.as_bytes()
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_utf8(), f)
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_utf8())
    }
}

/// Decodes as Go's `range` over a string does: each byte that is not part of valid UTF-8 gives one U+FFFD.
/// (`String::from_utf8_lossy` gives one for a whole truncated sequence.)
pub fn to_utf8(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(s) => Cow::Borrowed(s),
        Err(_) => {
            let mut out = String::with_capacity(bytes.len() + 8);
            for chunk in bytes.utf8_chunks() {
                out.push_str(chunk.valid());
                out.extend(chunk.invalid().iter().map(|_| '\u{FFFD}'));
            }
            Cow::Owned(out)
        }
    }
}

/// A string and where its bytes came from.
#[derive(Clone, Default)]
pub struct Text {
    bytes: Str,
    origins: Origins,
}

impl Text {
    /// Text of one origin.
    pub fn new(bytes: impl Into<Str>, origin: OriginId) -> Text {
        Text { bytes: bytes.into(), origins: Origins::One(origin) }
    }

    /// Text without a known origin.
    pub fn plain(bytes: impl Into<Str>) -> Text {
        Text::new(bytes, OriginId::NONE)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, shared.
    pub fn as_shared(&self) -> &Str {
        &self.bytes
    }

    /// The characters; see [`to_utf8`].
    pub fn to_utf8(&self) -> Cow<'_, str> {
        self.bytes.to_utf8()
    }

    /// Number of bytes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Where the bytes came from.
    pub fn origins(&self) -> &Origins {
        &self.origins
    }

    /// The same bytes, all of one origin.
    pub fn with_origin(self, origin: OriginId) -> Text {
        Text { bytes: self.bytes, origins: Origins::One(origin) }
    }

    /// The runs that cover `range`, clipped to it, with ends relative to its start.
    pub fn runs(&self, range: Range<usize>) -> Runs<'_> {
        let (start, end) = (range.start as u32, range.end as u32);
        match &self.origins {
            Origins::One(origin) => Runs { runs: &[], one: Some(*origin), run_start: 0, start, end },
            Origins::Runs(runs) => {
                let first = runs.partition_point(|run| run.end <= start);
                let run_start = first.checked_sub(1).map_or(0, |before| runs[before].end);
                Runs { runs: &runs[first..], one: None, run_start, start, end }
            }
        }
    }

    /// The bytes of `range` with their origins.
    pub fn slice(&self, range: Range<usize>) -> Text {
        if range == (0..self.len()) {
            return self.clone();
        }
        let mut builder = TextBuilder::with_capacity(range.len());
        builder.push_slice(self, range);
        builder.finish()
    }

    /// New text made from this one as a whole (`upper`, `sha256sum`, `b64enc`): origins are kept where all bytes
    /// have the same one; otherwise `join` makes one of all of them.
    pub fn origin_as_whole(&self, join: &mut dyn FnMut(&Run) -> OriginId) -> OriginId {
        match &self.origins {
            Origins::One(origin) => *origin,
            Origins::Runs(runs) => {
                let mut all = OriginId::NONE;
                for run in runs.iter() {
                    all = join(&Run { end: all.0, ..*run });
                }
                all
            }
        }
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.bytes, f)
    }
}

/// Iterates over the runs of a part of a text; see [`Text::runs`].
pub struct Runs<'a> {
    runs: &'a [Run],
    one: Option<OriginId>,
    /// Where the first of `runs` starts in the whole text.
    run_start: u32,
    start: u32,
    end: u32,
}

impl Iterator for Runs<'_> {
    type Item = Run;
    fn next(&mut self) -> Option<Run> {
        if let Some(value) = self.one.take() {
            let end = self.end - self.start;
            let run = Run { end, place: PlaceId::NONE, frame: FrameId::NONE, value, skip: self.start };
            return (run.end > 0).then_some(run);
        }
        let (first, rest) = self.runs.split_first()?;
        if self.end <= self.start {
            return None;
        }
        let skip = first.skip + self.start.saturating_sub(self.run_start);
        self.runs = if first.end >= self.end { &[] } else { rest };
        self.run_start = first.end;
        Some(Run { end: first.end.min(self.end) - self.start, skip, ..*first })
    }
}

/// Puts a text together from pieces, each with its origin.
#[derive(Default)]
pub struct TextBuilder {
    bytes: Vec<u8>,
    runs: Vec<Run>,
}

impl TextBuilder {
    /// An empty text.
    pub fn new() -> TextBuilder {
        TextBuilder::default()
    }

    /// An empty text with room for `capacity` bytes.
    pub fn with_capacity(capacity: usize) -> TextBuilder {
        TextBuilder { bytes: Vec::with_capacity(capacity), runs: Vec::new() }
    }

    /// What was pushed so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Number of bytes pushed so far.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was pushed.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Appends bytes of one origin.
    pub fn push(&mut self, bytes: &[u8], origin: OriginId) {
        self.bytes.extend_from_slice(bytes);
        self.mark(PlaceId::NONE, FrameId::NONE, origin);
    }

    /// Appends a whole text.
    pub fn push_text(&mut self, text: &Text) {
        self.push_slice(text, 0..text.len());
    }

    /// Appends the bytes of `range` of a text, with their origins.
    pub fn push_slice(&mut self, text: &Text, range: Range<usize>) {
        let offset = self.bytes.len() as u32;
        self.bytes.extend_from_slice(&text.as_bytes()[range.clone()]);
        for run in text.runs(range) {
            self.push_run(Run { end: run.end + offset, ..run });
        }
    }

    /// Gives all bytes since the last run the source named, of which they are the beginning.
    pub(crate) fn mark(&mut self, place: PlaceId, frame: FrameId, value: OriginId) {
        self.mark_part(place, frame, value, 0);
    }

    /// As [`TextBuilder::mark`], for bytes that come after `skip` bytes of the source.
    pub(crate) fn mark_part(&mut self, place: PlaceId, frame: FrameId, value: OriginId, skip: u32) {
        let end = self.bytes.len() as u32;
        self.push_run(Run { end, place, frame, value, skip });
    }

    fn push_run(&mut self, run: Run) {
        let start = match self.runs.as_slice() {
            [] => 0,
            [_] => 0,
            [.., before, _] => before.end,
        };
        match self.runs.last_mut() {
            Some(last) if run.end == last.end => {}
            Some(last) if last.goes_on(start, &run) => last.end = run.end,
            None if run.end == 0 => {}
            _ => self.runs.push(run),
        }
    }

    /// Direct access for code that writes many small pieces of one origin; call [`TextBuilder::push`] with no bytes
    /// afterwards to give them their origin.
    pub fn bytes_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// The text.
    pub fn finish(self) -> Text {
        let origins = match self.runs.as_slice() {
            [] => Origins::One(OriginId::NONE),
            [one] if one.place == PlaceId::NONE && one.skip == 0 => Origins::One(one.value),
            runs => Origins::Runs(Rc::from(runs)),
        };
        Text { bytes: Str::from(self.bytes), origins }
    }
}
