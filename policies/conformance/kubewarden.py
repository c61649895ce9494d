"""Asks the module for Kubewarden: kubewarden.py ANSWER MODULE.

ANSWER is policies/kubewarden/examples/answer.rs, built: it takes files and
writes a line for each.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

LOCK = Path(__file__).resolve().parents[1] / "Cargo.lock"


def main(program, module):
    asked = [json.loads(line) for line in sys.stdin]
    answers = {}
    with tempfile.TemporaryDirectory() as work:
        for op in ("evaluate", "review"):
            ids = [one["id"] for one in asked if one["op"] == op]
            answers.update(zip(ids, lines(program, module, op, asked, Path(work))))
    for one in asked:
        if one["op"] == "about":
            reply = {"ok": True, "answer": about()}
        else:
            text = answers[one["id"]]
            reply = {"ok": not text.startswith('{"error":'), "answer": text}
        print(json.dumps({"id": one["id"], **reply}))


def lines(program, module, op, asked, work):
    files = []
    for number, one in enumerate(asked):
        if one["op"] == op:
            files.append(work / f"{op}-{number}.json")
            files[-1].write_bytes(one["request"].encode())
    done = subprocess.run([program, module, op, *files], stdout=subprocess.PIPE, check=True)
    found = done.stdout.decode().split("\n")[:-1]
    if len(found) != len(files):
        sys.exit(f"{len(found)} answers to {len(files)} requests")
    return found


def about():
    packages = dict(re.findall(r'name = "(.+)"\nversion = "(.+)"', LOCK.read_text(encoding="utf-8")))
    return f"waPC {packages['wapc']}, wasmtime-provider {packages['wasmtime-provider']}"


if __name__ == "__main__":
    main(*sys.argv[1:])
