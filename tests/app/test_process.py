"""`steadyscope process`: its files are a contract."""

from __future__ import annotations

import errno
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from app.batch import Batch
from app.cli import main
from app.output_folder import fields_of
from app.report import report_of
from engine.errors import SourceError
from engine.meters import Meters
from engine.off import NoStabilizer
from engine.pipeline import Pipeline
from engine.recording.clip import ClipWriter
from engine.values import Inference
from tests.fakes import ScriptedBackend, ScriptedSource

LINE_KEYS = {
    "seq", "t_ns", "tracking", "mode", "reason", "stabilized_from_raw", "tooth_fraction", "trust", "stage_ms",
}  # fmt: skip
REPORT_KEYS = {
    "frames_in", "frames_processed", "fps_in", "fps_processed", "latency_ms", "stage_ms", "dropped", "backend", "model",
    "modes", "tracking", "source",
}  # fmt: skip


def scene(height: int, width: int, shift: int) -> np.ndarray:
    noise = np.random.default_rng(3).integers(40, 220, (height // 8 + 2, width // 8 + 2, 3), dtype=np.uint8)
    large = cv2.resize(noise, (width + 40, height + 40), interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(large[shift : shift + height, shift : shift + width])


def clip(path: Path, height: int = 96, width: int = 128, frames: int = 10, fps: float = 25.0) -> Path:
    writer = ClipWriter(path, (height, width), fps, crf=4)
    for index in range(frames):
        writer.write(scene(height, width, index % 7), round(index * 1e9 / fps))
    writer.close()
    return path


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def times_s(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return [float(frame.time or 0.0) for frame in container.decode(video=0)]


def lines_of(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / "frames.jsonl").read_text().splitlines()]


def process(source: Path, out: Path, *more: str) -> int:
    return main(["process", str(source), "--out", str(out), "--backend", "off", *more])


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10(255.0**2 / np.mean((one.astype(float) - other) ** 2)))


def test_every_frame_gets_its_line_and_its_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert process(clip(tmp_path / "in.mp4"), out) == 0
    lines = lines_of(out)
    assert [line["seq"] for line in lines] == list(range(10))
    assert [line["t_ns"] for line in lines] == [index * 40_000_000 for index in range(10)]
    assert all(set(line) == LINE_KEYS and len(line["stabilized_from_raw"]) == 9 for line in lines)  # type: ignore[arg-type]
    assert len(decoded(out / "enhanced.mp4")) == len(decoded(out / "stabilized.mp4")) == 10
    report = json.loads((out / "report.json").read_text())
    assert set(report) >= REPORT_KEYS
    assert report["frames_in"] == report["frames_processed"] == sum(report["modes"].values()) == 10
    assert "10/10 frames" in capsys.readouterr().err
    assert not (out / "fields").exists()


@pytest.mark.parametrize("size", [(97, 131), (96, 131), (97, 130), (480, 854)])
def test_sizes_and_pixels_are_kept(tmp_path: Path, size: tuple[int, int]) -> None:
    source = clip(tmp_path / "in.mp4", *size, frames=3)
    assert process(source, tmp_path / "out") == 0
    for before, after in zip(decoded(source), decoded(tmp_path / "out" / "enhanced.mp4"), strict=True):
        assert after.shape == (*size, 3)
        assert psnr(before, after) > 36  # strong coloured noise is the worst case for 4:2:0


def test_the_frames_own_times_are_kept(tmp_path: Path) -> None:
    at_ms = [0, 40, 55, 140, 141, 300]
    writer = ClipWriter(tmp_path / "in.mp4", (96, 128), 25.0)
    for index, t_ms in enumerate(at_ms):
        writer.write(scene(96, 128, index), t_ms * 1_000_000)
    writer.close()
    assert process(tmp_path / "in.mp4", tmp_path / "out") == 0
    assert times_s(tmp_path / "out" / "stabilized.mp4") == pytest.approx([t_ms / 1000 for t_ms in at_ms], abs=1e-3)
    assert [line["t_ns"] for line in lines_of(tmp_path / "out")] == [
        pytest.approx(t_ms * 1_000_000, abs=100_000) for t_ms in at_ms
    ]


def test_the_limit_stops_early(tmp_path: Path) -> None:
    assert process(clip(tmp_path / "in.mp4"), tmp_path / "out", "--limit", "4", "--mode", "lock") == 0
    assert len(lines_of(tmp_path / "out")) == len(decoded(tmp_path / "out" / "enhanced.mp4")) == 4


def test_fields_are_written_for_every_frame(tmp_path: Path) -> None:
    source = clip(tmp_path / "in.mp4", frames=3)
    assert process(source, tmp_path / "out", "--save-fields") == 0
    fields = tmp_path / "out" / "fields"
    assert sorted(path.name for path in fields.iterdir()) == [
        f"{index:06d}.{kind}" for index in range(3) for kind in ("npz", "png")
    ]
    with np.load(fields / "000001.npz") as saved:
        assert (saved["flow"].dtype, saved["tooth"].dtype) == (np.float16, np.uint8)
        assert saved["flow"].shape[2] == 2
        assert saved["flow"].shape[:2] == saved["tooth"].shape
    picture = cv2.imread(str(fields / "000001.png"))
    assert picture is not None
    assert np.array_equal(picture[..., ::-1], decoded(source)[1])  # lossless, and no channel swapped


def test_flow_is_saved_in_pixels_of_its_own_grid() -> None:
    flow = np.full((30, 20, 2), (8.0, -4.0), dtype=np.float32)  # a grid of a quarter across, an eighth down
    half = np.full((60, 40), 0.5, dtype=np.float32)
    saved, tooth = fields_of(Inference(0, np.zeros((240, 80, 3), np.uint8), flow, half, half))
    assert saved[0, 0].tolist() == [4.0, -1.0]  # 40 points over 80 pixels, 60 over 240
    assert saved.shape == (60, 40, 2)
    assert tooth.shape == (60, 40)
    assert int(tooth[0, 0]) == 128


def test_a_slow_engine_is_waited_for_and_never_bypassed(tmp_path: Path) -> None:
    backend = ScriptedBackend()
    backend.always_late_s = 0.11
    source = ScriptedSource([scene(64, 64, index) for index in range(7)])
    batch = Batch(source, lambda _: Pipeline(backend, NoStabilizer()), tmp_path)
    batch.run(has_fields=False, on_start=lambda _: None, on_frame=lambda _: None)
    assert {line["mode"] for line in lines_of(tmp_path)} == {"enhanced_only"}


def test_a_failed_inference_still_gets_its_line_and_picture(tmp_path: Path) -> None:
    backend = ScriptedBackend()
    backend.errors[2] = RuntimeError("device lost")
    source = ScriptedSource([scene(64, 64, index) for index in range(5)])
    batch = Batch(source, lambda _: Pipeline(backend, NoStabilizer()), tmp_path)
    batch.run(has_fields=True, on_start=lambda _: None, on_frame=lambda _: None)
    assert [line["mode"] for line in lines_of(tmp_path)].index("passthrough") == 2
    assert len(list((tmp_path / "fields").glob("*.npz"))) == 5


def test_a_source_that_breaks_leaves_whole_files_of_what_came_before(tmp_path: Path) -> None:
    source = ScriptedSource(
        [scene(64, 64, 0), scene(64, 64, 1), SourceError("The file is cut short.", "Copy it again.")]
    )
    batch = Batch(source, lambda _: Pipeline(ScriptedBackend(), NoStabilizer()), tmp_path)
    with pytest.raises(SourceError):
        batch.run(has_fields=False, on_start=lambda _: None, on_frame=lambda _: None)
    assert len(decoded(tmp_path / "enhanced.mp4")) == 2
    assert json.loads((tmp_path / "report.json").read_text())["frames_processed"] == 2
    assert source.closed


@pytest.mark.parametrize("content", [None, b"", b"just a text\n" * 200, bytes(range(256)) * 64])
def test_bad_input_ends_in_one_sentence_and_code_2(
    tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "bad.mp4"
    if content is not None:
        source.write_bytes(content)
    assert process(source, tmp_path / "out") == 2
    told = capsys.readouterr().err
    assert told.startswith("steadyscope: ")
    assert "Traceback" not in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_results_are_never_written_over_a_recorded_session(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = clip(tmp_path / "raw.mp4", frames=2)
    (tmp_path / "session.sqlite").touch()
    (tmp_path / "stabilized.mp4").write_text("recorded")
    assert process(source, tmp_path) == 2
    assert "lies in the folder of a recorded session" in capsys.readouterr().err
    assert (tmp_path / "stabilized.mp4").read_text() == "recorded"


def test_an_output_folder_that_cannot_be_made_is_code_2(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert process(clip(tmp_path / "in.mp4", frames=2), tmp_path / "file") == 2


def test_ctrl_c_leaves_files_that_open(tmp_path: Path) -> None:
    source = clip(tmp_path / "in.mp4", 96, 128, frames=1500)
    command = [sys.executable, "-m", "app", "process", str(source), "--out", str(tmp_path / "out"), "--backend", "off"]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    lines = tmp_path / "out" / "frames.jsonl"
    deadline = time.monotonic() + 20
    while not (lines.exists() and lines.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=20)
    assert running.returncode == 130
    assert "Traceback" not in told
    count = len(lines_of(tmp_path / "out"))
    assert 0 < count < 1500
    assert len(decoded(tmp_path / "out" / "enhanced.mp4")) == len(decoded(tmp_path / "out" / "stabilized.mp4")) == count


def test_the_report_counts_every_frame_once() -> None:
    meters = Meters()
    pipeline = Pipeline(ScriptedBackend(), NoStabilizer())
    frames = ScriptedSource([scene(64, 64, index) for index in range(4)])
    for index in range(4):
        meters.count_in(index * 40_000_000)
        meters.count_processed(pipeline.step(frames.read(0)), 5.0 + index, index * 40_000_000)
    report = report_of(meters.tally(), {"pipeline": 0}, "scripted", "scripted", "test")
    assert set(report) >= REPORT_KEYS
    assert (report["fps_in"], report["fps_processed"]) == (25.0, 25.0)
    assert report["latency_ms"]["p50"] == 6.5
    assert report["modes"] == {"enhanced_only": 4}
    assert report["frames_in"] == 4


def test_the_video_that_is_read_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = clip(tmp_path / "enhanced.mp4")
    before = source.read_bytes()
    assert process(source, tmp_path) == 2
    assert "written over" in capsys.readouterr().err
    assert source.read_bytes() == before


def test_fields_of_an_earlier_longer_run_do_not_stay(tmp_path: Path) -> None:
    source, out = clip(tmp_path / "in.mp4", frames=3), tmp_path / "out"
    (out / "fields").mkdir(parents=True)
    for name in ("000007.png", "000007.npz", "notes.txt"):
        (out / "fields" / name).write_text("old")
    assert process(source, out, "--save-fields") == 0
    names = [f"{index:06d}.{kind}" for index in range(3) for kind in ("npz", "png")]
    assert sorted(path.name for path in (out / "fields").iterdir()) == [*names, "notes.txt"]


def test_a_disk_that_is_full_ends_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("app.output_folder.np.savez_compressed", refuse)
    assert process(clip(tmp_path / "in.mp4"), tmp_path / "out", "--save-fields") == 2
    assert len(decoded(tmp_path / "out" / "enhanced.mp4")) == 1, "what came before is whole"


def test_a_reader_that_goes_away_is_no_fault_of_the_program() -> None:
    command = [sys.executable, "-m", "app", "process", "--help"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None
    child.stdout.close()
    assert child.stderr is not None
    assert child.stderr.read() == ""
    child.stderr.close()
    child.wait()
