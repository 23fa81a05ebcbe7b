"""Films a scene: the picture that the camera delivers at any moment, and all that is exactly known of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.capture.demo.camera_path import CameraPath
from engine.capture.demo.conditions import Conditions
from engine.capture.demo.handpiece import Handpiece, draw_handpiece
from engine.capture.demo.scene import Layer, Scene
from engine.capture.demo.weather import Weather
from engine.values import Field, Image, Matrix3

MAX_SUB_EXPOSURES = 3
SMEAR_STEP = 1.6 / 640  # motion within the exposure is drawn as copies about this part of the width apart


@dataclass(frozen=True, slots=True)
class Truth:
    """All that is exactly known of one demo frame."""

    seq: int
    clean: Image  # (H, W, 3) uint8 RGB: same pose, no blur, noise, water or uneven light
    flow: Field  # (H, W, 2) float32 (x, y), current -> previous, px; zero on the handpiece and for seq 0
    visible: NDArray[np.bool_]  # (H, W) True where the flow leads to a point that the previous clean frame shows
    tooth: NDArray[np.uint8]  # (H, W) 1 tooth, 0 not; the handpiece hides teeth, water does not
    frame_from_scene: Matrix3
    current_from_previous: Matrix3  # of the scene, in px; identity for seq 0
    tooth_fraction: float  # share of the picture that is tooth
    clarity: float  # 1 clear .. 0 white-out


class Studio:
    """Everything painted once for a seed, size and set of conditions; then draws any frame number, in any order."""

    def __init__(self, seed: int, fps: float, size: tuple[int, int], conditions: Conditions, scene: Scene) -> None:
        width, height = size
        self.fps = fps
        self.size = size
        self._conditions = conditions
        self._scene = scene
        centres = scene.clamp(scene.waypoints, width / height)
        self._path = CameraPath(seed, conditions, centres, scene.start, size, scene.view_px)
        self._handpiece: Handpiece | None = draw_handpiece(seed, size) if conditions.has_handpiece else None
        shadow = np.ones((height, width), np.float32) if self._handpiece is None else self._handpiece.shadow
        self._weather = Weather(seed, conditions, size, shadow)

    def draw(self, seq: int) -> Image:
        """(H, W, 3) uint8 RGB as the camera would deliver frame `seq`."""
        t_s = seq / self.fps
        picture = self._exposed(t_s)
        if self._handpiece is not None:
            self._handpiece.lay_over(picture)
        self._weather.fall_on(picture, t_s, seq)
        return picture

    def pose(self, seq: int) -> Matrix3:
        """3x3 picture from scene at frame `seq`; far cheaper than the whole truth."""
        return self._path.frame_from_scene(seq / self.fps)

    def clarity(self, seq: int) -> float:
        """1 clear .. 0 white-out at frame `seq`."""
        return 1.0 - self._weather.spray(seq / self.fps)

    def truth(self, seq: int) -> Truth:
        """Exact truth for frame `seq`."""
        current = self.pose(seq)
        back = self.pose(seq - 1) @ np.linalg.inv(current) if seq > 0 else np.eye(3)
        shot = self._shot(self._scene.sharp, current)
        clean, tooth = _rgb(shot), (shot[..., 3] > 127).astype(np.uint8)
        flow = _field_of(back, self.size)
        visible = _lands_inside(flow)
        if self._handpiece is not None:
            self._handpiece.lay_over(clean)
            hidden = self._handpiece.cover > 0
            tooth[hidden] = 0
            visible &= ~_hidden_before(self._handpiece.cover, flow)
            flow[hidden] = 0
            visible[hidden] = True
        return Truth(
            seq=seq,
            clean=clean,
            flow=flow,
            visible=visible,
            tooth=tooth,
            frame_from_scene=current,
            current_from_previous=np.asarray(np.linalg.inv(back), dtype=np.float64),
            tooth_fraction=float(tooth.mean()),
            clarity=self.clarity(seq),
        )

    def _exposed(self, t_s: float) -> Image:
        """The scene through lens and shutter: smeared by the motion within the exposure, softened by the focus."""
        before, after = (
            self._path.frame_from_scene(t_s + sign * self._conditions.exposure_s / 2) for sign in (-1.0, 1.0)
        )
        smear_px = self._smear(before, after)
        copies = min(MAX_SUB_EXPOSURES, 1 + round(smear_px / (SMEAR_STEP * self.size[0])))
        softness = self._weather.defocus(t_s)
        total: Layer | None = None
        for index in range(copies):
            share = 0.5 if copies == 1 else index / (copies - 1)
            pose = before + (after - before) * share
            shot = self._shot(self._scene.sharp, pose)
            total = shot if total is None else cv2.addWeighted(total, index / (index + 1), shot, 1 / (index + 1), 0)
        assert total is not None
        if softness > 0.02:
            soft = self._shot(self._scene.soft, self._path.frame_from_scene(t_s))
            cv2.addWeighted(total, 1 - softness, soft, softness, 0, dst=total)
        return _rgb(total)

    def _smear(self, before: Matrix3, after: Matrix3) -> float:
        """How far the scene's point in mid-picture moves within the exposure, px."""
        middle = np.array((self.size[0] / 2, self.size[1] / 2, 1.0))
        moved = after @ np.linalg.solve(before, middle) - middle
        return math.hypot(moved[0], moved[1])

    def _shot(self, scene: Layer, frame_from_scene: Matrix3) -> Layer:
        """The scene seen from one pose; beyond its edge it goes on mirrored."""
        return np.asarray(
            cv2.warpAffine(
                scene, frame_from_scene[:2], self.size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
            ),
            dtype=np.uint8,
        )


def _rgb(layer: Layer) -> Image:
    """(H, W, 3) without the mask."""
    return np.asarray(cv2.cvtColor(layer, cv2.COLOR_RGBA2RGB), dtype=np.uint8)


def _field_of(back: Matrix3, size: tuple[int, int]) -> Field:
    """(H, W, 2) float32 displacement of every pixel under the 3x3 `back`."""
    width, height = size
    x, y = np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64)[:, None]
    flow = np.empty((height, width, 2), np.float32)
    flow[..., 0] = (back[0, 0] - 1) * x + back[0, 1] * y + back[0, 2]
    flow[..., 1] = back[1, 0] * x + (back[1, 1] - 1) * y + back[1, 2]
    return flow


def _landing(flow: Field) -> tuple[Field, Field]:
    """Where each pixel was in the previous frame: x and y, (H, W)."""
    height, width = flow.shape[:2]
    x = np.asarray(flow[..., 0] + np.arange(width, dtype=np.float32), dtype=np.float32)
    y = np.asarray(flow[..., 1] + np.arange(height, dtype=np.float32)[:, None], dtype=np.float32)
    return x, y


def _lands_inside(flow: Field) -> NDArray[np.bool_]:
    """(H, W) True where the flow leads to a point inside the previous picture."""
    height, width = flow.shape[:2]
    x, y = _landing(flow)
    return np.asarray((x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1))


def _hidden_before(cover: NDArray[np.uint8], flow: Field) -> NDArray[np.bool_]:
    """(H, W) True where the flow leads under the handpiece, with a margin for its soft edge."""
    x, y = _landing(flow)
    wide = cv2.dilate(cover, np.ones((9, 9), np.uint8))
    return np.asarray(cv2.remap(wide, x, y, cv2.INTER_NEAREST) > 0)
