//! Made-up expressions: of a kind that is wanted, from what is at hand, and now and then of another.

use serde_json::Value as Json;

use crate::documents;
use crate::functions::{Function, Functions, Kind, placeholder};
use crate::random::Random;
use crate::{texts, values};

/// What is known of a value that a template can name.
#[derive(Clone)]
pub(crate) enum Shape {
    /// What templates of a chart are executed with.
    Top,
    /// Just this.
    Json(Json),
    /// Something of a kind.
    Kind(Kind),
}

/// What an expression may name.
#[derive(Clone)]
pub(crate) struct Scope {
    pub(crate) dot: Shape,
    /// What `$` is.
    pub(crate) dollar: Shape,
    pub(crate) variables: Vec<(String, Shape)>,
    /// Whether `break` and `continue` may be used.
    pub(crate) in_range: bool,
    /// How many of the helpers may be called; those before, so that they end.
    pub(crate) helpers: usize,
}

/// A helper: its name, and what it is called with.
#[derive(Clone)]
pub(crate) struct Helper {
    pub(crate) name: String,
    pub(crate) takes: Shape,
}

/// Makes up expressions and, in `statements`, templates.
pub(crate) struct Maker<'r> {
    pub(crate) r: &'r mut Random,
    pub(crate) functions: &'static Functions,
    /// Of the question.
    pub(crate) values: Json,
    pub(crate) helpers: Vec<Helper>,
    /// Percent of arguments that are of the wrong kind.
    pub(crate) wrong: usize,
    /// Chapters whose functions are preferred.
    pub(crate) chapters: &'static [&'static str],
    pub(crate) next_name: usize,
    /// Nesting of `tpl` texts.
    pub(crate) in_text: usize,
}

