//! Workloads: objects with a pod specification, and their containers.

use super::node::Node;
use super::object::Object;

/// Kinds with a pod template: API group, kind, and where the template is.
const WORKLOADS: &[(&str, &str, &str)] = &[
    ("", "Pod", ""),
    ("", "ReplicationController", "spec.template"),
    ("apps", "Deployment", "spec.template"),
    ("apps", "StatefulSet", "spec.template"),
    ("apps", "DaemonSet", "spec.template"),
    ("apps", "ReplicaSet", "spec.template"),
    ("extensions", "Deployment", "spec.template"),
    ("extensions", "DaemonSet", "spec.template"),
    ("extensions", "ReplicaSet", "spec.template"),
    ("batch", "Job", "spec.template"),
    ("batch", "CronJob", "spec.jobTemplate.spec.template"),
    ("argoproj.io", "Rollout", "spec.template"),
    ("apps.kruise.io", "CloneSet", "spec.template"),
    ("apps.kruise.io", "StatefulSet", "spec.template"),
    ("apps.kruise.io", "DaemonSet", "spec.template"),
    ("apps.openshift.io", "DeploymentConfig", "spec.template"),
    ("serving.knative.dev", "Service", "spec.template"),
    ("keda.sh", "ScaledJob", "spec.jobTargetRef.template"),
];

/// An object with a pod specification.
#[derive(Clone)]
pub struct Workload<'a> {
    /// The object.
    pub object: &'a Object,
    /// What holds the pod's `metadata` and `spec`: the object itself for a Pod.
    pub template: Node<'a>,
    /// The pod specification.
    pub pod: Node<'a>,
}

/// What a container is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerKind {
    /// Runs as long as the pod.
    Main,
    /// Runs before the others and ends.
    Init,
    /// An init container that is restarted: it runs as long as the pod.
    Sidecar,
    /// For debugging.
    Ephemeral,
}

/// A container of a workload.
#[derive(Clone)]
pub struct Container<'a> {
    /// The container.
    pub node: Node<'a>,
    /// What it is for.
    pub kind: ContainerKind,
    /// The pod specification it belongs to.
    pub pod: Node<'a>,
}

impl<'a> Workload<'a> {
    /// The workload that an object is, if it is one.
    pub fn of(object: &'a Object) -> Option<Workload<'a>> {
        let (_, _, path) =
            WORKLOADS.iter().find(|(group, kind, _)| object.kind() == *kind && object.group() == *group)?;
        let root = object.root();
        let template = if path.is_empty() { root } else { root.get(path) };
        let pod = template.get("spec");
        Some(Workload { object, template, pod })
    }

    /// All containers.
    pub fn containers(&self) -> Vec<Container<'a>> {
        let mut containers = Vec::new();
        for (field, kind) in [
            ("initContainers", ContainerKind::Init),
            ("containers", ContainerKind::Main),
            ("ephemeralContainers", ContainerKind::Ephemeral),
        ] {
            for node in self.pod.get(field).items() {
                let restarts = node.get("restartPolicy").as_str().as_deref() == Some("Always");
                let kind =
                    if kind == ContainerKind::Init && restarts { ContainerKind::Sidecar } else { kind };
                containers.push(Container { node, kind, pod: self.pod.clone() });
            }
        }
        containers
    }

    /// Whether its pods run until they are stopped: neither a job nor a hook.
    pub fn is_long_running(&self) -> bool {
        !self.is_job() && !self.object.is_hook()
    }

    /// Whether its pods run to their end.
    pub fn is_job(&self) -> bool {
        matches!(self.object.kind(), "Job" | "CronJob" | "ScaledJob")
    }

    /// Whether it runs several equal pods as its `replicas` say.
    pub fn is_replicated(&self) -> bool {
        self.is_long_running()
            && matches!(self.object.kind(), "Deployment" | "StatefulSet" | "Rollout" | "CloneSet")
    }

    /// Whether its pods run Windows: rules about Linux do not apply.
    pub fn is_windows(&self) -> bool {
        let selector = self.pod.get("nodeSelector").child("kubernetes.io/os");
        self.pod.get("os.name").as_str().as_deref() == Some("windows")
            || selector.as_str().as_deref() == Some("windows")
    }

    /// The labels of its pods.
    pub fn pod_labels(&self) -> Vec<(String, String)> {
        labels(&self.template.get("metadata.labels"))
    }
}

/// The entries of a mapping of labels.
pub(crate) fn labels(node: &Node<'_>) -> Vec<(String, String)> {
    node.entries().into_iter().map(|(key, value)| (key, value.text().unwrap_or_default())).collect()
}

impl<'a> Container<'a> {
    /// `name`
    pub fn name(&self) -> String {
        self.node.get("name").text().unwrap_or_default()
    }

    /// Whether it runs as long as the pod.
    pub fn is_long_running(&self) -> bool {
        matches!(self.kind, ContainerKind::Main | ContainerKind::Sidecar)
    }

    /// A field of the security context as it takes effect: what the container sets or, for the fields that a pod may
    /// set too, what the pod does. A field that only containers have is not read from the pod: Kubernetes drops it there.
    pub fn security(&self, field: &str) -> Node<'a> {
        let own = self.node.get("securityContext").get(field);
        let first = field.split('.').next().unwrap_or(field);
        // An object such as `seccompProfile` is taken as a whole: the container's replaces the pod's.
        if self.node.get("securityContext").get(first).exists() || !POD_SECURITY_FIELDS.contains(&first) {
            return own;
        }
        let of_pod = self.pod.get("securityContext").get(field);
        if of_pod.exists() { of_pod } else { own }
    }

    /// Whether it has full access to its node.
    pub fn is_privileged(&self) -> bool {
        self.security("privileged").is_true()
    }
}

/// Fields of the security context that both pods and containers have.
const POD_SECURITY_FIELDS: &[&str] = &[
    "appArmorProfile",
    "runAsGroup",
    "runAsNonRoot",
    "runAsUser",
    "seLinuxOptions",
    "seccompProfile",
    "windowsOptions",
];
