"""Enamel and gum: solid textures that stick to the surface, lit by a lamp beside the camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from models.data.camera import GAMMA
from models.data.raster import FAR_MM, Eye, Surface

VOLUME = 48  # side of the noise cubes
Cube = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Look:
    """The materials and the lamp of one clip."""

    cubes: tuple[Cube, Cube]
    neck: NDArray[np.float64]  # (3,) linear colours
    body: NDArray[np.float64]
    edge: NDArray[np.float64]
    stain: NDArray[np.float64]
    staining: float
    gum: NDArray[np.float64]
    vessels: float
    grain: float
    wetness: float
    lamp: NDArray[np.float64]  # (3,) mm, in the camera's axes


def draw_look(rng: np.random.Generator) -> Look:
    """Random shades within what mouths show."""

    def shade_near(red: float, green: float, blue: float, spread: float) -> NDArray[np.float64]:
        return (
            np.array([red, green, blue]) * np.exp(rng.normal(0, 0.3 * spread, 3) + rng.normal(0, spread)) / 255
        ) ** GAMMA

    return Look(
        cubes=(_cube(rng), _cube(rng)),
        neck=shade_near(215, 178, 130, 0.05),
        body=shade_near(228, 208, 178, 0.04),
        edge=shade_near(214, 208, 200, 0.05),
        stain=shade_near(95, 62, 38, 0.25),
        staining=float(rng.choice([0.15, 0.5, 0.95]) * rng.uniform(0.5, 1)),
        gum=shade_near(196, 104, 98, 0.12),
        vessels=float(rng.uniform(0.1, 0.6)),
        grain=float(rng.uniform(0.05, 0.22)),
        wetness=float(rng.uniform(0.1, 1.0)),
        lamp=rng.normal(0, 4, 3) * np.array([1, 1, 0.3]),
    )


def _cube(rng: np.random.Generator) -> Cube:
    return rng.random((VOLUME, VOLUME, VOLUME), dtype=np.float32)


def _noise(cube: Cube, points: NDArray[np.float64], cell_mm: float) -> NDArray[np.float32]:
    """(H, W) in 0..1: trilinear noise fixed in space."""
    at = (points / cell_mm).reshape(-1, 3).T
    values = map_coordinates(cube, at, order=1, mode="grid-wrap", prefilter=False)
    return np.asarray(values.reshape(points.shape[:2]), np.float32)


def shade(surface: Surface, eye: Eye, look: Look) -> NDArray[np.uint8]:
    """(H, W, 3) RGB bytes of what the eye sees."""
    first, second = look.cubes
    coarse = _noise(first, surface.points, 2.4)
    middle = _noise(second, surface.points, 0.65)
    fine = _noise(first, surface.points, 0.17)
    albedo = np.where(
        surface.is_tooth[..., None],
        _enamel(surface, look, coarse, middle, fine),
        _gum(look, coarse, middle, fine),
    )
    diffuse, gloss = _lit(surface, eye, look, 0.35 * (middle - 0.5))
    light = albedo * diffuse[..., None] + gloss[..., None]
    light[surface.distance >= FAR_MM] = 0.01
    near = surface.distance < FAR_MM
    white = np.percentile(light[near], 96) if near.any() else 1.0
    return np.asarray(np.clip((light / max(float(white), 1e-3) * 0.7), 0, 1) ** (1 / GAMMA) * 255 + 0.5, np.uint8)


def _enamel(
    surface: Surface, look: Look, coarse: NDArray[np.float32], middle: NDArray[np.float32], fine: NDArray[np.float32]
) -> NDArray[np.float64]:
    height = (surface.height + 0.15 * (coarse - 0.5))[..., None]
    colour = look.neck + np.clip(height / 0.45, 0, 1) * (look.body - look.neck)
    colour = colour + np.clip((height - 0.6) / 0.4, 0, 1) * (look.edge - look.body)
    colour = colour * (1 + look.grain * ((middle - 0.5) + 0.7 * (fine - 0.5)))[..., None]
    dirt = look.staining * np.clip(surface.hollow * 1.4 * (0.5 + middle) - 0.25, 0, 1)
    spots = look.staining * np.clip((coarse * middle - 0.72) * 6, 0, 1)
    return np.asarray(colour + np.maximum(dirt, spots)[..., None] * (look.stain - colour))


def _gum(
    look: Look, coarse: NDArray[np.float32], middle: NDArray[np.float32], fine: NDArray[np.float32]
) -> NDArray[np.float64]:
    vein = np.exp(-(((middle - 0.5) / 0.05) ** 2)) * np.clip(coarse * 2 - 0.8, 0, 1)
    brightness = 1 + 0.35 * (coarse - 0.5) + 1.5 * look.grain * (fine - 0.5)
    redness = 1 - look.vessels * vein[..., None] * np.array([0.3, 0.7, 0.6])
    return np.asarray(look.gum * brightness[..., None] * redness)


def _lit(
    surface: Surface, eye: Eye, look: Look, bump: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Diffuse light with fall-off, and wet highlights."""
    inverse = np.linalg.inv(eye.eye_from_world)
    position = inverse[:3, 3]
    lamp = (inverse @ np.array([*look.lamp, 1.0]))[:3]
    to_lamp = lamp - surface.points
    far = np.linalg.norm(to_lamp, axis=-1)
    to_lamp = to_lamp / far[..., None]
    to_eye = position - surface.points
    to_eye = to_eye / np.linalg.norm(to_eye, axis=-1, keepdims=True)
    normals = surface.normals + (look.grain * bump)[..., None]
    facing = (normals * to_lamp).sum(axis=-1)
    diffuse = np.clip(facing * 0.75 + 0.25, 0.02, None) / (1 + (far / 22) ** 2)
    diffuse = diffuse * np.where(surface.is_tooth, 0.55 + 0.45 * np.clip(surface.height / 0.4, 0, 1), 0.9)
    halfway = to_lamp + to_eye
    halfway = halfway / np.linalg.norm(halfway, axis=-1, keepdims=True)
    gloss = look.wetness * np.clip((normals * halfway).sum(axis=-1), 0, 1) ** 90
    return diffuse, gloss * (facing > 0)
