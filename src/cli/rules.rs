//! `chart-lint rules` and `chart-lint explain`.

use std::io::{Result, Write};

use super::COULD_NOT;
use crate::rules::{RULES, find};

/// Lists all rules.
pub(super) fn list(out: &mut dyn Write) -> Result<u8> {
    let width = RULES.iter().map(|rule| rule.spec().id.len()).max().unwrap_or(0);
    for rule in RULES.iter() {
        let spec = rule.spec();
        writeln!(out, "{:width$}  {:8}  {:11}  {}", spec.id, spec.severity, spec.tier.name(), spec.summary)?;
    }
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
    for (heading, text) in &spec.sections {
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
