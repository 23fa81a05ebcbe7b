"""Photo sequences: a photo under a moving, faulty camera, with exact truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.camera import LINEAR_OF_BYTE, Camera, draw_camera
from models.data.conditions import CONDITIONS, TRAINING_MIX, Condition
from models.data.motion import draw_motion
from models.data.occluders import Occluder, draw_occluders
from models.data.photos import Photo, Still
from models.data.render import View, extent_of, make_views, sample, seen_before
from models.data.scene import World, photo_world, procedural_world
from models.data.water import Layer, draw_droplets, draw_film, draw_highlights, draw_spray
from models.data.window import UNKNOWN_TOOTH, Window

MIN_OCCLUDER_AREA, MAX_OCCLUDER_AREA = 0.006, 0.5


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


def photo_window(rng: np.random.Generator, photos: Sequence[Still], options: WindowOptions) -> Window:
    """Draw one window. The same generator state, photos and options give the same window."""
    is_texture = bool(rng.random() < options.procedural)
    return conditioned_window(rng, photos, options, draw_condition(rng, options.condition), is_texture)


def conditioned_window(
    rng: np.random.Generator,
    photos: Sequence[Still],
    options: WindowOptions,
    condition: Condition,
    is_texture: bool = False,
) -> Window:
    """Draw one window under a given condition, of one of the photos or of a procedural texture."""
    size = (options.height, options.width)
    motion = draw_motion(rng, options.frames, draw_mean_flow(rng, condition), size)
    extent = extent_of(motion, size)
    if is_texture:
        world, subject = procedural_world(rng, extent), "texture"
    else:
        photo = _draw_photo(rng, photos)
        world, subject = photo_world(rng, photo, extent), photo.name
    camera = draw_camera(rng, condition, size, options.frames)
    occluders = draw_tools(rng, condition, options, motion.fps, has_blobs=is_texture)
    scene = _expose(world, make_views(world, motion, size, camera.shutter))
    add_tools(scene, occluders)
    return spoil(rng, scene, camera, condition, f"{subject}/{condition.name}")


def draw_condition(rng: np.random.Generator, name: str) -> Condition:
    """The condition of that name, or one drawn by the training mix."""
    if name:
        return CONDITIONS[name]
    names, weights = list(TRAINING_MIX), np.array(list(TRAINING_MIX.values()))
    return CONDITIONS[names[rng.choice(len(names), p=weights / weights.sum())]]


def draw_mean_flow(rng: np.random.Generator, condition: Condition) -> float:
    """Pixels a frame, log-uniform in the condition's range."""
    return float(np.exp(rng.uniform(*np.log(condition.mean_flow))))


def _draw_photo(rng: np.random.Generator, photos: Sequence[Still]) -> Photo:
    weights = np.array([photo.weight for photo in photos])
    return photos[rng.choice(len(photos), p=weights / weights.sum())].read()


def draw_tools(
    rng: np.random.Generator, condition: Condition, options: WindowOptions, fps: float, has_blobs: bool = False
) -> list[Occluder]:
    """The tools that the condition brings into the picture, unless they would hide half of it."""
    kinds: list[str] = []
    if rng.random() < condition.other_tool:
        kinds.append(str(rng.choice(["mirror", "suction"])))
    if rng.random() < condition.handpiece:
        kinds += [["handpiece"], ["bur"], ["bur", "handpiece"]][rng.integers(0, 3)]
    if has_blobs and rng.random() < 0.5:
        kinds.append("blob")
    occluders = draw_occluders(rng, (options.height, options.width), options.frames, fps, tuple(kinds))
    return [o for o in occluders if MIN_OCCLUDER_AREA < o.alpha.mean() < MAX_OCCLUDER_AREA]


def _expose(world: World, views: list[View]) -> Scene:
    linear = LINEAR_OF_BYTE[world.pixels]
    scene = Scene([], [], [], [], [])
    for view in views:
        clean = np.asarray(sample(world.pixels, view.lookup, world, cv2.INTER_CUBIC), np.uint8)
        scene.clean.append(clean)
        scene.tooth.append(np.asarray(sample(world.tooth, view.lookup, world, cv2.INTER_NEAREST), np.uint8))
        scene.exposed.append(_over_exposure(linear, view, world) if len(view.samples) > 1 else LINEAR_OF_BYTE[clean])
        scene.flow.append(view.flow)
        scene.visible.append(seen_before(view.flow).astype(np.uint8) * (len(scene.clean) > 1))
    return scene


def add_tools(scene: Scene, occluders: list[Occluder]) -> None:
    """Lay the tools over the scene, in place: colours, flow of their own, never tooth, what they hide or uncover."""
    if not occluders:
        return
    owner_before: NDArray[np.uint8] | None = None
    for k, tooth in enumerate(scene.tooth):
        owner = np.zeros(tooth.shape, np.uint8)
        for number, occluder in enumerate(occluders, start=1):
            pixels, alpha = occluder.at(k)
            a = alpha[..., None]
            blend = scene.clean[k] + a * (pixels.astype(np.float32) - scene.clean[k])
            scene.clean[k] = (blend + 0.5).astype(np.uint8)
            scene.exposed[k] = scene.exposed[k] + a * (LINEAR_OF_BYTE[pixels] - scene.exposed[k])
            solid = alpha > 0.5
            owner[solid] = number
            scene.visible[k][solid] = k > 0
            scene.flow[k] = np.where(solid[..., None], occluder.flow(k), scene.flow[k])
        if (tooth != UNKNOWN_TOOTH).any():
            scene.tooth[k] = np.where(owner > 0, 0, tooth).astype(np.uint8)
        if owner_before is not None:
            scene.visible[k] &= _leads_to_same(scene.flow[k], owner, owner_before)
        owner_before = owner


def _over_exposure(linear: NDArray[np.float32], view: View, world: World) -> NDArray[np.float32]:
    """Mean light over the exposure."""
    total = np.zeros((*view.lookup.shape[:2], 3), np.float32)
    for lookup in view.samples:
        total += np.asarray(sample(linear, lookup, world, cv2.INTER_LINEAR), np.float32)
    return np.asarray(total / len(view.samples), np.float32)


def _leads_to_same(
    flow: NDArray[np.float32], owner: NDArray[np.uint8], owner_before: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """1 where the flow leads inside the previous picture and on to the same thing."""
    height, width = owner.shape
    x = np.arange(width, dtype=np.float32)[None, :] + flow[..., 0]
    y = np.arange(height, dtype=np.float32)[:, None] + flow[..., 1]
    met = cv2.remap(owner_before, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen_before(flow) & (met == owner), np.uint8)


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
