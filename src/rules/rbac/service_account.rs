//! `service-account-default` and `service-account-not-supported`

use crate::finding::{Role as PlaceRole, Severity};
use crate::manifest::Workload;
use crate::rules::helpers::{list, object_ref};
use crate::rules::rbac::graph::account;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct ServiceAccountDefault;

impl Rule for ServiceAccountDefault {
    fn spec(&self) -> &'static Spec {
        spec!("service-account-default")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let is_closed = cx.index.of_kind("ServiceAccount").iter().any(|account| {
            account.name() == "default" && account.get("automountServiceAccountToken").as_bool() == Some(false)
        });
        let found = own_workloads(cx, |workload| {
            // Without a token it does not matter whose it would be.
            account(workload) == "default"
                && workload.pod.get("automountServiceAccountToken").as_bool() != Some(false)
                && !is_closed
        });
        let Some(first) = found.first() else { return };
        let names: Vec<String> = found.iter().map(|workload| cx.describe(workload.object)).collect();
        let verb = if found.len() == 1 { "runs" } else { "run" };
        let message = format!("{} {verb} as the account `default` of the namespace, with its token", list(&names, 4));
        let others = found.iter().skip(1).map(|workload| object_ref(cx.index, workload.object)).collect();
        let toggle = cx.disabled_kind("ServiceAccount");
        let node = first.pod.get("serviceAccountName");
        let finding = cx.finding(&node, message).identity("service-account").also(others);
        match toggle {
            Some(toggle) => finding
                .severity(Severity::Info)
                .help(format!("the chart has an account that is off: set `{}`", toggle.keys.join("` and `")))
                .related(toggle.location, PlaceRole::Template, "the account that is off")
                .values_keys(toggle.places)
                .report(),
            None => finding
                .help("give each component a ServiceAccount of its own, or set `automountServiceAccountToken: false`")
                .report(),
        }
    }
}

pub(super) struct ServiceAccountNotSupported;

impl Rule for ServiceAccountNotSupported {
    fn spec(&self) -> &'static Spec {
        spec!("service-account-not-supported")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let has_account = cx.index.of_kind("ServiceAccount").iter().any(|account| cx.is_own(account))
            || cx.disabled_kind("ServiceAccount").is_some();
        if has_account {
            return;
        }
        let all = own_workloads(cx, |_| true);
        let settable = all.iter().any(|workload| {
            let name = workload.pod.get("serviceAccountName");
            name.exists() && cx.is_from_values(&name) || cx.may_render(&workload.object.root(), "serviceaccount")
        });
        let Some(first) = all.first().filter(|_| !settable) else { return };
        let others = all.iter().skip(1).map(|workload| object_ref(cx.index, workload.object)).collect();
        let node = first.pod.get("serviceAccountName");
        cx.finding(&node, "the chart has no ServiceAccount, and no values key names one")
            .identity("service-account")
            .also(others)
            .help("add a ServiceAccount with `serviceAccount.create`, `.name` and `.annotations`, as `helm create` writes it")
            .report();
    }
}

/// The chart's own workloads that stay for a while.
fn own_workloads<'a>(cx: &RuleContext<'a>, is_meant: impl Fn(&Workload<'_>) -> bool) -> Vec<Workload<'a>> {
    let workloads = cx.index.workloads().iter();
    workloads
        .filter(|workload| {
            cx.is_own(workload.object) && !workload.object.is_test() && workload.pod.exists() && is_meant(workload)
        })
        .cloned()
        .collect()
}
