//! `Chart.yaml` as a whole, and the fields of it that Helm checks: `chart-yaml-invalid`, `chart-yaml-unknown-field`,
//! `chart-name-invalid`, `chart-api-version-invalid`, `chart-version-invalid`, `chart-app-version-type`,
//! `chart-type-invalid`, `chart-kube-version-invalid`

use crate::chart::{Chart, LoadErrorKind};
use crate::finding::{Role, Severity};
use crate::kubernetes::versions::{OLDEST_SUPPORTED, Range};
use crate::rules::{ChartContext, Rule};
use crate::semver::{Constraints, Version};
use crate::source::{Location, Span};
use crate::spec::Spec;
use crate::values::tree::{NodeIndex, Tree, TreeValue};

/// A `Chart.yaml`.
pub(super) struct ChartYaml<'a> {
    /// The chart.
    pub(super) chart: &'a Chart,
    /// What the file says.
    pub(super) tree: &'a Tree,
}

/// The files `Chart.yaml` that are checked.
pub(super) fn chart_yamls<'a>(cx: &ChartContext<'a>) -> Vec<ChartYaml<'a>> {
    let charts = cx.charts().into_iter();
    charts
        .filter_map(|chart| Some(ChartYaml { chart, tree: &chart.chart_yaml.as_ref()?.tree }))
        .collect()
}

impl ChartYaml<'_> {
    /// A field, if it is there.
    pub(super) fn field(&self, name: &str) -> Option<NodeIndex> {
        self.tree.key(self.tree.root(), name.as_bytes())
    }

    /// A field's value, if it is a string.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.field(name).and_then(|node| text(self.tree, node))
    }

    /// Where a value is written; what is empty is where its key is.
    pub(super) fn place(&self, node: NodeIndex) -> Location {
        let location = self.tree.location(node);
        if !location.span.is_empty() {
            return location;
        }
        self.tree.key_location(node).unwrap_or(location)
    }

    /// Where to say that a field is missing: at the first one that is there.
    pub(super) fn start(&self) -> Location {
        let first = self.tree.entries(self.tree.root()).next();
        first.map_or(Location { file: self.tree.file(), span: Span::new(0, 0) }, |(_, location, _)| location)
    }
}

/// A string of a tree.
pub(super) fn text(tree: &Tree, node: NodeIndex) -> Option<String> {
    match tree.get(node) {
        TreeValue::String(text) => Some(text.to_utf8().into_owned()),
        _ => None,
    }
}

/// What kind of value it is, in YAML's words.
pub(super) fn type_name(tree: &Tree, node: NodeIndex) -> &'static str {
    match tree.get(node) {
        TreeValue::Null => "null",
        TreeValue::Bool(_) => "a boolean",
        TreeValue::Number(_) => "a number",
        TreeValue::String(_) => "a string",
        TreeValue::List => "a list",
        TreeValue::Map => "a mapping",
    }
}

pub(super) struct ChartYamlInvalid;

impl Rule for ChartYamlInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("chart-yaml-invalid")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for problem in cx.problems() {
            let said = problem.to_string();
            // What other rules say about a field of its own.
            let is_elsewhere = match problem.kind() {
                LoadErrorKind::Values | LoadErrorKind::ApiVersion => true,
                LoadErrorKind::Validation => {
                    !said.contains("dependencies must not contain") && !said.contains("in the alias")
                }
                _ => false,
            };
            if is_elsewhere {
                continue;
            }
            let place = problem.place().unwrap_or_else(|| cx.chart_field(""));
            // A null has no bytes of its own.
            let message = words(&said);
            let identity = without_folders(&message);
            let finding = cx.finding(place, Role::File, message).identity(identity);
            finding
                .note(format!("Helm says: {said}"))
                .help(problem.help().unwrap_or("mend the file: Helm refuses the whole chart")).report();
        }
    }
}

