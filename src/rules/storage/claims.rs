//! `pvc-deleted-on-uninstall`, `storage-not-configurable`, `storage-request-missing`, `volume-access-mode`

use crate::finding::{ObjectRef, Severity};
use crate::kubernetes::datastores;
use crate::kubernetes::volumes::{claim_names, claim_templates, claims};
use crate::manifest::{Node, Object, Workload};
use crate::rules::helpers::{keys_that_set, list, object_ref};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// A claim as messages name it.
fn claim_name(claim: &Node<'_>) -> String {
    let name = claim.get("metadata.name").text().unwrap_or_default();
    if claim.object().is("", "PersistentVolumeClaim") {
        return format!("PersistentVolumeClaim/{}", claim.object().name());
    }
    let owner = format!("{}/{}", claim.object().kind(), claim.object().name());
    if name.is_empty() { format!("a volume of {owner}") } else { format!("volume `{name}` of {owner}") }
}

pub(super) struct StorageRequestMissing;

impl Rule for StorageRequestMissing {
    fn spec(&self) -> &'static Spec {
        spec!("storage-request-missing")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        for claim in claims(object) {
            let storage = claim.get("spec.resources.requests.storage");
            if storage.is_empty() {
                let message = format!("{} says no size", claim_name(&claim));
                let help = "set `spec.resources.requests.storage`: the cluster refuses a claim without it";
                cx.finding(&storage, message).help(help).report();
            }
        }
    }
}

pub(super) struct VolumeAccessMode;

impl Rule for VolumeAccessMode {
    fn spec(&self) -> &'static Spec {
        spec!("volume-access-mode")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        for claim in claim_templates(workload) {
            let modes = claim.get("spec.accessModes").items();
            let shared = modes.iter().find(|mode| {
                mode.text().is_some_and(|mode| !matches!(mode.as_str(), "ReadWriteOnce" | "ReadWriteOncePod"))
            });
            if let Some(mode) = shared {
                let text = mode.text().unwrap_or_default();
                let message = format!("{} is claimed as {text}, though each pod has its own", claim_name(&claim));
                let help = "use `ReadWriteOnce` or `ReadWriteOncePod`: more storage classes offer it, and nothing else writes there";
                cx.finding(mode, message).help(help).report();
            }
        }
    }
}

pub(super) struct StorageNotConfigurable;

impl Rule for StorageNotConfigurable {
    fn spec(&self) -> &'static Spec {
        spec!("storage-not-configurable")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        for claim in claims(object) {
            // A claim for a volume of the chart's own has to say what that volume says.
            if claim.get("spec.volumeName").exists() {
                continue;
            }
            let mut fixed = Vec::new();
            let mut place = None;
            let size = claim.get("spec.resources.requests.storage");
            if cx.is_literal(&size) {
                fixed.push("size".to_owned());
                place = Some(size);
            }
            let class = claim.get("spec.storageClassName");
            let is_fixed = if class.is_written() {
                cx.is_literal(&class)
            } else {
                !cx.may_render(&claim.get("spec"), "class") && cx.is_literal(&claim.get("spec.accessModes"))
            };
            if is_fixed {
                fixed.push("storage class".to_owned());
                place = place.or(Some(class));
            }
            let Some(place) = place else { continue };
            let message = match fixed.as_slice() {
                [one] => format!("the {one} of {} cannot be set by values", claim_name(&claim)),
                all => format!("{} of {} cannot be set by values", all.join(" and "), claim_name(&claim)),
            };
            let help = "take them from values, and leave `storageClassName` out when none is given: each cluster has its own classes";
            cx.finding(&place, message).help(help).report();
        }
    }
}

pub(super) struct PvcDeletedOnUninstall;

impl Rule for PvcDeletedOnUninstall {
    fn spec(&self) -> &'static Spec {
        spec!("pvc-deleted-on-uninstall")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        // One finding for all definitions: one place to put them right, the folder that they lie in.
        let definitions: Vec<&Object> = cx
            .index
            .of_kind("CustomResourceDefinition")
            .iter()
            .copied()
            .filter(|object| cx.is_own(object) && !is_kept(object))
            .collect();
        let Some((first, others)) = definitions.split_first() else { return };
        let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
        let message = format!(
            "`helm uninstall` deletes {}{more}, and with it all objects of that kind in the cluster",
            cx.describe(first)
        );
        let also = others.iter().map(|object| object_ref(cx.index, object)).collect();
        report(cx, first, message, also);
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !object.is("", "PersistentVolumeClaim") || is_kept(object) {
            return;
        }
        let namespace = cx.index.namespace(object);
        let store = cx.index.workloads().iter().find_map(|workload| {
            let mounts = cx.index.namespace(workload.object) == namespace
                && claim_names(workload).iter().any(|name| name == object.name());
            datastores::of_workload(workload).filter(|_| mounts)
        });
        let Some(store) = store else { return };
        let message =
            format!("`helm uninstall` deletes {}, and with it the data of {}", cx.describe(object), store.name);
        report(cx, object, message, Vec::new());
    }
}

/// Whether Helm leaves an object in the cluster.
fn is_kept(object: &Object) -> bool {
    let policy = object.get("metadata.annotations").child("helm.sh/resource-policy");
    policy.text().is_some_and(|policy| policy.trim().eq_ignore_ascii_case("keep")) || object.is_hook()
}

fn report(cx: &mut RuleContext<'_>, object: &Object, message: String, also: Vec<ObjectRef>) {
    let mut keys = keys_that_set(cx, object, "keep");
    keys.extend(keys_that_set(cx, object, "resourcePolicy"));
    let (severity, help) = if keys.is_empty() {
        (cx.severity, "add the annotation `helm.sh/resource-policy: keep`".to_owned())
    } else {
        let help = format!("the annotation `helm.sh/resource-policy: keep` keeps it: see {}", list(&keys, 3));
        (Severity::Info, help)
    };
    let place = object.get("metadata");
    cx.finding(&place, message).severity(severity).also(also).help(help).report();
}
