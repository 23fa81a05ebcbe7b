"""Three seconds of MPEG-TS, and a reader that reads on."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from engine.capture.source import Source


def mpeg_ts(folder: Path) -> bytes:
    """75 frames of 128x96 that grow brighter by one level each."""
    path = folder / "a.ts"
    with av.open(str(path), "w", format="mpegts") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast", "g": "5", "bf": "0"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for index in range(75):
            pixels = np.full((96, 128, 3), 60 + index, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    return path.read_bytes()


def read_on(source: Source) -> None:
    """Read until it fails."""
    while True:
        source.read(2.0)
