//! A few lines of a source file for miette to draw. miette's own sources look for line breaks from the start of the file
//! each time; a window is cut out by the file's line index, so that drawing costs the same at line 10 and at line
//! 100,000.

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::rules::Secrets;
use crate::source::{Location, SourceFile};

/// Characters of a line that are shown; longer ones are cut around the place.
const MAX_LINE: usize = 160;

/// The lines around a place.
#[derive(Debug)]
pub(super) struct Snippet {
    name: String,
    text: String,
    /// Number of the first line, from 0.
    first_line: usize,
    label: LabeledSpan,
    /// Characters cut off at the start of the line with the place.
    cut: usize,
}

impl Snippet {
    /// Cuts out the line of a place with `context` lines around it. `hide` masks the place: it is a secret.
    /// `secrets` are masked wherever they stand.
    pub(super) fn new(
        file: &SourceFile,
        location: Location,
        context: u32,
        label: &str,
        hide: bool,
        secrets: &Secrets,
    ) -> Snippet {
        let start = file.position(location.span.start);
        let end = file.position(location.span.end.max(location.span.start));
        let first = start.line.saturating_sub(context).max(1);
        // A place of many lines is shown by its first one.
        let last = start.line.saturating_add(context).min(file.line_count());
        let mut text = String::new();
        let mut span = (0, 0);
        let mut cut = 0;
        for line in first..=last {
            let bytes = file.line_span(line).map(|span| &file.bytes()[span.range()]).unwrap_or_default();
            let mut shown: String = String::from_utf8_lossy(bytes).replace('\t', " ");
            if let Some(masked) = crate::rules::mask_in_place(&shown, secrets) {
                shown = masked;
            }
            let characters: Vec<char> = shown.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            // An empty last line is no line.
            if line == last && characters.is_empty() && line > start.line {
                break;
            }
            let from = start.column as usize - 1;
            let to = if end.line == start.line { end.column as usize - 1 } else { characters.len() };
            let window = if characters.len() <= MAX_LINE {
                0
            } else {
                from.saturating_sub(40).min(characters.len() - MAX_LINE)
            };
            let until = (window + MAX_LINE).min(characters.len());
            if line == start.line {
                cut = window;
                let from = from.clamp(window, until);
                let to = to.clamp(from, until);
                let before: String = characters[window..from].iter().collect();
                let mut inside: String = characters[from..to].iter().collect();
                if hide {
                    inside = crate::rules::masked(&inside);
                }
                let trimmed = inside.trim_end().len();
                span = (text.len() + before.len(), trimmed);
                text.push_str(&before);
                text.push_str(&inside);
                text.extend(&characters[to..until]);
            } else {
                text.extend(&characters[window.min(characters.len())..until]);
            }
            if until < characters.len() {
                text.push('…');
            }
            text.push('\n');
        }
        let label = (!label.is_empty()).then(|| label.to_owned());
        Snippet {
            name: file.path().to_owned(),
            text,
            first_line: first as usize - 1,
            label: LabeledSpan::new(label, span.0, span.1),
            cut,
        }
    }

    /// The number of the first line, from 1, and the lines.
    pub(super) fn lines(&self) -> (usize, &str) {
        (self.first_line + 1, &self.text)
    }

    /// The place with its label.
    pub(super) fn label(&self) -> LabeledSpan {
        self.label.clone()
    }
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        // With context miette wants the lines to draw; without, only to know where the place is.
        let (line, column, whole) = if before > 0 {
            (self.first_line, 0, SourceSpan::new(0.into(), self.text.len()))
        } else {
            let until = &self.text[..span.offset().min(self.text.len())];
            let line = until.matches('\n').count();
            let column = until.rsplit('\n').next().unwrap_or_default().chars().count();
            (self.first_line + line, column + self.cut, *span)
        };
        let data = &self.text.as_bytes()[whole.offset()..(whole.offset() + whole.len()).min(self.text.len())];
        let count = self.text.lines().count();
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), data, whole, line, column, count)))
    }
}
