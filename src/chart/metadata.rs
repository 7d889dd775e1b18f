//! `Chart.yaml`, `requirements.yaml` and `Chart.lock` as Helm's structs, and the checks on them.
//!
//! The fields are read as `sigs.k8s.io/yaml` reads them into Go's structs: keys in any case, numbers and booleans as
//! strings where a string is wanted, and encoding/json's errors for the rest.

use std::collections::BTreeMap;
use std::sync::Arc;

use chart_lint_template::quote::{go_quote, is_print};
use chart_lint_template::{Entry, List, Map, OriginId, Origins, Str, Type, Value};
use chart_lint_yaml::{Kind, Value as YamlValue};

use super::error::{LoadError, LoadErrorKind};
use super::{paths, time};
use crate::semver::Version;
use crate::source::Location;
use crate::values::tree::{NodeIndex, Tree};
use crate::values::{ValueOrigin, ValueOrigins};

/// What `Chart.yaml` says: Helm's `chart.Metadata`. A list that is `None` is missing, which is not the same as empty.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Metadata {
    pub name: String,
    pub home: String,
    pub sources: Option<Vec<String>>,
    pub version: String,
    pub description: String,
    pub keywords: Option<Vec<String>>,
    pub maintainers: Option<Vec<Option<Maintainer>>>,
    pub icon: String,
    pub api_version: String,
    pub condition: String,
    pub tags: String,
    pub app_version: String,
    pub deprecated: bool,
    pub annotations: Option<BTreeMap<String, String>>,
    pub kube_version: String,
    pub dependencies: Option<Vec<Option<Dependency>>>,
    /// `application`, `library`, or empty for `application`.
    pub chart_type: String,
}

/// Who maintains a chart.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Maintainer {
    pub name: String,
    pub email: String,
    pub url: String,
}

/// A chart that another one needs: Helm's `chart.Dependency`.
#[derive(Clone, Debug, Default)]
pub struct Dependency {
    /// The chart's name; after [`crate::values::prepare`] its alias if it has one.
    pub name: String,
    /// A range of versions.
    pub version: String,
    /// Where the chart comes from.
    pub repository: String,
    /// Ways to values that switch it on or off, separated by commas.
    pub condition: String,
    /// Groups that switch it on or off.
    pub tags: Option<Vec<String>>,
    /// Whether it is on.
    pub enabled: bool,
    /// What values of it the parent takes over.
    pub import_values: Option<Vec<ImportValue>>,
    /// The name under which the parent uses it.
    pub alias: String,
    /// Where it is written.
    pub place: Option<Location>,
}

/// An item of `import-values`.
#[derive(Clone, Debug)]
pub enum ImportValue {
    /// As it is written.
    Written(Arc<Tree>, NodeIndex),
    /// As Helm leaves it when the values are imported.
    Pair {
        /// The way in the values of the child.
        child: String,
        /// The way in the values of the parent.
        parent: String,
    },
}

/// `Chart.lock`: the versions that were chosen.
#[derive(Clone, Debug, Default)]
pub struct Lock {
    /// When it was made, as it is written.
    pub generated: String,
    /// A sum over the dependencies.
    pub digest: String,
    /// What was chosen.
    pub dependencies: Option<Vec<Option<Dependency>>>,
}

// ---- decoding ----

/// Why a document does not fit: Go's text, and the place in the document.
pub(crate) struct Misfit {
    pub(crate) message: String,
    pub(crate) span: chart_lint_yaml::Span,
}

/// Decodes a document into structs that may hold values already, as `json.Unmarshal` does.
struct Decoder<'d> {
    /// The document as it will be kept.
    tree: &'d Arc<Tree>,
    /// Turns ids of the YAML tree into those of the kept one.
    way: Vec<&'d str>,
    /// The struct whose field is being decoded.
    within: &'static str,
    /// The first value that does not fit. Decoding goes on after it.
    misfit: Option<Misfit>,
}

