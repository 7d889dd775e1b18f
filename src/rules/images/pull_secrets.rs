//! `image-pull-secrets-not-supported`

use crate::manifest::Workload;
use crate::rules::helpers::{list, object_ref};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct ImagePullSecretsNotSupported;

impl Rule for ImagePullSecretsNotSupported {
    fn spec(&self) -> &'static Spec {
        spec!("image-pull-secrets-not-supported")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let own = cx.index.workloads().iter().filter(|workload| cx.is_own(workload.object) && !workload.object.is_hook());
        let without: Vec<Workload<'_>> = own.filter(|workload| !can_have(cx, workload)).cloned().collect();
        let Some(first) = without.first() else { return };
        let names: Vec<String> = without.iter().map(|workload| cx.describe(workload.object)).collect();
        let others = without.iter().skip(1).map(|workload| object_ref(cx.index, workload.object)).collect();
        let verb = if without.len() == 1 { "has" } else { "have" };
        let message = format!("{} {verb} no imagePullSecrets, and no values key sets any", list(&names, 4));
        let node = first.pod.get("imagePullSecrets");
        cx.finding(&node, message)
            .identity("image-pull-secrets")
            .also(others)
            .help("add `imagePullSecrets: {{- toYaml .Values.imagePullSecrets | nindent 8 }}` to the pods, within `with`")
            .report();
    }
}

/// Whether the pods, or the service account that they run as, have pull secrets or could have some.
fn can_have(cx: &RuleContext<'_>, workload: &Workload<'_>) -> bool {
    let could = |node: &crate::manifest::Node<'_>| {
        node.get("imagePullSecrets").exists() || cx.may_render(node, "pullsecret") || cx.may_render(node, "registrysecret")
    };
    if could(&workload.pod) || cx.may_render(&workload.object.root(), "pullsecret") {
        return true;
    }
    let account = workload.pod.get("serviceAccountName").text();
    let accounts = cx.index.of_kind("ServiceAccount").iter();
    let mut own = accounts.filter(|object| Some(object.name()) == account.as_deref());
    own.any(|object| could(&object.root()))
}
