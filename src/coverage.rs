//! Which branches of a chart's templates run under its scenarios, and what decides about those that do not: the place,
//! the condition, the values keys in it, and where it is simple what to set.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chart_lint_template::ast::{Branch as Arms, Definition, Symbol};
use chart_lint_template::{NodeId, NodeKind, Str, Tree};

use crate::chart::Chart;
use crate::rules::is_of_dependency;
use crate::scenario::Scenario;
use crate::source::{Location, Span};
use crate::values::tree::{KeyPath, PathStep, Tree as ValuesTree, TreeValue};

/// What a branch belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BranchKind {
    /// `if` and `else if`.
    If,
    /// `with`.
    With,
    /// `range`.
    Range,
    /// The functions that choose: `default`, `coalesce`, `ternary`.
    Default,
    /// `and`, `or`.
    AndOr,
}

impl BranchKind {
    /// All of them.
    pub const ALL: [BranchKind; 5] =
        [BranchKind::If, BranchKind::With, BranchKind::Range, BranchKind::Default, BranchKind::AndOr];

    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            BranchKind::If => "if",
            BranchKind::With => "with",
            BranchKind::Range => "range",
            BranchKind::Default => "default",
            BranchKind::AndOr => "and/or",
        }
    }
}

/// One way that a template can take.
#[derive(Clone, Debug)]
pub struct Branch {
    /// What it belongs to.
    pub kind: BranchKind,
    /// Which of its two ways: the one for a condition that holds, or the other.
    pub when: bool,
    /// The template file: `chart/templates/x.yaml`.
    pub template: Str,
    /// The condition, or the call that chooses.
    pub location: Location,
    /// The condition as it is written.
    pub condition: String,
    /// The bytes of the template that are left out when it is not taken; of a call there are none.
    pub body: Option<Span>,
    /// What decides: `ingress.enabled`, or `.Capabilities.APIVersions` for what is no values key.
    pub keys: Vec<String>,
    /// What to set with `--set-json` so that the condition comes out so, if that is simple; empty if it already does.
    pub set: Option<Vec<String>>,
    /// The branch around it: an index into [`Coverage::branches`].
    pub inside: Option<usize>,
    /// The named template that it stands in, if no scenario calls that.
    pub uncalled: Option<String>,
    /// Whether a scenario takes it.
    pub is_reached: bool,
    /// Whether the first scenario takes it, the one with the default values.
    pub is_default: bool,
}

/// The branches of a chart's own templates.
#[derive(Debug, Default)]
pub struct Coverage {
    /// All branches, by template and place.
    pub branches: Vec<Branch>,
}

impl Coverage {
    /// The branches that no scenario takes.
    pub fn unreached(&self) -> impl Iterator<Item = (usize, &Branch)> {
        self.branches.iter().enumerate().filter(|(_, branch)| !branch.is_reached)
    }

    /// How many branches there are of a kind, and how many of them are taken.
    pub fn count(&self, kind: BranchKind) -> (usize, usize) {
        let of_kind = self.branches.iter().filter(|branch| branch.kind == kind);
        of_kind.fold((0, 0), |(all, reached), branch| (all + 1, reached + usize::from(branch.is_reached)))
    }

    /// The conditions that keep a template from rendering anything: those of the outermost branches not taken.
    pub fn outermost<'c>(&'c self, template: &'c [u8]) -> impl Iterator<Item = &'c Branch> {
        self.branches.iter().filter(move |branch| {
            let is_around = |index: usize| self.branches[index].is_reached;
            *branch.template == *template
                && !branch.is_reached
                && branch.body.is_some()
                && branch.inside.is_none_or(is_around)
        })
    }

