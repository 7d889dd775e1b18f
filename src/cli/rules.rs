//! `chart-lint rules` and `chart-lint explain`.

use std::io::{Result, Write};

use super::COULD_NOT;
use super::args::{RulesArgs, RulesFormat};
use crate::profile::Profile;
use crate::rules::{RULES, find};
use crate::spec::Spec;

/// Lists the rules.
pub(super) fn list(args: &RulesArgs, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8> {
    let profile = match args.profile.as_deref().map(str::parse::<Profile>).transpose() {
        Ok(profile) => profile,
        Err(error) => {
            writeln!(err, "error: {error}")?;
            return Ok(COULD_NOT);
        }
    };
    let is_wanted = |spec: &Spec| profile.is_none_or(|profile| profile.includes(spec));
    let specs: Vec<&Spec> = RULES.iter().map(|rule| rule.spec()).filter(|spec| is_wanted(spec)).collect();
    if args.format == RulesFormat::Json {
        let rules: Vec<serde_json::Value> = specs.iter().map(|spec| as_json(spec)).collect();
        serde_json::to_writer_pretty(&mut *out, &rules)?;
        writeln!(out)?;
        return Ok(0);
    }
    let width = specs.iter().map(|spec| spec.id.len()).max().unwrap_or(0);
    for spec in specs {
        writeln!(out, "{:width$}  {:8}  {:11}  {}", spec.id, spec.severity, spec.tier.name(), spec.summary)?;
    }
    Ok(0)
}

fn as_json(spec: &Spec) -> serde_json::Value {
    serde_json::json!({
        "id": spec.id,
        "category": spec.category,
        "severity": spec.severity.name(),
        "tier": spec.tier.name(),
        "scope": spec.scope,
        "since": spec.since,
        "summary": spec.summary,
        "peers": spec.peers,
        "references": spec.references,
        "params": spec.params,
    })
}

/// Prints the JSON Schema of the configuration.
pub(super) fn schema(out: &mut dyn Write) -> Result<u8> {
    serde_json::to_writer_pretty(&mut *out, &crate::config::json_schema())?;
    writeln!(out)?;
    Ok(0)
}

/// Prints the page of a rule.
pub(super) fn explain(id: &str, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8> {
    let Some(rule) = find(id) else {
        writeln!(err, "error: there is no rule `{id}`")?;
        match nearest(id) {
            Some(near) => writeln!(err, "  help: did you mean `{near}`?")?,
            None => writeln!(err, "  help: `chart-lint rules` lists them all")?,
        }
        return Ok(COULD_NOT);
    };
    let spec = rule.spec();
    writeln!(out, "{}: {}", spec.id, spec.summary)?;
    writeln!(
        out,
        "\nseverity {}, tier {}, looks at {}, since {}",
        spec.severity,
        spec.tier.name(),
        spec.scope,
        spec.since
    )?;
    for (heading, text) in spec.sections() {
        writeln!(out, "\n## {heading}\n\n{}", text.trim())?;
    }
    if !spec.references.is_empty() {
        writeln!(out, "\nreferences: {}", spec.references.join(", "))?;
    }
    for (tool, name) in &spec.peers {
        writeln!(out, "{tool}: {name}")?;
    }
    Ok(0)
}

/// The rule whose id is nearest to what was typed, if one is near.
pub(super) fn nearest(id: &str) -> Option<&'static str> {
    crate::suggest::nearest(id, RULES.iter().map(|rule| rule.spec().id.as_str()))
}
