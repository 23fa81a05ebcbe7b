"""Vident-real (doi 10.34808/vjnh-9c35): real dental video as windows, for whoever holds it.

Layout: `ROOT/{train,val,test}/<id>/{input,GT,masks}/<n>.png`, frames numbered by whole numbers, masks over 125 = tooth.
A flat `ROOT/<id>/...` is split 65 / 10 / 25 by sequence. Flow labels are made once (`models data vident-flow`) and lie
beside the frames in `<id>/flow-STRIDE/<n>.npz`, on half the grid.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import SourceError
from models.data.render import seen_before
from models.data.window import Window

SPLITS = ("train", "val", "test")
SHARES = (0.65, 0.10, 0.25)
TOOTH_ABOVE = 125
LONGEST_FLOW_PX = 150.0  # longer labels are failures of the labelling network
PICTURES = (".png", ".jpg", ".jpeg")
LAYOUT_HELP = "Expected ROOT/{train,val,test}/<id>/{input,GT,masks}/<n>.png."


@dataclass(frozen=True, slots=True)
class Sequence:
    """One video: the numbers of the frames that have input, clean picture and mask."""

    folder: Path
    numbers: tuple[int, ...]
    paths: dict[str, dict[int, Path]]  # "input", "GT", "masks" -> number -> file


def is_vident(folder: Path) -> bool:
    """Whether `folder` is `ROOT/SPLIT` of a Vident-real tree."""
    return folder.name in SPLITS and any(folder.parent.glob("**/GT"))


def list_sequences(root: Path, split: str) -> list[Sequence]:
    """The videos of a split, by name."""
    folders = _folders(root / split) if (root / split).is_dir() else _share(_folders(root), split)
    found = [_read_sequence(folder) for folder in folders]
    if not found:
        raise SourceError(f"There is no sequence of the split '{split}' below {root}.", LAYOUT_HELP)
    return found


def _folders(parent: Path) -> list[Path]:
    return sorted(path.parent for path in parent.glob("*/GT") if path.is_dir())


def _share(folders: list[Path], split: str) -> list[Path]:
    order = np.random.default_rng(0).permutation(len(folders))
    ends = np.round(np.cumsum((0, *SHARES)) * len(folders)).astype(int)
    place = SPLITS.index(split)
    return sorted(folders[k] for k in order[ends[place] : ends[place + 1]])


def _read_sequence(folder: Path) -> Sequence:
    paths: dict[str, dict[int, Path]] = {}
    for kind in ("input", "GT", "masks"):
        files = [path for path in (folder / kind).glob("*") if path.suffix.lower() in PICTURES and path.stem.isdigit()]
        paths[kind] = {int(path.stem): path for path in files}
    numbers = sorted(set.intersection(*(set(files) for files in paths.values())))
    if not numbers:
        raise SourceError(f"{folder} has no frame with input, GT and mask.", LAYOUT_HELP)
    return Sequence(folder, tuple(numbers), paths)


def label_path(sequence: Sequence, number: int, stride: int) -> Path:
    """Where the flow from frame `number` to frame `number - stride` lies."""
    return sequence.folder / f"flow-{stride}" / f"{number}.npz"


class VidentWindows:
    """Windows of `frames` frames, each `stride` apart; consecutive windows overlap by one frame."""

    def __init__(self, root: Path, split: str, frames: int = 5, stride: int = 1) -> None:
        self._frames, self._stride = frames, stride
        self._sequences = list_sequences(root, split)
        self._starts = [self._complete_starts(sequence) for sequence in self._sequences]
        self._ends = np.cumsum([len(starts) for starts in self._starts]).tolist()
        if not self._ends[-1]:
            raise SourceError(
                f"No window of {frames} frames with stride {stride} has flow labels below {root}/{split}.",
                f"Make them: python -m models data vident-flow --vident {root} --stride {stride}.",
            )

    def _complete_starts(self, sequence: Sequence) -> list[int]:
        there = set(sequence.numbers)
        step = max((self._frames - 1) * self._stride, 1)
        starts = []
        for first in range(sequence.numbers[0], sequence.numbers[-1] - step + 1, step):
            numbers = range(first, first + step + 1, self._stride)
            labels = [label_path(sequence, number, self._stride) for number in numbers[1:]]
            if there.issuperset(numbers) and all(path.exists() for path in labels):
                starts.append(first)
        return starts

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, index: int) -> Window:
        """The window, at the size of the video."""
        place = bisect_right(self._ends, index)
        if place == len(self._sequences):
            raise IndexError(index)
        sequence = self._sequences[place]
        first = self._starts[place][index - (self._ends[place - 1] if place else 0)]
        numbers = [first + k * self._stride for k in range(self._frames)]
        clean = np.stack([_read(sequence.paths["GT"][n]) for n in numbers])
        tooth = np.stack([(_read(sequence.paths["masks"][n])[..., 0] > TOOTH_ABOVE).astype(np.uint8) for n in numbers])
        flow = np.zeros((*tooth.shape, 2), np.float16)
        visible = np.zeros_like(tooth)
        for k in range(1, self._frames):
            flow[k], visible[k] = _read_label(label_path(sequence, numbers[k], self._stride), tooth.shape[1:])
        degraded = np.stack([_read(sequence.paths["input"][n]) for n in numbers])
        return Window(degraded, clean, flow, visible, tooth, f"vident-{sequence.folder.name}/{first}")


def open_vident(folder: Path, frames: int = 5, stride: int = 1) -> VidentWindows:
    """The windows of `ROOT/SPLIT`."""
    return VidentWindows(folder.parent, folder.name, frames, stride)


def _read(path: Path) -> NDArray[np.uint8]:
    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if bgr is None:
        raise SourceError(f"The frame {path} cannot be decoded.", "Fetch the data set again.")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def _read_label(path: Path, size: tuple[int, ...]) -> tuple[NDArray[np.float16], NDArray[np.uint8]]:
    """Flow (H, W, 2) px and where it holds (H, W), brought from the labels' grid to the frame's."""
    height, width = size
    with np.load(path) as label:
        coarse, holds = label["flow"].astype(np.float32), label["holds"].astype(np.uint8)
    flow = np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    held = cv2.resize(holds, (width, height), interpolation=cv2.INTER_NEAREST) > 0
    is_short = np.linalg.norm(flow, axis=-1) < LONGEST_FLOW_PX
    return flow.astype(np.float16), (held & is_short & seen_before(flow)).astype(np.uint8)
