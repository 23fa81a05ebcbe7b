"""Writes the demo's ground truth beside a clip, for whoever wants to measure against it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TextIO

import cv2
import numpy as np

from engine.capture.demo.studio import Truth
from engine.errors import SourceError

EFFORT = [cv2.IMWRITE_PNG_COMPRESSION, 1]


class TruthFolder:
    """One folder: `fields/N.npz`, `tooth/N.png`, `clean/N.png`, and `poses.jsonl` with a line a frame; N counts from 0.

    `fields` holds `flow` float16 (H, W, 2) in px, current -> previous, and `visible` bool (H, W). The poses are exact
    to the last bit of float64 and give the flow outside the handpiece exactly: p - inv(current_from_previous) p.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        try:
            for name in ("fields", "tooth", "clean"):
                (root / name).mkdir(parents=True, exist_ok=True)
            self._poses: TextIO = (root / "poses.jsonl").open("w", encoding="utf-8")
        except OSError as error:
            raise SourceError(
                f"Nothing can be written to {root}: {error.strerror or error}.", "Choose another place."
            ) from error

    def add(self, truth: Truth) -> None:
        """Write everything about one frame."""
        name = f"{truth.seq:06d}"
        flow = truth.flow.astype(np.float16)
        np.savez_compressed(self._root / "fields" / f"{name}.npz", flow=flow, visible=truth.visible)
        self._picture("tooth", name, truth.tooth * np.uint8(255))
        self._picture("clean", name, np.asarray(cv2.cvtColor(truth.clean, cv2.COLOR_RGB2BGR), dtype=np.uint8))
        line = {
            "seq": truth.seq,
            "frame_from_scene": truth.frame_from_scene.ravel().tolist(),
            "current_from_previous": truth.current_from_previous.ravel().tolist(),
            "tooth_fraction": truth.tooth_fraction,
            "clarity": truth.clarity,
        }
        self._poses.write(json.dumps(line) + "\n")

    def close(self) -> None:
        """Finish the list of poses."""
        self._poses.close()

    def _picture(self, folder: str, name: str, pixels: np.ndarray) -> None:
        _, data = cv2.imencode(".png", pixels, EFFORT)
        (self._root / folder / f"{name}.png").write_bytes(data.tobytes())
