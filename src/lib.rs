//! Finds what is wrong with a Helm chart before it reaches a cluster.

pub mod chart;
pub mod cli;
pub mod render;
mod semver;
pub mod source;
pub mod values;
