//! When each version of a kind came to Kubernetes, when it was deprecated, and when it was removed: Kubernetes' own
//! records up to 1.36.

use super::versions::Minor;

/// A version of a kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Api {
    /// `apps/v1`
    pub(crate) api_version: &'static str,
    /// `Deployment`
    pub(crate) kind: &'static str,
    /// The first version that has it.
    pub(crate) introduced: Minor,
    /// The first version that warns about it.
    pub(crate) deprecated: Option<Minor>,
    /// The first version that does not have it any more.
    pub(crate) removed: Option<Minor>,
    /// What to write instead: `apps/v1 Deployment`.
    pub(crate) replacement: Option<&'static str>,
}

impl Api {
    /// Whether a version of Kubernetes serves it.
    pub(crate) fn is_served_by(&self, version: Minor) -> bool {
        self.introduced <= version && self.removed.is_none_or(|removed| version < removed)
    }
}

/// What is known of a version of a kind.
pub(crate) fn find(api_version: &str, kind: &str) -> Option<&'static Api> {
    let known = API_VERSIONS.binary_search_by(|api| (api.api_version, api.kind).cmp(&(api_version, kind)));
    known.ok().map(|index| &API_VERSIONS[index])
}

/// All versions of kinds.
pub(crate) fn all() -> &'static [Api] {
    API_VERSIONS
}

/// Zero stands for a version that is not reached.
const fn api(
    api_version: &'static str,
    kind: &'static str,
    introduced: u16,
    deprecated: u16,
    removed: u16,
    replacement: &'static str,
) -> Api {
    const fn minor(number: u16) -> Option<Minor> {
        if number == 0 { None } else { Some(Minor(number)) }
    }
    let replacement = if replacement.is_empty() { None } else { Some(replacement) };
    Api {
        api_version,
        kind,
        introduced: Minor(introduced),
        deprecated: minor(deprecated),
        removed: minor(removed),
        replacement,
    }
}

