"""The documents that go in and come out, as wit/schema has them."""

from typing import Any, Dict, List, Literal, Mapping, Optional, Sequence, TypedDict, Union

#: A Kubernetes object as the API server writes it, or a list of them.
KubernetesObject = Union[Mapping[str, Any], Sequence[Mapping[str, Any]]]

Family = Literal["IPv4", "IPv6"]
Severity = Literal["error", "warning", "info"]
Verdict = Literal["allow", "warn", "deny"]


class ObjectRef(TypedDict):
    """A place inside an object, or the object as a whole."""

    kind: str
    namespace: Optional[str]
    name: str
    field: Optional[str]


class _ObjectKey(TypedDict):
    kind: str
    name: str


class ObjectKey(_ObjectKey, total=False):
    """Which object is meant."""

    namespace: Optional[str]


class Finding(TypedDict):
    """Something in the cluster that makes a route wrong, missing or useless."""

    rule: str
    severity: Severity
    message: str
    effect: str
    fix: str
    reference: str
    objects: List[ObjectRef]


class Problem(TypedDict):
    """An object that could not be used, or only in part."""

    object: Optional[ObjectRef]
    severity: Severity
    message: str


class Ako(TypedDict):
    """An instance of the Avi Kubernetes Operator."""

    namespace: str
    version: Optional[str]
    clusterName: Optional[str]
    cniPlugin: str
    syncsRoutes: bool


class ClusterFacts(TypedDict):
    """What was found out about the cluster."""

    cni: str
    cniEvidence: List[str]
    ipamMode: Optional[str]
    podCidrSource: Optional[str]
    ciliumVersion: Optional[str]
    kubernetesVersion: Optional[str]
    families: List[Family]
    nodes: int
    ciliumNodes: int
    ako: List[Ako]


class RoutePart(TypedDict):
    """A pod CIDR that went into an aggregate."""

    prefix: str
    source: ObjectRef


class Route(TypedDict):
    """A static route that the load balancer needs."""

    prefix: str
    nextHop: str
    node: str
    family: Family
    source: ObjectRef
    standsFor: List[RoutePart]


class Withheld(TypedDict):
    """A prefix that must not be routed to the node that claims it."""

    prefix: str
    nextHop: Optional[str]
    node: str
    rule: str


class Suppressed(TypedDict):
    """A finding, or the part of one, that was accepted."""

    finding: Finding
    reasons: List[str]


class SuppressedObject(TypedDict):
    """The object that a suppression is for."""

    kind: str
    namespace: Optional[str]
    name: str


class AuditedSuppression(TypedDict):
    """A suppression and what became of it."""

    rule: str
    object: Optional[SuppressedObject]
    reason: str
    until: Optional[str]
    declaredAt: Optional[ObjectRef]
    status: Literal["used", "unused", "unknown", "expired", "undated", "invalid"]


class NotEvaluated(TypedDict):
    """A rule that could not be judged. That is not a pass."""

    rule: str
    missing: List[str]


class Network(TypedDict):
    """A network of the cluster, or around it."""

    role: Literal[
        "pool",
        "native-routing",
        "node-network",
        "vip-network",
        "protected",
        "other-cluster",
        "node-addresses",
        "service-addresses",
    ]
    prefix: str
    name: str
    blockLength: Optional[int]
    source: Optional[ObjectRef]


class Report(TypedDict):
    """``podroute.report/v1``: the routes that an external load balancer needs,
    what is wrong, and what could not be judged."""

    schema: Literal["podroute.report/v1"]
    cluster: ClusterFacts
    routes: List[Route]
    withheld: List[Withheld]
    networks: List[Network]
    findings: List[Finding]
    suppressed: List[Suppressed]
    suppressions: List[AuditedSuppression]
    notEvaluated: List[NotEvaluated]
    rulesOff: List[str]
    undecided: List[str]
    problems: List[Problem]


class Review(TypedDict):
    """``podroute.review/v1``: what changes would bring about in a cluster."""

    schema: Literal["podroute.review/v1"]
    verdict: Verdict
    added: List[Finding]
    fixed: List[Finding]
    undecided: List[str]
    problems: List[Problem]


class Put(TypedDict):
    """An object as it is to become, new or in place of the one that is there."""

    put: Mapping[str, Any]


class Delete(TypedDict):
    """An object that is to go."""

    delete: ObjectKey


Change = Union[Put, Delete]


class OtherCluster(TypedDict):
    """Another cluster whose pods the same load balancer reaches."""

    name: str
    podCidrs: List[str]


class _RuleSetting(TypedDict):
    rule: str


class RuleSetting(_RuleSetting, total=False):
    """What is different about a rule, or about several."""

    severity: Optional[Literal["off", "info", "warning", "error"]]
    parameters: Dict[str, int]


class _Suppression(TypedDict):
    rule: str
    reason: str


class Suppression(_Suppression, total=False):
    """A finding that is accepted."""

    object: Optional[ObjectKey]
    until: Optional[str]


class Gap(TypedDict):
    """A kind that could not be read."""

    kind: str
    reason: str


Cni = Literal[
    "cilium",
    "calico",
    "canal",
    "flannel",
    "antrea",
    "kube-router",
    "kindnet",
    "weave",
    "ovn-kubernetes",
    "openshift-sdn",
    "ncp",
    "aws-vpc",
    "azure",
    "kubernetes",
]


class Settings(TypedDict, total=False):
    """What the objects alone cannot say. docs/settings.md explains each."""

    cni: Optional[Cni]
    ipamMode: Optional[str]
    ciliumVersion: Optional[str]
    aviVersion: Optional[str]
    nextHopTypes: List[Literal["InternalIP", "ExternalIP"]]
    nodeNetworks: List[str]
    nodeSelector: Optional[str]
    aggregate: bool
    connectedNetworks: List[str]
    protectedNetworks: List[str]
    otherClusters: List[OtherCluster]
    routeLimit: Optional[int]
    at: Optional[str]
    today: Optional[str]
    rules: List[RuleSetting]
    suppressions: List[Suppression]
    listedKinds: List[str]
    gaps: List[Gap]
