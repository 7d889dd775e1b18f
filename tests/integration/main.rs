//! Tests of the program as a whole.

mod broken;
mod cli;
mod config;
mod coverage;
mod docs;
mod fingerprints;
mod formats;
mod golden;
mod hostile;
mod inputs;
mod places;
mod provenance;
mod secrets;
mod snapshots;
mod specs;
mod vectors;
