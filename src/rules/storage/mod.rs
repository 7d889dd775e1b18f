//! Volumes, claims and backups.

use super::Rule;

rules! {
    backup::{BackupStrategyMissing, BackupWithoutRetention},
    claims::{PvcDeletedOnUninstall, StorageNotConfigurable, StorageRequestMissing, VolumeAccessMode},
    persistence::{DatastoreWithoutPersistence},
    volumes::{DuplicateMountPath, NfsVolumeHardcoded, VolumeMountUndefined},
}
