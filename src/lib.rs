//! Finds what is wrong with a Helm chart before it reaches a cluster.

pub mod chart;
pub mod cli;
pub mod config;
pub mod coverage;
pub mod filter;
pub mod finding;
pub mod input;
mod kubernetes;
pub(crate) mod kustomize;
pub mod lint;
pub mod manifest;
mod payload;
pub mod profile;
pub mod provenance;
pub mod render;
pub mod repo;
pub mod report;
pub mod rules;
pub mod scenario;
mod semver;
pub mod source;
pub mod spec;
mod suggest;
pub mod toggles;
pub mod values;
