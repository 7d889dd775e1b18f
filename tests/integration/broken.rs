//! Never green on nothing: charts that are broken in one way or another, of ten classes. The run must be red and name
//! the file.

use crate::cli::{chart_lint, stderr, stdout, write};

/// A chart: files that are added to (or take the place of) those of a good one, and what the output must name.
struct Broken {
    class: &'static str,
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    args: &'static [&'static str],
    names: &'static str,
}

const CHART_YAML: &str = "apiVersion: v2\nname: app\nversion: 1.0.0\n";
const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config\ndata:\n  a: b\n";

macro_rules! broken {
    ($($class:literal $name:literal [$($file:literal => $text:expr),* $(,)?] $(args $args:expr,)? => $names:literal;)*) => {
        &[$(Broken {
            class: $class,
            name: $name,
            files: &[$(($file, $text)),*],
            args: broken!(@ $($args)?),
            names: $names,
        }),*]
    };
    (@) => { &[] };
    (@ $args:expr) => { $args };
}

const TABLE: &[Broken] = broken! {
    // ---- syntax ----
    "syntax" "an action that is not closed" ["templates/x.yaml" => "a: {{ .Values.a\n"] => "templates/x.yaml";
    "syntax" "an if without end" ["templates/x.yaml" => "{{ if .Values.a }}\na: b\n"] => "templates/x.yaml";
    "syntax" "an end too many" ["templates/x.yaml" => "a: b\n{{ end }}\n"] => "templates/x.yaml";
    "syntax" "a function that is not there" ["templates/x.yaml" => "a: {{ toYamll .Values }}\n"] => "templates/x.yaml";
    "syntax" "a variable that is not there" ["templates/x.yaml" => "a: {{ $x }}\n"] => "templates/x.yaml";
    "syntax" "a text that is not closed" ["templates/x.yaml" => "a: {{ \"b }}\n"] => "templates/x.yaml";
    "syntax" "a helper that does not parse" ["templates/_x.tpl" => "{{ define \"x\" }}{{ else }}"] => "templates/_x.tpl";
    "syntax" "a define without a name" ["templates/_x.tpl" => "{{ define }}x{{ end }}"] => "templates/_x.tpl";
    // ---- render ----
    "render" "a key of nothing" ["templates/x.yaml" => "a: {{ .Values.a.b.c }}\n"] => "templates/x.yaml";
    "render" "a template that is not there" ["templates/x.yaml" => "a: {{ include \"none\" . }}\n"] => "templates/x.yaml";
    "render" "a value that is required" ["templates/x.yaml" => "a: {{ required \"a is needed\" .Values.a }}\n"] => "templates/x.yaml";
    "render" "a refusal" ["templates/x.yaml" => "{{ fail \"not like this\" }}\n"] => "templates/x.yaml";
    "render" "an index too far" ["templates/x.yaml" => "a: {{ index (list 1) 3 }}\n"] => "templates/x.yaml";
    "render" "a call with too few arguments" ["templates/x.yaml" => "a: {{ default }}\n"] => "templates/x.yaml";
    "render" "an include of itself" ["templates/_x.tpl" => "{{ define \"x\" }}{{ include \"x\" . }}{{ end }}", "templates/x.yaml" => "a: {{ include \"x\" . }}\n"] => "templates/";
    "render" "a tpl of broken text" ["templates/x.yaml" => "a: {{ tpl \"{{ .a\" . }}\n"] => "templates/x.yaml";
    "render" "a range over a number in a text" ["templates/x.yaml" => "{{ range \"abc\" }}{{ end }}\n"] => "templates/x.yaml";
    // ---- YAML ----
    "yaml" "an indentation that does not fit" ["templates/x.yaml" => "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n   labels: {}\n"] => "templates/x.yaml";
    "yaml" "a tab" ["templates/x.yaml" => "apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: x\n"] => "templates/x.yaml";
    "yaml" "a list that is not closed" ["templates/x.yaml" => "a: [b\n"] => "templates/x.yaml";
    "yaml" "a second colon" ["templates/x.yaml" => "a: b: c\n"] => "templates/x.yaml";
    "yaml" "an alias to nothing" ["templates/x.yaml" => "a: *b\n"] => "templates/x.yaml";
    "yaml" "a text where an object should be" ["templates/x.yaml" => "just a text\n"] => "templates/x.yaml";
    "yaml" "a second document that is broken" ["templates/x.yaml" => "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n---\na: 'b\n"] => "templates/x.yaml";
    "yaml" "values that break out of their quotes" ["templates/x.yaml" => "a: \"{{ .Values.a }}\"\n", "values.yaml" => "a: 'b\" c: \"d'\n"] => "templates/x.yaml";
    // ---- values ----
    "values" "values that are not YAML" ["values.yaml" => "a: [b\n"] => "values.yaml";
    "values" "values that are a list" ["values.yaml" => "- a\n"] => "values.yaml";
    "values" "a values file that is not YAML" ["other.yaml" => "a: [b\n"] args &["-f", "app/other.yaml"], => "other.yaml";
    "values" "a values file that is not there" [] args &["-f", "app/none.yaml"], => "none.yaml";
    "values" "a text where a map is used" ["values.yaml" => "image: web\n", "templates/x.yaml" => "a: {{ .Values.image.tag }}\n"] => "templates/x.yaml";
    "values" "a set flag that is none" [] args &["--set", "a[b]=c"], => "--set";
    // ---- schema ----
    "schema" "values that do not meet it" ["values.schema.json" => "{\"required\": [\"a\"]}"] => "values.schema.json";
    "schema" "a type that does not fit" ["values.schema.json" => "{\"properties\": {\"a\": {\"type\": \"string\"}}}", "values.yaml" => "a: 1\n"] => "values.";
    "schema" "a schema that is not JSON" ["values.schema.json" => "{\"required\": [\"a\""] => "values.schema.json";
    "schema" "a schema that is none" ["values.schema.json" => "{\"type\": \"strung\"}"] => "values.schema.json";
    "schema" "a reference to nothing" ["values.schema.json" => "{\"$ref\": \"#/definitions/none\"}"] => "values.schema.json";
    "schema" "a flag that does not meet it" ["values.schema.json" => "{\"properties\": {\"a\": {\"type\": \"string\"}}}"] args &["--set", "a=1"], => "values.schema.json";
    // ---- package ----
    "package" "no Chart.yaml" ["Chart.yaml" => "", "templates/_x.tpl" => "{{ define \"x\" }}{{ end }}"] => "Chart.yaml";
    "package" "a Chart.yaml that is not YAML" ["Chart.yaml" => "name: [a\n"] => "Chart.yaml";
    "package" "no name" ["Chart.yaml" => "apiVersion: v2\nversion: 1.0.0\n"] => "Chart.yaml";
    "package" "no version" ["Chart.yaml" => "apiVersion: v2\nname: app\n"] => "Chart.yaml";
    "package" "a version that is none" ["Chart.yaml" => "apiVersion: v2\nname: app\nversion: one\n"] => "Chart.yaml";
    "package" "an apiVersion that is none" ["Chart.yaml" => "apiVersion: v7\nname: app\nversion: 1.0.0\n"] => "Chart.yaml";
    "package" "a type that is none" ["Chart.yaml" => "apiVersion: v2\nname: app\nversion: 1.0.0\ntype: thing\n"] => "Chart.yaml";
    "package" "a name with a path in it" ["Chart.yaml" => "apiVersion: v2\nname: ../app\nversion: 1.0.0\n"] => "Chart.yaml";
    // ---- nothing rendered ----
    "nothing" "every template is off" ["templates/config.yaml" => "{{ if .Values.on }}\na: b\n{{ end }}\n"] => "Chart.yaml";
    "nothing" "templates in another folder" ["templates/config.yaml" => "", "template/config.yaml" => CONFIG] => "app";
    "nothing" "an extension that Helm passes over" ["templates/config.yaml" => "", "templates/config.yml.txt" => "a: b\n"] => "app";
    "nothing" "only comments" ["templates/config.yaml" => "# nothing\n"] => "Chart.yaml";
    "nothing" "only partials" ["templates/config.yaml" => "", "templates/_config.yaml" => CONFIG] => "app";
    "nothing" "only notes" ["templates/config.yaml" => "", "templates/NOTES.txt" => "hello\n"] => "app";
    // ---- overlay ----
    "overlay" "a set of values that is not YAML" ["ci/full-values.yaml" => "a: [b\n"] => "ci/full-values.yaml";
    "overlay" "a set of values that breaks a template" ["ci/full-values.yaml" => "a: 1\n", "templates/x.yaml" => "{{ if .Values.a }}{{ .Values.a.b.c }}{{ end }}\n"] => "templates/x.yaml";
    "overlay" "a set of values that breaks the YAML" ["ci/full-values.yaml" => "a: 'b: c: d'\n", "templates/x.yaml" => "{{ with .Values.a }}{{ . }}{{ end }}\n"] => "templates/x.yaml";
    "overlay" "a set of values that does not meet the schema" ["values-production.yaml" => "a: 1\n", "values.schema.json" => "{\"properties\": {\"a\": {\"type\": \"string\"}}}"] => "values";
    "overlay" "a list as a set of values" ["values-production.yaml" => "- a\n"] => "values-production.yaml";
    // ---- subchart ----
    "subchart" "one that is not there" ["Chart.yaml" => "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n  - {name: sub, version: 1.0.0, repository: 'https://example.com'}\n"] => "Chart.yaml";
    "subchart" "one without a Chart.yaml" ["charts/sub/values.yaml" => "a: b\n"] => "sub";
    "subchart" "one with a broken template" ["charts/sub/Chart.yaml" => "apiVersion: v2\nname: sub\nversion: 1.0.0\n", "charts/sub/templates/x.yaml" => "a: {{ .Values.a\n"] => "charts/sub/templates/x.yaml";
    "subchart" "one that renders what is not YAML" ["charts/sub/Chart.yaml" => "apiVersion: v2\nname: sub\nversion: 1.0.0\n", "charts/sub/templates/x.yaml" => "a: b: c\n"] => "charts/sub/templates/x.yaml";
    "subchart" "one that is no archive" ["charts/sub-1.0.0.tgz" => "no archive"] => "sub-1.0.0.tgz";
    "subchart" "one with a name that is passed over" ["charts/_sub/Chart.yaml" => "apiVersion: v2\nname: sub\nversion: 1.0.0\n"] => "charts/_sub";
    "subchart" "one whose Chart.yaml is broken" ["charts/sub/Chart.yaml" => "name: [a\n"] => "sub";
    // ---- several at once ----
    "several" "two templates that do not parse" ["templates/x.yaml" => "{{ if }}\n", "templates/y.yaml" => "{{ end }}\n"] => "templates/y.yaml";
    "several" "a template that fails beside a good one" ["templates/x.yaml" => "{{ fail \"no\" }}\n", "templates/y.yaml" => CONFIG] => "templates/x.yaml";
    "several" "a parse error and broken YAML" ["templates/x.yaml" => "{{ if }}\n", "templates/y.yaml" => "a: b: c\n"] => "templates/y.yaml";
    "several" "broken values and a broken template" ["values.yaml" => "a: [b\n", "templates/x.yaml" => "{{ if }}\n"] => "values.yaml";
};

