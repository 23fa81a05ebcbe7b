"""`steadyscope demo-clip` writes a video that reads back as the demo, with truth that fits it."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.cli import main
from engine.capture.demo.truth_folder import TruthFolder
from engine.capture.file import FileSource
from engine.capture.synthetic import SyntheticSource
from engine.errors import RecordingError
from engine.recording.clip import ClipWriter

SMALL = ["--seed", "3", "--size", "160x120"]


def test_a_lossless_clip_is_the_demo_frame_by_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    assert main(["demo-clip", str(path), *SMALL, "--seconds", "0.2"]) == 0
    made, read = SyntheticSource(3, size=(160, 120), realtime=False), FileSource(path)
    read.open()
    for seq in range(6):
        np.testing.assert_array_equal(read.read(1.0).pixels, made.studio.draw(seq))
    read.close()


def test_truth_comes_with_one_set_of_files_a_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    assert main(["demo-clip", str(path), *SMALL, "--seconds", "0.1", "--truth", "--kind", "walk"]) == 0
    root = tmp_path / "a-truth"
    poses = [json.loads(line) for line in (root / "poses.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [pose["seq"] for pose in poses] == [0, 1, 2]
    with np.load(root / "fields" / "000002.npz") as fields:
        flow, visible = fields["flow"], fields["visible"]
    x, y = 20, 100
    back = np.linalg.solve(np.reshape(poses[2]["current_from_previous"], (3, 3)), (x, y, 1.0))
    assert visible[y, x]
    np.testing.assert_allclose(flow[y, x], back[:2] - (x, y), atol=0.02)
    tooth = cv2.imread(str(root / "tooth" / "000002.png"), cv2.IMREAD_UNCHANGED)
    assert tooth.mean() / 255 == pytest.approx(poses[2]["tooth_fraction"], abs=1e-6)
    assert cv2.imread(str(root / "clean" / "000000.png")).shape == (120, 160, 3)


def test_ctrl_c_leaves_a_whole_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.mp4"
    timer = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    assert main(["demo-clip", str(path), *SMALL, "--seconds", "600"]) == 130
    timer.join()
    assert "is whole" in capsys.readouterr().err
    source = FileSource(path)
    assert source.open().frame_count
    source.close()


@pytest.mark.parametrize("name", ["a.avi", "a", "missing/a.mp4", "missing/a.mkv"])
def test_a_place_that_cannot_be_written_is_one_sentence_and_code_2(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo-clip", str(tmp_path / name), *SMALL]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_truth_is_finished_though_the_clip_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []

    def full(_: ClipWriter) -> None:
        raise RecordingError("clip.mp4 cannot be written on: full.", "Free disk space.")

    monkeypatch.setattr(ClipWriter, "close", full)
    monkeypatch.setattr(TruthFolder, "close", lambda truth: closed.append(truth._poses.close() is None))
    arguments = ["demo-clip", str(tmp_path / "clip.mp4"), "--seconds", "0.1", "--size", "64x64", "--truth"]
    assert main(arguments) == 2
    assert closed == [True]
