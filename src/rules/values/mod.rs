//! values.yaml and values.schema.json.

use super::Rule;

pub(super) mod nil_pointers;
mod usage;

rules! {
    files::{CiValuesMissing, ValuesInvalid, ValuesTypePitfall},
    keys::{ValuesOverlayUnknownKey, ValuesUnused},
    reads::{ReleaseFieldUnknown, ValuesGuardMismatch, ValuesKeyMisspelt, ValuesMergeMutates, ValuesZeroIgnored},
    required_value_not_enforced::{RequiredValueNotEnforced},
    schema::{ValuesSchemaIncomplete, ValuesSchemaInvalid, ValuesSchemaMissing, ValuesSchemaViolation},
    values_nil_pointer::{ValuesNilPointer},
}
