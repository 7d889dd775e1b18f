//! `security-context-missing`

use crate::rules::helpers;
use crate::manifest::Workload;
use crate::rules::helpers::keys_that_set;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct SecurityContextMissing;

impl Rule for SecurityContextMissing {
    fn spec(&self) -> &'static Spec {
        spec!("security-context-missing")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let containers = workload.containers();
        let of_pod = workload.pod.get("securityContext");
        let has_any =
            !of_pod.is_empty() || containers.iter().any(|container| !container.node.get("securityContext").is_empty());
        // What a test runs is gone when it ends.
        if has_any || containers.is_empty() || workload.is_windows() || workload.object.is_test() {
            return;
        }
        let message = format!("{} runs without any securityContext", cx.describe(workload.object));
        let keys = keys_that_set(cx, workload.object, "securityContext");
        let help = match keys.as_slice() {
            [] => "add a `securityContext` to the pod and its containers: `runAsNonRoot: true`, \
                   `allowPrivilegeEscalation: false`, `capabilities: {drop: [ALL]}`, `seccompProfile: {type: RuntimeDefault}`"
                .to_owned(),
            keys => format!("set {} in values.yaml", helpers::list(keys, 3)),
        };
        cx.finding(&of_pod, message).help(help).report();
    }
}
