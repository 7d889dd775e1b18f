//! `image-invalid-reference`

use crate::finding::Severity;
use crate::kubernetes::images::invalid_reference;
use crate::manifest::{Container, Workload};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct ImageInvalidReference;

impl Rule for ImageInvalidReference {
    fn spec(&self) -> &'static Spec {
        spec!("image-invalid-reference")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, _: &Workload<'_>, container: &Container<'_>) {
        let node = container.node.get("image");
        let Some(text) = node.as_str().filter(|text| !text.is_empty()) else { return };
        let Some(why) = invalid_reference(&text) else { return };
        // A value that has to be set before the chart can be installed: the chart should ask for it, but works then.
        let is_unset = text.starts_with(':') || (text.ends_with(['/', ':']) && cx.may_render(&node, "image"));
        let message = format!("`{text}` in container `{}` is no image reference: {why}", container.name());
        let finding = cx.finding(&node, message).label("the kubelet refuses it (InvalidImageName)");
        if is_unset {
            finding
                .severity(Severity::Medium)
                .help("give the value a default, or ask for it: `required \"image.tag is needed\" .Values.image.tag`")
                .report();
        } else {
            finding.help("write it as `registry/repository:tag`, in small letters").report();
        }
    }
}
