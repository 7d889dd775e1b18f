//! How things become reachable from outside of the cluster: annotations of load balancers and Ingress controllers, and
//! the Services that routes lead to.

use crate::manifest::{Node, Object};

/// Annotations by which a load balancer or an Ingress controller in front of the cluster has a certificate.
const CERTIFICATES: &[&str] = &[
    "service.beta.kubernetes.io/aws-load-balancer-ssl-cert",
    "service.beta.kubernetes.io/aws-load-balancer-ssl-ports",
    "alb.ingress.kubernetes.io/certificate-arn",
    "networking.gke.io/managed-certificates",
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    "networking.gke.io/certmap",
    "cloud.google.com/app-protocols",
    "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
    "service.beta.kubernetes.io/do-loadbalancer-certificate-id",
    "service.beta.kubernetes.io/do-loadbalancer-tls-passthrough",
    "service.beta.kubernetes.io/do-loadbalancer-tls-ports",
    "service.beta.kubernetes.io/linode-loadbalancer-port-443",
    "load-balancer.hetzner.cloud/http-certificates",
    "service.beta.kubernetes.io/oci-load-balancer-tls-secret",
    "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-cert-id",
    "service.kubernetes.io/ibm-load-balancer-cloud-provider-vpc-lb-certificate",
    "nginx.ingress.kubernetes.io/ssl-passthrough",
    "haproxy.org/ssl-passthrough",
    "traefik.ingress.kubernetes.io/router.tls",
    "external-dns.alpha.kubernetes.io/cloudflare-proxied",
    "route.openshift.io/termination",
    "konghq.com/protocols",
];

/// Annotations that keep a load balancer inside of the network, with the value that does; empty for any value.
const INTERNAL: &[(&str, &str)] = &[
    ("service.beta.kubernetes.io/aws-load-balancer-internal", ""),
    ("service.beta.kubernetes.io/aws-load-balancer-scheme", "internal"),
    ("service.beta.kubernetes.io/azure-load-balancer-internal", "true"),
    ("networking.gke.io/load-balancer-type", "internal"),
    ("cloud.google.com/load-balancer-type", "internal"),
    ("service.beta.kubernetes.io/oci-load-balancer-internal", "true"),
    ("service.beta.kubernetes.io/openstack-internal-load-balancer", "true"),
    ("service.beta.kubernetes.io/cce-load-balancer-internal-vpc", "true"),
    ("service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type", "intranet"),
    ("service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type", "private"),
    ("load-balancer.hetzner.cloud/use-private-ip", "true"),
];

/// An annotation of an object.
pub(crate) fn annotation<'a>(object: &'a Object, name: &str) -> Node<'a> {
    object.get("metadata.annotations").child(name)
}

/// Whether something in front of the cluster has a certificate for the object.
pub(crate) fn has_certificate(object: &Object) -> bool {
    CERTIFICATES.iter().any(|name| annotation(object, name).text().is_some_and(|value| value != "false"))
}

/// Whether the load balancer of a Service can only be reached from within the network.
pub(crate) fn is_internal(service: &Object) -> bool {
    INTERNAL.iter().any(|(name, wanted)| {
        let value = annotation(service, name).text().map(|value| value.to_ascii_lowercase());
        value.is_some_and(|value| if wanted.is_empty() { value != "false" } else { value == *wanted })
    })
}

/// A Service that a route leads to.
pub(crate) struct Backend<'a> {
    /// The name of the Service.
    pub(crate) service: Node<'a>,
    /// The name or number of its port, if the route names one.
    pub(crate) port: Option<Node<'a>>,
    /// The Service's namespace, if it is not the route's.
    pub(crate) namespace: Option<String>,
}

/// The Services that an Ingress, or a route of Traefik, leads to.
pub(crate) fn backends(object: &Object) -> Vec<Backend<'_>> {
    let mut backends = Vec::new();
    match (object.group(), object.kind()) {
        ("networking.k8s.io" | "extensions", "Ingress") => {
            let default = object.get("spec.defaultBackend");
            let default = if default.exists() { default } else { object.get("spec.backend") };
            let rules = object.get("spec.rules").items();
            let paths = rules.iter().flat_map(|rule| rule.get("http.paths").items());
            for backend in std::iter::once(default).chain(paths.map(|path| path.get("backend"))) {
                backends.extend(of_ingress(&backend));
            }
        }
        ("traefik.io" | "traefik.containo.us", "IngressRoute" | "IngressRouteTCP" | "IngressRouteUDP") => {
            for service in
                object.get("spec.routes").items().iter().flat_map(|route| route.get("services").items())
            {
                let is_service = service.get("kind").text().is_none_or(|kind| kind == "Service");
                let name = service.get("name");
                if is_service && name.exists() && !name.text().is_some_and(|name| name.contains('@')) {
                    backends.push(Backend {
                        service: name,
                        port: Some(service.get("port")).filter(Node::exists),
                        namespace: service.get("namespace").text(),
                    });
                }
            }
        }
        _ => {}
    }
    backends
}

fn of_ingress<'a>(backend: &Node<'a>) -> Option<Backend<'a>> {
    let old = backend.get("serviceName");
    if old.exists() {
        let port = Some(backend.get("servicePort")).filter(Node::exists);
        return Some(Backend { service: old, port, namespace: None });
    }
    let service = backend.get("service.name");
    let ports = [backend.get("service.port.name"), backend.get("service.port.number")];
    let port = ports.into_iter().find(|port| port.text().is_some_and(|text| !text.is_empty()));
    service.exists().then_some(Backend { service, port, namespace: None })
}

/// The entry of a Service's ports that a route means by a name or number.
pub(crate) fn port_of<'a>(service: &'a Object, wanted: &str) -> Option<Node<'a>> {
    let ports = service.get("spec.ports").items();
    ports.into_iter().find(|port| {
        port.get("name").text().as_deref() == Some(wanted)
            || port.get("port").text().as_deref() == Some(wanted)
    })
}
