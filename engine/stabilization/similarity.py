"""Similarity transforms of the picture plane as two complex numbers: cheap to compose, invert and blend."""

from __future__ import annotations

import cmath
from dataclasses import dataclass

import numpy as np

from engine.values import Matrix3


@dataclass(frozen=True, slots=True)
class Similarity:
    """z -> turn * z + shift, with z = x + iy in pixels; `turn` holds scale and rotation."""

    turn: complex = 1 + 0j
    shift: complex = 0j

    def __matmul__(self, other: Similarity) -> Similarity:
        """First `other`, then this one, as with matrices."""
        return Similarity(self.turn * other.turn, self.turn * other.shift + self.shift)

    def __call__(self, point: complex) -> complex:
        """The image of one point."""
        return self.turn * point + self.shift

    def inverse(self) -> Similarity:
        """The way back."""
        return Similarity(1 / self.turn, -self.shift / self.turn)

    def matrix(self) -> Matrix3:
        """(3, 3) float64 for column vectors (x, y, 1)."""
        a, b = self.turn.real, self.turn.imag
        return np.array([[a, -b, self.shift.real], [b, a, self.shift.imag], [0.0, 0.0, 1.0]])

    def about(self, centre: complex) -> Offset:
        """The same transform, told as shift, rotation and zoom about `centre`."""
        log_turn = cmath.log(self.turn)
        return Offset(self(centre) - centre, log_turn.imag, log_turn.real)


@dataclass(frozen=True, slots=True)
class Offset:
    """A similarity told about a centre: a vector space that filters can work in."""

    shift: complex = 0j  # pixels, displacement of the centre
    angle: float = 0.0  # radians
    log_zoom: float = 0.0

    def __add__(self, other: Offset) -> Offset:
        return Offset(self.shift + other.shift, self.angle + other.angle, self.log_zoom + other.log_zoom)

    def __sub__(self, other: Offset) -> Offset:
        return Offset(self.shift - other.shift, self.angle - other.angle, self.log_zoom - other.log_zoom)

    def __mul__(self, factor: float) -> Offset:
        return Offset(self.shift * factor, self.angle * factor, self.log_zoom * factor)

    def at(self, centre: complex) -> Similarity:
        """Back to a transform of the plane."""
        turn = cmath.exp(complex(self.log_zoom, self.angle))
        return Similarity(turn, self.shift + centre - turn * centre)

    def reach(self, radius: float) -> float:
        """Largest displacement in pixels of a point within `radius` of the centre, to first order."""
        return abs(self.shift) + radius * abs(complex(self.log_zoom, self.angle))


def from_matrix(matrix: Matrix3, at: complex = 0j) -> Similarity:
    """The similarity nearest to the upper two rows of `matrix`, and equal to them at the point `at`."""
    turn = complex(matrix[0, 0] + matrix[1, 1], matrix[1, 0] - matrix[0, 1]) / 2
    there = matrix @ np.array([at.real, at.imag, 1.0])
    return Similarity(turn, complex(there[0], there[1]) - turn * at)


def scaled(transform: Similarity, factor: float) -> Similarity:
    """The same movement on a picture `factor` times as large; pixel centres lie on whole numbers."""
    half = (factor - 1) / 2 * (1 + 1j)
    resize = Similarity(complex(factor), half)
    return resize @ transform @ resize.inverse()
