//! Rendering a chart as Helm's engine does.

pub(crate) mod functions;
pub mod host;
