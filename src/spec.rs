//! The specification of a rule: `rules/<id>.md`, the single source of what a rule is.
//!
//! A header in YAML between `---` lines, then Markdown: one line that says what is wrong, and sections. The code
//! blocks of the sections "Bad" and "Good" are charts: blocks with `file=…` in their info string are files; a
//! level-three heading starts another chart. In a bad example a comment `# expect: <id>` marks each line that must have
//! a finding.

use std::collections::BTreeMap;
use std::sync::OnceLock;

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
    /// The text below the header.
    body: String,
    sections: OnceLock<Vec<(String, String)>>,
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
        // All headers are read whenever the program starts: a reader of what they usually hold is much faster.
        let header = match Header::of_plain_lines(header) {
            Some(header) => header,
            None => Header::of_yaml(header)?,
        };
        let required = |key: &str| {
            header.text(key).map(str::to_owned).ok_or_else(|| format!("the header has no `{key}`"))
        };
        let tier = required("tier")?;
        let summary = summary_of(body);
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
            peers: header.map("peers"),
            references: header.list("references"),
            profiles: header.list("profiles"),
            subsumed_by: header.list("subsumed_by"),
            params: header.map("params"),
            always_fails: header.text("always_fails") == Some("true"),
            summary,
            body: body.to_owned(),
            sections: OnceLock::new(),
        })
    }

    /// The sections: heading and Markdown.
    pub fn sections(&self) -> &[(String, String)] {
        self.sections.get_or_init(|| sections_of(&self.body))
    }

    /// The Markdown of a section.
    pub fn section(&self, heading: &str) -> Option<&str> {
        self.sections().iter().find(|(name, _)| name == heading).map(|(_, text)| text.as_str())
    }

    /// The charts of the sections "Bad" and "Good".
    pub fn examples(&self) -> Vec<Example> {
        let mut examples = Vec::new();
        for (heading, bad) in [("Bad", true), ("Good", false)] {
            for (name, text) in self.sections() {
                if name == heading {
                    examples.extend(examples_of(text, bad));
                }
            }
        }
        examples
    }
}

/// What a header says, by key.
#[derive(Debug, PartialEq, Eq)]
struct Header(Vec<(String, Field)>);

/// A field of a header.
#[derive(Debug, PartialEq, Eq)]
enum Field {
    Text(String),
    List(Vec<String>),
    Map(BTreeMap<String, String>),
}

impl Header {
    /// Reads a header of nothing but plain words, lists of them in brackets, and mappings of one level.
    fn of_plain_lines(header: &str) -> Option<Header> {
        let mut fields: Vec<(String, Field)> = Vec::new();
        for line in header.lines() {
            let (key, value) = line.split_once(':')?;
            let value = value.trim();
            if let Some(key) = key.strip_prefix("  ") {
                let (_, Field::Map(map)) = fields.last_mut()? else { return None };
                map.insert(plain(key)?.to_owned(), plain(value)?.to_owned());
                continue;
            }
            let list = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            let field = match list {
                _ if value.is_empty() => Field::Map(BTreeMap::new()),
                Some(items) => {
                    let items = items.split(',').map(|item| plain(item.trim()).map(str::to_owned));
                    Field::List(items.collect::<Option<_>>()?)
                }
                None => Field::Text(plain(value)?.to_owned()),
            };
            fields.push((plain(key)?.to_owned(), field));
        }
        Some(Header(fields))
    }

    fn of_yaml(header: &str) -> Result<Header, String> {
        let tree = chart_lint_yaml::decode(header.as_bytes(), chart_lint_yaml::Target::Map)
            .map_err(|error| format!("the header is not YAML: {error}"))?;
        let text = |value: chart_lint_yaml::Value<'_>| {
            value.to_string_field().map(|text| String::from_utf8_lossy(&text).into_owned())
        };
        let entries = tree.root().as_map().into_iter().flat_map(chart_lint_yaml::Map::iter);
        let fields = entries.filter_map(|entry| {
            let key = String::from_utf8_lossy(entry.key).into_owned();
            let field = match (entry.value.as_seq(), entry.value.as_map()) {
                (Some(items), _) => Field::List(items.iter().filter_map(text).collect()),
                (_, Some(entries)) => Field::Map(
                    entries
                        .iter()
                        .map(|entry| {
                            let key = String::from_utf8_lossy(entry.key).into_owned();
                            (key, text(entry.value).unwrap_or_default())
                        })
                        .collect(),
                ),
                _ => Field::Text(text(entry.value)?),
            };
            Some((key, field))
        });
        Ok(Header(fields.collect()))
    }

    fn field(&self, key: &str) -> Option<&Field> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, field)| field)
    }

    fn text(&self, key: &str) -> Option<&str> {
        match self.field(key)? {
            Field::Text(text) => Some(text),
            _ => None,
        }
    }

    fn list(&self, key: &str) -> Vec<String> {
        match self.field(key) {
            Some(Field::List(list)) => list.clone(),
            _ => Vec::new(),
        }
    }

    fn map(&self, key: &str) -> BTreeMap<String, String> {
        match self.field(key) {
            Some(Field::Map(map)) => map.clone(),
            _ => BTreeMap::new(),
        }
    }
}

/// A scalar that YAML reads as the text that it is.
fn plain(text: &str) -> Option<&str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || " _./(),-".contains(c);
    let quoted = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    if let Some(inner) = quoted {
        return inner.chars().all(is_word).then_some(inner);
    }
    let is_number = text.starts_with(|c: char| c.is_ascii_digit()) && text.split('.').count() < 3;
    let is_plain =
        text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(is_word) && !is_number;
    let has_meaning =
        ["yes", "no", "on", "off", "y", "n", "null"].iter().any(|word| text.eq_ignore_ascii_case(word));
    (is_plain && !has_meaning).then_some(text)
}

/// The first paragraph, in one line.
fn summary_of(body: &str) -> String {
    let start = if body.starts_with("## ") { "" } else { body.split("\n## ").next().unwrap_or_default() };
    let first = start.split("\n\n").find(|paragraph| !paragraph.trim().is_empty()).unwrap_or_default();
    first.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn sections_of(body: &str) -> Vec<(String, String)> {
    let mut sections: Vec<(String, String)> = Vec::new();
    let mut in_code = false;
    for line in body.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
        }
        match line.strip_prefix("## ").filter(|_| !in_code) {
            Some(heading) => sections.push((heading.trim().to_owned(), String::new())),
            None => {
                if let Some((_, text)) = sections.last_mut() {
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
    }
    sections
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_headers_say_what_yaml_says() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
        let mut plain = 0;
        let mut all = 0;
        for file in std::fs::read_dir(folder).expect("there are rules").flatten() {
            let text = std::fs::read_to_string(file.path()).expect("a rule is text");
            let Some(header) = text.strip_prefix("---\n").and_then(|rest| rest.split("\n---\n").next())
            else {
                continue;
            };
            all += 1;
            if let Some(header_read) = Header::of_plain_lines(header) {
                plain += 1;
                assert_eq!(Ok(header_read), Header::of_yaml(header), "{}", file.path().display());
            }
        }
        assert!(plain * 10 >= all * 8, "most headers are plain: {plain} of {all}");
    }
}
