//! `ingress-class-annotation`

use super::is_ingress;
use crate::kubernetes::exposure::annotation;
use crate::manifest::Object;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

const ANNOTATION: &str = "kubernetes.io/ingress.class";

pub(super) struct IngressClassAnnotation;

impl Rule for IngressClassAnnotation {
    fn spec(&self) -> &'static Spec {
        spec!("ingress-class-annotation")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !is_ingress(object) {
            return;
        }
        let class = object.get("spec.ingressClassName");
        let old = annotation(object, ANNOTATION);
        if let Some(value) = old.text() {
            // Google's controller reads nothing else.
            if value.starts_with("gce") {
                return;
            }
            let message = format!("Ingress `{}` names its class by the annotation `{ANNOTATION}`, which is deprecated", object.name());
            cx.finding(&old, message).help(format!("write `spec.ingressClassName: {value}`")).report();
        } else if !class.exists()
            && !cx.may_render(&object.root(), "class")
            && !cx.may_render(&object.root(), "annotation")
        {
            let message = format!("no values key names the class of Ingress `{}`", object.name());
            cx.finding(&class, message)
                .help("add `ingressClassName: {{ .Values.ingress.className }}`, within `with`")
                .report();
        }
    }
}
