//! Each format on one chart, as it is printed, and the rules that readers of the formats count on.
//! `UPDATE_SNAPSHOTS=1 cargo test formats` writes the snapshots anew.

use std::path::Path;

use serde_json::Value;

use crate::cli::{here, stdout};

const SELECT: &str =
    "privileged-container,image-latest-tag,values-placeholder-secret,service-selector-dangling";

fn print(format: &str) -> String {
    let output = here(&["fixtures/charts/shop", "--no-config", "--select", SELECT, "--format", format]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    // How long it took differs each time.
    match text.rsplit_once(": failed in ") {
        Some((before, _)) if format == "pretty" => format!("{before}: failed in 4 ms\n"),
        _ => text,
    }
}

#[test]
fn formats_are_printed_as_recorded() {
    for format in
        ["pretty", "short", "json", "sarif", "github", "gitlab", "junit", "checkstyle", "markdown", "html"]
    {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/formats/shop.{format}"));
        let found = print(format);
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
            std::fs::write(&path, &found).expect("it can be written");
        }
        let wanted = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        assert!(
            found == wanted,
            "{format} has changed: look at it, then run `UPDATE_SNAPSHOTS=1 cargo test formats`\n{found}"
        );
        // A secret is shown nowhere.
        assert!(!found.contains("please-change-me"), "{format}");
    }
}

/// What the schema of SARIF 2.1.0 asks for in the parts that are written.
#[test]
fn sarif_is_what_its_schema_asks_for() {
    let log: Value = serde_json::from_str(&print("sarif")).expect("it is JSON");
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "chart-lint");
    let rules = driver["rules"].as_array().expect("there are rules");
    for rule in rules {
        for key in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[key]["text"].as_str().is_some_and(|text| !text.is_empty()), "{rule}");
        }
        let level = rule["defaultConfiguration"]["level"].as_str();
        assert!(["error", "warning", "note"].map(Some).contains(&level), "{rule}");
    }
    let results = run["results"].as_array().expect("there are results");
    assert!(!results.is_empty());
    let check = |location: &Value| {
        let place = &location["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().expect("it has a path");
        assert!(!uri.starts_with('/') && !uri.contains([' ', '\\']), "{uri}");
        let number = |key: &str| place["region"][key].as_u64().unwrap_or(0);
        assert!(number("startLine") >= 1 && number("startColumn") >= 1, "{place}");
        let (start, end) =
            ((number("startLine"), number("startColumn")), (number("endLine"), number("endColumn")));
        assert!(start <= end, "{place}");
    };
    for result in results {
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        let index =
            usize::try_from(result["ruleIndex"].as_u64().expect("it has a rule")).expect("it is small");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        check(&result["locations"][0]);
        for related in result["relatedLocations"].as_array().into_iter().flatten() {
            check(related);
        }
        for flow in result["codeFlows"].as_array().into_iter().flatten() {
            let steps = flow["threadFlows"][0]["locations"].as_array().expect("a flow has steps");
            assert!(steps.len() >= 2);
            steps.iter().for_each(|step| check(&step["location"]));
        }
        assert!(result["partialFingerprints"]["chartLint/v1"].is_string());
    }
    // A helper's finding comes with the way to it.
    assert!(results.iter().any(|result| result["codeFlows"].is_array()));
}

#[test]
fn gitlabs_report_has_what_gitlab_reads() {
    let report: Value = serde_json::from_str(&print("gitlab")).expect("it is JSON");
    let entries = report.as_array().expect("it is a list");
    let mut known = std::collections::HashSet::new();
    for entry in entries {
        for key in ["description", "check_name", "fingerprint", "severity"] {
            assert!(entry[key].as_str().is_some_and(|text| !text.is_empty()), "{entry}");
        }
        let severity = entry["severity"].as_str().unwrap_or_default();
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity));
        assert!(entry["location"]["path"].as_str().is_some_and(|path| !path.starts_with("./")));
        assert!(entry["location"]["lines"]["begin"].as_u64() >= Some(1));
        // GitLab takes entries with one fingerprint for one problem.
        assert!(known.insert(entry["fingerprint"].clone()), "{entry}");
    }
}

#[test]
fn xml_is_well_formed() {
    for format in ["junit", "checkstyle"] {
        let text = print(format);
        let mut open: Vec<&str> = Vec::new();
        let mut rest = text.split_once("?>").expect("it starts with a declaration").1;
        while let Some((before, after)) = rest.split_once('<') {
            assert!(!before.contains('>') && !before.contains('&') || before.contains(';'), "{before}");
            let (tag, after) = after.split_once('>').expect("each tag ends");
            let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
            match (tag.starts_with('/'), tag.ends_with('/')) {
                (true, _) => assert_eq!(open.pop(), Some(name), "{format}"),
                (false, false) => open.push(name),
                (false, true) => {}
            }
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            rest = after;
        }
        assert!(open.is_empty(), "{open:?}");
    }
}
