//! Topics that the documents of a chart should have: `docs-backup-restore`, `docs-deployment-strategies`,
//! `docs-high-availability`, `docs-logging`, `docs-network-and-pod-security`, `docs-requirements`, `docs-secrets`,
//! `docs-sizing-cost`, `docs-tls`, `docs-upgrade-rollback`, `docs-version-matrix`
//!
//! Whether a text is about something is guessed from its words, so a finding says no more than "not found". A chart
//! without documents has the finding of `readme-missing` instead.

use super::words::{BACKUP, Document, documents, has_word};
use crate::finding::Role;
use crate::kubernetes::datastores;
use crate::kubernetes::volumes::{claim_names, claim_templates};
use crate::manifest::{ObjectIndex, Workload};
use crate::rules::helpers::{ImageReference, list};
use crate::rules::{ChartContext, Rule, is_of_dependency};
use crate::scenario::Scenario;
use crate::source::{Location, Span};
use crate::spec::Spec;

/// The documents of a chart, if it has a README and is no library.
fn texts<'a>(cx: &ChartContext<'a>) -> Option<Vec<Document<'a>>> {
    let documents = documents(cx.chart(), cx.repo());
    let is_library = cx.chart().metadata.chart_type == "library";
    (documents.iter().any(Document::is_readme) && !is_library).then_some(documents)
}

/// Whether one of the documents has one of some words.
fn mentions(documents: &[Document<'_>], words: &[&str]) -> bool {
    documents.iter().any(|document| has_word(&document.words(), words))
}

/// Reports that the documents, first of all the nearest README, do not speak of something.
fn report(cx: &mut ChartContext<'_>, documents: &[Document<'_>], topic: &str, help: &str) {
    let Some(readme) = documents.iter().find(|document| document.is_readme()) else { return };
    let place = Location { file: readme.source, span: Span::new(0, first_line(&readme.text)) };
    let others = if documents.len() > 1 { " or other documents" } else { "" };
    let message = format!("{topic}: not found in the README{others}");
    cx.finding(place, Role::File, message).help(help).report();
}

fn first_line(text: &str) -> u32 {
    u32::try_from(text.lines().next().map_or(0, str::len)).unwrap_or(0)
}

/// Whether a workload of the chart that runs until it is stopped is such as `wanted` says, with the default values.
fn any_workload(cx: &ChartContext<'_>, wanted: impl Fn(&ObjectIndex<'_>, &Workload<'_>) -> bool) -> bool {
    let Some(scenario) = cx.default_scenario() else { return false };
    let index = ObjectIndex::new(&scenario.objects, &scenario.namespace);
    index.workloads().iter().any(|workload| {
        !is_of_dependency(&workload.object.template) && workload.is_long_running() && wanted(&index, workload)
    })
}

/// Whether the chart renders an object of some kinds in any scenario, or could.
fn has_kind(cx: &ChartContext<'_>, kinds: &[&str]) -> bool {
    let renders = |scenario: &Scenario| {
        scenario.objects.iter().any(|object| !is_of_dependency(&object.template) && kinds.contains(&object.kind()))
            || scenario.toggles.iter().any(|toggle| kinds.contains(&toggle.kind.as_str()))
    };
    cx.scenarios.iter().any(renders)
}

pub(super) struct DocsUpgradeRollback;

impl Rule for DocsUpgradeRollback {
    fn spec(&self) -> &'static Spec {
        spec!("docs-upgrade-rollback")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        const HEADINGS: &[&str] =
            &["upgrade", "upgrades", "upgrading", "migration", "migrations", "migrating", "rollback", "rolling back", "breaking change", "breaking changes", "changelog", "updating", "releases"];
        const TEXTS: &[&str] = &["helm rollback", "roll back", "breaking change", "breaking changes", "upgrade guide"];
        let version = &cx.chart().metadata.version;
        if version.starts_with("0.0.") || version.starts_with("0.1.") {
            return;
        }
        let Some(documents) = texts(cx) else { return };
        let is_there = documents.iter().any(|document| {
            let name = document.name.to_lowercase();
            let named = ["upgrad", "migrat", "changelog", "rollback", "releas"].iter().any(|part| name.contains(part));
            named || document.headings().iter().any(|heading| has_word(heading, HEADINGS)) || has_word(&document.words(), TEXTS)
        });
        if !is_there {
            report(cx, &documents, "how to upgrade and roll back", "say what changes between versions, what to do by hand, and how to go back");
        }
    }
}

