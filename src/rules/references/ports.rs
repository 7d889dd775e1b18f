//! `service-target-port-missing`, `duplicate-port`

use std::collections::HashSet;

use crate::finding::Severity;
use crate::manifest::{Container, Node, Object, Selector, Workload};
use crate::rules::helpers::list;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct ServiceTargetPortMissing;

impl Rule for ServiceTargetPortMissing {
    fn spec(&self) -> &'static Spec {
        spec!("service-target-port-missing")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !object.is("", "Service") {
            return;
        }
        let selector = Selector::of_labels(&object.get("spec.selector"));
        let namespace = cx.index.namespace(object);
        // Jobs and tests with the same labels are not what the Service is for.
        let selected = cx.index.selected(namespace, &selector);
        let workloads: Vec<&Workload<'_>> = selected.filter(|workload| workload.is_long_running()).collect();
        let Some(first) = workloads.first() else { return };
        let mut declared: Vec<(String, String)> = Vec::new();
        for container in workloads.iter().flat_map(|workload| workload.containers()) {
            for port in container.node.get("ports").items() {
                let text = |field| port.get(field).text().unwrap_or_default();
                declared.push((text("name"), text("containerPort")));
            }
        }
        // A pod specification from values, or from elsewhere, may be incomplete.
        let has_containers = workloads.iter().all(|workload| !workload.containers().is_empty());
        let is_headless = object.get("spec.clusterIP").text().as_deref() == Some("None");
        let who = cx.describe(first.object);
        for port in object.get("spec.ports").items() {
            let given = port.get("targetPort");
            let node = if given.exists() { given } else { port.get("port") };
            let Some(target) = node.text().filter(|_| has_containers) else { continue };
            if declared.iter().any(|(name, number)| *name == target || *number == target) {
                continue;
            }
            let is_name = target.parse::<u32>().is_err();
            let shown: Vec<String> = declared
                .iter()
                .map(|(name, number)| if name.is_empty() { number.clone() } else { format!("{name} ({number})") })
                .collect();
            let message = format!("port `{target}` of Service `{}` is no port of {who}", object.name());
            if is_name {
                let help = if shown.is_empty() {
                    format!("name a port of the container `{target}`, or write its number")
                } else {
                    format!("the pods declare {}", list(&shown, 5))
                };
                let finding = cx.finding(&node, message).label("leads nowhere").help(help);
                // Without an address of its own the Service is only a name, which works all the same.
                if is_headless { finding.severity(Severity::Low).report() } else { finding.report() }
            } else if !declared.is_empty() && !is_headless {
                // A port need not be declared to be open.
                cx.finding(&node, message)
                    .severity(Severity::Low)
                    .help(format!("the pods declare {}; declare this one too if it is right", list(&shown, 5)))
                    .report();
            }
        }
    }
}

pub(super) struct DuplicatePort;

impl Rule for DuplicatePort {
    fn spec(&self) -> &'static Spec {
        spec!("duplicate-port")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !object.is("", "Service") {
            return;
        }
        let mut names = HashSet::new();
        let mut numbers = HashSet::new();
        for port in object.get("spec.ports").items() {
            let name = port.get("name");
            let number = port.get("port");
            let who = format!("Service `{}`", object.name());
            if name.text().is_some_and(|name| !name.is_empty() && !names.insert(name)) {
                refused(cx, &name, format!("{who} has two ports named `{}`", name.text().unwrap_or_default()));
            } else if number.exists() && !numbers.insert((number.text(), protocol(&port))) {
                refused(cx, &number, format!("{who} has the port {} twice", number.text().unwrap_or_default()));
            }
            let target = port.get("targetPort");
            check_name(cx, &target);
        }
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let on_host = workload.pod.get("hostNetwork").is_true();
        let mut numbers: HashSet<(Option<String>, String, Option<String>)> = HashSet::new();
        for container in workload.containers() {
            let mut names = HashSet::new();
            for port in container.node.get("ports").items() {
                let name = port.get("name");
                check_name(cx, &name);
                if name.text().is_some_and(|name| !name.is_empty() && !names.insert(name)) {
                    let message =
                        format!("container `{}` has two ports named `{}`", container.name(), name.text().unwrap_or_default());
                    refused(cx, &name, message);
                }
                let number = port.get("containerPort");
                let key = (number.text(), protocol(&port), port.get("hostIP").text());
                if number.exists() && !on_host && container.is_long_running() && !numbers.insert(key) {
                    twice(cx, workload, &container, &number);
                }
            }
        }
    }
}

fn protocol(port: &Node<'_>) -> String {
    port.get("protocol").text().unwrap_or_else(|| "TCP".to_owned())
}

fn twice(cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>, number: &Node<'_>) {
    let port = number.text().unwrap_or_default();
    let message = format!(
        "{} declares port {port} twice, the second time in container `{}`",
        cx.describe(workload.object),
        container.name()
    );
    cx.finding(number, message)
        .severity(Severity::Medium)
        .label("the containers of a pod share one network: only one can listen")
        .help("give them different ports, or declare the port once")
        .report();
}

fn refused(cx: &mut RuleContext<'_>, node: &Node<'_>, message: String) {
    cx.finding(node, message).label("the API server refuses it").help("use each name and number once").report();
}

/// Names of ports have at most 15 small letters, digits and single hyphens, with a letter among them.
fn check_name(cx: &mut RuleContext<'_>, node: &Node<'_>) {
    let Some(name) = node.as_str().filter(|name| !name.is_empty() && name.parse::<u32>().is_err()) else { return };
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let why = if name.len() > 15 {
        format!("has {} characters, and 15 are allowed", name.chars().count())
    } else if !name.chars().all(letters) {
        "has characters other than small letters, digits and hyphens".to_owned()
    } else if name.starts_with('-') || name.ends_with('-') || name.contains("--") {
        "has hyphens at an end, or two in a row".to_owned()
    } else {
        return;
    };
    let message = format!("the port name `{name}` in {} {why}", cx.describe(node.object()));
    cx.finding(node, message)
        .label("the API server refuses it")
        .help("use at most 15 small letters, digits and hyphens")
        .report();
}
