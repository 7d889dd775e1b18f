//! Emitting decoded trees.

use crate::decode::{Target, decode};
use crate::emit::{Emitter, Flavor};
use crate::sort::sort_keys;
use crate::value::{Entry, Kind, Value};

/// Writes a decoded value, as Helm's `toYaml` and `toYamlPretty` write what `fromYaml` gave: all
/// numbers are float64 by then.
pub fn emit_value(emitter: &mut Emitter, value: Value<'_>) {
    emit(emitter, value, |emitter, number| {
        emitter.float(number.as_f64().unwrap_or_default());
    });
}

/// `sigs.k8s.io/yaml.JSONToYAML`, the second half of Helm's `toYaml`.
///
/// [`Emitter`] does the same without the JSON text in between. This function gives the exact text of
/// the errors, which name lines of the JSON text.
///
/// # Errors
///
/// The text of go-yaml's error.
pub fn json_to_yaml(json: &[u8]) -> Result<Vec<u8>, String> {
    let tree = decode(json, Target::Any).map_err(|error| error.inner_text())?;
    let mut emitter = Emitter::without_json();
    emit(&mut emitter, tree.root(), |emitter, number| {
        match number.kind() {
            Kind::Int(value) => emitter.int(value),
            Kind::Uint(value) => emitter.uint(value),
            _ => emitter.float(number.as_f64().unwrap_or_default()),
        };
    });
    emitter.finish().map_err(|error| error.to_string())
}

enum Job<'t> {
    Entry(Entry<'t>),
    Value(Value<'t>),
    End,
}

fn emit(emitter: &mut Emitter, value: Value<'_>, write_number: impl Fn(&mut Emitter, Value<'_>)) {
    let flavor = emitter.flavor();
    let mut jobs = vec![Job::Value(value)];
    while let Some(job) = jobs.pop() {
        let value = match job {
            Job::Value(value) => value,
            Job::Entry(entry) => {
                emitter.key(entry.key);
                entry.value
            }
            Job::End => {
                emitter.end();
                continue;
            }
        };
        match value.kind() {
            Kind::Null => {
                emitter.null();
            }
            Kind::Bool(value) => {
                emitter.bool(value);
            }
            Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) => write_number(emitter, value),
            Kind::String(text) => {
                emitter.string(text);
            }
            Kind::Seq(seq) => {
                emitter.begin_seq(seq.len());
                jobs.push(Job::End);
                jobs.extend(seq.iter().rev().map(Job::Value));
            }
            Kind::Map(map) => {
                emitter.begin_map(map.len());
                jobs.push(Job::End);
                jobs.extend(sorted(map.iter(), flavor).into_iter().rev().map(Job::Entry));
            }
        }
    }
}

fn sorted<'t>(entries: impl Iterator<Item = Entry<'t>>, flavor: Flavor) -> Vec<Entry<'t>> {
    let mut entries: Vec<_> = entries.collect();
    entries.sort_unstable_by_key(|entry| entry.key);
    sort_keys(flavor, &mut entries, |entry| entry.key);
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(flavor: Flavor, source: &str) -> String {
        let tree = decode(source.as_bytes(), Target::Any).expect("the source is YAML");
        let mut emitter = Emitter::new(flavor);
        emit_value(&mut emitter, tree.root());
        String::from_utf8(emitter.finish().expect("the value can be written")).expect("the output is UTF-8")
    }

    #[test]
    fn both_flavors_write_a_tree() {
        let source = "b: [1, {c: x}, []]\na: {}\nc: |\n  x\n  y\n";
        assert_eq!(through(Flavor::SigsV2, source), "a: {}\nb:\n- 1\n- c: x\n- []\nc: |\n  x\n  y\n");
        assert_eq!(through(Flavor::V3Pretty, source), "a: {}\nb:\n  - 1\n  - c: x\n  - []\nc: |\n  x\n  y\n");
        assert_eq!(through(Flavor::V3Pretty, "1000000"), "1e+06\n");
    }

    #[test]
    fn json_becomes_yaml() {
        let yaml = json_to_yaml(br#"{"a":1e+21,"b":[1,-0],"c":"\u003c"}"#);
        assert_eq!(yaml.as_deref(), Ok(b"a: 1e+21\nb:\n- 1\n- 0\nc: <\n".as_slice()));
        assert_eq!(
            json_to_yaml(b"{\"a\":\"\x7f\"}"),
            Err("yaml: control characters are not allowed".to_owned())
        );
    }
}
