//! Values files as Helm reads them.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;

use chart_lint_yaml::{Kind, Target, Value, decode, values_documents};
use support::unquote;

/// A value as Helm merges them: maps into maps, anything else is replaced.
#[derive(Clone)]
enum Merged {
    Map(BTreeMap<Vec<u8>, Merged>),
    Other(String),
}

fn merged(value: Value<'_>) -> Merged {
    match value.kind() {
        Kind::Map(map) => {
            Merged::Map(map.iter().map(|entry| (entry.key.to_vec(), merged(entry.value))).collect())
        }
        _ => Merged::Other(support::json(value)),
    }
}

fn merge(into: &mut BTreeMap<Vec<u8>, Merged>, from: BTreeMap<Vec<u8>, Merged>) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Merged::Map(into)), Merged::Map(from)) => merge(into, from),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

fn json(value: &Merged, out: &mut String) {
    match value {
        Merged::Other(text) => out.push_str(text),
        Merged::Map(map) => {
            out.push('{');
            for (at, (key, value)) in map.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                support::write_string(key, out);
                out.push(':');
                json(value, out);
            }
            out.push('}');
        }
    }
}

fn load_values(source: &[u8]) -> Result<String, String> {
    let documents =
        values_documents(source).map_err(|error| format!("error reading yaml document: {error}"))?;
    let mut values = BTreeMap::new();
    for document in documents {
        let tree = decode(&document.text, Target::Map)
            .map_err(|error| format!("cannot unmarshal yaml document: {error}"))?;
        if let Merged::Map(map) = merged(tree.root()) {
            merge(&mut values, map);
        }
    }
    let mut out = String::new();
    json(&Merged::Map(values), &mut out);
    Ok(out)
}

#[test]
fn values_files_are_read_as_helm_reads_them() {
    let text = String::from_utf8(support::input("values.txt")).unwrap();
    let mut source = Vec::new();
    let mut cases = 0;
    for line in text.lines() {
        let theirs = if let Some(quoted) = line.strip_prefix("source ") {
            source = unquote(quoted);
            continue;
        } else if let Some(quoted) = line.strip_prefix("json ") {
            Ok(String::from_utf8(unquote(quoted)).unwrap())
        } else if let Some(quoted) = line.strip_prefix("error ") {
            Err(String::from_utf8(unquote(quoted)).unwrap())
        } else {
            continue;
        };
        cases += 1;
        assert_eq!(load_values(&source), theirs, "{:?}", String::from_utf8_lossy(&source));
    }
    assert!(cases > 80, "{cases} cases");
}

#[test]
fn spans_of_a_document_lead_into_the_file() {
    let source = b"# one\r\na: first\r\n---\r\n# two\r\nb:\r\n  c: second\r\n";
    let documents = values_documents(source).unwrap();
    let texts: Vec<&[u8]> = documents
        .iter()
        .map(|document| {
            let tree = decode(&document.text, Target::Map).unwrap();
            let mut value = tree.root();
            while let Some(entry) = value.as_map().and_then(|map| map.iter().next()) {
                value = entry.value;
            }
            &source[document.file_span(value.span()).range()]
        })
        .collect();
    assert_eq!(texts, [b"first".as_slice(), b"second"]);
}
