//! Made-up documents: YAML, JSON and TOML as text, mostly correct.

use crate::random::Random;
use crate::texts;

const YAML_DAMAGE: &[&str] = &[
    "\n", " ", "  ", "\t", ":", ": ", "- ", "-", "?", "? ", ",", "[", "]", "{", "}", "#", " #", "&a ", "*a",
    "*a ", "!", "!!str ", "!!int ", "|", ">", "|-\n", "'", "\"", "%", "@", "`", "---\n", "...\n", "\n---\n",
    "<<: ", "~", "\\", "\r\n", "\r", "\u{85}", "\u{2028}", "\u{feff}", "é", "\u{0}", "\u{7f}", "x", "1",
];

/// A YAML text.
pub(crate) fn yaml(r: &mut Random) -> String {
    let mut out = String::new();
    let mut writer = Yaml { anchors: 0, out: &mut out };
    if r.once_in(20) {
        writer.out.push_str(r.pick(&[
            "---\n",
            "--- \n",
            "%YAML 1.1\n---\n",
            "# comment\n",
            "\u{feff}",
            "\n\n",
            "--- # c\n",
            "%TAG ! tag:x,2000:\n---\n",
            "...\n",
        ]));
    }
    match r.below(10) {
        0..7 => writer.map(r, 0, 3),
        7 => writer.sequence(r, 0, 3),
        8 => {
            writer.flow(r, 3);
            writer.out.push('\n');
        }
        _ => {
            writer.scalar(r, 0, true);
            writer.out.push('\n');
        }
    }
    if r.once_in(15) {
        let more = r.pick(&["---\n", "...\n", "---\nb: 2\n", "...\n---\nz: 1\n", "--- x\n"]);
        out.push_str(more);
    }
    if r.once_in(12) {
        out = out.replace('\n', "\r\n");
    }
    if r.once_in(5) {
        out.truncate(out.trim_end().len());
    }
    if r.percent(22) {
        for _ in 0..1 + r.below(3) {
            texts::damage(r, &mut out, YAML_DAMAGE);
        }
    }
    out
}

struct Yaml<'o> {
    anchors: usize,
    out: &'o mut String,
}