impl Maker<'_> {
    /// An operand: parenthesised if need be.
    pub(crate) fn operand(&mut self, kind: Kind, depth: usize, scope: &Scope) -> String {
        let kind = if self.r.percent(self.wrong) { self.r.pick(Kind::ALL) } else { kind };
        if depth > 0 && self.r.percent(45) {
            let call = self.call(kind, depth, scope);
            return format!("({call})");
        }
        self.atom(kind, depth, scope)
    }

    /// A pipeline, without parentheses.
    pub(crate) fn pipeline(&mut self, kind: Kind, depth: usize, scope: &Scope) -> String {
        if depth == 0 || self.r.percent(15) {
            self.operand(kind, depth, scope)
        } else {
            self.call(kind, depth, scope)
        }
    }

    fn call(&mut self, kind: Kind, depth: usize, scope: &Scope) -> String {
        if self.r.percent(22) {
            let kind = self.narrow(kind);
            let patterns = self.functions.patterns(result_kind(kind));
            if !patterns.is_empty() {
                let pattern = self.r.pick(patterns);
                if let Some(text) = self.fill(pattern, depth, scope) {
                    return text;
                }
            }
        }
        match self.choose(kind) {
            Some(function) => self.call_of(function, kind, depth, scope),
            None => self.atom(kind, depth, scope),
        }
    }

    fn narrow(&mut self, kind: Kind) -> Kind {
        match kind {
            Kind::Any => self.r.pick(&[
                Kind::Str,
                Kind::Any,
                Kind::Int,
                Kind::List,
                Kind::Dict,
                Kind::Bool,
                Kind::Number,
                Kind::Object,
                Kind::Strs,
                Kind::Str,
                Kind::Any,
            ]),
            other => other,
        }
    }

    fn choose(&mut self, kind: Kind) -> Option<&'static Function> {
        let kind = self.narrow(kind);
        let kind = match kind {
            Kind::Number => self.r.pick(&[Kind::Int, Kind::Int64, Kind::Float]),
            Kind::List if self.r.percent(20) => Kind::Strs,
            other => result_kind(other),
        };
        // `default`, `first` and the like give anything.
        let kind = if self.r.percent(8) { Kind::Any } else { kind };
        let functions: &'static Functions = self.functions;
        if !self.chapters.is_empty() && self.r.percent(60) {
            let chapter = self.r.pick(self.chapters);
            let fitting: Vec<usize> = functions
                .chapter(chapter)
                .iter()
                .copied()
                .filter(|&i| functions.all[i].result == kind)
                .collect();
            if !fitting.is_empty() {
                return Some(&functions.all[self.r.pick(&fitting)]);
            }
        }
        let giving = functions.giving(kind);
        if giving.is_empty() {
            return None;
        }
        loop {
            let function = &functions.all[self.r.pick(giving)];
            // Slow, or the end of everything.
            let seldom = matches!(
                function.name,
                "derivePassword" | "fail" | "genPrivateKey" | "call" | "buildCustomCert"
            );
            if !seldom || self.r.once_in(40) {
                return Some(function);
            }
        }
    }

    /// A call of a function, plain or as the end of a pipeline.
    pub(crate) fn call_of(
        &mut self,
        function: &Function,
        wanted: Kind,
        depth: usize,
        scope: &Scope,
    ) -> String {
        let mut params = function.params.clone();
        if function.variadic
            && let Some(last) = params.pop()
        {
            params.extend(std::iter::repeat_n(last, self.r.below(4)));
        }
        if self.r.once_in(60) {
            if self.r.percent(50) { params.pop().map_or((), drop) } else { params.push(Kind::Any) }
        }
        // What is passed on should be what is wanted.
        let passes_on = matches!(
            function.name,
            "default"
                | "coalesce"
                | "ternary"
                | "required"
                | "first"
                | "and"
                | "or"
                | "deepCopy"
                | "list"
                | "append"
        );
        if passes_on && wanted != Kind::Any {
            for param in params.iter_mut().filter(|param| **param == Kind::Any) {
                *param = wanted;
            }
        }
        if let Some(texts) =
            params.first_mut().filter(|first| function.chapter == "regex" && **first == Kind::Pattern)
            && self.r.once_in(20)
        {
            *texts = Kind::Str;
        }
        let mut args: Vec<String> = Vec::new();
        let piped = !params.is_empty() && self.r.percent(40);
        let last = if piped { params.pop() } else { None };
        for &param in &params {
            args.push(self.operand(param, depth.saturating_sub(1), scope));
        }
        let mut text = String::new();
        if let Some(last) = last {
            text = self.pipeline(last, depth.saturating_sub(1), scope);
            text.push_str(self.r.pick(&[" | ", " | ", " | ", "|", "\n| ", " |\n  "]));
        }
        text.push_str(function.name);
        for arg in args {
            text.push_str(if self.r.once_in(60) { "  " } else { " " });
            text.push_str(&arg);
        }
        text
    }

    /// A pattern with its placeholders filled; `None` if it needs the top and there is no way to it.
    fn fill(&mut self, pattern: &str, depth: usize, scope: &Scope) -> Option<String> {
        let top = match (&scope.dot, &scope.dollar) {
            (Shape::Top, Shape::Top) => Some(if self.r.percent(70) { "." } else { "$" }),
            (Shape::Top, _) => Some("."),
            (_, Shape::Top) => Some("$"),
            _ => None,
        };
        let mut out = String::new();
        let mut rest = pattern;
        while let Some(at) = rest.find(['{', '@']) {
            out.push_str(&rest[..at]);
            if rest.as_bytes()[at] == b'@' {
                let top = top?;
                rest = &rest[at + 1..];
                if top == "." && rest.starts_with('.') {
                    continue;
                }
                out.push_str(top);
                continue;
            }
            let end = at + rest[at..].find('}')?;
            let kind = placeholder(&rest[at + 1..end])?;
            let operand = self.operand(kind, depth.saturating_sub(1), scope);
            out.push_str(&operand);
            rest = &rest[end + 1..];
        }
        out.push_str(rest);
        Some(out)
    }

    /// A constant, a variable, a field.
    pub(crate) fn atom(&mut self, kind: Kind, depth: usize, scope: &Scope) -> String {
        if self.r.once_in(150) {
            return (self.r.pick(&[
                "nil",
                ".",
                "$",
                ".nope",
                "$.nope",
                "(.)",
                ".Values.nope.deep",
                "(nil)",
                "$nope",
                "nope",
                "true",
                "(1)",
                "(\"a\")",
                "'x'",
                ".Values",
                "0x1p4",
                "1i",
                "017",
                "1_000",
            ]))
            .to_owned();
        }
        if kind != Kind::Fresh
            && self.r.percent(45)
            && let Some(name) = self.named(kind, scope)
        {
            return name;
        }
        self.literal(kind, depth, scope)
    }

    /// A variable or a path to a value that fits.
    fn named(&mut self, kind: Kind, scope: &Scope) -> Option<String> {
        let mut found: Vec<String> = Vec::new();
        for (name, shape) in &scope.variables {
            self.paths(&mut found, name, shape, kind);
        }
        self.paths(&mut found, "", &scope.dot, kind);
        if !matches!(scope.dot, Shape::Top) {
            self.paths(&mut found, "$", &scope.dollar, kind);
        }
        if found.is_empty() {
            return None;
        }
        Some(found[self.r.below(found.len())].clone())
    }

    fn paths(&self, found: &mut Vec<String>, name: &str, shape: &Shape, kind: Kind) {
        match shape {
            Shape::Top => {
                paths_in(found, &format!("{name}.Values"), &self.values, kind, 0);
                if kind == Kind::Context && name.is_empty() {
                    found.push(".".to_owned());
                }
            }
            Shape::Json(json) => paths_in(found, if name.is_empty() { "." } else { name }, json, kind, 0),
            Shape::Kind(known) if fits(*known, kind) => {
                found.push(if name.is_empty() { ".".to_owned() } else { name.to_owned() })
            }
            Shape::Kind(_) => {}
        }
    }

    /// A constant of a kind.
    pub(crate) fn literal(&mut self, kind: Kind, depth: usize, scope: &Scope) -> String {
        let text = match kind {
            Kind::Str => texts::text(self.r),
            Kind::Key => values::key(self.r),
            Kind::Lines => texts::lines(self.r),
            Kind::Pattern => texts::pattern(self.r),
            Kind::Replacement => texts::replacement(self.r),
            Kind::Haystack => texts::haystack(self.r),
            Kind::Version => texts::version(self.r),
            Kind::Constraint => texts::constraint(self.r),
            Kind::Layout => texts::layout(self.r),
            Kind::Date => texts::date(self.r),
            Kind::Duration => texts::duration(self.r),
            Kind::Zone => texts::zone(self.r),
            Kind::Url => texts::url(self.r),
            Kind::Path => texts::path(self.r),
            Kind::Yaml => documents::yaml(self.r),
            Kind::Json => documents::json(self.r),
            Kind::Toml => documents::toml(self.r),
            Kind::Base64 => texts::base64(self.r),
            Kind::Base32 => texts::base32(self.r),
            Kind::NumberText => texts::number(self.r),
            Kind::Format => texts::format(self.r).1,
            Kind::ReflectName => (self.r.pick(&[
                "string", "map", "slice", "int", "int64", "float64", "bool", "invalid", "ptr", "struct",
                "nope",
            ]))
            .to_owned(),
            Kind::TypeName => (self.r.pick(&[
                "string",
                "map[string]interface {}",
                "[]interface {}",
                "int",
                "int64",
                "float64",
                "bool",
                "*semver.Version",
                "common.Values",
                "[]string",
                "nope",
                "map",
            ]))
            .to_owned(),
            Kind::TemplateName => match self.helper(scope) {
                Some(helper) => helper.name,
                None => "nope".to_owned(),
            },
            Kind::TemplateText => {
                let inner = Scope {
                    variables: Vec::new(),
                    in_range: false,
                    dot: Shape::Top,
                    dollar: Shape::Top,
                    ..scope.clone()
                };
                if self.in_text > 1 || depth == 0 || self.r.percent(30) {
                    (self.r.pick(&[
                        "{{ .Values.s }}",
                        "a{{ . }}b",
                        "{{ define \"x\" }}d{{ end }}{{ include \"x\" . }}",
                        "{{ $ }}",
                        "x",
                        "",
                        "{{",
                        "{{ .Values.nope.x }}",
                        "{{ include \"h0\" . }}",
                        "{{ fail \"no\" }}",
                        "{{ $x := 1 }}{{ $x }}\n",
                        "{{ template \"nope\" }}",
                    ]))
                    .to_owned()
                } else {
                    self.in_text += 1;
                    let text = self.body(2, depth.min(2), &mut inner.clone());
                    self.in_text -= 1;
                    text
                }
            }
            _ => return self.other_literal(kind, depth, scope),
        };
        self.quoted(&text)
    }

    fn other_literal(&mut self, kind: Kind, depth: usize, scope: &Scope) -> String {
        let smaller = depth.saturating_sub(1);
        match kind {
            Kind::Int | Kind::Int64 => match self.r.below(12) {
                0 => (self.r.pick(&[
                    "0x1F",
                    "017",
                    "0b101",
                    "0o17",
                    "1_000",
                    "'a'",
                    "'\\n'",
                    "1e3",
                    "9223372036854775807",
                    "-9223372036854775808",
                    "18446744073709551615",
                    "+5",
                    "1.0",
                    "2147483648",
                    "'世'",
                ]))
                .to_owned(),
                1 => self.r.between(-100_000, 100_000).to_string(),
                _ => self.r.between(-5, 20).to_string(),
            },
            Kind::Size => match self.r.below(20) {
                0 => self.r.between(21, 300).to_string(),
                1 => self.r.between(-20, -1).to_string(),
                _ => self.r.between(-2, 12).to_string(),
            },
            Kind::Float | Kind::Number => match self.r.below(6) {
                0..2 => self.other_literal(Kind::Int, depth, scope),
                2..4 => (self.r.pick(&[
                    "1.5",
                    "0.1",
                    "-2.5",
                    "3.14159",
                    "1e6",
                    "1e-7",
                    "1e21",
                    "0.0",
                    "-0.0",
                    "1e308",
                    "123456789.0",
                    "2.5",
                    "1.005",
                    "0x1p-2",
                    "1e100",
                    ".5",
                    "5.",
                ]))
                .to_owned(),
                4 if kind == Kind::Number => {
                    let text = texts::number(self.r);
                    self.quoted(&text)
                }
                _ => {
                    let number = values::number(self.r).to_string();
                    if number.len() < 30 { number } else { "1.5".to_owned() }
                }
            },
            Kind::Bool => (self.r.pick(&["true", "false"])).to_owned(),
            Kind::Strs => match self.r.below(3) {
                0 => {
                    let text = texts::text(self.r);
                    format!(
                        "(splitList {} {})",
                        self.r.pick(&["\",\"", "\" \"", "\"\\n\"", "\"\"", "\".\""]),
                        self.quoted(&text)
                    )
                }
                _ => self.list_of(Kind::Str, 0, scope),
            },
            Kind::List => {
                let of =
                    self.r.pick(&[Kind::Any, Kind::Str, Kind::Int, Kind::Number, Kind::Dict, Kind::List]);
                self.list_of(of, smaller, scope)
            }
            Kind::Dict => {
                let mut text = "(dict".to_owned();
                for _ in 0..self.r.below(4) {
                    let key = values::key(self.r);
                    text.push(' ');
                    text.push_str(&self.quoted(&key));
                    text.push(' ');
                    text.push_str(&self.operand(Kind::Any, smaller, scope));
                }
                text.push(')');
                text
            }
            Kind::UrlDict => {
                let url = texts::url(self.r);
                format!("(urlParse {})", self.quoted(&url))
            }
            Kind::Time => {
                let (layout, date) = self.r.pick(&[
                    ("2006-01-02", "2020-02-29"),
                    ("2006-01-02T15:04:05Z07:00", "2021-03-28T12:34:56.789+02:00"),
                    ("2006-01-02", "0001-01-01"),
                    ("15:04", "23:59"),
                    ("2006-01-02 MST", "1999-12-31 CET"),
                    ("2006-01-02T15:04:05.999999999Z", "1969-12-31T23:59:59.5Z"),
                    ("2006", "9999"),
                ]);
                format!("(toDate \"{layout}\" \"{date}\")")
            }
            Kind::Object => {
                let version = texts::version(self.r);
                if self.r.percent(60) {
                    "(semver \"1.2.3-rc.1+b\")".to_owned()
                } else {
                    format!("(semver {})", self.quoted(&version))
                }
            }
            Kind::Bytes => match self.fill("(@.Files.GetBytes {path})", 0, scope) {
                Some(text) => text,
                None => "(list)".to_owned(),
            },
            Kind::Nil => (self.r.pick(&[
                "nil",
                "(dict).x",
                "(list nil | first)",
                "(first (list))",
                "(dict \"a\" nil).a",
            ]))
            .to_owned(),
            Kind::Context => {
                let shapes = ["@", "@", "@", "(dict \"ctx\" @ \"v\" {any})", "{any}", "(list @ {any})"];
                let shape = self.r.pick(&shapes);
                self.fill(shape, smaller, scope).unwrap_or_else(|| ".".to_owned())
            }
            Kind::Fresh => {
                let text = texts::text(self.r);
                match self.r.below(8) {
                    0..3 => self.quoted(&text),
                    3 => self.other_literal(Kind::Number, 0, scope),
                    4 => (self.r.pick(&[
                        "(dict)",
                        "(dict \"a\" 1)",
                        "(dict \"x\" (dict \"y\" nil))",
                        "(list)",
                        "(list 1 \"b\")",
                        "true",
                        "nil",
                        "(until 3)",
                    ]))
                    .to_owned(),
                    5 if depth > 0 => {
                        let call = self.call(Kind::Str, smaller, scope);
                        format!("({call})")
                    }
                    6 if depth > 0 => {
                        let operand = self.operand(Kind::Any, smaller, scope);
                        format!("(toJson {operand})")
                    }
                    _ => self.quoted(&text),
                }
            }
            _ => {
                let other = self.r.pick(&[
                    Kind::Str,
                    Kind::Str,
                    Kind::Str,
                    Kind::Int,
                    Kind::Number,
                    Kind::Bool,
                    Kind::List,
                    Kind::Dict,
                    Kind::Strs,
                    Kind::Nil,
                    Kind::Time,
                    Kind::Object,
                ]);
                self.literal(other, smaller, scope)
            }
        }
    }

    fn list_of(&mut self, kind: Kind, depth: usize, scope: &Scope) -> String {
        let mut text = "(list".to_owned();
        for _ in 0..self.r.below(5) {
            text.push(' ');
            text.push_str(&self.operand(kind, depth, scope));
        }
        text.push(')');
        text
    }

    /// A helper that may be called.
    pub(crate) fn helper(&mut self, scope: &Scope) -> Option<Helper> {
        if self.helpers.is_empty() {
            return None;
        }
        // Seldom one that is being defined, or a later one: this may never end.
        let count =
            if self.r.once_in(150) { self.helpers.len() } else { scope.helpers.min(self.helpers.len()) };
        if count == 0 { None } else { Some(self.helpers[self.r.below(count)].clone()) }
    }

    /// A text as a constant.
    pub(crate) fn quoted(&mut self, text: &str) -> String {
        if !text.contains('`') && !text.contains('\r') && self.r.once_in(6) {
            return format!("`{text}`");
        }
        let mut out = String::from("\"");
        for c in text.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\r' => out.push_str("\\r"),
                '\0'..' ' | '\u{7f}' => out.push_str(&format!("\\x{:02x}", c as u32)),
                c if (c as u32) < 0x80 || self.r.percent(80) => out.push(c),
                c if (c as u32) < 0x10000 => out.push_str(&format!("\\u{:04x}", c as u32)),
                c => out.push_str(&format!("\\U{:08x}", c as u32)),
            }
        }
        if self.r.once_in(120) {
            out.push_str(self.r.pick(&[
                "\\xff",
                "\\xc3",
                "\\xe4\\xb8",
                "\\377",
                "\\x80z",
                "\\xed\\xa0\\x80",
            ]));
        }
        out.push('"');
        out
    }
}

