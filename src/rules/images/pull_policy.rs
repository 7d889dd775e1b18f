//! `image-pull-policy-mutable`, `image-pull-policy-not-always`

use super::{image_of, report};
use crate::kubernetes::images::floating;
use crate::manifest::{Container, Workload};
use crate::rules::helpers::ImageReference;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// The policy that Kubernetes follows: that of the container, or what it makes of the tag.
fn policy(container: &Container<'_>, image: &ImageReference<'_>) -> String {
    let given = container.node.get("imagePullPolicy").text().filter(|policy| !policy.is_empty());
    given.unwrap_or_else(|| {
        let is_latest = image.digest.is_none() && image.tag.is_none_or(|tag| tag == "latest");
        if is_latest { "Always" } else { "IfNotPresent" }.to_owned()
    })
}

pub(super) struct ImagePullPolicyMutable;

impl Rule for ImagePullPolicyMutable {
    fn spec(&self) -> &'static Spec {
        spec!("image-pull-policy-mutable")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let Some((node, text)) = image_of(container) else { return };
        let image = ImageReference::parse(&text);
        let moves = image.tag.is_none_or(|tag| tag == "latest" || floating(tag).is_some());
        let policy = policy(container, &image);
        if image.digest.is_some() || !moves || policy == "Always" {
            return;
        }
        let written = container.node.get("imagePullPolicy");
        let place = if written.exists() { written } else { node };
        let message = format!(
            "container `{}` keeps the image `{text}` that a node already has ({policy}), though its tag moves",
            container.name()
        );
        let finding = cx
            .finding(&place, message)
            .label("each node may run another version")
            .help("name a release; as long as the tag moves, set `imagePullPolicy: Always`");
        report(finding, workload);
    }
}

pub(super) struct ImagePullPolicyNotAlways;

impl Rule for ImagePullPolicyNotAlways {
    fn spec(&self) -> &'static Spec {
        spec!("image-pull-policy-not-always")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let Some((_, text)) = image_of(container) else { return };
        let image = ImageReference::parse(&text);
        let policy = policy(container, &image);
        if image.digest.is_some() || policy == "Always" {
            return;
        }
        let node = container.node.get("imagePullPolicy");
        let message = format!(
            "container `{}` starts from the image that a node already has ({policy}), without asking the registry",
            container.name()
        );
        let finding = cx.finding(&node, message).help("set `imagePullPolicy: Always`, or pin the image by its digest");
        report(finding, workload);
    }
}
