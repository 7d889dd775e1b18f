//! `datastore-without-persistence`

use crate::finding::{Role as PlaceRole, Severity};
use crate::kubernetes::datastores::{self, Role};
use crate::kubernetes::volumes::{self, is_below};
use crate::manifest::{ContainerKind, Workload};
use crate::rules::helpers::{keys_that_set, list};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// What keeps data elsewhere, or only if it is told to.
const KEPT_ELSEWHERE: &[&str] = &["Milvus", "NATS"];

pub(super) struct DatastoreWithoutPersistence;

impl Rule for DatastoreWithoutPersistence {
    fn spec(&self) -> &'static Spec {
        spec!("datastore-without-persistence")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        if !workload.is_long_running() {
            return;
        }
        let containers = workload.containers();
        let server = containers.iter().filter(|container| container.kind == ContainerKind::Main).find_map(|container| {
            datastores::of_container(container).filter(|store| !store.data.is_empty()).map(|store| (container, store))
        });
        let Some((container, store)) = server else { return };
        let mounts = volumes::mounts(workload, container);
        // Others of the same kind keep the data: this one coordinates, routes or only answers queries.
        let keeps = |other: &&Workload<'_>| {
            datastores::of_workload(other).is_some_and(|known| known.name == store.name)
                && other.containers().iter().any(|container| {
                    volumes::mounts(other, container).iter().any(|mount| mount.is_persistent)
                })
        };
        let is_users_own = cx.is_from_values(&workload.object.get("kind"));
        if KEPT_ELSEWHERE.contains(&store.name) || is_users_own || cx.index.workloads().iter().any(|other| keeps(&other)) {
            return;
        }
        // Any volume that stays may be where the data is: images can be told to keep it elsewhere.
        if mounts.iter().any(|mount| mount.is_persistent) {
            return;
        }
        let at_data = mounts.iter().find(|mount| {
            store.data.iter().any(|folder| is_below(&mount.path, folder) || is_below(folder, &mount.path))
        });
        let message = match at_data {
            Some(mount) => format!("{} of container `{}` keeps its data in {}, on a volume that goes with the pod", store.name, container.name(), mount.path),
            None => format!("{} of container `{}` keeps its data on no volume", store.name, container.name()),
        };
        let place = at_data.map_or_else(|| container.node.clone(), |mount| mount.volume.clone());
        let mut severity = cx.severity;
        if store.role == Role::Cache {
            severity = severity.min(Severity::Info);
        }
        let toggle = cx.disabled_kind("PersistentVolumeClaim");
        let keys: Vec<String> = ["persistence.enabled", "persistent.enabled", "persistentVolume.enabled", "storage.enabled"]
            .iter()
            .flat_map(|name| keys_that_set(cx, workload.object, name.split('.').next().unwrap_or(name)))
            .collect();
        let help = match (&toggle, keys.as_slice()) {
            (Some(toggle), _) => format!("the chart has a claim that is off: set {}", list(&toggle.keys, 3)),
            (None, []) => format!("mount a PersistentVolumeClaim at {}, best from `volumeClaimTemplates` of a StatefulSet", store.data[0]),
            (None, keys) => format!("the chart can claim a volume: see {}", list(keys, 3)),
        };
        if toggle.is_some() || !keys.is_empty() {
            severity = severity.min(Severity::Info);
        }
        let finding = cx.finding(&place, message).help(help).severity(severity);
        match toggle {
            Some(toggle) => finding.related(toggle.location, PlaceRole::Template, "the claim that is off").report(),
            None => finding.report(),
        }
    }
}
