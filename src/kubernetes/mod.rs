//! What is known about Kubernetes and what runs on it, apart from any chart: tables and syntax.

pub(crate) mod api_versions;
pub(crate) mod capabilities;
pub(crate) mod controllers;
pub(crate) mod cron;
pub(crate) mod datastores;
pub(crate) mod exposure;
pub(crate) mod fields;
pub(crate) mod images;
pub(crate) mod names;
pub(crate) mod node_agents;
pub(crate) mod programs;
pub(crate) mod quantity;
pub(crate) mod versions;
pub(crate) mod volumes;
