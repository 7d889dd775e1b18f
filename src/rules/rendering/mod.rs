//! What does not render, parse or fit the API of Kubernetes.

use super::Rule;

rules! {
    api::{ApiDeprecated, ApiRemoved, ApiUnavailable},
    metadata::{InvalidLabelValue, InvalidResourceName, NonStringMetadataValue, ObjectWithoutKind},
    printed::{OctalModeMistake, ScientificNotation, UnrenderedValue},
    nothing_rendered::{NothingRendered},
    schema::{SchemaInvalid},
    render_failed::{RenderFailed, TemplateParseError, ValuesOverlayFails},
    yaml_invalid::{YamlInvalid},
}
