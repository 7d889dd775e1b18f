//! `connection-pool-undersized`, `database-tls-disabled`, `datastore-auth-disabled`, `db-init-script-privileges`,
//! `pg-hba-permissive`, `redis-persistence-unset`

use super::flags::is_for_tests;
use crate::finding::Severity;
use crate::kubernetes::datastores;
use crate::kubernetes::volumes::{is_below, mounted_objects, mounts};
use crate::manifest::{Container, Node, Object, Selector, Workload};
use crate::payload::postgres::{hba, settings as postgres_settings};
use crate::payload::settings::{self, Setting};
use crate::payload::sql::statements;
use crate::payload::{self, Payload, lines, redis};
use crate::rules::{Rule, RuleContext};
use crate::spec::Spec;

/// The ConfigMaps and Secrets of the chart that a workload mounts as files.
fn mounted_payloads<'a>(cx: &RuleContext<'a>, workload: &Workload<'_>) -> Vec<Payload<'a>> {
    let namespace = cx.index.namespace(workload.object);
    let mut found = Vec::new();
    for kind in ["ConfigMap", "Secret"] {
        let names = mounted_objects(workload, kind);
        for object in cx.index.of_kind(kind) {
            if cx.index.namespace(object) == namespace && names.iter().any(|(name, _)| name == object.name()) {
                found.extend(payload::of_object(object));
            }
        }
    }
    found
}

/// All words of a container's command line.
fn command_line(container: &Container<'_>) -> String {
    let words = ["command", "args"].iter().flat_map(|field| container.node.get(field).items());
    words.filter_map(|word| word.text()).collect::<Vec<_>>().join(" ")
}

/// Whether files that the chart does not hold may set up the container: a mounted Secret or ConfigMap of others, or an
/// environment from them.
fn has_unknown_settings(cx: &RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) -> bool {
    let is_foreign = |kind: &str, name: &str| !cx.index.of_kind(kind).iter().any(|object| object.name() == name);
    ["ConfigMap", "Secret"].iter().any(|kind| mounted_objects(workload, kind).iter().any(|(name, _)| is_foreign(kind, name)))
        || !container.node.get("envFrom").items().is_empty()
}

pub(super) struct RedisPersistenceUnset;

impl Rule for RedisPersistenceUnset {
    fn spec(&self) -> &'static Spec {
        spec!("redis-persistence-unset")
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        let Some(store) = redis_server(workload, container) else { return };
        let mounts = mounts(workload, container);
        let claim = mounts.iter().find(|mount| {
            mount.is_persistent && store.data.iter().any(|folder| is_below(&mount.path, folder) || is_below(folder, &mount.path))
        });
        let Some(claim) = claim else { return };
        let command = command_line(container);
        let has_variable = container.node.get("env").items().iter().any(|item| {
            item.get("name").text().is_some_and(|name| name.contains("AOF") || name.contains("SAVE") || name.contains("RDB") || name.contains("APPENDONLY"))
        });
        let payloads = mounted_payloads(cx, workload);
        let options = settings::of_container(container);
        let by_options = redis::persists(options.iter().map(|option| (option.name.trim_start_matches('-'), option.value.as_str())));
        let is_set = by_options.is_some()
            || command.contains("appendonly")
            || payloads.iter().any(|payload| {
                let settings = redis::settings(&payload.text);
                redis::persists(settings.iter().map(|one| (one.name.as_str(), one.value.as_str()))).is_some()
            });
        if has_variable || is_set {
            return;
        }
        // The image, or a file from elsewhere, may say it.
        let is_unknown = command.contains(".conf") || has_unknown_settings(cx, workload, container);
        let severity = if is_unknown { Severity::Info } else { cx.severity };
        let place = ["args", "command"].into_iter().map(|field| container.node.get(field)).find(Node::exists);
        let place = place.unwrap_or_else(|| claim.node.clone());
        let message = format!("container `{}` has a volume for its data, and nothing says when {} writes to it", container.name(), store.name);
        let help = "add `--appendonly yes`, or `--save` with the snapshots that you want, to its arguments";
        cx.finding(&place, message).severity(severity).help(help).report();
    }
}

