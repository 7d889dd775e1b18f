//! Configuration files inside of manifests: in ConfigMaps, Secrets and annotations. Readers for their formats know
//! nothing of Kubernetes; they give spans of the text, which [`Payload::finding`] turns into places.

pub(crate) mod nginx;
pub(crate) mod postgres;
pub(crate) mod redis;
pub(crate) mod settings;
pub(crate) mod shell;
pub(crate) mod sql;

use std::borrow::Cow;
use std::ops::Range;

use crate::manifest::{Node, Object};
use crate::rules::{FindingBuilder, RuleContext};

/// A text inside of an object.
pub(crate) struct Payload<'a> {
    /// The key, which is the name of the file when it is mounted: `nginx.conf`.
    pub(crate) key: String,
    /// The field that holds it.
    pub(crate) node: Node<'a>,
    /// The text.
    pub(crate) text: Cow<'a, str>,
    /// Whether the text is in base64 in the object, so that no part of it has a place.
    is_encoded: bool,
}

impl<'a> Payload<'a> {
    /// The string of a field.
    pub(crate) fn of_node(key: &str, node: Node<'a>) -> Option<Payload<'a>> {
        let text = node.as_str()?;
        Some(Payload { key: key.to_owned(), node, text, is_encoded: false })
    }

    /// Something is wrong with a part of the text.
    pub(crate) fn finding<'c>(
        &self,
        cx: &'c mut RuleContext<'_>,
        part: Range<usize>,
        message: impl Into<String>,
    ) -> FindingBuilder<'c> {
        if self.is_encoded {
            return cx.finding(&self.node, message);
        }
        cx.finding_within(&self.node, part, message)
    }

    /// The last part of the key after a dot, in small letters: `json` of `app.json`.
    pub(crate) fn extension(&self) -> Option<String> {
        self.key.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase())
    }

    /// Whether something in the text is still to be filled in, by the container that reads it: then it is no file of its
    /// format yet.
    pub(crate) fn is_template(&self) -> bool {
        ["{{", "{%", "<%", "[["].iter().any(|mark| self.text.contains(mark))
    }
}

/// The texts of a ConfigMap or Secret; none for other objects.
pub(crate) fn of_object(object: &Object) -> Vec<Payload<'_>> {
    let (plain, encoded) = match object.kind() {
        "ConfigMap" if object.group().is_empty() => ("data", None),
        "Secret" if object.group().is_empty() => ("stringData", Some("data")),
        _ => return Vec::new(),
    };
    let texts =
        object.get(plain).entries().into_iter().filter_map(|(key, node)| Payload::of_node(&key, node));
    let decoded =
        encoded.into_iter().flat_map(|field| object.get(field).entries()).filter_map(|(key, node)| {
            let bytes = crate::render::functions::encoding::base64_decode(node.as_str()?.as_bytes()).ok()?;
            let text = Cow::Owned(String::from_utf8(bytes).ok()?);
            Some(Payload { key, node, text, is_encoded: true })
        });
    texts.chain(decoded).collect()
}

/// The lines of a text with the bytes they take, without their ends.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut at = 0;
    text.split('\n').map(move |line| {
        let start = at;
        at += line.len() + 1;
        let line = line.strip_suffix('\r').unwrap_or(line);
        (start..start + line.len(), line)
    })
}