/// A message with the last parts of its absolute paths only: those before differ between machines.
fn without_folders(message: &str) -> String {
    let parts = message.split(' ').map(|part| match part.rsplit_once('/') {
        Some((folder, name)) if folder.is_empty() || folder.starts_with('/') => name,
        _ => part,
    });
    parts.collect::<Vec<_>>().join(" ")
}

/// What is wrong, without the names of Go's types.
fn words(said: &str) -> String {
    let said = said.replace('\n', " ");
    let detail = said.rsplit_once("json: cannot unmarshal ");
    if let Some((_, detail)) = detail
        && let Some((found, rest)) = detail.split_once(" into Go ")
        && let Some((field, wanted)) =
            rest.strip_prefix("struct field ").and_then(|rest| rest.split_once(" of type "))
    {
        let field = field.split_once('.').map_or(field, |(_, field)| field);
        let wanted = match wanted {
            "string" => "a string",
            "bool" => "a boolean",
            wanted if wanted.starts_with("[]") => "a list",
            wanted if wanted.starts_with("map") => "a mapping of strings",
            _ => "a mapping",
        };
        let found = match found {
            "array" => "a list",
            "object" => "a mapping",
            "bool" => "a boolean",
            "number" => "a number",
            _ => "a string",
        };
        return format!("`{field}` is {found}, where {wanted} is needed");
    }
    let text = said.strip_prefix("validation: ").unwrap_or(&said);
    format!("the chart cannot be loaded: {text}")
}

const METADATA: &[&str] = &[
    "name",
    "home",
    "sources",
    "version",
    "description",
    "keywords",
    "maintainers",
    "icon",
    "apiVersion",
    "condition",
    "tags",
    "appVersion",
    "deprecated",
    "annotations",
    "kubeVersion",
    "dependencies",
    "type",
];
const MAINTAINER: &[&str] = &["name", "email", "url"];
const DEPENDENCY: &[&str] =
    &["name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias"];

pub(super) struct ChartYamlUnknownField;

impl Rule for ChartYamlUnknownField {
    fn spec(&self) -> &'static Spec {
        spec!("chart-yaml-unknown-field")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for file in chart_yamls(cx) {
            let root = file.tree.root();
            unknown(cx, file.tree, root, METADATA);
            for (list, known) in [("maintainers", MAINTAINER), ("dependencies", DEPENDENCY)] {
                let items = file.field(list).map(|node| file.tree.items(node).collect::<Vec<_>>());
                for item in items.unwrap_or_default() {
                    unknown(cx, file.tree, item, known);
                }
            }
            for &(first, second) in file.tree.duplicate_keys() {
                let at = |span| Location { file: file.tree.file(), span };
                let source = cx.sources().get(file.tree.file());
                let bytes = source.as_ref().and_then(|source| source.bytes().get(second.range()));
                let key = String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
                cx.finding(at(second), Role::File, format!("field `{key}` is written twice"))
                    .related(at(first), Role::File, "the first one")
                    .help("remove one of the two")
                    .report();
            }
        }
    }
}

fn unknown(cx: &mut ChartContext<'_>, tree: &Tree, node: NodeIndex, known: &[&str]) {
    for (key, location, _) in tree.entries(node) {
        let key = key.to_utf8();
        if known.iter().any(|known| known.eq_ignore_ascii_case(&key)) {
            continue;
        }
        let help = match crate::rules::helpers::nearest(&key, known) {
            Some(near) => format!("did you mean `{near}`? Helm ignores what it does not know"),
            None => "remove it: Helm ignores it. What other tools read belongs below `annotations`".to_owned(),
        };
        cx.finding(location, Role::File, format!("Helm knows no field `{key}` here")).help(help).report();
    }
}

pub(super) struct ChartNameInvalid;

