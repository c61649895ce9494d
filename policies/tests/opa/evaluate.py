"""Evaluates Rego in OPA itself, for the tests that run regorus as well.

The first line on standard input is a JSON object with modules, data, input and
path. Each line on standard output is either a call, {"external_data": REQUEST},
which the next line on standard input answers, or the end: {"result": VALUE}.
"""

import json
import sys

from opa_bindings import OpaEngine


def say(message):
    print(json.dumps(message), flush=True)


def external_data(request):
    say({"external_data": request})
    return json.loads(sys.stdin.readline())


program = json.loads(sys.stdin.readline())
with OpaEngine() as engine:
    engine.register_function("external_data", external_data)
    for name, text in program["modules"]:
        engine.add_policy(name, text)
    engine.add_data(program["data"])
    say({"result": engine.eval_document(program["path"], program["input"])})
