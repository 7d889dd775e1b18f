//! `security-context-wrong-level`

use crate::manifest::{Node, Workload};
use crate::rules::helpers::list;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Fields that only containers have.
const OF_CONTAINER: &[&str] =
    &["allowPrivilegeEscalation", "capabilities", "privileged", "procMount", "readOnlyRootFilesystem"];

/// Fields that only pods have.
const OF_POD: &[&str] = &[
    "fsGroup",
    "fsGroupChangePolicy",
    "seLinuxChangePolicy",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "sysctls",
];

pub(super) struct SecurityContextWrongLevel;

impl Rule for SecurityContextWrongLevel {
    fn spec(&self) -> &'static Spec {
        spec!("security-context-wrong-level")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let who = format!("the pod of {}", cx.describe(workload.object));
        check(cx, &workload.pod.get("securityContext"), OF_CONTAINER, &who, "of its containers");
        for container in workload.containers() {
            let who = format!("container `{}`", container.name());
            check(cx, &container.node.get("securityContext"), OF_POD, &who, "of the pod");
        }
    }
}

fn check(cx: &mut RuleContext<'_>, context: &Node<'_>, wrong: &[&str], who: &str, right: &str) {
    let found: Vec<Node<'_>> =
        wrong.iter().map(|field| context.get(field)).filter(Node::is_written).collect();
    let Some(first) = found.iter().min_by_key(|node| node.bytes().start) else { return };
    let names: Vec<String> = found.iter().map(|node| node.name().to_owned()).collect();
    let names = list(&names, 5);
    let verb = if found.len() == 1 { "has" } else { "have" };
    cx.finding_at_key(first, format!("{names} {verb} no effect in the `securityContext` of {who}"))
        .label(format!("belongs to the `securityContext` {right}"))
        .help(format!("move {names} to the `securityContext` {right}; here Kubernetes ignores or refuses it"))
        .report();
}
