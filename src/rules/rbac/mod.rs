//! Service accounts, roles and their bindings.

use super::Rule;

rules! {
}
