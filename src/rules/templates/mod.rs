//! Templates.

use super::Rule;

rules! {
}
