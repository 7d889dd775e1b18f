//! Controllers that read Secrets of all namespaces because that is their work.

/// Parts of image names. A part matches whole words between `/`, `-`, `:` and `@`.
const SECRET_READERS: &[&str] = &[
    "argocd",
    "cert-manager-cainjector",
    "cert-manager-controller",
    "contour",
    "emissary",
    "external-secrets",
    "haproxy-ingress",
    "ingress-controller",
    "ingress-nginx/controller",
    "istiod",
    "kubernetes-ingress",
    "kubernetes-reflector",
    "kubernetes-replicator",
    "nginx-ingress",
    "nginx-ingress-controller",
    "pilot",
    "reloader",
    "sealed-secrets-controller",
    "secrets-store-csi-driver",
    "traefik",
    "trust-manager",
    "vault-secrets-operator",
];

/// Whether an image is that of a controller which has to read Secrets wherever they are.
pub(crate) fn reads_all_secrets(image: &str) -> bool {
    let image = image.split('@').next().unwrap_or(image);
    let is_edge = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
    SECRET_READERS.iter().any(|part| {
        image.match_indices(part).any(|(at, _)| {
            let bytes = image.as_bytes();
            is_edge(at.checked_sub(1).and_then(|before| bytes.get(before)))
                && is_edge(bytes.get(at + part.len()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::reads_all_secrets;

    #[test]
    fn controllers_are_known_by_their_image() {
        for image in [
            "example.org/jetstack/cert-manager-controller:v1.18.0",
            "traefik:v3",
            "bitnami/external-secrets@sha256:00",
        ] {
            assert!(reads_all_secrets(image), "{image}");
        }
        assert!(!reads_all_secrets("example.org/nottraefik2:1"));
    }
}
