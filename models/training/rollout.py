"""One training step's forward pass: the network over the frames of a window, and the loss of all of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.lite import matching
from models.lite.colour import Colour
from models.lite.flow import Double
from models.outputs import Outputs, State
from models.training import losses
from models.training.batches import Batch
from models.training.recipe import Recipe, Weights
from models.training.streams import Streams

TERMS = ("loss", "enhance", "edge", "steady", "age", "flow", "trust", "tooth", "epe", "psnr")
LEVEL_DECAY = 0.7
LOG_SHARE = 0.05  # of the log error beside the mean error of about a tenth
_AUTOCAST = {"bf16": torch.bfloat16, "fp16": torch.float16}


class Rollout(nn.Module):
    """Wraps a network so that one call gives the loss: what DistributedDataParallel needs to see."""

    def __init__(self, network: nn.Module, recipe: Recipe) -> None:
        super().__init__()
        self.network = network
        self.streams = Streams()
        self._recipe = recipe
        if recipe.precision != "fp32":
            keep_matching_single(network)

    def forward(self, batch: Batch, weights: Weights) -> Tensor:
        """Windows -> (len(TERMS),): the weighted loss first, then its terms, the flow error and the PSNR."""
        table = torch.stack(self._rows(batch, weights))  # (T, 9)
        means = torch.cat([table[:, :2].mean(0), table[1:, 2:6].mean(0), table[:, 6:7].mean(0)])
        weighted = torch.tensor(weights.as_row(), device=means.device)
        epe, psnr = table[1:, 7].mean(), table[1:, 8].mean()
        return torch.stack([(means * weighted).sum(), *means, epe, psnr])

    def _rows(self, batch: Batch, weights: Weights) -> list[Tensor]:
        """The terms of every frame. One autocast region for all, because leaving it forgets the converted weights."""
        kind, device = _AUTOCAST.get(self._recipe.precision), batch.degraded.device.type
        state, young = self._begun(batch)
        rows: list[Tensor] = []
        errors: list[Tensor] = []
        before: Outputs | None = None
        with torch.autocast(device, dtype=kind, enabled=kind is not None):
            for t in range(batch.degraded.shape[1]):
                outputs, state = self.network(pictures(batch.degraded[:, t]), state)
                with torch.autocast(device, enabled=False):
                    errors.append(losses.cell_errors(outputs.enhanced.float(), pictures(batch.clean[:, t])))
                    age = losses.harm_of_age(errors[t], errors[t].detach() if young is None else young[t])
                    rows.append(self._terms(outputs, before, batch, t, weights, age))
                before = outputs
                if self._recipe.detach:
                    state = tuple(tensor.detach() for tensor in state)
        if batch.visit is not None:
            self.streams.keep(batch.visit, state, torch.stack(errors) if young is None else young)
        return rows

    @torch.no_grad()
    def _begun(self, batch: Batch) -> tuple[State, Tensor | None]:
        """The state before the first frame and, in a long stream, the errors (T, B, 3, h, w) of its youth.

        An autocast region of its own: weights converted here carry no gradient.
        """
        kind, device = _AUTOCAST.get(self._recipe.precision), batch.degraded.device.type
        kept = None if batch.visit is None else self.streams.at(batch.visit)
        if kept is None:
            return initial_state(self.network, pictures(batch.degraded[:, 0])), None
        state = kept.state
        with torch.autocast(device, dtype=kind, enabled=kind is not None):
            for t in lead_in(self._recipe.lead, batch.degraded.shape[1]):
                _, state = self.network(pictures(batch.degraded[:, t]), state)
        return state, kept.errors

    def _terms(
        self, outputs: Outputs, before: Outputs | None, batch: Batch, t: int, weights: Weights, age: Tensor
    ) -> Tensor:
        """(9,): enhance, edge, steady, age, flow, trust, tooth, epe, psnr of one frame.

        What counts nothing carries no gradient.
        """
        clean = pictures(batch.clean[:, t])
        flow = batch.flow[:, t].permute(0, 3, 1, 2).float()
        visible = batch.visible[:, t, None].float()
        terms = paper_terms if self._recipe.config in ("sw", "dw") else lite_terms
        enhance, edge, *others = terms(outputs, clean, flow, visible, batch.tooth[:, t])
        steady = clean.new_zeros(())
        if before is not None and weights.steady:
            shown = torch.stack([before.enhanced.float(), outputs.enhanced.float()])
            steady = losses.unsteadiness(shown, torch.stack([pictures(batch.clean[:, t - 1]), clean]), flow, visible)
        seven = (enhance, edge, steady, age, *others)
        counted = [term if weight else term.detach() for term, weight in zip(seven, weights.as_row(), strict=True)]
        with torch.no_grad():
            found = outputs.flow[-1].pixels.float()
            pooled, seen = losses.pooled_flow(flow, visible, *found.shape[-2:])
            epe = losses.masked_mean(losses.endpoint_error(found, pooled), seen)
            error = (outputs.enhanced.float().clamp(0, 1) - clean).square().mean((1, 2, 3))
            psnr = -10 * error.clamp(min=1e-8).log10().mean()
        return torch.stack([*counted, epe, psnr])


def lead_in(count: int, frames: int) -> list[int]:
    """`count` frame numbers there and back through a window of `frames`, the last of them beside frame 0."""
    there_and_back = [*range(frames), *range(frames - 2, 0, -1)]
    return [there_and_back[(1 + k) % len(there_and_back)] for k in reversed(range(count))]


def pictures(frames: Tensor) -> Tensor:
    """(B, H, W, 3) uint8 -> (B, 3, H, W) float32 in 0..1."""
    return frames.permute(0, 3, 1, 2).contiguous().float() / 255


def initial_state(network: nn.Module, frame: Tensor) -> State:
    """The network's state before the first frame, for frames like (B, 3, H, W)."""
    start: Callable[[Tensor], State] = network.initial_state  # type: ignore[assignment]
    return start(frame)


