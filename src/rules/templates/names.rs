//! Names that nothing defines, or that only Helm 2 knew: `template-include-undefined`, `template-helm2-leftover`

use bstr::ByteSlice;
use chart_lint_template::NodeKind;

use crate::finding::Role;
use crate::rules::statics::{called_names, defined_names, failed_at, field_names, nodes};
use crate::rules::{ChartContext, Rule};
use crate::source::{Location, Span};
use crate::spec::Spec;

pub(super) struct TemplateIncludeUndefined;

impl Rule for TemplateIncludeUndefined {
    fn spec(&self) -> &'static Spec {
        spec!("template-include-undefined")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let chart = cx.chart();
        // What is missing may define it.
        if chart.walk().iter().any(|chart| !crate::values::missing_dependencies(chart).is_empty()) {
            return;
        }
        let mut defined = defined_names(chart);
        let templates = cx.templates();
        defined.extend(templates.iter().map(|(name, ..)| name.to_vec()));
        let known: Vec<String> = defined.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        for (_, file, tree) in templates {
            for (name, span) in called_names(&tree) {
                if defined.contains(name.as_bytes()) || failed_at(cx, file, span) {
                    continue;
                }
                let shown = name.to_utf8();
                let help = match crate::suggest::nearest(&shown, known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "define it in `templates/_helpers.tpl`, or correct the name".to_owned(),
                };
                // Helm fails at once only if the branch runs.
                cx.finding(
                    Location { file, span },
                    Role::Template,
                    format!("nothing defines a template `{shown}`: this fails as soon as it runs"),
                )
                .help(help)
                .report();
            }
        }
    }
}

pub(super) struct TemplateHelm2Leftover;

impl Rule for TemplateHelm2Leftover {
    fn spec(&self) -> &'static Spec {
        spec!("template-helm2-leftover")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for (_, file, tree) in cx.templates() {
            for node in nodes(&tree) {
                if let Some(names) = field_names(&tree, node) {
                    let has = |object: &str, field: &str| {
                        names.windows(2).any(|pair| pair[0] == *object && pair[1] == *field)
                    };
                    let (what, help) = if has("Release", "Time") {
                        (".Release.Time", "use `now`, or leave the time out: it changes with each render")
                    } else if has("Capabilities", "TillerVersion") {
                        (".Capabilities.TillerVersion", "remove it, or use `.Capabilities.HelmVersion`")
                    } else {
                        continue;
                    };
                    let place = Location { file, span: node.span.into() };
                    cx.finding(place, Role::Template, format!("`{what}` was there in Helm 2 only"))
                        .help(help)
                        .report();
                }
                let NodeKind::Text(_) = node.kind else { continue };
                let written = &tree.text[node.span.range()];
                for (needle, before, message, help) in [
                    (
                        "crd-install",
                        "hook",
                        "hook `crd-install` was there in Helm 2 only: the definition is never installed",
                        "put the definition into the folder `crds`",
                    ),
                    (
                        "Tiller",
                        "heritage:",
                        "label `heritage: Tiller` is Helm 2's",
                        "write `{{ .Release.Service }}`",
                    ),
                ] {
                    for at in written.find_iter(needle) {
                        let line = written[..at].rfind_byte(b'\n').map_or(0, |newline| newline + 1);
                        let start = &written[line..at];
                        if start.find(before).is_none() || start.trim_start().starts_with(b"#") {
                            continue;
                        }
                        let from = node.span.start + at as u32;
                        let place = Location { file, span: Span::new(from, from + needle.len() as u32) };
                        cx.finding(place, Role::Template, message).help(help).report();
                    }
                }
            }
        }
        for chart in cx.charts() {
            if chart.metadata.api_version == "v1" {
                continue;
            }
            let old = |file: &&crate::chart::File| {
                file.name == "requirements.yaml" || file.name == "requirements.lock"
            };
            for file in chart.raw.iter().filter(old) {
                let name = file.name.to_utf8();
                let instead = if name.ends_with(".lock") { "Chart.lock" } else { "Chart.yaml" };
                cx.finding(cx.start_of(file.source), Role::File, format!("`{name}` is Helm 2's"))
                    .help(format!("move what it says to {instead}"))
                    .report();
            }
        }
    }
}
