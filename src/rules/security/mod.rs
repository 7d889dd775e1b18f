//! What pods and containers may do on their node.

use super::Rule;

rules! {
    privileged_container::{PrivilegedContainer},
    security_context_missing::{SecurityContextMissing},
}
