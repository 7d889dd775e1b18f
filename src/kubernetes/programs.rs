//! What kinds of programs images hold: proxies, Java, things that start slowly.

use super::datastores::base_name;

/// Image names of reverse proxies.
const PROXIES: &[&str] = &["nginx", "nginx-unprivileged", "haproxy", "traefik", "envoy", "caddy", "httpd"];

/// Image names of programs that run in a Java virtual machine.
const JAVA: &[&str] = &[
    "activemq",
    "cassandra",
    "confluence",
    "elasticsearch",
    "flink",
    "jenkins",
    "jira-software",
    "kafka",
    "keycloak",
    "logstash",
    "neo4j",
    "nexus3",
    "openjdk",
    "opensearch",
    "pulsar",
    "solr",
    "sonarqube",
    "tomcat",
    "wildfly",
    "zookeeper",
];

/// Image names of other programs that take long to start: they migrate databases, or set themselves up first.
const SLOW: &[&str] = &[
    "discourse",
    "drupal",
    "ghost",
    "gitlab-ce",
    "gitlab-ee",
    "mariadb",
    "mariadb-galera",
    "mastodon",
    "matomo",
    "mssql-server",
    "mysql",
    "mysql-server",
    "nextcloud",
    "odoo",
    "percona-xtradb-cluster",
    "redmine",
    "superset",
    "wordpress",
];

/// Whether an image holds a reverse proxy.
pub(crate) fn is_proxy(image: &str) -> bool {
    PROXIES.contains(&base_name(image).as_str())
}

/// Whether an image holds a Java program.
pub(crate) fn is_java(image: &str) -> bool {
    JAVA.contains(&base_name(image).as_str())
}

/// Whether what an image holds takes long to start.
pub(crate) fn starts_slowly(image: &str) -> bool {
    is_java(image) || SLOW.contains(&base_name(image).as_str())
}
