//! `privileged-container`

use crate::manifest::{Container, Workload};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct PrivilegedContainer;

impl Rule for PrivilegedContainer {
    fn spec(&self) -> &'static Spec {
        spec!("privileged-container")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let privileged = container.node.get("securityContext.privileged");
        if privileged.is_true() && !workload.is_windows() {
            cx.finding(&privileged, format!("container `{}` runs privileged", container.name()))
                .label("full access to the node")
                .help("set `privileged: false`, and add only the capabilities that it needs")
                .report();
        }
    }
}