impl Yaml<'_> {
    fn indent(&mut self, by: usize) {
        self.out.extend(std::iter::repeat_n(' ', by));
    }

    fn comment(&mut self, r: &mut Random, by: usize) {
        if r.once_in(14) {
            self.indent(if r.once_in(3) { by + 2 } else { by });
            self.out.push_str(r.pick(&["# c\n", "#\n", "\n", "  \n", "\t\n", "# é: x\n"]));
        }
    }

    /// An anchor or a tag before a node.
    fn property(&mut self, r: &mut Random) {
        if r.once_in(14) {
            self.anchors += 1;
            self.out.push_str(&format!("&a{} ", self.anchors));
        }
        if r.once_in(18) {
            self.out.push_str(r.pick(&[
                "!!str ",
                "!!int ",
                "!!float ",
                "!!bool ",
                "!!null ",
                "!!map ",
                "!!seq ",
                "!!binary ",
                "!!timestamp ",
                "!x ",
                "! ",
                "!<tag:yaml.org,2002:str> ",
                "!!set ",
                "!!omap ",
            ]));
        }
    }

    fn map(&mut self, r: &mut Random, by: usize, depth: usize) {
        for _ in 0..1 + r.below(4) {
            self.comment(r, by);
            self.indent(by);
            if r.once_in(25) && self.anchors > 0 {
                let anchor = 1 + r.below(self.anchors);
                self.out.push_str(&format!("<<: *a{anchor}\n"));
                continue;
            }
            self.key(r);
            self.value(r, by, depth, false);
        }
    }

    fn sequence(&mut self, r: &mut Random, by: usize, depth: usize) {
        for _ in 0..1 + r.below(4) {
            self.comment(r, by);
            self.indent(by);
            self.out.push('-');
            self.value(r, by, depth, true);
        }
    }

    fn key(&mut self, r: &mut Random) {
        const KEYS: &[&str] = &[
            "a",
            "b",
            "c",
            "name",
            "x-y",
            "x.y",
            "1",
            "1.5",
            "true",
            "yes",
            "y",
            "on",
            "null",
            "~",
            "0x1F",
            "é",
            "世界",
            "\"q k\"",
            "'s'",
            "a b",
            "\"\"",
            "''",
            "\"\\u00e9\"",
            "-1",
            "2020-01-02",
            ".inf",
            "1e3",
            "-a",
            "a#b",
            "<<",
            "=",
        ];
        if r.once_in(30) {
            self.out.push_str(r.pick(&[
                "? a\n: ",
                "? [a, b]\n: ",
                "[a]: ",
                "{a: b}: ",
                "&k key",
                "*a1 ",
                "!!str 1",
                "? |\n  k\n: ",
            ]));
        }
        self.out.push_str(r.pick(KEYS));
        self.out.push_str(r.pick(&[":", ":", ":", ":", ":", ":", " :", ":\t"]));
    }

    /// What follows a colon or a dash.
    fn value(&mut self, r: &mut Random, by: usize, depth: usize, in_sequence: bool) {
        let kind = if depth == 0 { 4 + r.below(8) } else { r.below(12) };
        match kind {
            0..2 => {
                self.out.push(' ');
                if in_sequence && r.percent(70) {
                    // A map that starts on the line of the dash.
                    let before = self.out.len();
                    self.map(r, by + 2, depth - 1);
                    let rest = self.out.split_off(before);
                    self.out.push_str(rest.trim_start_matches(' '));
                } else {
                    self.property(r);
                    self.out.push('\n');
                    let more = r.pick(&[2, 2, 2, 4, 1]);
                    self.map(r, by + more, depth - 1);
                }
            }
            2..4 => {
                self.out.push(' ');
                self.property(r);
                self.out.push('\n');
                let more = if in_sequence { 2 } else { r.pick(&[0, 2, 2]) };
                self.sequence(r, by + more, depth - 1);
            }
            4 => {
                self.out.push(' ');
                self.property(r);
                self.flow(r, depth.min(2));
                self.out.push('\n');
            }
            5 => {
                self.out.push(' ');
                self.property(r);
                self.block(r, by);
            }
            6 if self.anchors > 0 && r.percent(40) => {
                let anchor = 1 + r.below(self.anchors);
                self.out.push_str(&format!(" *a{anchor}\n"));
            }
            7 if r.percent(30) => self.out.push('\n'),
            _ => {
                self.out.push(' ');
                self.property(r);
                self.scalar(r, by, false);
                if r.once_in(15) {
                    self.out.push_str(r.pick(&[" # c", " #", "\t# c", " "]));
                }
                self.out.push('\n');
            }
        }
    }

    /// A literal or folded text.
    fn block(&mut self, r: &mut Random, by: usize) {
        self.out.push(r.pick(&['|', '>']));
        self.out.push_str(r.pick(&["", "", "-", "+", "2", "-1", "1+", "4", "9", "+2"]));
        self.out.push_str(r.pick(&["\n", "\n", "\n", " # c\n", " \n"]));
        let more = r.pick(&[2, 2, 2, 4, 1]);
        for _ in 0..r.below(5) {
            let line = match r.below(8) {
                0 => String::new(),
                1 => " ".repeat(r.below(6)),
                2 => format!("  {}", texts::word(r)),
                3 => "# no comment".to_owned(),
                4 => format!("{}  ", texts::word(r)),
                5 => format!("\t{}", texts::word(r)),
                _ => texts::text(r).replace(['\n', '\r', '\0'], " "),
            };
            if !line.trim().is_empty() {
                self.indent(by + more);
            }
            self.out.push_str(&line);
            self.out.push('\n');
        }
    }

    fn scalar(&mut self, r: &mut Random, by: usize, top: bool) {
        match r.below(10) {
            0 => {
                let text = texts::text(r).replace('\'', "''").replace('\0', "");
                self.quoted(&text, '\'', by, r);
            }
            1..3 => {
                const PIECES: &[&str] = &[
                    "a",
                    " ",
                    "\\n",
                    "\\t",
                    "\\\"",
                    "\\\\",
                    "\\x41",
                    "\\u00e9",
                    "\\U0001F600",
                    "\\0",
                    "\\a",
                    "\\e",
                    "\\ ",
                    "\\/",
                    "\\_",
                    "\\N",
                    "\\L",
                    "\\P",
                    "\\z",
                    "\\x4",
                    "\\u12",
                    "é",
                    "\n",
                    "\\\n",
                    "\n\n",
                    ": ",
                    "#",
                    "\\ud83d\\ude00",
                    "\\ud800",
                    "\\v",
                    "\\b",
                    "\\f",
                    "\\r",
                    "\t",
                ];
                let text = r.soup(PIECES, 7);
                self.quoted(&text, '"', by, r);
            }
            3 => {
                let text = texts::number(r);
                self.out.push_str(&text);
            }
            4..6 => self.out.push_str(r.pick(&[
                "true",
                "false",
                "yes",
                "no",
                "on",
                "off",
                "y",
                "n",
                "Yes",
                "NO",
                "null",
                "~",
                "Null",
                "0",
                "1",
                "-1",
                "1.5",
                "1e3",
                "1E+3",
                "0x1F",
                "0o17",
                "017",
                "08",
                "0b11",
                "1_000",
                "1_0.0_1",
                "_1",
                "1__0",
                ".5",
                "5.",
                ".inf",
                "-.inf",
                "+.INF",
                ".nan",
                ".NaN",
                "1:30",
                "12:30:45",
                "2020-01-02",
                "2020-1-2",
                "2020-01-02T03:04:05Z",
                "2020-01-02 03:04:05",
                "2020-01-02t03:04:05.678+01:00",
                "9223372036854775807",
                "9223372036854775808",
                "18446744073709551615",
                "18446744073709551616",
                "-9223372036854775809",
                "1e400",
                "0x8000000000000000",
                "-0x1",
                "+1",
                "-0",
                "0.0",
                "-0.0",
                "1e-7",
                "123456789.123",
                "1234567.0",
                "0xg",
                "0b2",
                "1e",
                "e1",
                ".",
                "..",
                "...",
                "-",
                "--",
                "---",
                "<<",
                "=",
                "!",
                "0.1e1_0",
                "+0x10",
                "-0b11",
                "0o8",
                "190:20:30",
                "1.2.3",
                "0_",
                "NULL",
                "TRUE",
                "False",
            ])),
            _ => {
                let text = texts::text(r);
                let text = if top || r.once_in(6) { text } else { text.replace(['\n', '\r'], " ") };
                self.out.push_str(&text);
            }
        }
    }

    fn quoted(&mut self, text: &str, quote: char, by: usize, r: &mut Random) {
        let indent = " ".repeat(by + 1 + r.below(2));
        let text = text.replace("\r\n", "\n").replace('\n', &format!("\n{indent}"));
        self.out.push(quote);
        self.out.push_str(&text);
        self.out.push(quote);
    }

    fn flow(&mut self, r: &mut Random, depth: usize) {
        let is_map = r.percent(50);
        self.out.push(if is_map { '{' } else { '[' });
        let count = r.below(4);
        for i in 0..count {
            if i > 0 {
                self.out.push_str(r.pick(&[", ", ", ", ",", " , ", ",\n  "]));
            }
            if is_map {
                if r.once_in(12) {
                    self.out.push_str(
                        r.pick(&["a", "a:", "\"a\":1", "'b':2", "a:1", "? a : b", ":", "? a", "a: "]),
                    );
                    continue;
                }
                self.key(r);
                self.out.push(' ');
            } else if r.once_in(12) {
                self.out.push_str(r.pick(&["a: b", "? a : b", "a: ", "\"a\": 1", "- a", ""]));
                continue;
            }
            if depth > 0 && r.percent(30) {
                self.flow(r, depth - 1);
            } else {
                self.property(r);
                let before = self.out.len();
                self.scalar(r, 2, false);
                if self.out.as_bytes().get(before).is_none_or(|b| !matches!(b, b'"' | b'\'')) && r.percent(90)
                {
                    let plain: String =
                        self.out.split_off(before).replace(['[', ']', '{', '}', ',', '\n'], " ");
                    self.out.push_str(&plain);
                }
            }
        }
        if r.once_in(14) {
            self.out.push_str(r.pick(&[",", " ,", ",,", "\n", " # c\n"]));
        }
        self.out.push(if is_map { '}' } else { ']' });
    }
}