/// Decodes `Chart.yaml` or `requirements.yaml`.
pub(crate) fn decode_metadata(
    metadata: &mut Metadata,
    value: YamlValue<'_>,
    tree: &Arc<Tree>,
) -> Result<(), Misfit> {
    let mut decoder = Decoder { tree, way: Vec::new(), within: "", misfit: None };
    decoder.metadata(metadata, value);
    decoder.finish()
}

/// Decodes only the version of the format from `Chart.yaml`.
pub(crate) fn decode_api_version(value: YamlValue<'_>, tree: &Arc<Tree>) -> Result<String, Misfit> {
    let mut api_version = String::new();
    let mut decoder = Decoder { tree, way: Vec::new(), within: "", misfit: None };
    decoder.fields(value, "loader.chartBase", &["apiVersion"], |decoder, _, value, _| {
        decoder.string(&mut api_version, value);
    });
    decoder.finish()?;
    Ok(api_version)
}

/// Decodes `Chart.lock`.
pub(crate) fn decode_lock(value: YamlValue<'_>, tree: &Arc<Tree>) -> Result<Lock, Misfit> {
    let mut lock = Lock::default();
    let mut bad_time = None;
    let mut decoder = Decoder { tree, way: Vec::new(), within: "", misfit: None };
    decoder.fields(
        value,
        "v2.Lock",
        &["generated", "digest", "dependencies"],
        |decoder, field, value, node| {
            // A time that cannot be read stops the decoding.
            if bad_time.is_some() {
                return;
            }
            match field {
                "generated" => match generated(value) {
                    Ok(generated) => lock.generated = generated,
                    Err(message) => bad_time = Some(Misfit { message, span: value.span() }),
                },
                "digest" => decoder.string(&mut lock.digest, value),
                _ => decoder.dependencies(&mut lock.dependencies, value, node),
            }
        },
    );
    match bad_time {
        Some(misfit) => Err(misfit),
        None => decoder.finish().map(|()| lock),
    }
}

fn generated(value: YamlValue<'_>) -> Result<String, String> {
    match value.kind() {
        Kind::Null => Ok(String::new()),
        Kind::String(text) => {
            let text = String::from_utf8_lossy(text).into_owned();
            time::check(time::RFC3339, &text).map(|()| text)
        }
        _ => Err("Time.UnmarshalJSON: input is not a JSON string".to_owned()),
    }
}

impl<'d> Decoder<'d> {
    fn finish(self) -> Result<(), Misfit> {
        self.misfit.map_or(Ok(()), Err)
    }

    /// Notes a value that cannot become `type_name`.
    fn misfit(&mut self, value: YamlValue<'_>, type_name: &str) {
        if self.misfit.is_some() {
            return;
        }
        let json_type = value.json_type();
        let target = if self.way.is_empty() {
            format!("value of type {type_name}")
        } else {
            format!("struct field {}.{} of type {type_name}", self.within, self.way.join("."))
        };
        let message = format!("json: cannot unmarshal {json_type} into Go {target}");
        self.misfit = Some(Misfit { message, span: value.span() });
    }

