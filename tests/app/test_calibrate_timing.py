"""`steadyscope calibrate source`, `picture` and `latency` on files with known times."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from app.cli import main
from engine.calibration.latency import flash_times
from engine.values import Image

FPS, LOOP_S, TRIALS = 60, 0.0413, 120


def write_video(path: Path, pictures: list[Image], times_ms: list[int], fps: int = 25) -> None:
    """Each picture at its time, in milliseconds."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "g": "30", "bf": "0"})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt, stream.time_base = "yuv420p", Fraction(1, 1000)
        stream.codec_context.time_base = Fraction(1, 1000)
        for pixels, at in zip(pictures, times_ms, strict=True):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = at, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def scene(index: int) -> Image:
    """Another texture each time, evenly lit."""
    noise = np.random.default_rng(index).normal(0, 900, (240, 320)).astype(np.float32)
    grey = np.clip(130 + cv2.GaussianBlur(noise, (0, 0), 7), 20, 230)
    return np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)


def told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = main(["calibrate", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_files_rate_regularity_and_cost_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    video = tmp_path / "even.mkv"
    pictures = [scene(index) for index in range(4)]
    write_video(video, [pictures[index % 4] for index in range(170)], [40 * index for index in range(170)])
    code, entry = told(["source", "--file", str(video)], capsys)
    assert (code, entry["verdict"], entry["missed"]) == (0, "pass", 0)
    assert entry["fps"] == pytest.approx(25, abs=0.01)
    assert entry["jitter_ms"] == pytest.approx(0, abs=0.01)
    assert entry["image_size"] == [320, 240]
    assert set(entry["decode_costs_ms"]) == {"raw", "MJPG", "H264"}
    assert 0 < entry["decode_ms"] < 200
    assert len(entry["intervals_ms"]) == 149


def test_missed_and_scattered_frames_fail_with_their_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = tmp_path / "gaps.mkv"
    times = [40 * index for index in range(60) if index not in (10, 30, 31)]
    write_video(video, [scene(0)] * len(times), times)
    code, entry = told(["source", "--file", str(video)], capsys)
    assert code == 1
    assert entry["missed"] == 3
    assert "3 frames were missed" in str(entry["failures"])
    assert "intervals scatter" in str(entry["failures"])


def test_the_demo_camera_is_measured_as_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    code, entry = told(["source", "--demo", "--scene", "calm", "--format", "128x96@120"], capsys)
    assert code in (0, 1)  # a busy machine misses frames
    assert entry["nominal_fps"] == 120
    assert 0 < entry["fps"] < 400
    assert str(entry["identity"]).startswith("demo:")


def test_a_video_is_judged_at_its_own_frame_rate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two and a half bands a picture's height are 60 Hz at 48 frames a second; at 40 they would be 50 Hz."""
    rows, still, pictures = np.arange(240) / 240, scene(0), []
    for index in range(40):
        wave = 1 + 0.06 * np.sin(2 * np.pi * 120 * (index + rows) / 48)
        pictures.append(np.clip(still * wave[:, None, None], 0, 255).astype(np.uint8))
    video = tmp_path / "lamp.mkv"
    write_video(video, pictures, [round(index * 1000 / 48) for index in range(40)], 48)
    code, entry = told(["picture", str(video)], capsys)
    assert code == 1
    assert entry["flicker"]["mains_hz"] == 60
    assert "lamps flicker in the picture" in str(entry["failures"])
    assert entry["frames"] == 40
    assert entry["best_sharpness"] >= entry["sharpness"] > 0


def test_dust_in_a_folder_of_pictures_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for index in range(24):
        pixels = cv2.circle(scene(index), (200, 150), 5, (20, 20, 20), -1)
        cv2.imwrite(str(tmp_path / f"{index:02d}.png"), pixels)
    code, entry = told(["picture", str(tmp_path)], capsys)
    assert code == 1
    assert any(abs(x - 200) < 4 and abs(y - 150) < 4 for x, y, _ in entry["dust"])
    assert np.sum(entry["histogram"]) == 3 * 240 * 320


def test_trials_in_a_table_give_the_known_delay_and_its_parts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(7)
    shown = flash_times(1.0, 0.3, 1 / FPS, TRIALS)
    exposed = np.ceil(shown * FPS) / FPS
    seen = exposed + LOOP_S + rng.normal(0, 0.001, TRIALS)
    lines = ["shown,seen"] + [f"{a:.6f},{b:.6f}" for a, b in zip(shown, seen, strict=True)] + ["99.0,"]
    (tmp_path / "trials.csv").write_text("\n".join(lines))
    options = ["--fps", str(FPS), "--software-ms", "30"]
    code, entry = told(["latency", str(tmp_path / "trials.csv"), *options], capsys)
    assert (code, entry["trials"]) == (0, TRIALS)  # the flash that nobody saw is left out
    parts = entry["parts_ms"]
    assert parts["camera"] == pytest.approx(1000 * LOOP_S, abs=2)
    assert parts["sampling"] == pytest.approx(500 / FPS)
    assert (parts["screen"], parts["software"]) == (None, 30)
    assert entry["median_ms"] == pytest.approx(1000 * LOOP_S + 500 / FPS, abs=2)


def test_a_video_of_the_patch_gives_the_known_delay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = flash_times(1.0, 0.2, 1 / FPS, TRIALS)
    dark, lit = (np.full((96, 128, 3), level, np.uint8) for level in (20, 220))
    captured = np.arange(round((shown[-1] + 1) * FPS)) / FPS
    exposed = captured - LOOP_S
    is_lit = np.asarray(((exposed[:, None] >= shown) & (exposed[:, None] < shown + 0.1)).any(1))
    times = [round(1000 * at) for at in captured]
    write_video(tmp_path / "patch.mkv", [lit if one else dark for one in is_lit], times, FPS)
    (tmp_path / "flashes.csv").write_text("\n".join(f"{at:.6f}" for at in shown))
    arguments = ["latency", str(tmp_path / "patch.mkv"), "--flashes", str(tmp_path / "flashes.csv")]
    code, entry = told([*arguments, "--screen-hz", "1000"], capsys)
    assert (code, entry["trials"]) == (0, TRIALS)
    assert entry["parts_ms"]["camera"] == pytest.approx(1000 * LOOP_S - 1, abs=2)


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of what a technician may give by mistake."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "empty").mkdir()
    (folder / "nothing.csv").touch()
    (folder / "huge.csv").write_text("1.0\n" * 1_100_000)
    (folder / "noise.csv").write_bytes(bytes(range(128, 256)))
    (folder / "words.csv").write_text("shown,seen\n1.0,1.1\nlater,now\n")
    (folder / "three.csv").write_text("1.0,1.1,1.2\n")
    (folder / "nan.csv").write_text("nan,1.1\n")
    (folder / "ms.csv").write_text("1000,1047\n1300,1349\n")
    (folder / "early.csv").write_text("1.0,1.1\n2.0,1.9\n")
    (folder / "few.csv").write_text("1.0,1.1\n2.0,2.1\n")
    (folder / "flashes.csv").write_text("0.1\n0.2\n")
    (folder / "mixed.csv").write_text("0.2\n0.1\n")
    (folder / "text.mp4").write_text("no video")
    (folder / "nothing.mp4").touch()
    write_video(folder / "short.mp4", [scene(0)] * 20, [40 * index for index in range(20)])
    whole = (folder / "short.mp4").read_bytes()
    (folder / "cut.mp4").write_bytes(whole[: len(whole) * 2 // 3])
    write_video(folder / "one.mp4", [scene(0)], [0])
    return folder


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("source --file nowhere.mp4", "There is no file"),
        ("source --file empty", "is a folder"),
        ("source --file text.mp4", "not a video"),
        ("source --file nothing.mp4", "is empty"),
        ("source --file cut.mp4", "cut.mp4"),
        ("source --file short.mp4", "Fewer than thirty frames"),
        ("source --file short.mp4 --format 640x480", "has the format that it has"),
        ("source --camera v4l2:dead:beef:none", "camera"),
        ("picture cut.mp4", "cut.mp4"),
        ("picture nothing.mp4", "is empty"),
        ("picture empty", "holds no pictures"),
        ("latency nowhere.csv --fps 30", "cannot be read"),
        ("latency empty --flashes flashes.csv", "is a folder"),
        ("latency nothing.csv --fps 30", "holds no times"),
        ("latency huge.csv --fps 30", "too large"),
        ("latency noise.csv --fps 30", "no table of times"),
        ("latency words.csv --fps 30", "Line 3 of words.csv"),
        ("latency three.csv --fps 30", "Line 1 of three.csv"),
        ("latency nan.csv --fps 30", "Line 1 of nan.csv"),
        ("latency ms.csv --fps 30", "takes 47 s from flash to frame"),
        ("latency early.csv --fps 30", "Trial 2 takes -0.1 s"),
        ("latency few.csv --fps 30", "Only 2 of 2 flashes"),
        ("latency few.csv", "needs the frame rate"),
        ("latency few.csv --fps 0", "A frame rate of 0"),
        ("latency few.csv --fps 30 --screen-hz -1", "A refresh rate of -1"),
        ("latency few.csv --fps 30 --software-ms nan", "share of nan"),
        ("latency short.mp4", "does not tell when the patch flashed"),
        ("latency short.mp4 --flashes mixed.csv", "do not follow each other"),
        ("latency short.mp4 --flashes flashes.csv", "does not see the patch flash"),
        ("latency one.mp4 --flashes flashes.csv", "only one frame"),
        ("latency text.mp4 --flashes flashes.csv", "not a video"),
        ("latency cut.mp4 --flashes flashes.csv", "cut.mp4"),
    ],
)
def test_a_mistake_of_timing_ends_in_one_sentence_and_code_two(
    bad: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], arguments: str, words: str
) -> None:
    monkeypatch.chdir(bad)
    assert main(["calibrate", *arguments.split()]) == 2
    (line,) = capfd.readouterr().err.strip().splitlines()
    assert line.startswith("steadyscope: ")
    assert words in line
