"""The typed dictionaries have the fields and types of wit/schema."""

import collections.abc
import json
import unittest
from typing import Literal, Union, get_args, get_origin, get_type_hints

from here import ROOT
from podroute_policy import documents


class Documents(unittest.TestCase):
    def setUp(self):
        self.compared = 0

    def test_are_as_the_schemas_say(self):
        for name, type_ in (("report", documents.Report), ("review", documents.Review)):
            schema = read(name)
            self.compare(schema, type_, schema["$defs"], name)
        request = read("review-request")
        self.compare(request["$defs"]["settings"], documents.Settings, {}, "settings")
        self.assertEqual(request["$defs"], read("request")["$defs"])
        change = request["properties"]["changes"]["items"]
        both = {**change, "required": ["put", "delete"]}
        put, delete = get_args(documents.Change)
        for key, one in (("put", put), ("delete", delete)):
            part = {key: both["properties"][key]}
            self.compare({**both, "properties": part, "required": [key]}, one, {}, key)
        self.assertGreater(self.compared, 100)

    def compare(self, schema, type_, defs, at):
        self.compared += 1
        options = [type_]
        if get_origin(type_) is Union and type_ is not documents.KubernetesObject:
            options = [one for one in get_args(type_) if one is not type(None)]
            self.assertEqual(len(options), 1, at)
            self.assertTrue(nullable(schema), f"{at} is never null")
        else:
            self.assertFalse(nullable(schema), f"{at} may be null")
        (bare,) = options
        if "oneOf" in schema:
            schema = schema["oneOf"][0]
        if "$ref" in schema:
            schema = defs[schema["$ref"].split("/")[-1]]
        if "const" in schema or "enum" in schema:
            values = schema.get("enum", [schema.get("const")])
            self.assertEqual(get_origin(bare), Literal, at)
            self.assertEqual(set(get_args(bare)), set(values) - {None}, at)
        elif "properties" in schema:
            self.compare_objects(schema, bare, defs, at)
        elif types(schema) == ["array"]:
            self.assertEqual(get_origin(bare), list, at)
            self.compare(schema["items"], get_args(bare)[0], defs, f"{at}[]")
        elif types(schema) == ["object"]:
            self.assertIn(get_origin(bare), (dict, collections.abc.Mapping), at)
        else:
            kinds = {"string": str, "integer": int, "boolean": bool}
            self.assertEqual([bare], [kinds[one] for one in types(schema)], at)

    def compare_objects(self, schema, type_, defs, at):
        hints = get_type_hints(type_)
        self.assertEqual(set(hints), set(schema["properties"]), at)
        self.assertEqual(set(type_.__required_keys__), set(schema.get("required", [])), at)
        for name, inner in schema["properties"].items():
            self.compare(inner, hints[name], defs, f"{at}.{name}")


def types(schema):
    """The types but for null."""
    given = schema.get("type", [])
    return [one for one in ([given] if isinstance(given, str) else given) if one != "null"]


def nullable(schema):
    return (
        "null" in schema.get("type", [])
        or None in schema.get("enum", [])
        or {"type": "null"} in schema.get("oneOf", [])
    )


def read(name):
    path = ROOT / "wit" / "schema" / f"podroute.{name}.v1.json"
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
