//! `semver` and `semverCompare`, and the version that templates get from them: Go's `*semver.Version` with its
//! methods.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use chart_lint_template::value::Field;
use chart_lint_template::{
    Args, Data, Error, Function, NamedType, Object, Result, State, Text, Type, UintKind, Underlying, Value,
};

use crate::semver::{Constraints, Version};

pub(super) static FUNCTIONS: &[Function] = &[
    Function { name: "semver", params: &[Type::String], variadic: false, run: semver },
    Function {
        name: "semverCompare",
        params: &[Type::String, Type::String],
        variadic: false,
        run: semver_compare,
    },
];

fn semver(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let version = Version::parse(args.bytes(0)).map_err(Error::new)?;
    Ok(object(version, true))
}

fn semver_compare(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let constraints = Constraints::parse(args.bytes(0)).map_err(Error::new)?;
    let version = Version::parse(args.bytes(1)).map_err(Error::new)?;
    Ok(Value::from(constraints.check(&version)))
}

static VERSION: NamedType =
    NamedType { name: "semver.Version", underlying: Underlying::Struct, methods: VALUE_METHODS };
static VERSION_TYPE: Type = Type::Named(&VERSION);
const POINTER: Type = Type::Pointer(&VERSION_TYPE);

/// A version, or a pointer to one. Some methods are those of the pointer only.
struct VersionObject {
    version: RefCell<Version>,
    pointer: bool,
}

fn object(version: Version, pointer: bool) -> Value {
    let object = VersionObject { version: RefCell::new(version), pointer };
    Value::from(Rc::new(object) as Rc<dyn Object>)
}

impl Object for VersionObject {
    fn type_of(&self) -> Type {
        if self.pointer { POINTER } else { VERSION_TYPE }
    }

    fn fields(&self) -> Vec<Field> {
        let version = self.version.borrow();
        let number = |n: u64| Value::new(Data::Uint(n, UintKind::Uint64));
        vec![
            Field::new("major", number(version.major)),
            Field::new("minor", number(version.minor)),
            Field::new("patch", number(version.patch)),
            Field::new("pre", version.pre.as_str()),
            Field::new("metadata", version.metadata.as_str()),
            Field::new("original", version.original.as_str()),
        ]
    }

