//! Patches: strategic merges, and JSON patches (RFC 6902).

use std::path::Path;

use chart_lint_template::{Data, Entry, List, Map, OriginId, Str, Type, Value};
use regex::Regex;

use crate::values::coalesce::{deep_copy_value, origin_of};

use super::{Builder, Resource, items, string};

/// Objects are not nested deeper.
const MAX_DEPTH: usize = 128;

/// By which field the items of a list are told apart, as Kubernetes' types say. The first one that items have counts.
const MERGE_KEYS: &[(&str, &[&str])] = &[
    ("containers", &["name"]),
    ("initContainers", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("env", &["name"]),
    ("volumes", &["name"]),
    ("imagePullSecrets", &["name"]),
    ("secrets", &["name"]),
    ("volumeMounts", &["mountPath"]),
    ("volumeDevices", &["devicePath"]),
    ("ports", &["containerPort", "port"]),
    ("hostAliases", &["ip"]),
    ("topologySpreadConstraints", &["topologyKey"]),
];

impl Builder<'_> {
    /// All patches of a kustomization, in Kustomize's order.
    pub(super) fn patches(&mut self, root: &Map, folder: &Path, shown: &str, resources: &mut Vec<Resource>) {
        for item in items(root, "patchesStrategicMerge") {
            for patch in self.patch_documents(&item, folder, shown) {
                self.apply(&patch, None, &item, resources);
            }
        }
        for key in ["patches", "patchesJson6902"] {
            for item in items(root, key) {
                let Some(entry) = item.as_map() else { continue };
                let target = entry.get(b"target").and_then(|target| target.as_map().cloned());
                let source = entry.get(b"path").or_else(|| entry.get(b"patch"));
                let Some(source) = source else { continue };
                for patch in self.patch_documents(&source, folder, shown) {
                    self.apply(&patch, target.as_ref(), &source, resources);
                }
            }
        }
    }

    /// The documents of a patch: a file, or the text itself.
    fn patch_documents(&mut self, source: &Value, folder: &Path, shown: &str) -> Vec<Value> {
        let Some(text) = string(source) else { return Vec::new() };
        if !text.contains('\n') && !text.trim_start().starts_with(['{', '[']) {
            return match self.inside(source, folder, shown) {
                Some((path, shown)) => self.read(&path, &shown),
                None => Vec::new(),
            };
        }
        // Written into the kustomization: everything in it is at that place.
        let origin = origin_of(source);
        let mut documents = Vec::new();
        for range in crate::render::manifests::split(text.as_bytes()) {
            if let Ok(yaml) = chart_lint_yaml::decode(&text.as_bytes()[range], chart_lint_yaml::Target::Any) {
                let tree = crate::values::tree::Tree::new(&yaml, crate::source::FileId(0), |span| {
                    crate::source::Span { start: span.start, end: span.end }
                });
                let plain = tree.to_value(&mut chart_lint_template::Origins::disabled(), 0);
                documents.push(placed(&plain, origin, 0));
            } else {
                self.problem("the patch is not YAML", source);
            }
        }
        documents
    }

    fn apply(&mut self, patch: &Value, target: Option<&Map>, source: &Value, resources: &mut Vec<Resource>) {
        let matches: Vec<usize> = match target {
            Some(target) => (0..resources.len()).filter(|&at| is_target(&resources[at], target)).collect(),
            None => {
                let wanted = patch.as_map().map(|map| Resource { file: String::new(), value: map.clone() });
                let Some(wanted) = wanted else { return };
                let same = |resource: &Resource| {
                    resource.kind() == wanted.kind() && resource.name() == wanted.name()
                };
                (0..resources.len()).filter(|&at| same(&resources[at])).collect()
            }
        };
        if matches.is_empty() {
            self.problem("the patch fits no object", source);
            return;
        }
        let mut gone = Vec::new();
        for at in matches {
            match &patch.data {
                Data::List(operations) => {
                    for operation in operations.iter().filter_map(Value::as_map) {
                        if let Err(message) = operate(&resources[at].value, operation) {
                            self.problem(message, source);
                        }
                    }
                }
                Data::Map(map) if map.get(b"op").is_some() && map.get(b"path").is_some() => {
                    if let Err(message) = operate(&resources[at].value, map) {
                        self.problem(message, source);
                    }
                }
                Data::Map(map) => {
                    if directive(map).as_deref() == Some("delete") {
                        gone.push(at);
                        continue;
                    }
                    // Kind and name of what is patched stay, whatever the patch calls them.
                    let own = resources[at].value.clone();
                    let kept: Vec<_> = [b"apiVersion".as_slice(), b"kind"]
                        .iter()
                        .filter_map(|&key| Some((Str::from(key), own.borrow()?.get(key)?.clone())))
                        .collect();
                    let name = resources[at].metadata().get(b"name");
                    // Several objects may get the same patch: none shares anything with another.
                    if let Some(map) = deep_copy_value(patch).as_map() {
                        merge_maps(&own, map, 0);
                    }
                    for (key, entry) in kept {
                        own.insert_entry(key, entry);
                    }
                    if let Some(name) = name {
                        resources[at].metadata().insert("name", name);
                    }
                }
                _ => {}
            }
        }
        let mut at = 0;
        resources.retain(|_| {
            at += 1;
            !gone.contains(&(at - 1))
        });
    }
}

