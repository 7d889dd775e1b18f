//! From a `values.schema.json` to something that can check values: the compiler of the validator that Helm uses
//! (`santhosh-tekuri/jsonschema` 6), drafts 4 to 2020-12.
//!
//! Schemas lie in one vector and refer to each other by [`SchemaId`], as they may refer in circles.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use chart_lint_template::Str;
use chart_lint_template::quote::go_quote;
use rustc_hash::{FxHashMap, FxHashSet};

use super::decimal::Decimal;
use super::format::Format;
use super::pattern::{self, Pattern};
use super::url;
use super::validate::{Instance, check_schema};
use crate::source::FileId;
use crate::values::json::{Numbers, decode_first};
use crate::values::tree::{NodeIndex, Tree, TreeValue};

/// Index of a compiled schema.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct SchemaId(usize);

/// A compiled schema with all schemas that it refers to.
pub(crate) struct Compiled {
    schemas: Vec<Schema>,
    docs: Vec<Arc<Doc>>,
    /// The schema that was asked for.
    pub(crate) root: SchemaId,
}

/// A JSON document with schemas in it.
pub(crate) struct Doc {
    url: String,
    text: Str,
    tree: Tree,
}

/// A value in a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Literal {
    doc: usize,
    pub(crate) node: NodeIndex,
}

/// The versions of JSON Schema.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Draft {
    V4,
    V6,
    V7,
    V2019,
    V2020,
}

/// What `items` of the older drafts is.
pub(crate) enum Items {
    One(SchemaId),
    Each(Vec<SchemaId>),
}

/// `additionalProperties` and `additionalItems`.
#[derive(Clone, Copy)]
pub(crate) enum Additional {
    Allowed(bool),
    Schema(SchemaId),
}

/// What `dependencies` asks for.
pub(crate) enum Dependency {
    Properties(Vec<String>),
    Schema(SchemaId),
}

/// One schema. The fields have the names of the keywords.
#[allow(missing_docs)]
pub(crate) struct Schema {
    /// Where it stands.
    place: Literal,
    pub(crate) draft: Draft,
    pub(crate) resource: SchemaId,
    pub(crate) dynamic_anchors: BTreeMap<String, SchemaId>,
    pub(crate) boolean: Option<bool>,
    pub(crate) reference: Option<SchemaId>,
    pub(crate) recursive_ref: Option<SchemaId>,
    pub(crate) recursive_anchor: bool,
    pub(crate) dynamic_ref: Option<(SchemaId, String)>,
    pub(crate) dynamic_anchor: String,
    pub(crate) types: Types,
    pub(crate) enumeration: Option<Vec<Literal>>,
    pub(crate) constant: Option<Literal>,
    pub(crate) not: Option<SchemaId>,
    pub(crate) all_of: Vec<SchemaId>,
    pub(crate) any_of: Vec<SchemaId>,
    pub(crate) one_of: Vec<SchemaId>,
    pub(crate) condition: Option<SchemaId>,
    pub(crate) then: Option<SchemaId>,
    pub(crate) otherwise: Option<SchemaId>,
    pub(crate) format: Option<Format>,
    pub(crate) max_properties: Option<i64>,
    pub(crate) min_properties: Option<i64>,
    pub(crate) required: Vec<String>,
    pub(crate) property_names: Option<SchemaId>,
    pub(crate) properties: FxHashMap<Str, SchemaId>,
    pub(crate) pattern_properties: Vec<(Pattern, SchemaId)>,
    pub(crate) additional_properties: Option<Additional>,
    pub(crate) dependencies: Vec<(Str, Dependency)>,
    pub(crate) dependent_required: Vec<(Str, Vec<String>)>,
    pub(crate) dependent_schemas: Vec<(Str, SchemaId)>,
    pub(crate) unevaluated_properties: Option<SchemaId>,
    pub(crate) min_items: Option<i64>,
    pub(crate) max_items: Option<i64>,
    pub(crate) unique_items: bool,
    pub(crate) contains: Option<SchemaId>,
    pub(crate) min_contains: Option<i64>,
    pub(crate) max_contains: Option<i64>,
    pub(crate) items: Option<Items>,
    pub(crate) additional_items: Option<Additional>,
    pub(crate) prefix_items: Vec<SchemaId>,
    pub(crate) items_2020: Option<SchemaId>,
    pub(crate) unevaluated_items: Option<SchemaId>,
    pub(crate) min_length: Option<i64>,
    pub(crate) max_length: Option<i64>,
    pub(crate) pattern: Option<Pattern>,
    pub(crate) maximum: Option<Decimal>,
    pub(crate) minimum: Option<Decimal>,
    pub(crate) exclusive_maximum: Option<Decimal>,
    pub(crate) exclusive_minimum: Option<Decimal>,
    pub(crate) multiple_of: Option<Decimal>,
}

