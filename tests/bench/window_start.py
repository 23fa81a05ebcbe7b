"""How long from the start of the process to the shown window, and to the first live raw picture.

`python tests/bench/window_start.py [--runs N] [--backend B]` prints medians as JSON; no screen is needed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


def one_start(backend: str) -> tuple[float, float]:
    """Milliseconds to the first paint of the window and of a raw picture, from before the interpreter starts."""
    began_s = time.time()
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "WINDOW_START_BEGAN": repr(began_s)}
    done = subprocess.run(
        [sys.executable, __file__, "--child", "--backend", backend],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    shown_ms, live_ms = json.loads(done.stdout.splitlines()[-1])
    return shown_ms, live_ms


def child(backend: str) -> None:
    """In the process that is measured: the window as `steadyscope --demo` opens it, closed at the first picture."""
    sys.path.insert(0, str(ROOT))
    from app.cli import main
    from app.compose import House

    began_s = float(os.environ["WINDOW_START_BEGAN"])
    times: list[float] = []
    show = House.show

    def watched(house: House) -> None:
        show(house)
        house.window.repaint()
        times.append((time.time() - began_s) * 1e3)
        house.pump.raw_arrived.connect(lambda _frame: arrived(house))

    def arrived(house: House) -> None:
        if len(times) == 1:
            house.live_page.stage.repaint()
            times.append((time.time() - began_s) * 1e3)
            house.window.close()

    House.show = watched  # type: ignore[method-assign]
    main(["--demo", "--backend", backend, "--run-for", "30", "--settings", os.devnull + ".none"])
    sys.stdout.write(json.dumps(times) + "\n")


def run() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--backend", default="off")
    parser.add_argument("--child", action="store_true")
    args = parser.parse_args()
    if args.child:
        child(args.backend)
        return
    starts = [one_start(args.backend) for _ in range(args.runs)]
    shown, live = zip(*starts, strict=True)
    figures = {
        "runs": args.runs,
        "backend": args.backend,
        "window_shown_ms": {"median": round(statistics.median(shown)), "max": round(max(shown))},
        "first_raw_picture_ms": {"median": round(statistics.median(live)), "max": round(max(live))},
    }
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    run()
