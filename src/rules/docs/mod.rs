//! README and the documents of the repository.

use super::Rule;

rules! {
}
