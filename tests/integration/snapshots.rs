//! What users see: small charts in `fixtures/shapes`, and beside each of them what the program prints for it.
//! `UPDATE_SNAPSHOTS=1 cargo test snapshots` writes them anew; read them as a user would before they are committed.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A name in `fixtures/shapes`, the file for the output, and the arguments.
const SHAPES: &[(&str, &str, &[&str])] = &[
    ("chains", "expected.txt", &["chart", "--verbose", "--select", "image-latest-tag"]),
    ("include-chain", "expected.txt", &["chart", "--verbose", "--select", "image-latest-tag"]),
    (
        "subchart-alias",
        "expected.txt",
        &["chart", "--verbose", "--include-dependencies", "--select", "image-latest-tag"],
    ),
    ("subchart-alias", "without.txt", &["chart", "--select", "image-latest-tag"]),
    ("import-values", "expected.txt", &["chart", "--verbose", "--select", "image-latest-tag"]),
    (
        "set-flags",
        "expected.txt",
        &[
            "chart",
            "--verbose",
            "--select",
            "image-latest-tag",
            "--set",
            "a=busybox:latest",
            "--set-string",
            "b=busybox:latest",
            "--set-json",
            "c={\"image\":\"busybox:latest\"}",
            "--set-file",
            "d=image.txt",
            "--set-literal",
            "e=busybox:latest",
        ],
    ),
    ("overlays", "expected.txt", &["chart", "--verbose", "--select", "image-latest-tag"]),
    ("schema-error", "expected.txt", &["chart", "--verbose", "--select", "values-schema-violation"]),
    ("missing-key", "expected.txt", &["chart", "--select", "render-failed"]),
    ("missing-key-in-tpl", "expected.txt", &["chart", "--select", "render-failed"]),
    ("missing-key-of-variable", "expected.txt", &["chart", "--select", "render-failed"]),
    ("no-map", "expected.txt", &["chart", "--select", "render-failed"]),
    ("wrong-type", "expected.txt", &["chart", "--verbose", "--select", "render-failed"]),
    ("parse-errors", "expected.txt", &["chart", "--verbose", "--select", "template-parse-error"]),
    ("missing-template", "expected.txt", &["chart", "--verbose", "--select", "render-failed"]),
    ("refused", "expected.txt", &["chart", "--verbose", "--select", "render-failed"]),
    (
        "failing-beside-good",
        "expected.txt",
        &[
            "chart",
            "--verbose",
            "--select",
            "render-failed,template-parse-error,yaml-invalid,image-latest-tag",
        ],
    ),
    ("yaml-indentation", "expected.txt", &["chart", "--verbose", "--select", "yaml-invalid"]),
    ("yaml-quotes", "expected.txt", &["chart", "--verbose", "--select", "yaml-invalid"]),
    ("yaml-structure", "expected.txt", &["chart", "--verbose", "--select", "yaml-invalid"]),
    ("yaml-in-block-scalar", "expected.txt", &["chart", "--select", "yaml-invalid"]),
    ("repeated-key", "expected.txt", &["chart", "--verbose", "--select", "yaml-invalid"]),
    ("absent-with-key", "expected.txt", &["chart", "--select", "security-context-missing"]),
    ("absent-without-key", "expected.txt", &["chart", "--select", "security-context-missing"]),
    ("object-that-is-off", "expected.txt", &["chart", "--select", "network-policy-missing"]),
    ("library-helper", "expected.txt", &["chart", "--verbose", "--select", "image-latest-tag"]),
    ("missing-dependency", "expected.txt", &["chart", "--select", "dependency-missing"]),
    ("secret", "expected.txt", &["chart", "--verbose", "--select", "values-placeholder-secret"]),
    ("formats", "pretty.txt", &["chart", "--select", "image-latest-tag"]),
    ("formats", "verbose.txt", &["chart", "--select", "image-latest-tag", "--verbose"]),
    ("formats", "short.txt", &["chart", "--select", "image-latest-tag", "--format", "short"]),
    ("formats", "report.json", &["chart", "--select", "image-latest-tag", "--format", "json"]),
    ("formats", "quiet.txt", &["chart", "--select", "image-latest-tag", "--quiet"]),
    ("coverage", "expected.txt", &["coverage", "chart"]),
    ("coverage", "report.json", &["coverage", "chart", "--format", "json"]),
];

fn output(folder: &Path, args: &[&str]) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_chart-lint"))
        .current_dir(folder)
        .args(args)
        .args(if args[0] == "coverage" { &[][..] } else { &["--no-repo", "--min-severity", "info"] })
        .env_remove("CLICOLOR_FORCE")
        .output()
        .expect("the program can be started");
    let text = String::from_utf8(run.stdout).expect("it prints UTF-8");
    let errors = String::from_utf8(run.stderr).expect("it prints UTF-8");
    let code = run.status.code().unwrap_or(-1);
    // How long it took differs each time.
    let text = match text.rsplit_once("ed in ") {
        Some((before, after)) if after.trim_end().ends_with("ms") => format!("{before}ed in 1 ms\n"),
        _ => text,
    };
    let shown: Vec<String> = args.iter().map(|arg| quoted(arg)).collect();
    if args.contains(&"json") {
        return text;
    }
    format!("$ chart-lint {}\n{text}{errors}[exit code {code}]\n", shown.join(" "))
}

/// An argument as one types it into a shell.
fn quoted(arg: &str) -> String {
    if arg.contains(['"', '{', ' ']) { format!("'{arg}'") } else { arg.to_owned() }
}

#[test]
fn the_program_prints_what_it_printed() {
    let shapes = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/shapes");
    let mut wrong = Vec::new();
    for (name, file, args) in SHAPES {
        let folder = shapes.join(name);
        let found = output(&folder, args);
        let path = folder.join(file);
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(&path, &found).expect("the snapshot can be written");
        }
        let wanted = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        if found != wanted {
            let first = found.lines().zip(wanted.lines()).position(|(found, wanted)| found != wanted);
            wrong.push(format!("{name}/{file}, line {}", first.map_or(0, |line| line + 1)));
        }
    }
    assert!(
        wrong.is_empty(),
        "look at what differs, then run `UPDATE_SNAPSHOTS=1 cargo test snapshots`: {wrong:#?}"
    );
}