    /// All that has to be set besides the defaults for a branch to be taken, with that for the branches around it; nothing if one of them is
    /// not simple.
    pub fn settings(&self, index: usize) -> Option<Vec<String>> {
        let mut all = Vec::new();
        let mut next = Some(index);
        while let Some(index) = next {
            let branch = &self.branches[index];
            if !branch.is_default {
                all.splice(0..0, branch.set.clone()?);
            }
            next = branch.inside;
        }
        let path = |setting: &String| setting.split('=').next().unwrap_or_default().to_owned();
        let paths: Vec<String> = all.iter().map(path).collect();
        let mut index = 0;
        // Of what sets the same key the innermost, and what is in a map makes the map.
        all.retain(|_| {
            let own = &paths[index];
            index += 1;
            !paths[index..].iter().any(|other| other == own)
                && !paths
                    .iter()
                    .any(|other| other.strip_prefix(own).is_some_and(|rest| rest.starts_with(['.', '['])))
        });
        Some(all)
    }
}

/// How deep control structures and helpers are followed; no chart that people write nests as deep.
const MAX_DEPTH: usize = 200;

/// How deep a condition is followed into helpers.
const MAX_INCLUDES: usize = 4;

/// Finds the branches of a chart's own templates, and which of them the scenarios take.
pub fn coverage(chart: &Chart, scenarios: &[Scenario]) -> Coverage {
    coverage_of(chart, scenarios, &|_| true)
}

/// As [`coverage`], for some of the template files.
pub(crate) fn coverage_of(chart: &Chart, scenarios: &[Scenario], wanted: &dyn Fn(&Str) -> bool) -> Coverage {
    let mut templates: BTreeMap<&Str, (crate::source::FileId, &Arc<Tree>)> = BTreeMap::new();
    for scenario in scenarios {
        for (name, file, tree) in scenario.sources.iter() {
            if !is_of_dependency(&name.to_utf8()) {
                templates.entry(name).or_insert((file, tree));
            }
        }
    }
    let mut called: BTreeSet<&[u8]> = BTreeSet::new();
    for scenario in scenarios {
        called.extend(scenario.rendered.origins.frames().iter().map(|frame| frame.template.as_bytes()));
    }
    let mut definitions = HashMap::new();
    for (_, tree) in templates.values() {
        for definition in &tree.definitions {
            definitions.insert(definition.name.clone(), (*tree, definition));
        }
    }
    let defaults = chart.values.as_ref().map(|values| values.documents.as_slice()).unwrap_or_default();
    let mut walker = Walker { scenarios, defaults, definitions, branches: Vec::new() };
    for (name, (file, tree)) in templates.iter().filter(|(name, _)| wanted(name)) {
        for definition in &tree.definitions {
            // The file itself runs whenever something renders.
            let uncalled = definition.name != **name && !called.contains(definition.name.as_bytes());
            let place = Place {
                name,
                file: *file,
                tree,
                uncalled: uncalled.then(|| definition.name.to_utf8().into_owned()),
            };
            walker.list(&place, definition.root, &mut Env::default(), None, 0);
        }
    }
    Coverage { branches: walker.branches }
}

/// The template that is walked.
struct Place<'a> {
    name: &'a Str,
    file: crate::source::FileId,
    tree: &'a Arc<Tree>,
    uncalled: Option<String>,
}

/// A way from `.` of a template: `Values`, `ingress`, `enabled`. An item of a list or any entry of a map is `*`.
type Path = Vec<Str>;

/// What `.` and the variables stand for.
#[derive(Clone, Default)]
struct Env {
    dot: Path,
    variables: HashMap<Symbol, Vec<Path>>,
}

struct Walker<'a> {
    scenarios: &'a [Scenario],
    defaults: &'a [Arc<ValuesTree>],
    definitions: HashMap<Str, (&'a Arc<Tree>, &'a Definition)>,
    branches: Vec<Branch>,
}

