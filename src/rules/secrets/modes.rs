//! `secret-volume-permissions` and `configmap-volume-permissions`

use crate::finding::Role;
use crate::manifest::{Node, Workload};
use crate::rules::helpers::{list, template_place};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// What Kubernetes gives files of such volumes that say nothing.
const DEFAULT_MODE: i64 = 0o644;
/// Rights of everyone who is neither the owner nor in the group.
const OTHERS: i64 = 0o007;
const OTHERS_WRITE: i64 = 0o002;

pub(super) struct SecretVolumePermissions;

impl Rule for SecretVolumePermissions {
    fn spec(&self) -> &'static Spec {
        spec!("secret-volume-permissions")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        if workload.is_windows() || workload.object.is_test() {
            return;
        }
        let mut open = Vec::new();
        for volume in workload.pod.get("volumes").items() {
            let name = volume.get("name").text().unwrap_or_default();
            let secret = volume.get("secret");
            if secret.exists() {
                if let Some(node) = open_mode(&secret, &secret.get("items"), OTHERS) {
                    open.push((name, node));
                }
                continue;
            }
            let projected = volume.get("projected");
            let sources = projected.get("sources").items();
            let secrets: Vec<_> = sources.iter().filter(|source| source.get("secret").exists()).collect();
            let found = secrets
                .iter()
                .find_map(|source| open_mode(&projected, &source.get("secret.items"), OTHERS));
            open.extend(found.map(|node| (name, node)));
        }
        let help = "set `defaultMode: 0440`, and an `fsGroup` for the pod so that its user can still read the files";
        report(cx, workload, &open, "everyone in the container reads the files of", help);
    }
}

pub(super) struct ConfigmapVolumePermissions;

impl Rule for ConfigmapVolumePermissions {
    fn spec(&self) -> &'static Spec {
        spec!("configmap-volume-permissions")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        if workload.is_windows() || workload.object.is_test() {
            return;
        }
        let mut open = Vec::new();
        let mut unset = Vec::new();
        for volume in workload.pod.get("volumes").items() {
            let name = volume.get("name").text().unwrap_or_default();
            let config = volume.get("configMap");
            if !config.exists() {
                continue;
            }
            match open_mode(&config, &config.get("items"), OTHERS_WRITE) {
                Some(node) => open.push((name, node)),
                None if !config.get("defaultMode").exists() => unset.push((name, config.get("defaultMode"))),
                None => {}
            }
        }
        let help = "set a `defaultMode` that says who reads the files, such as `0444`, or `0555` for scripts";
        report(cx, workload, &open, "everyone in the container may change the files of", help);
        report(cx, workload, &unset, "nothing says who may read the files of", help);
    }
}

/// The mode of a volume, or of one of its items, that gives one of some rights.
fn open_mode<'a>(volume: &Node<'a>, items: &Node<'a>, rights: i64) -> Option<Node<'a>> {
    let default = volume.get("defaultMode");
    let items = items.items();
    let own: Vec<Node<'a>> = items.iter().map(|item| item.get("mode")).collect();
    if let Some(mode) = own.iter().find(|mode| mode.as_int().is_some_and(|mode| mode & rights != 0)) {
        return Some(mode.clone());
    }
    // If every item says its own mode the default is not used.
    let is_used = own.is_empty() || own.iter().any(|mode| !mode.exists());
    (is_used && default.as_int().unwrap_or(DEFAULT_MODE) & rights != 0).then_some(default)
}

/// One finding for all volumes of a pod.
fn report(cx: &mut RuleContext<'_>, workload: &Workload<'_>, volumes: &[(String, Node<'_>)], what: &str, help: &str) {
    let [(_, first), rest @ ..] = volumes else { return };
    let names: Vec<String> = volumes.iter().map(|(name, _)| name.clone()).collect();
    let word = if rest.is_empty() { "volume" } else { "volumes" };
    let message = format!("{}: {what} {word} {}", cx.describe(workload.object), list(&names, 4));
    let places: Vec<_> = rest
        .iter()
        .filter_map(|(name, node)| Some((template_place(cx, node)?, format!("also volume `{name}`"))))
        .collect();
    let mut finding = cx.finding(first, message).help(help);
    for (place, message) in places {
        finding = finding.related(place, Role::Template, message);
    }
    finding.report();
}
