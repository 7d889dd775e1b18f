//! Files of `templates/`, and files that templates read: `templates-directory-missing`, `template-extension-invalid`,
//! `template-missing-file`

use crate::finding::{Role, Severity};
use crate::render::glob::Glob;
use crate::rules::helpers::list;
use crate::rules::statics::calls_with_text;
use crate::rules::{ChartContext, Rule};
use crate::source::Location;
use crate::spec::Spec;

pub(super) struct TemplatesDirectoryMissing;

impl Rule for TemplatesDirectoryMissing {
    fn spec(&self) -> &'static Spec {
        spec!("templates-directory-missing")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for chart in cx.charts() {
            let place = chart.chart_yaml.as_ref().and_then(|document| {
                let node = document.tree.key(document.tree.root(), b"name")?;
                Some(document.tree.location(node))
            });
            let Some(place) = place else { continue };
            if let Some(file) = chart.files.iter().find(|file| file.name == "templates") {
                cx.finding(cx.start_of(file.source), Role::File, "`templates` is a file, not a folder")
                    .severity(Severity::High)
                    .help("make it a folder with the templates in it")
                    .report();
                continue;
            }
            let declares = chart.metadata.dependencies.iter().flatten().next().is_some();
            let has_parts = declares || !chart.dependencies.is_empty() || chart.crds().next().is_some();
            if chart.templates.is_empty() && !has_parts {
                let name = chart.name();
                cx.finding(place, Role::File, format!("chart `{name}` has no templates: it installs nothing"))
                    .help("put the templates into the folder `templates`")
                    .report();
            }
        }
    }
}

pub(super) struct TemplateExtensionInvalid;

impl Rule for TemplateExtensionInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("template-extension-invalid")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for chart in cx.charts() {
            let is_good = |name: &str| [".yaml", ".yml", ".tpl", ".txt"].iter().any(|end| name.ends_with(end));
            let odd: Vec<_> =
                chart.templates.iter().filter(|template| !is_good(&template.name.to_utf8())).collect();
            let Some(first) = odd.first() else { continue };
            let names: Vec<String> = odd.iter().map(|file| file.name.to_utf8().into_owned()).collect();
            let place = cx.start_of(first.source);
            let message = format!("Helm runs {} as a template", list(&names, 3));
            let finding = cx
                .finding(place, Role::File, message)
                .help("move what is no manifest to another folder, and read it with `.Files.Get`");
            let others: Vec<Location> = odd.iter().skip(1).take(8).map(|file| file.source).map(start).collect();
            others.into_iter().fold(finding, |finding, place| finding.related(place, Role::File, "this too")).report();
        }
    }
}

fn start(file: crate::source::FileId) -> Location {
    Location { file, span: crate::source::Span::new(0, 0) }
}

pub(super) struct TemplateMissingFile;

impl Rule for TemplateMissingFile {
    fn spec(&self) -> &'static Spec {
        spec!("template-missing-file")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let chart = cx.chart();
        for (_, file, tree) in cx.templates() {
            for (method, path, span) in calls_with_text(&tree, "Files", &["Get", "GetBytes", "Lines", "Glob"]) {
                let shown = path.to_utf8();
                let is_glob = *method == "Glob";
                let is_there = if is_glob {
                    let glob = Glob::new(&shown);
                    chart.files.iter().any(|file| glob.matches(&file.name.to_utf8()))
                } else {
                    chart.files.iter().any(|file| file.name == *path)
                };
                // A file that may be missing is asked for before, or has a default.
                let line = line_around(&tree.text, span.range());
                let is_optional =
                    [&b"default"[..], b"with ", b"if ", b"or ", b"coalesce", b"ternary"].iter().any(|word| {
                        bstr::ByteSlice::find(line, word).is_some()
                    });
                let asked = [".Files.Get \"", ".Files.Glob \""].iter().any(|call| {
                    ["if ", "if $", "if not ", "with ", "with $"].iter().any(|word| {
                        let wanted = format!("{word}{call}{shown}\"");
                        bstr::ByteSlice::find(tree.text.as_bytes(), wanted.as_bytes()).is_some()
                    })
                });
                if is_there || is_optional || asked || shown.is_empty() {
                    continue;
                }
                let place = Location { file, span };
                if is_glob {
                    cx.finding(place, Role::Template, format!("no file of the chart matches `{shown}`"))
                        .severity(Severity::Info)
                        .help("correct the pattern, or leave it if the files are added by those who use the chart")
                        .report();
                    continue;
                }
                let is_template = chart.templates.iter().any(|template| template.name == *path);
                let ignored = chart.skipped.iter().any(|skipped| {
                    let name = skipped.name.to_utf8();
                    name == shown || name.ends_with('/') && shown.starts_with(&*name)
                });
                let (why, help) = if is_template {
                    ("templates cannot be read as files", "move the file out of `templates/`")
                } else if ignored {
                    (".helmignore leaves it out", "take it out of .helmignore")
                } else {
                    ("it is not in the chart", "correct the path: it starts at the chart's folder")
                };
                cx.finding(place, Role::Template, format!("`{shown}` reads as empty: {why}")).help(help).report();
            }
        }
    }
}

fn line_around(text: &[u8], range: std::ops::Range<usize>) -> &[u8] {
    let start = text[..range.start].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let end = text[range.end..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |at| range.end + at);
    &text[start..end]
}
