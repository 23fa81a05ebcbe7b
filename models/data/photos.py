"""The folders of still photos: which are there, which split they are in, and their pixels brought to one exposure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import SourceError

TUNE_EVERY = 12  # every 12th photo of `train`, by name, is held back for choosing hyper-parameters
SPLITS = ("train", "tune", "val")
WHITE_LEVEL = 0.80  # the luminance (0..1, sRGB) that the 92nd percentile of a photo is brought to
NEUTRAL_TOOTH = (1.075, 1.005, 0.92)  # red, green, blue of the bright parts over their mean, averaged over the photos


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """One photo on disk and how often it is drawn."""

    path: Path
    has_mask: bool
    weight: float


@dataclass(frozen=True, slots=True)
class Photo:
    """A decoded photo."""

    pixels: NDArray[np.uint8]  # (H, W, 3) RGB, exposure evened out
    instances: NDArray[np.uint8] | None  # (H, W) tooth-instance id, 0 = not a tooth; None = never labelled
    name: str


def list_photos(data: Path, split: str) -> list[PhotoFile]:
    """The photos of one split below `data` (dental-photos with masks, clinical-photos without), sorted by name."""
    files = _list_folder(data / "dental-photos", split) + _list_folder(data / "clinical-photos", split)
    if not files:
        raise SourceError(
            f"There are no photos of the split '{split}' below {data}.",
            "Give the folder that holds dental-photos/{train,val} with pairs of N.jpg and N.png.",
        )
    return files


def _list_folder(folder: Path, split: str) -> list[PhotoFile]:
    on_disk = "val" if split == "val" else "train"
    paths = sorted((folder / on_disk).glob("*.jpg"))
    if split != "val":
        paths = [path for k, path in enumerate(paths) if (k % TUNE_EVERY == TUNE_EVERY - 1) == (split == "tune")]
    return [_describe(path) for path in paths]


def _describe(path: Path) -> PhotoFile:
    mask_path = path.with_suffix(".png")
    if not mask_path.exists():
        return PhotoFile(path, has_mask=False, weight=1.0)
    mask = cv2.imread(str(mask_path), cv2.IMREAD_REDUCED_GRAYSCALE_4)
    fraction = 0.0 if mask is None else float((mask > 0).mean())
    return PhotoFile(path, has_mask=True, weight=2.5 if fraction >= 0.35 else 1.0)


def read_photo(file: PhotoFile) -> Photo:
    """Decode one photo and even out its exposure."""
    bgr = cv2.imread(str(file.path), cv2.IMREAD_COLOR)
    if bgr is None:
        raise SourceError(f"The photo {file.path} cannot be decoded.", "Replace it or take it out of the folder.")
    instances = None
    if file.has_mask:
        instances = cv2.imread(str(file.path.with_suffix(".png")), cv2.IMREAD_GRAYSCALE)
        if instances is None or instances.shape != bgr.shape[:2]:
            raise SourceError(
                f"The mask beside {file.path} does not fit it.", "Make the mask again at the photo's size."
            )
    return Photo(even_exposure(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)), instances, file.path.stem)


def even_exposure(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """One brightness for all photos and half-way to one white balance, so that "well exposed" means one thing."""
    return np.asarray(cv2.LUT(pixels, exposure_table(pixels)), np.uint8)


def exposure_table(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(1, 256, 3) lookup table that evens out this picture's exposure.

    Without it the target of the enhancement is a matter of luck: the photographers' exposures differ by a stop. The
    white balance moves only half-way, and at most 8 %, because the colour of a tooth is a finding, not a fault.
    """
    small = cv2.resize(pixels, (160, 160), interpolation=cv2.INTER_AREA).reshape(-1, 3).astype(np.float32) / 255
    luminance = small @ np.array([0.299, 0.587, 0.114], np.float32)
    level = float(np.percentile(luminance, 92))
    bright = small[luminance >= np.percentile(luminance, 80)].mean(axis=0)
    balance = np.clip(np.array(NEUTRAL_TOOTH) / (bright / bright.mean()), 0.85, 1.18) ** 0.5
    balance = np.clip(balance, 0.92, 1.08)
    exponent = np.clip(np.log(WHITE_LEVEL) / np.log(min(max(level, 0.2), 0.97)), 0.6, 1.8)
    ramp = (np.arange(256) / 255)[:, None] ** exponent * balance
    table = np.clip(np.where(ramp > 0.9, 0.9 + 0.1 * np.tanh((ramp - 0.9) / 0.1), ramp) * 255, 0, 255)
    return np.asarray(table.astype(np.uint8)[None])
