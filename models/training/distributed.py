"""Which of several training processes this one is, as torchrun tells it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist


@dataclass(frozen=True, slots=True)
class Place:
    """This process among its peers and the device that it computes on."""

    rank: int
    peers: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """True in the one process that writes files and prints."""
        return self.rank == 0

    def wait(self) -> None:
        """Return when every process has come this far."""
        if self.peers > 1:
            dist.barrier()

    def any(self, flag: bool) -> bool:
        """True in every process when it is true in one."""
        if self.peers == 1:
            return flag
        shared = torch.tensor([float(flag)], device=self.device)
        dist.all_reduce(shared, op=dist.ReduceOp.MAX)
        return bool(shared.item() > 0)

    def lead_value(self, value: float) -> float:
        """The leading process's number, in every process."""
        if self.peers == 1:
            return value
        shared = torch.tensor([value], dtype=torch.float64, device=self.device)
        dist.broadcast(shared, src=0)
        return float(shared.item())

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """Mean over the processes, element by element."""
        if self.peers == 1:
            return values
        shared = values.clone()
        dist.all_reduce(shared)
        return shared / self.peers


@contextmanager
def place(device: str = "auto") -> Iterator[Place]:
    """Join the group that torchrun set up in the environment, or stand alone."""
    peers, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    local = int(os.environ.get("LOCAL_RANK", "0"))
    on_gpu = torch.cuda.is_available() if device == "auto" else device == "cuda"
    where = torch.device("cuda", local) if on_gpu else torch.device("cpu")
    if on_gpu:
        torch.cuda.set_device(where)
    if peers == 1:
        yield Place(0, 1, where)
        return
    dist.init_process_group("nccl" if on_gpu else "gloo")
    try:
        yield Place(rank, peers, where)
    finally:
        dist.destroy_process_group()
