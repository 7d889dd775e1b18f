//! README and the documents of the repository.

pub(super) mod words;

use super::Rule;

rules! {
    readme::{ProductionReadinessDisclaimer, ReadmeCommandInvalid},
    topics::{
        DocsBackupRestore, DocsDeploymentStrategies, DocsHighAvailability, DocsLogging, DocsNetworkAndPodSecurity,
        DocsRequirements, DocsSecrets, DocsSizingCost, DocsTls, DocsUpgradeRollback, DocsVersionMatrix,
    },
}
