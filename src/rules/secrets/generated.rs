//! `secret-regenerated-on-upgrade`

use std::collections::HashMap;

use chart_lint_template::{NodeId, NodeKind, Str, Tree};

use crate::finding::Severity;
use crate::manifest::{Node, Object};
use crate::provenance::TemplateSources;
use crate::rules::helpers::list;
use crate::rules::{Rule, RuleContext};
use crate::source::{FileId, Location, Span};
use crate::spec::Spec;

/// Functions whose result is another one each time. Those of the second list make certificates, or another form of the
/// same password: they change too, and the program notices less of it.
const RANDOM: &[&str] = &["randAlphaNum", "randAlpha", "randNumeric", "randAscii", "randBytes", "randInt", "uuidv4", "shuffle"];
const CERTIFICATES: &[&str] =
    &["genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey", "htpasswd", "bcrypt"];

/// How deep helpers are followed.
const MAX_DEPTH: usize = 8;

pub(super) struct SecretRegeneratedOnUpgrade;

impl Rule for SecretRegeneratedOnUpgrade {
    fn spec(&self) -> &'static Spec {
        spec!("secret-regenerated-on-upgrade")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let secrets: Vec<&Object> = cx.index.of_kind("Secret").to_vec();
        let mut chances = Chances::new(&cx.scenario.sources);
        for object in secrets {
            if cx.is_own(object) && !object.is_test() && !is_only_installed(object) {
                check(cx, object, &mut chances);
            }
        }
    }
}

fn check(cx: &mut RuleContext<'_>, object: &Object, chances: &mut Chances<'_>) {
    // A guard in the file is about the object as a whole.
    let tree = cx.scenario.sources.get(object.template.as_bytes());
    let is_guarded = tree.is_some_and(|(_, tree)| has_guard(tree) || chances.asks_first(tree));
    if is_guarded {
        return;
    }
    let mut found: Vec<(String, Node<'_>, Chance)> = Vec::new();
    for field in ["data", "stringData"] {
        for (key, node) in object.get(field).entries() {
            let Some(bytes) = node.value_bytes() else { continue };
            let trace = cx.scenario.trace(object.file, bytes);
            // The one who installs the chart gave it.
            if trace.is_text || trace.values.iter().any(|value| value.is_values) {
                continue;
            }
            let called = trace.includes.iter().map(|(_, name)| Str::from(name.as_str()));
            let mut chance = called.filter_map(|name| chances.of_definition(&name, 0)).max();
            let places = trace.template.iter().chain(trace.includes.iter().map(|(location, _)| location));
            for location in places {
                chance = chance.max(chances.at(*location));
            }
            if let Some(chance) = chance.filter(|chance| *chance != Chance::Kept) {
                found.push((key, node, chance));
            }
        }
    }
    let Some((_, first, _)) = found.first() else { return };
    let names: Vec<String> = found.iter().map(|(key, ..)| key.clone()).collect();
    let only_certificates = found.iter().all(|(_, _, chance)| *chance == Chance::Certificate);
    let verb = if names.len() == 1 { "is" } else { "are" };
    let message = format!("{} of {} {verb} made anew with each upgrade", list(&names, 4), cx.describe(object));
    cx.finding(first, message)
        .severity_if(only_certificates, Severity::Medium)
        .label("random, and nothing keeps the first one")
        .help("keep what is in the cluster: read the Secret with `lookup` and make a new value only if there is none")
        .report();
}

/// Whether an object is made when the chart is installed, and left alone after that.
fn is_only_installed(object: &Object) -> bool {
    let hook = object.head.annotations.iter().find(|(key, _)| *key == "helm.sh/hook");
    hook.is_some_and(|(_, events)| events.contains("pre-install") && !events.contains("upgrade"))
}

/// What an expression has to do with chance; what counts more comes later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Chance {
    /// It makes a certificate, or a hash with a random salt.
    Certificate,
    /// It makes a random text.
    Random,
    /// It looks first whether there is one.
    Kept,
}

/// What the templates of a chart have to do with chance.
struct Chances<'a> {
    sources: &'a TemplateSources,
    definitions: HashMap<&'a Str, (&'a Tree, NodeId)>,
    known: HashMap<Str, Option<Chance>>,
    variables: HashMap<FileId, HashMap<Str, Chance>>,
}

