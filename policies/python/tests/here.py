"""Where things are, and one policy for all tests: to compile it takes seconds."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "policies" / "conformance"))

import tables  # noqa: E402
from podroute_policy import Policy  # noqa: E402

__all__ = ["POLICY", "ROOT", "tables"]

POLICY = Policy(cache=True)
