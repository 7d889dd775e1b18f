//! `service-multiport-unnamed`

use crate::manifest::Object;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct ServiceMultiportUnnamed;

impl Rule for ServiceMultiportUnnamed {
    fn spec(&self) -> &'static Spec {
        spec!("service-multiport-unnamed")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let ports = object.get("spec.ports").items();
        if !object.is("", "Service") || ports.len() < 2 {
            return;
        }
        let is_unnamed = |name: Option<String>| name.is_none_or(|name| name.is_empty());
        if let Some(port) = ports.iter().find(|port| is_unnamed(port.get("name").text())) {
            let number = port.get("port").text().unwrap_or_default();
            let message =
                format!("port {number} of Service `{}` has no name, though the Service has {} ports", object.name(), ports.len());
            cx.finding(&port.get("port"), message)
                .label("the API server refuses the Service")
                .help("give each port a `name`")
                .report();
        }
    }
}
