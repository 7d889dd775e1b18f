//! `backup-strategy-missing`, `backup-without-retention`

use crate::finding::{Role as PlaceRole, Severity};
use crate::kubernetes::datastores::{self, Role};
use crate::kubernetes::volumes::{claim_names, claim_templates, mounted_objects};
use crate::manifest::{Node, Workload};
use crate::payload;
use crate::rules::docs::words::{BACKUP, mention};
use crate::rules::helpers::{list, object_ref};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Kinds of operators that make backups.
const BACKUP_KINDS: &[&str] = &[
    "VolumeSnapshot", "VolumeSnapshotClass", "Schedule", "Backup", "BackupConfiguration", "BackupSession", "BackupStorage",
    "ScheduledBackup", "BackupSchedule", "RecurringBackup", "RecurringJob", "ReplicationSource", "PerconaServerMongoDBBackup",
    "PerconaPGBackup", "BackupBlueprint", "ActionSet", "SnapshotSchedule", "Snapshot", "ObjectStore",
];

/// Commands that write a copy of data somewhere.
const DUMPS: &[&str] = &[
    "pg_dump", "pg_dumpall", "pg_basebackup", "mysqldump", "mariadb-dump", "mariabackup", "xtrabackup", "mongodump",
    "redis-cli --rdb", "--rdb", "restic backup", "borg create", "etcdctl snapshot", "snapshot save", "influxd backup",
    "influx backup", "tar -c", "tar c", "mydumper", "wal-g", "pgbackrest",
];

/// What removes old copies, or says that they are removed.
const PRUNES: &[&str] = &[
    "-mtime", "-mmin", "-ctime", "forget", "prune", "retention", "retain", "keep", "--delete", "expire", "rotate", "ttl",
    "max_backups", "max-backups", "head -n", "tail -n +", "cleanup", "clean_up", "delete-older", "rm -", "rm \"", "logrotate",
];

/// Stores that delete old objects by rules of their own.
const BUCKETS: &[&str] = &["s3://", "aws s3", "s3cmd", "rclone", "gsutil", "gcloud storage", "mc cp", "mc mirror", "azcopy", "az storage"];

pub(super) struct BackupStrategyMissing;

impl Rule for BackupStrategyMissing {
    fn spec(&self) -> &'static Spec {
        spec!("backup-strategy-missing")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let stores: Vec<(&Workload<'_>, &'static datastores::Datastore)> = cx
            .index
            .workloads()
            .iter()
            .filter(|workload| cx.is_own(workload.object))
            .filter(|workload| !claim_templates(workload).is_empty() || !claim_names(workload).is_empty())
            .filter_map(|workload| Some((workload, datastores::of_workload(workload)?)))
            .filter(|(_, store)| matches!(store.role, Role::Database | Role::Objects | Role::Search))
            .collect();
        let Some(&(first, _)) = stores.first() else { return };
        if has_backup(cx) {
            return;
        }
        let is_documented = mention(cx.chart(), cx.repo(), BACKUP);
        let mut names: Vec<String> = stores.iter().map(|(_, store)| store.name.to_owned()).collect();
        names.sort();
        names.dedup();
        let also = stores.iter().skip(1).map(|(workload, _)| object_ref(cx.index, workload.object)).collect();
        let names = list(&names, 3).replace('`', "");
        let message = if is_documented {
            format!("the chart keeps data of {names}, and its backups are left to whoever reads the README")
        } else {
            format!("the chart keeps data of {names} and says nothing about backups")
        };
        let severity = if is_documented { cx.severity.min(Severity::Info) } else { cx.severity };
        let place = data_place(first);
        let toggle = cx.scenario.toggles.iter().find(|toggle| {
            BACKUP_KINDS.contains(&toggle.kind.as_str()) || toggle.keys.iter().any(|key| key.to_lowercase().contains("backup"))
        });
        match toggle.cloned() {
            Some(toggle) => {
                let help = format!("the chart has a backup that is off: set {}", list(&toggle.keys, 3));
                let finding = cx.finding(&place, message).also(also).severity(Severity::Info).help(help);
                finding.related(toggle.location, PlaceRole::Template, "the backup that is off").report();
            }
            None => {
                let help = "add a CronJob that dumps it, or snapshots (VolumeSnapshot, Velero), or write in the README how to back it up and restore it";
                cx.finding(&place, message).also(also).severity(severity).help(help).report();
            }
        }
    }
}