    /// Decodes the fields of a struct, in the order of their keys.
    fn fields<'y>(
        &mut self,
        value: YamlValue<'y>,
        type_name: &'static str,
        names: &'static [&'static str],
        mut decode: impl FnMut(&mut Self, &'static str, YamlValue<'y>, Option<NodeIndex>),
    ) {
        self.fields_at(value, self.tree_root(), type_name, names, &mut decode);
    }

    fn tree_root(&self) -> Option<NodeIndex> {
        Some(self.tree.root())
    }

    fn fields_at<'y>(
        &mut self,
        value: YamlValue<'y>,
        node: Option<NodeIndex>,
        type_name: &'static str,
        names: &'static [&'static str],
        decode: &mut dyn FnMut(&mut Self, &'static str, YamlValue<'y>, Option<NodeIndex>),
    ) {
        let map = match value.kind() {
            Kind::Null => return,
            Kind::Map(map) => map,
            _ => return self.misfit(value, type_name),
        };
        let mut entries: Vec<_> = map.iter().collect();
        entries.sort_by_key(|entry| entry.key);
        let outer = self.within;
        for entry in entries {
            let exact = names.iter().find(|name| name.as_bytes() == entry.key);
            let Some(&name) = exact.or_else(|| names.iter().find(|name| same_folded(name, entry.key))) else {
                continue;
            };
            self.within = type_name.rsplit('.').next().unwrap_or_default();
            self.way.push(name);
            let node = node.and_then(|node| self.tree.key(node, entry.key));
            decode(self, name, entry.value, node);
            self.way.pop();
            self.within = outer;
        }
    }

    fn metadata(&mut self, metadata: &mut Metadata, value: YamlValue<'_>) {
        const NAMES: &[&str] = &[
            "name",
            "home",
            "sources",
            "version",
            "description",
            "keywords",
            "maintainers",
            "icon",
            "apiVersion",
            "condition",
            "tags",
            "appVersion",
            "deprecated",
            "annotations",
            "kubeVersion",
            "dependencies",
            "type",
        ];
        self.fields(value, "v2.Metadata", NAMES, |decoder, field, value, node| match field {
            "name" => decoder.string(&mut metadata.name, value),
            "home" => decoder.string(&mut metadata.home, value),
            "sources" => decoder.strings(&mut metadata.sources, value),
            "version" => decoder.string(&mut metadata.version, value),
            "description" => decoder.string(&mut metadata.description, value),
            "keywords" => decoder.strings(&mut metadata.keywords, value),
            "maintainers" => {
                decoder.list(&mut metadata.maintainers, value, "[]*v2.Maintainer", Self::maintainer)
            }
            "icon" => decoder.string(&mut metadata.icon, value),
            "apiVersion" => decoder.string(&mut metadata.api_version, value),
            "condition" => decoder.string(&mut metadata.condition, value),
            "tags" => decoder.string(&mut metadata.tags, value),
            "appVersion" => decoder.string(&mut metadata.app_version, value),
            "deprecated" => decoder.boolean(&mut metadata.deprecated, value),
            "annotations" => decoder.string_map(&mut metadata.annotations, value),
            "kubeVersion" => decoder.string(&mut metadata.kube_version, value),
            "dependencies" => decoder.dependencies(&mut metadata.dependencies, value, node),
            _ => decoder.string(&mut metadata.chart_type, value),
        });
    }

    fn maintainer(&mut self, slot: &mut Option<Maintainer>, value: YamlValue<'_>) {
        if value.is_null() {
            *slot = None;
            return;
        }
        let maintainer = slot.get_or_insert_default();
        self.fields(
            value,
            "v2.Maintainer",
            &["name", "email", "url"],
            |decoder, field, value, _| match field {
                "name" => decoder.string(&mut maintainer.name, value),
                "email" => decoder.string(&mut maintainer.email, value),
                _ => decoder.string(&mut maintainer.url, value),
            },
        );
    }

    fn dependencies(
        &mut self,
        target: &mut Option<Vec<Option<Dependency>>>,
        value: YamlValue<'_>,
        node: Option<NodeIndex>,
    ) {
        let tree = Arc::clone(self.tree);
        let mut nodes = node.map(|node| tree.items(node).collect::<Vec<_>>()).unwrap_or_default().into_iter();
        self.list(target, value, "[]*v2.Dependency", |decoder, slot, value| {
            let node = nodes.next();
            decoder.dependency(slot, value, node);
        });
    }

    fn dependency(&mut self, slot: &mut Option<Dependency>, value: YamlValue<'_>, node: Option<NodeIndex>) {
        const NAMES: &[&str] =
            &["name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias"];
        if value.is_null() {
            *slot = None;
            return;
        }
        let tree = Arc::clone(self.tree);
        let dependency = slot.get_or_insert_default();
        dependency.place = node.map(|node| tree.location(node));
        self.fields_at(value, node, "v2.Dependency", NAMES, &mut |decoder, field, value, node| match field {
            "name" => decoder.string(&mut dependency.name, value),
            "version" => decoder.string(&mut dependency.version, value),
            "repository" => decoder.string(&mut dependency.repository, value),
            "condition" => decoder.string(&mut dependency.condition, value),
            "tags" => decoder.strings(&mut dependency.tags, value),
            "enabled" => decoder.boolean(&mut dependency.enabled, value),
            "alias" => decoder.string(&mut dependency.alias, value),
            _ => match value.kind() {
                Kind::Null => dependency.import_values = None,
                Kind::Seq(_) => {
                    let items = node.map(|node| tree.items(node).collect::<Vec<_>>()).unwrap_or_default();
                    let items = items.into_iter().map(|item| ImportValue::Written(Arc::clone(&tree), item));
                    dependency.import_values = Some(items.collect());
                }
                _ => decoder.misfit(value, "[]interface {}"),
            },
        });
    }

    fn string(&mut self, target: &mut String, value: YamlValue<'_>) {
        match value.to_string_field() {
            Some(text) => *target = String::from_utf8_lossy(&text).into_owned(),
            None if value.is_null() => {}
            None => self.misfit(value, "string"),
        }
    }

    fn boolean(&mut self, target: &mut bool, value: YamlValue<'_>) {
        match value.as_bool() {
            Some(b) => *target = b,
            None if value.is_null() => {}
            None => self.misfit(value, "bool"),
        }
    }

    fn strings(&mut self, target: &mut Option<Vec<String>>, value: YamlValue<'_>) {
        self.list(target, value, "[]string", Self::string);
    }

    /// Decodes a list over the items that are there already: those keep what the new ones do not say.
    fn list<T: Default>(
        &mut self,
        target: &mut Option<Vec<T>>,
        value: YamlValue<'_>,
        type_name: &str,
        mut decode: impl FnMut(&mut Self, &mut T, YamlValue<'_>),
    ) {
        let seq = match value.kind() {
            Kind::Null => {
                *target = None;
                return;
            }
            Kind::Seq(seq) => seq,
            _ => return self.misfit(value, type_name),
        };
        let items = target.get_or_insert_default();
        items.resize_with(seq.len(), T::default);
        for (slot, item) in items.iter_mut().zip(seq.iter()) {
            decode(self, slot, item);
        }
    }

    fn string_map(&mut self, target: &mut Option<BTreeMap<String, String>>, value: YamlValue<'_>) {
        let map = match value.kind() {
            Kind::Null => {
                *target = None;
                return;
            }
            Kind::Map(map) => map,
            _ => return self.misfit(value, "map[string]string"),
        };
        let entries = target.get_or_insert_default();
        let mut sorted: Vec<_> = map.iter().collect();
        sorted.sort_by_key(|entry| entry.key);
        for entry in sorted {
            let mut text = String::new();
            self.string(&mut text, entry.value);
            entries.insert(String::from_utf8_lossy(entry.key).into_owned(), text);
        }
    }
}