impl Schema {
    fn new(place: Literal, draft: Draft, resource: SchemaId) -> Schema {
        Schema {
            place,
            draft,
            resource,
            dynamic_anchors: BTreeMap::new(),
            boolean: None,
            reference: None,
            recursive_ref: None,
            recursive_anchor: false,
            dynamic_ref: None,
            dynamic_anchor: String::new(),
            types: Types::default(),
            enumeration: None,
            constant: None,
            not: None,
            all_of: Vec::new(),
            any_of: Vec::new(),
            one_of: Vec::new(),
            condition: None,
            then: None,
            otherwise: None,
            format: None,
            max_properties: None,
            min_properties: None,
            required: Vec::new(),
            property_names: None,
            properties: FxHashMap::default(),
            pattern_properties: Vec::new(),
            additional_properties: None,
            dependencies: Vec::new(),
            dependent_required: Vec::new(),
            dependent_schemas: Vec::new(),
            unevaluated_properties: None,
            min_items: None,
            max_items: None,
            unique_items: false,
            contains: None,
            min_contains: None,
            max_contains: None,
            items: None,
            additional_items: None,
            prefix_items: Vec::new(),
            items_2020: None,
            unevaluated_items: None,
            min_length: None,
            max_length: None,
            pattern: None,
            maximum: None,
            minimum: None,
            exclusive_maximum: None,
            exclusive_minimum: None,
            multiple_of: None,
        }
    }

    /// Whether all properties count as evaluated.
    pub(crate) fn evaluates_all_properties(&self) -> bool {
        self.additional_properties.is_some()
    }

    /// Whether all items count as evaluated.
    pub(crate) fn evaluates_all_items(&self) -> bool {
        if self.draft >= Draft::V2020 {
            self.items_2020.is_some()
        } else {
            self.additional_items.is_some() || matches!(self.items, Some(Items::One(_)))
        }
    }

    /// How many of the first items count as evaluated.
    pub(crate) fn evaluated_items(&self) -> usize {
        match &self.items {
            _ if self.draft >= Draft::V2020 => self.prefix_items.len(),
            Some(Items::Each(items)) => items.len(),
            _ => 0,
        }
    }
}

/// A set of JSON's types.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Types(u8);

/// The names of the types, in the order in which messages list them.
pub(crate) const TYPE_NAMES: [&str; 7] =
    ["null", "boolean", "number", "integer", "string", "array", "object"];

impl Types {
    pub(crate) fn add(&mut self, name: &str) {
        if let Some(at) = TYPE_NAMES.iter().position(|known| *known == name) {
            self.0 |= 1 << at;
        }
    }

    pub(crate) fn has(self, name: &str) -> bool {
        TYPE_NAMES.iter().position(|known| *known == name).is_some_and(|at| self.0 & 1 << at != 0)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The names, with ` or ` between them.
    pub(crate) fn describe(self) -> String {
        let names: Vec<&str> = TYPE_NAMES.into_iter().filter(|name| self.has(name)).collect();
        names.join(" or ")
    }
}

impl Compiled {
    pub(crate) fn get(&self, id: SchemaId) -> &Schema {
        &self.schemas[id.0]
    }

    /// Where a schema stands, as messages say it.
    pub(crate) fn location(&self, id: SchemaId) -> String {
        let Literal { doc, node } = self.get(id).place;
        self.docs[doc].location(node)
    }

    /// A value that a schema holds.
    pub(crate) fn literal(&self, literal: Literal) -> Instance<'_> {
        Instance::json(&self.docs[literal.doc], literal.node)
    }
}

