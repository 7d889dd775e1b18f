//! What functions and methods there are, what they take, and what they give.

use std::collections::HashMap;
use std::sync::OnceLock;

/// What an expression is wanted for: a Go type, and what sort of thing of that type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Kind {
    // Strings.
    Str,
    Key,
    Lines,
    Pattern,
    Replacement,
    Haystack,
    Version,
    Constraint,
    Layout,
    Date,
    Duration,
    Zone,
    Url,
    Path,
    Yaml,
    Json,
    Toml,
    Base64,
    Base32,
    NumberText,
    Format,
    TemplateName,
    TemplateText,
    ReflectName,
    TypeName,
    // Numbers.
    Int,
    Size,
    Int64,
    Float,
    Number,
    // The others.
    Bool,
    List,
    Strs,
    Dict,
    UrlDict,
    Time,
    Bytes,
    Object,
    Any,
    /// Something that holds no variable: what is put into a map, so that none holds itself.
    Fresh,
    /// What helpers are called with.
    Context,
    Nil,
}

use Kind::*;

const NAMES: &[(&str, Kind)] = &[
    ("str", Str),
    ("key", Key),
    ("lines", Lines),
    ("pattern", Pattern),
    ("replacement", Replacement),
    ("haystack", Haystack),
    ("version", Version),
    ("constraint", Constraint),
    ("layout", Layout),
    ("date", Date),
    ("duration", Duration),
    ("zone", Zone),
    ("url", Url),
    ("path", Path),
    ("yaml", Yaml),
    ("json", Json),
    ("toml", Toml),
    ("base64", Base64),
    ("base32", Base32),
    ("numbertext", NumberText),
    ("format", Format),
    ("template", TemplateName),
    ("tpl", TemplateText),
    ("kind", ReflectName),
    ("type", TypeName),
    ("int", Int),
    ("size", Size),
    ("int64", Int64),
    ("float", Float),
    ("number", Number),
    ("bool", Bool),
    ("list", List),
    ("strs", Strs),
    ("dict", Dict),
    ("urldict", UrlDict),
    ("time", Time),
    ("bytes", Bytes),
    ("object", Object),
    ("any", Any),
    ("fresh", Fresh),
    ("context", Context),
    ("nil", Nil),
];

impl Kind {
    pub(crate) fn is_text(self) -> bool {
        (self as usize) <= (TypeName as usize)
    }

    pub(crate) const ALL: &'static [Kind] = &[
        Str, Lines, Key, Pattern, Version, Yaml, Json, NumberText, Int, Int64, Float, Number, Bool, List,
        Strs, Dict, Time, Bytes, Object, Any, Nil, Context,
    ];
}

/// A function: its parameters, whether the last may be repeated, and what it gives.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) params: Vec<Kind>,
    pub(crate) variadic: bool,
    pub(crate) result: Kind,
    /// Its chapter, for areas of a few functions.
    pub(crate) chapter: &'static str,
}

