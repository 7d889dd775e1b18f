//! `duplicate-resource`

use std::collections::HashMap;

use crate::finding::{Role, Severity};
use crate::manifest::Object;
use crate::rules::helpers::template_place;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Charts cut names at 63 characters, and drop a hyphen that is then the last.
const CUT_AT: usize = 61;

pub(super) struct DuplicateResource;

impl Rule for DuplicateResource {
    fn spec(&self) -> &'static Spec {
        spec!("duplicate-resource")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let index = cx.index;
        let mut known: HashMap<(&str, &str, &str, &str), &Object> = HashMap::new();
        for object in index.objects() {
            // Hooks come and go; two of them may have one name at different times.
            if object.name().is_empty() || object.is_hook() {
                continue;
            }
            let key = (object.group(), object.kind(), index.namespace(object), object.name());
            let Some(&first) = known.get(&key) else {
                known.insert(key, object);
                continue;
            };
            // The place to change is in the chart's own templates.
            let (here, there) = if cx.is_own(object) { (object, first) } else { (first, object) };
            let place = template_place(cx, &there.get("metadata.name"));
            let message = format!("{} is rendered twice", cx.describe(object));
            let finding = cx.finding(&here.get("metadata.name"), message);
            // Names that are cut at 63 characters are only equal for long names of releases and namespaces.
            let finding = if here.name().len() >= CUT_AT {
                finding
                    .severity(Severity::Low)
                    .label("equal because it is cut off, with a long release name or namespace")
                    .help("put what tells the objects apart before what may be long, or shorten that alone")
            } else {
                finding
                    .label("Helm refuses the second one, or the last one wins")
                    .help("give them different names, or render one of them only")
            };
            match place {
                Some(place) => finding.related(place, Role::Template, "the other one").report(),
                None => finding.report(),
            }
        }
    }
}
