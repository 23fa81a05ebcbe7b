"""The OpenVINO back end streams, remembers, forgets, and refuses with a reason."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import psutil
import pytest
from numpy.typing import NDArray

from engine.errors import BackendRefused, ModelError
from engine.inference.choose import BackendOptions, Opened, first_that_opens, open_backend
from engine.inference.openvino import OpenVinoBackend, Placement, open_openvino
from engine.inference.signature import Model, load_model
from tests.fakes_onnx import write_toy

SIZE = (96, 128)


def open_toy(manifest: Path, backend: str = "openvino-f32", frame_size: tuple[int, int] = SIZE) -> Opened:
    options = BackendOptions(backend, model=str(manifest), threads=1, cache_dir=manifest.parent / "cache")
    return open_backend(options, frame_size)


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return write_toy(tmp_path, size=SIZE)


@pytest.fixture
def frames() -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(0, 200, (4, *SIZE, 3), dtype=np.uint8)


def test_a_stream_equals_the_graph_run_by_an_independent_runtime(toy: Path, frames: NDArray[np.uint8]) -> None:
    backend = open_toy(toy).backend
    judge = onnxruntime.InferenceSession(str(toy.with_suffix(".onnx")), providers=["CPUExecutionProvider"])
    names = [output.name for output in judge.get_outputs()]
    state = np.zeros((1, 8, SIZE[0] // 4, SIZE[1] // 4), dtype=np.float32)
    for seq, pixels in enumerate(frames):
        expected = dict(zip(names, judge.run(None, {"frame": pixels[None], "state_0": state}), strict=True))
        state = expected["next_state_0"]
        found = backend.infer(pixels, seq)
        assert found.seq == seq
        assert np.abs(found.enhanced.astype(int) - expected["enhanced"][0]).max() <= 1
        np.testing.assert_allclose(found.flow, expected["flow"][0], atol=1e-4)
        np.testing.assert_allclose(found.trust * 255, expected["trust"][0], atol=1.001)
        np.testing.assert_allclose(found.tooth * 255, expected["tooth"][0], atol=1.001)


def test_the_default_arithmetic_stays_close_to_f32(toy: Path, frames: NDArray[np.uint8]) -> None:
    fast, exact = open_toy(toy, "openvino").backend, open_toy(toy).backend
    for seq, pixels in enumerate(frames):
        difference = fast.infer(pixels, seq).enhanced.astype(float) - exact.infer(pixels, seq).enhanced
        assert np.sqrt(np.mean(difference**2)) < 1.0


def test_reset_forgets_the_past(toy: Path, frames: NDArray[np.uint8]) -> None:
    backend = open_toy(toy).backend
    first = backend.infer(frames[0], 0)
    remembered = backend.infer(frames[0], 1)
    backend.reset()
    again = backend.infer(frames[0], 2)
    assert not np.array_equal(first.enhanced, remembered.enhanced)
    assert np.array_equal(first.enhanced, again.enhanced)
    assert np.array_equal(first.flow, again.flow)


def test_state_is_never_copied_what_one_step_writes_is_what_the_next_reads(toy: Path) -> None:
    backend = open_toy(toy).backend
    assert isinstance(backend, OpenVinoBackend)
    even, odd = backend._requests
    for writer, reader in ((even, odd), (odd, even)):
        written, read = writer.get_tensor("next_state_0").data, reader.get_tensor("state_0").data
        assert written.ctypes.data == read.ctypes.data


def test_results_stay_valid_after_later_steps_and_cannot_be_written(toy: Path, frames: NDArray[np.uint8]) -> None:
    backend = open_toy(toy).backend
    first = backend.infer(frames[0], 0)
    kept = first.enhanced.copy(), first.flow.copy(), first.trust.copy()
    for seq, pixels in enumerate(frames):
        backend.infer(pixels, seq)
    assert np.array_equal(first.enhanced, kept[0])
    assert np.array_equal(first.flow, kept[1])
    assert np.array_equal(first.trust, kept[2])
    assert not any(array.flags.writeable for array in (first.enhanced, first.flow, first.trust, first.tooth))


def test_a_step_that_was_begun_answers_as_one_that_was_waited_for(toy: Path, frames: NDArray[np.uint8]) -> None:
    waiting, ahead = open_toy(toy).backend, open_toy(toy).backend
    for seq, pixels in enumerate(frames):
        scratch = pixels.copy()
        answer = ahead.begin(scratch, seq)
        scratch.fill(0)  # the step has its own copy
        expected, found = waiting.infer(pixels, seq), answer()
        assert found.seq == seq
        assert np.array_equal(found.enhanced, expected.enhanced)
        assert np.array_equal(found.flow, expected.flow)


def test_memory_does_not_grow_with_the_frames(toy: Path, frames: NDArray[np.uint8]) -> None:
    backend, process = open_toy(toy).backend, psutil.Process()
    seen = []
    for seq in range(1200):
        backend.infer(frames[seq % 4], seq)
        if seq in (400, 1199):
            seen.append(process.memory_info().rss)
    assert seen[1] - seen[0] < 2 * 2**20


def test_a_frame_of_the_wrong_size_is_a_bug_and_says_so(toy: Path) -> None:
    backend = open_toy(toy).backend
    with pytest.raises(ValueError, match="does not fit"):
        backend.infer(np.zeros((64, 64, 3), dtype=np.uint8), 0)


def test_the_working_size_follows_the_source(toy: Path) -> None:
    assert open_toy(toy, frame_size=(720, 1280)).backend.working_size == (416, 736)


def test_the_name_says_runtime_device_and_arithmetic(toy: Path) -> None:
    backend = open_toy(toy).backend
    assert (backend.name, backend.model_name) == ("openvino-cpu-f32", "toy")
    backend.close()


def test_a_device_that_is_not_there_refuses_with_what_is(toy: Path) -> None:
    with pytest.raises(BackendRefused, match=r"finds no ABACUS here \(it finds CPU") as refused:
        open_openvino(load_model(toy), SIZE, Placement("ABACUS"))
    assert "driver" in refused.value.remedy


def test_a_home_that_cannot_be_written_costs_the_cache_and_no_more(toy: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    backend = open_openvino(load_model(toy), SIZE, Placement(precision="f32", cache_dir=tmp_path / "file" / "cache"))
    backend.close()


def test_an_untrained_network_is_refused_unless_asked_for(tmp_path: Path) -> None:
    manifest = write_toy(tmp_path, trained=False)
    with pytest.raises(BackendRefused, match="never been trained"):
        open_toy(manifest)
    options = BackendOptions("openvino", model=str(manifest), allow_untrained=True, cache_dir=tmp_path)
    assert not open_backend(options, SIZE).manifest.trained


def test_an_unknown_back_end_is_refused_with_the_choices(toy: Path) -> None:
    with pytest.raises(BackendRefused, match="openvino-f32"):
        open_toy(toy, "abacus")


def test_a_graph_unlike_its_manifest_is_refused(toy: Path) -> None:
    raw = json.loads(toy.read_text())
    raw["outputs"][3]["shape"] = [1, "H/2", "W/2"]
    toy.write_text(json.dumps(raw))
    with pytest.raises(ModelError, match="unlike its manifest"):
        open_toy(toy)


def test_a_graph_that_lacks_the_state_of_its_manifest_is_refused(toy: Path) -> None:
    raw = json.loads(toy.read_text())
    raw["state"][0]["input"] = "elsewhere"
    toy.write_text(json.dumps(raw))
    with pytest.raises(ModelError, match="does not load"):
        open_toy(toy)


def test_the_first_opener_that_does_not_refuse_wins_and_refusals_are_kept(toy: Path) -> None:
    model = load_model(toy)
    backend = open_toy(toy).backend

    def refuse(_model: Model, _size: tuple[int, int], _options: BackendOptions) -> None:
        raise BackendRefused("There is no such device.", "Buy one.")

    opened = first_that_opens(
        model, SIZE, BackendOptions(), [("gpu", refuse), ("cpu", lambda *_: backend), ("never", refuse)]
    )
    assert opened.backend is backend
    assert [(refusal.backend, refusal.reason) for refusal in opened.refusals] == [("gpu", "There is no such device.")]
    with pytest.raises(BackendRefused, match=r"No back end runs here\. gpu: There is no such device\. npu: There"):
        first_that_opens(model, SIZE, BackendOptions(), [("gpu", refuse), ("npu", refuse)])
