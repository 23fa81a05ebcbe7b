"""What every network of the family can do."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

from models.outputs import Outputs, State

NO_IDEA = 8.0  # log of the flow error's scale where there is no frame before: thousands of pixels, a trust of 0


class Network(nn.Module, ABC):
    """A step function: (frame, state of the frame before) -> (outputs, state for the frame after)."""

    def __init__(self, name: str, stride: int) -> None:
        super().__init__()
        self.name = name
        self.stride = stride  # both sides of a frame are multiples of it

    @abstractmethod
    def initial_state(self, frame: Tensor) -> State:
        """The state before the first frame, all zeros, for frames like (B, 3, H, W)."""

    @abstractmethod
    def state_meanings(self) -> tuple[str, ...]:
        """A few words on each tensor of the state, for the manifest."""

    @abstractmethod
    def seen(self, frame: Tensor) -> Tensor:
        """(B, H, W, 3) in 0..1, as cameras deliver it -> the picture that `step` takes."""

    @abstractmethod
    def step(self, picture: Tensor, state: State) -> tuple[Outputs, State]:
        """What `forward` does, on a picture that is laid out for it: what the exported graph calls."""

    @abstractmethod
    def forward(self, frame: Tensor, state: State) -> tuple[Outputs, State]:
        """(B, 3, H, W) in 0..1 and the state of the frame before -> outputs, and the state for the frame after."""
