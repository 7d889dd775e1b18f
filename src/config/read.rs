//! From YAML to a [`Config`]. Values keep their places until the end, for errors.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use chart_lint_yaml::{Target, decode};
use globset::{GlobBuilder, GlobMatcher};

use super::{Config, ConfigError, ConfigScenario, Ignore, Override, PathPattern, RuleSetting};
use crate::finding::Severity;
use crate::profile::Profile;
use crate::render::objects::KubeVersion;
use crate::rules::{RULES, find};
use crate::source::{Location, SourceFile, SourceMap, Span};
use crate::suggest::nearest;
use crate::values::tree::{NodeIndex, Tree, TreeValue};

/// A chain of files that extend each other is not longer.
const MAX_DEPTH: usize = 8;

/// The keys at the top, in the order of the documentation.
pub(super) const KEYS: [&str; 13] = [
    "extends",
    "kubeVersions",
    "scenarios",
    "rules",
    "paths",
    "ignore",
    "exclude",
    "minSeverity",
    "failOn",
    "includeDependencies",
    "repository",
    "baseline",
    "customRules",
];

type Result<T> = std::result::Result<T, ConfigError>;

pub(super) fn read(path: &Path, sources: &SourceMap, depth: usize) -> Result<Config> {
    let shown = crate::input::shown_from_here(path);
    let error = |message: String| ConfigError {
        message,
        place: None,
        help: "give the path of a .chart-lint.yaml; `chart-lint init` writes one".to_owned(),
    };
    if depth > MAX_DEPTH {
        return Err(error(format!("`{shown}` extends itself")));
    }
    let bytes = std::fs::read(path).map_err(|cause| error(format!("cannot read `{shown}`: {cause}")))?;
    let file = SourceFile::after_bom(shown.clone(), bytes);
    let text = file.bytes().clone();
    let id = sources.add(file);
    let yaml = decode(&text, Target::Any).map_err(|cause| ConfigError {
        message: format!("`{shown}` is not YAML: {cause}"),
        place: Some(Location { file: id, span: cause.span().into() }),
        help: "correct the YAML there".to_owned(),
    })?;
    let tree = Arc::new(Tree::new(&yaml, id, Span::from));
    let folder = std::path::absolute(path).ok();
    let folder = folder.as_deref().and_then(Path::parent).unwrap_or(Path::new(".")).to_path_buf();
    let reader = Reader { tree: &tree, folder: &folder };
    let mut config = Config { path: shown, folder: folder.clone(), ..Config::default() };
    let root = tree.root();
    if matches!(tree.get(root), TreeValue::Null) {
        return Ok(config);
    }
    reader.map(root, "the configuration")?;
    if let Some(extends) = tree.key(root, b"extends") {
        let name = reader.string(extends, "extends")?;
        match name.parse::<Profile>() {
            Ok(profile) => config.profile = Some(profile),
            Err(_) if name.contains(['/', '.']) => {
                let base = read(&config.folder.join(&name), sources, depth + 1).map_err(|mut error| {
                    error.place = error.place.or(Some(reader.place(extends)));
                    error
                })?;
                config = Config { path: config.path, folder: config.folder, ..base };
            }
            Err(error) => {
                let help = "or give the path of another configuration: ./base.yaml".to_owned();
                return Err(ConfigError { message: error, place: Some(reader.place(extends)), help });
            }
        }
    }
    for (key, key_place, node) in tree.entries(root) {
        reader.top(&mut config, &key.to_utf8(), key_place, node)?;
    }
    Ok(config)
}

struct Reader<'t> {
    tree: &'t Tree,
    /// What paths count from.
    folder: &'t Path,
}

