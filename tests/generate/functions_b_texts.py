#!/usr/bin/env python3
"""Questions about regular expressions and versions: see functions_b.py."""
import json, random, sys

ATOMS = r"""a b c x é 日 😀 0 9 _ - . \d \D \w \W \s \S \b \B \A \z \Z ^ $ [a-c] [^a-c] []a] [^]a] [a-] [-a] [a&&b]
[a--b] [a~~b] [[] [[:alpha:]] [[:^digit:]] [[:word:]_] [[:nope:]] [\d\-x] [\w.] [^\s] [\pL] \pL \p{Greek} \P{Latin}
\p{^L} \p{Lu} \pX \p{ \p{Any} \P{Any} \p{Han} \p{Letter} \p{ascii} \p{Assigned} \p{lc} \Qa.b\E \Q* \E \x41 \x{e9}
\x{110000} \x4 \x \07 \123 \8 \1 \a \f \n \r \t \v \. \* \_ \é \C \ (?i) (?s) (?m) (?U) (?-i) (?i-s) (?is:a.) (?i:k)
(?x) (? (?P<n>a) (?<n>b) (?P<n (?P<>a) (?P<1a>b) (?P<a-b>c) (?P=n) (?=a) (?#c) (?:a|b) (?:) () (a) (a|b) (|a) (a|)
(a*) ( (?: ) | || [ [a [z-a] [a-\d] [\d-z] k K s ſ ß [^\n] (?i)[^k] (?i:\W) (?i)\pL (?i)\p{Lu} (?i)é \Pé [\Q] { } {1
{,2} {1} {2,1} ]""".split() + [" ", "\n", r"\p{lower case letter}"]
WRONG = r"""( [ \ \Z \pX \p{ \x4 \x \8 \1 \C (? (?P<n (?P<>a) (?P<a-b>c) (?P=n) (?=a) (?#c) (?x) [z-a] [\d-z] [a-\d]
[[:nope:]] \x{110000} \é ) [a \E [\Q]""".split()
RIGHT = [atom for atom in ATOMS if atom not in WRONG]
REPEATS = "* + ? *? +? ?? {0} {1} {2} {0,1} {1,} {2,3} {0,}? {3}?".split()
ODD_REPEATS = "{,3} {1001} {2,1} {01} {1000} ** +* {2}{3} *{2} {2}* ?+ {99999999999}".split()
TEXTS = ["", "a", "ab", "aab", "abcabc", "The year 1999, foo_bar-Baz a.b (x) é日", "aXbXc", "a\nb\nc\n", "\n", "kKK ſs",
         "日本語 text", "😀é", "foo.bar.baz", "a  b", "ααβγ", "AbC", "x{,2}", "0123456789", "a-b_c.d", "ǅdž", "İıiI",
         "\ufffd", "a\0b", "a]b", "&&~~--"]
REPLACEMENTS = ["", "x", "<$0>", "${1}", "$1x", "${1}x", "$n", "${n}y", "$$", "$", "${", "$1$2", "[$2]", "\\1", "$é", "${1",
                "$0$0", "$10", "$01", "$-", "a$b", "${n}${0}"]
REGEXP_TEMPLATES = [
    "{{ regexFindAll .Values.p .Values.t (len .Values.n) | toJson }}{{ regexFindAll .Values.p .Values.t -1 | toJson }}",
    "{{ mustRegexFindAll .Values.p .Values.t -1 | toJson }}",
    "{{ regexReplaceAll .Values.p .Values.t .Values.r }}",
    "{{ mustRegexReplaceAll .Values.p .Values.t .Values.r }}",
    "{{ regexReplaceAllLiteral .Values.p .Values.t .Values.r }}|{{ regexMatch .Values.p .Values.t }}",
    "{{ regexSplit .Values.p .Values.t (len .Values.n) | toJson }}{{ regexSplit .Values.p .Values.t -1 | toJson }}",
    "{{ mustRegexSplit .Values.p .Values.t -1 | toJson }}",
    '{{ regexMatch .Values.p .Values.t }}{{ printf "%q" (mustRegexFind .Values.p .Values.t) }}',
    "{{ mustRegexMatch .Values.p .Values.t }}{{ regexQuoteMeta .Values.p }}",
    '{{ regexFindAll .Values.p "a\\xffb\\xe6\\x97 \\xf0é" -1 | printf "%q" }}',
    '{{ regexReplaceAll .Values.p "\\xffa\\xff\\xfeb" .Values.r | printf "%q" }}',
]


def expression(random, atoms, depth=0):
    out = ""
    for _ in range(random.randint(1, 4)):
        kind = random.random()
        if kind < .2 and depth < 3:
            out += random.choice(["(", "(?:", "(?P<m>", "(?i:", "(?s:", "(?U:"]) + expression(random, atoms, depth + 1) + ")"
        elif kind < .3 and depth < 3:
            out += expression(random, atoms, depth + 1) + "|" + expression(random, atoms, depth + 1)
        else:
            out += random.choice("abcx k" if kind < .6 else atoms)
        if random.random() < .3:
            out += random.choice(REPEATS if random.random() < .95 else ODD_REPEATS)
    return out


