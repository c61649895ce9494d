"""Writes what the podroute binary answers to the cases: NAME.ok.json for a
report, NAME.err.json for an error. Usage: expect.py PODROUTE CASES EXPECTED"""

import json
import re
import subprocess
import sys
from pathlib import Path

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


def main(podroute, cases, expected):
    for case in sorted(Path(cases).glob("*.json")):
        request = json.loads(case.read_text(encoding="utf-8"))
        snapshot = Path(expected) / f"{case.stem}.snapshot.json"
        snapshot.write_text(json.dumps(request["objects"]), encoding="utf-8")
        command = [podroute, "check", "--format", "json", snapshot]
        for setting, value in request.get("settings", {}).items():
            command += options(setting, value)
        tag, answer = ask(command)
        snapshot.unlink()
        (Path(expected) / f"{case.stem}.{tag}.json").write_text(
            answer, encoding="utf-8"
        )


def options(setting, value):
    if setting == "aggregate":
        return ["--aggregate"]
    if setting == "rules":
        rules = [f"{rule['rule']}={rule['severity']}" for rule in value]
        return [word for rule in rules for word in ("--rule", rule)]
    values = value if isinstance(value, list) else [value]
    return [OPTIONS[setting], ",".join(map(str, values))]


def ask(command):
    # Findings and missing evidence have exit codes of their own; what tells
    # a report from an error is that there is one.
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    if done.stdout.startswith('{"schema":'):
        return "ok", done.stdout.removesuffix("\n")
    error = re.fullmatch(r"error: setting `(\w+)`: (.*)\n", done.stderr)
    if not error:
        sys.exit(f"{command}: exit code {done.returncode}: {done.stderr}")
    name, message = error.groups()
    answer = {"error": "invalid-setting", "name": name, "message": message}
    return "err", json.dumps(answer, separators=(",", ":"), ensure_ascii=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
