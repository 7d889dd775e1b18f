//! `# chart-lint: ignore[rule-id] reason`, and Trivy's comments.

use bstr::ByteSlice;

use crate::finding::Place;
use crate::source::{FileId, Location, SourceMap, Span};

/// A comment that suppresses.
#[derive(Debug)]
pub(super) struct Comment {
    /// Where it stands.
    pub(super) location: Location,
    /// The rules.
    pub(super) rules: Vec<String>,
    /// Why.
    pub(super) reason: String,
    /// The line that it is about, from 1; `None` is the whole file.
    line: Option<u32>,
    /// Whether it hid something.
    pub(super) used: bool,
}

impl Comment {
    pub(super) fn names(&self, rule: &str) -> bool {
        self.rules.iter().any(|id| id == rule)
    }

    /// Whether a place is on the line that the comment is about.
    pub(super) fn covers(&self, place: &Place, sources: &SourceMap) -> bool {
        if place.location.file != self.location.file {
            return false;
        }
        let Some(line) = self.line else { return true };
        sources.position(place.location).is_some_and(|position| position.line == line)
    }
}

/// The comments of a file.
pub(super) fn read(file: FileId, sources: &SourceMap) -> Vec<Comment> {
    let Some(source) = sources.get(file) else { return Vec::new() };
    let text = source.bytes();
    let mut comments = Vec::new();
    for (marker, is_ours) in [(&b"chart-lint: ignore"[..], true), (b"trivy:ignore:", false)] {
        for at in text.find_iter(marker) {
            let line = source.position(at as u32).line;
            let end = text[at..].find_byte(b'\n').map_or(text.len(), |length| at + length);
            let rest = text[at + marker.len()..end].to_str_lossy();
            let parsed = if is_ours { ours(&rest) } else { trivys(&rest) };
            let Some((rules, reason, whole_file)) = parsed else { continue };
            let start = source.line_span(line).map_or(at, |span| span.start as usize);
            let before = text[start..at].trim_ascii();
            // Alone on its line it is about the next one that says something.
            let is_alone = before
                .iter()
                .all(|byte| matches!(byte, b'#' | b'/' | b'*' | b'{' | b'-' | b'<' | b'!' | b' ' | b'\t'));
            let about = if is_alone { next_line(&source, line) } else { line };
            comments.push(Comment {
                location: Location { file, span: Span::new(at as u32, end as u32) },
                rules,
                reason,
                line: (!whole_file).then_some(about),
                // Trivy's rules are not all ours: what hides nothing here may hide something there.
                used: !is_ours,
            });
        }
    }
    comments
}

/// The first line after a comment that is neither empty nor a comment itself.
fn next_line(source: &crate::source::SourceFile, line: u32) -> u32 {
    (line + 1..=source.line_count())
        .find(|&line| {
            let text = source.line_span(line).map(|span| source.bytes()[span.range()].trim_ascii());
            text.is_some_and(|text| {
                let is_comment =
                    text.starts_with(b"#") || text.starts_with(b"{{/*") || text.starts_with(b"{{- /*");
                !text.is_empty() && !is_comment
            })
        })
        .unwrap_or(line)
}

/// `[a, b] reason`, or `-file[a] reason`.
fn ours(rest: &str) -> Option<(Vec<String>, String, bool)> {
    let (whole_file, rest) = match rest.strip_prefix("-file") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let (ids, reason) = rest.strip_prefix('[')?.split_once(']')?;
    let ids: Vec<String> =
        ids.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    (!ids.is_empty()).then(|| (ids, trimmed(reason), whole_file))
}

/// `KSV-0014` or `AVD-KSV-0014` or `ksv014`.
fn trivys(rest: &str) -> Option<(Vec<String>, String, bool)> {
    let id = rest.split_whitespace().next()?.to_ascii_uppercase();
    let id = id.strip_prefix("AVD-").unwrap_or(&id);
    let number: u32 = id.trim_start_matches("KSV").trim_start_matches('-').parse().ok()?;
    let wanted = format!("KSV-{number:04}");
    let rules: Vec<String> = super::annotations::rules_of_peer("trivy", &wanted);
    (!rules.is_empty()).then(|| (rules, "a comment of Trivy".to_owned(), false))
}

/// A reason without the end of the comment it stands in.
fn trimmed(reason: &str) -> String {
    let reason = reason.trim();
    let reason = reason.trim_end_matches("}}").trim_end_matches('-').trim_end();
    reason
        .trim_end_matches("*/")
        .trim_end_matches("-->")
        .trim()
        .trim_start_matches([':', '-'])
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::ours;

    #[test]
    fn comments_name_rules_and_give_reasons() {
        let parsed = |text: &str| ours(text).map(|(rules, reason, file)| (rules.join("+"), reason, file));
        let expected = |rules: &str, reason: &str, file| Some((rules.to_owned(), reason.to_owned(), file));
        assert_eq!(parsed("[a-b] because */}}"), expected("a-b", "because", false));
        assert_eq!(parsed("[a, b]: two of them */ -}}"), expected("a+b", "two of them", false));
        assert_eq!(parsed("-file[a]"), expected("a", "", true));
        assert_eq!(parsed(" everything"), None);
        assert_eq!(parsed("[]"), None);
    }
}
