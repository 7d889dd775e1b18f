//! Lines of shell scripts, without comments and without the texts that they only print or hand on.

use std::ops::Range;

/// A line of a script.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line<'t> {
    /// The line without the space around it.
    pub(crate) text: &'t str,
    /// Its bytes.
    pub(crate) span: Range<usize>,
}

/// The lines with commands.
pub(crate) fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut here_document: Option<&str> = None;
    for (span, line) in super::lines(text) {
        let trimmed = line.trim();
        if let Some(end) = here_document {
            if trimmed == end {
                here_document = None;
            }
            continue;
        }
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        here_document = here_document_end(trimmed);
        let start = span.start + (line.len() - line.trim_start().len());
        lines.push(Line { text: trimmed, span: start..start + trimmed.len() });
    }
    lines
}

/// The word that ends the here document that a line starts: `EOF` of `cat <<-'EOF'`.
fn here_document_end(line: &str) -> Option<&str> {
    let (_, after) = line.split_once("<<")?;
    if after.starts_with('<') {
        return None;
    }
    let word = after.trim_start_matches(['-', ' ', '\'', '"', '\\']);
    let end = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(word.len());
    Some(&word[..end]).filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
}

/// Whether a script stops at the first command that fails.
pub(crate) fn stops_at_errors(text: &str) -> bool {
    text.lines().map(str::trim).any(|line| {
        let options = line.strip_prefix("set ").or_else(|| {
            line.strip_prefix("#!").and_then(|line| line.split_once(" -")).map(|(_, options)| options)
        });
        options.is_some_and(|options| {
            options.contains("errexit")
                || options.split_whitespace().any(|option| {
                    let letters = option.trim_start_matches('-');
                    (option.starts_with('-') || line.starts_with("#!"))
                        && letters.split(';').next().unwrap_or_default().contains('e')
                })
        })
    })
}

/// Whether a line pipes what it downloads into a shell.
pub(crate) fn runs_download(line: &str) -> bool {
    let fetches = ["curl ", "wget "].iter().any(|tool| line.contains(tool));
    fetches
        && line.split('|').skip(1).any(|command| {
            let mut words = command.split_whitespace().filter(|word| *word != "sudo");
            matches!(words.next(), Some("sh" | "bash" | "/bin/sh" | "/bin/bash"))
        })
}

#[cfg(test)]
mod tests {
    use super::{lines, runs_download, stops_at_errors};

    #[test]
    fn commands_are_told_from_texts() {
        let text = "#!/bin/sh\n# no\ncat <<EOF\n chmod 777 x\nEOF\n  echo a\n";
        let found: Vec<_> = lines(text).iter().map(|line| line.text).collect();
        assert_eq!(found, ["cat <<EOF", "echo a"]);
    }

    #[test]
    fn options_of_the_shell_are_read() {
        for text in [
            "set -e",
            "set -euo pipefail",
            "set -o errexit",
            "#!/bin/bash -e",
            "#!/bin/sh -ex\n",
            "set -x -e; a",
        ] {
            assert!(stops_at_errors(text), "{text}");
        }
        for text in ["set -x", "echo set -e", "#!/usr/bin/env bash", "set +e"] {
            assert!(!stops_at_errors(text), "{text}");
        }
        assert!(runs_download("curl -sfL https://example.com | sh -") && !runs_download("curl x | jq ."));
    }
}
