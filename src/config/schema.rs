//! The JSON Schema of `.chart-lint.yaml`, for editors.

use serde_json::{Map, Value, json};

use super::read::KEYS;
use crate::finding::Severity;
use crate::profile::Profile;
use crate::rules::RULES;

/// The schema, with the ids and parameters of all rules.
pub fn json_schema() -> Value {
    let mut rules = Map::new();
    for rule in RULES.iter() {
        let spec = rule.spec();
        let params: Map<String, Value> = spec
            .params
            .iter()
            .map(|(name, default)| {
                let schema = json!({"type": ["string", "number", "boolean", "array"], "default": default});
                (name.clone(), schema)
            })
            .collect();
        let setting = json!({
            "description": spec.summary,
            "default": spec.severity.name(),
            "anyOf": [
                {"$ref": "#/definitions/level"},
                {
                    "type": "object",
                    "properties": {
                        "severity": {"$ref": "#/definitions/level"},
                        "params": {"type": "object", "properties": params, "additionalProperties": false},
                    },
                    "additionalProperties": false,
                },
            ],
        });
        rules.insert(spec.id.clone(), setting);
    }
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.spec().id.as_str()).collect();
    let severities: Vec<&str> = Severity::ALL.iter().map(|severity| severity.name()).collect();
    let profiles: Vec<&str> = Profile::ALL.iter().map(|profile| profile.name()).collect();
    let levels: Vec<Value> =
        severities.iter().map(|name| json!(name)).chain([json!("off"), json!(false)]).collect();
    let strings = json!({"type": "array", "items": {"type": "string"}});
    let mut properties = json!({
        "extends": {
            "description": "A profile, or the path of another configuration.",
            "anyOf": [{"enum": profiles}, {"type": "string"}],
            "default": "recommended",
        },
        "kubeVersions": {
            "description": "The Kubernetes versions to render for, each a set of scenarios of its own.",
            "type": "array", "items": {"type": "string"},
        },
        "scenarios": {
            "description": "Sets of values to check charts with, besides their defaults and ci/*-values.yaml.",
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "values": {"description": "Values files, from the folder of this file.", "type": "array", "items": {"type": "string"}},
                    "set": {"description": "Keys, with dots, and their values.", "type": "object"},
                },
                "additionalProperties": false,
            },
        },
        "rules": {"$ref": "#/definitions/rules"},
        "paths": {
            "description": "Other settings for some files: by a pattern, from the folder of this file.",
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {"rules": {"$ref": "#/definitions/rules"}},
                "additionalProperties": false,
            },
        },
        "ignore": {
            "description": "Findings that are not wanted, each with its reason.",
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "rule": {"enum": ids},
                    "object": {"description": "Kind/name, with `*`.", "type": "string"},
                    "path": {"description": "A pattern of files.", "type": "string"},
                    "reason": {"type": "string", "minLength": 1},
                    "until": {"description": "The last day on which it counts: 2027-03-01.", "type": "string"},
                },
                "required": ["reason"],
                "additionalProperties": false,
            },
        },
        "minSeverity": {"description": "Findings below are only counted.", "enum": severities, "default": "medium"},
        "failOn": {"description": "From which severity on the run fails.", "enum": severities, "default": "high"},
        "includeDependencies": {"description": "Whether objects of dependencies are checked too.", "type": "boolean", "default": false},
        "repository": {"description": "Whether README, documents and CI around a chart are read.", "type": "boolean", "default": true},
        "baseline": {"description": "A baseline: what it knows is not reported.", "type": "string"},
    });
    properties["exclude"] = strings;
    properties["exclude"]["description"] = json!("Charts and files that are left alone, as patterns.");
    debug_assert!(KEYS.iter().all(|key| *key == "customRules" || properties.get(key).is_some()));
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Configuration of chart-lint",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "definitions": {
            "level": {"enum": levels},
            "rules": {
                "description": "Severities and parameters of rules.",
                "type": "object",
                "properties": rules,
                "additionalProperties": false,
            },
        },
    })
}