/// A JSON text.
pub(crate) fn json(r: &mut Random) -> String {
    const DAMAGE: &[&str] = &[
        ",", ":", "[", "]", "{", "}", "\"", "\\", "null", "nul", "1", "-", ".", "e", " ", "\n", "\t", "tru",
        "x", "é", "\u{0}", "//", "'", "01", "+1", "\u{feff}",
    ];
    let mut out = String::new();
    json_value(r, &mut out, 3);
    if r.percent(20) {
        for _ in 0..1 + r.below(2) {
            texts::damage(r, &mut out, DAMAGE);
        }
    }
    out
}

fn json_value(r: &mut Random, out: &mut String, depth: usize) {
    let space = |r: &mut Random, out: &mut String| {
        if r.once_in(6) {
            out.push_str(r.pick(&[" ", "\n", "\t", "\r\n", "  "]));
        }
    };
    space(r, out);
    match if depth == 0 { 4 + r.below(8) } else { r.below(12) } {
        0..3 => {
            out.push('{');
            for i in 0..r.below(4) {
                if i > 0 {
                    out.push(',');
                }
                space(r, out);
                json_text(r, out);
                space(r, out);
                out.push(':');
                json_value(r, out, depth - 1);
            }
            out.push('}');
        }
        3..5 if depth > 0 => {
            out.push('[');
            for i in 0..r.below(4) {
                if i > 0 {
                    out.push(',');
                }
                json_value(r, out, depth - 1);
            }
            out.push(']');
        }
        5..8 => json_text(r, out),
        8 => out.push_str(r.pick(&["true", "false", "null"])),
        9 => {
            let number = texts::number(r);
            out.push_str(&number);
        }
        _ => out.push_str(r.pick(&[
            "0",
            "1",
            "-1",
            "1.5",
            "1e3",
            "1E+3",
            "1e-7",
            "1e400",
            "-0",
            "0.0",
            "123456789012345678901234567890",
            "9007199254740993",
            "1000000",
            "0.1",
            "01",
            "1.",
            ".5",
            "-",
            "1e",
            "1e21",
            "1.0",
            "100000000000000000000",
            "-1e-400",
        ])),
    }
    space(r, out);
}

