//! Probes and the life cycle of containers.

use super::Rule;

rules! {
    readiness_probe_missing::{ReadinessProbeMissing},
}
