"""Answers the requests of policies/conformance with the component in Python."""

import json
import platform
import sys
from importlib.metadata import version

from podroute_policy import Policy, PolicyError

POLICY = Policy(cache=True)
ASK = {"evaluate": POLICY.evaluate_json, "review": POLICY.review_json}
ABOUT = f"Python {platform.python_version()}, wasmtime {version('wasmtime')}"


def answer(op, request=""):
    if op == "about":
        return {"ok": True, "answer": ABOUT}
    try:
        return {"ok": True, "answer": ASK[op](request)}
    except PolicyError as error:
        if error.document is None:
            return {"failed": str(error)}
        return {"ok": False, "answer": error.document}


for line in sys.stdin:
    asked = json.loads(line)
    reply = {"id": asked.pop("id"), **answer(**asked)}
    print(json.dumps(reply), flush=True)
