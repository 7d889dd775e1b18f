//! Rules about GPUs and other devices that are counted in pieces.

use crate::kubernetes::quantity::parse_quantity;
use crate::manifest::{Container, Node, Workload};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Whether a resource cannot be shared out beyond what is there: a device of a plugin, or huge pages.
fn is_fixed(resource: &str) -> bool {
    let is_device = resource.contains('/') && !resource.contains("kubernetes.io/");
    is_device || resource.starts_with("hugepages-")
}

pub(super) struct ExtendedResourceMismatch;

impl Rule for ExtendedResourceMismatch {
    fn spec(&self) -> &'static Spec {
        spec!("extended-resource-mismatch")
    }

    fn check_container(
        &self,
        cx: &mut RuleContext<'_>,
        _workload: &Workload<'_>,
        container: &Container<'_>,
    ) {
        let resources = container.node.get("resources");
        let value = |node: &Node<'_>| node.text().and_then(|text| parse_quantity(&text));
        for (resource, asked) in resources.get("requests").entries() {
            if !is_fixed(&resource) {
                continue;
            }
            let most = resources.get("limits").child(&resource);
            let (Some(wanted), limit) = (value(&asked), value(&most)) else { continue };
            let message = match limit {
                None if most.exists() => continue,
                None => format!("container `{}` requests `{resource}` without a limit", container.name()),
                Some(limit) if limit != wanted => {
                    let text = most.text().unwrap_or_default();
                    format!("container `{}` requests {wanted} `{resource}` and may use {text}", container.name())
                }
                Some(_) => continue,
            };
            cx.finding(&asked, message)
                .help("set the limit to the same number, or the limit alone: the API server refuses the pod")
                .report();
        }
    }
}

/// Parts of the names of resources that are GPUs.
const GPUS: &[&str] = &["nvidia.com/", "amd.com/gpu", "gpu.intel.com/", "habana.ai/", "aliyun.com/gpu"];

pub(super) struct GpuWithoutLimitGuard;

impl Rule for GpuWithoutLimitGuard {
    fn spec(&self) -> &'static Spec {
        spec!("gpu-without-limit-guard")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        // What runs on all nodes of a kind looks after the GPUs; it does not use them.
        if workload.object.kind() == "DaemonSet" || workload.pod.get("resourceClaims").exists() {
            return;
        }
        let asks = workload.containers().iter().any(|container| {
            let resources = container.node.get("resources");
            ["requests", "limits"].iter().any(|field| {
                let entries = resources.get(field).entries();
                entries.iter().any(|(name, _)| GPUS.iter().any(|gpu| name.starts_with(gpu)))
            })
        });
        let Some(sign) = sign_of_gpu(workload).filter(|_| !asks) else { return };
        let message = format!("{} is made for a GPU but requests none", cx.describe(workload.object));
        cx.finding(&sign, message)
            .help("set `resources.limits` for the device, `nvidia.com/gpu: 1`: otherwise several pods share one without knowing")
            .report();
    }
}

/// The field that says that a workload uses a GPU.
fn sign_of_gpu<'a>(workload: &Workload<'a>) -> Option<Node<'a>> {
    let class = workload.pod.get("runtimeClassName");
    if class.as_str().as_deref() == Some("nvidia") {
        return Some(class);
    }
    let selector = workload.pod.get("nodeSelector").entries().into_iter().find(|(key, value)| {
        let key = key.to_ascii_lowercase();
        (key.contains("gpu") || key.starts_with("nvidia.com/")) && value.text().as_deref() != Some("false")
    });
    if let Some((_, node)) = selector {
        return Some(node);
    }
    workload.containers().iter().map(|container| container.node.get("image")).find(|image| {
        let text = image.text().unwrap_or_default().to_ascii_lowercase();
        text.contains("nvidia/cuda") || text.ends_with("-gpu") || text.ends_with("-cuda")
    })
}
