//! `image-registry-not-allowed`, `image-deprecated-registry`

use super::{image_of, report};
use crate::kubernetes::images::{closed_registry, registry};
use crate::manifest::{Container, Workload};
use crate::rules::helpers::ImageReference;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct ImageRegistryNotAllowed;

impl Rule for ImageRegistryNotAllowed {
    fn spec(&self) -> &'static Spec {
        spec!("image-registry-not-allowed")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, _: &Workload<'_>, container: &Container<'_>) {
        let Some((node, text)) = image_of(container) else { return };
        let name = ImageReference::parse(&text).name;
        let host = registry(name);
        let path = name.strip_prefix(host).map_or(name, |rest| rest.trim_start_matches('/'));
        let whole = format!("{host}/{path}");
        // A list of hosts, or of hosts and the beginnings of repositories.
        let is_in = |list: &str| {
            let entries = list.split([',', ' ']).map(|entry| entry.trim_end_matches('/')).filter(|entry| !entry.is_empty());
            let mut entries = entries.peekable();
            entries.peek()?;
            Some(entries.any(|entry| whole.strip_prefix(entry).is_some_and(|rest| rest.starts_with('/'))))
        };
        let refused = is_in(&cx.param("denied")) == Some(true);
        if !refused && is_in(&cx.param("allowed")) != Some(false) {
            return;
        }
        let message = format!("container `{}` takes the image `{text}` from {host}, which is not allowed", container.name());
        cx.finding(&node, message).help("use an image of an allowed registry, or a mirror of this one").report();
    }
}

pub(super) struct ImageDeprecatedRegistry;

impl Rule for ImageDeprecatedRegistry {
    fn spec(&self) -> &'static Spec {
        spec!("image-deprecated-registry")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let Some((node, text)) = image_of(container) else { return };
        let image = ImageReference::parse(&text);
        let pinned = image.digest.is_some() || image.tag.is_some_and(|tag| tag != "latest");
        let Some((why, instead)) = closed_registry(image.name, pinned) else { return };
        let message = format!("image `{text}` in container `{}`: {why}", container.name());
        report(cx.finding(&node, message).help(instead), workload);
    }
}
