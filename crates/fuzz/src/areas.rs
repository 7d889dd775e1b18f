//! The areas: what kinds of questions there are.

use serde_json::{Map, Value as Json, json};

use crate::expressions::{Maker, Scope, Shape};
use crate::functions::{Functions, Kind};
use crate::random::Random;
use crate::{documents, texts, values};

/// Makes up a question.
type Make = fn(&mut Random) -> Map<String, Json>;

/// The areas, their shares of a mixed run, and how to make a question of each.
pub(crate) const AREAS: &[(&str, usize, Make)] = &[
    ("mixed", 30, mixed),
    ("control", 10, control),
    ("calls", 14, calls),
    ("printf", 6, printf),
    ("strings", 5, |r| chapters(r, &["strings", "builtins"])),
    ("lists", 5, |r| chapters(r, &["lists", "dicts", "flow"])),
    ("numbers", 5, |r| chapters(r, &["numbers", "flow"])),
    ("regex", 5, |r| chapters(r, &["regex"])),
    ("dates", 3, |r| chapters(r, &["dates"])),
    ("semver", 3, |r| chapters(r, &["semver"])),
    ("urls", 2, |r| chapters(r, &["urls", "paths", "encoding"])),
    ("objects", 4, objects),
    ("yaml-read", 6, |r| read(r, "fromYaml", documents::yaml)),
    ("yaml-values", 4, yaml_values),
    ("yaml-emit", 6, |r| emit(r, &["toYaml", "toYamlPretty", "mustToYaml", "toYaml"])),
    ("json", 4, |r| {
        if r.percent(50) {
            read(r, "fromJson", documents::json)
        } else {
            emit(r, &["toJson", "toPrettyJson", "toRawJson", "mustToJson"])
        }
    }),
    ("toml", 4, |r| {
        if r.percent(60) { read(r, "fromToml", documents::toml) } else { emit(r, &["toToml", "mustToToml"]) }
    }),
    ("set", 4, set),
    ("shared", 5, shared),
    ("broken", 8, broken),
    ("errors", 5, errors),
];

/// A question of an area, or of any.
pub(crate) fn question(r: &mut Random, area: Option<&str>) -> Option<(&'static str, Json)> {
    let index = match area {
        Some(area) => AREAS.iter().position(|(name, ..)| *name == area)?,
        None => r.weighted(&AREAS.iter().map(|(_, share, _)| *share).collect::<Vec<_>>()),
    };
    let (name, _, make) = AREAS[index];
    Some((name, Json::Object(make(r))))
}

fn maker<'r>(r: &'r mut Random, values: &Map<String, Json>, chapters: &'static [&'static str]) -> Maker<'r> {
    let wrong = r.pick(&[0, 0, 1, 3, 8]);
    Maker {
        r,
        functions: Functions::get(),
        values: Json::Object(values.clone()),
        helpers: Vec::new(),
        wrong,
        chapters,
        next_name: 0,
        in_text: 0,
    }
}

fn top() -> Scope {
    Scope { dot: Shape::Top, dollar: Shape::Top, variables: Vec::new(), in_range: false, helpers: 0 }
}

fn some_files(r: &mut Random, question: &mut Map<String, Json>) {
    if r.percent(75) {
        let mut files = json!({"a.txt": "alpha\nbeta\n", "conf/a.txt": "k=v\n", "conf/x.conf": "  two\n\n\nlines  \n\n", "conf/deep/z.conf": "z", "empty": "", "bin/data": "\u{0}\u{1}é"});
        if let Json::Object(files) = &mut files
            && r.percent(30)
        {
            files.insert(texts::path(r), Json::from(texts::text(r)));
            files.insert("v.yaml".to_owned(), Json::from(documents::yaml(r)));
        }
        question.insert("files".to_owned(), files);
    }
}

fn some_flags(r: &mut Random, question: &mut Map<String, Json>) {
    if r.once_in(12) {
        question.insert("set".to_owned(), json!([values::set_flag(r)]));
    }
    if r.once_in(20) {
        question.insert("upgrade".to_owned(), Json::from(true));
    }
    if r.once_in(20) {
        let version = if r.percent(60) {
            (r.pick(&["1.22", "v1.30.2", "1.27.3-gke.100", "1.25.0+k3s1", "v1.31", "1.29.0-rc.1"])).to_owned()
        } else {
            texts::version(r)
        };
        question.insert("kubeVersion".to_owned(), Json::from(version));
    }
    if r.once_in(20) {
        question.insert("apiVersions".to_owned(), json!(["apps/v1/Deployment", texts::text(r)]));
    }
}

