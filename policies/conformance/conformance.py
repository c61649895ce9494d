"""Asks every embedding the same and compares the bytes of the answers.

Usage: conformance.py PODROUTE [--require all] [--engine NAME=COMMAND]... [--update-docs]
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import docs
from cases import cases
from check import Check
from engines import Answer, Broken, Http, Lines, NotRun

ROOT = Path(__file__).resolve().parents[2]
SHOWN = 5

#: Name, and the way that a request takes.
EMBEDDINGS = {
    "podroute webhook": "HTTP, `POST /v1/evaluate` and `/v1/review`; Rust, wasmtime",
    "nodejs": "[policies/nodejs](../policies/nodejs): jco",
    "python": "[policies/python](../policies/python): wasmtime",
    "kubewarden": "[policies/kubewarden](../policies/kubewarden): a module for waPC",
    "c": "[policies/c](../policies/c): wasmtime's C API",
    "podroute check": "files and options; Rust, wasmtime, the typed interface",
}


@dataclass
class Outcome:
    name: str
    how: str
    about: str = ""
    #: By operation: how many answers were the same, and of how many.
    same: dict = field(default_factory=dict)
    wrong: list = field(default_factory=list)
    not_run: str = ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("podroute", type=Path)
    parser.add_argument("--require", choices=["all"], help="fail where an embedding is not there")
    parser.add_argument("--engine", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("--update-docs", action="store_true", help="write docs/conformance.md's table")
    given = parser.parse_args()
    podroute = str(given.podroute.resolve())
    work = ROOT / "target" / "conformance"
    work.mkdir(parents=True, exist_ok=True)
    component = str(work / "policy.wasm")
    subprocess.run([podroute, "component", "--output", component], check=True)
    commands = dict(one.split("=", 1) for one in given.engine)
    commands = {
        name: command.replace("{podroute}", podroute).replace("{component}", component)
        for name, command in commands.items()
    }
    asked = cases()
    with tempfile.NamedTemporaryFile("w", suffix=".json") as nothing:
        nothing.write("[]")
        nothing.flush()
        embeddings = {
            "podroute webhook": Http(podroute, nothing.name),
            "nodejs": Lines(["node", str(ROOT / "policies/nodejs/conformance.js")]),
            "python": Lines([sys.executable, str(ROOT / "policies/python/conformance.py")]),
            "kubewarden": kubewarden(),
            "c": c_host(component),
            "podroute check": Check(podroute),
            **{name: Lines(command) for name, command in commands.items()},
        }
        outcomes = run(embeddings, asked)
    for outcome in outcomes:
        show(outcome)
    problems = [f"{one.name}: {wrong}" for one in outcomes for wrong in one.wrong[:SHOWN]]
    if given.require:
        problems += [f"{one.name} was not run" for one in outcomes if one.not_run]
    page = ROOT / "docs" / "conformance.md"
    if given.update_docs and not problems:
        docs.update(page, outcomes)
    else:
        problems += docs.differences(page, outcomes)
    for problem in problems:
        print(f"conformance: {problem}", file=sys.stderr)
    return 1 if problems else 0


def kubewarden():
    target = ROOT / "policies" / "target"
    module = target / "wasm32-unknown-unknown" / "policy" / "podroute_kubewarden.wasm"
    for profile in ("release", "debug"):
        program = target / profile / "examples" / "answer"
        if program.exists() and module.exists():
            adapter = ROOT / "policies" / "conformance" / "kubewarden.py"
            return Lines([sys.executable, str(adapter), str(program), str(module)])
    return None


def c_host(component):
    program = ROOT / "target" / "c" / "ask"
    if not program.exists():
        return None
    return Lines([sys.executable, str(ROOT / "policies/c/conformance.py"), str(program), component])


def run(embeddings, asked):
    """Asks all. What the first one that is there says, the others must say."""
    reference = None
    outcomes = []
    for name, embedding in embeddings.items():
        outcome = Outcome(name, EMBEDDINGS.get(name, "a command"))
        outcomes.append(outcome)
        try:
            if embedding is None:
                raise NotRun(f"not built; or give --engine {name}=COMMAND")
            outcome.about, answers = embedding.ask(asked)
        except NotRun as error:
            outcome.not_run = str(error)
            continue
        except Broken as error:
            outcome.wrong.append(str(error))
            continue
        if reference is None:
            reference = answers
            outcome.wrong += unexpected(asked, answers)
        compare(outcome, asked, reference, answers, embedding.partly)
    return outcomes


def compare(outcome, asked, reference, answers, partly):
    for case, right, answer in zip(asked, reference, answers):
        same, of = outcome.same.get(case.op, (0, 0))
        if isinstance(answer, Answer) and answer == right:
            same += 1
        elif isinstance(answer, Answer) or answer.kind == "failed":
            outcome.wrong.append(f"{case.id}: {difference(right, answer)}")
        elif not partly:
            outcome.wrong.append(f"{case.id}: unsupported: {answer.reason}")
        outcome.same[case.op] = (same, of + 1)


def difference(right, answer):
    if not isinstance(answer, Answer):
        return answer.reason
    if not isinstance(right, Answer):
        return f"an answer where the reference has none: {right.reason}"
    if right.ok != answer.ok:
        return f"ok is {answer.ok}, not {right.ok}: {answer.text[:200]!r}"
    at = next(
        (at for at, pair in enumerate(zip(right.text, answer.text)) if pair[0] != pair[1]),
        min(len(right.text), len(answer.text)),
    )
    here = slice(max(at - 40, 0), at + 40)
    return (
        f"sha256 {digest(answer)}, not {digest(right)}; "
        f"from character {at} on: {answer.text[here]!r}, not {right.text[here]!r}"
    )


def digest(answer):
    return hashlib.sha256(answer.text.encode()).hexdigest()[:16]


def unexpected(asked, answers):
    """Reviews that do not say what somebody worked out by hand."""
    for case, answer in zip(asked, answers):
        if case.expected is None:
            continue
        if not isinstance(answer, Answer) or not answer.ok:
            yield f"{case.id}: no review: {answer}"
            continue
        review = json.loads(answer.text)
        keys = (review["verdict"], *([one["rule"] for one in review[of]] for of in ("added", "fixed")))
        if keys != case.expected:
            yield f"{case.id}: {keys}, not {case.expected}"


def show(outcome):
    if outcome.not_run:
        print(f"{outcome.name}: not run: {outcome.not_run}")
        return
    counts = ", ".join(f"{op} {same} of {of}" for op, (same, of) in outcome.same.items())
    state = f"{len(outcome.wrong)} WRONG" if outcome.wrong else "identical"
    print(f"{outcome.name} ({outcome.about}): {counts or 'no answers'}: {state}")


if __name__ == "__main__":
    sys.exit(main())