impl Walker<'_> {
    fn list(&mut self, place: &Place<'_>, list: NodeId, env: &mut Env, inside: Option<usize>, depth: usize) {
        let NodeKind::List(items) = &place.tree.node(list).kind else { return };
        if depth > MAX_DEPTH {
            return;
        }
        for &item in place.tree.children(*items) {
            match &place.tree.node(item).kind {
                NodeKind::Action(pipe) => {
                    self.calls(place, *pipe, env, inside, depth);
                    self.declare(place.tree, *pipe, env);
                }
                NodeKind::Template { pipe: Some(pipe), .. } => self.calls(place, *pipe, env, inside, depth),
                NodeKind::If(arms) => self.control(place, item, BranchKind::If, *arms, env, inside, depth),
                NodeKind::With(arms) => {
                    self.control(place, item, BranchKind::With, *arms, env, inside, depth);
                }
                NodeKind::Range(arms) => {
                    self.control(place, item, BranchKind::Range, *arms, env, inside, depth);
                }
                _ => {}
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn control(
        &mut self,
        place: &Place<'_>,
        node: NodeId,
        kind: BranchKind,
        arms: Arms,
        env: &Env,
        inside: Option<usize>,
        depth: usize,
    ) {
        self.calls(place, arms.pipe, env, inside, depth);
        let mut inner = env.clone();
        self.declare(place.tree, arms.pipe, &mut inner);
        let mut body = inner.clone();
        let paths = self.paths(place.tree, arms.pipe, env, 0);
        match (kind, paths.as_slice()) {
            (BranchKind::With, [one]) => body.dot.clone_from(one),
            (BranchKind::Range, [one]) => {
                let mut item = one.clone();
                item.push(Str::from("*"));
                self.declare_items(place.tree, arms.pipe, &item, &mut body);
                body.dot = item;
            }
            (BranchKind::With | BranchKind::Range, _) => body.dot = vec![Str::from("?")],
            _ => {}
        }
        let span = |list: NodeId| Some(place.tree.node(list).span.into());
        let index = self.add(place, node, arms.pipe, kind, true, span(arms.list), env, inside);
        self.list(place, arms.list, &mut body, Some(index), depth + 1);
        if let Some(list) = arms.else_list {
            let index = self.add(place, node, arms.pipe, kind, false, span(list), env, inside);
            self.list(place, list, &mut inner, Some(index), depth + 1);
        }
    }

    /// The calls in an expression that choose between their arguments.
    fn calls(&mut self, place: &Place<'_>, root: NodeId, env: &Env, inside: Option<usize>, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let (tree, depth) = (place.tree, depth + 1);
        match &tree.node(root).kind {
            NodeKind::Pipe { commands, .. } => {
                let commands = tree.children(*commands);
                for (index, &command) in commands.iter().enumerate() {
                    self.choice(place, command, &commands[..index], env, inside);
                    self.calls(place, command, env, inside, depth);
                }
            }
            NodeKind::Chain { node, .. } => self.calls(place, *node, env, inside, depth),
            NodeKind::Command(args) => {
                for &arg in tree.children(*args) {
                    self.calls(place, arg, env, inside, depth);
                }
            }
            _ => {}
        }
    }

    /// The two ways of a call that chooses between its arguments. `before` are the commands whose value is its last
    /// argument.
    fn choice(
        &mut self,
        place: &Place<'_>,
        command: NodeId,
        before: &[NodeId],
        env: &Env,
        inside: Option<usize>,
    ) {
        let tree = place.tree;
        let NodeKind::Command(args) = &tree.node(command).kind else { return };
        let args = tree.children(*args);
        let NodeKind::Identifier { name, .. } = &tree.node(args[0]).kind else { return };
        let kind = match name.as_bytes() {
            b"default" | b"coalesce" | b"ternary" => BranchKind::Default,
            b"and" | b"or" => BranchKind::AndOr,
            _ => return,
        };
        // Of `default` and `ternary` the last argument decides, of the others each.
        let decides: Vec<NodeId> = match (name.as_bytes(), args) {
            (b"default", [_, _, given]) | (b"ternary", [_, _, _, given]) => vec![*given],
            (b"default" | b"ternary", _) => before.to_vec(),
            _ => args[1..].iter().chain(before).copied().collect(),
        };
        for when in [true, false] {
            let index = self.add(place, command, command, kind, when, None, env, inside);
            if !self.branches[index].is_reached {
                let paths = decides.iter().flat_map(|&node| self.paths(tree, node, env, 0));
                let mut keys: Vec<String> = Vec::new();
                for key in paths.map(|path| shown_path(&path)).filter(|key| !key.is_empty()) {
                    if !keys.contains(&key) {
                        keys.push(key);
                    }
                }
                self.branches[index].keys = keys;
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn add(
        &mut self,
        place: &Place<'_>,
        node: NodeId,
        condition: NodeId,
        kind: BranchKind,
        when: bool,
        body: Option<Span>,
        env: &Env,
        inside: Option<usize>,
    ) -> usize {
        let bit = if when { 1 } else { 2 };
        let takes = |scenario: &Scenario| {
            let rendered = &scenario.rendered;
            let arms =
                rendered.origins.place_of(place.name, node).and_then(|place| rendered.arms.get(&place));
            arms.is_some_and(|arms| arms & bit != 0)
        };
        let is_reached = self.scenarios.iter().any(takes);
        let is_default = self.scenarios.first().is_some_and(takes);
        let span = place.tree.node(condition).span;
        let mut keys: Vec<String> = Vec::new();
        let mut set = None;
        if !is_reached {
            for path in self.paths(place.tree, condition, env, 0) {
                let shown = shown_path(&path);
                if !shown.is_empty() && !keys.contains(&shown) {
                    keys.push(shown);
                }
            }
        }
        if !is_default && body.is_some() {
            set = self.wish(place.tree, condition, env, kind, when, 0);
        }
        let text = place.tree.text.get(span.range()).unwrap_or_default();
        self.branches.push(Branch {
            kind,
            when,
            template: place.name.clone(),
            location: Location { file: place.file, span: span.into() },
            condition: String::from_utf8_lossy(text).split_whitespace().collect::<Vec<_>>().join(" "),
            body,
            keys,
            set,
            inside,
            uncalled: place.uncalled.clone(),
            is_reached,
            is_default,
        });
        self.branches.len() - 1
    }

    /// Takes note of the variables that a pipeline declares or sets.
    fn declare(&self, tree: &Tree, pipe: NodeId, env: &mut Env) {
        let NodeKind::Pipe { decl, .. } = &tree.node(pipe).kind else { return };
        let names = tree.children(*decl);
        if names.is_empty() {
            return;
        }
        let paths = self.paths(tree, pipe, env, 0);
        for &name in names {
            if let NodeKind::Variable { symbol, .. } = &tree.node(name).kind {
                env.variables.insert(*symbol, paths.clone());
            }
        }
    }

    /// The variables of a `range` stand for its items.
    fn declare_items(&self, tree: &Tree, pipe: NodeId, item: &Path, env: &mut Env) {
        let NodeKind::Pipe { decl, .. } = &tree.node(pipe).kind else { return };
        for &name in tree.children(*decl) {
            if let NodeKind::Variable { symbol, .. } = &tree.node(name).kind {
                env.variables.insert(*symbol, vec![item.clone()]);
            }
        }
    }

    /// What an expression reads, as ways from the root.
    fn paths(&self, tree: &Tree, root: NodeId, env: &Env, includes: usize) -> Vec<Path> {
        let mut found = Vec::new();
        self.collect(tree, root, env, includes, 0, &mut found);
        let mut seen = BTreeSet::new();
        found.retain(|path| seen.insert(path.clone()));
        found
    }

    fn collect(
        &self,
        tree: &Tree,
        root: NodeId,
        env: &Env,
        includes: usize,
        depth: usize,
        found: &mut Vec<Path>,
    ) {
        if depth > MAX_DEPTH {
            return;
        }
        let join = |base: &Path, names: &[Str]| base.iter().chain(names).cloned().collect::<Path>();
        match &tree.node(root).kind {
            NodeKind::Dot => found.push(env.dot.clone()),
            NodeKind::Field(names) => found.push(join(&env.dot, tree.names(*names))),
            NodeKind::Variable { symbol, fields } => {
                let fields = tree.names(*fields);
                match env.variables.get(symbol) {
                    _ if symbol.0 == 0 => found.push(fields.to_vec()),
                    Some(paths) => found.extend(paths.iter().map(|path| join(path, fields))),
                    None => {}
                }
            }
            NodeKind::Chain { node, fields } => {
                let inner = self.paths(tree, *node, env, includes);
                found.extend(inner.iter().map(|path| join(path, tree.names(*fields))));
            }
            NodeKind::Pipe { commands, .. } => {
                for &command in tree.children(*commands) {
                    self.collect(tree, command, env, includes, depth + 1, found);
                }
            }
            NodeKind::Command(args) => {
                let args = tree.children(*args);
                let strings = |args: &[NodeId]| -> Vec<Str> {
                    let text = |&arg: &NodeId| match &tree.node(arg).kind {
                        NodeKind::String(text) => Some(text.clone()),
                        _ => None,
                    };
                    args.iter().map_while(text).collect()
                };
                let name = match &tree.node(args[0]).kind {
                    NodeKind::Identifier { name, .. } => name.as_bytes(),
                    _ => b"",
                };
                match (name, args) {
                    (b"index" | b"get" | b"hasKey", [_, map, keys @ ..]) if !keys.is_empty() => {
                        let inner = self.paths(tree, *map, env, includes);
                        found.extend(inner.iter().map(|path| join(path, &strings(keys))));
                    }
                    (b"dig", [_, keys @ .., _, map]) => {
                        let inner = self.paths(tree, *map, env, includes);
                        found.extend(inner.iter().map(|path| join(path, &strings(keys))));
                    }
                    (b"include", [_, name, dot]) => {
                        if let NodeKind::String(name) = &tree.node(*name).kind
                            && includes < MAX_INCLUDES
                            && let Some((source, definition)) = self.definitions.get(name)
                        {
                            let dots = self.paths(tree, *dot, env, includes);
                            let env = Env {
                                dot: dots.into_iter().next().unwrap_or_default(),
                                variables: HashMap::new(),
                            };
                            self.collect_all(source, definition.root, &env, includes + 1, depth + 1, found);
                        }
                    }
                    _ => {
                        for &arg in args {
                            self.collect(tree, arg, env, includes, depth + 1, found);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// What all the actions and conditions of a named template read.
    fn collect_all(
        &self,
        tree: &Tree,
        list: NodeId,
        env: &Env,
        includes: usize,
        depth: usize,
        found: &mut Vec<Path>,
    ) {
        let NodeKind::List(items) = &tree.node(list).kind else { return };
        if depth > MAX_DEPTH {
            return;
        }
        for &item in tree.children(*items) {
            match &tree.node(item).kind {
                NodeKind::Action(pipe) => self.collect(tree, *pipe, env, includes, depth + 1, found),
                NodeKind::If(arms) | NodeKind::With(arms) | NodeKind::Range(arms) => {
                    self.collect(tree, arms.pipe, env, includes, depth + 1, found);
                    // Inside of `with` and `range` the dot is another one.
                    if matches!(tree.node(item).kind, NodeKind::If(_)) {
                        self.collect_all(tree, arms.list, env, includes, depth + 1, found);
                    }
                    if let Some(list) = arms.else_list {
                        self.collect_all(tree, list, env, includes, depth + 1, found);
                    }
                }
                _ => {}
            }
        }
    }

    /// What to set so that an expression is true, or not.
    fn wish(
        &self,
        tree: &Tree,
        root: NodeId,
        env: &Env,
        kind: BranchKind,
        want: bool,
        depth: usize,
    ) -> Option<Vec<String>> {
        if depth > 20 {
            return None;
        }
        let wish = |node: NodeId, want: bool| self.wish(tree, node, env, kind, want, depth + 1);
        match &tree.node(root).kind {
            NodeKind::Bool(value) if *value == want => Some(Vec::new()),
            NodeKind::String(text) if text.is_empty() != want => Some(Vec::new()),
            NodeKind::Field(_) | NodeKind::Variable { .. } | NodeKind::Chain { .. } => {
                let path = self.one_path(tree, root, env)?;
                let value = self.default_of(&path);
                if value.is_some_and(is_true) == want && kind != BranchKind::Range {
                    return Some(Vec::new());
                }
                let name = path.to_string();
                let json = match (want, value) {
                    (false, Some(TreeValue::Bool(_))) => "false",
                    (false, _) => "null",
                    (true, Some(TreeValue::Map)) => "{\"sample\":\"sample\"}",
                    (true, Some(TreeValue::List)) => "[\"sample\"]",
                    (true, Some(TreeValue::Bool(_))) => "true",
                    (true, Some(TreeValue::Number(_))) => "1",
                    (true, Some(TreeValue::String(_))) => "\"sample\"",
                    (true, _) if kind == BranchKind::Range => "[\"sample\"]",
                    (true, _) if name.to_ascii_lowercase().ends_with("enabled") => "true",
                    (true, _) => "\"sample\"",
                };
                Some(vec![format!("{path}={json}")])
            }
            NodeKind::Pipe { commands, .. } => match tree.children(*commands) {
                [one] => wish(*one, want),
                [first, rest @ ..] => {
                    let mut want = want;
                    for &command in rest {
                        let NodeKind::Command(args) = &tree.node(command).kind else { return None };
                        let NodeKind::Identifier { name, .. } = &tree.node(tree.children(*args)[0]).kind
                        else {
                            return None;
                        };
                        match name.as_bytes() {
                            b"not" | b"empty" => want = !want,
                            b"default" | b"toString" | b"trim" | b"int" | b"int64" | b"quote" | b"lower" => {}
                            _ => return None,
                        }
                    }
                    wish(*first, want)
                }
                [] => None,
            },
            NodeKind::Command(args) => {
                let args = tree.children(*args);
                let NodeKind::Identifier { name, .. } = &tree.node(args[0]).kind else {
                    return match args {
                        [one] => wish(*one, want),
                        _ => None,
                    };
                };
                let all = |args: &[NodeId]| -> Option<Vec<String>> {
                    args.iter()
                        .map(|&arg| wish(arg, want))
                        .try_fold(Vec::new(), |all, some| Some([all, some?].concat()))
                };
                let any = |args: &[NodeId]| {
                    args.iter().filter_map(|&arg| wish(arg, want)).find(|all| !all.is_empty())
                };
                match (name.as_bytes(), &args[1..]) {
                    (b"not" | b"empty", [one]) => wish(*one, !want),
                    (b"int" | b"int64" | b"toString" | b"len" | b"trim" | b"lower", [one]) => {
                        wish(*one, want)
                    }
                    (b"default", [_, one]) => wish(*one, want),
                    (b"and", args) if want => all(args),
                    (b"or", args) if want => any(args),
                    (b"and", args) => any(args),
                    (b"or", args) => all(args),
                    (b"eq" | b"ne", [one, other]) => {
                        let (path, literal) = match self.literal(tree, *other) {
                            Some(literal) => (*one, literal),
                            None => (*other, self.literal(tree, *one)?),
                        };
                        let path = self.one_path(tree, self.through(tree, path), env)?;
                        let is_equal = want == (name.as_bytes() == b"eq");
                        let json = match literal.as_str() {
                            _ if is_equal => literal,
                            "true" => "false".to_owned(),
                            "false" => "true".to_owned(),
                            text if text.starts_with('"') => "\"other\"".to_owned(),
                            _ => "77".to_owned(),
                        };
                        Some(vec![format!("{path}={json}")])
                    }
                    (b"gt" | b"ge" | b"lt" | b"le", [one, other]) => {
                        let number: i64 = self.literal(tree, *other)?.parse().ok()?;
                        let path = self.one_path(tree, self.through(tree, *one), env)?;
                        let is_more = want == matches!(name.as_bytes(), b"gt" | b"ge");
                        Some(vec![format!("{path}={}", if is_more { number + 1 } else { number - 1 })])
                    }
                    (b"hasKey", [_, _]) if want => {
                        let path = self.one_path(tree, root, env)?;
                        Some(vec![format!("{path}=\"sample\"")])
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The argument of a function that only changes the type.
    fn through(&self, tree: &Tree, node: NodeId) -> NodeId {
        let mut node = node;
        for _ in 0..4 {
            node = match &tree.node(node).kind {
                NodeKind::Pipe { commands, .. } => tree.children(*commands)[0],
                NodeKind::Command(args) => match tree.children(*args) {
                    [one] => *one,
                    [function, one] if matches!(&tree.node(*function).kind, NodeKind::Identifier { name, .. } if [&b"int"[..], b"int64", b"toString", b"len", b"lower", b"quote"].contains(&name.as_bytes())) => {
                        *one
                    }
                    _ => return node,
                },
                _ => return node,
            };
        }
        node
    }

    /// The values key that an expression reads, if it is one and a plain one.
    fn one_path(&self, tree: &Tree, node: NodeId, env: &Env) -> Option<KeyPath> {
        let paths = self.paths(tree, node, env, 0);
        let [path] = paths.as_slice() else { return None };
        let rest = values_key(path)?;
        let is_plain = !rest.is_empty() && rest.iter().all(|name| *name != "*" && *name != "?");
        is_plain.then(|| KeyPath(rest.iter().cloned().map(PathStep::Key).collect()))
    }

    /// A constant, as JSON.
    fn literal(&self, tree: &Tree, node: NodeId) -> Option<String> {
        match &tree.node(node).kind {
            NodeKind::String(text) => serde_json::to_string(&text.to_utf8()).ok(),
            NodeKind::Number(index) => Some(tree.number(*index).int?.to_string()),
            NodeKind::Bool(value) => Some(value.to_string()),
            _ => None,
        }
    }

    fn default_of(&self, path: &KeyPath) -> Option<TreeValue<'_>> {
        self.defaults.iter().rev().find_map(|tree| {
            let node = tree.at(path)?;
            match tree.get(node) {
                TreeValue::Map if tree.entries(node).next().is_none() => Some(TreeValue::Map),
                value => Some(value),
            }
        })
    }
}

/// Whether a default is true for a template. Empty lists and maps are taken for what they are by whoever sets them.
fn is_true(value: TreeValue<'_>) -> bool {
    match value {
        TreeValue::Null | TreeValue::List | TreeValue::Map => false,
        TreeValue::Bool(value) => value,
        TreeValue::Number(number) => number != 0.0,
        TreeValue::String(text) => !text.is_empty(),
    }
}

/// What follows `Values` in a way. Helpers are often given the root as a part of what they get: `.root.Values.x`.
fn values_key(path: &[Str]) -> Option<&[Str]> {
    let at = path.iter().position(|name| *name == "Values")?;
    Some(&path[at + 1..])
}

/// A way as people write it: `ingress.hosts[].host`, `.Release.IsUpgrade`.
fn shown_path(path: &[Str]) -> String {
    let (is_values, rest) = match values_key(path) {
        Some(rest) => (true, rest),
        None => (false, path),
    };
    let mut shown = String::new();
    // `.Capabilities.APIVersions.Has` is a question to what is before it.
    let rest = rest.strip_suffix(&[Str::from("Has")]).filter(|_| !is_values).unwrap_or(rest);
    for name in rest {
        if *name == "*" {
            shown.push_str("[]");
            continue;
        }
        if !shown.is_empty() || !is_values {
            shown.push('.');
        }
        shown.push_str(&name.to_utf8());
    }
    shown
}
