//! Objects that name or select each other.

use super::Rule;

rules! {
    service_selector_dangling::{ServiceSelectorDangling},
}
