//! Namespaces.

use super::Rule;

rules! {
    hardcoded_namespace::{HardcodedNamespace},
    namespace_pss_labels_missing::{NamespacePssLabelsMissing},
}