/// A value with one place for everything in it.
fn placed(value: &Value, origin: OriginId, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return Value::NIL;
    }
    match &value.data {
        Data::Map(map) => {
            let entries = map.entries().into_iter().map(|(key, entry)| {
                (key, Entry { value: placed(&entry.value, origin, depth + 1), key_origin: origin })
            });
            Value::from(Map::from_entries(Type::DICT, entries))
        }
        Data::List(list) => {
            super::transform::list(list.iter().map(|item| placed(item, origin, depth + 1)).collect())
        }
        _ => value.clone().with_origin(origin),
    }
}

fn is_target(resource: &Resource, target: &Map) -> bool {
    let wanted = |key: &str| target.get(key.as_bytes()).and_then(|value| string(&value));
    let is = |pattern: Option<String>, text: &str| {
        pattern.is_none_or(|pattern| {
            Regex::new(&format!("^(?:{pattern})$")).map_or(pattern == text, |regex| regex.is_match(text))
        })
    };
    let api_version = resource.field("apiVersion");
    let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
    let metadata = resource.metadata();
    let namespace = metadata.get(b"namespace").and_then(|value| string(&value)).unwrap_or_default();
    is(wanted("group"), group)
        && is(wanted("version"), version)
        && is(wanted("kind"), &resource.kind())
        && is(wanted("name"), &resource.name())
        && is(wanted("namespace"), &namespace)
        && selects(wanted("labelSelector"), &metadata, "labels")
        && selects(wanted("annotationSelector"), &metadata, "annotations")
}

/// `a=b,c!=d,e`
fn selects(selector: Option<String>, metadata: &Map, field: &str) -> bool {
    let Some(selector) = selector else { return true };
    let labels = metadata.get(field.as_bytes()).and_then(|value| value.as_map().cloned());
    let label = |key: &str| labels.as_ref()?.get(key.trim().as_bytes()).and_then(|value| string(&value));
    selector.split(',').filter(|term| !term.trim().is_empty()).all(|term| {
        if let Some((key, value)) = term.split_once("!=") {
            label(key).as_deref() != Some(value.trim())
        } else if let Some((key, value)) = term.split_once('=') {
            label(key).as_deref() == Some(value.trim_start_matches('=').trim())
        } else if let Some(key) = term.trim().strip_prefix('!') {
            label(key).is_none()
        } else {
            label(term).is_some()
        }
    })
}

fn directive(map: &Map) -> Option<String> {
    map.get(b"$patch").and_then(|value| string(&value))
}

// ---- strategic merge ----

fn merge_maps(into: &Map, patch: &Map, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    if directive(patch).as_deref() == Some("replace") {
        for (key, _) in into.entries() {
            into.remove(&key);
        }
    }
    for (key, entry) in patch.entries() {
        if key.as_bytes().starts_with(b"$") {
            continue;
        }
        if entry.value.is_nil() {
            into.remove(&key);
            continue;
        }
        let known = into.get(&key);
        match (known.as_ref().map(|value| &value.data), &entry.value.data) {
            (Some(Data::Map(own)), Data::Map(patch)) => match directive(patch).as_deref() {
                Some("delete") => {
                    into.remove(&key);
                }
                _ => merge_maps(own, patch, depth + 1),
            },
            (Some(Data::List(own)), Data::List(patch)) => {
                let merged = merge_lists(&key.to_utf8(), own, patch, depth + 1);
                into.insert_entry(key, Entry { value: merged, key_origin: entry.key_origin });
            }
            _ => into.insert_entry(key, entry),
        }
    }
}

