//! Templates.

use super::Rule;

rules! {
    files::{TemplateExtensionInvalid, TemplateMissingFile, TemplatesDirectoryMissing},
    names::{TemplateHelm2Leftover, TemplateIncludeUndefined},
}
