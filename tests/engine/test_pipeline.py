"""The data flow: lifting, passthrough on failure, and recovery."""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np
import pytest

from engine.inference.backend import Answer
from engine.lift import Lift, removed_noise
from engine.off import NoNetwork, NoStabilizer, Unmoved
from engine.pipeline import Pipeline
from engine.values import Frame, Inference, Mode, Tracking
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
    difference = output.enhanced.astype(int) - raw - 12
    assert np.abs(difference).max() <= 1  # rounding; not one grain was smoothed, for the network removed none


def test_the_lift_subtracts_as_well_as_it_adds() -> None:
    raw = picture(96, 130)
    small = cv2.resize(raw, (64, 48), interpolation=cv2.INTER_AREA)
    assert np.abs(Lift()(raw, small, small - 15) - (raw.astype(int) - 15)).max() <= 1


def test_a_new_size_of_the_camera_is_lifted_as_well() -> None:
    lift = Lift()
    for size in ((96, 130), (96, 130), (120, 140), (96, 130)):
        small = picture(48, 64)
        assert lift(picture(*size), small, small).shape == (*size, 3)


def test_the_lift_done_in_strips_is_the_lift_of_the_whole_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = picture(131, 160)
    small = cv2.resize(raw, (80, 64), interpolation=cv2.INTER_AREA)
    enhanced = cv2.GaussianBlur(small, (0, 0), 1.0)
    whole = Lift()(raw, small, enhanced)
    monkeypatch.setattr("engine.lift.STRIP_BYTES", 7 * raw[0].nbytes)  # the last strip is shorter than the others
    assert np.array_equal(Lift()(raw, small, enhanced), whole)


def test_noise_that_the_network_removed_is_not_brought_back_by_the_lift() -> None:
    random = np.random.default_rng(1)
    edge = np.full((480, 640, 3), 60, dtype=np.uint8)
    edge[:, 320:] = 180
    raw = np.clip(edge + random.normal(0, 10, edge.shape), 0, 255).astype(np.uint8)
    small = cv2.resize(raw, (320, 240), interpolation=cv2.INTER_AREA)
    clean = cv2.resize(edge, (320, 240), interpolation=cv2.INTER_AREA)
    assert removed_noise(small, clean) == pytest.approx(5.0, rel=0.15)  # averaging four pixels halves it
    lifted = Lift()(raw, small, clean)
    assert float(lifted[:, :300].std()) < 2.0
    assert int(lifted[240, 323, 0]) - int(lifted[240, 316, 0]) > 100  # the edge is as sharp as it was


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


class Telling(ScriptedBackend):
    """Writes down when a step begins and when it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.story: list[str] = []

    def begin(self, pixels: np.ndarray, seq: int) -> Answer:
        self.story.append(f"begin {seq}")
        answer = super().begin(pixels, seq)

        def told() -> Inference:
            self.story.append(f"answer {seq}")
            return answer()

        return told


class TellingStabilizer(NoStabilizer):
    def __init__(self, story: list[str]) -> None:
        self.story = story

    def step(self, frame: Frame, inference: Inference | None) -> Unmoved:
        self.story.append(f"stabilize {frame.seq}")
        return super().step(frame, inference)


def test_the_network_begins_with_a_waiting_frame_while_this_one_is_stabilized() -> None:
    backend = Telling()
    pipeline = Pipeline(backend, TellingStabilizer(backend.story))
    frames = [frame(picture(seed=seq), seq) for seq in range(3)]
    outputs = [pipeline.step(frames[0], lambda: frames[1]), pipeline.step(frames[1]), pipeline.step(frames[2])]
    assert backend.story == [
        *("begin 0", "answer 0", "begin 1", "stabilize 0"),
        *("answer 1", "stabilize 1"),
        *("begin 2", "answer 2", "stabilize 2"),
    ]
    for given, output in zip(frames, outputs, strict=True):
        assert np.array_equal(output.pixels, given.pixels + 10)


def test_what_was_begun_ahead_is_dropped_by_a_reset_or_another_frame() -> None:
    backend = Telling()
    pipeline = Pipeline(backend, NoStabilizer())
    pipeline.step(frame(picture()), lambda: frame(picture(seed=1), 1))
    assert np.array_equal(pipeline.step(frame(picture(seed=2), 2)).enhanced, picture(seed=2) + 10)
    assert backend.story == ["begin 0", "answer 0", "begin 1", "answer 1", "begin 2", "answer 2"]
    pipeline.step(frame(picture(), 3), lambda: frame(picture(seed=1), 4))
    pipeline.reset()
    assert backend.story[-2:] == ["begin 4", "answer 4"]
    assert pipeline.step(frame(picture(32, 32), 5)).mode is Mode.ENHANCED_ONLY


def test_a_frame_begun_ahead_that_fails_is_shown_raw_and_the_one_before_is_not_harmed() -> None:
    backend = ScriptedBackend()
    backend.errors[1] = RuntimeError("device lost")
    pipeline = Pipeline(backend, NoStabilizer())
    waiting = frame(picture(seed=1), 1)
    assert pipeline.step(frame(picture()), lambda: waiting).mode is Mode.ENHANCED_ONLY
    assert "device lost" in pipeline.step(waiting).reason
    assert pipeline.step(frame(picture(), 2)).mode is Mode.ENHANCED_ONLY
    assert backend.resets == 1


def test_a_waiting_frame_of_another_size_is_not_begun() -> None:
    backend = Telling()
    Pipeline(backend, NoStabilizer()).step(frame(picture()), lambda: frame(picture(32, 32), 1))
    assert backend.story == ["begin 0", "answer 0"]


def test_larger_frames_begun_ahead_are_lifted_with_their_own_detail() -> None:
    frames = [frame(picture(130, 200, seed=seq), seq) for seq in range(4)]
    one_by_one, ahead = (Pipeline(ScriptedBackend(), NoStabilizer()) for _ in range(2))
    expected = [one_by_one.step(each).pixels for each in frames]
    after = {each.seq - 1: each for each in frames}
    found = [ahead.step(each, partial(after.get, each.seq)).pixels for each in frames]
    assert all(np.array_equal(a, b) for a, b in zip(expected, found, strict=True))


def test_network_and_stabilizer_both_see_the_corrected_picture() -> None:
    class Flipped:
        def apply(self, pixels: np.ndarray) -> np.ndarray:
            return np.ascontiguousarray(pixels[:, ::-1])

    class Watching(NoStabilizer):
        seen: Frame

        def step(self, frame: Frame, inference: Inference | None) -> Unmoved:
            self.seen = frame
            return super().step(frame, inference)

    stabilizer = Watching()
    pipeline = Pipeline(ScriptedBackend(gain=0), stabilizer)
    pipeline.correction = Flipped()
    raw = picture()
    output = pipeline.step(frame(raw))
    assert np.array_equal(output.enhanced, raw[:, ::-1])
    assert np.array_equal(stabilizer.seen.pixels, raw[:, ::-1])
    assert np.array_equal(output.raw.pixels, raw)
