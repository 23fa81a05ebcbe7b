"""How a handpiece camera moves over teeth: trajectories in time, and the geometry from world to picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

# A pose is an offset from the reference view: x, y shift (px), log scale, angle (rad), perspective x, y (1/px),
# parallax x, y (px per unit of depth).
POSE = 8
PLANE_UNIT = np.array([1, 1, 0.0010, 0.0016, 3e-7, 3e-7, 0, 0])
REACH_S = (0.35, 1.1)
MAX_LOG_SCALE, MAX_ANGLE, MAX_PERSPECTIVE = 0.35, 0.6, 4e-4


@dataclass(frozen=True, slots=True)
class Trajectory:
    """A smooth path of poses: sines (tremor 6-12 Hz, sway below 2 Hz) and one minimum-jerk reach."""

    frequency_hz: Array  # (K,)
    amplitude: Array  # (K, POSE)
    phase: Array  # (K, POSE)
    reach: Array  # (POSE,) how far the reach goes
    reach_start_s: float
    reach_length_s: float
    gain: float = 1.0

    def at(self, times_s: Array) -> Array:
        """(N,) seconds -> (N, POSE)."""
        angle = 2 * np.pi * self.frequency_hz[None, :, None] * times_s[:, None, None] + self.phase[None]
        waves = (self.amplitude[None] * np.sin(angle)).sum(axis=1)
        u = np.clip((times_s - self.reach_start_s) / self.reach_length_s, 0, 1)[:, None]
        poses = self.gain * (waves + (10 * u**3 - 15 * u**4 + 6 * u**5) * self.reach)
        return np.asarray(poses)


@dataclass(frozen=True, slots=True)
class Motion:
    """A trajectory read out by a camera: frame k at k / fps; the middle frame is at the reference view."""

    trajectory: Trajectory
    origin: Array  # (POSE,) pose of the middle frame, taken off all poses
    fps: float
    frames: int

    def poses(self, offset_frames: float = 0.0) -> Array:
        """(frames, POSE) at every frame's time plus a part of the frame interval (exposure samples)."""
        times_s = (np.arange(self.frames) + offset_frames) / self.fps
        return _bounded(self.trajectory.at(times_s) - self.origin)


def _bounded(poses: Array) -> Array:
    """Zoom, angle and perspective eased into what keeps the view on the photo."""
    poses[:, 2] = MAX_LOG_SCALE * np.tanh(poses[:, 2] / MAX_LOG_SCALE)
    poses[:, 3] = MAX_ANGLE * np.tanh(poses[:, 3] / MAX_ANGLE)
    poses[:, 4:6] = MAX_PERSPECTIVE * np.tanh(poses[:, 4:6] / MAX_PERSPECTIVE)
    return poses


def draw_motion(rng: np.random.Generator, frames: int, mean_flow: float, size: tuple[int, int]) -> Motion:
    """A random motion whose mean |flow| over a picture of `size` (height, width) is about `mean_flow` px a frame."""
    fps = draw_fps(rng)
    raw = draw_trajectory(rng, frames / fps, PLANE_UNIT)
    depth = rng.choice([0.0, 1.0], p=[0.2, 0.8]) * rng.uniform(0.05, 0.45) * rng.choice([-1, 1])
    # A camera that moves sideways sees near things move further: parallax follows the shift.
    raw.amplitude[:, 6:], raw.phase[:, 6:] = depth * raw.amplitude[:, :2], raw.phase[:, :2]
    raw.reach[6:] = depth * raw.reach[:2]
    gain = 1.0
    for _ in range(3):  # saturating zoom and angle make the answer slightly non-linear
        motion = _scaled(raw, gain, fps, frames)
        gain *= mean_flow / max(_mean_flow(motion, size), 1e-6)
        gain = min(gain, 60.0)
    return _scaled(raw, gain, fps, frames)


def draw_fps(rng: np.random.Generator) -> float:
    """Frame rates of handpiece cameras."""
    return float(rng.choice([25, 30, 30, 50, 60]))


def draw_trajectory(rng: np.random.Generator, length_s: float, unit: Array) -> Trajectory:
    """Tremor, sway and a reach in random shares. `unit` (POSE,) is what one unit of hand movement does to each
    coordinate of the pose."""
    unit = unit * np.exp(rng.normal(0, 0.6, POSE))
    tremor, sway, reach = rng.dirichlet([0.9, 1.2, 0.6])
    frequency = np.concatenate([rng.uniform(6, 12, 3), rng.uniform(0.2, 2.0, 3)])
    amplitude = np.concatenate([np.full(3, tremor), np.full(3, 7 * sway)])[:, None] * unit
    amplitude = amplitude * rng.rayleigh(0.8, amplitude.shape)
    phase = rng.uniform(0, 2 * np.pi, amplitude.shape)
    target = 30 * reach * unit * rng.normal(0, 1, POSE)
    reach_length = rng.uniform(*REACH_S)
    return Trajectory(frequency, amplitude, phase, target, rng.uniform(-reach_length, length_s), reach_length)


def _scaled(raw: Trajectory, gain: float, fps: float, frames: int) -> Motion:
    trajectory = replace(raw, gain=gain)
    return Motion(trajectory, trajectory.at(np.array([(frames // 2) / fps]))[0], fps, frames)


def _mean_flow(motion: Motion, size: tuple[int, int]) -> float:
    height, width = size
    points = np.stack(np.meshgrid(np.linspace(0, width - 1, 5), np.linspace(0, height - 1, 5)), -1).reshape(-1, 2)
    poses = motion.poses()
    depth = np.zeros(len(points))
    lengths = []
    for now, before in zip(poses[1:], poses[:-1], strict=True):
        world = apply(np.linalg.inv(frame_from_world(now, size)), points)
        lengths.append(np.linalg.norm(project(world, depth, before, size) - points, axis=1).mean())
    return float(np.mean(lengths))


def frame_from_world(pose: Array, size: tuple[int, int]) -> Array:
    """3x3 of a pose; the world's origin lies in the picture's middle at the reference view."""
    height, width = size
    scale, angle = np.exp(pose[2]), pose[3]
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    plane = np.array([[cos, -sin, pose[0]], [sin, cos, pose[1]], [pose[4], pose[5], 1.0]])
    centre = np.array([[1, 0, (width - 1) / 2], [0, 1, (height - 1) / 2], [0, 0, 1.0]])
    return np.asarray(centre @ plane)


def apply(matrix: Array, points: Array) -> Array:
    """3x3 times (..., 2)."""
    x, y = points[..., 0], points[..., 1]
    w = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    return np.stack(
        [
            (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / w,
            (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / w,
        ],
        axis=-1,
    )


def project(world: Array, depth: Array, pose: Array, size: tuple[int, int]) -> Array:
    """World points (..., 2) with depth (...) -> picture points (..., 2): plane homography plus parallax."""
    return apply(frame_from_world(pose, size), world) + depth[..., None] * pose[6:8]
