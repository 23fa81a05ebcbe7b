"""MOSTNET+ Lite: encode, match with the last frame, correct colours, blend with the aligned past, find the teeth."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from models.configs import LiteConfig
from models.lite.colour import Colour
from models.lite.decoder import Decoder
from models.lite.encoder import Encoder, measure_light, normalise
from models.lite.flow import STRIDES, FlowCascade, MatchHeads
from models.network import Network
from models.outputs import Outputs, State
from models.warping import FourTimesFiner, cell_grid, sample, sample_rows


class LiteState(NamedTuple):
    """What the next frame needs of this one. All zeros means "no past"."""

    enhanced: Tensor  # (B, 3, H, W) the enhanced picture
    deep: Tensor  # (B, 8, H/32, W/32) matching features
    sixteenth: Tensor  # (B, 8, H/16, W/16) matching features
    eighth: Tensor  # (B, 8, H/8, W/8) matching features
    quarter: Tensor  # (B, 8, H/4, W/4) matching features
    motion: Tensor  # (B, 3, H/32, W/32) flow in cells, and 1 everywhere: there is a past
    hidden: Tensor  # (B, 16, H/4, W/4) recurrent features
    camera: Tensor  # (B, 6, H/16, W/16) the colour correction, as applied


class MostnetLite(Network):
    """The shipped network. Pictures are worked on pixel-unshuffled: 48 channels at a quarter of the resolution."""

    def __init__(self, config: LiteConfig) -> None:
        super().__init__(config.name, config.stride)
        self.config = config
        self.encoder = Encoder(config)
        self.match_heads = MatchHeads(config)
        self.flow = FlowCascade(config)
        self.colour = Colour(config)
        self.decoder = Decoder(config)
        self.full_size = FourTimesFiner()

    def seen(self, frame: Tensor) -> Tensor:
        """(B, H, W, 3), as cameras deliver it -> (B, 48, H/4, W/4), in one transposition."""
        batch, height, width, _ = frame.shape
        blocks = frame.reshape(batch, height // 4, 4, width // 4, 4, 3).permute(0, 5, 2, 4, 1, 3)
        return blocks.reshape(batch, 48, height // 4, width // 4)

    def initial_state(self, frame: Tensor) -> LiteState:
        """The state before the first frame, for frames like (B, 3, H, W)."""
        batch, _, height, width = frame.shape
        match = self.config.match + 3
        shapes = (
            (3, 1), (match, 32), (match, 16), (match, 8), (match, 4), (3, 32), (self.config.hidden, 4), (6, 16)
        )  # fmt: skip
        return LiteState(*(frame.new_zeros(batch, c, height // s, width // s) for c, s in shapes))

    def state_meanings(self) -> tuple[str, ...]:
        """A few words on each tensor of the state."""
        return (
            "the enhanced picture",
            *(f"matching features at 1/{stride}" for stride in STRIDES),
            "flow at 1/32 in its cells, and 1 where there is a past",
            "recurrent features",
            "log gain and lift of the colour correction",
        )

    def forward(self, frame: Tensor, state: State) -> tuple[Outputs, State]:
        """(B, 3, H, W) in 0..1 and the state of the frame before -> outputs, and the state for the frame after."""
        return self.step(functional.pixel_unshuffle(frame, 4), state)

    def step(self, picture: Tensor, state: State) -> tuple[Outputs, State]:
        """The same on a pixel-unshuffled picture (B, 48, H/4, W/4).

        The light is measured and positions are kept in float32 even where the network is in half precision.
        """
        state = LiteState(*state)
        dtype = state.hidden.dtype
        light = measure_light(picture.float())
        normalised = normalise(picture.float(), light)
        features = self.encoder(normalised.to(dtype))
        matchable = self.match_heads(features, light.blocks)
        past = state.motion[:, 2:].mean((2, 3), keepdim=True)
        before = (state.deep, state.sixteenth, state.eighth, state.quarter)
        flow = self.flow(matchable, before, state.motion[:, :2], past)

        coloured, camera = self.colour(normalised, features, light, state.camera * past, past)
        coloured = coloured.to(dtype)
        change = (self._aligned(state.enhanced, flow.positions) - coloured) * past
        hidden = sample(state.hidden, flow.positions)
        doubt = torch.cat([flow.log_scale * past, past.expand_as(flow.log_scale)], 1)
        decoded = self.decoder(features, change, hidden, doubt)

        enhanced = functional.pixel_shuffle(coloured + blended(decoded.blend, change) + decoded.detail, 4)
        prior = functional.avg_pool2d(flow.levels[-1].pixels, 8) / 32.0
        motion = torch.cat([prior.to(dtype), torch.ones_like(state.motion[:, 2:])], 1)
        outputs = Outputs(enhanced, flow.levels, flow.log_scale, (decoded.coarse_tooth, decoded.tooth))
        deep, sixteenth, eighth, quarter = matchable
        kept = enhanced.clamp(0.0, 1.0)
        after = LiteState(kept, deep, sixteenth, eighth, quarter, motion, decoded.hidden, camera.to(dtype))
        return outputs, after

    def _aligned(self, enhanced: Tensor, positions: Tensor) -> Tensor:
        """The previous picture (B, 3, H, W) seen from now, pixel-unshuffled: sampled at full resolution, so sharp."""
        full = self.full_size(positions - cell_grid(positions))
        return functional.pixel_unshuffle(sample_rows(enhanced, full), 4)


def blended(share: Tensor, change: Tensor) -> Tensor:
    """Each pixel's share (B, 16, h, w) of the change (B, 48, h, w), the same for its three colours."""
    batch, pixels, height, width = share.shape
    coloured = change.reshape(batch, 3, pixels, height, width)
    return (share.unsqueeze(1) * coloured).reshape(batch, 3 * pixels, height, width)