impl Rule for ChartNameInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("chart-name-invalid")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for file in chart_yamls(cx) {
            let node = file.field("name").filter(|&node| !matches!(file.tree.get(node), TreeValue::Null));
            let help = "use lower-case letters, digits and `-`: `name: my-chart`";
            let Some(node) = node else {
                cx.finding(file.start(), Role::File, "the chart has no name").help(help).report();
                continue;
            };
            let Some(name) = text(file.tree, node) else { continue };
            let place = file.place(node);
            let wrong = if name.is_empty() {
                Some("the name of the chart is empty".to_owned())
            } else if name.contains('/') || name == "." || name == ".." {
                Some(format!("chart name `{name}` is a path: Helm refuses it"))
            } else if name.len() > 63 {
                Some(format!("chart name `{name}` has {} characters: names and labels may have 63", name.len()))
            } else if !is_dns_name(&name) {
                Some(format!("chart name `{name}` cannot be part of the name of an object"))
            } else {
                None
            };
            if let Some(wrong) = wrong {
                cx.finding(place, Role::File, wrong).help(help).report();
                continue;
            }
            // Only where each folder is named after its chart.
            let shown = cx.sources().path(file.tree.file());
            let mut folders = shown.rsplit('/').skip(1);
            if let (Some(folder), Some("charts")) = (folders.next(), folders.next())
                && folder != name
                && !shown.contains('!')
                && std::ptr::eq(file.chart, cx.chart())
            {
                let message = format!("chart `{name}` lies in a folder named `{folder}`");
                cx.finding(place, Role::File, message)
                    .severity(Severity::Info)
                    .help("name the folder after the chart: that is where people look for it")
                    .report();
            }
        }
    }
}

fn is_dns_name(name: &str) -> bool {
    let is_end = |c: Option<u8>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let is_part = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'.';
    name.bytes().all(is_part) && is_end(name.bytes().next()) && is_end(name.bytes().last())
}

pub(super) struct ChartApiVersionInvalid;

impl Rule for ChartApiVersionInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("chart-api-version-invalid")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for file in chart_yamls(cx) {
            let help = "write `apiVersion: v2`";
            let Some(node) = file.field("apiVersion") else {
                cx.finding(file.start(), Role::File, "`apiVersion` is missing").help(help).report();
                continue;
            };
            let place = file.place(node);
            let version = text(file.tree, node).unwrap_or_default();
            match version.as_str() {
                "v2" => {}
                "v1" => cx
                    .finding(place, Role::File, "`apiVersion: v1` is the format of Helm 2")
                    .severity(Severity::Info)
                    .help("write `apiVersion: v2`, and move `requirements.yaml` to `dependencies`")
                    .report(),
                "" => {
                    cx.finding(place, Role::File, "`apiVersion` is no version").help(help).report();
                }
                other => cx
                    .finding(place, Role::File, format!("`{other}` is no format of charts: Helm refuses it"))
                    .help(help)
                    .report(),
            }
        }
    }
}

pub(super) struct ChartVersionInvalid;

impl Rule for ChartVersionInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("chart-version-invalid")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for file in chart_yamls(cx) {
            let help = "write three numbers: `version: 1.2.0`";
            let node = file.field("version");
            let Some(node) = node else {
                cx.finding(file.start(), Role::File, "the chart has no version").help(help).report();
                continue;
            };
            let place = file.place(node);
            let Some(version) = text(file.tree, node) else {
                let message = format!("`version` is {}, not a string", type_name(file.tree, node));
                cx.finding(place, Role::File, message).help("quote it, and write all three numbers").report();
                continue;
            };
            let parsed = Version::parse(version.as_bytes());
            let lowest = Version::parse(b"0.0.0-0");
            if version.is_empty() {
                cx.finding(place, Role::File, "`version` is empty").help(help).report();
            } else if let (Ok(parsed), Ok(lowest)) = (&parsed, &lowest)
                && parsed.compare(lowest).is_gt()
            {
                if Version::parse_strict(version.as_bytes()).is_err() {
                    cx.finding(place, Role::File, format!("version `{version}` is not strictly SemVer 2"))
                        .severity(Severity::Low)
                        .help(format!("write `version: {parsed}`"))
                        .report();
                }
            } else {
                cx.finding(place, Role::File, format!("version `{version}` is not a SemVer version"))
                    .help(help)
                    .report();
            }
        }
    }
}

