//! Rules about what probes and life cycle hooks do.

use crate::manifest::{Container, ContainerKind, Node, Workload};
use crate::rules::helpers::words;
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

const PROBES: &[&str] = &["livenessProbe", "readinessProbe", "startupProbe"];
const HOOKS: &[&str] = &["lifecycle.postStart", "lifecycle.preStop"];
const PORTS: &[&str] = &["httpGet.port", "tcpSocket.port", "grpc.port"];

/// The ports that the probes and hooks of a container use, each with the name of the probe or hook.
fn ports<'a>(container: &Container<'a>) -> Vec<(&'static str, Node<'a>)> {
    let handlers = PROBES.iter().chain(HOOKS);
    let ports = handlers.flat_map(|handler| {
        PORTS.iter().map(|port| {
            let name = handler.rsplit('.').next().unwrap_or(handler);
            (name, container.node.get(handler).get(port))
        })
    });
    ports.filter(|(_, port)| port.exists()).collect()
}

/// The names of the ports that a container declares.
fn declared(container: &Container<'_>, field: &str) -> Vec<String> {
    container.node.get("ports").items().iter().filter_map(|port| port.get(field).text()).collect()
}

pub(super) struct ProbePortNameUnresolved;

impl Rule for ProbePortNameUnresolved {
    fn spec(&self) -> &'static Spec {
        spec!("probe-port-name-unresolved")
    }

    fn check_container(
        &self,
        cx: &mut RuleContext<'_>,
        workload: &Workload<'_>,
        container: &Container<'_>,
    ) {
        for (handler, node) in ports(container) {
            let Some(port) = node.as_str().map(|port| port.into_owned()) else { continue };
            let names = declared(container, "name");
            if names.contains(&port) {
                continue;
            }
            let name = container.name();
            let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
            let elsewhere =
                workload.containers().into_iter().find(|other| declared(other, "name").contains(&port));
            let (message, help) = if is_number {
                (
                    format!("the {handler} of container `{name}` has the port `{port}` as a text"),
                    "write the number without quotes: a text is taken for the name of a port".to_owned(),
                )
            } else {
                let message = format!(
                    "the {handler} of container `{name}` uses the port `{port}`, which the container does not declare"
                );
                let help = match elsewhere {
                    Some(other) => {
                        format!("`{port}` belongs to container `{}`: use its number here", other.name())
                    }
                    None if names.is_empty() => format!("declare it: `ports: [{{name: {port}, containerPort: …}}]`"),
                    None => format!("its ports are {}", crate::rules::helpers::list(&names, 4)),
                };
                (message, help)
            };
            cx.finding(&node, message).help(help).report();
        }
    }
}

pub(super) struct ProbePortUndeclared;

impl Rule for ProbePortUndeclared {
    fn spec(&self) -> &'static Spec {
        spec!("probe-port-undeclared")
    }

    fn check_container(
        &self,
        cx: &mut RuleContext<'_>,
        workload: &Workload<'_>,
        container: &Container<'_>,
    ) {
        // One that declares nothing documents nothing: then there is nothing to compare with.
        let own = declared(container, "containerPort");
        if own.is_empty() {
            return;
        }
        for (handler, node) in ports(container) {
            let Some(port) = node.as_int() else { continue };
            let port = port.to_string();
            let is_known = workload.containers().iter().any(|other| {
                let environment = other.node.get("env").items();
                let values = environment.iter().filter_map(|variable| variable.get("value").text());
                declared(other, "containerPort").contains(&port)
                    || words(other).iter().any(|word| has_number(word, &port))
                    || values.into_iter().any(|value| has_number(&value, &port))
            });
            if is_known || is_configured(cx, &port) {
                continue;
            }
            let message = format!(
                "the {handler} of container `{}` asks port {port}, which it does not declare",
                container.name()
            );
            let help = format!("it declares {}: probe one of them, or declare {port} too", own.join(", "));
            cx.finding(&node, message).help(help).report();
        }
    }
}

/// Whether a configuration file of the chart names a port.
fn is_configured(cx: &RuleContext<'_>, port: &str) -> bool {
    let objects = cx.index.of_kind("ConfigMap").iter().chain(cx.index.of_kind("Secret"));
    objects.flat_map(|object| ["data", "stringData"].map(|field| object.get(field))).any(|data| {
        data.entries().iter().any(|(_, value)| value.as_str().is_some_and(|text| has_number(&text, port)))
    })
}

