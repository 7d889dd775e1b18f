//! The program as it is run: exit codes, what goes to which stream, and what bad input gets.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const SHOP: &str = "fixtures/charts/shop";

/// The program in a folder, without what the environment says about colours.
pub(crate) fn chart_lint(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().expect("the program starts")
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chart-lint"));
    command.args(args).current_dir(folder).stdin(Stdio::null());
    for name in ["NO_COLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command
}

pub(crate) fn here(args: &[&str]) -> Output {
    chart_lint(Path::new(env!("CARGO_MANIFEST_DIR")), args)
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("the output is text")
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("errors are text")
}

pub(crate) fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("the folder can be made");
    std::fs::write(path, text).expect("the file can be written");
}

/// What each bad input gets: one error on stderr that names it, a way out, nothing on stdout, exit code 2.
#[test]
fn bad_input_gets_one_error_with_a_way_out() {
    let folder = tempfile::tempdir().expect("there is room for a few files");
    let root = folder.path();
    write(root, "empty/readme.txt", "nothing here");
    write(root, "broken.tgz", "this is no archive");
    write(root, "chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 1.0.0\n");
    write(root, "chart/templates/config.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n");
    write(root, "bad-values.yaml", "a: [1\nb: 2\n");
    write(root, "list-values.yaml", "- a\n");
    let cases: &[(&[&str], &[&str])] = &[
        (&["missing"], &["there is nothing at `missing`", "help: "]),
        (&["empty"], &["`empty`", "help: "]),
        (&["broken.tgz"], &["broken.tgz", "help: "]),
        (&["chart", "--nonsense"], &["--nonsense", "--help"]),
        (&["chart", "--profile", "stricter"], &["`stricter` is not a profile", "strict", "help: "]),
        (
            &["chart", "--select", "image-latest-tags"],
            &["image-latest-tags", "did you mean `image-latest-tag`?"],
        ),
        (&["chart", "--ignore", "nope"], &["there is no rule `nope`", "help: "]),
        (&["chart", "--severity", "image-latest-tag"], &["image-latest-tag", "help: "]),
        (&["chart", "--severity", "image-latest-tag=bad"], &["`bad`", "help: "]),
        (&["chart", "--min-severity", "worst"], &["`worst`", "help: "]),
        (&["chart", "--fail-on", "never-ever"], &["`never-ever`", "help: "]),
        (&["chart", "--kube-version", "new"], &["`new` is not a Kubernetes version", "help: "]),
        (&["chart", "-f", "missing.yaml"], &["missing.yaml", "help: "]),
        (&["chart", "-f", "bad-values.yaml"], &["bad-values.yaml", "help: "]),
        (&["chart", "-f", "list-values.yaml"], &["list-values.yaml", "help: "]),
        (&["chart", "-f", "https://example.com/values.yaml"], &["https://example.com/values.yaml", "help: "]),
        (&["chart", "--set", "a[x]=1"], &["failed parsing --set data", "help: "]),
        (&["explain", "image-latest-tags"], &["image-latest-tags", "image-latest-tag"]),
        (&["template", "name", "missing"], &["missing"]),
    ];
    for (args, wanted) in cases {
        let output = chart_lint(root, args);
        let error = stderr(&output);
        assert!(output.stdout.is_empty(), "{args:?} prints {}", stdout(&output));
        let code = if args[0] == "template" { 1 } else { 2 };
        assert_eq!(output.status.code(), Some(code), "{args:?}: {error}");
        for part in *wanted {
            assert!(error.contains(part), "{args:?} does not say {part:?}: {error}");
        }
        assert_eq!(error.to_lowercase().matches("error:").count(), 1, "{args:?}: {error}");
    }
}

#[test]
fn a_broken_chart_among_good_ones_stops_no_other() {
    let folder = tempfile::tempdir().expect("there is room for a few files");
    let root = folder.path();
    for name in ["one", "two", "three"] {
        write(
            root,
            &format!("{name}/Chart.yaml"),
            &format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n"),
        );
        write(
            root,
            &format!("{name}/templates/config.yaml"),
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n",
        );
    }
    write(root, "two/Chart.yaml", "apiVersion: [v2\n");
    let output = chart_lint(root, &["."]);
    assert_ne!(output.status.code(), Some(0));
    let all = stdout(&output) + &stderr(&output);
    assert!(all.contains("two/Chart.yaml"), "{all}");
    assert!(all.contains("one 1.0.0") && all.contains("three 1.0.0"), "{all}");
}

