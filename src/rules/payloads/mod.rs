//! Configuration inside ConfigMaps, arguments and environments: nginx, databases, shell.

mod exposure;

use super::Rule;

rules! {
    databases::{
        ConnectionPoolUndersized, DatabaseTlsDisabled, DatastoreAuthDisabled, DbInitScriptPrivileges, PgHbaPermissive,
        RedisPersistenceUnset,
    },
    files::{ConfigPayloadInvalid, ConfigmapTooLarge},
    flags::{InsecureAppFlag, LogLevelDebug, TlsVerificationDisabled},
    nginx::{
        NginxBodyBufferSmall, NginxBodySize, NginxConfigInvalid, NginxHstsMissing, NginxSecurityHeadersMissing,
        NginxWeakReferrerPolicy,
    },
    rate_limit::{RateLimitMissing},
    scripts::{ShellScriptUnsafe},
}
