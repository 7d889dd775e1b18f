//! `ingress-not-configurable`

use super::is_ingress;
use crate::finding::{Role, Severity};
use crate::manifest::Object;
use crate::rules::helpers::list;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// What users need to set, and a word that a values key for it has.
const PARTS: &[(&str, &str)] =
    &[("class", "class"), ("annotations", "annotation"), ("hosts", "host"), ("paths", "path"), ("TLS", "tls")];

pub(super) struct IngressNotConfigurable;

impl Rule for IngressNotConfigurable {
    fn spec(&self) -> &'static Spec {
        spec!("ingress-not-configurable")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !is_ingress(object) || object.is_hook() {
            return;
        }
        let root = object.root();
        let template = chart_lint_template::Str::from(object.template.as_str());
        if cx.template_text(&template).is_some_and(|text| shares_annotations(&text)) {
            let kind = root.get("kind");
            cx.finding(&kind, ONE_FOR_ALL).severity(Severity::Info).help(SPLIT).report();
        }
        let missing = missing(|word| cx.may_render(&root, word));
        if !missing.is_empty() {
            let message = format!("no values key sets the {} of Ingress `{}`", list(&missing, 5), object.name());
            cx.finding(&root, message).help(HELP).report();
        }
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let toggles: Vec<_> = cx.scenario.toggles.iter().filter(|toggle| toggle.kind == "Ingress").cloned().collect();
        for toggle in toggles {
            // Only what stands in the template itself can be read without rendering it.
            if cx.template_text(&toggle.template).is_some_and(|text| shares_annotations(&text)) {
                cx.finding_at(toggle.location, Role::Template, ONE_FOR_ALL)
                    .severity(Severity::Info)
                    .help(SPLIT)
                    .report();
            }
            let has_rules = cx.template_text(&toggle.template).is_some_and(|text| has_line(&text, b"rules:"));
            let missing = missing(|word| cx.toggle_mentions(&toggle, word));
            if has_rules && !missing.is_empty() {
                let message = format!("no values key sets the {} of the Ingress, which is off by default", list(&missing, 5));
                cx.finding_at(toggle.location, Role::Template, message).help(HELP).report();
            }
        }
    }
}

const HELP: &str =
    "take class, annotations, a list of hosts with their paths, and a list for TLS from values, as `helm create` does";

const ONE_FOR_ALL: &str = "all hosts share one Ingress and its annotations: a rewrite or a limit for one path counts for all";
const SPLIT: &str = "take a list of Ingresses from values, each with annotations and hosts of its own";

/// Whether a template makes one Ingress of a list of hosts: its annotations count for all of them.
fn shares_annotations(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let Some(at) = text.find("kind: Ingress") else { return false };
    let is_range = |text: &str| text.contains("{{- range") || text.contains("{{ range") || text.contains("{{range");
    !is_range(&text[..at]) && text[at..].split("{{").any(|action| {
        action.trim_start_matches(['-', ' ']).starts_with("range") && action.split("}}").next().unwrap_or_default().contains("osts")
    })
}

fn missing(has: impl Fn(&str) -> bool) -> Vec<String> {
    PARTS.iter().filter(|(_, word)| !has(word)).map(|(part, _)| (*part).to_owned()).collect()
}

fn has_line(text: &[u8], line: &[u8]) -> bool {
    text.split(|&byte| byte == b'\n').any(|known| known.trim_ascii() == line)
}
