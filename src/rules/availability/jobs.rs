//! Rules about Jobs, CronJobs and hooks, and about restarts.

use crate::finding::Severity;
use crate::kubernetes::cron::{is_time_zone, schedule_problem};
use crate::manifest::{Container, Object, Workload};
use crate::rules::helpers::{described, words};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

pub(super) struct RestartPolicyInvalid;

impl Rule for RestartPolicyInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("restart-policy-invalid")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let node = workload.pod.get("restartPolicy");
        let policy = node.text().filter(|policy| !policy.is_empty());
        // Pods that are not there at all are for another rule.
        if !workload.pod.exists() {
            return;
        }
        let name = cx.describe(workload.object);
        let (message, help) = match (workload.object.kind(), policy.as_deref()) {
            ("Job" | "CronJob", None) => (
                format!("{name} has no `restartPolicy`, and the default `Always` is not allowed"),
                "set `restartPolicy: OnFailure` or `Never` in the pod",
            ),
            ("Job" | "CronJob", Some("Always")) => (
                format!("{name} restarts its pods for ever"),
                "set `OnFailure` or `Never`: the API server refuses `Always` for a job",
            ),
            (
                "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController",
                Some(policy),
            ) if policy != "Always" => (
                format!("{name} has the `restartPolicy` `{policy}`"),
                "leave it out: only `Always` is allowed here, and it is the default",
            ),
            _ => return,
        };
        cx.finding(&node, message).help(help).report();
    }
}

pub(super) struct CronjobInvalidSchedule;

impl Rule for CronjobInvalidSchedule {
    fn spec(&self) -> &'static Spec {
        spec!("cronjob-invalid-schedule")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !object.is("batch", "CronJob") {
            return;
        }
        let node = object.get("spec.schedule");
        let schedule = node.text().unwrap_or_default();
        let name = cx.describe(object);
        if let Some(problem) = schedule_problem(&schedule) {
            let message = format!("{name} has the schedule `{schedule}`: {problem}");
            let message =
                if schedule.is_empty() { format!("{name} has no schedule") } else { message };
            cx.finding(&node, message)
                .help("write minute, hour, day of the month, month and day of the week: `30 2 * * 1-5`")
                .report();
        }
        let zone = object.get("spec.timeZone");
        if let Some(name_of_zone) = zone.text().filter(|_| zone.exists())
            && !is_time_zone(&name_of_zone)
        {
            cx.finding(&zone, format!("{name} has the unknown time zone `{name_of_zone}`"))
                .help("write the name as the IANA database has it: `Etc/UTC`, `Europe/Paris`")
                .report();
        }
    }
}

/// Words of commands that must not run twice at a time.
const EXCLUSIVE: &[&str] = &["dump", "backup", "restore", "migrat", "snapshot", "restic", "velero", "vacuum"];

pub(super) struct CronjobConcurrency;

impl Rule for CronjobConcurrency {
    fn spec(&self) -> &'static Spec {
        spec!("cronjob-concurrency")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let object = workload.object;
        let policy = object.get("spec.concurrencyPolicy");
        let is_allowed = policy.text().is_none_or(|policy| policy.is_empty() || policy == "Allow");
        if !object.is("batch", "CronJob") || !is_allowed {
            return;
        }
        let has_claim = !cx.index.claims(workload).is_empty();
        let is_exclusive = workload.containers().iter().any(|container| {
            let image = container.node.get("image").text().unwrap_or_default();
            let texts = words(container).into_iter().chain([image, container.name()]);
            texts.map(|text| text.to_ascii_lowercase()).any(|text| EXCLUSIVE.iter().any(|word| text.contains(word)))
        });
        let name = cx.describe(object);
        let why = match (has_claim, is_exclusive) {
            (true, _) => "all of which write to the same volume",
            (false, true) => "which do the same work twice",
            (false, false) => "",
        };
        let message = match why {
            "" => format!("{name} may run several times at once"),
            why => format!("{name} may run several times at once, {why}"),
        };
        let finding = cx
            .finding(&policy, message)
            .help("set `concurrencyPolicy: Forbid`: a run that takes too long then delays the next one");
        if why.is_empty() { finding.severity(Severity::Info).report() } else { finding.report() }
    }
}

pub(super) struct JobNoDeadline;

impl Rule for JobNoDeadline {
    fn spec(&self) -> &'static Spec {
        spec!("job-no-deadline")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        let object = workload.object;
        let deadline = object.get("spec.activeDeadlineSeconds");
        if object.is("batch", "Job")
            && object.is_hook()
            && !object.is_test()
            && !deadline.exists()
            && !object.get("spec.backoffLimit").exists()
        {
            cx.finding(&deadline, format!("the hook {} may retry for long while Helm waits", cx.describe(object)))
                .help("set `activeDeadlineSeconds`, or a low `backoffLimit`: six retries are the default")
                .report();
        }
    }
}

pub(super) struct HookFailureIgnored;

impl Rule for HookFailureIgnored {
    fn spec(&self) -> &'static Spec {
        spec!("hook-failure-ignored")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        if !workload.is_job() && !workload.object.is_hook() {
            return;
        }
        for field in ["command", "args"] {
            for node in container.node.get(field).items() {
                let script = node.text().unwrap_or_default();
                let Some(line) = swallowed(&script) else { continue };
                let message = format!(
                    "{} of {} succeeds whatever happens",
                    described(container),
                    cx.describe(workload.object)
                );
                cx.finding(&node, message)
                    .label(format!("ends with `{line}`"))
                    .help("let the script fail when its work fails, and start it with `set -e`")
                    .report();
            }
        }
    }
}

/// Things that are meant to be tried: what is made may be there, what is stopped may be gone.
const TRIED: &[&str] =
    &["create", "mkdir", "add", "delete", "remove", "rm ", "kill", "quit", "localhost", "127.0.0.1", "sleep", "wait"];

/// The end of a script that hides a failure: `|| true`, `|| echo …`, `; exit 0`.
fn swallowed(script: &str) -> Option<String> {
    let lines = || script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let last = lines().next_back()?.trim_end_matches(';').trim_end();
    let (command, end) = match last.rsplit_once("||") {
        Some((command, end)) => (command, format!("|| {}", end.trim())),
        // In a script of several lines `exit 0` mostly stands behind a check.
        None if lines().count() == 1 => {
            let (command, end) = last.rsplit_once(';')?;
            (command, format!("; {}", end.trim()))
        }
        None => return None,
    };
    let is_hidden = matches!(end.as_str(), "|| true" | "|| :" | "|| exit 0" | "; exit 0" | "; true")
        || end.starts_with("|| echo ") && !end.contains("exit")
        || end.starts_with("|| printf ") && !end.contains("exit");
    let is_tried = TRIED.iter().any(|word| command.contains(word));
    (is_hidden && !is_tried).then(|| end.chars().take(40).collect())
}

#[cfg(test)]
mod tests {
    use super::swallowed;

    #[test]
    fn ends_that_hide_failures_are_found() {
        for (script, end) in [
            ("migrate || true", Some("|| true")),
            ("set -e\nmigrate up || :\n", Some("|| :")),
            ("migrate; exit 0", Some("; exit 0")),
            ("migrate || echo 'migration failed'", Some("|| echo 'migration failed'")),
            ("migrate || true\nseed", None),
            ("migrate || (echo failed; exit 1)", None),
            ("check && exit 1\nexit 0", None),
            ("kubectl create secret generic x || true", None),
            ("migrate", None),
            ("", None),
        ] {
            assert_eq!(swallowed(script).as_deref(), end, "{script}");
        }
    }
}
