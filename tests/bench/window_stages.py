"""Where a frame's time goes between camera and screen, and who has the processor meanwhile: the window on the demo.

`python -m tests.bench.window_stages [--seconds S] [--backend B] [--size WxH] [--out F.json]`; no screen is needed.
Stages are medians and 95th percentiles in milliseconds on the wall, processor times milliseconds a frame of the camera.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil

from app.cli import FEW_CORES, SWITCH_INTERVAL_S
from app.presenters.live import LivePresenter
from app.views.stage import View
from app.views.surface import VideoSurface
from engine.clock import now_ns
from engine.exchange import Exchange
from engine.pipeline import Pipeline
from tests.bench.window_pace import demo_window, wait

WARM_UP_S = 6.0
NATIVE = "native (network, OpenCV)"
STAGES = (  # name, from one moment to the next
    ("handed over by capture", "captured", "given"),
    ("waiting for the network", "given", "taken"),
    ("preprocess, begin", "taken", "begun"),
    ("network", "begun", "answered"),
    ("lift, stabilize, warp", "answered", "finished"),
    ("judged and handed over", "finished", "shown"),
    ("waiting for the window", "shown", "pulled"),
    ("until painted", "pulled", "painted"),
    ("capture to hand-over", "captured", "shown"),
    ("capture to painted", "captured", "painted"),
)
Moments = dict[str, int]  # name -> monotonic ns
MOMENTS: dict[int, Moments] = defaultdict(dict)  # by frame number


def noted(owner: type, name: str, note: Callable[..., None], *, is_before: bool = False) -> None:
    """Wrap a method for the life of the process: `note(result, *arguments)` is called after it, or before with None."""
    method = getattr(owner, name)

    def wrapper(*arguments: Any) -> Any:
        if is_before:
            note(None, *arguments)
        result = method(*arguments)
        if not is_before:
            note(result, *arguments)
        return result

    setattr(owner, name, wrapper)


def at(seq: int, moment: str) -> None:
    """Frame `seq` is at `moment` now."""
    MOMENTS[seq].setdefault(moment, now_ns())


def install() -> None:
    """Have the program note when each frame passes."""

    def given(_: None, _exchange: Exchange, frame: Any, _at_ns: int) -> None:
        MOMENTS[frame.seq]["captured"] = frame.captured_ns
        at(frame.seq, "given")

    def taken(arrival: Any, *_: Any) -> None:
        if arrival is not None:
            at(arrival.frame.seq, "taken")

    def shown(is_shown: bool, _exchange: Exchange, output: Any) -> None:
        if is_shown and output.inference is not None:
            at(output.raw.seq, "shown")

    def pulled(_: None, _presenter: LivePresenter, output: Any) -> None:
        if output.inference is not None:
            at(output.raw.seq, "pulled")

    noted(Exchange, "give", given, is_before=True)
    noted(Exchange, "take", taken)
    noted(Pipeline, "_begin", lambda begun, *_: at(begun.frame.seq, "begun"))
    noted(Pipeline, "_finish", lambda _, _pipeline, begun, *_rest: at(begun.frame.seq, "answered"), is_before=True)
    noted(Pipeline, "_finish", lambda output, *_: at(output.raw.seq, "finished"))
    noted(Exchange, "show", shown)
    noted(LivePresenter, "_show_pictures", pulled, is_before=True)


def watch(surface: VideoSurface) -> None:
    """A frame counts as painted when `surface` paints next after the frame was pulled."""

    def painted(_: None, widget: VideoSurface, _event: Any) -> None:
        waiting = [seq for seq in list(MOMENTS)[-60:] if "pulled" in MOMENTS[seq]] if widget is surface else []
        if waiting:
            at(max(waiting), "painted")

    noted(VideoSurface, "paintEvent", painted)


def processor_s() -> Counter[str]:
    """Processor seconds so far, by the name of Python's thread."""
    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    spent: Counter[str] = Counter()
    for thread in psutil.Process().threads():
        spent[names.get(thread.id, NATIVE)] += thread.user_time + thread.system_time
    return spent


def measure(backend: str, seconds: float, size: tuple[int, int]) -> dict[str, Any]:
    """The table of stages and of processor times."""
    install()
    with demo_window(backend, size) as house:
        watch(house.live_page.stage.panes[View.STABILIZED].surface)
        wait(WARM_UP_S)
        began_ns, before = now_ns(), processor_s()
        wait(seconds)
        ended_ns, after = now_ns(), processor_s()
    frames = [moments for moments in MOMENTS.values() if began_ns <= moments.get("captured", 0) < ended_ns]
    spent_ms = {name: spent * 1e3 / len(frames) for name, spent in (after - before).items()}
    handed_over = sum("shown" in moments for moments in frames)
    return {
        "fps_in": round(len(frames) / (ended_ns - began_ns) * 1e9, 2),
        "fps_processed": round(handed_over / (ended_ns - began_ns) * 1e9, 2),
        "stage_ms": {name: spread(frames, begin, end) for name, begin, end in STAGES},
        "processor_ms": {name: round(spent, 2) for name, spent in sorted(spent_ms.items()) if spent >= 0.05},
        "processor_ms_in_all": round(sum(spent_ms.values()), 1),
        "processor_ms_there_is": round((os.cpu_count() or 1) * (ended_ns - began_ns) / 1e6 / len(frames), 1),
    }


def spread(frames: list[Moments], begin: str, end: str) -> dict[str, float]:
    """Median and 95th percentile, in milliseconds, over the frames that saw both moments."""
    times = [(moments[end] - moments[begin]) / 1e6 for moments in frames if begin in moments and end in moments]
    p50, p95 = np.percentile(times, (50, 95)) if times else (0.0, 0.0)
    return {"p50": round(float(p50), 2), "p95": round(float(p95), 2)}


def main() -> None:
    """Parse and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--backend", default="auto")
    parser.add_argument("--size", default="1600x900")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    if (os.cpu_count() or 1) <= FEW_CORES:  # as app/cli.py has it
        cv2.setNumThreads(1)
    width, height = map(int, args.size.split("x"))
    text = json.dumps(
        {"size": args.size, "backend": args.backend, **measure(args.backend, args.seconds, (width, height))}, indent=1
    )
    if args.out is not None:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
