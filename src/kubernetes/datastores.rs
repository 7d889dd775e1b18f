//! Which image is which data store, broker or administration page, and what it listens on.

use crate::manifest::{Container, ContainerKind, Workload};
use crate::rules::helpers::ImageReference;

/// What a data store is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Keeps records: PostgreSQL, MongoDB, etcd.
    Database,
    /// Holds what can be computed again, in memory first: Redis, Memcached.
    Cache,
    /// Carries messages: RabbitMQ, Kafka.
    Broker,
    /// Finds things: Elasticsearch, Solr, vector databases.
    Search,
    /// Keeps files: MinIO.
    Objects,
}

/// A data store.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Datastore {
    /// As its makers write it: `PostgreSQL`.
    pub(crate) name: &'static str,
    /// What it is for.
    pub(crate) role: Role,
    /// Last parts of image repositories.
    images: &'static [&'static str],
    /// The ports that its clients use; nothing else is common on them.
    pub(crate) ports: &'static [u16],
    /// Where it keeps its data. Empty if it keeps none.
    pub(crate) data: &'static [&'static str],
}

const fn store(
    name: &'static str,
    role: Role,
    images: &'static [&'static str],
    ports: &'static [u16],
    data: &'static [&'static str],
) -> Datastore {
    Datastore { name, role, images, ports, data }
}

