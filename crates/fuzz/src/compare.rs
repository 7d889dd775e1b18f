//! Asks both sides and compares what they say.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::oracle::{NoAnswer, Oracle};

/// What one side says.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Said {
    Output(String),
    Error(String),
    /// No answer: what happened instead.
    Nothing(String),
}

impl Said {
    fn read(line: &[u8]) -> Said {
        let answer: Json = serde_json::from_slice(line).unwrap_or_default();
        match (answer["output"].as_str(), answer["error"].as_str()) {
            (Some(text), _) => Said::Output(without_addresses(text)),
            (None, Some(text)) => Said::Error(without_addresses(text)),
            _ => Said::Nothing(format!("not an answer: {}", String::from_utf8_lossy(line))),
        }
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Said::Output(_) => "output",
            Said::Error(_) => "error",
            Said::Nothing(_) => "nothing",
        }
    }

    pub(crate) fn text(&self) -> &str {
        match self {
            Said::Output(text) | Said::Error(text) | Said::Nothing(text) => text,
        }
    }
}

/// Addresses in memory differ with each run.
fn without_addresses(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("0xc0") {
        out.push_str(&rest[..at]);
        let length = rest[at + 4..].bytes().take_while(u8::is_ascii_hexdigit).count();
        if (6..=8).contains(&length) {
            out.push_str("0xADDRESS");
            rest = &rest[at + 4 + length..];
        } else {
            out.push_str("0xc0");
            rest = &rest[at + 4..];
        }
    }
    out + rest
}

/// The question that our engine is answering, and since when.
static ASKED: Mutex<Option<(Vec<u8>, Instant)>> = Mutex::new(None);

fn asked() -> MutexGuard<'static, Option<(Vec<u8>, Instant)>> {
    ASKED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the program when our engine does not come to an end, with the question.
pub(crate) fn watch() {
    const PATIENCE: Duration = Duration::from_secs(60);
    std::thread::spawn(|| {
        loop {
            std::thread::sleep(Duration::from_secs(2));
            if let Some((question, since)) = &*asked()
                && since.elapsed() > PATIENCE
            {
                eprintln!("our engine does not come to an end for {}", String::from_utf8_lossy(question));
                std::process::exit(3);
            }
        }
    });
}

/// What our engine says, and how long it took.
pub(crate) fn here(question: &[u8]) -> (Said, Duration) {
    let start = Instant::now();
    *asked() = Some((question.to_vec(), start));
    let answer = catch_unwind(AssertUnwindSafe(|| chart_lint::cli::answer_question(question)));
    *asked() = None;
    let said = match answer {
        Ok(line) => Said::read(&line),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Said::Nothing(format!("panic: {}", text.unwrap_or_default()))
        }
    };
    (said, start.elapsed())
}

pub(crate) fn there(answer: &crate::oracle::Answer) -> Said {
    match answer {
        Ok(line) => Said::read(line),
        Err(NoAnswer::Died) => Said::Nothing("died".to_owned()),
        Err(NoAnswer::Hung) => Said::Nothing("hung".to_owned()),
    }
}

/// Whether Helm says now this and now that, or sometimes what we say.
pub(crate) fn is_volatile(
    oracle: &mut Oracle,
    question: &[u8],
    theirs: &Said,
    ours: &Said,
) -> std::io::Result<bool> {
    // An address, or something like it inside of a `*time.Location`.
    if ours.text().contains("0xADDRESS") || theirs.text().contains("*time.Location=") {
        return Ok(true);
    }
    const TIMES: usize = 14;
    let questions = vec![question.to_vec(); TIMES];
    let answers = oracle.ask(&questions)?;
    // What is asked of the clock.
    if !matches!(ours, Said::Nothing(_)) && here(question).0 != *ours {
        return Ok(true);
    }
    Ok(answers.iter().any(|answer| {
        let again = there(answer);
        again != *theirs || again == *ours
    }))
}