impl Doc {
    fn parse(url: &str, text: &Str) -> Result<Doc, String> {
        let (tree, end) =
            decode_first(text, FileId::NONE, Numbers::Texts).map_err(|error| error.to_string())?;
        if text[end..].iter().any(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            return Err("invalid character after top-level value".to_owned());
        }
        Ok(Doc { url: url.to_owned(), text: text.clone(), tree })
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The digits of a number.
    pub(crate) fn number_text(&self, node: NodeIndex) -> &str {
        let span = self.tree.location(node).span;
        std::str::from_utf8(&self.text[span.range()]).unwrap_or_default()
    }

    fn is_object(&self, node: NodeIndex) -> bool {
        matches!(self.tree.get(node), TreeValue::Map)
    }

    fn key(&self, node: NodeIndex, key: &str) -> Option<NodeIndex> {
        self.tree.key(node, key.as_bytes())
    }

    fn string(&self, node: NodeIndex, key: &str) -> Option<String> {
        match self.tree.get(self.key(node, key)?) {
            TreeValue::String(text) => Some(text.to_utf8().into_owned()),
            _ => None,
        }
    }

    fn boolean(&self, node: NodeIndex, key: &str) -> Option<bool> {
        match self.tree.get(self.key(node, key)?) {
            TreeValue::Bool(b) => Some(b),
            _ => None,
        }
    }

    fn decimal(&self, node: NodeIndex, key: &str) -> Option<Decimal> {
        let node = self.key(node, key)?;
        match self.tree.get(node) {
            TreeValue::Number(_) => Decimal::parse(self.number_text(node)),
            _ => None,
        }
    }

    fn int(&self, node: NodeIndex, key: &str) -> Option<i64> {
        self.decimal(node, key)?.to_int()
    }

    /// The items of a list.
    fn array(&self, node: NodeIndex, key: &str) -> Option<Vec<NodeIndex>> {
        let node = self.key(node, key)?;
        matches!(self.tree.get(node), TreeValue::List).then(|| self.tree.items(node).collect())
    }

    /// The entries of an object, in the order of their keys.
    fn object(&self, node: NodeIndex, key: &str) -> Option<Vec<(Str, NodeIndex)>> {
        let node = self.key(node, key)?;
        if !self.is_object(node) {
            return None;
        }
        let mut entries: Vec<_> = self.tree.entries(node).map(|(key, _, node)| (key.clone(), node)).collect();
        entries.sort();
        Some(entries)
    }

    fn strings(&self, node: NodeIndex) -> Vec<String> {
        let text = |node| match self.tree.get(node) {
            TreeValue::String(text) => Some(text.to_utf8().into_owned()),
            _ => None,
        };
        self.tree.items(node).filter_map(text).collect()
    }

    /// The JSON pointer of a node.
    fn pointer(&self, node: NodeIndex) -> String {
        use crate::values::tree::PathStep;
        let mut pointer = String::new();
        for step in self.tree.path(node).0 {
            pointer.push('/');
            match step {
                PathStep::Key(key) => pointer.push_str(&escape(&key.to_utf8())),
                PathStep::Index(index) => pointer.push_str(&index.to_string()),
            }
        }
        pointer
    }

    /// The address of a node.
    fn location(&self, node: NodeIndex) -> String {
        format!("{}#{}", self.url, url::path_escape(&self.pointer(node)))
    }

    /// The node at the end of a pointer that starts at another node.
    fn lookup(&self, from: NodeIndex, pointer: &str) -> Option<NodeIndex> {
        pointer.split('/').skip(1).try_fold(from, |node, token| {
            let token = unescape(token)?;
            match self.tree.get(node) {
                TreeValue::Map => self.tree.key(node, token.as_bytes()),
                TreeValue::List => self.tree.items(node).nth(token.parse().ok()?),
                _ => None,
            }
        })
    }
}

/// A key as a part of a JSON pointer.
pub(crate) fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

fn unescape(token: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = token.chars();
    while let Some(c) = rest.next() {
        out.push(match c {
            '~' => match rest.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            c => c,
        });
    }
    Some(out)
}

impl Draft {
    fn of_url(url: &str) -> Option<Draft> {
        let (url, fragment) = split(url);
        if !fragment.is_empty() {
            return None;
        }
        let name = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")).unwrap_or(url);
        Some(match name {
            "json-schema.org/schema" | "json-schema.org/draft/2020-12/schema" => Draft::V2020,
            "json-schema.org/draft/2019-09/schema" => Draft::V2019,
            "json-schema.org/draft-07/schema" => Draft::V7,
            "json-schema.org/draft-06/schema" => Draft::V6,
            "json-schema.org/draft-04/schema" => Draft::V4,
            _ => return None,
        })
    }

    fn url(self) -> &'static str {
        match self {
            Draft::V4 => "http://json-schema.org/draft-04/schema",
            Draft::V6 => "http://json-schema.org/draft-06/schema",
            Draft::V7 => "http://json-schema.org/draft-07/schema",
            Draft::V2019 => "https://json-schema.org/draft/2019-09/schema",
            Draft::V2020 => "https://json-schema.org/draft/2020-12/schema",
        }
    }

    /// The `$id` of an object without its fragment, empty if there is none.
    fn id_of(self, doc: &Doc, node: NodeIndex) -> String {
        if self < Draft::V2019 && doc.key(node, "$ref").is_some() {
            return String::new();
        }
        let id = doc.string(node, self.id_key()).unwrap_or_default();
        split(&id).0.to_owned()
    }

    fn id_key(self) -> &'static str {
        if self == Draft::V4 { "id" } else { "$id" }
    }

    /// Where schemas lie in a schema.
    fn subschemas(self, doc: &Doc, node: NodeIndex) -> Vec<NodeIndex> {
        const PROPERTIES: [(Draft, &str); 13] = [
            (Draft::V4, "not"),
            (Draft::V4, "additionalProperties"),
            (Draft::V4, "items"),
            (Draft::V4, "additionalItems"),
            (Draft::V6, "propertyNames"),
            (Draft::V6, "contains"),
            (Draft::V7, "if"),
            (Draft::V7, "then"),
            (Draft::V7, "else"),
            (Draft::V2019, "unevaluatedProperties"),
            (Draft::V2019, "unevaluatedItems"),
            (Draft::V2019, "contentSchema"),
            (Draft::V2020, ""),
        ];
        const LISTS: [(Draft, &str); 5] = [
            (Draft::V4, "allOf"),
            (Draft::V4, "anyOf"),
            (Draft::V4, "oneOf"),
            (Draft::V4, "items"),
            (Draft::V2020, "prefixItems"),
        ];
        const MAPS: [(Draft, &str); 6] = [
            (Draft::V4, "definitions"),
            (Draft::V4, "properties"),
            (Draft::V4, "patternProperties"),
            (Draft::V4, "dependencies"),
            (Draft::V2019, "$defs"),
            (Draft::V2019, "dependentSchemas"),
        ];
        let known = |entry: &&(Draft, &str)| entry.0 <= self && !entry.1.is_empty();
        let mut nodes: Vec<NodeIndex> =
            PROPERTIES.iter().filter(known).filter_map(|(_, key)| doc.key(node, key)).collect();
        for (_, key) in LISTS.iter().filter(known) {
            nodes.extend(doc.array(node, key).into_iter().flatten());
        }
        for (_, key) in MAPS.iter().filter(known) {
            nodes.extend(doc.object(node, key).into_iter().flatten().map(|(_, node)| node));
        }
        nodes.sort();
        nodes
    }
}

