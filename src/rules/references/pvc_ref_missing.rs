//! `pvc-ref-missing`

use super::is_made_elsewhere;
use crate::manifest::Workload;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct PvcRefMissing;

impl Rule for PvcRefMissing {
    fn spec(&self) -> &'static Spec {
        spec!("pvc-ref-missing")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        // A claim template takes the place of a volume with its name.
        let templates = workload.object.get("spec.volumeClaimTemplates").items();
        let templates: Vec<String> = templates.iter().filter_map(|claim| claim.get("metadata.name").text()).collect();
        for claim in cx.index.claims(workload) {
            if !cx.is_whole() || templates.contains(&claim.name)
                || claim.object.is_some()
                || cx.is_from_values(&claim.reference)
                || is_of_template(cx, &claim.name)
                || is_made_elsewhere(cx, &claim.name)
            {
                continue;
            }
            let message = format!(
                "{} mounts PersistentVolumeClaim/{}, and nothing here makes it",
                cx.describe(workload.object),
                claim.name
            );
            cx.finding_at_call(&claim.reference, &claim.reference, message)
                .cause(claim.name.clone())
                .label("the pods stay pending")
                .help("render the claim, or let a values key such as `existingClaim` name one")
                .report();
        }
    }
}

/// Whether a StatefulSet makes the claim: `data-db-0`.
fn is_of_template(cx: &RuleContext<'_>, name: &str) -> bool {
    let Some((rest, number)) = name.rsplit_once('-') else { return false };
    number.bytes().all(|byte| byte.is_ascii_digit())
        && cx.index.of_kind("StatefulSet").iter().any(|set| {
            rest.strip_suffix(set.name()).and_then(|rest| rest.strip_suffix('-')).is_some_and(|template| {
                let templates = set.get("spec.volumeClaimTemplates").items();
                templates.iter().any(|claim| claim.get("metadata.name").text().as_deref() == Some(template))
            })
        })
}