/// Redis, if the container runs it as a server.
fn redis_server(workload: &Workload<'_>, container: &Container<'_>) -> Option<&'static datastores::Datastore> {
    if !workload.is_long_running() || !container.is_long_running() {
        return None;
    }
    let store = datastores::of_container(container).filter(|store| store.name == "Redis")?;
    let command = command_line(container);
    (!command.contains("sentinel") && !container.name().contains("sentinel")).then_some(store)
}

pub(super) struct DatastoreAuthDisabled;

/// Variables that let anybody into a data store, with the values that do.
const OPEN: &[(&str, &[&str], &str)] = &[
    ("POSTGRES_HOST_AUTH_METHOD", &["trust"], "lets anybody into PostgreSQL as any user"),
    ("MYSQL_ALLOW_EMPTY_PASSWORD", ON, "lets anybody into MySQL as root"),
    ("MYSQL_ALLOW_EMPTY_ROOT_PASSWORD", ON, "lets anybody into MySQL as root"),
    ("MARIADB_ALLOW_EMPTY_PASSWORD", ON, "lets anybody into MariaDB as root"),
    ("MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", ON, "lets anybody into MariaDB as root"),
    ("ALLOW_EMPTY_PASSWORD", ON, "lets anybody in without a password"),
    ("ALLOW_NONE_AUTHENTICATION", ON, "lets anybody into etcd"),
    ("ALLOW_ANONYMOUS_LOGIN", ON, "lets anybody into ZooKeeper"),
    ("NEO4J_AUTH", &["none"], "lets anybody into Neo4j"),
    ("ARANGO_NO_AUTH", ON, "lets anybody into ArangoDB as root"),
    ("INFLUXDB_HTTP_AUTH_ENABLED", OFF, "lets anybody into InfluxDB"),
    ("XPACK.SECURITY.ENABLED", OFF, "lets anybody into Elasticsearch"),
    ("XPACK_SECURITY_ENABLED", OFF, "lets anybody into Elasticsearch"),
    ("ELASTICSEARCH_ENABLE_SECURITY", OFF, "lets anybody into Elasticsearch"),
    ("DISABLE_SECURITY_PLUGIN", ON, "lets anybody into OpenSearch"),
    ("PLUGINS.SECURITY.DISABLED", ON, "lets anybody into OpenSearch"),
    ("AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED", ON, "lets anybody into Weaviate"),
    ("MINIO_ROOT_PASSWORD", &["minioadmin"], "is the password that MinIO's makers ship"),
    ("MINIO_SECRET_KEY", &["minioadmin"], "is the password that MinIO's makers ship"),
];
const ON: &[&str] = &["yes", "true", "1", "on"];
const OFF: &[&str] = &["no", "false", "0", "off"];

impl Rule for DatastoreAuthDisabled {
    fn spec(&self) -> &'static Spec {
        spec!("datastore-auth-disabled")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if is_for_tests(cx) {
            return;
        }
        for setting in settings::of_object(object) {
            check_open(cx, &setting, true);
        }
        // RabbitMQ makes the user `guest` only if it is told of no other.
        let names_user = |cx: &RuleContext<'_>| cx.index.workloads().iter().flat_map(Workload::containers).any(|container| {
            container.node.get("env").items().iter().any(|item| {
                item.get("name").text().is_some_and(|name| name == "RABBITMQ_DEFAULT_USER" || name == "RABBITMQ_USERNAME")
            })
        });
        for payload in payload::of_object(object) {
            let name = payload.key.to_ascii_lowercase();
            let has_guest = name.contains("rabbit") && !payload.text.contains("default_user") && !payload.text.contains("definitions") && !names_user(cx);
            let is_search = name.contains("elasticsearch") || name.contains("opensearch");
            let found = lines(&payload.text).find_map(|(span, line)| {
                let line = line.split('#').next().unwrap_or_default().trim();
                let (key, value) = line.split_once([':', '='])?;
                let value = value.trim();
                let what = match key.trim() {
                    "xpack.security.enabled" if is_search && value == "false" => "lets anybody into Elasticsearch",
                    "plugins.security.disabled" if is_search && value == "true" => "lets anybody into OpenSearch",
                    "loopback_users" if has_guest && value == "none" => "lets the user `guest` in from everywhere",
                    "loopback_users.guest" if has_guest && value == "false" => "lets the user `guest` in from everywhere",
                    _ => return None,
                };
                Some((span, line.to_owned(), what))
            });
            if let Some((span, line, what)) = found {
                payload.finding(cx, span, format!("`{line}` {what}")).help(HELP).report();
            }
        }
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        if is_for_tests(cx) || !workload.is_long_running() {
            return;
        }
        let is_store = datastores::of_container(container).is_some();
        for setting in settings::of_container(container) {
            check_open(cx, &setting, is_store);
        }
        if let Some(store) = redis_server(workload, container) {
            if !has_password(cx, workload, container, &["REDIS_PASSWORD", "PASSWORD", "REDIS_PASS", "AUTH"], &["requirepass", "aclfile", "--user"]) {
                report_open(cx, workload, container, store.name);
            }
            return;
        }
        let image = container.node.get("image").text().unwrap_or_default();
        let is_mongo = datastores::base_name(&image) == "mongo" && datastores::of_container(container).is_some();
        if is_mongo && container.is_long_running() && !has_password(cx, workload, container, &["MONGO_INITDB_ROOT", "PASSWORD"], &["--auth", "keyfile", "keyFile", "x509", "authorization"]) {
            report_open(cx, workload, container, "MongoDB");
        }
    }
}

