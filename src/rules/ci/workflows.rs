//! `ci-chart-lint-missing`, `ci-chart-not-published`, `ci-chart-test-missing`, `ci-helm-version-outdated`,
//! `ci-image-scan-missing`, `ci-no-dependency-updates`

use crate::finding::Role;
use crate::payload::lines;
use crate::repo::RepoFile;
use crate::rules::{ChartContext, Rule};
use crate::source::{Location, Span};
use crate::spec::Spec;

/// Files that CI runs by itself. The others of `Repo::workflows` are only called by them.
fn pipelines<'a>(cx: &ChartContext<'a>) -> Vec<&'a RepoFile> {
    const CALLED: &[&str] = &["makefile", "taskfile.yml", "taskfile.yaml", "justfile", ".pre-commit-config.yaml", "ct.yaml", "cr.yaml"];
    let files = cx.repo().workflows.iter();
    files
        .filter(|file| {
            let base = file.name.rsplit('/').next().unwrap_or(&file.name).to_ascii_lowercase();
            !CALLED.contains(&base.as_str())
        })
        .collect()
}

/// Whether a workflow, or a script that it may call, has one of some words.
fn runs(cx: &ChartContext<'_>, words: &[&str]) -> bool {
    let files = cx.repo().workflows.iter().chain(&cx.repo().scripts);
    files.into_iter().any(|file| {
        let text = file.text.to_lowercase();
        // What is commented out does not run.
        let mut code = text.lines().map(|line| if line.trim_start().starts_with('#') { "" } else { line.split(" #").next().unwrap_or(line) });
        code.any(|line| words.iter().any(|word| line.contains(word)))
    })
}

/// Whether the repository calls workflows that are kept elsewhere: those may do anything.
fn calls_others(cx: &ChartContext<'_>) -> bool {
    cx.repo().workflows.iter().any(|file| {
        file.text.lines().any(|line| {
            let used = line.trim().trim_start_matches("- ").strip_prefix("uses:").map(|used| used.trim().trim_matches(['"', '\'']));
            let is_workflow = used.is_some_and(|used| used.contains("/.github/workflows/") && !used.starts_with("./"));
            is_workflow || line.trim_start().starts_with("include:") && file.name.contains("gitlab")
        })
    })
}

/// The first line of a file that is no comment.
fn head(file: &RepoFile) -> Location {
    let line = lines(&file.text).find(|(_, line)| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#') && line != "---"
    });
    let span = line.map_or(0..0, |(span, _)| span);
    place(file, span)
}

fn place(file: &RepoFile, span: std::ops::Range<usize>) -> Location {
    let at = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
    Location { file: file.source, span: Span::new(at(span.start), at(span.end)) }
}

/// Reports something that no workflow does, at the first of them.
fn report_missing(cx: &mut ChartContext<'_>, words: &[&str], message: &str, help: &str) {
    let pipelines = pipelines(cx);
    let Some(first) = pipelines.first() else { return };
    if runs(cx, words) || calls_others(cx) {
        return;
    }
    let location = head(first);
    cx.finding(location, Role::File, message).help(help).report();
}

pub(super) struct CiChartLintMissing;

impl Rule for CiChartLintMissing {
    fn spec(&self) -> &'static Spec {
        spec!("ci-chart-lint-missing")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        const TOOLS: &[&str] = &[
            "helm lint", "ct lint", "chart-testing", "kubeconform", "kubeval", "chart-lint", "kube-linter", "kube-score", "polaris",
            "datree", "helm template", "conftest", "checkov", "trivy config", "helm-docs", "pluto", "chart-verifier", "helm unittest",
            "helm-unittest", "helmlint", "kyverno", "chart lint", "lint-and-install",
        ];
        let help = "run `helm lint`, `ct lint` or chart-lint for each change";
        report_missing(cx, TOOLS, "no workflow checks the chart", help);
    }
}

pub(super) struct CiChartTestMissing;

impl Rule for CiChartTestMissing {
    fn spec(&self) -> &'static Spec {
        spec!("ci-chart-test-missing")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        const TOOLS: &[&str] = &[
            "ct install", "lint-and-install", "helm test", "helm install", "helm upgrade", "kind-action", "kind create", "setup-kind", "k3d ",
            "minikube", "k3s", "helm unittest", "helm-unittest", "terratest", "kuttl", "chainsaw", "helmfile", "setup-k8s", "microk8s", "e2e",
        ];
        let help = "install it into a cluster of kind or k3d (`ct install`), or test its templates with `helm unittest`";
        report_missing(cx, TOOLS, "no workflow installs or tests the chart", help);
    }
}

pub(super) struct CiChartNotPublished;

impl Rule for CiChartNotPublished {
    fn spec(&self) -> &'static Spec {
        spec!("ci-chart-not-published")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        const TOOLS: &[&str] = &[
            "helm push", "chart-releaser", "cr upload", "cr index", "oci://", "helm-gh-pages", "helm-publish", "chartmuseum", "helm s3",
            "cm-push", "helm package", "helm repo index", "helm-push", "push-helm", "publish-helm", "helm-release", "chart-publish",
        ];
        let said = cx.repo().documents.iter().any(|document| {
            document.text.contains("oci://") || document.text.contains("helm repo add")
        });
        if !said {
            let help = "publish each version, with `helm push` to a registry or with chart-releaser, and say in the README where";
            report_missing(cx, TOOLS, "no workflow publishes the chart, and the README names no repository", help);
        }
    }
}

