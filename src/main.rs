//! Entry point.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(chart_lint::cli::run())
}