/// A whole program.
fn program(r: &mut Random, statements: usize, depth: usize) -> Map<String, Json> {
    let mut question = Map::new();
    let mut values = values::values(r);
    if r.once_in(10) {
        // Read from text, which gives other types and places.
        let yaml = documents::yaml(r);
        question.insert("valuesYaml".to_owned(), Json::from(yaml));
        values = Map::new();
    }
    some_files(r, &mut question);
    some_flags(r, &mut question);
    let mut maker = maker(r, &values, &[]);
    let mut templates = Map::new();
    if maker.r.percent(60) {
        let count = 1 + maker.r.below(4);
        let source = maker.definitions(count, depth);
        templates.insert("_helpers.tpl".to_owned(), Json::from(source));
        if maker.r.percent(25) {
            let source = maker.definitions(1, depth);
            templates.insert(
                (maker.r.pick(&["sub/_p.tpl", "_a.tpl", "z.tpl", "t.tpl", "deep/er/_x.yaml"])).to_owned(),
                Json::from(source),
            );
        }
    }
    let mut own = String::new();
    if maker.r.percent(20) {
        own = maker.definitions(1, depth);
    }
    if maker.r.percent(15) {
        let source = maker.main(2, 1);
        templates.insert(
            (maker.r.pick(&["a.yaml", "z.yaml", "sub/b.yaml", "NOTES.txt", "_n.txt"])).to_owned(),
            Json::from(source),
        );
    }
    let main = maker.main(statements, depth);
    let has_values = maker.has_values();
    question.insert("template".to_owned(), Json::from(own + &main));
    if !templates.is_empty() {
        question.insert("templates".to_owned(), Json::Object(templates));
    }
    if has_values {
        question.insert("values".to_owned(), Json::Object(values));
    }
    question
}

fn mixed(r: &mut Random) -> Map<String, Json> {
    let (statements, depth) = r.pick(&[(2, 1), (4, 2), (6, 3), (10, 3), (4, 4)]);
    program(r, statements, depth)
}

/// Much control flow, simple expressions.
fn control(r: &mut Random) -> Map<String, Json> {
    let values = values::values(r);
    let mut question = Map::new();
    let mut maker = maker(r, &values, &["builtins"]);
    let count = maker.r.below(3);
    let definitions = maker.definitions(count, 2);
    let main = maker.main(6, 4);
    question.insert(
        "template".to_owned(),
        Json::from(if maker.r.percent(50) { definitions + &main } else { main + &definitions }),
    );
    question.insert("values".to_owned(), Json::Object(values));
    question
}

/// How a value is shown, so that its type and its parts are seen.
const SHOWN: &[&str] = &[
    "{{ X }}",
    "{{ X | toJson }}",
    "{{ X | printf \"%#v\" }}",
    "{{ X | typeOf }}",
    "{{ X | quote }}",
    "{{ $r := X }}{{ printf \"%#v|%T|%v|%s|%q\" $r $r $r $r $r }}",
    "{{ X | toYaml }}",
    "{{ list (X) | toJson }}",
    "{{ range $k, $v := X }}[{{ $k }}={{ $v }}]{{ end }}",
    "{{ X | printf \"%+v\" }}",
    "{{ with X }}{{ . }}{{ else }}-{{ end }}",
    "{{ X | b64enc }}",
    "{{ X | toString | b64enc }}",
    "{{ X | len }}",
    "{{ X | print 1 }}",
    "{{ X | kindOf }}",
];

fn shown(r: &mut Random, expression: &str) -> String {
    (r.pick(SHOWN)).replace('X', expression)
}

/// Calls of any functions.
fn calls(r: &mut Random) -> Map<String, Json> {
    chapters(r, &[])
}

/// Calls of the functions of some chapters.
fn chapters(r: &mut Random, chapters: &'static [&'static str]) -> Map<String, Json> {
    let values = values::values(r);
    let mut question = Map::new();
    if chapters.is_empty() {
        some_files(r, &mut question);
    }
    let mut maker = maker(r, &values, chapters);
    let functions = maker.functions;
    let mut template = String::new();
    for _ in 0..1 + maker.r.below(3) {
        let index = match chapters {
            [] => maker.r.below(functions.all.len()),
            _ => {
                let chapter = maker.r.pick(chapters);
                maker.r.pick(functions.chapter(chapter))
            }
        };
        let function = &functions.all[index];
        if matches!(function.name, "derivePassword" | "genPrivateKey") && !maker.r.once_in(30) {
            continue;
        }
        let depth = maker.r.below(3);
        let call = if maker.r.once_in(8) {
            maker.pipeline(function.result, 2, &top())
        } else {
            maker.call_of(function, Kind::Any, depth, &top())
        };
        template.push_str(&shown(maker.r, &call));
    }
    question.insert("template".to_owned(), Json::from(template));
    question.insert("values".to_owned(), Json::Object(values));
    question
}

