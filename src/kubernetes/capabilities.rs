//! Linux capabilities, as the Pod Security Standards see them.

/// What a container may add under the standard "baseline".
const BASELINE: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// What gives power over the node or over other pods, and in which way.
const DANGEROUS: &[(&str, &str)] = &[
    ("ALL", "every right that root has"),
    ("SYS_ADMIN", "mounts, namespaces and most of what root may do"),
    ("SYS_MODULE", "loads code into the kernel"),
    ("SYS_PTRACE", "reads and changes other processes"),
    ("SYS_RAWIO", "reads and writes memory and devices past the kernel"),
    ("SYS_BOOT", "restarts the node"),
    ("NET_ADMIN", "changes addresses, routes and the firewall"),
    ("MAC_ADMIN", "changes the rules of AppArmor and SELinux"),
    ("MAC_OVERRIDE", "ignores the rules of AppArmor and SELinux"),
    ("BPF", "runs programs in the kernel"),
    ("PERFMON", "watches the kernel and other processes"),
    ("DAC_READ_SEARCH", "reads every file whatever its permissions"),
];

/// The name without its prefix, in capitals: `NET_ADMIN` of `cap_net_admin`.
pub(crate) fn normal(name: &str) -> String {
    let name = name.trim().to_ascii_uppercase();
    name.strip_prefix("CAP_").map_or(name.clone(), str::to_owned)
}

/// Whether the standard "baseline" lets containers add a capability. Takes a [`normal`] name.
pub(crate) fn is_baseline(name: &str) -> bool {
    BASELINE.contains(&name)
}

/// What a dangerous capability gives. Takes a [`normal`] name.
pub(crate) fn danger(name: &str) -> Option<&'static str> {
    DANGEROUS.iter().find(|(known, _)| *known == name).map(|(_, danger)| *danger)
}
