//! Documents that are made from what the program knows and prints. `UPDATE_DOCS=1 cargo test docs` writes them anew.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use chart_lint::rules::RULES;

/// Compares a document with what it has to be, or writes it.
fn check(path: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, wanted).expect("the document can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(found == wanted, "{} is not up to date: run `UPDATE_DOCS=1 cargo test docs`", path.display());
}

#[test]
fn the_index_of_the_rules_lists_them_all() {
    let mut text = String::from(
        "<!-- Written by `UPDATE_DOCS=1 cargo test docs`. -->\n# Rules\n\n\
         Each rule's page says what it is, why it matters, how it looks and how to fix it; `chart-lint explain RULE` prints it.\n\n\
         | rule | severity | tier | what is wrong | in other tools |\n|---|---|---|---|---|\n",
    );
    for rule in RULES.iter() {
        let spec = rule.spec();
        let peers: Vec<String> = spec.peers.iter().map(|(tool, name)| format!("{tool} `{name}`")).collect();
        let _ = writeln!(
            text,
            "| [`{0}`]({0}.md) | {1} | {2} | {3} | {4} |",
            spec.id,
            spec.severity,
            spec.tier.name(),
            spec.summary,
            if peers.is_empty() { "-".to_owned() } else { peers.join(", ") }
        );
    }
    check("rules/README.md", &text);
}

#[test]
fn the_schema_of_the_configuration_names_all_rules() {
    let schema = serde_json::to_string_pretty(&chart_lint::config::json_schema()).expect("it can be written");
    check("docs/chart-lint.schema.json", &(schema + "\n"));
}

/// What the program prints for the chart that the README shows.
fn shown() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_chart-lint"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["fixtures/charts/shop", "--color", "always", "--min-severity", "high"])
        .output()
        .expect("the program can be started");
    let text = String::from_utf8(output.stdout).expect("it prints UTF-8");
    // How long it took differs each time.
    match text.rsplit_once(" in ") {
        Some((before, after)) => {
            let rest = after.split_once("ms").map_or(after, |(_, rest)| rest);
            format!("{before} in 4 ms{rest}")
        }
        None => text,
    }
}

#[test]
fn the_picture_in_the_readme_shows_what_the_program_prints() {
    check("docs/images/shop.svg", &picture("chart-lint fixtures/charts/shop", &shown()));
}

const LINE_HEIGHT: f64 = 18.0;
const CHARACTER: f64 = 8.1;

/// A terminal with some text in it, as SVG.
fn picture(command: &str, text: &str) -> String {
    let lines: Vec<Vec<(String, String)>> = text.lines().map(spans).collect();
    let columns = lines
        .iter()
        .map(|line| line.iter().map(|(_, text)| text.chars().count()).sum::<usize>())
        .max()
        .unwrap_or(0)
        .max(80);
    let width = columns as f64 * CHARACTER + 40.0;
    let height = (lines.len() + 2) as f64 * LINE_HEIGHT + 50.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n\
         <style>text{{font:13.5px ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace;fill:#d7dae0;white-space:pre}}\
         .b{{font-weight:bold}}.d{{fill:#8b93a1}}.red{{fill:#ff6b6b}}.magenta{{fill:#e879f9}}.yellow{{fill:#f5c451}}.blue{{fill:#6ea8fe}}\
         .cyan{{fill:#5cd5dd}}.green{{fill:#6fdd8b}}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#1b1e24\"/>\n\
         <circle cx=\"20\" cy=\"18\" r=\"5\" fill=\"#ff5f57\"/><circle cx=\"38\" cy=\"18\" r=\"5\" fill=\"#febc2e\"/><circle cx=\"56\" cy=\"18\" r=\"5\" fill=\"#28c840\"/>\n\
         <text x=\"20\" y=\"50\"><tspan class=\"green\">$</tspan> {command}</text>\n"
    );
    for (index, line) in lines.iter().enumerate() {
        let y = 50.0 + (index + 2) as f64 * LINE_HEIGHT - LINE_HEIGHT / 2.0;
        let _ = write!(svg, "<text x=\"20\" y=\"{y:.0}\" xml:space=\"preserve\">");
        for (class, text) in line {
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            if class.is_empty() {
                svg.push_str(&text);
            } else {
                let _ = write!(svg, "<tspan class=\"{class}\">{text}</tspan>");
            }
        }
        svg.push_str("</text>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

/// A line with ANSI colours as pieces with classes.
fn spans(line: &str) -> Vec<(String, String)> {
    let mut pieces: Vec<(String, String)> = Vec::new();
    let mut class = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        if !before.is_empty() {
            pieces.push((class.clone(), before.to_owned()));
        }
        let (codes, after) = after.split_once('m').unwrap_or((after, ""));
        let mut names: Vec<&str> = class.split(' ').filter(|name| !name.is_empty()).collect();
        for code in codes.split(';') {
            match code {
                "" | "0" => names.clear(),
                "1" => names.push("b"),
                "2" => names.push("d"),
                "31" => names.push("red"),
                "32" => names.push("green"),
                "33" => names.push("yellow"),
                "34" => names.push("blue"),
                "35" => names.push("magenta"),
                "36" => names.push("cyan"),
                _ => {}
            }
        }
        class = names.join(" ");
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push((class, rest.to_owned()));
    }
    pieces
}
