//! Images whose work is the node itself: they cannot do it without a view of the node, and their documentation says so.

/// Last parts of image names that watch a node.
const OBSERVERS: &[&str] =
    &["node-exporter", "prometheus-node-exporter", "node_exporter", "node-problem-detector"];

/// Last parts of image names that make the network of a node.
const NETWORK: &[&str] = &[
    "cilium",
    "calico-node",
    "flannel",
    "kube-proxy",
    "kube-router",
    "k8s-dns-node-cache",
    "multus-cni",
    "aws-k8s-cni",
    "amazon-k8s-cni",
    "speaker",
    "keepalived",
    "kube-vip",
    "node-driver-registrar",
    "csi-node-driver-registrar",
];

/// The last part of an image's name, without tag and digest.
fn last_part(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split(':').next().unwrap_or(last)
}

/// Whether an image reads the state of its node, and needs to see its processes and files for that.
pub(crate) fn observes_node(image: &str) -> bool {
    OBSERVERS.contains(&last_part(image))
}

/// Whether an image works in the network of its node.
pub(crate) fn uses_node_network(image: &str) -> bool {
    observes_node(image) || NETWORK.contains(&last_part(image))
}

#[cfg(test)]
mod tests {
    use super::{observes_node, uses_node_network};

    #[test]
    fn agents_are_known_by_the_name_of_their_image() {
        assert!(observes_node("registry.example.com:5000/prometheus/node-exporter:v1.9.0"));
        assert!(uses_node_network("cilium@sha256:00"));
        assert!(!observes_node("node-exporter/web:1"));
        assert!(!uses_node_network("web"));
    }
}
