//! Made-up values, as JSON.

use serde_json::{Map, Number, Value as Json};

use crate::random::Random;
use crate::texts;

/// The keys that templates look for.
pub(crate) const KEYS: &[&str] = &[
    "a", "b", "c", "d", "name", "image", "tag", "port", "enabled", "labels", "list", "m", "s", "x", "global",
    "env",
];

const ODD_KEYS: &[&str] = &[
    "a.b",
    "x-y",
    "",
    "é",
    "1",
    "true",
    "y",
    "null",
    "a b",
    "A",
    "Name",
    "a10",
    "a2",
    "a1",
    "_",
    "世界",
    "#",
    "AsMap",
    "app.kubernetes.io/name",
    "10",
    "9",
    "0x1",
    "😀",
    "<k>",
    "1.5",
    "~",
];

pub(crate) fn key(r: &mut Random) -> String {
    (*if r.percent(85) { r.pick(KEYS) } else { r.pick(ODD_KEYS) }).to_owned()
}

/// A number that prints oddly, or not.
pub(crate) fn number(r: &mut Random) -> Json {
    let float = match r.below(10) {
        0..4 => return Json::from(r.between(-3, 12)),
        4 => return Json::from(r.between(-2_000_000, 100_000_000)),
        5 => return Json::from(r.next() as i64 >> r.below(60)),
        6 => r.pick(&[
            0.1,
            1.5,
            -0.5,
            1e6,
            1e7,
            123456.0,
            1234567.0,
            999999.0,
            1e20,
            1e21,
            1e22,
            1e-4,
            1e-5,
            1e-6,
            1e-7,
            1e300,
            5e-324,
            0.30000000000000004,
            2.71,
            100.0,
            1234567.5,
            123456789.123,
            9007199254740993.0,
            9.223_372_036_854_776e18,
            1.8446744073709552e19,
        ]),
        7 => r.between(-99_999, 99_999) as f64 * 10f64.powi(r.between(-8, 18) as i32),
        8 => r.between(-1000, 1000) as f64 / 8.0,
        _ => f64::from_bits(r.next()),
    };
    Number::from_f64(float).map_or(Json::from(0), Json::Number)
}

pub(crate) fn scalar(r: &mut Random) -> Json {
    match r.below(10) {
        0..5 => Json::from(texts::text(r)),
        5..8 => number(r),
        8 => Json::from(r.percent(50)),
        _ => Json::Null,
    }
}

pub(crate) fn value(r: &mut Random, depth: usize) -> Json {
    if depth == 0 || r.percent(45) {
        return scalar(r);
    }
    if r.percent(55) {
        return Json::Object(map(r, depth, 4));
    }
    let count = r.below(5);
    // Lists are often of one kind.
    match r.below(4) {
        0 => (0..count).map(|_| Json::from(texts::text(r))).collect(),
        1 => (0..count).map(|_| number(r)).collect(),
        _ => (0..count).map(|_| value(r, depth - 1)).collect(),
    }
}

pub(crate) fn map(r: &mut Random, depth: usize, most: usize) -> Map<String, Json> {
    (0..r.below(most + 1)).map(|_| (key(r), value(r, depth - 1))).collect()
}

/// The values of a question: often with the usual keys, of the usual kinds.
pub(crate) fn values(r: &mut Random) -> Map<String, Json> {
    let mut values = map(r, 4, 5);
    for (key, share) in [
        ("s", 60),
        ("n", 60),
        ("list", 60),
        ("m", 60),
        ("b", 40),
        ("image", 30),
        ("nil", 20),
        ("nums", 30),
        ("deep", 20),
        ("strs", 30),
    ] {
        if !r.percent(share) {
            continue;
        }
        let value = match key {
            "s" => Json::from(texts::text(r)),
            "n" => number(r),
            "b" => Json::from(r.percent(50)),
            "nil" => Json::Null,
            "list" => (0..r.below(5)).map(|_| value(r, 2)).collect(),
            "strs" => (0..r.below(5)).map(|_| Json::from(texts::text(r))).collect(),
            "nums" => (0..r.below(6)).map(|_| number(r)).collect(),
            "image" => {
                serde_json::json!({"repository": texts::word(r), "tag": texts::version(r), "port": number(r)})
            }
            "deep" => {
                serde_json::json!({"x": {"y": {"z": value(r, 2)}}, "l": [[value(r, 1)], {"k": scalar(r)}]})
            }
            _ => Json::Object(map(r, 3, 4)),
        };
        values.insert(key.to_owned(), value);
    }
    values
}

/// A flag of the `--set` family.
pub(crate) fn set_flag(r: &mut Random) -> String {
    const PIECES: &[&str] = &[
        "a",
        "b",
        "m",
        "s",
        "list",
        "x",
        "=",
        "=",
        ".",
        ".",
        ",",
        "[0]",
        "[1]",
        "[",
        "]",
        "{",
        "}",
        "\\,",
        "\\.",
        "\\",
        "1",
        "0",
        "01",
        "true",
        "null",
        "nil",
        "1.5",
        " ",
        "é",
        "[-1]",
        "[65536]",
        "[65537]",
        "[99999]",
        "\n",
        "\"",
        "'",
        "{a,b}",
        "{}",
        "~",
        "-1",
        "[x]",
        "1e3",
        "{a,{b}}",
        "==",
        "9223372036854775808",
    ];
    if r.percent(25) {
        return r.soup(PIECES, 9);
    }
    let mut out = String::new();
    for i in 0..1 + r.below(10) / 7 {
        if i > 0 {
            out.push(',');
        }
        for j in 0..1 + r.below(3) {
            if j > 0 {
                out.push('.');
            }
            out.push_str(r.pick(&[
                "a", "b", "c", "m", "x", "s", "list", "image", "tag", "deep", "a\\.b", "nums", "é", "nil",
            ]));
            if r.once_in(4) {
                out.push_str(&format!("[{}]", r.pick(&["0", "1", "2", "5", "01", "x", "-1", ""])));
            }
        }
        out.push_str(r.pick(&["=", "=", "=", "=", "=", "", "==", "= "]));
        match r.below(8) {
            0 => out.push_str("null"),
            1 => {
                out.push('{');
                for k in 0..r.below(4) {
                    if k > 0 {
                        out.push(',');
                    }
                    out.push_str(r.pick(&["a", "1", "true", "null", "x\\,y", "", "{", "é", " b", "01"]));
                }
                out.push('}');
            }
            2 => out.push_str(&texts::text(r)),
            3 => out.push_str(&texts::number(r)),
            _ => out.push_str(r.pick(&[
                "1",
                "0",
                "true",
                "false",
                "x",
                "",
                "1.5",
                "-3",
                "007",
                "a\\,b",
                "a b",
                "1e6",
                "9223372036854775807",
                "é",
                "null1",
                "True",
            ])),
        }
    }
    out
}

/// A flag `--set-json`.
pub(crate) fn set_json_flag(r: &mut Random) -> String {
    let key = r.pick(&["a", "m", "a.b", "list[0]", "list[2]", "x.y.z", "s", "a\\.b", "", "m[", "deep.x"]);
    let value = crate::documents::json(r);
    if r.once_in(6) { format!("{{\"a\": {value}}}") } else { format!("{key}={value}") }
}
