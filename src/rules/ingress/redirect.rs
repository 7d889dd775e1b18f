//! `ingress-ssl-redirect-disabled`

use super::is_ingress;
use crate::kubernetes::exposure::{annotation, has_certificate};
use crate::manifest::Object;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Annotations that keep plain HTTP, with the value that does.
const PLAIN: &[(&str, &str)] = &[
    ("nginx.ingress.kubernetes.io/ssl-redirect", "false"),
    ("nginx.org/redirect-to-https", "false"),
    ("ingress.kubernetes.io/ssl-redirect", "false"),
    ("haproxy.org/ssl-redirect", "false"),
    ("haproxy-ingress.github.io/ssl-redirect", "false"),
    ("appgw.ingress.kubernetes.io/ssl-redirect", "false"),
    ("traefik.ingress.kubernetes.io/router.entrypoints", "web"),
    ("traefik.ingress.kubernetes.io/router.entrypoints", "http"),
    ("alb.ingress.kubernetes.io/listen-ports", r#"[{"HTTP": 80}]"#),
];

pub(super) struct IngressSslRedirectDisabled;

impl Rule for IngressSslRedirectDisabled {
    fn spec(&self) -> &'static Spec {
        spec!("ingress-ssl-redirect-disabled")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        let has_tls = !object.get("spec.tls").items().is_empty() || has_certificate(object);
        let is_forced =
            annotation(object, "nginx.ingress.kubernetes.io/force-ssl-redirect").text().as_deref() == Some("true");
        if !is_ingress(object) || !has_tls || is_forced {
            return;
        }
        for (name, value) in PLAIN {
            let node = annotation(object, name);
            if node.text().is_some_and(|text| text.replace(' ', "") == value.replace(' ', "")) {
                let message = format!("Ingress `{}` has TLS, but answers plain HTTP too: `{name}`", object.name());
                cx.finding(&node, message)
                    .help("leave the annotation out, or set it so that HTTP is redirected to HTTPS")
                    .report();
            }
        }
    }
}
