"""Embeddings of the policy, asked one way: requests in, answers out, in order."""

import json
import re
import shlex
import subprocess
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

#: Seconds for all requests of an embedding.
PATIENCE = 300

#: Past any proxy.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class NotRun(Exception):
    """The embedding is not there on this machine."""


class Broken(Exception):
    """The embedding ended, or said something that is no answer."""


@dataclass(frozen=True)
class Answer:
    ok: bool
    text: str


@dataclass(frozen=True)
class Refused:
    """No answer of the policy: `failed`, or `unsupported`."""

    kind: str
    reason: str


class Lines:
    """A command that speaks JSON lines: see README.md."""

    partly = False

    def __init__(self, command):
        self.command = shlex.split(command) if isinstance(command, str) else command

    def ask(self, cases):
        """The runtime and version that it names, and an answer for each case."""
        asked = [{"id": "about", "op": "about"}]
        asked += [{"id": one.id, "op": one.op, "request": one.request} for one in cases]
        try:
            process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise NotRun(str(error)) from error
        late = threading.Timer(PATIENCE, process.kill)
        late.start()
        text = "".join(json.dumps(one) + "\n" for one in asked)
        try:
            out, err = process.communicate(text.encode())
        finally:
            late.cancel()
        last = err.decode("utf-8", "replace").strip().split("\n")[-1]
        if process.returncode == 77:
            raise NotRun(last.removeprefix("not run: "))
        lines = out.decode().split("\n")[:-1]
        if process.returncode != 0 or len(lines) != len(asked):
            raise Broken(
                f"{len(lines)} answers to {len(asked)} requests, exit code {process.returncode}: {last}"
            )
        runtime, *answers = [read(line, one["id"]) for line, one in zip(lines, asked)]
        if not isinstance(runtime, Answer):
            raise Broken(f"about: {runtime.reason}")
        return runtime.text, answers


class Http:
    """podroute webhook, and its endpoints for whole requests."""

    partly = False

    def __init__(self, podroute, snapshot):
        self.podroute = podroute
        self.snapshot = snapshot

    def ask(self, cases):
        helped = subprocess.run([self.podroute, "webhook", "--help"], capture_output=True)
        if helped.returncode != 0:
            raise NotRun("this podroute has no command `webhook`")
        command = [self.podroute, "webhook", "--snapshot", self.snapshot, "--listen", "127.0.0.1:0"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        late = threading.Timer(PATIENCE, server.kill)
        late.start()
        try:
            address = self.address(server)
            answers = [self.post(address, one) for one in cases]
        finally:
            late.cancel()
            server.terminate()
            server.wait()
        return about(self.podroute), answers

    def address(self, server):
        log = ""
        for line in server.stdout:
            log += line.decode("utf-8", "replace")
            found = re.search(r"127\.0\.0\.1:[1-9]\d*", log)
            if found:
                # What it logs from here on is of no interest, but must be read.
                threading.Thread(target=server.stdout.read, daemon=True).start()
                return found.group()
        raise Broken(f"{self.podroute} webhook did not start: {log.strip()}")

    def post(self, address, case):
        request = urllib.request.Request(
            f"http://{address}/v1/{case.op}",
            data=case.request.encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with DIRECT.open(request, timeout=60) as response:
                return Answer(True, response.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                body = error.read().decode("utf-8", "replace")
            if error.code == 400:
                return Answer(False, body)
            return Refused("failed", f"{error.code}: {body}")
        except OSError as error:
            return Refused("failed", str(error))


def about(podroute):
    """The binary's version, and that of the wasmtime that it is locked to."""
    command = [podroute, "--version"]
    version = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    lock = (Path(__file__).resolve().parents[2] / "Cargo.lock").read_text(encoding="utf-8")
    (wasmtime,) = re.findall(r'name = "wasmtime"\nversion = "(.+)"', lock)
    return f"{version.strip()}, wasmtime {wasmtime}"


def read(line, expected):
    try:
        given = json.loads(line)
    except ValueError as error:
        raise Broken(f"an answer to {expected} that is no JSON: {line[:200]!r}") from error
    if given.get("id") != expected:
        raise Broken(f"an answer to {given.get('id')!r} where {expected!r} was asked")
    for kind in ("failed", "unsupported"):
        if kind in given:
            return Refused(kind, given[kind])
    if not isinstance(given.get("ok"), bool) or not isinstance(given.get("answer"), str):
        raise Broken(f"an answer to {expected} without `ok` and `answer`: {line[:200]!r}")
    return Answer(given["ok"], given["answer"])
