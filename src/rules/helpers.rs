//! What several rules need.

use std::collections::BTreeSet;

use crate::finding::ObjectRef;
use crate::manifest::{Container, ContainerKind, Node, Object, ObjectIndex, Workload};
use crate::rules::{RuleContext, is_of_dependency};
use crate::source::Location;

/// An object as findings name it.
pub(crate) fn object_ref(index: &ObjectIndex<'_>, object: &Object) -> ObjectRef {
    ObjectRef {
        api_version: object.head.api_version.clone(),
        kind: object.head.kind.clone(),
        namespace: index.namespace(object).to_owned(),
        name: object.head.name.clone(),
        field: String::new(),
    }
}

/// `a`, `b` and 3 more.
pub(crate) fn list(items: &[String], most: usize) -> String {
    let quoted: Vec<String> = items.iter().take(most).map(|item| format!("`{item}`")).collect();
    match (items.len().saturating_sub(most), quoted.as_slice()) {
        (0, [one]) => one.clone(),
        (0, [first @ .., last]) => format!("{} and {last}", first.join(", ")),
        (rest, _) => format!("{} and {rest} more", quoted.join(", ")),
    }
}

/// Names of containers as messages say them: container `a`, or containers `a` and `b`.
pub(crate) fn container_names(containers: &[&Container<'_>]) -> String {
    let names: Vec<String> = containers.iter().map(|container| container.name()).collect();
    let word = if names.len() == 1 { "container" } else { "containers" };
    format!("{word} {}", list(&names, 4))
}

/// The part of a template that wrote a field, or the nearest field above one that is absent.
pub(crate) fn template_place(cx: &RuleContext<'_>, node: &Node<'_>) -> Option<Location> {
    cx.scenario.trace(node.object().file, node.bytes()).template
}

/// An image reference taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ImageReference<'t> {
    /// Registry and repository: `registry.example.com:5000/team/web`.
    pub(crate) name: &'t str,
    /// The tag.
    pub(crate) tag: Option<&'t str>,
    /// The digest, with its algorithm.
    pub(crate) digest: Option<&'t str>,
}

impl<'t> ImageReference<'t> {
    /// Takes a reference apart. A colon before the last slash belongs to the port of the registry.
    pub(crate) fn parse(text: &'t str) -> ImageReference<'t> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let after_slash = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match rest[after_slash..].split_once(':') {
            Some((last, tag)) => (&rest[..after_slash + last.len()], Some(tag)),
            None => (rest, None),
        };
        ImageReference { name, tag: tag.filter(|tag| !tag.is_empty()), digest }
    }
}

/// The keys of `values.yaml` with a name that ends in `name`, if a template that wrote the object reads such a key:
/// setting one of them would render what is missing.
pub(crate) fn keys_that_set(cx: &RuleContext<'_>, object: &Object, name: &str) -> Vec<String> {
    if !cx.may_render(&object.root(), name) {
        return Vec::new();
    }
    let keys = cx.shared.facts.keys_with_end(cx.chart(), &name.to_ascii_lowercase());
    if keys.len() > 1
        && let Some(read) = cx.scenario.sources.values_paths(object.template.as_bytes())
    {
        // Of the keys of several components, those that this object's own template names.
        let is_in = |path: &str, key: &str| {
            path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let named: Vec<String> =
            keys.iter().filter(|key| read.iter().any(|path| is_in(path, key))).cloned().collect();
        if !named.is_empty() {
            return named;
        }
    }
    keys.to_vec()
}

/// A Service whose ports lead to the container.
pub(crate) fn service_of<'a>(
    cx: &RuleContext<'a>,
    workload: &Workload<'_>,
    container: &Container<'_>,
) -> Option<&'a Object> {
    cx.index.services_of(workload).into_iter().find(|service| {
        !service.get("spec.publishNotReadyAddresses").is_true()
            && service.get("spec.ports").items().iter().any(|port| leads_to(port, workload, container))
    })
}

/// Whether a Service's port leads to a container: by the name or number of a port that it declares. If no container
/// declares the number, it is the only container's.
fn leads_to(port: &Node<'_>, workload: &Workload<'_>, container: &Container<'_>) -> bool {
    let target = port.get("targetPort");
    let target = if target.exists() { target } else { port.get("port") };
    let Some(target) = target.text() else { return false };
    let declares = |container: &Container<'_>| {
        container.node.get("ports").items().iter().any(|declared| {
            declared.get("name").text().as_deref() == Some(&target)
                || declared.get("containerPort").text().as_deref() == Some(&target)
        })
    };
    if declares(container) {
        return true;
    }
    let running: Vec<_> = workload.containers().into_iter().filter(Container::is_long_running).collect();
    running.len() == 1 && !running.iter().any(declares) && target.parse::<u16>().is_ok()
}

