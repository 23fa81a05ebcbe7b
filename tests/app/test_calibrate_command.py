"""`steadyscope calibrate` on files, as a technician scripts it."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.cli import main
from engine.calibration.profile import Profile, save
from tests.rendered_boards import BOARD, camera, photographs
from tests.rendered_charts import photograph_chart


def test_a_sheet_is_written(tmp_path: Path) -> None:
    assert main(["calibrate", "board", "--board", BOARD.name, "--out", str(tmp_path / "s.pdf")]) == 0
    assert (tmp_path / "s.pdf").stat().st_size > 10_000


def test_the_lens_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(21)
    for index, one in enumerate(photographs(9, camera(rng), rng)):
        cv2.imwrite(str(tmp_path / f"{index}.png"), one)
    cv2.imwrite(str(tmp_path / "empty.png"), np.full((480, 640, 3), 90, np.uint8))
    main(["calibrate", "lens", str(tmp_path), "--board", BOARD.name, "--json"])
    entry = json.loads(capsys.readouterr().out)
    assert {"model", "image_size", "rms_px", "holdout_rms_px", "verdict"} <= set(entry)
    assert len(entry["camera_matrix"]) == 9
    assert entry["accepted"] + entry["rejected"] == 10
    assert entry["accepted"] >= 8


def test_the_colour_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo, _ = photograph_chart(np.random.default_rng(22))
    cv2.imwrite(str(tmp_path / "chart.png"), photo[..., ::-1])
    assert main(["calibrate", "colour", str(tmp_path / "chart.png"), "--json"]) == 0
    entry = json.loads(capsys.readouterr().out)
    assert entry["delta_e_after"]["mean"] <= 3
    assert entry["verdict"] == "pass"


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of what a technician may give by mistake."""
    folder = tmp_path_factory.mktemp("bad")
    grey = np.full((480, 640, 3), 90, np.uint8)
    for name in ("empty", "texts", "sizes", "mirrored", "hidden"):
        (folder / name).mkdir()
    (folder / "texts" / "a.png").write_text("no picture")
    for index in range(20):
        cv2.imwrite(str(folder / "sizes" / f"{index:02d}.png"), grey[: 200 + index])
    rng = np.random.default_rng(21)
    view = photographs(1, camera(rng), rng)[0]
    cv2.imwrite(str(folder / "mirrored" / "a.png"), view[:, ::-1])
    hidden = view.copy()
    hidden[70:] = 90
    cv2.imwrite(str(folder / "hidden" / "a.png"), hidden)
    cv2.imwrite(str(folder / "grey.png"), grey)
    for kind in ("jpg", "png"):
        whole = cv2.imencode(f".{kind}", rng.integers(0, 255, grey.shape, dtype=np.uint8))[1].tobytes()
        (folder / f"cut.{kind}").write_bytes(whole[: len(whole) // 3])
    (folder / "huge.png").write_bytes(claims_to_be(60_000, 60_000))
    (folder / "text.mp4").write_text("no video")
    (folder / "nothing.mp4").touch()
    writer = cv2.VideoWriter(str(folder / "three.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 30, (640, 480))
    for _ in range(3):
        writer.write(grey)
    writer.release()
    (folder / "list.json").write_text("[]")
    (folder / "noise.json").write_bytes(bytes(range(128, 256)))
    profile = Profile("v4l2:1:2:3", "Handpiece", (640, 480), "2026-11-22T10:00:00+00:00", "A", {}, True)
    save(profile, folder / "good.json")
    save(replace(profile, made="2026-11-22T10:00:00"), folder / "zoneless.json")
    save(replace(profile, steps={"lens": 3}), folder / "odd.json")  # type: ignore[dict-item]
    save(replace(profile, image_size=(0, 480)), folder / "sizeless.json")
    save(replace(profile, steps={"picture": {"verdict": "pass", "histogram": [1]}}), folder / "thin.json")
    return folder


def claims_to_be(width: int, height: int) -> bytes:
    """A PNG of few bytes whose header promises a picture of that size."""
    start = b"\x89PNG\r\n\x1a\n"
    parts = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0")))
    return start + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("lens nowhere --board B", "There is no file"),
        ("lens empty --board nonsense", "'nonsense' names no board"),
        ("lens empty --board charuco:10x8:nan:1.5:4X4_50", "Squares are"),
        ("lens empty --board charuco:10x8:2:1.5:9X9_50", "no marker dictionary"),
        ("lens empty --board B", "holds no pictures"),
        ("lens texts --board B", "a.png is no picture"),
        ("lens mirrored --board B", "a.png shows the board mirrored"),
        ("lens hidden --board B", "left out: a.png shows"),
        ("lens text.mp4 --board B", "not a video"),
        ("lens nothing.mp4 --board B", "is empty"),
        ("lens three.mp4 --board B", "Only 0 usable views"),
        ("board --board B --out nowhere/sheet.pdf", "cannot be written"),
        ("board --board B --out empty", "cannot be written"),
        ("board --board chessboard:60x60:5 --out sheet.pdf", "too large for an A4 sheet"),
        ("colour nowhere.png", "There is no file"),
        ("colour empty", "There is no file"),
        ("colour text.mp4", "no picture"),
        ("colour cut.jpg", "cut short"),
        ("colour cut.png", "cut short"),
        ("colour huge.png", "no picture"),
        ("colour grey.png", "No colour chart"),
        ("colour grey.png --corners 1,2", "not four corners"),
        ("colour grey.png --corners nan,0,1,0,1,1,0,1", "not the 24-patch chart"),
        ("vibration nowhere.mp4", "There is no file"),
        ("vibration empty", "is a folder"),
        ("vibration three.mp4", "3 frames"),
        ("vibration three.mp4 --um-per-px nan", "A scale of nan"),
        ("picture texts", "no picture"),
        ("picture three.mp4", "3 frames"),
        ("picture three.mp4 --fps 0", "A frame rate of 0"),
        ("picture sizes", "different sizes"),
        ("profile show nowhere.json", "There is no profile"),
        ("profile show empty", "cannot be read: Is a directory"),
        ("profile show noise.json", "no calibration profile"),
        ("profile show list.json", "no calibration profile"),
        ("profile show odd.json", "step lens has no verdict"),
        ("profile show sizeless.json", "no size"),
        ("profile check zoneless.json", "no zone"),
        ("profile check good.json --size 640", "is no size"),
        ("profile show good.json --report nowhere/r.html", "cannot be written"),
        ("profile show thin.json --report r.html", "figures are incomplete"),
    ],
)
def test_a_mistake_ends_in_one_sentence_and_code_two(
    bad: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], arguments: str, words: str
) -> None:
    monkeypatch.chdir(bad)
    assert main(["calibrate", *(BOARD.name if word == "B" else word for word in arguments.split())]) == 2
    (line,) = capfd.readouterr().err.strip().splitlines()
    assert line.startswith("steadyscope: ")
    assert words in line


def test_one_bad_picture_of_many_is_left_out_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(21)
    for index, one in enumerate(photographs(8, camera(rng), rng)):
        cv2.imwrite(str(tmp_path / f"{index}.png"), one)
    (tmp_path / "cut.png").write_bytes((tmp_path / "0.png").read_bytes()[:5000])
    main(["calibrate", "lens", str(tmp_path), "--board", BOARD.name, "--json"])
    entry = json.loads(capsys.readouterr().out)
    assert entry["rejected_views"][0]["view"] == "cut.png"
    assert "cut short" in entry["rejected_views"][0]["reason"]
