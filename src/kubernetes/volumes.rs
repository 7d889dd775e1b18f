//! What containers mount: which volume, which claim, and whether it outlives the pod.

use crate::manifest::{Container, Node, Object, ObjectIndex, Workload};

/// A mount of a container with the volume it shows.
pub(crate) struct Mount<'a> {
    /// The item of `volumeMounts`.
    pub(crate) node: Node<'a>,
    /// Where it is mounted.
    pub(crate) path: String,
    /// The item of `volumes`, or of `volumeClaimTemplates`.
    pub(crate) volume: Node<'a>,
    /// Whether what is written there is still there when the pod is gone.
    pub(crate) is_persistent: bool,
}

/// Volumes that go with the pod, or that hold nothing of its own.
const PASSING: &[&str] =
    &["emptyDir", "configMap", "secret", "projected", "downwardAPI", "ephemeral", "image", "gitRepo"];

/// The claim templates of a StatefulSet.
pub(crate) fn claim_templates<'a>(workload: &Workload<'a>) -> Vec<Node<'a>> {
    match workload.object.kind() {
        "StatefulSet" | "CloneSet" => workload.object.get("spec.volumeClaimTemplates").items(),
        _ => Vec::new(),
    }
}

/// What a container mounts, as far as the pod defines it.
pub(crate) fn mounts<'a>(workload: &Workload<'a>, container: &Container<'a>) -> Vec<Mount<'a>> {
    let volumes = workload.pod.get("volumes").items();
    let templates = claim_templates(workload);
    let mounts = container.node.get("volumeMounts").items().into_iter().filter_map(|node| {
        let name = node.get("name").text()?;
        let path = node.get("mountPath").text()?;
        let has_name = |field: &str, volume: &&Node<'a>| volume.get(field).text().as_ref() == Some(&name);
        if let Some(template) = templates.iter().find(|volume| has_name("metadata.name", volume)) {
            return Some(Mount { node, path, volume: template.clone(), is_persistent: true });
        }
        let volume = volumes.iter().find(|volume| has_name("name", volume))?.clone();
        // A volume without a source is an emptyDir.
        let mut sources = volume.entries().into_iter().map(|(key, _)| key).filter(|key| key != "name");
        let is_persistent = sources.next().is_some_and(|source| !PASSING.contains(&source.as_str()));
        Some(Mount { node, path, volume, is_persistent })
    });
    mounts.collect()
}

/// Whether a folder is at or below another one.
pub(crate) fn is_below(path: &str, folder: &str) -> bool {
    let path = path.trim_end_matches('/');
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The names of the claims that a pod mounts.
pub(crate) fn claim_names(workload: &Workload<'_>) -> Vec<String> {
    let volumes = workload.pod.get("volumes").items();
    volumes.iter().filter_map(|volume| volume.get("persistentVolumeClaim.claimName").text()).collect()
}

/// The ConfigMaps and Secrets that a pod mounts as files, each with the item of `volumes`.
pub(crate) fn mounted_objects<'a>(workload: &Workload<'a>, kind: &str) -> Vec<(String, Node<'a>)> {
    let (field, name) = if kind == "Secret" { ("secret", "secretName") } else { ("configMap", "name") };
    let mut found = Vec::new();
    for volume in workload.pod.get("volumes").items() {
        found.extend(volume.get(field).get(name).text().map(|name| (name, volume.clone())));
        for source in volume.get("projected.sources").items() {
            found.extend(source.get(field).get("name").text().map(|name| (name, volume.clone())));
        }
    }
    found
}

/// The workloads that mount a ConfigMap or Secret as files.
pub(crate) fn users<'i, 'a>(index: &'i ObjectIndex<'a>, object: &Object) -> Vec<&'i Workload<'a>> {
    let namespace = index.namespace(object);
    let uses = |workload: &&Workload<'_>| {
        index.namespace(workload.object) == namespace
            && mounted_objects(workload, object.kind()).iter().any(|(name, _)| name == object.name())
    };
    index.workloads().iter().filter(uses).collect()
}

/// All claims of an object: itself, or the templates of a StatefulSet, or those of its pod's ephemeral volumes.
pub(crate) fn claims<'a>(object: &'a Object) -> Vec<Node<'a>> {
    if object.is("", "PersistentVolumeClaim") {
        return vec![object.root()];
    }
    let Some(workload) = Workload::of(object) else { return Vec::new() };
    let mut claims = claim_templates(&workload);
    let ephemeral = workload.pod.get("volumes").items();
    claims.extend(
        ephemeral.iter().map(|volume| volume.get("ephemeral.volumeClaimTemplate")).filter(Node::exists),
    );
    claims
}

#[cfg(test)]
mod tests {
    use super::is_below;

    #[test]
    fn folders_are_compared_by_parts() {
        assert!(is_below("/data/db", "/data") && is_below("/data/", "/data") && is_below("/x", "/"));
        assert!(!is_below("/database", "/data"));
    }
}
