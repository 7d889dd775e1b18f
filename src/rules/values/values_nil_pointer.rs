//! `values-nil-pointer`

use super::nil_pointers::{by_key, nil_pointers};
use crate::finding::Role;
use crate::rules::statics::failed_at;
use crate::rules::{ChartContext, Rule};
use crate::spec::Spec;

pub(super) struct ValuesNilPointer;

impl Rule for ValuesNilPointer {
    fn spec(&self) -> &'static Spec {
        spec!("values-nil-pointer")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let found = nil_pointers(cx);
        // What fails by default is said by `render-failed`.
        let quiet = found
            .into_iter()
            .filter(|pointer| !failed_at(cx, pointer.location.file, pointer.location.span))
            .collect();
        for (pointer, others) in by_key(quiet) {
            let key = &pointer.missing;
            let parent = key.rsplit_once('.').map_or(key.as_str(), |(parent, _)| parent);
            let above = cx.values_key(parent).filter(|_| parent != key);
            let mut finding = cx
                .finding(
                    pointer.location,
                    Role::Template,
                    format!("`{key}` is in no values file: `.{}` of it fails as soon as this runs", pointer.field),
                )
                .identity(format!("nil\0{key}"))
                .help(format!("give `{key}` a default in values.yaml, or ask with parentheses: `(.Values.{key}).{}`", pointer.field));
            if let Some(above) = above {
                finding = finding.related(above, Role::Values, format!("`{parent}` has no such key"));
            }
            others
                .into_iter()
                .take(4)
                .fold(finding, |finding, place| finding.related(place, Role::Template, "here too"))
                .report();
        }
    }
}
