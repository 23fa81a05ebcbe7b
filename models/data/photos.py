"""The folders of still photos: which are there, which split they are in, and their pixels brought to one exposure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import SourceError
from models.data.exposure import even_exposure

TUNE_EVERY = 12  # every 12th photo of `train`, by name, is held back for choosing hyper-parameters
SPLITS = ("train", "tune", "val")


@dataclass(frozen=True, slots=True)
class Photo:
    """A decoded photo."""

    pixels: NDArray[np.uint8]  # (H, W, 3) RGB, exposure evened out
    instances: NDArray[np.uint8] | None  # (H, W) tooth-instance id, 0 = not a tooth; None = never labelled
    name: str


class Still(Protocol):
    """A photo that can be had."""

    @property
    def weight(self) -> float: ...  # how often it is drawn
    def read(self) -> Photo: ...


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """One photo on disk and how often it is drawn."""

    path: Path
    has_mask: bool
    weight: float

    def read(self) -> Photo:
        """Decode it and even out its exposure."""
        return read_photo(self)


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
