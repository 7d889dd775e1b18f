//! `custom-resource-unguarded`

use crate::chart::Chart;
use crate::finding::Severity;
use crate::manifest::Object;
use crate::rules::helpers::is_custom;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Groups that end like those of Kubernetes and come with definitions of their own all the same.
const NOT_BUILT_IN: &[&str] =
    &["gateway.networking.k8s.io", "snapshot.storage.k8s.io", "cluster.x-k8s.io", "policy.networking.k8s.io"];

pub(super) struct CustomResourceUnguarded;

impl Rule for CustomResourceUnguarded {
    fn spec(&self) -> &'static Spec {
        spec!("custom-resource-unguarded")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let group = object.group();
        let is_custom = is_custom(object) || NOT_BUILT_IN.contains(&group);
        if cx.scenario.name != "default"
            || !is_custom
            // The platform has them.
            || group.ends_with(".openshift.io")
            || cx.param("groups").split([',', ' ']).any(|known| known == group)
            || is_defined(cx, object)
        {
            return;
        }
        let is_of_operator = is_for_operator(cx, group);
        let message = format!(
            "{} is rendered by default, but a cluster need not know the kind {} of {group}",
            cx.describe(object),
            object.kind()
        );
        let finding = cx
            .finding(&object.root(), message)
            .cause(group.to_owned())
            .label("the installation fails without its CustomResourceDefinition")
            .help(format!(
                "render it only if values ask for it (off by default), or if `.Capabilities.APIVersions.Has \"{}\"`",
                object.head.api_version
            ));
        // What a chart for one operator is about has to be there.
        if is_of_operator { finding.severity(Severity::Info).report() } else { finding.report() }
    }
}

/// Whether the chart or one of its dependencies brings the definition.
fn is_defined(cx: &RuleContext<'_>, object: &Object) -> bool {
    let group = object.group();
    let in_templates = cx.index.of_kind("CustomResourceDefinition").iter().any(|definition| {
        definition.get("spec.group").text().as_deref() == Some(group)
            && definition.get("spec.names.kind").text().as_deref() == Some(object.kind())
    });
    let names = |text: &[u8]| {
        let has = |word: &str| text.windows(word.len()).any(|part| part == word.as_bytes());
        has(&format!("group: {group}")) || has(&format!("group: \"{group}\""))
    };
    in_templates || cx.chart().walk().into_iter().flat_map(Chart::crds).any(|file| names(&file.data))
}

/// Whether the chart is made for those who have an operator: most of its objects are of its group, or it has no
/// workloads of its own.
fn is_for_operator(cx: &RuleContext<'_>, group: &str) -> bool {
    let own: Vec<&Object> = cx.index.objects().iter().filter(|object| cx.is_own(object)).collect();
    let of_group = own.iter().filter(|object| object.group() == group).count();
    let has_workload = cx.index.workloads().iter().any(|workload| cx.is_own(workload.object));
    !has_workload || of_group * 2 > own.len()
}
