"""The component's typed interface in wasmtime's own API for Python: it says what
the json interface says."""

import json
import unittest

from here import POLICY, ROOT
from podroute_policy import PolicyError
from podroute_policy._component import read
from wasmtime import Config, Engine, Store
from wasmtime.component import Component, Linker, Record

CASES = sorted((ROOT / "policies" / "conformance" / "requests").glob("*.json"))
CONFIG = Config()
CONFIG.cache = True
ENGINE = Engine(CONFIG)
COMPONENT = Component(ENGINE, read(None))


class Instance:
    """An instance of the component, with nothing linked to it."""

    def __init__(self):
        self.store = Store(ENGINE)
        self.instance = Linker(ENGINE).instantiate(self.store, COMPONENT)

    def call(self, interface, name, *arguments):
        outer = self.instance.get_export_index(
            self.store, f"podroute:policy/{interface}@0.1.0"
        )
        inner = self.instance.get_export_index(self.store, name, outer)
        function = self.instance.get_func(self.store, inner)
        answer = function(self.store, *arguments)
        function.post_return(self.store)
        return answer


class Request:
    def __init__(self, path):
        self.text = path.read_text(encoding="utf-8")
        request = json.loads(self.text)
        self.documents = [json.dumps(one) for one in request["objects"]]
        self.settings = settings(request.get("settings", {}))
        try:
            self.tag, self.answer = "ok", POLICY.evaluate_json(self.text)
        except PolicyError as error:
            self.tag, self.answer = "err", error.document


class Typed(unittest.TestCase):
    def test_there_are_cases(self):
        self.assertGreaterEqual(len(CASES), 4)

    def test_catalogue(self):
        rules = Instance().call("catalogue", "rules")
        self.assertGreater(len(rules), 0)
        for rule in rules:
            self.assertTrue(rule.page.startswith(f"# {rule.id}\n"))

    def check_typed(self, request):
        answer = Instance().call(
            "evaluator", "evaluate", request.documents, request.settings
        )
        # The cases of this result have types of their own: they come bare.
        if request.tag == "ok":
            report = to_json(answer)
            report["schema"] = "podroute.report/v1"
            self.assertEqual(report, json.loads(request.answer))
        else:
            expected = json.loads(request.answer)
            self.assertEqual(answer.tag, expected.pop("error"))
            self.assertEqual(to_json(answer.payload), expected)

    def check_cluster(self, request):
        instance = Instance()

        def method(name, *arguments):
            return instance.call(
                "evaluator", f"[method]cluster.{name}", cluster, *arguments
            )

        cluster = instance.call("evaluator", "[static]cluster.open", request.settings)
        if request.tag == "err":
            self.assertEqual(cluster.tag, json.loads(request.answer)["error"])
            return
        extra = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "extra"}}
        method("upsert", [*request.documents, json.dumps(extra)])
        self.assertNotEqual(method("report-json"), request.answer)
        key = record(kind="Node", namespace=None, name="extra")
        self.assertTrue(method("remove", key))
        self.assertFalse(method("remove", key))
        self.assertEqual(method("report-json"), request.answer)
        cluster.drop(instance.store)


def record(**fields):
    made = Record()
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def settings(given):
    """Settings of a request as the record of the WIT."""
    names = {
        "cni": None,
        "ipamMode": None,
        "ciliumVersion": None,
        "aviVersion": None,
        "nextHopTypes": [],
        "nodeNetworks": [],
        "nodeSelector": None,
        "aggregate": False,
        "connectedNetworks": [],
        "protectedNetworks": [],
        "otherClusters": [],
        "routeLimit": None,
        "at": None,
        "today": None,
        "rules": [],
        "suppressions": [],
        "listedKinds": [],
        "gaps": [],
    }
    unknown = given.keys() - names.keys()
    assert not unknown, unknown
    given = {**given, "rules": [rule_setting(rule) for rule in given.get("rules", [])]}
    return record(**{kebab(name): value for name, value in {**names, **given}.items()})


def rule_setting(given):
    parameters = given.get("parameters", {}).items()
    return record(
        rule=given["rule"],
        severity=given.get("severity"),
        parameters=[record(name=name, value=value) for name, value in parameters],
    )


def kebab(name):
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name)


def camel(name):
    first, *rest = name.split("-")
    return first + "".join(part.capitalize() for part in rest)


def to_json(value, name=""):
    """A value of the WIT as the JSON form has it."""
    if isinstance(value, list):
        return [to_json(one, name) for one in value]
    if isinstance(value, Record):
        return {
            camel(key): to_json(inner, key) for key, inner in vars(value).items()
        }
    if name in ("family", "families"):
        return {"ipv4": "IPv4", "ipv6": "IPv6"}[value]
    return value


def add_tests():
    for path in CASES:
        for way in ("typed", "cluster"):

            def test(self, path=path, way=way):
                getattr(self, f"check_{way}")(Request(path))

            setattr(Typed, f"test_{way}_{path.stem.replace('-', '_')}", test)


add_tests()

if __name__ == "__main__":
    unittest.main(verbosity=2)
