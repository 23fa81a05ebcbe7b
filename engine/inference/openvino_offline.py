"""OpenVINO without its telemetry, which keeps an identity in the home folder and tells Google of every import."""

from __future__ import annotations

import sys

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # found missing, OpenVINO takes its own stub

import openvino as ov  # noqa: E402
from openvino import opset13 as opset  # noqa: E402

__all__ = ["opset", "ov"]
