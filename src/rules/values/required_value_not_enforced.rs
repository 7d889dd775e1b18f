//! `required-value-not-enforced`

use crate::manifest::{Node, Object, Workload};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct RequiredValueNotEnforced;

impl Rule for RequiredValueNotEnforced {
    fn spec(&self) -> &'static Spec {
        spec!("required-value-not-enforced")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if object.is_hook() || cx.scenario_number() != 0 {
            return;
        }
        let mut nodes: Vec<(&str, Node<'_>)> = Vec::new();
        if object.kind() == "Ingress" {
            nodes.extend(object.get("spec.rules").items().into_iter().map(|rule| ("host", rule.get("host"))));
        }
        if object.is("", "Service") && object.get("spec.type").as_str().as_deref() == Some("ExternalName") {
            nodes.push(("external name", object.get("spec.externalName")));
        }
        if object.is("", "PersistentVolumeClaim") {
            nodes.push(("size of the volume", object.get("spec.resources.requests.storage")));
        }
        if let Some(workload) = Workload::of(object) {
            for container in workload.containers() {
                nodes.push(("image", container.node.get("image")));
            }
            for claim in object.get("spec.volumeClaimTemplates").items() {
                nodes.push(("size of the volume", claim.get("spec.resources.requests.storage")));
            }
        }
        for (what, node) in nodes {
            let text = node.text();
            let is_empty = node.is_written()
                && text.as_deref().is_none_or(|text| text.is_empty() || what == "image" && text.starts_with([':', '/', '@']));
            if !is_empty {
                continue;
            }
            let keys: Vec<String> = cx
                .values_of(&node)
                .into_iter()
                .filter(|value| value.is_values)
                .map(|value| value.path)
                .collect();
            // Without a key there is nothing that could be given.
            let Some(key) = keys.first() else { continue };
            let message = format!("the {what} is empty: `{key}` has to be given, and nothing says so");
            cx.finding(&node, message)
                .help(format!("ask for it: `{{{{ required \"{key} is required\" .Values.{key} }}}}`"))
                .report();
        }
    }
}
