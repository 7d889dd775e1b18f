//! Networks.

use super::Rule;

rules! {
    datastores::{DatastoreExposedExternally, DatastoreNetworkExposure},
    load_balancer::{LoadBalancerOpen, PlaintextExposureDefault, ServiceLoadBalancer},
    mesh::{MeshInjectionDisabled},
    network_policy_missing::{NetworkPolicyMissing},
    policy_coverage::{NetworkPolicyDefaultDenyMissing, NetworkPolicyEgressInternalOnly, NetworkPolicyNoEgress},
    policy_ports::{NetworkPolicyPortMismatch},
    policy_rules::{NetworkPolicyAllowAllEgress, NetworkPolicyAllowAllIngress, NetworkPolicyMetadataApiOpen},
    service_links::{ServiceLinksEnabled},
    service_multiport::{ServiceMultiportUnnamed},
}

use super::RuleContext;
use crate::manifest::{Node, Object, Selector, Workload};

/// The directions of a NetworkPolicy.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Ingress,
    Egress,
}

/// All NetworkPolicies of Kubernetes itself.
fn policies<'a>(cx: &RuleContext<'a>) -> impl Iterator<Item = &'a Object> + use<'a> {
    let index = cx.index;
    let all = index.of_kind("NetworkPolicy").iter().copied();
    all.filter(|policy| policy.group() == "networking.k8s.io")
}

/// Whether a policy says who may talk in a direction. Without `policyTypes` it speaks of ingress, and of egress if it
/// has rules for that.
fn restricts(policy: &Object, direction: Direction) -> bool {
    let types = policy.get("spec.policyTypes").items();
    if types.is_empty() {
        return direction == Direction::Ingress || !policy.get("spec.egress").items().is_empty();
    }
    let wanted = if direction == Direction::Ingress { "Ingress" } else { "Egress" };
    types.iter().any(|item| item.text().as_deref() == Some(wanted))
}

/// Whether a policy is about the pods of a workload.
fn selects(cx: &RuleContext<'_>, policy: &Object, workload: &Workload<'_>) -> bool {
    let selector = policy.get("spec.podSelector");
    cx.index.namespace(policy) == cx.index.namespace(workload.object)
        && (!selector.exists() || Selector::of_node(&selector).matches(&workload.pod_labels()))
}

/// The chart's own workloads whose pods policies can isolate: hooks come and go, and pods on the node's network are not
/// isolated.
fn isolatable<'a>(cx: &RuleContext<'a>) -> Vec<&'a Workload<'a>> {
    let all = cx.index.workloads().iter();
    all.filter(|workload| {
        cx.is_own(workload.object) && !workload.object.is_hook() && !workload.pod.get("hostNetwork").is_true()
    })
    .collect()
}

/// Whether policies of other makers are there, which say more than those of Kubernetes.
fn has_other_policies(cx: &RuleContext<'_>) -> bool {
    let kinds = ["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "GlobalNetworkPolicy"];
    kinds.iter().any(|kind| !cx.index.of_kind(kind).is_empty())
        || cx.index.of_kind("NetworkPolicy").iter().any(|policy| policy.group() != "networking.k8s.io")
}

/// Whether a list of peers holds all addresses, and where. Exceptions make it a choice.
fn all_addresses<'a>(peers: &[Node<'a>]) -> Option<Node<'a>> {
    peers.iter().map(|peer| peer.get("ipBlock")).find_map(|block| {
        let cidr = block.get("cidr");
        let is_all = matches!(cidr.text().as_deref(), Some("0.0.0.0/0" | "::/0"));
        (is_all && block.get("except").items().is_empty()).then_some(cidr)
    })
}
