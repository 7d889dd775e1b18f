//! The differential fuzzer: makes up templates and values, asks Helm's engine and ours, and shows where they differ.
//!
//! `chart-lint-fuzz --oracle PATH` asks the Go program around Helm's engine about templates;
//! `chart-lint-fuzz --charts PATH` compares `helm template` and `chart-lint template` on whole charts: PATH is the
//! program in `helm/`.
//! Each difference is made as small as possible; one of each cause is written to `DIR/differences.jsonl`.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::expect_used)]

mod areas;
mod charts;
mod compare;
mod documents;
mod expressions;
mod functions;
mod oracle;
mod random;
mod shrink;
mod statements;
mod texts;
mod values;
mod whole;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use compare::{Said, here, is_volatile, there};
use oracle::Oracle;
use random::Random;

const USAGE: &str =
    "usage: chart-lint-fuzz --oracle PATH [--cases N] [--seed S] [--area A] [--out DIR] [--timeout SECONDS]
       chart-lint-fuzz --oracle PATH --questions FILE [--out DIR] [--record]
       chart-lint-fuzz --charts PATH [--cases N] [--seed S] [--out DIR] [--timeout SECONDS]";

struct Settings {
    oracle: String,
    /// The program that answers about whole charts.
    charts: String,
    cases: usize,
    seed: u64,
    area: Option<String>,
    out: PathBuf,
    timeout: Duration,
    /// Ask these instead of made-up ones.
    questions: Option<PathBuf>,
    /// Print the questions with Helm's answers.
    record: bool,
}

fn settings(mut arguments: impl Iterator<Item = String>) -> Result<Settings, String> {
    let mut settings = Settings {
        oracle: String::new(),
        charts: String::new(),
        cases: 10_000,
        seed: 1,
        area: None,
        out: PathBuf::from("target/fuzz"),
        timeout: Duration::from_secs(3),
        questions: None,
        record: false,
    };
    while let Some(flag) = arguments.next() {
        if flag == "--record" {
            settings.record = true;
            continue;
        }
        let value = arguments.next().ok_or_else(|| format!("{flag} needs a value"))?;
        let number = || value.parse::<u64>().map_err(|error| format!("{flag} {value}: {error}"));
        match flag.as_str() {
            "--oracle" => settings.oracle = value,
            "--charts" => settings.charts = value,
            "--cases" => settings.cases = number()? as usize,
            "--seed" => settings.seed = number()?,
            "--area" => settings.area = Some(value),
            "--out" => settings.out = PathBuf::from(value),
            "--timeout" => settings.timeout = Duration::from_secs(number()?),
            "--questions" => settings.questions = Some(PathBuf::from(value)),
            _ => return Err(format!("unknown flag {flag}")),
        }
    }
    if settings.oracle.is_empty() && settings.charts.is_empty() {
        return Err("--oracle is missing".to_owned());
    }
    if let Some(area) = &settings.area
        && !areas::AREAS.iter().any(|(name, ..)| name == area)
    {
        let names: Vec<&str> = areas::AREAS.iter().map(|(name, ..)| *name).collect();
        return Err(format!("there is no area {area}, but {}", names.join(", ")));
    }
    Ok(settings)
}

fn main() -> ExitCode {
    // With room for what a template may nest.
    chart_lint::render::with_large_stack(|| {
        let settings = match settings(std::env::args().skip(1)) {
            Ok(settings) => settings,
            Err(message) => {
                eprintln!("{message}\n{USAGE}");
                return ExitCode::from(2);
            }
        };
        std::panic::set_hook(Box::new(|_| {}));
        let result = if !settings.charts.is_empty() {
            let oracle = Oracle::new(&settings.charts, settings.timeout);
            whole::Charts { oracle, out: settings.out, seed: settings.seed, cases: settings.cases }.run()
        } else if settings.record {
            record(&settings)
        } else {
            Run::new(settings).and_then(Run::run)
        };
        match result {
            Ok(0) => ExitCode::SUCCESS,
            Ok(_) => ExitCode::from(1),
            Err(error) => {
                eprintln!("{error}");
                ExitCode::from(2)
            }
        }
    })
}

fn read_questions(path: &PathBuf) -> std::io::Result<Vec<Json>> {
    let mut questions = Vec::new();
    for line in BufReader::new(File::open(path)?).lines() {
        let mut question: Json = serde_json::from_str(&line?)?;
        if let Json::Object(question) = &mut question {
            for key in ["output", "error", "here", "cause"] {
                question.remove(key);
            }
        }
        questions.push(question);
    }
    Ok(questions)
}

