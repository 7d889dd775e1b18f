//! The charts of one scenario as Helm's structs: which one is whose parent, under which name, with which values.
//!
//! Helm copies some of these structs and shares others between the aliases of a chart, and changes them all in place.
//! Nodes are structs here and ids are pointers, so that the same things are shared.

use std::sync::Arc;

use chart_lint_template::Map;

use crate::chart::{Chart, Metadata};

/// A pointer to a chart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NodeId(usize);

/// A pointer to the metadata of charts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct MetadataId(usize);

#[derive(Clone)]
struct Node {
    chart: Arc<Chart>,
    metadata: MetadataId,
    values: Option<Map>,
    parent: Option<NodeId>,
    dependencies: Vec<NodeId>,
}

/// All charts of a scenario.
#[derive(Default)]
pub(crate) struct Graph {
    nodes: Vec<Node>,
    metadata: Vec<Metadata>,
}

impl Graph {
    /// Adds a chart and all charts in it. `values` makes the default values of a chart, which has these names before
    /// it.
    pub(crate) fn add(
        &mut self,
        chart: &Arc<Chart>,
        names: &mut Vec<String>,
        values: &mut dyn FnMut(&Chart, &[String]) -> Option<Map>,
    ) -> NodeId {
        let id = self.push(Node {
            chart: Arc::clone(chart),
            metadata: MetadataId(self.metadata.len()),
            values: values(chart, names),
            parent: None,
            dependencies: Vec::new(),
        });
        self.metadata.push(chart.metadata.clone());
        for dependency in &chart.dependencies {
            names.push(dependency.name().to_owned());
            let child = self.add(dependency, names, values);
            names.pop();
            self.nodes[child.0].parent = Some(id);
            self.nodes[id.0].dependencies.push(child);
        }
        id
    }

    fn push(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        NodeId(self.nodes.len() - 1)
    }

    pub(crate) fn chart(&self, id: NodeId) -> &Arc<Chart> {
        &self.nodes[id.0].chart
    }

    pub(crate) fn metadata(&self, id: NodeId) -> &Metadata {
        &self.metadata[self.nodes[id.0].metadata.0]
    }

    pub(crate) fn metadata_mut(&mut self, id: NodeId) -> &mut Metadata {
        let metadata = self.nodes[id.0].metadata;
        &mut self.metadata[metadata.0]
    }

    pub(crate) fn name(&self, id: NodeId) -> &str {
        &self.metadata(id).name
    }

    pub(crate) fn values(&self, id: NodeId) -> Option<&Map> {
        self.nodes[id.0].values.as_ref()
    }

    pub(crate) fn set_values(&mut self, id: NodeId, values: Map) {
        self.nodes[id.0].values = Some(values);
    }

    pub(crate) fn dependencies(&self, id: NodeId) -> &[NodeId] {
        &self.nodes[id.0].dependencies
    }

    /// `SetDependencies`
    pub(crate) fn set_dependencies(&mut self, id: NodeId, dependencies: Vec<NodeId>) {
        for child in &dependencies {
            self.nodes[child.0].parent = Some(id);
        }
        self.nodes[id.0].dependencies = dependencies;
    }

    /// A chart under a name of its own: it and its metadata are copied, the charts in it as well, but not what those
    /// point to.
    pub(crate) fn copy(&mut self, id: NodeId) -> NodeId {
        let mut node = self.nodes[id.0].clone();
        self.metadata.push(self.metadata[node.metadata.0].clone());
        node.metadata = MetadataId(self.metadata.len() - 1);
        let children = std::mem::take(&mut node.dependencies);
        let copy = self.push(node);
        let children = children.into_iter().map(|child| self.push(self.nodes[child.0].clone())).collect();
        self.set_dependencies(copy, children);
        copy
    }

    /// `ChartFullPath`
    pub(crate) fn full_path(&self, id: NodeId) -> String {
        let mut names = vec![self.name(id)];
        let mut at = id;
        while let Some(parent) = self.nodes[at.0].parent {
            names.push(self.name(parent));
            at = parent;
        }
        names.reverse();
        names.join("/charts/")
    }
}
