"""The data flow: lifting, passthrough on failure, and recovery."""

from __future__ import annotations

import numpy as np
import pytest

from engine.lift import lift
from engine.off import NoNetwork, NoStabilizer
from engine.pipeline import Pipeline
from engine.values import Frame, Mode, Tracking
from tests.fakes import ScriptedBackend


def picture(height: int = 64, width: int = 64, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(20, 200, (height, width, 3), dtype=np.uint8)


def frame(pixels: np.ndarray, seq: int = 0) -> Frame:
    return Frame(pixels, seq, seq * 33_000_000)


def test_a_frame_of_the_working_size_is_shown_as_the_network_made_it() -> None:
    raw = picture()
    output = Pipeline(ScriptedBackend(gain=10), NoStabilizer()).step(frame(raw))
    assert np.array_equal(output.enhanced, raw + 10)
    assert output.mode is Mode.ENHANCED_ONLY
    assert set(output.stage_ms) == {"preprocess", "infer", "lift", "stabilize", "warp"}


def test_a_larger_frame_keeps_every_detail_and_gets_the_correction() -> None:
    raw = picture(1080, 1920)
    output = Pipeline(ScriptedBackend((480, 848), gain=12), NoStabilizer()).step(frame(raw))
    assert np.array_equal(output.enhanced, raw + 12)  # not one grain of noise was smoothed


def test_the_lift_subtracts_as_well_as_it_adds() -> None:
    raw = picture(96, 130)
    small = picture(48, 64)
    assert np.array_equal(lift(raw, small, small - 15), np.clip(raw.astype(int) - 15, 0, 255))


def test_outputs_cannot_be_written_to() -> None:
    output = Pipeline(ScriptedBackend(), NoStabilizer()).step(frame(picture()))
    assert not output.pixels.flags.writeable
    assert not output.enhanced.flags.writeable


@pytest.mark.parametrize("size", [(65, 99), (241, 321), (720, 1280)])
def test_odd_and_large_sizes_come_out_as_they_came_in(size: tuple[int, int]) -> None:
    raw = picture(*size)
    output = Pipeline(NoNetwork((64, 96)), NoStabilizer()).step(frame(raw))
    assert output.pixels.shape == raw.shape == output.enhanced.shape


def test_a_failed_inference_shows_that_same_frame_raw_and_says_why() -> None:
    backend = ScriptedBackend()
    backend.errors[1] = RuntimeError("device lost")
    pipeline = Pipeline(backend, NoStabilizer())
    outputs = [pipeline.step(frame(picture(seed=seq), seq)) for seq in range(3)]
    assert [output.mode for output in outputs] == [Mode.ENHANCED_ONLY, Mode.PASSTHROUGH, Mode.ENHANCED_ONLY]
    assert np.array_equal(outputs[1].pixels, outputs[1].raw.pixels)
    assert np.array_equal(outputs[1].stabilized_from_raw, np.eye(3))
    assert "device lost" in outputs[1].reason
    assert outputs[1].tracking is Tracking.LOST
    assert backend.resets == 1  # a failed step leaves the network's past in doubt


def test_a_bug_is_not_swallowed() -> None:
    backend = ScriptedBackend()
    backend.errors[0] = KeyError("a bug")
    with pytest.raises(KeyError):
        Pipeline(backend, NoStabilizer()).step(frame(picture()))


def test_a_frame_of_another_size_passes_through_until_reset() -> None:
    pipeline = Pipeline(ScriptedBackend(), NoStabilizer())
    pipeline.step(frame(picture()))
    odd = pipeline.step(frame(picture(32, 32), 1))
    assert odd.mode is Mode.PASSTHROUGH
    assert "32x32" in odd.reason
    pipeline.reset()
    assert pipeline.step(frame(picture(32, 32), 2)).mode is Mode.ENHANCED_ONLY
