//! Made-up texts: plain ones, and those that a function reads (patterns, versions, layouts, addresses).

use crate::random::Random;

const WORDS: &[&str] = &[
    "a",
    "b",
    "foo",
    "bar",
    "hello",
    "world",
    "nginx",
    "fooBar",
    "FooBar",
    "HTTPServer",
    "foo_bar",
    "foo-bar",
    "foo.bar",
    "x1",
    "Y2",
    "ABC",
    "é",
    "ß",
    "Straße",
    "世界",
    "😀",
    "e\u{301}",
    "naïve",
    "ŉ",
    "ǆ",
    "İstanbul",
    "ΑΣ",
    "ﬁ",
    "v1",
    "app",
    "main",
    "prod",
];

const TEXTS: &[&str] = &[
    "",
    " ",
    "  ",
    "a",
    "A",
    "hello world",
    "Hello, World!",
    "  padded  ",
    "\n",
    "a\nb",
    "a\nb\n",
    "\na\n\nb\n\n",
    "a\r\nb\r\n",
    "\ta\tb",
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "y",
    "n",
    "null",
    "~",
    "Null",
    "NULL",
    "True",
    "nil",
    "<no value>",
    "<nil>",
    "0",
    "1",
    "-1",
    "+1",
    "007",
    "08",
    "0x1F",
    "0o17",
    "0b101",
    "1_000",
    "1e3",
    "1.5",
    ".5",
    "5.",
    "-0",
    "1e400",
    "NaN",
    ".nan",
    ".inf",
    "-.inf",
    "Inf",
    "+Inf",
    "12:30:45",
    "1:30",
    "2020-01-02",
    "2020-01-02T03:04:05Z",
    "2020-1-2",
    "12345678901234567890",
    "9223372036854775807",
    "- a",
    "a: b",
    "a:b",
    "a: ",
    ": a",
    "#a",
    "a #b",
    "a#b",
    "'",
    "\"",
    "''",
    "\"\"",
    "it's",
    "say \"hi\"",
    "back\\slash",
    "`tick`",
    "{a}",
    "[a]",
    "{",
    "}",
    "[",
    "]",
    "&a",
    "*a",
    "!a",
    "!!str a",
    "%a",
    "@a",
    "|",
    ">",
    "|-\n a",
    "? a",
    "---",
    "...",
    "--- a",
    "=",
    "<<",
    "a, b",
    "a|b",
    "{{ . }}",
    "{{ .Values.a }}",
    "{{",
    "}}",
    "{{/* c */}}",
    "$x",
    "${x}",
    "$1",
    "%s",
    "%d%%",
    "100%",
    "<a href=\"x\">&</a>",
    "a&b=c",
    "a=b",
    "\u{0}",
    "\u{1}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\u{feff}a",
    "\u{fffd}",
    "\u{ffff}",
    "\u{10ffff}",
    "\u{e000}",
    "😀",
    "👨\u{200d}👩",
    "世界",
    "é",
    "e\u{301}",
    "ß",
    "ſ",
    "K",
    "ǅ",
    "ŉ",
    "İ",
    "ı",
    "ς",
    "Ω",
    "日本語 テキスト",
    "a very long line of text that goes on and on past the eightieth column, so that an emitter has to fold it somewhere",
    "averylongwordwithoutanyspacethatgoesonandonpasttheeightiethcolumnsothatanemittercannotfolditanywhereatall",
    "https://user:pw@example.com:8080/p/a?q=1&r=%20#frag",
    "/usr/local/lib",
    "../a/./b//c",
    "file.tar.gz",
    "1.2.3",
    "v1.2.3-rc.1+b5",
    ">= 1.2",
    "apps/v1",
    "apps/v1/Deployment",
    "batch/v1",
    "{\"a\": 1}",
    "[1, 2]",
    "a: 1\nb: [x, y]\n",
    "key = \"v\"",
    "aGVsbG8=",
    "/w==",
    "NBSWY3DP",
    "conf/a.txt",
];

