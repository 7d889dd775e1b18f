//! The template engine against other engines, on a template of 502 lines with 251 actions: parse and render.
//!
//! `cargo bench --bench engine`

use std::sync::Arc;

use chart_lint_template::{FunctionTable, Limits, Map, Origins, State, Str, TemplateSet, Tree, Value, parse};

fn main() {
    divan::main();
}

/// One block of the template in Go's syntax and in Jinja's: six actions.
const GO_BLOCK: &str = "\
- name: {{ .app.name }}
  plain: text
  image: {{ .app.image }}
  more: plain text that is copied
  replicas: {{ .app.replicas }}
  {{ if .app.enabled }}enabled: yes{{ end }}
  port: {{ .service.port }}
  end: of the block
";
const JINJA_BLOCK: &str = "\
- name: {{ app.name }}
  plain: text
  image: {{ app.image }}
  more: plain text that is copied
  replicas: {{ app.replicas }}
  {% if app.enabled %}enabled: yes{% endif %}
  port: {{ service.port }}
  end: of the block
";
const BLOCKS: usize = 42;

fn data() -> Value {
    let app = Map::dict();
    app.insert("name", Value::from("web"));
    app.insert("image", Value::from("registry.example.com/team/web:1.2.3"));
    app.insert("replicas", Value::int(3));
    app.insert("enabled", Value::from(true));
    let service = Map::dict();
    service.insert("port", Value::int(8080));
    let data = Map::dict();
    data.insert("app", app.into());
    data.insert("service", service.into());
    data.into()
}

fn json_data() -> serde_json::Value {
    serde_json::json!({
        "app": {"name": "web", "image": "registry.example.com/team/web:1.2.3", "replicas": 3, "enabled": true},
        "service": {"port": 8080},
    })
}

fn tree(functions: &FunctionTable) -> Tree {
    parse(&Str::from("t"), &Str::from(GO_BLOCK.repeat(BLOCKS)), &functions.resolver())
        .expect("the template parses")
}

#[divan::bench]
fn parse_chart_lint(bencher: divan::Bencher<'_, '_>) {
    let functions = FunctionTable::with_builtins();
    let text = Str::from(GO_BLOCK.repeat(BLOCKS));
    bencher.bench_local(|| parse(&Str::from("t"), &text, &functions.resolver()));
}

#[divan::bench]
fn parse_minijinja(bencher: divan::Bencher<'_, '_>) {
    let text = JINJA_BLOCK.repeat(BLOCKS);
    bencher.bench_local(|| {
        let mut environment = minijinja::Environment::new();
        environment.add_template("t", &text).expect("the template parses");
    });
}

#[divan::bench]
fn parse_gtmpl(bencher: divan::Bencher<'_, '_>) {
    let text = GO_BLOCK.repeat(BLOCKS);
    bencher.bench_local(|| {
        let mut template = gtmpl::Template::default();
        template.parse(&text).expect("the template parses");
        template
    });
}

fn render(bencher: divan::Bencher<'_, '_>, origins: fn() -> Origins) {
    let functions = FunctionTable::with_builtins();
    let mut templates = TemplateSet::default();
    templates.add(&Arc::new(tree(&functions)));
    let data = data();
    bencher.bench_local(|| {
        let mut state = State::new(&functions, templates.clone(), origins(), Limits::default(), Box::new(()));
        state.execute(b"t", data.clone(), "t").expect("the template executes")
    });
}

#[divan::bench]
fn render_chart_lint(bencher: divan::Bencher<'_, '_>) {
    render(bencher, Origins::disabled);
}

#[divan::bench]
fn render_chart_lint_with_origins(bencher: divan::Bencher<'_, '_>) {
    render(bencher, Origins::recording);
}

#[divan::bench]
fn render_minijinja(bencher: divan::Bencher<'_, '_>) {
    let text = JINJA_BLOCK.repeat(BLOCKS);
    let mut environment = minijinja::Environment::new();
    environment.add_template("t", &text).expect("the template parses");
    let template = environment.get_template("t").expect("it was added");
    let data = minijinja::Value::from_serialize(json_data());
    bencher.bench_local(|| template.render(&data).expect("the template executes"));
}

#[divan::bench]
fn render_gtmpl(bencher: divan::Bencher<'_, '_>) {
    let mut template = gtmpl::Template::default();
    template.parse(GO_BLOCK.repeat(BLOCKS)).expect("the template parses");
    let map = |entries: &[(&str, gtmpl::Value)]| {
        gtmpl::Value::Map(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
    };
    let app = map(&[
        ("name", "web".into()),
        ("image", "registry.example.com/team/web:1.2.3".into()),
        ("replicas", 3.into()),
        ("enabled", true.into()),
    ]);
    let data = map(&[("app", app), ("service", map(&[("port", 8080.into())]))]);
    let context = gtmpl::Context::from(data);
    bencher.bench_local(|| template.render(&context).expect("the template executes"));
}
