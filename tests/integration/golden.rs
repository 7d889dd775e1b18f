//! Small charts with what `helm template` prints for them.
//!
//! Each file of `fixtures/golden` is one case, in sections that start with `-- name --`: `args`, each `file` with its
//! path, and Helm's `stdout` and `error`. `@` stands for the folder that the files are in.

use std::path::Path;
use std::process::Command;

#[derive(Default)]
struct Case {
    args: String,
    files: Vec<(String, String)>,
    stdout: String,
    error: String,
}

fn read(text: &str) -> Case {
    let mut case = Case::default();
    let mut section = "";
    for line in text.split_inclusive('\n') {
        let header = line.trim_end().strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --"));
        match header {
            // The line break before it belongs to the format.
            Some("no line break") => {
                if let Some((_, text)) = case.files.last_mut() {
                    text.pop();
                }
            }
            Some(name) => {
                section = name;
                if let Some(path) = name.strip_prefix("file ") {
                    case.files.push((path.to_owned(), String::new()));
                }
            }
            None => match (section, case.files.last_mut()) {
                ("args", _) => case.args.push_str(line),
                ("stdout", _) => case.stdout.push_str(line),
                ("error", _) => case.error.push_str(line),
                (_, Some((_, text))) => text.push_str(line),
                _ => {}
            },
        }
    }
    case
}

/// What is wrong with our answer, if anything.
fn check(case: &Case) -> Option<String> {
    let folder = tempfile::tempdir().expect("there is room for a few files");
    for (path, text) in &case.files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    }
    let root = folder.path().display().to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_chart-lint"))
        .arg("template")
        .args(case.args.trim_end().split(' ').map(|arg| arg.replace('@', &root)))
        .output()
        .expect("the program can be started");
    let stdout = String::from_utf8_lossy(&output.stdout).replace(&root, "@");
    let stderr = String::from_utf8_lossy(&output.stderr).replace(&root, "@");
    let error = stderr.find("Error: ").map_or("", |at| &stderr[at..]);
    // Ours has more to say.
    let error = error.rsplit_once("\nhelp: ").map_or(error, |(before, _)| before).trim_end();
    let same = stdout == case.stdout
        && error == case.error.trim_end()
        && output.status.success() == case.error.is_empty();
    (!same).then(|| format!("{} {stdout}{stderr}", output.status))
}

#[test]
fn whole_charts_print_as_helm() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden");
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the folder is part of the repository") {
        let path = entry.expect("it can be listed").path();
        let text = std::fs::read_to_string(&path).expect("a case is text");
        count += 1;
        if let Some(answer) = check(&read(&text)) {
            wrong.push(format!("{}: {answer}", path.display()));
        }
    }
    assert!(count > 40, "only {count} cases");
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n"));
}
