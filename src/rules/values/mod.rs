//! values.yaml and values.schema.json.

use super::Rule;

rules! {
}
