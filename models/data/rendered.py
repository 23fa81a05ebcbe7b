"""Rendered sequences: the scanned crowns under a moving camera, with exact depth, flow and occlusion."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.arch import LOWER, UPPER, Arch, load_arch
from models.data.camera import LINEAR_OF_BYTE, draw_camera
from models.data.conditions import Condition
from models.data.exposure import exposure_table, meter_table
from models.data.generate import Scene, WindowOptions, add_tools, draw_condition, draw_mean_flow, draw_tools, spoil
from models.data.motion import POSE, Trajectory, draw_fps, draw_trajectory
from models.data.raster import Eye, Surface, look
from models.data.shading import Look, draw_look, shade
from models.data.window import Window

SUPERSAMPLE = 2
SEEN_TOLERANCE = 0.02  # share of the distance by which a point may miss the previous depth and still be the same
Poses = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Flight:
    """The eye of every frame."""

    eyes: list[Eye]
    fps: float


def rendered_window(rng: np.random.Generator, arches: list[Arch], options: WindowOptions) -> Window:
    """Draw one window. The same generator state, arches and options give the same window."""
    return conditioned_rendering(rng, arches, options, draw_condition(rng, options.condition))


def conditioned_rendering(
    rng: np.random.Generator, arches: list[Arch], options: WindowOptions, condition: Condition
) -> Window:
    """Draw one window under a given condition."""
    size = (options.height, options.width)
    arch = arches[rng.integers(len(arches))]
    flight = _draw_flight(rng, arch, options, draw_mean_flow(rng, condition))
    camera = draw_camera(rng, condition, size, options.frames)
    occluders = draw_tools(rng, condition, options, flight.fps)
    scene = _film(arch, flight, draw_look(rng), camera.shutter)
    add_tools(scene, occluders)
    return spoil(rng, scene, camera, condition, f"crowns/{condition.name}")


def load_arches(data: Path) -> list[Arch]:
    """Both jaws below `data`."""
    return [load_arch(data / "tooth-crowns", numbers) for numbers in (UPPER, LOWER)]


def _draw_flight(rng: np.random.Generator, arch: Arch, options: WindowOptions, mean_flow: float) -> Flight:
    size = (options.height, options.width)
    focal = 240 / np.tan(np.radians(rng.uniform(22, 36)))  # of the 640x480 picture that the window is a part of
    distance = rng.uniform(14, 34)
    tooth = arch.centres[rng.integers(len(arch.centres))] + rng.normal(0, 2.0, 3)
    tilt, azimuth = np.radians(rng.uniform(0, 62)), rng.uniform(0, 2 * np.pi)
    away = np.array([np.sin(tilt) * np.cos(azimuth), np.cos(tilt), np.sin(tilt) * np.sin(azimuth)])
    still = _facing(tooth + distance * away, tooth, rng.uniform(0, 2 * np.pi))
    # One unit of hand movement is about one pixel of shift, in mm and radians of the camera's own axes.
    step = distance / focal
    unit = np.array([step, step, 0.7 * step, 0.0006, 0.0006, 0.0016, 0, 0])
    fps = draw_fps(rng)
    path = draw_trajectory(rng, options.frames / fps, unit)
    for _ in range(3):
        eyes = _eyes(path, fps, options.frames, still, focal, size)
        path = replace(path, gain=path.gain * mean_flow / max(_mean_flow(eyes, distance), 1e-6))
    return Flight(_eyes(path, fps, options.frames, still, focal, size), fps)


def _facing(position: NDArray[np.float64], target: NDArray[np.float64], roll: float) -> NDArray[np.float64]:
    """(4, 4) eye_from_world of a camera at `position` that looks at `target`."""
    back = position - target
    back = back / np.linalg.norm(back)
    up = np.array([0, 0, 1.0]) if abs(back[1]) > 0.7 else np.array([0, 1.0, 0])
    right = np.cross(up, back)
    right = right / np.linalg.norm(right)
    turn = np.array([[np.cos(roll), np.sin(roll), 0], [-np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    rotation = turn @ np.stack([right, np.cross(back, right), back])
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation, -rotation @ position
    return matrix


def _eyes(
    path: Trajectory, fps: float, frames: int, still: NDArray[np.float64], focal: float, size: tuple[int, int]
) -> list[Eye]:
    poses = path.at(np.arange(frames) / fps)
    poses = poses - poses[frames // 2]
    return [Eye(_moved(pose) @ still, focal, size) for pose in poses]


def _moved(pose: Poses) -> NDArray[np.float64]:
    """(4, 4) of a shift (mm) and a turn (rad) in the camera's own axes."""
    assert len(pose) == POSE
    rotation, _ = cv2.Rodrigues(np.asarray(0.5 * np.tanh(pose[3:6] / 0.5), np.float64))
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation, 5 * np.tanh(pose[:3] / 5)
    return matrix


