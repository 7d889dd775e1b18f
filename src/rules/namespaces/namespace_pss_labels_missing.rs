//! `namespace-pss-labels-missing`

use crate::finding::Severity;
use crate::manifest::Object;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

const LABEL: &str = "pod-security.kubernetes.io/enforce";

pub(super) struct NamespacePssLabelsMissing;

impl Rule for NamespacePssLabelsMissing {
    fn spec(&self) -> &'static Spec {
        spec!("namespace-pss-labels-missing")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !object.is("", "Namespace") {
            return;
        }
        let labels = object.get("metadata.labels");
        let node = labels.child(LABEL);
        let name = object.name();
        match node.text().as_deref() {
            Some("baseline" | "restricted") => {}
            Some(level) => {
                let message = format!("namespace `{name}` allows every pod: `{LABEL}: {level}`");
                cx.finding(&node, message).help("use `baseline`, or `restricted`").report();
            }
            None => {
                let message = format!("namespace `{name}` says nothing about which pods it allows");
                let by_values = cx.may_render(&object.get("metadata"), "label");
                let finding = cx.finding(&node, message).help(format!("add the label `{LABEL}: baseline`, or `restricted`"));
                if by_values { finding.severity(Severity::Info).report() } else { finding.report() }
            }
        }
    }
}
