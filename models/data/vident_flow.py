"""Makes the flow labels of Vident-real once: an optical-flow network run both ways over the clean frames."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import SourceError
from models.data.vident import Sequence, label_path

GRID = 2  # labels are kept on every second pixel: a quarter of the disk, and flow is smooth
AGREES_PX, AGREES_SHARE = 0.5, 0.01  # forward and backward flow cancel within 0.5 px plus 1 % of their length
Flow = NDArray[np.float32]


class Labeller(Protocol):
    """Dense flow between two pictures."""

    def __call__(self, current: NDArray[np.uint8], other: NDArray[np.uint8]) -> Flow:
        """(H, W, 3) RGB twice -> (H, W, 2) px, current -> other."""
        ...


class Raft:
    """torchvision's RAFT with its published weights, fetched on first use, or with weights from a file."""

    def __init__(self, device: str, weights: Path | None = None) -> None:
        try:
            import torch
            from torchvision.models.optical_flow import Raft_Large_Weights, raft_large
        except (ImportError, RuntimeError) as error:  # RuntimeError: torch and torchvision of different builds
            raise SourceError(
                "RAFT needs torchvision in the same build (CPU or CUDA) as torch, which is not installed here.",
                "Install it: pip install 'steadyscope[vident]', or use --method dis.",
            ) from error
        self._torch, self._device = torch, device
        network = raft_large(weights=None if weights else Raft_Large_Weights.DEFAULT, progress=False)
        if weights is not None:
            network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
        self._network = network.eval().to(device)

    def __call__(self, current: NDArray[np.uint8], other: NDArray[np.uint8]) -> Flow:
        """Both sides padded to multiples of eight by repeating the rim."""
        height, width = current.shape[:2]
        pair = [
            cv2.copyMakeBorder(picture, 0, -height % 8, 0, -width % 8, cv2.BORDER_REPLICATE)
            for picture in (current, other)
        ]
        first, second = (
            self._torch.from_numpy(picture).permute(2, 0, 1)[None].float().to(self._device) / 127.5 - 1
            for picture in pair
        )
        with self._torch.inference_mode():
            flow = self._network(first, second)[-1][0]
        return np.asarray(flow.permute(1, 2, 0).cpu().numpy()[:height, :width], np.float32)


class Dis:
    """OpenCV's dense inverse search: coarser labels where no GPU is at hand."""

    def __init__(self) -> None:
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def __call__(self, current: NDArray[np.uint8], other: NDArray[np.uint8]) -> Flow:
        """On the grey pictures."""
        grey = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (current, other)]
        return np.asarray(self._dis.calc(grey[0], grey[1], None), np.float32)


def label_sequence(sequence: Sequence, stride: int, labeller: Labeller, progress: Callable[[Path], None]) -> None:
    """Write the labels that are not there yet; each file appears whole."""
    for number in sequence.numbers:
        path = label_path(sequence, number, stride)
        if number - stride not in sequence.paths["GT"] or path.exists():
            continue
        current, previous = (_picture(sequence.paths["GT"][n]) for n in (number, number - stride))
        backward, forward = labeller(current, previous), labeller(previous, current)
        path.parent.mkdir(exist_ok=True)
        scratch = path.with_suffix(".unfinished.npz")
        height, width = backward.shape[:2]
        small = cv2.resize(backward, (width // GRID, height // GRID), interpolation=cv2.INTER_AREA)
        holds = agrees(backward, forward)[::GRID, ::GRID]
        np.savez_compressed(scratch, flow=small.astype(np.float16), holds=holds)
        scratch.rename(path)
        progress(path)


def agrees(backward: Flow, forward: Flow) -> NDArray[np.bool_]:
    """(H, W) where following the backward flow and then the forward flow leads back: no occlusion, no gross error."""
    height, width = backward.shape[:2]
    x = np.arange(width, dtype=np.float32)[None, :] + backward[..., 0]
    y = np.arange(height, dtype=np.float32)[:, None] + backward[..., 1]
    back = cv2.remap(forward, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    length = np.linalg.norm(backward, axis=-1) + np.linalg.norm(back, axis=-1)
    return np.asarray(np.linalg.norm(backward + back, axis=-1) < AGREES_PX + AGREES_SHARE * length)


def _picture(path: Path) -> NDArray[np.uint8]:
    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if bgr is None:
        raise SourceError(f"The frame {path} cannot be decoded.", "Fetch the data set again.")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
