//! What the rules about security contexts share.

use crate::finding::Role;
use crate::manifest::{Container, Node, Workload};
use crate::rules::RuleContext;
use crate::rules::helpers::{container_names, keys_that_set, list, template_place};

/// Containers that rules about missing hardening speak of: all of a pod that stays for a while. A test is gone when it
/// ends, and Windows has none of it.
pub(super) fn hardenable<'a>(workload: &Workload<'a>) -> Vec<Container<'a>> {
    if workload.is_windows() || workload.object.is_test() { Vec::new() } else { workload.containers() }
}

/// What a finding about several containers of a workload says.
pub(super) struct Rollup<'t> {
    /// Field of the containers' security context.
    pub(super) field: &'t str,
    /// What is wrong, after the names of the containers, for one and for several.
    pub(super) what: [&'t str; 2],
    /// What to write.
    pub(super) help: &'t str,
}

/// Reports containers of a workload in one finding: at the first, with the others as related places.
pub(super) fn report<'a>(
    cx: &mut RuleContext<'_>,
    workload: &Workload<'_>,
    containers: &[Container<'a>],
    rollup: &Rollup<'_>,
) {
    let [first, rest @ ..] = containers else { return };
    let names: Vec<&Container<'_>> = containers.iter().collect();
    let what = rollup.what[usize::from(!rest.is_empty())];
    let message = format!("{} of {} {what}", container_names(&names), cx.describe(workload.object));
    let node = |container: &Container<'a>| container.node.get("securityContext").get(rollup.field);
    let primary = template_place(cx, &node(first));
    let mut places = Vec::new();
    for container in rest {
        if let Some(place) = template_place(cx, &node(container))
            && Some(place) != primary
            && !places.iter().any(|(known, _)| *known == place)
        {
            places.push((place, format!("also container `{}`", container.name())));
        }
    }
    let help = with_keys(cx, workload, &node(first), rollup.help);
    let mut finding = cx.finding(&node(first), message).help(help);
    for (place, message) in places {
        finding = finding.related(place, Role::Template, message);
    }
    finding.report();
}

/// What to write, and in which values key it can be set, where the template offers one and the field is not there.
pub(super) fn with_keys(
    cx: &RuleContext<'_>,
    workload: &Workload<'_>,
    node: &Node<'_>,
    help: &str,
) -> String {
    if node.exists() {
        return help.to_owned();
    }
    match keys_that_set(cx, workload.object, "securityContext").as_slice() {
        [] => help.to_owned(),
        keys => format!("{help}; {} of values.yaml may set it", list(keys, 3)),
    }
}
