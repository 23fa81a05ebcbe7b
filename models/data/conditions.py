"""The named circumstances that training mixes and the evaluation suite reports one by one."""

from __future__ import annotations

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Condition:
    """Ranges and chances from which one clip is drawn."""

    name: str
    mean_flow: Range = (1.0, 20.0)  # px a frame at the working size, drawn log-uniformly
    strength: Range = (0.2, 1.0)  # of the camera's faults: 0 none, 1 hard
    stops: Range = (-2.3, 0.9)  # exposure error in stops at strength 1
    light: Range = (0.25, 1.0)  # scene light: 1 plenty, 0.05 so little that noise rules
    shutter: Range = (0.05, 0.6)  # open part of the frame interval
    defocus: Range = (0.0, 1.5)  # px, standard deviation
    handpiece: float = 0.4  # chances of the faults and things below, per clip
    other_tool: float = 0.2
    droplets: float = 0.2
    film: float = 0.2
    spray: float = 0.12
    highlights: float = 0.3


CONDITIONS: dict[str, Condition] = {
    condition.name: condition
    for condition in (
        Condition(
            "clean",
            strength=(0.0, 0.05),
            light=(1.0, 1.0),
            shutter=(0.0, 0.05),
            defocus=(0.0, 0.3),
            mean_flow=(1.0, 10.0),
            handpiece=0.3,
            other_tool=0.0,
            droplets=0.0,
            film=0.0,
            spray=0.0,
            highlights=0.0,
        ),
        Condition("calm", mean_flow=(0.15, 2.0), strength=(0.2, 0.7), spray=0.0),
        Condition("mixed"),
        Condition("low-light", light=(0.04, 0.16), stops=(-2.6, -1.2), strength=(0.7, 1.0), mean_flow=(1.5, 10.0)),
        Condition("blur", shutter=(0.6, 1.0), defocus=(0.8, 3.0), mean_flow=(4.0, 16.0)),
        Condition("bur", handpiece=1.0, other_tool=0.35, mean_flow=(2.0, 14.0)),
        Condition("spray", spray=1.0, droplets=0.5, handpiece=0.6, mean_flow=(1.5, 12.0)),
        Condition("droplets", droplets=1.0, film=0.6, mean_flow=(1.5, 12.0)),
        Condition("fast", mean_flow=(14.0, 42.0), shutter=(0.15, 0.7)),
    )
}

TRAINING_MIX: dict[str, float] = {
    "mixed": 0.34,
    "clean": 0.09,
    "calm": 0.1,
    "low-light": 0.08,
    "blur": 0.08,
    "bur": 0.12,
    "spray": 0.06,
    "droplets": 0.06,
    "fast": 0.07,
}