const ODD_CHARACTERS: &[char] = &[
    ' ',
    '\t',
    '\n',
    '\r',
    '\u{0}',
    '\u{7}',
    '\u{8}',
    '\u{1b}',
    '\u{7f}',
    '\u{80}',
    '\u{85}',
    '\u{a0}',
    '\u{ad}',
    '\u{301}',
    '\u{600}',
    '\u{200b}',
    '\u{2028}',
    '\u{2029}',
    '\u{3000}',
    '\u{d7ff}',
    '\u{e000}',
    '\u{feff}',
    '\u{fffd}',
    '\u{fffe}',
    '\u{ffff}',
    '\u{10000}',
    '\u{1f600}',
    '\u{10ffff}',
    'é',
    'ß',
    'İ',
    'ı',
    'ǆ',
    'ŉ',
    '世',
    '\'',
    '"',
    '\\',
    '`',
    '<',
    '>',
    '&',
    '#',
    ':',
    '-',
    '{',
    '}',
    '[',
    ']',
    ',',
    '*',
    '!',
    '|',
    '%',
    '@',
    '=',
    '?',
    '~',
    '.',
    '/',
    '$',
    '_',
    '+',
    '(',
    ')',
    ';',
    '^',
    '0',
    '1',
    '9',
    'a',
    'Z',
    'e',
    'x',
    'n',
];

/// Any text.
pub(crate) fn text(r: &mut Random) -> String {
    match r.below(20) {
        0..9 => (r.pick(TEXTS)).to_owned(),
        9..13 => (r.pick(WORDS)).to_owned(),
        13..15 => {
            let count = 1 + r.below(5);
            let separator = r.pick(&[" ", "-", "_", ".", ",", "\n", "/", ", ", "  "]);
            (0..count).map(|_| r.pick(WORDS)).collect::<Vec<_>>().join(separator)
        }
        15..17 => odd(r, 8),
        17 => lines(r),
        18 => number(r),
        _ => {
            let count = 8 + r.below(40);
            (0..count).map(|_| r.pick(WORDS)).collect::<Vec<_>>().join(" ")
        }
    }
}

/// A text of strange characters.
pub(crate) fn odd(r: &mut Random, most: usize) -> String {
    (0..r.below(most + 1)).map(|_| r.pick(ODD_CHARACTERS)).collect()
}

/// Some lines.
pub(crate) fn lines(r: &mut Random) -> String {
    let mut out = String::new();
    for _ in 0..1 + r.below(4) {
        let start = r.pick(&["", "", "  ", "\t", "    ", "- ", "# "]);
        let words = (0..r.below(4)).map(|_| r.pick(WORDS)).collect::<Vec<_>>().join(" ");
        let end = r.pick(&["\n", "\n", "\n", "\n\n", " \n", "\r\n", "\n\n\n"]);
        out.extend([start, &words, end]);
    }
    if r.percent(40) {
        out.truncate(out.trim_end().len());
    }
    out
}

/// A short plain word.
pub(crate) fn word(r: &mut Random) -> String {
    (r.pick(WORDS)).to_owned()
}

/// A number, or nearly one, as text.
pub(crate) fn number(r: &mut Random) -> String {
    const PIECES: &[&str] = &[
        "0", "1", "7", "8", "9", "12", "00", "_", ".", "e", "E", "+", "-", "x", "0x", "0b", "0o", "f", "p",
        "i", "Inf", "NaN", " ", ",", "1e", "999999",
    ];
    match r.below(6) {
        0 => r.between(-20, 20).to_string(),
        1 => (r.next() as i64 >> r.below(64)).to_string(),
        2 => format!("{}", f64::from_bits(r.next())),
        3 => format!("{:e}", (r.between(-99_999, 99_999) as f64) * 10f64.powi(r.between(-12, 24) as i32)),
        4 => format!("{}.{}", r.between(-99, 99), r.below(1000)),
        _ => r.soup(PIECES, 5),
    }
}

/// A regular expression, or nearly one.
pub(crate) fn pattern(r: &mut Random) -> String {
    let mut out = String::new();
    if r.once_in(8) {
        out.push_str(r.pick(&["(?i)", "(?s)", "(?m)", "(?U)", "(?im-s)", "(?x)", "(?-u)", "(?", "(?i-)"]));
    }
    alternatives(r, &mut out, 2);
    if r.once_in(12) {
        let at = r.below(out.len() + 1);
        if out.is_char_boundary(at) {
            out.insert_str(
                at,
                r.pick(&[
                    "(", ")", "[", "]", "{", "}", "*", "+", "?", "\\", "|", "^", "$", "{2", "**", "\\Q",
                    "\\E",
                ]),
            );
        }
    }
    out
}

