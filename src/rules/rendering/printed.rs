//! Values that are printed in a way nobody wants: `unrendered-value`, `octal-mode-mistake`, `scientific-notation`

use bstr::ByteSlice;

use crate::manifest::{Node, Object, Workload};
use crate::rules::helpers::is_custom;
use crate::rules::{Rule, RuleContext, is_of_dependency};
use crate::spec::Spec;

/// Places of a text in rendered files that an action wrote, and that are not in a comment.
fn printed(cx: &RuleContext<'_>, needle: &str) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    for (number, file) in cx.scenario.rendered.files.iter().enumerate() {
        let name = file.name.to_utf8();
        let is_manifest = name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json");
        if !is_manifest || is_of_dependency(&name) && !cx.includes_dependencies() {
            continue;
        }
        for at in file.text.find_iter(needle) {
            let line = file.text[..at].rfind_byte(b'\n').map_or(0, |newline| newline + 1);
            let is_comment = file.text[line..at].trim_start().starts_with(b"#");
            if !is_comment && !cx.scenario.trace(number, at..at + needle.len()).is_text {
                places.push((number, at));
            }
        }
    }
    places
}

pub(super) struct UnrenderedValue;

impl Rule for UnrenderedValue {
    fn spec(&self) -> &'static Spec {
        spec!("unrendered-value")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        for needle in ["map[", "%!", "<nil>", "<no value>", "[object Object]"] {
            for (file, at) in printed(cx, needle) {
                let text = cx.scenario.rendered.files[file].text.as_slice();
                let rest = &text[at..];
                let before = at.checked_sub(1).map(|before| text[before]);
                let length = match needle {
                    "map[" => go_map(before, rest),
                    "%!" => go_verb(rest),
                    // The inside of a verb that is reported as such.
                    "<nil>" if before == Some(b'(') => None,
                    needle => Some(needle.len()),
                };
                let Some(length) = length else { continue };
                let shown = String::from_utf8_lossy(&rest[..length.min(40)]).into_owned();
                let help = match needle {
                    "map[" => "print a mapping or list with `toYaml` or `toJson`",
                    "%!" => "give `printf` a value of the type that its verb wants: `%s` a string, `%d` an `int`",
                    _ => "give the value a default, or ask for it with `required`",
                };
                cx.finding_in_rendered(file, at..at + length, format!("`{shown}` is rendered as a value"))
                    .help(help)
                    .report();
            }
        }
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        // The fields of other kinds may well hold templates of somebody else.
        if is_custom(object) {
            return;
        }
        let mut nodes = vec![object.get("metadata.name"), object.get("metadata.namespace")];
        nodes.extend(object.get("metadata.labels").entries().into_iter().map(|(_, node)| node));
        if object.kind() == "Ingress" {
            nodes.extend(object.get("spec.rules").items().iter().map(|rule| rule.get("host")));
        }
        if let Some(workload) = Workload::of(object) {
            for container in workload.containers() {
                nodes.extend([container.node.get("image"), container.node.get("name")]);
            }
            nodes.push(workload.pod.get("serviceAccountName"));
        }
        for node in nodes {
            if node.as_str().is_some_and(|text| text.contains("{{")) {
                let text = node.text().unwrap_or_default();
                cx.finding(&node, format!("`{text}` is rendered as it is written in the values"))
                    .help("run it: `{{ tpl .Values.… . }}`")
                    .report();
            }
        }
    }
}

/// The length of a mapping as Go prints it: `map[a:b]`.
fn go_map(before: Option<u8>, rest: &[u8]) -> Option<usize> {
    if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.') {
        return None;
    }
    let inside = &rest[4..];
    let key = inside.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(byte)).count();
    match inside.get(key) {
        Some(b':') if key > 0 => {
            let end = rest.iter().position(|&byte| byte == b']' || byte == b'\n').unwrap_or(rest.len());
            Some((end + 1).min(rest.len()))
        }
        Some(b']') if key == 0 => Some(5),
        _ => None,
    }
}

/// The length of a verb of `printf` that went wrong: `%!d(string=a)`.
fn go_verb(rest: &[u8]) -> Option<usize> {
    let verb = rest.get(2).filter(|byte| byte.is_ascii_alphabetic() || **byte == b'(')?;
    let inside = if *verb == b'(' { &rest[3..] } else { rest.get(3..)?.strip_prefix(b"(")? };
    let starts = ["<nil>", "MISSING", "EXTRA", "BADPREC", "BADWIDTH", "NOVERB", "string=", "int=", "int64=", "float64="];
    let more = ["bool=", "map[", "[]", "chartutil.", "common."];
    if !starts.iter().chain(&more).any(|start| inside.starts_with(start.as_bytes())) {
        return None;
    }
    let end = rest.iter().position(|&byte| byte == b')' || byte == b'\n').unwrap_or(rest.len());
    Some((end + 1).min(rest.len()))
}

pub(super) struct OctalModeMistake;

impl Rule for OctalModeMistake {
    fn spec(&self) -> &'static Spec {
        spec!("octal-mode-mistake")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        for volume in workload.pod.get("volumes").items() {
            let mut modes: Vec<Node<'_>> = Vec::new();
            for (_, source) in volume.entries() {
                modes.push(source.get("defaultMode"));
                modes.extend(source.get("items").items().iter().map(|item| item.get("mode")));
                for projected in source.get("sources").items() {
                    for (_, source) in projected.entries() {
                        modes.extend(source.get("items").items().iter().map(|item| item.get("mode")));
                    }
                }
            }
            for node in modes {
                let Some(mode) = node.as_int() else { continue };
                if !matches!(mode, 400 | 440 | 444 | 600 | 640 | 644 | 660 | 664 | 700 | 750 | 755 | 770 | 775 | 777)
                    && (0..=0o777).contains(&mode)
                {
                    continue;
                }
                let message = format!("mode {mode} is decimal, and 0{mode:o} in octal");
                let looks_octal = mode.to_string().bytes().all(|digit| digit < b'8') && mode < 1000;
                let help = match i64::from_str_radix(&mode.to_string(), 8) {
                    Ok(meant) if looks_octal => format!("write 0{mode} in a template, or {meant} in values"),
                    _ => "a mode is at most 0777, which is 511".to_owned(),
                };
                cx.finding(&node, message).help(help).report();
            }
        }
    }
}

pub(super) struct ScientificNotation;

impl Rule for ScientificNotation {
    fn spec(&self) -> &'static Spec {
        spec!("scientific-notation")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        for (file, at) in printed(cx, "e+") {
            let text = cx.scenario.rendered.files[file].text.as_slice();
            let digits = text[at + 2..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            let number = text[..at].iter().rev().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
            let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+/_".contains(byte));
            let start = at - number;
            let is_number = digits == 2
                && number > 0
                && text[start].is_ascii_digit()
                && matches!(text.get(start + 1), Some(b'.' | b'e'))
                && !is_word(text.get(at + 4))
                && !is_word(start.checked_sub(1).and_then(|before| text.get(before)));
            if !is_number {
                continue;
            }
            let shown = String::from_utf8_lossy(&text[start..at + 4]).into_owned();
            cx.finding_in_rendered(file, start..at + 4, format!("a number is rendered as `{shown}`"))
                .help("pass it through `int64`, or quote it in values.yaml")
                .report();
        }
    }
}