fn printf(r: &mut Random) -> Map<String, Json> {
    let values = values::values(r);
    let mut question = Map::new();
    let mut maker = maker(r, &values, &[]);
    let mut template = String::new();
    for _ in 0..1 + maker.r.below(3) {
        let (wanted, format) = texts::format(maker.r);
        let mut call = format!("printf {}", maker.quoted(&format));
        let off = maker.r.below(12);
        let count = if off == 0 { wanted + 1 } else { wanted.saturating_sub(usize::from(off == 1)) };
        for _ in 0..count {
            let kind = maker.r.pick(&[
                Kind::Str,
                Kind::Int,
                Kind::Number,
                Kind::Float,
                Kind::Any,
                Kind::Bool,
                Kind::List,
                Kind::Dict,
                Kind::Int64,
                Kind::Time,
                Kind::Object,
                Kind::Bytes,
                Kind::Strs,
            ]);
            let depth = maker.r.below(2);
            let operand = maker.operand(kind, depth, &top());
            call.push(' ');
            call.push_str(&operand);
        }
        template.push_str(&format!("[{{{{ {call} }}}}]"));
    }
    question.insert("template".to_owned(), Json::from(template));
    question.insert("values".to_owned(), Json::Object(values));
    some_files(r, &mut question);
    question
}

/// The objects of Helm.
fn objects(r: &mut Random) -> Map<String, Json> {
    let mut question = Map::new();
    let values = values::values(r);
    some_files(r, &mut question);
    some_flags(r, &mut question);
    let mut maker = maker(r, &values, &["helm"]);
    let mut template = String::new();
    for _ in 0..1 + maker.r.below(3) {
        let object = (maker.r.pick(&[
            ".",
            ".Capabilities",
            ".Capabilities.KubeVersion",
            ".Capabilities.APIVersions",
            ".Capabilities.HelmVersion",
            ".Chart",
            ".Release",
            ".Files",
            ".Values",
            ".Template",
            ".Subcharts",
            "(.Files.Glob \"**\")",
            "(.Files.GetBytes \"a.txt\")",
            "(semver \"1.2.3-a+b\")",
            "(toDate \"2006\" \"2020\")",
            "(urlParse \"http://a/b?c\")",
            "(toDate \"2006-01-02\" \"2020-05-06\").Month",
        ]))
        .to_owned();
        let expression = match maker.r.below(6) {
            0 => object,
            1 => {
                let field = maker.r.pick(&[
                    "Name",
                    "Version",
                    "Major",
                    "Minor",
                    "String",
                    "GitVersion",
                    "Get \"a.txt\"",
                    "Has \"v1\"",
                    "nope",
                    "Nope",
                    "AsMap",
                    "YAML",
                    "Lines \"a.txt\"",
                    "Glob \"*\"",
                    "AsConfig",
                    "AsSecrets",
                    "normalized",
                    "Version.x",
                    "Keys",
                    "Unix",
                    "Year",
                    "Maintainers",
                    "Dependencies",
                    "Annotations",
                    "GetBytes \"conf/a.txt\"",
                    "Patch",
                    "IsRoot",
                    "Table \"m\"",
                    "PathValue \"m.a\"",
                ]);
                format!("{object}.{field}").replace("..", ".")
            }
            2 => {
                let function = maker.r.below(maker.functions.all.len());
                let function = &maker.functions.all[function];
                format!("{object} | {}", function.name)
            }
            3 => format!(
                "{} {object}",
                maker.r.pick(&[
                    "toYaml",
                    "toJson",
                    "toToml",
                    "typeOf",
                    "kindOf",
                    "len",
                    "keys",
                    "empty",
                    "not",
                    "deepCopy",
                    "print",
                    "quote",
                    "toString",
                    "first",
                    "index",
                    "fromYaml",
                    "toYamlPretty",
                    "toPrettyJson",
                    "list",
                    "html",
                    "eq nil",
                    "deepEqual 1",
                    "default 1",
                    "mustToJson",
                    "merge (dict)",
                    "has 1",
                    "int",
                    "float64"
                ])
            ),
            _ => maker.pipeline(Kind::Any, 2, &top()),
        };
        if expression.starts_with("keys ") {
            template.push_str(&format!("{{{{ {expression} | sortAlpha }}}}"));
            continue;
        }
        template.push_str(&shown(maker.r, &expression));
    }
    question.insert("template".to_owned(), Json::from(template));
    question.insert("values".to_owned(), Json::Object(values));
    question
}

