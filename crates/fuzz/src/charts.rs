//! Made-up charts, as files and the arguments of `helm template`.
//!
//! In arguments and messages, `@` stands for the folder that everything is in; the chart is `@/chart`.

use serde_json::{Map, Value as Json, json};

use crate::documents;
use crate::random::Random;

const NAMES: &[&str] = &["sub", "db", "web-app", "common", "c2"];
const KEYS: &[&str] = &["a", "b", "name", "enabled", "list", "m", "port", "image"];
const TAGS: &[&str] = &["front", "back", "t1"];

/// A case: `files` by path, and `args`.
pub(crate) fn case(r: &mut Random) -> Json {
    let mut files = Map::new();
    let mut maker = Maker { r, files: &mut files, depth: 0 };
    maker.chart("chart/", "top", &[]);
    let args = maker.args();
    json!({"files": files, "args": args})
}

struct Maker<'r> {
    r: &'r mut Random,
    files: &'r mut Map<String, Json>,
    depth: usize,
}

/// A subchart that a chart has.
struct Dependency {
    /// Its own name.
    name: &'static str,
    /// The name in the parent's values.
    key: String,
    /// The entry in `dependencies`, if there is one.
    listed: bool,
}

impl Maker<'_> {
    fn put(&mut self, path: String, text: String) {
        self.files.insert(path, Json::from(text));
    }

    /// Writes a chart into a folder; `above` holds the names of its parents.
    fn chart(&mut self, folder: &str, name: &str, above: &[&str]) {
        let dependencies = self.dependencies(folder, above);
        self.metadata(folder, name, &dependencies.1);
        let dependencies = dependencies.0;
        if !self.r.once_in(12) {
            let values = self.values(&dependencies, name == "top");
            self.put(format!("{folder}values.yaml"), values);
        }
        if self.r.once_in(80) {
            let schema = self.schema();
            self.put(format!("{folder}values.schema.json"), schema);
        }
        for index in 0..self.r.below(4) {
            let file = self.r.pick(&[
                "a.yaml",
                "b.yaml",
                "deployment.yaml",
                "sub/c.yaml",
                "z.yml",
                "x.txt",
                "_p.yaml",
                "tests/t.yaml",
                "A.yaml",
                "data.json",
                "noext",
                "sub/deep/er.yaml",
                ".hidden.yaml",
                "_sub/x.yaml",
                "b.yaml.tpl",
            ]);
            let template = self.template(name);
            let _ = index;
            self.put(format!("{folder}templates/{file}"), template);
        }
        if self.r.percent(45) {
            let helpers = self.helpers(name);
            self.put(format!("{folder}templates/_helpers.tpl"), helpers);
        }
        if self.r.once_in(5) {
            let notes = self.r.pick(&[
                "Thanks {{ .Release.Name }}\n",
                "",
                "kind: X\n",
                "{{ fail \"no\" }}",
                "{{ .Values.m }}\n",
            ]);
            let place = self.r.pick(&[
                "templates/NOTES.txt",
                "templates/NOTES.txt",
                "templates/sub/NOTES.txt",
                "templates/aNOTES.txt",
            ]);
            self.put(format!("{folder}{place}"), notes.to_owned());
        }
        if self.r.once_in(6) {
            let file = self.r.pick(&["crd.yaml", "b/c.yaml", "README.md", "x.json", "_a.yaml", "two.yml"]);
            let text = self.crd();
            self.put(format!("{folder}crds/{file}"), text);
        }
        if self.r.once_in(6) {
            let ignore = self.ignore();
            self.put(format!("{folder}.helmignore"), ignore);
        }
        for _ in 0..self.r.below(3) {
            let file = self.r.pick(&[
                "conf/a.txt",
                "conf/b.conf",
                "README.md",
                "LICENSE",
                "data",
                "conf/.dot",
                "x.tgz.txt",
            ]);
            let text = self.r.pick(&["alpha\nbeta\n", "", "k: v", "{{ .Values.a }}\n", "é\n\n"]);
            self.put(format!("{folder}{file}"), text.to_owned());
        }
        if self.r.once_in(30) {
            let odd = self.r.pick(&[
                "Chart.lock",
                "requirements.lock",
                "charts/README.md",
                "charts/.x/Chart.yaml",
                "charts/_y/Chart.yaml",
                "charts/file.txt",
                "templates/templates/t.yaml",
                "values.yml",
                "ci/x-values.yaml",
                "charts/empty/values.yaml",
            ]);
            self.put(format!("{folder}{odd}"), "name: x\nversion: 0.1.0\napiVersion: v2\n".to_owned());
        }
    }

    /// The subcharts, and the text of the `dependencies`.
    fn dependencies(&mut self, folder: &str, above: &[&str]) -> (Vec<Dependency>, String) {
        let mut found: Vec<Dependency> = Vec::new();
        let mut text = String::new();
        if self.depth >= 3 || self.r.percent(if self.depth == 0 { 20 } else { 80 }) {
            return (found, text);
        }
        for _ in 0..1 + self.r.below(2) {
            let name = self.r.pick(NAMES);
            let present = !self.r.once_in(120);
            if present && !found.iter().any(|other| other.name == name) {
                let mut above = above.to_vec();
                above.push(name);
                self.depth += 1;
                self.chart(&format!("{folder}charts/{name}/"), name, &above);
                self.depth -= 1;
            }
            let listed = self.r.percent(75);
            let mut key = name.to_owned();
            if listed {
                let version = self.r.pick(&[
                    "0.1.0", "0.1.0", "0.1.0", "0.1.0", "0.1.0", "~0.1", ">=0.0.0", "0.1.x", "^0.1.0-0",
                    "\"*\"", "1.0.0", "\"\"", "x",
                ]);
                text.push_str(&format!("- name: {name}\n  version: {version}\n"));
                if self.r.percent(40) {
                    text.push_str(self.r.pick(&[
                        "  repository: https://example.com/charts\n",
                        "  repository: \"file://../x\"\n",
                        "  repository: \"\"\n",
                        "  repository: \"@x\"\n",
                    ]));
                }
                if self.r.percent(50) {
                    let condition = self.r.pick(&[
                        "NAME.enabled",
                        "NAME.enabled,global.on",
                        "enabled",
                        "NAME.nope",
                        "NAME.a",
                        " NAME.enabled",
                        "NAME",
                        "a.b",
                        "global.NAME",
                        "tags.front",
                        "",
                    ]);
                    text.push_str(&format!("  condition: {}\n", condition.replace("NAME", name)));
                }
                if self.r.percent(30) {
                    let (one, two) = (self.r.pick(TAGS), self.r.pick(TAGS));
                    text.push_str(&if self.r.percent(60) {
                        format!("  tags: [{one}]\n")
                    } else {
                        format!("  tags:\n  - {one}\n  - {two}\n")
                    });
                }
                if self.r.percent(25) {
                    let alias = self.r.pick(&[
                        "al", "other", "al", "other", "web-app", "al2", "al3", "Al_1", "al", "other", "x.y",
                        "sub", "db",
                    ]);
                    text.push_str(&format!("  alias: {alias}\n"));
                    key = alias.to_owned();
                }
                if self.r.percent(25) {
                    text.push_str(self.r.pick(&[
                        "  import-values: [data]\n",
                        "  import-values: [data, nope]\n",
                        "  import-values:\n  - child: m\n    parent: m\n",
                        "  import-values:\n  - child: a\n    parent: imported\n",
                        "  import-values:\n  - child: m.x\n    parent: .\n",
                        "  import-values:\n  - child: exports.data\n    parent: deep.er\n",
                        "  import-values:\n  - child: m\n",
                        "  import-values: [data]\n",
                    ]));
                }
                if self.r.once_in(80) {
                    text.push_str(self.r.pick(&[
                        "  import-values: data\n",
                        "  import-values: [1]\n",
                        "  alias: bad alias\n",
                    ]));
                }
                if self.r.once_in(15) {
                    text.push_str(self.r.pick(&["  enabled: false\n", "  enabled: true\n", "  nope: 1\n"]));
                }
            }
            found.push(Dependency { name, key, listed });
        }
        (found, text)
    }

    fn metadata(&mut self, folder: &str, name: &str, dependencies: &str) {
        let old = self.r.once_in(12);
        let mut lines = vec![
            format!("apiVersion: {}", if old { "v1" } else { "v2" }),
            format!("name: {name}"),
            "version: 0.1.0".to_owned(),
        ];
        let wrong = self.r.once_in(160);
        if wrong {
            let at = self.r.below(lines.len());
            let replacement = self.r.pick(&[
                "",
                "apiVersion: v3",
                "name: \"a/b\"",
                "name: ..",
                "version: 1",
                "version: x.y",
                "version: v0.1",
                "name: 1",
                "apiVersion: 2",
                "name: [a]",
                "version: 0.1.0+b.1",
                "version: \"\"",
                "\tx: 1",
                "name: é",
                "name: \"a b\"",
                "name: .",
                "version: 01.2.3",
            ]);
            replacement.clone_into(&mut lines[at]);
        }
        let extra = self.r.below(4);
        for _ in 0..extra {
            lines.push(
                (self.r.pick(&[
                    "type: application",
                    "appVersion: 1.10",
                    "appVersion: \"1.2.3\"",
                    "appVersion: v2",
                    "description: A chart",
                    "description: |\n  two\n  lines",
                    "kubeVersion: \">=1.20.0-0\"",
                    "kubeVersion: \">= 1.19, < 2\"",
                    "deprecated: true",
                    "keywords: [a, b]",
                    "maintainers:\n- name: me\n  email: me@example.com",
                    "icon: https://example.com/i.png",
                    "annotations:\n  a: b",
                    "annotations: {c: \"1\"}",
                    "home: https://example.com",
                    "sources: [https://example.com]",
                    "nope: 1",
                    "# comment",
                    "condition: x",
                    "tags: y",
                    "appVersion: 1e3",
                    "appVersion: 0x10",
                ]))
                .to_owned(),
            );
        }
        if self.r.once_in(100) {
            lines.push(
                (self.r.pick(&[
                    "annotations: {c: 1}",
                    "maintainers: [x]",
                    "maintainers: [{url: x}]",
                    "deprecated: \"yes\"",
                    "keywords: x",
                    "type: other",
                    "type: library",
                ]))
                .to_owned(),
            );
        }
        if name == "common" && self.r.percent(70) {
            lines.push("type: library".to_owned());
        }
        let in_requirements = old && self.r.percent(70) && !dependencies.is_empty();
        if in_requirements {
            self.put(format!("{folder}requirements.yaml"), format!("dependencies:\n{dependencies}"));
        } else if !dependencies.is_empty() {
            lines.push(format!("dependencies:\n{}", dependencies.trim_end()));
        }
        let mut text = lines.join("\n");
        if !self.r.once_in(8) {
            text.push('\n');
        }
        if self.r.once_in(25) {
            text = text.replace('\n', "\r\n");
        }
        if !self.r.once_in(400) {
            self.put(format!("{folder}Chart.yaml"), text);
        }
    }

    fn scalar(&mut self) -> &'static str {
        self.r.pick(&[
            "1",
            "true",
            "false",
            "null",
            "x",
            "\"\"",
            "1.5",
            "hello",
            "\"1\"",
            "~",
            "1e6",
            "[]",
            "{}",
            "[1, two]",
            "{x: 1}",
            "{x: {y: z}}",
            "{x: null}",
            "12345678",
            "yes",
            "0o17",
        ])
    }

    fn entries(&mut self, out: &mut String, indent: &str, most: usize) {
        let mut used = Vec::new();
        for _ in 0..self.r.below(most + 1) {
            let key = self.r.pick(KEYS);
            if used.contains(&key) && !self.r.once_in(20) {
                continue;
            }
            used.push(key);
            let value = self.scalar();
            out.push_str(&format!("{indent}{key}: {value}\n"));
        }
    }

    fn values(&mut self, dependencies: &[Dependency], top: bool) -> String {
        if self.r.once_in(40) {
            return documents::yaml(self.r);
        }
        let mut out = String::new();
        self.entries(&mut out, "", 5);
        if self.r.percent(40) {
            out.push_str("global:\n  g: 1\n");
            self.entries(&mut out, "  ", 3);
            if self.r.percent(30) {
                out.push_str(self.r.pick(&[
                    "  on: true\n",
                    "  on: false\n",
                    "  sub: {enabled: false}\n",
                    "  deep: {a: {b: 1}}\n",
                ]));
            }
        }
        for dependency in dependencies {
            let mut text = String::new();
            if self.r.percent(60) {
                let enabled = self.r.pick(&["true", "false", "false", "\"true\"", "null", "1"]);
                text.push_str(&format!("  enabled: {enabled}\n"));
            }
            self.entries(&mut text, "  ", 3);
            if self.r.once_in(6) {
                text.push_str("  global:\n    g: 2\n    h: 3\n");
            }
            if self.r.once_in(8) {
                text.push_str(&format!("  {}:\n    a: 9\n", self.r.pick(NAMES)));
            }
            let key = if dependency.listed && self.r.percent(80) {
                dependency.key.as_str()
            } else {
                dependency.name
            };
            if text.is_empty() {
                if self.r.once_in(4) {
                    let value = self.scalar();
                    out.push_str(&format!("{key}: {value}\n"));
                }
            } else {
                out.push_str(&format!("{key}:\n{text}"));
            }
        }
        if top && self.r.percent(35) {
            let tag = self.r.pick(TAGS);
            let on = self.r.pick(&["true", "false", "false", "x"]);
            out.push_str(&format!("tags:\n  {tag}: {on}\n"));
        }
        if self.r.percent(25) {
            out.push_str(self.r.pick(&[
                "exports:\n  data:\n    fromSub: 1\n    m: {z: 2}\n",
                "exports:\n  data: 1\n",
                "exports: x\n",
                "exports:\n  data:\n    a: {b: null}\n  nope:\n    b: 2\n",
            ]));
        }
        out
    }

    fn schema(&mut self) -> String {
        (self.r.pick(&[
            r#"{"type": "object"}"#,
            r#"{"type": "object", "required": ["a"]}"#,
            r#"{"properties": {"a": {"type": "string"}, "port": {"type": "integer", "minimum": 10}}}"#,
            r#"{"$schema": "http://json-schema.org/draft-07/schema#", "additionalProperties": false, "properties": {"a": {}, "b": {}, "global": {}}}"#,
            r#"{"properties": {"m": {"type": "object", "properties": {"x": {"enum": [1, "two"]}}}, "list": {"items": {"type": "number"}, "maxItems": 1}}}"#,
            r#"{"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}"#,
            r#"{"properties": {"name": {"pattern": "^[a-z]+$", "minLength": 2}}}"#,
            r#"{"type": "array"}"#,
            r#"{"$ref": "\u0023/definitions/x", "definitions": {"x": {"type": "object", "minProperties": 3}}}"#,
            "{",
            "",
            "[]",
            r#"{"type": "nope"}"#,
            r#"{"not": {"required": ["enabled"]}}"#,
            r#"{"if": {"required": ["a"]}, "then": {"required": ["b"]}}"#,
            r#"{"properties": {"image": {"type": ["string", "null"]}, "enabled": {"const": true}}}"#,
        ]))
        .to_owned()
    }

    fn helpers(&mut self, chart: &str) -> String {
        let mut out = String::new();
        let mut names = vec!["name", "labels", "CHART.name", "CHART.labels"];
        for _ in 0..1 + self.r.below(2) {
            let at = self.r.below(names.len());
            let name = if self.r.once_in(40) { names[at] } else { names.remove(at) };
            let name = name.replace("CHART", chart);
            let body = self.r.pick(&[
                "{{ .Chart.Name }}-{{ .Release.Name }}",
                "app: {{ .Chart.Name }}\nversion: {{ .Chart.Version | quote }}",
                "{{ .Values.name | default .Chart.Name | trunc 10 }}",
                "{{ .Template.Name }}",
                "{{ toYaml .Values.m }}",
                "",
                "{{ include \"labels\" . }}",
            ]);
            out.push_str(&format!("{{{{- define \"{name}\" -}}}}\n{body}\n{{{{- end }}}}\n"));
        }
        if self.r.once_in(12) {
            out.push_str(self.r.pick(&[
                "{{ define \"x\" }}",
                "{{ .Values.nope.nope }}",
                "text\n",
                "{{ nofunc }}",
                "{{ end }}",
            ]));
        }
        out
    }

    fn expression(&mut self, chart: &str) -> String {
        let key = self.r.pick(KEYS);
        let kind = match self.r.below(60) {
            0 if self.r.once_in(3) => 14,
            1 => 13,
            _ => self.r.below(13),
        };
        match kind {
            0 => ".Release.Name".to_owned(),
            1 => ".Release.Namespace".to_owned(),
            2 => ".Chart.Name".to_owned(),
            3 => ".Chart | toJson | quote".to_owned(),
            4 => ".Values | toJson | squote".to_owned(),
            5 => ".Values.global | toJson | squote".to_owned(),
            6 => format!(".Values.{key} | quote"),
            7 => format!(".Values.{key} | toJson"),
            8 if self.r.once_in(3) => format!("include \"{chart}.name\" . | quote"),
            9 if self.r.once_in(3) => "include \"labels\" . | quote".to_owned(),
            8 | 9 => format!(".Values.{key} | toJson | quote"),
            10 => ".Template.Name".to_owned(),
            11 => "(.Files.Glob \"conf/*\").AsConfig | quote".to_owned(),
            12 => (self.r.pick(&[
                ".Capabilities.KubeVersion.Version",
                ".Capabilities.APIVersions.Has \"apps/v1\"",
                ".Capabilities.APIVersions.Has \"x/v1\"",
                ".Release.IsUpgrade",
                ".Release.Revision",
                ".Release.Service",
                "keys .Subcharts | sortAlpha | join \",\" | quote",
                ".Chart.IsRoot",
                ".Chart.AppVersion | quote",
                ".Files.Get \"conf/a.txt\" | quote",
                ".Template.BasePath",
                "toJson .Chart.Dependencies | squote",
                "toJson .Chart.Annotations | squote",
                "len .Files",
                "toJson .Subcharts | squote",
                "(index .Subcharts \"sub\").Values | toJson | squote",
                ".Chart.Type | quote",
                "toJson .Chart.Maintainers | squote",
                "range $k, $v := .Files }}{{ $k }},{{ end",
            ]))
            .to_owned(),
            13 => format!(".Values.{key}.x"),
            14 => (self.r.pick(&[
                "fail \"stop\"",
                "required \"need it\" .Values.image",
                ".Values.nope.deeper",
                "include \"nope\" .",
                "tpl .Values.name .",
                "template \"labels\" .",
            ]))
            .to_owned(),
            _ => format!(".Values.{key}"),
        }
    }

    fn metadata_of(&mut self, chart: &str, name: &str) -> String {
        let mut out = format!("metadata:\n  name: {name}\n");
        if self.r.once_in(10) {
            out.push_str("  namespace: other\n");
        }
        let mut annotations = Vec::new();
        if self.r.once_in(4) {
            annotations.push(format!(
                "helm.sh/hook: {}",
                self.r.pick(&[
                    "pre-install",
                    "post-install,post-upgrade",
                    "test",
                    "test-success",
                    "pre-delete, post-delete",
                    "nope",
                    "\"\"",
                    "pre-install,nope",
                    "crd-install",
                    "PRE-INSTALL",
                    "test-failure",
                    "pre-rollback"
                ])
            ));
            if self.r.percent(50) {
                annotations.push(format!(
                    "helm.sh/hook-weight: {}",
                    self.r.pick(&[
                        "\"5\"", "\"-1\"", "\"x\"", "3", "\"10\"", "\"0\"", "\" 1\"", "\"+2\"", "\"1.5\""
                    ])
                ));
            }
            if self.r.percent(40) {
                annotations.push(format!(
                    "helm.sh/hook-delete-policy: {}",
                    self.r.pick(&["before-hook-creation", "hook-succeeded,hook-failed", "nope", "\"\""])
                ));
            }
        }
        if self.r.once_in(12) {
            annotations.push(
                (self.r.pick(&[
                    "helm.sh/resource-policy: keep",
                    "x: y",
                    "n: 1",
                    "helm.sh/depends-on: x",
                    "b: true",
                ]))
                .to_owned(),
            );
        }
        if !annotations.is_empty() {
            out.push_str("  annotations:\n");
            for annotation in annotations {
                out.push_str(&format!("    {annotation}\n"));
            }
        }
        if self.r.once_in(4) {
            let expression = self.expression(chart);
            out.push_str(&format!("  labels:\n    x: {{{{ {expression} }}}}\n"));
        }
        out
    }

    fn object(&mut self, chart: &str) -> String {
        let (version, kind) = self.r.pick(&[
            ("v1", "ConfigMap"),
            ("v1", "Secret"),
            ("v1", "Service"),
            ("apps/v1", "Deployment"),
            ("v1", "Namespace"),
            ("v1", "ServiceAccount"),
            ("rbac.authorization.k8s.io/v1", "ClusterRole"),
            ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
            ("batch/v1", "Job"),
            ("v1", "Pod"),
            ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
            ("example.com/v1", "Widget"),
            ("example.com/v1", "Another"),
            ("networking.k8s.io/v1", "Ingress"),
            ("policy/v1", "PodDisruptionBudget"),
            ("v1", "PersistentVolumeClaim"),
            ("v1", "List"),
            ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"),
            ("apiregistration.k8s.io/v1", "APIService"),
            ("networking.k8s.io/v1", "NetworkPolicy"),
            ("v1", "ResourceQuota"),
            ("autoscaling/v2", "HorizontalPodAutoscaler"),
            ("rbac.authorization.k8s.io/v1", "RoleList"),
            ("v1", "ConfigMapList"),
            ("scheduling.k8s.io/v1", "PriorityClass"),
            ("batch/v1", "CronJob"),
            ("apps/v1", "StatefulSet"),
            ("storage.k8s.io/v1", "StorageClass"),
            ("v1", "configmap"),
        ]);
        let name =
            self.r.pick(&["a", "b", "c", "{{ .Release.Name }}", "{{ .Chart.Name }}-x", "\"q\"", "10", "zz"]);
        let mut lines = vec![format!("apiVersion: {version}\n"), format!("kind: {kind}\n")];
        if self.r.once_in(15) {
            lines.remove(self.r.below(2));
        }
        if !self.r.once_in(15) {
            lines.push(self.metadata_of(chart, name));
        }
        for _ in 0..self.r.below(3) {
            let expression = self.expression(chart);
            lines.push(format!("{}: {{{{ {expression} }}}}\n", self.r.pick(&["data", "spec", "x", "y"])));
        }
        if kind.ends_with("List") && self.r.percent(60) {
            lines.push(
                "items:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: in-list}\n".to_owned(),
            );
        }
        if self.r.once_in(20) {
            lines.push(
                (self.r.pick(&[
                    "x: [1\n",
                    "  bad: indent\n",
                    "a: b: c\n",
                    "\tt: 1\n",
                    "kind: Twice\n",
                    "- item\n",
                    "&a b: *a\n",
                    "x: *nope\n",
                    "\"\n",
                    "? x\n",
                    "metadata: x\n",
                    "x: !!binary \"!\"\n",
                    "1: 2\n",
                    "~: 3\n",
                    "data: |\n  ---\n  x\n",
                    "%x\n",
                    "metadata: {annotations: {a: 1}}\n",
                    "metadata: {annotations: []}\n",
                    "apiVersion: 1\n",
                    "kind: [x]\n",
                ]))
                .to_owned(),
            );
        }
        if self.r.once_in(10) {
            let at = self.r.below(lines.len());
            lines.swap(0, at);
        }
        lines.concat()
    }

    fn template(&mut self, chart: &str) -> String {
        let mut out = String::new();
        if self.r.once_in(6) {
            out.push_str(self.r.pick(&[
                "# comment\n",
                "---\n",
                "\n\n",
                "{{- /* c */ -}}\n",
                "# Source: x/y.yaml\n",
                "--- \n",
                "---\n---\n",
                "\u{feff}",
                "{{- $x := 1 }}\n",
            ]));
        }
        let count = self.r.weighted(&[6, 60, 20, 10, 4]);
        for index in 0..count {
            if index > 0 {
                out.push_str(self.r.pick(&[
                    "---\n",
                    "---\n",
                    "---\n",
                    "---\n",
                    "--- \n",
                    "---\r\n",
                    "\n---\n\n",
                    "---\n---\n",
                    "---\n# only a comment\n---\n",
                    "--- # c\n",
                    "...\n---\n",
                    "{{ \"---\" }}\n",
                    "  ---\n",
                    "----\n",
                    "---\n\n---\n",
                    "---x\n",
                    "\n",
                    "{{ \"\\n---\" }}\n",
                    "---\n{{ if false }}x{{ end }}\n---\n",
                    "---\t\n",
                ]));
            }
            let object = self.object(chart);
            let from_top = |object: &str| object.replace(" .", " $.").replace("(.", "($.");
            let wrapped = match self.r.below(14) {
                0 => format!("{{{{- if .Values.enabled }}}}\n{object}{{{{- end }}}}\n"),
                1 => format!("{{{{ range list 1 2 }}}}\n---\n{}{{{{ end }}}}\n", from_top(&object)),
                2 => format!("{{{{- with .Values.m }}}}\n{}{{{{- end }}}}", from_top(&object)),
                _ => object,
            };
            out.push_str(&wrapped);
        }
        if self.r.once_in(10) {
            out.push_str(self.r.pick(&[
                "---\n",
                "---",
                "\n\n\n",
                "# end",
                "...\n",
                "   \n",
                "\t",
                "{{ .Values.name }}",
                "{{ include \"labels\" . }}",
                "{{ if }}",
                "{{ end }}",
                "{{",
                "---\n# x\n",
                "null\n",
                "--- \n\n",
            ]));
        }
        if self.r.once_in(12) {
            out.truncate(out.trim_end().len());
        }
        if self.r.once_in(20) {
            out = out.replace('\n', "\r\n");
        }
        out
    }

    fn crd(&mut self) -> String {
        let one = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: widgets.example.com\n";
        match self.r.below(6) {
            0 => format!("{one}---\n{}", one.replace("widgets", "gadgets")),
            1 => format!("\n---\n{one}\n\n"),
            2 => "{{ .Values.a }}\n".to_owned(),
            3 => String::new(),
            4 => "x: [\n".to_owned(),
            _ => one.to_owned(),
        }
    }

    fn ignore(&mut self) -> String {
        let mut out = String::new();
        for _ in 0..1 + self.r.below(3) {
            out.push_str(self.r.pick(&[
                "*.txt",
                "conf/",
                "templates/a.yaml",
                "/README.md",
                "!conf/a.txt",
                "# comment",
                "",
                "conf/*",
                "templates/sub",
                "charts/sub",
                "charts",
                "*.yaml",
                "b.yaml",
                "values.yaml",
                "!b.yaml",
                "templates/*.yaml",
                "  *.md  ",
                "conf",
                "/conf/",
                ".*",
                "Chart.yaml",
                "crds/",
                "sub/",
                "*/deep",
                "?.yaml",
                "[ab].yaml",
                "templates/",
                "/",
            ]));
            out.push_str(self.r.pick(&["\n", "\n", "\r\n", "\n\n"]));
        }
        if self.r.once_in(12) {
            out.push_str(self.r.pick(&["**/x\n", "[a\n", "a\\\n"]));
        }
        out
    }

    fn args(&mut self) -> Vec<String> {
        let mut args = vec!["template".to_owned()];
        let name = self.r.weighted(&[90, 1, 3, 1, 1, 3]);
        let name = [
            "rel",
            "Bad_Name",
            "a.b",
            "-x",
            "a-very-long-release-name-that-has-more-than-53-characters-x",
            "r2",
        ][name];
        if self.r.once_in(15) {
            args.push("--name-template".to_owned());
            args.push(
                (self.r.pick(&[
                    "n-{{ lower \"ABC\" }}",
                    "{{ nofunc }}",
                    "x",
                    "{{ .Values.a }}",
                    "{{",
                    "{{ \"\" }}",
                    "a b",
                    "{{ 1 | add 2 }}",
                ]))
                .to_owned(),
            );
        } else if !self.r.once_in(20) && !name.starts_with('-') {
            args.push(name.to_owned());
        }
        args.push("@/chart".to_owned());
        args.push("-n".to_owned());
        args.push((self.r.pick(&["default", "default", "default", "other", "kube-system"])).to_owned());
        for _ in 0..self.r.weighted(&[40, 35, 15, 10]) {
            self.flag(&mut args);
        }
        args
    }

    fn flag(&mut self, args: &mut Vec<String>) {
        let (flag, value): (&str, Option<String>) = match self.r.below(18) {
            0 => ("--include-crds", None),
            1 => ("--skip-tests", None),
            2 => ("--no-hooks", None),
            3 => ("--is-upgrade", None),
            4 => ("--skip-schema-validation", None),
            5 | 6 => {
                let known: Vec<String> = self
                    .files
                    .keys()
                    .filter(|path| path.contains("/templates/") || path.contains("/crds/"))
                    .map(|path| path.trim_start_matches("chart/").to_owned())
                    .collect();
                let path = match self.r.below(8) {
                    0 => (self.r.pick(&[
                        "templates/nope.yaml",
                        "templates/*.yaml",
                        "charts/*/templates/*",
                        "templates/[",
                        "",
                        "a.yaml",
                        "templates/sub/*",
                        "top/templates/a.yaml",
                        "templates//a.yaml",
                        "./templates/a.yaml",
                    ]))
                    .to_owned(),
                    _ if known.is_empty() => "templates/a.yaml".to_owned(),
                    _ => known[self.r.below(known.len())].clone(),
                };
                ("--show-only", Some(path))
            }
            7 => (
                "--kube-version",
                Some(
                    (self.r.pick(&[
                        "1.20",
                        "v1.30.2",
                        "1.27.3-gke.100",
                        "x",
                        "1",
                        "v1.19.0",
                        "1.31.0+k3s1",
                        "",
                    ]))
                    .to_owned(),
                ),
            ),
            8 => (
                "--api-versions",
                Some((self.r.pick(&["x/v1", "x/v1,y/v2", "apps/v1/Deployment", ""])).to_owned()),
            ),
            9..12 => {
                let path = self.path();
                let value = self.r.pick(&[
                    "1",
                    "true",
                    "false",
                    "null",
                    "x",
                    "",
                    "{a,b}",
                    "1e3",
                    "a=b",
                    "\\,x",
                    "007",
                    "{}",
                    "{1,{2}}",
                    "0x1F",
                    "-1",
                    "1.0",
                    "9999999999999999999",
                ]);
                let equals = if self.r.once_in(30) { "" } else { "=" };
                ("--set", Some(format!("{path}{equals}{value}")))
            }
            12 => {
                let path = self.path();
                ("--set-string", Some(format!("{path}={}", self.r.pick(&["1", "true", "", "null", "{a,b}"]))))
            }
            13 => {
                let path = self.path();
                let json = self.r.pick(&[
                    "{\"x\": 1}",
                    "[1, 2]",
                    "null",
                    "\"s\"",
                    "{",
                    "1",
                    "{\"enabled\": false}",
                    "",
                ]);
                (
                    "--set-json",
                    Some(if self.r.once_in(4) { json.to_owned() } else { format!("{path}={json}") }),
                )
            }
            14 => {
                let path = self.path();
                ("--set-literal", Some(format!("{path}={}", self.r.pick(&["a,b", "1", "", "x=y", "{a}"]))))
            }
            15 => {
                let path = self.path();
                self.files.insert("file.txt".to_owned(), Json::from("from a file\n"));
                ("--set-file", Some(format!("{path}={}", self.r.pick(&["@/file.txt", "@/nope.txt"]))))
            }
            _ => {
                let name = self.r.pick(&["v1.yaml", "v2.yaml"]);
                if !self.r.once_in(25) {
                    let dependencies: Vec<Dependency> = NAMES
                        .iter()
                        .filter(|_| self.r.once_in(3))
                        .map(|name| Dependency { name, key: (*name).to_owned(), listed: true })
                        .collect();
                    let text = self.values(&dependencies, true);
                    self.put(name.to_owned(), text);
                }
                ("-f", Some(format!("@/{name}")))
            }
        };
        args.push(flag.to_owned());
        args.extend(value);
    }

    fn path(&mut self) -> String {
        let mut path = (self.r.pick(&[
            "a",
            "m.x",
            "sub.enabled",
            "db.a",
            "global.g",
            "tags.front",
            "tags.back",
            "list[0]",
            "list[1].x",
            "web-app.enabled",
            "m",
            "name",
            "sub",
            "sub.db.a",
            "al.enabled",
            "global",
            "image",
            "a.b.c",
            "c2.enabled",
            "list[2]",
            "sub.global.g",
            "enabled",
            "port",
        ]))
        .to_owned();
        if self.r.once_in(25) {
            path.push_str(self.r.pick(&[".", "[", "[x]", "[-1]", "[99999]", "\\.y", ",b", " "]));
        }
        path
    }
}