fn alternatives(r: &mut Random, out: &mut String, depth: usize) {
    for i in 0..1 + r.below(8) / 5 {
        if i > 0 {
            out.push('|');
        }
        for _ in 0..r.below(4) + usize::from(depth == 2) {
            atom(r, out, depth);
            if r.percent(30) {
                out.push_str(r.pick(&[
                    "*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,}", "{,2}", "{0}", "{2,1}",
                    "{1001}", "{1,2}?", "**", "{", "{a}",
                ]));
            }
        }
    }
}

fn atom(r: &mut Random, out: &mut String, depth: usize) {
    const SIMPLE: &[&str] = &[
        ".",
        "\\d",
        "\\D",
        "\\w",
        "\\W",
        "\\s",
        "\\S",
        "\\b",
        "\\B",
        "^",
        "$",
        "\\A",
        "\\z",
        "\\Z",
        "\\pL",
        "\\p{Greek}",
        "\\P{Lu}",
        "\\p{^Lu}",
        "\\pN",
        "\\p{Han}",
        "\\n",
        "\\t",
        "\\x41",
        "\\x{1F600}",
        "\\101",
        "\\a",
        "\\f",
        "\\v",
        "\\r",
        "\\-",
        "\\.",
        "\\/",
        "\\_",
        "\\<",
        "\\#",
        "\\Qa.b\\E",
        "\\C",
        "\\1",
        "\\8",
        "\\c",
        "\\e",
        "\\p{L}",
        "\\p{Nope}",
        "\\pX",
        "[[:alpha:]]",
        "[[:^digit:]x]",
        "[[:word:]]",
        "[[:nope:]]",
        "[^\\n]",
        "[\\d-]",
        "[a\\]b]",
        "[]a]",
        "[^]a]",
        "[a-]",
        "[z-a]",
        "[",
        "[a&&b]",
        "[a--b]",
        "[a~~b]",
        "[\\pL\\d_]",
        "[\\x00-\\x7f]",
        "[α-ω]",
        "[😀-😂]",
        "[[a]]",
        "[a[b]c]",
        "[^a-z]",
        "[\\s\\S]",
        "[\\b]",
        "[\\-a]",
    ];
    match r.below(10) {
        0..4 => out.push_str(r.pick(&[
            "a", "b", "c", "A", "x", "1", "-", " ", "é", "世", "😀", "ab", "foo", "\n", "/", ",", ":", "}",
            "]", "#", "&", "~",
        ])),
        4..6 => {
            let (low, high) =
                r.pick(&[("a", "c"), ("a", "z"), ("0", "9"), ("A", "Z"), ("à", "ÿ"), ("!", "~")]);
            out.push_str(&format!("[{}{low}-{high}]", if r.once_in(4) { "^" } else { "" }));
        }
        6..8 => out.push_str(r.pick(SIMPLE)),
        _ if depth > 0 => {
            out.push_str(r.pick(&[
                "(", "(", "(", "(?:", "(?P<n>", "(?<m>", "(?i:", "(?s-i:", "(?=", "(?!", "(?P=n)", "(?P<n>",
            ]));
            alternatives(r, out, depth - 1);
            out.push(')');
        }
        _ => out.push('a'),
    }
}

/// What a match is replaced by.
pub(crate) fn replacement(r: &mut Random) -> String {
    const PIECES: &[&str] = &[
        "$1", "${1}", "$0", "$2", "$10", "${n}", "$n", "$$", "$", "x", "-", "", "${", "}", "$1x", "${1}x",
        "${ 1}", "$é", "\\1", "é", "$_", "${m}",
    ];
    r.soup(PIECES, 4)
}

