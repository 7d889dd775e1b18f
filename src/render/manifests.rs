//! The rendered files cut into documents, as Helm does before it installs them: which are hooks, and in what order
//! they come.
//!
//! Follows `pkg/release/v1/util` (`SplitManifests`, `SortManifests`, the order of kinds).

use std::ops::Range;

use chart_lint_template::Str;
use chart_lint_yaml::{Target, Tree, Value, decode};

use super::engine::RenderedFile;

/// A document of a rendered file.
#[derive(Debug)]
pub struct Document {
    /// Which file: an index into the rendered files.
    pub file: usize,
    /// The bytes of the file.
    pub range: Range<usize>,
    /// What Helm reads of it.
    pub head: Head,
}

/// The part of an object that Helm looks at.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Head {
    /// `apiVersion`
    pub api_version: String,
    /// `kind`
    pub kind: String,
    /// `metadata.name`
    pub name: String,
    /// `metadata.annotations`
    pub annotations: Vec<(String, String)>,
}

/// A document that Helm cannot read.
#[derive(Debug)]
pub struct DocumentError {
    /// Which file: an index into the rendered files.
    pub file: usize,
    /// The bytes of the file that the document is in.
    pub range: Range<usize>,
    /// The bytes of the file at which it went wrong.
    pub at: Range<usize>,
    /// What Helm prints after `Error: `.
    pub message: String,
    /// What the YAML library says.
    pub reason: String,
}

/// What `sort` makes of the rendered files.
#[derive(Debug, Default)]
pub struct Manifests {
    /// The ordinary objects, in the order of installation.
    pub manifests: Vec<Document>,
    /// The hooks, in the order of their kinds.
    pub hooks: Vec<Document>,
    /// What cannot be read, in the order of the files.
    pub errors: Vec<DocumentError>,
}

