//! Go's `text/template`, with shared values, Go's error texts, and the origin of every byte of output.
//!
//! ```
//! use std::sync::Arc;
//! use chart_lint_template::{FunctionTable, Limits, Map, Origins, State, Str, TemplateSet, Value, parse};
//!
//! let functions = FunctionTable::with_builtins();
//! let tree = parse(&Str::from("hello"), &Str::from("Hello {{ .name }}!"), &functions.resolver()).unwrap();
//! let mut templates = TemplateSet::default();
//! templates.add(&Arc::new(tree));
//! let data = Map::dict();
//! data.insert("name", Value::from("world"));
//! let mut state = State::new(&functions, templates, Origins::disabled(), Limits::default(), Box::new(()));
//! let output = state.execute(b"hello", data.into(), "hello").unwrap();
//! assert_eq!(output.as_bytes(), b"Hello world!");
//! ```

#![deny(missing_docs)]

pub mod ast;
pub mod builtins;
mod capacity;
mod display;
pub mod error;
pub mod exec;
pub mod fmt;
pub mod function;
mod lexer;
pub mod number;
pub mod origin;
pub mod parser;
pub mod quote;
pub mod strconv;
pub mod text;
pub mod types;
mod unicode;
pub mod value;

pub use ast::{NodeId, NodeKind, Span, Tree};
pub use error::{Error, ErrorKind, ExecPlace, Result, Stumble};
pub use exec::{Limits, State, Template, TemplateSet};
pub use function::{Args, Function, FunctionId, FunctionTable, Native};
pub use origin::{Frame, Origin, Origins};
pub use parser::{ParseError, parse};
pub use text::{FrameId, OriginId, PlaceId, Run, Str, Text, TextBuilder};
pub use types::{FloatKind, IntKind, Kind, NamedType, Type, UintKind, Underlying};
pub use value::{Data, Entry, Field, List, Map, Object, Value};
