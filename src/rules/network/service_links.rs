//! `service-links-enabled`

use crate::manifest::Workload;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct ServiceLinksEnabled;

impl Rule for ServiceLinksEnabled {
    fn spec(&self) -> &'static Spec {
        spec!("service-links-enabled")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let node = workload.pod.get("enableServiceLinks");
        if node.as_bool() == Some(false) || !workload.pod.exists() {
            return;
        }
        let message = format!(
            "the pods of {} get environment variables for every Service of their namespace",
            cx.describe(workload.object)
        );
        cx.finding(&node, message).help("set `enableServiceLinks: false` in the pod's spec").report();
    }
}
