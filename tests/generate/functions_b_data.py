#!/usr/bin/env python3
"""Questions about JSON, TOML and YAML: see functions_b.py."""
import json, random, sys

# ---- texts that are read ----

JSON_TOKENS = ["{", "}", "[", "]", ",", ":", '"a"', '"b"', '"\\u00e9"', '"\\ud83d\\ude00"', '"\\ud83d"', '"\\udc00x"', "1", "-1", "0",
               "1.5", "-0", "1e5", "1E+2", "1e-7", "1e999", "-1e400", "123456789012345678901234567890", "true", "false", "null",
               "tru", "nul", '"', "\\", " ", "\n", "\t", "\r", "x", "é", "01", ".5", "1.", "+1", '"\\q"', '"\\u12"', '"\t"', "NaN",
               "\u2028", "\0", "\ufeff", '"\\/\\b\\f"', "1e", "-", "😀"]
JSON_SCALARS = ["1", "-2.50", '"x"', '"\\n\\u0001é"', "true", "null", "1e21", "1e20", "0.0000001", '"<a&b>"', "-0.0",
                "12345678901234567890", "1e400"]
JSON_TEMPLATES = ["{{ fromJson .Values.s | toJson }}|{{ fromJsonArray .Values.s | toRawJson }}",
                  "{{ mustFromJson .Values.s | toPrettyJson }}", "{{ mustFromJson .Values.s | mustToRawJson }}",
                  "{{ fromJson .Values.s }}", '{{ mustFromJson .Values.s | printf "%#v" }}']


def json_text(random, depth=0):
    kind = random.random()
    if depth > 4 or kind < .4:
        return random.choice(JSON_SCALARS)
    count = random.randint(0, 3)
    if kind < .7:
        return "[" + random.choice(["", " "]) + ",".join(json_text(random, depth + 1) for _ in range(count)) + "]"
    keys = ['"k"', '"a b"', '"\\u00e9"', '""', '"z<"']
    return "{" + ", ".join(random.choice(keys) + ":" + json_text(random, depth + 1) for _ in range(count)) + "}"


def changed(random, text, tokens, times):
    for _ in range(random.choice(times)):
        at, kind = random.randint(0, len(text)), random.random()
        if kind < .45:
            text = text[:at] + random.choice(tokens) + text[at:]
        elif kind < .8:
            text = text[:at] + text[at + random.randint(1, 3):]
        elif kind < .9:
            text = text[:at]
        else:
            lines = text.split("\n")
            random.shuffle(lines)
            text = "\n".join(lines)
    return text


def read_json(random):
    text = changed(random, json_text(random), JSON_TOKENS, [0, 0, 1, 2])
    if random.random() < .3:
        text = "".join(random.choice(JSON_TOKENS) for _ in range(random.randint(0, 7)))
    return {"id": "json", "template": random.choice(JSON_TEMPLATES), "values": {"s": text}}


YAML_DOCUMENTS = [
    "a: 1\nb:\n- x\n- y: z\n  w: [1, 2]\nc: {d: e, f: \"g\"}\n", "x: &a {k: v}\ny: *a\nz:\n  <<: *a\n  m: n\n",
    "a: |\n  line1\n   line2\n\n  line3\nb: >-\n  folded\n  text\n\n  more\n", "q: 'it''s'\nd: \"a\\tb\\u00e9\\\n  cont\"\n",
    "? complex\n: value\n? [1,2]\n: x\n", "- !!str 1\n- !!int \"3\"\n- !!float 2\n- !!binary aGVsbG8=\n- !foo bar\n- !!null \"\"\n",
    "%YAML 1.1\n---\na: b\n...\n---\nc: d\n", "# comment\na: b # c\n\n#d\n- e\n", "{a: [b, {c: d}], e: }", "[a, b: c, ? d : e]",
    "a: 1\na: 2\n1: x\ntrue: y\n1.5: z\n~: n\n", "t: 2001-12-14t21:59:43.10-05:00\nd: 2001-01-01\nh: 0x1F\no: 0o17\nn: 1_000\ns: 1:30\n",
    "a:\n  b:\n    c: d\n   e: f\n", "\ta: b\n", "\"a\": b\n'c': d\n", "key: >+2\n    x\n   y\n\nend: 1\n"]
