//! `privilege-escalation-allowed`

use crate::kubernetes::capabilities::normal;
use crate::manifest::{Container, Node, Workload};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct PrivilegeEscalationAllowed;

impl Rule for PrivilegeEscalationAllowed {
    fn spec(&self) -> &'static Spec {
        spec!("privilege-escalation-allowed")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let allowed = container.security("allowPrivilegeEscalation");
        let added = container.security("capabilities.add").items();
        // Kubernetes demands `true` from these: what is wrong with them is another rule's.
        let implied = container.is_privileged()
            || added
                .iter()
                .filter_map(Node::text)
                .any(|name| matches!(normal(&name).as_str(), "SYS_ADMIN" | "ALL"));
        if allowed.is_true() && !implied && !workload.is_windows() {
            let name = container.name();
            cx.finding(&allowed, format!("container `{name}` may gain more privileges than it starts with"))
                .label("lets setuid programs become root")
                .help("set `allowPrivilegeEscalation: false`")
                .report();
        }
    }
}