/// A text that patterns are likely to be found in.
pub(crate) fn haystack(r: &mut Random) -> String {
    const PIECES: &[&str] = &[
        "a", "b", "c", "ab", "aa", "abc", "foo", "Foo", "x", "1", "12", "a1", " ", "-", ".", "a.b", "\n",
        "é", "世", "😀", "ΑΣ", "_", "/", ",", "]", "A", "Z", "\u{0}",
    ];
    if r.once_in(4) { text(r) } else { r.soup(PIECES, 9) }
}

/// A version, or nearly one.
pub(crate) fn version(r: &mut Random) -> String {
    let mut out = String::new();
    if r.once_in(5) {
        out.push_str(r.pick(&["v", "V", "=", " ", "x"]));
    }
    for i in 0..r.pick(&[3, 3, 3, 3, 3, 2, 1, 4]) {
        if i > 0 {
            out.push('.');
        }
        out.push_str(r.pick(&[
            "0",
            "1",
            "2",
            "3",
            "10",
            "27",
            "0",
            "1",
            "2",
            "01",
            "x",
            "99999999999999999999",
            "18446744073709551615",
            "-1",
            "",
        ]));
    }
    if r.percent(25) {
        out.push_str(r.pick(&[
            "-alpha", "-alpha.1", "-rc.2", "-1", "-0", "-01", "-beta-2", "-", "-a..b", "-é", "-rc.10",
            "-gke.100",
        ]));
    }
    if r.percent(15) {
        out.push_str(r.pick(&["+b1", "+build.5", "+", "+0", "+a-b", "+é", "+01"]));
    }
    out
}

/// A version constraint, or nearly one.
pub(crate) fn constraint(r: &mut Random) -> String {
    let mut out = String::new();
    for i in 0..1 + r.below(10) / 7 {
        if i > 0 {
            out.push_str(r.pick(&["||", " || ", "|", ",", " "]));
        }
        for j in 0..1 + r.below(10) / 7 {
            if j > 0 {
                out.push_str(r.pick(&[",", ", ", " ", " - ", "- ", "  "]));
            }
            out.push_str(r.pick(&[
                "", "=", "!=", ">", "<", ">=", "=>", "<=", "=<", "~", "~>", "^", ">= ", "^ ", "~ ", "> ",
                "!", "==", "<>",
            ]));
            match r.below(6) {
                0 => out.push_str(r.pick(&[
                    "*", "x", "X", "1.x", "1.2.x", "1.*", "1.2.*", "0", "0.0", "1", "1.2", "0.0.x", "x.1",
                    "*.1.2", "",
                ])),
                _ => out.push_str(&version(r)),
            }
            if r.once_in(10) {
                out.push_str("-0");
            }
        }
    }
    out
}

/// A layout for dates.
pub(crate) fn layout(r: &mut Random) -> String {
    const WHOLE: &[&str] = &[
        "2006-01-02",
        "2006-01-02T15:04:05Z07:00",
        "15:04",
        "Jan 2, 2006 at 3:04pm (MST)",
        "Mon, 02 Jan 2006 15:04:05 -0700",
        "20060102",
        "02 Jan 06 15:04 MST",
        "2006-01-02 15:04:05.999999999 -0700 MST",
        "3:04PM",
        "2006-01-02T15:04:05.000Z",
    ];
    const PIECES: &[&str] = &[
        "2006",
        "06",
        "01",
        "1",
        "Jan",
        "January",
        "02",
        "2",
        "_2",
        "002",
        "__2",
        "Mon",
        "Monday",
        "15",
        "03",
        "3",
        "04",
        "4",
        "05",
        "5",
        "PM",
        "pm",
        "MST",
        "Z0700",
        "Z07:00",
        "Z07",
        "Z070000",
        "Z07:00:00",
        "-0700",
        "-07:00",
        "-07",
        "-070000",
        "-07:00:00",
        ".000",
        ".999",
        ",000",
        ",999",
        ".00",
        ".9",
        ".0000000000",
        "05.000",
        "05.999",
        " ",
        "-",
        "/",
        ":",
        "T",
        "at",
        "é",
        "x",
        "Janu",
        "Mo",
        "_",
        "0",
        "00",
        "20",
        "_2006",
        "1st",
        "05,00",
        "2006x",
        "Jan2",
        ".0x",
    ];
    if r.percent(40) { (r.pick(WHOLE)).to_owned() } else { r.soup(PIECES, 7) }
}