/// What in a workload names the data that it keeps.
fn data_place<'a>(workload: &Workload<'a>) -> Node<'a> {
    let volumes = workload.pod.get("volumes").items();
    let templates = claim_templates(workload).into_iter().map(|template| template.get("metadata.name"));
    let claim = templates.chain(volumes.into_iter().filter(|volume| volume.get("persistentVolumeClaim").exists())).next();
    claim.unwrap_or_else(|| workload.object.root())
}

/// Whether anything of the scenario makes backups.
fn has_backup(cx: &RuleContext<'_>) -> bool {
    let objects = cx.index.objects();
    objects.iter().any(|object| {
        let is_backup_kind = BACKUP_KINDS.contains(&object.kind()) && !matches!(object.group(), "" | "apps" | "batch");
        let is_backup_job = matches!(object.kind(), "CronJob" | "Job") && object.name().to_lowercase().contains("backup");
        let annotations = |node: Node<'_>| {
            node.entries().iter().any(|(key, _)| {
                let key = key.to_lowercase();
                key.contains("backup") || key.contains("velero") || key.contains("snapshot")
            })
        };
        is_backup_kind || is_backup_job || annotations(object.get("metadata.annotations"))
    }) || cx.index.workloads().iter().any(|workload| {
        let annotated = workload.template.get("metadata.annotations").entries();
        annotated.iter().any(|(key, _)| key.to_lowercase().contains("backup"))
            || (workload.object.kind() == "CronJob" && dump_of(workload, cx).is_some())
            || workload.containers().iter().any(|container| {
                let image = datastores::base_name(&container.node.get("image").text().unwrap_or_default());
                ["backup", "wal-g", "restic", "velero", "pgbackrest", "dump"].iter().any(|tool| image.contains(tool))
            })
    })
}

/// All texts of a workload's containers, with scripts that it mounts.
fn texts(workload: &Workload<'_>, cx: &RuleContext<'_>) -> String {
    let mut text = String::new();
    for container in workload.containers() {
        for word in ["command", "args"].iter().flat_map(|field| container.node.get(field).items()) {
            text.push_str(&word.text().unwrap_or_default());
            text.push('\n');
        }
        for env in container.node.get("env").items() {
            text.push_str(&env.get("name").text().unwrap_or_default());
            text.push('\n');
        }
    }
    let mounted = mounted_objects(workload, "ConfigMap");
    for object in cx.index.of_kind("ConfigMap") {
        if mounted.iter().any(|(name, _)| name == object.name()) {
            for payload in payload::of_object(object) {
                text.push_str(&payload.text);
                text.push('\n');
            }
        }
    }
    text.to_lowercase()
}

/// The command that a workload dumps data with.
fn dump_of(workload: &Workload<'_>, cx: &RuleContext<'_>) -> Option<&'static str> {
    let text = texts(workload, cx);
    DUMPS.iter().find(|dump| text.contains(**dump)).copied()
}

pub(super) struct BackupWithoutRetention;

impl Rule for BackupWithoutRetention {
    fn spec(&self) -> &'static Spec {
        spec!("backup-without-retention")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        if workload.object.kind() != "CronJob" {
            return;
        }
        let Some(dump) = dump_of(workload, cx) else { return };
        let text = texts(workload, cx);
        if PRUNES.iter().chain(BUCKETS).any(|word| text.contains(word)) {
            return;
        }
        let containers = workload.containers();
        let place = containers
            .iter()
            .flat_map(|container| ["args", "command"].map(|field| container.node.get(field)))
            .flat_map(|field| field.items())
            .find(|word| word.text().is_some_and(|text| text.to_lowercase().contains(dump)))
            .unwrap_or_else(|| workload.object.root());
        let message = format!("{} makes backups with `{dump}` and never deletes an old one", cx.describe(workload.object));
        let help = "delete old copies in the same job, as `find … -mtime +30 -delete` or `restic forget --prune` do";
        cx.finding(&place, message).help(help).report();
    }
}
