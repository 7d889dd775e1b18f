//! `yaml-invalid`

use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct YamlInvalid;

impl Rule for YamlInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("yaml-invalid")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let scenario = cx.scenario;
        for document in &scenario.unreadable {
            let template = scenario.rendered.files.get(document.file).map(|file| file.name.to_utf8().into_owned());
            let template = template.unwrap_or_default();
            let (what, help) = explain(&document.reason);
            let said = format!("Helm says: YAML parse error on {template}: {}", document.reason);
            cx.finding_in_rendered(document.file, document.at.clone(), format!("rendered YAML is not valid: {what}"))
                .identity(format!("{template}\0{what}"))
                .help(help)
                .note(said)
                .report();
        }
        for repeated in &scenario.repeated_keys {
            let text = scenario.rendered.files.get(repeated.file).map_or(&[][..], |file| &file.text);
            let key = String::from_utf8_lossy(text.get(repeated.second.clone()).unwrap_or_default()).into_owned();
            let first = scenario.trace(repeated.file, repeated.first.clone()).template;
            let finding = cx
                .finding_in_rendered(repeated.file, repeated.second.clone(), format!("key `{key}` is written twice"))
                .label("this one wins; stricter readers refuse the file")
                .help("remove one of the two");
            match first {
                Some(location) => finding.related(location, crate::finding::Role::Template, "the first one").report(),
                None => finding.report(),
            }
        }
    }
}

/// What is wrong, in the words of a person, and what to do.
fn explain(reason: &str) -> (String, &'static str) {
    let detail = reason.rsplit_once("yaml: ").map_or(reason, |(_, detail)| detail);
    let detail = match detail.strip_prefix("line ").and_then(|rest| rest.split_once(": ")) {
        Some((_, detail)) => detail,
        None => detail,
    };
    let help = if detail.contains("did not find expected key") {
        "the indentation of this line does not fit the lines around it: compare the number after `indent` or `nindent`"
    } else if detail.contains("mapping values are not allowed") {
        "there is a second `: ` on the line, or the line is indented too far: quote the value, or fix the indentation"
    } else if detail.contains("found character that cannot start any token") {
        "YAML does not allow a tab, `@` or a backtick here: quote the value, or indent with spaces"
    } else if detail.contains("could not find expected ':'") {
        "a key without a colon, or a value that goes on without being indented"
    } else {
        "look at the rendered lines with --verbose"
    };
    (detail.to_owned(), help)
}