impl Reader<'_> {
    fn place(&self, node: NodeIndex) -> Location {
        self.tree.location(node)
    }

    fn error<T>(&self, node: NodeIndex, message: impl Into<String>, help: impl Into<String>) -> Result<T> {
        Err(ConfigError { message: message.into(), place: Some(self.place(node)), help: help.into() })
    }

    fn unknown<T>(&self, key: &str, place: Location, known: &[&str]) -> Result<T> {
        let help = match nearest(key, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known are {}", known.join(", ")),
        };
        Err(ConfigError { message: format!("there is no setting `{key}`"), place: Some(place), help })
    }

    fn top(&self, config: &mut Config, key: &str, place: Location, node: NodeIndex) -> Result<()> {
        match key {
            // Read before all others, which may change what it says.
            "extends" => {}
            "kubeVersions" => {
                config.kube_versions.clear();
                for item in self.list(node, key)? {
                    let text = self.string(item, key)?;
                    let version = KubeVersion::parse(&text).map_err(|error| ConfigError {
                        message: format!("`{text}` is not a Kubernetes version: {error}"),
                        place: Some(self.place(item)),
                        help: "write it as \"1.33\", in quotes".to_owned(),
                    })?;
                    config.kube_versions.push(version);
                }
            }
            "scenarios" => {
                self.map(node, key)?;
                for (name, place, scenario) in self.tree.entries(node) {
                    let scenario = self.scenario(name.to_utf8().into_owned(), place, scenario)?;
                    config.scenarios.retain(|known| known.name != scenario.name);
                    config.scenarios.push(scenario);
                }
            }
            "rules" => config.rules.extend(self.rules(node)?),
            "paths" => {
                self.map(node, key)?;
                for (glob, place, settings) in self.tree.entries(node) {
                    self.map(settings, "the settings of a path")?;
                    let mut entry = Override { path: self.path(&glob.to_utf8(), place)?, rules: Vec::new() };
                    for (key, place, node) in self.tree.entries(settings) {
                        match &*key.to_utf8() {
                            "rules" => entry.rules = self.rules(node)?,
                            other => return self.unknown(other, place, &["rules"]),
                        }
                    }
                    config.overrides.push(entry);
                }
            }
            "ignore" => {
                for item in self.list(node, key)? {
                    config.ignores.push(self.ignore(item)?);
                }
            }
            "exclude" => {
                for item in self.list(node, key)? {
                    let text = self.string(item, key)?;
                    config.exclude.push(self.path(&text, self.place(item))?);
                }
            }
            "minSeverity" => config.min_severity = Some(self.severity(node)?),
            "failOn" => config.fail_on = Some(self.severity(node)?),
            "includeDependencies" => config.include_dependencies = Some(self.bool(node, key)?),
            "repository" => config.repo = Some(self.bool(node, key)?),
            "baseline" => config.baseline = Some(config.folder.join(self.string(node, key)?)),
            "customRules" => {
                return self.error(
                    node,
                    "this version has no rules of the user's own yet",
                    "take `customRules` out",
                );
            }
            other => return self.unknown(other, place, &KEYS),
        }
        Ok(())
    }

    fn scenario(&self, name: String, place: Location, node: NodeIndex) -> Result<ConfigScenario> {
        let mut scenario = ConfigScenario { name, values: Vec::new(), set: Vec::new(), location: place };
        self.map(node, "a scenario")?;
        for (key, place, node) in self.tree.entries(node) {
            match &*key.to_utf8() {
                "values" => {
                    for item in self.list(node, "values")? {
                        scenario.values.push(self.string(item, "values")?);
                    }
                }
                "set" => {
                    self.map(node, "set")?;
                    for (key, _, value) in self.tree.entries(node) {
                        scenario.set.push((key.to_utf8().into_owned(), self.json(value, 0)?));
                    }
                }
                other => return self.unknown(other, place, &["values", "set"]),
            }
        }
        Ok(scenario)
    }

    fn rules(&self, node: NodeIndex) -> Result<Vec<RuleSetting>> {
        self.map(node, "rules")?;
        self.tree.entries(node).map(|(id, place, node)| self.rule(&id.to_utf8(), place, node)).collect()
    }

    fn rule(&self, id: &str, place: Location, node: NodeIndex) -> Result<RuleSetting> {
        self.known(id, place)?;
        let mut setting = RuleSetting { rule: id.to_owned(), level: None, params: Vec::new() };
        let TreeValue::Map = self.tree.get(node) else {
            setting.level = Some(self.level(node)?);
            return Ok(setting);
        };
        for (key, place, node) in self.tree.entries(node) {
            match &*key.to_utf8() {
                "severity" => setting.level = Some(self.level(node)?),
                "params" => {
                    self.map(node, "params")?;
                    let known = find(id).map(|rule| &rule.spec().params);
                    for (name, place, value) in self.tree.entries(node) {
                        let name = name.to_utf8().into_owned();
                        let names: Vec<&str> =
                            known.iter().flat_map(|map| map.keys()).map(String::as_str).collect();
                        if !names.contains(&name.as_str()) {
                            if names.is_empty() {
                                return self.error(
                                    value,
                                    format!("`{id}` has no parameters"),
                                    "take `params` out",
                                );
                            }
                            return self.unknown(&name, place, &names);
                        }
                        setting.params.push((name, self.scalar(value)?));
                    }
                }
                other => return self.unknown(other, place, &["severity", "params"]),
            }
        }
        Ok(setting)
    }

    fn known(&self, id: &str, place: Location) -> Result<()> {
        if find(id).is_some() {
            return Ok(());
        }
        let help = match nearest(id, RULES.iter().map(|rule| rule.spec().id.as_str())) {
            Some(near) => format!("did you mean `{near}`? `chart-lint rules` lists them all"),
            None => "`chart-lint rules` lists them all".to_owned(),
        };
        Err(ConfigError { message: format!("there is no rule `{id}`"), place: Some(place), help })
    }

    fn ignore(&self, node: NodeIndex) -> Result<Ignore> {
        self.map(node, "an entry of `ignore`")?;
        let mut ignore = Ignore {
            rule: None,
            object: None,
            path: None,
            reason: String::new(),
            until: None,
            location: self.place(node),
            used: AtomicBool::new(false),
        };
        for (key, place, value) in self.tree.entries(node) {
            // The entry is shown by its first key.
            if ignore.location == self.place(node) {
                ignore.location = place;
            }
            match &*key.to_utf8() {
                "rule" => {
                    let id = self.string(value, "rule")?;
                    self.known(&id, self.place(value))?;
                    ignore.rule = Some(id);
                }
                "object" => {
                    let text = self.string(value, "object")?;
                    ignore.object = Some(self.glob(&text, self.place(value))?);
                }
                "path" => {
                    let text = self.string(value, "path")?;
                    ignore.path = Some(self.path(&text, self.place(value))?);
                }
                "reason" => ignore.reason = self.string(value, "reason")?,
                "until" => {
                    let text = self.string(value, "until")?;
                    let date = text.get(..10).unwrap_or(&text).parse().map_err(|_| ConfigError {
                        message: format!("`{text}` is not a date"),
                        place: Some(self.place(value)),
                        help: "write it as 2027-03-01".to_owned(),
                    })?;
                    ignore.until = Some(date);
                }
                other => {
                    return self.unknown(other, place, &["rule", "object", "path", "reason", "until"]);
                }
            }
        }
        if ignore.reason.trim().is_empty() {
            return self.error(node, "this entry gives no reason", "say why: `reason: the image needs it`");
        }
        if ignore.rule.is_none() && ignore.object.is_none() && ignore.path.is_none() {
            return self.error(
                node,
                "this entry would ignore everything",
                "name a `rule`, an `object` or a `path`",
            );
        }
        Ok(ignore)
    }

    // ---- values ----

    fn map(&self, node: NodeIndex, what: &str) -> Result<()> {
        match self.tree.get(node) {
            TreeValue::Map => Ok(()),
            _ => {
                self.error(node, format!("{what} must be a map"), "look at `chart-lint init` for an example")
            }
        }
    }

    fn list(&self, node: NodeIndex, what: &str) -> Result<Vec<NodeIndex>> {
        match self.tree.get(node) {
            TreeValue::List => Ok(self.tree.items(node).collect()),
            _ => {
                self.error(node, format!("`{what}` must be a list"), format!("write it as `{what}: [a, b]`"))
            }
        }
    }

    fn string(&self, node: NodeIndex, what: &str) -> Result<String> {
        match self.tree.get(node) {
            TreeValue::String(text) => Ok(text.to_utf8().into_owned()),
            _ => self.error(node, format!("`{what}` must be a string"), "put it in quotes"),
        }
    }

    fn scalar(&self, node: NodeIndex) -> Result<String> {
        match self.tree.get(node) {
            TreeValue::String(text) => Ok(text.to_utf8().into_owned()),
            TreeValue::Bool(value) => Ok(value.to_string()),
            TreeValue::Number(value) => Ok(value.to_string()),
            TreeValue::List => {
                let items: Result<Vec<String>> =
                    self.tree.items(node).map(|item| self.scalar(item)).collect();
                Ok(items?.join(","))
            }
            _ => self.error(
                node,
                "a parameter must be a word, a number or a list of them",
                "look at `chart-lint explain`",
            ),
        }
    }

    fn bool(&self, node: NodeIndex, what: &str) -> Result<bool> {
        match self.tree.get(node) {
            TreeValue::Bool(value) => Ok(value),
            _ => self.error(node, format!("`{what}` must be true or false"), "write it without quotes"),
        }
    }

    fn severity(&self, node: NodeIndex) -> Result<Severity> {
        let text = self.string(node, "a severity")?;
        text.parse().map_err(|error| ConfigError {
            message: error,
            place: Some(self.place(node)),
            help: "use one of these words".to_owned(),
        })
    }

    /// A severity or `off`, which YAML may read as false.
    fn level(&self, node: NodeIndex) -> Result<Option<Severity>> {
        match self.tree.get(node) {
            TreeValue::Bool(false) => Ok(None),
            TreeValue::String(text) if *text == *"off" => Ok(None),
            _ => self.severity(node).map(Some),
        }
    }

    fn path(&self, text: &str, place: Location) -> Result<PathPattern> {
        Ok(PathPattern { folder: self.folder.to_path_buf(), glob: self.glob(text, place)? })
    }

    fn glob(&self, text: &str, place: Location) -> Result<GlobMatcher> {
        let text = text.strip_prefix("./").unwrap_or(text).trim_end_matches('/');
        let glob = GlobBuilder::new(text).literal_separator(true).build();
        glob.map(|glob| glob.compile_matcher()).map_err(|error| ConfigError {
            message: format!("`{text}` is not a pattern: {error}"),
            place: Some(place),
            help: "use `*` within a name, `**` over folders, `?` and `{a,b}`".to_owned(),
        })
    }

    /// A value as `--set-json` takes it.
    fn json(&self, node: NodeIndex, depth: usize) -> Result<String> {
        if depth > 64 {
            return self.error(node, "the value is nested too deep", "put it into a values file");
        }
        Ok(match self.tree.get(node) {
            TreeValue::Null => "null".to_owned(),
            TreeValue::Bool(value) => value.to_string(),
            TreeValue::Number(value) => value.to_string(),
            TreeValue::String(text) => serde_json::Value::from(text.to_utf8()).to_string(),
            TreeValue::List => {
                let items: Result<Vec<String>> =
                    self.tree.items(node).map(|item| self.json(item, depth + 1)).collect();
                format!("[{}]", items?.join(","))
            }
            TreeValue::Map => {
                let entries: Result<Vec<String>> = self
                    .tree
                    .entries(node)
                    .map(|(key, _, value)| {
                        let key = serde_json::Value::from(key.to_utf8());
                        Ok(format!("{key}:{}", self.json(value, depth + 1)?))
                    })
                    .collect();
                format!("{{{}}}", entries?.join(","))
            }
        })
    }
}
