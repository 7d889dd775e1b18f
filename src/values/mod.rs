//! Values: where they come from, how they are merged, and which subcharts they switch on.

pub mod origins;
pub mod tree;

pub use origins::{SetFlag, TreeSource, ValueOrigin, ValueOrigins};
