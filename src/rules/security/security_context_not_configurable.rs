//! `security-context-not-configurable`

use chart_lint_template::{NodeId, NodeKind};

use crate::manifest::Workload;
use crate::rules::helpers::{list, object_ref};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct SecurityContextNotConfigurable;

impl Rule for SecurityContextNotConfigurable {
    fn spec(&self) -> &'static Spec {
        spec!("security-context-not-configurable")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let fixed: Vec<Workload<'_>> = cx
            .index
            .workloads()
            .iter()
            .filter(|workload| {
                cx.is_own(workload.object)
                    && !workload.object.is_hook()
                    && !workload.containers().is_empty()
                    && !is_configurable(cx, workload)
            })
            .cloned()
            .collect();
        let Some(first) = fixed.first() else { return };
        let names: Vec<String> = fixed.iter().map(|workload| cx.describe(workload.object)).collect();
        let others = fixed.iter().skip(1).map(|workload| object_ref(cx.index, workload.object)).collect();
        let message = format!("no values key sets the `securityContext` of {}", list(&names, 4));
        cx.finding(&first.pod.get("securityContext"), message)
            .identity("security-context")
            .also(others)
            .help("let values set it: `securityContext: {{- toYaml .Values.podSecurityContext | nindent 8 }}`")
            .report();
    }
}

/// Whether values have a say: in what is there, or in what another branch of the templates would write.
fn is_configurable(cx: &RuleContext<'_>, workload: &Workload<'_>) -> bool {
    let of_containers = workload.containers().into_iter().map(|container| container.node.get("securityContext"));
    let contexts: Vec<_> = of_containers.chain([workload.pod.get("securityContext")]).collect();
    contexts.iter().any(|context| context.exists() && cx.is_from_values(context))
        || cx.may_render(&workload.object.root(), "securitycontext")
        || (!contexts.iter().any(|context| context.is_written()) && has_hidden_text(cx, workload))
}

/// Whether the file of the workload has text about a `securityContext` that was not written.
fn has_hidden_text(cx: &RuleContext<'_>, workload: &Workload<'_>) -> bool {
    let Some((_, tree)) = cx.scenario.sources.get(workload.object.template.as_bytes()) else { return false };
    (0..tree.len() as u32).any(|node| match &tree.node(NodeId(node)).kind {
        NodeKind::Text(text) => text.to_utf8().contains("securityContext:"),
        _ => false,
    })
}
