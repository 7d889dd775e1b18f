//! `logs-to-file`, `structured-logging-off`

use crate::kubernetes::volumes::mounts;
use crate::manifest::{Container, Object, Workload};
use crate::payload::settings::{self, Setting};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// Parts of names of images and containers that read logs and send them on.
const SHIPPERS: &[&str] =
    &["fluent", "promtail", "vector", "filebeat", "logstash", "alloy", "otel", "opentelemetry", "log", "tail", "busybox"];

pub(super) struct LogsToFile;

impl Rule for LogsToFile {
    fn spec(&self) -> &'static Spec {
        spec!("logs-to-file")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        if !workload.is_long_running() || workload.object.kind() == "DaemonSet" {
            return;
        }
        let containers: Vec<Container<'_>> =
            workload.containers().into_iter().filter(Container::is_long_running).collect();
        let ships = |container: &Container<'_>| {
            let image = container.node.get("image").text().unwrap_or_default().to_lowercase();
            let base = crate::kubernetes::datastores::base_name(&image);
            SHIPPERS.iter().any(|part| base.contains(part) || container.name().contains(part))
        };
        if containers.len() > 1 && containers.iter().any(ships) {
            return;
        }
        for container in &containers {
            let on_volume = mounts(workload, container).into_iter().find(|mount| {
                let name = mount.volume.get("name").text().or_else(|| mount.volume.get("metadata.name").text()).unwrap_or_default();
                let claim = mount.volume.get("persistentVolumeClaim.claimName").text().unwrap_or_default();
                let is_host = mount.volume.get("hostPath").exists();
                mount.is_persistent && !is_host && (is_of_logs(&mount.path) || is_of_logs(&name) || is_of_logs(&claim))
            });
            if let Some(mount) = on_volume {
                let message = format!("container `{}` writes logs to a volume at {}, and nothing sends them on", container.name(), mount.path);
                let help = "log to standard output, where the cluster's log collector finds them, or add a sidecar that ships the files";
                cx.finding(&mount.node, message).help(help).report();
                continue;
            }
            let settings = settings::of_container(container);
            let file = settings.iter().find(|setting| {
                let name = setting.plain_name();
                let is_file = ["log-file", "logfile", "log-file-path", "log-path", "log-filename"].iter().any(|end| name == *end || name.ends_with(&format!("-{end}")));
                is_file && setting.value.starts_with('/') && setting.value.ends_with(".log")
            });
            if let Some(setting) = file {
                let message = format!("container `{}` writes its log to {}, and nothing sends it on", container.name(), setting.value);
                let help = "log to standard output (`/dev/stdout`), where the cluster's log collector finds it";
                setting.finding(cx, message).help(help).report();
            }
        }
    }
}

/// Whether a path or a name is of logs: it ends in `log` or `logs` as a word of its own.
fn is_of_logs(name: &str) -> bool {
    matches!(name.trim_end_matches('/').rsplit(['/', '-', '_', '.']).next(), Some("log" | "logs"))
}

pub(super) struct StructuredLoggingOff;

impl Rule for StructuredLoggingOff {
    fn spec(&self) -> &'static Spec {
        spec!("structured-logging-off")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        for setting in settings::of_object(object) {
            check_format(cx, &setting);
        }
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        if !workload.object.is_test() {
            for setting in settings::of_container(container) {
                check_format(cx, &setting);
            }
        }
    }
}

fn check_format(cx: &mut RuleContext<'_>, setting: &Setting<'_>) {
    let name = setting.plain_name();
    let value = setting.value.to_ascii_lowercase();
    let is_format = ["log-format", "logformat", "log-encoding", "log-encoder", "zap-encoder", "logging-format"].iter().any(|end| name.ends_with(end));
    let is_text = matches!(value.as_str(), "text" | "plain" | "plaintext" | "console" | "pretty" | "human" | "txt");
    let is_pretty = name.ends_with("log-pretty") || name.ends_with("pretty-logs") || name.ends_with("log-prettify");
    if (is_format && is_text) || (is_pretty && setting.is_on()) {
        let message = format!("`{}={}` writes logs for people", setting.name, setting.value);
        let help = "use JSON by default: log collectors read its fields instead of guessing them";
        setting.finding(cx, message).help(help).report();
    }
}

#[cfg(test)]
mod tests {
    use super::is_of_logs;

    #[test]
    fn names_of_logs_are_known() {
        assert!(is_of_logs("/var/log") && is_of_logs("/app/logs/") && is_of_logs("web-logs"));
        assert!(!is_of_logs("catalog") && !is_of_logs("/data/blog"));
    }
}
