//! The fields of the kinds that charts write most, and their types. A field that is listed as `any` is not looked into.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldType {
    Any,
    Text,
    Integer,
    Boolean,
    /// A number, or a string such as `25%` or the name of a port.
    IntegerOrText,
    /// A mapping of this name.
    Fields(&'static str),
}

/// A field: its type, and whether it is a list of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub field_type: FieldType,
    pub is_list: bool,
}

/// A line for each mapping: its name, and its fields with their types. Types: `t` text, `i` integer, `b` boolean, `x`
/// integer or text, `any`; `*` makes a list.
const TABLE: &str = "\
Meta: name=t generateName=t namespace=t labels=any annotations=any finalizers=t* ownerReferences=any* uid=t \
 resourceVersion=t generation=i creationTimestamp=any deletionTimestamp=any deletionGracePeriodSeconds=i selfLink=t \
 managedFields=any* clusterName=t
Selector: matchLabels=any matchExpressions=Expression*
Expression: key=t operator=t values=t*
Pod: activeDeadlineSeconds=i affinity=Affinity automountServiceAccountToken=b containers=Container* dnsConfig=any \
 dnsPolicy=t enableServiceLinks=b ephemeralContainers=any* hostAliases=HostAlias* hostIPC=b hostNetwork=b hostPID=b \
 hostUsers=b hostname=t hostnameOverride=t imagePullSecrets=LocalName* initContainers=Container* nodeName=t \
 nodeSelector=any os=any overhead=any preemptionPolicy=t priority=i priorityClassName=t readinessGates=any* \
 resourceClaims=any* resources=any restartPolicy=t runtimeClassName=t schedulerName=t schedulingGates=any* \
 securityContext=any serviceAccount=t serviceAccountName=t setHostnameAsFQDN=b shareProcessNamespace=b subdomain=t \
 terminationGracePeriodSeconds=i tolerations=Toleration* topologySpreadConstraints=Spread* volumes=any* \
 workloadRef=any schedulingGroup=any
HostAlias: ip=t hostnames=t*
LocalName: name=t
Toleration: key=t operator=t value=t effect=t tolerationSeconds=i
Spread: maxSkew=i topologyKey=t whenUnsatisfiable=t labelSelector=Selector minDomains=i matchLabelKeys=t* \
 nodeAffinityPolicy=t nodeTaintsPolicy=t
Affinity: nodeAffinity=any podAffinity=any podAntiAffinity=any
Container: args=t* command=t* env=any* envFrom=any* image=t imagePullPolicy=t lifecycle=any livenessProbe=Probe name=t \
 ports=ContainerPort* readinessProbe=Probe resizePolicy=any* resources=any restartPolicy=t restartPolicyRules=any* \
 securityContext=any startupProbe=Probe stdin=b stdinOnce=b terminationMessagePath=t terminationMessagePolicy=t tty=b \
 volumeDevices=any* volumeMounts=Mount* workingDir=t
ContainerPort: containerPort=i hostIP=t hostPort=i name=t protocol=t
Mount: mountPath=t mountPropagation=t name=t readOnly=b recursiveReadOnly=t subPath=t subPathExpr=t
Probe: exec=Exec failureThreshold=i grpc=Grpc httpGet=HttpGet initialDelaySeconds=i periodSeconds=i successThreshold=i \
 tcpSocket=TcpSocket terminationGracePeriodSeconds=i timeoutSeconds=i
Exec: command=t*
Grpc: port=i service=t
HttpGet: host=t httpHeaders=any* path=t port=x scheme=t
TcpSocket: host=t port=x
PodTemplate: metadata=Meta spec=Pod
DeploymentSpec: minReadySeconds=i paused=b progressDeadlineSeconds=i replicas=i revisionHistoryLimit=i \
 selector=Selector strategy=Strategy template=PodTemplate
Strategy: type=t rollingUpdate=RollingUpdate
RollingUpdate: maxSurge=x maxUnavailable=x partition=i
ReplicaSetSpec: minReadySeconds=i replicas=i selector=Selector template=PodTemplate
StatefulSetSpec: minReadySeconds=i ordinals=any persistentVolumeClaimRetentionPolicy=any podManagementPolicy=t \
 replicas=i revisionHistoryLimit=i selector=Selector serviceName=t template=PodTemplate updateStrategy=Strategy \
 volumeClaimTemplates=any*
DaemonSetSpec: minReadySeconds=i revisionHistoryLimit=i selector=Selector template=PodTemplate updateStrategy=Strategy
JobSpec: activeDeadlineSeconds=i backoffLimit=i backoffLimitPerIndex=i completionMode=t completions=i managedBy=t \
 manualSelector=b maxFailedIndexes=i parallelism=i podFailurePolicy=any podReplacementPolicy=t selector=Selector \
 successPolicy=any suspend=b template=PodTemplate ttlSecondsAfterFinished=i
