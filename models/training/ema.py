"""The running average of a network's weights: what is validated and shipped."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn


class Average:
    """Exponential moving average; the decay starts low, so that the first weights are soon forgotten."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self._decay = decay
        self.updates = 0

    def restart(self, network: nn.Module) -> None:
        """Forget everything and begin from the weights of `network`."""
        self.network.load_state_dict(network.state_dict())
        self.updates = 0

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Pull the average towards the weights of `network`; buffers (batch statistics) are copied."""
        self.updates += 1
        decay = min(self._decay, self.updates / (10 + self.updates))
        averaged: list[Tensor] = list(self.network.parameters())
        current = [p.detach() for p in network.parameters()]
        if decay > 0:
            torch._foreach_lerp_(averaged, current, 1 - decay)
        else:
            torch._foreach_copy_(averaged, current)
        for kept, fresh in zip(self.network.buffers(), network.buffers(), strict=True):
            kept.copy_(fresh)
