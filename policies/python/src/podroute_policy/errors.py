"""What can go wrong with a call: every error of this package is one of these."""

import json
from typing import Optional


class PolicyError(Exception):
    """The call was not answered."""

    #: The policy's own error document, where it is the policy that refused.
    document: Optional[str] = None


class InvalidRequest(PolicyError):
    """The request is not what the policy takes: an unknown field, no JSON."""


class InvalidSetting(PolicyError):
    """A setting has a value that cannot be used."""

    def __init__(self, setting: str, message: str) -> None:
        super().__init__(f"setting {setting}: {message}")
        #: The setting's name: ``connectedNetworks``.
        self.setting = setting


class DeadlineExceeded(PolicyError):
    """The policy did not answer in time."""


class PolicyCrashed(PolicyError):
    """The policy crashed, or its memory was used up. The next call works."""


class ComponentError(PolicyError):
    """There is no component, or it is no podroute policy."""


def from_document(document: str) -> PolicyError:
    """The policy's error document, ``podroute.error/v1``, as an exception."""
    parsed = json.loads(document)
    message = parsed.get("message", document)
    error: PolicyError
    if parsed.get("error") == "invalid-setting":
        error = InvalidSetting(parsed.get("name", ""), message)
    elif parsed.get("error") == "invalid-request":
        error = InvalidRequest(message)
    else:
        error = PolicyError(message)
    error.document = document
    return error
