"""MOSTNET+ as published, in streaming form: each frame is encoded once, the state carries the rest."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from models.configs import PaperConfig
from models.mostnet.alignment import Alignment
from models.mostnet.decoder import DecoderScale
from models.mostnet.encoder import Encoder, Scales, resized
from models.mostnet.flow import FlowModule, View
from models.mostnet.heads import EnhancementHead, ToothHead
from models.network import NO_IDEA, Network
from models.outputs import FlowLevel, Outputs, State
from models.warping import cell_grid, sample


class PaperState(NamedTuple):
    """What the next frame needs of this one. All zeros means "no past"."""

    full: Tensor  # (B, 32, H, W) encoder features
    half: Tensor  # (B, 64, H/2, W/2) encoder features
    quarter: Tensor  # (B, 128, H/4, W/4) encoder features
    view_quarter: Tensor  # (B, 6, H/4, W/4) restored frame, tooth logits, and 1 everywhere: there is a past
    view_half: Tensor | None = None  # (B, 5, H/2, W/2) restored frame and tooth logits; DW alone has it


class Scale(nn.Module):
    """The boxes of one scale after the encoder."""

    flow: FlowModule | None

    def __init__(self, config: PaperConfig, index: int) -> None:
        super().__init__()
        channels = config.channels[index]
        below = None if index == 2 else config.channels[index + 1]
        level = 2 - index
        self.alignment = Alignment(channels)
        self.decoder = DecoderScale(channels, config.decoder_blocks, below)
        self.enhancement = EnhancementHead(channels)
        self.tooth = ToothHead(channels, refines=below is not None)
        self.flow = FlowModule(channels, config.flow[level]) if level < len(config.flow) else None


class Found(NamedTuple):
    """What a scale hands to the next finer one, and to the outputs."""

    decoded: Tensor  # (B, C, h, w)
    restored: Tensor  # (B, 3, h, w)
    tooth: Tensor  # (B, 2, h, w) logits
    flow: Tensor  # (B, 2, h, w) current -> previous, in pixels of this scale
    log_scale: Tensor  # (B, 1, h, w) of the flow's error


class Mostnet(Network):
    """SW and DW: encoder, then the three scales from coarse to fine."""

    def __init__(self, config: PaperConfig) -> None:
        super().__init__(config.name, config.stride)
        self.config = config
        self.encoder = Encoder(config)
        self.scales = nn.ModuleList(Scale(config, index) for index in range(3))

    def forward(self, frame: Tensor, state: State) -> tuple[Outputs, State]:
        """(B, 3, H, W) in 0..1 and the state of the frame before -> outputs, and the state for the frame after."""
        return self.step(frame, state)

    def step(self, picture: Tensor, state: State) -> tuple[Outputs, State]:
        """The same: this network takes the frame as it is."""
        before = PaperState(*state)
        frame = picture.to(before.quarter.dtype)
        past = before.view_quarter[:, 5:].mean((2, 3), keepdim=True)
        features = self.encoder(frame)
        medium = None if before.view_half is None else _view(before.half, before.view_half)
        views = (None, medium, _view(before.quarter, before.view_quarter))
        found: list[Found] = []
        for index in (2, 1, 0):
            coarser = found[-1] if found else None
            found.append(self._scale(index, features, before, views[index], frame, coarser, past))
        return self._outputs(found, past), self._state(features, found, before)

    def _scale(
        self, index: int, features: Scales, before: PaperState, view: View | None, frame: Tensor, coarser: Found | None,
        past: Tensor,
    ) -> Found:  # fmt: skip
        """Align, decode, restore, find teeth, and refine the flow where this scale has a module for it."""
        scale = self.scales[index]
        assert isinstance(scale, Scale)
        current, previous = features[index], (before.full, before.half, before.quarter)[index]
        here = resized(frame, 1.0 / 2**index)
        if coarser is None:
            decoded = scale.decoder(scale.alignment(current, previous))
            restored, tooth = scale.enhancement(decoded, here), scale.tooth(decoded)
            flow, log_scale = torch.zeros_like(tooth), torch.zeros_like(tooth[:, :1])
        else:
            flow, log_scale = resized(coarser.flow, 2.0) * 2.0, resized(coarser.log_scale, 2.0)
            aligned = scale.alignment(current, sample(previous, cell_grid(flow) + flow.float()))
            decoded = scale.decoder(aligned, coarser.decoded)
            restored = scale.enhancement(decoded, here)
            tooth = scale.tooth(decoded, resized(coarser.tooth, 2.0), flow)
        if scale.flow is not None and view is not None:
            residual, log_scale = scale.flow(View(current, restored, tooth), view)
            flow = (flow + residual) * past
        return Found(decoded, restored, tooth, flow, log_scale)

    def _outputs(self, found: list[Found], past: Tensor) -> Outputs:
        levels = tuple(
            FlowLevel(stride, item.flow.float() * float(stride))
            for item, stride, _ in zip(found, (4, 2, 1), self.config.flow, strict=False)
        )
        scale = found[len(self.config.flow) - 1].log_scale.float()
        return Outputs(
            enhanced=found[-1].restored,
            flow=levels,
            log_scale=scale * past + NO_IDEA * (1.0 - past),
            tooth=tuple(item.tooth[:, 1:] - item.tooth[:, :1] for item in found),
            coarse_enhanced=tuple(item.restored for item in found[:-1]),
        )

    def _state(self, features: Scales, found: list[Found], before: PaperState) -> State:
        lowest, medium, _ = found
        marked = [lowest.restored, lowest.tooth, torch.ones_like(before.view_quarter[:, 5:])]
        after = (*features, torch.cat(marked, 1))
        return after if before.view_half is None else (*after, torch.cat([medium.restored, medium.tooth], 1))

    def initial_state(self, frame: Tensor) -> State:
        """The state before the first frame, for frames like (B, 3, H, W)."""
        batch, _, height, width = frame.shape
        full, half, quarter = self.config.channels
        shapes = ((full, 1), (half, 2), (quarter, 4), (6, 4), (5, 2))[: 3 + len(self.config.flow)]
        return tuple(frame.new_zeros(batch, c, height // s, width // s) for c, s in shapes)

    def state_meanings(self) -> tuple[str, ...]:
        """A few words on each tensor of the state."""
        features = tuple(f"encoder features at 1/{stride}" for stride in (1, 2, 4))
        views = ("restored frame, tooth logits, 1 where there is a past", "restored frame, tooth logits")
        return (*features, *views[: len(self.config.flow)])

    def seen(self, frame: Tensor) -> Tensor:
        """(B, H, W, 3), as cameras deliver it -> (B, 3, H, W)."""
        return frame.permute(0, 3, 1, 2)


def _view(features: Tensor, kept: Tensor) -> View:
    return View(features, kept[:, :3], kept[:, 3:5])


class TwoFrames(nn.Module):
    """The paper's form: two frames in, the second one's outputs out. A thin wrapper over the step."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, previous: Tensor, current: Tensor) -> Outputs:
        """(B, 3, H, W) twice -> the outputs for `current`."""
        _, state = self.network(previous, self.network.initial_state(previous))
        outputs: Outputs = self.network(current, state)[0]
        return outputs
