//! `resources-not-configurable`

use crate::manifest::{Container, Workload};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct ResourcesNotConfigurable;

impl Rule for ResourcesNotConfigurable {
    fn spec(&self) -> &'static Spec {
        spec!("resources-not-configurable")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        if !container.is_long_running() || !workload.is_long_running() {
            return;
        }
        let resources = container.node.get("resources");
        let from_values = match resources.value_bytes() {
            // Some of what is there comes from values.
            Some(bytes) => !cx.scenario.trace(workload.object.file, bytes).values.is_empty(),
            None => false,
        };
        if from_values || cx.may_render(&container.node, "resources") {
            return;
        }
        let name = container.name();
        let (message, label) = if resources.exists() {
            (format!("the resources of container `{name}` are fixed in the template"), "no values key changes them")
        } else {
            (format!("no values key sets the resources of container `{name}`"), "has no `resources`")
        };
        cx.finding(&resources, message)
            .label(label)
            .help("let values set them: `resources: {{- toYaml .Values.resources | nindent 12 }}`")
            .report();
    }
}
