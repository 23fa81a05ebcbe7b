"""`steadyscope` from the command line, with a real session: report, screenshot, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app.cli import main
from app.commands.window import SourceVerdict
from app.compose import House
from app.sources import SourceChoice, SourceKind

ROOT = Path(__file__).parents[2]


def steadyscope(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    home = {name: str(tmp_path / "home") for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"} | home,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_demo_runs_reports_and_is_photographed(tmp_path: Path) -> None:
    report, shot = tmp_path / "report.json", tmp_path / "window.png"
    done = steadyscope(
        tmp_path,
        *("--demo", "--backend", "off", "--run-for", "1.5", "--report", str(report), "--screenshot", str(shot)),
    )
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(report.read_text())
    assert told["frames_in"] > 0
    assert {"fps_in", "fps_processed", "latency_ms", "stage_ms", "dropped", "modes", "tracking", "source"} <= set(told)
    image = QImage(str(shot))
    assert image.width() >= 1280
    colors = {image.pixel(x, image.height() // 2) for x in range(0, image.width(), 7)}
    assert len(colors) > 50, "the views show a picture"


def test_a_screenshot_that_cannot_be_written_costs_neither_the_report_nor_a_clean_end(tmp_path: Path) -> None:
    report, shot = tmp_path / "report.json", tmp_path / "nowhere" / "window.png"
    done = steadyscope(
        tmp_path,
        *("--demo", "--backend", "off", "--run-for", "0.5", "--report", str(report), "--screenshot", str(shot)),
    )
    assert done.returncode == 2
    assert "screenshot" in done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads(report.read_text())["frames_in"] > 0


def test_a_missing_file_ends_in_one_sentence_and_exit_code_two(tmp_path: Path) -> None:
    done = steadyscope(tmp_path, "--file", str(tmp_path / "none.mp4"), "--backend", "off")
    assert done.returncode == 2
    assert "none.mp4" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_source_that_never_gave_a_picture_is_said_to_be_lost(house: House, qapp: QApplication) -> None:
    house.expect(SourceChoice(SourceKind.DEMO))
    verdict = SourceVerdict(qapp, house, is_named=True)
    verdict.judge_at_end(5)
    assert verdict.loss is None
    verdict.judge_at_end(0)
    assert verdict.loss is not None
    assert "no picture" in verdict.loss.sentence


def test_a_file_without_a_name_is_a_source_that_was_named_and_is_not_there(tmp_path: Path) -> None:
    done = steadyscope(tmp_path, "--file", "", "--backend", "off", "--run-for", "1")
    assert done.returncode == 2
    assert "is a folder" in done.stderr


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "1e12", "soon"])
def test_a_time_to_run_that_is_none_is_refused(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--demo", "--run-for", seconds])
    assert end.value.code == 2
    assert "--run-for" in capsys.readouterr().err