fn json_text(r: &mut Random, out: &mut String) {
    const PIECES: &[&str] = &[
        "a",
        "b",
        "key",
        " ",
        "\\n",
        "\\\"",
        "\\\\",
        "\\/",
        "\\b",
        "\\f",
        "\\r",
        "\\t",
        "\\u00e9",
        "\\ud83d\\ude00",
        "\\ud800",
        "\\udc00",
        "\\ud800x",
        "\\u12",
        "\\x",
        "é",
        "😀",
        "<",
        ">",
        "&",
        "\u{2028}",
        "\\u0000",
        "\u{7f}",
        "\n",
        "1",
        "\\U0041",
    ];
    out.push('"');
    let count = r.below(4);
    for _ in 0..count {
        let last = if r.percent(92) { PIECES.len() - 3 } else { PIECES.len() };
        let piece = PIECES[r.below(last)];
        if r.percent(90) && matches!(piece, "\\u12" | "\\x") {
            continue;
        }
        out.push_str(piece);
    }
    out.push('"');
}

/// A TOML text.
pub(crate) fn toml(r: &mut Random) -> String {
    const DAMAGE: &[&str] = &[
        "\n", " ", "=", ".", "[", "]", "[[", "]]", "{", "}", ",", "\"", "'", "\"\"\"", "'''", "#", "\\", "_",
        "1", "-", "+", "e", "é", "\t", "\r", "\u{0}", "a", "true", "T", ":",
    ];
    let mut out = String::new();
    for _ in 0..1 + r.below(5) {
        match r.below(10) {
            0..2 => {
                let double = r.once_in(3);
                out.push_str(if double { "[[" } else { "[" });
                toml_key(r, &mut out);
                out.push_str(if double { "]]" } else { "]" });
            }
            2 => out.push_str(r.pick(&["# comment", "", "  ", "\t# é"])),
            _ => {
                toml_key(r, &mut out);
                out.push_str(r.pick(&[" = ", "=", " =", "= "]));
                toml_value(r, &mut out, 2);
                if r.once_in(12) {
                    out.push_str(" # c");
                }
            }
        }
        out.push_str(r.pick(&["\n", "\n", "\n", "\r\n", "\n\n"]));
    }
    if r.percent(20) {
        for _ in 0..1 + r.below(2) {
            texts::damage(r, &mut out, DAMAGE);
        }
    }
    out
}

