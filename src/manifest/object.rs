//! Objects: the documents of rendered files, and the items of `List`s.

use std::ops::Range;
use std::sync::Arc;

use chart_lint_yaml::{Span, Target, Tree, Value, decode};

use super::node::Node;
use crate::render::engine::RenderedFile;
use crate::render::manifests::{Head, head, holds_manifests, split, trim_space};

/// A Kubernetes object of a rendered file.
#[derive(Debug)]
pub struct Object {
    /// Which file: an index into the rendered files.
    pub file: usize,
    /// Path of the template within the chart: `chart/templates/x.yaml`.
    pub template: String,
    /// The bytes of the file that its document is in.
    pub range: Range<usize>,
    /// `apiVersion`, `kind`, `metadata.name` and annotations, as Helm reads them.
    pub head: Head,
    /// `metadata.namespace`, if it is there.
    pub namespace: Option<String>,
    tree: Arc<Tree<'static>>,
    root: u32,
}

/// A document that is not YAML, or not an object.
#[derive(Debug)]
pub struct Unreadable {
    /// Which file: an index into the rendered files.
    pub file: usize,
    /// The bytes of the file that the document is in.
    pub range: Range<usize>,
    /// The bytes of the file at which it went wrong.
    pub at: Range<usize>,
    /// What Helm says.
    pub reason: String,
}

/// A key that is written twice in one mapping of a document.
#[derive(Debug)]
pub struct RepeatedKey {
    /// Which file: an index into the rendered files.
    pub file: usize,
    /// The bytes of the file of the first key, which loses.
    pub first: Range<usize>,
    /// The bytes of the file of the second key.
    pub second: Range<usize>,
}

/// What was read from the rendered files.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The objects, in the order of the files' names and their place in the file.
    pub objects: Vec<Object>,
    /// What could not be read.
    pub unreadable: Vec<Unreadable>,
    /// Keys that are written twice.
    pub repeated_keys: Vec<RepeatedKey>,
}

/// Reads the objects of rendered files.
pub fn parse(files: &[RenderedFile]) -> Parsed {
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.sort_by(|&a, &b| files[a].name.cmp(&files[b].name));
    let mut parsed = Parsed::default();
    for index in order {
        let file = &files[index];
        if !holds_manifests(&file.name) || trim_space(&file.text).is_empty() {
            continue;
        }
        for range in split(&file.text) {
            parse_document(&mut parsed, index, file, range);
        }
    }
    parsed
}

fn parse_document(parsed: &mut Parsed, index: usize, file: &RenderedFile, range: Range<usize>) {
    let text = &file.text[range.clone()];
    let shift = |span: Range<usize>| range.start + span.start..range.start + span.end;
    let tree = match decode(text, Target::Any) {
        Ok(tree) => tree,
        Err(error) => {
            let at = shift(error.span().range());
            let reason = error.to_string();
            parsed.unreadable.push(Unreadable { file: index, range: range.clone(), at, reason });
            return;
        }
    };
    for duplicate in tree.duplicate_keys() {
        parsed.repeated_keys.push(RepeatedKey {
            file: index,
            first: shift(duplicate.first.range()),
            second: shift(duplicate.second.range()),
        });
    }
    // Helm keeps documents that hold nothing but comments; there is nothing to check in them.
    if tree.root().is_null() {
        return;
    }
    let head = match head(&tree) {
        Ok(head) => head,
        Err(error) => {
            let at = shift(error.at);
            parsed.unreadable.push(Unreadable {
                file: index,
                range: range.clone(),
                at,
                reason: error.reason,
            });
            return;
        }
    };
    let tree = Arc::new(tree.into_owned());
    let template = file.name.to_utf8().into_owned();
    let whole = Object { file: index, template, range, namespace: None, root: tree.root().id(), tree, head };
    let items =
        if whole.head.kind.ends_with("List") { whole.root().get("items").items() } else { Vec::new() };
    if items.is_empty() {
        let namespace = whole.root().get("metadata.namespace").text();
        parsed.objects.push(Object { namespace, ..whole });
        return;
    }
    for item in items {
        if let Some(value) = item.value().filter(|value| value.as_map().is_some()) {
            parsed.objects.push(Object {
                file: whole.file,
                template: whole.template.clone(),
                range: whole.range.clone(),
                head: head_of_item(&item),
                namespace: item.get("metadata.namespace").text(),
                tree: whole.tree.clone(),
                root: value.id(),
            });
        }
    }
}

fn head_of_item(item: &Node<'_>) -> Head {
    let text = |path| item.get(path).text().unwrap_or_default();
    Head {
        api_version: text("apiVersion"),
        kind: text("kind"),
        name: text("metadata.name"),
        annotations: item
            .get("metadata.annotations")
            .entries()
            .into_iter()
            .map(|(key, value)| (key, value.text().unwrap_or_default()))
            .collect(),
    }
}

impl Object {
    /// `kind`
    pub fn kind(&self) -> &str {
        &self.head.kind
    }

    /// `metadata.name`
    pub fn name(&self) -> &str {
        &self.head.name
    }

    /// The API group: `apps` of `apps/v1`, empty for the core group.
    pub fn group(&self) -> &str {
        self.head.api_version.rsplit_once('/').map_or("", |(group, _)| group)
    }

    /// Whether it is of a kind, in any version of a group.
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.head.kind == kind && self.group() == group
    }

    /// Whether it is an item of a `List`: Helm sees the list only.
    pub fn is_item(&self) -> bool {
        self.root != self.tree.root().id()
    }

    /// Whether Helm runs it as a hook and does not keep it as part of the release.
    pub fn is_hook(&self) -> bool {
        self.head.hook_events().is_some()
    }

    /// Whether `helm test` runs it.
    pub fn is_test(&self) -> bool {
        self.head.is_test()
    }

    /// The whole object.
    pub fn root(&self) -> Node<'_> {
        Node::root(self)
    }

    /// A field: `spec.template.spec`.
    pub fn get(&self, path: &str) -> Node<'_> {
        self.root().get(path)
    }

    pub(super) fn value(&self) -> Option<Value<'_>> {
        self.value_of(self.root)
    }

    /// A value of the document by its id.
    pub(super) fn value_of(&self, id: u32) -> Option<Value<'_>> {
        self.tree.value(id)
    }

    /// A span of the document as bytes of the rendered file.
    pub(super) fn in_file(&self, span: Span) -> Range<usize> {
        self.range.start + span.start as usize..self.range.start + span.end as usize
    }

    /// A span of the document as it is written.
    pub(super) fn raw(&self, span: Span) -> &[u8] {
        self.tree.text().get(span.range()).unwrap_or_default()
    }
}