/// A date in some layout.
pub(crate) fn date(r: &mut Random) -> String {
    const WHOLE: &[&str] = &[
        "2020-01-02",
        "2021-03-28T12:34:56Z",
        "1999-12-31",
        "2024-02-29",
        "2023-02-29",
        "12:34",
        "0001-01-01",
        "9999-12-31",
        "2020-01-02T03:04:05+01:00",
        "Jan 5, 2021 at 3:04pm (CET)",
        "20200102",
        "Mon, 02 Jan 2006 15:04:05 -0700",
        "1969-12-31T23:59:59.999999999Z",
        "2020-13-01",
        "2020-00-10",
        "2020-1-2",
        "",
        "2262-04-12",
        "1583-01-01",
        "-001-01-01",
        "10000-01-01",
        "02 Jan 06 15:04 UTC",
        "2020-06-15 12:00:00.5 +0200 CEST",
        "3:04AM",
        "24:00",
        "2020-12-31T23:59:60Z",
    ];
    (r.pick(WHOLE)).to_owned()
}

/// A length of time.
pub(crate) fn duration(r: &mut Random) -> String {
    const PIECES: &[&str] = &[
        "1h",
        "30m",
        "45s",
        "1.5h",
        "100ms",
        "2us",
        "3µs",
        "3μs",
        "7ns",
        "-",
        "+",
        "0",
        "1",
        ".5s",
        "5.m",
        ".h",
        "1d",
        "1h1h",
        " ",
        "h",
        "9999999h",
        "1e3s",
        "2h45m",
        "0.000000001h",
        "24h",
        "-36h",
    ];
    if r.percent(50) { (r.pick(PIECES)).to_owned() } else { r.soup(PIECES, 3) }
}

/// A time zone.
pub(crate) fn zone(r: &mut Random) -> String {
    (r.pick(&[
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "",
        "Local",
        "Nope/Zone",
        "GMT",
        "utc",
        "Etc/GMT+5",
        "../x",
        "Asia/Kathmandu",
    ]))
    .to_owned()
}

/// An address.
pub(crate) fn url(r: &mut Random) -> String {
    const PIECES: &[&str] = &[
        "http",
        "https",
        "mailto",
        ":",
        "//",
        "/",
        "user",
        "pw",
        "@",
        "example.com",
        "[::1]",
        "[::1%25eth0]",
        ":80",
        ":",
        ":x",
        "a",
        "b c",
        "%20",
        "%zz",
        "%2F",
        "?",
        "q=1",
        "&",
        "=",
        "#",
        "frag",
        "é",
        "..",
        ".",
        "+",
        ";",
        "\u{7f}",
        "\n",
        "*",
        "[",
        "]",
        "\\",
        "^",
        "|",
        "\"",
        "<",
        "127.0.0.1",
        "a.b",
        "%41",
        "!$&'()",
        "~",
        ",",
    ];
    const WHOLE: &[&str] = &[
        "http://example.com",
        "https://user:pass@example.com:8443/a/b?c=d&e=f#g",
        "//host/path",
        "/just/a/path",
        "mailto:a@b.c",
        "http://[::1]:80/",
        "http://a b/",
        "?q",
        "#f",
        "",
        "http://é.com/ü?ö#ä",
        "postgres://u:p%40w@h:5432/db?sslmode=disable",
        "http://h/%zz",
        "http://h:port/",
        "1http://x",
        "http:/x",
        "http:x",
        "a:b:c",
        "http://u@/p",
        "oci://reg/x:1",
    ];
    if r.percent(40) { (r.pick(WHOLE)).to_owned() } else { r.soup(PIECES, 8) }
}

