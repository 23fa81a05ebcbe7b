"""The folder that `steadyscope process` fills: two videos, a line per frame, and the network's fields if wanted."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import RecordingError
from engine.recording.clip import ClipWriter
from engine.recording.session_folder import refuse_session_folder
from engine.values import Image, Inference, StabilizedFrame

LINES, ENHANCED, STABILIZED, REPORT, FIELDS = "frames.jsonl", "enhanced.mp4", "stabilized.mp4", "report.json", "fields"
FIELD_NAME = re.compile(r"\d{6}\.(npz|png)")
PNG_EFFORT = [cv2.IMWRITE_PNG_COMPRESSION, 1]  # lossless at any effort; higher ones cost time, not quality


class OutputFolder:
    """One frame after another; whatever stops it, `close` leaves files that open."""

    def __init__(self, root: Path, size: tuple[int, int], fps: float, *, has_fields: bool) -> None:
        """`size` is (height, width) of the source. Raises RecordingError when nothing can be written there."""
        try:
            (root / FIELDS if has_fields else root).mkdir(parents=True, exist_ok=True)
            _clear(root / FIELDS)
            self._lines = (root / LINES).open("w", encoding="utf-8")
        except OSError as error:
            raise RecordingError(
                f"Nothing can be written to {root}: {error.strerror or error}.", "Choose another folder."
            ) from error
        self._root = root
        self._fields = root / FIELDS if has_fields else None
        self._enhanced = ClipWriter(root / ENHANCED, size, fps)
        self._stabilized = ClipWriter(root / STABILIZED, size, fps)

    def add(self, index: int, output: StabilizedFrame) -> None:
        """Everything about the frame number `index`, counted from 0. Raises RecordingError."""
        try:
            self._add(index, output)
        except OSError as error:
            raise self._full(error) from error

    def _add(self, index: int, output: StabilizedFrame) -> None:
        at_ns = output.raw.captured_ns
        self._enhanced.write(output.enhanced, at_ns)
        self._stabilized.write(output.pixels, at_ns)
        self._lines.write(json.dumps(frame_line(index, output)) + "\n")
        if self._fields is not None:
            flow, tooth = fields_of(output.inference)
            np.savez_compressed(self._fields / f"{index:06d}.npz", flow=flow, tooth=tooth)
            write_png(self._fields / f"{index:06d}.png", output.enhanced)

    def close(self) -> None:
        """Finish all files, each of them whatever becomes of the others. Raises RecordingError."""
        try:
            with ExitStack() as each:
                for file in (self._stabilized, self._enhanced, self._lines):
                    each.callback(file.close)
        except OSError as error:
            raise self._full(error) from error

    def _full(self, error: OSError) -> RecordingError:
        return RecordingError(
            f"{self._root} cannot be written on: {error.strerror or error}.", "Free disk space and try again."
        )


def refuse_to_overwrite(source: Path, root: Path) -> None:
    """Raises RecordingError when the results would be written over the very video that is read, or over a recording."""
    if source.resolve() in [(root / name).resolve() for name in (ENHANCED, STABILIZED)]:
        raise RecordingError(f"{source} would be written over by its own result.", "Choose another folder for --out.")
    refuse_session_folder(root)


def _clear(fields: Path) -> None:
    """Take away the fields of an earlier run: its frames are not this one's."""
    for path in fields.iterdir() if fields.is_dir() else ():
        if FIELD_NAME.fullmatch(path.name):
            path.unlink()


def frame_line(index: int, output: StabilizedFrame) -> dict[str, Any]:
    """One line of frames.jsonl; the keys are a contract, the matrix is row-major in source pixels."""
    inference = output.inference
    return {
        "seq": index,
        "t_ns": output.raw.captured_ns,
        "tracking": output.tracking.value,
        "mode": output.mode.value,
        "reason": output.reason,
        "stabilized_from_raw": [float(number) for number in output.stabilized_from_raw.ravel()],
        "tooth_fraction": round(float((inference.tooth > 0.5).mean()), 5) if inference is not None else 0.0,
        "trust": round(float(inference.trust.mean()), 5) if inference is not None else 0.0,
        "stage_ms": {name: round(value, 3) for name, value in output.stage_ms.items()},
    }


def fields_of(inference: Inference | None) -> tuple[NDArray[np.float16], NDArray[np.uint8]]:
    """Flow (h, w, 2) float16 in pixels of its own grid, and tooth (h, w) 0..255, both on the finer of their two grids.

    A single zero where there is no inference.
    """
    if inference is None:
        return np.zeros((1, 1, 2), np.float16), np.zeros((1, 1), np.uint8)
    working_height, working_width = inference.enhanced.shape[:2]
    height, width = np.maximum(inference.flow.shape[:2], inference.tooth.shape)
    per_axis = np.array([width / working_width, height / working_height], dtype=np.float32)
    flow = cv2.resize(inference.flow, (int(width), int(height)), interpolation=cv2.INTER_LINEAR) * per_axis
    tooth = cv2.resize(inference.tooth, (int(width), int(height)), interpolation=cv2.INTER_LINEAR)
    return flow.astype(np.float16), np.clip(np.rint(tooth * 255.0), 0, 255).astype(np.uint8)


def write_png(path: Path, pixels: Image) -> None:
    """(H, W, 3) uint8 RGB to a lossless file. Raises RecordingError."""
    is_coded, data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), PNG_EFFORT)
    try:
        if is_coded:
            path.write_bytes(data.tobytes())
    except OSError as error:
        raise RecordingError(f"{path.name} cannot be written: {error.strerror}.", "Free disk space.") from error