/// Chapters, with `name: parameters -> result`. A star repeats the last parameter. `same` as a result means that of
/// the parameters marked so.
const TABLE: &str = "
[builtins]
and: any* -> any
or: any* -> any
not: any -> bool
len: any -> int
index: list size -> any
index: dict key -> any
index: any any* -> any
print: any* -> str
println: any* -> str
printf: format any* -> str
html: any* -> str
js: any* -> str
urlquery: any* -> str
eq: any any* -> bool
eq: str str* -> bool
ne: any any -> bool
ne: str str -> bool
lt: number number -> bool
le: number number -> bool
gt: str str -> bool
ge: int int -> bool
lt: any any -> bool
call: any any* -> any
[strings]
hello: -> str
abbrev: size str -> str
abbrevboth: size size str -> str
trunc: size str -> str
trim: str -> str
trimAll: str str -> str
trimall: str str -> str
trimPrefix: str str -> str
trimSuffix: str str -> str
upper: str -> str
lower: str -> str
title: str -> str
untitle: str -> str
substr: size size str -> str
repeat: size str -> str
nospace: str -> str
initials: str -> str
swapcase: str -> str
camelcase: str -> str
snakecase: str -> str
kebabcase: str -> str
wrap: size str -> str
wrapWith: size str str -> str
contains: str str -> bool
hasPrefix: str str -> bool
hasSuffix: str str -> bool
quote: any* -> str
squote: any* -> str
cat: any* -> str
indent: size lines -> str
nindent: size lines -> str
replace: str str str -> str
plural: str str int -> str
sha1sum: str -> str
sha256sum: str -> str
sha512sum: str -> str
adler32sum: str -> str
toString: any -> str
toStrings: any -> strs
join: str any -> str
join: str list -> str
sortAlpha: any -> strs
sortAlpha: list -> strs
split: str str -> dict
splitn: str size str -> dict
splitList: str str -> strs
[numbers]
atoi: numbertext -> int
int: any -> int
int64: any -> int64
float64: any -> float
int: number -> int
int64: number -> int64
float64: number -> float
toDecimal: any -> int64
add1: number -> int64
add: number* -> int64
sub: number number -> int64
div: number number -> int64
mod: number number -> int64
mul: number number* -> int64
add1f: number -> float
addf: number* -> float
subf: number number* -> float
divf: number number* -> float
mulf: number number* -> float
biggest: number number* -> int64
max: number number* -> int64
min: number number* -> int64
maxf: number number* -> float
minf: number number* -> float
ceil: any -> float
floor: any -> float
round: number size -> float
round: any size float -> float
until: size -> list
untilStep: size size size -> list
seq: size -> str
seq: size size -> str
seq: size size size -> str
[flow]
default: any any -> any
default: str str -> str
default: str any -> str
empty: any -> bool
coalesce: any* -> any
all: any* -> bool
any: any* -> bool
ternary: any any bool -> any
ternary: str str bool -> str
typeOf: any -> str
typeIs: type any -> bool
typeIsLike: type any -> bool
kindOf: any -> str
kindIs: kind any -> bool
deepEqual: any any -> bool
deepCopy: any -> any
mustDeepCopy: any -> any
fail: str -> str
required: str any -> any
required: str str -> str
[lists]
list: any* -> list
tuple: any* -> list
first: list -> any
mustFirst: any -> any
rest: list -> list
mustRest: any -> list
last: list -> any
mustLast: any -> any
initial: list -> list
mustInitial: any -> list
append: list any -> list
mustAppend: any any -> list
push: list any -> list
mustPush: list any -> list
prepend: list any -> list
mustPrepend: list any -> list
reverse: list -> list
mustReverse: any -> list
compact: list -> list
mustCompact: any -> list
uniq: list -> list
mustUniq: any -> list
without: list any* -> list
mustWithout: list any* -> list
has: any list -> bool
mustHas: any any -> bool
slice: list size size -> list
slice: list size -> list
mustSlice: any any* -> list
chunk: size list -> list
mustChunk: size any -> list
concat: list* -> list
concat: any* -> list
[dicts]
dict: key any key any -> dict
dict: key any -> dict
dict: any* -> dict
get: dict key -> any
set: dict key fresh -> dict
unset: dict key -> dict
hasKey: dict key -> bool
pluck: key dict* -> list
pick: dict key* -> dict
omit: dict key* -> dict
merge: dict dict* -> dict
mergeOverwrite: dict dict* -> dict
mustMerge: dict dict* -> dict
mustMergeOverwrite: dict dict* -> dict
dig: key any dict -> any
dig: key key any dict -> any
dig: str* -> any
[encoding]
b64enc: str -> str
b64dec: base64 -> str
b32enc: str -> str
b32dec: base32 -> str
[paths]
base: path -> str
dir: path -> str
clean: path -> str
ext: path -> str
isAbs: path -> bool
osBase: path -> str
osDir: path -> str
osClean: path -> str
osExt: path -> str
osIsAbs: path -> bool
[urls]
urlParse: url -> urldict
urlJoin: urldict -> str
urlJoin: dict -> str
urlquery: url -> str
[regex]
regexMatch: pattern haystack -> bool
mustRegexMatch: pattern haystack -> bool
regexFindAll: pattern haystack size -> strs
mustRegexFindAll: pattern haystack size -> strs
regexFind: pattern haystack -> str
mustRegexFind: pattern haystack -> str
regexReplaceAll: pattern haystack replacement -> str
mustRegexReplaceAll: pattern haystack replacement -> str
regexReplaceAllLiteral: pattern haystack replacement -> str
mustRegexReplaceAllLiteral: pattern haystack replacement -> str
regexSplit: pattern haystack size -> strs
mustRegexSplit: pattern haystack size -> strs
regexQuoteMeta: haystack -> str
[semver]
semver: version -> object
semverCompare: constraint version -> bool
[dates]
date: layout time -> str
date: layout number -> str
dateInZone: layout time zone -> str
htmlDate: time -> str
htmlDateInZone: time zone -> str
dateModify: duration time -> time
mustDateModify: duration time -> time
duration: any -> str
duration: numbertext -> str
durationRound: any -> str
durationRound: duration -> str
toDate: layout date -> time
mustToDate: layout date -> time
unixEpoch: time -> str
[crypto]
derivePassword: size str str str str -> str
genPrivateKey: str -> str
buildCustomCert: base64 base64 -> object
decryptAES: str base64 -> str
[helm]
include: template context -> str
tpl: tpl context -> str
lookup: str str str str -> dict
getHostByName: str -> str
[yaml]
toYaml: any -> str
mustToYaml: any -> str
toYamlPretty: any -> str
fromYaml: yaml -> dict
fromYamlArray: yaml -> list
[json]
toJson: any -> str
mustToJson: any -> str
toPrettyJson: any -> str
mustToPrettyJson: any -> str
toRawJson: any -> str
mustToRawJson: any -> str
fromJson: json -> dict
fromJsonArray: json -> list
mustFromJson: json -> any
[toml]
toToml: any -> str
toToml: dict -> str
mustToToml: any -> str
fromToml: toml -> dict
";