YAML_TOKENS = list("ab01 \n\n:-,[]{}#&*!|>'\"%@`?\\<~=.\t") + [
    "\n  ", "\n- ", ": ", " #", "- ", "? ", "&a ", "*a", "<<: ", "!!str ", "---\n", "...\n", "é", "\u0085", "\u2028", "\ufeff", "\0",
    "\x7f", "\r", "\r\n", "|-\n  ", ">\n  ", '"', "\\x41", "\\u263a", "0x1", "1e3", "null", "yes"]
YAML_TEMPLATES = ["{{ fromYaml .Values.s | toJson }}", '{{ fromYaml .Values.s | printf "%#v" }}', "{{ fromYamlArray .Values.s | toJson }}",
                  "{{ fromYaml .Values.s | toYaml }}", "{{ fromYamlArray .Values.s | toYamlPretty }}", "{{ .Values.s | fromYaml }}"]


def read_yaml(random):
    text = changed(random, random.choice(YAML_DOCUMENTS), YAML_TOKENS, [0, 1, 1, 2, 3, 6])
    if random.random() < .15:
        text = "".join(random.choice(YAML_TOKENS) for _ in range(random.randint(0, 30)))
    return {"id": "fromYaml", "template": random.choice(YAML_TEMPLATES), "values": {"s": text}}


TOML_KEYS = ["a", "b", "c", "a-b", "A_1", "1", "x.y", "a.b", "a.b.c", '"q k"', "'r.k'", '"é"', '""', "''", '"\\u00e9"', '"a\\nb"',
             "a . b", '"a".b', "é", "a b", ".a", "a.", "a..b", "", "-", '"\\x41"']
TOML_SCALARS = """1 -1 +5 0 00 01 1_000 1__0 _1 1_ 0x1F 0xg 0o17 0o8 0b101 0b2 0x_1 -0x1 1.5 -1.5e3 1e5 1E+5 1e .5 1. 1._5 1.5.6
inf -inf nan -nan infx na 9223372036854775807 9223372036854775808 -9223372036854775808 1e400 1e-400 3.0e2 1_0.5_0 +0.0 -0 + - 5e+22
01.5 1979-05-27T07:32:00Z 1979-05-27T00:32:00-07:00 1979-05-27T00:32:00.999999-07:00 1979-05-27t07:32:00z 1979-05-27T07:32:00
1979-05-27 07:32:00 00:32:00.999999 07:32 1979-05-27T7:32:00Z 2020-02-30 2020-13-01 25:00:00 1979-05-27T 7:32:00
1979-05-27T07:32:00+01 0000-00-00 12:30:60 true false True tru null x é # = , ] } { [ $""".split() + ["", "\n", '"a" "b"',
    "1979-05-27 07:32:00Z", '""', '"x"', '"a\\tb\\n\\"\\\\"', '"\\u00e9\\U0001F600"', '"\\ud800"', '"\\U00110000"', '"\\e\\x41"',
    '"\\q"', '"\\x4"', '"\\u12"', '"a', '"a\nb"', "'x'", "'a\\n'", "'a", '"""x"""', '"""\nx\ny"""', '"""x\\\n   y"""',
    '"""a\\  \n\n b"""', '"""a""""', '"""a""""""', '"""a', '"""a\\ b"""', "'''x'''", "'''\nx'''", "'''a''''", "'''a", '"""\r\nx\r\n"""',
    '"é😀"', '"\u0001"', '"\t"', '"\x7f"', '"a\rb"']
TOML_NICE = ["1", "-2.5", '"x"', "true", "[1, 2]", '["a", [1, "b"]]', "{a = 1, b.c = 2}", "[{a = 1}, {b = 2}]", "[{a=1}, 2]",
             "1979-05-27T07:32:00Z", "1979-05-27", "07:32:00", "1e10", "0.1", "[]", "{}", '"a\\n\\u0001\\u007f"', "inf", "nan", "[[{x=1}]]"]