/// Whether a number stands in a text, and not inside of a longer one.
fn has_number(text: &str, number: &str) -> bool {
    text.match_indices(number).any(|(start, _)| {
        let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        let bytes = text.as_bytes();
        !is_digit(start.checked_sub(1).and_then(|before| bytes.get(before)))
            && !is_digit(bytes.get(start + number.len()))
    })
}

pub(super) struct ProbeOnInitContainer;

impl Rule for ProbeOnInitContainer {
    fn spec(&self) -> &'static Spec {
        spec!("probe-on-init-container")
    }

    fn check_container(
        &self,
        cx: &mut RuleContext<'_>,
        _workload: &Workload<'_>,
        container: &Container<'_>,
    ) {
        if container.kind != ContainerKind::Init {
            return;
        }
        for field in PROBES.iter().chain(&["lifecycle"]) {
            let node = container.node.get(field);
            if node.exists() {
                cx.finding(&node, format!("init container `{}` has a `{field}`", container.name()))
                    .help("remove it, or make the container a sidecar with `restartPolicy: Always`: the API server refuses the pod")
                    .report();
            }
        }
    }
}

pub(super) struct ProbeTrivialCommand;

impl Rule for ProbeTrivialCommand {
    fn spec(&self) -> &'static Spec {
        spec!("probe-trivial-command")
    }

    fn check_container(
        &self,
        cx: &mut RuleContext<'_>,
        _workload: &Workload<'_>,
        container: &Container<'_>,
    ) {
        for field in PROBES {
            let node = container.node.get(field).get("exec.command");
            let command: Vec<String> = node.items().iter().filter_map(Node::text).collect();
            let Some(what) = trivial(&command) else { continue };
            cx.finding(&node, format!("the {field} of container `{}` {what}", container.name()))
                .help("ask the program something that it can answer only while it works")
                .report();
        }
    }
}

/// Why a command says nothing about the program that it is run beside.
fn trivial(command: &[String]) -> Option<&'static str> {
    let is_shell = command.first().is_some_and(|first| matches!(base(first), "sh" | "bash" | "ash" | "dash"));
    let script = if is_shell { command.last()?.clone() } else { command.join(" ") };
    // Several steps are more than a glance.
    let steps: Vec<&str> = script
        .split(['\n', ';', '&', '|'])
        .map(str::trim)
        .filter(|step| !step.is_empty() && !step.starts_with("export ") && !step.starts_with("set "))
        .collect();
    let [step] = steps.as_slice() else { return None };
    let words: Vec<&str> = step.split_whitespace().filter(|word| *word != "exec").collect();
    match base(words.first()?) {
        "true" | ":" | "echo" | "ls" | "exit" => Some("succeeds always"),
        "pgrep" | "pidof" | "ps" => Some("only looks whether there is a process"),
        "nc" | "ncat" => Some("only looks whether the port is open"),
        // It ends with 0 even if the answer is an error: that it is loading, or wants a password.
        "redis-cli" | "valkey-cli"
            if words.iter().any(|word| word.eq_ignore_ascii_case("ping")) && !words.contains(&"-e") =>
        {
            Some("succeeds whatever the server answers: `ping` may also be answered by an error")
        }
        _ => None,
    }
}

/// The name of a program without its folder.
fn base(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

#[cfg(test)]
mod tests {
    use super::{has_number, trivial};

    #[test]
    fn numbers_are_found_whole() {
        assert!(has_number("--port=8080", "8080"));
        assert!(has_number(":8080/", "8080"));
        assert!(!has_number("18080", "8080"));
        assert!(!has_number("80801", "8080"));
    }

    #[test]
    fn commands_that_prove_nothing_are_known() {
        for (command, is_trivial) in [
            (vec!["true"], true),
            (vec!["/bin/ls", "/"], true),
            (vec!["sh", "-c", "redis-cli ping"], true),
            (vec!["sh", "-c", "export REDISCLI_AUTH=$P && redis-cli ping"], true),
            (vec!["sh", "-c", "redis-cli ping | grep PONG"], false),
            (vec!["pg_isready", "-U", "app"], false),
            (vec!["cat", "/tmp/healthy"], false),
            (vec!["sh", "-c", "curl -f localhost:8080/health"], false),
            (vec![], false),
        ] {
            let command: Vec<String> = command.into_iter().map(str::to_owned).collect();
            assert_eq!(trivial(&command).is_some(), is_trivial, "{command:?}");
        }
    }
}