/// All known data stores.
pub(crate) const DATASTORES: &[Datastore] = &[
    store(
        "PostgreSQL",
        Role::Database,
        &[
            "postgres",
            "postgresql",
            "postgresql-ha",
            "postgresql-repmgr",
            "postgis",
            "pgvector",
            "pgvecto-rs",
            "timescaledb",
            "timescaledb-ha",
            "spilo",
            "patroni",
            "crunchy-postgres",
            "crunchy-postgres-ha",
            "stackgres",
            "supabase-postgres",
            "cloudnative-vectorchord",
        ],
        &[5432],
        &["/var/lib/postgresql", "/bitnami/postgresql", "/home/postgres/pgdata", "/pgdata"],
    ),
    store(
        "MySQL",
        Role::Database,
        &[
            "mysql",
            "mysql-server",
            "mysql-community-server",
            "percona",
            "percona-server",
            "percona-xtradb-cluster",
        ],
        &[3306],
        &["/var/lib/mysql", "/bitnami/mysql"],
    ),
    store(
        "MariaDB",
        Role::Database,
        &["mariadb", "mariadb-galera"],
        &[3306],
        &["/var/lib/mysql", "/bitnami/mariadb"],
    ),
    store(
        "MongoDB",
        Role::Database,
        &[
            "mongo",
            "mongodb",
            "mongodb-sharded",
            "mongodb-community-server",
            "mongodb-enterprise-server",
            "percona-server-mongodb",
            "ferretdb",
        ],
        &[27017],
        &["/data/db", "/bitnami/mongodb"],
    ),
    store(
        "Microsoft SQL Server",
        Role::Database,
        &["mssql-server", "mssql-server-linux", "mssql"],
        &[1433],
        &["/var/opt/mssql"],
    ),
    store(
        "Cassandra",
        Role::Database,
        &["cassandra", "scylla"],
        &[9042],
        &["/var/lib/cassandra", "/bitnami/cassandra"],
    ),
    store(
        "CockroachDB",
        Role::Database,
        &["cockroach", "cockroachdb"],
        &[26257],
        &["/cockroach/cockroach-data"],
    ),
    store("CouchDB", Role::Database, &["couchdb"], &[5984], &["/opt/couchdb/data"]),
    store("Neo4j", Role::Database, &["neo4j"], &[7687], &["/data"]),
    store("ArangoDB", Role::Database, &["arangodb"], &[8529], &["/var/lib/arangodb3"]),
    store(
        "ClickHouse",
        Role::Database,
        &["clickhouse", "clickhouse-server"],
        &[],
        &["/var/lib/clickhouse", "/bitnami/clickhouse"],
    ),
    store(
        "InfluxDB",
        Role::Database,
        &["influxdb", "influxdb2", "influxdb3-core"],
        &[8086],
        &["/var/lib/influxdb"],
    ),
    store(
        "etcd",
        Role::Database,
        &["etcd"],
        &[2379],
        &["/var/lib/etcd", "/var/run/etcd", "/bitnami/etcd", "/etcd-data"],
    ),
    store(
        "ZooKeeper",
        Role::Database,
        &["zookeeper", "cp-zookeeper"],
        &[2181],
        &["/data", "/datalog", "/bitnami/zookeeper", "/var/lib/zookeeper"],
    ),
    store(
        "Redis",
        Role::Cache,
        &[
            "redis",
            "redis-stack",
            "redis-stack-server",
            "redis-cluster",
            "redis-ha",
            "valkey",
            "valkey-cluster",
            "keydb",
            "dragonfly",
        ],
        &[6379],
        &["/data", "/bitnami/redis", "/bitnami/valkey", "/var/lib/redis"],
    ),
    store("Memcached", Role::Cache, &["memcached"], &[11211], &[]),
    store(
        "RabbitMQ",
        Role::Broker,
        &["rabbitmq", "rabbitmq-server"],
        &[5672, 5671],
        &["/var/lib/rabbitmq", "/bitnami/rabbitmq"],
    ),
    store(
        "Kafka",
        Role::Broker,
        &["kafka", "kafka-native", "cp-kafka", "cp-server", "redpanda"],
        &[9092],
        &["/var/lib/kafka", "/bitnami/kafka", "/var/lib/redpanda"],
    ),
    store("NATS", Role::Broker, &["nats", "nats-streaming"], &[4222], &["/data"]),
    store(
        "ActiveMQ",
        Role::Broker,
        &["activemq", "activemq-classic", "activemq-artemis", "artemis"],
        &[61616],
        &["/opt/activemq/data"],
    ),
    store("Pulsar", Role::Broker, &["pulsar", "pulsar-all"], &[6650], &["/pulsar/data"]),
    store(
        "Elasticsearch",
        Role::Search,
        &["elasticsearch", "elasticsearch-oss"],
        &[9200],
        &["/usr/share/elasticsearch/data", "/bitnami/elasticsearch"],
    ),
    store(
        "OpenSearch",
        Role::Search,
        &["opensearch"],
        &[9200],
        &["/usr/share/opensearch/data", "/bitnami/opensearch"],
    ),
    store("Solr", Role::Search, &["solr"], &[8983], &["/var/solr", "/bitnami/solr"]),
    store("Meilisearch", Role::Search, &["meilisearch"], &[7700], &["/meili_data"]),
    store("Typesense", Role::Search, &["typesense"], &[8108], &["/data"]),
    store("Qdrant", Role::Search, &["qdrant"], &[6333, 6334], &["/qdrant/storage"]),
    store("Weaviate", Role::Search, &["weaviate"], &[], &["/var/lib/weaviate"]),
    store("Milvus", Role::Search, &["milvus"], &[19530], &["/var/lib/milvus"]),
    store("MinIO", Role::Objects, &["minio"], &[], &["/data", "/export", "/bitnami/minio"]),
];

/// Pages with which data stores and clusters are administered: last parts of image repositories, and what they are.
const ADMIN_PAGES: &[(&str, &str)] = &[
    ("kibana", "Kibana"),
    ("kibana-oss", "Kibana"),
    ("opensearch-dashboards", "OpenSearch Dashboards"),
    ("phpmyadmin", "phpMyAdmin"),
    ("phppgadmin", "phpPgAdmin"),
    ("pgadmin4", "pgAdmin"),
    ("adminer", "Adminer"),
    ("mongo-express", "mongo-express"),
    ("redis-commander", "Redis Commander"),
    ("redisinsight", "Redis Insight"),
    ("cerebro", "Cerebro"),
    ("kafka-ui", "Kafka UI"),
    ("kafdrop", "Kafdrop"),
    ("akhq", "AKHQ"),
    ("cmak", "CMAK"),
    ("kubernetes-dashboard", "Kubernetes Dashboard"),
    ("dashboard-web", "Kubernetes Dashboard"),
];

