//! Templates with what real Helm answers for them. The files are written by the scripts in `tests/generate`.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value as Json;

/// Asks the program for all questions of a file and compares its answers with those of the file.
fn check(file: &str) {
    let path = format!("{}/tests/vectors/{file}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let questions = std::fs::read(path).expect("the file is part of the repository");
    let mut program = Command::new(env!("CARGO_BIN_EXE_chart-lint"))
        .arg("oracle")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let mut input = program.stdin.take().expect("it has a standard input");
    let sent = questions.clone();
    let sender = std::thread::spawn(move || input.write_all(&sent));
    let output = program.wait_with_output().expect("it can be waited for");
    sender.join().expect("the sender does not panic").expect("the program reads its input to the end");

    let vectors = questions.split(|&b| b == b'\n').filter(|line| !line.is_empty());
    let mut answers = output.stdout.split(|&b| b == b'\n');
    let mut wrong = Vec::new();
    for vector in vectors {
        let vector: Json = serde_json::from_slice(vector).expect("a line is JSON");
        let answer: Json =
            answers.next().and_then(|line| serde_json::from_slice(line).ok()).unwrap_or_default();
        if ["output", "error"].iter().any(|key| vector.get(key) != answer.get(key)) {
            wrong.push(format!("{vector}\n  but the program says: {answer}\n"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} answers of {file} are wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(10)].concat()
    );
}

#[test]
fn functions_on_strings_lists_dicts_and_numbers_answer_as_helm() {
    check("functions-a");
}

#[test]
fn the_vectors_of_the_project_answer_as_helm() {
    check("helm");
}

#[test]
fn what_the_fuzzer_found_answers_as_helm() {
    check("fuzz");
}
