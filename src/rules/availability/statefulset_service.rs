//! `statefulset-service-name`

use crate::finding::{Role, Severity};
use crate::manifest::{Object, Workload};
use crate::rules::helpers::{list, template_place};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;
use crate::toggles::Toggle;

pub(super) struct StatefulsetServiceName;

impl Rule for StatefulsetServiceName {
    fn spec(&self) -> &'static Spec {
        spec!("statefulset-service-name")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let object = workload.object;
        if !object.is("apps", "StatefulSet") || object.is_hook() {
            return;
        }
        let node = object.get("spec.serviceName");
        let who = cx.describe(object);
        let Some(name) = node.text().filter(|name| !name.is_empty()) else {
            cx.finding(&node, format!("{who} names no Service, so its pods have no DNS names"))
                .severity(Severity::Low)
                .help("set `serviceName` to a headless Service that selects the pods")
                .report();
            return;
        };
        let selecting = cx.index.services_of(workload);
        let selects = |service: &Object| selecting.iter().any(|other| std::ptr::eq(*other, service));
        let is_headless = |service: &Object| service.get("spec.clusterIP").text().as_deref() == Some("None");
        let Some(service) =
            cx.index.named("Service", &name, object).find(|service| service.group().is_empty())
        else {
            // The name of a Service that is made elsewhere.
            let is_external = cx.values_of(&node).iter().any(|value| {
                value.is_values && value.path.to_ascii_lowercase().contains("service")
            });
            if is_external {
                return;
            }
            let names: Vec<String> = selecting.iter().map(|service| service.name().to_owned()).collect();
            let help = match names.as_slice() {
                [] => "render a headless Service of that name that selects the pods".to_owned(),
                names => format!("its pods are selected by {}", list(names, 3)),
            };
            let toggle = cx.scenario.toggles.iter().find(|toggle| toggle.kind == "Service" && is_for(toggle, object, &name));
            let toggle = toggle.cloned();
            let is_unused = names.is_empty();
            let message = format!("{who} names the Service `{name}`, which the chart does not render");
            let finding = cx.finding_at_key(&node, message);
            match toggle {
                Some(toggle) => finding
                    .severity(Severity::Info)
                    .help(format!("the chart has one that is off: set `{}`", toggle.keys.join("` and `")))
                    .related(toggle.location, Role::Template, "the Service that is off")
                    .report(),
                // Nobody asks for the pods by name.
                None if is_unused => finding.severity(Severity::Low).help(help).report(),
                None => finding.help(help).report(),
            }
            return;
        };
        let place = template_place(cx, &service.root());
        // Its endpoints are set by somebody else.
        if service.get("spec.selector").is_empty() {
            return;
        }
        let (message, help, severity) = if !selects(service) {
            let message = format!("{who} names the Service `{name}`, which does not select its pods");
            (message, "let the selector of the Service equal the labels of the pods", None)
        } else if !is_headless(service) {
            let message = format!("{who} names the Service `{name}`, which is not headless");
            (message, "set `clusterIP: None` in a Service of its own: only then each pod has a DNS name", Some(Severity::Low))
        } else {
            return;
        };
        let finding = cx.finding_at_key(&node, message).help(help);
        let finding = match place {
            Some(place) => finding.related(place, Role::Object, "the Service"),
            None => finding,
        };
        match severity {
            Some(severity) => finding.severity(severity).report(),
            None => finding.report(),
        }
    }
}

/// Whether a Service that is off is the one of a StatefulSet: their templates lie in the same folder, and both are
/// called headless or neither is.
fn is_for(toggle: &Toggle, object: &Object, name: &str) -> bool {
    let template = toggle.template.to_utf8();
    let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    folder(&template) == folder(&object.template) && template.contains("headless") == name.contains("headless")
}
