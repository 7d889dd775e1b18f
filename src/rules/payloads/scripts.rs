//! `shell-script-unsafe`

use std::ops::Range;

use crate::manifest::{Container, Object, Workload};
use crate::payload::{self, shell};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct ShellScriptUnsafe;

/// A script of fewer commands than this needs no `set -e`.
const FEW: usize = 3;

impl Rule for ShellScriptUnsafe {
    fn spec(&self) -> &'static Spec {
        spec!("shell-script-unsafe")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        for payload in payload::of_object(object) {
            let is_script = payload.text.starts_with("#!") && payload.text.lines().next().is_some_and(|line| line.contains("sh"));
            if !is_script && !payload.key.ends_with(".sh") {
                continue;
            }
            // Probes are asked again and again; what fails in them is their answer.
            let is_probe = ["health", "ping", "live", "ready", "probe", "lib"].iter().any(|word| payload.key.contains(word));
            for (at, problem, help) in problems(&payload.text, !is_probe) {
                let message = format!("`{}` {problem}", payload.key);
                payload.finding(cx, at, message).help(help).report();
            }
        }
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, _: &Workload<'_>, container: &Container<'_>) {
        let words = ["command", "args"].iter().flat_map(|field| container.node.get(field).items());
        let words: Vec<_> = words.filter_map(|node| Some((node.as_str()?.into_owned(), node))).collect();
        let is_shell = |word: &str| matches!(word.rsplit('/').next(), Some("sh" | "bash" | "ash" | "dash"));
        if !words.first().is_some_and(|(word, _)| is_shell(word)) {
            return;
        }
        let has_option = words.iter().any(|(word, _)| word.starts_with('-') && word.len() < 8 && word.contains('e'));
        for (text, node) in words.iter().filter(|(text, _)| text.contains('\n')) {
            for (at, problem, help) in problems(text, !has_option) {
                let message = format!("the script of container `{}` {problem}", container.name());
                cx.finding_within(node, at, message).help(help).report();
            }
        }
    }
}

type Problem = (Range<usize>, &'static str, &'static str);

fn problems(text: &str, wants_errexit: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    let lines = shell::lines(text);
    let Some(first) = lines.first() else { return problems };
    let last = lines.last().map_or("", |line| line.text);
    // One loop or one server at the end: there is nothing to go on to.
    let commands = lines.iter().filter(|line| is_command(line.text)).count();
    let is_joined = lines.len() <= FEW && last.starts_with("exec ");
    if wants_errexit && commands >= FEW && !is_joined && !shell::stops_at_errors(text) {
        let help = "start it with `set -e` (or `set -euo pipefail` for bash)";
        problems.push((first.span.clone(), "goes on when a command fails", help));
    }
    for line in &lines {
        if shell::runs_download(line.text) {
            let help = "download a version with a checksum, best into the image";
            problems.push((line.span.clone(), "runs what it downloads", help));
        }
        if line.text.contains("chmod 777") || line.text.contains("chmod -R 777") || line.text.contains("chmod a+rwx") {
            problems.push((line.span.clone(), "lets everybody write to files", "use the owner's rights: `chown`, or `fsGroup` of the pod"));
        }
        if line.text.starts_with("eval $") || line.text.starts_with("eval \"$") && !line.text.contains("$(") {
            problems.push((line.span.clone(), "runs the contents of a variable", "call the command with its arguments: `\"$@\"`"));
        }
    }
    if let Some(at) = text.find("\r\n") {
        let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        problems.push((start..at, "has line ends of Windows", "save it with line feeds: shells take the carriage return for a part of the word"));
    }
    problems
}

/// Whether a line runs something that may fail, and is not only a part of a condition, a loop or a function.
fn is_command(line: &str) -> bool {
    const OTHERS: &[&str] = &["fi", "done", "else", "then", "do", "esac", ";;", "}", "{", ")", "echo", "exit", "return", "if", "for", "while", "case", "elif", "trap", "export", "local"];
    let first = line.split(|c: char| c.is_whitespace() || c == ';').next().unwrap_or_default();
    let is_assignment = first.split_once('=').is_some_and(|(name, value)| !name.is_empty() && !value.starts_with("$("));
    !OTHERS.contains(&first) && !is_assignment && !line.contains("||") && !line.ends_with("&&") && !line.ends_with('\\') && !line.ends_with("() {")
}
