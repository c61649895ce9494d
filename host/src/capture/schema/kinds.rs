//! The fields of each kind that the policy reads.

use super::Class;
use super::Shape::{
    self, Annotations, Fields, Image, LabelKey, Labels, List, Map, Name, Settings, Text, Version,
};

/// The metadata of a kind, by what its name is of.
const fn metadata(class: Class) -> [(&'static str, Shape); 6] {
    [
        ("name", Name(class)),
        ("namespace", Name(Class::Namespace)),
        ("creationTimestamp", Text),
        ("deletionTimestamp", Text),
        ("labels", Labels),
        ("annotations", Annotations),
    ]
}

const NODE: Shape = Fields(&metadata(Class::Node));
const WORKLOAD: Shape = Fields(&metadata(Class::Workload));
const OBJECT: Shape = Fields(&metadata(Class::Object));
const POOL: Shape = Fields(&metadata(Class::Pool));
const GATEWAY: Shape = Fields(&metadata(Class::Gateway));
const POD: Shape = Fields(&metadata(Class::Pod));
const SERVICE: Shape = Fields(&metadata(Class::Service));

const CONDITIONS: Shape = List(&Fields(&[
    ("type", Text),
    ("status", Text),
    ("reason", Text),
]));

const POD_SPEC: Shape = Fields(&[
    (
        "containers",
        List(&Fields(&[
            ("name", Name(Class::Container)),
            ("image", Image),
            ("command", List(&Text)),
            (
                "ports",
                List(&Fields(&[
                    ("name", Name(Class::Port)),
                    ("containerPort", Text),
                    ("protocol", Text),
                ])),
            ),
        ])),
    ),
    ("hostNetwork", Text),
    ("nodeName", Name(Class::Node)),
]);

const FAMILY: Shape = Fields(&[("cidrs", List(&Text)), ("maskSize", Text)]);

/// By kind.
pub(super) static KINDS: [(&str, &[(&str, Shape)]); 16] = [
    (
        "BlockAffinity",
        &[
            ("metadata", OBJECT),
            (
                "spec",
                Fields(&[
                    ("cidr", Text),
                    ("node", Name(Class::Node)),
                    ("state", Text),
                    ("deleted", Text),
                    ("type", Text),
                ]),
            ),
        ],
    ),
    (
        "CiliumNode",
        &[
            ("metadata", NODE),
            (
                "spec",
                Fields(&[
                    ("addresses", List(&Fields(&[("type", Text), ("ip", Text)]))),
                    (
                        "ipam",
                        Fields(&[
                            ("podCIDRs", List(&Text)),
                            (
                                "pools",
                                Fields(&[(
                                    "allocated",
                                    List(&Fields(&[
                                        ("pool", Name(Class::Pool)),
                                        ("cidrs", List(&Text)),
                                    ])),
                                )]),
                            ),
                        ]),
                    ),
                ]),
            ),
            (
                "status",
                Fields(&[(
                    "ipam",
                    Fields(&[
                        ("operator-status", Fields(&[("error", Text)])),
                        ("pod-cidrs", Map(&Fields(&[("status", Text)]))),
                    ]),
                )]),
            ),
        ],
    ),
    (
        "CiliumNodeConfig",
        &[
            ("metadata", OBJECT),
            (
                "spec",
                Fields(&[
                    (
                        "nodeSelector",
                        Fields(&[
                            ("matchLabels", Labels),
                            (
                                "matchExpressions",
                                List(&Fields(&[
                                    ("key", LabelKey),
                                    ("operator", Text),
                                    ("values", List(&Text)),
                                ])),
                            ),
                        ]),
                    ),
                    ("defaults", Settings),
                ]),
            ),
        ],
    ),
    (
        "CiliumPodIPPool",
        &[
            ("metadata", POOL),
            ("spec", Fields(&[("ipv4", FAMILY), ("ipv6", FAMILY)])),
        ],
    ),
    ("ConfigMap", &[("metadata", OBJECT), ("data", Settings)]),
    ("DaemonSet", WORKLOADS),
    ("Deployment", WORKLOADS),
    (
        "Gateway",
        &[
            ("metadata", GATEWAY),
            (
                "spec",
                Fields(&[
                    ("gatewayClassName", Name(Class::Gateway)),
                    (
                        "listeners",
                        List(&Fields(&[
                            ("name", Name(Class::Port)),
                            ("port", Text),
                            ("protocol", Text),
                        ])),
                    ),
                ]),
            ),
        ],
    ),
    (
        "GatewayClass",
        &[
            ("metadata", GATEWAY),
            (
                "spec",
                Fields(&[("controllerName", Text), ("controller", Text)]),
            ),
        ],
    ),
    (
        "HostSubnet",
        &[
            ("metadata", NODE),
            ("host", Name(Class::Node)),
            ("hostIP", Text),
            ("subnet", Text),
        ],
    ),
    (
        "Installation",
        &[
            ("metadata", OBJECT),
            (
                "spec",
                Fields(&[(
                    "cni",
                    Fields(&[("type", Text), ("ipam", Fields(&[("type", Text)]))]),
                )]),
            ),
        ],
    ),
    (
        "IPPool",
        &[
            ("metadata", POOL),
            ("spec", Fields(&[("cidr", Text), ("disabled", Text)])),
        ],
    ),
    (
        "Node",
        &[
            ("metadata", NODE),
            (
                "spec",
                Fields(&[("podCIDR", Text), ("podCIDRs", List(&Text))]),
            ),
            (
                "status",
                Fields(&[
                    (
                        "addresses",
                        List(&Fields(&[("type", Text), ("address", Text)])),
                    ),
                    ("conditions", CONDITIONS),
                    (
                        "nodeInfo",
                        Fields(&[("kernelVersion", Version), ("kubeletVersion", Version)]),
                    ),
                ]),
            ),
        ],
    ),
    (
        "Pod",
        &[
            ("metadata", POD),
            ("spec", POD_SPEC),
            (
                "status",
                Fields(&[
                    ("phase", Text),
                    ("podIP", Text),
                    ("podIPs", List(&Fields(&[("ip", Text)]))),
                    ("conditions", CONDITIONS),
                ]),
            ),
        ],
    ),
    (
        "Service",
        &[
            ("metadata", SERVICE),
            (
                "spec",
                Fields(&[
                    ("type", Text),
                    (
                        "ports",
                        List(&Fields(&[
                            ("name", Name(Class::Port)),
                            ("port", Text),
                            ("protocol", Text),
                            ("targetPort", Name(Class::Port)),
                            ("nodePort", Text),
                        ])),
                    ),
                    ("selector", Labels),
                    ("loadBalancerClass", Text),
                    ("clusterIP", Text),
                    ("clusterIPs", List(&Text)),
                    ("allocateLoadBalancerNodePorts", Text),
                ]),
            ),
        ],
    ),
    ("StatefulSet", WORKLOADS),
];

const WORKLOADS: &[(&str, Shape)] = &[
    ("metadata", WORKLOAD),
    (
        "spec",
        Fields(&[("template", Fields(&[("spec", POD_SPEC)]))]),
    ),
    (
        "status",
        Fields(&[
            ("desiredNumberScheduled", Text),
            ("numberReady", Text),
            ("numberUnavailable", Text),
        ]),
    ),
];

/// The fields of a kind; none when nothing of it is kept.
pub(in crate::capture) fn fields(kind: &str) -> Option<&'static [(&'static str, Shape)]> {
    KINDS
        .iter()
        .find(|(known, _)| *known == kind)
        .map(|(_, fields)| *fields)
}