TOML_TEMPLATES = ["{{ fromToml .Values.s }}", "{{ fromToml .Values.s | toJson }}", "{{ fromToml .Values.s | toToml }}",
                  '{{ printf "%#v" (fromToml .Values.s) }}']


def toml_value(random, depth=0):
    kind = random.random()
    if kind < .6 or depth > 2:
        return random.choice(TOML_SCALARS if random.random() < .5 else TOML_NICE)
    space = lambda: random.choice(["", " ", " ", "\n", "# c\n"])
    items = [toml_value(random, depth + 1) for _ in range(random.randint(0, 3))]
    if kind < .8:
        return "[" + ",".join(space() + item + space() for item in items) + random.choice(["]", "]", "]", ",]", ""])
    items = [random.choice(TOML_KEYS) + random.choice(["=", " = "]) + item for item in items]
    return "{" + ",".join(space() + item for item in items) + random.choice(["}", "}", "}", ",}", ""])


def toml_line(random):
    key = random.choice(TOML_KEYS if random.random() < .3 else TOML_KEYS[:10])
    kind = random.random()
    if kind < .6:
        return key + random.choice([" = ", " = ", "=", " =\n", " "]) + toml_value(random) + random.choice(["", "", "", " ", " # c", " y"])
    if kind < .8:
        return random.choice(["[", "[", "[ "]) + key + random.choice(["]", "]", "]", "", "]]"]) + random.choice(["", "", " # c", "x"])
    if kind < .95:
        return "[[" + key + random.choice(["]]", "]]", "]", "] ]", ""])
    return random.choice(["", "# comment", "  ", "\t", "# é \x01", "\0", "\r", "#\x7f", "=", ".", '"'])


def read_toml(random):
    lines = []
    for _ in range(random.randint(1, 6)):
        key = random.choice(TOML_KEYS[:10])
        nice = random.choice([key + " = " + random.choice(TOML_NICE), key + " = " + random.choice(TOML_NICE), f"[{key}]", f"[[{key}]]"])
        lines.append(nice if random.random() < .7 else toml_line(random))
    text = changed(random, "\n".join(lines), ["\0", "\x7f", "\r", '"""', "'''", "[", "{", "\n", '"', "=", "]", "\\", ".", " ", "é"], [0, 0, 0, 1])
    return {"id": "toml", "template": random.choice(TOML_TEMPLATES), "values": {"s": text}}


# ---- values that are written ----

STRINGS = """a b true null yes No ~ on 1 0 -1 1.5 1e3 0x1F 0o7 010 1_000 .inf -.NaN .5 1:30 190:20:30 2001-01-01
2001-12-14t21:59:43.10-05:00 = << y N - : # a#c [x] &a *a !t | > %d @x `x` ' '' " "" \\ a"b" it's ... --- k8s.io/name 10 9 a10 a9 a2 A
_ -x 0x 1e +1 + . .. 1. 1..2 e5 12e03 1__0 _1 0b11 0b 0o 0xg 1e+5 NULL Null TRUE oN OFF nan inf .INF +.inf 0.0 -0 00 08 09 1,000
127.0.0.1 1.2.3 v1 12:30:45 60:00 1:60 0:0.5 é 日本語 😀 {{x}} \\xff \\xfe\\xffz a\\x80 \\xed\\xa0\\x80""".replace("\\\\", "\\").split() + [
    "", " ", " a", "a ", "  ", "\n", "a\n", "\na", "a\nb", "a\n\nb\n", "a\n\n", " a\n b", "a\n  b\n", "\ta", "a\tb", "\r", "a\r\nb", "\u00a0",
    "\u0085", "a\u0085b", "\u2028", "a\u2029b", "\ufeff", "a\ufeffb", "\ufffd", "\0", "\x01", "\x1f", "\x7f", "\u0080", "\u009f", "\ue000",
    "\U0010ffff", "\ufffe", "--- a", "a\n---\nb", "a\n...", "- a", "? b", ", c", "a: b", "a:b", "# c", "a # c", "{x: y}", "x" * 130,
    "word " * 30, "long line " * 9 + "\nand another one which is long too " * 4]