/// The order in which Helm installs.
const INSTALL_ORDER: &[&str] = &[
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// The events that a hook may name.
pub const HOOK_EVENTS: &[&str] = &[
    "pre-install",
    "post-install",
    "pre-delete",
    "post-delete",
    "pre-upgrade",
    "post-upgrade",
    "pre-rollback",
    "post-rollback",
    "test",
    "test-success",
];

/// The annotation that makes an object a hook.
pub const HOOK_ANNOTATION: &str = "helm.sh/hook";

impl Head {
    /// The value of an annotation.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The events of a hook, trimmed and in small letters; `None` if it is no hook.
    pub fn hook_events(&self) -> Option<Vec<String>> {
        let events = self.annotation(HOOK_ANNOTATION)?;
        Some(events.split(',').map(|event| event.trim().to_lowercase()).collect())
    }

    /// Whether it is a hook that `helm test` runs.
    pub fn is_test(&self) -> bool {
        self.hook_events()
            .is_some_and(|events| events.iter().any(|event| event == "test" || event == "test-success"))
    }
}

/// The documents of a text: the bytes between lines that start with `---`, without leading space; empty ones are left
/// out.
pub fn split(text: &[u8]) -> Vec<Range<usize>> {
    let mut documents = Vec::new();
    let mut start = 0;
    let mut line = leading_space(text);
    let mut push = |range: Range<usize>| {
        let piece = &text[range.clone()];
        let skip = leading_space(piece);
        if skip < piece.len() {
            documents.push(range.start + skip..range.end);
        }
    };
    // Space before the first document does not count, so that `---` after it is at the start of a line.
    start += line;
    loop {
        if text[line..].starts_with(b"---") {
            push(start..line);
            let after = &text[line + 3..];
            let blanks = after.iter().take_while(|&&byte| byte == b' ' || byte == b'\t').count();
            start = line + 3 + blanks;
        }
        match text[line..].iter().position(|&byte| byte == b'\n') {
            Some(end) => line += end + 1,
            None => break,
        }
    }
    if start < text.len() {
        push(start..text.len());
    }
    documents
}

/// Number of bytes of white space at the start, as Go's `unicode.IsSpace` has it.
pub(crate) fn leading_space(text: &[u8]) -> usize {
    let mut at = 0;
    while at < text.len() {
        let (c, size) = bstr::decode_utf8(&text[at..]);
        match c {
            Some(c) if is_space(c) => at += size,
            _ => break,
        }
    }
    at
}

/// The text without white space at both ends, as Go's `strings.TrimSpace`.
pub(crate) fn trim_space(text: &[u8]) -> &[u8] {
    let mut text = &text[leading_space(text)..];
    loop {
        let (c, size) = bstr::decode_last_utf8(text);
        match c {
            Some(c) if is_space(c) && size > 0 => text = &text[..text.len() - size],
            _ => return text,
        }
    }
}

fn is_space(c: char) -> bool {
    matches!(
        c,
        '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// Cuts the rendered files into documents and sorts them as Helm does. `NOTES.txt` and partials are left out.
pub fn sort(files: &[RenderedFile]) -> Manifests {
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.sort_by(|&a, &b| files[a].name.cmp(&files[b].name));
    let mut sorted = Manifests::default();
    for index in order {
        let file = &files[index];
        if !holds_manifests(&file.name) || trim_space(&file.text).is_empty() {
            continue;
        }
        for range in split(&file.text) {
            match read_head(&file.text[range.clone()]) {
                Ok(head) => add(&mut sorted, Document { file: index, range, head }),
                Err(error) => sorted.errors.push(document_error(file, index, range, &error)),
            }
        }
    }
    sorted.manifests.sort_by(|a, b| by_kind(&a.head.kind, &b.head.kind));
    sorted.hooks.sort_by(|a, b| by_kind(&a.head.kind, &b.head.kind));
    sorted
}

/// Whether a rendered file is installed: neither notes nor a partial.
pub fn holds_manifests(name: &Str) -> bool {
    let base = name.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    !name.ends_with(b"NOTES.txt") && !base.starts_with(b"_")
}

fn add(sorted: &mut Manifests, document: Document) {
    match document.head.hook_events() {
        None => sorted.manifests.push(document),
        // A hook with an event that Helm does not know is left out as a whole.
        Some(events) if events.iter().any(|event| !HOOK_EVENTS.contains(&event.as_str())) => {}
        Some(_) => sorted.hooks.push(document),
    }
}

fn by_kind(a: &str, b: &str) -> std::cmp::Ordering {
    let place = |kind: &str| INSTALL_ORDER.iter().position(|&known| known == kind);
    match (place(a), place(b)) {
        (None, None) => a.cmp(b),
        (None, Some(_)) => std::cmp::Ordering::Greater,
        (Some(_), None) => std::cmp::Ordering::Less,
        (Some(a), Some(b)) => a.cmp(&b),
    }
}

/// Why a document has no head: what the YAML library says, and where in the document.
pub(crate) struct HeadError {
    pub(crate) reason: String,
    pub(crate) at: Range<usize>,
}

fn document_error(
    file: &RenderedFile,
    index: usize,
    range: Range<usize>,
    error: &HeadError,
) -> DocumentError {
    let at = range.start + error.at.start..range.start + error.at.end;
    DocumentError {
        file: index,
        range,
        at,
        message: format!("YAML parse error on {}: {}", file.name, error.reason),
        reason: error.reason.clone(),
    }
}

fn read_head(text: &[u8]) -> Result<Head, HeadError> {
    let tree = decode(text, Target::Any)
        .map_err(|error| HeadError { reason: error.to_string(), at: error.span().range() })?;
    head(&tree)
}

/// What Helm reads of a decoded document. Keys are found in any case, as encoding/json does.
pub(crate) fn head(tree: &Tree<'_>) -> Result<Head, HeadError> {
    let root = tree.root();
    let mut head = Head::default();
    if root.is_null() {
        return Ok(head);
    }
    let wrong = |value: Value<'_>, what: &str| HeadError {
        reason: format!(
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {} into Go {what}",
            value.json_type()
        ),
        at: value.span().range(),
    };
    let Some(entries) = root.as_map() else {
        return Err(wrong(root, "value of type util.SimpleHead"));
    };
    let mut first_error = None;
    for (name, value) in in_json_order(entries) {
        match name {
            "apiversion" => {
                set_string(&mut head.api_version, value, "SimpleHead.apiVersion", &mut first_error)
            }
            "kind" => set_string(&mut head.kind, value, "SimpleHead.kind", &mut first_error),
            "metadata" if value.is_null() => {
                head.name.clear();
                head.annotations.clear();
            }
            "metadata" => match value.as_map() {
                Some(entries) => read_metadata(&mut head, entries, &mut first_error),
                None => {
                    let type_of = r#"struct { Name string "json:\"name\""; Annotations map[string]string "json:\"annotations\"" }"#;
                    first_error.get_or_insert_with(|| {
                        wrong(value, &format!("struct field SimpleHead.metadata of type {type_of}"))
                    });
                }
            },
            _ => {}
        }
    }
    first_error.map_or(Ok(head), Err)
}

fn read_metadata(head: &mut Head, entries: chart_lint_yaml::Map<'_>, first_error: &mut Option<HeadError>) {
    for (name, value) in in_json_order(entries) {
        match name {
            "name" => set_string(&mut head.name, value, ".metadata.name", first_error),
            "annotations" if value.is_null() => head.annotations.clear(),
            "annotations" => match value.as_map() {
                Some(annotations) => {
                    for entry in annotations.iter() {
                        let mut text = String::new();
                        set_string(&mut text, entry.value, ".metadata.annotations", first_error);
                        let key = String::from_utf8_lossy(entry.key).into_owned();
                        head.annotations.retain(|(known, _)| *known != key);
                        head.annotations.push((key, text));
                    }
                }
                None => {
                    first_error.get_or_insert_with(|| {
                        field_error(value, ".metadata.annotations", "map[string]string")
                    });
                }
            },
            _ => {}
        }
    }
}

/// The entries whose key is one of Helm's when case does not count, in the order of JSON: sorted by key.
fn in_json_order(entries: chart_lint_yaml::Map<'_>) -> Vec<(&'static str, Value<'_>)> {
    let mut found: Vec<_> = entries
        .iter()
        .filter_map(|entry| {
            let known = ["apiversion", "kind", "metadata", "name", "annotations"];
            let name = known.into_iter().find(|name| entry.key.eq_ignore_ascii_case(name.as_bytes()))?;
            Some((entry.key, name, entry.value))
        })
        .collect();
    found.sort_by_key(|(key, _, _)| *key);
    found.into_iter().map(|(_, name, value)| (name, value)).collect()
}

fn field_error(value: Value<'_>, field: &str, type_of: &str) -> HeadError {
    let kind = value.json_type();
    HeadError {
        reason: format!(
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {kind} into Go struct field {field} of type {type_of}"
        ),
        at: value.span().range(),
    }
}

fn set_string(target: &mut String, value: Value<'_>, field: &str, first_error: &mut Option<HeadError>) {
    match value.to_string_field() {
        Some(text) => *target = String::from_utf8_lossy(&text).into_owned(),
        // Null leaves the field as it is.
        None if value.is_null() => {}
        None => {
            first_error.get_or_insert_with(|| field_error(value, field, "string"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_split_at_lines_that_start_with_dashes() {
        let text = b"\n\n---\na: 1\n--- \t\nb: 2\n---c: 3\n---\n\n";
        let pieces: Vec<&[u8]> = split(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(pieces, [&b"a: 1\n"[..], b"b: 2\n", b"c: 3\n"]);
    }

    #[test]
    fn a_head_is_read_as_encoding_json_reads_it() {
        let head = read_head(
            b"Kind: A\nkind: B\napiVersion: 1.10\nmetadata:\n  name: 5\n  annotations: {a: true}\n",
        );
        let head = head.unwrap_or_else(|_| panic!("it has a head"));
        assert_eq!((head.kind.as_str(), head.api_version.as_str(), head.name.as_str()), ("B", "1.1", "5"));
        assert_eq!(head.annotation("a"), Some("true"));
    }
}
