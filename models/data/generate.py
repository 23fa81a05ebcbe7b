"""Photo sequences: a photo under a moving, faulty camera, with exact truth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.camera import LINEAR_OF_BYTE, Camera, draw_camera
from models.data.conditions import CONDITIONS, TRAINING_MIX, Condition
from models.data.motion import Motion, draw_motion
from models.data.occluders import Occluder, draw_occluders
from models.data.photos import Photo, PhotoFile, read_photo
from models.data.render import View, extent_of, make_views, sample, seen_before
from models.data.scene import World, photo_world, procedural_world
from models.data.water import Layer, draw_droplets, draw_film, draw_highlights, draw_spray
from models.data.window import UNKNOWN_TOOTH, Window

MIN_OCCLUDER_AREA, MAX_OCCLUDER_AREA = 0.02, 0.5


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """What a drawn window looks like."""

    frames: int = 5
    height: int = 256
    width: int = 256
    condition: str = ""  # one of CONDITIONS; empty draws one by TRAINING_MIX
    procedural: float = 0.08  # share of windows without a photo


@dataclass(frozen=True, slots=True)
class Scene:
    """The exact truth of a clip, before the camera spoils it."""

    clean: list[NDArray[np.uint8]]
    flow: list[NDArray[np.float32]]
    visible: list[NDArray[np.uint8]]
    tooth: list[NDArray[np.uint8]]
    exposed: list[NDArray[np.float32]]  # linear light over the exposure: the clean frame with motion blur


def photo_window(rng: np.random.Generator, photos: list[PhotoFile], options: WindowOptions) -> Window:
    """Draw one window. The same generator state, photos and options give the same window."""
    is_texture = bool(rng.random() < options.procedural)
    return conditioned_window(rng, photos, options, _draw_condition(rng, options.condition), is_texture)


def conditioned_window(
    rng: np.random.Generator,
    photos: list[PhotoFile],
    options: WindowOptions,
    condition: Condition,
    is_texture: bool = False,
) -> Window:
    """Draw one window under a given condition, of one of the photos or of a procedural texture."""
    size = (options.height, options.width)
    motion = draw_motion(rng, options.frames, _draw_mean_flow(rng, condition), size)
    extent = extent_of(motion, size)
    if is_texture:
        world, subject = procedural_world(rng, extent), "texture"
    else:
        photo = _draw_photo(rng, photos)
        world, subject = photo_world(rng, photo, extent), photo.name
    camera = draw_camera(rng, condition, size, options.frames)
    occluders = _draw_tools(rng, condition, size, motion, is_texture)
    scene = _expose(world, make_views(world, motion, size, camera.shutter), occluders)
    return spoil(rng, scene, camera, condition, f"{subject}/{condition.name}")


def _draw_condition(rng: np.random.Generator, name: str) -> Condition:
    if name:
        return CONDITIONS[name]
    names, weights = list(TRAINING_MIX), np.array(list(TRAINING_MIX.values()))
    return CONDITIONS[names[rng.choice(len(names), p=weights / weights.sum())]]


def _draw_mean_flow(rng: np.random.Generator, condition: Condition) -> float:
    return float(np.exp(rng.uniform(*np.log(condition.mean_flow))))


def _draw_photo(rng: np.random.Generator, photos: list[PhotoFile]) -> Photo:
    weights = np.array([photo.weight for photo in photos])
    return read_photo(photos[rng.choice(len(photos), p=weights / weights.sum())])


def _draw_tools(
    rng: np.random.Generator, condition: Condition, size: tuple[int, int], motion: Motion, is_texture: bool
) -> list[Occluder]:
    kinds: list[str] = []
    if rng.random() < condition.other_tool:
        kinds.append(str(rng.choice(["mirror", "suction"])))
    if rng.random() < condition.handpiece:
        kinds += [["handpiece"], ["bur"], ["bur", "handpiece"]][rng.integers(0, 3)]
    if is_texture and rng.random() < 0.5:
        kinds.append("blob")
    occluders = draw_occluders(rng, size, motion.frames, motion.fps, tuple(kinds))
    return [o for o in occluders if MIN_OCCLUDER_AREA * 0.3 < o.alpha.mean() < MAX_OCCLUDER_AREA]


def _expose(world: World, views: list[View], occluders: list[Occluder]) -> Scene:
    linear = LINEAR_OF_BYTE[world.pixels]
    scene = Scene([], [], [], [], [])
    covered_before: NDArray[np.uint8] | None = None
    for k, view in enumerate(views):
        clean = np.asarray(sample(world.pixels, view.lookup, world, cv2.INTER_CUBIC), np.uint8)
        tooth = np.asarray(sample(world.tooth, view.lookup, world, cv2.INTER_NEAREST), np.uint8)
        exposed = _over_exposure(linear, view, world) if len(view.samples) > 1 else LINEAR_OF_BYTE[clean]
        flow, owner = view.flow, np.zeros(tooth.shape, np.uint8)
        for number, occluder in enumerate(occluders, start=1):
            pixels, alpha = occluder.at(k)
            a = alpha[..., None]
            clean = (clean + a * (pixels.astype(np.float32) - clean) + 0.5).astype(np.uint8)
            exposed = exposed + a * (LINEAR_OF_BYTE[pixels] - exposed)
            solid = alpha > 0.5
            owner[solid] = number
            flow = np.where(solid[..., None], occluder.flow(k) if k > 0 else np.float32(0), flow)
        if tooth[0, 0] != UNKNOWN_TOOTH:
            tooth = np.where(owner > 0, 0, tooth).astype(np.uint8)
        scene.clean.append(clean)
        scene.exposed.append(exposed)
        scene.flow.append(np.asarray(flow, np.float32))
        scene.tooth.append(tooth)
        scene.visible.append(_visible(scene.flow[k], owner, covered_before))
        covered_before = owner
    return scene


def _over_exposure(linear: NDArray[np.float32], view: View, world: World) -> NDArray[np.float32]:
    """Mean light over the exposure."""
    total = np.zeros((*view.lookup.shape[:2], 3), np.float32)
    for lookup in view.samples:
        total += np.asarray(sample(linear, lookup, world, cv2.INTER_LINEAR), np.float32)
    return np.asarray(total / len(view.samples), np.float32)


def _visible(
    flow: NDArray[np.float32], owner: NDArray[np.uint8], owner_before: NDArray[np.uint8] | None
) -> NDArray[np.uint8]:
    """1 where the flow leads inside the previous picture and on to the same thing."""
    if owner_before is None:
        return np.zeros(owner.shape, np.uint8)
    inside = seen_before(flow)
    if not owner.any() and not owner_before.any():
        return inside.astype(np.uint8)
    height, width = owner.shape
    x = np.arange(width, dtype=np.float32)[None, :] + flow[..., 0]
    y = np.arange(height, dtype=np.float32)[:, None] + flow[..., 1]
    met = cv2.remap(owner_before, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(inside & (met == owner), np.uint8)


def spoil(rng: np.random.Generator, scene: Scene, camera: Camera, condition: Condition, name: str) -> Window:
    """Put the scene through water, lens, sensor and codec."""
    size, frames = scene.tooth[0].shape, len(scene.clean)
    shape = (size[0], size[1])
    strength = float(np.mean(condition.strength))
    layers: list[Layer] = []
    if rng.random() < condition.highlights:
        layers.append(draw_highlights(rng, shape))
    if rng.random() < condition.film:
        layers.append(draw_film(rng, shape, strength))
    if rng.random() < condition.spray:
        layers.append(draw_spray(rng, shape, frames, strength))
    if rng.random() < condition.droplets:
        layers.append(draw_droplets(rng, shape))
    degraded = []
    for k, light in enumerate(scene.exposed):
        for layer in layers:
            light = layer.apply(light, k)
        degraded.append(camera.develop(camera.lens(light, k), k, rng))
    return Window(
        degraded=np.stack(degraded),
        clean=np.stack(scene.clean),
        flow=np.stack(scene.flow).astype(np.float16),
        visible=np.stack(scene.visible),
        tooth=np.stack(scene.tooth),
        name=name,
    )
