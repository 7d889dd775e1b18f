//! Whether the cost grows with the size of a chart and no faster: made-up charts of growing size, rendered and linted
//! with profile strict; microseconds of CPU for each unit of the size.
//!
//! `cargo bench --bench scale [-- TEXT]`; with a text only the cases whose names hold it.

#![allow(clippy::print_stdout)] // A bench prints its table.

mod support;

use std::fmt::Write as _;
use std::path::Path;

use chart_lint::chart::{LoadOptions, load};
use chart_lint::lint::{lint_chart, pool};
use chart_lint::profile::Profile;
use chart_lint::render::TreeCache;
use chart_lint::source::SourceMap;
use chart_lint::values::ValueOptions;

use support::{measure, render_chart, settings};

/// Writes a chart of a size into a folder.
type Write = fn(&Path, usize) -> std::io::Result<()>;

const CASES: &[(&str, &[usize], Write)] = &[
    ("subcharts", &[12, 40, 120], subcharts),
    ("objects in one template", &[100, 1_000, 10_000], objects),
    ("templates", &[100, 1_000, 3_000], templates),
    ("values.yaml, KB", &[50, 500, 5_000], values),
    ("entries of a list", &[100, 1_000, 10_000], entries),
    ("tpl of one text", &[1_000, 10_000, 100_000], tpl_same),
    ("tpl of other texts", &[1_000, 10_000, 100_000], tpl_other),
    ("include", &[1_000, 10_000, 100_000], include),
    ("include, nested", &[1_000, 10_000, 100_000], include_nested),
    ("toYaml and fromYaml", &[1_000, 10_000], round_trips),
    ("branches not taken", &[100, 1_000, 10_000], branches),
    ("objects not rendered", &[100, 1_000, 3_000], toggles),
    ("fields of one object", &[1_000, 10_000, 100_000], fields),
];

fn main() {
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let pool = pool(1).expect("a thread starts");
    println!(
        "{:26} {:>8} {:>11} {:>11} {:>9} {:>9}",
        "", "size", "render us", "lint us", "lint MiB", "findings"
    );
    for (name, sizes, write) in CASES.iter().filter(|(name, ..)| name.contains(&wanted)) {
        for &size in *sizes {
            let folder = tempfile::tempdir().expect("a folder is made");
            write(folder.path(), size).expect("the chart is written");
            let path = folder.path().to_string_lossy().into_owned();
            let (rendered, render) = measure(|| {
                pool.install(|| {
                    let loaded = load(&path, &LoadOptions::default(), &SourceMap::new())
                        .map_err(|error| error.to_string())?;
                    render_chart(&loaded.chart, &ValueOptions::default(), &TreeCache::default())
                })
            });
            let (linted, lint) = measure(|| {
                let settings = settings(Some(Profile::Strict));
                pool.install(|| lint_chart(&path, 0, &settings, &SourceMap::new()))
            });
            let micros = |cost: support::Cost| cost.cpu.as_secs_f64() * 1e6 / size as f64;
            let findings = linted.map(|linted| linted.findings.len()).unwrap_or_default();
            print!("{name:26} {size:8} {:11.2} {:11.2}", micros(render), micros(lint));
            println!(" {:9.0} {findings:9}", lint.peak);
            if let Err(error) = rendered {
                println!("   {error}");
            }
        }
    }
}

fn file(folder: &Path, name: &str, text: &str) -> std::io::Result<()> {
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(path, text)
}

