//! `chart-lint oracle`: answers what a template renders to, line by line, as the Go program around Helm's engine
//! does that the vectors were recorded with. For tests; not shown in the help.

use std::io::{BufRead, Write};

use chart_lint_template::{Data, List, Map, Origins, Str, Type, Value};
use serde_json::Value as Json;

use crate::render::engine::{RenderOptions, Renderable, TreeCache, render};
use crate::render::host::Chance;
use crate::render::objects::{Capabilities, FILES_TYPE, KubeVersion, VALUES_TYPE};
use crate::render::with_large_stack;

/// Reads questions from `input` and writes answers to `output` until the end of input.
pub fn run(input: impl BufRead, mut output: impl Write) -> std::io::Result<()> {
    for line in input.split(b'\n') {
        let line = line?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let (id, answer) = with_large_stack(|| answer(&line));
        let mut reply = serde_json::Map::new();
        reply.insert("id".to_owned(), id);
        match answer {
            Ok(text) => reply.insert("output".to_owned(), Json::String(chart_lint_template::text::to_utf8(&text).into_owned())),
            Err(text) => reply.insert("error".to_owned(), Json::String(text)),
        };
        writeln!(output, "{}", Json::Object(reply))?;
        output.flush()?;
    }
    Ok(())
}

fn answer(line: &[u8]) -> (Json, Result<Vec<u8>, String>) {
    match serde_json::from_slice::<Json>(line) {
        Ok(question) => {
            let id = question.get("id").cloned().unwrap_or(Json::Null);
            (id, ask(&question))
        }
        Err(error) => (Json::Null, Err(format!("oracle: {error}"))),
    }
}

fn string(json: &Json, key: &str) -> String {
    json.get(key).and_then(Json::as_str).unwrap_or_default().to_owned()
}

fn strings(json: &Json, key: &str) -> Vec<String> {
    let items = json.get(key).and_then(Json::as_array);
    items.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect()
}

fn texts(json: &Json, key: &str) -> Vec<(String, String)> {
    let entries = json.get(key).and_then(Json::as_object);
    entries
        .into_iter()
        .flatten()
        .map(|(name, text)| (name.clone(), text.as_str().unwrap_or_default().to_owned()))
        .collect()
}

fn ask(question: &Json) -> Result<Vec<u8>, String> {
    let values = match question.get("values") {
        Some(Json::Object(_)) => from_json(&question["values"]),
        _ => Value::from(Map::dict()),
    };
    let Data::Map(values) = values.data else { return Err("values are not a map".to_owned()) };
    let mut capabilities = Capabilities::default();
    let kube_version = string(question, "kubeVersion");
    if !kube_version.is_empty() {
        capabilities.kube_version = KubeVersion::parse(&kube_version)
            .map_err(|error| format!("invalid kube version '{kube_version}': {error}"))?;
    }
    capabilities.api_versions.extend(strings(question, "apiVersions"));
    let upgrade = question.get("upgrade").and_then(Json::as_bool).unwrap_or(false);

    let chart = Map::dict();
    for key in ["Condition", "Description", "Home", "Icon", "KubeVersion", "Tags"] {
        chart.insert(key, Value::from(""));
    }
    for (key, value) in
        [("APIVersion", "v2"), ("AppVersion", "1.0.0"), ("Name", "oracle"), ("Type", "application"), ("Version", "0.1.0")]
    {
        chart.insert(key, Value::from(value));
    }
    chart.insert("Annotations", Map::nil(Type::STRING_MAP).into());
    for key in ["Dependencies", "Keywords", "Maintainers", "Sources"] {
        chart.insert(key, List::new(Vec::new()).into());
    }
    chart.insert("Deprecated", Value::from(false));
    chart.insert("IsRoot", Value::from(true));
    let release = Map::dict();
    release.insert("Name", Value::from("release-name"));
    release.insert("Namespace", Value::from("default"));
    release.insert("Service", Value::from("Helm"));
    release.insert("Revision", Value::int(1));
    release.insert("IsInstall", Value::from(!upgrade));
    release.insert("IsUpgrade", Value::from(upgrade));
    let files = Map::typed(FILES_TYPE);
    for (name, text) in texts(question, "files") {
        files.insert(name.as_str(), Value::new(Data::Bytes(text.into())));
    }
    let top = Map::typed(VALUES_TYPE);
    top.insert("Chart", chart.into());
    top.insert("Files", files.into());
    top.insert("Release", release.into());
    top.insert("Capabilities", capabilities.to_value());
    top.insert("Subcharts", Map::dict().into());
    top.insert("Values", values.with_type(VALUES_TYPE).into());

    let mut templates = texts(question, "templates");
    templates.push(("t.yaml".to_owned(), string(question, "template")));
    let renderables = templates
        .into_iter()
        .map(|(name, text)| Renderable {
            name: Str::from(format!("oracle/templates/{name}")),
            text: Str::from(text),
            top: top.clone(),
            base_path: Str::from("oracle/templates"),
        })
        .collect();
    let options = RenderOptions { chance: Chance::System, limits: Default::default(), stop_at_error: true };
    let rendered = render(renderables, &TreeCache::default(), Origins::disabled(), &options);
    if let Some(error) = rendered.errors.into_iter().next() {
        return Err(error.message);
    }
    let file = rendered.files.into_iter().find(|file| file.name == "oracle/templates/t.yaml");
    Ok(file.map(|file| file.text).unwrap_or_default())
}

fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::NIL,
        Json::Bool(b) => Value::from(*b),
        Json::Number(n) => Value::float(n.as_f64().unwrap_or_default()),
        Json::String(s) => Value::from(s.as_str()),
        Json::Array(items) => List::new(items.iter().map(from_json).collect()).into(),
        Json::Object(entries) => {
            let map = Map::dict();
            for (key, value) in entries {
                map.insert(key.as_str(), from_json(value));
            }
            map.into()
        }
    }
}
