//! API versions that clusters do not serve: `api-removed`, `api-deprecated`, `api-unavailable`

use bstr::ByteSlice;

use crate::finding::{Role, Severity};
use crate::kubernetes::api_versions::{Api, all, find};
use crate::kubernetes::versions::{Minor, Range};
use crate::manifest::Object;
use crate::render::objects::{Capabilities, KubeVersion};
use crate::rules::helpers::object_ref;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// The newest Kubernetes that the chart is for: the one it is rendered for, or the last that its `kubeVersion` allows.
fn newest(cx: &RuleContext<'_>) -> Minor {
    let rendered = cx.capabilities().kube_version.minor;
    let rendered = Minor(u16::try_from(rendered).unwrap_or(u16::MAX));
    let range = Range::parse(&cx.chart().metadata.kube_version);
    range.map_or(rendered, |range| range.highest.min(rendered))
}

/// What to do about an API version that goes or has gone.
fn way_out(api: &Api) -> String {
    match api.replacement.and_then(|replacement| replacement.split_once(' ')) {
        Some((version, kind)) if kind == api.kind => {
            format!("write `apiVersion: {version}`, and look which fields changed")
        }
        Some((version, kind)) => format!("use {kind} of `{version}`"),
        None => "remove it: there is no successor of the same kind".to_owned(),
    }
}

pub(super) struct ApiRemoved;

impl Rule for ApiRemoved {
    fn spec(&self) -> &'static Spec {
        spec!("api-removed")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let Some(api) = find(&object.head.api_version, object.kind()) else { return };
        let newest = newest(cx);
        let Some(removed) = api.removed.filter(|&removed| removed <= newest) else { return };
        let message = format!("{} of `{}` is gone since Kubernetes {removed}", api.kind, api.api_version);
        // Helm without a cluster takes the old branch, and `helm lint` warns of it.
        let is_asked = asks_cluster(cx, object, newest);
        let finding = cx.finding(&object.get("apiVersion"), message).help(way_out(api));
        if is_asked {
            finding
                .severity(Severity::Info)
                .note("the chart asks the cluster, and writes another version where this one is gone")
                .report();
        } else {
            finding.report();
        }
    }
}

/// Whether the chart asks the cluster which version it serves, and writes another one where this one is gone. Without a
/// cluster Helm knows no versions of what has API servers of its own, such as `apiregistration.k8s.io`.
fn asks_cluster(cx: &RuleContext<'_>, object: &Object, newest: Minor) -> bool {
    let asks = |name| cx.template_text(name).is_some_and(|text| text.contains_str("Capabilities"));
    if !cx.is_chart() || !cx.scenario.sources.iter().any(|(name, _, _)| asks(name)) {
        return false;
    }
    let mut probe = cx.probe();
    probe.values = cx.scenario.values.clone();
    probe.capabilities = capabilities_of(newest, &probe.capabilities);
    let there = cx.run(probe);
    let is_same = |other: &&Object| {
        other.template == object.template && other.kind() == object.kind() && other.name() == object.name()
    };
    there.is_rendered()
        && !there.objects.iter().filter(is_same).any(|other| other.head.api_version == object.head.api_version)
}

pub(super) struct ApiDeprecated;

impl Rule for ApiDeprecated {
    fn spec(&self) -> &'static Spec {
        spec!("api-deprecated")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let Some(api) = find(&object.head.api_version, object.kind()) else { return };
        let newest = newest(cx);
        let Some(deprecated) = api.deprecated.filter(|&deprecated| deprecated <= newest) else { return };
        if api.removed.is_some_and(|removed| removed <= newest) {
            return;
        }
        let until = api.removed.map_or_else(String::new, |removed| format!(", and gone in {removed}"));
        let message =
            format!("{} of `{}` is deprecated since Kubernetes {deprecated}{until}", api.kind, api.api_version);
        cx.finding(&object.get("apiVersion"), message).help(way_out(api)).report();
    }
}

pub(super) struct ApiUnavailable;

impl Rule for ApiUnavailable {
    fn spec(&self) -> &'static Spec {
        spec!("api-unavailable")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let range = Range::parse(&cx.chart().metadata.kube_version);
        let Some(lowest) = range.and_then(|range| range.lowest) else { return };
        if cx.scenario_number() != 0 {
            return;
        }
        let scenario = cx.scenario;
        let too_new: Vec<(&Object, &Api)> = scenario
            .objects
            .iter()
            .filter_map(|object| Some((object, find(&object.head.api_version, object.kind())?)))
            .filter(|(object, api)| api.introduced > lowest && cx.is_own(object))
            .collect();
        if too_new.is_empty() {
            return;
        }
        // Perhaps the chart does something else on such a cluster.
        let mut probe = cx.probe();
        probe.capabilities = capabilities_of(lowest, &probe.capabilities);
        let there = cx.run(probe);
        let is_there = |object: &Object| {
            there.objects.iter().any(|other| {
                other.template == object.template
                    && other.kind() == object.kind()
                    && other.name() == object.name()
                    && other.head.api_version == object.head.api_version
            })
        };
        // The range is the cause: one finding for each kind.
        let mut kinds: Vec<(&Api, Vec<&Object>)> = Vec::new();
        for (object, api) in too_new.into_iter().filter(|(object, _)| is_there(object)) {
            match kinds.iter_mut().find(|(known, _)| std::ptr::eq(*known, api)) {
                Some((_, objects)) => objects.push(object),
                None => kinds.push((api, vec![object])),
            }
        }
        for (api, objects) in kinds {
            let Some((object, rest)) = objects.split_first() else { continue };
            let others = rest.iter().map(|object| object_ref(cx.index, object)).collect();
            let message = format!(
                "{} of `{}` came with Kubernetes {}, but `kubeVersion` allows {lowest}",
                api.kind, api.api_version, api.introduced
            );
            let allowed = cx.chart_field("kubeVersion");
            cx.finding(&object.get("apiVersion"), message)
                .identity(format!("unavailable\0{}\0{}", api.api_version, api.kind))
                .also(others)
                .related(allowed, Role::File, format!("allows Kubernetes {lowest}"))
                .help(format!(
                    "write `kubeVersion: \">={}.0-0\"`, or choose with `.Capabilities.APIVersions.Has`",
                    api.introduced
                ))
                .report();
        }
    }
}

/// A cluster of another version: without what it did not serve yet, with what it still served.
fn capabilities_of(version: Minor, now: &Capabilities) -> Capabilities {
    let kube_version = KubeVersion::parse(&format!("v{version}.0")).unwrap_or_default();
    let mut api_versions: Vec<String> = now
        .api_versions
        .iter()
        .filter(|name| {
            let (api_version, kind) = split_kind(name);
            let known: Vec<&Api> = all()
                .iter()
                .filter(|api| api.api_version == api_version && kind.is_none_or(|kind| kind == api.kind))
                .collect();
            known.is_empty() || known.iter().any(|api| api.is_served_by(version))
        })
        .cloned()
        .collect();
    for api in all().iter().filter(|api| api.is_served_by(version)) {
        for name in [api.api_version.to_owned(), format!("{}/{}", api.api_version, api.kind)] {
            if !api_versions.contains(&name) {
                api_versions.push(name);
            }
        }
    }
    Capabilities { kube_version, api_versions }
}

/// `policy/v1/PodDisruptionBudget` as API version and kind.
fn split_kind(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once('/') {
        Some((api_version, kind)) if kind.starts_with(|c: char| c.is_ascii_uppercase()) => {
            (api_version, Some(kind))
        }
        _ => (name, None),
    }
}
