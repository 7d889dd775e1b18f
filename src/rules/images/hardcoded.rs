//! `image-hardcoded-in-template`

use super::{image_of, report};
use crate::manifest::{Container, Node, Workload};
use crate::rules::helpers::ImageReference;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct ImageHardcodedInTemplate;

impl Rule for ImageHardcodedInTemplate {
    fn spec(&self) -> &'static Spec {
        spec!("image-hardcoded-in-template")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let Some((node, text)) = image_of(container) else { return };
        let image = ImageReference::parse(&text);
        let what = match image.tag {
            _ if is_literal(cx, &node, image.name) && image.tag.is_none_or(|tag| is_literal(cx, &node, tag)) => "image",
            _ if is_literal(cx, &node, image.name) => "repository",
            Some(tag) if image.digest.is_none() && is_literal(cx, &node, tag) => "tag",
            _ => return,
        };
        let message = format!("the {what} of container `{}` is fixed in the template: `{text}`", container.name());
        let finding = cx
            .finding(&node, message)
            .label("no values key changes it")
            .help("move it to values.yaml: `image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"`");
        report(finding, workload);
    }
}

/// Whether a part of an image reference stands in a template as it is.
fn is_literal(cx: &RuleContext<'_>, node: &Node<'_>, part: &str) -> bool {
    let Some(bytes) = node.value_bytes() else { return false };
    let file = node.object().file;
    let Some(rendered) = cx.scenario.rendered.files.get(file) else { return false };
    let Some(text) = rendered.text.get(bytes.clone()) else { return false };
    let wanted = part.as_bytes();
    if wanted.is_empty() {
        return false;
    }
    let found = if part.contains('/') || text.starts_with(wanted) {
        text.windows(wanted.len()).position(|window| window == wanted)
    } else {
        text.windows(wanted.len()).rposition(|window| window == wanted)
    };
    let Some(start) = found else { return false };
    let trace = cx.scenario.trace(file, bytes.start + start..bytes.start + start + wanted.len());
    trace.is_text && trace.values.is_empty()
}