pub(super) struct CiImageScanMissing;

impl Rule for CiImageScanMissing {
    fn spec(&self) -> &'static Spec {
        spec!("ci-image-scan-missing")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        const TOOLS: &[&str] =
            &["trivy", "grype", "snyk", "clair", "docker scout", "docker/scout", "anchore", "kubescape", "aqua", "wiz", "sysdig", "container_scanning", "container-scanning"];
        let help = "scan the images that the chart names, with Trivy or Grype for example";
        report_missing(cx, TOOLS, "no workflow scans the chart's images for known vulnerabilities", help);
    }
}

pub(super) struct CiNoDependencyUpdates;

impl Rule for CiNoDependencyUpdates {
    fn spec(&self) -> &'static Spec {
        spec!("ci-no-dependency-updates")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let updaters = &cx.repo().updaters;
        let Some(first) = updaters.first() else {
            let tools = ["renovate", "updatecli", "dependabot"];
            let help = "add a configuration of Renovate or Dependabot, unless one of the whole organisation has the repository";
            report_missing(cx, &tools, "nothing keeps actions, images and dependencies up to date", help);
            return;
        };
        let is_dependabot = updaters.iter().all(|file| file.name.contains("dependabot"));
        let ecosystems = ["github-actions", "helm", "docker"];
        let is_covered = updaters.iter().any(|file| ecosystems.iter().any(|name| file.text.contains(name)));
        if is_dependabot && !is_covered {
            let help = "add the ecosystems `helm`, `docker` and `github-actions`";
            let message = "Dependabot watches neither the chart's dependencies and images nor the actions";
            cx.finding(head(first), Role::File, message).help(help).report();
        }
    }
}

pub(super) struct CiHelmVersionOutdated;

/// The oldest minor release of Helm 3 that still got fixes, as of 2026-08: see Helm's version support policy.
const OLDEST: (u32, u32) = (3, 18);

impl Rule for CiHelmVersionOutdated {
    fn spec(&self) -> &'static Spec {
        spec!("ci-helm-version-outdated")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        // Renovate finds such versions; Dependabot does not.
        if cx.repo().updaters.iter().any(|file| file.name.contains("renovate")) {
            return;
        }
        let repo = cx.repo();
        let found: Vec<(Location, String)> = repo
            .workflows
            .iter()
            .filter_map(|file| {
                let (span, version) = pinned(&file.text).find(|(_, version)| is_outdated(version))?;
                Some((place(file, span), version))
            })
            .collect();
        for (location, version) in found {
            let message = format!("Helm {version} gets no fixes any more");
            let help = format!("use {}.{} or later, and let Renovate keep it so", OLDEST.0, OLDEST.1);
            cx.finding(location, Role::File, message).help(help).report();
        }
    }
}

/// The versions of Helm that a workflow pins: for `setup-helm`, as `HELM_VERSION`, or as the tag of an image.
fn pinned(text: &str) -> impl Iterator<Item = (std::ops::Range<usize>, String)> + '_ {
    // How many lines below `setup-helm` its `version:` is looked for.
    const NEAR: usize = 6;
    let mut since = usize::MAX;
    lines(text).filter_map(move |(span, line)| {
        let code = line.trim();
        if code.starts_with('#') {
            return None;
        }
        since = if code.contains("setup-helm") { 0 } else { since.saturating_add(1) };
        let version = if since > 0 && since <= NEAR && code.starts_with("version:") {
            since = usize::MAX;
            code.split_once(':')?.1
        } else if let Some((_, rest)) = code.split_once("HELM_VERSION") {
            rest.trim_start_matches([':', '=', ' ', '?'])
        } else {
            ["alpine/helm:", "dtzar/helm-kubectl:"].iter().find_map(|image| Some(code.split_once(image)?.1))?
        };
        let version = version.trim().trim_matches(['"', '\'']).trim_start_matches('v');
        let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
        let version = version.get(..end).filter(|version| version.contains('.'))?;
        let at = line.find(version)?;
        Some((span.start + at..span.start + at + version.len(), version.to_owned()))
    })
}

fn is_outdated(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(major), Some(minor)) => (major, minor) < OLDEST,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_outdated, pinned};

    #[test]
    fn pinned_versions_are_found() {
        let text = "- uses: azure/setup-helm@v4\n  with:\n    version: v3.8.1\nenv:\n  HELM_VERSION: \"3.19.0\"\n  # HELM_VERSION: 2.0\n\
                    image: alpine/helm:3.9\nHELM_VERSION: ${{ x }}\nversion: 1.0.0\n";
        let found: Vec<_> = pinned(text).map(|(span, version)| (text[span].to_owned(), version)).collect();
        let versions: Vec<_> = found.iter().map(|(_, version)| version.as_str()).collect();
        assert_eq!(versions, ["3.8.1", "3.19.0", "3.9"]);
        assert!(found.iter().all(|(shown, version)| shown == version));
        assert!(is_outdated("3.8.1") && is_outdated("2.17") && !is_outdated("3.19.0") && !is_outdated("4.0.0") && !is_outdated("x"));
    }
}
