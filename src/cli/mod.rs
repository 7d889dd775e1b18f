//! The command line: flags, exit codes, and the only code that prints.

mod args;
mod coverage;
mod init;
mod lint;
mod oracle;
mod output;
mod progress;
mod rules;
mod select;
mod settings;
mod template;
mod values;

use std::io::{BufWriter, Write};

use clap::{CommandFactory, Parser};

use args::{Cli, Command};
#[doc(hidden)]
pub use oracle::{answer as answer_question, function_names};
#[doc(hidden)]
pub use template::answer as answer_template;
pub(crate) use values::read_set_file;

/// Could not do the work: a bad flag, no chart.
const COULD_NOT: u8 = 2;

/// Runs the program with the arguments of the process; gives the exit code.
pub fn run() -> u8 {
    let cli = Cli::parse();
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut err = std::io::stderr().lock();
    let result = match &cli.command {
        Some(Command::Template(args)) => template::run(args, &mut out, &mut err),
        Some(Command::Oracle) => oracle::run(std::io::stdin().lock(), &mut out).map(|()| 0),
        Some(Command::Explain { rule }) => rules::explain(rule, &mut out, &mut err),
        Some(Command::Coverage(args)) => coverage::run(args, &mut out, &mut err),
        Some(Command::Merge(args)) => output::merge(args, &mut out, &mut err),
        Some(Command::Rules(args)) => rules::list(args, &mut out, &mut err),
        Some(Command::Init { folder }) => init::run(folder, &mut out, &mut err),
        Some(Command::Completions { shell }) => {
            clap_complete::generate(*shell, &mut Cli::command(), "chart-lint", &mut out);
            Ok(0)
        }
        Some(Command::Man) => clap_mangen::Man::new(Cli::command()).render(&mut out).map(|()| 0),
        Some(Command::Schema) => rules::schema(&mut out),
        None => lint::run(&cli.lint, &mut out, &mut err),
    };
    match result.and_then(|code| out.flush().map(|()| code)) {
        Ok(code) => code,
        // Whoever reads us has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => 0,
        Err(error) => {
            let _ = writeln!(err, "error: {error}");
            COULD_NOT
        }
    }
}
