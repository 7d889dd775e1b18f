//! Asks Go the same questions and compares: `differential REFERENCE COUNT [SEED [LIST]]`, where REFERENCE is the program
//! in `go/`. LIST is a file with paths of templates: these are parsed as they are, and then cut up and mixed.

#[path = "check.rs"]
mod check;
#[path = "../../tests/parse/dump.rs"]
mod dump;

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::process::{Command, ExitCode, Stdio};

use crate::dump::{Functions, parse_text};
use chart_lint_template::number::{NumberError, parse_float, parse_int, parse_uint};
use chart_lint_template::quote::{can_backquote, go_quote, go_quote_ascii, unquote};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [reference, count, rest @ ..] = arguments.as_slice() else {
        eprintln!("usage: differential REFERENCE COUNT [SEED [LIST]]");
        return ExitCode::from(2);
    };
    let count: usize = count.parse().expect("a count");
    let seed = rest.first().map_or(1, |seed| seed.parse().expect("a seed"));
    let list =
        rest.get(1).map(|list| std::fs::read_to_string(list).expect("a readable list")).unwrap_or_default();
    let texts: Vec<_> = list.lines().map(|path| std::fs::read(path).expect("a readable file")).collect();

    let mut child = Command::new(reference)
        .arg("answer")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the reference program");
    let mut stdin = BufWriter::new(child.stdin.take().expect("a pipe"));
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));

    // Both sides make the same questions from the same seed, so that the pipe never has to wait for an answer.
    let mut asking = Questions { random: Random(seed), texts: texts.clone() };
    let mut checking = Questions { random: Random(seed), texts };
    let writer = std::thread::spawn(move || {
        for index in 0..count {
            let (kind, text) = asking.next(index);
            let hex: String = text.iter().map(|byte| format!("{byte:02x}")).collect();
            writeln!(stdin, "{kind} {hex}").expect("the reference program reads on");
        }
    });
    let (mut differences, mut trees, mut errors) = (0, 0, 0);
    let mut kinds = std::collections::BTreeMap::new();
    for index in 0..count {
        let (kind, text) = checking.next(index);
        let mut theirs = String::new();
        stdout.read_line(&mut theirs).expect("an answer");
        let ours = answer(kind, &text);
        if kind.starts_with("parse") {
            check::check(&text);
            let is_tree = theirs.starts_with("ok");
            trees += usize::from(is_tree);
            errors += usize::from(!is_tree);
            if let Some(message) = theirs.strip_prefix("error \"template: t:") {
                let shape: String =
                    message.chars().filter(|c| c.is_ascii_alphabetic() || *c == ' ').take(25).collect();
                *kinds.entry(shape).or_insert(0) += 1;
            }
        }
        if ours != theirs.trim_end_matches('\n') {
            differences += 1;
            if differences <= 10 {
                println!("{kind} {}\n  Go   {theirs}  here {ours}", go_quote(&text));
            }
        }
    }
    writer.join().expect("all questions are asked");
    child.wait().expect("the reference program ends with its questions");
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (shape, count) in kinds.iter().take(40) {
        println!("{count:8} {shape}");
    }
    println!(
        "{count} cases ({trees} trees, {errors} errors, {} others): {differences} differences",
        count - trees - errors
    );
    ExitCode::from(u8::from(differences > 0))
}

