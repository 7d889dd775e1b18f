//! Chart.yaml, dependencies, CRDs and packaging.

use super::Rule;

rules! {
    addresses::{ChartMaintainerInvalid, ChartUrlInvalid},
    artifacthub_annotation_invalid::{ArtifacthubAnnotationInvalid},
    file_not_loaded::{FileNotLoaded},
    chart_yaml::{
        ChartApiVersionInvalid, ChartAppVersionType, ChartKubeVersionInvalid, ChartNameInvalid, ChartTypeInvalid,
        ChartVersionInvalid, ChartYamlInvalid, ChartYamlUnknownField,
    },
    dependencies::{
        DependencyCondition, DependencyDeprecatedSource, DependencyDuplicate, DependencyMissing,
        DependencyRepositoryProblem,
    },
    packaging::{CrdDirectoryInvalid, SensitiveFilePackaged},
    helm_tests::{HelmTestInvalid, HelmTestsMissing},
}
