//! The objects that Helm gives to templates besides plain maps: `.Values` with its methods, `.Files`,
//! `.Capabilities`.

use std::any::Any;
use std::rc::Rc;

use chart_lint_template::types::{NamedType, Type, Underlying};
use chart_lint_template::{
    Args, Data, Error, Field, Function, List, Map, Object, OriginId, Result, State, Text, TextBuilder, Value,
};

use super::functions::{encoding, yaml};

/// `common.Values`, the type of `.` and `.Values`.
pub(crate) static VALUES: NamedType = NamedType {
    name: "common.Values",
    underlying: Underlying::Type(Type::DICT),
    methods: &[
        Function { name: "YAML", params: &[], variadic: false, run: values_yaml },
        Function { name: "Table", params: &[Type::String], variadic: false, run: values_table },
        Function { name: "AsMap", params: &[], variadic: false, run: values_as_map },
        Function { name: "Encode", params: &[Type::Named(&IO_WRITER)], variadic: false, run: values_encode },
        Function { name: "PathValue", params: &[Type::String], variadic: false, run: values_path_value },
    ],
};

static IO_WRITER: NamedType =
    NamedType { name: "io.Writer", underlying: Underlying::Interface, methods: &[] };

/// The type of `.` and `.Values`.
pub(crate) const VALUES_TYPE: Type = Type::Named(&VALUES);

fn values_yaml(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let text = yaml::marshal(state, args.value(0))?;
    let mut out = TextBuilder::new();
    out.push_text(&text);
    out.push(b"\n", OriginId::NONE);
    Ok(out.finish().into())
}

fn values_as_map(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    Ok(Value::from(args.map(0).with_type(Type::DICT)))
}

fn values_encode(_: &mut State<'_>, _: &mut Args<'_>) -> Result<Value> {
    // Templates have no writer to give but nil.
    Err(Error::new("runtime error: invalid memory address or nil pointer dereference"))
}

/// A table inside of nested maps, or the name of the part that is not one.
fn table(values: &Map, path: &[&[u8]]) -> std::result::Result<Map, Text> {
    let mut table = values.clone();
    for name in path {
        table = match table.get(name).map(|value| value.data) {
            Some(Data::Map(map)) if map.type_of() == Type::DICT || map.type_of() == VALUES_TYPE => map,
            _ => return Err(Text::plain(*name)),
        };
    }
    Ok(table.with_type(VALUES_TYPE))
}

fn values_table(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let path = args.text(1);
    let parts: Vec<&[u8]> = path.as_bytes().split(|&b| b == b'.').collect();
    let found = table(&args.map(0), &parts);
    found.map(Value::from).map_err(|name| no("table", &name))
}

fn no(what: &str, name: &Text) -> Error {
    Error::new(format!("{} is not a {what}", chart_lint_template::quote::go_quote(name.as_bytes())))
}

fn values_path_value(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let path = args.text(1);
    if path.is_empty() {
        return Err(Error::new("YAML path cannot be empty"));
    }
    let parts: Vec<&[u8]> = path.as_bytes().split(|&b| b == b'.').collect();
    let Some((&key, tables)) = parts.split_last() else { return Ok(Value::INVALID) };
    let missing = || no("value", &Text::plain(key));
    let found = table(&args.map(0), tables).map_err(|_| missing())?.get(key);
    match found {
        Some(Value { data: Data::Map(map), .. }) if map.type_of() == Type::DICT => Err(missing()),
        Some(value) => Ok(value),
        None => Err(missing()),
    }
}

// ---- .Files ----

/// `engine.files`: the files of a chart that are not templates, by path.
pub(crate) static FILES: NamedType = NamedType {
    name: "engine.files",
    underlying: Underlying::Type(Type::Map(&Type::BYTES)),
    methods: &[
        Function { name: "Get", params: &[Type::String], variadic: false, run: files_get },
        Function { name: "GetBytes", params: &[Type::String], variadic: false, run: files_get_bytes },
        Function { name: "Glob", params: &[Type::String], variadic: false, run: files_glob },
        Function { name: "AsConfig", params: &[], variadic: false, run: files_as_config },
        Function { name: "AsSecrets", params: &[], variadic: false, run: files_as_secrets },
        Function { name: "Lines", params: &[Type::String], variadic: false, run: files_lines },
    ],
};