/// A document read by a function.
fn read(r: &mut Random, function: &str, make: fn(&mut Random) -> String) -> Map<String, Json> {
    let text = make(r);
    let function = match (function, r.below(8)) {
        ("fromYaml", 0) => "fromYamlArray",
        ("fromJson", 0) => "fromJsonArray",
        ("fromJson", 1..4) => "mustFromJson",
        (name, _) => name,
    };
    let shown = r.pick(&["toJson", "toYaml", "printf \"%#v\"", "toJson", "toToml", "toYamlPretty", "print"]);
    json_object(
        json!({"template": format!("{{{{ {function} .Values.s | {shown} }}}}"), "values": {"s": text}}),
    )
}

fn json_object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}

/// A values file.
fn yaml_values(r: &mut Random) -> Map<String, Json> {
    let yaml = documents::yaml(r);
    let template = r.pick(&["{{ toJson .Values }}", "{{ toYaml .Values }}", "{{ .Values }}", "{{ printf \"%#v\" .Values }}", "{{ range $k, $v := .Values }}{{ $k }}={{ $v }}:{{ typeOf $v }}:{{ printf \"%v %d %s %q\" $v $v $v $v }}\n{{ end }}", "{{ toToml .Values }}", "{{ .Values.a }} {{ .Values.b }}"]);
    let mut question = json_object(json!({"template": template, "valuesYaml": yaml}));
    if r.once_in(4) {
        question.insert("set".to_owned(), json!([values::set_flag(r)]));
    }
    question
}

/// A value written by a function.
fn emit(r: &mut Random, functions: &[&str]) -> Map<String, Json> {
    let value = if r.percent(30) {
        json!({texts::text(r): texts::text(r), "l": [texts::text(r), {texts::odd(r, 5): texts::lines(r)}]})
    } else {
        values::value(r, 4)
    };
    let function = r.pick(functions);
    if r.percent(25) {
        let values = values::values(r);
        let mut maker = maker(r, &values, &[]);
        let expression = maker.operand(Kind::Any, 2, &top());
        return json_object(
            json!({"template": format!("{{{{ {function} {expression} }}}}"), "values": values}),
        );
    }
    let around = r.pick(&[
        "{{ F .Values.v }}",
        "a:\n  {{- F .Values.v | nindent 2 }}",
        "{{ F (dict \"k\" .Values.v) }}",
        "{{ F (list .Values.v (list .Values.v)) }}",
        "{{ F .Values.v | b64enc }}",
        "{{ F .Values }}",
    ]);
    json_object(json!({"template": around.replace('F', function), "values": {"v": value}}))
}

/// Flags of the `--set` family.
fn set(r: &mut Random) -> Map<String, Json> {
    let mut question = Map::new();
    question.insert(
        "template".to_owned(),
        Json::from(r.pick(&[
            "{{ toJson .Values }}",
            "{{ toJson .Values }}|{{ range $k, $v := .Values }}{{ $k }}:{{ typeOf $v }} {{ end }}",
            "{{ printf \"%#v\" .Values }}",
        ])),
    );
    if r.percent(60) {
        question.insert("values".to_owned(), Json::Object(values::values(r)));
    }
    for (key, share) in [("set", 70), ("setString", 25), ("setLiteral", 15), ("setJson", 25)] {
        if r.percent(share) {
            let flags: Vec<String> = (0..1 + r.below(2))
                .map(|_| if key == "setJson" { values::set_json_flag(r) } else { values::set_flag(r) })
                .collect();
            question.insert(key.to_owned(), json!(flags));
        }
    }
    question
}

