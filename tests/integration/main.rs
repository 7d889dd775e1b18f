//! Tests of the program as a whole.

mod cli;
mod docs;
mod specs;
mod vectors;
