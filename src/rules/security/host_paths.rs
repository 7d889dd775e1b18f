//! `sensitive-host-path`, `runtime-socket-mounted`, `host-path-persistent-volume` and `restricted-volume-type`

use crate::finding::Role;
use crate::kubernetes::node_agents::observes_node;
use crate::manifest::{Node, Object, Workload};
use crate::rules::helpers::{list, template_place};
use crate::rules::security::host_namespaces::has_image;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Folders of a node that hold the system, its secrets or those of other pods.
const SENSITIVE: &[&str] = &[
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib64",
    "/proc",
    "/root",
    "/sys",
    "/usr",
    "/var/lib/kubelet",
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/rancher",
    "/var/lib/cloud",
];

/// Places below them that tell nothing and change nothing when they are only read.
const HARMLESS: &[&str] = &[
    "/etc/hostname",
    "/etc/localtime",
    "/etc/machine-id",
    "/etc/os-release",
    "/etc/timezone",
    "/lib/modules",
    "/usr/lib/modules",
    "/usr/lib/os-release",
    "/usr/share/zoneinfo",
    "/var/lib/docker/containers",
];

/// Sockets that give command over all containers of a node.
const SOCKETS: &[&str] = &[
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/run/cri-dockerd.sock",
    "/run/dockershim.sock",
    "/run/podman/podman.sock",
    "/run/k3s/containerd/containerd.sock",
];

pub(super) struct SensitiveHostPath;

impl Rule for SensitiveHostPath {
    fn spec(&self) -> &'static Spec {
        spec!("sensitive-host-path")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let observer = has_image(workload, observes_node);
        let mut volumes = host_paths(workload);
        volumes.retain(|(volume, path, _)| {
            let only_read = is_only_read(workload, volume);
            let is_sensitive = path == "/" || SENSITIVE.iter().any(|folder| is_in(path, folder));
            let is_harmless = only_read && (observer || HARMLESS.iter().any(|place| is_in(path, place)));
            is_sensitive && !is_harmless
        });
        let paths = volumes.iter().map(|(_, path, _)| path.clone()).collect::<Vec<_>>();
        report(
            cx,
            &volumes,
            &format!("{} mounts {} of its node", cx.describe(workload.object), list(&paths, 4)),
            "mount a volume of its own instead, or the one file that it needs, with `readOnly: true`",
        );
    }
}

pub(super) struct RuntimeSocketMounted;

impl Rule for RuntimeSocketMounted {
    fn spec(&self) -> &'static Spec {
        spec!("runtime-socket-mounted")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let mut volumes = host_paths(workload);
        volumes.retain(|(_, path, _)| {
            // `/var/run` is a link to `/run`.
            let path = path.strip_prefix("/var").filter(|rest| is_in(rest, "/run")).unwrap_or(path);
            path != "/" && SOCKETS.iter().any(|socket| is_in(socket, path))
        });
        let paths = volumes.iter().map(|(_, path, _)| path.clone()).collect::<Vec<_>>();
        report(
            cx,
            &volumes,
            &format!("{} can command the container runtime of its node through {}", cx.describe(workload.object), list(&paths, 3)),
            "build images and read logs without the runtime's socket; whoever can write to it is root on the node",
        );
    }
}

pub(super) struct HostPathPersistentVolume;

impl Rule for HostPathPersistentVolume {
    fn spec(&self) -> &'static Spec {
        spec!("host-path-persistent-volume")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let path = object.get("spec.hostPath.path");
        if object.is("", "PersistentVolume") && path.exists() {
            cx.finding(&path, format!("{} keeps its data in a folder of one node", cx.describe(object)))
                .help("use a StorageClass, or a `local` volume with a `nodeAffinity`")
                .report();
        }
    }
}

/// Volume types that the Pod Security Standard "restricted" allows.
const ALLOWED_TYPES: &[&str] = &[
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

pub(super) struct RestrictedVolumeType;

impl Rule for RestrictedVolumeType {
    fn spec(&self) -> &'static Spec {
        spec!("restricted-volume-type")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        for volume in workload.pod.get("volumes").items() {
            for (kind, node) in volume.entries() {
                // `hostPath` has rules of its own.
                if kind != "name" && kind != "hostPath" && !ALLOWED_TYPES.contains(&kind.as_str()) && node.exists() {
                    let name = volume.get("name").text().unwrap_or_default();
                    cx.finding_at_key(&node, format!("volume `{name}` is of the type `{kind}`"))
                        .label("the Pod Security Standard \"restricted\" refuses it")
                        .help("mount it through a PersistentVolumeClaim")
                        .report();
                }
            }
        }
    }
}

/// The `hostPath` volumes of a pod: their names, and their paths without `..` and double slashes.
fn host_paths<'a>(workload: &Workload<'a>) -> Vec<(String, String, Node<'a>)> {
    let volumes = workload.pod.get("volumes").items();
    volumes
        .into_iter()
        .filter_map(|volume| {
            let node = volume.get("hostPath.path");
            Some((volume.get("name").text()?, normal_path(&node.text()?), node))
        })
        .collect()
}

fn normal_path(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Whether a path is a folder or lies below it.
fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether all mounts of a volume are read-only.
fn is_only_read(workload: &Workload<'_>, volume: &str) -> bool {
    let containers = workload.containers();
    let mounts = containers.iter().flat_map(|container| container.node.get("volumeMounts").items());
    mounts
        .filter(|mount| mount.get("name").text().as_deref() == Some(volume))
        .all(|mount| mount.get("readOnly").is_true())
}

/// One finding for all volumes of a pod.
fn report(cx: &mut RuleContext<'_>, volumes: &[(String, String, Node<'_>)], message: &str, help: &str) {
    let [(_, _, first), rest @ ..] = volumes else { return };
    let places: Vec<_> = rest
        .iter()
        .filter_map(|(name, _, node)| Some((template_place(cx, node)?, format!("also volume `{name}`"))))
        .collect();
    let mut finding = cx.finding(first, message).help(help);
    for (place, message) in places {
        finding = finding.related(place, Role::Template, message);
    }
    finding.report();
}

#[cfg(test)]
mod tests {
    use super::{is_in, normal_path};

    #[test]
    fn paths_are_compared_part_by_part() {
        assert!(is_in("/etc", "/etc") && is_in("/etc/ssl", "/etc"));
        assert!(!is_in("/etcd", "/etc"));
        assert_eq!(normal_path("//var/log/../lib/"), "/var/lib");
        assert_eq!(normal_path("/.."), "/");
    }
}
