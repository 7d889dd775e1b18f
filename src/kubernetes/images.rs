//! What tags of images say, which releases are over, and which registries are.

use super::datastores::base_name;

/// Tags that move: branches, channels.
const FLOATING: &[&str] = &[
    "main", "master", "edge", "stable", "dev", "develop", "nightly", "canary", "head", "lts", "release",
    "snapshot", "rolling", "latest", "testing", "unstable", "mainline", "trunk", "next",
];

/// Words after a version that name what the image is built on, not which version it is.
const FLAVOURS: &[&str] = &[
    "alpine",
    "slim",
    "debian",
    "ubuntu",
    "bullseye",
    "bookworm",
    "trixie",
    "buster",
    "jammy",
    "noble",
    "focal",
    "ubi",
    "ubi8",
    "ubi9",
    "scratch",
    "distroless",
    "perl",
    "fpm",
    "apache",
    "jre",
    "jdk",
    "amd64",
    "arm64",
    "management",
    "otel",
    "glibc",
    "musl",
    "uclibc",
];

/// How a tag moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Floating {
    /// It names a branch or a channel: `master`, `16-master`.
    Branch,
    /// A channel that a vendor keeps, with what it is built on: `stable-alpine`.
    Channel,
}

/// Whether a tag moves whenever something is built. `latest` itself has a rule of its own.
pub(crate) fn floating(tag: &str) -> Option<Floating> {
    let tag = tag.to_ascii_lowercase();
    let parts: Vec<&str> = tag.split(['-', '_']).collect();
    let (first, last) = (parts.first()?, parts.last()?);
    // `1.2.3-dev` is one pre-release, not a branch.
    if tag == "latest" || first.matches('.').count() >= 2 {
        return None;
    }
    if FLOATING.contains(last) {
        return Some(Floating::Branch);
    }
    let names_flavour = parts[1..].iter().all(|part| is_flavour(part));
    (FLOATING.contains(first) && names_flavour).then_some(Floating::Channel)
}

fn is_flavour(part: &str) -> bool {
    let letters = part.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    FLAVOURS.contains(&part) || FLAVOURS.contains(&letters)
}

/// Products whose whole versions have two numbers.
const TWO_NUMBERS: &[&str] = &["postgres", "postgresql", "ubuntu", "debian", "postgres-exporter"];

/// Whether the tag of an image is `16`, `v2` or `7.2`, and so moves with each patch.
pub(crate) fn is_partial(image: &str, tag: &str) -> bool {
    let mut parts = tag.split(['-', '_']);
    let first = parts.next().unwrap_or_default();
    let numbers: Vec<&str> = first.strip_prefix(['v', 'V']).unwrap_or(first).split('.').collect();
    // Larger numbers are dates or counts of builds.
    let small =
        |number: &&str| !number.is_empty() && number.len() <= 4 && number.bytes().all(|c| c.is_ascii_digit());
    let most = if TWO_NUMBERS.contains(&base_name(image).as_str()) { 1 } else { 2 };
    numbers.len() <= most
        && numbers.iter().all(small)
        && !(numbers.len() == 1 && numbers[0].len() > 2)
        && parts.all(|part| is_flavour(&part.to_ascii_lowercase()))
}

/// The part of a tag that says that it is not a release: `rc1` of `2.0.0-rc1`.
pub(crate) fn prerelease(tag: &str) -> Option<&str> {
    if !tag.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    tag.split(['-', '.', '_', '+']).skip(1).find(|part| {
        let word = part.trim_end_matches(|c: char| c.is_ascii_digit()).to_ascii_lowercase();
        matches!(word.as_str(), "alpha" | "beta" | "rc" | "dev" | "snapshot" | "preview")
    })
}

/// The month of the tables below.
pub(crate) const TABLES_OF: &str = "2026-11";

/// A release of a product that gets no fixes any more.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// `PostgreSQL`
    pub(crate) product: &'static str,
    /// `12`
    pub(crate) line: &'static str,
    /// The month of its last fix: `2024-11`.
    pub(crate) since: &'static str,
    /// Whether the image is older than the line even.
    pub(crate) is_older: bool,
}

