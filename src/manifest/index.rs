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

    /// How many pods a workload has at least: the minimum of its autoscaler, or `replicas`, or one.
    pub fn replicas(&self, workload: &Workload<'_>) -> i64 {
        let object = workload.object;
        let targets = |scaler: &Object, field: &str| {
            let target = scaler.get(field);
            self.namespace(scaler) == self.namespace(object)
                && target.get("name").text().as_deref() == Some(object.name())
                && target.get("kind").text().is_none_or(|kind| kind == object.kind())
        };
        for (kind, field, minimum) in [
            ("HorizontalPodAutoscaler", "spec.scaleTargetRef", "spec.minReplicas"),
            ("ScaledObject", "spec.scaleTargetRef", "spec.minReplicaCount"),
        ] {
            if let Some(scaler) = self.of_kind(kind).iter().find(|scaler| targets(scaler, field)) {
                return scaler.get(minimum).as_int().unwrap_or(i64::from(kind != "ScaledObject"));
            }
        }
        object.get("spec.replicas").as_int().unwrap_or(1)
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