const HELP: &str = "ask for a password by default, from a Secret that values name or that the chart makes";

fn check_open(cx: &mut RuleContext<'_>, setting: &Setting<'_>, is_store: bool) {
    let name = setting.name.to_ascii_uppercase();
    let value = setting.value.to_ascii_lowercase();
    // For an application it is about the password that it sends.
    if name == "ALLOW_EMPTY_PASSWORD" && !is_store {
        return;
    }
    let open = OPEN.iter().find(|(known, values, _)| *known == name && values.contains(&value.as_str()));
    if let Some((_, _, what)) = open {
        let is_password = name.ends_with("PASSWORD") && value == "minioadmin" || name.ends_with("SECRET_KEY");
        let message = if is_password {
            format!("`{}` {what}", setting.name)
        } else {
            format!("`{}={}` {what}", setting.name, setting.value)
        };
        setting.finding(cx, message).help(HELP).report();
    }
}

/// Whether anything that a container gets may set a password: variables with a word in their names, words of its command
/// line or of mounted files, or something that the chart does not hold.
fn has_password(
    cx: &RuleContext<'_>,
    workload: &Workload<'_>,
    container: &Container<'_>,
    variables: &[&str],
    words: &[&str],
) -> bool {
    let has_variable = container.node.get("env").items().iter().any(|item| {
        let is_empty = item.get("value").is_written() && item.get("value").is_empty();
        let name = item.get("name").text().unwrap_or_default();
        !is_empty && !name.contains("ALLOW_EMPTY") && variables.iter().any(|part| name.contains(part))
    });
    let command = command_line(container);
    let says = |text: &str| {
        let mut lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        lines.any(|line| words.iter().any(|word| line.contains(word)))
    };
    // A file that is in none of the mounted ConfigMaps: it comes with the image or from elsewhere.
    let payloads = mounted_payloads(cx, workload);
    let reads_file = command.contains(".conf") || command.contains(".sh");
    has_variable
        || says(&command)
        || payloads.iter().any(|payload| says(&payload.text))
        || has_unknown_settings(cx, workload, container)
        || (reads_file && payloads.is_empty())
}

/// Nothing asks for a password.
fn report_open(cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>, store: &str) {
    let labels = workload.pod_labels();
    let namespace = cx.index.namespace(workload.object);
    let is_shielded = cx.index.of_kind("NetworkPolicy").iter().any(|policy| {
        cx.index.namespace(policy) == namespace && {
            let selector = Selector::of_node(&policy.get("spec.podSelector"));
            selector.is_everything() || selector.matches(&labels)
        }
    });
    let severity = if is_shielded { cx.severity.min(Severity::Medium) } else { cx.severity };
    let message = format!("{store} of container `{}` asks nobody for a password", container.name());
    cx.finding(&container.node, message).severity(severity).help(HELP).report();
}

pub(super) struct PgHbaPermissive;