    fn method(&self, name: &[u8]) -> Option<&'static Function> {
        let more = if self.pointer { POINTER_METHODS } else { &[] };
        VALUE_METHODS.iter().chain(more).find(|method| method.name.as_bytes() == name)
    }

    fn deep_copied(&self) -> Option<Rc<dyn Object>> {
        Some(Rc::new(VersionObject { version: RefCell::default(), pointer: self.pointer }))
    }

    fn to_text(&self) -> Option<String> {
        Some(self.version.borrow().to_string())
    }

    fn to_json(&self) -> std::result::Result<Value, String> {
        Ok(Value::from(self.version.borrow().to_string()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn with_object<T>(value: &Value, use_it: impl FnOnce(&VersionObject) -> T) -> Option<T> {
    match &value.data {
        Data::Object(object) => object.as_any().downcast_ref::<VersionObject>().map(use_it),
        _ => None,
    }
}

fn receiver(args: &Args<'_>) -> Version {
    with_object(args.value(0), |object| object.version.borrow().clone()).unwrap_or_default()
}

/// The argument of a comparison; `nil` may be given for a pointer.
fn other(args: &Args<'_>) -> Result<Version> {
    with_object(args.value(1), |object| object.version.borrow().clone())
        .ok_or_else(|| Error::new("runtime error: invalid memory address or nil pointer dereference"))
}

fn uint(n: u64) -> Result<Value> {
    Ok(Value::new(Data::Uint(n, UintKind::Uint64)))
}

fn derived(version: std::result::Result<Version, String>) -> Result<Value> {
    version.map(|version| object(version, false)).map_err(Error::new)
}

const NOTHING: &[Type] = &[];
const STRING: &[Type] = &[Type::String];
const BYTES: &[Type] = &[Type::BYTES];

static VALUE_METHODS: &[Function] = &[
    Function {
        name: "String",
        params: NOTHING,
        variadic: false,
        run: |_, args| Ok(Value::from(receiver(args).to_string())),
    },
    Function { name: "Major", params: NOTHING, variadic: false, run: |_, args| uint(receiver(args).major) },
    Function { name: "Minor", params: NOTHING, variadic: false, run: |_, args| uint(receiver(args).minor) },
    Function { name: "Patch", params: NOTHING, variadic: false, run: |_, args| uint(receiver(args).patch) },
    Function {
        name: "Prerelease",
        params: NOTHING,
        variadic: false,
        run: |_, args| Ok(Value::from(receiver(args).pre)),
    },
    Function {
        name: "Metadata",
        params: NOTHING,
        variadic: false,
        run: |_, args| Ok(Value::from(receiver(args).metadata)),
    },
    Function {
        name: "IncMajor",
        params: NOTHING,
        variadic: false,
        run: |_, args| derived(receiver(args).next_major()),
    },
    Function {
        name: "IncMinor",
        params: NOTHING,
        variadic: false,
        run: |_, args| derived(receiver(args).next_minor()),
    },
    Function {
        name: "IncPatch",
        params: NOTHING,
        variadic: false,
        run: |_, args| derived(receiver(args).next_patch()),
    },
    Function {
        name: "SetPrerelease",
        params: STRING,
        variadic: false,
        run: |_, args| derived(receiver(args).with_prerelease(&args.text(1).to_utf8())),
    },
    Function {
        name: "SetMetadata",
        params: STRING,
        variadic: false,
        run: |_, args| derived(receiver(args).with_metadata(&args.text(1).to_utf8())),
    },
    Function {
        name: "MarshalJSON",
        params: NOTHING,
        variadic: false,
        run: |_, args| Ok(bytes(format!("\"{}\"", receiver(args)))),
    },
    Function {
        name: "MarshalText",
        params: NOTHING,
        variadic: false,
        run: |_, args| Ok(bytes(receiver(args).to_string())),
    },
    Function {
        name: "Value",
        params: NOTHING,
        variadic: false,
        run: |_, args| Ok(Value::from(receiver(args).to_string()).boxed()),
    },
];

static POINTER_METHODS: &[Function] = &[
    Function {
        name: "Original",
        params: NOTHING,
        variadic: false,
        run: |_, args| Ok(Value::from(receiver(args).original)),
    },
    Function {
        name: "Compare",
        params: &[POINTER],
        variadic: false,
        run: |_, args| Ok(Value::int(receiver(args).compare(&other(args)?) as i64)),
    },
    Function {
        name: "Equal",
        params: &[POINTER],
        variadic: false,
        run: |_, args| Ok(Value::from(other(args).is_ok_and(|other| receiver(args).compare(&other).is_eq()))),
    },
    Function {
        name: "LessThan",
        params: &[POINTER],
        variadic: false,
        run: |_, args| Ok(Value::from(receiver(args).compare(&other(args)?).is_lt())),
    },
    Function {
        name: "LessThanEqual",
        params: &[POINTER],
        variadic: false,
        run: |_, args| Ok(Value::from(receiver(args).compare(&other(args)?).is_le())),
    },
    Function {
        name: "GreaterThan",
        params: &[POINTER],
        variadic: false,
        run: |_, args| Ok(Value::from(receiver(args).compare(&other(args)?).is_gt())),
    },
    Function {
        name: "GreaterThanEqual",
        params: &[POINTER],
        variadic: false,
        run: |_, args| Ok(Value::from(receiver(args).compare(&other(args)?).is_ge())),
    },
    Function { name: "Scan", params: &[Type::Interface], variadic: false, run: scan },
    Function {
        name: "UnmarshalText",
        params: BYTES,
        variadic: false,
        run: |_, args| Ok(replace(args, Version::parse(args.bytes(1)))),
    },
    Function { name: "UnmarshalJSON", params: BYTES, variadic: false, run: unmarshal_json },
];

fn bytes(text: String) -> Value {
    Value::new(Data::Bytes(Text::from(text)))
}

/// Changes the version in place. The result is Go's error, which is a value here.
fn replace(args: &Args<'_>, version: std::result::Result<Version, String>) -> Value {
    match version {
        Ok(version) => {
            with_object(args.value(0), |object| object.version.replace(version));
            // A nil of the type `error`, which prints so.
            Value::from("<nil>")
        }
        Err(error) => Value::from(error),
    }
}

fn scan(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let value = args.value(1);
    let version = match &value.data {
        Data::String(text) | Data::Bytes(text) => Version::parse(text.as_bytes()),
        Data::Nil => Err("cannot scan nil into Version".to_owned()),
        _ => {
            let type_of = value.type_of().unwrap_or(Type::Interface);
            Err(format!("unsupported Scan type {type_of}"))
        }
    };
    Ok(replace(args, version))
}

fn unmarshal_json(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let version = super::json::parse(args.bytes(1)).and_then(|json| match &json.data {
        Data::String(text) => Version::parse(text.as_bytes()),
        Data::Nil => Version::parse(b""),
        data => Err(super::json::wrong_type(data, Type::String)),
    });
    Ok(replace(args, version))
}
