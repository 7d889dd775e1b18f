//! Autoscalers.

use super::Rule;

rules! {
}
