//! What a rule found: plain data, without knowledge of how it is shown.

use std::fmt;
use std::str::FromStr;

use crate::source::Location;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A small risk, or one that only some have.
    Low,
    /// Will hurt some day.
    Medium,
    /// Hurts now, or opens a door.
    High,
    /// Broken, or open to everyone.
    Critical,
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: [Severity; 5] =
        [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];

    /// The word that users type and see.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Severity {
    type Err = String;
    fn from_str(word: &str) -> Result<Severity, String> {
        Severity::ALL
            .into_iter()
            .find(|severity| severity.name() == word)
            .ok_or_else(|| format!("`{word}` is not a severity: use critical, high, medium, low or info"))
    }
}

/// What a place is in the story of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// In a template.
    Template,
    /// An `include`, `template` or `tpl` that led to the template.
    Include,
    /// In a values file.
    Values,
    /// In a `values.schema.json`.
    Schema,
    /// In another file: `Chart.yaml`, a README.
    File,
    /// Another object.
    Object,
    /// In rendered text.
    Rendered,
}

impl Role {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Role::Template => "template",
            Role::Include => "include",
            Role::Values => "values",
            Role::Schema => "schema",
            Role::File => "file",
            Role::Object => "object",
            Role::Rendered => "rendered",
        }
    }
}

/// A place and what to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where.
    pub location: Location,
    /// What kind of place.
    pub role: Role,
    /// Shown under the caret; may be empty.
    pub message: String,
    /// The bytes there are a secret: they are masked wherever they are shown.
    pub secret: bool,
}

impl Place {
    /// A place with nothing to hide.
    pub fn new(location: Location, role: Role, message: impl Into<String>) -> Place {
        Place { location, role, message: message.into(), secret: false }
    }
}

/// The Kubernetes object a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// `apps/v1`
    pub api_version: String,
    /// `Deployment`
    pub kind: String,
    /// The namespace; that of the release if the object names none.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The field: `spec.template.spec.containers[0].image`. Empty for the object as a whole.
    pub field: String,
}

impl ObjectRef {
    /// `Deployment/web`
    pub fn short(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }
}

/// Something about the user's chart that a rule found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// More words, each a line: what Helm says, other keys with the same problem.
    pub notes: Vec<String>,
    /// Which chart of the run: an index into the report's charts.
    pub chart: usize,
    /// The scenarios in which it was seen: indexes into the chart's scenarios.
    pub scenarios: Vec<usize>,
    /// The object, if it is about one; of several with the same cause the first.
    pub object: Option<ObjectRef>,
    /// Other objects with the same cause.
    pub more_objects: Vec<ObjectRef>,
    /// The place to edit.
    pub primary: Place,
    /// Places that explain it.
    pub related: Vec<Place>,
    /// The rendered lines that it is about: for `--verbose`.
    pub rendered: Option<RenderedLines>,
    /// What the finding comes from, if that is not its place: findings of a rule with the same cause become one.
    pub cause: Option<String>,
    /// What identifies the finding when lines move: see [`Finding::fingerprint`].
    pub identity: String,
    /// Secrets that it is about: they are masked wherever they would be shown.
    pub secrets: Vec<String>,
    /// Why it is not shown, if it is suppressed.
    pub suppressed: Option<String>,
    /// Whether the run fails however bad it is: something was not checked.
    pub always_fails: bool,
}

/// A few lines of rendered text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderedLines {
    /// The template that gave them.
    pub template: String,
    /// Number of the first line, from 1.
    pub first_line: usize,
    /// The lines.
    pub text: String,
    /// Bytes of `text` that the finding is about.
    pub span: std::ops::Range<usize>,
    /// Whether they are shown without `--verbose` too: the finding cannot be understood without them.
    pub always: bool,
}

impl RenderedLines {
    /// Hides what the finding is about.
    pub fn mask(&mut self) {
        if let Some(shown) = self.text.get(self.span.clone()) {
            let masked = crate::rules::masked(shown);
            let end = self.span.start + masked.len();
            self.text.replace_range(self.span.clone(), &masked);
            self.span.end = end;
        }
    }
}

impl Finding {
    /// A finding about a place, and nothing more yet.
    pub(crate) fn new(
        rule: &'static str,
        severity: Severity,
        chart: usize,
        primary: Place,
        message: String,
    ) -> Finding {
        Finding {
            rule,
            severity,
            identity: message.clone(),
            message,
            help: None,
            notes: Vec::new(),
            chart,
            scenarios: Vec::new(),
            object: None,
            more_objects: Vec::new(),
            primary,
            related: Vec::new(),
            rendered: None,
            cause: None,
            secrets: Vec::new(),
            suppressed: None,
            always_fails: false,
        }
    }

    /// Identifies the finding across runs: made of the rule, the object and the origin, not of line numbers.
    pub fn fingerprint(&self) -> String {
        // FNV-1a, 64 bits: stable over versions, and there is nobody to fool.
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for byte in self.rule.bytes().chain([0]).chain(self.identity.bytes()) {
            hash ^= u64::from(byte);
            hash = hash.wrapping_mul(0x0000_0100_0000_01b3);
        }
        format!("{hash:016x}")
    }
}