fn chart(folder: &Path, name: &str, values: &str, template: &str) -> std::io::Result<()> {
    file(folder, "Chart.yaml", &format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\n"))?;
    file(folder, "values.yaml", values)?;
    file(folder, "templates/main.yaml", template)
}

/// A workload as charts write it. `NAME` is its name.
const WORKLOAD: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: NAME
  labels:
    app.kubernetes.io/name: {{ .Chart.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      app: NAME
  template:
    metadata:
      labels:
        app: NAME
    spec:
      containers:
        - name: main
          image: {{ .Values.image.repository }}:{{ .Values.image.tag }}
          env:
            - name: PASSWORD
              value: {{ .Values.password }}
";
const VALUES: &str =
    "replicas: 1\nimage:\n  repository: example.com/web\n  tag: latest\npassword: s3cr3tpw\n";

fn subcharts(folder: &Path, size: usize) -> std::io::Result<()> {
    let mut dependencies = String::from("apiVersion: v2\nname: umbrella\nversion: 0.1.0\ndependencies:\n");
    let mut values = String::new();
    for number in 0..size {
        let name = format!("part{number}");
        let _ = write!(dependencies, "  - name: {name}\n    version: 0.1.0\n    condition: {name}.enabled\n");
        let _ = write!(values, "{name}:\n  enabled: true\n  replicas: {number}\n");
        let helpers = format!("{{{{- define \"{name}.name\" }}}}{{{{ .Chart.Name }}}}-x{{{{ end }}}}");
        let template = WORKLOAD.replace("NAME", &format!("{{{{ include \"{name}.name\" . }}}}"));
        let at = folder.join("charts").join(&name);
        chart(&at, &name, VALUES, &template)?;
        file(&at, "templates/_helpers.tpl", &helpers)?;
    }
    file(folder, "Chart.yaml", &dependencies)?;
    file(folder, "values.yaml", &values)
}

fn objects(folder: &Path, size: usize) -> std::io::Result<()> {
    let body =
        WORKLOAD.replace("NAME", "web-{{ $i }}").replace(".Values", "$.Values").replace(".Chart", "$.Chart");
    let template = format!("{{{{- range $i := until {size} }}}}\n---\n{body}{{{{- end }}}}\n");
    chart(folder, "objects", VALUES, &template)
}

fn templates(folder: &Path, size: usize) -> std::io::Result<()> {
    chart(folder, "templates", VALUES, "")?;
    for number in 0..size {
        let body = WORKLOAD.replace("NAME", &format!("web-{number}"));
        file(folder, &format!("templates/t{number}.yaml"), &body)?;
    }
    Ok(())
}

fn values(folder: &Path, size: usize) -> std::io::Result<()> {
    let mut values = String::new();
    let mut number = 0;
    while values.len() < size * 1000 {
        let _ = write!(
            values,
            "# Settings of part {number}.\npart{number}:\n  enabled: true\n  name: part-{number}\n"
        );
        let _ = write!(values, "  list: [a, b, c]\n  nested:\n    port: {number}\n    text: some text\n");
        number += 1;
    }
    chart(
        folder,
        "values",
        &values,
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Values.part1.name }}\n",
    )
}

fn config_map(body: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n{body}")
}

fn entries(folder: &Path, size: usize) -> std::io::Result<()> {
    let mut values = String::from("list:\n");
    for number in 0..size {
        let _ = write!(values, "  - name: key{number}\n    password: secret{number}\n");
    }
    let body = "{{- range .Values.list }}\n  {{ .name }}: {{ .password | quote }}\n{{- end }}\n";
    chart(folder, "entries", &values, &config_map(body))
}

fn tpl_same(folder: &Path, size: usize) -> std::io::Result<()> {
    let body = format!(
        "{{{{- range $i := until {size} }}}}\n  k{{{{ $i }}}}: {{{{ tpl $.Values.text $ }}}}\n{{{{- end }}}}\n"
    );
    chart(folder, "tpl", "a: b\ntext: 'x-{{ .Values.a }}'\n", &config_map(&body))
}

fn tpl_other(folder: &Path, size: usize) -> std::io::Result<()> {
    let body = format!(
        "{{{{- range $i := until {size} }}}}\n  k{{{{ $i }}}}: {{{{ tpl (printf \"%s-%d\" $.Values.text $i) $ }}}}\n{{{{- end }}}}\n"
    );
    chart(folder, "tpl", "a: b\ntext: 'x-{{ .Values.a }}'\n", &config_map(&body))
}

fn include(folder: &Path, size: usize) -> std::io::Result<()> {
    let body = format!(
        "{{{{- range $i := until {size} }}}}\n  k{{{{ $i }}}}: {{{{ include \"name\" $ }}}}\n{{{{- end }}}}\n"
    );
    file(folder, "templates/_helpers.tpl", "{{ define \"name\" }}x-{{ .Values.a }}{{ end }}")?;
    chart(folder, "include", "a: b\n", &config_map(&body))
}

fn include_nested(folder: &Path, size: usize) -> std::io::Result<()> {
    let body = "{{- include \"all\" . }}\n";
    let helpers = format!(
        "{{{{ define \"name\" }}}}x-{{{{ .Values.a }}}}{{{{ end }}}}\n\
         {{{{ define \"all\" }}}}{{{{- range $i := until {size} }}}}\n  k{{{{ $i }}}}: {{{{ include \"name\" $ }}}}{{{{- end }}}}{{{{ end }}}}"
    );
    file(folder, "templates/_helpers.tpl", &helpers)?;
    chart(folder, "include", "a: b\n", &config_map(body))
}

fn round_trips(folder: &Path, size: usize) -> std::io::Result<()> {
    let body = format!(
        "{{{{- range $i := until {size} }}}}\n  k{{{{ $i }}}}: {{{{ (toYaml $.Values | fromYaml).image.tag }}}}\n{{{{- end }}}}\n"
    );
    chart(folder, "trips", VALUES, &config_map(&body))
}

fn branches(folder: &Path, size: usize) -> std::io::Result<()> {
    let mut body = String::new();
    for number in 0..size {
        let _ = write!(
            body,
            "  {{{{- if .Values.k{number} }}}}\n  k{number}: {{{{ .Values.k{number} | quote }}}}\n  {{{{- end }}}}\n"
        );
    }
    chart(folder, "branches", "a: b\n", &config_map(&body))
}

fn toggles(folder: &Path, size: usize) -> std::io::Result<()> {
    let mut values = String::from(VALUES);
    let mut body = String::new();
    for number in 0..size {
        let _ = write!(values, "part{number}:\n  enabled: false\n");
        let labels = format!("{{{{ include \"labels{number}\" . }}}}");
        let _ = write!(
            body,
            "{{{{- if .Values.part{number}.enabled }}}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c{number}\n  labels: {labels}\n{{{{- end }}}}\n"
        );
        file(
            folder,
            &format!("templates/_h{number}.tpl"),
            &format!("{{{{ define \"labels{number}\" }}}}a: b{{{{ end }}}}"),
        )?;
    }
    chart(folder, "toggles", &values, &body)
}

fn fields(folder: &Path, size: usize) -> std::io::Result<()> {
    let mut body = String::new();
    for number in 0..size {
        let _ = writeln!(body, "  key{number}: {{{{ .Values.a }}}}");
    }
    chart(folder, "fields", "a: b\n", &config_map(&body))
}
