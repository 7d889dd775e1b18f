//! What Helm logs on standard error while it loads a chart and computes its values.

use std::fmt;

use chart_lint_template::quote::{go_quote, is_print};

use crate::source::Location;

/// How serious a line of the log is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// For information. Warnings of Helm's older code come so too.
    Info,
    /// A warning.
    Warn,
    /// An error that does not stop Helm.
    Error,
}

/// A line of the log. `Display` gives it as Helm prints it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogLine {
    /// How serious it is.
    pub level: Level,
    /// The message.
    pub message: String,
    /// What belongs to it.
    pub attributes: Vec<(&'static str, String)>,
    /// The place that it is about, as far as it is known.
    pub place: Option<Location>,
}

impl LogLine {
    pub(crate) fn new(level: Level, message: impl Into<String>) -> LogLine {
        LogLine { level, message: message.into(), attributes: Vec::new(), place: None }
    }

    /// A line of Go's old `log` package.
    pub(crate) fn info(message: impl Into<String>) -> LogLine {
        LogLine::new(Level::Info, message)
    }

    pub(crate) fn warn(message: impl Into<String>) -> LogLine {
        LogLine::new(Level::Warn, message)
    }

    pub(crate) fn with(mut self, key: &'static str, value: impl Into<String>) -> LogLine {
        self.attributes.push((key, value.into()));
        self
    }

    pub(crate) fn at(mut self, place: Option<Location>) -> LogLine {
        self.place = place;
        self
    }
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Info => "INFO",
            Level::Warn => "WARN",
            Level::Error => "ERROR",
        };
        write!(f, "level={level} msg={}", quoted(&self.message))?;
        self.attributes.iter().try_for_each(|(key, value)| write!(f, " {key}={}", quoted(value)))
    }
}

/// A value as `slog`'s text handler writes it: quoted if it could be misread.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| match c {
        ' ' | '=' | '"' | '\\' => false,
        '!'..='~' => true,
        _ if c.is_ascii() => false,
        _ => c != char::REPLACEMENT_CHARACTER && !c.is_whitespace() && is_print(c),
    };
    if !value.is_empty() && value.chars().all(is_plain) {
        value.to_owned()
    } else {
        go_quote(value.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_look_as_helm_prints_them() {
        let line = LogLine::info("warning: skipped value for a.x: Not a table.");
        assert_eq!(line.to_string(), r#"level=INFO msg="warning: skipped value for a.x: Not a table.""#);
        let line = LogLine::warn("returned non-bool value").with("path", "x.enabled").with("chart", "");
        assert_eq!(line.to_string(), r#"level=WARN msg="returned non-bool value" path=x.enabled chart="""#);
    }
}
