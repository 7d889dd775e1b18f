//! Made-up templates: text, actions and control flow.

use serde_json::Value as Json;

use crate::expressions::{Helper, Maker, Scope, Shape};
use crate::functions::Kind;
use crate::texts;

impl Maker<'_> {
    /// A body of some statements.
    pub(crate) fn body(&mut self, statements: usize, depth: usize, scope: &mut Scope) -> String {
        let mut out = String::new();
        let mark = scope.variables.len();
        for _ in 0..1 + self.r.below(statements) {
            self.statement(&mut out, depth, scope);
        }
        scope.variables.truncate(mark);
        out
    }

    /// `{{ text }}`, with markers now and then.
    fn action(&mut self, out: &mut String, text: &str) {
        let (open, close) = match self.r.below(12) {
            0 => ("{{- ", " }}"),
            1 => ("{{ ", " -}}"),
            2 => ("{{- ", " -}}"),
            3 => ("{{", "}}"),
            4 if self.r.percent(20) => ("{{-\n", "\n-}}"),
            5 if self.r.percent(10) => ("{{  ", "\t}}"),
            _ => ("{{ ", " }}"),
        };
        out.push_str(open);
        out.push_str(text);
        out.push_str(close);
    }

    fn text(&mut self, out: &mut String) {
        match self.r.below(10) {
            0..3 => out.push_str(
                self.r.pick(&["\n", " ", "\n  ", "\n\n", "x", ": ", "- ", "|", "a: ", "\n- ", "\t", "\r\n"]),
            ),
            3..7 => out.push_str(self.r.pick(&[
                "key: ",
                "name: x\n",
                "  nested:\n    - ",
                "# comment\n",
                "---\n",
                "é",
                "}}",
                "{ ",
                "{",
                "<no value>",
                "<no val",
                "ue>",
                "\u{a0}",
                "{ {",
                "\"",
                "text",
            ])),
            _ => {
                let text = texts::text(self.r).replace("{{", "{");
                out.push_str(&text);
            }
        }
    }

    fn name(&mut self) -> String {
        self.next_name += 1;
        if self.r.once_in(40) {
            "$é".to_owned()
        } else {
            format!("${}", self.r.pick(&["x", "y", "v", "item", "i", "k", "val"]))
        }
    }

    fn statement(&mut self, out: &mut String, depth: usize, scope: &mut Scope) {
        match self.r.below(if depth == 0 { 60 } else { 100 }) {
            0..10 => self.text(out),
            10..36 => {
                let kind = self.r.pick(&[
                    Kind::Str,
                    Kind::Str,
                    Kind::Any,
                    Kind::Number,
                    Kind::Bool,
                    Kind::List,
                    Kind::Dict,
                    Kind::Int,
                ]);
                let text = self.pipeline(kind, depth.max(1), scope);
                let shown = match self.r.below(12) {
                    0 => format!("{text} | quote"),
                    1 => format!("{text} | toJson"),
                    2 => format!("{text} | toYaml | nindent 2"),
                    3 => format!("printf \"%#v|%T\" ({text}) ({text})"),
                    4 => format!("{text} | toString"),
                    5 => format!("{text} | typeOf"),
                    6 => format!("{text} | printf \"%v %s\" 1"),
                    _ => text,
                };
                self.action(out, &shown);
            }
            36..44 => {
                let kind = self.r.pick(&[
                    Kind::Str,
                    Kind::Any,
                    Kind::Int,
                    Kind::List,
                    Kind::Dict,
                    Kind::Number,
                    Kind::Bool,
                ]);
                let text = self.pipeline(kind, depth.max(1), scope);
                let name = self.name();
                self.action(out, &format!("{name} := {text}"));
                scope.variables.push((name, Shape::Kind(kind)));
            }
            44..48 => {
                let Some((name, shape)) = scope.variables.last().cloned() else { return self.text(out) };
                let kind = match shape {
                    Shape::Kind(kind) => kind,
                    _ => Kind::Any,
                };
                let (name, kind) = if self.r.percent(70) {
                    (name, kind)
                } else {
                    (scope.variables[self.r.below(scope.variables.len())].0.clone(), Kind::Any)
                };
                let text = self.pipeline(kind, depth.max(1), scope);
                self.action(out, &format!("{name} = {text}"));
            }
            48..53 => {
                // A map or a list is changed for all that see it.
                let text = match self.r.below(8) {
                    0..4 => {
                        let (map, key) =
                            (self.operand(Kind::Dict, 0, scope), self.operand(Kind::Key, 0, scope));
                        let value = self.operand(Kind::Fresh, 1, scope);
                        format!("set {map} {key} {value}")
                    }
                    4 => {
                        let (map, key) =
                            (self.operand(Kind::Dict, 0, scope), self.operand(Kind::Key, 0, scope));
                        format!("unset {map} {key}")
                    }
                    5 => {
                        let (to, from) =
                            (self.operand(Kind::Dict, 0, scope), self.literal(Kind::Dict, 0, scope));
                        format!(
                            "{} {to} {from}",
                            self.r.pick(&["merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite"])
                        )
                    }
                    6 => {
                        let (to, from) =
                            (self.operand(Kind::Dict, 0, scope), self.operand(Kind::Dict, 0, scope));
                        format!(
                            "{} {to} (deepCopy {from})",
                            self.r.pick(&["merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite"])
                        )
                    }
                    _ => {
                        let list = self.operand(Kind::List, 1, scope);
                        format!("sortAlpha {list}")
                    }
                };
                self.action(out, &format!("$_ := {text}"));
            }
            53..56 => {
                let text = self.r.pick(&[
                    "{{/* c */}}",
                    "{{- /* c */ -}}",
                    "{{/*\n c \n*/}}",
                    "{{- /* {{ x }} */}}",
                    "{{/**/}}",
                    "{{ /* c */}}",
                    "{{/* c */ -}}",
                ]);
                out.push_str(text);
            }
            56..60 => {
                if scope.in_range && self.r.percent(60) {
                    let word = self.r.pick(&["break", "continue"]);
                    let condition = self.pipeline(Kind::Bool, 0, scope);
                    if self.r.percent(80) {
                        self.action(out, &format!("if {condition}"));
                        self.action(out, word);
                        self.action(out, "end");
                    } else {
                        self.action(out, word);
                    }
                } else {
                    self.call_helper(out, depth, scope);
                }
            }
            60..75 => self.branch(out, "if", depth, scope),
            75..83 => self.branch(out, "with", depth, scope),
            83..95 => self.range(out, depth, scope),
            _ => self.call_helper(out, depth, scope),
        }
    }

    fn call_helper(&mut self, out: &mut String, depth: usize, scope: &mut Scope) {
        let helper = self.helper(scope);
        let name = helper.as_ref().map_or_else(|| "nope".to_owned(), |helper| helper.name.clone());
        if helper.is_none() && self.r.percent(90) {
            return self.text(out);
        }
        let kind = match helper.map(|helper| helper.takes) {
            Some(Shape::Kind(kind)) => kind,
            _ => Kind::Context,
        };
        match self.r.below(6) {
            0..2 => {
                let data =
                    if self.r.once_in(8) { String::new() } else { self.pipeline(kind, depth.min(1), scope) };
                self.action(out, &format!("template \"{name}\" {data}"));
            }
            2 if self.in_text == 0 => {
                let data = self.operand(kind, depth.min(1), scope);
                self.next_name += 1;
                let block = format!("block{}", self.next_name);
                self.action(out, &format!("block \"{block}\" {data}"));
                let mut inner = Scope {
                    dot: Shape::Kind(kind),
                    dollar: Shape::Kind(kind),
                    variables: Vec::new(),
                    in_range: false,
                    helpers: scope.helpers,
                };
                if kind == Kind::Context {
                    (inner.dot, inner.dollar) = (Shape::Top, Shape::Top);
                }
                let body = self.body(2, depth.saturating_sub(1), &mut inner);
                out.push_str(&body);
                self.action(out, "end");
            }
            _ => {
                let data = self.operand(kind, depth.min(1), scope);
                let after = self.r.pick(&[
                    "",
                    "",
                    " | nindent 4",
                    " | trim",
                    " | quote",
                    " | fromYaml | toJson",
                    " | indent 2",
                ]);
                self.action(out, &format!("include \"{name}\" {data}{after}"));
            }
        }
    }

    fn branch(&mut self, out: &mut String, word: &str, depth: usize, scope: &mut Scope) {
        let mark = scope.variables.len();
        let (outer_dot, depth) = (scope.dot.clone(), depth - 1);
        let kind = if word == "if" {
            self.r.pick(&[Kind::Bool, Kind::Bool, Kind::Any, Kind::Dict])
        } else {
            self.r.pick(&[Kind::Any, Kind::Dict, Kind::Dict, Kind::Str, Kind::List])
        };
        self.condition(out, word, kind, depth, scope);
        if word == "with" {
            scope.dot = Shape::Kind(kind);
        }
        let body = self.body(3, depth, scope);
        out.push_str(&body);
        scope.dot = outer_dot.clone();
        for _ in 0..self.r.below(6) / 4 {
            let other = if self.r.once_in(12) { "if" } else { word };
            self.condition(out, &format!("else {other}"), kind, depth, scope);
            if word == "with" {
                scope.dot = Shape::Kind(kind);
            }
            let body = self.body(2, depth, scope);
            out.push_str(&body);
            scope.dot = outer_dot.clone();
        }
        if self.r.percent(40) {
            self.action(out, "else");
            let body = self.body(2, depth, scope);
            out.push_str(&body);
        }
        self.action(out, "end");
        scope.variables.truncate(mark);
    }

    fn condition(&mut self, out: &mut String, word: &str, kind: Kind, depth: usize, scope: &mut Scope) {
        let pipeline = self.pipeline(kind, depth.max(1), scope);
        if self.r.percent(12) {
            let name = self.name();
            self.action(out, &format!("{word} {name} := {pipeline}"));
            scope.variables.push((name, Shape::Kind(kind)));
        } else {
            self.action(out, &format!("{word} {pipeline}"));
        }
    }

    fn range(&mut self, out: &mut String, depth: usize, scope: &mut Scope) {
        let mark = scope.variables.len();
        let (outer_dot, depth) = (scope.dot.clone(), depth - 1);
        let over = self.r.pick(&[Kind::List, Kind::List, Kind::Dict, Kind::Size, Kind::Strs, Kind::Any]);
        let mut pipeline = self.pipeline(over, depth.min(1), scope);
        if over == Kind::Size {
            pipeline = if self.r.percent(70) {
                self.r.between(-1, 4).to_string()
            } else {
                format!("int {}", self.r.between(0, 3))
            };
        }
        let element = match over {
            Kind::Strs => Kind::Str,
            Kind::Size => Kind::Int,
            _ => Kind::Any,
        };
        match self.r.below(10) {
            0..4 => self.action(out, &format!("range {pipeline}")),
            4..6 => {
                let name = self.name();
                self.action(out, &format!("range {name} := {pipeline}"));
                scope.variables.push((name, Shape::Kind(element)));
            }
            6..9 => {
                let (key, name) = (self.name(), self.name());
                self.action(out, &format!("range {key}, {name} := {pipeline}"));
                scope
                    .variables
                    .push((key, Shape::Kind(if over == Kind::Dict { Kind::Str } else { Kind::Int })));
                scope.variables.push((name, Shape::Kind(element)));
            }
            _ => match scope.variables.last().cloned() {
                Some((name, _)) => self.action(out, &format!("range {name} = {pipeline}")),
                None => self.action(out, &format!("range $_, $_ := {pipeline}")),
            },
        }
        scope.dot = Shape::Kind(element);
        let was_in_range = std::mem::replace(&mut scope.in_range, true);
        let body = self.body(3, depth, scope);
        out.push_str(&body);
        scope.in_range = was_in_range;
        scope.dot = outer_dot;
        if self.r.percent(25) {
            self.action(out, "else");
            let body = self.body(2, depth, scope);
            out.push_str(&body);
        }
        self.action(out, "end");
        scope.variables.truncate(mark);
    }

    /// A source with helpers.
    pub(crate) fn definitions(&mut self, count: usize, depth: usize) -> String {
        let mut out = String::new();
        for _ in 0..count {
            let number = self.helpers.len();
            let name = match self.r.below(8) {
                0 => format!("chart.h{number}"),
                1 => format!("h {number}"),
                2 if number > 0 => self.helpers[self.r.below(number)].name.clone(),
                _ => format!("h{number}"),
            };
            let takes = match self.r.below(6) {
                0 => Shape::Kind(Kind::Str),
                1 => Shape::Kind(Kind::Dict),
                2 => Shape::Kind(Kind::Any),
                _ => Shape::Top,
            };
            let mut scope = Scope {
                dot: takes.clone(),
                dollar: takes.clone(),
                variables: Vec::new(),
                in_range: false,
                helpers: number,
            };
            let mut body = self.body(4, depth, &mut scope);
            if self.r.once_in(20) {
                body.clear();
            }
            let quoted = if self.r.once_in(10) { format!("`{name}`") } else { format!("\"{name}\"") };
            self.action(&mut out, &format!("define {quoted}"));
            out.push_str(&body);
            self.action(&mut out, "end");
            out.push_str(self.r.pick(&["\n", "", "\n\n", "text between"]));
            self.helpers.push(Helper { name, takes });
        }
        out
    }

    /// The main template.
    pub(crate) fn main(&mut self, statements: usize, depth: usize) -> String {
        let helpers = self.helpers.len();
        let mut scope =
            Scope { dot: Shape::Top, dollar: Shape::Top, variables: Vec::new(), in_range: false, helpers };
        if self.r.percent(20) {
            // Values with their structure known.
            let shape = Shape::Json(self.values.clone());
            scope.variables.push(("$v".to_owned(), shape));
            let body = self.body(statements, depth, &mut scope);
            return format!("{{{{ $v := .Values }}}}{body}");
        }
        self.body(statements, depth, &mut scope)
    }

    /// Whether there are any values.
    pub(crate) fn has_values(&self) -> bool {
        !matches!(&self.values, Json::Object(map) if map.is_empty())
    }
}