/// Values changed by one template and seen by others.
fn shared(r: &mut Random) -> Map<String, Json> {
    let values = values::values(r);
    let mut question = Map::new();
    let mut maker = maker(r, &values, &["dicts", "lists"]);
    let mut templates = Map::new();
    for name in ["a.yaml", "z.yaml", "sub/b.yaml", "u.tpl"] {
        if maker.r.percent(40) {
            let change = changes(&mut maker);
            templates.insert(name.to_owned(), Json::from(change));
        }
    }
    let helper = changes(&mut maker);
    templates.insert("_h.tpl".to_owned(), Json::from(format!("{{{{ define \"h\" }}}}{helper}{{{{ end }}}}")));
    let before = changes(&mut maker);
    let call = maker.r.pick(&[
        "{{ include \"h\" . }}",
        "{{ template \"h\" . }}",
        "{{ tpl \"{{ include \\\"h\\\" . }}\" $ }}",
        "",
    ]);
    question.insert(
        "template".to_owned(),
        Json::from(format!("{before}{call}{{{{ toJson .Values }}}}{{{{ .Values }}}}")),
    );
    question.insert("templates".to_owned(), Json::Object(templates));
    question.insert("values".to_owned(), Json::Object(values));
    question
}

fn changes(maker: &mut Maker<'_>) -> String {
    let mut out = String::new();
    for _ in 0..1 + maker.r.below(3) {
        let map = maker.operand(Kind::Dict, 0, &top());
        let key = maker.operand(Kind::Key, 0, &top());
        let fresh = maker.operand(Kind::Fresh, 1, &top());
        let list = maker.operand(Kind::List, 1, &top());
        let other = maker.operand(Kind::Dict, 1, &top());
        let change = match maker.r.below(12) {
            0..3 => format!("$_ := set {map} {key} {fresh}"),
            3 => format!("$_ := unset {map} {key}"),
            4 => format!("$_ := set .Values {key} {fresh}"),
            5 => format!("$_ := merge {map} (deepCopy {other})"),
            6 => format!("$_ := mergeOverwrite {map} (deepCopy {other})"),
            7 => format!("$_ := sortAlpha {list}"),
            8 => {
                format!("$x := {list}")
                    + "}}{{ $y := append $x 1 }}{{ $z := append $x 2 }}{{ $y }}{{ $z }}{{ $x"
            }
            9 => format!("$x := {map}") + "}}{{ $y := $x }}{{ $_ := set $y \"new\" 1 }}{{ $x",
            10 => {
                format!("$x := {map}")
                    + "}}{{ range $k, $v := $x }}{{ $_ := set $x (printf \"%s2\" $k) 1 }}{{ end }}{{ $x"
            }
            _ => {
                format!("$x := {list}")
                    + "}}{{ $y := slice $x 0 }}{{ $_ := sortAlpha $y }}{{ $x }}{{ reverse $x }}{{ $y"
            }
        };
        out.push_str(&format!("{{{{ {change} }}}}"));
    }
    out
}

/// A program with mistakes in its text.
fn broken(r: &mut Random) -> Map<String, Json> {
    const PIECES: &[&str] = &[
        "{{",
        "}}",
        "{{-",
        "-}}",
        "{{ ",
        " }}",
        "end",
        "{{ end }}",
        "{{ else }}",
        "else",
        "if",
        "range",
        "with",
        "define",
        "template",
        "block",
        "break",
        "continue",
        "(",
        ")",
        "|",
        ",",
        ":=",
        "=",
        "$",
        "$x",
        ".",
        "..",
        ".x",
        "\"",
        "`",
        "'",
        "'a'",
        "'ab'",
        "/*",
        "*/",
        "{{/*",
        "*/}}",
        "nil",
        "true",
        " ",
        "\n",
        "\t",
        "1",
        "1.5",
        "0x",
        "1e",
        "1_",
        "-",
        "+",
        "!",
        "@",
        "#",
        "%",
        "^",
        "&",
        "*",
        ";",
        "\\",
        "é",
        "\u{a0}",
        "\u{0}",
        "nope",
        "$.x",
        "[",
        "]",
        "{",
        "}",
        "{{ break }}",
        "{{ continue }}",
        "{{ end }}{{ end }}",
        "{{ define \"x\" }}",
        "{{ template \"x\" }}",
        "1i",
        "0b12",
        "\"\\q\"",
        "{{ /* c */ }}",
        "else if",
        "else with",
        "range $i, $e :=",
    ];
    let (statements, depth) = r.pick(&[(2, 1), (3, 2), (4, 3)]);
    let mut question = program(r, statements, depth);
    let key = "template";
    if let Some(Json::String(text)) = question.get_mut(key) {
        for _ in 0..1 + r.below(3) {
            texts::damage(r, text, PIECES);
        }
    }
    if r.once_in(6)
        && let Some(Json::Object(templates)) = question.get_mut("templates")
        && let Some(Json::String(text)) = templates.values_mut().next()
    {
        texts::damage(r, text, PIECES);
    }
    question
}

