//! `config-payload-invalid`, `configmap-too-large`

use crate::finding::Severity;
use crate::manifest::Object;
use crate::payload::{self, Payload, lines};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct ConfigPayloadInvalid;

impl Rule for ConfigPayloadInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("config-payload-invalid")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        for payload in payload::of_object(object) {
            if payload.is_template() || payload.text.contains("${") || payload.text.trim().is_empty() {
                continue;
            }
            let problem = match payload.extension().as_deref() {
                Some("json") => json_problem(&payload),
                Some("yaml" | "yml") => yaml_problem(&payload),
                Some("ini") => ini_problem(&payload),
                Some("xml") => xml_problem(&payload),
                _ => None,
            };
            if let Some((at, reason)) = problem {
                let message = format!("`{}` does not parse: {reason}", payload.key);
                payload.finding(cx, at, message).help("what reads the file fails, or takes its defaults").report();
            }
        }
    }
}

type Problem = Option<(std::ops::Range<usize>, String)>;

fn json_problem(payload: &Payload<'_>) -> Problem {
    let text = payload.text.trim_start_matches('\u{feff}');
    // Readers that allow comments allow more.
    let has_comments = lines(text).any(|(_, line)| line.trim_start().starts_with("//") || line.contains("/*"));
    let error = serde_json::from_str::<serde::de::IgnoredAny>(text).err()?;
    let reason = error.to_string();
    if has_comments {
        return None;
    }
    // Several values one after the other: lines of JSON.
    let values = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    if values.into_iter().all(|value| value.is_ok()) {
        return None;
    }
    let (line, _) = lines(text).nth(error.line().saturating_sub(1))?;
    let column = error.column().saturating_sub(1).min(line.len());
    let start = if column >= line.len() { line.start } else { line.start + column };
    let before = text.get(..start).unwrap_or_default().trim_end();
    let is_comma = before.ends_with(',') && text.get(start..).is_some_and(|rest| rest.starts_with([']', '}']));
    if is_comma {
        return Some((before.len() - 1..before.len(), "nothing comes after this comma".to_owned()));
    }
    let reason = reason.split(" at line ").next().unwrap_or(&reason).to_owned();
    Some((start.min(line.end)..line.end.max(start), reason))
}

fn yaml_problem(payload: &Payload<'_>) -> Problem {
    let error = chart_lint_yaml::parse(payload.text.as_bytes()).error().map(|error| (error.at.offset as usize, error.to_string()));
    let (offset, reason) = error?;
    // Tags of other tools (`!secret`) are read as strings; what fails is the syntax.
    let at = lines(&payload.text).find(|(span, _)| span.end >= offset).map(|(span, _)| span)?;
    Some((at, reason.trim_start_matches("yaml: ").to_owned()))
}

fn ini_problem(payload: &Payload<'_>) -> Problem {
    lines(&payload.text).find_map(|(span, line)| {
        let line = line.trim();
        let is_open = line.starts_with('[') && !line.split(['#', ';']).next().unwrap_or_default().trim_end().ends_with(']');
        // `[section` and nothing that closes it; a list as a value goes on in the next lines.
        let is_section = is_open && !line.contains([',', '"', '\'', '=']);
        is_section.then(|| (span, "the section's `]` is missing".to_owned()))
    })
}

/// Whether elements are closed in the order in which they are opened.
fn xml_problem(payload: &Payload<'_>) -> Problem {
    let text = &*payload.text;
    let mut open: Vec<(&str, std::ops::Range<usize>)> = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..)?.find('<').map(|found| at + found) {
        let rest = text.get(start..)?;
        let skipped = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">")];
        if let Some((_, close)) = skipped.iter().find(|(begin, _)| rest.starts_with(begin)) {
            let Some(end) = rest.find(close) else {
                return Some((start..start + 2, format!("`{close}` is missing")));
            };
            at = start + end + close.len();
            continue;
        }
        let Some(length) = tag_end(rest) else {
            return Some((start..start + 1, "`<` starts no element, or its `>` is missing".to_owned()));
        };
        let tag = rest.get(1..length)?;
        let name_of = |tag: &str| tag.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(tag.len());
        let span = start..start + length + 1;
        if let Some(name) = tag.strip_prefix('/') {
            let name = name.trim();
            match open.pop() {
                Some((opened, _)) if opened == name => {}
                Some((opened, _)) => return Some((span, format!("`</{name}>` where `</{opened}>` is due"))),
                None => return Some((span, format!("`</{name}>` closes nothing"))),
            }
        } else if !tag.ends_with('/') {
            open.push((tag.get(..name_of(tag))?, span));
        }
        at = start + length + 1;
    }
    let (name, span) = open.pop()?;
    Some((span, format!("`<{name}>` is not closed")))
}

/// Where the `>` of a tag is, outside of quotes.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return Some(at),
            (None, _) => {}
        }
    }
    None
}

pub(super) struct ConfigmapTooLarge;

/// More than this the API server does not take, in bytes.
const MAX_DATA: usize = 1 << 20;
/// Helm keeps a release, packed, in a Secret: about this much text fits, in bytes.
const MAX_RELEASE: usize = 1 << 20;

impl Rule for ConfigmapTooLarge {
    fn spec(&self) -> &'static Spec {
        spec!("configmap-too-large")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !matches!(object.kind(), "ConfigMap" | "Secret") || object.range.len() < MAX_DATA {
            return;
        }
        let mut size = 0;
        let mut largest: Option<(usize, String)> = None;
        for field in ["data", "binaryData", "stringData"] {
            let is_encoded = field == "binaryData" || (field == "data" && object.kind() == "Secret");
            for (key, value) in object.get(field).entries() {
                let written = value.as_str().map_or(0, |text| text.len());
                let bytes = if is_encoded { written / 4 * 3 } else { written };
                size += key.len() + bytes;
                if largest.as_ref().is_none_or(|(most, _)| bytes > *most) {
                    largest = Some((bytes, key));
                }
            }
        }
        if size <= MAX_DATA {
            return;
        }
        let message = format!("{} holds {} KiB; the cluster takes at most 1,024", cx.describe(object), size.div_ceil(1024));
        let key = largest.map(|(bytes, key)| format!("`{key}` alone has {} KiB: ", bytes.div_ceil(1024))).unwrap_or_default();
        let help = format!("{key}split it, or put large files into an image or a volume");
        cx.finding(&object.get("metadata.name"), message).help(help).report();
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        // What is stored is packed with gzip and then written in base64. Text of manifests becomes a tenth of its size or
        // so; only what cannot fit is reported.
        let packed: usize = cx.index.objects().iter().filter(|object| !object.is_hook()).map(|object| object.range.len()).sum();
        let files: usize = cx.chart().files.iter().map(|file| file.data.len()).sum();
        const LEAST_RATIO: usize = 20;
        if (packed + files) / LEAST_RATIO * 4 / 3 > MAX_RELEASE {
            let message = format!(
                "the release is {} MiB of text: packed, it may not fit into the Secret that Helm keeps it in",
                (packed + files) >> 20
            );
            let place = cx.chart_yaml();
            let help = "leave out files that the templates do not read (`.helmignore`), and split large ConfigMaps";
            cx.finding_at(place, crate::finding::Role::File, message).severity(Severity::Medium).help(help).report();
        }
    }
}