impl Rule for PgHbaPermissive {
    fn spec(&self) -> &'static Spec {
        spec!("pg-hba-permissive")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        for payload in payload::of_object(object) {
            let is_script = payload.text.contains("pg_hba");
            if !payload.key.contains("hba") && !is_script && hba(&payload.text).len() < 2 {
                continue;
            }
            // A script that writes the file has its lines in quotes: `echo "host all all …" >> pg_hba.conf`. Taking the
            // quotes for space leaves all bytes where they are.
            let text = payload.text.replace("echo ", "     ").replace(['"', '\'', '>'], " ").replace("- ", "  ");
            for line in hba(&text) {
                let is_local = line.kind == "local"
                    || line.address.starts_with("127.")
                    || line.address.starts_with("::1")
                    || matches!(line.address, "localhost" | "samehost" | "samenet");
                let is_everywhere = matches!(line.address, "0.0.0.0/0" | "::/0" | "::0/0" | "all" | "0.0.0.0");
                let shown = format!("{} {} {} {} {}", line.kind, line.database, line.user, line.address, line.method);
                if is_local || line.method == "reject" {
                    continue;
                }
                if line.method == "trust" {
                    let message = format!("`{shown}` lets anybody in from {} without a password", line.address);
                    let help = "use `scram-sha-256`: `trust` asks for nothing";
                    payload.finding(cx, line.span, message).help(help).report();
                } else if is_everywhere && !matches!(line.kind, "hostssl" | "hostgssenc") && line.method != "cert" {
                    let message = format!("`{shown}` takes passwords from every address, without TLS");
                    let help = "use `hostssl`, and the network of the pods instead of all addresses";
                    // A password in clear is worse than one that proves itself.
                    let severity = if line.method == "password" { cx.severity } else { cx.severity.min(Severity::Medium) };
                    payload.finding(cx, line.span, message).severity(severity).help(help).report();
                }
            }
        }
    }
}

pub(super) struct DbInitScriptPrivileges;

impl Rule for DbInitScriptPrivileges {
    fn spec(&self) -> &'static Spec {
        spec!("db-init-script-privileges")
    }

    fn check_workload(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>) {
        if is_for_tests(cx) {
            return;
        }
        let mut volumes = Vec::new();
        for container in workload.containers() {
            let found = mounts(workload, &container).into_iter().filter(|mount| mount.path.contains("initdb.d"));
            volumes.extend(found.filter_map(|mount| mount.volume.get("name").text()));
        }
        for kind in ["ConfigMap", "Secret"] {
            let names: Vec<String> = mounted_objects(workload, kind)
                .into_iter()
                .filter(|(_, volume)| volume.get("name").text().is_some_and(|name| volumes.contains(&name)))
                .map(|(name, _)| name)
                .collect();
            let objects: Vec<&Object> =
                cx.index.of_kind(kind).iter().copied().filter(|object| names.iter().any(|name| name == object.name())).collect();
            for object in objects {
                for payload in payload::of_object(object) {
                    if matches!(payload.extension().as_deref(), Some("sql" | "sh" | "bash")) {
                        check_script(cx, &payload);
                    }
                }
            }
        }
    }
}

fn check_script(cx: &mut RuleContext<'_>, payload: &Payload<'_>) {
    let statements = statements(&payload.text);
    let is_account = |text: &str| {
        ["CREATE USER", "CREATE ROLE", "ALTER USER", "ALTER ROLE"].iter().any(|start| text.starts_with(start))
    };
    for statement in &statements {
        let what = if is_account(&statement.text) && (statement.has("SUPERUSER") || statement.has("SUPER")) {
            "makes a user that may do everything"
        } else if statement.text.starts_with("GRANT ALL") && statement.text.contains("ON *.*") {
            "gives a user all rights in all databases"
        } else {
            continue;
        };
        let help = "give each application a user of its own with rights in its own database";
        payload.finding(cx, statement.span.clone(), format!("`{}` {what}", payload.key)).help(help).report();
    }
    for statement in &statements {
        let Some(text) = payload.text.get(statement.span.clone()).filter(|_| is_account(&statement.text)) else { continue };
        if let Some(at) = literal_password(text) {
            let span = statement.span.start + at.start..statement.span.start + at.end;
            let message = format!("`{}` sets a password that stands in it", payload.key);
            let help = "take the password from a variable that comes from a Secret";
            payload.finding(cx, span, message).secret().help(help).report();
        }
    }
    let created = statements.iter().find(|statement| statement.has("CREATE DATABASE"));
    let has_users = statements.iter().any(|statement| {
        is_account(&statement.text) || statement.text.starts_with("GRANT") || statement.has("OWNER") || statement.has("AUTHORIZATION")
    });
    if let Some(statement) = created.filter(|_| !has_users) {
        let whole = payload.text.get(statement.span.clone()).unwrap_or_default().to_ascii_uppercase();
        let at = statement.span.start + whole.find("CREATE DATABASE").unwrap_or(0);
        let message = format!("`{}` creates databases and no users for them: all applications log in as the one that may do everything", payload.key);
        let help = "create a user for each database, and grant it only that one";
        payload.finding(cx, at..statement.span.end, message).help(help).report();
    }
}