/// Prints questions with Helm's answers, as vectors; leaves out those that it answers in two ways.
fn record(settings: &Settings) -> std::io::Result<usize> {
    let mut oracle = Oracle::new(&settings.oracle, settings.timeout);
    let path = settings.questions.clone().ok_or(std::io::ErrorKind::NotFound)?;
    let mut out = std::io::stdout().lock();
    for mut question in read_questions(&path)? {
        let line = question.to_string().into_bytes();
        let said = there(&oracle.ask_one(&line)?);
        if matches!(said, Said::Nothing(_))
            || is_volatile(&mut oracle, &line, &said, &Said::Nothing(String::new()))?
        {
            continue;
        }
        question[said.kind()] = Json::from(said.text());
        writeln!(out, "{question}")?;
    }
    Ok(0)
}

#[derive(Default)]
struct Count {
    cases: usize,
    errors: usize,
    differences: usize,
    volatile: usize,
    unanswered: usize,
    /// Our engine stopped at a limit that Helm does not have.
    limited: usize,
}

struct Run {
    settings: Settings,
    oracle: Oracle,
    counts: BTreeMap<&'static str, Count>,
    causes: HashMap<String, usize>,
    sketches: HashMap<String, usize>,
    differences: File,
    slowest: (Duration, String),
    start: Instant,
}

const BATCH: usize = 200;

impl Run {
    fn new(settings: Settings) -> std::io::Result<Run> {
        std::fs::create_dir_all(&settings.out)?;
        let differences = File::create(settings.out.join("differences.jsonl"))?;
        compare::watch();
        let oracle = Oracle::new(&settings.oracle, settings.timeout);
        Ok(Run {
            settings,
            oracle,
            counts: BTreeMap::new(),
            causes: HashMap::new(),
            sketches: HashMap::new(),
            differences,
            slowest: (Duration::ZERO, String::new()),
            start: Instant::now(),
        })
    }

    fn run(mut self) -> std::io::Result<usize> {
        if let Some(path) = self.settings.questions.clone() {
            for batch in read_questions(&path)?.chunks(BATCH) {
                let batch = batch.iter().map(|question| ("given", question.clone())).collect();
                self.batch(batch)?;
            }
            return Ok(self.report());
        }
        let mut made = 0;
        while made < self.settings.cases {
            let count = BATCH.min(self.settings.cases - made);
            let mut batch = Vec::with_capacity(count);
            for index in 0..count {
                let mut r =
                    Random::new(self.settings.seed.wrapping_mul(1 << 32).wrapping_add((made + index) as u64));
                batch.extend(areas::question(&mut r, self.settings.area.as_deref()));
            }
            self.batch(batch)?;
            made += count;
            if made % 20_000 < BATCH {
                let differences: usize = self.counts.values().map(|count| count.differences).sum();
                eprintln!(
                    "{made} cases, {differences} differences, {} causes, {:.0} s",
                    self.causes.len(),
                    self.start.elapsed().as_secs_f64()
                );
            }
        }
        Ok(self.report())
    }

