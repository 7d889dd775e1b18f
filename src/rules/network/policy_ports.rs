//! `network-policy-port-mismatch`

use super::policies;
use crate::finding::Severity;
use crate::manifest::{Node, Object, Selector, Workload};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct NetworkPolicyPortMismatch;

impl Rule for NetworkPolicyPortMismatch {
    fn spec(&self) -> &'static Spec {
        spec!("network-policy-port-mismatch")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        for policy in policies(cx).filter(|policy| cx.is_own(policy)).collect::<Vec<_>>() {
            let namespace = cx.index.namespace(policy);
            let selector = policy.get("spec.podSelector");
            for rule in policy.get("spec.ingress").items() {
                // The ports are those of the pods that the policy selects.
                let targets = selected(cx, namespace, std::slice::from_ref(&selector));
                check_ports(cx, policy, &rule, &targets);
            }
            for rule in policy.get("spec.egress").items() {
                let peers = rule.get("to").items();
                let pods: Vec<Node<'_>> = peers.iter().map(|peer| peer.get("podSelector")).collect();
                // Only if all peers are pods of the chart does it know all ports.
                let all_here = !peers.is_empty()
                    && peers.iter().all(|peer| {
                        let pods = peer.get("podSelector");
                        pods.exists() && !peer.get("namespaceSelector").exists() && !pods.is_empty()
                    });
                if all_here && pods.iter().all(|pod| !selected(cx, namespace, std::slice::from_ref(pod)).is_empty()) {
                    check_ports(cx, policy, &rule, &selected(cx, namespace, &pods));
                }
            }
        }
    }
}

fn selected<'a>(cx: &RuleContext<'a>, namespace: &str, selectors: &[Node<'_>]) -> Vec<&'a Workload<'a>> {
    let selectors: Vec<Selector> = selectors.iter().map(Selector::of_node).collect();
    let all = cx.index.workloads().iter();
    all.filter(|workload| {
        cx.index.namespace(workload.object) == namespace && {
            let labels = workload.pod_labels();
            selectors.iter().any(|selector| selector.matches(&labels))
        }
    })
    .collect()
}

fn check_ports(cx: &mut RuleContext<'_>, policy: &Object, rule: &Node<'_>, targets: &[&Workload<'_>]) {
    if targets.is_empty() {
        return;
    }
    let mut declared = Vec::new();
    for container in targets.iter().flat_map(|workload| workload.containers()) {
        for port in container.node.get("ports").items() {
            declared.push((port.get("containerPort").as_int(), port.get("name").text()));
        }
    }
    for port in rule.get("ports").items() {
        let node = port.get("port");
        let Some(wanted) = node.text() else { continue };
        let first = node.as_int();
        let last = port.get("endPort").as_int().or(first);
        let is_declared = declared.iter().any(|(number, name)| match (first, last, number) {
            (Some(first), Some(last), Some(number)) => (first..=last).contains(number),
            _ => first.is_none() && name.as_deref() == Some(&wanted),
        });
        if is_declared {
            continue;
        }
        let who = cx.describe(targets[0].object);
        let behind = first.and_then(|number| behind_service(cx, targets, number));
        let message = format!("port `{wanted}` in NetworkPolicy `{}` is no port of {who}", policy.name());
        let is_name = first.is_none();
        let finding = cx.finding(&node, message);
        match behind {
            Some((service, target)) => finding
                .label(format!("the port of Service `{service}`"))
                .help(format!("policies see the pods' own ports: write `{target}`"))
                .report(),
            None if is_name && !declared.is_empty() => {
                finding.help("use a port name that the containers declare, or the number").report();
            }
            // Ports need not be declared, so a number may be right.
            None => finding
                .severity(Severity::Low)
                .help("write the port that the containers listen on, and declare it in `ports`")
                .report(),
        }
    }
}

/// A Service of the pods whose own port is `number`, and the different port of the pods that it leads to.
fn behind_service(cx: &RuleContext<'_>, targets: &[&Workload<'_>], number: i64) -> Option<(String, String)> {
    let labels: Vec<_> = targets.iter().map(|workload| workload.pod_labels()).collect();
    for service in cx.index.of_kind("Service") {
        let selector = Selector::of_labels(&service.get("spec.selector"));
        if !labels.iter().any(|labels| selector.matches(labels)) {
            continue;
        }
        for port in service.get("spec.ports").items() {
            let target = port.get("targetPort");
            if port.get("port").as_int() == Some(number) && target.exists() && target.as_int() != Some(number) {
                return Some((service.name().to_owned(), target.text()?));
            }
        }
    }
    None
}
