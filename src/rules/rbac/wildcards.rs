//! `rbac-full-wildcard` and `rbac-wildcard`

use crate::finding::{Role as PlaceRole, Severity};
use crate::manifest::Object;
use crate::rules::helpers::{list, template_place};
use crate::rules::rbac::graph::{Policy, is_role, policies};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct RbacFullWildcard;

impl Rule for RbacFullWildcard {
    fn spec(&self) -> &'static Spec {
        spec!("rbac-full-wildcard")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !is_role(object) {
            return;
        }
        let Some(policy) = policies(object).into_iter().find(Policy::is_everything) else { return };
        let what = cx.describe(object);
        let finding = if object.kind() == "Role" {
            // Everything in one namespace.
            cx.finding(&policy.node.get("verbs"), format!("{what} allows everything in its namespace"))
                .severity(Severity::High)
        } else {
            cx.finding(&policy.node.get("verbs"), format!("{what} allows everything in the cluster"))
        };
        finding.help("name the resources and verbs that are used").report();
    }
}

pub(super) struct RbacWildcard;

impl Rule for RbacWildcard {
    fn spec(&self) -> &'static Spec {
        spec!("rbac-wildcard")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !is_role(object) {
            return;
        }
        let all = policies(object);
        let wild: Vec<(&Policy<'_>, Vec<&str>)> = all
            .iter()
            // Objects that are named one by one are no wildcard, whatever may be done to them.
            .filter(|policy| !policy.is_everything() && !policy.is_limited() && !policy.only_reads_metrics())
            .map(|policy| (policy, policy.wildcards()))
            .filter(|(_, fields)| !fields.is_empty())
            .collect();
        let is_custom = |policy: &Policy<'_>| policy.is_about_custom();
        // The rule that is worst comes first.
        let Some((first, fields)) =
            wild.iter().find(|(policy, _)| !is_custom(policy)).or_else(|| wild.first())
        else {
            return;
        };
        let names: Vec<String> = fields.iter().map(|&field| field.to_owned()).collect();
        let message = format!("{} allows `*` as {}", cx.describe(object), list(&names, 3));
        let node = first.node.get(fields[fields.len() - 1]);
        let primary = template_place(cx, &node);
        let mut others = Vec::new();
        for (policy, fields) in &wild {
            let place = template_place(cx, &policy.node.get(fields[fields.len() - 1]));
            if let Some(place) = place.filter(|place| Some(*place) != primary && !others.contains(place)) {
                others.push(place);
            }
        }
        let only_custom = is_custom(first);
        let mut finding = cx.finding(&node, message).help(if only_custom {
            "name the resources and verbs: `*` also allows what a later version of these custom resources brings"
        } else {
            "name the resources and verbs: `*` also allows secrets, subresources such as `pods/exec`, and what is added later"
        });
        if only_custom || fields.as_slice() == ["apiGroups"] {
            finding = finding.severity(Severity::Medium);
        }
        for place in others {
            finding = finding.related(place, PlaceRole::Template, "here too");
        }
        finding.report();
    }
}
