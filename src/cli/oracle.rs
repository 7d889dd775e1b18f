//! `chart-lint oracle`: answers what a template renders to, line by line, as the Go program around Helm's engine
//! does that the vectors were recorded with. For tests; not shown in the help.

use std::io::{BufRead, Write};
use std::sync::Arc;

use chart_lint_template::{Data, Limits, List, Map, Origins, Str, Type, Value};

use crate::render::engine::{RenderOptions, Renderable, TreeCache, render};
use crate::render::functions::{self, json};
use crate::render::host::Chance;
use crate::render::objects::{Capabilities, FILES_TYPE, KubeVersion, VALUES_TYPE};
use crate::render::with_large_stack;
use crate::source::FileId;
use crate::values::options::{documents_to_map, flag_error, set_values};
use crate::values::tree::ValuesFile;
use crate::values::{SetFlag, TreeSource, ValueOrigins};

/// Reads questions from `input` and writes answers to `output` until the end of input.
pub(super) fn run(input: impl BufRead, mut output: impl Write) -> std::io::Result<()> {
    for line in input.split(b'\n') {
        let line = line?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        output.write_all(&with_large_stack(|| answer(&line)))?;
        output.write_all(b"\n")?;
        output.flush()?;
    }
    Ok(())
}

/// The names of all functions that templates can call, for the fuzzer.
pub fn function_names() -> Vec<&'static str> {
    functions::table().names().collect()
}

/// The answer to a question, both as JSON. Needs a thread with a large stack.
pub fn answer(line: &[u8]) -> Vec<u8> {
    let reply = Map::dict();
    match json::parse(line) {
        Ok(Value { data: Data::Map(question), .. }) => {
            reply.insert("id", question.get(b"id").unwrap_or_default());
            match ask(&question) {
                Ok(text) => reply.insert("output", Value::from(text)),
                Err(text) => reply.insert("error", Value::from(text)),
            }
        }
        _ => {
            reply.insert("id", Value::NIL);
            reply.insert("error", Value::from("oracle: the question is no JSON object"));
        }
    }
    json::marshal(&reply.into()).map(|text| text.as_bytes().to_vec()).unwrap_or_default()
}

fn string(question: &Map, key: &str) -> Str {
    question
        .get(key.as_bytes())
        .and_then(|value| Some(value.as_text()?.as_shared().clone()))
        .unwrap_or_default()
}

fn strings(question: &Map, key: &str) -> Vec<String> {
    let list = question.get(key.as_bytes()).and_then(|value| value.as_list().cloned());
    let items: Vec<Value> = list.map(|list| list.iter().cloned().collect()).unwrap_or_default();
    items.iter().filter_map(Value::as_text).map(|text| text.to_utf8().into_owned()).collect()
}

fn texts(question: &Map, key: &str) -> Vec<(Str, Str)> {
    let map = question.get(key.as_bytes()).and_then(|value| value.as_map().cloned());
    let entries = map.map(|map| map.entries()).unwrap_or_default();
    entries
        .into_iter()
        .filter_map(|(name, entry)| Some((name, entry.value.as_text()?.as_shared().clone())))
        .collect()
}

/// The values of a question, changed by its flags.
fn values(question: &Map) -> Result<Map, String> {
    let (mut origins, mut value_origins) = (Origins::disabled(), ValueOrigins::new());
    let yaml = string(question, "valuesYaml");
    let values = if yaml.is_empty() {
        question.get(b"values").and_then(|value| value.as_map().cloned()).unwrap_or_else(Map::dict)
    } else {
        let read = ValuesFile::read(&yaml, FileId(0)).map_err(|error| error.to_string())?;
        let documents: Vec<_> = read.documents.into_iter().map(Arc::new).collect();
        documents_to_map(&documents, TreeSource::UserFile, &mut origins, &mut value_origins)
    };
    let flags = [
        (SetFlag::Json, "setJson"),
        (SetFlag::Set, "set"),
        (SetFlag::String, "setString"),
        (SetFlag::Literal, "setLiteral"),
    ];
    let mut no_files = |_: &str| Err(String::new());
    for (flag, key) in flags {
        for (number, text) in strings(question, key).iter().enumerate() {
            set_values(flag, text, &values, number, &mut no_files, &mut origins, &mut value_origins)
                .map_err(|message| flag_error(flag, text, &message))?;
        }
    }
    Ok(values)
}

fn ask(question: &Map) -> Result<Vec<u8>, String> {
    let values = values(question)?;
    let mut capabilities = Capabilities::default();
    let kube_version = string(question, "kubeVersion");
    if !kube_version.is_empty() {
        capabilities.kube_version = KubeVersion::parse(&kube_version.to_utf8())
            .map_err(|error| format!("invalid kube version '{kube_version}': {error}"))?;
    }
    capabilities.api_versions.extend(strings(question, "apiVersions"));
    let upgrade = matches!(question.get(b"upgrade"), Some(Value { data: Data::Bool(true), .. }));
    let top = top(question, values, &capabilities, upgrade);
    let mut templates = texts(question, "templates");
    templates.push((Str::from("t.yaml"), string(question, "template")));
    let renderables = templates
        .into_iter()
        .map(|(name, text)| {
            let name = Str::from([b"oracle/templates/", &name[..]].concat());
            Renderable { name, text, top: top.clone(), base_path: Str::from("oracle/templates") }
        })
        .collect();
    let options =
        RenderOptions { chance: Chance::System, limits: Limits::default(), stop_at_error: true, only: None };
    let rendered = render(renderables, &TreeCache::default(), Origins::disabled(), &options);
    if let Some(error) = rendered.errors.into_iter().next() {
        return Err(error.message);
    }
    let file = rendered.files.into_iter().find(|file| file.name == "oracle/templates/t.yaml");
    Ok(file.map(|file| file.text).unwrap_or_default())
}

/// `.` of the chart that the oracle makes up.
fn top(question: &Map, values: Map, capabilities: &Capabilities, upgrade: bool) -> Map {
    let chart = Map::dict();
    for key in ["Condition", "Description", "Home", "Icon", "KubeVersion", "Tags"] {
        chart.insert(key, Value::from(""));
    }
    let texts_of_chart = [
        ("APIVersion", "v2"),
        ("AppVersion", "1.0.0"),
        ("Name", "oracle"),
        ("Type", "application"),
        ("Version", "0.1.0"),
    ];
    for (key, value) in texts_of_chart {
        chart.insert(key, Value::from(value));
    }
    chart.insert("Annotations", Map::nil(Type::STRING_MAP).into());
    for key in ["Dependencies", "Keywords", "Maintainers", "Sources"] {
        chart.insert(key, List::new(Vec::new()).into());
    }
    chart.insert("Deprecated", Value::from(false));
    chart.insert("IsRoot", Value::from(true));
    let release = Map::dict();
    for (key, value) in [("Name", "release-name"), ("Namespace", "default"), ("Service", "Helm")] {
        release.insert(key, Value::from(value));
    }
    release.insert("Revision", Value::int(1));
    release.insert("IsInstall", Value::from(!upgrade));
    release.insert("IsUpgrade", Value::from(upgrade));
    let files = Map::typed(FILES_TYPE);
    for (name, text) in texts(question, "files") {
        files.insert(name, Value::new(Data::Bytes(text.into())));
    }
    let top = Map::typed(VALUES_TYPE);
    top.insert("Chart", chart.into());
    top.insert("Files", files.into());
    top.insert("Release", release.into());
    top.insert("Capabilities", capabilities.to_value());
    top.insert("Subcharts", Map::dict().into());
    top.insert("Values", values.with_type(VALUES_TYPE).into());
    top
}
