//! A reader for `redis.conf` (and those of its successors): one directive on each line.

/// A directive.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The name, in small letters.
    pub(crate) name: String,
    /// The rest of the line, without quotes around it.
    pub(crate) value: String,
}

/// The directives of a text.
pub(crate) fn settings(text: &str) -> Vec<Setting> {
    let lines = super::lines(text).filter_map(|(_, line)| {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            return None;
        }
        let (name, value) = trimmed.split_once(char::is_whitespace).unwrap_or((trimmed, ""));
        Some(Setting {
            name: name.to_ascii_lowercase(),
            value: value.trim().trim_matches(['"', '\'']).to_owned(),
        })
    });
    lines.collect()
}

/// Whether directives keep the data of a server on disk: nothing if they do not say.
pub(crate) fn persists<'s>(settings: impl Iterator<Item = (&'s str, &'s str)>) -> Option<bool> {
    let mut answer = None;
    for (name, value) in settings {
        let value = value.trim().trim_matches(['"', '\'']);
        let keeps = match name {
            "appendonly" => value == "yes",
            "save" => !value.is_empty(),
            _ => continue,
        };
        // One of the two is enough.
        answer = Some(answer.unwrap_or(false) || keeps);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::{persists, settings};

    #[test]
    fn directives_are_read() {
        let text = "# a comment\n  Appendonly yes\nsave \"\"\r\n";
        let found = settings(text);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].name.as_str(), found[0].value.as_str()), ("appendonly", "yes"));
        assert_eq!(found[1].value, "");
        assert_eq!(persists(found.iter().map(|one| (one.name.as_str(), one.value.as_str()))), Some(true));
        assert_eq!(persists([("save", "")].into_iter()), Some(false));
        assert_eq!(persists([("maxmemory", "1g")].into_iter()), None);
    }
}