/// In order of API version and kind.
#[rustfmt::skip]
const API_VERSIONS: &[Api] = &[
    api("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy", 36, 0, 0, ""),
    api("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicyBinding", 36, 0, 0, ""),
    api("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", 16, 0, 0, ""),
    api("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", 30, 0, 0, ""),
    api("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", 30, 0, 0, ""),
    api("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", 16, 0, 0, ""),
    api("admissionregistration.k8s.io/v1alpha1", "MutatingAdmissionPolicy", 32, 35, 38, ""),
    api("admissionregistration.k8s.io/v1alpha1", "MutatingAdmissionPolicyBinding", 32, 35, 38, ""),
    api("admissionregistration.k8s.io/v1alpha1", "ValidatingAdmissionPolicy", 26, 29, 32, "admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy"),
    api("admissionregistration.k8s.io/v1alpha1", "ValidatingAdmissionPolicyBinding", 26, 29, 32, "admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding"),
    api("admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy", 34, 37, 40, "admissionregistration.k8s.io/v1 MutatingAdmissionPolicy"),
    api("admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicyBinding", 34, 37, 40, "admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding"),
    api("admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration", 9, 16, 22, "admissionregistration.k8s.io/v1 MutatingWebhookConfiguration"),
    api("admissionregistration.k8s.io/v1beta1", "ValidatingAdmissionPolicy", 28, 31, 34, "admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy"),
    api("admissionregistration.k8s.io/v1beta1", "ValidatingAdmissionPolicyBinding", 28, 31, 34, "admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding"),
    api("admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration", 9, 16, 22, "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration"),
    api("apiextensions.k8s.io/v1", "CustomResourceDefinition", 16, 0, 0, ""),
    api("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", 7, 16, 22, "apiextensions.k8s.io/v1 CustomResourceDefinition"),
    api("apiregistration.k8s.io/v1", "APIService", 10, 0, 0, ""),
    api("apiregistration.k8s.io/v1beta1", "APIService", 7, 19, 22, "apiregistration.k8s.io/v1 APIService"),
    api("apps/v1", "ControllerRevision", 9, 0, 0, ""),
    api("apps/v1", "DaemonSet", 9, 0, 0, ""),
    api("apps/v1", "Deployment", 9, 0, 0, ""),
    api("apps/v1", "ReplicaSet", 9, 0, 0, ""),
    api("apps/v1", "StatefulSet", 9, 0, 0, ""),
    api("apps/v1beta1", "ControllerRevision", 7, 8, 16, "apps/v1 ControllerRevision"),
    api("apps/v1beta1", "Deployment", 6, 8, 16, "apps/v1 Deployment"),
    api("apps/v1beta1", "StatefulSet", 5, 8, 16, "apps/v1 StatefulSet"),
    api("apps/v1beta2", "ControllerRevision", 8, 9, 16, "apps/v1 ControllerRevision"),
    api("apps/v1beta2", "DaemonSet", 8, 9, 16, "apps/v1 DaemonSet"),
    api("apps/v1beta2", "Deployment", 8, 9, 16, "apps/v1 Deployment"),
    api("apps/v1beta2", "ReplicaSet", 8, 9, 16, "apps/v1 ReplicaSet"),
    api("apps/v1beta2", "StatefulSet", 8, 9, 16, "apps/v1 StatefulSet"),
    api("autoscaling/v1", "HorizontalPodAutoscaler", 2, 0, 0, ""),
    api("autoscaling/v2", "HorizontalPodAutoscaler", 23, 0, 0, ""),
    api("autoscaling/v2beta1", "HorizontalPodAutoscaler", 8, 22, 25, "autoscaling/v2 HorizontalPodAutoscaler"),
    api("autoscaling/v2beta2", "HorizontalPodAutoscaler", 12, 23, 26, "autoscaling/v2 HorizontalPodAutoscaler"),
    api("batch/v1", "CronJob", 21, 0, 0, ""),
    api("batch/v1", "Job", 2, 0, 0, ""),
    api("batch/v1beta1", "CronJob", 8, 21, 25, "batch/v1 CronJob"),
    api("batch/v2alpha1", "CronJob", 5, 8, 21, "batch/v1 CronJob"),
    api("certificates.k8s.io/v1", "CertificateSigningRequest", 19, 0, 0, ""),
    api("certificates.k8s.io/v1alpha1", "ClusterTrustBundle", 26, 34, 37, ""),
    api("certificates.k8s.io/v1beta1", "CertificateSigningRequest", 12, 19, 22, "certificates.k8s.io/v1 CertificateSigningRequest"),
    api("certificates.k8s.io/v1beta1", "ClusterTrustBundle", 33, 37, 40, ""),
    api("certificates.k8s.io/v1beta1", "PodCertificateRequest", 35, 38, 41, ""),
    api("coordination.k8s.io/v1", "Lease", 14, 0, 0, ""),
    api("coordination.k8s.io/v1alpha2", "LeaseCandidate", 32, 35, 38, ""),
    api("coordination.k8s.io/v1beta1", "Lease", 12, 19, 22, "coordination.k8s.io/v1 Lease"),
    api("coordination.k8s.io/v1beta1", "LeaseCandidate", 33, 36, 39, ""),
    api("discovery.k8s.io/v1", "EndpointSlice", 21, 0, 0, ""),
    api("discovery.k8s.io/v1beta1", "EndpointSlice", 16, 21, 25, "discovery.k8s.io/v1 EndpointSlice"),
    api("events.k8s.io/v1", "Event", 19, 0, 0, ""),
    api("events.k8s.io/v1beta1", "Event", 8, 19, 25, "events.k8s.io/v1 Event"),
    api("extensions/v1beta1", "DaemonSet", 1, 8, 16, "apps/v1 DaemonSet"),
    api("extensions/v1beta1", "Deployment", 1, 8, 16, "apps/v1 Deployment"),
    api("extensions/v1beta1", "Ingress", 1, 14, 22, "networking.k8s.io/v1 Ingress"),
    api("extensions/v1beta1", "NetworkPolicy", 3, 9, 16, "networking.k8s.io/v1 NetworkPolicy"),
    api("extensions/v1beta1", "PodSecurityPolicy", 3, 11, 16, ""),
    api("extensions/v1beta1", "ReplicaSet", 2, 8, 16, "apps/v1 ReplicaSet"),
    api("flowcontrol.apiserver.k8s.io/v1", "FlowSchema", 29, 0, 0, ""),
    api("flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration", 29, 0, 0, ""),
    api("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", 20, 23, 26, "flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema"),
    api("flowcontrol.apiserver.k8s.io/v1beta1", "PriorityLevelConfiguration", 20, 23, 26, "flowcontrol.apiserver.k8s.io/v1beta3 PriorityLevelConfiguration"),
    api("flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema", 23, 26, 29, "flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema"),
    api("flowcontrol.apiserver.k8s.io/v1beta2", "PriorityLevelConfiguration", 23, 26, 29, "flowcontrol.apiserver.k8s.io/v1beta3 PriorityLevelConfiguration"),
    api("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", 26, 29, 32, "flowcontrol.apiserver.k8s.io/v1 FlowSchema"),
    api("flowcontrol.apiserver.k8s.io/v1beta3", "PriorityLevelConfiguration", 26, 29, 32, "flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration"),
    api("networking.k8s.io/v1", "IPAddress", 33, 0, 0, ""),
    api("networking.k8s.io/v1", "Ingress", 19, 0, 0, ""),
    api("networking.k8s.io/v1", "IngressClass", 19, 0, 0, ""),
    api("networking.k8s.io/v1", "NetworkPolicy", 7, 0, 0, ""),
    api("networking.k8s.io/v1", "ServiceCIDR", 33, 0, 0, ""),
    api("networking.k8s.io/v1beta1", "IPAddress", 31, 34, 37, "networking.k8s.io/v1 IPAddress"),
    api("networking.k8s.io/v1beta1", "Ingress", 14, 19, 22, "networking.k8s.io/v1 Ingress"),
    api("networking.k8s.io/v1beta1", "IngressClass", 18, 19, 22, "networking.k8s.io/v1 IngressClass"),
    api("networking.k8s.io/v1beta1", "ServiceCIDR", 31, 34, 37, "networking.k8s.io/v1 ServiceCIDR"),
    api("node.k8s.io/v1", "RuntimeClass", 20, 0, 0, ""),
    api("node.k8s.io/v1alpha1", "RuntimeClass", 12, 20, 24, "node.k8s.io/v1 RuntimeClass"),
    api("node.k8s.io/v1beta1", "RuntimeClass", 13, 22, 25, ""),
    api("policy/v1", "PodDisruptionBudget", 21, 0, 0, ""),
    api("policy/v1beta1", "PodDisruptionBudget", 5, 21, 25, "policy/v1 PodDisruptionBudget"),
    api("policy/v1beta1", "PodSecurityPolicy", 10, 21, 25, ""),
    api("rbac.authorization.k8s.io/v1", "ClusterRole", 8, 0, 0, ""),
    api("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", 8, 0, 0, ""),
    api("rbac.authorization.k8s.io/v1", "Role", 8, 0, 0, ""),
    api("rbac.authorization.k8s.io/v1", "RoleBinding", 8, 0, 0, ""),
    api("rbac.authorization.k8s.io/v1alpha1", "ClusterRole", 5, 17, 22, "rbac.authorization.k8s.io/v1 ClusterRole"),
    api("rbac.authorization.k8s.io/v1alpha1", "ClusterRoleBinding", 5, 17, 22, "rbac.authorization.k8s.io/v1 ClusterRoleBinding"),
    api("rbac.authorization.k8s.io/v1alpha1", "Role", 5, 17, 22, "rbac.authorization.k8s.io/v1 Role"),
    api("rbac.authorization.k8s.io/v1alpha1", "RoleBinding", 5, 17, 22, "rbac.authorization.k8s.io/v1 RoleBinding"),
    api("rbac.authorization.k8s.io/v1beta1", "ClusterRole", 6, 17, 22, "rbac.authorization.k8s.io/v1 ClusterRole"),
    api("rbac.authorization.k8s.io/v1beta1", "ClusterRoleBinding", 6, 17, 22, "rbac.authorization.k8s.io/v1 ClusterRoleBinding"),
    api("rbac.authorization.k8s.io/v1beta1", "Role", 6, 17, 22, "rbac.authorization.k8s.io/v1 Role"),
    api("rbac.authorization.k8s.io/v1beta1", "RoleBinding", 6, 17, 22, "rbac.authorization.k8s.io/v1 RoleBinding"),
    api("resource.k8s.io/v1", "DeviceClass", 34, 0, 0, ""),
    api("resource.k8s.io/v1", "ResourceClaim", 34, 0, 0, ""),
    api("resource.k8s.io/v1", "ResourceClaimTemplate", 34, 0, 0, ""),
    api("resource.k8s.io/v1", "ResourceSlice", 34, 0, 0, ""),
    api("resource.k8s.io/v1alpha3", "DeviceTaintRule", 33, 36, 39, ""),
    api("resource.k8s.io/v1alpha3", "ResourcePoolStatusRequest", 36, 39, 42, ""),
    api("resource.k8s.io/v1beta1", "DeviceClass", 32, 35, 38, "resource.k8s.io/v1 DeviceClass"),
    api("resource.k8s.io/v1beta1", "ResourceClaim", 32, 35, 38, "resource.k8s.io/v1 ResourceClaim"),
    api("resource.k8s.io/v1beta1", "ResourceClaimTemplate", 32, 35, 38, "resource.k8s.io/v1 ResourceClaimTemplate"),
    api("resource.k8s.io/v1beta1", "ResourceSlice", 32, 35, 38, "resource.k8s.io/v1 ResourceSlice"),
    api("resource.k8s.io/v1beta2", "DeviceClass", 33, 36, 39, "resource.k8s.io/v1 DeviceClass"),
    api("resource.k8s.io/v1beta2", "DeviceTaintRule", 36, 39, 42, ""),
    api("resource.k8s.io/v1beta2", "ResourceClaim", 33, 36, 39, "resource.k8s.io/v1 ResourceClaim"),
    api("resource.k8s.io/v1beta2", "ResourceClaimTemplate", 33, 36, 39, "resource.k8s.io/v1 ResourceClaimTemplate"),
    api("resource.k8s.io/v1beta2", "ResourceSlice", 33, 36, 39, "resource.k8s.io/v1 ResourceSlice"),
    api("scheduling.k8s.io/v1", "PriorityClass", 14, 0, 0, ""),
    api("scheduling.k8s.io/v1alpha1", "PriorityClass", 8, 14, 22, "scheduling.k8s.io/v1 PriorityClass"),
    api("scheduling.k8s.io/v1beta1", "PriorityClass", 11, 14, 22, "scheduling.k8s.io/v1 PriorityClass"),
    api("settings.k8s.io/v1alpha1", "PodPreset", 6, 19, 20, ""),
    api("storage.k8s.io/v1", "CSIDriver", 18, 0, 0, ""),
    api("storage.k8s.io/v1", "CSINode", 17, 0, 0, ""),
    api("storage.k8s.io/v1", "CSIStorageCapacity", 24, 0, 0, ""),
    api("storage.k8s.io/v1", "StorageClass", 6, 0, 0, ""),
    api("storage.k8s.io/v1", "VolumeAttachment", 13, 0, 0, ""),
    api("storage.k8s.io/v1", "VolumeAttributesClass", 34, 0, 0, ""),
    api("storage.k8s.io/v1alpha1", "CSIStorageCapacity", 19, 21, 24, "storage.k8s.io/v1beta1 CSIStorageCapacity"),
    api("storage.k8s.io/v1alpha1", "VolumeAttachment", 9, 21, 24, "storage.k8s.io/v1 VolumeAttachment"),
    api("storage.k8s.io/v1alpha1", "VolumeAttributesClass", 29, 32, 35, "storage.k8s.io/v1 VolumeAttributesClass"),
    api("storage.k8s.io/v1beta1", "CSIDriver", 14, 19, 22, "storage.k8s.io/v1 CSIDriver"),
    api("storage.k8s.io/v1beta1", "CSINode", 14, 17, 22, "storage.k8s.io/v1 CSINode"),
    api("storage.k8s.io/v1beta1", "CSIStorageCapacity", 21, 24, 27, "storage.k8s.io/v1 CSIStorageCapacity"),
    api("storage.k8s.io/v1beta1", "StorageClass", 4, 19, 22, "storage.k8s.io/v1 StorageClass"),
    api("storage.k8s.io/v1beta1", "VolumeAttachment", 10, 19, 22, "storage.k8s.io/v1 VolumeAttachment"),
    api("storage.k8s.io/v1beta1", "VolumeAttributesClass", 31, 34, 37, "storage.k8s.io/v1 VolumeAttributesClass"),
    api("storagemigration.k8s.io/v1beta1", "StorageVersionMigration", 35, 38, 41, ""),
    api("v1", "ConfigMap", 2, 0, 0, ""),
    api("v1", "Endpoints", 0, 33, 0, "discovery.k8s.io/v1 EndpointSlice"),
    api("v1", "Event", 0, 0, 0, ""),
    api("v1", "LimitRange", 0, 0, 0, ""),
    api("v1", "Namespace", 0, 0, 0, ""),
    api("v1", "Node", 0, 0, 0, ""),
    api("v1", "PersistentVolume", 0, 0, 0, ""),
    api("v1", "PersistentVolumeClaim", 0, 0, 0, ""),
    api("v1", "Pod", 0, 0, 0, ""),
    api("v1", "PodTemplate", 0, 0, 0, ""),
    api("v1", "ReplicationController", 0, 0, 0, ""),
    api("v1", "ResourceQuota", 0, 0, 0, ""),
    api("v1", "Secret", 0, 0, 0, ""),
    api("v1", "Service", 0, 0, 0, ""),
    api("v1", "ServiceAccount", 0, 0, 0, ""),
];

#[cfg(test)]
mod tests {
    use super::{Minor, all, find};

    #[test]
    fn kinds_are_found_and_replacements_exist() {
        assert!(all().is_sorted_by(|a, b| (a.api_version, a.kind) < (b.api_version, b.kind)));
        let ingress = find("extensions/v1beta1", "Ingress").expect("it is known");
        assert!(ingress.is_served_by(Minor(21)) && !ingress.is_served_by(Minor(22)));
        assert!(find("apps/v1", "Ingress").is_none());
        for api in all() {
            if let Some((api_version, kind)) = api.replacement.and_then(|text| text.split_once(' ')) {
                assert!(find(api_version, kind).is_some(), "{api:?}");
            }
            assert!(api.deprecated.is_none_or(|deprecated| deprecated >= api.introduced), "{api:?}");
            assert!(api.removed.is_none_or(|removed| Some(removed) >= api.deprecated), "{api:?}");
        }
    }
}
