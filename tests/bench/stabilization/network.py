"""Opens the trained network for the benchmark, if weights are there."""

from __future__ import annotations

import logging

from engine.errors import EngineError
from engine.inference.choose import DEFAULT_MODEL, BackendOptions, open_backend
from tests.bench.stabilization.clips import HEIGHT, WIDTH
from tests.bench.stabilization.fields import NetworkFields
from tests.bench.stabilization.run import FieldMaker

log = logging.getLogger("bench-stabilization")


def network_maker(model: str) -> FieldMaker | None:
    """Fields from one shared back end, reset at each clip's first frame; None, with a word, where none opens."""
    try:
        opened = open_backend(
            BackendOptions(backend="openvino", model=model or DEFAULT_MODEL, threads=1), (HEIGHT, WIDTH)
        )
    except EngineError as refused:
        log.info("No network fields: %s", refused)
        return None

    def make() -> NetworkFields:
        return NetworkFields(opened.backend)

    return make
