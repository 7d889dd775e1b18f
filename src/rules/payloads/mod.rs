//! Configuration inside ConfigMaps, arguments and environments: nginx, databases, shell.

mod exposure;

use super::Rule;

rules! {
    files::{ConfigPayloadInvalid, ConfigmapTooLarge},
    nginx::{
        NginxBodyBufferSmall, NginxBodySize, NginxConfigInvalid, NginxHstsMissing, NginxSecurityHeadersMissing,
        NginxWeakReferrerPolicy,
    },
    rate_limit::{RateLimitMissing},
}
