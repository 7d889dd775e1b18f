//! `.chart-lint.yaml`, comments, annotations and baselines, as the program uses them.

use std::path::Path;

use crate::cli::{chart_lint, stderr, stdout, write};

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n      image: web:latest\n";

fn chart(root: &Path, name: &str) {
    write(root, &format!("{name}/Chart.yaml"), &format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n"));
    write(root, &format!("{name}/templates/pod.yaml"), POD);
}

/// What is found of one rule, each as `path:line severity`.
fn found(root: &Path, args: &[&str]) -> Vec<String> {
    let output = chart_lint(root, &[args, &["--format", "short", "--min-severity", "info"]].concat());
    assert!(output.status.code() != Some(2), "{}", stderr(&output));
    let lines = stdout(&output);
    let lines = lines.lines().filter(|line| line.contains("[image-latest-tag]"));
    lines
        .map(|line| {
            let mut parts = line.splitn(4, ':');
            let (path, number) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let severity =
                line.split(": ").nth(1).and_then(|rest| rest.split('[').next()).unwrap_or_default();
            format!("{path}:{number} {severity}")
        })
        .collect()
}

#[test]
fn a_configuration_is_found_above_the_chart() {
    let folder = tempfile::tempdir().expect("there is room for a few files");
    let root = folder.path();
    chart(root, "one");
    chart(root, "deep/two");
    assert_eq!(
        found(root, &["."]),
        ["deep/two/templates/pod.yaml:8 medium", "one/templates/pod.yaml:8 medium"]
    );
    write(root, ".chart-lint.yaml", "rules:\n  image-latest-tag: high\n");
    write(
        root,
        "deep/.chart-lint.yaml",
        "extends: ../.chart-lint.yaml\npaths:\n  two/templates/*.yaml:\n    rules: {image-latest-tag: low}\n",
    );
    assert_eq!(found(root, &["."]), ["deep/two/templates/pod.yaml:8 low", "one/templates/pod.yaml:8 high"]);
    assert_eq!(found(root, &[".", "--no-config"]).len(), 2);
    // Flags win.
    assert_eq!(
        found(root, &[".", "--severity", "image-latest-tag=critical"]),
        ["deep/two/templates/pod.yaml:8 low", "one/templates/pod.yaml:8 critical"]
    );
    write(root, ".chart-lint.yaml", "rules:\n  image-latest-tag: off\nexclude: [deep]\n");
    assert_eq!(found(root, &["."]), [] as [&str; 0]);
}

#[test]
fn mistakes_in_a_configuration_have_a_place_and_a_suggestion() {
    let folder = tempfile::tempdir().expect("there is room for a few files");
    let root = folder.path();
    chart(root, "one");
    for (text, wanted) in [
        (
            "rule:\n  a: b\n",
            &[".chart-lint.yaml:1:1", "there is no setting `rule`", "did you mean `rules`?"][..],
        ),
        ("rules:\n  image-latest-tg: high\n", &[".chart-lint.yaml:2:3", "did you mean `image-latest-tag`?"]),
        ("rules:\n  image-latest-tag: worst\n", &[".chart-lint.yaml:2:21", "`worst` is not a severity"]),
        ("extends: strictest\n", &[".chart-lint.yaml:1:10", "`strictest` is not a profile"]),
        ("extends: ./missing.yaml\n", &[".chart-lint.yaml:1:10", "missing.yaml"]),
        ("extends: ./.chart-lint.yaml\n", &["extends itself"]),
        ("ignore:\n  - rule: image-latest-tag\n", &[".chart-lint.yaml:2:5", "gives no reason"]),
        ("ignore:\n  - reason: all\n", &["would ignore everything"]),
        ("ignore:\n  - {rule: image-latest-tag, reason: x, until: soon}\n", &["`soon` is not a date"]),
        ("kubeVersions: [new]\n", &["`new` is not a Kubernetes version"]),
        ("scenarios:\n  a: {values: [missing.yaml]}\n", &["missing.yaml", ".chart-lint.yaml:2:3"]),
        ("minSeverity: [a]\n", &["must be a string"]),
        ("a: [b\n", &["is not YAML"]),
        ("rules:\n  image-latest-tag: {params: {x: 1}}\n", &["has no parameters"]),
    ] {
        write(root, ".chart-lint.yaml", text);
        let output = chart_lint(root, &["one"]);
        let error = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{text}: {error}");
        for part in wanted {
            assert!(error.contains(part), "{text} does not say {part:?}: {error}");
        }
        assert!(error.contains("help: "), "{error}");
    }
}

#[test]
fn scenarios_and_versions_of_a_configuration_are_rendered() {
    let folder = tempfile::tempdir().expect("there is room for a few files");
    let root = folder.path();
    chart(root, "one");
    write(
        root,
        "one/templates/other.yaml",
        "{{ if .Values.other }}\napiVersion: v1\nkind: Pod\nmetadata:\n  name: other-{{ .Capabilities.KubeVersion.Minor }}\nspec:\n  containers:\n    - name: other\n      image: other\n{{ end }}\n",
    );
    write(root, "prod.yaml", "other: true\n");
    write(
        root,
        ".chart-lint.yaml",
        "kubeVersions: ['1.30', '1.33']\nscenarios:\n  prod: {values: [prod.yaml]}\n  bare: {set: {other: false}}\n",
    );
    assert_eq!(found(root, &["one"]).len(), 2);
    let output = chart_lint(root, &["one"]);
    assert!(
        stdout(&output).contains("6 scenarios: default, prod, bare, default on v1.33"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn comments_and_annotations_hide_findings() {
    let folder = tempfile::tempdir().expect("there is room for a few files");
    let root = folder.path();
    let cases = [
        POD.replace("latest\n", "latest # chart-lint: ignore[image-latest-tag] why\n"),
        POD.replace("      image", "      # chart-lint: ignore[image-latest-tag] why\n\n      image"),
        POD.replace(
            "      image",
            "      {{- /* chart-lint: ignore[image-latest-tag, host-pid] why */}}\n      image",
        ),
        format!("# chart-lint: ignore-file[image-latest-tag] why\n{POD}"),
        POD.replace(
            "  name: web\nspec",
            "  name: web\n  annotations: {chart-lint/ignore.image-latest-tag: why}\nspec",
        ),
        POD.replace(
            "  name: web\nspec",
            "  name: web\n  annotations: {ignore-check.kube-linter.io/latest-tag: why}\nspec",
        ),
        POD.replace(
            "  name: web\nspec",
            "  name: web\n  annotations: {kube-score/ignore: container-image-tag}\nspec",
        ),
        POD.replace(
            "  name: web\nspec",
            "  name: web\n  annotations: {checkov.io/skip1: CKV_K8S_14=why}\nspec",
        ),
        POD.replace(
            "  name: web\nspec",
            "  name: web\n  annotations: {polaris.fairwinds.com/tagNotSpecified-exempt: \"true\"}\nspec",
        ),
        POD.replace("      image", "      # trivy:ignore:KSV-0013\n      image"),
    ];
    chart(root, "one");
    for text in &cases {
        write(root, "one/templates/pod.yaml", text);
        assert_eq!(found(root, &["one"]), [] as [&str; 0], "{text}");
        assert_eq!(found(root, &["one", "--no-ignores"]).len(), 1, "{text}");
        assert!(stdout(&chart_lint(root, &["one"])).contains(" suppressed"), "{text}");
    }
    // In a values file, for what the key fills.
    write(root, "one/templates/pod.yaml", &POD.replace("web:latest", "{{ .Values.image }}"));
    write(root, "one/values.yaml", "# chart-lint: ignore[image-latest-tag] why\nimage: web:latest\n");
    assert_eq!(found(root, &["one"]), [] as [&str; 0]);
    // The configuration, until its day has come.
    write(root, "one/values.yaml", "image: web:latest\n");
    for (until, count) in [("2999-01-01", 0), ("2020-01-01", 1)] {
        write(
            root,
            ".chart-lint.yaml",
            &format!(
                "ignore:\n  - {{rule: image-latest-tag, object: Pod/w*, reason: why, until: {until}}}\n"
            ),
        );
        assert_eq!(found(root, &["one"]).len(), count);
    }
    let output = chart_lint(root, &["--format", "short", "--min-severity", "low"]);
    assert!(stdout(&output).contains(".chart-lint.yaml:2:"), "{}", stdout(&output));
    assert!(
        stdout(&output)
            .contains("[suppression-unused] ignoring `image-latest-tag` was agreed on until 2020-01-01")
    );
}

#[test]
fn a_baseline_knows_findings_whose_lines_and_files_have_moved() {
    let folder = tempfile::tempdir().expect("there is room for a few files");
    let root = folder.path();
    chart(root, "one");
    let output = chart_lint(root, &["one", "--write-baseline", "base.json", "--fail-on", "info"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let with = ["one", "--baseline", "base.json"];
    assert_eq!(found(root, &with), [] as [&str; 0]);
    std::fs::remove_file(root.join("one/templates/pod.yaml")).expect("it is there");
    let moved = "# a comment\nkind: Pod\napiVersion: v1\nspec:\n  containers:\n    - image: web:latest\n      name: web\nmetadata:\n  name: web\n";
    write(root, "one/templates/renamed.yaml", moved);
    assert_eq!(found(root, &with), [] as [&str; 0]);
    write(root, "one/templates/new.yaml", &POD.replace("name: web", "name: new"));
    assert_eq!(found(root, &with), ["one/templates/new.yaml:8 medium"]);
    std::fs::remove_file(root.join("one/templates/renamed.yaml")).expect("it is there");
    let report = stdout(&chart_lint(root, &[&with[..], &["--format", "json"]].concat()));
    let report: serde_json::Value = serde_json::from_str(&report).expect("it is JSON");
    assert!(report["summary"]["fixed"].as_u64() > Some(0), "{}", report["summary"]);
    write(root, "base.json", "{}");
    assert_eq!(chart_lint(root, &with).status.code(), Some(2));
}

#[test]
fn shards_are_disjoint_and_together_everything() {
    let folder = tempfile::tempdir().expect("there is room for a few files");
    let root = folder.path();
    for name in ["a", "b", "c", "d", "e"] {
        chart(root, name);
    }
    let mut all: Vec<String> =
        ["1/3", "2/3", "3/3"].iter().flat_map(|part| found(root, &[".", "--shard", part])).collect();
    all.sort();
    assert_eq!(all, found(root, &["."]));
    for part in ["0/3", "4/3", "1", "a/b"] {
        assert_eq!(chart_lint(root, &[".", "--shard", part]).status.code(), Some(2), "{part}");
    }
    // Their reports joined are the report of one run.
    for part in ["1", "2"] {
        chart_lint(root, &[".", "--shard", &format!("{part}/2"), "-o", &format!("{part}.json")]);
    }
    let joined = stdout(&chart_lint(root, &["merge", "1.json", "2.json"]));
    assert_eq!(joined, stdout(&chart_lint(root, &[".", "--format", "short"])));
}

#[test]
fn only_charts_that_changed_are_linted() {
    let folder = tempfile::tempdir().expect("there is room for a few files");
    let root = folder.path();
    let git = |args: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]);
        let status = command.args(args).current_dir(root).output().expect("git is there").status;
        assert!(status.success(), "git {args:?}");
    };
    for name in ["a", "b", "c"] {
        chart(root, name);
    }
    write(
        root,
        "c/Chart.yaml",
        "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies:\n  - {name: b, version: 1.0.0, repository: 'file://../b'}\n",
    );
    write(root, ".gitignore", "ignored/\n");
    chart(root, "ignored/d");
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "start"]);
    let charts = |args: &[&str]| -> Vec<String> {
        let output = chart_lint(root, &[args, &["--format", "json"]].concat());
        let text = stdout(&output);
        if text.is_empty() {
            return Vec::new();
        }
        let report: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        let charts = report["charts"].as_array().expect("there is a list").iter();
        charts.filter_map(|chart| chart["path"].as_str().map(str::to_owned)).collect()
    };
    // What git ignores is not looked at.
    assert_eq!(charts(&["."]), ["a", "b", "c"]);
    assert_eq!(charts(&[".", "--changed-since", "HEAD"]), [] as [&str; 0]);
    write(root, "b/values.yaml", "a: 1\n");
    // With the chart that depends on it.
    assert_eq!(charts(&[".", "--changed-since", "HEAD"]), ["b", "c"]);
    assert_eq!(chart_lint(root, &[".", "--changed-since", "nowhere"]).status.code(), Some(2));
}

#[test]
fn chart_testing_says_where_charts_are() {
    let folder = tempfile::tempdir().expect("there is room for a few files");
    let root = folder.path();
    for name in ["stable/a", "stable/b", "other/c"] {
        chart(root, name);
    }
    write(root, "ct.yaml", "chart-dirs: [stable]\nexcluded-charts: [b]\n");
    assert_eq!(found(root, &[]), ["stable/a/templates/pod.yaml:8 medium"]);
}

#[test]
fn hooks_pass_over_what_is_no_chart() {
    let folder = tempfile::tempdir().expect("there is room for a few files");
    let root = folder.path();
    chart(root, "one");
    write(root, "docs/readme.md", "text\n");
    write(root, "app/values.yaml", "a: 1\n");
    let files =
        ["one/templates/pod.yaml", "one/Chart.yaml", "docs/readme.md", "app/values.yaml", "gone.yaml"];
    assert_eq!(found(root, &[&["--skip-others"], &files[..]].concat()), ["one/templates/pod.yaml:8 medium"]);
    let output = chart_lint(root, &["--skip-others", "docs/readme.md"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(chart_lint(root, &["docs/readme.md"]).status.code(), Some(2));
}

#[test]
fn init_writes_a_configuration_and_overwrites_none() {
    let folder = tempfile::tempdir().expect("there is room for a few files");
    let root = folder.path();
    chart(root, "one");
    let output = chart_lint(root, &["init"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("- id: chart-lint"));
    // What it writes can be read, and changes nothing.
    assert_eq!(found(root, &["one"]).len(), 1);
    // Its examples can be read too.
    let text = std::fs::read_to_string(root.join(".chart-lint.yaml")).expect("it was written");
    let examples: Vec<String> = text
        .lines()
        .filter(|line| !line.contains("yaml-language-server"))
        .map(|line| {
            line.strip_prefix("# ")
                .filter(|rest| {
                    rest.starts_with([' ', '-'])
                        || rest.split(' ').next().is_some_and(|word| word.ends_with(':'))
                })
                .unwrap_or(line)
                .to_owned()
        })
        .collect();
    write(root, ".chart-lint.yaml", &examples.join("\n"));
    write(root, "values.production.yaml", "a: 1\n");
    write(root, ".chart-lint-baseline.json", "{\"version\": 1, \"charts\": {}}\n");
    assert_eq!(stderr(&chart_lint(root, &["one"])), "");
    assert_eq!(chart_lint(root, &["init"]).status.code(), Some(2));
}
