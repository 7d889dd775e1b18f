//! Inputs besides charts: manifests as they are, and Kustomize folders.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cli::{chart_lint, here, stdout, write};

/// The documents of a build, with what a Secret holds left out: Kustomize encodes it.
fn documents(text: &str) -> BTreeSet<String> {
    let documents = text.split("---\n").filter(|document| !document.trim().is_empty());
    documents
        .map(|document| {
            let lines = document.lines().filter(|line| {
                let is_secret = document.contains("kind: Secret");
                !is_secret || !(line.contains("token: ") || line.ends_with("ata:"))
            });
            let mut lines: Vec<&str> = lines.collect();
            // Keys are in order, but those of a Secret have other names.
            if document.contains("kind: Secret") {
                lines.sort_unstable();
            }
            lines.join("\n")
        })
        .collect()
}

#[test]
fn overlays_are_built_as_kustomize_builds_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/kustomize/overlay");
    let expected = std::fs::read_to_string(root.join("expected.yaml")).expect("it was recorded");
    let built = chart_lint::input::kustomize_output(&root.join("production").to_string_lossy());
    let (expected, built) = (documents(&expected), documents(&built));
    let missing: Vec<_> = expected.difference(&built).collect();
    let extra: Vec<_> = built.difference(&expected).collect();
    assert!(missing.is_empty() && extra.is_empty(), "missing {missing:#?}\nextra {extra:#?}");
}

#[test]
fn findings_of_an_overlay_lead_to_what_wrote_the_field() {
    let output = here(&[
        "fixtures/kustomize/overlay",
        "--format",
        "short",
        "--select",
        "privileged-container,image-latest-tag,readiness-probe-missing",
    ]);
    assert_eq!(
        stdout(&output),
        "fixtures/kustomize/overlay/production/env.yaml:10:41: critical[privileged-container] container `web` runs \
         privileged\nfixtures/kustomize/overlay/production/env.yaml:9:11: medium[readiness-probe-missing] container \
         `web` has no readinessProbe, but Service `prod-web` sends it traffic\n"
    );
}

#[test]
fn manifests_are_linted_as_they_are() {
    let folder = tempfile::tempdir().expect("there is room for a few files");
    let root = folder.path();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n      image: web:latest # {{ no template }}\n";
    write(root, "k8s/pod.yaml", pod);
    write(root, "k8s/other.yaml", "this: is\nnot: ours\n");
    let select = ["--select", "image-latest-tag", "--format", "short"];
    let expected = "k8s/pod.yaml:8:14: medium[image-latest-tag] image `web:latest` is tagged `latest` in container `web`\n";
    for path in ["k8s", "k8s/pod.yaml", "."] {
        let output = chart_lint(root, &[&[path], &select[..]].concat());
        assert_eq!(stdout(&output), expected, "{path}");
    }
    // A file that holds no object is a mistake.
    let output = chart_lint(root, &["k8s/other.yaml"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_kustomization_that_names_what_is_not_there_fails() {
    let folder = tempfile::tempdir().expect("there is room for a few files");
    let root = folder.path();
    write(
        root,
        "kustomization.yaml",
        "resources:\n  - missing.yaml\n  - https://example.com/x.yaml\n  - /etc\n",
    );
    let output = chart_lint(root, &["."]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("there is no `missing.yaml`") && text.contains("kustomization.yaml:2:5"), "{text}");
    assert!(text.contains("https://example.com/x.yaml: it is remote"), "{text}");
    assert!(text.contains("`/etc` lies outside"), "{text}");
}
