"""The demo camera's painted mouths as clips: what the photos are not, with droplets, spray, slips and a handpiece."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.capture.synthetic import SyntheticSource
from engine.stabilization.similarity import Similarity, from_matrix
from tests.bench.stabilization.clips import HEIGHT, WIDTH, ClipFrame, ClipSpec

CLEAR = 0.6  # clarity from which the tooth counts as visible


class SceneClip:
    """Same face as Clip; the kind of the spec names the demo's conditions."""

    def __init__(self, spec: ClipSpec) -> None:
        self.spec = spec
        self.count = round(spec.seconds * spec.fps)
        self.times_s = np.arange(self.count) / spec.fps
        self.switch = self.count

    @cached_property
    def _studio(self) -> SyntheticSource:
        return SyntheticSource(self.spec.seed, self.spec.fps, (WIDTH, HEIGHT), False, self.spec.kind, None, self.count)

    @cached_property
    def _visible(self) -> NDArray[np.bool_]:
        truths = [self._studio.truth(k) for k in range(self.count)]
        return np.array([t.clarity > CLEAR and t.tooth_fraction > 0.05 for t in truths])

    def pose(self, index: int) -> Similarity:
        """Raw picture from scene."""
        return from_matrix(self._studio.truth(index).frame_from_scene)

    def is_visible(self, index: int) -> bool:
        """Can the tooth be seen at all?"""
        return bool(self._visible[index])

    def frame(self, index: int) -> ClipFrame:
        """Render one frame."""
        truth = self._studio.truth(index)
        pixels = self._studio.studio.draw(index)
        still = ((truth.flow == 0).all(axis=-1) & (index > 0)).astype(np.uint8) * 255
        hidden = np.full((HEIGHT, WIDTH), 1 - truth.clarity, np.float32)
        tooth = cv2.multiply(truth.tooth, 255)
        return ClipFrame(pixels, from_matrix(truth.frame_from_scene), tooth, still, hidden)
