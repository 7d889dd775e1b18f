//! What a chart could render but does not: objects in branches that were not taken, and the values keys that would take
//! them. So a finding can say "the chart has one that is off: set `networkPolicy.enabled`" instead of "missing".

use std::collections::HashMap;
use std::rc::Rc;

use chart_lint_template::ast::{Branch, NodeKind};
use chart_lint_template::{Map, NodeId, PlaceId, Span, Str, Tree};
use rustc_hash::FxBuildHasher;

use crate::provenance::TemplateSources;
use crate::render::engine::Rendered;
use crate::source::Location;
use crate::values::{ValueOrigin, ValueOrigins};

/// An object that no branch taken renders.
#[derive(Clone, Debug)]
pub struct Toggle {
    /// The kind: `NetworkPolicy`.
    pub kind: String,
    /// The template: `chart/templates/networkpolicy.yaml`.
    pub template: Str,
    /// Where the template says so.
    pub location: Location,
    /// The values keys that keep it away: `networkPolicy.enabled`.
    pub keys: Vec<String>,
    /// Where those keys are set, with what to say there.
    pub places: Vec<(Location, String)>,
}

/// A field that a template writes in a branch that was not taken.
#[derive(Clone, Debug)]
pub struct OffField {
    /// The field's name: `securityContext`.
    pub name: String,
    /// The template file: `chart/templates/deployment.yaml`.
    pub source: Str,
    /// Where the template writes it.
    pub location: Location,
    /// The values keys that the conditions around it read.
    pub keys: Vec<String>,
}

/// Finds the fields that templates write in branches that were not taken, those of dependencies left out.
pub fn off_fields(sources: &TemplateSources, rendered: &Rendered) -> Vec<OffField> {
    let mut fields = Vec::new();
    for (name, file, tree) in sources.iter() {
        if crate::rules::is_of_dependency(&name.to_utf8()) {
            continue;
        }
        let mut pending: Vec<(NodeId, Rc<[NodeId]>)> =
            tree.definitions.iter().map(|definition| (definition.root, Rc::from([]))).collect();
        while let Some((id, unmet)) = pending.pop() {
            match &tree.node(id).kind {
                NodeKind::List(items) => {
                    pending.extend(tree.children(*items).iter().map(|&item| (item, unmet.clone())));
                }
                NodeKind::If(branch) | NodeKind::With(branch) | NodeKind::Range(branch) => {
                    let place = rendered.origins.place_of(name, id);
                    let arms = place.and_then(|place| rendered.arms.get(&place)).copied().unwrap_or(0);
                    pending.extend(branch.else_list.map(|list| (list, unmet.clone())));
                    let inside = if arms & 1 != 0 {
                        unmet
                    } else {
                        unmet.iter().copied().chain([branch.pipe]).collect()
                    };
                    pending.push((branch.list, inside));
                }
                NodeKind::Text(text) if !unmet.is_empty() => {
                    let start = tree.node(id).span.start;
                    for (at, key) in keys_of(text) {
                        let start = start + at as u32;
                        let span = crate::source::Span::new(start, start + key.len() as u32);
                        let mut keys = Vec::new();
                        for path in unmet.iter().flat_map(|&pipe| values_paths(tree, pipe)) {
                            let shown = path.iter().map(|part| part.to_utf8()).collect::<Vec<_>>().join(".");
                            if !keys.contains(&shown) {
                                keys.push(shown);
                            }
                        }
                        let location = Location { file, span };
                        fields.push(OffField { name: key.to_owned(), source: name.clone(), location, keys });
                    }
                }
                _ => {}
            }
        }
    }
    fields
}

