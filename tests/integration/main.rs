//! Tests of the program as a whole.

mod docs;
mod specs;
mod vectors;
