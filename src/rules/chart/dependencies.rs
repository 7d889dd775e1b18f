//! Dependencies: `dependency-missing`, `dependency-duplicate`, `dependency-repository-problem`,
//! `dependency-condition`, `dependency-deprecated-source`

use std::collections::HashMap;

use super::chart_yaml::{ChartYaml, chart_yamls};
use crate::chart::{Chart, Dependency};
use crate::finding::{Role, Severity};
use crate::rules::{ChartContext, Rule};
use crate::source::Location;
use crate::spec::Spec;
use crate::values::missing_dependencies;
use crate::values::tree::Tree;

/// The dependencies of a chart, those of `requirements.yaml` too.
fn dependencies(chart: &Chart) -> impl Iterator<Item = &Dependency> {
    chart.metadata.dependencies.iter().flatten().flatten()
}

/// Where a dependency is written: at its name.
fn place_of(chart: &Chart, dependency: &Dependency, field: &str) -> Option<Location> {
    let documents = [&chart.chart_yaml, &chart.requirements].into_iter().flatten();
    for document in documents {
        let tree: &Tree = &document.tree;
        let Some(list) = tree.key(tree.root(), b"dependencies") else { continue };
        let found = tree.items(list).find(|&item| Some(tree.location(item)) == dependency.place);
        if let Some(item) = found {
            let node = tree.key(item, field.as_bytes()).or_else(|| tree.key(item, b"name"));
            return Some(node.map_or_else(|| tree.location(item), |node| tree.location(node)));
        }
    }
    dependency.place
}

pub(super) struct DependencyMissing;

impl Rule for DependencyMissing {
    fn spec(&self) -> &'static Spec {
        spec!("dependency-missing")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for chart in cx.charts() {
            let missing = missing_dependencies(chart);
            for dependency in dependencies(chart).filter(|dependency| missing.contains(&dependency.name.as_str())) {
                let place = place_of(chart, dependency, "name").unwrap_or_else(|| cx.chart_field("dependencies"));
                let message = format!("dependency `{}` is not in `charts/`", dependency.name);
                let finding = cx
                    .finding(place, Role::File, message)
                    .help("run `helm dependency build` before: what needs it is not checked without it");
                // Nobody keeps fetched charts in a repository.
                let finding = finding.not_checked();
                if chart.dependencies.is_empty() {
                    finding.severity(Severity::Info).report();
                } else {
                    finding.report();
                }
            }
            for there in &chart.dependencies {
                if dependencies(chart).any(|dependency| dependency.name == there.name()) {
                    continue;
                }
                let place = there.chart_yaml.as_ref().map(|document| {
                    let node = document.tree.key(document.tree.root(), b"name");
                    document.tree.location(node.unwrap_or(document.tree.root()))
                });
                let place = place.unwrap_or_else(|| cx.chart_field("dependencies"));
                let message = format!("chart `{}` lies in `charts/`, but is no dependency", there.name());
                let declared = declarations(chart, cx);
                cx.finding(place, Role::File, message)
                    .related(declared, Role::File, "not declared here")
                    .help("declare it under `dependencies` of Chart.yaml, or remove it: Helm renders it")
                    .report();
            }
        }
    }
}

/// Where a chart declares its dependencies.
fn declarations(chart: &Chart, cx: &ChartContext<'_>) -> Location {
    let document = chart.chart_yaml.as_ref();
    let place = document.map(|document| {
        let node = document.tree.key(document.tree.root(), b"dependencies");
        let node = node.and_then(|node| document.tree.key_location(node));
        node.unwrap_or(cx.start_of(document.file.source))
    });
    place.unwrap_or_else(|| cx.chart_field("dependencies"))
}

pub(super) struct DependencyDuplicate;

impl Rule for DependencyDuplicate {
    fn spec(&self) -> &'static Spec {
        spec!("dependency-duplicate")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for file in chart_yamls(cx) {
            let mut seen: HashMap<&str, Option<Location>> = HashMap::new();
            for dependency in dependencies(file.chart) {
                let is_alias = !dependency.alias.is_empty();
                let key = if is_alias { dependency.alias.as_str() } else { dependency.name.as_str() };
                let place = place_of(file.chart, dependency, if is_alias { "alias" } else { "name" });
                let place = place.unwrap_or_else(|| file.start());
                if let Some(first) = seen.insert(key, Some(place)) {
                    let mut finding = cx
                        .finding(place, Role::File, format!("two dependencies are called `{key}`"))
                        .help("give one of them an `alias`");
                    if let Some(first) = first {
                        finding = finding.related(first, Role::File, "the first one");
                    }
                    finding.report();
                }
            }
            if file.chart.metadata.api_version == "v1"
                && let Some(node) = file.field("dependencies")
                && file.tree.items(node).next().is_some()
            {
                let place = file.tree.key_location(node).unwrap_or_else(|| file.start());
                cx.finding(place, Role::File, "a chart of format v1 has no dependencies in Chart.yaml")
                    .help("write `apiVersion: v2`")
                    .report();
            }
        }
    }
}

pub(super) struct DependencyRepositoryProblem;

/// Repositories that were shut down in 2020.
const GONE: &[&str] = &[
    "kubernetes-charts.storage.googleapis.com",
    "kubernetes-charts-incubator.storage.googleapis.com",
    "charts.helm.sh/incubator",
    "charts.helm.sh/stable",
];

