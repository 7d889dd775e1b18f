//! `run-as-root`, `run-as-non-root-not-enforced` and `run-as-non-root-conflict`

use crate::finding::Severity;
use crate::manifest::{Container, ContainerKind, Workload};
use crate::rules::helpers::container_names;
use crate::rules::security::containers::{hardenable, with_keys};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct RunAsRoot;

impl Rule for RunAsRoot {
    fn spec(&self) -> &'static Spec {
        spec!("run-as-root")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let user = container.security("runAsUser");
        let is_init = container.kind == ContainerKind::Init;
        if user.as_int() != Some(0)
            || workload.is_windows()
            // That contradiction is a finding of its own.
            || container.security("runAsNonRoot").is_true()
            || is_init && cx.param("ignore-init") == "true"
        {
            return;
        }
        let whole_pod = !container.node.get("securityContext.runAsUser").exists();
        let who = if whole_pod { cx.describe(workload.object) } else { format!("container `{}`", container.name()) };
        let finding = cx.finding(&user, format!("{who} runs as root")).label("user 0 is root");
        // It prepares something, and is gone before anyone can reach it.
        let finding = if is_init && !whole_pod { finding.severity(Severity::Medium) } else { finding };
        let help = if is_init && !whole_pod {
            "let `fsGroup` give the volume to the user of the main container, or run this as a user that may do it"
        } else {
            "set `runAsUser` to the user of the image, not 0, and `runAsNonRoot: true`"
        };
        finding.help(help).report();
    }
}

pub(super) struct RunAsNonRootNotEnforced;

impl Rule for RunAsNonRootNotEnforced {
    fn spec(&self) -> &'static Spec {
        spec!("run-as-non-root-not-enforced")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let literally = cx.param("literally") == "true";
        let containers = hardenable(workload);
        let may_be_root: Vec<&Container<'_>> = containers
            .iter()
            .filter(|container| {
                let user = container.security("runAsUser").as_int();
                // An explicit 0 is `run-as-root`.
                !container.security("runAsNonRoot").is_true()
                    && user != Some(0)
                    && (literally || user.is_none())
                    && !container.is_privileged()
            })
            .collect();
        let Some(first) = may_be_root.first() else { return };
        let all = may_be_root.len() == containers.len();
        let who = if all { String::new() } else { format!("{} of ", container_names(&may_be_root)) };
        let of_container = first.node.get("securityContext.runAsNonRoot");
        let of_pod = workload.pod.get("securityContext.runAsNonRoot");
        let node = if of_container.exists() {
            of_container
        } else if of_pod.exists() || all {
            of_pod
        } else {
            first.node.get("securityContext.runAsNonRoot")
        };
        let message = format!("{who}{} may run as root", cx.describe(workload.object));
        let help = "set `runAsNonRoot: true` in the `securityContext` of the pod, and `runAsUser` if the image \
                    names its user instead of numbering it";
        let help = with_keys(cx, workload, &node, help);
        cx.finding(&node, message).help(help).report();
    }
}

pub(super) struct RunAsNonRootConflict;

impl Rule for RunAsNonRootConflict {
    fn spec(&self) -> &'static Spec {
        spec!("run-as-non-root-conflict")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let user = container.security("runAsUser");
        let non_root = container.security("runAsNonRoot");
        if user.as_int() != Some(0) || !non_root.is_true() || workload.is_windows() {
            return;
        }
        let name = container.name();
        let place = crate::rules::helpers::template_place(cx, &non_root);
        let finding = cx
            .finding(&user, format!("container `{name}` can never start: `runAsNonRoot` forbids user 0"))
            .label("user 0 is root")
            .help(format!("set `{}` to another user, or take `{}: true` away", user.field(), non_root.field()));
        match place {
            Some(place) => finding.related(place, crate::finding::Role::Template, "root is forbidden here").report(),
            None => finding.report(),
        }
    }
}
