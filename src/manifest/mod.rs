//! Rendered text as Kubernetes objects, with the place of each field in the text. Knows nothing of how the text came
//! to be; see [`crate::provenance`] for that.

mod index;
mod node;
mod object;
mod scalar;
mod workload;

pub use index::{MountedClaim, ObjectIndex, Selector};
pub use node::Node;
pub use object::{Object, Parsed, RepeatedKey, Unreadable, parse};
pub(crate) use workload::labels;
pub use workload::{Container, ContainerKind, Workload};