/// Where a statement has a password between quotes that is no variable.
fn literal_password(text: &str) -> Option<std::ops::Range<usize>> {
    let upper = text.to_ascii_uppercase();
    let word = ["PASSWORD '", "IDENTIFIED BY '"].iter().find_map(|word| Some(upper.find(word)? + word.len()))?;
    let rest = text.get(word..)?;
    let end = rest.find('\'')?;
    let password = rest.get(..end)?;
    let is_variable = password.is_empty() || password.contains(['$', ':', '{', '%', '<']);
    (!is_variable).then_some(word..word + end)
}

pub(super) struct DatabaseTlsDisabled;

impl Rule for DatabaseTlsDisabled {
    fn spec(&self) -> &'static Spec {
        spec!("database-tls-disabled")
    }

    fn check_object(&self, cx: &mut RuleContext<'_>, object: &Object) {
        if !is_for_tests(cx) {
            for setting in settings::of_object(object) {
                check_connection(cx, &setting, false);
            }
        }
    }

    fn check_container(&self, cx: &mut RuleContext<'_>, workload: &Workload<'_>, container: &Container<'_>) {
        if !is_for_tests(cx) && !workload.object.is_test() {
            let is_server = datastores::of_container(container).is_some();
            for setting in settings::of_container(container) {
                check_connection(cx, &setting, is_server);
            }
        }
    }
}

fn check_connection(cx: &mut RuleContext<'_>, setting: &Setting<'_>, is_server: bool) {
    let name = setting.plain_name();
    let value = setting.value.to_ascii_lowercase();
    let is_mode = name.ends_with("sslmode") || name.ends_with("ssl-mode");
    let is_database = ["db", "database", "postgres", "postgresql", "pg", "mysql", "mariadb", "mongo", "mongodb", "redis", "sql"]
        .iter()
        .any(|word| name.split('-').any(|part| part == *word));
    let switch = ["ssl", "use-ssl", "ssl-enabled", "enable-ssl", "tls", "use-tls", "tls-enabled", "enable-tls"];
    let option = ["sslmode=disable", "sslmode=allow", "usessl=false", "ssl=false", "tls=false", "encrypt=false"];
    let is_url = value.contains("://") || value.contains("sslmode=");
    let is_plain = is_mode && matches!(value.as_str(), "disable" | "disabled" | "allow")
        || is_database && switch.iter().any(|end| name.ends_with(&format!("-{end}"))) && setting.is_off();
    let what = if is_plain {
        format!("`{}={}`", setting.name, setting.value)
    } else if let Some(option) = option.iter().find(|option| is_url && value.contains(*option)) {
        format!("`{option}` in `{}`", setting.name)
    } else if let Some(host) = value.strip_prefix("redis://").map(host_of).filter(|host| is_external(host)) {
        format!("`redis://` to {host} in `{}`", setting.name)
    } else {
        return;
    };
    // A connection inside of the release stays in the network of the pods.
    let host = value.split_once("://").map(|(_, rest)| host_of(rest));
    let is_inside = is_server || match host {
        Some(host) => !is_external(host),
        None => cx.index.workloads().iter().any(|workload| datastores::of_workload(workload).is_some()),
    };
    let severity = if is_inside { cx.severity.min(Severity::Info) } else { cx.severity };
    let message = if is_server {
        format!("{what} lets clients of the database connect without TLS only")
    } else {
        format!("{what} connects to a database without TLS")
    };
    let help = "let values choose, and use `require` or `verify-full` (`rediss://` for Redis) for databases outside of the cluster";
    setting.finding(cx, message).severity(severity).help(help).report();
}

/// The host of what follows `://` in a URL.
fn host_of(rest: &str) -> &str {
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.split([':', ',']).next().unwrap_or_default()
}