pub(super) struct DocsBackupRestore;

impl Rule for DocsBackupRestore {
    fn spec(&self) -> &'static Spec {
        spec!("docs-backup-restore")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        const RESTORE: &[&str] =
            &["restore", "restores", "restoring", "restored", "recovery", "recover", "recovering", "disaster", "rto", "rpo"];
        let keeps = any_workload(cx, |_, workload| {
            let has_claim = !claim_templates(workload).is_empty() || !claim_names(workload).is_empty();
            has_claim && datastores::of_workload(workload).is_none_or(|store| store.role != datastores::Role::Cache)
        });
        let Some(documents) = texts(cx).filter(|_| keeps) else { return };
        let (backup, restore) = (mentions(&documents, BACKUP), mentions(&documents, RESTORE));
        let topic = match (backup, restore) {
            (true, true) => return,
            (true, false) => "how to restore a backup",
            (false, _) => "how to back up the data and restore it",
        };
        report(cx, &documents, topic, "give the commands, and say what may be lost and how long it takes (RPO, RTO)");
    }
}

pub(super) struct DocsSecrets;

impl Rule for DocsSecrets {
    fn spec(&self) -> &'static Spec {
        spec!("docs-secrets")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        const WORDS: &[&str] = &[
            "existingsecret", "existing secret", "existing secrets", "external secret", "external secrets", "externalsecret",
            "externalsecrets", "sealed secret", "sealed secrets", "sealedsecret", "vault", "openssl rand", "kubectl create secret",
            "rotate", "rotation", "rotating", "secretname", "secretref", "secretkeyref", "create a secret", "sops", "kind: secret",
        ];
        if !has_kind(cx, &["Secret"]) {
            return;
        }
        let Some(documents) = texts(cx) else { return };
        // Keys that end in it, as `auth.existingSecret` and `tls.existingSecretName` do.
        let is_there = mentions(&documents, WORDS)
            || documents.iter().any(|document| document.words().contains("existingsecret"));
        if !is_there {
            report(cx, &documents, "where secrets come from", "say how to make them, how to use a Secret that exists already, and how to change them later");
        }
    }
}

pub(super) struct DocsHighAvailability;

impl Rule for DocsHighAvailability {
    fn spec(&self) -> &'static Spec {
        spec!("docs-high-availability")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        const WORDS: &[&str] = &[
            "high availability", "high-availability", "highly available", "ha", "replicas", "replicacount", "replica",
            "failover", "external database", "external postgres", "external postgresql", "external mysql", "external redis",
            "scaling", "scale", "autoscaling", "cluster mode", "redundancy", "leader election", "multiple instances",
        ];
        let is_single = any_workload(cx, |index, workload| {
            workload.object.kind() != "DaemonSet" && index.replicas(workload) == 1
        });
        let Some(documents) = texts(cx).filter(|_| is_single) else { return };
        if !mentions(&documents, WORDS) {
            report(cx, &documents, "how to run it highly available", "say whether more replicas work, and which external databases can be used");
        }
    }
}

pub(super) struct DocsTls;

