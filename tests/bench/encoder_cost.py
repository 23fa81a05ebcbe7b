"""What recording one picture costs the processor, by setting: `python -m tests.bench.encoder_cost --out F.json`.

Frames of the demo are converted and encoded in memory, the settings in turn, several rounds. The cost is processor time
of this process (it does not count waiting for a busy machine) and the median of the rounds; quality is PSNR of the
decoded RGB against what went in, at the rate that the setting needs for it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import av
import cv2
import numpy as np

from engine.capture.synthetic import SyntheticSource
from engine.errors import SourceTimeout
from engine.recording.encoder import Encoder, YuvConverter, add_stream, x264
from engine.values import Image

FRAMES, ROUNDS, FPS, CRF = 90, 5, 30, 20
SHIPPED = x264(CRF)
PARAMS = "scenecut=0:open-gop=0:8x8dct=1:"
SETTINGS: dict[str, dict[str, str]] = {
    "shipped": {},
    "superfast (before)": {"preset": "superfast", "x264-params": f"{PARAMS}cabac=1"},
    "ultrafast, no deblocking": {"x264-params": f"{PARAMS}cabac=0"},
    "ultrafast, CABAC": {"x264-params": f"{PARAMS}cabac=1:no-deblock=0:deblock=0,0"},
}


def demo_frames() -> list[Image]:
    """Moving, noisy pictures, (480, 640, 3) uint8 RGB each."""
    source = SyntheticSource(seed=7)
    source.open()
    frames: list[Image] = []
    while len(frames) < FRAMES:
        try:
            frames.append(source.read(2.0).pixels.copy())
        except SourceTimeout:
            continue
    source.close()
    return frames


def cost_ms(work: Callable[[], object]) -> float:
    """Processor milliseconds a frame."""
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1e3 / FRAMES


def encode(encoder: Encoder, frames: list[av.VideoFrame], size: tuple[int, int], path: Path) -> float:
    """Processor milliseconds a frame of encoding alone."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = add_stream(container, encoder, size, FPS)

        def work() -> None:
            for number, frame in enumerate(frames):
                frame.pts = number * 90_000 // FPS
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))

        return cost_ms(work)


def judged(path: Path, frames: list[Image]) -> dict[str, object]:
    """Rate, PSNR and profile of what was written."""
    errors = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for frame, truth in zip(container.decode(stream), frames, strict=True):
            decoded = frame.to_ndarray(format="rgb24", src_colorspace="ITU709").astype(np.float64)
            errors.append(float(np.mean((decoded - truth) ** 2)))
        profile = stream.codec_context.profile
    rate = path.stat().st_size * 8 * FPS / len(frames) / 1e6
    psnr_db = 10 * np.log10(255**2 / np.mean(errors))
    return {"mbit_s": round(rate, 2), "psnr_db": round(psnr_db, 2), "profile": profile}


def convert_afresh(frames: list[Image]) -> None:
    """As it was before: a copy, and a new context a frame."""
    for number, pixels in enumerate(frames):
        av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(
            format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
        ).pts = number


def convert(frames: list[Image], size: tuple[int, int]) -> list[av.VideoFrame]:
    """As it is shipped."""
    converter = YuvConverter(size)
    return [converter.convert(pixels, number) for number, pixels in enumerate(frames)]


def jpegs(frames: list[Image]) -> None:
    """What the replay buffer does with each picture."""
    for pixels in frames:
        cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 94])


def measure() -> dict[str, object]:
    """All settings, round by round."""
    cv2.setNumThreads(1)
    frames = demo_frames()
    size = (frames[0].shape[0], frames[0].shape[1])
    yuv = convert(frames, size)
    costs: dict[str, list[float]] = {name: [] for name in (*SETTINGS, "convert, before", "convert", "replay JPEG")}
    judgements: dict[str, dict[str, object]] = {}
    with TemporaryDirectory() as scratch:
        for number in range(ROUNDS):
            costs["convert, before"].append(cost_ms(lambda: convert_afresh(frames)))
            costs["convert"].append(cost_ms(lambda: convert(frames, size)))
            costs["replay JPEG"].append(cost_ms(lambda: jpegs(frames)))
            for name, changes in SETTINGS.items():
                path = Path(scratch) / "clip.mp4"
                encoder = replace(SHIPPED, options={**SHIPPED.options, **changes})
                costs[name].append(encode(encoder, yuv, size, path))
                if number == 0:
                    judgements[name] = judged(path, frames)
    return {name: {"ms_a_frame": round(median(each), 2), **judgements.get(name, {})} for name, each in costs.items()}


def main() -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    result = {
        "command": "python -m tests.bench.encoder_cost",
        "what": f"{FRAMES} frames 640x480 of the demo, CRF {CRF}, processor time, median of {ROUNDS} rounds",
        **measure(),
    }
    text = json.dumps(result, indent=1)
    if args.out is not None:
        args.out.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
