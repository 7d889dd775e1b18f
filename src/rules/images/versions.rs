//! `image-version-strategy-mixed`, `image-version-skew`: what the images of a chart have to do with each other.

use std::collections::BTreeMap;

use super::image_of;
use crate::finding::Role;
use crate::kubernetes::datastores;
use crate::manifest::{Container, Node};
use crate::provenance::ValuePlace;
use crate::rules::helpers::{ImageReference, list};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// A container with its image.
struct Used<'a> {
    container: Container<'a>,
    node: Node<'a>,
    name: String,
    tag: String,
}

/// The images with tags of a chart's own workloads; tests and images with a digest left out.
fn used<'a>(cx: &RuleContext<'a>) -> Vec<Used<'a>> {
    let mut all = Vec::new();
    for workload in cx.index.workloads() {
        if !cx.is_own(workload.object) || workload.object.is_test() {
            continue;
        }
        for container in workload.containers() {
            let Some((node, text)) = image_of(&container) else { continue };
            let image = ImageReference::parse(&text);
            if let (Some(tag), None) = (image.tag, image.digest) {
                let (name, tag) = (image.name.to_owned(), tag.to_owned());
                all.push(Used { container, node, name, tag });
            }
        }
    }
    all
}

pub(super) struct ImageVersionSkew;

impl Rule for ImageVersionSkew {
    fn spec(&self) -> &'static Spec {
        spec!("image-version-skew")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let used = used(cx);
        let mut first_of: BTreeMap<&str, &Used<'_>> = BTreeMap::new();
        let mut majors: BTreeMap<&str, &Used<'_>> = BTreeMap::new();
        for image in &used {
            let known = first_of.entry(&image.name).or_insert(image);
            if known.tag != image.tag {
                let message = format!(
                    "image `{}` is used as `{}` in container `{}` and as `{}` in container `{}`",
                    image.name,
                    known.tag,
                    known.container.name(),
                    image.tag,
                    image.container.name()
                );
                cx.finding(&image.node, message).help("use one version of it, from one values key").report();
                continue;
            }
            let Some(store) = datastores::of_image(&image.name) else { continue };
            let known = majors.entry(store.name).or_insert(image);
            if let (Some(one), Some(other)) = (major(&known.tag), major(&image.tag))
                && one != other
            {
                let message = format!(
                    "{} is used in version {one} (container `{}`) and {other} (container `{}`)",
                    store.name,
                    known.container.name(),
                    image.container.name()
                );
                cx.finding(&image.node, message).help("use the same major version: clients and dumps may not fit").report();
            }
        }
    }
}

fn major(tag: &str) -> Option<u32> {
    let digits = tag.strip_prefix('v').unwrap_or(tag);
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

pub(super) struct ImageVersionStrategyMixed;

impl Rule for ImageVersionStrategyMixed {
    fn spec(&self) -> &'static Spec {
        spec!("image-version-strategy-mixed")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let used = used(cx);
        // By what comes before the last part of the repository: the images of one maker.
        let mut makers: BTreeMap<&str, BTreeMap<&str, &Used<'_>>> = BTreeMap::new();
        for image in &used {
            if let Some((maker, _)) = image.name.rsplit_once('/') {
                makers.entry(maker).or_default().entry(&image.name).or_insert(image);
            }
        }
        for images in makers.into_values() {
            let sources: Vec<(&Used<'_>, ValuePlace)> =
                images.values().filter_map(|image| Some((*image, tag_source(cx, image)?))).collect();
            let is_shared = |place: &ValuePlace| {
                !place.is_values || sources.iter().filter(|(_, other)| other.path == place.path).count() > 1
            };
            let (shared, own): (Vec<_>, Vec<_>) = sources.iter().partition(|(_, place)| is_shared(place));
            let Some(((first, place), (_, common))) = own.first().zip(shared.first()) else { continue };
            let Some(location) = place.location else { continue };
            let names: Vec<String> = own.iter().map(|(image, _)| short(&image.name)).collect();
            let message = format!(
                "{} {}, while `{}` of the same maker follows `{}`",
                list(&names, 4),
                if own.len() == 1 { "has a version of its own" } else { "have versions of their own" },
                short(&shared[0].0.name),
                common.path
            );
            let label = format!("the version of `{}` alone", short(&first.name));
            let others = own[1..]
                .iter()
                .filter_map(|(image, place)| Some((place.location?, format!("the version of `{}`", short(&image.name)))))
                .collect();
            cx.finding_at(location, Role::Values, message)
                .label(label)
                .help("let one values key decide for all images of a maker, or say in the README which versions fit")
                .values_keys(others)
                .report();
        }
    }
}

fn short(name: &str) -> String {
    name.rsplit('/').next().unwrap_or(name).to_owned()
}

/// What the tag of an image shows.
fn tag_source(cx: &RuleContext<'_>, image: &Used<'_>) -> Option<ValuePlace> {
    let bytes = image.node.value_bytes()?;
    let file = image.node.object().file;
    let text = cx.scenario.rendered.files.get(file)?.text.get(bytes.clone())?;
    let tag = image.tag.as_bytes();
    if tag.is_empty() {
        return None;
    }
    let start = text.windows(tag.len()).rposition(|window| window == tag)?;
    let trace = cx.scenario.trace(file, bytes.start + start..bytes.start + start + tag.len());
    match <[ValuePlace; 1]>::try_from(trace.values) {
        Ok([only]) => Some(only),
        Err(_) => None,
    }
}
