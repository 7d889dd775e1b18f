//! Who may do what: roles, their rules, and the bindings that give them to accounts.

use crate::manifest::{Node, Object, ObjectIndex, Workload};

/// A rule of a role.
pub(super) struct Policy<'a> {
    /// The rule.
    pub(super) node: Node<'a>,
    groups: Vec<String>,
    resources: Vec<String>,
    verbs: Vec<String>,
    names: Vec<String>,
}

/// Whether an object is a Role or ClusterRole.
pub(super) fn is_role(object: &Object) -> bool {
    matches!(object.kind(), "Role" | "ClusterRole") && object.group() == "rbac.authorization.k8s.io"
}

/// Whether an object is a RoleBinding or ClusterRoleBinding.
pub(super) fn is_binding(object: &Object) -> bool {
    matches!(object.kind(), "RoleBinding" | "ClusterRoleBinding")
        && object.group() == "rbac.authorization.k8s.io"
}

/// The rules of a role.
pub(super) fn policies(role: &Object) -> Vec<Policy<'_>> {
    let texts = |node: Node<'_>| -> Vec<String> { node.items().iter().filter_map(Node::text).collect() };
    role.get("rules")
        .items()
        .into_iter()
        .map(|node| Policy {
            groups: texts(node.get("apiGroups")),
            resources: texts(node.get("resources")),
            verbs: texts(node.get("verbs")),
            names: texts(node.get("resourceNames")),
            node,
        })
        .collect()
}

fn has(list: &[String], wanted: &str) -> bool {
    list.iter().any(|item| item == wanted)
}

impl Policy<'_> {
    /// Whether it allows one of some verbs.
    pub(super) fn allows(&self, verbs: &[&str]) -> bool {
        has(&self.verbs, "*") || verbs.iter().any(|verb| has(&self.verbs, verb))
    }

    /// Whether it allows a verb that it writes out.
    pub(super) fn names_verb(&self, verb: &str) -> bool {
        has(&self.verbs, verb)
    }

    /// Whether it names a resource of a group, or all subresources of it: `pods/exec` is in `pods/*`. A rule about all
    /// resources names none.
    pub(super) fn names(&self, group: &str, resource: &str) -> bool {
        let of_group = has(&self.groups, group) || has(&self.groups, "*");
        let named = self.resources.iter().any(|known| {
            known == resource
                || resource.split_once('/').is_some_and(|(main, sub)| {
                    known.split_once('/').is_some_and(|(known_main, known_sub)| {
                        (known_main == main && known_sub == "*") || (known_main == "*" && known_sub == sub)
                    })
                })
        });
        of_group && named
    }

    /// Whether it holds for some objects only, by their names.
    pub(super) fn is_limited(&self) -> bool {
        !self.names.is_empty()
    }

    /// All verbs on all resources of all groups.
    pub(super) fn is_everything(&self) -> bool {
        has(&self.groups, "*") && has(&self.resources, "*") && has(&self.verbs, "*")
    }

    /// The fields of a rule about resources that are `*`.
    pub(super) fn wildcards(&self) -> Vec<&'static str> {
        let fields = [("apiGroups", &self.groups), ("resources", &self.resources), ("verbs", &self.verbs)];
        let with_star = fields.iter().filter(|(_, list)| !self.resources.is_empty() && has(list, "*"));
        with_star.map(|(field, _)| *field).collect()
    }

    /// Whether all its groups are of custom resources.
    pub(super) fn is_about_custom(&self) -> bool {
        !self.groups.is_empty()
            && self.groups.iter().all(|group| group.contains('.') && !group.ends_with(".k8s.io"))
    }

    /// Whether it only reads custom and external metrics: there the resources are the metrics, and nobody knows their
    /// names before.
    pub(super) fn only_reads_metrics(&self) -> bool {
        let is_metrics = |group: &String| matches!(group.as_str(), "custom.metrics.k8s.io" | "external.metrics.k8s.io");
        !self.groups.is_empty()
            && self.groups.iter().all(is_metrics)
            && self.verbs.iter().all(|verb| matches!(verb.as_str(), "get" | "list" | "watch"))
    }

    /// Group and resource of each pair that it covers.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.groups
            .iter()
            .flat_map(|group| self.resources.iter().map(move |resource| (group.as_str(), resource.as_str())))
    }
}

/// A role that is given to accounts.
pub(super) struct Grant<'a> {
    /// The binding.
    pub(super) binding: &'a Object,
    /// Name of the role.
    pub(super) role_name: String,
    /// The role, if the chart renders it.
    pub(super) role: Option<&'a Object>,
    /// Whether it holds in all namespaces.
    pub(super) is_cluster_wide: bool,
}

/// All bindings, each with its role.
pub(super) fn grants<'a>(index: &ObjectIndex<'a>) -> Vec<Grant<'a>> {
    let bindings = index.of_kind("RoleBinding").iter().chain(index.of_kind("ClusterRoleBinding"));
    bindings
        .filter(|binding| is_binding(binding))
        .map(|&binding| {
            let role_name = binding.get("roleRef.name").text().unwrap_or_default();
            let kind = binding.get("roleRef.kind").text().unwrap_or_default();
            let role = index.of_kind(&kind).iter().copied().find(|role| {
                role.name() == role_name
                    && (kind == "ClusterRole" || index.namespace(role) == index.namespace(binding))
            });
            Grant { binding, role_name, role, is_cluster_wide: binding.kind() == "ClusterRoleBinding" }
        })
        .collect()
}

impl Grant<'_> {
    /// Whether it gives the role to an account, by name and namespace, or to all accounts of its namespace.
    pub(super) fn is_for(&self, index: &ObjectIndex<'_>, account: &str, namespace: &str) -> bool {
        self.binding.get("subjects").items().iter().any(|subject| {
            let text = |field: &str| subject.get(field).text().unwrap_or_default();
            match text("kind").as_str() {
                "ServiceAccount" => {
                    let of = text("namespace");
                    let of = if of.is_empty() { index.namespace(self.binding) } else { &of };
                    text("name") == account && of == namespace
                }
                "Group" => {
                    let group = text("name");
                    group == "system:serviceaccounts" || group == format!("system:serviceaccounts:{namespace}")
                }
                _ => false,
            }
        })
    }
}

/// The account that the pods of a workload run as.
pub(super) fn account(workload: &Workload<'_>) -> String {
    let pod = &workload.pod;
    let name = pod.get("serviceAccountName").text().or_else(|| pod.get("serviceAccount").text());
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| "default".to_owned())
}
