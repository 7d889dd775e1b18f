//! `service-selector-dangling`

use crate::manifest::{Object, Selector};
use crate::rules::helpers::is_custom;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct ServiceSelectorDangling;

impl Rule for ServiceSelectorDangling {
    fn spec(&self) -> &'static Spec {
        spec!("service-selector-dangling")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let selector_node = object.get("spec.selector");
        if !cx.is_whole()
            || !object.is("", "Service")
            || selector_node.is_empty()
            || object.get("spec.type").as_str().as_deref() == Some("ExternalName")
        {
            return;
        }
        let selector = Selector::of_labels(&selector_node).without(SET_BY_CONTROLLERS);
        let namespace = cx.index.namespace(object);
        if cx.index.selected(namespace, &selector).next().is_some() || may_select_others(cx, object) {
            return;
        }
        let shown: Vec<String> = crate::manifest::labels(&selector_node)
            .into_iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let nearest = nearest(cx, object);
        let finding = cx
            .finding(&selector_node, format!("Service `{}` selects no pod of the chart", object.name()))
            .label(format!("nothing has {}", shown.join(", ")));
        match nearest {
            Some((workload, label)) => {
                finding.help(format!("the pods of {workload} differ in {label}")).report();
            }
            None => finding.help("make the selector equal the labels of the pods it is for").report(),
        }
    }
}

/// Labels that no template gives to pods: controllers do.
const SET_BY_CONTROLLERS: &[&str] = &[
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/job-name",
    "batch.kubernetes.io/controller-uid",
    "job-name",
    "controller-uid",
    "pod-template-hash",
    "controller-revision-hash",
];

/// Whether the pods may come from elsewhere: an operator makes them for a custom resource of the chart, or the chart
/// has no pods in the Service's namespace at all.
fn may_select_others(cx: &RuleContext<'_>, service: &Object) -> bool {
    let namespace = cx.index.namespace(service);
    let has_pods =
        cx.index.workloads().iter().any(|workload| cx.is_own(workload.object) && cx.index.namespace(workload.object) == namespace);
    if !has_pods {
        return true;
    }
    let values: Vec<String> =
        crate::manifest::labels(&service.get("spec.selector")).into_iter().map(|(_, value)| value).collect();
    cx.index.objects().iter().any(|object| is_custom(object) && values.iter().any(|value| value.contains(object.name())))
}

/// The workload whose labels agree with most of the selector, and where they differ.
fn nearest(cx: &RuleContext<'_>, service: &Object) -> Option<(String, String)> {
    let wanted = crate::manifest::labels(&service.get("spec.selector"));
    let best = cx.index.workloads().iter().max_by_key(|workload| {
        let labels = workload.pod_labels();
        wanted.iter().filter(|pair| labels.contains(pair)).count()
    })?;
    let labels = best.pod_labels();
    let differing: Vec<&(String, String)> = wanted.iter().filter(|pair| !labels.contains(pair)).collect();
    if differing.len() == wanted.len() {
        return None;
    }
    let (key, _) = differing.first()?;
    let has = labels.iter().find(|(known, _)| known == key);
    let label = match has {
        Some((_, value)) => format!("`{key}`: they have `{value}`"),
        None => format!("`{key}`: they have no such label"),
    };
    Some((cx.describe(best.object), label))
}
