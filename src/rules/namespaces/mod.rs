//! Namespaces.

use super::Rule;

rules! {
}
