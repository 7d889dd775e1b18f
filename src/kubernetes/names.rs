//! The syntax of names and labels.

/// Why a name is none for an object of a kind; nothing if it is.
pub(crate) fn name_problem(kind: &str, name: &str) -> Option<&'static str> {
    match kind {
        "Service" => label_problem(name, true),
        "Namespace" => label_problem(name, false),
        "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding" => match name {
            "" => Some("it is empty"),
            "." | ".." => Some("it is a path"),
            _ if name.contains(['/', '%']) => Some("it has `/` or `%` in it"),
            _ => None,
        },
        "CertificateSigningRequest" => None,
        _ => subdomain_problem(name),
    }
}

/// Why a text is no DNS label; `starts_with_letter` is for those of RFC 1035.
pub(crate) fn label_problem(text: &str, starts_with_letter: bool) -> Option<&'static str> {
    let first = text.bytes().next();
    if text.is_empty() {
        Some("it is empty")
    } else if text.len() > 63 {
        Some("it has more than 63 characters")
    } else if !text.bytes().all(|c| is_lower(c) || c == b'-') {
        Some("only lower-case letters, digits and `-` are allowed")
    } else if starts_with_letter && !first.is_some_and(|c| c.is_ascii_lowercase()) {
        Some("it has to start with a letter")
    } else if !first.is_some_and(is_lower) || !text.bytes().last().is_some_and(is_lower) {
        Some("it has to start and end with a letter or digit")
    } else {
        None
    }
}

/// Why a text is no DNS name.
pub(crate) fn subdomain_problem(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        Some("it is empty")
    } else if text.len() > 253 {
        Some("it has more than 253 characters")
    } else if !text.bytes().all(|c| is_lower(c) || c == b'-' || c == b'.') {
        Some("only lower-case letters, digits, `-` and `.` are allowed")
    } else {
        let is_part = |part: &str| {
            part.bytes().next().is_some_and(is_lower) && part.bytes().last().is_some_and(is_lower)
        };
        (!text.split('.').all(is_part)).then_some("each part has to start and end with a letter or digit")
    }
}

/// Whether a text can be the key of a label: `app` or `example.com/app`.
pub(crate) fn is_label_key(text: &str) -> bool {
    match text.split_once('/') {
        Some((domain, name)) => subdomain_problem(domain).is_none() && is_qualified(name),
        None => is_qualified(text),
    }
}

/// Whether a text can be the value of a label.
pub(crate) fn is_label_value(text: &str) -> bool {
    text.is_empty() || is_qualified(text)
}

fn is_qualified(text: &str) -> bool {
    let is_end = |c: Option<u8>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= 63
        && is_end(text.bytes().next())
        && is_end(text.bytes().last())
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(&c))
}

fn is_lower(c: u8) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::{is_label_key, is_label_value, name_problem};

    #[test]
    fn names_follow_the_rules_of_their_kind() {
        assert!(name_problem("Service", "web").is_none());
        assert!(name_problem("Service", "1web").is_some() && name_problem("Service", "a.b").is_some());
        assert!(name_problem("ConfigMap", "1web.a").is_none() && name_problem("ConfigMap", "Web").is_some());
        assert!(name_problem("ConfigMap", "a-.b").is_some() && name_problem("ConfigMap", "").is_some());
        assert!(name_problem("ClusterRole", "system:Web").is_none() && name_problem("Role", "a/b").is_some());
        assert!(is_label_key("example.com/app") && !is_label_key("a b") && !is_label_key("a/b/c"));
        assert!(
            is_label_value("")
                && is_label_value("1.0_a")
                && !is_label_value("1.0+a")
                && !is_label_value("a-")
        );
    }
}
