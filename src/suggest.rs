//! What somebody may have meant who wrote a name that is not there.

/// The name that is nearest to a word, if one is near: a few letters differ, or one is the beginning of the other.
pub(crate) fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let most = (word.chars().count() / 3).clamp(1, 3);
    let near = names.into_iter().filter(|name| *name != word).filter_map(|name| {
        let far = distance(&word.to_lowercase(), &name.to_lowercase());
        let begins = word.len() >= 3 && name.len() >= 3 && (name.starts_with(word) || word.starts_with(name));
        (far <= most || begins).then_some((far, name))
    });
    near.min().map(|(_, name)| name)
}

/// How many characters have to be changed, added or removed.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_is_found() {
        assert_eq!(nearest("tls", ["enabled", "hosts", "tlsConfig"]), Some("tlsConfig"));
        assert_eq!(nearest("includ", ["indent", "include", "int"]), Some("include"));
        assert_eq!(nearest("registry", ["repository", "tag"]), None);
        assert_eq!(nearest("repositry", ["repository", "tag"]), Some("repository"));
    }
}
