//! Secrets that are found are never shown, whatever the format.

use std::path::Path;
use std::process::Command;

const SECRETS: &[&str] = &["Qm7-vela-93-korb", "tr0ub4dor&3-horse", "korb-41TT-Zeder9"];

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("the folder can be made");
    std::fs::write(path, text).expect("the file can be written");
}

#[test]
fn secrets_are_masked_in_every_format() {
    let folder = tempfile::tempdir().expect("there is room for a few files");
    let [password, token, variable] = SECRETS else { panic!("there are three") };
    write(folder.path(), "Chart.yaml", "apiVersion: v2\nname: example\nversion: 1.0.0\n");
    // The line beside a secret has a finding too, so that the secret is shown as its context.
    write(
        folder.path(),
        "values.yaml",
        &format!("auth:\n  password: {password}\n  adminPassword: changeme\n  token: {token}\n"),
    );
    write(
        folder.path(),
        "templates/all.yaml",
        &format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: web\ndata:\n  password: {{{{ .Values.auth.password | b64enc }}}}\n  broken: \"{token}!\"\n\
             ---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n      image: web\n\
             \x20     env:\n        - name: DB_PASSWORD\n          value: {variable}\n        - name: TOKEN\n          value: {{{{ .Values.auth.token }}}}\n"
        ),
    );
    let formats =
        ["pretty", "short", "json", "sarif", "github", "gitlab", "junit", "checkstyle", "markdown", "html"];
    for format in formats {
        let run = Command::new(env!("CARGO_BIN_EXE_chart-lint"))
            .args(["--profile", "strict", "--min-severity", "info", "--verbose", "--format", format])
            .arg(folder.path())
            .output()
            .expect("the program runs");
        let shown = String::from_utf8_lossy(&run.stdout);
        assert!(shown.contains("env-secret-literal"), "{format}: {shown}");
        for secret in SECRETS {
            assert!(!shown.contains(secret), "{format} shows {secret}:\n{shown}");
        }
    }
}