NUMBERS = """1 0 -1 3.0 1.5 1e3 1e20 1e21 1e22 -1e21 1e-7 0.000001 123456789 9007199254740993 9223372036854775807
-9223372036854775808 -0.0 1e6 1000000.0 0.1 100000000000000000000.0 5e-324 1.7976931348623157e308 0x10 'a' 2i""".split() + [
    "(int64 7)", "(float64 2)", "(divf 1 3)", "(mulf 1e200 1e200)", "(mulf 1e308 -10.0)", '(float64 "NaN")', '(atoi "12")']
OTHERS = ["true", "false", "nil", '(toDate "2006-01-02" "2024-02-03")', '(semver "1.2.3-a+b")', '(splitList "," "a,1,true")', "(dict)",
          "(list)", "(index (list nil) 0)", '(regexFindAll "x" "y" 1)', '(toDate "2006-01-02" "2024-02-03").Month',
          '((toDate "2006-01-02" "2024-02-03").Sub (toDate "2006-01-02" "2024-02-02"))', "$.Capabilities.KubeVersion", "(until 3)",
          '(split "," "a,b")', '(urlParse "http://u@h/p?q")']
CHARACTERS = list("abcXYZ019 _-:#,.[]{}&*!|>'\"%@`\\?<=~+/\t\n") + ["é", "😀", "\u0085", "\u2028", "\x07", "\u00a0", "  ", ": ", " #", "- "]


def string(random):
    kind = random.random()
    if kind < .6:
        return random.choice(STRINGS)
    if kind < .8:
        return random.choice(STRINGS[:160]) + random.choice(["", " ", "\n", ": ", "\n\n", ", "]) + random.choice(STRINGS[:160])
    return "".join(random.choice(CHARACTERS) for _ in range(random.randint(0, random.choice([4, 12, 100]))))


def quoted(text):
    out, at = '"', 0
    while at < len(text):
        byte = text[at:at + 4]
        if byte.startswith("\\x") and byte[2:] and byte[2] in "89abcdef":
            out += byte
            at += 4
            continue
        character = text[at]
        if character in '\\"':
            out += "\\" + character
        elif ord(character) < 160 and not 32 <= ord(character) < 127 or character == "\ufeff":
            out += f"\\u{ord(character):04x}"
        else:
            out += character
        at += 1
    return out + '"'


def expression(random, depth=0):
    kind = random.random()
    if depth > 3 or kind < .35:
        return quoted(string(random))
    if kind < .45:
        return random.choice(NUMBERS)
    if kind < .53:
        return random.choice(OTHERS)
    if kind < .75:
        return "(" + " ".join(["list"] + [expression(random, depth + 1) for _ in range(random.randint(0, 3))]) + ")"
    entries = [quoted(string(random)) + " " + expression(random, depth + 1) for _ in range(random.randint(0, 4))]
    return "(" + " ".join(["dict"] + entries) + ")"


WRITERS = {"json": ["toJson", "toRawJson", "toPrettyJson", "mustToJson", "mustToPrettyJson"], "toml": ["toToml", "mustToToml"],
           "yaml": ["toYaml", "toYaml", "mustToYaml", "toYamlPretty", "toYamlPretty"]}


def write(random):
    value, chapter = expression(random), random.choice(list(WRITERS))
    template = "{{ %s %s }}" % (random.choice(WRITERS[chapter]), value)
    if chapter == "yaml" and random.random() < .3:
        template = random.choice([
            "{{ $v := %s }}{{ toYaml $v | fromYaml | toJson }}|{{ toYaml $v | fromYamlArray | toJson }}",
            '{{ $v := %s }}{{ toYamlPretty $v | fromYaml | printf "%%#v" }}', 'a:\n  {{- toYaml (dict "k" %s) | nindent 2 }}']) % value
    return {"id": chapter, "template": template}


def main():
    chance = random.Random(int(sys.argv[1]))
    for number in range(int(sys.argv[2])):
        print(json.dumps((read_json, read_yaml, read_toml, write, write)[number % 5](chance)))


main()