fn toml_key(r: &mut Random, out: &mut String) {
    for i in 0..1 + r.below(8) / 6 {
        if i > 0 {
            out.push_str(r.pick(&[".", " . ", "."]));
        }
        out.push_str(r.pick(&[
            "a",
            "b",
            "c",
            "d",
            "x",
            "key",
            "a-b",
            "a_b",
            "1",
            "\"q k\"",
            "'s'",
            "\"\"",
            "\"\\u00e9\"",
            "A",
            "true",
            "2020",
        ]));
    }
}

fn toml_value(r: &mut Random, out: &mut String, depth: usize) {
    match if depth == 0 { 2 + r.below(9) } else { r.below(11) } {
        0 => {
            out.push('[');
            for i in 0..r.below(4) {
                if i > 0 {
                    out.push_str(r.pick(&[", ", ",", ",\n  ", " , "]));
                }
                toml_value(r, out, depth - 1);
            }
            out.push_str(r.pick(&["]", "]", ",]", "\n]", " # c\n]"]));
        }
        1 => {
            out.push('{');
            for i in 0..r.below(3) {
                if i > 0 {
                    out.push_str(", ");
                }
                toml_key(r, out);
                out.push_str(" = ");
                toml_value(r, out, depth - 1);
            }
            out.push('}');
        }
        2..4 => {
            const PIECES: &[&str] = &[
                "a",
                "b",
                " ",
                "\\n",
                "\\t",
                "\\\"",
                "\\\\",
                "\\u00e9",
                "\\U0001F600",
                "\\b",
                "\\f",
                "\\r",
                "é",
                "#",
                "'",
                "\\e",
                "\\x41",
                "\\q",
                "\\uD800",
                "\u{7f}",
            ];
            let text = if r.percent(85) { r.soup(&PIECES[..15], 5) } else { r.soup(PIECES, 5) };
            match r.below(4) {
                0 => out.push_str(&format!(
                    "\"\"\"{}\n{text}\\\n   {text}\"\"\"",
                    if r.percent(50) { "\n" } else { "" }
                )),
                _ => out.push_str(&format!("\"{text}\"")),
            }
        }
        4 => {
            let text = r.soup(&["a", " ", "\\", "\"", "é", "#", "$"], 4);
            match r.below(3) {
                0 => out.push_str(&format!("'''{text}\n{text}'''")),
                _ => out.push_str(&format!("'{text}'")),
            }
        }
        5 => out.push_str(r.pick(&["true", "false", "True", "inf", "-inf", "+nan", "nan", "Inf"])),
        6 => out.push_str(r.pick(&[
            "2020-01-02",
            "2020-01-02T03:04:05Z",
            "2020-01-02 03:04:05",
            "03:04:05",
            "03:04:05.678",
            "2020-01-02T03:04:05+01:00",
            "2020-01-02T03:04:05.123456789-08:00",
            "2020-13-01",
            "2020-01-02T25:00:00Z",
            "03:04",
            "2020-01-02t03:04:05z",
            "2020-02-30",
            "2020-01-02T03:04Z",
        ])),
        7 => {
            let number = texts::number(r);
            out.push_str(&number);
        }
        _ => out.push_str(r.pick(&[
            "0",
            "1",
            "-1",
            "+1",
            "1_000",
            "0x1F",
            "0xdead_beef",
            "0o17",
            "0b101",
            "1.5",
            "-0.0",
            "1e3",
            "1.5e-7",
            "6.02e+23",
            "1e400",
            "9223372036854775807",
            "9223372036854775808",
            "01",
            "1__0",
            "_1",
            "1_",
            "1.",
            ".5",
            "1.e3",
            "0x",
            "-0x1",
            "1e_3",
            "1.5_5",
            "0b2",
            "1e06",
        ])),
    }
}
