//! `network-policy-no-egress`, `network-policy-default-deny-missing`, `network-policy-egress-internal-only`: what the
//! policies of a chart leave open, or shut by mistake.

use super::{Direction, has_other_policies, isolatable, policies, restricts, selects};
use crate::manifest::{Node, Object, Workload};
use crate::rules::helpers::list;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct NetworkPolicyNoEgress;

impl Rule for NetworkPolicyNoEgress {
    fn spec(&self) -> &'static Spec {
        spec!("network-policy-no-egress")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        if has_other_policies(cx) {
            return;
        }
        let mut open = Vec::new();
        let mut first = None;
        for workload in isolatable(cx) {
            let mut selecting = policies(cx).filter(|policy| selects(cx, policy, workload)).peekable();
            let Some(&policy) = selecting.peek() else { continue };
            if !selecting.any(|policy| restricts(policy, Direction::Egress)) {
                open.push(workload);
                first = first.or(Some(policy).filter(|policy| cx.is_own(policy)));
            }
        }
        let Some(policy) = first else { return };
        let names: Vec<String> = open.iter().map(|workload| cx.describe(workload.object)).collect();
        let message = format!("the policies of {} say nothing about what goes out", list(&names, 4));
        cx.finding(&policy.get("spec.policyTypes"), message)
            .identity("no-egress")
            .help("add `Egress` to `policyTypes`, and rules for DNS and for what the pods need; no rule means nothing goes out")
            .report();
    }
}

pub(super) struct NetworkPolicyDefaultDenyMissing;

impl Rule for NetworkPolicyDefaultDenyMissing {
    fn spec(&self) -> &'static Spec {
        spec!("network-policy-default-deny-missing")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let Some(first) = policies(cx).find(|policy| cx.is_own(policy)) else { return };
        if has_other_policies(cx) {
            return;
        }
        let open: Vec<&Workload<'_>> = isolatable(cx)
            .into_iter()
            .filter(|workload| !policies(cx).any(|policy| selects(cx, policy, workload)))
            .collect();
        if open.is_empty() {
            return;
        }
        let names: Vec<String> = open.iter().map(|workload| cx.describe(workload.object)).collect();
        let message = format!(
            "the chart has NetworkPolicies, but none that denies what no policy allows: {} {} open",
            list(&names, 4),
            if open.len() == 1 { "stays" } else { "stay" }
        );
        cx.finding(&first.root(), message)
            .identity("default-deny")
            .help("add a policy with `podSelector: {}` limited to the release's labels, and no rules, beside the others")
            .report();
    }
}

pub(super) struct NetworkPolicyEgressInternalOnly;

impl Rule for NetworkPolicyEgressInternalOnly {
    fn spec(&self) -> &'static Spec {
        spec!("network-policy-egress-internal-only")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        if workload.object.is_hook() || has_other_policies(cx) {
            return;
        }
        let mut restricted = policies(cx)
            .filter(|policy| restricts(policy, Direction::Egress) && selects(cx, policy, workload))
            .peekable();
        if restricted.peek().is_none() || restricted.any(reaches_internet) {
            return;
        }
        let mut variables: Vec<(String, Node<'_>)> = Vec::new();
        for container in workload.containers() {
            variables.extend(container.node.get("env").items().into_iter().map(|env| {
                (env.get("name").text().unwrap_or_default(), env.get("value"))
            }));
            for source in container.node.get("envFrom").items() {
                let name = source.get("configMapRef.name").text();
                let maps = cx.index.of_kind("ConfigMap").iter();
                let map = maps.copied().find(|map| Some(map.name()) == name.as_deref());
                variables.extend(map.into_iter().flat_map(|map| map.get("data").entries()));
            }
        }
        // A proxy inside of the cluster takes the traffic out.
        if variables.iter().any(|(name, _)| matches!(name.to_ascii_uppercase().as_str(), "HTTP_PROXY" | "HTTPS_PROXY")) {
            return;
        }
        let external = variables.into_iter().find_map(|(name, node)| Some((name, external_host(&node.as_str()?)?, node)));
        let Some((name, host, node)) = external else { return };
        let message = format!(
            "`{name}` of {} names {host}, but its NetworkPolicies let nothing out of the cluster",
            cx.describe(workload.object)
        );
        cx.finding(&node, message)
            .help("if the pods call that address, add an egress rule with an `ipBlock` for port 443")
            .report();
    }
}

/// Whether a policy lets pods reach addresses outside of the cluster on a web port.
fn reaches_internet(policy: &Object) -> bool {
    policy.get("spec.egress").items().iter().any(|rule| {
        let peers = rule.get("to").items();
        peers.is_empty() && has_web_port(rule)
            || has_web_port(rule) && peers.iter().any(|peer| peer.get("ipBlock").exists())
    })
}

fn has_web_port(rule: &Node<'_>) -> bool {
    let ports = rule.get("ports").items();
    ports.is_empty() || ports.iter().any(|port| !matches!(port.get("port").text().as_deref(), Some("53" | "dns")))
}

/// The host of a URL, if it is outside of the cluster.
fn external_host(text: &str) -> Option<String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let host = rest.split(['/', ':', '?', '#']).next()?.rsplit('@').next()?.to_ascii_lowercase();
    let (_, last) = host.rsplit_once('.')?;
    let inside = ["local", "svc", "internal", "localhost", "lan", "test", "example"];
    let is_name = last.len() >= 2 && last.bytes().all(|byte| byte.is_ascii_lowercase());
    let of_example = host.contains("example.") || host.contains(".svc.");
    (is_name && !inside.contains(&last) && !of_example).then_some(host)
}
