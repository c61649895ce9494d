"""Which node must a packet for a pod go to, and will it arrive?

The podroute policy is a WebAssembly component; this package runs it in
wasmtime, with a memory limit and a deadline, and gives it nothing else.
"""

from functools import lru_cache
from typing import Optional, Sequence

from . import documents
from ._policy import Policy
from .documents import Change, Finding, KubernetesObject, Report, Review, Settings
from .errors import (
    ComponentError,
    DeadlineExceeded,
    InvalidRequest,
    InvalidSetting,
    PolicyCrashed,
    PolicyError,
)

__all__ = [
    "Change",
    "ComponentError",
    "DeadlineExceeded",
    "Finding",
    "InvalidRequest",
    "InvalidSetting",
    "KubernetesObject",
    "Policy",
    "PolicyCrashed",
    "PolicyError",
    "Report",
    "Review",
    "Settings",
    "documents",
    "evaluate",
    "review",
]


def evaluate(
    objects: Sequence[KubernetesObject], settings: Optional[Settings] = None
) -> Report:
    """Evaluates one snapshot and forgets it."""
    return _shared().evaluate(objects, settings)


def review(
    objects: Sequence[KubernetesObject],
    changes: Sequence[Change],
    settings: Optional[Settings] = None,
) -> Review:
    """What changes would bring about in a cluster of these objects."""
    return _shared().review(objects, changes, settings)


@lru_cache(maxsize=None)
def _shared() -> Policy:
    return Policy()
