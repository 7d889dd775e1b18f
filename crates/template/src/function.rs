//! Functions that templates can call.

/// Index of a function in a [`crate::FunctionTable`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct FunctionId(pub u32);
