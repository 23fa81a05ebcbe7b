"""Where an OpenVINO step spends its time, op by op."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from engine.inference.openvino import Placement, open_openvino
from engine.inference.openvino_offline import ov
from engine.inference.signature import Model
from engine.values import Image


@dataclass(frozen=True, slots=True)
class OpTime:
    """One kind of op, summed over the graph."""

    kind: str  # "Convolution", "Reorder", "Subgraph" (fused element-wise ops), ...
    implementations: tuple[str, ...]  # "brgconv_avx512_amx_BF16": kernel and arithmetic
    count: int
    ms: float  # mean of a step
    share: float  # 0..1 of all ops


def op_times(model: Model, size: tuple[int, int], placement: Placement, frames: Sequence[Image]) -> list[OpTime]:
    """Mean times over `frames` (h, w, 3) of the working size `size`, the costliest kind first.

    Counting costs some time itself: take the shares from here and the sum from an unprofiled run.
    """
    backend = open_openvino(model, size, placement, profiles=True)
    ms: dict[str, float] = defaultdict(float)
    names: dict[str, set[str]] = defaultdict(set)
    implementations: dict[str, set[str]] = defaultdict(set)
    backend.infer(frames[0], 0)  # the first step also prepares memory
    for seq, pixels in enumerate(frames):
        backend.infer(pixels, seq)
        for info in backend.last_op_times():
            if info.status == ov.ProfilingInfo.Status.EXECUTED:
                ms[info.node_type] += info.real_time.total_seconds() * 1e3 / len(frames)
                names[info.node_type].add(info.node_name)
                implementations[info.node_type].add(info.exec_type)
    backend.close()
    total = sum(ms.values()) or 1.0
    return [
        OpTime(kind, tuple(sorted(implementations[kind])), len(names[kind]), spent, spent / total)
        for kind, spent in sorted(ms.items(), key=lambda item: -item[1])
    ]
