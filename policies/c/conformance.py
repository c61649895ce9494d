#!/usr/bin/env python3
"""The C program as other embeddings are tried: JSON lines in, JSON lines out.
Usage: conformance.py ASK COMPONENT. `ask` speaks in frames, which in C are
read without a JSON parser."""

import json
import subprocess
import sys


def main(ask, component):
    version = subprocess.run(
        [ask, "--version"], check=True, capture_output=True, text=True
    ).stdout.strip()
    program = subprocess.Popen(
        [ask, component, "frames"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if request["op"] == "about":
            answer = {"ok": True, "answer": version}
        elif request["op"] in ("evaluate", "review"):
            answer = call(program, request["op"], request["request"])
        else:
            answer = {"unsupported": f"there is no {request['op']}"}
        line = json.dumps({"id": request["id"], **answer}, ensure_ascii=False)
        sys.stdout.buffer.write(line.encode() + b"\n")
        sys.stdout.buffer.flush()
    program.stdin.close()
    return program.wait()


def call(program, function, text):
    # A lone surrogate has no UTF-8; what stands for it, the policy refuses to see.
    request = text.encode("utf-8", "surrogatepass")
    program.stdin.write(b"%s %d\n" % (function.encode(), len(request)) + request)
    program.stdin.flush()
    head = program.stdout.readline().split()
    if len(head) != 2:
        return {"failed": f"ask ended with exit code {program.wait()}"}
    outcome, length = head[0].decode(), int(head[1])
    text = program.stdout.read(length).decode("utf-8", "replace")
    if outcome == "stopped":
        return {"failed": text}
    return {"ok": outcome == "answered", "answer": text}


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