/// An address before and after `#`.
fn split(url: &str) -> (&str, &str) {
    url.split_once('#').unwrap_or((url, ""))
}

fn split_fragment(url: &str) -> Result<(&str, String), String> {
    let (before, fragment) = split(url);
    let fragment = url::path_unescape(fragment).map_err(|error| url::parse_error(url, &error))?;
    Ok((before, fragment))
}

/// What a schema with an `$id` of its own, and what is below it, have in common.
#[derive(Clone)]
pub(crate) struct Resource {
    id: String,
    pub(crate) draft: Draft,
    anchors: BTreeMap<String, NodeIndex>,
    dynamic_anchors: Vec<String>,
}

/// A document that takes part.
struct Root {
    doc: Arc<Doc>,
    resources: BTreeMap<NodeIndex, Resource>,
    processed: FxHashSet<NodeIndex>,
}

impl Root {
    /// The nearest resource around a node.
    fn resource(&self, node: NodeIndex) -> (NodeIndex, &Resource) {
        let mut at = Some(node);
        while let Some(node) = at {
            if let Some(resource) = self.resources.get(&node) {
                return (node, resource);
            }
            at = self.doc.tree.parent(node);
        }
        let root = self.doc.tree.root();
        (root, &self.resources[&root])
    }
}

struct Compiler {
    roots: Vec<Root>,
    /// Documents that are known by address.
    by_url: FxHashMap<String, usize>,
    /// Schemas that are or will be compiled; a reference that leads nowhere is an error only when it is its turn.
    queue: Vec<Result<(usize, NodeIndex), String>>,
    ids: FxHashMap<(usize, NodeIndex), SchemaId>,
    schemas: Vec<Schema>,
    assert_format: bool,
}

/// The address that Helm gives to a chart's schema.
const ADDRESS: &str = "file:///values.schema.json";

/// Compiles a chart's schema. The error is Helm's text.
pub(crate) fn compile(text: &Str) -> Result<Compiled, String> {
    let doc = Doc::parse(ADDRESS, text)?;
    let mut compiler = Compiler::new(false);
    let root = compiler.add_root(Arc::new(doc))?;
    compiler.compile(root)
}

/// The schema that schemas of a draft are checked with.
pub(crate) fn meta_schema(draft: Draft) -> Result<&'static Compiled, String> {
    static META: [OnceLock<Result<Compiled, String>>; 5] = [const { OnceLock::new() }; 5];
    let compiled = META[draft as usize].get_or_init(|| {
        let mut compiler = Compiler::new(true);
        let root = compiler.or_load(draft.url())?;
        compiler.compile(root)
    });
    compiled.as_ref().map_err(Clone::clone)
}

/// The built-in document of an address, if there is one.
fn built_in(url: &str) -> Option<&'static str> {
    let name = url
        .strip_prefix("http://json-schema.org/")
        .or_else(|| url.strip_prefix("https://json-schema.org/"))?;
    macro_rules! file {
        ($name:literal) => {
            include_str!(concat!("metaschemas/", $name, ".json"))
        };
    }
    Some(match name {
        "schema" | "draft/2020-12/schema" => file!("draft_2020-12_schema"),
        "draft/2020-12/meta/applicator" => file!("draft_2020-12_meta_applicator"),
        "draft/2020-12/meta/content" => file!("draft_2020-12_meta_content"),
        "draft/2020-12/meta/core" => file!("draft_2020-12_meta_core"),
        "draft/2020-12/meta/format-annotation" => file!("draft_2020-12_meta_format-annotation"),
        "draft/2020-12/meta/format-assertion" => file!("draft_2020-12_meta_format-assertion"),
        "draft/2020-12/meta/meta-data" => file!("draft_2020-12_meta_meta-data"),
        "draft/2020-12/meta/unevaluated" => file!("draft_2020-12_meta_unevaluated"),
        "draft/2020-12/meta/validation" => file!("draft_2020-12_meta_validation"),
        "draft/2019-09/schema" => file!("draft_2019-09_schema"),
        "draft/2019-09/meta/applicator" => file!("draft_2019-09_meta_applicator"),
        "draft/2019-09/meta/content" => file!("draft_2019-09_meta_content"),
        "draft/2019-09/meta/core" => file!("draft_2019-09_meta_core"),
        "draft/2019-09/meta/format" => file!("draft_2019-09_meta_format"),
        "draft/2019-09/meta/meta-data" => file!("draft_2019-09_meta_meta-data"),
        "draft/2019-09/meta/validation" => file!("draft_2019-09_meta_validation"),
        "draft-07/schema" => file!("draft-07_schema"),
        "draft-06/schema" => file!("draft-06_schema"),
        "draft-04/schema" => file!("draft-04_schema"),
        _ => return None,
    })
}

