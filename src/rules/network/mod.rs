//! Who may talk to whom.

use super::Rule;

rules! {
    network_policy_missing::{NetworkPolicyMissing},
}