/// What fails, deep inside.
fn errors(r: &mut Random) -> Map<String, Json> {
    let mut question = program(r, 3, 2);
    let failing = (r.pick(&[
        "{{ fail \"stop\" }}",
        "{{ required \"need it\" .Values.nope }}",
        "{{ .Values.nope.deeper }}",
        "{{ include \"nope\" . }}",
        "{{ template \"nope\" . }}",
        "{{ index .Values \"s\" \"x\" }}",
        "{{ tpl \"{{ fail `in text` }}\" . }}",
        "{{ tpl \"{{ nope }}\" . }}",
        "{{ tpl \"{{ .Values.nope.x }}\" . }}",
        "{{ upper 1 }}",
        "{{ 1 | upper }}",
        "{{ fail \"two\\nlines: x\" }}",
        "{{ mustFromJson \"{\" }}",
        "{{ mustRegexMatch \"(\" \"a\" }}",
        "{{ semver \"x\" }}",
        "{{ first 1 }}",
        "{{ \"a\" | index 1 }}",
        "{{ range 1.5 }}{{ end }}",
        "{{ if lt 1 \"a\" }}{{ end }}",
        "{{ .Values.s.x.y }}",
        "{{ fail \"\" }}",
        "{{ fail \": template: x\" }}",
        "{{ required \"a: b\" \"\" }}",
        "{{ nil }}",
        "{{ $x := nil }}",
        "{{ include \"rec\" . }}",
        "{{ template \"x\" .Values.nope.x }}",
        "{{ (index .Values.list 99).x }}",
        "{{ .Release.Name.x }}",
        "{{ .Chart.Name \"a\" }}",
        "{{ .Files.Get 1 }}",
        "{{ .Files.Get }}",
        "{{ .Capabilities.APIVersions.Has }}",
        "{{ .Capabilities.Nope }}",
        "{{ fromYaml .Values.list }}",
        "{{ printf 1 }}",
        "{{ len 3 }}",
        "{{ slice 1 2 }}",
        "{{ not 1 2 }}",
        "{{ eq 1 \"a\" }}",
    ]))
    .to_owned();
    let around = r.pick(&["X", "{{ if true }}X{{ end }}", "{{ range until 3 }}X{{ end }}", "{{ with 1 }}{{ with $ }}X{{ end }}{{ end }}", "{{ define \"e\" }}X{{ end }}{{ include \"e\" . }}", "{{ define \"e\" }}X{{ end }}{{ define \"f\" }}{{ include \"e\" . }}{{ end }}{{ include \"f\" . | quote }}", "{{ define \"e\" }}X{{ end }}{{ template \"e\" . }}", "{{ define \"e\" }}X{{ end }}{{ define \"f\" }}{{ template \"e\" . }}{{ end }}{{ include \"f\" $ | nindent 2 }}", "{{ define \"e\" }}X{{ end }}{{ tpl \"{{ include `e` . }}\" . }}", "{{ define \"e\" }}X{{ end }}{{ tpl \"{{ tpl `{{ include \\\"e\\\" . }}` . }}\" . }}", "{{ block \"b\" . }}X{{ end }}"]);
    let text = around.replace('X', &failing);
    let place = r.below(4);
    let templates = question.entry("templates").or_insert_with(|| json!({}));
    if let Json::Object(templates) = templates {
        templates.insert(
            "_rec.tpl".to_owned(),
            Json::from("{{ define \"rec\" }}{{ include \"rec\" . }}{{ end }}\n\n"),
        );
        match place {
            0 => {
                templates.insert(
                    "_e.tpl".to_owned(),
                    Json::from(format!("\n\n  {{{{- define \"err\" -}}}}\n  {text}{{{{ end }}}}")),
                );
            }
            1 => {
                templates.insert(
                    (r.pick(&["a.yaml", "zz.yaml", "sub/c.yaml", "NOTES.txt"])).to_owned(),
                    Json::from(text.clone()),
                );
            }
            _ => {}
        }
    }
    let call = if place == 0 {
        "{{ include \"err\" . }}".to_owned()
    } else if place == 1 {
        String::new()
    } else {
        text
    };
    if let Some(Json::String(main)) = question.get_mut("template") {
        if r.percent(50) {
            main.push_str(&call);
        } else {
            *main = format!("{call}{main}");
        }
    }
    question
}