fn is_built_in(url: &str) -> bool {
    url.starts_with("http://json-schema.org/") || url.starts_with("https://json-schema.org/")
}

/// The content of an address. Nothing is read and nothing is fetched: a chart cannot read outside of its folder, and
/// chart-lint does not use the network.
fn load(address: &str) -> Result<Str, String> {
    if let Some(text) = built_in(address) {
        return Ok(Str::from(text));
    }
    let shown = go_quote(address.as_bytes());
    let failed = |why: String| Err(format!("failing loading {shown}: {why}"));
    let parsed = match url::Url::parse(address) {
        Ok(parsed) => parsed,
        Err(error) => return failed(error),
    };
    match parsed.scheme() {
        // An unknown name allows everything, as in Helm.
        b"urn" => Ok(Str::from("true")),
        b"file" => failed(format!("open {}: no such file or directory", parsed.path())),
        b"http" | b"https" => failed(format!(
            "HTTP request failed for {address}: Get {shown}: chart-lint does not use the network"
        )),
        _ => failed(format!("no URLLoader registered for {shown}")),
    }
}

impl Compiler {
    fn new(assert_format: bool) -> Compiler {
        Compiler {
            roots: Vec::new(),
            by_url: FxHashMap::default(),
            queue: Vec::new(),
            ids: FxHashMap::default(),
            schemas: Vec::new(),
            assert_format,
        }
    }

    fn compile(mut self, root: usize) -> Result<Compiled, String> {
        let node = self.roots[root].doc.tree.root();
        let root = self.enqueue(root, node);
        let mut at = 0;
        while let Some(next) = self.queue.get(at) {
            let (root, node) = next.clone()?;
            self.ensure_collected(root, node)?;
            let schema = self.compile_value(root, node)?;
            self.schemas.push(schema);
            at += 1;
        }
        let docs = self.roots.into_iter().map(|root| root.doc).collect();
        Ok(Compiled { schemas: self.schemas, docs, root })
    }

    fn enqueue(&mut self, root: usize, node: NodeIndex) -> SchemaId {
        let next = SchemaId(self.queue.len());
        let id = *self.ids.entry((root, node)).or_insert(next);
        if id == next {
            self.queue.push(Ok((root, node)));
        }
        id
    }

    fn or_load(&mut self, url: &str) -> Result<usize, String> {
        if let Some(&root) = self.by_url.get(url) {
            return Ok(root);
        }
        let text = load(url)?;
        let doc = Doc::parse(url, &text)
            .map_err(|error| format!("failing loading {}: {error}", go_quote(url.as_bytes())))?;
        self.add_root(Arc::new(doc))
    }

    fn add_root(&mut self, doc: Arc<Doc>) -> Result<usize, String> {
        let url = doc.url.clone();
        let node = doc.tree.root();
        let root = self.roots.len();
        self.roots.push(Root { doc, resources: BTreeMap::new(), processed: FxHashSet::default() });
        self.collect(root, node, &url, Draft::V2020)?;
        if !is_built_in(&url) {
            self.check(root, node)?;
        }
        self.by_url.insert(url, root);
        Ok(root)
    }

    fn location(&self, root: usize, node: NodeIndex) -> String {
        self.roots[root].doc.location(node)
    }

    fn quoted_location(&self, root: usize, node: NodeIndex) -> String {
        go_quote(self.location(root, node).as_bytes())
    }

    /// Checks a schema with the schema of its draft.
    fn check(&self, root: usize, node: NodeIndex) -> Result<(), String> {
        let Root { doc, resources, .. } = &self.roots[root];
        let draft = self.roots[root].resource(node).1.draft;
        let meta = meta_schema(draft)?;
        check_schema(meta, Instance::json(doc, node), resources).map_err(|error| {
            let location = self.quoted_location(root, node);
            format!("{location} is not valid against metaschema: {error}")
        })
    }

    /// The draft that `$schema` names.
    fn draft_of(&self, root: usize, node: NodeIndex, fallback: Draft) -> Result<Draft, String> {
        let doc = &self.roots[root].doc;
        let Some(schema) = doc.string(node, "$schema") else { return Ok(fallback) };
        if let Some(draft) = Draft::of_url(&schema) {
            return Ok(draft);
        }
        let mut seen = FxHashSet::default();
        let mut at = self.quoted_location(root, node);
        let mut own = (node == doc.tree.root()).then(|| doc.url.clone());
        let mut schema = split(&schema).0.to_owned();
        loop {
            url::Url::parse(&schema).map_err(|error| format!("invalid $schema in {at}: {error}"))?;
            let quoted = go_quote(schema.as_bytes());
            if own.as_ref() == Some(&schema) {
                return Err(format!("draft {quoted} is not supported"));
            }
            if !seen.insert(schema.clone()) {
                return Err(format!("cycle in resolving $schema in {quoted}"));
            }
            let text = load(&schema)?;
            let doc = Doc::parse(&schema, &text)?;
            let Some(next) = doc.string(doc.tree.root(), "$schema") else { return Ok(fallback) };
            if let Some(draft) = Draft::of_url(&next) {
                return Ok(draft);
            }
            at = go_quote(format!("{schema}#").as_bytes());
            own = Some(schema);
            schema = split(&next).0.to_owned();
        }
    }

