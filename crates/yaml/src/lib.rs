//! YAML as Helm reads and writes it.
//!
//! Helm reads YAML with `sigs.k8s.io/yaml`, which is go-yaml v2 and then JSON, and writes it with the
//! same library (`toYaml`) or with go-yaml v3 (`toYamlPretty`). This crate does all three as Go does
//! them, byte for byte and error for error, and adds what a linter needs: byte spans for everything,
//! comments, and what could be read before an error.
//!
//! - [`decode`] turns a document into plain values ([`Tree`]), as Helm's `fromYaml` does.
//! - [`parse`] gives the nodes as they are written ([`Stream`]), of all documents of a text.
//! - [`Parser`] gives the events of a text, one at a time.
//! - [`Emitter`] writes values as `toYaml` or `toYamlPretty`.
//! - [`values_documents`] splits a values file into documents, as Helm does before it reads them.
//!
//! The reference is Helm v4.2: sigs.k8s.io/yaml v1.6.0, go.yaml.in/yaml/v2 v2.4.3 and v3 v3.0.4.
//!
//! Where Go's own answer changes from run to run, this crate always gives the same one: of several keys
//! that become the same string (`1` and `"1"`) the last one wins, of several bad keys the first one is
//! reported, and keys that have no order (see [`sort_keys`]) keep one sequence. Three limits are not
//! Go's, which would run out of memory: texts of more than 512 MiB, more than 1 GiB of text from aliases,
//! and `%TAG` prefixes that would make the text more than eight times as long.
//!
//! ```
//! use chart_lint_yaml::{Kind, Target, decode};
//!
//! let source = b"image:\n  tag: 1.10  # a float!\nenabled: yes\n";
//! let tree = decode(source, Target::Map).expect("this is YAML");
//! let tag = tree.root().get(b"image").and_then(|image| image.get(b"tag")).expect("there is a tag");
//! assert!(matches!(tag.kind(), Kind::Float(1.1)));
//! assert_eq!(&source[tag.span().range()], b"1.10");
//! assert_eq!(tree.root().get(b"enabled").and_then(|value| value.as_bool()), Some(true));
//!
//! let error = decode(b"a: b: c", Target::Map).expect_err("this is not YAML");
//! assert_eq!(
//!     error.to_string(),
//!     "error converting YAML to JSON: yaml: mapping values are not allowed in this context"
//! );
//! ```

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod base64;
mod decode;
mod emit;
mod error;
mod go_syntax;
mod number;
mod parser;
mod position;
mod reader;
mod reemit;
mod resolve;
mod scanner;
mod sort;
mod style;
mod timestamp;
mod token;
mod tree;
mod unicode_tables;
mod utf8;
mod value;
mod values_file;

pub use decode::{DecodeError, Duplicate, Target, decode, decode_strict};
pub use emit::{EmitError, Emitter, Flavor};
pub use error::{Error, ErrorKind};
pub use parser::{Collection, Event, EventKind, Parser, Properties, Scalar};
pub use position::{LineIndex, Mark, Position, Span};
pub use reader::Input;
pub use reemit::{emit_value, json_to_yaml};
pub use sort::{key_less, sort_keys};
pub use token::{CollectionStyle, ScalarStyle, Text};
pub use tree::{Document, Node, NodeId, NodeKind, Stream, parse, parse_first};
pub use value::{DuplicateKey, Entry, KeyKind, Kind, Map, Seq, Tree, Value};
pub use values_file::{ValuesDocument, ValuesError, values_documents};
