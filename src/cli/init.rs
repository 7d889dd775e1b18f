//! `chart-lint init`: a configuration to start with, and what to put into hooks and CI. Nothing is overwritten.

use std::io::{Result, Write};
use std::path::Path;

use super::COULD_NOT;
use crate::config::NAMES;

const CONFIG: &str = include_str!("init.yaml");

/// Runs the command; gives the exit code.
pub(super) fn run(folder: &Path, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8> {
    if !folder.is_dir() {
        writeln!(err, "error: there is no folder `{}`", folder.display())?;
        writeln!(err, "  help: give the folder that the configuration is to lie in")?;
        return Ok(COULD_NOT);
    }
    if let Some(known) = NAMES.iter().map(|name| folder.join(name)).find(|path| path.exists()) {
        writeln!(err, "error: `{}` is there already, and is left as it is", known.display())?;
        writeln!(err, "  help: change it, or move it away first")?;
        return Ok(COULD_NOT);
    }
    let path = folder.join(NAMES[0]);
    std::fs::write(&path, CONFIG)?;
    writeln!(out, "wrote {}\n", path.display())?;
    write!(
        out,
        "{}",
        concat!(
            "For pre-commit, in .pre-commit-config.yaml:\n\n",
            "    - repo: https://github.com/chart-lint/chart-lint\n",
            "      rev: v",
            env!("CARGO_PKG_VERSION"),
            "\n",
            "      hooks:\n",
            "        - id: chart-lint\n\n",
            "For GitHub Actions, as a step:\n\n",
            "    - uses: chart-lint/chart-lint@v",
            env!("CARGO_PKG_VERSION"),
            "\n\n",
            "For GitLab, in .gitlab-ci.yml:\n\n",
            "    chart-lint:\n",
            "      image: ghcr.io/chart-lint/chart-lint:",
            env!("CARGO_PKG_VERSION"),
            "-shell\n",
            "      script: [chart-lint --output gitlab=gl-code-quality-report.json]\n",
            "      artifacts: {reports: {codequality: gl-code-quality-report.json}}\n\n",
            "What is wrong today and is to be repaired later goes into a baseline:\n\n",
            "    chart-lint --write-baseline .chart-lint-baseline.json\n",
        )
    )?;
    Ok(0)
}