/// Last parts of repositories, the product, and its release lines that are over, oldest first: anything older than the
/// first is over too.
type Product = (&'static [&'static str], &'static str, &'static [(&'static str, &'static str)]);

const PRODUCTS: &[Product] = &[
    (
        &["postgres", "postgresql", "postgresql-repmgr", "postgis"],
        "PostgreSQL",
        &[
            ("9.6", "2021-11"),
            ("10", "2022-11"),
            ("11", "2023-11"),
            ("12", "2024-11"),
            ("13", "2025-11"),
            ("14", "2026-11"),
        ],
    ),
    (
        &["mysql", "mysql-server", "percona", "percona-server"],
        "MySQL",
        &[
            ("5.7", "2023-10"),
            ("8.0", "2026-04"),
            ("8.1", "2023-10"),
            ("8.2", "2024-01"),
            ("8.3", "2024-04"),
            ("9.0", "2024-10"),
            ("9.1", "2025-01"),
            ("9.2", "2025-04"),
            ("9.3", "2025-07"),
            ("9.4", "2025-10"),
            ("9.5", "2026-01"),
        ],
    ),
    (
        &["mariadb", "mariadb-galera"],
        "MariaDB",
        &[
            ("10.4", "2024-06"),
            ("10.5", "2025-06"),
            ("10.6", "2026-07"),
            ("10.7", "2023-02"),
            ("10.8", "2023-05"),
            ("10.9", "2023-08"),
            ("10.10", "2023-11"),
            ("11.0", "2024-06"),
            ("11.1", "2024-08"),
            ("11.2", "2024-11"),
            ("11.3", "2024-05"),
            ("11.5", "2024-11"),
            ("11.6", "2025-02"),
            ("11.7", "2025-05"),
        ],
    ),
    (&["redis", "redis-cluster"], "Redis", &[("5", "2022-04"), ("6.0", "2022-04"), ("7.0", "2024-07")]),
    (
        &["mongo", "mongodb", "mongodb-sharded"],
        "MongoDB",
        &[("4.2", "2023-04"), ("4.4", "2024-02"), ("5.0", "2024-10"), ("6.0", "2025-07")],
    ),
    (&["elasticsearch"], "Elasticsearch", &[("6", "2022-02"), ("7", "2026-01")]),
    (&["kibana"], "Kibana", &[("6", "2022-02"), ("7", "2026-01")]),
    (&["rabbitmq"], "RabbitMQ", &[("3.11", "2023-12"), ("3.12", "2024-06")]),
    (
        &["nginx", "nginx-unprivileged"],
        "nginx",
        &[
            ("1.20", "2022-05"),
            ("1.21", "2022-05"),
            ("1.22", "2023-04"),
            ("1.23", "2023-04"),
            ("1.24", "2024-04"),
            ("1.25", "2024-04"),
            ("1.26", "2025-04"),
            ("1.27", "2025-04"),
        ],
    ),
    (
        &["node"],
        "Node.js",
        &[
            ("14", "2023-04"),
            ("15", "2021-06"),
            ("16", "2023-09"),
            ("17", "2022-06"),
            ("18", "2025-04"),
            ("19", "2023-06"),
            ("20", "2026-04"),
            ("21", "2024-06"),
            ("23", "2025-06"),
        ],
    ),
    (
        &["python"],
        "Python",
        &[
            ("2", "2020-01"),
            ("3.6", "2021-12"),
            ("3.7", "2023-06"),
            ("3.8", "2024-10"),
            ("3.9", "2025-10"),
            ("3.10", "2026-10"),
        ],
    ),
    (&["php"], "PHP", &[("7.4", "2022-11"), ("8.0", "2023-11"), ("8.1", "2025-12")]),
    (&["ruby"], "Ruby", &[("2.7", "2023-03"), ("3.0", "2024-04"), ("3.1", "2025-03"), ("3.2", "2026-03")]),
    (&["traefik"], "Traefik", &[("1", "2021-12"), ("2", "2026-02")]),
    (
        &["alpine"],
        "Alpine Linux",
        &[("3.17", "2024-11"), ("3.18", "2025-05"), ("3.19", "2025-11"), ("3.20", "2026-04")],
    ),
    (&["debian"], "Debian", &[("9", "2022-06"), ("10", "2024-06"), ("11", "2026-08")]),
    (&["ubuntu"], "Ubuntu", &[("18.04", "2023-05"), ("20.04", "2025-05")]),
    (&["centos"], "CentOS Linux", &[("7", "2024-06"), ("8", "2021-12")]),
];