/// The type of `.Files`.
pub(crate) const FILES_TYPE: Type = Type::Named(&FILES);

fn file(args: &Args<'_>) -> Option<Text> {
    let name = args.text(1);
    match args.map(0).get(name.as_bytes())?.data {
        Data::Bytes(text) => Some(text),
        _ => None,
    }
}

fn files_get(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    Ok(Value::from(file(args).unwrap_or_default()))
}

fn files_get_bytes(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    Ok(Value::new(Data::Bytes(file(args).unwrap_or_default())))
}

fn files_glob(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let pattern = args.text(1);
    let glob = super::glob::Glob::new(&pattern.to_utf8());
    let found = Map::typed(FILES_TYPE);
    for (name, entry) in args.map(0).entries() {
        state.spend_steps(1)?;
        if glob.matches(&name.to_utf8()) {
            found.insert_entry(name, entry);
        }
    }
    Ok(found.into())
}

/// The last part of a path, as `path.Base` gives it.
fn base(path: &[u8]) -> &[u8] {
    match path.iter().rposition(|&b| b == b'/') {
        Some(slash) => &path[slash + 1..],
        None => path,
    }
}

fn files_as_config(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    as_yaml(state, args, |_, text| text)
}

fn files_as_secrets(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    as_yaml(state, args, |state, text| {
        let origin = state.origin_of_text(&text);
        let mut encoded = Vec::new();
        encoding::base64_encode(text.as_bytes(), &mut encoded);
        Text::new(encoded, origin)
    })
}

fn as_yaml(
    state: &mut State<'_>,
    args: &Args<'_>,
    convert: fn(&mut State<'_>, Text) -> Text,
) -> Result<Value> {
    let map = Map::typed(Type::STRING_MAP);
    for (name, entry) in args.map(0).entries() {
        if let Data::Bytes(text) = entry.value.data {
            let text = convert(state, text);
            map.insert(base(&name), text.into());
        }
    }
    match yaml::marshal(state, &map.into()) {
        Err(error) if !error.is_limit() => Ok(Value::from("")),
        result => result.map(Value::from),
    }
}

fn files_lines(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let Some(text) = file(args) else {
        return Ok(List::exact(Type::STRINGS, Vec::new()).into());
    };
    let bytes = text.as_bytes();
    let Some(last) = bytes.last() else {
        return Err(Error::new("runtime error: index out of range [-1]"));
    };
    let end = if *last == b'\n' { bytes.len() - 1 } else { bytes.len() };
    let mut lines = Vec::new();
    let mut start = 0;
    for at in bstr::ByteSlice::find_iter(&bytes[..end], b"\n").chain([end]) {
        lines.push(Value::from(text.slice(start..at)));
        start = at + 1;
    }
    Ok(List::exact(Type::STRINGS, lines).into())
}

// ---- .Capabilities ----

/// The version of Helm that is copied.
pub const HELM_VERSION: &str = "v4.2.4";

/// What `.Capabilities.HelmVersion.GoVersion` says: the compiler that built the reference.
const GO_VERSION: &str = "go1.26.8";

/// The Kubernetes version that Helm assumes when none is given.
pub const DEFAULT_KUBE_VERSION: &str = "v1.36.0";

/// The API versions that Helm assumes without a cluster: those of its client library.
pub const DEFAULT_API_VERSIONS: &[&str] = &[
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha2",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
];

/// A Kubernetes version as Helm takes it apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubeVersion {
    /// As given, with a `v` before it.
    pub version: String,
    /// Without suffixes: what constraints are checked against.
    pub normalized: String,
    /// The major version.
    pub major: u64,
    /// The minor version.
    pub minor: u64,
}