/// Whether a key is a field's name in another case, as encoding/json folds it: two letters beyond ASCII count as `k`
/// and `s`.
fn same_folded(name: &str, key: &[u8]) -> bool {
    let Ok(key) = std::str::from_utf8(key) else { return false };
    let fold = |c: char| match c {
        '\u{212A}' => 'K',
        '\u{017F}' => 'S',
        _ => c.to_ascii_uppercase(),
    };
    name.chars().map(fold).eq(key.chars().map(fold))
}

// ---- checks ----

impl Metadata {
    /// Helm's `Metadata.Validate`: cleans the texts and refuses what is missing or wrong. `place` finds the place of a
    /// field by its key.
    pub(crate) fn validate(&mut self, place: impl Fn(&str) -> Option<Location>) -> Result<(), LoadError> {
        for text in [
            &mut self.name,
            &mut self.description,
            &mut self.home,
            &mut self.icon,
            &mut self.condition,
            &mut self.tags,
            &mut self.app_version,
            &mut self.kube_version,
        ] {
            sanitize(text);
        }
        self.sources.iter_mut().flatten().for_each(sanitize);
        self.keywords.iter_mut().flatten().for_each(sanitize);
        let refuse = |field: &str, message: String| Err(invalid(&message).at(place(field)));
        if self.api_version.is_empty() {
            return refuse("apiVersion", "chart.metadata.apiVersion is required".to_owned());
        }
        let name = go_quote(self.name.as_bytes());
        if self.name.is_empty() {
            return refuse("name", "chart.metadata.name is required".to_owned());
        }
        if self.name == "." || self.name == ".." {
            return refuse("name", format!("chart.metadata.name {name} is not allowed"));
        }
        if self.name.as_bytes() != paths::base(self.name.as_bytes()) {
            return refuse("name", format!("chart.metadata.name {name} is invalid"));
        }
        if self.version.is_empty() {
            return refuse("version", "chart.metadata.version is required".to_owned());
        }
        if Version::parse(self.version.as_bytes()).is_err() {
            let version = go_quote(self.version.as_bytes());
            return refuse("version", format!("chart.metadata.version {version} is invalid"));
        }
        if !matches!(self.chart_type.as_str(), "" | "application" | "library") {
            return refuse("type", "chart.metadata.type must be application or library".to_owned());
        }
        for maintainer in self.maintainers.iter_mut().flatten() {
            let Some(Maintainer { name, email, url }) = maintainer else {
                return refuse("maintainers", "maintainers must not contain empty or null nodes".to_owned());
            };
            [name, email, url].into_iter().for_each(sanitize);
        }
        let mut names = std::collections::BTreeSet::new();
        for dependency in self.dependencies.iter_mut().flatten() {
            let Some(dependency) = dependency else {
                return refuse(
                    "dependencies",
                    "dependencies must not contain empty or null nodes".to_owned(),
                );
            };
            dependency.validate().map_err(|error| error.at(dependency.place))?;
            let key = if dependency.alias.is_empty() { &dependency.name } else { &dependency.alias };
            if !names.insert(key.clone()) {
                let message =
                    format!("more than one dependency with name or alias {}", go_quote(key.as_bytes()));
                return Err(invalid(&message).at(dependency.place));
            }
        }
        Ok(())
    }

