"""Peers that well-kept libraries hold: RAFT from torchvision, UNet++ and DeepLabv3+ from segmentation-models-pytorch.

The libraries live in an environment of their own (`make compare` makes it), because torchvision wants another build of
torch. They are imported when asked for, never before.
"""

from __future__ import annotations

import importlib
from typing import Any

from torch import nn

from engine.errors import ModelError


def raft() -> nn.Module:
    """RAFT (large): two frames in -1..1 -> flow after each of its twelve iterations."""
    module: nn.Module = _library("torchvision.models.optical_flow").raft_large(weights=None)
    return module


def unet_plus_plus() -> nn.Module:
    """UNet++ over a ResNet-50: a frame -> two logits."""
    library = _library("segmentation_models_pytorch")
    module: nn.Module = library.UnetPlusPlus("resnet50", encoder_weights=None, classes=2)
    return module


def deeplab() -> nn.Module:
    """DeepLabv3+ over a ResNet-50: a frame -> two logits."""
    library = _library("segmentation_models_pytorch")
    module: nn.Module = library.DeepLabV3Plus("resnet50", encoder_weights=None, classes=2)
    return module


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise ModelError(f"{name.partition('.')[0]} is not installed here.", "Run `make compare`.") from None
