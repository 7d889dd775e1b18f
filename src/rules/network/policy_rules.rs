//! `network-policy-allow-all-ingress`, `network-policy-allow-all-egress`, `network-policy-metadata-api-open`: what the
//! rules of a policy let through.

use super::all_addresses;
use crate::finding::Severity;
use crate::manifest::{Node, Object};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

fn is_policy(object: &Object) -> bool {
    object.is("networking.k8s.io", "NetworkPolicy")
}

pub(super) struct NetworkPolicyAllowAllIngress;

impl Rule for NetworkPolicyAllowAllIngress {
    fn spec(&self) -> &'static Spec {
        spec!("network-policy-allow-all-ingress")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !is_policy(object) {
            return;
        }
        for rule in object.get("spec.ingress").items() {
            let from = rule.get("from");
            let peers = from.items();
            let everyone = peers.iter().find(|peer| {
                let namespaces = peer.get("namespaceSelector");
                namespaces.exists() && namespaces.is_empty() && !peer.get("podSelector").exists()
            });
            let (place, who) = if peers.is_empty() {
                (if from.exists() { from } else { rule.clone() }, "everyone")
            } else if let Some(cidr) = all_addresses(&peers) {
                (cidr, "every address")
            } else if let Some(peer) = everyone {
                (peer.get("namespaceSelector"), "all pods of all namespaces")
            } else {
                continue;
            };
            let has_ports = !rule.get("ports").items().is_empty();
            let where_to = if has_ports { "some ports" } else { "all ports" };
            let message = format!("NetworkPolicy `{}` lets {who} in, to {where_to}", object.name());
            let finding = cx.finding(&place, message).help(
                "name who may come in with `from`: a podSelector, a namespaceSelector with labels, or the range of your network",
            );
            // What serves the public has to let everyone in to its port.
            if has_ports { finding.severity(Severity::Low).report() } else { finding.report() }
        }
    }
}

pub(super) struct NetworkPolicyAllowAllEgress;

impl Rule for NetworkPolicyAllowAllEgress {
    fn spec(&self) -> &'static Spec {
        spec!("network-policy-allow-all-egress")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !is_policy(object) {
            return;
        }
        for rule in object.get("spec.egress").items() {
            if !rule.get("ports").items().is_empty() {
                continue;
            }
            let peers = rule.get("to").items();
            let place = match all_addresses(&peers) {
                _ if peers.is_empty() => rule.clone(),
                Some(cidr) => cidr,
                None => continue,
            };
            let message = format!("NetworkPolicy `{}` lets its pods out to everything, on all ports", object.name());
            cx.finding(&place, message)
                .help("name the ports, or take the ranges of your own networks out with `except`")
                .report();
        }
    }
}

pub(super) struct NetworkPolicyMetadataApiOpen;

impl Rule for NetworkPolicyMetadataApiOpen {
    fn spec(&self) -> &'static Spec {
        spec!("network-policy-metadata-api-open")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !is_policy(object) {
            return;
        }
        for rule in object.get("spec.egress").items() {
            let ports = rule.get("ports").items();
            // The service answers on port 80 only.
            if !ports.is_empty() && !ports.iter().any(reaches_80) {
                continue;
            }
            for peer in rule.get("to").items() {
                let cidr = peer.get("ipBlock.cidr");
                let excluded = peer.get("ipBlock.except").items().iter().filter_map(Node::text).any(|range| {
                    let (address, length) = range.split_once('/').unwrap_or((&range, "32"));
                    let wanted = match length.parse::<u8>() {
                        Ok(0..=15) => return address.starts_with("0.") || address.starts_with("128."),
                        Ok(16..=23) => "169.254.",
                        Ok(24..=31) => "169.254.169.",
                        _ => "169.254.169.254",
                    };
                    address.starts_with(wanted)
                });
                if cidr.text().as_deref() == Some("0.0.0.0/0") && !excluded {
                    let message = format!(
                        "NetworkPolicy `{}` lets its pods reach the cloud's metadata service, which hands out the node's credentials",
                        object.name()
                    );
                    cx.finding(&cidr, message).help("add `except: [169.254.169.254/32]`").report();
                }
            }
        }
    }
}

fn reaches_80(port: &Node<'_>) -> bool {
    let is_tcp = port.get("protocol").text().is_none_or(|protocol| protocol == "TCP");
    let first = port.get("port").as_int();
    let last = port.get("endPort").as_int().or(first);
    is_tcp && first.is_none_or(|first| first <= 80) && last.is_none_or(|last| last >= 80)
}
