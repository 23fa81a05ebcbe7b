"""The model of one dental arch: scanned crowns set into a modelled gum."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from engine.errors import SourceError

Points = NDArray[np.float32]  # (V, 3) mm: x to the side, y towards the biting edge, z to the front
UPPER = (*range(17, 10, -1), *range(21, 28))  # ISO 3950 numbers from one end of the arch to the other
LOWER = (*range(47, 40, -1), *range(31, 38))
GUM_STEP_MM = 0.6


@dataclass(frozen=True, slots=True)
class Mesh:
    """Triangles with a normal and two surface values at each vertex."""

    vertices: Points
    triangles: NDArray[np.int32]  # (T, 3)
    normals: Points
    hollow: NDArray[np.float32]  # (V,) 0..1, how much the surface is a groove: fissures and pits
    height: NDArray[np.float32]  # (V,) 0..1 from the neck of the tooth to its edge; 0 on the gum


@dataclass(frozen=True, slots=True)
class Arch:
    """Teeth and gum of one jaw."""

    teeth: Mesh
    gum: Mesh
    centres: NDArray[np.float64]  # (14, 3) middle of each crown


def load_arch(folder: Path, numbers: tuple[int, ...]) -> Arch:
    """Read the crowns `FDI.npz`; the upper jaw is turned so that its biting edges point to +y as well."""
    turn = np.array([1, -1, -1], np.float32) if numbers == UPPER else np.ones(3, np.float32)
    crowns = [_read(folder / f"{number}.npz", turn) for number in numbers]
    counts = np.cumsum([0, *(len(vertices) for vertices, _ in crowns)])
    vertices = np.concatenate([vertices for vertices, _ in crowns])
    triangles = np.concatenate([faces + start for (_, faces), start in zip(crowns, counts, strict=False)])
    height = np.concatenate([(v[:, 1] - v[:, 1].min()) / np.ptp(v[:, 1]) for v, _ in crowns])
    normals = _normals(vertices, triangles)
    teeth = Mesh(vertices, triangles, normals, _hollow(vertices, triangles, normals), height.astype(np.float32))
    centres = np.array([vertices.mean(axis=0) for vertices, _ in crowns], np.float64)
    necks = np.array([vertices[:, 1].min() for vertices, _ in crowns], np.float64)
    return Arch(teeth, _gum(centres, necks), centres)


def _read(path: Path, turn: Points) -> tuple[Points, NDArray[np.int32]]:
    try:
        with np.load(path) as crown:
            return (crown["vertices_mm"] * turn).astype(np.float32), crown["triangles"].astype(np.int32)
    except (OSError, KeyError, ValueError) as error:
        raise SourceError(
            f"The crown {path} cannot be read.", "Give the folder that holds tooth-crowns/FDI.npz."
        ) from error


def _normals(vertices: Points, triangles: NDArray[np.int32]) -> Points:
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    faces = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(normals, triangles[:, k], faces)
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9), np.float32)


def _hollow(vertices: Points, triangles: NDArray[np.int32], normals: Points) -> NDArray[np.float32]:
    """How far the neighbours' mean lies above the surface, smoothed and scaled to 0..1."""
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    count = np.bincount(pairs[:, 0], minlength=len(vertices)).clip(1)

    def mean_of_neighbours(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.bincount(pairs[:, 0], weights=values[pairs[:, 1]], minlength=len(vertices)) / count)

    around = np.stack([mean_of_neighbours(vertices[:, k].astype(np.float64)) for k in range(3)], axis=-1)
    depth = ((around - vertices) * normals).sum(axis=1)
    for _ in range(6):
        depth = mean_of_neighbours(depth)
    low, high = np.percentile(depth, [60, 99.5])
    return np.asarray(np.clip((depth - low) / max(high - low, 1e-9), 0, 1), np.float32)


def _gum(centres: NDArray[np.float64], necks: NDArray[np.float64]) -> Mesh:
    """A height field about the arch: a ridge with papillae between the teeth, falling off, with a cheek outside."""
    x, z = np.meshgrid(np.arange(-64, 64, GUM_STEP_MM), np.arange(-50, 50, GUM_STEP_MM))
    dense = np.linspace(-0.6, len(centres) - 0.4, 600)
    number = np.arange(len(centres))
    curve = CubicSpline(number, centres[:, [0, 2]], bc_type="natural")(dense)
    distance, nearest = cKDTree(curve).query(np.stack([x.ravel(), z.ravel()], axis=-1))
    along = dense[nearest]
    neck = np.interp(along, number, necks)
    middle = centres[:, [0, 2]].mean(axis=0)
    radius = np.hypot(x.ravel() - middle[0], z.ravel() - middle[1])
    is_outside = radius > np.hypot(*(curve[nearest] - middle).T)
    papilla = 1.5 * np.sin(np.pi * along) ** 2
    y = neck + 3.2 + papilla * np.exp(-((distance / 5) ** 2)) - 6.5 * (1 - np.exp(-((distance / 6.5) ** 2)))
    y += np.where(is_outside, 11 / (1 + np.exp(-(distance - 21) / 1.6)), 0)
    y = _smoothed(y.reshape(x.shape), distance.reshape(x.shape)).ravel()
    vertices = np.stack([x.ravel(), y, z.ravel()], axis=-1).astype(np.float32)
    rows, columns = x.shape
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    triangles = np.concatenate(
        [
            np.stack([corner, corner + columns, corner + 1], axis=-1),
            np.stack([corner + 1, corner + columns, corner + columns + 1], axis=-1),
        ]
    ).astype(np.int32)
    flat = np.zeros(len(vertices), np.float32)
    return Mesh(vertices, triangles, _normals(vertices, triangles), flat, flat)


def _smoothed(y: NDArray[np.float64], distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """The height field without the seams where the nearest point of the arch jumps: they lie far from it."""
    fine, coarse = gaussian_filter(y, 1.2), gaussian_filter(y, 7)
    far = np.clip((distance - 4) / 5, 0, 1)
    return np.asarray(fine + far * (coarse - fine))
