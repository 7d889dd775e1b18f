//! Rules about volumes that several pods want.

use std::collections::BTreeMap;

use crate::finding::{Role, Severity};
use crate::kubernetes::datastores;
use crate::kubernetes::quantity::parse_share;
use crate::manifest::{MountedClaim, Workload};
use crate::rules::helpers::{keys_that_set, list, template_place};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct RwoVolumeMultiAttach;

impl Rule for RwoVolumeMultiAttach {
    fn spec(&self) -> &'static Spec {
        spec!("rwo-volume-multi-attach")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let object = workload.object;
        let kind = object.kind();
        if !workload.is_replicated() {
            return;
        }
        let claims = cx.index.claims(workload);
        let Some(claim) = claims.iter().find(|claim| claim.is_for_one_node()) else { return };
        let replicas = cx.index.replicas(workload);
        let name = cx.describe(object);
        let place = template_place(cx, &claim.reference);
        let (node, message, help) = if replicas > 1 {
            let message = format!(
                "{replicas} pods of {name} share the volume `{}`, which one node only may mount",
                claim.name
            );
            let help = "run one pod, give each its own volume with a StatefulSet, or use `ReadWriteMany`".to_owned();
            (object.get("spec.replicas"), message, help)
        } else if kind == "Deployment" && replicas == 1 && surges(workload) {
            let message = format!(
                "an update of {name} starts the new pod while the old one still holds the volume `{}`",
                claim.name
            );
            let keys = keys_that_set(cx, object, "strategy");
            let keys = [keys, keys_that_set(cx, object, "strategyType")].concat();
            let help = match keys.as_slice() {
                [] => "set `strategy: {type: Recreate}`: on another node the new pod would wait for ever".to_owned(),
                keys => format!("let {} default to `Recreate`: on another node the new pod would wait for ever", list(keys, 2)),
            };
            (object.get("spec.strategy"), message, help)
        } else {
            return;
        };
        let finding = cx.finding(&node, message).help(help);
        match place {
            Some(place) => finding.related(place, Role::Object, "the volume is mounted here").report(),
            None => finding.report(),
        }
    }
}

/// Whether an update starts a new pod before it stops the old one.
fn surges(workload: &Workload<'_>) -> bool {
    let strategy = workload.object.get("spec.strategy");
    let surge = strategy.get("rollingUpdate.maxSurge").text().unwrap_or_else(|| "25%".to_owned());
    strategy.get("type").as_str().as_deref() != Some("Recreate")
        && parse_share(&surge, 1, true).is_some_and(|surge| surge > 0)
}

pub(super) struct SharedClaimMultipleWriters;

impl Rule for SharedClaimMultipleWriters {
    fn spec(&self) -> &'static Spec {
        spec!("shared-claim-multiple-writers")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let mut writers: BTreeMap<(String, String), Vec<(Workload<'_>, MountedClaim<'_>)>> = BTreeMap::new();
        for workload in cx.index.workloads() {
            if workload.object.is_hook() || !cx.is_own(workload.object) {
                continue;
            }
            for claim in cx.index.claims(workload) {
                let key = (cx.index.namespace(workload.object).to_owned(), claim.name.clone());
                let known = writers.entry(key).or_default();
                let is_new = !known.iter().any(|(other, _)| std::ptr::eq(other.object, workload.object));
                if is_new && !claim.is_read_only {
                    known.push((workload.clone(), claim));
                }
            }
        }
        for ((_, name), writers) in writers {
            let [(_, first), .., (_, last)] = writers.as_slice() else { continue };
            let names: Vec<String> = writers.iter().map(|(workload, _)| cx.describe(workload.object)).collect();
            let message = format!("{} all write to the claim `{name}`", list(&names, 4));
            let message = if names.len() == 2 { message.replace(" all write", " both write") } else { message };
            let place = template_place(cx, &first.reference);
            let finding = cx
                .finding_at_key(&last.reference, message)
                .help("give each its own claim, or mount it with `readOnly: true` where it is only read");
            // One that many may mount is made for this.
            let finding = if last.is_for_one_node() { finding } else { finding.severity(Severity::Low) };
            match place {
                Some(place) => finding.related(place, Role::Object, "mounted here too").report(),
                None => finding.report(),
            }
        }
    }
}

pub(super) struct DatastoreAsDeployment;

impl Rule for DatastoreAsDeployment {
    fn spec(&self) -> &'static Spec {
        spec!("datastore-as-deployment")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let object = workload.object;
        let Some(store) = datastores::of_workload(workload) else { return };
        let is_one_at_a_time = object.get("spec.strategy.type").as_str().as_deref() == Some("Recreate");
        let keeps_data = cx.index.claims(workload).iter().any(|claim| !claim.is_read_only);
        if !matches!(object.kind(), "Deployment" | "ReplicaSet") || is_one_at_a_time || !keeps_data {
            return;
        }
        let message = format!("{} runs as a {} and keeps its data in a volume", store.name, object.kind());
        cx.finding(&object.root(), message)
            .help("make it a StatefulSet: two pods of a Deployment may write to the same data during an update")
            .report();
    }
}
