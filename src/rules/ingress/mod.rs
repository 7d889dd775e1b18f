//! Ingress, Gateway and TLS.

use super::Rule;

rules! {
}
