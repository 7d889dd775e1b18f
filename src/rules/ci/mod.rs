//! CI workflows and automation of the repository.

use super::Rule;

rules! {
}
