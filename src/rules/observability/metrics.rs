//! `alerting-rules-missing`, `metrics-not-scrapable`, `scrape-annotation-port-mismatch`, `scrape-annotations-missing`,
//! `service-monitor-not-supported`

use crate::finding::ObjectRef;
use crate::manifest::{Node, Object, Selector, Workload};
use crate::rules::helpers::{list, object_ref};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Kinds that make a scraper ask for metrics.
const MONITORS: &[&str] =
    &["ServiceMonitor", "PodMonitor", "VMServiceScrape", "VMPodScrape", "PodMonitoring", "ScrapeConfig", "Probe"];
/// Kinds with alerts, and dashboards.
const ALERTS: &[&str] = &["PrometheusRule", "VMRule", "Rules", "GrafanaDashboard", "PrometheusAlert"];

/// Whether a kind is rendered in any scenario of the chart, or could be.
fn has_kind(cx: &RuleContext<'_>, kinds: &[&str]) -> bool {
    cx.scenarios.iter().any(|scenario| {
        scenario.objects.iter().any(|object| kinds.contains(&object.kind()))
            || scenario.toggles.iter().any(|toggle| kinds.contains(&toggle.kind.as_str()))
    }) || has_text(cx, &kinds.iter().map(|kind| format!("kind: {kind}")).collect::<Vec<_>>())
}

/// Whether a template of the chart has one of some words in its source.
fn has_text(cx: &RuleContext<'_>, words: &[impl AsRef<str>]) -> bool {
    let sources = &cx.scenario.sources;
    let own = sources.iter().filter(|(name, ..)| !crate::rules::is_of_dependency(&name.to_utf8()));
    own.filter_map(|(_, file, _)| cx.sources().get(file)).any(|file| {
        let text = file.bytes().to_utf8();
        words.iter().any(|word| text.contains(word.as_ref()))
    })
}

/// Whether `values.yaml` has a word: what templates take from there as a whole is not in their sources.
fn values_mention(cx: &RuleContext<'_>, word: &str) -> bool {
    let values = cx.chart().values.as_ref();
    values.is_some_and(|values| values.file.data.to_utf8().contains(word))
}

/// The port of a container that metrics are on, by its name.
fn metrics_port<'a>(workload: &Workload<'a>) -> Option<Node<'a>> {
    let containers = workload.containers();
    let mut ports = containers.iter().filter(|container| container.is_long_running()).flat_map(|container| container.node.get("ports").items());
    ports.find(|port| {
        port.get("name").text().is_some_and(|name| name.split('-').any(|part| matches!(part, "metrics" | "prometheus" | "prom" | "metric")))
    })
}

/// The annotations with which Prometheus is told to scrape.
fn annotation<'a>(node: &Node<'a>, name: &str) -> Node<'a> {
    node.get("metadata.annotations").child(&format!("prometheus.io/{name}"))
}

/// Own workloads that run until they are stopped.
fn long_running<'a>(cx: &RuleContext<'a>) -> Vec<Workload<'a>> {
    let own = cx.index.workloads().iter().filter(|workload| cx.is_own(workload.object) && workload.is_long_running());
    own.cloned().collect()
}

fn others(cx: &RuleContext<'_>, workloads: &[Workload<'_>]) -> Vec<ObjectRef> {
    workloads.iter().skip(1).map(|workload| object_ref(cx.index, workload.object)).collect()
}

pub(super) struct MetricsNotScrapable;

impl Rule for MetricsNotScrapable {
    fn spec(&self) -> &'static Spec {
        spec!("metrics-not-scrapable")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        if cx.scenario_index > 0 {
            return;
        }
        let workloads = long_running(cx);
        let Some(first) = workloads.first() else { return };
        // Where a port has the name of metrics, `service-monitor-not-supported` says more.
        let is_known = workloads.iter().any(|workload| metrics_port(workload).is_some() || annotation(&workload.template, "scrape").exists());
        let exports = workloads.iter().flat_map(Workload::containers).any(|container| {
            container.node.get("env").items().iter().any(|item| {
                item.get("name").text().is_some_and(|name| name.starts_with("OTEL_") || name.contains("STATSD") || name.starts_with("DD_"))
            })
        });
        let is_mentioned = ["prometheus.io/", "OTEL_EXPORTER"].iter().any(|word| values_mention(cx, word) || has_text(cx, &[word]));
        if is_known || exports || is_mentioned || has_kind(cx, MONITORS) {
            return;
        }
        let also = others(cx, &workloads);
        let message = "nothing in the chart lets Prometheus find metrics of its workloads";
        let help = "if the applications have metrics, add a ServiceMonitor that values switch on, or the annotations `prometheus.io/scrape` and `prometheus.io/port`";
        cx.finding(&first.object.root(), message).also(also).help(help).report();
    }
}

pub(super) struct ServiceMonitorNotSupported;

impl Rule for ServiceMonitorNotSupported {
    fn spec(&self) -> &'static Spec {
        spec!("service-monitor-not-supported")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let workloads: Vec<Workload<'_>> = long_running(cx)
            .into_iter()
            .filter(|workload| metrics_port(workload).is_some() || annotation(&workload.template, "scrape").exists())
            .collect();
        let Some(first) = workloads.first() else { return };
        if has_kind(cx, MONITORS) {
            return;
        }
        let also = others(cx, &workloads);
        let place = metrics_port(first).unwrap_or_else(|| annotation(&first.template, "scrape"));
        let message = format!("{} has metrics, and the chart has no ServiceMonitor for them", cx.describe(first.object));
        let help = "add a ServiceMonitor or PodMonitor that values switch on: the Prometheus Operator reads no annotations";
        cx.finding(&place, message).also(also).help(help).report();
    }
}

