"""The table of networks side by side: which layout each runs in, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import torch
from torch import nn

from engine.errors import ModelError
from models import compare as module
from models.baselines.peers import COMBINED, Peer
from models.compare import compare, fastest, keep_freed_memory


def waiting(seconds: float) -> Callable[[], None]:
    return lambda: time.sleep(seconds)


def test_each_network_goes_on_in_the_layout_that_was_faster_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    slow_layout = {"ESTRNN": torch.channels_last, "RAFT": torch.contiguous_format}
    steps: list[str] = []

    def pretended(_height: int, _width: int, layout: torch.memory_format) -> list[Peer]:
        def step(name: str) -> Callable[[], None]:
            wait = waiting(0.02 if slow_layout.get(name) is layout else 0.001)
            return lambda: (steps.append(name), wait())[1]

        return [Peer(name, None, None, nn.Conv2d(1, 1, 1), step(name)) for name in (*COMBINED, "other")]

    monkeypatch.setattr(module, "peers", pretended)
    monkeypatch.setattr(module, "keep_freed_memory", lambda: True)  # not for all the tests that follow
    rows = {row.name: row for row in compare(64, 64, 6, (), lambda _line: None)}
    assert rows["ESTRNN"].layout == "NCHW"
    assert rows["RAFT"].layout == "NHWC"
    combined = rows[module.COMBINED_NAME]
    assert combined.ms == pytest.approx(sum(rows[name].ms for name in COMBINED))
    assert combined.ms < 20
    assert steps.count("RAFT") == 2 * 3 + 3 + 1  # both layouts in the dropped half, one in the other, one counted


def test_the_faster_of_two_entries_of_one_name_and_run_time_stays() -> None:
    names = [("a", "torch"), ("b", "torch"), ("a", "openvino"), ("a", "torch")]
    assert fastest(names, [[3.0, 9.0, 3.0], [1.0], [5.0], [2.0]]) == [1, 2, 3]


def test_one_pass_is_refused() -> None:
    with pytest.raises(ModelError, match="halved"):
        compare(64, 64, 1, (), lambda _line: None)


def test_where_the_c_library_cannot_be_told_the_answer_is_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.ctypes, "CDLL", lambda _name: object())
    assert not keep_freed_memory()
