//! `secret-regenerated-on-upgrade`

use std::collections::HashSet;

use chart_lint_template::{NodeId, NodeKind, Str, Tree};

use crate::finding::Severity;
use crate::manifest::Object;
use crate::provenance::TemplateSources;
use crate::rules::helpers::list;
use crate::rules::{Rule, RuleContext};
use crate::source::Location;
use crate::spec::Spec;
use crate::toggles::included_names;

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

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !object.is("", "Secret") || object.is_test() || is_only_installed(object) {
            return;
        }
        // A guard in the file is about the object as a whole.
        if let Some((_, tree)) = cx.scenario.sources.get(object.template.as_bytes())
            && (calls(tree, 0..tree.len() as u32, &["lookup"]) || mentions_install(tree))
        {
            return;
        }
        let mut found: Vec<(String, crate::manifest::Node<'_>, Chance)> = Vec::new();
        for field in ["data", "stringData"] {
            for (key, node) in object.get(field).entries() {
                let Some(bytes) = node.value_bytes() else { continue };
                let trace = cx.scenario.trace(object.file, bytes);
                // The one who installs the chart gave it.
                if trace.is_text || trace.values.iter().any(|value| value.is_values) {
                    continue;
                }
                let places = trace.template.iter().chain(trace.includes.iter().map(|(location, _)| location));
                let chance = places.filter_map(|location| chance_at(cx, *location)).max();
                if let Some(chance) = chance.filter(|chance| *chance != Chance::Kept) {
                    found.push((key, node, chance));
                }
            }
        }
        let Some((_, first, _)) = found.first() else { return };
        let names: Vec<String> = found.iter().map(|(key, ..)| key.clone()).collect();
        let only_certificates = found.iter().all(|(_, _, chance)| *chance == Chance::Certificate);
        let verb = if names.len() == 1 { "is" } else { "are" };
        let message =
            format!("{} of {} {verb} made anew with each upgrade", list(&names, 4), cx.describe(object));
        cx.finding(first, message)
            .severity_if(only_certificates, Severity::Medium)
            .label("random, and nothing keeps the first one")
            .help("keep what is in the cluster: read the Secret with `lookup` and make a new value only if there is none")
            .report();
    }
}

/// Whether an object is made when the chart is installed, and left alone after that.
fn is_only_installed(object: &Object) -> bool {
    let annotation = |name: &str| {
        let annotations = &object.head.annotations;
        annotations.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string())
    };
    annotation("helm.sh/hook")
        .is_some_and(|hook| hook.contains("pre-install") && !hook.contains("upgrade"))
}

/// What an expression has to do with chance, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Chance {
    /// It makes a certificate, or a hash with a random salt.
    Certificate,
    /// It makes a random text.
    Random,
    /// It looks first whether there is one.
    Kept,
}

/// What the action at a place has to do with chance.
fn chance_at(cx: &RuleContext<'_>, location: Location) -> Option<Chance> {
    let sources = &cx.scenario.sources;
    let (name, _, tree) = sources.iter().find(|(_, file, _)| *file == location.file)?;
    let tainted = tainted_variables(tree, sources);
    let action = (0..tree.len() as u32).map(NodeId).find(|&id| {
        let span = tree.node(id).span;
        span.start == location.span.start && span.end == location.span.end
    })?;
    let _ = name;
    chance_of(tree, action, sources, &tainted, 0)
}

/// The variables of a template that hold something random: by their names.
fn tainted_variables(tree: &Tree, sources: &TemplateSources) -> HashSet<Str> {
    let mut tainted = HashSet::new();
    // Twice, so that what is assigned before it is declared in the file is found.
    for _ in 0..2 {
        for id in (0..tree.len() as u32).map(NodeId) {
            if let NodeKind::Pipe { decl, .. } = &tree.node(id).kind
                && !tree.children(*decl).is_empty()
                && chance_of(tree, id, sources, &tainted, 0).is_some_and(|chance| chance != Chance::Kept)
            {
                for &variable in tree.children(*decl) {
                    if let NodeKind::Variable { symbol, .. } = &tree.node(variable).kind {
                        tainted.insert(tree.symbol(*symbol).clone());
                    }
                }
            }
        }
    }
    tainted
}

/// What the nodes below a node have to do with chance.
fn chance_of(
    tree: &Tree,
    root: NodeId,
    sources: &TemplateSources,
    tainted: &HashSet<Str>,
    depth: usize,
) -> Option<Chance> {
    let mut chance: Option<Chance> = None;
    let mut raise = |found: Chance| chance = Some(chance.map_or(found, |known: Chance| known.max(found)));
    let mut pending = vec![root];
    while let Some(id) = pending.pop() {
        match &tree.node(id).kind {
            NodeKind::Identifier { name, .. } => {
                let name = name.to_utf8();
                if RANDOM.contains(&&*name) {
                    raise(Chance::Random);
                } else if CERTIFICATES.contains(&&*name) {
                    raise(Chance::Certificate);
                } else if name == "lookup" {
                    raise(Chance::Kept);
                }
            }
            NodeKind::Variable { symbol, .. } if tainted.contains(tree.symbol(*symbol)) => raise(Chance::Random),
            NodeKind::List(items) => pending.extend(tree.children(*items)),
            NodeKind::Action(pipe) => pending.push(*pipe),
            NodeKind::If(branch) | NodeKind::With(branch) | NodeKind::Range(branch) => {
                pending.extend([branch.pipe, branch.list]);
                pending.extend(branch.else_list);
            }
            NodeKind::Pipe { commands, .. } => {
                pending.extend(tree.children(*commands));
                if depth < MAX_DEPTH {
                    for included in included_names(tree, id) {
                        if let Some((other, root)) = definition(sources, &included)
                            && let Some(found) = chance_of(other, root, sources, &HashSet::new(), depth + 1)
                        {
                            raise(found);
                        }
                    }
                }
            }
            NodeKind::Command(args) => pending.extend(tree.children(*args)),
            NodeKind::Chain { node, .. } => pending.push(*node),
            _ => {}
        }
    }
    chance
}

fn definition<'a>(sources: &'a TemplateSources, wanted: &Str) -> Option<(&'a Tree, NodeId)> {
    sources.iter().find_map(|(_, _, tree)| {
        let found = tree.definitions.iter().find(|definition| definition.name == *wanted)?;
        Some((&**tree, found.root))
    })
}

/// Whether some nodes of a template call one of some functions.
fn calls(tree: &Tree, mut nodes: std::ops::Range<u32>, functions: &[&str]) -> bool {
    nodes.any(|id| match &tree.node(NodeId(id)).kind {
        NodeKind::Identifier { name, .. } => functions.contains(&&*name.to_utf8()),
        _ => false,
    })
}

/// Whether a template asks whether it is being installed.
fn mentions_install(tree: &Tree) -> bool {
    (0..tree.len() as u32).any(|id| match &tree.node(NodeId(id)).kind {
        NodeKind::Field(names) | NodeKind::Variable { fields: names, .. } => {
            tree.names(*names).iter().any(|name| *name == "IsInstall" || *name == "IsUpgrade")
        }
        _ => false,
    })
}