fn merge_lists(field: &str, own: &List, patch: &List, depth: usize) -> Value {
    let keys = MERGE_KEYS.iter().find(|(name, _)| *name == field).map(|(_, keys)| *keys).unwrap_or_default();
    let key_of = |item: &Value, key: &str| Some(format!("{:?}", item.as_map()?.get(key.as_bytes())?));
    let has = |key: &str| patch.iter().any(|item| key_of(item, key).is_some());
    let Some(key) = keys.iter().find(|key| has(key)) else {
        return Value::from(patch.clone());
    };
    // What the patch names comes first, in its order.
    let mut rest: Vec<Value> = own.to_vec();
    let mut merged = Vec::new();
    for item in patch.iter() {
        let Some(map) = item.as_map() else { continue };
        let id = key_of(item, key);
        let directive = directive(map);
        if id.is_none() && directive.as_deref() == Some("replace") {
            rest.clear();
            continue;
        }
        let known = rest.iter().position(|known| id.is_some() && key_of(known, key) == id);
        let known = known.map(|at| rest.remove(at));
        if directive.as_deref() == Some("delete") {
            continue;
        }
        match known {
            Some(known) => {
                if let Some(own) = known.as_map() {
                    merge_maps(own, map, depth);
                }
                merged.push(known);
            }
            None => merged.push(item.clone()),
        }
    }
    merged.append(&mut rest);
    super::transform::list(merged)
}

// ---- JSON patch ----

fn operate(root: &Map, operation: &Map) -> Result<(), String> {
    let text = |key: &str| operation.get(key.as_bytes()).and_then(|value| string(&value)).unwrap_or_default();
    let path = pointer(&text("path"));
    let root = Value::from(root.clone());
    let value = || operation.get(b"value").map_or(Value::NIL, |value| deep_copy_value(&value));
    match text("op").as_str() {
        "add" => set(&root, &path, value(), true),
        "replace" => set(&root, &path, value(), false),
        "remove" => remove(&root, &path).map(|_| ()),
        "copy" => {
            let found = find(&root, &pointer(&text("from")))?;
            set(&root, &path, found, true)
        }
        "move" => {
            let found = remove(&root, &pointer(&text("from")))?;
            set(&root, &path, found, true)
        }
        "test" => Ok(()),
        other => Err(format!("`{other}` is no operation of a JSON patch")),
    }
}

fn pointer(text: &str) -> Vec<String> {
    text.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect()
}

fn find(root: &Value, path: &[String]) -> Result<Value, String> {
    let mut value = root.clone();
    for part in path {
        let next = match &value.data {
            Data::Map(map) => map.get(part.as_bytes()),
            Data::List(list) => part.parse::<usize>().ok().and_then(|index| list.get(index)),
            _ => None,
        };
        value = next.ok_or_else(|| format!("the patch has no object for `/{}`", path.join("/")))?;
    }
    Ok(value)
}

/// Changes the list at a path: lists are values, so its parent gets a new one.
fn change_list(
    root: &Value,
    path: &[String],
    change: impl FnOnce(&mut Vec<Value>) -> Result<(), String>,
) -> Result<(), String> {
    let Data::List(list) = find(root, path)?.data else {
        return Err(format!("`/{}` is no list", path.join("/")));
    };
    let mut items = list.to_vec();
    change(&mut items)?;
    set(root, path, super::transform::list(items), false)
}

fn set(root: &Value, path: &[String], value: Value, add: bool) -> Result<(), String> {
    let Some((last, parent)) = path.split_last() else { return Ok(()) };
    match find(root, parent)?.data {
        Data::Map(map) => {
            if !add && !map.contains(last.as_bytes()) {
                return Err(format!("the patch replaces `/{}`, which is not there", path.join("/")));
            }
            map.insert(last.as_str(), value);
            Ok(())
        }
        Data::List(_) => change_list(root, parent, |items| {
            let index = if last == "-" { Some(items.len()) } else { last.parse::<usize>().ok() };
            match index.filter(|&index| index < items.len() || add && index == items.len()) {
                Some(index) if add => items.insert(index, value),
                Some(index) => items[index] = value,
                None => return Err(format!("`/{}` is not in the list", path.join("/"))),
            }
            Ok(())
        }),
        _ => Err(format!("`/{}` is neither a map nor a list", parent.join("/"))),
    }
}

fn remove(root: &Value, path: &[String]) -> Result<Value, String> {
    let found = find(root, path)?;
    let Some((last, parent)) = path.split_last() else { return Ok(found) };
    match find(root, parent)?.data {
        Data::Map(map) => {
            map.remove(last.as_bytes());
        }
        _ => change_list(root, parent, |items| {
            let index = last.parse::<usize>().ok().filter(|&index| index < items.len());
            items.remove(index.ok_or("the patch removes what is not there")?);
            Ok(())
        })?,
    }
    Ok(found)
}