/// A path, or a pattern for paths.
pub(crate) fn path(r: &mut Random) -> String {
    const PIECES: &[&str] = &[
        "a",
        "b",
        "conf",
        "a.txt",
        "x.tar.gz",
        ".",
        "..",
        "/",
        "/",
        "/",
        "//",
        "*",
        "**",
        "?",
        "[a-c]",
        "[!a]",
        "{a,b}",
        "{a",
        "\\*",
        ".hidden",
        " ",
        "é",
        "[",
        "]",
        "\\",
        "c:",
        "*.txt",
        "*.{txt,yaml}",
        "bin",
        "data",
        "empty",
    ];
    const WHOLE: &[&str] = &[
        "a.txt",
        "conf/a.txt",
        "conf/*",
        "conf/**",
        "**",
        "*",
        "nope",
        "**/*.txt",
        "conf/deep/z.conf",
        "empty",
        "bin/data",
        "*.txt",
        "",
        "/",
        "{a,b}.txt",
        "conf/{x,y}.conf",
        "conf/?.conf",
    ];
    if r.percent(45) { (r.pick(WHOLE)).to_owned() } else { r.soup(PIECES, 6) }
}

/// Base64, or nearly.
pub(crate) fn base64(r: &mut Random) -> String {
    const PIECES: &[&str] = &[
        "aGVs", "bG8=", "YQ==", "YWI=", "/w==", "w6k=", "AA==", "=", "==", "-_", "\n", "\r\n", " ", "A",
        "AB", "ABC", "YR==", "+/", "4pyT", "é",
    ];
    r.soup(PIECES, 4)
}

/// Base32, or nearly.
pub(crate) fn base32(r: &mut Random) -> String {
    const PIECES: &[&str] = &[
        "NBSWY3DP", "ME======", "MFRA====", "MFRGG===", "MFRGGZA=", "=", "A", "a", "1", "8", "\n", "77", " ",
        "MF", "======",
    ];
    r.soup(PIECES, 3)
}

/// The format of `printf`: how many operands it wants, roughly, and the text.
pub(crate) fn format(r: &mut Random) -> (usize, String) {
    let mut out = String::new();
    let mut wanted = 0;
    for _ in 0..1 + r.below(3) {
        if r.percent(40) {
            out.push_str(r.pick(&["x", " ", "|", ":", "é", "%%", "\n", "-"]));
        }
        out.push('%');
        for _ in 0..r.below(6) / 3 {
            out.push_str(r.pick(&["+", "-", "#", "0", " "]));
        }
        if r.percent(12) {
            out.push_str(r.pick(&["[1]", "[2]", "[3]", "[0]", "[9]", "[", "[]", "[x]", "[1", "[-1]"]));
        }
        match r.below(12) {
            0..3 => out.push_str(r.pick(&["1", "5", "10", "20", "03", "100"])),
            3 => {
                out.push('*');
                wanted += 1;
            }
            _ => {}
        }
        match r.below(14) {
            0..3 => out.push_str(r.pick(&[".0", ".1", ".2", ".5", ".", ".10", ".03", ".20"])),
            3 => {
                out.push_str(r.pick(&[".*", ".[1]*", ".[2]", ".-1"]));
                wanted += 1;
            }
            _ => {}
        }
        out.push_str(r.pick(&[
            "v", "v", "v", "d", "d", "s", "s", "q", "q", "x", "X", "t", "T", "e", "E", "f", "F", "g", "G",
            "c", "U", "b", "o", "O", "w", "z", "!", "é", "%", " ", "i", "u",
        ]));
        wanted += 1;
    }
    if r.once_in(25) {
        out.push_str(r.pick(&["%", "%5", "%.", "%-", "%[1]", "%!", "%\n"]));
    }
    (wanted, out)
}

/// A mistake, somewhere in a text.
pub(crate) fn damage(r: &mut Random, text: &mut String, pieces: &[&str]) {
    let boundaries: Vec<usize> = (0..=text.len()).filter(|&i| text.is_char_boundary(i)).collect();
    let at = r.below(boundaries.len());
    let start = boundaries[at];
    match r.below(5) {
        0 => {
            let end = boundaries[(at + 1 + r.below(3)).min(boundaries.len() - 1)];
            text.replace_range(start..end, "");
        }
        1..3 => text.insert_str(start, r.pick(pieces)),
        3 => {
            let end = boundaries[(at + 1 + r.below(12)).min(boundaries.len() - 1)];
            let copy = text[start..end].to_owned();
            let to = boundaries[r.below(boundaries.len())];
            text.insert_str(to, &copy);
        }
        _ => {
            let end = boundaries[(at + 1).min(boundaries.len() - 1)];
            text.replace_range(start..end, r.pick(pieces));
        }
    }
}
