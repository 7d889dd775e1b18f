//! Tests for `helm test`: `helm-tests-missing`, `helm-test-invalid`

use bstr::ByteSlice;

use crate::finding::Role;
use crate::manifest::{Object, Workload};
use crate::rules::{ChartContext, Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct HelmTestsMissing;

impl Rule for HelmTestsMissing {
    fn spec(&self) -> &'static Spec {
        spec!("helm-tests-missing")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let chart = cx.chart();
        let renders = cx.scenarios.iter().any(|scenario| {
            scenario.objects.iter().any(|object| !crate::rules::is_of_dependency(&object.template))
        });
        // It may be off by default.
        let has_test = chart.templates.iter().any(|template| {
            template.data.lines().any(|line| {
                line.find("helm.sh/hook").is_some_and(|at| {
                    line[at..].contains_str("test") && !line.contains_str("helm.sh/hook-")
                })
            })
        });
        if renders && !has_test && !chart.metadata.is_library() {
            let place = cx.chart_field("name");
            cx.finding(place, Role::File, "the chart has no test for `helm test`")
                .help("add a Pod in `templates/tests/` with the annotation `helm.sh/hook: test`")
                .report();
        }
    }
}

pub(super) struct HelmTestInvalid;

/// What a test may need besides the Pod or Job.
const HELPERS: &[&str] =
    &["ConfigMap", "Secret", "ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "Service"];

impl Rule for HelmTestInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("helm-test-invalid")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !object.is_test() {
            return;
        }
        let kind = object.kind();
        let workload = Workload::of(object);
        if kind != "Pod" && kind != "Job" {
            // Only what runs for ever is surely wrong.
            if workload.is_some() && !HELPERS.contains(&kind) {
                cx.finding(&object.root(), format!("a {kind} as a test never ends"))
                    .help("make it a Pod or a Job")
                    .report();
            }
            return;
        }
        let Some(workload) = workload else { return };
        let policy = workload.pod.get("restartPolicy");
        let restarts = policy.as_str().is_none_or(|policy| policy == "Always");
        if kind == "Pod" && restarts {
            let message = if policy.exists() {
                "the test is started again when it has ended".to_owned()
            } else {
                "the test is started again when it has ended: `restartPolicy` is not set".to_owned()
            };
            cx.finding(&policy, message).help("write `restartPolicy: Never`").report();
        }
        let services: Vec<&str> = cx.index.of_kind("Service").iter().map(|service| service.name()).collect();
        let release = cx.release_name().to_owned();
        for container in workload.containers() {
            for field in ["command", "args"] {
                for word in container.node.get(field).items() {
                    let Some(text) = word.as_str() else { continue };
                    let Some(host) = host_of(&text, &release) else { continue };
                    let is_there = services.contains(&host)
                        || cx.index.objects().iter().any(|other| other.name() == host)
                        || services.iter().any(|service| host.starts_with(&format!("{service}-")));
                    if !is_there && !services.is_empty() {
                        cx.finding(&word, format!("the test asks `{host}`, but there is no such Service"))
                            .help("take the name from the same helper as the Service")
                            .report();
                    }
                }
            }
        }
    }
}

/// The host in an argument that is a single address, if it carries the name of the release.
fn host_of<'t>(text: &'t str, release: &str) -> Option<&'t str> {
    let text = text.trim();
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let has_port = text.contains("://") || rest.contains(':');
    let host = rest.split(['/', ':', '?']).next()?;
    let host = host.split('.').next()?;
    let is_host = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (has_port && is_host && host.starts_with(release) && !text.contains(char::is_whitespace)).then_some(host)
}
