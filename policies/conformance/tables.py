"""tests/conformance/*.yaml as stories: what goes into a cluster, step by step,
and what has to come out."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Optional

from yaml_objects import document, documents

TESTS = Path(__file__).resolve().parents[2] / "tests"
TABLES = TESTS / "conformance"


@dataclass
class Case:
    """A cluster, and what podroute says of it."""

    id: str
    objects: List[Any]
    settings: Dict[str, Any] = field(default_factory=dict)
    routes: Optional[List[str]] = None
    #: Rules that have something to say.
    findings: List[str] = field(default_factory=list)
    #: Every finding of severity warning or above.
    alarms: Optional[List[str]] = None
    #: The CNI and the place of pod CIDRs.
    detected: Optional[List[Optional[str]]] = None


@dataclass
class Step:
    """A change of a cluster: requests for before and after it."""

    before: List[Any]
    changes: List[Any]
    after: Case


def ako():
    """AKO's own tests, a step at a time."""
    for case in document(TABLES / "ako.yaml"):
        cluster = [
            config_map("avi-system", "avi-k8s-config", {
                "clusterName": "cluster",
                "serviceType": "ClusterIP",
                "cniPlugin": "",
                **case.get("ako", {}),
            }),
            daemon_set("kube-proxy"),
        ]
        if "daemonSet" in case:
            cluster.append(daemon_set(case["daemonSet"]))
        if "cilium" in case:
            cluster.append(config_map("kube-system", "cilium-config", case["cilium"]))
        for number, step in enumerate(case["steps"], 1):
            put = step_objects(step)
            gone = [tuple(step["remove"].split())] if "remove" in step else []
            replaced = [key(one) for one in put] + gone
            after = [one for one in cluster if key(one) not in replaced]
            after += [one for one in put if key(one) not in gone]
            deletes = [{"delete": {"kind": kind, "name": name}} for kind, name in gone]
            yield Step(
                before=cluster,
                changes=[{"put": one} for one in put] + deletes,
                after=Case(
                    id=f"ako.yaml {case['id']} step {number}",
                    objects=after,
                    # What is gone was listed: the kind is known to be empty.
                    settings={"listedKinds": sorted({kind for kind, _ in gone})} if gone else {},
                    routes=step.get("routes", step.get("podroute")),
                    findings=[step["finding"]] if "finding" in step else [],
                ),
            )
            cluster = after


def peers():
    """What other systems make of a cluster, with podroute's own routes."""
    for case in document(TABLES / "peers.yaml"):
        yield Case(
            id=f"peers.yaml {case['id']}",
            objects=case["objects"],
            settings=case.get("settings", {}),
            routes=case["routes"],
            findings=case.get("findings", []),
        )


def charts():
    """Cilium's chart, version by version: cilium-config and its alarms."""
    table = document(TABLES / "charts.yaml")
    for version, of_version in table["versions"].items():
        for name, option in table["options"].items():
            data = {**table["common"], **of_version, **option.get("set", {})}
            data = {key: value for key, value in data.items() if value is not None}
            alarms = option.get("findings-of", {}).get(version, option.get("findings", []))
            yield Case(
                id=f"charts.yaml {name} {version}",
                objects=[config_map("kube-system", "cilium-config", data)],
                settings={"ciliumVersion": version},
                alarms=sorted(alarms),
            )


def healthy():
    """One healthy cluster per CNI."""
    for path in sorted((TABLES / "healthy").iterdir()):
        expected = document(path)
        yield Case(
            id=f"healthy/{path.name}",
            objects=documents(TESTS / "snapshots" / path.stem / "cluster.yaml"),
            routes=expected["routes"],
            findings=expected.get("findings", []),
            alarms=[],
            detected=[expected["cni"], expected.get("source")],
        )


def cases():
    """All tables, each step of a story as a cluster of its own."""
    return [step.after for step in ako()] + [*peers(), *charts(), *healthy()]


def step_objects(step):
    objects = []
    if "node" in step:
        node = step["node"]
        cidrs = node.get("podCIDRs", [])
        objects.append({
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": node["name"], "annotations": node.get("annotations", {})},
            "spec": {"podCIDRs": cidrs, **({"podCIDR": cidrs[0]} if cidrs else {})},
            "status": {
                "addresses": [{"type": "InternalIP", "address": node["ip"]}],
                "conditions": [{"type": "Ready", "status": "True"}],
            },
        })
    if "ciliumNode" in step:
        node = step["ciliumNode"]
        objects.append({
            "apiVersion": "cilium.io/v2",
            "kind": "CiliumNode",
            "metadata": {"name": node["name"]},
            "spec": {"addresses": node.get("addresses"), "ipam": {"podCIDRs": node["podCIDRs"]}},
        })
    for block in step.get("blocks", []):
        objects.append({
            "apiVersion": "crd.projectcalico.org/v1",
            "kind": "BlockAffinity",
            "metadata": {"name": block["name"]},
            "spec": {
                "cidr": block["cidr"],
                "node": block["node"],
                "state": "confirmed",
                "deleted": "false",
            },
        })
    return objects


def key(one):
    return one["kind"], one["metadata"]["name"]


def config_map(namespace, name, data):
    metadata = {"namespace": namespace, "name": name}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def daemon_set(name):
    metadata = {"namespace": "kube-system", "name": name}
    return {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": metadata}
