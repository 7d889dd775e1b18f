//! What `.` is in the templates of each chart: values, chart, release, capabilities, files.
//!
//! Follows `recAllTpls` in Helm's `pkg/engine/engine.go`.

use std::collections::BTreeMap;

use chart_lint_template::{Data, Map, OriginId, Origins, Str, Text, Value};

use super::engine::Renderable;
use super::objects::{Capabilities, FILES_TYPE, VALUES_TYPE};
use crate::chart::{Chart, MetadataPlaces};
use crate::source::{FileId, Location, Span};
use crate::values::{Instance, Prepared, ValueOrigin, ValueOrigins};

/// The release that is rendered.
#[derive(Clone, Debug)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Whether it is an upgrade, and not an installation.
    pub is_upgrade: bool,
}

impl Release {
    fn to_value(&self, origins: &mut Origins, values: &mut ValueOrigins) -> Value {
        let mut named = |name: &str, text: &str| {
            let origin = values.add(origins, || ValueOrigin::Named(name.to_owned()));
            Value::from(Text::new(text, origin))
        };
        let map = Map::dict();
        map.insert("Name", named(".Release.Name", &self.name));
        map.insert("Namespace", named(".Release.Namespace", &self.namespace));
        map.insert("Service", Value::from("Helm"));
        map.insert("Revision", Value::int(1));
        map.insert("IsInstall", Value::from(!self.is_upgrade));
        map.insert("IsUpgrade", Value::from(self.is_upgrade));
        map.into()
    }
}

/// The templates of a chart and its subcharts, with what they are executed with.
pub struct Templates {
    /// The templates, in the order of their names.
    pub renderables: Vec<Renderable>,
    /// Which file each of them is.
    pub files: Vec<(Str, FileId)>,
    /// `.Values` of each chart, by the start of the names of its templates.
    pub values: Vec<(String, Map)>,
}

/// Collects the templates of a chart and its subcharts.
pub fn templates(
    prepared: &Prepared,
    release: &Release,
    capabilities: &Capabilities,
    origins: &mut Origins,
    value_origins: &mut ValueOrigins,
) -> Templates {
    let release = release.to_value(origins, value_origins);
    let mut collector = Collector {
        release,
        capabilities: capabilities.to_value(),
        origins,
        value_origins,
        found: BTreeMap::new(),
        values: Vec::new(),
    };
    collector.collect(&prepared.instance, None, prepared.values.clone().with_type(VALUES_TYPE));
    let mut templates = Templates { renderables: Vec::new(), files: Vec::new(), values: collector.values };
    for (name, (renderable, file)) in collector.found {
        templates.files.push((name, file));
        templates.renderables.push(renderable);
    }
    templates
}

struct Collector<'a> {
    release: Value,
    capabilities: Value,
    origins: &'a mut Origins,
    value_origins: &'a mut ValueOrigins,
    /// By name: of two charts with the same path the later one wins, as in Helm's map.
    found: BTreeMap<Str, (Renderable, FileId)>,
    values: Vec<(String, Map)>,
}

impl Collector<'_> {
    fn collect(&mut self, instance: &Instance, parent: Option<&Map>, values: Map) -> Map {
        let chart = instance.chart.as_ref();
        let tree = chart.chart_yaml.as_ref().map(|document| &document.tree);
        let mut places = MetadataPlaces { tree, origins: self.origins, values: self.value_origins };
        let metadata = instance.metadata.to_map(&mut places);
        metadata.insert("IsRoot", Value::from(parent.is_none()));
        let subcharts = Map::dict();
        let top = Map::typed(VALUES_TYPE);
        top.insert("Chart", metadata.into());
        top.insert("Files", self.files(chart).into());
        top.insert("Release", self.release.clone());
        top.insert("Capabilities", self.capabilities.clone());
        top.insert("Values", values.clone().into());
        top.insert("Subcharts", subcharts.clone().into());
        for child in &instance.dependencies {
            let values = table(&values, child.name());
            let top = self.collect(child, Some(&top), values);
            subcharts.insert(child.name(), top.with_type(chart_lint_template::Type::DICT).into());
        }
        self.values.push((instance.full_path.clone(), values));
        let base_path = Str::from(format!("{}/templates", instance.full_path));
        for template in &chart.templates {
            let base = template.name.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
            if chart.metadata.is_library() && !base.starts_with(b"_") {
                continue;
            }
            let mut name = instance.full_path.clone().into_bytes();
            name.push(b'/');
            name.extend_from_slice(&template.name);
            let name = Str::from(name);
            let renderable = Renderable {
                name: name.clone(),
                text: template.data.clone(),
                top: top.clone(),
                base_path: base_path.clone(),
            };
            self.found.insert(name, (renderable, template.source));
        }
        top
    }

    fn files(&mut self, chart: &Chart) -> Map {
        let files = Map::typed(FILES_TYPE);
        for file in &chart.files {
            let span = Span::new(0, file.data.len() as u32);
            let location = Location { file: file.source, span };
            let origin = if self.origins.enabled() {
                let name = format!(".Files.Get {:?}", file.name);
                self.value_origins.add(self.origins, || ValueOrigin::Place { name, location })
            } else {
                OriginId::NONE
            };
            files.insert(file.name.clone(), Value::new(Data::Bytes(Text::new(file.data.clone(), origin))));
        }
        files
    }
}

/// The values of a subchart: the table of its name, which may hold dots, in those of its parent.
fn table(values: &Map, name: &str) -> Map {
    let mut table = values.clone();
    for part in name.split('.') {
        match table.get(part.as_bytes()).map(|value| value.data) {
            Some(Data::Map(map)) => table = map,
            _ => return Map::typed(VALUES_TYPE),
        }
    }
    table.with_type(VALUES_TYPE)
}
