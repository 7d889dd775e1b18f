//! The specification of a rule: `rules/<id>.md`, the single source of what a rule is.
//!
//! A header in YAML between `---` lines, then Markdown: one line that says what is wrong, and sections. The code
//! blocks of the sections "Bad" and "Good" are charts: blocks with `file=…` in their info string are files; a
//! level-three heading starts another chart. In a bad example a comment `# expect: <id>` marks each line that must have
//! a finding.

use std::collections::BTreeMap;

use crate::finding::Severity;

/// When a rule is on by itself; see RULES.md section 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Something is broken. Always on.
    Validity,
    /// In every profile.
    Default,
    /// Added by `recommended`.
    Recommended,
    /// Added by `strict`.
    Strict,
    /// Only when asked for by name.
    OptIn,
}

impl Tier {
    const ALL: [Tier; 5] = [Tier::Validity, Tier::Default, Tier::Recommended, Tier::Strict, Tier::OptIn];

    /// The word in specifications and listings.
    pub fn name(self) -> &'static str {
        match self {
            Tier::Validity => "validity",
            Tier::Default => "default",
            Tier::Recommended => "recommended",
            Tier::Strict => "strict",
            Tier::OptIn => "opt-in",
        }
    }
}

/// What a rule is.
#[derive(Debug)]
pub struct Spec {
    /// `privileged-container`
    pub id: String,
    /// The chapter of the catalog: `security`.
    pub category: String,
    /// How bad its findings are, unless the configuration says otherwise.
    pub severity: Severity,
    /// When it is on.
    pub tier: Tier,
    /// What it looks at: container, pod, object, cross-object, chart files, values, payload, repository.
    pub scope: String,
    /// The version that brought it.
    pub since: String,
    /// Names of the same check in other tools, by tool.
    pub peers: BTreeMap<String, String>,
    /// Standards it belongs to: `PSS baseline`, `CIS 5.2.2`.
    pub references: Vec<String>,
    /// Profiles that have the rule besides those of its tier.
    pub profiles: Vec<String>,
    /// Rules whose finding about the same object says more: then this one keeps quiet.
    pub subsumed_by: Vec<String>,
    /// Parameters and their defaults.
    pub params: BTreeMap<String, String>,
    /// Whether the run fails however bad the finding is: it says that something was not checked.
    pub always_fails: bool,
    /// What is wrong, in one sentence.
    pub summary: String,
    /// The sections: heading and Markdown.
    pub sections: Vec<(String, String)>,
}

/// A chart of a specification that is linted to check the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Whether it must have findings.
    pub bad: bool,
    /// The heading that started it, if any.
    pub title: String,
    /// Path and text of each file.
    pub files: Vec<(String, String)>,
}

impl Spec {
    /// Reads a specification.
    ///
    /// # Errors
    /// What is missing or wrong in the header, or in the text.
    pub fn parse(text: &str) -> Result<Spec, String> {
        let rest = text.strip_prefix("---\n").ok_or("the specification does not start with `---`")?;
        let (header, body) = rest.split_once("\n---\n").ok_or("the header does not end with `---`")?;
        let tree = chart_lint_yaml::decode(header.as_bytes(), chart_lint_yaml::Target::Map)
            .map_err(|error| format!("the header is not YAML: {error}"))?;
        let root = tree.root();
        let string = |key: &str| {
            let value = root.get(key.as_bytes()).and_then(chart_lint_yaml::Value::to_string_field);
            value.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        };
        let required = |key: &str| string(key).ok_or_else(|| format!("the header has no `{key}`"));
        let map = |key: &str| -> BTreeMap<String, String> {
            let entries = root.get(key.as_bytes()).and_then(chart_lint_yaml::Value::as_map);
            entries
                .into_iter()
                .flat_map(chart_lint_yaml::Map::iter)
                .map(|entry| {
                    let value = entry.value.to_string_field().unwrap_or_default();
                    let name = String::from_utf8_lossy(entry.key).into_owned();
                    (name, String::from_utf8_lossy(&value).into_owned())
                })
                .collect()
        };
        let tier = required("tier")?;
        let list = |key: &str| -> Vec<String> {
            let items = root.get(key.as_bytes()).and_then(chart_lint_yaml::Value::as_seq);
            let texts = items
                .into_iter()
                .flat_map(chart_lint_yaml::Seq::iter)
                .filter_map(|item| item.to_string_field());
            texts.map(|text| String::from_utf8_lossy(&text).into_owned()).collect()
        };
        let (summary, sections) = split_sections(body);
        if summary.is_empty() {
            return Err("the text does not start with a sentence that says what is wrong".to_owned());
        }
        Ok(Spec {
            id: required("id")?,
            category: required("category")?,
            severity: required("severity")?.parse()?,
            tier: Tier::ALL
                .into_iter()
                .find(|known| known.name() == tier)
                .ok_or_else(|| format!("`{tier}` is not a tier"))?,
            scope: required("scope")?,
            since: required("since")?,
            peers: map("peers"),
            references: list("references"),
            profiles: list("profiles"),
            subsumed_by: list("subsumed_by"),
            params: map("params"),
            always_fails: string("always_fails").as_deref() == Some("true"),
            summary,
            sections,
        })
    }