/// What functions give that are asked for a kind.
fn result_kind(kind: Kind) -> Kind {
    match kind {
        kind if kind.is_text() => Kind::Str,
        Kind::Size => Kind::Int,
        Kind::Fresh => Kind::Str,
        Kind::Context => Kind::Dict,
        other => other,
    }
}

fn fits(known: Kind, wanted: Kind) -> bool {
    let base = |kind| match result_kind(kind) {
        Kind::Strs => Kind::List,
        Kind::UrlDict => Kind::Dict,
        other => other,
    };
    wanted == Kind::Any
        || base(known) == base(wanted)
        || (wanted == Kind::Number && matches!(known, Kind::Int | Kind::Int64 | Kind::Float))
}

/// The paths to what fits.
fn paths_in(found: &mut Vec<String>, path: &str, json: &Json, wanted: Kind, depth: usize) {
    let is_right = match json {
        Json::String(_) => wanted.is_text(),
        Json::Number(_) => matches!(wanted, Kind::Number | Kind::Float),
        Json::Bool(_) => wanted == Kind::Bool,
        Json::Array(_) => wanted == Kind::List,
        Json::Object(_) => matches!(wanted, Kind::Dict | Kind::Context),
        Json::Null => wanted == Kind::Nil,
    };
    if is_right || (wanted == Kind::Any && depth > 0) {
        found.push(path.to_owned());
    }
    if let Json::Object(map) = json
        && depth < 4
    {
        for (key, value) in map {
            let is_name = !key.is_empty()
                && !key.starts_with(|c: char| c.is_ascii_digit())
                && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if is_name {
                let start = if path == "." { "" } else { path };
                paths_in(found, &format!("{start}.{key}"), value, wanted, depth + 1);
            }
        }
    }
}
