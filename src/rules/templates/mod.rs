//! Templates.

use super::Rule;

rules! {
    disabled_feature_broken::{DisabledFeatureBroken},
    extension::{CommonMetadataNotSupported, ExtensionPointsMissing},
    files::{TemplateExtensionInvalid, TemplateMissingFile, TemplatesDirectoryMissing},
    names::{TemplateHelm2Leftover, TemplateIncludeUndefined},
    releases::{ClusterScopedNameCollision, ReleaseNameMissing},
}
