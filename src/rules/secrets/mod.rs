//! Passwords, tokens and keys.

pub(crate) mod detect;

use super::Rule;

rules! {
    consumers::{SecretAsEnv, SecretEnvFromWhole},
    data::{SecretDataNotBase64},
    literals::{EnvSecretLiteral, SecretInConfigmap, WeakDefaultCredential},
    modes::{ConfigmapVolumePermissions, SecretVolumePermissions},
    patterns::{CredentialInUrl, ExposedCredentialPattern, PrivateKeyInChart},
    values_hardcoded_secret::{ValuesHardcodedSecret},
    values_placeholder_secret::{ValuesPlaceholderSecret},
}
