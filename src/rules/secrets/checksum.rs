//! `config-checksum-missing`

use crate::manifest::{Node, Object, Workload};
use crate::rules::helpers::list;
use crate::rules::secrets::consumers::{How, is_of, uses};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// SHA-256 of nothing and of an empty line: of a template that renders nothing.
const OF_NOTHING: &[&str] = &[
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b",
];

pub(super) struct ConfigChecksumMissing;

impl Rule for ConfigChecksumMissing {
    fn spec(&self) -> &'static Spec {
        spec!("config-checksum-missing")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        if !workload.is_long_running() || workload.object.kind() == "Pod" {
            return;
        }
        let annotations = workload.template.get("metadata.annotations");
        let of_pod = annotations.entries();
        let of_object = workload.object.get("metadata.annotations").entries();
        if of_pod.iter().chain(&of_object).any(|(key, _)| key.contains("reloader")) {
            return;
        }
        let checksums: Vec<&Node<'_>> =
            of_pod.iter().filter(|(key, node)| is_checksum(key, node)).map(|(_, node)| node).collect();
        let Some(covered) = covered(cx, &checksums) else { return };
        // A sidecar that watches the files tells the program about changes.
        let has_watcher = workload.containers().iter().any(|container| {
            let image = container.node.get("image").text().unwrap_or_default();
            image.contains("reload") || image.contains("k8s-sidecar")
        });
        let mut stale: Vec<&Object> = Vec::new();
        for used in uses(workload).iter().filter(|used| used.how != How::Pull) {
            let objects = cx.index.of_kind(used.kind).iter().copied();
            let found = objects.into_iter().find(|object| {
                cx.is_own(object) && !object.is_hook() && is_of(cx.index, workload, used, object)
            });
            if let Some(object) = found
                && !(has_watcher && used.how == How::Volume)
                && !object.get("immutable").is_true()
                && !covered.iter().any(|file| object.template.ends_with(file.as_str()))
                && !has_hash_in_name(cx, object)
                && !stale.iter().any(|known| std::ptr::eq(*known, object))
            {
                stale.push(object);
            }
        }
        let Some(first) = stale.first() else { return };
        let names: Vec<String> = stale.iter().map(|object| cx.describe(object)).collect();
        let who = cx.describe(workload.object);
        let message = if checksums.is_empty() {
            format!("{who} keeps running with the old {} after a change", list(&names, 4))
        } else {
            format!("the checksums in the annotations of {who} do not cover {}", list(&names, 4))
        };
        let file = first.template.rsplit_once("templates/").map_or(first.template.as_str(), |(_, file)| file);
        let help = if cx.is_chart() {
            format!(
                "add an annotation to the pod template: `checksum/{}: {{{{ include (print $.Template.BasePath \"/{file}\") . | sha256sum }}}}`",
                first.kind().to_ascii_lowercase()
            )
        } else {
            "let its name change with its content, as the generators of Kustomize do unless `disableNameSuffixHash` is set"
                .to_owned()
        };
        cx.finding(&annotations, message).help(help).report();
    }
}

fn is_checksum(key: &str, node: &Node<'_>) -> bool {
    let key = key.to_ascii_lowercase();
    let value = node.text().unwrap_or_default();
    let is_hash = value.len() >= 40 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_named = ["checksum", "hash", "sha256", "sha1", "md5", "configversion", "config-version"];
    (is_hash || is_named.iter().any(|word| key.contains(word))) && !OF_NOTHING.contains(&value.as_str())
}

/// The template files that checksums are taken of; nothing if one of them is taken of something else, so that it may
/// cover anything.
fn covered(cx: &RuleContext<'_>, checksums: &[&Node<'_>]) -> Option<Vec<String>> {
    let mut covered = Vec::new();
    for node in checksums {
        let bytes = node.value_bytes().unwrap_or_else(|| node.bytes());
        let location = cx.scenario.trace(node.object().file, bytes).template?;
        let file = cx.sources().get(location.file)?;
        let text = String::from_utf8_lossy(file.bytes().get(location.span.range())?).into_owned();
        let files: Vec<String> = text
            .split(['"', '`'])
            .filter(|part| part.ends_with(".yaml") || part.ends_with(".yml") || part.ends_with(".tpl"))
            .map(|part| format!("/{}", part.trim_start_matches('/')))
            .collect();
        if files.is_empty() {
            return None;
        }
        covered.extend(files);
    }
    Some(covered)
}

/// Whether the name of an object changes with its content.
fn has_hash_in_name(cx: &RuleContext<'_>, object: &Object) -> bool {
    let name = object.get("metadata.name");
    let Some(bytes) = name.value_bytes() else { return false };
    let trace = cx.scenario.trace(object.file, bytes);
    trace.template.is_some_and(|location| {
        cx.sources().get(location.file).is_some_and(|file| {
            let text = file.bytes().get(location.span.range()).unwrap_or_default();
            [&b"sum"[..], b"hash"].iter().any(|word| text.windows(word.len()).any(|part| part == *word))
        })
    })
}