    fn batch(&mut self, batch: Vec<(&'static str, Json)>) -> std::io::Result<()> {
        let lines: Vec<Vec<u8>> = batch
            .iter()
            .enumerate()
            .map(|(index, (_, question))| {
                let mut question = question.clone();
                question["id"] = Json::from(index);
                question.to_string().into_bytes()
            })
            .collect();
        let oracle = &mut self.oracle;
        let (ours, answers) = std::thread::scope(|scope| {
            let asked = scope.spawn(|| oracle.ask(&lines));
            let ours: Vec<(Said, Duration)> = lines.iter().map(|line| here(line)).collect();
            (ours, asked.join())
        });
        let answers = answers.map_err(|_| std::io::Error::other("the oracle's thread panicked"))??;
        for (((area, question), (ours, time)), answer) in batch.iter().zip(ours).zip(&answers) {
            if time > self.slowest.0 {
                self.slowest = (time, question.to_string());
            }
            let theirs = there(answer);
            let count = self.counts.entry(area).or_default();
            count.cases += 1;
            match &theirs {
                Said::Nothing(_) => {
                    count.unanswered += 1;
                    // What kills Helm may not kill us.
                    if !matches!(ours, Said::Nothing(_)) {
                        continue;
                    }
                }
                Said::Error(_) => count.errors += 1,
                Said::Output(_) => {}
            }
            if ours.text().ends_with(" reached") {
                count.limited += 1;
            } else if ours != theirs {
                self.difference(area, question, &theirs, &ours)?;
            }
        }
        Ok(())
    }

    fn difference(
        &mut self,
        area: &'static str,
        question: &Json,
        theirs: &Said,
        ours: &Said,
    ) -> std::io::Result<()> {
        let line = question.to_string().into_bytes();
        let count = self.counts.entry(area).or_default();
        if !matches!(theirs, Said::Nothing(_)) && is_volatile(&mut self.oracle, &line, theirs, ours)? {
            count.volatile += 1;
            return Ok(());
        }
        count.differences += 1;
        const ENOUGH: usize = 4;
        let sketch = format!("{}/{} {}", theirs.kind(), ours.kind(), sketch(theirs, ours));
        let seen = self.sketches.entry(sketch.clone()).or_insert(0);
        *seen += 1;
        if *seen > ENOUGH && !(theirs.kind() == "output" && ours.kind() == "output" && *seen < 40) {
            return Ok(());
        }
        let (mut question, mut theirs, mut ours) = (question.clone(), theirs.clone(), ours.clone());
        if !matches!(theirs, Said::Nothing(_)) && self.settings.questions.is_none() {
            let kinds = (theirs.kind(), ours.kind());
            let oracle = &mut self.oracle;
            let smaller = shrink::shrink(&question, &mut |smaller| {
                let line = smaller.to_string().into_bytes();
                let (ours, _) = here(&line);
                let theirs =
                    oracle.ask_one(&line).map_or(Said::Nothing(String::new()), |answer| there(&answer));
                (theirs.kind(), ours.kind()) == kinds && ours != theirs
            });
            let line = smaller.to_string().into_bytes();
            let now = (there(&self.oracle.ask_one(&line)?), here(&line).0);
            if now.0 != now.1 && !is_volatile(&mut self.oracle, &line, &now.0, &now.1)? {
                (question, theirs, ours) = (smaller, now.0, now.1);
            }
        }
        let cause = cause(&question, &theirs, &ours);
        let seen = self.causes.entry(cause.clone()).or_insert(0);
        *seen += 1;
        if *seen > 2 {
            return Ok(());
        }
        let mut record = question;
        record["id"] = Json::from(format!("{area}-{}", self.causes.len()));
        record["cause"] = Json::from(cause);
        record[theirs.kind()] = Json::from(theirs.text());
        record["here"] = Json::from(format!("{}: {}", ours.kind(), ours.text()));
        writeln!(self.differences, "{record}")?;
        self.differences.flush()
    }

    /// Prints the counts; gives the number of differences.
    fn report(self) -> usize {
        let mut total = Count::default();
        println!(
            "{:12} {:>9} {:>9} {:>9} {:>9} {:>9} {:>11}",
            "area", "cases", "errors", "volatile", "no answer", "limited", "differences"
        );
        let line = |name: &str, count: &Count| {
            println!(
                "{name:12} {:>9} {:>9} {:>9} {:>9} {:>9} {:>11}",
                count.cases, count.errors, count.volatile, count.unanswered, count.limited, count.differences
            );
        };
        for (area, count) in &self.counts {
            line(area, count);
            total.cases += count.cases;
            total.errors += count.errors;
            total.volatile += count.volatile;
            total.unanswered += count.unanswered;
            total.limited += count.limited;
            total.differences += count.differences;
        }
        line("all", &total);
        println!(
            "{} causes, oracle started {} times, {:.0} s; slowest here {:.2} s",
            self.causes.len(),
            self.oracle.starts,
            self.start.elapsed().as_secs_f64(),
            self.slowest.0.as_secs_f64()
        );
        if self.slowest.0 > Duration::from_secs(1) {
            println!("slowest: {}", self.slowest.1.chars().take(2000).collect::<String>());
        }
        let mut causes: Vec<_> = self.causes.iter().collect();
        causes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (cause, count) in causes.iter().take(60) {
            println!("{count:>7} {cause}");
        }
        total.differences
    }
}

/// A text without what differs from case to case: quoted texts, numbers.
fn skeleton(text: &str) -> String {
    let mut out = String::new();
    let mut quote = None;
    for c in text.chars() {
        match quote {
            Some(open) => {
                if c == open {
                    quote = None;
                }
            }
            None if matches!(c, '"' | '`' | '\'') => quote = Some(c),
            None if c.is_ascii_digit() || c.is_whitespace() => {}
            None => out.push(c),
        }
    }
    out
}

/// What a difference looks like before it is made smaller.
fn sketch(theirs: &Said, ours: &Said) -> String {
    let end = |said: &Said| {
        let text = match said {
            Said::Output(_) => "",
            other => other.text(),
        };
        let text = text.rsplit(">: ").next().unwrap_or(text);
        skeleton(text).chars().take(80).collect::<String>()
    };
    format!("{} / {}", end(theirs), end(ours))
}

/// What a difference is due to, roughly: the functions used, and what the errors say.
fn cause(question: &Json, theirs: &Said, ours: &Said) -> String {
    let template = question["template"].as_str().unwrap_or_default();
    let names: BTreeSet<&str> = template
        .split(|c: char| !c.is_alphanumeric() && c != '.')
        .filter(|word| functions::Functions::get().all.iter().any(|function| function.name == *word))
        .collect();
    let names: Vec<&str> = names.into_iter().collect();
    format!("{}/{} [{}] {}", theirs.kind(), ours.kind(), names.join(" "), sketch(theirs, ours))
}