fn answer(kind: &str, text: &[u8]) -> String {
    let quoted = |answer: Result<Vec<u8>, Vec<u8>>| match answer {
        Ok(answer) => format!("ok {}", go_quote_ascii(&answer)),
        Err(error) => format!("error {}", go_quote_ascii(&error)),
    };
    fn number<T: Default>(result: Result<T, NumberError>, function: &str, text: &[u8]) -> (T, String) {
        match result {
            Ok(value) => (value, "<nil>".to_owned()),
            Err(error) => (T::default(), error.message(function, text)),
        }
    }
    let parsed = |text, functions| {
        quoted(match parse_text("t", text, functions) {
            Ok(tree) => Ok(dump::dump(&tree, false).into_bytes()),
            Err(error) => Err(error.message.to_vec()),
        })
    };
    match kind {
        "parse" => parsed(text, Functions::Usual),
        "parse-with-loops" => parsed(text, Functions::WithLoops),
        "parse-any" => parsed(text, Functions::Any),
        "quote" => quoted(Ok(
            format!("{}{}{}", go_quote(text), go_quote_ascii(text), can_backquote(text)).into_bytes()
        )),
        "unquote" => {
            quoted(unquote(text).map(|value| value.to_vec()).map_err(|error| error.to_string().into_bytes()))
        }
        "number" => {
            let (float, float_error) = number(parse_float(text), "ParseFloat", text);
            let (int0, int0_error) = number(parse_int(text, 0), "ParseInt", text);
            let (int10, int10_error) = number(parse_int(text, 10), "ParseInt", text);
            let (uint, uint_error) = number(parse_uint(text, 0), "ParseUint", text);
            // Go's NaN has another bit pattern.
            let bits = if float.is_nan() { 0x7ff8_0000_0000_0001 } else { float.to_bits() };
            let answer = format!(
                "{bits:016x} {float_error};{int0} {int0_error};{int10} {int10_error};{uint} {uint_error}"
            );
            quoted(Ok(answer.into_bytes()))
        }
        "classes" => (0..=u32::from(char::MAX))
            .map(|code| match char::from_u32(code) {
                Some(c) => {
                    // A name may hold any such character; so a variable tells which these are.
                    let text = format!("{{{{$x{c} := 1}}}}");
                    let is_alphanumeric = parse_text("t", text.as_bytes(), Functions::Usual)
                        .is_ok_and(|tree| tree.node_string(tree.definitions[0].root) == text.as_str());
                    let class =
                        u8::from(chart_lint_template::quote::is_print(c)) + 2 * u8::from(is_alphanumeric);
                    char::from(b'0' + class)
                }
                None => '0',
            })
            .collect(),
        _ => unreachable!("there are no other questions"),
    }
}

/// Makes up questions.
struct Questions {
    random: Random,
    texts: Vec<Vec<u8>>,
}

impl Questions {
    fn next(&mut self, index: usize) -> (&'static str, Vec<u8>) {
        if index == 0 {
            return ("classes", Vec::new());
        }
        // Before anything else, each of the given texts as it is.
        if let Some(text) = self.texts.get(index - 1) {
            return ("parse-any", text.clone());
        }
        match self.random.below(100) {
            0..4 => ("quote", self.random.bytes()),
            4..10 => ("unquote", self.random.constant()),
            10..18 => ("number", self.random.number()),
            18..20 => ("parse-with-loops", self.random.template()),
            20..40 => ("parse", self.random.soup()),
            40..48 => ("parse", [b"{{ ", &*self.random.number(), b" }}"].concat()),
            48..52 => ("parse", [b"{{ print ", &*self.random.constant(), b" }}"].concat()),
            52..75 if !self.texts.is_empty() => ("parse-any", self.splice()),
            52..80 => {
                let template = self.random.template();
                ("parse", self.random.damage(template))
            }
            _ => ("parse", self.random.template()),
        }
    }

    /// A piece of one text, with damage.
    fn splice(&mut self) -> Vec<u8> {
        let random = &mut self.random;
        let mut out = Vec::new();
        for _ in 0..=random.below(2) {
            let text = &self.texts[random.below(self.texts.len())];
            let start = random.below(text.len() + 1);
            let length = random.below(400.min(text.len() - start) + 1);
            out.extend_from_slice(&text[start..start + length]);
        }
        if random.below(3) == 0 { out } else { random.damage(out) }
    }
}

