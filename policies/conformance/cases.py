"""The requests that every embedding is asked: exact texts."""

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import tables
from yaml_objects import documents

HERE = Path(__file__).resolve().parent
SNAPSHOTS = HERE.parents[1] / "tests" / "snapshots"

#: Settings that touch as much of a report as possible.
SETTINGS = {
    "aggregate": True,
    "nextHopTypes": ["ExternalIP", "InternalIP"],
    "connectedNetworks": ["192.0.2.0/24", "2001:db8::/64"],
    "protectedNetworks": ["10.0.0.0/30"],
    "routeLimit": 2,
    "at": "2026-01-31T12:00:00Z",
    "rules": [{"rule": "node/*", "severity": "warning"}],
}

#: What is wrong in one way or another, and text that is awkward to carry.
AWKWARD = {
    "empty": "",
    "cut off": '{"objects":[',
    "null": "null",
    "a list": "[]",
    "no objects": "{}",
    "unknown field": '{"objects":[],"setings":{}}',
    "objects twice": '{"objects":[],"objects":[]}',
    "unknown setting": '{"objects":[],"settings":{"conectedNetworks":[]}}',
    "a setting of the wrong type": '{"objects":[],"settings":{"routeLimit":-1}}',
    "a setting that cannot be used": '{"objects":[],"settings":{"connectedNetworks":["10.0.0.0/33"]}}',
    "text after the request": '{"objects":[]} {}',
    "a byte order mark": '\ufeff{"objects":[]}',
    "white space": ' \r\n\t{"objects" : [ ] }\n\n',
    "no objects in it": '{"objects":[1,"two",null,[],{}]}',
    "deep": '{"objects":[' + "[" * 200 + "]" * 200 + "]}",
    "awkward text": json.dumps(
        {
            "objects": [
                {
                    "apiVersion": "v1",
                    "kind": "Node",
                    "metadata": {"name": "näme \u2028\u2029 \x00 \x7f \U0001f6a2 </script> \\ \" '"},
                    "spec": {"podCIDRs": ["10.0.0.0/24", "日本"]},
                }
            ]
        },
        ensure_ascii=False,
    ),
    "half of a pair": r'{"objects":[{"kind":"Node","metadata":{"name":"\ud83d"}}]}',
    "a great number": '{"objects":[{"kind":"Node","metadata":{"name":"n","generation":1e400}}]}',
}


@dataclass(frozen=True)
class Case:
    id: str
    op: str
    request: str
    #: Of a review, by hand: the verdict, the rules of what is added, of what is fixed.
    expected: Optional[tuple] = None
    #: Nothing but this very text will do: it is awkward, or no request at all.
    verbatim: bool = False


def cases():
    return [*evaluations(), *reviews()]


def evaluations():
    for path in sorted((HERE / "requests").glob("*.json")):
        yield Case(f"requests/{path.name}", "evaluate", path.read_text(encoding="utf-8"))
    for name, objects in snapshots():
        yield Case(name, "evaluate", text(objects=objects))
        yield Case(f"{name} with settings", "evaluate", text(objects=objects, settings=SETTINGS))
    for case in tables.cases():
        yield Case(case.id, "evaluate", text(objects=case.objects, settings=case.settings))
    yield Case("a thousand nodes", "evaluate", text(objects=list(nodes(1000)), settings=SETTINGS))
    for name, request in AWKWARD.items():
        yield Case(f"awkward: {name}", "evaluate", request, verbatim=True)


def reviews():
    for path in sorted((HERE / "reviews").glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        expected = (case["verdict"], case["added"], case["fixed"])
        yield Case(f"reviews/{path.name}", "review", text(**case["request"]), expected)
    for name, objects in snapshots():
        node = next((one for one in items(objects) if one.get("kind") == "Node"), None)
        if node:
            for what, change in changes(node):
                yield Case(f"{name}, {what}", "review", text(objects=objects, changes=[change]))
    for step in tables.ako():
        request = text(objects=step.before, changes=step.changes)
        yield Case(f"review of {step.after.id}", "review", request)
    for name, request in AWKWARD.items():
        yield Case(f"awkward review: {name}", "review", request, verbatim=True)
    for name, change in {
        "no change": {},
        "unknown change": {"move": {}},
        "two changes in one": {"put": {}, "delete": {"kind": "Node", "name": "a"}},
        "put of no object": {"put": 1},
        "delete without a name": {"delete": {"kind": "Node"}},
    }.items():
        yield Case(f"awkward review: {name}", "review", text(objects=[], changes=[change]))


def changes(node):
    """Changes of a cluster that has this node."""
    name = node["metadata"]["name"]
    yield "a node less", {"delete": {"kind": "Node", "name": name}}
    twin = copy.deepcopy(node)
    twin["metadata"]["name"] = "twin"
    yield "a node twice", {"put": twin}
    bare = {**node, "spec": {}, "status": {}}
    yield "a node without addresses", {"put": bare}


def snapshots():
    """Every folder of tests/snapshots, and each of several files by itself."""
    for folder in sorted(SNAPSHOTS.iterdir()):
        files = sorted(folder.rglob("*.yaml"))
        read = {path: documents(path) for path in files}
        yield f"snapshots/{folder.name}", [one for path in files for one in read[path]]
        if len(files) > 1:
            for path in files:
                yield f"snapshots/{folder.name}/{path.name}", read[path]


def nodes(count):
    """A cluster with a node in seven that takes the pod CIDR of the one before."""
    for number in range(count):
        taken = number - (number % 7 == 6)
        yield {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": f"node-{number}"},
            "spec": {"podCIDRs": [f"10.{taken >> 8}.{taken & 255}.0/24"]},
            "status": {
                "addresses": [
                    {"type": "InternalIP", "address": f"192.168.{number >> 8}.{number & 255}"}
                ]
            },
        }


def items(objects):
    for one in objects:
        if str(one.get("kind", "")).endswith("List"):
            kind = one["kind"][: -len("List")]
            yield from ({"kind": kind, **item} if kind else item for item in one.get("items") or [])
        else:
            yield one


def text(**request):
    return json.dumps(request, ensure_ascii=False)
