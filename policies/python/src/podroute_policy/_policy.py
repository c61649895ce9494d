"""The component in wasmtime, through its ``json`` interface."""

import json
from typing import Any, Dict, Optional, Sequence, cast

from wasmtime import Config, Engine, Store, WasmtimeError
from wasmtime.component import Component, ExportIndex, Linker

from ._component import Source, read
from ._deadline import Clock, ticks
from .documents import Change, KubernetesObject, Report, Review, Settings
from .errors import (
    ComponentError,
    DeadlineExceeded,
    InvalidRequest,
    PolicyCrashed,
    from_document,
)

INTERFACE = "podroute:policy/json@0.1.0"


class Policy:
    """A policy, compiled once. Calls are independent: each has an instance of
    its own, and several threads may call at the same time."""

    def __init__(
        self,
        component: Source = None,
        *,
        memory_limit: int = 2048 * 1024 * 1024,
        deadline: float = 60.0,
        cache: bool = False,
    ) -> None:
        """Compiles a component, which takes seconds.

        :param component: its file or its bytes. Default: that of the variable
            ``PODROUTE_COMPONENT``, or else the one in this package.
        :param memory_limit: bytes of memory that a call may take.
        :param deadline: seconds that a call may take.
        :param cache: whether wasmtime keeps what it compiled in the user's
            cache folder, for the next process.
        """
        self._memory_limit = memory_limit
        self._ticks = ticks(deadline)
        self._deadline = deadline
        config = Config()
        config.epoch_interruption = True
        if cache:
            config.cache = True
        self._engine = Engine(config)
        self._clock = Clock(self._engine)
        bytes_ = read(component)
        try:
            self._component = Component(self._engine, bytes_)
        except WasmtimeError as error:
            raise ComponentError(f"not a component: {error}") from error
        interface = self._component.get_export_index(INTERFACE)
        self._functions: Dict[str, ExportIndex] = {}
        for name in ("evaluate", "review"):
            function = interface and self._component.get_export_index(name, interface)
            if function is None:
                raise ComponentError(f"not a podroute policy: it has no {INTERFACE} {name}")
            self._functions[name] = function

    def evaluate(
        self,
        objects: Sequence[KubernetesObject],
        settings: Optional[Settings] = None,
    ) -> Report:
        """Evaluates one snapshot and forgets it."""
        request = {"objects": objects, "settings": settings or {}}
        return cast(Report, json.loads(self.evaluate_json(_text(request))))

    def review(
        self,
        objects: Sequence[KubernetesObject],
        changes: Sequence[Change],
        settings: Optional[Settings] = None,
    ) -> Review:
        """What changes would bring about in a cluster of these objects."""
        request = {"objects": objects, "settings": settings or {}, "changes": changes}
        return cast(Review, json.loads(self.review_json(_text(request))))

    def evaluate_json(self, request: str) -> str:
        """Takes a ``podroute.request/v1``, returns a ``podroute.report/v1``."""
        return self._call("evaluate", request)

    def review_json(self, request: str) -> str:
        """Takes a ``podroute.review-request/v1``, returns a ``podroute.review/v1``."""
        return self._call("review", request)

    def _call(self, name: str, request: str) -> str:
        store = Store(self._engine)
        store.set_limits(memory_size=self._memory_limit)
        store.set_epoch_deadline(self._ticks)
        try:
            with self._clock:
                # Nothing is linked: a policy imports nothing.
                instance = Linker(self._engine).instantiate(store, self._component)
                function = instance.get_func(store, self._functions[name])
                assert function is not None, name
                answer = function(store, request)
        except WasmtimeError as error:
            if "wasm trap: interrupt" in str(error):
                raise DeadlineExceeded(f"no answer within {self._deadline} s") from error
            raise PolicyCrashed(
                f"the policy crashed, or {self._memory_limit} bytes of memory are not enough: {error}"
            ) from error
        if answer.tag == "err":
            raise from_document(answer.payload)
        return cast(str, answer.payload)


def _text(request: Dict[str, Any]) -> str:
    try:
        return json.dumps(request)
    except (TypeError, ValueError) as error:
        raise InvalidRequest(f"cannot be written as JSON: {error}") from error
