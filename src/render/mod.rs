//! Rendering a chart as Helm's engine does.

pub mod engine;
pub mod error;
pub(crate) mod functions;
pub(crate) mod glob;
pub mod host;
pub mod manifests;
pub mod objects;
mod stack;
pub mod top;

pub use engine::{RenderOptions, Renderable, Rendered, RenderedFile, TreeCache, render};
pub(crate) use stack::mark_large;
pub use stack::{stack_size, with_large_stack};
