//! The parser against recorded answers of Go and Helm, and on what must not overflow the stack.

mod dump;
mod json;
mod nesting;
mod recorded;
mod snapshots;
