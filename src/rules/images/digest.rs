//! `image-not-pinned-digest`, `image-digest-not-supported`

use super::{image_of, report};
use crate::manifest::{Container, Node, Workload};
use crate::rules::helpers::ImageReference;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct ImageNotPinnedDigest;

impl Rule for ImageNotPinnedDigest {
    fn spec(&self) -> &'static Spec {
        spec!("image-not-pinned-digest")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let Some((node, text)) = image_of(container) else { return };
        if ImageReference::parse(&text).digest.is_some() {
            return;
        }
        let message = format!("image `{text}` in container `{}` has no digest", container.name());
        let finding = cx.finding(&node, message).help("add the digest of the image: `web:1.2.3@sha256:…`");
        report(finding, workload);
    }
}

pub(super) struct ImageDigestNotSupported;

impl Rule for ImageDigestNotSupported {
    fn spec(&self) -> &'static Spec {
        spec!("image-digest-not-supported")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let Some((node, text)) = image_of(container) else { return };
        if ImageReference::parse(&text).digest.is_some()
            || !cx.is_from_values(&node)
            || is_one_value(cx, &node, &text)
            || cx.may_render(&node, "digest")
            || cx.may_render(&node, "sha")
        {
            return;
        }
        let message = format!("values can set the tag of the image of container `{}`, but no digest", container.name());
        let finding = cx.finding(&node, message).help(
            "write the image with a helper that adds `@{{ .digest }}` if `image.digest` is set, and the tag otherwise",
        );
        report(finding, workload);
    }
}

/// Whether the whole reference is one values key: then a digest can be written in it.
fn is_one_value(cx: &RuleContext<'_>, node: &Node<'_>, text: &str) -> bool {
    let values = cx.values_of(node);
    let [only] = values.as_slice() else { return false };
    let Some(location) = only.location else { return false };
    let Some(source) = cx.sources().get(location.file) else { return false };
    let written = source.bytes().get(location.span.range()).unwrap_or_default();
    String::from_utf8_lossy(written).trim_matches(['"', '\'', ' ']) == text
}