impl<'a> Chances<'a> {
    fn new(sources: &'a TemplateSources) -> Chances<'a> {
        let definitions = sources.iter().flat_map(|(_, _, tree)| {
            tree.definitions.iter().map(move |definition| (&definition.name, (&**tree, definition.root)))
        });
        let definitions = definitions.collect();
        Chances { sources, definitions, known: HashMap::new(), variables: HashMap::new() }
    }

    /// What the action or call at a place has to do with chance.
    fn at(&mut self, location: Location) -> Option<Chance> {
        let (_, _, tree) = self.sources.iter().find(|(_, file, _)| *file == location.file)?;
        if !self.variables.contains_key(&location.file) {
            let variables = self.tainted_variables(tree);
            self.variables.insert(location.file, variables);
        }
        let node = (0..tree.len() as u32).map(NodeId).find(|&id| Span::from(tree.node(id).span) == location.span)?;
        let variables = self.variables.get(&location.file).cloned().unwrap_or_default();
        self.below(tree, node, &variables, 0)
    }

    /// Whether a template has a condition that looks what is in the cluster, through a helper.
    fn asks_first(&mut self, tree: &Tree) -> bool {
        (0..tree.len() as u32).any(|id| match &tree.node(NodeId(id)).kind {
            NodeKind::If(branch) | NodeKind::With(branch) => {
                self.below(tree, branch.pipe, &HashMap::new(), 0) == Some(Chance::Kept)
            }
            _ => false,
        })
    }

    /// What a template that is called by name has to do with chance.
    fn of_definition(&mut self, name: &Str, depth: usize) -> Option<Chance> {
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        let (tree, root) = *self.definitions.get(name)?;
        // One that calls itself adds nothing to itself.
        self.known.insert(name.clone(), None);
        let chance = if depth < MAX_DEPTH { self.below(tree, root, &HashMap::new(), depth + 1) } else { None };
        self.known.insert(name.clone(), chance);
        chance
    }

    /// The variables of a template that hold something random.
    fn tainted_variables(&mut self, tree: &Tree) -> HashMap<Str, Chance> {
        let mut tainted = HashMap::new();
        for id in (0..tree.len() as u32).map(NodeId) {
            let NodeKind::Pipe { decl, .. } = &tree.node(id).kind else { continue };
            if tree.children(*decl).is_empty() {
                continue;
            }
            let Some(chance) = self.below(tree, id, &tainted, 0) else { continue };
            for &variable in tree.children(*decl) {
                // `$_` takes what nobody wants.
                if let NodeKind::Variable { symbol, .. } = &tree.node(variable).kind
                    && *tree.symbol(*symbol) != "$_"
                {
                    let known = tainted.entry(tree.symbol(*symbol).clone()).or_insert(chance);
                    *known = chance.max(*known);
                }
            }
        }
        tainted
    }

    /// What the nodes below a node have to do with chance.
    fn below(
        &mut self,
        tree: &Tree,
        root: NodeId,
        variables: &HashMap<Str, Chance>,
        depth: usize,
    ) -> Option<Chance> {
        let mut chance: Option<Chance> = None;
        let mut pending = vec![root];
        while let Some(id) = pending.pop() {
            match &tree.node(id).kind {
                NodeKind::Identifier { name, .. } => chance = chance.max(of_function(name)),
                NodeKind::Variable { symbol, .. } => {
                    chance = chance.max(variables.get(tree.symbol(*symbol)).copied());
                }
                NodeKind::List(items) => pending.extend(tree.children(*items)),
                NodeKind::Action(pipe) => pending.push(*pipe),
                NodeKind::If(branch) | NodeKind::With(branch) | NodeKind::Range(branch) => {
                    pending.extend([branch.pipe, branch.list]);
                    pending.extend(branch.else_list);
                }
                NodeKind::Pipe { commands, .. } => pending.extend(tree.children(*commands)),
                NodeKind::Chain { node, .. } => pending.push(*node),
                NodeKind::Template { name, .. } => chance = chance.max(self.of_definition(name, depth)),
                NodeKind::Command(args) => {
                    let args = tree.children(*args);
                    pending.extend(args);
                    if let [function, name, ..] = args
                        && let NodeKind::Identifier { name: function, .. } = &tree.node(*function).kind
                        && *function == "include"
                        && let NodeKind::String(name) = &tree.node(*name).kind
                    {
                        chance = chance.max(self.of_definition(name, depth));
                    }
                }
                _ => {}
            }
        }
        chance
    }
}

fn of_function(name: &Str) -> Option<Chance> {
    let name = name.to_utf8();
    if RANDOM.contains(&&*name) {
        Some(Chance::Random)
    } else if CERTIFICATES.contains(&&*name) {
        Some(Chance::Certificate)
    } else {
        (name == "lookup").then_some(Chance::Kept)
    }
}

/// Whether a template looks what is in the cluster, or asks whether it is being installed.
fn has_guard(tree: &Tree) -> bool {
    (0..tree.len() as u32).any(|id| match &tree.node(NodeId(id)).kind {
        NodeKind::Identifier { name, .. } => *name == "lookup",
        NodeKind::Field(names) | NodeKind::Variable { fields: names, .. } => {
            tree.names(*names).iter().any(|name| *name == "IsInstall" || *name == "IsUpgrade")
        }
        _ => false,
    })
}
