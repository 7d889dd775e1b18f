//! `yaml-invalid`

use std::ops::Range;

use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct YamlInvalid;

impl Rule for YamlInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("yaml-invalid")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let scenario = cx.scenario;
        for document in &scenario.unreadable {
            let file = scenario.rendered.files.get(document.file);
            let template = file.map(|file| file.name.to_utf8().into_owned()).unwrap_or_default();
            let text = file.map_or(&[][..], |file| &file.text);
            let (what, help) = explain(&document.reason);
            let said = format!("Helm says: YAML parse error on {template}: {}", document.reason);
            let at = offending(text, &document.range, &document.at, &what);
            let starts_line = about_indentation(&what) && starts_line(text, at.start);
            let indentation =
                if starts_line { indentation(text, &document.range, at.start) } else { None };
            let help = match &indentation {
                Some(_) => INDENTATION,
                // The first colon of its line is not one too many.
                None if starts_line && what.contains("mapping values") => NO_COLON,
                None => help,
            };
            let message = if what.starts_with("a document is") {
                what.clone()
            } else {
                format!("rendered YAML is not valid: {what}")
            };
            // Known by what stands there, not by the file: files are renamed.
            let line = String::from_utf8_lossy(line_at(text, at.start)).into_owned();
            let mut finding = cx
                .finding_in_rendered(document.file, at, message)
                .identity(format!("{what}\0{}", line.trim()))
                .help(help)
                .show_rendered();
            if let Some(indentation) = indentation {
                finding = finding.note(indentation);
            }
            finding.note(said).report();
        }
        // Helm cuts files there; `helm lint` and kubectl refuse them.
        for (number, file) in scenario.rendered.files.iter().enumerate() {
            if !crate::render::manifests::holds_manifests(&file.name) {
                continue;
            }
            let mut start = 0;
            for line in file.text.split(|&byte| byte == b'\n') {
                let rest = line.strip_prefix(b"---").map(<[u8]>::trim_ascii).unwrap_or_default();
                if !rest.is_empty() && !rest.starts_with(b"#") {
                    let what = "text follows `---` on the same line: kubectl refuses the file";
                    cx.finding_in_rendered(number, start..start + line.len(), what)
                        .help("start a new line after `---`: an action before it may have eaten the line break")
                        .report();
                }
                start += line.len() + 1;
            }
        }
        for repeated in &scenario.repeated_keys {
            let text = scenario.rendered.files.get(repeated.file).map_or(&[][..], |file| &file.text);
            let key =
                String::from_utf8_lossy(text.get(repeated.second.clone()).unwrap_or_default()).into_owned();
            let first = scenario.trace(repeated.file, repeated.first.clone()).template;
            let finding = cx
                .finding_in_rendered(
                    repeated.file,
                    repeated.second.clone(),
                    format!("key `{key}` is written twice"),
                )
                .label("this one wins; stricter readers refuse the file")
                .help("remove one of the two");
            match first {
                Some(location) => {
                    finding.related(location, crate::finding::Role::Template, "the first one").report();
                }
                None => finding.report(),
            }
        }
    }
}

const INDENTATION: &str =
    "the indentation of this line does not fit the lines around it: compare the number after `indent` or `nindent`";

const NO_COLON: &str = "the line before has no colon, so that this one goes on with it: write `key: value`";

/// What is wrong, in the words of a person, and what to do.
fn explain(reason: &str) -> (String, &'static str) {
    let detail = reason.rsplit_once("yaml: ").map_or(reason, |(_, detail)| detail);
    let detail = match detail.strip_prefix("line ").and_then(|rest| rest.split_once(": ")) {
        Some((_, detail)) => detail,
        None => detail,
    };
    if let Some((_, rest)) = detail.split_once("json: cannot unmarshal ")
        && let Some((found, _)) = rest.split_once(" into Go value")
    {
        let found = match found {
            "array" => "a list",
            "string" => "a text",
            "bool" => "a boolean",
            found => found,
        };
        return (
            format!("a document is {found} and no object"),
            "a document has to be a map with `apiVersion` and `kind`",
        );
    }
    let help = if detail.contains("did not find expected key") {
        "something follows a value that has ended: a quotation mark in it, or another key, needs `quote` or a line of its own"
    } else if detail.contains("did not find expected '-' indicator") {
        "a list goes on with `- ` in the same column: compare the number after `indent` or `nindent`"
    } else if detail.contains("mapping values are not allowed") {
        "there is a second `: ` on the line: quote the value"
    } else if detail.contains("found character that cannot start any token") {
        "YAML does not allow a tab, `@` or a backtick here: quote the value, or indent with spaces"
    } else if detail.contains("could not find expected ':'") {
        "a key without a colon, or a value that goes on without being indented"
    } else if detail.contains("found unexpected end of stream") || detail.contains("unexpected document indicator") {
        "a quotation mark is not closed: pass the value through `quote`, which escapes what is in it"
    } else if detail.contains("unknown escape character") || detail.contains("did not find expected hexdecimal") {
        "in double quotes a backslash starts an escape: use single quotes or `squote`"
    } else if detail.contains("did not find expected node content") || detail.contains("did not find expected ','") {
        "the brackets of a list or map are not closed, or what is in them needs quotes"
    } else if detail.contains("unknown anchor") || detail.contains("alphabetic or numeric character") {
        "a value that starts with `*` or `&` is read as an alias or anchor: quote it"
    } else if detail.contains("cannot unmarshal") {
        "a document has to be a map with `apiVersion` and `kind`, and these have to be strings"
    } else {
        "compare the rendered lines with what the template should write"
    };
    (detail.to_owned(), help)
}

