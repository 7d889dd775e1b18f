//! Chart.yaml, dependencies, CRDs and packaging.

use super::Rule;

rules! {
}
