//! Annotations of objects that suppress: our own, and those of the peers, so that nobody has to write them twice.

use std::collections::HashMap;

use crate::finding::{Finding, ObjectRef};
use crate::manifest::Object;
use crate::rules::{RULES, find};

/// `chart-lint/ignore.<rule-id>: reason`
const OWN: &str = "chart-lint/ignore.";
const KUBE_LINTER: &str = "ignore-check.kube-linter.io/";
const CHECKOV: &str = "checkov.io/skip";
const POLARIS: &str = "polaris.fairwinds.com/";

/// Which rules the objects of a chart want to be ignored.
pub(super) struct Annotations {
    /// By kind and name: the rule, and why.
    by_object: HashMap<(String, String), Vec<(String, String)>>,
}

impl Annotations {
    pub(super) fn of<'o>(objects: impl IntoIterator<Item = &'o Object>) -> Annotations {
        let mut by_object: HashMap<(String, String), Vec<(String, String)>> = HashMap::new();
        for object in objects {
            let ignored: Vec<(String, String)> =
                object.head.annotations.iter().flat_map(|(name, value)| ignored(name, value)).collect();
            if !ignored.is_empty() {
                let key = (object.head.kind.clone(), object.head.name.clone());
                by_object.entry(key).or_default().extend(ignored);
            }
        }
        Annotations { by_object }
    }

    /// Why a finding is ignored: all objects that it is about must say so.
    pub(super) fn reason(&self, finding: &Finding) -> Option<String> {
        if self.by_object.is_empty() {
            return None;
        }
        let reason = |object: &ObjectRef| {
            let ignored = self.by_object.get(&(object.kind.clone(), object.name.clone()))?;
            let (_, reason) = ignored.iter().find(|(rule, _)| rule == finding.rule || rule == "*")?;
            Some(reason.clone())
        };
        let first = reason(finding.object.as_ref()?)?;
        finding.more_objects.iter().all(|object| reason(object).is_some()).then_some(first)
    }
}

fn ignored(name: &str, value: &str) -> Vec<(String, String)> {
    let because = |reason: &str| {
        if reason.trim().is_empty() { format!("annotation {name}") } else { reason.trim().to_owned() }
    };
    let all = |rules: Vec<String>, reason: String| -> Vec<(String, String)> {
        rules.into_iter().map(|rule| (rule, reason.clone())).collect()
    };
    if let Some(id) = name.strip_prefix(OWN) {
        return if find(id).is_some() { vec![(id.to_owned(), because(value))] } else { Vec::new() };
    }
    if name == "kube-linter.io/ignore-all" {
        return vec![("*".to_owned(), because(value))];
    }
    if let Some(check) = name.strip_prefix(KUBE_LINTER) {
        return all(rules_of_peer("kube-linter", check), because(value));
    }
    if name == "kube-score/ignore" {
        let checks = value.split(',').map(str::trim);
        return checks.flat_map(|check| all(rules_of_peer("kube-score", check), because(""))).collect();
    }
    if name.starts_with(CHECKOV) {
        let (check, reason) = value.split_once('=').unwrap_or((value, ""));
        return all(rules_of_peer("checkov", check.trim()), because(reason));
    }
    if let Some(check) = name.strip_prefix(POLARIS).and_then(|name| name.strip_suffix("exempt"))
        && value == "true"
    {
        return match check.strip_suffix('-') {
            Some(check) => all(rules_of_peer("polaris", check), because("")),
            None => vec![("*".to_owned(), because(""))],
        };
    }
    Vec::new()
}

/// Our rules for a check of a peer.
pub(super) fn rules_of_peer(peer: &str, check: &str) -> Vec<String> {
    let names = |text: &String| text.split(',').any(|name| name.trim().eq_ignore_ascii_case(check));
    RULES
        .iter()
        .filter(|rule| rule.spec().peers.get(peer).is_some_and(names))
        .map(|rule| rule.spec().id.clone())
        .collect()
}
