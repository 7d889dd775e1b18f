//! Images and where they come from.

use super::Rule;

rules! {
    digest::{ImageNotPinnedDigest, ImageDigestNotSupported},
    hardcoded::{ImageHardcodedInTemplate},
    image_latest_tag::{ImageLatestTag},
    pull_policy::{ImagePullPolicyMutable, ImagePullPolicyNotAlways},
    pull_secrets::{ImagePullSecretsNotSupported},
    reference::{ImageInvalidReference},
    registry::{ImageDeprecatedRegistry, ImageRegistryNotAllowed},
    tags::{ImageEolVersion, ImageFloatingTag, ImagePartialVersionTag, ImagePrereleaseTag},
    versions::{ImageVersionSkew, ImageVersionStrategyMixed},
}

use crate::finding::Severity;
use crate::manifest::{Container, Node, Workload};

use super::FindingBuilder;

/// The image of a container, and its text.
fn image_of<'a>(container: &Container<'a>) -> Option<(Node<'a>, String)> {
    let node = container.node.get("image");
    let text = node.as_str().map(std::borrow::Cow::into_owned).filter(|text| !text.is_empty())?;
    Some((node, text))
}

/// Reports a finding about an image, once for each values key it comes from. What a test runs is gone when it ends: that is information.
fn report(finding: FindingBuilder<'_>, workload: &Workload<'_>) {
    let finding = finding.by_values();
    if workload.object.is_test() { finding.severity(Severity::Info).report() } else { finding.report() }
}
