//! All objects of a scenario, for rules that look at several.

use std::collections::BTreeMap;

use super::node::Node;
use super::object::Object;
use super::workload::{Workload, labels};

/// The objects of a scenario.
pub struct ObjectIndex<'a> {
    objects: &'a [Object],
    workloads: Vec<Workload<'a>>,
    by_kind: BTreeMap<&'a str, Vec<&'a Object>>,
    release_namespace: &'a str,
}

impl<'a> ObjectIndex<'a> {
    /// An index of the objects. `release_namespace` is that of objects which name none.
    pub fn new(objects: &'a [Object], release_namespace: &'a str) -> ObjectIndex<'a> {
        let mut by_kind: BTreeMap<&str, Vec<&Object>> = BTreeMap::new();
        for object in objects {
            by_kind.entry(object.kind()).or_default().push(object);
        }
        let workloads = objects.iter().filter_map(Workload::of).collect();
        ObjectIndex { objects, workloads, by_kind, release_namespace }
    }

    /// All objects.
    pub fn objects(&self) -> &'a [Object] {
        self.objects
    }

    /// All objects of a kind.
    pub fn of_kind(&self, kind: &str) -> &[&'a Object] {
        self.by_kind.get(kind).map_or(&[], Vec::as_slice)
    }

    /// All workloads.
    pub fn workloads(&self) -> &[Workload<'a>] {
        &self.workloads
    }

    /// The namespace of an object: that of the release if it names none.
    pub fn namespace<'o>(&'o self, object: &'o Object) -> &'o str {
        object
            .namespace
            .as_deref()
            .filter(|namespace| !namespace.is_empty())
            .unwrap_or(self.release_namespace)
    }

    /// The workloads of a namespace whose pods a selector selects.
    pub fn selected<'s>(
        &'s self,
        namespace: &'s str,
        selector: &'s Selector,
    ) -> impl Iterator<Item = &'s Workload<'a>> {
        self.workloads.iter().filter(move |workload| {
            self.namespace(workload.object) == namespace && selector.matches(&workload.pod_labels())
        })
    }

    /// The HorizontalPodAutoscalers and ScaledObjects that scale a workload.
    pub fn autoscalers(&self, workload: &Workload<'_>) -> Vec<&'a Object> {
        let object = workload.object;
        let kinds = ["HorizontalPodAutoscaler", "ScaledObject"];
        let scalers = kinds.iter().flat_map(|kind| self.of_kind(kind)).copied();
        scalers
            .filter(|scaler| {
                let target = scaler.get("spec.scaleTargetRef");
                // A ScaledObject that names no kind means a Deployment.
                let kind = target.get("kind").text().unwrap_or_else(|| "Deployment".to_owned());
                target.get("name").text().as_deref() == Some(object.name())
                    && kind == object.kind()
                    && self.namespace(scaler) == self.namespace(object)
            })
            .collect()
    }

    /// How many pods a workload has at least: the minimum of its autoscaler, or `replicas`, or one.
    pub fn replicas(&self, workload: &Workload<'_>) -> i64 {
        match self.autoscalers(workload).first() {
            Some(scaler) if scaler.kind() == "ScaledObject" => {
                scaler.get("spec.minReplicaCount").as_int().unwrap_or(0)
            }
            Some(scaler) => scaler.get("spec.minReplicas").as_int().unwrap_or(1),
            None => workload.object.get("spec.replicas").as_int().unwrap_or(1),
        }
    }

    /// The PersistentVolumeClaims that a workload's pods share. Those of `volumeClaimTemplates` are each pod's own.
    pub fn claims(&self, workload: &Workload<'a>) -> Vec<MountedClaim<'a>> {
        let volumes = workload.pod.get("volumes").items();
        let with_claim = volumes.into_iter().filter_map(|volume| {
            let reference = volume.get("persistentVolumeClaim.claimName");
            let name = reference.text().filter(|name| !name.is_empty())?;
            let object = self.of_kind("PersistentVolumeClaim").iter().copied().find(|claim| {
                claim.name() == name && self.namespace(claim) == self.namespace(workload.object)
            });
            let volume_name = volume.get("name").text().unwrap_or_default();
            let mounts = workload.containers().into_iter().flat_map(|container| {
                container.node.get("volumeMounts").items().into_iter().filter_map(|mount| {
                    let is_this = mount.get("name").text().as_deref() == Some(volume_name.as_str());
                    is_this.then(|| mount.get("readOnly").is_true())
                })
            });
            let read_only: Vec<bool> = mounts.collect();
            let is_read_only = volume.get("persistentVolumeClaim.readOnly").is_true()
                || !read_only.is_empty() && read_only.iter().all(|&only| only);
            Some(MountedClaim { reference, name, object, is_read_only })
        });
        with_claim.collect()
    }
}

/// A PersistentVolumeClaim in a pod specification.
pub struct MountedClaim<'a> {
    /// The field `claimName`.
    pub reference: Node<'a>,
    /// The name of the claim.
    pub name: String,
    /// The claim, if the chart renders it.
    pub object: Option<&'a Object>,
    /// Whether no container may write to it.
    pub is_read_only: bool,
}

