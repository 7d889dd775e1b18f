//! Comments, annotations and settings of chart-lint itself.

use super::Rule;

rules! {
    suppressions::{SuppressionUnused, SuppressionWithoutReason},
}
