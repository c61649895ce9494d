"""Writes what `podroute check` answers to requests: NAME.ok.json for a report,
NAME.err.json for an error, nothing where it cannot be asked. Usage: expect.py PODROUTE REQUESTS EXPECTED"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "conformance"))

from cases import Case  # noqa: E402
from check import Check  # noqa: E402
from engines import Refused  # noqa: E402


def main(podroute, requests, expected):
    files = sorted(Path(requests).glob("*.json"))
    cases = [Case(file.stem, "evaluate", file.read_text(encoding="utf-8")) for file in files]
    _, answers = Check(podroute).ask(cases)
    for case, answer in zip(cases, answers, strict=True):
        if isinstance(answer, Refused):
            continue
        tag = "ok" if answer.ok else "err"
        (Path(expected) / f"{case.id}.{tag}.json").write_text(answer.text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
