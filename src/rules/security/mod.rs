//! What pods and containers may do on their node.

mod containers;

use super::Rule;

rules! {
    capabilities::{
        CapabilitiesNotDropped, CapabilityAddedBeyondNetBind, CapabilityAddedNonDefault, DangerousCapability,
    },
    host_namespaces::{HostIpc, HostNetwork, HostPid},
    host_paths::{HostPathPersistentVolume, RestrictedVolumeType, RuntimeSocketMounted, SensitiveHostPath},
    privilege_escalation::{PrivilegeEscalationAllowed},
    privileged_container::{PrivilegedContainer},
    root_filesystem::{ReadOnlyRootNoWritableTmp, WritableRootFilesystem},
    run_as_root::{RunAsNonRootConflict, RunAsNonRootNotEnforced, RunAsRoot},
    seccomp::{SeccompProfileMissing},
    security_context_missing::{SecurityContextMissing},
    security_context_not_configurable::{SecurityContextNotConfigurable},
    security_context_wrong_level::{SecurityContextWrongLevel},
}
