//! Settings that a container gets by its environment and its command line, or that a ConfigMap hands to environments.

use std::ops::Range;

use crate::manifest::{Container, Node, Object};
use crate::rules::{FindingBuilder, RuleContext};

/// A variable of the environment, or an option of the command line.
pub(crate) struct Setting<'a> {
    /// `LOG_LEVEL`, or `--log-level` as it is written.
    pub(crate) name: String,
    /// The value; `true` for an option without one.
    pub(crate) value: String,
    /// The field that holds the value.
    pub(crate) node: Node<'a>,
    /// The bytes of the field's string that say it, if they are not the whole.
    part: Option<Range<usize>>,
}

impl Setting<'_> {
    /// Something is wrong with it.
    pub(crate) fn finding<'c>(
        &self,
        cx: &'c mut RuleContext<'_>,
        message: impl Into<String>,
    ) -> FindingBuilder<'c> {
        match &self.part {
            Some(part) => cx.finding_within(&self.node, part.clone(), message),
            None => cx.finding(&self.node, message),
        }
    }

    /// Whether it is an option of the command line.
    pub(crate) fn is_option(&self) -> bool {
        self.name.starts_with('-')
    }

    /// The name in small letters, with `-` for all that separates words, without dashes in front: `log-level`.
    pub(crate) fn plain_name(&self) -> String {
        let plain = self.name.trim_start_matches('-').to_ascii_lowercase();
        plain.replace(['_', '.'], "-")
    }

    /// Whether the value switches something on.
    pub(crate) fn is_on(&self) -> bool {
        matches!(self.value.to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "on" | "enabled")
    }

    /// Whether the value switches something off.
    pub(crate) fn is_off(&self) -> bool {
        matches!(self.value.to_ascii_lowercase().as_str(), "false" | "0" | "no" | "off" | "disabled")
    }
}

/// The settings of a container: variables with values of their own, and options.
pub(crate) fn of_container<'a>(container: &Container<'a>) -> Vec<Setting<'a>> {
    let mut settings: Vec<Setting<'a>> = container
        .node
        .get("env")
        .items()
        .into_iter()
        .filter_map(|item| {
            let node = item.get("value");
            Some(Setting {
                name: item.get("name").text()?,
                value: node.text()?.trim().to_owned(),
                node,
                part: None,
            })
        })
        .collect();
    for field in ["command", "args"] {
        let mut waiting = false;
        for node in container.node.get(field).items() {
            waiting = options(&mut settings, &node, waiting);
        }
    }
    settings
}

/// The options in a word of a command line, which may be a whole script. `waiting` says that the word before it was an
/// option that may get its value here; so does the result for the next one.
fn options<'a>(settings: &mut Vec<Setting<'a>>, node: &Node<'a>, mut waiting: bool) -> bool {
    let Some(text) = node.as_str() else { return false };
    let is_script = text.trim().contains(char::is_whitespace);
    let words: Vec<&str> = if is_script { text.split_whitespace().collect() } else { vec![&text] };
    for word in words {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        let part = is_script.then(|| start..start + word.len());
        let clean = |text: &str| text.trim_matches(['"', '\'', ';', ')']).to_owned();
        if word.starts_with('-') && word.len() > 1 {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            waiting = !word.contains('=');
            let value = if waiting { "true".to_owned() } else { clean(value) };
            settings.push(Setting { name: name.to_owned(), value, node: node.clone(), part });
        } else {
            if waiting && let Some(last) = settings.last_mut() {
                last.value = clean(word);
            }
            waiting = false;
        }
    }
    waiting
}

/// The entries of a ConfigMap, or the plain ones of a Secret, that are one short line each.
pub(crate) fn of_object(object: &Object) -> Vec<Setting<'_>> {
    const MAX_LENGTH: usize = 2048;
    let field = match object.kind() {
        "ConfigMap" if object.group().is_empty() => "data",
        "Secret" if object.group().is_empty() => "stringData",
        _ => return Vec::new(),
    };
    let entries = object.get(field).entries().into_iter().filter_map(|(name, node)| {
        let value = node.text()?.trim().to_owned();
        let is_short = value.len() <= MAX_LENGTH && !value.contains('\n');
        is_short.then_some(Setting { name, value, node, part: None })
    });
    entries.collect()
}