def _mean_flow(eyes: list[Eye], distance: float) -> float:
    """Mean |flow| of a plane at the target's distance."""
    height, width = eyes[0].size
    rows, columns = np.linspace(0, height - 1, 5).astype(int), np.linspace(0, width - 1, 5).astype(int)
    lengths = []
    for now, before in zip(eyes[1:], eyes[:-1], strict=True):
        points = now.unproject(np.full(now.size, distance))[rows][:, columns]
        lengths.append(np.linalg.norm(before.project(points)[0] - now.project(points)[0], axis=-1).mean())
    return float(np.mean(lengths))


def _film(arch: Arch, flight: Flight, look_of_it: Look, shutter: float) -> Scene:
    surfaces = [look(arch, eye) for eye in flight.eyes]
    fine = [shade(look(arch, eye.enlarged(SUPERSAMPLE)), eye, look_of_it) for eye in flight.eyes]
    size = flight.eyes[0].size
    pictures = [cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA) for picture in fine]
    table = _exposure(pictures[len(pictures) // 2])
    scene = Scene([], [], [], [], [])
    for k, picture in enumerate(pictures):
        clean = np.asarray(cv2.LUT(picture, table), np.uint8)
        flow, seen = _flow(surfaces, flight.eyes, k)
        scene.clean.append(clean)
        scene.tooth.append(surfaces[k].is_tooth.astype(np.uint8))
        scene.flow.append(flow)
        scene.visible.append(seen)
        # The first frame has no flow of its own: it borrows that of the second, which is nearly the same motion.
        motion = flow if k > 0 or len(pictures) < 2 else _flow(surfaces, flight.eyes, 1)[0]
        scene.exposed.append(_smeared(LINEAR_OF_BYTE[clean], motion, shutter))
    return scene


def _exposure(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """One lookup table for the whole clip, from one of its frames."""
    first = exposure_table(picture)
    second = meter_table(np.asarray(cv2.LUT(picture, first), np.uint8))
    return np.asarray(cv2.LUT(first, second), np.uint8)


def _flow(surfaces: list[Surface], eyes: list[Eye], k: int) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Backward flow of frame k and where the previous frame saw the same point."""
    height, width = eyes[k].size
    if k == 0:
        return np.zeros((height, width, 2), np.float32), np.zeros((height, width), np.uint8)
    there, distance = eyes[k - 1].project(surfaces[k].points)
    there32 = there.astype(np.float32)
    before = surfaces[k - 1].distance
    met = cv2.remap(before, there32[..., 0], there32[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = (there >= 0).all(axis=-1) & (there[..., 0] <= width - 1) & (there[..., 1] <= height - 1)
    seen = inside & (np.abs(met - distance) < SEEN_TOLERANCE * distance)
    here = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1)
    return np.asarray(there - here, np.float32), seen.astype(np.uint8)


def _smeared(light: NDArray[np.float32], flow: NDArray[np.float32], shutter: float) -> NDArray[np.float32]:
    """Mean over the exposure, along the motion of each pixel."""
    count = int(np.clip(np.ceil(shutter * np.linalg.norm(flow, axis=-1).mean()), 1, 9))
    if count < 2:
        return light
    x = np.arange(light.shape[1], dtype=np.float32)[None, :]
    y = np.arange(light.shape[0], dtype=np.float32)[:, None]
    total = np.zeros_like(light)
    for part in np.linspace(-shutter / 2, shutter / 2, count + 1 - count % 2):
        shift = flow * np.float32(part)
        total += cv2.remap(light, x + shift[..., 0], y + shift[..., 1], 1, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(total / (count + 1 - count % 2), np.float32)
