//! All objects of a scenario, for rules that look at several.

use std::collections::{BTreeMap, HashMap};

use super::node::Node;
use super::object::Object;
use super::workload::{Workload, labels};

/// The objects of a scenario.
pub struct ObjectIndex<'a> {
    objects: &'a [Object],
    workloads: Vec<Workload<'a>>,
    /// The labels of the pods of each workload.
    pod_labels: Vec<Vec<Label>>,
    /// The workloads whose pods have a label: indexes, in order.
    by_label: HashMap<Label, Vec<usize>>,
    by_kind: BTreeMap<&'a str, Vec<&'a Object>>,
    by_name: HashMap<(&'a str, &'a str), Vec<&'a Object>>,
    /// HorizontalPodAutoscalers and ScaledObjects, by kind and name of what they scale.
    autoscalers: HashMap<(String, String), Vec<&'a Object>>,
    services: Selecting<'a>,
    budgets: Selecting<'a>,
    release_namespace: &'a str,
}

type Label = (String, String);

impl<'a> ObjectIndex<'a> {
    /// An index of the objects. `release_namespace` is that of objects which name none.
    pub fn new(objects: &'a [Object], release_namespace: &'a str) -> ObjectIndex<'a> {
        let mut by_kind: BTreeMap<&str, Vec<&Object>> = BTreeMap::new();
        let mut by_name: HashMap<(&str, &str), Vec<&Object>> = HashMap::new();
        for object in objects {
            by_kind.entry(object.kind()).or_default().push(object);
            by_name.entry((object.kind(), object.name())).or_default().push(object);
        }
        let workloads: Vec<Workload<'_>> = objects.iter().filter_map(Workload::of).collect();
        let pod_labels: Vec<Vec<Label>> = workloads.iter().map(Workload::pod_labels).collect();
        let mut by_label: HashMap<Label, Vec<usize>> = HashMap::new();
        for (index, labels) in pod_labels.iter().enumerate() {
            for label in labels {
                by_label.entry(label.clone()).or_default().push(index);
            }
        }
        let of_kind = |kind: &str| by_kind.get(kind).map_or(&[][..], Vec::as_slice);
        let mut autoscalers: HashMap<(String, String), Vec<&Object>> = HashMap::new();
        for &scaler in of_kind("HorizontalPodAutoscaler").iter().chain(of_kind("ScaledObject")) {
            let target = scaler.get("spec.scaleTargetRef");
            // A ScaledObject that names no kind means a Deployment.
            let kind = target.get("kind").text().unwrap_or_else(|| "Deployment".to_owned());
            if let Some(name) = target.get("name").text() {
                autoscalers.entry((kind, name)).or_default().push(scaler);
            }
        }
        let services =
            Selecting::new(of_kind("Service"), |service| Selector::of_labels(&service.get("spec.selector")));
        let budgets = Selecting::new(of_kind("PodDisruptionBudget"), |budget| {
            Selector::of_node(&budget.get("spec.selector"))
        });
        ObjectIndex {
            objects,
            workloads,
            pod_labels,
            by_label,
            by_kind,
            by_name,
            autoscalers,
            services,
            budgets,
            release_namespace,
        }
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

    /// The objects of a kind with a name, in the namespace of another object.
    pub fn named<'s>(
        &'s self,
        kind: &'s str,
        name: &'s str,
        beside: &'s Object,
    ) -> impl Iterator<Item = &'a Object> + 's {
        let known = self.by_name.get(&(kind, name)).map_or(&[][..], Vec::as_slice);
        known.iter().copied().filter(|object| self.namespace(object) == self.namespace(beside))
    }

    /// The workloads of a namespace whose pods a selector selects.
    pub fn selected<'s>(
        &'s self,
        namespace: &'s str,
        selector: &'s Selector,
    ) -> impl Iterator<Item = &'s Workload<'a>> {
        // Of the labels that it wants, the one that the fewest pods have.
        let buckets =
            selector.labels.iter().map(|label| self.by_label.get(label).map_or(&[][..], Vec::as_slice));
        let rarest = buckets.min_by_key(|bucket| bucket.len());
        let all = if rarest.is_none() { 0..self.workloads.len() } else { 0..0 };
        let candidates = rarest.unwrap_or_default().iter().copied().chain(all);
        candidates.filter(move |&index| selector.matches(&self.pod_labels[index])).filter_map(move |index| {
            let workload = self.workloads.get(index)?;
            (self.namespace(workload.object) == namespace).then_some(workload)
        })
    }

    /// The Services that select the pods of a workload.
    pub fn services_of(&self, workload: &Workload<'_>) -> Vec<&'a Object> {
        self.beside(self.services.matching(&workload.pod_labels()), workload.object)
    }

    /// The PodDisruptionBudgets that select the pods of a workload.
    pub fn budgets_of(&self, workload: &Workload<'_>) -> Vec<&'a Object> {
        self.beside(self.budgets.matching(&workload.pod_labels()), workload.object)
    }

    /// Those objects that are in the namespace of another.
    fn beside(&self, mut objects: Vec<&'a Object>, other: &Object) -> Vec<&'a Object> {
        objects.retain(|object| self.namespace(object) == self.namespace(other));
        objects
    }

    /// The HorizontalPodAutoscalers and ScaledObjects that scale a workload.
    pub fn autoscalers(&self, workload: &Workload<'_>) -> Vec<&'a Object> {
        let object = workload.object;
        let key = (object.kind().to_owned(), object.name().to_owned());
        self.beside(self.autoscalers.get(&key).cloned().unwrap_or_default(), object)
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
            let object = self.named("PersistentVolumeClaim", &name, workload.object).next();
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

/// Objects that select pods, found by the labels of the pods.
#[derive(Default)]
struct Selecting<'a> {
    objects: Vec<(&'a Object, Selector)>,
    /// Each object under one label that it wants: the one that the fewest others want too.
    by_label: HashMap<Label, Vec<usize>>,
    /// Those that want no single label.
    others: Vec<usize>,
}

impl<'a> Selecting<'a> {
    fn new(objects: &[&'a Object], selector: impl Fn(&'a Object) -> Selector) -> Selecting<'a> {
        let objects: Vec<(&Object, Selector)> =
            objects.iter().map(|object| (*object, selector(object))).collect();
        let mut wanted: HashMap<&Label, usize> = HashMap::new();
        for label in objects.iter().flat_map(|(_, selector)| &selector.labels) {
            *wanted.entry(label).or_default() += 1;
        }
        let mut by_label: HashMap<Label, Vec<usize>> = HashMap::new();
        let mut others = Vec::new();
        for (index, (_, selector)) in objects.iter().enumerate() {
            match selector.labels.iter().min_by_key(|label| wanted.get(label).copied()) {
                Some(label) => by_label.entry(label.clone()).or_default().push(index),
                None => others.push(index),
            }
        }
        Selecting { objects, by_label, others }
    }

    /// The objects that select pods with these labels, in order.
    fn matching(&self, labels: &[Label]) -> Vec<&'a Object> {
        let of_labels = labels.iter().filter_map(|label| self.by_label.get(label)).flatten();
        let mut indexes: Vec<usize> = of_labels
            .chain(&self.others)
            .copied()
            .filter(|&index| self.objects[index].1.matches(labels))
            .collect();
        indexes.sort_unstable();
        indexes.dedup();
        indexes.into_iter().map(|index| self.objects[index].0).collect()
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
