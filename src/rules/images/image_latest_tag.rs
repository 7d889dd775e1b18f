//! `image-latest-tag`

use super::report;
use crate::manifest::{Container, Workload};
use crate::rules::helpers::ImageReference;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct ImageLatestTag;

impl Rule for ImageLatestTag {
    fn spec(&self) -> &'static Spec {
        spec!("image-latest-tag")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let node = container.node.get("image");
        let Some(text) = node.text().filter(|text| !text.is_empty()) else { return };
        let image = ImageReference::parse(&text);
        if image.digest.is_some() {
            return;
        }
        let (what, label) = match image.tag {
            None => (format!("image `{text}` has no tag"), "means `latest`"),
            Some("latest") => (format!("image `{text}` is tagged `latest`"), "another image tomorrow"),
            Some(_) => return,
        };
        let finding = cx
            .finding(&node, format!("{what} in container `{}`", container.name()))
            .label(label)
            .help("name a version, or pin the image by its digest");
        report(finding, workload);
    }
}