    /// Finds the resources and anchors in a schema and those in it.
    fn collect(&mut self, root: usize, node: NodeIndex, base: &str, fallback: Draft) -> Result<(), String> {
        if !self.roots[root].processed.insert(node) {
            return Ok(());
        }
        let doc = Arc::clone(&self.roots[root].doc);
        let is_root = node == doc.tree.root();
        if !doc.is_object(node) {
            if is_root {
                self.add_resource(root, node, base, fallback);
            }
            return Ok(());
        }
        let mut has_schema = doc.string(node, "$schema").is_some();
        let mut draft = self.draft_of(root, node, fallback)?;
        let mut id = draft.id_of(&doc, node);
        if id.is_empty() && !is_root {
            draft = fallback;
            has_schema = false;
            id = draft.id_of(&doc, node);
        }
        let mut base = base.to_owned();
        if !id.is_empty() {
            base = url::join(&base, &id)
                .map_err(|_| format!("error in parsing id at {}", self.quoted_location(root, node)))?;
        }
        if !id.is_empty() || is_root {
            let same = self.roots[root].resources.iter().find(|(_, resource)| resource.id == base);
            match same {
                None => self.add_resource(root, node, &base, if has_schema { draft } else { fallback }),
                Some((&other, _)) if other != node => {
                    let quote = |text: &str| go_quote(text.as_bytes());
                    return Err(format!(
                        "duplicate id {} in {} at {} and {}",
                        quote(&base),
                        quote(&doc.url),
                        quote(&doc.pointer(node)),
                        quote(&doc.pointer(other))
                    ));
                }
                Some(_) => {}
            }
        }
        let holder = self.roots[root].resources.iter().find(|(_, resource)| resource.id == base);
        let Some((&holder, resource)) = holder else { return Ok(()) };
        let inner = resource.draft;
        self.collect_anchors(root, node, holder)?;
        for child in draft.subschemas(&doc, node) {
            self.collect(root, child, &base, inner)?;
        }
        Ok(())
    }

    fn add_resource(&mut self, root: usize, node: NodeIndex, id: &str, draft: Draft) {
        let resource =
            Resource { id: id.to_owned(), draft, anchors: BTreeMap::new(), dynamic_anchors: Vec::new() };
        self.roots[root].resources.insert(node, resource);
    }

    fn collect_anchors(&mut self, root: usize, node: NodeIndex, holder: NodeIndex) -> Result<(), String> {
        let doc = Arc::clone(&self.roots[root].doc);
        let Some(resource) = self.roots[root].resources.get_mut(&holder) else { return Ok(()) };
        let mut add = |anchor: String| match resource.anchors.get(&anchor) {
            Some(&other) if other != node => {
                let quote = |text: &str| go_quote(text.as_bytes());
                Err(format!(
                    "duplicate anchor {} in {} at {} and {}",
                    quote(&anchor),
                    quote(&doc.url),
                    quote(&doc.pointer(other)),
                    quote(&doc.pointer(node))
                ))
            }
            _ => {
                resource.anchors.insert(anchor, node);
                Ok(())
            }
        };
        if resource.draft < Draft::V2019 {
            if doc.key(node, "$ref").is_some() {
                return Ok(());
            }
            if let Some(id) = doc.string(node, resource.draft.id_key()) {
                let (_, fragment) = split_fragment(&id).map_err(|_| {
                    format!("error in parsing anchor at {}", go_quote(doc.location(node).as_bytes()))
                })?;
                if !fragment.is_empty() && !fragment.starts_with('/') {
                    add(fragment)?;
                }
            }
            return Ok(());
        }
        if let Some(anchor) = doc.string(node, "$anchor") {
            add(anchor)?;
        }
        if resource.draft >= Draft::V2020
            && let Some(anchor) = doc.string(node, "$dynamicAnchor")
        {
            add(anchor.clone())?;
            resource.dynamic_anchors.push(anchor);
        }
        Ok(())
    }

    /// A schema in a place where no draft expects one is looked at when something refers to it.
    fn ensure_collected(&mut self, root: usize, node: NodeIndex) -> Result<(), String> {
        if self.roots[root].processed.contains(&node) {
            return Ok(());
        }
        let (_, resource) = self.roots[root].resource(node);
        let (base, draft) = (resource.id.clone(), resource.draft);
        self.collect(root, node, &base, draft)?;
        self.check(root, node)
    }

