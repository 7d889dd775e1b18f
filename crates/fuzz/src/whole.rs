//! Compares `helm template` and `chart-lint template` on whole charts.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Component, Path, PathBuf};
use std::time::Instant;

use serde_json::{Value as Json, json};

use crate::charts;
use crate::oracle::{Answer, NoAnswer, Oracle};
use crate::random::Random;
use crate::shrink;

/// How many charts are asked about at once.
const BATCH: usize = 50;

/// What one side says about a chart.
#[derive(Clone, PartialEq, Debug)]
struct Said {
    failed: bool,
    stdout: String,
    /// From `Error: ` on.
    error: String,
}

/// A run over made-up charts, or given ones.
pub(crate) struct Charts {
    /// Answers what `helm` prints: see `helm/main.go`.
    pub(crate) oracle: Oracle,
    /// Where charts and differences are written.
    pub(crate) out: PathBuf,
    pub(crate) seed: u64,
    pub(crate) cases: usize,
}

impl Charts {
    /// Gives the number of differences.
    pub(crate) fn run(mut self) -> std::io::Result<usize> {
        std::fs::create_dir_all(&self.out)?;
        let mut differences = File::create(self.out.join("charts.jsonl"))?;
        let start = Instant::now();
        let (mut made, mut failed, mut found, mut volatile, mut unanswered) = (0, 0, 0, 0, 0);
        let mut causes: BTreeMap<String, usize> = BTreeMap::new();
        while made < self.cases {
            let count = BATCH.min(self.cases - made);
            let batch: Vec<Json> = (0..count)
                .map(|index| {
                    let seed = self.seed.wrapping_mul(1 << 32).wrapping_add((made + index) as u64);
                    charts::case(&mut Random::new(seed))
                })
                .collect();
            let said = self.ask(&batch)?;
            for (case, (theirs, ours)) in batch.iter().zip(said) {
                let Some(theirs) = theirs else {
                    unanswered += 1;
                    continue;
                };
                failed += usize::from(theirs.failed);
                if theirs == ours {
                    continue;
                }
                if self.is_volatile(case, &theirs, &ours)? {
                    volatile += 1;
                    continue;
                }
                found += 1;
                let sketch = sketch(&theirs, &ours);
                let seen = causes.entry(sketch.clone()).or_insert(0);
                *seen += 1;
                if *seen > 3 {
                    continue;
                }
                let mut record = self.smaller(case, &theirs, &ours);
                if let Some((Some(theirs), ours)) = self.ask(std::slice::from_ref(&record))?.pop() {
                    record["helm"] =
                        json!({"failed": theirs.failed, "stdout": theirs.stdout, "error": theirs.error});
                    record["here"] =
                        json!({"failed": ours.failed, "stdout": ours.stdout, "error": ours.error});
                }
                record["cause"] = Json::from(sketch);
                writeln!(differences, "{record}")?;
                differences.flush()?;
            }
            made += count;
            if made % 5000 < BATCH {
                eprintln!("{made} charts, {found} differences, {:.0} s", start.elapsed().as_secs_f64());
            }
        }
        println!(
            "{made} charts, {failed} of them refused by Helm, {volatile} answered in two ways, {unanswered} without an answer, {found} differences, {:.0} s",
            start.elapsed().as_secs_f64()
        );
        for (cause, count) in &causes {
            println!("{count:>6} {cause}");
        }
        Ok(found)
    }

    fn ask(&mut self, cases: &[Json]) -> std::io::Result<Vec<(Option<Said>, Said)>> {
        let root = self.out.join("charts");
        let mut questions = Vec::new();
        let mut folders = Vec::new();
        for (index, case) in cases.iter().enumerate() {
            let folder = root.join(index.to_string());
            if folder.exists() {
                std::fs::remove_dir_all(&folder)?;
            }
            std::fs::create_dir_all(&folder)?;
            write_files(case, &folder)?;
            questions.push(json!({"args": args(case, &folder)}).to_string().into_bytes());
            folders.push(folder);
        }
        let oracle = &mut self.oracle;
        let (ours, answers) = std::thread::scope(|scope| {
            let asked = scope.spawn(|| oracle.ask(&questions));
            let ours: Vec<Said> =
                cases.iter().zip(&folders).map(|(case, folder)| here(&args(case, folder), folder)).collect();
            (ours, asked.join())
        });
        let answers = answers.map_err(|_| std::io::Error::other("the oracle's thread panicked"))??;
        let theirs = answers.iter().zip(&folders).map(|(answer, folder)| there(answer, folder));
        Ok(theirs.zip(ours).collect())
    }