fn about_indentation(what: &str) -> bool {
    ["did not find expected key", "did not find expected '-'", "mapping values are not allowed", "expected ':'"]
        .iter()
        .any(|words| what.contains(words))
}

/// Whether nothing but a key stands before a byte on its line.
fn starts_line(text: &[u8], at: usize) -> bool {
    let at = at.min(text.len());
    let start = text[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    !text[start..at].iter().any(|byte| b":\"'".contains(byte))
}

/// The bytes that are to blame. The scanner often stops a line later, or at the end of the document.
fn offending(text: &[u8], document: &Range<usize>, at: &Range<usize>, what: &str) -> Range<usize> {
    let end = at.start.min(text.len());
    let before = text.get(document.start..end).unwrap_or_default();
    if what.contains("end of stream") || what.contains("document indicator") {
        return unclosed(before).map_or(at.clone(), |line| document.start + line.start..document.start + line.end);
    }
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let is_first = before[line_start..].iter().all(|&byte| byte == b' ');
    let stops_late = what.contains("could not find expected ':'") && is_first;
    if !stops_late && text.get(end).is_some_and(|&byte| byte != b'\n') {
        return at.clone();
    }
    // The last line before that has something on it.
    let upto = if stops_late { &before[..line_start] } else { before };
    let Some(last) = upto.iter().rposition(|byte| !byte.is_ascii_whitespace()) else { return at.clone() };
    let start = upto[..last].iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let blank = upto[start..last].iter().take_while(|&&byte| byte == b' ').count();
    document.start + start + blank..document.start + last + 1
}

/// The first line with a quotation mark that is not closed on it.
fn unclosed(document: &[u8]) -> Option<Range<usize>> {
    for quote in [b'"', b'\''] {
        let mut start = 0;
        for line in document.split_inclusive(|&byte| byte == b'\n') {
            let marks = (0..line.len()).filter(|&at| line[at] == quote && (at == 0 || line[at - 1] != b'\\')).count();
            if marks % 2 == 1 {
                let blank = line.iter().take_while(|&&byte| byte == b' ').count();
                return Some(start + blank..start + line.trim_ascii_end().len());
            }
            start += line.len();
        }
    }
    None
}

/// The line that a byte is on.
fn line_at(text: &[u8], at: usize) -> &[u8] {
    let at = at.min(text.len());
    let start = text[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let end = text[at..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |end| at + end);
    &text[start..end]
}

/// Spaces before a line, if there is more on it than a comment.
fn indent_of(line: &[u8]) -> Option<usize> {
    let spaces = line.iter().take_while(|&&byte| byte == b' ').count();
    let rest = line[spaces..].trim_ascii();
    (!rest.is_empty() && !rest.starts_with(b"#")).then_some(spaces)
}

/// How far the line at `at` is indented, and how far lines may be there: as far as one of those that are open above it.
fn indentation(text: &[u8], document: &Range<usize>, at: usize) -> Option<String> {
    let at = at.min(text.len());
    let line_start = text[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let line_end = text[at..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |end| at + end);
    let found = indent_of(&text[line_start..line_end])?;
    // The columns of what is open: each further in than the one before.
    let mut open: Vec<usize> = Vec::new();
    for line in text.get(document.start..line_start)?.split(|&byte| byte == b'\n') {
        let Some(indent) = indent_of(line).filter(|_| !line.starts_with(b"---")) else { continue };
        open.retain(|&column| column < indent);
        open.push(indent);
        // What follows `- ` may go on in its column.
        let rest = &line[indent..];
        if let Some(inner) = rest.strip_prefix(b"- ") {
            open.push(indent + 2 + inner.iter().take_while(|&&byte| byte == b' ').count());
        }
    }
    if open.contains(&found) || open.is_empty() {
        return None;
    }
    let words: Vec<String> = open.iter().map(ToString::to_string).collect();
    let expected = match words.as_slice() {
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
        [] => return None,
    };
    Some(format!("indentation: found {found} spaces, expected {expected}"))
}