pub(super) struct ScrapeAnnotationsMissing;

impl Rule for ScrapeAnnotationsMissing {
    fn spec(&self) -> &'static Spec {
        spec!("scrape-annotations-missing")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let Some(port) = metrics_port(workload) else { return };
        if !workload.is_long_running() || annotation(&workload.template, "scrape").exists() {
            return;
        }
        let labels = workload.pod_labels();
        let namespace = cx.index.namespace(workload.object);
        let is_annotated = cx.index.of_kind("Service").iter().any(|service| {
            cx.index.namespace(service) == namespace
                && annotation(&service.root(), "scrape").exists()
                && Selector::of_labels(&service.get("spec.selector")).matches(&labels)
        });
        if is_annotated || MONITORS.iter().any(|kind| !cx.index.of_kind(kind).is_empty()) {
            return;
        }
        let keys: Vec<String> = MONITORS.iter().filter_map(|kind| cx.disabled_kind(kind)).flat_map(|toggle| toggle.keys).collect();
        let help = if keys.is_empty() {
            "add `prometheus.io/scrape: \"true\"` and `prometheus.io/port` to the pods, or a ServiceMonitor".to_owned()
        } else {
            format!("the chart has a monitor that is off: set {}", list(&keys, 3))
        };
        let message = format!("by default nothing scrapes the metrics of {}", cx.describe(workload.object));
        cx.finding(&port, message).help(help).report();
    }
}

pub(super) struct ScrapeAnnotationPortMismatch;

impl Rule for ScrapeAnnotationPortMismatch {
    fn spec(&self) -> &'static Spec {
        spec!("scrape-annotation-port-mismatch")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let containers = workload.containers();
        let ports: Vec<Node<'_>> = containers
            .iter()
            .filter(|container| container.is_long_running())
            .flat_map(|container| container.node.get("ports").items())
            .collect();
        let numbers = ports.iter().filter_map(|port| port.get("containerPort").text()).collect();
        check_annotations(cx, &workload.template, numbers, "no container of the pod declares it");
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !object.is("", "Service") {
            return;
        }
        let fields = ["port", "targetPort"];
        let ports = object.get("spec.ports").items();
        // A name stands for a port of the pods.
        if ports.iter().any(|port| port.get("targetPort").as_str().is_some()) {
            return check_strings(cx, &object.root());
        }
        let numbers = ports.iter().flat_map(|port| fields.map(|field| port.get(field).text())).flatten().collect();
        check_annotations(cx, &object.root(), numbers, "the Service has no such port");
    }
}

fn check_annotations(cx: &mut RuleContext<'_>, node: &Node<'_>, numbers: Vec<String>, why: &str) {
    check_strings(cx, node);
    let port = annotation(node, "port");
    let Some(wanted) = port.text().filter(|port| port.parse::<u16>().is_ok()) else { return };
    let is_off = annotation(node, "scrape").text().is_some_and(|scrape| scrape != "true");
    // A pod that declares no port at all says nothing about any.
    if is_off || numbers.is_empty() || numbers.contains(&wanted) {
        return;
    }
    let known: Vec<String> = numbers;
    let message = format!("`prometheus.io/port` is {wanted}, but {why}");
    let help = format!("declared: {}; use the one with the metrics, or declare {wanted}", list(&known, 5));
    cx.finding(&port, message).help(help).report();
}

/// Annotations are strings: an unquoted `true` makes the API server refuse the object.
fn check_strings(cx: &mut RuleContext<'_>, node: &Node<'_>) {
    for name in ["scrape", "port"] {
        let value = annotation(node, name);
        if value.exists() && value.as_str().is_none() {
            let message = format!("`prometheus.io/{name}` is {}, not a string", value.type_name());
            cx.finding(&value, message).help("put it into quotes: the cluster refuses annotations that are no strings").report();
        }
    }
}

pub(super) struct AlertingRulesMissing;

impl Rule for AlertingRulesMissing {
    fn spec(&self) -> &'static Spec {
        spec!("alerting-rules-missing")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let monitor = cx.index.objects().iter().find(|object| cx.is_own(object) && MONITORS.contains(&object.kind()) && object.kind() != "Probe");
        let toggle = cx.scenario.toggles.iter().find(|toggle| MONITORS.contains(&toggle.kind.as_str())).cloned();
        if has_kind(cx, ALERTS) || has_text(cx, &["grafana_dashboard", "dashboards"]) {
            return;
        }
        let message = "the chart has metrics, and neither alerts nor a dashboard for them";
        let help = "add a PrometheusRule that values switch on: its authors know best which numbers mean trouble";
        if let Some(monitor) = monitor {
            cx.finding(&monitor.root(), message).help(help).report();
        } else if let Some(toggle) = toggle.filter(|_| cx.scenario_index == 0) {
            cx.finding_at(toggle.location, crate::finding::Role::Template, message).help(help).report();
        }
    }
}
