//! What does not render, parse or fit the API of Kubernetes.

use super::Rule;

rules! {
    render_failed::{RenderFailed},
    yaml_invalid::{YamlInvalid},
}
