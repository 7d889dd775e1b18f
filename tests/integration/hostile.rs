//! Templates that try to use up time, memory or the stack: each has to end in an answer.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};

/// The error that a template ends with.
fn error_of(template: &str, helpers: &str) -> String {
    let question = json!({"template": template, "templates": {"_helpers.tpl": helpers}, "values": {"t": "{{ tpl .Values.t . }}"}});
    let mut program = Command::new(env!("CARGO_BIN_EXE_chart-lint"))
        .arg("oracle")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let mut input = program.stdin.take().expect("it has a standard input");
    input.write_all(question.to_string().as_bytes()).expect("the program reads its input");
    drop(input);
    let output = program.wait_with_output().expect("it can be waited for");
    assert!(output.status.success(), "{template}: {}", output.status);
    let answer: Json = serde_json::from_slice(&output.stdout).expect("an answer is JSON");
    answer["error"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn values_that_hold_themselves_or_double_are_not_printed_forever() {
    for template in [
        r#"{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $_ := set $d "e" $d }}{{ print $d }}"#,
        r#"{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}"#,
        r#"{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ printf "%#v" $d | len }}"#,
        r#"{{ $x := "abcdefgh" }}{{ range until 60 }}{{ $x = print $x $x }}{{ end }}{{ len $x }}"#,
        r#"{{ $x := "abcdefgh" }}{{ range until 60 }}{{ $x = printf "%s%s" $x $x }}{{ end }}{{ len $x }}"#,
        r#"{{ repeat 4000000000 "x" | len }}"#,
        r#"{{ until 100000000 | len }}"#,
        r#"{{ range 9000000000000 }}{{ end }}"#,
    ] {
        let error = error_of(template, "");
        assert!(error.ends_with("reached"), "{template}: {error}");
    }
}

#[test]
fn recursion_ends_before_the_stack_does() {
    let ring: String = (0..60)
        .map(|i| format!(r#"{{{{ define "n{i}" }}}}{{{{ with $ }}}}{{{{ list (include "n{}" $ | quote) }}}}{{{{ end }}}}{{{{ end }}}}"#, (i + 1) % 60))
        .collect();
    let parens = format!(
        r#"{{{{ define "n0" }}}}{{{{ {}include "n0" .{} }}}}{{{{ end }}}}"#,
        "(".repeat(200),
        ")".repeat(200)
    );
    let printed = format!(
        r#"{{{{ define "n0" }}}}{{{{ {}(include "n0" .){} }}}}{{{{ end }}}}"#,
        "(print ".repeat(100),
        ")".repeat(100)
    );
    for helpers in [ring, parens, printed] {
        let error = error_of(r#"{{ include "n0" . }}"#, &helpers);
        assert!(error.contains("nested too deeply"), "{}", &error[error.len().saturating_sub(200)..]);
    }
    let error = error_of("{{ tpl .Values.t . }}", "");
    assert!(error.contains("nested too deeply"));
    let error = error_of(r#"{{ template "a" . }}"#, r#"{{ define "a" }}{{ template "a" . }}{{ end }}"#);
    assert!(error.contains("exceeded maximum template depth (100000)"));
    let error = error_of(r#"{{ include "a" . }}"#, r#"{{ define "a" }}{{ include "a" . }}{{ end }}"#);
    assert!(error.contains("nested reference name"));
}
