//! `mesh-injection-disabled`

use crate::manifest::{Node, Object, Workload};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Labels and annotations that keep a mesh's proxy away, with the value that does.
const SWITCHES: &[(&str, &str)] = &[
    ("istio-injection", "disabled"),
    ("sidecar.istio.io/inject", "false"),
    ("istio.io/dataplane-mode", "none"),
    ("linkerd.io/inject", "disabled"),
    ("consul.hashicorp.com/connect-inject", "false"),
    ("kuma.io/sidecar-injection", "disabled"),
];

pub(super) struct MeshInjectionDisabled;

impl Rule for MeshInjectionDisabled {
    fn spec(&self) -> &'static Spec {
        spec!("mesh-injection-disabled")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if object.is("", "Namespace") {
            check_metadata(cx, object, &object.get("metadata"));
        } else if object.is("security.istio.io", "PeerAuthentication") {
            let mode = object.get("spec.mtls.mode");
            if let Some(word @ ("PERMISSIVE" | "DISABLE")) = mode.text().as_deref() {
                let message = format!("PeerAuthentication `{}` accepts plain text ({word})", object.name());
                cx.finding(&mode, message).help("set `mode: STRICT`").report();
            }
        }
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        // A proxy that keeps running would keep a job from ending.
        if workload.is_long_running() {
            check_metadata(cx, workload.object, &workload.template.get("metadata"));
        }
    }
}

fn check_metadata(cx: &mut RuleContext<'_>, object: &Object, metadata: &Node<'_>) {
    for (name, off) in SWITCHES {
        for field in ["labels", "annotations"] {
            let node = metadata.get(field).child(name);
            if node.text().as_deref() == Some(off) {
                let message = format!("{} takes no part in the service mesh: `{name}: {off}`", cx.describe(object));
                cx.finding(&node, message).help("leave it out, so that its traffic is encrypted and checked too").report();
            }
        }
    }
}