def regexp(random):
    pattern = expression(random, RIGHT if random.random() < .7 else ATOMS)
    if random.random() < .03:
        pattern = "".join(chr(random.randint(32, 126)) for _ in range(random.randint(1, 8)))
    text = random.choice(TEXTS)
    if random.random() < .3:
        text = "".join(random.choice("abcxk0 _.-é日\n") for _ in range(random.randint(0, 12)))
    values = {"p": pattern, "t": text, "r": random.choice(REPLACEMENTS), "n": "x" * random.choice([0, 0, 1, 2, 3, 100])}
    return {"id": "regexp", "template": random.choice(REGEXP_TEMPLATES), "values": values}


NUMBERS = ["0", "1", "2", "3", "10", "x", "X", "*", "01", "1|2", "1x", "99999999999999999999"]
SMALL = ["0", "1", "2", "3", "4"]
ENDS = ["", "", "", "-0", "-alpha", "-alpha.1", "-rc.1", "-1", "-01", "-a.b", "-alpha.", "-", "-0.3.7", "-beta-x",
        "-18446744073709551616", "-12345678901234567890123.1"]
METADATA = ["", "", "", "+b", "+b.1", "+", "+01"]
OPERATORS = ["", "=", "!=", ">", "<", ">=", "=>", "<=", "=<", "~", "~>", "^", "==", "><", "^^"]
SPACES = ["", "", " ", "  ", "\t", "\v", "\f", ", "]
JOINTS = [" ", ", ", ",", " || ", "||", " | ", " ,", " , "]
VERSION_TEMPLATES = [
    "{{ $v := semver .Values.v }}{{ $v }} {{ $v.Major }} {{ $v.Minor }} {{ $v.Patch }} {{ $v.Prerelease }} {{ $v.Metadata }}",
    "{{ $v := semver .Values.v }}{{ $v.Original }} {{ $v.IncMajor }} {{ $v.IncMinor }} {{ $v.IncPatch }} {{ toJson $v }}",
    '{{ $v := semver .Values.v }}{{ $v.MarshalText }} {{ printf "%v %s %q %T %#v" $v $v $v $v $v.IncPatch }}',
    "{{ $v := semver .Values.v }}{{ $w := semver .Values.w }}{{ $v.Compare $w }} {{ $v.Equal $w }} {{ $v.LessThan $w }}",
    "{{ $v := semver .Values.v }}{{ $w := semver .Values.w }}{{ $v.GreaterThanEqual $w }} {{ $v.LessThanEqual $w }}",
    "{{ $v := semver .Values.v }}{{ $v.SetPrerelease .Values.w }}",
    "{{ $v := semver .Values.v }}{{ $v.SetMetadata .Values.w }}",
    "{{ $v := semver .Values.v }}{{ $v.Scan .Values.w }} {{ $v }}",
    "{{ (semver .Values.v).IncMajor.Original }}{{ (semver .Values.v).Compare nil }}",
    "{{ (semver .Values.v).LessThan (semver .Values.w).IncMajor }}",
]


def version(random):
    if random.random() < .8:
        numbers = ".".join(random.choice(SMALL) for _ in range(random.choice([1, 2, 3, 3, 3])))
        return random.choice(["", "", "v"]) + numbers + random.choice(["", "", "-0", "-alpha", "-rc.1", "-2"]) + random.choice(["", "", "+b"])
    return odd_version(random)


def odd_version(random):
    numbers = ".".join(random.choice(NUMBERS) for _ in range(random.choice([1, 2, 3, 3, 3, 4])))
    return random.choice(["", "", "v"]) + numbers + random.choice(ENDS) + random.choice(METADATA)


def constraint(random):
    def partial():
        numbers = ".".join(random.choice(SMALL + ["x", "*"]) for _ in range(random.choice([1, 2, 3, 3])))
        return numbers + random.choice(["", "", "", "-0", "-alpha", "-rc.1"])
    kind = random.random()
    if kind < .12:
        return partial() + random.choice([" - ", "  -  ", "-", " -", "- "]) + partial()
    if kind < .2:
        return random.choice(SPACES) + random.choice(OPERATORS) + random.choice(SPACES) + odd_version(random)
    return random.choice(OPERATORS[:12]) + random.choice(["", "", " "]) + partial()


def semver(random):
    constraints = constraint(random)
    for _ in range(random.choice([0, 0, 0, 1, 1, 2])):
        constraints += random.choice(JOINTS) + constraint(random)
    template = random.choice(VERSION_TEMPLATES) if random.random() < .35 else "{{ semverCompare .Values.c .Values.v }}"
    return {"id": "semver", "template": template, "values": {"v": version(random), "w": version(random), "c": constraints}}


def main():
    chance = random.Random(int(sys.argv[1]))
    for number in range(int(sys.argv[2])):
        print(json.dumps((regexp, semver)[number % 2](chance)))


main()
