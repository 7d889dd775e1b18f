//! Metrics, alerts and logs.

use super::Rule;

rules! {
    logs::{LogsToFile, StructuredLoggingOff},
    metrics::{
        AlertingRulesMissing, MetricsNotScrapable, ScrapeAnnotationPortMismatch, ScrapeAnnotationsMissing,
        ServiceMonitorNotSupported,
    },
}