/// SplitMix64, which is enough for this.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    fn bytes(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        for _ in 0..self.below(12) {
            match self.below(4) {
                0 => out.push(self.next() as u8),
                1 => out.push(b' ' + self.below(95) as u8),
                _ => {
                    let limit = [0x80, 0x800, 0x1_0000, 0x11_0000][self.below(4)];
                    let c = char::from_u32(self.below(limit) as u32).unwrap_or('\u{fffd}');
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
        }
        out
    }

    /// What may be a string or character constant.
    fn constant(&mut self) -> Vec<u8> {
        let mark = self.pick(&["\"", "\"", "\"", "`", "'", "'"]).as_bytes();
        let mut out = mark.to_vec();
        for _ in 0..self.below(if mark == b"'" { 3 } else { 8 }) {
            match self.below(12) {
                0 => out.extend(self.bytes()),
                1 => out.extend(self.pick(&["\"", "'", "`", "\r", "\n", "\t", "}}", "{{"]).bytes()),
                2..9 => {
                    let escape = self.pick(&[
                        "\\n",
                        "\\t",
                        "\\a",
                        "\\b",
                        "\\f",
                        "\\r",
                        "\\v",
                        "\\\\",
                        "\\\"",
                        "\\'",
                        "\\`",
                        "\\x41",
                        "\\xff",
                        "\\x4",
                        "\\xg0",
                        "\\u00e9",
                        "\\ud800",
                        "\\u12",
                        "\\U0001F600",
                        "\\U00110000",
                        "\\U00000041",
                        "\\101",
                        "\\377",
                        "\\400",
                        "\\08",
                        "\\0",
                        "\\q",
                        "\\\n",
                        "\\é",
                        "\\",
                    ]);
                    out.extend(escape.bytes());
                }
                _ => {
                    out.extend(self.pick(&["a", "b c", "é", "世", "\u{200b}", "{{", "-", "%s", "😀"]).bytes())
                }
            }
        }
        if !self.one_in(20) {
            out.extend(mark);
        }
        out
    }

    /// What may be a number.
    fn number(&mut self) -> Vec<u8> {
        let mut out = String::new();
        if self.one_in(2) {
            const PIECES: &[&str] = &[
                "0",
                "1",
                "7",
                "8",
                "9",
                "a",
                "f",
                "_",
                ".",
                "e",
                "E",
                "p",
                "P",
                "x",
                "X",
                "b",
                "o",
                "i",
                "+",
                "-",
                "0x",
                "0b",
                "0o",
                "00",
                "1e",
                "p-2",
                "e+3",
                "1_0",
                "inf",
                "nan",
                "infinity",
                "18446744073709551616",
                "9223372036854775808",
                "1.5",
                "0.0",
            ];
            for _ in 0..=self.below(7) {
                out.push_str(self.pick(PIECES));
            }
        } else {
            let one = |random: &mut Random| match random.below(8) {
                0 => random.next().to_string(),
                1 => format!("{:#x}", random.next() >> random.below(64)),
                2 => {
                    let precision = random.below(20);
                    let float = f64::from_bits(random.next());
                    format!("{:.*e}", precision, if float.is_finite() { float } else { 1.5 })
                }
                3 => {
                    let (high, low) = (random.next() >> random.below(64), random.next() >> random.below(64));
                    let exponent = random.below(2400) as i64 - 1200;
                    format!("0x{high:x}.{low:x}p{exponent}")
                }
                4 => format!("{}.{}", random.below(1000), random.next() >> random.below(64)),
                5 => format!("{:#b}", random.below(1000)),
                6 => format!("{:#o}", random.below(1000)),
                _ => {
                    let digits: String =
                        (0..random.below(40)).map(|_| char::from(b'0' + random.below(10) as u8)).collect();
                    format!("{digits}e{}", random.below(700) as i64 - 350)
                }
            };
            if self.one_in(3) {
                out.push_str(self.pick(&["+", "-"]));
            }
            out.push_str(&one(self));
            if self.one_in(5) {
                out.push_str(self.pick(&["+", "-"]));
                out.push_str(&one(self));
                out.push('i');
            } else if self.one_in(8) {
                out.push('i');
            }
        }
        out.into_bytes()
    }

    /// Tokens in any order.
    fn soup(&mut self) -> Vec<u8> {
        const TOKENS: &[&str] = &[
            "{{",
            "{{",
            "{{",
            "{{ ",
            "{{- ",
            "{{-",
            "{{-\n",
            "}}",
            "}}",
            "}}",
            " }}",
            " -}}",
            "\n-}}",
            "-}}",
            "  -}}",
            "if",
            "else",
            "end",
            "range",
            "with",
            "define",
            "block",
            "template",
            "break",
            "continue",
            "nil",
            "true",
            "false",
            "if ",
            "else ",
            "end ",
            "range ",
            "with ",
            "define ",
            "block ",
            "template ",
            "{{if .}}",
            "{{end}}",
            "{{end}}",
            "{{else}}",
            "{{else if .}}",
            "{{else with .}}",
            "{{range .}}",
            "{{with .}}",
            "{{break}}",
            "{{continue}}",
            "{{define \"a\"}}",
            "{{define `b`}}",
            "{{block \"c\" .}}",
            "{{template \"a\"}}",
            "{{template \"a\" .}}",
            "{{/* c */}}",
            "{{- /* c\n */ -}}",
            "{{/*",
            "*/}}",
            "*/",
            "/*",
            "print",
            "printf ",
            "quote",
            "été",
            "nope",
            "x1",
            ".",
            ".",
            ".a",
            ".b.c",
            ".é",
            ".1",
            ".5",
            "..",
            "$",
            "$",
            "$x",
            "$x",
            "$y ",
            "$x.a",
            "$1",
            "$é",
            ":=",
            " := ",
            "=",
            " = ",
            ":",
            ",",
            ", ",
            "|",
            " | ",
            "(",
            ")",
            "(",
            ")",
            " ",
            " ",
            " ",
            "\n",
            "\t",
            "\r\n",
            "0",
            "1",
            "1.5",
            "0x1F",
            "1e3",
            "1+2i",
            "'a'",
            "'\\n'",
            "'ab'",
            "''",
            "\"s\"",
            "\"s\\n\"",
            "\"\\q\"",
            "`raw\n`",
            "\"",
            "`",
            "'",
            "\\",
            "{",
            "}",
            "%",
            "&",
            "@",
            "-",
            "+",
            "!",
            "\0",
            "\u{7f}",
            "\u{a0}",
            "\u{2028}",
            "世",
            "😀",
            "text",
            "a\nb",
            "\u{fffd}",
            "_",
            "_x",
            "a b c d e f g h i j k l m",
            "{{$x := 1}}",
            "{{$x = 1}}",
            "{{.a.b}}",
            "abcdefghijklmnopq",
            "{{range $i, $e := .}}",
            "{{range $i, }}",
            "{{range $i, $x}}",
            "{{(.).a}}",
            "{{ . | print }}",
            "{{ . | 1 }}",
        ];
        let mut out = Vec::new();
        for _ in 0..=self.below(14) {
            if self.one_in(40) {
                out.extend(self.bytes());
            } else {
                out.extend(self.pick(TOKENS).bytes());
            }
        }
        out
    }

    /// Mostly a correct template.
    fn template(&mut self) -> Vec<u8> {
        let mut out = String::new();
        if !self.one_in(8) {
            out.push_str("{{ $x := 1 }}{{ $y := .a -}}");
        }
        for _ in 0..=self.below(3) {
            if self.one_in(6) {
                out.push_str("{{ define \"");
                out.push_str(self.pick(&["a", "b", "t", "", "ü\\n", "c"]));
                out.push_str("\" }}");
                self.list(&mut out, 2, false);
                out.push_str("{{ end }}");
            } else {
                self.list(&mut out, 3, false);
            }
        }
        out.into_bytes()
    }

    fn list(&mut self, out: &mut String, depth: usize, in_range: bool) {
        for _ in 0..self.below(4) {
            self.item(out, depth, in_range);
        }
    }

    fn item(&mut self, out: &mut String, depth: usize, in_range: bool) {
        let open = self.pick(&["{{", "{{ ", "{{- ", "{{-\n"]);
        let close = self.pick(&["}}", " }}", " -}}", "\n-}}"]);
        match self.below(if depth > 0 { 14 } else { 6 }) {
            0 | 1 => out.push_str(self.pick(&["text", "  ", "\n", "a: b\n", "{ ", " \u{a0} ", "}}", "é"])),
            2 => {
                out.push_str(open);
                self.pipeline(out, 3, "");
                out.push_str(close);
            }
            3 => {
                out.push_str(open);
                out.push_str(self.pick(&["$x := ", "$y := ", "$x = ", "$z =", "$ := "]));
                self.pipeline(out, 3, "");
                out.push_str(close);
            }
            4 if self.one_in(30) => out.push_str("{{ /* no */ }}"),
            4 => out.push_str(self.pick(&["{{/* c */}}", "{{- /* c\n */ -}}"])),
            5 if in_range => {
                out.push_str(open);
                out.push_str(self.pick(&["break", "continue"]));
                out.push_str(close);
            }
            5 => {
                out.push_str(open);
                out.push_str(self.pick(&["template \"a\"", "template `b`", "template \"a\" ."]));
                out.push_str(close);
            }
            6 => {
                out.push_str(open);
                out.push_str("block \"");
                out.push_str(self.pick(&["a", "b", "c"]));
                out.push_str("\" ");
                self.pipeline(out, 2, "");
                out.push_str(close);
                self.list(out, depth - 1, false);
                out.push_str("{{end}}");
            }
            7..10 => {
                out.push_str(open);
                out.push_str("range ");
                out.push_str(self.pick(&["", "$x := ", "$i, $x := ", "$i,$y = ", "$x = "]));
                self.pipeline(out, 2, "");
                out.push_str(close);
                self.list(out, depth - 1, true);
                if self.one_in(3) {
                    out.push_str("{{else}}");
                    self.list(out, depth - 1, in_range);
                }
                out.push_str("{{ end -}}");
            }
            _ => {
                let keyword = self.pick(&["if ", "with "]);
                out.push_str(open);
                out.push_str(keyword);
                self.pipeline(out, 3, "$x := ");
                out.push_str(close);
                self.list(out, depth - 1, in_range);
                for _ in 0..self.below(3) {
                    out.push_str("{{else ");
                    out.push_str(if self.one_in(10) { "if " } else { keyword });
                    self.pipeline(out, 2, "$y := ");
                    out.push_str("}}");
                    self.list(out, depth - 1, in_range);
                }
                if self.one_in(2) {
                    out.push_str("{{- else -}}");
                    self.list(out, depth - 1, in_range);
                }
                out.push_str("{{end}}");
            }
        }
    }

    fn pipeline(&mut self, out: &mut String, depth: usize, declaration: &str) {
        if self.one_in(8) {
            out.push_str(declaration);
        }
        self.command(out, depth, false);
        for _ in 0..self.below(3) {
            out.push_str(self.pick(&["|", " | ", " |\n"]));
            self.command(out, depth, true);
        }
    }

    fn command(&mut self, out: &mut String, depth: usize, must_call: bool) {
        if must_call || self.one_in(2) {
            let name =
                self.pick(&["print", "printf", "quote", "include", "default", "été", ".a.f", "$.f", "nope"]);
            out.push_str(if name == "nope" && !self.one_in(60) { "list" } else { name });
            for _ in 0..self.below(3) {
                out.push_str(self.pick(&[" ", " ", "  ", "\n"]));
                self.term(out, depth);
            }
        } else {
            self.term(out, depth);
        }
    }

    fn term(&mut self, out: &mut String, depth: usize) {
        let kind = self.below(12);
        match kind {
            0..3 if depth > 0 => {
                out.push('(');
                self.pipeline(out, depth - 1, "$p := ");
                out.push(')');
            }
            3 => out.push_str(
                self.pick(&["nil", "true", "false", "1", "-5", "1.5", "0x1F", "'a'", "1+2i", "1e3"]),
            ),
            4 => out.push_str(self.pick(&["\"s\"", "`raw`", "\"a\\tb\"", "\"\""])),
            5..8 => out.push_str(self.pick(&[
                "$", "$", "$", "$", "$", "$", "$", "$", "$", "$", "$", "$", "$", "$", "$", "$", "$", "$",
                "$", "$x",
            ])),
            8 => out.push('.'),
            _ => out.push_str(self.pick(&[".a", ".Values", ".é"])),
        }
        // Constants and the dot have no fields.
        if !matches!(kind, 3 | 4 | 8) || self.one_in(60) {
            for _ in 0..self.below(3) {
                if self.one_in(2) {
                    out.push_str(self.pick(&[".b", ".c_d"]));
                }
            }
        }
    }

    /// Changes a few bytes.
    fn damage(&mut self, mut text: Vec<u8>) -> Vec<u8> {
        const PIECES: &[&str] = &[
            " ", "", "{{", "}}", "(", ")", "|", ",", ":=", ".", "$", "\"", "\n", "else", "end", "1", "x",
            "-}}", "{{- ", "=", "é", "{{end}}", "{{else}}", "{{ ", "'", "`",
        ];
        for _ in 0..=self.below(2) {
            let at = self.below(text.len() + 1);
            let length = self.below(5).min(text.len() - at);
            let piece = self.pick(PIECES).bytes();
            text.splice(at..at + length, piece);
        }
        text
    }
}
