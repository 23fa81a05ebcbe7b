"""The pipeline in its own process: the same answers, and a death that the window survives."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from engine.errors import BackendRefused, EngineError
from engine.off import NoStabilizer
from engine.pipeline import Pipeline
from engine.remote import RemotePipeline
from engine.stabilization.stabilizer import Stabilizer
from engine.values import Frame, Mode, StabilizedFrame
from tests.fakes import ScriptedBackend

SIZE = (96, 130)
WORKING = (64, 96)


@dataclass(frozen=True)
class OpenScripted:
    """Picklable, as whatever travels must be."""

    refusal: str = ""

    def __call__(self, size: tuple[int, int]) -> Pipeline:
        if self.refusal:
            raise EngineError(self.refusal, "Choose another.")
        backend = ScriptedBackend(WORKING)
        backend.errors[3] = RuntimeError("device lost")
        return Pipeline(backend, Stabilizer())


def die(pipeline: Pipeline) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def refuse(pipeline: Pipeline) -> None:
    raise EngineError("No such strength.", "Choose another.")


def hold_still(pipeline: Pipeline) -> None:
    pipeline.stabilizer = NoStabilizer()


def frame(seq: int, size: tuple[int, int] = SIZE) -> Frame:
    pixels = np.random.default_rng(seq).integers(0, 256, (*size, 3), dtype=np.uint8)
    return Frame(pixels, seq, seq * 33_000_000)


@pytest.fixture(scope="module")
def remote() -> Iterator[RemotePipeline]:
    remote = RemotePipeline(OpenScripted(), SIZE)
    yield remote
    remote.close()


def assert_equal(one: StabilizedFrame, other: StabilizedFrame) -> None:
    assert np.array_equal(one.enhanced, other.enhanced)
    assert np.array_equal(one.pixels, other.pixels)
    assert np.array_equal(one.stabilized_from_raw, other.stabilized_from_raw)
    assert (one.mode, one.tracking, one.reason) == (other.mode, other.tracking, other.reason)
    assert (one.inference is None) == (other.inference is None)
    if one.inference is not None and other.inference is not None:
        for name in ("enhanced", "flow", "trust", "tooth"):
            assert np.array_equal(getattr(one.inference, name), getattr(other.inference, name))


def test_it_answers_what_the_pipeline_here_answers_failures_too(remote: RemotePipeline) -> None:
    here = OpenScripted()(SIZE)
    assert (remote.engine_name, remote.model_name) == (here.engine_name, here.model_name)
    for seq in range(6):
        there = remote.step(frame(seq))
        assert_equal(there, here.step(frame(seq)))
        assert not there.pixels.flags.writeable or there.mode is Mode.PASSTHROUGH
        assert there.stage_ms["hand_over"] > 0
    assert remote.step(frame(9, (64, 64))).reason == here.step(frame(9, (64, 64))).reason


def test_commands_travel_and_refusals_come_back(remote: RemotePipeline) -> None:
    with pytest.raises(EngineError, match="No such strength"):
        remote.obey(refuse)
    remote.obey(hold_still)
    assert remote.step(frame(20)).reason == "stabilization is off"


def test_a_refusing_engine_says_why() -> None:
    with pytest.raises(BackendRefused, match="too old"):
        RemotePipeline(OpenScripted("This processor is too old."), SIZE)


def test_a_crash_over_there_shows_the_raw_picture_here() -> None:
    remote = RemotePipeline(OpenScripted(), SIZE)
    remote.obey(die)
    for seq in range(2):
        output = remote.step(frame(seq))
        assert output.mode is Mode.PASSTHROUGH
        assert "ended with code -9" in output.reason
        assert np.array_equal(output.pixels, output.raw.pixels)
    remote.close()
