//! Volumes and backups.

use super::Rule;

rules! {
}