/// The keys at the starts of lines of plain text, with where they stand.
fn keys_of(text: &[u8]) -> Vec<(usize, &str)> {
    let mut keys = Vec::new();
    let mut start = 0;
    for line in text.split(|&byte| byte == b'\n') {
        let blank = line.iter().take_while(|&&byte| byte == b' ' || byte == b'-').count();
        let rest = &line[blank..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if length > 0
            && rest.get(length) == Some(&b':')
            && let Ok(key) = std::str::from_utf8(&rest[..length])
        {
            keys.push((start + blank, key));
        }
        start += line.len() + 1;
    }
    keys
}

/// A condition that was never met.
#[derive(Clone)]
struct Unmet {
    pipe: NodeId,
    source: Str,
}

type Conditions = Rc<[Unmet]>;

/// How deep helpers are followed.
const MAX_INCLUDES: usize = 8;

/// How many nodes are looked at: helpers that include helpers several times each could be followed forever.
const MAX_NODES: usize = 2_000_000;

/// Finds the objects that a chart's own templates hold in branches that were not taken. `values` are the chart's.
pub fn find(
    chart: &str,
    sources: &TemplateSources,
    rendered: &Rendered,
    values: &Map,
    value_origins: &ValueOrigins,
) -> Vec<Toggle> {
    let own = format!("{chart}/templates/");
    let mut names: Vec<&Str> =
        sources.iter().map(|(name, ..)| name).filter(|name| name.starts_with(own.as_bytes())).collect();
    names.sort();
    let template = Str::default();
    let mut definitions = HashMap::default();
    for (source, _, tree) in sources.iter() {
        for definition in &tree.definitions {
            definitions.entry(definition.name.clone()).or_insert_with(|| (source.clone(), definition.root));
        }
    }
    let mut finder = Finder {
        sources,
        rendered,
        values,
        value_origins,
        definitions,
        template,
        nodes_left: MAX_NODES,
        toggles: Vec::new(),
    };
    for name in names {
        let Some((_, tree)) = sources.get(name) else { continue };
        let base = name.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        if base.starts_with(b"_") || base == b"NOTES.txt" {
            continue;
        }
        if let Some(main) = tree.definitions.iter().find(|definition| definition.name == *name) {
            finder.template = name.clone();
            finder.walk(name, tree, main.root, &Conditions::from([]), 0);
        }
    }
    finder.toggles
}

struct Finder<'a> {
    sources: &'a TemplateSources,
    rendered: &'a Rendered,
    values: &'a Map,
    value_origins: &'a ValueOrigins,
    /// The source and root of each template.
    definitions: HashMap<Str, (Str, NodeId), FxBuildHasher>,
    /// The file that is being walked, and not a helper that it includes.
    template: Str,
    nodes_left: usize,
    toggles: Vec<Toggle>,
}

