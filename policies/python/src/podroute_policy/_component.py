"""Which component to run."""

import os
from importlib.resources import files
from pathlib import Path
from typing import Union

from .errors import ComponentError

Source = Union[str, "os.PathLike[str]", bytes, None]


def read(source: Source) -> bytes:
    """The one that is given; or that of ``PODROUTE_COMPONENT``; or the
    package's own."""
    if isinstance(source, bytes):
        return source
    given = source or os.environ.get("PODROUTE_COMPONENT")
    if given:
        try:
            return Path(given).read_bytes()
        except OSError as error:
            raise ComponentError(f"cannot read the component {given}: {error}") from error
    own = files(__package__) / "podroute-policy.wasm"
    if not own.is_file():
        raise ComponentError(
            "this package was built without a component: give the path of one, or set "
            "PODROUTE_COMPONENT (`podroute component --output FILE` writes it)"
        )
    return own.read_bytes()