impl Rule for DocsTls {
    fn spec(&self) -> &'static Spec {
        spec!("docs-tls")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        const WORDS: &[&str] =
            &["tls", "ssl", "https", "cert-manager", "certmanager", "certificate", "certificates", "letsencrypt", "let's encrypt"];
        let has_balancer = cx.scenarios.iter().flat_map(|scenario| &scenario.objects).any(|object| {
            object.is("", "Service")
                && !is_of_dependency(&object.template)
                && object.get("spec.type").text().as_deref() == Some("LoadBalancer")
        });
        if !has_balancer && !has_kind(cx, &["Ingress", "HTTPRoute", "IngressRoute", "Gateway", "Route"]) {
            return;
        }
        let Some(documents) = texts(cx) else { return };
        // Links are no text about TLS.
        let is_there = documents.iter().any(|document| has_word(&document.words().replace("https://", " "), WORDS));
        if !is_there {
            report(cx, &documents, "how to serve it with TLS", "show the values for the Ingress with a certificate, from cert-manager or a Secret");
        }
    }
}

pub(super) struct DocsNetworkAndPodSecurity;

impl Rule for DocsNetworkAndPodSecurity {
    fn spec(&self) -> &'static Spec {
        spec!("docs-network-and-pod-security")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        const NETWORK: &[&str] = &["networkpolicy", "networkpolicies", "network policy", "network policies"];
        // That its pods are hardened is not yet which level their namespace may enforce.
        const LEVEL: &[&str] = &[
            "pod-security.kubernetes.io", "pod-security.kubernetes.io/enforce", "pod security level", "pod security levels",
            "pod security admission", "podsecurity admission", "podsecuritypolicy", "pss", "psp",
        ];
        if !any_workload(cx, |_, _| true) {
            return;
        }
        let Some(documents) = texts(cx) else { return };
        let topics = [("NetworkPolicies", NETWORK), ("the Pod Security level of its namespace", LEVEL)];
        let missing: Vec<&str> =
            topics.iter().filter(|(_, words)| !mentions(&documents, words)).map(|(topic, _)| *topic).collect();
        if !missing.is_empty() {
            let help = "say whether it brings NetworkPolicies, which Pod Security level its namespace may enforce, and which quota it needs";
            report(cx, &documents, &missing.join(" and "), help);
        }
    }
}

pub(super) struct DocsLogging;

impl Rule for DocsLogging {
    fn spec(&self) -> &'static Spec {
        spec!("docs-logging")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        const HEADINGS: &[&str] = &["log", "logs", "logging"];
        const WORDS: &[&str] = &[
            "loglevel", "log level", "log levels", "log_level", "log-level", "log format", "logformat", "log aggregation",
            "log retention", "log shipping", "log collector", "centralized logging", "fluent bit", "fluentd", "fluent-bit", "loki", "filebeat",
        ];
        if !any_workload(cx, |_, _| true) {
            return;
        }
        let Some(documents) = texts(cx) else { return };
        let is_there = documents.iter().any(|document| {
            document.headings().iter().any(|heading| has_word(heading, HEADINGS)) || has_word(&document.prose(), WORDS)
        });
        if !is_there {
            report(cx, &documents, "where its logs go", "say what is logged, in which format, how to change the level, and how long to keep it");
        }
    }
}

pub(super) struct DocsSizingCost;

impl Rule for DocsSizingCost {
    fn spec(&self) -> &'static Spec {
        spec!("docs-sizing-cost")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        const WORDS: &[&str] = &[
            "sizing", "right-sizing", "cost", "costs", "capacity", "spot", "preemptible", "hardware", "resource requirements",
            "recommended resources", "resource recommendations", "minimum resources", "system requirements", "vcpu", "vcpus", "cores",
        ];
        if !any_workload(cx, |_, _| true) {
            return;
        }
        let Some(documents) = texts(cx) else { return };
        if !documents.iter().any(|document| has_word(&document.prose(), WORDS)) {
            report(cx, &documents, "how much CPU and memory it needs", "give the requests of a small and of a large installation");
        }
    }
}

pub(super) struct DocsVersionMatrix;