/// Whether a host is not of this cluster.
fn is_external(host: &str) -> bool {
    let is_name = host.contains('.') && !host.contains(['$', '(', '{']);
    let is_local = ["127.", "localhost", "10."].iter().any(|start| host.starts_with(start));
    let is_service = [".svc", ".local", ".internal"].iter().any(|end| host.ends_with(end)) || host.contains(".svc.");
    is_name && !is_local && !is_service
}

pub(super) struct ConnectionPoolUndersized;

impl Rule for ConnectionPoolUndersized {
    fn spec(&self) -> &'static Spec {
        spec!("connection-pool-undersized")
    }

    fn check_scenario(&self, cx: &mut RuleContext<'_>) {
        let mut clients = Vec::new();
        let mut needed = 0;
        for workload in cx.index.workloads() {
            if !workload.is_long_running() || datastores::of_workload(workload).is_some() {
                continue;
            }
            let pool: i64 = workload.containers().iter().flat_map(|container| pool_size(container)).sum();
            if pool > 0 {
                let replicas = cx.index.replicas(workload);
                needed += pool.saturating_mul(replicas);
                clients.push(format!("{} ({replicas} × {pool})", cx.describe(workload.object)));
            }
        }
        if clients.is_empty() {
            return;
        }
        let help = format!("{} open up to {needed} connections", clients.join(", "));
        for object in cx.index.objects() {
            if !cx.is_own(object) {
                continue;
            }
            for payload in payload::of_object(object) {
                let key = payload.key.to_ascii_lowercase();
                let wanted: &[&str] = if key.contains("pgbouncer") {
                    &["max_client_conn"]
                } else if key.contains("postgres") {
                    &["max_connections"]
                } else {
                    continue;
                };
                let settings = postgres_settings(&payload.text);
                let limit = settings.iter().find(|setting| wanted.contains(&setting.name));
                let Some(most) = limit.and_then(|setting| setting.value.parse::<i64>().ok()) else { continue };
                if let Some(setting) = limit.filter(|_| most < needed) {
                    let message = format!("`{}` allows {most} connections, fewer than the chart's clients may open", setting.name);
                    payload.finding(cx, setting.span.clone(), message).help(&help).report();
                }
            }
        }
        for workload in cx.index.workloads() {
            if datastores::of_workload(workload).is_none_or(|store| store.name != "PostgreSQL") || !cx.is_own(workload.object) {
                continue;
            }
            for node in workload.containers().iter().flat_map(|container| ["command", "args"].map(|field| container.node.get(field))).flat_map(|field| field.items()) {
                let text = node.text().unwrap_or_default();
                let most = text.split("max_connections=").nth(1).and_then(|rest| {
                    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<i64>().ok()
                });
                if let Some(most) = most.filter(|most| *most < needed) {
                    let message = format!("`max_connections` allows {most} connections, fewer than the chart's clients may open");
                    cx.finding(&node, message).help(&help).report();
                }
            }
        }
    }
}

/// How many connections to a database a container keeps at most.
fn pool_size(container: &Container<'_>) -> Option<i64> {
    const NAMES: &[&str] = &["pool-size", "pool-max", "max-pool-size", "maximum-pool-size", "max-open-conns", "pool-max-size", "max-open-connections", "database-pool", "db-pool"];
    let settings = settings::of_container(container);
    let setting = settings.iter().find(|setting| {
        let name = setting.plain_name().replace("maximumpoolsize", "maximum-pool-size");
        let is_database = ["db", "database", "postgres", "pg", "sql", "hikari", "datasource", "jdbc"].iter().any(|word| name.contains(word));
        is_database && NAMES.iter().any(|end| name.ends_with(end))
    });
    setting?.value.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{host_of, is_external, literal_password};

    #[test]
    fn hosts_are_told_from_services() {
        assert_eq!(host_of("user:pass@db.example.com:6379/0?a=b"), "db.example.com");
        assert!(is_external("db.example.com"));
        assert!(!is_external("db") && !is_external("db.prod.svc.cluster.local") && !is_external("$(host).x"));
    }

    #[test]
    fn passwords_are_told_from_variables() {
        let text = "CREATE USER a PASSWORD 'geheim'";
        assert_eq!(&text[literal_password(text).expect("it has one")], "geheim");
        assert_eq!(literal_password("CREATE USER a PASSWORD '$APP_PASSWORD'"), None);
        assert_eq!(literal_password("CREATE USER a"), None);
    }
}
