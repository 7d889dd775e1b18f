//! `ingress-snippet`

use crate::manifest::Object;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Prefixes of nginx controllers' annotations.
const PREFIXES: &[&str] = &["nginx.ingress.kubernetes.io/", "ingress.kubernetes.io/", "nginx.org/", "custom.nginx.org/"];

pub(super) struct IngressSnippet;

impl Rule for IngressSnippet {
    fn spec(&self) -> &'static Spec {
        spec!("ingress-snippet")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        // What only stands in an example set of values is not what everybody gets.
        if cx.scenario.name != "default" {
            return;
        }
        if object.is("", "ConfigMap") {
            let switch = object.get("data").child("allow-snippet-annotations");
            if switch.text().as_deref() == Some("true") {
                let message = format!("ConfigMap `{}` lets every Ingress write nginx configuration", object.name());
                cx.finding(&switch, message)
                    .label("CVE-2021-25742")
                    .help("set `allow-snippet-annotations: \"false\"`")
                    .report();
            }
        }
        if object.kind() != "Ingress" {
            return;
        }
        for (name, node) in object.get("metadata.annotations").entries() {
            let short = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix));
            if short.is_some_and(|short| short.ends_with("-snippet") || short.ends_with("-snippets")) {
                let message = format!("Ingress `{}` writes nginx configuration by the annotation `{name}`", object.name());
                cx.finding_at_key(&node, message)
                    .label("controllers refuse it by default")
                    .help("use the controller's own annotations for headers, redirects and limits")
                    .report();
            }
        }
    }
}
