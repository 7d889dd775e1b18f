//! `image-floating-tag`, `image-partial-version-tag`, `image-prerelease-tag`, `image-eol-version`: what the tag says.

use super::{image_of, report};
use crate::finding::Severity;
use crate::kubernetes::images::{Floating, TABLES_OF, ended, floating, is_partial, prerelease};
use crate::manifest::{Container, Workload};
use crate::rules::helpers::ImageReference;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct ImageFloatingTag;

impl Rule for ImageFloatingTag {
    fn spec(&self) -> &'static Spec {
        spec!("image-floating-tag")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let Some((node, text)) = image_of(container) else { return };
        let image = ImageReference::parse(&text);
        let Some(tag) = image.tag.filter(|_| image.digest.is_none()) else { return };
        let Some(kind) = floating(tag) else { return };
        let message = format!("tag `{tag}` of image `{text}` in container `{}` moves with each build", container.name());
        let finding = cx
            .finding(&node, message)
            .label("another image tomorrow")
            .help("name a release, or add the image's digest");
        match kind {
            Floating::Branch => report(finding, workload),
            Floating::Channel => report(finding.severity(Severity::Low), workload),
        }
    }
}

pub(super) struct ImagePartialVersionTag;

impl Rule for ImagePartialVersionTag {
    fn spec(&self) -> &'static Spec {
        spec!("image-partial-version-tag")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let Some((node, text)) = image_of(container) else { return };
        let image = ImageReference::parse(&text);
        let Some(tag) = image.tag.filter(|tag| image.digest.is_none() && is_partial(image.name, tag)) else { return };
        let message = format!("tag `{tag}` of image `{text}` in container `{}` names no patch release", container.name());
        report(cx.finding(&node, message).help("write the whole version, `16.4.1` rather than `16`"), workload);
    }
}

pub(super) struct ImagePrereleaseTag;

impl Rule for ImagePrereleaseTag {
    fn spec(&self) -> &'static Spec {
        spec!("image-prerelease-tag")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        // The chart of something that is not released yet has nothing else to run.
        if cx.chart().metadata.version.contains('-') || cx.scenario.name != "default" {
            return;
        }
        let Some((node, text)) = image_of(container) else { return };
        let image = ImageReference::parse(&text);
        let Some(part) = image.tag.filter(|tag| floating(tag).is_none()).and_then(prerelease) else { return };
        let message = format!("container `{}` runs the pre-release `{text}` by default", container.name());
        let finding = cx
            .finding(&node, message)
            .label(format!("`{part}` is no release"))
            .help("use the latest release, or say with the chart's own version that it is a pre-release too");
        report(finding, workload);
    }
}

pub(super) struct ImageEolVersion;

impl Rule for ImageEolVersion {
    fn spec(&self) -> &'static Spec {
        spec!("image-eol-version")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let Some((node, text)) = image_of(container) else { return };
        let image = ImageReference::parse(&text);
        let Some(ended) = image.tag.and_then(|tag| ended(image.name, tag)) else { return };
        let message = format!(
            "image `{text}` in container `{}` gets no fixes: {} {} {} {}",
            container.name(),
            ended.product,
            ended.line,
            if ended.is_older { "and older ended" } else { "ended" },
            ended.since
        );
        let finding = cx
            .finding(&node, message)
            .help(format!("move to a release line of {} that is maintained", ended.product))
            .note(format!("as known in {TABLES_OF}"));
        report(finding, workload);
    }
}