/// Expressions with placeholders: `{kind}` is an argument of a kind, `@` the way to the top (`.` or `$`), without which
/// the pattern is not used.
pub(crate) const PATTERNS: &[(Kind, &str)] = &[
    (Str, "@.Release.Name"),
    (Str, "@.Release.Namespace"),
    (Str, "@.Release.Service"),
    (Int, "@.Release.Revision"),
    (Bool, "@.Release.IsInstall"),
    (Bool, "@.Release.IsUpgrade"),
    (Str, "@.Release.Nope"),
    (Str, "@.Chart.Name"),
    (Str, "@.Chart.Version"),
    (Str, "@.Chart.AppVersion"),
    (Str, "@.Chart.Description"),
    (Str, "@.Chart.Type"),
    (Bool, "@.Chart.IsRoot"),
    (Any, "@.Chart.Nope"),
    (List, "@.Chart.Keywords"),
    (Any, "@.Chart.Annotations"),
    (Any, "@.Chart.Maintainers"),
    (Str, "@.Template.Name"),
    (Str, "@.Template.BasePath"),
    (Object, "@.Capabilities"),
    (Object, "@.Capabilities.KubeVersion"),
    (Str, "@.Capabilities.KubeVersion.Version"),
    (Str, "@.Capabilities.KubeVersion.Major"),
    (Str, "@.Capabilities.KubeVersion.Minor"),
    (Str, "@.Capabilities.KubeVersion.GitVersion"),
    (Str, "@.Capabilities.KubeVersion.String"),
    (Object, "@.Capabilities.APIVersions"),
    (Object, "@.Capabilities.HelmVersion"),
    (Str, "@.Capabilities.HelmVersion.Version"),
    (Str, "@.Capabilities.HelmVersion.GitCommit"),
    (Bool, "@.Capabilities.APIVersions.Has {str}"),
    (Bool, "@.Capabilities.APIVersions.Has \"apps/v1\""),
    (Bool, "@.Capabilities.APIVersions.Has \"apps/v1/Deployment\""),
    (Bool, "@.Capabilities.APIVersions.Has {any}"),
    (Str, "@.Files.Get {path}"),
    (Bytes, "@.Files.GetBytes {path}"),
    (Dict, "@.Files.Glob {path}"),
    (Strs, "@.Files.Lines {path}"),
    (Str, "(@.Files.Glob {path}).AsConfig"),
    (Str, "(@.Files.Glob {path}).AsSecrets"),
    (Str, "@.Files.AsConfig"),
    (Dict, "@.Files"),
    (Str, "(@.Files.Glob {path}).Get {path}"),
    (Int, "len (@.Files.Glob {path})"),
    (Bytes, "index @.Files {path}"),
    (Any, "@.Files.Nope"),
    (Str, "@.Files.Get {any}"),
    (Str, "@.Files.Get {path} | fromYaml | toJson"),
    (Dict, "@.Values"),
    (Dict, "@.Values.AsMap"),
    (Str, "@.Values.YAML"),
    (Any, "@.Values.PathValue {key}"),
    (Dict, "@.Values.Table {key}"),
    (Any, "@.Values.PathValue \"m.a\""),
    (Any, "@.Values.PathValue \"deep.x.y.z\""),
    (Dict, "@.Values.Table \"deep.x\""),
    (Any, "@.Values.nope"),
    (Any, "@.Values.nope.deeper"),
    (Any, "@.Values.m.nope"),
    (Any, "@.Values.deep.x.y.z"),
    (Any, "@.Values.deep.l"),
    (Any, "(index @.Values.deep.l 1).k"),
    (Dict, "@.Subcharts"),
    (Object, "@"),
    (Any, "index @.Values {key}"),
    (Any, "index @.Values {key} {key}"),
    (Any, "index @ \"Values\" {key}"),
    (Strs, "keys {dict} | sortAlpha"),
    (Strs, "values {dict} | toStrings | sortAlpha"),
    (List, "keys {dict} {dict} | sortAlpha | uniq"),
    (Int, "len (values {dict})"),
    (Int, "len (keys {dict})"),
    (Int64, "(semver {version}).Major"),
    (Int64, "(semver {version}).Minor"),
    (Int64, "(semver {version}).Patch"),
    (Str, "(semver {version}).Prerelease"),
    (Str, "(semver {version}).Metadata"),
    (Str, "(semver {version}).Original"),
    (Str, "(semver {version}).String"),
    (Object, "(semver {version}).IncMinor"),
    (Object, "(semver {version}).IncMajor"),
    (Object, "(semver {version}).IncPatch"),
    (Int, "(semver {version}).Compare (semver {version})"),
    (Bool, "(semver {version}).LessThan (semver {version})"),
    (Bool, "(semver {version}).Equal (semver {version})"),
    (Str, "(urlParse {url}).host"),
    (Str, "(urlParse {url}).path"),
    (Str, "(urlParse {url}).query"),
    (Str, "(urlParse {url}).scheme"),
    (Str, "(urlParse {url}).userinfo"),
    (Str, "urlParse {url} | urlJoin"),
    (Str, "(urlParse {url}).nope"),
    (
        Str,
        "dict \"scheme\" {str} \"host\" {str} \"path\" {path} \"query\" {str} \"opaque\" \"\" \"fragment\" {str} \"userinfo\" {str} | urlJoin",
    ),
    (Int, "(toDate {layout} {date}).Year"),
    (Any, "(toDate {layout} {date}).Month"),
    (Int, "(toDate {layout} {date}).Day"),
    (Any, "(toDate {layout} {date}).Weekday"),
    (Int64, "(toDate {layout} {date}).Unix"),
    (Time, "(toDate {layout} {date}).AddDate {int} {int} {int}"),
    (Time, "(toDate {layout} {date}).UTC"),
    (Str, "(toDate {layout} {date}).Format {layout}"),
    (Int, "(toDate {layout} {date}).YearDay"),
    (Str, "(toDate {layout} {date}).String"),
    (Bool, "(toDate {layout} {date}).IsZero"),
    (Bool, "(toDate {layout} {date}).Before {time}"),
    (Any, "(toDate {layout} {date}).Sub {time}"),
    (Any, "(fromYaml {yaml}).a"),
    (Any, "(fromJson {json}).a"),
    (Any, "(fromToml {toml}).a"),
    (Any, "(dict \"a\" {any} \"b\" {any}).a"),
    (Any, "(dict \"a\" (dict \"b\" {any})).a.b"),
    (Any, "(list {any} {any} | last)"),
    (Any, "({any})"),
    (Any, "get (dict \"a\" {any}) {key}"),
    (Str, "printf \"%v\" {any}"),
    (Str, "printf \"%T\" {any}"),
    (Str, "printf \"%s-%d\" {str} {int}"),
    (Str, "printf \"%q\" {str}"),
    (Str, "(printf \"%s\" {str} | trunc 63 | trimSuffix \"-\")"),
    (Str, "toYaml {any} | nindent {size}"),
    (Str, "tpl (toYaml {any}) {context}"),
    (Str, "tpl {str} {context}"),
    (Str, "include {template} {context} | nindent {size}"),
    (Str, "include {template} {context} | trim | quote"),
    (Str, "include {str} {context}"),
    (Any, "include {template} {context} | fromYaml"),
    (Dict, "merge (dict) {dict} {dict}"),
    (Dict, "mergeOverwrite (deepCopy {dict}) {dict}"),
    (Dict, "dict \"ctx\" @ \"v\" {any}"),
    (Any, "{any} | default {any}"),
    (Str, "{str} | default {str} | quote"),
    (Any, "{dict} | dig {key} {key} {any}"),
    (Str, "toString {any} | b64enc"),
    (Str, "b64enc {str} | b64dec"),
    (Str, "join \",\" {list}"),
    (Any, "index {list} 0"),
    (Any, "(index {list} 0).a"),
    (Any, "first {list}"),
    (Str, "toJson {any} | fromJson | toYaml"),
    (Any, "ternary {any} {any} {bool}"),
    (List, "regexSplit {pattern} {haystack} -1"),
    (Str, "{str} | replace {str} {str} | trimAll {str}"),
    (Str, "{lines} | indent {size} | trim"),
    (Any, "and {any} {any}"),
    (Any, "or {any} {any}"),
    (Bool, "and (kindIs \"map\" {any}) (hasKey {dict} {key})"),
    (Bool, "not (empty {any})"),
    (Int, "add {number} {number} | int"),
    (Int, "int {number}"),
    (Int, "{str} | len"),
    (Int64, "mul {number} {number}"),
    (Float, "divf {number} {number}"),
    (Float, "float64 {number}"),
    (Bool, "eq {str} {str}"),
    (Bool, "gt {int} {int}"),
    (Bool, "semverCompare {constraint} {version}"),
    (Bool, "regexMatch {pattern} {haystack}"),
    (Bool, "hasKey {dict} {key}"),
    (Bool, "has {any} {list}"),
    (Bool, "eq {any} nil"),
    (Bool, "ne nil {any}"),
    (Any, "nil"),
    (Str, "adler32sum {str}"),
    (Str, "derivePassword 1 {str} {str} {str} {str}"),
];

