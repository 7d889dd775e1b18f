//! README and the documents of the repository.

pub(super) mod words;

use super::Rule;

rules! {
}
