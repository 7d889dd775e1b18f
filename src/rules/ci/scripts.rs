//! `script-destructive-kubectl`

use crate::finding::Role;
use crate::payload::shell;
use crate::rules::{ChartContext, Rule};
use crate::source::{Location, Span};
use crate::spec::Spec;

pub(super) struct ScriptDestructiveKubectl;

/// Scripts that are there to take away.
const TEARDOWNS: &[&str] = &["teardown", "tear-down", "cleanup", "clean", "uninstall", "delete", "destroy", "remove", "test", "e2e", "reset", "down", "purge"];
/// What is gone with its contents, or stops answering.
const KINDS: &[&str] = &["secret", "secrets", "deployment", "deployments", "deploy", "statefulset", "statefulsets", "sts", "pvc", "persistentvolumeclaim", "persistentvolumeclaims", "namespace", "ns", "crd"];

impl Rule for ScriptDestructiveKubectl {
    fn spec(&self) -> &'static Spec {
        spec!("script-destructive-kubectl")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let scripts = &cx.repo().scripts;
        let mut found = Vec::new();
        for script in scripts {
            let base = script.name.rsplit('/').next().unwrap_or(&script.name).to_lowercase();
            if TEARDOWNS.iter().any(|word| base.contains(word)) {
                continue;
            }
            let lines = shell::lines(&script.text);
            let guarded = ["kubectl diff", "--dry-run", "helm diff", "read -p", "read -r"].iter().any(|guard| script.text.contains(guard));
            for line in &lines {
                let problem = match deleted_kind(line.text) {
                    Some(kind) => Some(format!("the script deletes each {kind} before it makes it again")),
                    None if !guarded && line.text.contains("kubectl apply") => {
                        Some("the script applies without showing what changes".to_owned())
                    }
                    None => None,
                };
                if let Some(message) = problem {
                    let at = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
                    let span = Span::new(at(line.span.start), at(line.span.end));
                    found.push((Location { file: script.source, span }, message));
                    break;
                }
            }
        }
        for (place, message) in found {
            let help = "use `kubectl apply` after `kubectl diff`, or `helm upgrade`: between the two commands nothing is there, and what fails leaves it so";
            cx.finding(place, Role::File, message).help(help).report();
        }
    }
}

/// The kind that a line deletes objects of.
fn deleted_kind(line: &str) -> Option<&str> {
    let (_, after) = line.split_once("kubectl ")?;
    let mut words = after.split_whitespace().skip_while(|word| *word != "delete").skip(1).filter(|word| !word.starts_with('-'));
    let first = words.next()?;
    let kind = first.split('/').next().unwrap_or(first);
    KINDS.contains(&kind).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::deleted_kind;

    #[test]
    fn deletions_are_found() {
        assert_eq!(deleted_kind("kubectl -n web delete secret web || true"), Some("secret"));
        assert_eq!(deleted_kind("kubectl delete --ignore-not-found deployment/web"), Some("deployment"));
        assert_eq!(deleted_kind("kubectl delete pod web"), None);
        assert_eq!(deleted_kind("kubectl get secret"), None);
    }
}
