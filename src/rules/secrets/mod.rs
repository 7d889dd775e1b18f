//! Passwords, tokens and keys.

pub(crate) mod detect;

use super::Rule;

rules! {
    values_hardcoded_secret::{ValuesHardcodedSecret},
    values_placeholder_secret::{ValuesPlaceholderSecret},
}