impl MountedClaim<'_> {
    /// Whether pods of one node only may mount it: the chart renders it with `ReadWriteOnce` or `ReadWriteOncePod`.
    pub fn is_for_one_node(&self) -> bool {
        let modes = self.object.map(|claim| claim.get("spec.accessModes").items()).unwrap_or_default();
        !modes.is_empty()
            && modes
                .iter()
                .all(|mode| matches!(mode.text().as_deref(), Some("ReadWriteOnce" | "ReadWriteOncePod")))
    }
}

/// A label selector.
#[derive(Clone, Debug, Default)]
pub struct Selector {
    labels: Vec<(String, String)>,
    expressions: Vec<(String, String, Vec<String>)>,
    selects_nothing: bool,
}

impl Selector {
    /// A plain mapping of labels, as Services have it. An empty one selects nothing.
    pub fn of_labels(node: &Node<'_>) -> Selector {
        let labels = labels(node);
        Selector { selects_nothing: labels.is_empty(), labels, expressions: Vec::new() }
    }

    /// `matchLabels` and `matchExpressions`. An absent selector selects nothing, an empty one everything.
    pub fn of_node(node: &Node<'_>) -> Selector {
        let expressions = node
            .get("matchExpressions")
            .items()
            .iter()
            .map(|expression| {
                let text = |field| expression.get(field).text().unwrap_or_default();
                let values = expression.get("values").items().iter().filter_map(Node::text).collect();
                (text("key"), text("operator"), values)
            })
            .collect();
        Selector { labels: labels(&node.get("matchLabels")), expressions, selects_nothing: !node.exists() }
    }

    /// The selector without some labels.
    pub fn without(mut self, keys: &[&str]) -> Selector {
        self.labels.retain(|(key, _)| !keys.contains(&key.as_str()));
        self
    }

    /// Whether it selects everything.
    pub fn is_everything(&self) -> bool {
        !self.selects_nothing && self.labels.is_empty() && self.expressions.is_empty()
    }

    /// Whether something with these labels is selected.
    pub fn matches(&self, labels: &[(String, String)]) -> bool {
        let value = |key: &str| labels.iter().find(|(known, _)| known == key).map(|(_, value)| value);
        !self.selects_nothing
            && self.labels.iter().all(|(key, wanted)| value(key) == Some(wanted))
            && self.expressions.iter().all(|(key, operator, values)| match operator.as_str() {
                "In" => value(key).is_some_and(|value| values.contains(value)),
                "NotIn" => value(key).is_none_or(|value| !values.contains(value)),
                "Exists" => value(key).is_some(),
                "DoesNotExist" => value(key).is_none(),
                _ => false,
            })
    }
}