impl Rule for DocsVersionMatrix {
    fn spec(&self) -> &'static Spec {
        spec!("docs-version-matrix")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        const WORDS: &[&str] = &[
            "compatibility", "compatible", "version matrix", "versions", "version table", "supported versions", "appversion", "app version", "application version",
        ];
        let Some(scenario) = cx.default_scenario() else { return };
        let index = ObjectIndex::new(&scenario.objects, &scenario.namespace);
        let mut images: Vec<(String, String, String)> = Vec::new();
        for workload in index.workloads().iter().filter(|workload| !is_of_dependency(&workload.object.template)) {
            for container in workload.containers() {
                let text = container.node.get("image").text().unwrap_or_default();
                let image = ImageReference::parse(&text);
                let (Some((owner, name)), Some(tag)) = (image.name.rsplit_once('/'), image.tag) else { continue };
                images.push((owner.to_owned(), name.to_owned(), tag.to_owned()));
            }
        }
        images.sort();
        images.dedup();
        let pair = images.iter().find_map(|(owner, name, tag)| {
            // Who puts images of others under one roof is not their maker.
            let is_maker = !["library", "bitnami", "bitnamilegacy"].iter().any(|other| owner.ends_with(other));
            let other = images.iter().find(|(other, its_name, its_tag)| other == owner && its_name != name && its_tag != tag);
            other.filter(|_| is_maker).map(|other| [format!("{name}:{tag}"), format!("{}:{}", other.1, other.2)])
        });
        let Some((documents, pair)) = texts(cx).zip(pair) else { return };
        if !mentions(&documents, WORDS) {
            let topic = format!("which versions of {} belong together", list(&pair, 2));
            report(cx, &documents, &topic, "add a table of the chart's versions with those of its images");
        }
    }
}

pub(super) struct DocsRequirements;

impl Rule for DocsRequirements {
    fn spec(&self) -> &'static Spec {
        spec!("docs-requirements")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        if !cx.chart().metadata.kube_version.is_empty() {
            return;
        }
        let Some(documents) = texts(cx) else { return };
        if !documents.iter().any(|document| names_kubernetes_version(&document.words())) {
            let help = "set `kubeVersion` in Chart.yaml, and name the versions of Kubernetes and Helm that it is tested with";
            report(cx, &documents, "which versions of Kubernetes and Helm it needs", help);
        }
    }
}

/// Whether a version stands near after the word, in small letters: "kubernetes 1.23+", "kubernetes version >= v1.20".
fn names_kubernetes_version(text: &str) -> bool {
    const NEAR: usize = 40;
    ["kubernetes", "k8s", "kube"].iter().any(|word| {
        text.match_indices(word).any(|(at, _)| {
            let after: String = text[at + word.len()..].chars().take(NEAR).take_while(|&c| c != '\n').collect();
            after.match_indices("1.").any(|(dot, _)| after[dot + 2..].starts_with(|c: char| c.is_ascii_digit()))
        })
    })
}

pub(super) struct DocsDeploymentStrategies;

impl Rule for DocsDeploymentStrategies {
    fn spec(&self) -> &'static Spec {
        spec!("docs-deployment-strategies")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        const WORDS: &[&str] = &[
            "canary", "blue-green", "blue/green", "blue green", "flagger", "argo rollouts", "rolling update", "rollingupdate", "rollout", "rollouts", "updatestrategy", "update strategy",
        ];
        if !any_workload(cx, |_, workload| workload.object.kind() == "Deployment") {
            return;
        }
        let Some(documents) = texts(cx) else { return };
        if !mentions(&documents, WORDS) {
            report(cx, &documents, "how new versions are rolled out", "say what a rolling update does to users, and whether canary or blue-green works");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::names_kubernetes_version;

    #[test]
    fn versions_of_kubernetes_are_found() {
        assert!(names_kubernetes_version("- kubernetes >= 1.23") && names_kubernetes_version("kubernetes version: v1.30"));
        assert!(!names_kubernetes_version("kubernetes\n1.23") && !names_kubernetes_version("kubernetes is 1. good"));
    }
}