impl Rule for DependencyRepositoryProblem {
    fn spec(&self) -> &'static Spec {
        spec!("dependency-repository-problem")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for chart in cx.charts() {
            for dependency in dependencies(chart) {
                let repository = dependency.repository.as_str();
                let alias = repository.strip_prefix('@').or_else(|| repository.strip_prefix("alias:"));
                let (message, help) = if let Some(alias) = alias {
                    let wanted = format!("helm repo add {alias} ");
                    if cx.repo().documents.iter().any(|document| document.text.contains(&wanted)) {
                        continue;
                    }
                    (
                        format!("`{repository}` is known only where somebody added the repository as `{alias}`"),
                        "write the address of the repository, or say in the README how to add it".to_owned(),
                    )
                } else if GONE.iter().any(|gone| repository.contains(gone)) {
                    (
                        format!("repository `{repository}` is archived: its charts get no fixes"),
                        "find out where the chart is maintained now".to_owned(),
                    )
                } else if repository.starts_with("http://") {
                    (
                        format!("dependency `{}` is fetched without encryption", dependency.name),
                        format!("write `{}`", repository.replacen("http://", "https://", 1)),
                    )
                } else {
                    continue;
                };
                let place = place_of(chart, dependency, "repository");
                let place = place.unwrap_or_else(|| cx.chart_field("dependencies"));
                cx.finding(place, Role::File, message).help(help).report();
            }
        }
    }
}

pub(super) struct DependencyCondition;

/// Charts of data stores, which many have already.
const DATASTORES: &[&str] = &[
    "cassandra",
    "clickhouse",
    "elasticsearch",
    "etcd",
    "influxdb",
    "kafka",
    "mariadb",
    "memcached",
    "minio",
    "mongodb",
    "mysql",
    "nats",
    "opensearch",
    "postgresql",
    "postgresql-ha",
    "rabbitmq",
    "redis",
    "redis-cluster",
    "valkey",
    "zookeeper",
];

impl Rule for DependencyCondition {
    fn spec(&self) -> &'static Spec {
        spec!("dependency-condition")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for file in chart_yamls(cx) {
            for dependency in dependencies(file.chart) {
                let conditions: Vec<&str> =
                    dependency.condition.split(',').map(str::trim).filter(|path| !path.is_empty()).collect();
                if conditions.is_empty() {
                    let has_tags = dependency.tags.iter().flatten().next().is_some();
                    // A chart that is nothing but the data store needs no switch.
                    let is_alone = file.chart.templates.is_empty();
                    if !has_tags && !is_alone && DATASTORES.contains(&dependency.name.as_str()) {
                        let place = place_of(file.chart, dependency, "name");
                        let name = &dependency.name;
                        cx.finding(
                            place.unwrap_or_else(|| file.start()),
                            Role::File,
                            format!("`{name}` is always installed: it has no condition"),
                        )
                        .help(format!("add `condition: {name}.enabled`, and set it in values.yaml"))
                        .report();
                    }
                    continue;
                }
                // One of them is enough: the others may be those of a parent.
                if conditions.iter().any(|path| has_value(&file, dependency, path)) {
                    continue;
                }
                let place = place_of(file.chart, dependency, "condition").unwrap_or_else(|| file.start());
                let path = conditions[0];
                cx.finding(place, Role::File, format!("condition `{path}` is set nowhere: it decides nothing"))
                    .help(format!("set `{path}` in values.yaml, or correct the path"))
                    .report();
            }
        }
    }
}

/// Whether a path has a value: in the chart's values, or in those of a dependency.
fn has_value(file: &ChartYaml<'_>, dependency: &Dependency, path: &str) -> bool {
    let at = |chart: &Chart, path: &str| {
        chart.values.iter().flat_map(|values| &values.documents).any(|tree| {
            let keys = path.split('.').try_fold(tree.root(), |node, key| tree.key(node, key.as_bytes()));
            keys.is_some()
        })
    };
    let names = [dependency.alias.as_str(), dependency.name.as_str()];
    at(file.chart, path)
        || path.split_once('.').is_some_and(|(first, rest)| {
            names.contains(&first)
                && file.chart.dependencies.iter().any(|chart| chart.name() == dependency.name && at(chart, rest))
        })
        // What is not there cannot be asked.
        || file.chart.dependencies.iter().all(|chart| chart.name() != dependency.name)
            && path.split('.').next().is_some_and(|first| names.contains(&first))
            && file.chart.values.as_ref().is_none_or(|values| {
                values.documents.iter().all(|tree| tree.key(tree.root(), names[1].as_bytes()).is_none())
            })
}

pub(super) struct DependencyDeprecatedSource;

/// Sources and charts that are retired, with what to know about them. State of November 2026.
const RETIRED: &[(&str, &str, &str)] = &[
    ("bitnami", "", "the free catalog of Bitnami gets no updates since August 2025"),
    ("", "ingress-nginx", "ingress-nginx is retired since March 2026: move to a controller for the Gateway API"),
];

impl Rule for DependencyDeprecatedSource {
    fn spec(&self) -> &'static Spec {
        spec!("dependency-deprecated-source")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for chart in cx.charts() {
            for dependency in dependencies(chart) {
                // The library of helpers is still maintained.
                if dependency.name == "common" {
                    continue;
                }
                let is_retired = |(source, name, _): &&(&str, &str, &str)| {
                    dependency.repository.contains(source) && (name.is_empty() || dependency.name == *name)
                };
                let Some((source, _, why)) = RETIRED.iter().find(is_retired) else { continue };
                let field = if source.is_empty() { "name" } else { "repository" };
                let place = place_of(chart, dependency, field);
                let place = place.unwrap_or_else(|| cx.chart_field("dependencies"));
                cx.finding(place, Role::File, format!("dependency `{}`: {why}", dependency.name))
                    .help("move to a chart that is maintained, or to an operator")
                    .report();
            }
        }
    }
}
