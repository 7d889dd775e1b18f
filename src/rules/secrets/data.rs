//! `secret-data-not-base64`

use crate::finding::Severity;
use crate::manifest::{Node, Object};
use crate::render::functions::encoding::base64_decode;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct SecretDataNotBase64;

impl Rule for SecretDataNotBase64 {
    fn spec(&self) -> &'static Spec {
        spec!("secret-data-not-base64")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !object.is("", "Secret") {
            return;
        }
        for (key, node) in object.get("data").entries() {
            check(cx, object, &key, &node);
        }
    }
}

fn check(cx: &mut RuleContext<'_>, object: &Object, key: &str, node: &Node<'_>) {
    if !node.exists() {
        return;
    }
    let what = cx.describe(object);
    let Some(text) = node.as_str() else {
        let message = format!("`{key}` in the data of {what} is {}, not text in base64", node.type_name());
        cx.finding(node, message).help("add `| b64enc | quote`, or move it to `stringData` with `| quote`").report();
        return;
    };
    // Line breaks are skipped, as Go's reader does.
    let compact: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    match base64_decode(&compact) {
        Err(_) => {
            cx.finding(node, format!("`{key}` in the data of {what} is not base64"))
                .label("Kubernetes refuses the Secret")
                .secret()
                .hide(&text)
                .help("add `| b64enc`, or move it to `stringData`")
                .report();
        }
        Ok(decoded) if is_encoded_twice(&decoded) => {
            cx.finding(node, format!("`{key}` in the data of {what} looks encoded twice"))
                .severity(Severity::Low)
                .help("take one `b64enc` away, or give the value in clear")
                .report();
        }
        Ok(_) => {}
    }
}

/// Whether bytes are base64 of readable text, and so long that it is no chance.
fn is_encoded_twice(bytes: &[u8]) -> bool {
    const LEAST: usize = 16;
    let text = bytes.trim_ascii();
    // Random keys are often encoded because the program wants them so; text with a form is not.
    let is_text = |decoded: &[u8]| {
        let decoded = decoded.trim_ascii();
        let is_readable = decoded
            .iter()
            .all(|byte| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
        let has = |part: &[u8]| decoded.windows(part.len()).any(|window| window == part);
        is_readable && (has(b"://") || has(b"\n") || has(b" ") || decoded.starts_with(b"{"))
    };
    text.len() >= LEAST && base64_decode(text).is_ok_and(|decoded| is_text(&decoded))
}

#[cfg(test)]
mod tests {
    use super::is_encoded_twice;

    #[test]
    fn only_text_that_is_readable_twice_is_encoded_twice() {
        assert!(is_encoded_twice(b"aHR0cHM6Ly9leGFtcGxlLm9yZw=="));
        assert!(!is_encoded_twice(b"cGxlYXNlLWNoYW5nZS1tZQ=="));
        assert!(!is_encoded_twice(b"please-change-this-one"));
        assert!(!is_encoded_twice(b"Zk9sY3R2bXJ4ODc5X19hYmNkZWZnaGlqa2xtbm-="));
        assert!(!is_encoded_twice(b"9f86d081884c7d659a2feaa0c55ad015"));
    }
}
