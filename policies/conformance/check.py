"""`podroute check --format json`, for requests that its options can express."""

import json
import re
import subprocess
import tempfile
from pathlib import Path

from engines import Answer, Refused, about

# Settings of a request, and the options of `podroute check` for them.
OPTIONS = {
    "cni": "--cni",
    "ipamMode": "--ipam",
    "ciliumVersion": "--cilium-version",
    "aviVersion": "--avi-version",
    "nextHopTypes": "--next-hop-types",
    "nodeNetworks": "--node-network",
    "nodeSelector": "--node-selector",
    "connectedNetworks": "--connected-network",
    "protectedNetworks": "--protected-network",
    "routeLimit": "--route-limit",
    "at": "--at",
}


class Check:
    """Reads each snapshot from a file, by a way of its own: the typed interface."""

    #: It answers what it can be asked.
    partly = True

    def __init__(self, podroute):
        self.podroute = podroute

    def ask(self, cases):
        with tempfile.TemporaryDirectory() as work:
            answers = [self.answer(one, Path(work) / "snapshot.json") for one in cases]
        return about(self.podroute), answers

    def answer(self, case, file):
        if case.op != "evaluate" or case.verbatim:
            return Refused("unsupported", "it takes files, no requests")
        request = json.loads(case.request)
        # Of a document that is no object of Kubernetes it says that a part of
        # the snapshot is missing, which a request does not.
        if not all("kind" in one for one in request["objects"]):
            return Refused("unsupported", "it takes objects of Kubernetes only")
        try:
            settings = [word for one in request.get("settings", {}).items() for word in options(*one)]
        except KeyError as error:
            return Refused("unsupported", f"it has no option for {error}")
        file.write_text(json.dumps(request["objects"]), encoding="utf-8")
        command = [self.podroute, "check", "--format", "json", file, *settings]
        # Findings and missing evidence have exit codes of their own; what tells
        # a report from an error is that there is one.
        done = subprocess.run(command, capture_output=True, encoding="utf-8")
        if done.stdout.startswith('{"schema":'):
            return Answer(True, done.stdout.removesuffix("\n"))
        error = re.fullmatch(r"error: setting `(\w+)`: (.*)\n", done.stderr)
        if not error:
            return Refused("failed", f"exit code {done.returncode}: {done.stderr}")
        name, message = error.groups()
        answer = {"error": "invalid-setting", "name": name, "message": message}
        return Answer(False, json.dumps(answer, separators=(",", ":"), ensure_ascii=False))


def options(setting, value):
    """The options for a setting; KeyError where there is none."""
    if setting == "aggregate":
        return ["--aggregate"]
    if setting == "rules":
        return [word for rule in value for word in ("--rule", f"{rule['rule']}={rule['severity']}")]
    values = value if isinstance(value, list) else [value]
    return [OPTIONS[setting], ",".join(map(str, values))]