    /// What a reference in a schema means.
    fn resolve(&mut self, root: usize, node: NodeIndex, reference: &str) -> Result<SchemaId, String> {
        let (address, fragment) = split_fragment(reference)?;
        let base = self.roots[root].resource(node).1.id.clone();
        let address = url::join(&base, address)?;
        let here = &self.roots[root];
        let top = here.doc.tree.root();
        let local = if address == here.doc.url {
            Some(top)
        } else {
            here.resources.iter().find(|(_, resource)| resource.id == address).map(|(&node, _)| node)
        };
        let (root, resource) = match local {
            Some(node) => (root, node),
            None => {
                let root = self.or_load(&address)?;
                (root, self.roots[root].doc.tree.root())
            }
        };
        let Root { doc, resources, .. } = &self.roots[root];
        let target = if fragment.is_empty() || fragment.starts_with('/') {
            let shown = || {
                let pointer = format!("{}{fragment}", doc.pointer(resource));
                go_quote(format!("{}#{}", doc.url, url::path_escape(&pointer)).as_bytes())
            };
            let error = if fragment.split('/').any(|token| unescape(token).is_none()) {
                Some(format!("invalid json-pointer {}", shown()))
            } else {
                None
            };
            match doc.lookup(resource, &fragment) {
                Some(node) if error.is_none() => node,
                _ => {
                    let error = error.unwrap_or_else(|| format!("json-pointer in {} not found", shown()));
                    self.queue.push(Err(error));
                    return Ok(SchemaId(self.queue.len() - 1));
                }
            }
        } else {
            let id = &resources[&resource].id;
            *resources[&resource].anchors.get(&fragment).ok_or_else(|| {
                let shown = format!("{id}#{}", url::path_escape(&fragment));
                format!(
                    "anchor in {} not found in schema {}",
                    go_quote(shown.as_bytes()),
                    go_quote(doc.url.as_bytes())
                )
            })?
        };
        Ok(self.enqueue(root, target))
    }

    fn compile_value(&mut self, root: usize, node: NodeIndex) -> Result<Schema, String> {
        let (base, resource) = self.roots[root].resource(node);
        let draft = resource.draft;
        let mut dynamic = Vec::new();
        if draft >= Draft::V2020 && base == node {
            let anchors = resource.dynamic_anchors.iter();
            dynamic.extend(anchors.filter_map(|name| Some((name.clone(), *resource.anchors.get(name)?))));
            dynamic.sort();
        }
        let holder = self.enqueue(root, base);
        let mut schema = Schema::new(Literal { doc: root, node }, draft, holder);
        for (anchor, target) in dynamic {
            let id = self.enqueue(root, target);
            schema.dynamic_anchors.insert(anchor, id);
        }
        let doc = Arc::clone(&self.roots[root].doc);
        match doc.tree.get(node) {
            TreeValue::Bool(b) => schema.boolean = Some(b),
            TreeValue::Map if doc.tree.entries(node).next().is_none() => schema.boolean = Some(true),
            TreeValue::Map => self.compile_object(&mut schema, &doc, root, node)?,
            _ => {}
        }
        Ok(schema)
    }

    fn property(&mut self, doc: &Doc, root: usize, node: NodeIndex, key: &str) -> Option<SchemaId> {
        doc.key(node, key).map(|child| self.enqueue(root, child))
    }

    fn list(&mut self, doc: &Doc, root: usize, node: NodeIndex, key: &str) -> Vec<SchemaId> {
        let items = doc.array(node, key).unwrap_or_default();
        items.into_iter().map(|child| self.enqueue(root, child)).collect()
    }

    fn map(&mut self, doc: &Doc, root: usize, node: NodeIndex, key: &str) -> Vec<(Str, SchemaId)> {
        let entries = doc.object(node, key).unwrap_or_default();
        entries.into_iter().map(|(key, child)| (key, self.enqueue(root, child))).collect()
    }

    fn additional(&mut self, doc: &Doc, root: usize, node: NodeIndex, key: &str) -> Option<Additional> {
        match doc.boolean(node, key) {
            Some(allowed) => Some(Additional::Allowed(allowed)),
            None => self.property(doc, root, node, key).map(Additional::Schema),
        }
    }

    fn pattern(&self, root: usize, node: NodeIndex, key: &str, text: &str) -> Result<Pattern, String> {
        pattern::compile(text).map_err(|error| {
            let at = format!("{}/{key}", self.location(root, node));
            format!("invalid regex {} at {}: {error}", go_quote(text.as_bytes()), go_quote(at.as_bytes()))
        })
    }

    fn compile_object(
        &mut self,
        schema: &mut Schema,
        doc: &Arc<Doc>,
        root: usize,
        node: NodeIndex,
    ) -> Result<(), String> {
        if let Some(reference) = doc.string(node, "$ref") {
            schema.reference = Some(self.resolve(root, node, &reference)?);
        }
        // What stands beside a reference is ignored in the older drafts, but only the keywords of the first of them.
        if schema.draft >= Draft::V2019 || schema.reference.is_none() {
            self.compile_draft_4(schema, doc, root, node)?;
        }
        self.compile_later_drafts(schema, doc, root, node)
    }

