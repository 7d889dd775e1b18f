//! The program that answers what Helm prints: started when needed, and again after it died or hung.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// Why there is no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NoAnswer {
    /// It ended: out of stack or memory.
    Died,
    /// It took too long.
    Hung,
}

/// An answer, a line of JSON, or why there is none.
pub(crate) type Answer = Result<Vec<u8>, NoAnswer>;

/// A program that is asked in lines.
pub(crate) struct Oracle {
    path: String,
    timeout: Duration,
    running: Option<Running>,
    /// How often it had to be started.
    pub(crate) starts: usize,
}

struct Running {
    child: Child,
    lines: Receiver<Vec<u8>>,
}

impl Oracle {
    pub(crate) fn new(path: &str, timeout: Duration) -> Oracle {
        Oracle { path: path.to_owned(), timeout, running: None, starts: 0 }
    }

    fn start(&mut self) -> std::io::Result<&mut Running> {
        if self.running.is_none() {
            // A question may ask for more memory than there is.
            let limited = "ulimit -v 8000000; exec \"$0\"";
            let mut child = Command::new("sh")
                .args(["-c", limited, &self.path])
                .env("TZ", "UTC")
                .env("KUBECONFIG", "/dev/null")
                .env("HELM_PLUGINS", "/nonexistent")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()?;
            let stdout = child.stdout.take().ok_or(std::io::ErrorKind::BrokenPipe)?;
            let (sender, lines) = channel();
            std::thread::spawn(move || {
                for line in BufReader::new(stdout).split(b'\n') {
                    let Ok(line) = line else { return };
                    if sender.send(line).is_err() {
                        return;
                    }
                }
            });
            self.starts += 1;
            self.running = Some(Running { child, lines });
        }
        self.running.as_mut().ok_or_else(|| std::io::ErrorKind::BrokenPipe.into())
    }

    fn stop(&mut self) {
        if let Some(mut running) = self.running.take() {
            let _ = running.child.kill();
            let _ = running.child.wait();
        }
    }

    /// Answers to all questions, in their order.
    pub(crate) fn ask(&mut self, questions: &[Vec<u8>]) -> std::io::Result<Vec<Answer>> {
        let mut answers = Vec::with_capacity(questions.len());
        while answers.len() < questions.len() {
            let timeout = self.timeout;
            let rest = questions[answers.len()..].to_vec();
            let running = self.start()?;
            let mut stdin = running.child.stdin.take().ok_or(std::io::ErrorKind::BrokenPipe)?;
            let writer = std::thread::spawn(move || {
                for question in rest {
                    if stdin
                        .write_all(&question)
                        .and_then(|()| stdin.write_all(b"\n"))
                        .and_then(|()| stdin.flush())
                        .is_err()
                    {
                        break;
                    }
                }
                stdin
            });
            let mut failed = None;
            while answers.len() < questions.len() && failed.is_none() {
                match running.lines.recv_timeout(timeout) {
                    Ok(line) => answers.push(Ok(line)),
                    Err(RecvTimeoutError::Timeout) => failed = Some(NoAnswer::Hung),
                    Err(RecvTimeoutError::Disconnected) => failed = Some(NoAnswer::Died),
                }
            }
            match failed {
                Some(why) => {
                    answers.push(Err(why));
                    self.stop();
                    let _ = writer.join();
                }
                None => {
                    if let Ok(stdin) = writer.join()
                        && let Some(running) = &mut self.running
                    {
                        running.child.stdin = Some(stdin);
                    }
                }
            }
        }
        Ok(answers)
    }

    /// The answer to one question.
    pub(crate) fn ask_one(&mut self, question: &[u8]) -> std::io::Result<Answer> {
        Ok(self.ask(&[question.to_vec()])?.pop().unwrap_or(Err(NoAnswer::Died)))
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        self.stop();
    }
}