def lite_terms(outputs: Outputs, clean: Tensor, flow: Tensor, visible: Tensor, tooth: Tensor) -> tuple[Tensor, ...]:
    """Lite's loss: enhance, edge, flow, trust, tooth."""
    enhanced = outputs.enhanced.float()
    levels = [level.pixels for level in outputs.flow]
    pooled, seen = losses.pooled_flow(flow, visible, *outputs.log_scale.shape[-2:])
    found = F.interpolate(levels[-1].float(), pooled.shape[-2:], mode="bilinear", align_corners=False)
    error = losses.endpoint_error(found, pooled)
    return (
        losses.charbonnier(enhanced, clean, 1e-3) + LOG_SHARE * losses.log_error(enhanced, clean),
        losses.edges(enhanced, clean),
        losses.multi_level_flow(levels, flow, visible, LEVEL_DECAY),
        losses.laplace(outputs.log_scale, error, seen),
        sum((losses.tooth(logit, tooth) for logit in outputs.tooth), start=clean.new_zeros(())) / len(outputs.tooth),
    )


def paper_terms(outputs: Outputs, clean: Tensor, flow: Tensor, visible: Tensor, tooth: Tensor) -> tuple[Tensor, ...]:
    """The loss of SW and DW as published. The edge term does not exist there; trust learns at no one's cost."""
    pooled, seen = losses.pooled_flow(flow, visible, *outputs.log_scale.shape[-2:])
    found = F.interpolate(outputs.flow[-1].pixels.float(), pooled.shape[-2:], mode="bilinear", align_corners=False)
    return (
        losses.paper_enhance([*outputs.coarse_enhanced, outputs.enhanced], clean),
        clean.new_zeros(()),
        losses.paper_flow([level.pixels for level in outputs.flow], flow, visible),
        losses.laplace(outputs.log_scale, losses.endpoint_error(found, pooled), seen),
        losses.paper_mask(list(outputs.tooth), tooth),
    )


def keep_matching_single(network: nn.Module) -> None:
    """Run matching in float32 inside an autocast region: 8 bits of mantissa place nothing to a tenth of a pixel."""
    for module in network.modules():
        if type(module).__module__ == matching.__name__ or isinstance(module, Double | Colour):
            vars(module)["forward"] = _Single(module.forward)


class _Single:
    """A forward method that sees float32 and no autocast."""

    def __init__(self, forward: Callable[..., Any]) -> None:
        self._forward = forward

    def __call__(self, *inputs: Any) -> Any:
        with torch.autocast(_device(inputs), enabled=False):
            return self._forward(*(_single(value) for value in inputs))


def _single(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.float()
    return type(value)(*map(_single, value)) if isinstance(value, tuple) else value


def _device(inputs: tuple[Any, ...]) -> str:
    return next(value.device.type for value in inputs if isinstance(value, Tensor))
