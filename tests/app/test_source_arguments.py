"""A source and its options on the command line: each reaches the source, each mistake is one sentence and a remedy."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from app.cli import main
from app.source_arguments import add_source_arguments, chosen_source
from app.sources import SourceChoice, SourceKind, format_of, format_text
from engine.capture.controls import CameraFormat
from engine.capture.file import FileSource
from engine.errors import SourceError


def chosen(*words: str, last_camera: str = "", last_format: str = "") -> SourceChoice:
    parser = argparse.ArgumentParser()
    add_source_arguments(parser)
    return chosen_source(parser.parse_args(words), last_camera, last_format)


def test_seed_scene_and_size_reach_the_demo() -> None:
    demo = chosen("--seed", "11", "--scene", "calm", "--format", "320x240@15").make()
    assert demo.identity == "demo:seed=11,kind=calm"
    info = demo.open()
    assert (info.width, info.height, info.fps) == (320, 240, 15.0)


def test_a_file_can_be_repeated() -> None:
    choice = chosen("--file", "clip.mp4", "--loop")
    assert choice == SourceChoice(SourceKind.FILE, "clip.mp4", is_looped=True)
    assert isinstance(choice.make(), FileSource)


def test_the_last_camera_comes_back_in_its_last_format_unless_the_demo_is_asked_for() -> None:
    kept = {"last_camera": "v4l2:1:2:3", "last_format": "1280x720@30:MJPG"}
    assert chosen(**kept) == SourceChoice(SourceKind.CAMERA, "v4l2:1:2:3", "1280x720@30:MJPG")
    assert chosen("--format", "640x480", **kept).format == "640x480"
    assert chosen("--seed", "3", **kept) == SourceChoice(name="3")
    assert chosen("--camera", "v4l2:1:2:3", **kept).format == ""  # named anew: as it was signed off


@pytest.mark.parametrize("text", ["1280x720", "1280x720@30", "1280x720@29.97:MJPG", "640x480:YUYV"])
def test_a_format_is_read_as_it_is_written(text: str) -> None:
    assert format_text(format_of(text)) == text


def test_a_format_names_size_rate_and_pixel_code() -> None:
    assert format_of("1280x720@30:mjpg") == CameraFormat(1280, 720, 30.0, "MJPG")


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        (SourceChoice(name="seven"), "The demo's seed 'seven' is not a whole number."),
        (SourceChoice(name="-1"), "The demo's seed '-1' is not a whole number."),
        (SourceChoice(name="\u00b2"), "not a whole number"),  # str.isdigit says yes, int() says no
        (SourceChoice(scene="storm"), "There is no demo scene 'storm'."),
        (SourceChoice(format="12"), "The format '12' is not understood."),
        (SourceChoice(format="0x480"), "The format '0x480' is not understood."),
        (SourceChoice(format="640x480:MJPG"), "The demo camera has no pixel format."),
        (SourceChoice(format="99999x99999"), "The demo cannot paint 99999x99999 pixels."),
        (SourceChoice(SourceKind.FILE, "a.mp4", format="640x480"), "A file or stream has the format that it has."),
        (SourceChoice(SourceKind.URL, "rtsp://x", is_looped=True), "Only a file can be repeated."),
        (SourceChoice(SourceKind.CAMERA, "x", scene="calm"), "Only the demo has scenes."),
    ],
)
def test_a_bad_option_is_one_sentence_and_a_remedy(choice: SourceChoice, sentence: str) -> None:
    with pytest.raises(SourceError, match=sentence) as refused:
        choice.make()
    assert refused.value.remedy.endswith(".")


def test_a_seed_for_a_file_is_refused() -> None:
    with pytest.raises(SourceError, match="Only the demo has a seed"):
        chosen("--file", "a.mp4", "--seed", "3")


def test_a_bad_seed_ends_the_program_with_code_2(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["record", "--demo", "--seed", "x", "--seconds", "1", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("The demo's seed 'x' is not a whole number. Use 0 or more") == 1