/// All functions, and where to find those that give something.
pub(crate) struct Functions {
    pub(crate) all: Vec<Function>,
    by_result: HashMap<Kind, Vec<usize>>,
    by_chapter: HashMap<&'static str, Vec<usize>>,
    patterns: HashMap<Kind, Vec<&'static str>>,
}

impl Functions {
    fn read() -> Functions {
        let kind = |name: &str| NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
        let mut functions = Functions {
            all: Vec::new(),
            by_result: HashMap::new(),
            by_chapter: HashMap::new(),
            patterns: HashMap::new(),
        };
        let mut chapter = "";
        for line in TABLE.lines().filter(|line| !line.is_empty()) {
            if let Some(name) = line.strip_prefix('[') {
                chapter = name.trim_end_matches(']');
                continue;
            }
            let (name, rest) = line.split_once(':').expect("a line of the table has a colon");
            let (params, result) = rest.split_once("->").expect("a line of the table has an arrow");
            let names: Vec<&str> = params.split_whitespace().collect();
            let variadic = names.last().is_some_and(|name| name.ends_with('*'));
            let params =
                names.iter().map(|name| kind(name.trim_end_matches('*')).expect("a known kind")).collect();
            let result = kind(result.trim()).expect("a known kind");
            let index = functions.all.len();
            functions.all.push(Function { name, params, variadic, result, chapter });
            functions.by_result.entry(result).or_default().push(index);
            functions.by_chapter.entry(chapter).or_default().push(index);
        }
        for (kind, pattern) in PATTERNS {
            functions.patterns.entry(*kind).or_default().push(pattern);
        }
        functions
    }

