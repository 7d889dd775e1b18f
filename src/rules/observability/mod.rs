//! Metrics, logs and alerts.

use super::Rule;

rules! {
}
