"""Opens the trained network for the benchmark, if weights are there."""

from __future__ import annotations

import logging

from engine.errors import EngineError
from engine.inference.choose import DEFAULT_MODEL, BackendOptions, open_backend
from engine.inference.preprocess import WORKING_PIXELS, working_size
from tests.bench.stabilization.clips import HEIGHT, WIDTH
from tests.bench.stabilization.fields import NetworkFields
from tests.bench.stabilization.run import FieldMaker

STRIDE = 32  # sides of the working size are multiples of it

log = logging.getLogger("bench-stabilization")


def network_maker(model: str, pixels: int = WORKING_PIXELS) -> FieldMaker | None:
    """Fields from one shared back end, reset at each clip's first frame; None, with a word, where none opens.

    It works on about `pixels` pixels, as the live path does on a slow processor.
    """
    try:
        opened = open_backend(
            BackendOptions(
                backend="openvino",
                model=model or DEFAULT_MODEL,
                threads=1,
                working_size=working_size(HEIGHT, WIDTH, STRIDE, pixels),
            ),
            (HEIGHT, WIDTH),
        )
    except EngineError as refused:
        log.info("No network fields: %s", refused)
        return None

    def make() -> NetworkFields:
        return NetworkFields(opened.backend)

    return make