    pub(crate) fn get() -> &'static Functions {
        static FUNCTIONS: OnceLock<Functions> = OnceLock::new();
        FUNCTIONS.get_or_init(Functions::read)
    }

    /// The indexes of the functions that give a kind.
    pub(crate) fn giving(&self, kind: Kind) -> &[usize] {
        self.by_result.get(&kind).map(Vec::as_slice).unwrap_or_default()
    }

    /// The indexes of the functions of a chapter.
    pub(crate) fn chapter(&self, chapter: &str) -> &[usize] {
        self.by_chapter.get(chapter).map(Vec::as_slice).unwrap_or_default()
    }

    /// The patterns that give a kind.
    pub(crate) fn patterns(&self, kind: Kind) -> &[&'static str] {
        self.patterns.get(&kind).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The kind of a placeholder.
pub(crate) fn placeholder(name: &str) -> Option<Kind> {
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Functions of Helm that are never asked for: random, dependent on the time, or given in the order of a map. `keys` and
    /// `values` are asked for inside of patterns that sort.
    const LEFT_OUT: &[&str] = &[
        "now",
        "ago",
        "shuffle",
        "randAlpha",
        "randAlphaNum",
        "randAscii",
        "randBytes",
        "randInt",
        "randNumeric",
        "uuidv4",
        "genCA",
        "genCAWithKey",
        "genSelfSignedCert",
        "genSelfSignedCertWithKey",
        "genSignedCert",
        "genSignedCertWithKey",
        "bcrypt",
        "htpasswd",
        "encryptAES",
        "keys",
        "values",
    ];

    #[test]
    fn every_function_of_helm_is_asked_for_or_left_out_on_purpose() {
        let functions = Functions::get();
        for name in chart_lint::cli::function_names() {
            let known =
                functions.all.iter().any(|function| function.name == name) || LEFT_OUT.contains(&name);
            assert!(known, "{name} is neither in the table nor left out");
        }
    }

    #[test]
    fn placeholders_have_kinds() {
        for (_, pattern) in PATTERNS {
            for part in pattern.split('{').skip(1) {
                let name = part.split('}').next().unwrap_or_default();
                assert!(placeholder(name).is_some(), "{pattern}: {name}");
            }
        }
    }
}
