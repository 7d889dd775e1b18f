//! `ingress-controller-eol`

use crate::finding::Role;
use crate::manifest::{Container, Workload};
use crate::rules::helpers::ImageReference;
use crate::rules::{ChartContext, Rule, RuleContext};
use crate::spec::Spec;

const HELP: &str = "plan the move to the Gateway API, or to an Ingress controller that is maintained";

pub(super) struct IngressControllerEol;

impl Rule for IngressControllerEol {
    fn spec(&self) -> &'static Spec {
        spec!("ingress-controller-eol")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let dependencies = cx.chart().metadata.dependencies.iter().flatten().flatten();
        for dependency in dependencies {
            if dependency.name != "ingress-nginx" || !dependency.repository.contains("kubernetes.github.io") {
                continue;
            }
            let place = dependency.place.unwrap_or_else(|| cx.chart_field("dependencies"));
            let message = "the chart depends on the Ingress controller ingress-nginx, which was retired in 2026";
            cx.finding(place, Role::File, message).help(HELP).report();
        }
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, _: &Workload<'_>, container: &Container<'_>) {
        let node = container.node.get("image");
        let Some(text) = node.text() else { return };
        let name = ImageReference::parse(&text).name;
        if name.ends_with("ingress-nginx/controller") || name.ends_with("ingress-nginx/controller-chroot") {
            let message = format!("container `{}` runs the Ingress controller ingress-nginx, which was retired in 2026", container.name());
            cx.finding(&node, message).by_values().help(HELP).report();
        }
    }
}