fn numbers(version: &str) -> Vec<u32> {
    let version = version.strip_prefix('v').unwrap_or(version);
    let plain = version.split(['-', '_', '+']).next().unwrap_or_default();
    plain.split('.').map_while(|part| part.parse().ok()).collect()
}

/// The release line of an image if it gets no fixes any more.
pub(crate) fn ended(image: &str, tag: &str) -> Option<Ended> {
    let base = base_name(image);
    let version = numbers(tag);
    let (_, product, lines) = PRODUCTS.iter().find(|(images, ..)| images.contains(&base.as_str()))?;
    if version.is_empty() {
        return None;
    }
    for (index, &(line, since)) in lines.iter().enumerate() {
        let wanted = numbers(line);
        // A tag that says less than the line does may mean another line.
        let older =
            index == 0 && version < wanted && !(version.len() < wanted.len() && wanted.starts_with(&version));
        if older || version.starts_with(&wanted) {
            return Some(Ended { product, line, since, is_older: older });
        }
    }
    None
}

/// Registries and organisations that are closed or frozen: how a repository begins, and what takes its place.
const CLOSED: &[(&str, &str, &str)] = &[
    ("k8s.gcr.io/", "k8s.gcr.io is frozen since 2023", "use `registry.k8s.io/`"),
    ("gcr.io/google-containers/", "gcr.io/google-containers is closed", "use `registry.k8s.io/`"),
    ("gcr.io/google_containers/", "gcr.io/google_containers is closed", "use `registry.k8s.io/`"),
    ("gcr.io/kubernetes-helm/", "gcr.io/kubernetes-helm is closed", "use the registry of Helm 3 tools"),
    (
        "gcr.io/kubebuilder/",
        "gcr.io/kubebuilder is gone since 2025",
        "use `quay.io/brancz/kube-rbac-proxy`, or authentication of controller-runtime",
    ),
    ("docker.pkg.github.com/", "docker.pkg.github.com is replaced", "use `ghcr.io/`"),
    (
        "bitnamilegacy/",
        "the images of bitnamilegacy get no updates",
        "use an image of the software's own makers, or a maintained rebuild",
    ),
];

/// Why an image should be fetched from elsewhere, and from where. `pinned` means a tag other than `latest`, or a digest.
pub(crate) fn closed_registry(name: &str, pinned: bool) -> Option<(&'static str, &'static str)> {
    let hub = ["docker.io/", "index.docker.io/", "registry-1.docker.io/"];
    let name = hub.iter().find_map(|host| name.strip_prefix(host)).unwrap_or(name);
    if pinned && name.starts_with("bitnami/") {
        return Some((
            "the versioned images of docker.io/bitnami moved to bitnamilegacy in 2025 and get no updates",
            "use an image of the software's own makers, or a maintained rebuild",
        ));
    }
    CLOSED.iter().find(|(start, ..)| name.starts_with(start)).map(|&(_, why, instead)| (why, instead))
}

/// The registry of an image: Docker Hub has no host in its names.
pub(crate) fn registry(name: &str) -> &str {
    match name.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => "docker.io",
    }
}

