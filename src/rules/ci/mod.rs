//! CI workflows and scripts of the repository.

use super::Rule;

rules! {
    scripts::{ScriptDestructiveKubectl},
    workflows::{
        CiChartLintMissing, CiChartNotPublished, CiChartTestMissing, CiHelmVersionOutdated, CiImageScanMissing,
        CiNoDependencyUpdates,
    },
}
