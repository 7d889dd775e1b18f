//! `ingress-tls-missing`

use super::is_ingress;
use crate::finding::Role;
use crate::kubernetes::exposure::has_certificate;
use crate::manifest::Object;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

const HELP: &str = "take the list from values: `tls: {{- toYaml .Values.ingress.tls | nindent 4 }}`, within `with`";

pub(super) struct IngressTlsMissing;

impl Rule for IngressTlsMissing {
    fn spec(&self) -> &'static Spec {
        spec!("ingress-tls-missing")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !is_ingress(object) || object.is_hook() {
            return;
        }
        let tls = object.get("spec.tls");
        let has_host = object.get("spec.rules").items().iter().any(|rule| rule.get("host").exists());
        if !has_host || !tls.items().is_empty() || has_certificate(object) {
            return;
        }
        // TLS that values switch on is the matter of `plaintext-exposure-default`.
        if cx.may_render(&object.root(), "tls")
            || cx.may_render(&object.root(), "certificate")
            || says_tls(cx, object.template.as_bytes())
        {
            return;
        }
        let message = format!("Ingress `{}` serves plain HTTP, and no values key gives it TLS", object.name());
        cx.finding(&object.get("spec"), message).help(HELP).report();
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let toggles: Vec<_> = cx.scenario.toggles.iter().filter(|toggle| toggle.kind == "Ingress").cloned().collect();
        for toggle in toggles {
            let text = cx.template_text(&toggle.template).unwrap_or_default();
            let has_rules = text.split(|&byte| byte == b'\n').any(|line| line.trim_ascii() == b"rules:");
            if has_rules && !cx.toggle_mentions(&toggle, "tls") && !says_tls(cx, &toggle.template) {
                let message = "the Ingress, which is off by default, serves plain HTTP when it is on, and no values key gives it TLS";
                cx.finding_at(toggle.location, Role::Template, message).help(HELP).report();
            }
        }
    }
}

/// Whether the text of a template says something about TLS.
fn says_tls(cx: &RuleContext<'_>, template: &[u8]) -> bool {
    let text = cx.template_text(&chart_lint_template::Str::from(template)).unwrap_or_default();
    text.windows(4).any(|word| word == b"tls:") || text.windows(11).any(|word| word == b"certificate")
}