impl Finder<'_> {
    /// Walks a list; `around` are the unmet conditions around it.
    fn walk(&mut self, name: &Str, tree: &Tree, root: NodeId, around: &Conditions, depth: usize) {
        let first_place = self.rendered.origins.place_of(name, NodeId(0));
        let mut pending: Vec<(NodeId, Conditions)> = vec![(root, around.clone())];
        while let Some((id, unmet)) = pending.pop() {
            let Some(left) = self.nodes_left.checked_sub(1) else { return };
            self.nodes_left = left;
            match &tree.node(id).kind {
                NodeKind::List(items) => {
                    // Outside of any condition only branches matter.
                    let is_wanted = |item: &&NodeId| !unmet.is_empty() || is_branch(tree, **item);
                    let items = tree.children(*items).iter().rev().filter(is_wanted);
                    pending.extend(items.map(|&item| (item, unmet.clone())));
                }
                NodeKind::If(branch) | NodeKind::With(branch) | NodeKind::Range(branch) => {
                    pending.extend(branch.else_list.map(|list| (list, unmet.clone())));
                    pending.push((branch.list, self.inside(name, first_place, id, *branch, unmet)));
                }
                NodeKind::Text(text) if !unmet.is_empty() => self.read_kinds(name, tree, id, text, &unmet),
                NodeKind::Action(pipe) if depth < MAX_INCLUDES && !unmet.is_empty() => {
                    for included in included_names(tree, *pipe) {
                        if let Some((source, root)) = self.definitions.get(&included).cloned()
                            && let Some((_, tree)) = self.sources.get(&source)
                        {
                            self.walk(&source, tree, root, &unmet, depth + 1);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// The unmet conditions inside of a branch: those around it, and its own if it was never taken.
    fn inside(
        &self,
        name: &Str,
        first_place: Option<PlaceId>,
        id: NodeId,
        branch: Branch,
        around: Conditions,
    ) -> Conditions {
        let place = first_place.map(|first| PlaceId(first.0 + id.0));
        let arms = place.and_then(|place| self.rendered.arms.get(&place)).copied().unwrap_or(0);
        if arms & 1 != 0 {
            return around;
        }
        let mut inside = around.to_vec();
        inside.push(Unmet { pipe: branch.pipe, source: name.clone() });
        Rc::from(inside)
    }

    /// Lines `kind: X` of plain text.
    fn read_kinds(&mut self, name: &Str, tree: &Tree, id: NodeId, text: &[u8], unmet: &[Unmet]) {
        let span = tree.node(id).span;
        let mut start = 0;
        for line in text.split(|&byte| byte == b'\n') {
            let kind =
                line.strip_prefix(b"kind:").and_then(|rest| std::str::from_utf8(rest).ok()).map(str::trim);
            if let Some(kind) = kind.filter(|kind| kind.starts_with(|c: char| c.is_ascii_uppercase())) {
                let kind = kind.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or(kind);
                let at = span.start + start as u32;
                self.add(name, kind, Span { start: at, end: at + line.len() as u32 }, unmet);
            }
            start += line.len() + 1;
        }
    }

    fn add(&mut self, name: &Str, kind: &str, span: Span, unmet: &[Unmet]) {
        let Some((file, _)) = self.sources.get(name) else { return };
        let location = Location { file, span: span.into() };
        let mut keys = Vec::new();
        let mut places = Vec::new();
        for condition in unmet {
            let Some((_, tree)) = self.sources.get(&condition.source) else { continue };
            for path in values_paths(tree, condition.pipe) {
                let value = lookup(self.values, &path);
                if value.as_ref().is_some_and(chart_lint_template::Value::is_true) {
                    continue;
                }
                let shown = path.iter().map(|part| part.to_utf8()).collect::<Vec<_>>().join(".");
                if keys.contains(&shown) {
                    continue;
                }
                if let Some(location) = value.and_then(|value| self.location(&value)) {
                    places.push((location, format!("`{shown}` keeps it off")));
                }
                keys.push(shown);
            }
        }
        if !keys.is_empty() {
            self.toggles.push(Toggle {
                kind: kind.to_owned(),
                template: self.template.clone(),
                location,
                keys,
                places,
            });
        }
    }

    /// Where a value was set.
    fn location(&self, value: &chart_lint_template::Value) -> Option<Location> {
        let origin = match &value.data {
            chart_lint_template::Data::String(text) => match text.origins() {
                chart_lint_template::text::Origins::One(origin) => *origin,
                chart_lint_template::text::Origins::Runs(_) => return None,
            },
            _ => value.origin,
        };
        match self.rendered.origins.get(origin)? {
            chart_lint_template::Origin::Host(number) => {
                self.value_origins.get(number).as_ref().and_then(ValueOrigin::location)
            }
            _ => None,
        }
    }
}

fn is_branch(tree: &Tree, id: NodeId) -> bool {
    matches!(tree.node(id).kind, NodeKind::If(_) | NodeKind::With(_) | NodeKind::Range(_))
}

fn lookup(values: &Map, path: &[Str]) -> Option<chart_lint_template::Value> {
    let (last, before) = path.split_last()?;
    let mut map = values.clone();
    for part in before {
        map = map.get(part)?.as_map()?.clone();
    }
    map.get(last)
}

/// The values keys that an expression reads: `.Values.a.b` and `$.Values.a.b`, wherever they stand in it.
pub(crate) fn values_paths(tree: &Tree, root: NodeId) -> Vec<Vec<Str>> {
    let mut paths = Vec::new();
    let mut pending = vec![root];
    while let Some(id) = pending.pop() {
        let names = match &tree.node(id).kind {
            NodeKind::Field(names) => tree.names(*names),
            NodeKind::Variable { fields, .. } => tree.names(*fields),
            NodeKind::Chain { node, fields } => {
                pending.push(*node);
                let inner = values_paths(tree, *node);
                // `(.Values.a).b` reads `a.b`.
                if let [only] = inner.as_slice() {
                    let mut path = only.clone();
                    path.extend(tree.names(*fields).iter().cloned());
                    pending.pop();
                    paths.push(path);
                }
                continue;
            }
            NodeKind::Pipe { commands, .. } => {
                pending.extend(tree.children(*commands).iter().rev());
                continue;
            }
            NodeKind::Command(args) => {
                pending.extend(tree.children(*args).iter().rev());
                continue;
            }
            _ => continue,
        };
        if let Some((first, rest)) = names.split_first()
            && *first == "Values"
            && !rest.is_empty()
        {
            paths.push(rest.to_vec());
        }
    }
    paths
}

/// The names of the templates that an expression includes by a constant.
pub(crate) fn included_names(tree: &Tree, root: NodeId) -> Vec<Str> {
    let mut names = Vec::new();
    let mut pending = vec![root];
    while let Some(id) = pending.pop() {
        match &tree.node(id).kind {
            NodeKind::Pipe { commands, .. } => pending.extend(tree.children(*commands)),
            NodeKind::Chain { node, .. } => pending.push(*node),
            NodeKind::Command(args) => {
                let args = tree.children(*args);
                let is_include = matches!(&tree.node(args[0]).kind, NodeKind::Identifier { name, .. } if *name == "include");
                if let (true, Some(NodeKind::String(name))) =
                    (is_include, args.get(1).map(|&arg| &tree.node(arg).kind))
                {
                    names.push(name.clone());
                }
                pending.extend(args);
            }
            _ => {}
        }
    }
    names
}
