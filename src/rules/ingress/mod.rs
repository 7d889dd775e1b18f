//! Ingresses, and TLS.

use super::Rule;

rules! {
    class::{IngressClassAnnotation},
    configurable::{IngressNotConfigurable},
    controller_eol::{IngressControllerEol},
    duplicate_path::{IngressDuplicatePath},
    redirect::{IngressSslRedirectDisabled},
    snippet::{IngressSnippet},
    tls_missing::{IngressTlsMissing},
    weak_tls::{WeakTlsProtocol},
}

use crate::manifest::Object;

/// Whether an object is an Ingress of Kubernetes.
fn is_ingress(object: &Object) -> bool {
    object.is("networking.k8s.io", "Ingress") || object.is("extensions", "Ingress")
}
