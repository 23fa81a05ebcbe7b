"""The file source reads what people have, in true order and time, and says clearly what it cannot read."""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from engine.capture.file import FileSource
from engine.capture.source import Source
from engine.errors import EndOfStream, SourceError, SourceTimeout
from engine.values import Frame, Image


def picture(index: int, size: tuple[int, int]) -> Image:
    """A gradient with a gray level that tells the index."""
    width, height = size
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[..., 0] = np.linspace(20, 200, width, dtype=np.uint8)
    pixels[..., 1] = 40 + 8 * (index % 20)
    pixels[..., 2] = np.linspace(200, 20, height, dtype=np.uint8)[:, None]
    return pixels


def write_video(
    path: Path,
    size: tuple[int, int] = (96, 80),
    frames: int = 10,
    codec: str = "ffv1",
    pix_fmt: str = "bgr0",
    times: Sequence[float] | None = None,
    turn: int = 0,
    options: dict[str, str] | None = None,
) -> Path:
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        if turn:
            stream.set_display_rotation(turn)
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(index, size), format="rgb24")
            frame.time_base = Fraction(1, 1000)
            frame.pts = round(1000 * (index / 25 if times is None else times[index]))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def read_all(source: Source) -> list[Frame]:
    frames = []
    while True:
        try:
            frames.append(source.read(1.0))
        except EndOfStream:
            return frames


def open_and_read(source: Source) -> list[Frame]:
    source.open()
    return read_all(source)


def refusal(path: Path) -> SourceError:
    source = FileSource(path)
    with pytest.raises(SourceError) as caught:
        open_and_read(source)
    source.close()
    assert caught.value.sentence.endswith(".")
    assert "\n" not in str(caught.value)
    return caught.value


def test_every_frame_comes_once_in_order_with_its_time(tmp_path: Path) -> None:
    source = FileSource(write_video(tmp_path / "a.mkv", frames=10))
    info = source.open()
    frames = read_all(source)
    assert (info.width, info.height, info.fps, info.is_live) == (96, 80, 25.0, False)
    assert [frame.seq for frame in frames] == list(range(10))
    assert [frame.captured_ns for frame in frames] == [40_000_000 * index for index in range(10)]
    assert not frames[0].pixels.flags.writeable
    for index, frame in enumerate(frames):
        np.testing.assert_allclose(frame.pixels, picture(index, (96, 80)), atol=1)
    source.close()


@pytest.mark.parametrize(
    ("codec", "pix_fmt"),
    [
        ("ffv1", "gray"), ("ffv1", "gray10le"), ("ffv1", "yuv420p"), ("ffv1", "yuv422p10le"), ("ffv1", "yuv444p16le"),
        ("libx264", "yuv420p"), ("libx264", "yuvj420p"), ("libx264", "yuv420p10le"), ("mjpeg", "yuvj422p"),
        ("libx265", "yuv420p10le"), ("ffv1", "gbrp12le"), ("rawvideo", "yuyv422"), ("ffv1", "rgb48le"),
    ],
)  # fmt: skip
def test_every_pixel_format_becomes_rgb_of_the_right_brightness(tmp_path: Path, codec: str, pix_fmt: str) -> None:
    source = FileSource(write_video(tmp_path / "a.mkv", frames=3, codec=codec, pix_fmt=pix_fmt))
    source.open()
    frames = read_all(source)
    wanted = picture(1, (96, 80)).astype(float)
    luma = wanted @ (0.299, 0.587, 0.114)
    assert len(frames) == 3
    assert abs((frames[1].pixels.astype(float) @ (0.299, 0.587, 0.114)) - luma).mean() < 4
    if not pix_fmt.startswith("gray"):
        assert abs(frames[1].pixels - wanted).mean() < 8
    source.close()


@pytest.mark.parametrize("size", [(97, 81), (65, 64), (641, 479)])
def test_odd_sizes_keep_every_column_and_row(tmp_path: Path, size: tuple[int, int]) -> None:
    source = FileSource(write_video(tmp_path / "a.mkv", size=size, frames=2))
    info = source.open()
    assert (info.width, info.height) == size
    assert source.read(1.0).pixels.shape == (size[1], size[0], 3)
    source.close()


