//! Go's types, as far as templates can see them: in error messages, in `%T`, and in what a function accepts.

use std::fmt;

use crate::function::Function;

/// A Go type.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// `interface {}`
    Interface,
    /// `reflect.Value`, the parameter type of builtins that accept anything, a missing value included.
    Reflect,
    /// `bool`
    Bool,
    /// `string`
    String,
    /// A signed integer.
    Int(IntKind),
    /// An unsigned integer.
    Uint(UintKind),
    /// A float.
    Float(FloatKind),
    /// `complex128`
    Complex,
    /// A slice.
    Slice(&'static Type),
    /// A map with string keys.
    Map(&'static Type),
    /// A pointer.
    Pointer(&'static Type),
    /// A type with a name.
    Named(&'static NamedType),
}

/// The signed integer types.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum IntKind {
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
}

/// The unsigned integer types.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum UintKind {
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Uintptr,
}

/// The float types.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum FloatKind {
    Float32,
    Float64,
}

/// A type with a name and methods.
pub struct NamedType {
    /// With its package: `common.Values`.
    pub name: &'static str,
    /// What it is made of.
    pub underlying: Underlying,
    /// Its methods; the receiver is the first parameter. Sorted by name is not required.
    pub methods: &'static [Function],
}

/// What a named type is made of.
#[derive(Clone, Copy, Debug)]
pub enum Underlying {
    /// Another type.
    Type(Type),
    /// A struct.
    Struct,
    /// An interface with methods.
    Interface,
}

impl fmt::Debug for NamedType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What `kindOf` says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Kind {
    Invalid,
    Bool,
    Int(IntKind),
    Uint(UintKind),
    Float(FloatKind),
    Complex,
    String,
    Slice,
    Map,
    Struct,
    Pointer,
    Interface,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Invalid => "invalid",
            Kind::Bool => "bool",
            Kind::Int(kind) => kind.name(),
            Kind::Uint(kind) => kind.name(),
            Kind::Float(kind) => kind.name(),
            Kind::Complex => "complex128",
            Kind::String => "string",
            Kind::Slice => "slice",
            Kind::Map => "map",
            Kind::Struct => "struct",
            Kind::Pointer => "ptr",
            Kind::Interface => "interface",
        })
    }
}

impl IntKind {
    /// Go's name.
    pub fn name(self) -> &'static str {
        match self {
            IntKind::Int => "int",
            IntKind::Int8 => "int8",
            IntKind::Int16 => "int16",
            IntKind::Int32 => "int32",
            IntKind::Int64 => "int64",
        }
    }
}

impl UintKind {
    /// Go's name.
    pub fn name(self) -> &'static str {
        match self {
            UintKind::Uint => "uint",
            UintKind::Uint8 => "uint8",
            UintKind::Uint16 => "uint16",
            UintKind::Uint32 => "uint32",
            UintKind::Uint64 => "uint64",
            UintKind::Uintptr => "uintptr",
        }
    }
}

impl FloatKind {
    /// Go's name.
    pub fn name(self) -> &'static str {
        match self {
            FloatKind::Float32 => "float32",
            FloatKind::Float64 => "float64",
        }
    }
}

impl Type {
    /// `int`
    pub const INT: Type = Type::Int(IntKind::Int);
    /// `int64`
    pub const INT64: Type = Type::Int(IntKind::Int64);
    /// `float64`
    pub const FLOAT64: Type = Type::Float(FloatKind::Float64);
    /// `uint8`, also called `byte`
    pub const BYTE: Type = Type::Uint(UintKind::Uint8);
    /// `[]interface {}`
    pub const LIST: Type = Type::Slice(&Type::Interface);
    /// `[]string`
    pub const STRINGS: Type = Type::Slice(&Type::String);
    /// `[]uint8`
    pub const BYTES: Type = Type::Slice(&Type::BYTE);
    /// `map[string]interface {}`
    pub const DICT: Type = Type::Map(&Type::Interface);
    /// `map[string]string`
    pub const STRING_MAP: Type = Type::Map(&Type::String);

    /// The type behind a name.
    pub fn underlying(self) -> Type {
        match self {
            Type::Named(NamedType { underlying: Underlying::Type(inner), .. }) => *inner,
            other => other,
        }
    }

    /// The kind of values of this type.
    pub fn kind(self) -> Kind {
        match self.underlying() {
            Type::Interface | Type::Named(NamedType { underlying: Underlying::Interface, .. }) => {
                Kind::Interface
            }
            Type::Reflect | Type::Named(_) => Kind::Struct,
            Type::Bool => Kind::Bool,
            Type::String => Kind::String,
            Type::Int(kind) => Kind::Int(kind),
            Type::Uint(kind) => Kind::Uint(kind),
            Type::Float(kind) => Kind::Float(kind),
            Type::Complex => Kind::Complex,
            Type::Slice(_) => Kind::Slice,
            Type::Map(_) => Kind::Map,
            Type::Pointer(_) => Kind::Pointer,
        }
    }

    /// The element type of a slice or map.
    pub fn element(self) -> Option<Type> {
        match self.underlying() {
            Type::Slice(element) | Type::Map(element) => Some(*element),
            _ => None,
        }
    }

    /// Whether a value of this type may be given where `target` is wanted, as reflect's `AssignableTo`: the same
    /// type, or the same underlying type when one of the two has no name, or anything for an interface.
    pub fn assignable_to(self, target: Type) -> bool {
        if matches!(target, Type::Interface) || self == target {
            return true;
        }
        let both_named = matches!((self, target), (Type::Named(_), Type::Named(_)));
        let composite = matches!(self.kind(), Kind::Slice | Kind::Map);
        !both_named && composite && self.underlying() == target.underlying()
    }

    /// Whether an untyped `nil` may be given for this type.
    pub fn can_be_nil(self) -> bool {
        matches!(self, Type::Reflect)
            || matches!(self.kind(), Kind::Interface | Kind::Map | Kind::Pointer | Kind::Slice)
    }
}

impl PartialEq for Type {
    fn eq(&self, other: &Type) -> bool {
        match (self, other) {
            (Type::Interface, Type::Interface)
            | (Type::Reflect, Type::Reflect)
            | (Type::Bool, Type::Bool)
            | (Type::String, Type::String)
            | (Type::Complex, Type::Complex) => true,
            (Type::Int(a), Type::Int(b)) => a == b,
            (Type::Uint(a), Type::Uint(b)) => a == b,
            (Type::Float(a), Type::Float(b)) => a == b,
            (Type::Slice(a), Type::Slice(b))
            | (Type::Map(a), Type::Map(b))
            | (Type::Pointer(a), Type::Pointer(b)) => a == b,
            (Type::Named(a), Type::Named(b)) => std::ptr::eq(*a, *b) || a.name == b.name,
            _ => false,
        }
    }
}

impl Eq for Type {}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Interface => f.write_str("interface {}"),
            Type::Reflect => f.write_str("reflect.Value"),
            Type::Bool => f.write_str("bool"),
            Type::String => f.write_str("string"),
            Type::Int(kind) => f.write_str(kind.name()),
            Type::Uint(kind) => f.write_str(kind.name()),
            Type::Float(kind) => f.write_str(kind.name()),
            Type::Complex => f.write_str("complex128"),
            Type::Slice(element) => write!(f, "[]{element}"),
            Type::Map(element) => write!(f, "map[string]{element}"),
            Type::Pointer(target) => write!(f, "*{target}"),
            Type::Named(named) => f.write_str(named.name),
        }
    }
}
