//! `pdb-missing`

use crate::manifest::Workload;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct PdbMissing;

impl Rule for PdbMissing {
    fn spec(&self) -> &'static Spec {
        spec!("pdb-missing")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let kind = workload.object.kind();
        let replicas = cx.index.replicas(workload);
        if !matches!(kind, "Deployment" | "StatefulSet" | "Rollout" | "CloneSet")
            || !workload.is_long_running()
            || replicas < 2
        {
            return;
        }
        if !cx.index.budgets_of(workload).is_empty() {
            return;
        }
        let node = workload.object.get("spec.replicas");
        let message =
            format!("{} has {replicas} replicas and no PodDisruptionBudget", cx.describe(workload.object));
        let (help, toggle) = match cx.disabled_kind("PodDisruptionBudget") {
            Some(toggle) => (format!("the chart has one that is off: set `{}`", toggle.keys.join("` and `")), Some(toggle)),
            None => {
                let help = "add a PodDisruptionBudget that selects its pods, with `maxUnavailable: 1`: without one a drain may take them all at once";
                (help.to_owned(), None)
            }
        };
        let finding = cx.finding(&node, message).help(help);
        match toggle {
            Some(toggle) => finding
                .severity(crate::finding::Severity::Info)
                .related(toggle.location, crate::finding::Role::Template, "the budget that is off")
                .report(),
            None => finding.report(),
        }
    }
}