#[test]
fn broken_charts_are_red_and_name_the_file() {
    let mut wrong = Vec::new();
    for broken in TABLE {
        let folder = tempfile::tempdir().expect("there is room for a few files");
        let root = folder.path();
        write(root, "app/Chart.yaml", CHART_YAML);
        write(root, "app/templates/config.yaml", CONFIG);
        for (name, text) in broken.files {
            let path = format!("app/{name}");
            if text.is_empty() {
                std::fs::remove_file(root.join(path)).expect("it is part of the good chart");
            } else {
                write(root, &path, text);
            }
        }
        let output = chart_lint(root, &[&["app"], broken.args].concat());
        let all = stdout(&output) + &stderr(&output);
        let code = output.status.code();
        if !matches!(code, Some(1 | 2)) || !all.contains(broken.names) || all.contains("panicked") {
            wrong.push(format!(
                "{}: {} ends with {code:?}, and does not name {}:\n{all}",
                broken.class, broken.name, broken.names
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), TABLE.len(), wrong.join("\n\n"));
}

#[test]
fn the_table_is_large_enough() {
    let classes: std::collections::BTreeSet<&str> = TABLE.iter().map(|broken| broken.class).collect();
    assert!(TABLE.len() >= 60 && classes.len() >= 10, "{} charts of {} classes", TABLE.len(), classes.len());
}

#[test]
fn one_broken_chart_among_twenty_good_ones_is_seen() {
    let folder = tempfile::tempdir().expect("there is room for a few files");
    let root = folder.path();
    for number in 0..21 {
        let name = format!("app{number:02}");
        write(root, &format!("{name}/Chart.yaml"), &CHART_YAML.replace("app", &name));
        write(root, &format!("{name}/templates/config.yaml"), CONFIG);
    }
    assert_eq!(chart_lint(root, &["."]).status.code(), Some(0));
    for (file, text) in
        [("templates/x.yaml", "{{ fail \"no\" }}"), ("values.yaml", "a: [b"), ("Chart.yaml", "a: [b")]
    {
        write(root, &format!("app07/{file}"), text);
        let output = chart_lint(root, &["."]);
        let all = stdout(&output) + &stderr(&output);
        assert_ne!(output.status.code(), Some(0), "{file}: {all}");
        assert!(all.contains(&format!("app07/{file}")), "{file}: {all}");
    }
}