def test_4k_is_read_at_full_size(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", (3840, 2160), 2, "mpeg4", "yuv420p")
    source = FileSource(path)
    assert source.open().width == 3840
    assert [frame.pixels.shape for frame in read_all(source)] == [(2160, 3840, 3)] * 2
    source.close()


def test_a_variable_frame_rate_keeps_its_own_times(tmp_path: Path) -> None:
    times = [0.0, 0.04, 0.2, 0.21, 0.5, 1.5]
    source = FileSource(write_video(tmp_path / "a.mkv", frames=6, times=times))
    source.open()
    assert [frame.captured_ns for frame in read_all(source)] == pytest.approx([t * 1e9 for t in times], abs=1e6)
    source.close()


def test_times_start_at_zero_even_if_the_container_does_not(tmp_path: Path) -> None:
    source = FileSource(write_video(tmp_path / "a.mkv", frames=3, times=[7.0, 7.04, 7.08]))
    source.open()
    assert [frame.captured_ns for frame in read_all(source)] == [0, 40_000_000, 80_000_000]
    source.close()


def test_pictures_with_b_frames_come_in_order_of_presentation(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", frames=20, codec="libx264", pix_fmt="yuv420p", options={"bf": "3"})
    source = FileSource(path)
    source.open()
    frames = read_all(source)
    levels = [int(np.median(frame.pixels[..., 1])) for frame in frames]
    assert len(frames) == 20
    assert levels == sorted(levels)
    source.close()


@pytest.mark.parametrize(("turn", "corner"), [(90, (-1, 0)), (180, (-1, -1)), (270, (0, -1))])
def test_a_telephones_rotation_mark_is_obeyed(tmp_path: Path, turn: int, corner: tuple[int, int]) -> None:
    plain = FileSource(write_video(tmp_path / "a.mp4", frames=1, codec="libx264", pix_fmt="yuv444p"))
    turned = FileSource(write_video(tmp_path / "b.mp4", frames=1, codec="libx264", pix_fmt="yuv444p", turn=turn))
    plain.open()
    info = turned.open()
    upright, pixels = plain.read(1.0).pixels, turned.read(1.0).pixels
    assert pixels.shape[:2] == (info.height, info.width)
    assert (pixels.shape == upright.shape) == (turn == 180)
    np.testing.assert_allclose(pixels[corner], upright[0, 0], atol=6)  # counter-clockwise, as FFmpeg counts
    plain.close()
    turned.close()


def test_a_loop_goes_on_in_number_and_time(tmp_path: Path) -> None:
    source = FileSource(write_video(tmp_path / "a.mkv", frames=4), loop=True)
    assert source.open().frame_count is None
    frames = [source.read(1.0) for _ in range(10)]
    assert [frame.seq for frame in frames] == list(range(10))
    assert np.diff([frame.captured_ns for frame in frames]).tolist() == [40_000_000] * 9
    np.testing.assert_array_equal(frames[1].pixels, frames[5].pixels)
    source.close()


def test_paced_frames_come_on_the_clock_with_their_due_times(tmp_path: Path) -> None:
    source = FileSource(write_video(tmp_path / "a.mkv", frames=6), realtime=True)
    begin = time.monotonic_ns()
    source.open()
    frames = read_all(source)
    assert np.diff([frame.captured_ns for frame in frames]).tolist() == [40_000_000] * 5
    assert time.monotonic_ns() - begin >= 5 * 40_000_000
    assert frames[0].captured_ns >= begin
    source.close()


def test_a_paced_frame_that_is_not_due_is_a_timeout_not_a_loss(tmp_path: Path) -> None:
    source = FileSource(write_video(tmp_path / "a.mkv", frames=2, times=[0.0, 0.2]), realtime=True)
    source.open()
    source.read(1.0)
    with pytest.raises(SourceTimeout):
        source.read(0.01)
    assert source.read(1.0).seq == 1
    source.close()


def test_a_slow_reader_of_a_paced_file_is_not_rushed_afterwards(tmp_path: Path) -> None:
    source = FileSource(write_video(tmp_path / "a.mkv", frames=4), realtime=True)
    source.open()
    source.read(1.0)
    time.sleep(0.3)
    late, following = source.read(1.0), source.read(1.0)
    assert following.captured_ns - late.captured_ns >= 39_000_000
    source.close()


def test_a_file_opens_again_from_its_start(tmp_path: Path) -> None:
    source = FileSource(write_video(tmp_path / "a.mkv", frames=3))
    source.open()
    first = source.read(1.0)
    source.close()
    source.close()
    with pytest.raises(SourceError):
        source.read(1.0)
    source.open()
    np.testing.assert_array_equal(source.read(1.0).pixels, first.pixels)
    source.close()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "There is no file" in refusal(tmp_path / "none.mp4").sentence


def test_a_folder_is_not_a_video(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path).sentence


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    assert "0 bytes" in refusal(tmp_path / "a.mp4").sentence


def test_noise_is_no_video(tmp_path: Path) -> None:
    for seed, name in enumerate(("a.mp4", "b.mkv", "c.avi", "d")):
        (tmp_path / name).write_bytes(np.random.default_rng(seed).bytes(60_000))
        refusal(tmp_path / name)


@pytest.mark.parametrize("name", ["a.txt", "a.mp4", "a"])
def test_a_text_is_no_video(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("The patient complains about tooth 36.\n" * 50, encoding="utf-8")
    refusal(tmp_path / name)


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        for index in range(5):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="flt", layout="mono")
            frame.sample_rate, frame.pts = 44100, 1024 * index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert "only sound" in refusal(path).sentence


def test_16_by_16_is_too_small(tmp_path: Path) -> None:
    assert "only 16x16" in refusal(write_video(tmp_path / "a.mkv", (16, 16), 2)).sentence


def test_a_recording_without_its_index_is_damaged(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", frames=30, codec="libx264", pix_fmt="yuv420p")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "damaged or cut short" in refusal(path).sentence


@pytest.mark.parametrize(("name", "options"), [("a.mp4", {"movflags": "+faststart"}), ("a.mkv", {})])
def test_a_file_that_breaks_off_early_says_so_after_its_good_part(
    tmp_path: Path, name: str, options: dict[str, str]
) -> None:
    path = write_video(tmp_path / name, (320, 240), 100, "libx264", "yuv420p", options=options)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    source = FileSource(path)
    source.open()
    good = [source.read(1.0).seq for _ in range(30)]
    assert good == list(range(30))
    with pytest.raises(SourceError, match="cut short"):
        read_all(source)
    source.close()
