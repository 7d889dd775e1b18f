//! `existing-secret-not-supported` and `external-secrets-not-supported`

use crate::finding::Role;
use crate::manifest::Object;
use crate::rules::helpers::{list, template_place};
use crate::rules::secrets::consumers::{Use, is_of, uses};
use crate::rules::secrets::detect::{is_secret_name, names_secret};
use crate::rules::secrets::facts::{facts, secret_keys};
use crate::rules::{ChartContext, Rule, RuleContext};
use crate::spec::Spec;
use crate::toggles::values_paths;

/// Kinds from which a controller makes Secrets.
const SOURCES: &[&str] = &[
    "ExternalSecret",
    "ClusterExternalSecret",
    "SealedSecret",
    "SecretProviderClass",
    "VaultStaticSecret",
    "VaultDynamicSecret",
    "VaultSecret",
    "OnePasswordItem",
    "InfisicalSecret",
    "BitwardenSecret",
    "PulumiSecret",
    "DopplerSecret",
    "SopsSecret",
];

/// Parts of the names of keys that name a Secret.
const NAMES: &[&str] =
    &["existing", "secretname", "secretref", "externalsecret", "secret.name", "fromsecret", "secret_name", "usesecret"];

pub(super) struct ExistingSecretNotSupported;

impl Rule for ExistingSecretNotSupported {
    fn spec(&self) -> &'static Spec {
        spec!("existing-secret-not-supported")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !object.is("", "Secret")
            || object.is_hook()
            || !takes_secrets(cx, object)
            || SOURCES.iter().any(|kind| has_kind(cx, kind))
        {
            return;
        }
        let mut readers: Vec<Use<'_>> = Vec::new();
        let mut names = Vec::new();
        for workload in cx.index.workloads().iter().filter(|workload| cx.is_own(workload.object)) {
            let of_object = uses(workload).into_iter().filter(|used| is_of(cx.index, workload, used, object));
            let before = readers.len();
            readers.extend(of_object);
            if readers.len() > before {
                names.push(cx.describe(workload.object));
            }
        }
        let can_be_changed =
            |used: &Use<'_>| cx.is_from_values(&used.node) || NAMES.iter().any(|name| cx.may_render(&used.node, name));
        let Some(first) = readers.first() else { return };
        let has_way = readers.iter().any(can_be_changed)
            || NAMES.iter().any(|name| cx.may_render(&object.root(), name))
            || cx.is_from_values(&object.get("metadata.name"));
        if has_way {
            return;
        }
        let place = template_place(cx, &first.node);
        let verb = if names.len() == 1 { "reads" } else { "read" };
        let message = format!(
            "{} {verb} {}, and no values key names another Secret instead",
            list(&names, 3),
            cx.describe(object)
        );
        let finding = cx
            .finding(&object.get("metadata.name"), message)
            .label("filled from values alone")
            .help("add a values key `existingSecret`: if it is set, refer to it and do not render this one");
        match place {
            Some(place) => finding.related(place, Role::Object, "read here, by a fixed name").report(),
            None => finding.report(),
        }
    }
}

fn has_kind(cx: &RuleContext<'_>, kind: &str) -> bool {
    !cx.index.of_kind(kind).is_empty() || cx.disabled_kind(kind).is_some()
}

/// Whether a Secret is filled with secrets from values.
fn takes_secrets(cx: &RuleContext<'_>, object: &Object) -> bool {
    let entries: Vec<_> =
        ["data", "stringData"].iter().flat_map(|field| object.get(field).entries()).collect();
    let from_values = entries.iter().any(|(key, node)| is_secret_name(key) && cx.is_from_values(node));
    from_values
        || cx.scenario.sources.get(object.template.as_bytes()).is_some_and(|(_, tree)| {
            (0..tree.len() as u32).any(|id| {
                values_paths(tree, chart_lint_template::NodeId(id)).iter().any(|path| {
                    let parts: Vec<String> = path.iter().map(|part| part.to_utf8().into_owned()).collect();
                    parts.last().is_some_and(|key| names_secret(key, &parts))
                })
            })
        })
}

pub(super) struct ExternalSecretsNotSupported;

impl Rule for ExternalSecretsNotSupported {
    fn spec(&self) -> &'static Spec {
        spec!("external-secrets-not-supported")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let facts = facts(cx);
        let has_source = cx.scenarios.iter().any(|scenario| {
            scenario.objects.iter().any(|object| SOURCES.contains(&object.kind()))
                || scenario.toggles.iter().any(|toggle| SOURCES.contains(&toggle.kind.as_str()))
        });
        if has_source {
            return;
        }
        let mut keys = secret_keys(cx);
        keys.retain(|key| if facts.names_secrets { facts.takes(&key.path) } else { facts.uses(&key.path) });
        let Some(first) = keys.first() else { return };
        let names: Vec<String> = keys.iter().map(|key| key.path.clone()).collect();
        let (message, help) = if facts.names_secrets && has_example(cx) {
            (
                format!("users write the ExternalSecret for {} by hand, from the example in the documents", list(&names, 3)),
                "add a template for an ExternalSecret that values switch on",
            )
        } else if facts.names_secrets {
            (
                format!("nothing shows how {} come from a vault", list(&names, 3)),
                "the chart takes the name of a Secret: show in the README how an ExternalSecret or SealedSecret makes it, or add a template",
            )
        } else {
            (
                format!("the chart takes {} as values, and no Secret from elsewhere", list(&names, 3)),
                "add `existingSecret` keys, which also serve External Secrets and Sealed Secrets, or templates for these",
            )
        };
        cx.finding(first.location, Role::Values, message).identity("external-secrets").help(help).report();
    }
}

/// Whether a document shows an object from which a controller makes a Secret.
fn has_example(cx: &ChartContext<'_>) -> bool {
    let shows_one = |text: &str| SOURCES.iter().any(|kind| text.contains(&format!("kind: {kind}")));
    let files = cx.chart().files.iter().filter(|file| file.name.to_utf8().ends_with(".md"));
    files.into_iter().any(|file| shows_one(&file.data.to_utf8()))
        || cx.repo().documents.iter().any(|document| shows_one(&document.text))
}