/// What keeps a text from being an image reference.
pub(crate) fn invalid_reference(text: &str) -> Option<&'static str> {
    if text.contains("<no value>") || text.contains("<nil>") {
        return Some("a value in it is not set");
    }
    if text.contains(char::is_whitespace) {
        return Some("it has white space in it");
    }
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    let hex = |digest: &str| digest.len() >= 32 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    if digest.is_some_and(|digest| !digest.split_once(':').is_some_and(|(_, digits)| hex(digits))) {
        return Some("its digest is not an algorithm, a colon and at least 32 hexadecimal digits");
    }
    let last_slash = rest.rfind('/').map_or(0, |slash| slash + 1);
    let (before, last) = rest.split_at(last_slash);
    let (name, tag) = last.split_once(':').map_or((last, None), |(name, tag)| (name, Some(tag)));
    if name.is_empty() {
        return Some("it has no name");
    }
    match tag {
        Some("") => return Some("nothing comes after its colon"),
        Some(tag) if tag.contains(':') => return Some("it has two tags"),
        Some(tag) => {
            let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
            if tag.len() > 128 || tag.starts_with(['.', '-']) || !tag.chars().all(letters) {
                return Some("its tag has characters that tags cannot have");
            }
        }
        None => {}
    }
    let whole = format!("{before}{name}");
    let path = match whole.split_once('/') {
        // The host may have capital letters and a port.
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => path,
        _ => whole.as_str(),
    };
    if path.split('/').any(str::is_empty) {
        return Some("a part of its name is empty");
    }
    if path.contains(|c: char| c.is_ascii_uppercase()) {
        return Some("repositories have no capital letters");
    }
    let letters =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | '-' | '/');
    (!path.chars().all(letters)).then_some("its name has characters that repositories cannot have")
}

#[cfg(test)]
mod tests {
    use super::{Floating, closed_registry, ended, floating, invalid_reference, is_partial, prerelease};

    #[test]
    fn tags_that_move_are_told_from_those_that_do_not() {
        for (tag, expected) in [
            ("master", Some(Floating::Branch)),
            ("16-master", Some(Floating::Branch)),
            ("stable-alpine", Some(Floating::Channel)),
            ("stable-alpine3.19", Some(Floating::Channel)),
            ("main-3f2c1ab", None),
            ("1.2.3-dev", None),
            ("latest", None),
            ("1.27", None),
        ] {
            assert_eq!(floating(tag), expected, "{tag}");
        }
    }

    #[test]
    fn partial_versions_and_prereleases_are_known() {
        for tag in ["16", "v2", "7.2", "16-alpine", "3.11-slim"] {
            assert!(is_partial("web", tag), "{tag}");
        }
        for tag in ["16.2.1", "20240101", "1.2-rc1", "v1-abc", "2024"] {
            assert!(!is_partial("web", tag), "{tag}");
        }
        assert!(!is_partial("postgres", "18.1"));
        assert_eq!(prerelease("2.0.0-rc1"), Some("rc1"));
        assert_eq!(prerelease("2.0.0-beta.3"), Some("beta"));
        assert_eq!(prerelease("1.0.0-devel-ops"), None);
    }

    #[test]
    fn releases_that_are_over_are_known() {
        for (image, tag, line) in [
            ("postgres", "12.4", Some("12")),
            ("postgres", "9.4-alpine", Some("9.6")),
            ("postgres", "17", None),
            ("docker.io/library/python", "3.9-slim", Some("3.9")),
            ("python", "3", None),
            ("python", "3.12", None),
            ("mysql", "9.2.0", Some("9.2")),
            ("mysql", "8.4.1", None),
            ("nginx", "1.29.1", None),
        ] {
            assert_eq!(ended(image, tag).map(|ended| ended.line), line, "{image}:{tag}");
        }
    }

    #[test]
    fn references_are_checked_as_registries_do() {
        for good in ["web", "web:1.2", "host:5000/a/b:1", "LOCAL.example/a", "a/b_c/d-e:V1", "a__b/c"] {
            assert_eq!(invalid_reference(good), None, "{good}");
        }
        for bad in
            ["web:", "Web:1", "web:1:2", ":1", "a//b", "web :1", "web:<no value>", "web@sha256:12", "web:-a"]
        {
            assert!(invalid_reference(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn closed_registries_are_known() {
        assert!(closed_registry("k8s.gcr.io/pause", true).is_some());
        assert!(closed_registry("docker.io/bitnami/redis", true).is_some());
        assert!(closed_registry("bitnami/redis", false).is_none());
        assert!(closed_registry("registry.example.com/bitnami/redis", true).is_none());
    }
}
