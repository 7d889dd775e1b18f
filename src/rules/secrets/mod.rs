//! Passwords, tokens and keys.

pub(crate) mod detect;
mod facts;

use super::Rule;

rules! {
    checksum::{ConfigChecksumMissing},
    consumers::{SecretAsEnv, SecretEnvFromWhole},
    data::{SecretDataNotBase64},
    external::{ExistingSecretNotSupported, ExternalSecretsNotSupported},
    generated::{SecretRegeneratedOnUpgrade},
    literals::{EnvSecretLiteral, SecretInConfigmap, WeakDefaultCredential},
    modes::{ConfigmapVolumePermissions, SecretVolumePermissions},
    patterns::{CredentialInUrl, ExposedCredentialPattern, PrivateKeyInChart},
    validation::{EmptySecretRendered, SecretValidationMissing},
    values_hardcoded_secret::{ValuesHardcodedSecret},
    values_placeholder_secret::{ValuesPlaceholderSecret},
}
