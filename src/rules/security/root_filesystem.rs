//! `writable-root-filesystem` and `read-only-root-no-writable-tmp`

use crate::manifest::{Container, Workload};
use crate::rules::security::containers::{Rollup, hardenable, report};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct WritableRootFilesystem;

impl Rule for WritableRootFilesystem {
    fn spec(&self) -> &'static Spec {
        spec!("writable-root-filesystem")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let mut containers = hardenable(workload);
        containers.retain(|container| !container.security("readOnlyRootFilesystem").is_true());
        let rollup = Rollup {
            field: "readOnlyRootFilesystem",
            what: ["can write to its root file system", "can write to their root file systems"],
            help: "set `readOnlyRootFilesystem: true`, and mount an `emptyDir` where the program writes, `/tmp` above all",
        };
        report(cx, workload, &containers, &rollup);
    }
}

pub(super) struct ReadOnlyRootNoWritableTmp;

impl Rule for ReadOnlyRootNoWritableTmp {
    fn spec(&self) -> &'static Spec {
        spec!("read-only-root-no-writable-tmp")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let read_only = container.security("readOnlyRootFilesystem");
        if !read_only.is_true() || !container.is_long_running() || workload.object.is_hook() {
            return;
        }
        let mounts = container.node.get("volumeMounts").items();
        let has_tmp = mounts.iter().any(|mount| {
            let path = mount.get("mountPath").text().unwrap_or_default();
            let path = path.trim_end_matches('/');
            matches!(path, "/tmp" | "") && !mount.get("readOnly").is_true()
        });
        if has_tmp {
            return;
        }
        let name = container.name();
        cx.finding(&read_only, format!("container `{name}` has a read-only root file system and no volume at `/tmp`"))
            .help("if the program writes temporary files, mount an `emptyDir` at `/tmp`")
            .report();
    }
}
