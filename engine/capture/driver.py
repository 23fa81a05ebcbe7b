"""What a camera driver tells beside OpenCV: true control ranges, values and formats; on some systems nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import cv2

from engine.capture.controls import ControlRange, FormatChoice
from engine.capture.discover import Camera


@dataclass(frozen=True, slots=True)
class Driver:
    """Three questions to one camera, by our names of its controls. Each asks the driver: on a worker."""

    ranges: Callable[[], Mapping[str, ControlRange]] = dict
    values: Callable[[], Mapping[str, float]] = dict
    formats: Callable[[], list[FormatChoice]] = list


def driver_of(camera: Camera) -> Driver:
    """By the way the camera is reached; where nothing is known to ask, every answer is empty."""
    if camera.backend == cv2.CAP_V4L2:
        from engine.capture import v4l2  # Linux only

        path = str(camera.address)
        return Driver(
            partial(v4l2.control_ranges, path), partial(v4l2.control_values, path), partial(v4l2.format_choices, path)
        )
    if camera.backend == cv2.CAP_DSHOW:
        from engine.capture import directshow

        index = int(camera.address)
        return Driver(partial(directshow.control_ranges, index), partial(directshow.control_values, index))
    return Driver()
