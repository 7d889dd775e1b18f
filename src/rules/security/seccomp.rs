//! `seccomp-profile-missing`

use crate::manifest::{Container, Workload};
use crate::rules::helpers::container_names;
use crate::rules::security::containers::{hardenable, with_keys};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct SeccompProfileMissing;

impl Rule for SeccompProfileMissing {
    fn spec(&self) -> &'static Spec {
        spec!("seccomp-profile-missing")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let containers = hardenable(workload);
        // The kernel filters nothing of a privileged container.
        let open: Vec<&Container<'_>> = containers
            .iter()
            .filter(|container| !container.security("seccompProfile.type").exists() && !container.is_privileged())
            .collect();
        if open.is_empty() {
            return;
        }
        let who = cx.describe(workload.object);
        let who = if open.len() == containers.len() { who } else { format!("{} of {who}", container_names(&open)) };
        let node = workload.pod.get("securityContext.seccompProfile");
        let help = "set `seccompProfile: {type: RuntimeDefault}` in the `securityContext` of the pod";
        let help = with_keys(cx, workload, &node, help);
        let verb = if open.len() == 1 || open.len() == containers.len() { "has" } else { "have" };
        // Without a `securityContext` the line to change is the one that would write it.
        let context = workload.pod.get("securityContext");
        let node = if context.is_written() { node } else { context };
        cx.finding(&node, format!("{who} {verb} no seccomp profile")).help(help).report();
    }
}