/// Whether a Service sends requests of users to a workload, and not only those that watch it.
pub(crate) fn is_served(cx: &RuleContext<'_>, workload: &Workload<'_>) -> bool {
    workload.containers().iter().any(|container| {
        service_of(cx, workload, container).is_some_and(|service| {
            service.get("spec.ports").items().iter().any(|port| {
                let name = port.get("name").text().unwrap_or_default();
                !["metric", "prom", "webhook"].iter().any(|word| name.contains(word))
            })
        })
    })
}

/// Whether a scenario only tries out what a chart can do: nobody runs it with these values.
pub(crate) fn is_trial(cx: &RuleContext<'_>) -> bool {
    cx.scenario.name.starts_with("ci/")
}

/// The keys of `values.yaml` whose last name is like something.
pub(crate) fn keys_like(cx: &RuleContext<'_>, is_like: impl Fn(&str) -> bool) -> Vec<String> {
    cx.shared.facts.keys_like(cx.chart(), is_like)
}

/// Whether some template of the chart, or a helper of a library, writes an object of one of these kinds under whatever
/// values.
pub(crate) fn writes_kind(cx: &RuleContext<'_>, kinds: &[&str]) -> bool {
    let renders = |kind: &&str| cx.index.of_kind(kind).iter().any(|object| cx.is_own(object));
    kinds.iter().any(renders)
        || cx
            .shared
            .facts
            .kinds(cx.scenario_index, || kinds_written(cx))
            .iter()
            .any(|written| kinds.iter().any(|kind| written.starts_with(kind)))
}

/// What stands behind `kind:` in the templates of the chart and in helpers of libraries.
fn kinds_written(cx: &RuleContext<'_>) -> BTreeSet<String> {
    let mut kinds = BTreeSet::new();
    for (name, file, _) in cx.scenario.sources.iter() {
        let name = name.to_utf8();
        let is_helper = name.rsplit('/').next().is_some_and(|base| base.starts_with('_'));
        if is_of_dependency(&name) && !is_helper {
            continue;
        }
        let Some(source) = cx.sources().get(file) else { continue };
        let lines = source.bytes().split(|&byte| byte == b'\n');
        let written = lines.filter_map(|line| line.trim_ascii().strip_prefix(b"kind:"));
        kinds.extend(written.map(|kind| String::from_utf8_lossy(kind.trim_ascii()).into_owned()));
    }
    kinds
}

/// The container's name as messages show it: container `web`, init container `wait`.
pub(crate) fn described(container: &Container<'_>) -> String {
    let what = match container.kind {
        ContainerKind::Init => "init container",
        ContainerKind::Sidecar => "sidecar",
        _ => "container",
    };
    format!("{what} `{}`", container.name())
}

/// Whether a workload is made to run alone: an operator, an exporter, or a program that elects a leader.
pub(crate) fn is_singleton(workload: &Workload<'_>) -> bool {
    let is_alone = |name: &str| name.ends_with("operator") || name.ends_with("exporter");
    is_alone(workload.object.name())
        || workload.containers().iter().any(|container| {
            let image = container.node.get("image").text().unwrap_or_default();
            is_alone(ImageReference::parse(&image).name)
                || words(container).iter().any(|word| word.replace('_', "-").contains("leader-elect"))
        })
}

/// The words of a container's command, with its arguments.
pub(crate) fn words(container: &Container<'_>) -> Vec<String> {
    let fields = ["command", "args"];
    let nodes = fields.iter().flat_map(|field| container.node.get(field).items());
    nodes.filter_map(|word| word.text()).collect()
}

/// The known name that is most like a text, if one is like it at all.
pub(crate) fn nearest<'k>(text: &str, known: &[&'k str]) -> Option<&'k str> {
    crate::suggest::nearest(text, known.iter().copied())
}

/// API groups whose kinds come with Kubernetes.
const BUILTIN_GROUPS: &[&str] = &["", "apps", "batch", "autoscaling", "policy", "extensions"];

/// Whether an object is of a kind that Kubernetes does not know by itself.
pub(crate) fn is_custom(object: &Object) -> bool {
    let group = object.group();
    !BUILTIN_GROUPS.contains(&group) && !group.ends_with(".k8s.io")
}

#[cfg(test)]
mod tests {
    use super::{ImageReference, list};

    #[test]
    fn image_references_are_taken_apart() {
        for (text, name, tag, digest) in [
            ("web", "web", None, None),
            ("web:1.2", "web", Some("1.2"), None),
            ("host:5000/team/web", "host:5000/team/web", None, None),
            ("host:5000/team/web:1", "host:5000/team/web", Some("1"), None),
            ("web@sha256:ab", "web", None, Some("sha256:ab")),
            ("host:5000/web:1@sha256:ab", "host:5000/web", Some("1"), Some("sha256:ab")),
            ("web:", "web", None, None),
        ] {
            assert_eq!(ImageReference::parse(text), ImageReference { name, tag, digest }, "{text}");
        }
    }

    #[test]
    fn lists_are_cut() {
        let items: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(list(&items, 5), "`a`, `b` and `c`");
        assert_eq!(list(&items, 2), "`a`, `b` and 1 more");
        assert_eq!(list(&items[..1], 2), "`a`");
    }
}
