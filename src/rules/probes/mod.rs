//! Probes and the life cycle of containers.

use super::Rule;

rules! {
    handlers::{ProbeOnInitContainer, ProbePortNameUnresolved, ProbePortUndeclared, ProbeTrivialCommand},
    missing::{GracefulShutdownMissing, LivenessProbeMissing, StartupProbeMissing},
    readiness_probe_missing::{ReadinessProbeMissing},
}
