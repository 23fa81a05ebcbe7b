"""From the graph's output buffers, which the next step overwrites, to an `Inference` that outlives it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.values import Inference

MAPS = ("enhanced", "flow", "trust", "tooth")


def inference_of(outputs: Mapping[str, NDArray[np.generic]], seq: int) -> Inference:
    """Read-only copies of `outputs`, leading 1 dropped; the uint8 maps become 0..1.

    Raises RuntimeError when the flow is not finite: the state is then poisoned, and only a reset heals it.
    """
    if not np.isfinite(outputs["flow"]).all():
        raise RuntimeError("the network's answer is not a number")
    result = Inference(
        seq=seq,
        enhanced=outputs["enhanced"][0].astype(np.uint8),
        flow=outputs["flow"][0].astype(np.float32),
        trust=np.multiply(outputs["trust"][0], np.float32(1 / 255), dtype=np.float32),
        tooth=np.multiply(outputs["tooth"][0], np.float32(1 / 255), dtype=np.float32),
    )
    for array in (result.enhanced, result.flow, result.trust, result.tooth):
        array.flags.writeable = False
    return result