    /// Helm walks some maps in no order: whether it says now this and now that.
    fn is_volatile(&mut self, case: &Json, theirs: &Said, ours: &Said) -> std::io::Result<bool> {
        const TIMES: usize = 12;
        let again = self.ask(&vec![case.clone(); TIMES])?;
        Ok(again.into_iter().any(|(again, _)| again.is_none_or(|again| again != *theirs || again == *ours)))
    }

    fn smaller(&mut self, case: &Json, theirs: &Said, ours: &Said) -> Json {
        let kind = |theirs: &Said, ours: &Said| {
            let start = |said: &Said| crate::skeleton(&said.error).chars().take(24).collect::<String>();
            (theirs.failed, ours.failed, theirs.stdout == ours.stdout, start(theirs), start(ours))
        };
        let wanted = kind(theirs, ours);
        shrink::shrink(case, &mut |smaller| {
            if smaller["files"].as_object().is_none_or(|files| files.is_empty())
                || smaller["args"].as_array().is_none_or(|args| args.is_empty() || args[0] != "template")
                || smaller["args"].as_array().is_none_or(|args| !args.contains(&Json::from("@/chart")))
            {
                return false;
            }
            match self.ask(std::slice::from_ref(smaller)).ok().and_then(|mut said| said.pop()) {
                Some((Some(theirs), ours)) => theirs != ours && kind(&theirs, &ours) == wanted,
                _ => false,
            }
        })
    }
}

/// The arguments with the folder in place of `@`.
fn args(case: &Json, folder: &Path) -> Vec<String> {
    let folder = folder.display().to_string();
    let args = case["args"].as_array().map(Vec::as_slice).unwrap_or_default();
    args.iter().filter_map(Json::as_str).map(|arg| arg.replace('@', &folder)).collect()
}

fn write_files(case: &Json, folder: &Path) -> std::io::Result<()> {
    let Some(files) = case["files"].as_object() else { return Ok(()) };
    for (name, text) in files {
        let name = Path::new(name);
        if !name.components().all(|part| matches!(part, Component::Normal(_))) {
            continue;
        }
        let path = folder.join(name);
        // A shrunk name may be that of a folder.
        if let Some(parent) = path.parent()
            && std::fs::create_dir_all(parent).is_ok()
        {
            let _ = std::fs::write(&path, text.as_str().unwrap_or_default());
        }
    }
    Ok(())
}

fn said(code: u64, stdout: &str, stderr: &str, folder: &Path) -> Said {
    let folder = folder.display().to_string();
    let error = match stderr.find("Error: ") {
        Some(at) => stderr[at..].trim_end(),
        None => "",
    };
    Said { failed: code != 0, stdout: stdout.replace(&folder, "@"), error: error.replace(&folder, "@") }
}

fn there(answer: &Answer, folder: &Path) -> Option<Said> {
    let line = match answer {
        Ok(line) => line,
        Err(NoAnswer::Died | NoAnswer::Hung) => return None,
    };
    let answer: Json = serde_json::from_slice(line).unwrap_or_default();
    let text = |key: &str| answer[key].as_str().unwrap_or_default();
    Some(said(answer["code"].as_u64().unwrap_or(9), text("stdout"), text("stderr"), folder))
}

fn here(args: &[String], folder: &Path) -> Said {
    let (code, stdout, stderr) = chart_lint::cli::answer_template(args);
    let stderr = String::from_utf8_lossy(&stderr);
    // Ours has more to say.
    let stderr = stderr.rsplit_once("\nhelp: ").map_or(&*stderr, |(before, _)| before);
    said(u64::from(code), &String::from_utf8_lossy(&stdout), stderr, folder)
}

/// What a difference looks like, without what differs from case to case.
fn sketch(theirs: &Said, ours: &Said) -> String {
    let end = |said: &Said| {
        let text: String = crate::skeleton(&said.error).chars().take(100).collect();
        format!("{}{text}", if said.failed { "failed " } else { "printed" })
    };
    let output = if theirs.stdout == ours.stdout { "" } else { " output" };
    format!("{} / {}{output}", end(theirs), end(ours))
}
