//! `hook-dependency-missing`, `hook-invalid`

use super::{config_refs, find};
use crate::finding::Severity;
use crate::manifest::{Node, Object, Workload};
use crate::render::manifests::{HOOK_ANNOTATION, HOOK_EVENTS};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct HookDependencyMissing;

impl Rule for HookDependencyMissing {
    fn spec(&self) -> &'static Spec {
        spec!("hook-dependency-missing")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let events = workload.object.head.hook_events().unwrap_or_default();
        let has = |event: &str| events.iter().any(|known| known == event);
        let is_first = has("pre-install");
        if !is_first && !has("pre-upgrade") {
            return;
        }
        let namespace = cx.index.namespace(workload.object).to_owned();
        let mut needs: Vec<(&str, Node<'_>, String)> = config_refs(workload)
            .into_iter()
            .filter(|reference| !reference.is_optional)
            .map(|reference| (reference.kind, reference.node, reference.name))
            .collect();
        let account = workload.pod.get("serviceAccountName");
        if let Some(name) = account.text().filter(|name| !name.is_empty() && name != "default") {
            needs.push(("ServiceAccount", account, name));
        }
        let claims = cx.index.claims(workload).into_iter();
        needs.extend(claims.map(|claim| ("PersistentVolumeClaim", claim.reference, claim.name)));
        let weight = weight_of(workload.object);
        for (kind, node, name) in needs {
            let Some(object) = find(cx, kind, &namespace, &name) else { continue };
            // One with the same name may be a hook beside a normal object.
            let mut all = cx.index.of_kind(kind).iter().filter(|other| other.name() == name);
            let when = match all.find_map(|other| other.head.hook_events().map(|_| other)) {
                None => "after the hooks".to_owned(),
                Some(hook) if weight_of(hook) > weight => format!("by a hook with a higher weight ({})", weight_of(hook)),
                Some(_) => continue,
            };
            let message = format!(
                "hook {} needs {kind}/{name}, which is only created {when}",
                cx.describe(workload.object)
            );
            let help = format!("make the {kind} a hook too, with a lower `helm.sh/hook-weight`, or run the job after the installation");
            let finding = cx.finding_at_call(&node, &node, message).cause(format!("{} {kind} {name}", object.name())).help(help);
            if is_first {
                finding.label("the first installation waits until it times out").report();
            } else {
                // It is there from the revision before, in the state of that.
                finding.severity(Severity::Medium).label("sees what the release before left").report();
            }
        }
    }
}

fn weight_of(object: &Object) -> i64 {
    object.head.annotation("helm.sh/hook-weight").and_then(|weight| weight.trim().parse().ok()).unwrap_or(0)
}

/// What Helm knows for `helm.sh/hook-delete-policy`.
const DELETE_POLICIES: &[&str] = &["before-hook-creation", "hook-succeeded", "hook-failed"];

pub(super) struct HookInvalid;

impl Rule for HookInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("hook-invalid")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let annotations = object.get("metadata.annotations");
        let hook = annotations.child(HOOK_ANNOTATION);
        let Some(events) = hook.text() else { return };
        let who = cx.describe(object);
        let has_crds = cx.chart().crds().next().is_some();
        if object.is_item() {
            let message = format!("{who} is in a List: Helm does not see that it is a hook, and installs it as any object");
            cx.finding(&hook, message).help("write each hook as a document of its own").report();
            return;
        }
        for event in events.split(',').map(|event| event.trim().to_lowercase()) {
            if event == "test-success" {
                let message = format!("{who} uses `test-success`, the old name of `test`");
                cx.finding(&hook, message).severity(Severity::Info).help("write `helm.sh/hook: test`").report();
            } else if event == "crd-install" {
                let message = format!("{who} is a `crd-install` hook, which Helm leaves out since version 3");
                let finding = cx.finding(&hook, message).cause("crd-install").help("move the definition to `crds/`");
                // A chart for Helm 2 and 3 has both.
                if has_crds { finding.severity(Severity::Info).report() } else { finding.report() }
            } else if !HOOK_EVENTS.contains(&event.as_str()) {
                let message = format!("{who} names the hook `{event}`, which Helm does not know: the object is left out");
                cx.finding(&hook, message).help(format!("use one of {}", HOOK_EVENTS.join(", "))).report();
            }
        }
        let weight = annotations.child("helm.sh/hook-weight");
        if let Some(text) = weight.text().filter(|text| text.parse::<i64>().is_err()) {
            let message = format!("the weight `{text}` of hook {who} is no whole number: Helm takes 0");
            cx.finding(&weight, message).help("write a whole number in quotes: `\"5\"`").report();
        }
        let policy = annotations.child("helm.sh/hook-delete-policy");
        for word in policy.text().unwrap_or_default().split(',').map(|word| word.trim().to_lowercase()) {
            if !word.is_empty() && !DELETE_POLICIES.contains(&word.as_str()) {
                let message = format!("hook {who} has the delete policy `{word}`, which Helm does not know");
                cx.finding(&policy, message).help(format!("use {}", DELETE_POLICIES.join(", "))).report();
            }
        }
    }
}