pub(super) struct ChartAppVersionType;

impl Rule for ChartAppVersionType {
    fn spec(&self) -> &'static Spec {
        spec!("chart-app-version-type")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for file in chart_yamls(cx) {
            let Some(node) = file.field("appVersion") else { continue };
            if matches!(file.tree.get(node), TreeValue::String(_)) {
                continue;
            }
            let place = file.place(node);
            let written = cx.sources().get(place.file);
            let written = written.as_ref().and_then(|file| file.bytes().get(place.span.range()));
            let written = String::from_utf8_lossy(written.unwrap_or_default()).into_owned();
            let message = format!("`appVersion` is {}, not a string", type_name(file.tree, node));
            cx.finding(place, Role::File, message)
                .help(match file.tree.get(node) {
                    TreeValue::Number(_) | TreeValue::Bool(_) => format!("quote it: `appVersion: \"{written}\"`"),
                    _ => "write the version of the application in quotes, or leave the field out".to_owned(),
                })
                .report();
        }
    }
}

pub(super) struct ChartTypeInvalid;

impl Rule for ChartTypeInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("chart-type-invalid")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for file in chart_yamls(cx) {
            let Some(node) = file.field("type") else { continue };
            let Some(kind) = text(file.tree, node).filter(|kind| !kind.is_empty()) else { continue };
            let place = file.place(node);
            if kind != "application" && kind != "library" {
                cx.finding(place, Role::File, format!("chart type `{kind}` does not exist: Helm refuses it"))
                    .severity(Severity::High)
                    .help("write `type: application` or `type: library`")
                    .report();
            } else if file.text("apiVersion").as_deref().unwrap_or("v1") == "v1" {
                cx.finding(place, Role::File, "charts of format v1 have no `type`")
                    .help("write `apiVersion: v2`, or remove `type`")
                    .report();
            } else if kind == "library" {
                let lost: Vec<String> = file
                    .chart
                    .templates
                    .iter()
                    .map(|template| template.name.to_utf8().into_owned())
                    .filter(|name| {
                        let base = name.rsplit('/').next().unwrap_or_default();
                        !base.starts_with('_') && (base.ends_with(".yaml") || base.ends_with(".yml"))
                    })
                    .collect();
                if !lost.is_empty() {
                    let shown = crate::rules::helpers::list(&lost, 3);
                    cx.finding(place, Role::File, format!("a library renders nothing: {shown} is never rendered"))
                        .help("write `type: application`, or put the templates into files that start with `_`")
                        .report();
                }
            }
        }
    }
}

pub(super) struct ChartKubeVersionInvalid;

impl Rule for ChartKubeVersionInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("chart-kube-version-invalid")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for file in chart_yamls(cx) {
            let Some(node) = file.field("kubeVersion") else { continue };
            let Some(wanted) = text(file.tree, node).filter(|wanted| !wanted.is_empty()) else { continue };
            let place = file.place(node);
            let message = match (Constraints::parse(wanted.as_bytes()), Range::parse(&wanted)) {
                (Err(_), _) => format!("`{wanted}` is no range of versions"),
                (Ok(_), None) => format!("no version of Kubernetes matches `{wanted}`"),
                (Ok(_), Some(range)) if range.highest < OLDEST_SUPPORTED => {
                    let newest = range.highest;
                    format!("`{wanted}` allows Kubernetes up to {newest} only, which is no longer supported")
                }
                _ => continue,
            };
            cx.finding(place, Role::File, message).help("write a range: `kubeVersion: \">=1.25.0-0\"`").report();
        }
    }
}