    fn compile_draft_4(
        &mut self,
        schema: &mut Schema,
        doc: &Arc<Doc>,
        root: usize,
        node: NodeIndex,
    ) -> Result<(), String> {
        let draft = schema.draft;
        let literal = |node: NodeIndex| Literal { doc: root, node };
        schema.all_of = self.list(doc, root, node, "allOf");
        schema.any_of = self.list(doc, root, node, "anyOf");
        schema.one_of = self.list(doc, root, node, "oneOf");
        schema.not = self.property(doc, root, node, "not");
        if draft < Draft::V2020 {
            if doc.array(node, "items").is_some() {
                schema.items = Some(Items::Each(self.list(doc, root, node, "items")));
                schema.additional_items = self.additional(doc, root, node, "additionalItems");
            } else {
                schema.items = self.property(doc, root, node, "items").map(Items::One);
            }
        }
        schema.properties = self.map(doc, root, node, "properties").into_iter().collect();
        for (key, child) in self.map(doc, root, node, "patternProperties") {
            let pattern = self.pattern(root, node, "patternProperties", &key.to_utf8())?;
            schema.pattern_properties.push((pattern, child));
        }
        schema.additional_properties = self.additional(doc, root, node, "additionalProperties");
        for (key, child) in doc.object(node, "dependencies").into_iter().flatten() {
            let dependency = match doc.tree.get(child) {
                TreeValue::List => Dependency::Properties(doc.strings(child)),
                _ => Dependency::Schema(self.enqueue(root, child)),
            };
            schema.dependencies.push((key, dependency));
        }
        if let Some(types) = doc.key(node, "type") {
            match doc.tree.get(types) {
                TreeValue::String(name) => schema.types.add(&name.to_utf8()),
                _ => doc.strings(types).iter().for_each(|name| schema.types.add(name)),
            }
        }
        schema.enumeration = doc.array(node, "enum").map(|items| items.into_iter().map(literal).collect());
        schema.multiple_of = doc.decimal(node, "multipleOf");
        schema.maximum = doc.decimal(node, "maximum");
        schema.exclusive_maximum = match doc.boolean(node, "exclusiveMaximum") {
            Some(true) => schema.maximum.take(),
            _ => doc.decimal(node, "exclusiveMaximum"),
        };
        schema.minimum = doc.decimal(node, "minimum");
        schema.exclusive_minimum = match doc.boolean(node, "exclusiveMinimum") {
            Some(true) => schema.minimum.take(),
            _ => doc.decimal(node, "exclusiveMinimum"),
        };
        schema.min_length = doc.int(node, "minLength");
        schema.max_length = doc.int(node, "maxLength");
        if let Some(text) = doc.string(node, "pattern") {
            schema.pattern = Some(self.pattern(root, node, "pattern", &text)?);
        }
        schema.min_items = doc.int(node, "minItems");
        schema.max_items = doc.int(node, "maxItems");
        schema.unique_items = doc.boolean(node, "uniqueItems") == Some(true);
        schema.max_properties = doc.int(node, "maxProperties");
        schema.min_properties = doc.int(node, "minProperties");
        schema.required = doc.key(node, "required").map(|list| doc.strings(list)).unwrap_or_default();
        if self.assert_format || draft < Draft::V2019 {
            schema.format = doc.string(node, "format").and_then(|name| Format::find(&name));
        }
        Ok(())
    }

    fn compile_later_drafts(
        &mut self,
        schema: &mut Schema,
        doc: &Arc<Doc>,
        root: usize,
        node: NodeIndex,
    ) -> Result<(), String> {
        let draft = schema.draft;
        let literal = |node: NodeIndex| Literal { doc: root, node };
        if draft >= Draft::V6 {
            schema.contains = self.property(doc, root, node, "contains");
            schema.property_names = self.property(doc, root, node, "propertyNames");
            schema.constant = doc.key(node, "const").map(literal);
        }
        if draft >= Draft::V7 {
            schema.condition = self.property(doc, root, node, "if");
            if schema.condition.is_some() {
                let always = doc.boolean(node, "if");
                if always != Some(false) {
                    schema.then = self.property(doc, root, node, "then");
                }
                if always != Some(true) {
                    schema.otherwise = self.property(doc, root, node, "else");
                }
            }
        }
        if draft >= Draft::V2019 {
            if let Some(reference) = doc.string(node, "$recursiveRef") {
                schema.recursive_ref = Some(self.resolve(root, node, &reference)?);
            }
            schema.recursive_anchor = doc.boolean(node, "$recursiveAnchor") == Some(true);
            if schema.contains.is_some() {
                schema.min_contains = doc.int(node, "minContains");
                schema.max_contains = doc.int(node, "maxContains");
            }
            for (key, child) in doc.object(node, "dependentRequired").into_iter().flatten() {
                if let TreeValue::List = doc.tree.get(child) {
                    schema.dependent_required.push((key, doc.strings(child)));
                }
            }
            schema.dependent_schemas = self.map(doc, root, node, "dependentSchemas");
            schema.unevaluated_items = self.property(doc, root, node, "unevaluatedItems");
            schema.unevaluated_properties = self.property(doc, root, node, "unevaluatedProperties");
        }
        if draft >= Draft::V2020 {
            if let Some(reference) = doc.string(node, "$dynamicRef") {
                let target = self.resolve(root, node, &reference)?;
                let (_, fragment) = split_fragment(&reference)?;
                let anchor = if fragment.starts_with('/') { String::new() } else { fragment };
                schema.dynamic_ref = Some((target, anchor));
            }
            schema.dynamic_anchor = doc.string(node, "$dynamicAnchor").unwrap_or_default();
            schema.prefix_items = self.list(doc, root, node, "prefixItems");
            schema.items_2020 = self.property(doc, root, node, "items");
        }
        Ok(())
    }
}
