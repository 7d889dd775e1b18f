//! Tests of the program as a whole.

mod cli;
mod coverage;
mod config;
mod docs;
mod inputs;
mod provenance;
mod snapshots;
mod specs;
mod vectors;