/// Programs of the same images that talk to a server and are none.
const CLIENTS: &[&str] = &[
    "psql",
    "pg_dump",
    "pg_dumpall",
    "pg_isready",
    "pg_restore",
    "mysqldump",
    "mysqladmin",
    "mariadb-dump",
    "mongodump",
    "mongosh",
    "redis-cli",
    "valkey-cli",
    "etcdctl",
    "rabbitmqctl",
    "kafka-topics",
    "sleep",
];

/// The last part of an image's repository, in small letters: `postgres` of `docker.io/library/postgres:16`.
pub(crate) fn base_name(image: &str) -> String {
    let name = ImageReference::parse(image).name;
    name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase()
}

/// The data store that an image holds. An exporter, an operator or a backup tool is none.
pub(crate) fn of_image(image: &str) -> Option<&'static Datastore> {
    let base = base_name(image);
    // Repositories that carry a version or a chip in their names: `spilo-15`, `mysql80`.
    let plain = base.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.' | '_'));
    let of = |wanted: &str| DATASTORES.iter().find(|store| store.images.contains(&wanted));
    of(&base).or_else(|| of(plain))
}

/// The data store that listens on a port by custom.
pub(crate) fn of_port(port: i64) -> Option<&'static Datastore> {
    let port = u16::try_from(port).ok()?;
    DATASTORES.iter().find(|store| store.ports.contains(&port))
}

/// The data store that a container runs as a server, by its image; an image of the user's own says nothing, but a
/// container that is called `postgres` and listens where PostgreSQL does is no riddle.
pub(crate) fn of_container(container: &Container<'_>) -> Option<&'static Datastore> {
    let store = of_image(&container.node.get("image").text()?).or_else(|| {
        let store = of_image(&container.name())?;
        let ports = container.node.get("ports").items();
        let listens = ports.iter().filter_map(|port| port.get("containerPort").as_int());
        listens
            .into_iter()
            .any(|port| store.ports.iter().any(|&known| i64::from(known) == port))
            .then_some(store)
    })?;
    let runs_client =
        ["command", "args"].iter().flat_map(|field| container.node.get(field).items()).any(|word| {
            let text = word.text().unwrap_or_default();
            let mut words = text.split(|c: char| c.is_whitespace() || matches!(c, '/' | ';' | '|' | '&'));
            words.any(|word| CLIENTS.contains(&word.trim_end_matches(".sh")))
        });
    // A script that asks the server whether it is up runs beside a server only in an init container.
    let declares_port = container.node.get("ports").items().iter().any(|port| {
        port.get("containerPort")
            .as_int()
            .is_some_and(|port| store.ports.iter().any(|&known| i64::from(known) == port))
    });
    (declares_port || !runs_client).then_some(store)
}

/// The data store that a workload runs as a server: jobs and init containers only use one.
pub(crate) fn of_workload(workload: &Workload<'_>) -> Option<&'static Datastore> {
    if !workload.is_long_running() {
        return None;
    }
    workload
        .containers()
        .iter()
        .filter(|container| container.kind == ContainerKind::Main)
        .find_map(of_container)
}

/// The administration page that an image holds.
pub(crate) fn admin_page(image: &str) -> Option<&'static str> {
    let base = base_name(image);
    ADMIN_PAGES.iter().find(|(known, _)| *known == base).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::{admin_page, of_image, of_port};

    #[test]
    fn images_of_data_stores_are_known_and_others_are_not() {
        for (image, name) in [
            ("postgres", Some("PostgreSQL")),
            ("docker.io/bitnami/postgresql:16.2.0", Some("PostgreSQL")),
            ("registry.example.com:5000/acid/spilo-15:3.0", Some("PostgreSQL")),
            ("redis/redis-stack:latest", Some("Redis")),
            ("valkey/valkey@sha256:ab", Some("Redis")),
            ("quay.io/prometheuscommunity/postgres-exporter:v0.15", None),
            ("mongo-express", None),
            ("nginx:1.27", None),
        ] {
            assert_eq!(of_image(image).map(|store| store.name), name, "{image}");
        }
        assert_eq!(admin_page("docker.elastic.co/kibana/kibana:8.1.0"), Some("Kibana"));
    }

    #[test]
    fn ports_of_data_stores_are_known() {
        assert_eq!(of_port(5432).map(|store| store.name), Some("PostgreSQL"));
        assert_eq!(of_port(8080), None);
    }
}
