//! Roles, bindings and accounts.

mod graph;

use super::Rule;

rules! {
    bindings::{RbacAnonymousBinding, RbacClusterAdmin, RbacMastersBinding},
    cluster_scope::{RbacClusterScopeUnneeded},
    dangling::{RbacDangling},
    rights::{
        RbacEscalateBindImpersonate, RbacPodCreate, RbacPodExec, RbacSecretsClusterWide, RbacSecretsNamespaced,
    },
    service_account::{ServiceAccountDefault, ServiceAccountNotSupported},
    takeover::{RbacTakeoverWorkload},
    wildcards::{RbacFullWildcard, RbacWildcard},
}