impl Default for KubeVersion {
    fn default() -> Self {
        let version = DEFAULT_KUBE_VERSION.to_owned();
        KubeVersion { normalized: version.clone(), version, major: 1, minor: 36 }
    }
}

impl KubeVersion {
    /// Reads a version as `k8s.io/apimachinery`'s `ParseGeneric` does; errors are its.
    pub fn parse(text: &str) -> std::result::Result<KubeVersion, String> {
        use chart_lint_template::quote::go_quote;
        let shown = go_quote(text.as_bytes());
        let numbers = text.trim_start_matches([' ', '\t', '\n', '\x0c', '\r']);
        let numbers = numbers.strip_prefix('v').unwrap_or(numbers);
        let mut parts = Vec::new();
        let mut rest = numbers;
        loop {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            if end == 0 {
                break;
            }
            parts.push(&rest[..end]);
            match rest[end..].strip_prefix('.') {
                Some(next) => rest = next,
                None => break,
            }
        }
        if parts.is_empty() || rest.contains('\n') {
            return Err(format!("could not parse {shown} as version"));
        }
        if parts.len() < 2 {
            return Err(format!("illegal version string {shown}"));
        }
        let mut components = Vec::new();
        for (i, part) in parts.iter().enumerate() {
            let quoted = go_quote(part.as_bytes());
            if i == 0 && part.len() > 1 && part.starts_with('0') {
                return Err(format!("illegal zero-prefixed version component {quoted} in {shown}"));
            }
            components.push(part.parse::<u64>().map_err(|_| {
                let why = format!("strconv.ParseUint: parsing {quoted}: value out of range");
                format!("illegal non-numeric version component {quoted} in {shown}: {why}")
            })?);
        }
        let version = if text.starts_with('v') { text.to_owned() } else { format!("v{text}") };
        let normalized = components.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
        Ok(KubeVersion {
            version,
            normalized: format!("v{normalized}"),
            major: components[0],
            minor: components[1],
        })
    }
}

/// What a cluster can do, as `.Capabilities` says.
#[derive(Clone, Debug)]
pub struct Capabilities {
    /// The Kubernetes version.
    pub kube_version: KubeVersion,
    /// The API versions, in the order of the flags after Helm's own.
    pub api_versions: Vec<String>,
}

impl Default for Capabilities {
    fn default() -> Self {
        Capabilities {
            kube_version: KubeVersion::default(),
            api_versions: DEFAULT_API_VERSIONS.iter().map(|&version| version.to_owned()).collect(),
        }
    }
}

static CAPABILITIES: NamedType = NamedType {
    name: "common.Capabilities",
    underlying: Underlying::Struct,
    methods: &[Function { name: "Copy", params: &[], variadic: false, run: |_, args| Ok(args.take(0)) }],
};
static KUBE_VERSION: NamedType = NamedType {
    name: "common.KubeVersion",
    underlying: Underlying::Struct,
    methods: &[
        Function { name: "String", params: &[], variadic: false, run: kube_version_string },
        Function { name: "GitVersion", params: &[], variadic: false, run: kube_version_git },
    ],
};
static KUBE_VERSION_COPY: NamedType =
    NamedType { name: "common.KubeVersion", underlying: Underlying::Struct, methods: &[] };
static VERSION_SET: NamedType = NamedType {
    name: "common.VersionSet",
    underlying: Underlying::Type(Type::STRINGS),
    methods: &[Function { name: "Has", params: &[Type::String], variadic: false, run: version_set_has }],
};
static BUILD_INFO: NamedType =
    NamedType { name: "version.BuildInfo", underlying: Underlying::Struct, methods: &[] };
static CAPABILITIES_POINTEE: Type = Type::Named(&CAPABILITIES);

struct CapabilitiesObject {
    kube_version: Rc<dyn Object>,
    api_versions: List,
    helm_version: Rc<dyn Object>,
}

