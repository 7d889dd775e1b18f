//! Go's `text/template`, with shared values, Go's error texts, and the origin of every byte of output.

pub mod ast;
pub mod function;
pub mod parser;
pub mod text;
