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
from engine.capture.demo.scene import DEPTHS_SCALE, Layer, Scene
from engine.capture.demo.weather import Weather
from engine.values import Field, Image, Matrix3

SMEAR_LEVELS_PX = (0.9, 2.4, 6.0)  # of a 640-wide picture: from these motions on, one more doubling of the smear
# a resized picture's pixel centres lie half a pixel off the scaled ones
SCENE_FROM_DEPTHS = np.array(
    ((1 / DEPTHS_SCALE, 0, 0.5 / DEPTHS_SCALE - 0.5), (0, 1 / DEPTHS_SCALE, 0.5 / DEPTHS_SCALE - 0.5), (0, 0, 1))
)
BOKEH = 4 / 640  # radius of a point fully out of focus, as a part of the width
SMEAR_STEP = 2.4 / 640  # motion within the exposure is drawn as copies about this part of the width apart


@dataclass(frozen=True, slots=True)
class Truth:
    """All that is exactly known of one demo frame."""

    seq: int
    clean: Image  # (H, W, 3) uint8 RGB: same pose, no blur, noise, water or uneven light
    flow: Field  # (H, W, 2) float32 (x, y), current -> previous, px; zero on the handpiece and for seq 0
    visible: NDArray[np.bool_]  # (H, W) True where the flow leads to a point that the previous clean frame shows
    tooth: NDArray[np.uint8]  # (H, W) 1 tooth, 0 not; the handpiece hides teeth, water does not
    frame_from_scene: Matrix3  # of the crowns; the gum lies deeper and moves a little less
    current_from_previous: Matrix3  # of the crowns, in px; identity for seq 0
    tooth_fraction: float  # share of the picture that is tooth
    clarity: float  # 1 clear .. 0 white-out


class Studio:
    """Everything painted once for a seed, size and set of conditions; then draws any frame number, in any order.

    One thread at a time: the layers of a picture are kept and written over.
    """

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
        self._front, self._picture, self._spare = (
            np.empty((height, width, 4), np.uint8) for _ in range(3)
        )  # fresh pages cost
        self._mask = np.empty((height, width), np.uint8)  # as much as the warp itself, so the layers are kept
        near = 1.0 - scene.recession
        self._gum_from_crown_view = np.array(
            ((near, 0, width / 2 * (1 - near)), (0, near, height / 2 * (1 - near)), (0, 0, 1))
        )

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
        previous = self.pose(seq - 1) if seq > 0 else current
        back = previous @ np.linalg.inv(current) if seq > 0 else np.eye(3)
        shot = self._shot(current)
        clean, tooth = _rgb(shot), (shot[..., 3] > 127).astype(np.uint8)
        flow = _field_of(back, self.size)
        visible = _lands_inside(flow)
        if self._scene.recession:
            deep = self._crowns(current) == 0
            recede = self._gum_from_crown_view
            deep_back = recede @ back @ np.linalg.inv(recede) if seq > 0 else back
            deep_flow = _field_of(deep_back, self.size)
            was_crown = _covered_before(self._crowns(previous), deep_flow, margin_px=3)
            flow = np.where(deep[..., None], deep_flow, flow)
            visible = _lands_inside(flow) & ~(deep & was_crown)
        if self._handpiece is not None:
            self._handpiece.lay_over(clean)
            hidden = self._handpiece.cover > 0
            tooth[hidden] = 0
            visible &= ~_covered_before(self._handpiece.cover, flow, margin_px=9)
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
        half_s = self._conditions.exposure_s / 2
        before, pose, after = (self._path.frame_from_scene(t_s + offset_s) for offset_s in (-half_s, 0.0, half_s))
        middle = np.linalg.solve(pose, (self.size[0] / 2, self.size[1] / 2, 1.0))
        steps = _smear_steps((after - before) @ middle, self.size[0] / 640)
        start = np.eye(3)
        start[:2, 2] = -np.sum(steps, axis=0) / 2 if steps else 0.0  # so that the smear lies evenly about the true pose
        picture = self._shot(start @ pose)
        for step in steps:
            _smear(picture, *step, self._spare)
        softness = self._weather.defocus(t_s)
        if softness > 0.02:
            side = 2 * round(BOKEH * self.size[0]) + 1
            cv2.blur(picture, (side, side), dst=self._spare)
            cv2.addWeighted(picture, 1 - softness, self._spare, softness, 0, dst=picture)
        return _rgb(picture)

    def _shot(self, frame_from_scene: Matrix3) -> Layer:
        """The scene seen from one pose: what lies deeper moves less. Good until the next shot."""
        self._warp(self._scene.crowns, frame_from_scene, self._front)
        if not self._scene.recession:
            return self._front
        self._warp(self._scene.depths, self._gum_from_crown_view @ frame_from_scene @ SCENE_FROM_DEPTHS, self._picture)
        cv2.extractChannel(self._front, 3, dst=self._mask)
        cv2.copyTo(self._front, self._mask, self._picture)
        return self._picture

    def _crowns(self, frame_from_scene: Matrix3) -> NDArray[np.uint8]:
        """(H, W) not 0 where a shot from this pose shows the crowns' layer."""
        self._warp(self._scene.crowns, frame_from_scene, self._front)
        return np.asarray(cv2.extractChannel(self._front, 3), dtype=np.uint8)

    def _warp(self, layer: Layer, frame_from_scene: Matrix3, into: Layer) -> None:
        """One layer from one pose; beyond its edge it goes on mirrored."""
        cv2.warpAffine(
            layer,
            frame_from_scene[:2],
            self.size,
            dst=into,
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT_101,
        )


def _smear_steps(motion_px: NDArray[np.float64], unit_px: float) -> list[tuple[int, int]]:
    """Whole-pixel shifts whose successive averaging spreads the picture along `motion_px` (x, y, ...)."""
    length = math.hypot(motion_px[0], motion_px[1]) / unit_px
    levels = sum(length >= limit for limit in SMEAR_LEVELS_PX)
    shifts = [(round(motion_px[0] / 2**level), round(motion_px[1] / 2**level)) for level in range(1, levels + 1)]
    return [shift for shift in shifts if shift != (0, 0)]


def _smear(picture: Layer, dx: int, dy: int, spare: Layer) -> None:
    """Average (H, W, 4) with itself shifted by (dx, dy), in place; the strip that has no partner stays."""
    height, width = picture.shape[:2]
    to = picture[max(0, dy) : height + min(0, dy), max(0, dx) : width + min(0, dx)]
    source = picture[max(0, -dy) : height - max(0, dy), max(0, -dx) : width - max(0, dx)]
    mixed = spare[: to.shape[0], : to.shape[1]]
    cv2.addWeighted(to, 0.5, source, 0.5, 0, dst=mixed)  # not in place: the two overlap
    to[:] = mixed


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


def _covered_before(cover: NDArray[np.uint8], flow: Field, margin_px: int) -> NDArray[np.bool_]:
    """(H, W) True where the flow leads under what covered the previous picture, or within a margin of its edge."""
    x, y = _landing(flow)
    wide = cv2.dilate(cover, np.ones((margin_px, margin_px), np.uint8))
    return np.asarray(cv2.remap(wide, x, y, cv2.INTER_NEAREST) > 0)
