"""How long the window's thread is busy with one tick of the pump and one paint of a picture, while the demo runs.

`python -m tests.bench.window_pace [--seconds S] [--backend B] [--size WxH]` prints processor milliseconds as JSON;
no screen is needed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer

from app.compose import House, make_application
from app.opening import EngineChoice
from app.preferences import Preferences
from app.pump import Pump
from app.sources import SourceChoice
from app.views.surface import VideoSurface
from engine.inference.choose import BackendOptions
from engine.session import Session


def timed(function: Callable[..., Any], into: list[float]) -> Callable[..., Any]:
    """The same function, its milliseconds of processor time noted."""

    def wrapper(*arguments: Any) -> Any:
        began_s = time.thread_time()
        try:
            return function(*arguments)
        finally:
            into.append((time.thread_time() - began_s) * 1e3)

    return wrapper


def measure(backend: str, seconds: float, size: tuple[int, int]) -> dict[str, Any]:
    """Percentiles of processor milliseconds per event, after a warm-up of three seconds."""
    ticks: list[float] = []
    paints: list[float] = []
    Pump.tick = timed(Pump.tick, ticks)  # type: ignore[method-assign]
    VideoSurface.paintEvent = timed(VideoSurface.paintEvent, paints)  # type: ignore[method-assign]
    with demo_window(backend, size):
        wait(3.0)
        ticks.clear()
        paints.clear()
        wait(seconds)
    return {"tick_ms": summary(ticks), "paint_ms": summary(paints)}


@contextmanager
def demo_window(backend: str, size: tuple[int, int]) -> Iterator[House]:
    """The window on the demo source, with settings of its own; closed at the end."""
    make_application()
    options = BackendOptions(backend, keeps_pace=True)
    session = Session(EngineChoice(options))
    with tempfile.TemporaryDirectory() as folder:
        house = House(session, Preferences(Path(folder) / "none.json"), options, size)
        house.start(SourceChoice())
        house.show()
        yield house
        house.window.close()
        session.wait_until_stopped(5.0)


def wait(seconds: float) -> None:
    """Let the window live; QTest.qWait would keep Python's lock and starve the engine's threads."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def summary(values: list[float]) -> dict[str, float]:
    """Count and percentiles."""
    p50, p99 = np.percentile(values, (50, 99)) if values else (0.0, 0.0)
    return {
        "count": len(values),
        "p50": round(float(p50), 3),
        "p99": round(float(p99), 3),
        "max": round(max(values, default=0.0), 3),
    }


def main() -> None:
    """Parse and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--backend", default="off")
    parser.add_argument("--size", default="1920x1080")
    args = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    width, height = map(int, args.size.split("x"))
    figures = measure(args.backend, args.seconds, (width, height))
    sys.stdout.write(json.dumps({"size": args.size, "backend": args.backend, **figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