    /// Whether it is a library, as Helm's engine asks.
    pub fn is_library(&self) -> bool {
        self.chart_type.eq_ignore_ascii_case("library")
    }
}

impl Dependency {
    fn validate(&mut self) -> Result<(), LoadError> {
        for text in [&mut self.name, &mut self.version, &mut self.repository, &mut self.condition] {
            sanitize(text);
        }
        self.tags.iter_mut().flatten().for_each(sanitize);
        let is_good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if !self.alias.chars().all(is_good) {
            let name = go_quote(self.name.as_bytes());
            return Err(invalid(&format!("dependency {name} has disallowed characters in the alias")));
        }
        Ok(())
    }
}

fn invalid(message: &str) -> LoadError {
    LoadError::new(LoadErrorKind::Validation, format!("validation: {message}"))
}

/// Helm's `sanitizeString`: any space becomes a plain one, what cannot be printed goes.
fn sanitize(text: &mut String) {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return;
    }
    let clean = |c: char| if c.is_whitespace() { Some(' ') } else { is_print(c).then_some(c) };
    *text = text.chars().filter_map(clean).collect();
}

// ---- as templates see it ----

/// Where the fields of a chart's metadata are written, for origins.
pub struct MetadataPlaces<'m> {
    /// `Chart.yaml`.
    pub tree: Option<&'m Arc<Tree>>,
    /// The table that the origins go into.
    pub origins: &'m mut Origins,
    /// What they stand for.
    pub values: &'m mut ValueOrigins,
}

