"""Painted mouths are kept on disk: the second start of the demo need not paint for a second or two."""

from __future__ import annotations

import contextlib
import hashlib
import os
from importlib import metadata
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from engine.capture.demo.scene import Scene

MOST_KEPT = 4  # about 17 MB each at 640 pixels
FIELDS = ("pixels", "tooth", "waypoints", "view_px", "start", "recession", "crowns", "depths")


def kept_or_painted(seed: int, camera_width_px: int, folder: Path) -> Scene:
    """The scene of `Scene.paint`, from `folder` if this very program painted it before. A full disk is no error."""
    path = folder / f"mouth-{seed}-{camera_width_px}-{_painter()}.npz"
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError, BadZipFile):
        return _load(path, seed)
    scene = Scene.paint(seed, camera_width_px)
    with contextlib.suppress(OSError):
        _keep(scene, path)
    return scene


def _load(path: Path, seed: int) -> Scene:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
        pixels, tooth, waypoints, view_px, start, recession, crowns, depths = (kept[name] for name in FIELDS)
    scene = Scene(pixels, tooth, waypoints, float(view_px), f"mouth:{seed}", int(start), float(recession))
    vars(scene).update(crowns=crowns, depths=depths)  # where their cached properties keep them: half a second more
    return scene


def _keep(scene: Scene, path: Path) -> None:
    """The whole file or none; the oldest go."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.stem}.{os.getpid()}.new.npz")
    np.savez(
        draft,
        pixels=scene.pixels,
        tooth=scene.tooth,
        waypoints=scene.waypoints,
        view_px=scene.view_px,
        start=scene.start,
        recession=scene.recession,
        crowns=scene.crowns,
        depths=scene.depths,
    )
    draft.replace(path)
    kept = sorted(path.parent.glob("mouth-*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
    for old in kept[MOST_KEPT:]:
        old.unlink(missing_ok=True)


def _painter() -> str:
    """Tells one version of the painting code from another: the installed version, and the code where it is readable."""
    digest = hashlib.sha256()
    with contextlib.suppress(metadata.PackageNotFoundError):
        digest.update(metadata.version("steadyscope").encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