    /// The Markdown of a section.
    pub fn section(&self, heading: &str) -> Option<&str> {
        self.sections.iter().find(|(name, _)| name == heading).map(|(_, text)| text.as_str())
    }

    /// The charts of the sections "Bad" and "Good".
    pub fn examples(&self) -> Vec<Example> {
        let mut examples = Vec::new();
        for (heading, bad) in [("Bad", true), ("Good", false)] {
            for (name, text) in &self.sections {
                if name == heading {
                    examples.extend(examples_of(text, bad));
                }
            }
        }
        examples
    }
}

fn split_sections(body: &str) -> (String, Vec<(String, String)>) {
    let mut summary = String::new();
    let mut sections: Vec<(String, String)> = Vec::new();
    let mut in_code = false;
    for line in body.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
        }
        match line.strip_prefix("## ").filter(|_| !in_code) {
            Some(heading) => sections.push((heading.trim().to_owned(), String::new())),
            None => {
                let text = sections.last_mut().map_or(&mut summary, |(_, text)| text);
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    let summary = summary.split("\n\n").find(|paragraph| !paragraph.trim().is_empty()).unwrap_or_default();
    let summary = summary.split_whitespace().collect::<Vec<_>>().join(" ");
    (summary, sections)
}

fn examples_of(text: &str, bad: bool) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut current = Example { bad, title: String::new(), files: Vec::new() };
    let mut block: Option<(Option<String>, String)> = None;
    for line in text.lines() {
        if let Some(info) = line.strip_prefix("```") {
            block = match block.take() {
                None => {
                    let file = info.split_whitespace().find_map(|word| word.strip_prefix("file="));
                    Some((file.map(str::to_owned), String::new()))
                }
                Some((file, text)) => {
                    current.files.extend(file.map(|file| (file, text)));
                    None
                }
            };
        } else if let Some((_, text)) = &mut block {
            text.push_str(line);
            text.push('\n');
        } else if let Some(title) = line.strip_prefix("### ") {
            if !current.files.is_empty() {
                examples.push(std::mem::replace(
                    &mut current,
                    Example { bad, title: String::new(), files: Vec::new() },
                ));
            }
            current.title = title.trim().to_owned();
        }
    }
    if !current.files.is_empty() {
        examples.push(current);
    }
    examples
}

/// The lines of a file that are marked to have a finding, from 1. A line may be marked for several rules.
pub fn expected_lines(text: &str) -> Vec<(usize, String)> {
    let mut expected = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if let Some((_, ids)) = line.split_once("expect:") {
            let ids = ids.trim_end_matches(['*', '/', '}', '-', '>', ' ']);
            expected.extend(
                ids.split([',', ' ']).filter(|id| !id.is_empty()).map(|id| (index + 1, id.to_owned())),
            );
        }
    }
    expected
}
