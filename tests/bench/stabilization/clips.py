"""The benchmark's clips: a photo, a movement and disturbances, frame by frame with exact truth."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.stabilization.similarity import Similarity
from tests.bench.stabilization import disturbances as dirt
from tests.bench.stabilization.motions import Movement, hand, with_jumps, with_walk
from tests.bench.stabilization.photos import Canvas

WIDTH, HEIGHT = 640, 480
CENTRE = complex(WIDTH - 1, HEIGHT - 1) / 2


@dataclass(frozen=True)
class ClipSpec:
    """Names a clip completely, together with its photo."""

    kind: str  # A calm, B bur and spray, C jaw jump, D walk, E low light; re-appearances: R same, N neighbour, O other
    seed: int
    fps: float = 30.0
    seconds: float = 20.0

    @property
    def name(self) -> str:
        """For files and tables."""
        return f"{self.kind}{self.seed}-{self.fps:.0f}fps-{self.seconds:.0f}s"


@dataclass(frozen=True)
class ClipFrame:
    """One frame with its truth."""

    pixels: NDArray[np.uint8]  # (H, W, 3) RGB, as the camera would deliver it
    raw_from_scene: Similarity  # scene: the canvas
    tooth: NDArray[np.uint8]  # (H, W) 0 or 255; visible tooth
    still: NDArray[np.uint8]  # (H, W) 0 or 255; handpiece
    hidden: NDArray[np.float32]  # (H, W) 0..1; droplets and spray


class Clip:
    """Random access to the frames of one clip; the same spec and photo always give the same pixels."""

    def __init__(self, spec: ClipSpec, canvas: Canvas, other: Canvas | None = None) -> None:
        self.spec = spec
        self.canvas = canvas
        self._other = other
        self.count = round(spec.seconds * spec.fps)
        self.times_s = np.arange(self.count) / spec.fps
        self._draw_seed = zlib.crc32(f"{spec.kind}{spec.seed}".encode())
        draw = np.random.default_rng(self._draw_seed)
        self.movement = self._moves(draw)
        self._home = self._choose_home(draw, canvas)
        self._home_after = self._choose_after(draw)
        self._share = float(draw.uniform(0.125, 0.165))
        self._flicker = float(draw.uniform(1.2, 2.6))

    def _moves(self, draw: np.random.Generator) -> Movement:
        kind, t = self.spec.kind, self.times_s
        tremor, intent = float(draw.uniform(2.0, 4.5)), float(draw.uniform(6, 14))
        base = hand(draw, t, tremor, intent if kind != "D" else 4.0)
        if kind == "C":
            return with_jumps(draw, t, base, 430.0)
        if kind == "D":
            return with_walk(draw, t, base, self._walk_room())
        return base

    def _walk_room(self) -> float:
        return max(60.0, (self.canvas.pixels.shape[1] - 2 * 160 - WIDTH) / 2)

    @property
    def is_reappearance(self) -> bool:
        """A white-out of half a second, after which the same or another tooth is there."""
        return self.spec.kind in "RNO"

    @cached_property
    def switch(self) -> int:
        """First frame of what re-appears, still white; the end of the clip where nothing is exchanged."""
        return round(1.5 * self.spec.fps) if self.is_reappearance else self.count

    def _choose_after(self, draw: np.random.Generator) -> complex:
        """Where the canvas lies after a re-appearance."""
        if self.spec.kind == "O" and self._other is not None:
            return self._choose_home(draw, self._other)
        if self.spec.kind == "N":
            away = 280 * (1 if self._home.real < self.canvas.pixels.shape[1] / 2 else -1)
            return self._home + complex(away, float(draw.uniform(-20, 20)))
        return self._home + complex(*draw.uniform(-25, 25, 2))

    def _choose_home(self, draw: np.random.Generator, canvas: Canvas) -> complex:
        """The canvas point at the picture's middle: where the view holds the most tooth."""
        mask = canvas.tooth.astype(np.float32) / 255
        mass = cv2.boxFilter(mask, -1, (WIDTH // 2, HEIGHT // 2))
        rows, columns = mass.shape
        left, top = 160 + WIDTH // 2 - 40, 160 + HEIGHT // 2 - 20
        inner = mass[top : rows - top, left : columns - left]
        if self.spec.kind == "D":
            inner = mass[top : rows - top, columns // 2 - 20 : columns // 2 + 20]
            left = columns // 2 - 20
        y, x = np.unravel_index(int((inner + 0.05 * draw.random(inner.shape)).argmax()), inner.shape)
        return complex(float(x + left), float(y + top))

    @cached_property
    def _bursts(self) -> list[tuple[float, float]]:
        """White-outs (start, length): one in every six seconds, 0.3 to 0.6 s long."""
        if self.is_reappearance:
            return [(1.2, 0.5)]
        draw = np.random.default_rng([self._draw_seed, 1])
        starts = np.arange(4.0, self.spec.seconds - 2.5, 6.0)
        return [(float(s + draw.uniform(0, 1.5)), float(draw.uniform(0.3, 0.6))) for s in starts]

    @cached_property
    def _spray(self) -> NDArray[np.float64]:
        draw = np.random.default_rng([self._draw_seed, 2])
        return dirt.spray_curve(draw, self.times_s, self._bursts)

    @cached_property
    def _handpiece(self) -> dirt.Handpiece:
        return dirt.make_handpiece(np.random.default_rng([self._draw_seed, 3]), (WIDTH, HEIGHT), self._share)

    @cached_property
    def _droplets(self) -> dirt.Droplets:
        draw = np.random.default_rng([self._draw_seed, 4])
        return dirt.make_droplets(draw, (WIDTH, HEIGHT), self.spec.seconds)

    @property
    def has_bur(self) -> bool:
        """Handpiece, droplets, flicker and spray are in the picture."""
        return self.spec.kind in "BRNO"

    def pose(self, index: int) -> Similarity:
        """Raw picture from canvas."""
        move = self.movement
        turn = complex(np.exp(move.log_zoom[index] + 1j * move.angle[index]))
        home = self._home if index < self.switch else self._home_after
        return Similarity(turn, CENTRE + complex(move.shift[index]) - turn * home)

    def is_visible(self, index: int) -> bool:
        """Can the tooth be seen at all?"""
        is_white = self.has_bur and self._spray[index] > 0.5
        return not (is_white or bool(self.movement.is_away[index]))

    def frame(self, index: int) -> ClipFrame:
        """Render one frame."""
        pose = self.pose(index)
        matrix, size = pose.matrix()[:2], (WIDTH, HEIGHT)
        canvas = self._other if index >= self.switch and self._other is not None else self.canvas
        pixels = cv2.warpAffine(canvas.pixels, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        tooth = cv2.warpAffine(canvas.tooth, matrix, size, flags=cv2.INTER_NEAREST)
        still = np.zeros((HEIGHT, WIDTH), np.uint8)
        hidden = np.zeros((HEIGHT, WIDTH), np.float32)
        draw = np.random.default_rng([self._draw_seed, 100 + index])
        if self.has_bur:
            pixels, still, hidden = self._dirtied(pixels, index, draw)
            tooth = cv2.bitwise_and(tooth, cv2.bitwise_not(still))
        pixels = self._exposed(pixels, draw)
        return ClipFrame(pixels, pose, tooth, still, hidden)

    def _dirtied(
        self, pixels: NDArray[np.uint8], index: int, draw: np.random.Generator
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float32]]:
        t = float(self.times_s[index])
        blur = 0.2 + 1.3 * max(0.0, np.sin(2 * np.pi * 0.13 * t + self._flicker))
        pixels = cv2.GaussianBlur(pixels, (0, 0), blur)
        still = self._handpiece.cover
        pixels = dirt.blended(self._handpiece.pixels, pixels, cv2.GaussianBlur(still, (0, 0), 1.0) / np.float32(255))
        drops = self._droplets.cover(t, (WIDTH, HEIGHT))
        pixels = dirt.through_droplets(pixels, drops)
        gain = 1 + 0.10 * np.sin(2 * np.pi * self._flicker * t) + 0.05 * draw.normal()
        pixels = cv2.convertScaleAbs(pixels, alpha=float(gain))
        spray = float(self._spray[index])
        return dirt.through_spray(pixels, spray, draw), still, np.maximum(drops, spray).astype(np.float32)

    def _exposed(self, pixels: NDArray[np.uint8], draw: np.random.Generator) -> NDArray[np.uint8]:
        if self.spec.kind == "E":
            return dirt.with_noise(cv2.convertScaleAbs(pixels, alpha=0.28), 1.5, 9.0, draw)
        return dirt.with_noise(pixels, 0.10, 1.2, draw)
