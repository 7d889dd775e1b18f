//! Requests, limits and quotas.

use super::Rule;

rules! {
    resources_not_configurable::{ResourcesNotConfigurable},
}
