//! GitLab's code quality report.

use std::collections::HashMap;
use std::io::{Result, Write};

use serde_json::{Value, json};

use super::model::Model;
use crate::finding::Severity;

pub(super) fn write(model: &Model, out: &mut dyn Write) -> Result<()> {
    // GitLab takes entries with one fingerprint for one problem.
    let mut known: HashMap<&str, usize> = HashMap::new();
    let entries: Vec<Value> = model
        .shown()
        .map(|finding| {
            let count = known.entry(&finding.fingerprint).or_default();
            *count += 1;
            let fingerprint = match *count {
                1 => finding.fingerprint.clone(),
                n => format!("{}-{n}", finding.fingerprint),
            };
            json!({
                "description": finding.text(),
                "check_name": finding.rule,
                "fingerprint": fingerprint,
                "severity": match finding.severity() {
                    Severity::Critical => "blocker",
                    Severity::High => "critical",
                    Severity::Medium => "major",
                    Severity::Low => "minor",
                    Severity::Info => "info",
                },
                "location": {
                    "path": finding.primary.path,
                    "lines": {"begin": finding.primary.line, "end": finding.primary.end_line.max(finding.primary.line)},
                },
            })
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &entries)?;
    writeln!(out)
}