JobTemplate: metadata=Meta spec=JobSpec
CronJobSpec: concurrencyPolicy=t failedJobsHistoryLimit=i jobTemplate=JobTemplate schedule=t \
 startingDeadlineSeconds=i successfulJobsHistoryLimit=i suspend=b timeZone=t
BudgetSpec: maxUnavailable=x minAvailable=x selector=Selector unhealthyPodEvictionPolicy=t
ServiceSpec: allocateLoadBalancerNodePorts=b clusterIP=t clusterIPs=t* externalIPs=t* externalName=t \
 externalTrafficPolicy=t healthCheckNodePort=i internalTrafficPolicy=t ipFamilies=t* ipFamilyPolicy=t ipFamily=t \
 loadBalancerClass=t loadBalancerIP=t loadBalancerSourceRanges=t* ports=ServicePort* publishNotReadyAddresses=b \
 selector=any sessionAffinity=t sessionAffinityConfig=any topologyKeys=t* trafficDistribution=t type=t
ServicePort: appProtocol=t name=t nodePort=i port=i protocol=t targetPort=x
Webhook: admissionReviewVersions=t* clientConfig=any failurePolicy=t matchConditions=any* matchPolicy=t name=t \
 namespaceSelector=Selector objectSelector=Selector reinvocationPolicy=t rules=any* sideEffects=t timeoutSeconds=i
NetworkPolicySpec: egress=any* ingress=any* podSelector=Selector policyTypes=t*
PolicyRule: apiGroups=t* nonResourceURLs=t* resourceNames=t* resources=t* verbs=t*
RoleRef: apiGroup=t kind=t name=t
Subject: apiGroup=t kind=t name=t namespace=t
Deployment: spec=DeploymentSpec
ReplicaSet: spec=ReplicaSetSpec
StatefulSet: spec=StatefulSetSpec
DaemonSet: spec=DaemonSetSpec
Job: spec=JobSpec
CronJob: spec=CronJobSpec
BarePod: spec=Pod
PodDisruptionBudget: spec=BudgetSpec
Service: spec=ServiceSpec
NetworkPolicy: spec=NetworkPolicySpec
WebhookConfiguration: webhooks=Webhook*
Role: rules=PolicyRule*
ClusterRole: rules=PolicyRule* aggregationRule=any
Binding: roleRef=RoleRef subjects=Subject*
";

/// The fields of a mapping, by name.
pub(crate) type Fields = HashMap<&'static str, Field>;

static FIELDS: LazyLock<HashMap<&'static str, Fields>> = LazyLock::new(|| {
    let mappings = TABLE.lines().filter_map(|line| line.split_once(':'));
    let read = mappings.map(|(name, fields)| (name, fields.split_whitespace().filter_map(field).collect()));
    read.collect()
});

fn field(text: &'static str) -> Option<(&'static str, Field)> {
    let (name, kind) = text.split_once('=')?;
    let (kind, is_list) = kind.strip_suffix('*').map_or((kind, false), |kind| (kind, true));
    let field_type = match kind {
        "any" => FieldType::Any,
        "t" => FieldType::Text,
        "i" => FieldType::Integer,
        "b" => FieldType::Boolean,
        "x" => FieldType::IntegerOrText,
        other => FieldType::Fields(other),
    };
    Some((name, Field { field_type, is_list }))
}

/// The fields of a mapping of the table.
pub(crate) fn fields(name: &str) -> Option<&'static Fields> {
    FIELDS.get(name)
}

/// The mapping of the table that an object is, besides `apiVersion`, `kind`, `metadata` and `status`.
pub(crate) fn mapping_of(group: &str, kind: &str) -> Option<&'static str> {
    let name = match (group, kind) {
        ("apps", "Deployment") => "Deployment",
        ("apps", "ReplicaSet") => "ReplicaSet",
        ("apps", "StatefulSet") => "StatefulSet",
        ("apps", "DaemonSet") => "DaemonSet",
        ("batch", "Job") => "Job",
        ("batch", "CronJob") => "CronJob",
        ("", "Pod") => "BarePod",
        ("", "Service") => "Service",
        ("policy", "PodDisruptionBudget") => "PodDisruptionBudget",
        ("networking.k8s.io", "NetworkPolicy") => "NetworkPolicy",
        (
            "admissionregistration.k8s.io",
            "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration",
        ) => "WebhookConfiguration",
        ("rbac.authorization.k8s.io", "Role") => "Role",
        ("rbac.authorization.k8s.io", "ClusterRole") => "ClusterRole",
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => "Binding",
        _ => return None,
    };
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::{FIELDS, FieldType};

    #[test]
    fn all_mappings_that_are_named_are_listed() {
        for (name, fields) in FIELDS.iter() {
            for (field, known) in fields {
                if let FieldType::Fields(other) = known.field_type {
                    assert!(FIELDS.contains_key(other), "{name}.{field} is a {other}");
                }
            }
        }
    }
}
