//! Values files as such: `values-invalid`, `values-type-pitfall`, `ci-values-missing`

use crate::chart::LoadErrorKind;
use crate::finding::{Role, Severity};
use crate::rules::{ChartContext, Rule};
use crate::scenario::FailureKind;
use crate::source::{Location, Span};
use crate::spec::Spec;
use crate::values::tree::{NodeIndex, TreeValue, ValuesFile};

pub(super) struct ValuesInvalid;

impl Rule for ValuesInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("values-invalid")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let help = "look at the indentation and the quotes of this line and the one before";
        for problem in cx.problems().iter().filter(|problem| problem.kind() == LoadErrorKind::Values) {
            let said = problem.to_string();
            let place = problem.place().unwrap_or_else(|| cx.chart_field("name"));
            cx.finding(place, Role::Values, format!("the values file cannot be read: {}", words(&said)))
                .help(help)
                .note(format!("Helm says: {said}"))
                .report();
        }
        let failures = cx.scenarios.iter().filter_map(|scenario| scenario.failure.as_ref());
        for failure in failures.filter(|failure| failure.kind == FailureKind::Values) {
            let Some(place) = failure.place else { continue };
            cx.finding(place, Role::Values, format!("the values file cannot be read: {}", words(&failure.message)))
                .help(help)
                .note(format!("Helm says: {}", failure.message))
                .report();
        }
        let chart = cx.chart();
        // Other files are values by their name only; those that are templates are not meant to be read.
        for file in &chart.files {
            let name = file.name.to_utf8();
            let base = name.rsplit('/').next().unwrap_or_default();
            let is_values = base.contains("values") && (base.ends_with(".yaml") || base.ends_with(".yml"));
            if is_values
                && !crate::lint::is_overlay(&name)
                && !bstr::ByteSlice::contains_str(file.data.as_bytes(), "{{")
                && let Err(error) = ValuesFile::read(&file.data, file.source)
            {
                let said = error.to_string();
                cx.finding(error.place, Role::Values, format!("the values file cannot be read: {}", words(&said)))
                    .help(help)
                    .report();
            }
        }
        for values in cx.values_files() {
            for tree in &values.documents {
                for &(first, second) in tree.duplicate_keys() {
                    let at = |span: Span| Location { file: values.id, span };
                    let source = cx.sources().get(values.id);
                    let bytes = source.as_ref().and_then(|source| source.bytes().get(second.range()));
                    let key = String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
                    cx.finding(at(second), Role::Values, format!("key `{key}` is written twice: this one wins"))
                        .related(at(first), Role::Values, "the first one is lost")
                        .help("put what belongs to the two under one key")
                        .report();
                }
            }
        }
    }
}

/// What the YAML library says, without where.
fn words(said: &str) -> &str {
    let detail = said.rsplit_once("yaml: ").map_or(said, |(_, detail)| detail);
    let detail = detail.lines().next().unwrap_or_default();
    match detail.strip_prefix("line ").and_then(|rest| rest.split_once(": ")) {
        Some((_, detail)) => detail,
        None => detail,
    }
}

pub(super) struct ValuesTypePitfall;

impl Rule for ValuesTypePitfall {
    fn spec(&self) -> &'static Spec {
        spec!("values-type-pitfall")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for values in cx.values_files() {
            let Some(source) = cx.sources().get(values.id) else { continue };
            for tree in &values.documents {
                for id in 0..tree.len() as u32 {
                    let node = NodeIndex(id);
                    let location = tree.location(node);
                    let Some(written) = source.bytes().get(location.span.range()) else { continue };
                    let Ok(written) = std::str::from_utf8(written) else { continue };
                    let key = tree.key_location(node).and_then(|key| source.bytes().get(key.span.range()).map(<[u8]>::to_vec));
                    let key = String::from_utf8_lossy(&key.unwrap_or_default()).trim_matches(['"', '\'']).to_owned();
                    let Some(why) = pitfall(&key, written, tree.get(node)) else { continue };
                    let path = tree.path(node);
                    let finding = cx
                        .finding(location, Role::Values, format!("`{path}: {written}` {why}"))
                        .help(format!("quote it: `\"{written}\"`"));
                    // Nothing is lost yet.
                    let is_same = matches!(tree.get(node), TreeValue::Number(number) if number.to_string() == written);
                    if is_same { finding.severity(Severity::Low).report() } else { finding.report() }
                }
            }
        }
    }
}

/// Why a plain scalar is read as something that was hardly meant.
fn pitfall(key: &str, written: &str, value: TreeValue<'_>) -> Option<String> {
    let lower = key.to_ascii_lowercase();
    match value {
        TreeValue::Number(number) => {
            let digits = written.trim_start_matches(['-', '+']);
            let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let is_version = lower.ends_with("version") || lower.ends_with("tag") || lower == "release";
            if all_digits && digits.len() > 1 && digits.starts_with('0') {
                let is_mode = lower.contains("mode") || lower.contains("umask") || lower.contains("permission");
                return (!is_mode).then(|| format!("is octal: it is read as {number}"));
            }
            if all_digits && number.abs() > 9_007_199_254_740_992.0 {
                return Some(format!("is too large for a number: it is read as {number:.0}"));
            }
            let mantissa = digits.split_once(['e', 'E']);
            if let Some((mantissa, exponent)) = mantissa
                && [mantissa, exponent].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
            {
                return Some(format!("is a number with an exponent: it is read as {number}"));
            }
            if is_version && written.contains('.') && written.parse::<f64>().is_ok() {
                return Some(if number.to_string() == written {
                    "is a number: the next one that ends with 0 would lose it".to_owned()
                } else {
                    format!("is a number: it is read as {number}")
                });
            }
            None
        }
        TreeValue::Bool(value) => {
            let word = written.to_ascii_lowercase();
            let is_switch = ["enable", "disable", "create", "allow", "use", "is", "has", "install", "auto"]
                .iter()
                .any(|start| lower.contains(start));
            let is_word = matches!(word.as_str(), "yes" | "no" | "on" | "off" | "y" | "n");
            (is_word && !is_switch).then(|| format!("is a boolean: it is read as {value}"))
        }
        _ => None,
    }
}

pub(super) struct CiValuesMissing;

impl Rule for CiValuesMissing {
    fn spec(&self) -> &'static Spec {
        spec!("ci-values-missing")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let chart = cx.chart();
        let has_tests = chart.raw.iter().any(|file| {
            let name = file.name.to_utf8();
            name.starts_with("ci/") || name.starts_with("tests/") || name.ends_with("_test.yaml")
        });
        let Some(scenario) = cx.default_scenario().filter(|_| cx.scenarios.len() == 1 && !has_tests) else { return };
        let mut keys: Vec<&str> =
            scenario.toggles.iter().flat_map(|toggle| toggle.keys.iter().map(String::as_str)).collect();
        keys.sort_unstable();
        keys.dedup();
        let Some(first) = keys.first() else { return };
        let top = first.split('.').next().unwrap_or(first);
        let place = cx.values_key(first).or_else(|| cx.values_key(top));
        let place = place.unwrap_or_else(|| cx.chart_field("name"));
        let shown: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        let what = crate::rules::helpers::list(&shown, 3);
        cx.finding(place, Role::Values, format!("no values file switches on what is off by default: {what}"))
            .help("add `ci/full-values.yaml` that does: `ct lint` and chart-lint render the chart with it")
            .report();
    }
}