#[test]
fn what_helm_refuses_to_load_is_found_and_never_passes() {
    let folder = tempfile::tempdir().expect("there is room for a few files");
    let root = folder.path();
    write(
        root,
        "chart/Chart.yaml",
        "apiVersion: v2\nname: chart\nversion: one\ntype: app\nmaintainers: [~]\n",
    );
    write(root, "chart/templates/config.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: A\n");
    let short = |args: &[&str]| {
        let output =
            chart_lint(root, &[&["chart", "--format", "short", "--min-severity", "info"], args].concat());
        assert_eq!(stderr(&output), "");
        (output.status.code(), stdout(&output))
    };
    let (code, text) = short(&[]);
    assert_eq!(code, Some(1));
    for wanted in [
        "chart/Chart.yaml:3:10: high[chart-version-invalid]",
        "chart/Chart.yaml:4:7: high[chart-type-invalid]",
        "medium[chart-maintainer-invalid]",
        // The templates are checked all the same.
        "chart/templates/config.yaml:4:9: high[invalid-resource-name]",
    ] {
        assert!(text.contains(wanted), "no {wanted:?} in {text}");
    }
    // Whatever rules are on.
    assert_eq!(short(&["--select", "image-latest-tag"]), (Some(2), String::new()));
    write(root, "chart/values.yaml", "a: [1\nb: 2\n");
    let (code, text) = short(&[]);
    assert_eq!(code, Some(1));
    assert!(text.contains("high[values-invalid]") && text.contains("high[chart-version-invalid]"), "{text}");
}

#[test]
fn exit_codes_follow_fail_on() {
    let code = |args: &[&str]| {
        let output = here(&[&[SHOP, "--quiet"], args].concat());
        assert_eq!(stderr(&output), "");
        output.status.code()
    };
    assert_eq!(code(&["--select", "image-latest-tag"]), Some(0));
    assert_eq!(code(&["--select", "image-latest-tag", "--fail-on", "medium"]), Some(1));
    assert_eq!(code(&["--select", "image-latest-tag", "--severity", "image-latest-tag=high"]), Some(1));
    assert_eq!(code(&["--select", "privileged-container"]), Some(1));
    assert_eq!(
        code(&["--select", "privileged-container", "--severity", "privileged-container=off"]),
        Some(0)
    );
    // A finding that is folded still counts.
    assert_eq!(code(&["--select", "privileged-container", "--set", "privileged=false"]), Some(1));
}

#[test]
fn short_has_a_line_for_each_finding() {
    let output = here(&[SHOP, "--format", "short", "--select", "image-latest-tag,privileged-container"]);
    assert_eq!(
        stdout(&output),
        "fixtures/charts/shop/templates/_helpers.tpl:23:17: critical[privileged-container] container `web` runs \
         privileged\nfixtures/charts/shop/templates/worker.yaml:22:18: medium[image-latest-tag] image \
         `registry.example.com/shop/worker:latest` is tagged `latest` in container `worker`\n"
    );
}

#[test]
fn json_has_the_keys_that_were_promised() {
    let output = here(&[SHOP, "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("the output is JSON");
    assert_eq!(report["schemaVersion"], 1);
    assert_eq!(report["charts"][0]["name"], "shop");
    assert_eq!(report["charts"][0]["scenarios"][0]["name"], "default");
    assert_eq!(report["summary"]["failed"], true);
    let findings = report["findings"].as_array().expect("there is a list of findings");
    for finding in findings {
        for key in ["rule", "severity", "message", "fingerprint", "chart", "scenarios"] {
            assert!(!finding[key].is_null(), "a finding without {key}: {finding}");
        }
        let primary = &finding["primary"];
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(primary["path"].as_str().expect("it has a path"));
        let text = std::fs::read(path).expect("the place is a file");
        let bytes =
            |key: &str| usize::try_from(primary[key].as_u64().expect("a number")).expect("it is small");
        let (start, end) = (bytes("startByte"), bytes("endByte"));
        assert!(start <= end && end <= text.len(), "{primary}");
        let line = text[..start].iter().filter(|&&byte| byte == b'\n').count() + 1;
        assert_eq!(primary["line"], line, "{finding}");
    }
    // What is a secret is shown nowhere.
    assert!(!stdout(&output).contains("please-change-me"));
}

#[test]
fn values_from_flags_are_one_more_scenario() {
    let output = here(&[SHOP, "--set", "ingress.enabled=true", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("the output is JSON");
    let names: Vec<&str> = report["charts"][0]["scenarios"]
        .as_array()
        .expect("there are scenarios")
        .iter()
        .filter_map(|scenario| scenario["name"].as_str())
        .collect();
    assert_eq!(names, ["default", "command line"]);
}

#[test]
fn values_are_read_from_standard_input() {
    let mut child = command(Path::new(env!("CARGO_MANIFEST_DIR")), &["template", "x", SHOP, "-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    stdin.write_all(b"ingress:\n  enabled: true\n").expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(stdout(&output).contains("kind: Ingress"), "{}", stdout(&output));
}

#[test]
fn whoever_stops_reading_gets_no_panic() {
    let mut child = command(Path::new(env!("CARGO_MANIFEST_DIR")), &[SHOP, "--min-severity", "info"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(stderr(&output), "");
    assert!(output.status.code().is_some_and(|code| code < 2), "{:?}", output.status);
}

#[test]
fn colours_are_for_terminals_or_when_asked_for() {
    let colored = |args: &[&str], env: &[(&str, &str)]| {
        let mut command = command(Path::new(env!("CARGO_MANIFEST_DIR")), &[&[SHOP], args].concat());
        command.envs(env.iter().copied());
        stdout(&command.output().expect("the program starts")).contains('\u{1b}')
    };
    assert!(!colored(&[], &[]));
    assert!(colored(&["--color", "always"], &[]));
    assert!(colored(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}
