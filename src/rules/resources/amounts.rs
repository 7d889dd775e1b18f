//! Rules about the amounts that requests and limits ask for.

use crate::kubernetes::datastores::{self, Role};
use crate::kubernetes::programs::{is_java, is_proxy};
use crate::kubernetes::quantity::parse_quantity;
use crate::manifest::{Container, Node, Object, Workload};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// The value of a quantity, if there is one that Kubernetes can read.
fn value(node: &Node<'_>) -> Option<f64> {
    node.text().and_then(|text| parse_quantity(&text))
}

pub(super) struct RequestsExceedLimits;

impl Rule for RequestsExceedLimits {
    fn spec(&self) -> &'static Spec {
        spec!("requests-exceed-limits")
    }

    fn check_container(
        &self,
        cx: &mut RuleContext<'_>,
        _workload: &Workload<'_>,
        container: &Container<'_>,
    ) {
        let resources = container.node.get("resources");
        for (resource, asked) in resources.get("requests").entries() {
            let most = resources.get("limits").child(&resource);
            if let (Some(wanted), Some(limit)) = (value(&asked), value(&most))
                && wanted > limit
            {
                let text = |node: &Node<'_>| node.text().unwrap_or_default();
                let message = format!(
                    "container `{}` asks for {} of {resource} and may use only {}",
                    container.name(),
                    text(&asked),
                    text(&most)
                );
                cx.finding(&asked, message)
                    .label("more than the limit")
                    .help("lower the request or raise the limit: the API server refuses the pod")
                    .report();
            }
        }
    }
}

/// The smallest amount of memory or disk that means what it says.
const MEBIBYTE: f64 = 1_048_576.0;
/// More cores than any node has.
const TOO_MANY_CORES: f64 = 1000.0;

/// What is wrong with a quantity, and what to write instead.
fn problem(resource: &str, text: &str) -> Option<(String, String)> {
    let in_bytes = matches!(resource, "memory" | "storage" | "ephemeral-storage")
        || resource.starts_with("hugepages-");
    let Some(amount) = parse_quantity(text) else {
        let units = if in_bytes { "`128Mi`, `1Gi`" } else { "`250m`, `1.5`" };
        return Some(("is no quantity".to_owned(), format!("write it like {units}")));
    };
    if amount < 0.0 {
        return Some(("is negative".to_owned(), "set 0 or more".to_owned()));
    }
    if in_bytes && text.ends_with('m') {
        let meant = format!("{}Mi", text.trim_end_matches('m'));
        return Some((
            format!("means thousandths of a byte as {resource}"),
            format!("write `{meant}`: `m` is a thousandth, and `Mi` a mebibyte"),
        ));
    }
    if in_bytes && amount > 0.0 && amount < MEBIBYTE {
        return Some((
            format!("is less than a mebibyte of {resource}"),
            "add the unit: a number alone counts bytes".to_owned(),
        ));
    }
    if resource == "cpu" && text.ends_with('i') {
        return Some(("counts bytes, not cores".to_owned(), "write cores: `250m`, `1.5`".to_owned()));
    }
    if resource == "cpu" && amount >= TOO_MANY_CORES {
        return Some((
            "is more cores than any node has".to_owned(),
            "add the unit: `500m` is half a core, `500` is five hundred".to_owned(),
        ));
    }
    None
}

pub(super) struct InvalidResourceQuantity;

impl InvalidResourceQuantity {
    fn check(cx: &mut RuleContext<'_>, resource: &str, node: &Node<'_>, of: &str) {
        // A list or mapping in its place is what the schema is for.
        let Some(text) = node.text().filter(|_| node.exists()) else { return };
        if let Some((what, help)) = problem(resource, &text) {
            cx.finding(node, format!("the {resource} `{text}` of {of} {what}")).help(help).report();
        }
    }
}

impl Rule for InvalidResourceQuantity {
    fn spec(&self) -> &'static Spec {
        spec!("invalid-resource-quantity")
    }

    fn check_container(
        &self,
        cx: &mut RuleContext<'_>,
        _workload: &Workload<'_>,
        container: &Container<'_>,
    ) {
        let of = format!("container `{}`", container.name());
        for field in ["requests", "limits"] {
            for (resource, node) in container.node.get("resources").get(field).entries() {
                Self::check(cx, &resource, &node, &of);
            }
        }
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        for volume in workload.pod.get("volumes").items() {
            let name = volume.get("name").text().unwrap_or_default();
            let limit = volume.get("emptyDir.sizeLimit");
            Self::check(cx, "storage", &limit, &format!("volume `{name}`"));
        }
        for template in workload.object.get("spec.volumeClaimTemplates").items() {
            let name = template.get("metadata.name").text().unwrap_or_default();
            let size = template.get("spec.resources.requests.storage");
            Self::check(cx, "storage", &size, &format!("volume `{name}`"));
        }
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if object.is("", "PersistentVolumeClaim") {
            let size = object.get("spec.resources.requests.storage");
            Self::check(cx, "storage", &size, &cx.describe(object));
        }
    }
}

pub(super) struct LimitRequestRatio;

impl Rule for LimitRequestRatio {
    fn spec(&self) -> &'static Spec {
        spec!("limit-request-ratio")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        if workload.object.is_hook() || !container.is_long_running() {
            return;
        }
        let resources = container.node.get("resources");
        for resource in ["cpu", "memory"] {
            let (asked, most) = (resources.get("requests").child(resource), resources.get("limits").child(resource));
            let (Some(wanted), Some(limit)) = (value(&asked), value(&most)) else { continue };
            let allowed = cx.number_param(resource);
            let ratio = limit / wanted;
            if wanted > 0.0 && ratio > allowed {
                let message = format!(
                    "the {resource} limit of container `{}` is {ratio:.0} times its request",
                    container.name()
                );
                cx.finding(&most, message)
                    .label(format!("request: {}", asked.text().unwrap_or_default()))
                    .help(format!("keep it within {allowed} times: the node does not set aside what is above the request"))
                    .report();
            }
        }
    }
}

/// What a container is, with the parameters that hold the least amounts for it: of cpu, and of memory.
fn role(container: &Container<'_>) -> Option<(&'static str, Option<&'static str>, &'static str)> {
    let image = container.node.get("image").text()?;
    if is_proxy(&image) {
        return Some(("a reverse proxy", Some("proxyCpu"), "proxyMemory"));
    }
    if is_java(&image) {
        return Some(("a Java program", None, "jvmMemory"));
    }
    let store = datastores::of_container(container)?;
    (store.role == Role::Database).then_some(("a database", None, "databaseMemory"))
}

pub(super) struct ResourceRequestFloor;

impl Rule for ResourceRequestFloor {
    fn spec(&self) -> &'static Spec {
        spec!("resource-request-floor")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        if !workload.is_long_running() || !container.is_long_running() {
            return;
        }
        let Some((what, cpu, memory)) = role(container) else { return };
        let requests = container.node.get("resources.requests");
        for (resource, param) in cpu.map(|param| ("cpu", param)).into_iter().chain([("memory", memory)]) {
            let node = requests.child(resource);
            let floor = cx.param(param);
            if let (Some(asked), Some(least)) = (value(&node), parse_quantity(&floor))
                && asked < least
            {
                let text = node.text().unwrap_or_default();
                let message =
                    format!("container `{}`, {what}, asks for only {text} of {resource}", container.name());
                cx.finding(&node, message)
                    .help(format!("ask for {floor} or what it was measured to use: less is shared out when the node is full"))
                    .report();
            }
        }
    }
}