impl MetadataPlaces<'_> {
    fn origin(&mut self, field: &str, key: &str) -> OriginId {
        let Some(tree) = self.tree.filter(|_| self.origins.enabled()) else { return OriginId::NONE };
        let Some(node) = tree.key(tree.root(), key.as_bytes()) else { return OriginId::NONE };
        let location = tree.location(node);
        self.values.add(self.origins, || ValueOrigin::Place { name: format!(".Chart.{field}"), location })
    }
}

impl Metadata {
    /// `.Chart`, as Helm's `MetadataAsMap` makes it: a map with the names of the struct's fields. Without `IsRoot`.
    pub fn to_map(&self, places: &mut MetadataPlaces<'_>) -> Map {
        let map = Map::dict();
        let mut put = |field: &'static str, key: &str, value: Value| {
            let origin = places.origin(field, key);
            let value = if origin.is_some() { value.with_origin(origin) } else { value };
            map.insert_entry(Str::from(field), Entry { value, key_origin: OriginId::NONE });
        };
        let text = |text: &String| Value::from(text.as_str());
        put("Name", "name", text(&self.name));
        put("Home", "home", text(&self.home));
        put("Sources", "sources", strings(&self.sources));
        put("Version", "version", text(&self.version));
        put("Description", "description", text(&self.description));
        put("Keywords", "keywords", strings(&self.keywords));
        let maintainers = self.maintainers.iter().flatten().flatten().map(|maintainer| {
            struct_map([
                ("Name", text(&maintainer.name)),
                ("Email", text(&maintainer.email)),
                ("URL", text(&maintainer.url)),
            ])
        });
        put("Maintainers", "maintainers", List::new(maintainers.collect()).into());
        put("Icon", "icon", text(&self.icon));
        put("APIVersion", "apiVersion", text(&self.api_version));
        put("Condition", "condition", text(&self.condition));
        put("Tags", "tags", text(&self.tags));
        put("AppVersion", "appVersion", text(&self.app_version));
        put("Deprecated", "deprecated", Value::from(self.deprecated));
        put(
            "Annotations",
            "annotations",
            match &self.annotations {
                None => Map::nil(Type::STRING_MAP).into(),
                Some(annotations) => {
                    let entries = annotations.iter().map(|(key, value)| {
                        (Str::from(key.as_str()), Entry { value: text(value), key_origin: OriginId::NONE })
                    });
                    Map::from_entries(Type::STRING_MAP, entries).into()
                }
            },
        );
        put("KubeVersion", "kubeVersion", text(&self.kube_version));
        let dependencies = self.dependencies.iter().flatten().flatten().map(|dependency| {
            let imports = dependency.import_values.iter().flatten().map(ImportValue::to_value);
            struct_map([
                ("Name", text(&dependency.name)),
                ("Version", text(&dependency.version)),
                ("Repository", text(&dependency.repository)),
                ("Condition", text(&dependency.condition)),
                ("Tags", strings(&dependency.tags)),
                ("Enabled", Value::from(dependency.enabled)),
                ("ImportValues", List::new(imports.collect()).into()),
                ("Alias", text(&dependency.alias)),
            ])
        });
        put("Dependencies", "dependencies", List::new(dependencies.collect()).into());
        put("Type", "type", text(&self.chart_type));
        map
    }
}

fn strings(texts: &Option<Vec<String>>) -> Value {
    let texts = texts.iter().flatten().map(|text| Value::from(text.as_str()));
    List::new(texts.collect()).into()
}

fn struct_map<const N: usize>(fields: [(&'static str, Value); N]) -> Value {
    let map = Map::dict();
    for (name, value) in fields {
        map.insert(name, value);
    }
    map.into()
}

impl ImportValue {
    /// As templates see it.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            ImportValue::Written(tree, node) => tree.node_to_value(*node, &mut Origins::disabled(), 0),
            ImportValue::Pair { child, parent } => {
                let map = Map::typed(Type::STRING_MAP);
                map.insert("child", Value::from(child.as_str()));
                map.insert("parent", Value::from(parent.as_str()));
                map.into()
            }
        }
    }
}