impl Object for CapabilitiesObject {
    fn type_of(&self) -> Type {
        Type::Pointer(&CAPABILITIES_POINTEE)
    }
    fn fields(&self) -> Vec<Field> {
        vec![
            Field::new("KubeVersion", self.kube_version.clone()),
            Field::new("APIVersions", self.api_versions.clone()),
            Field::new("HelmVersion", self.helm_version.clone()),
        ]
    }
    fn deep_copied(&self) -> Option<Rc<dyn Object>> {
        Some(Rc::new(CapabilitiesObject {
            kube_version: self.kube_version.deep_copied()?,
            api_versions: self.api_versions.clone(),
            helm_version: self.helm_version.clone(),
        }))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Clone)]
struct KubeVersionObject {
    version: KubeVersion,
    /// Reached through the pointer to the capabilities: then it has the methods of the pointer.
    addressable: bool,
}

impl Object for KubeVersionObject {
    fn type_of(&self) -> Type {
        Type::Named(if self.addressable { &KUBE_VERSION } else { &KUBE_VERSION_COPY })
    }
    fn fields(&self) -> Vec<Field> {
        vec![
            Field::new("Version", self.version.version.clone()),
            Field::new("normalizedVersion", self.version.normalized.clone()),
            Field::new("Major", self.version.major.to_string()),
            Field::new("Minor", self.version.minor.to_string()),
        ]
    }
    fn to_text_by_pointer(&self) -> Option<String> {
        self.addressable.then(|| self.version.normalized.clone())
    }
    fn by_value(&self) -> Option<Rc<dyn Object>> {
        self.addressable
            .then(|| Rc::new(KubeVersionObject { addressable: false, ..self.clone() }) as Rc<dyn Object>)
    }
    fn deep_copied(&self) -> Option<Rc<dyn Object>> {
        let version = KubeVersion { normalized: String::new(), ..self.version.clone() };
        Some(Rc::new(KubeVersionObject { version, ..*self }))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn kube_version(args: &Args<'_>) -> KubeVersion {
    match &args.value(0).data {
        Data::Object(object) => object.as_any().downcast_ref::<KubeVersionObject>(),
        _ => None,
    }
    .map(|object| object.version.clone())
    .unwrap_or_default()
}

fn kube_version_string(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    Ok(Value::from(kube_version(args).normalized))
}

fn kube_version_git(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    Ok(Value::from(kube_version(args).version))
}

fn version_set_has(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let wanted = args.text(1);
    let has = args.list(0).iter().filter_map(Value::as_text).any(|have| have.as_bytes() == wanted.as_bytes());
    Ok(Value::from(has))
}

struct BuildInfo;

impl Object for BuildInfo {
    fn type_of(&self) -> Type {
        Type::Named(&BUILD_INFO)
    }
    fn fields(&self) -> Vec<Field> {
        // Helm says the version of its Kubernetes client: that of the default capabilities, without the patch.
        let client = DEFAULT_KUBE_VERSION.rsplit_once('.').map_or("", |(minor, _)| minor);
        vec![
            Field::tagged("Version", "version", true, HELM_VERSION),
            Field::tagged("GitCommit", "git_commit", true, ""),
            Field::tagged("GitTreeState", "git_tree_state", true, ""),
            Field::tagged("GoVersion", "go_version", true, GO_VERSION),
            Field::tagged("KubeClientVersion", "kube_client_version", false, client),
        ]
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Capabilities {
    /// As templates see it.
    pub(crate) fn to_value(&self) -> Value {
        let versions = self.api_versions.iter().map(|version| Value::from(version.as_str())).collect();
        let version = KubeVersionObject { version: self.kube_version.clone(), addressable: true };
        let object = CapabilitiesObject {
            kube_version: Rc::new(version),
            api_versions: List::typed(Type::Named(&VERSION_SET), versions),
            helm_version: Rc::new(BuildInfo),
        };
        Value::from(Rc::new(object) as Rc<dyn Object>)
    }
}
