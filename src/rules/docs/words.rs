//! The documents of a chart and the words in them. Whether a text says something is guessed from English words.

use std::borrow::Cow;

use crate::chart::Chart;
use crate::repo::Repo;
use crate::source::FileId;

/// A document.
pub(crate) struct Document<'a> {
    /// The name of the file, with its folders.
    pub(crate) name: Cow<'a, str>,
    /// The file.
    pub(crate) source: FileId,
    /// The text.
    pub(crate) text: Cow<'a, str>,
}

impl Document<'_> {
    /// Whether it is a README.
    pub(crate) fn is_readme(&self) -> bool {
        let base = self.name.rsplit('/').next().unwrap_or(&self.name);
        base.to_ascii_lowercase().starts_with("readme")
    }

    /// The text in small letters, as readers see it: without comments.
    pub(crate) fn words(&self) -> String {
        let mut text = String::with_capacity(self.text.len());
        let mut rest = &*self.text;
        while let Some((before, comment)) = rest.split_once("<!--") {
            text.push_str(before);
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
        }
        text.push_str(rest);
        text.to_lowercase()
    }

    /// The same without code blocks.
    pub(crate) fn prose(&self) -> String {
        let words = self.words();
        let mut in_code = false;
        let lines = words.lines().filter(|line| {
            let is_fence = line.trim_start().starts_with("```");
            in_code ^= is_fence;
            !in_code && !is_fence
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The headings of Markdown, in small letters.
    pub(crate) fn headings(&self) -> Vec<String> {
        let words = self.words();
        let lines = words.lines().filter(|line| line.starts_with(['#', '=']));
        lines.map(|line| line.trim_start_matches(['#', '=', ' ']).to_owned()).collect()
    }
}

/// Words that say how data is saved.
pub(crate) const BACKUP: &[&str] = &["backup", "backups", "back up", "backing up", "snapshot", "snapshots", "velero", "dump"];

/// The documents around a chart, the nearest first; those in the chart if it is packed.
pub(crate) fn documents<'a>(chart: &'a Chart, repo: &'a Repo) -> Vec<Document<'a>> {
    if !repo.documents.is_empty() {
        let of = |file: &'a crate::repo::RepoFile| Document {
            name: Cow::Borrowed(&file.name),
            source: file.source,
            text: Cow::Borrowed(&file.text),
        };
        return repo.documents.iter().map(of).filter(|document| !is_no_document(&document.name)).collect();
    }
    let files = chart.files.iter().filter_map(|file| {
        let name = file.name.to_utf8();
        let lower = name.to_ascii_lowercase();
        let is_text = [".md", ".adoc", ".rst", ".txt"].iter().any(|end| lower.ends_with(end)) || lower == "readme";
        let is_near = !lower.contains('/') || lower.starts_with("docs/");
        (is_text && is_near && !is_no_document(&lower)).then(|| Document {
            source: file.source,
            text: Cow::Owned(String::from_utf8_lossy(&file.data).into_owned()),
            name: Cow::Owned(name.into_owned()),
        })
    });
    files.collect()
}

/// Texts that tell the reader nothing about the chart.
fn is_no_document(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    ["license", "robots", "requirements", "codeowners", "cmakelists"].iter().any(|start| base.starts_with(start))
}

/// Whether a text in small letters has one of some words or phrases as whole words.
pub(crate) fn has_word(text: &str, words: &[&str]) -> bool {
    let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    words.iter().any(|word| {
        text.match_indices(word).any(|(at, _)| {
            !is_letter(at.checked_sub(1).and_then(|before| bytes.get(before))) && !is_letter(bytes.get(at + word.len()))
        })
    })
}

/// Whether the documents of a chart have one of some words.
pub(crate) fn mention(chart: &Chart, repo: &Repo, words: &[&str]) -> bool {
    documents(chart, repo).iter().any(|document| has_word(&document.words(), words))
}

#[cfg(test)]
mod tests {
    use super::has_word;

    #[test]
    fn words_are_whole() {
        assert!(has_word("how to back up it.", super::BACKUP) && has_word("`backup`", super::BACKUP));
        assert!(!has_word("dumpling", super::BACKUP));
    }
}
