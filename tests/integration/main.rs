//! Tests of the program as a whole.

mod specs;
mod vectors;
