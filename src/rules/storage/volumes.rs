//! `duplicate-mount-path`, `nfs-volume-hardcoded`, `volume-mount-undefined`

use std::collections::{HashMap, HashSet};

use crate::finding::Severity;
use crate::kubernetes::volumes::claim_templates;
use crate::manifest::{Container, Node, Object, Workload};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct DuplicateMountPath;

impl Rule for DuplicateMountPath {
    fn spec(&self) -> &'static Spec {
        spec!("duplicate-mount-path")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let name_of = |node: &Node<'_>| node.get("name").text();
        let volumes = workload.pod.get("volumes").items();
        for (node, name) in repeated(volumes.iter(), name_of) {
            let message = format!("the pod defines the volume `{name}` twice");
            cx.finding(&node, message).help("names of volumes are unique in a pod: rename or remove one").report();
        }
        let containers: Vec<Node<'_>> = workload.containers().into_iter().map(|container| container.node).collect();
        for (node, name) in repeated(containers.iter(), name_of) {
            let message = format!("the pod has two containers with the name `{name}`");
            let help = "names of containers are unique in a pod, those of init containers included: rename one";
            cx.finding(&node, message).help(help).report();
        }
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, _: &Workload<'_>, container: &Container<'_>) {
        let mounts = container.node.get("volumeMounts").items();
        for (node, path) in repeated(mounts.iter(), |node| node.get("mountPath").text()) {
            let message = format!("container `{}` mounts two volumes at {path}", container.name());
            cx.finding(&node.get("mountPath"), message).help("the cluster refuses the pod: mount one of them elsewhere").report();
        }
    }
}

/// The items whose name an earlier one has too.
fn repeated<'n, 'a: 'n>(
    items: impl Iterator<Item = &'n Node<'a>>,
    name: impl Fn(&Node<'a>) -> Option<String>,
) -> Vec<(Node<'a>, String)> {
    let mut seen = HashSet::new();
    let mut repeated = Vec::new();
    for node in items {
        if let Some(name) = name(node)
            && !seen.insert(name.clone())
        {
            repeated.push((node.clone(), name));
        }
    }
    repeated
}

pub(super) struct VolumeMountUndefined;

impl Rule for VolumeMountUndefined {
    fn spec(&self) -> &'static Spec {
        spec!("volume-mount-undefined")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        if !workload.pod.exists() {
            return;
        }
        let mut volumes: HashMap<String, (Node<'_>, bool)> = HashMap::new();
        for volume in workload.pod.get("volumes").items() {
            volumes.extend(volume.get("name").text().map(|name| (name, (volume, false))));
        }
        for template in claim_templates(workload) {
            volumes.extend(template.get("metadata.name").text().map(|name| (name, (template, true))));
        }
        let mut used = HashSet::new();
        for container in workload.containers() {
            for field in ["volumeMounts", "volumeDevices"] {
                for mount in container.node.get(field).items() {
                    let Some(name) = mount.get("name").text() else { continue };
                    if !volumes.contains_key(&name) {
                        let message =
                            format!("container `{}` mounts the volume `{name}`, which the pod does not define", container.name());
                        let help = format!("add `{name}` to `volumes` of the pod under the same condition, or remove the mount: the cluster refuses the pod");
                        cx.finding(&mount.get("name"), message).help(help).report();
                    }
                    used.insert(name);
                }
            }
        }
        let mut unused: Vec<(String, Node<'_>)> = volumes
            .into_iter()
            .filter(|(name, (_, is_template))| !is_template && !used.contains(name))
            .map(|(name, (node, _))| (name, node))
            .collect();
        unused.sort_by(|one, other| one.0.cmp(&other.0));
        for (name, node) in unused {
            // What the user adds by values is mounted by something else that the user adds.
            if cx.is_literal(&node.get("name")) {
                let message = format!("no container mounts the volume `{name}`");
                cx.finding(&node, message).severity(Severity::Info).help("remove it, or mount it").report();
            }
        }
    }
}

pub(super) struct NfsVolumeHardcoded;

impl Rule for NfsVolumeHardcoded {
    fn spec(&self) -> &'static Spec {
        spec!("nfs-volume-hardcoded")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if object.is("", "PersistentVolume") {
            check_nfs(cx, &object.get("spec.nfs"));
        }
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        for volume in workload.pod.get("volumes").items() {
            check_nfs(cx, &volume.get("nfs"));
        }
    }
}

fn check_nfs(cx: &mut RuleContext<'_>, nfs: &Node<'_>) {
    let server = nfs.get("server");
    let Some(name) = server.text().filter(|_| cx.is_literal(&server)) else { return };
    let message = format!("the NFS server {name} is written into the template");
    let help = "use a PersistentVolumeClaim, or take server and path from values: in other clusters there is no such server";
    cx.finding(&server, message).help(help).report();
}
