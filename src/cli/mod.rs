//! The command line: flags, exit codes, and the only code that prints.

mod oracle;

/// Runs the program with the arguments of the process; gives the exit code.
pub fn run() -> u8 {
    let stdin = std::io::stdin().lock();
    let stdout = std::io::stdout().lock();
    match oracle::run(stdin, std::io::BufWriter::new(stdout)) {
        Ok(()) => 0,
        Err(_) => 2,
    }
}
