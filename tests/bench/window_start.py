"""How long from the start of the process to the shown window, the first raw picture and the first of the engine.

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


def one_start(backend: str) -> dict[str, float]:
    """Milliseconds to each milestone, from before the interpreter starts."""
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
    return dict(json.loads(done.stdout.splitlines()[-1]))


def child(backend: str) -> None:
    """In the process that is measured: the window as `steadyscope --demo` opens it, closed when all was seen."""
    sys.path.insert(0, str(ROOT))
    from app.cli import main
    from app.compose import House
    from engine.events import Event, EventKind
    from engine.values import Frame, StabilizedFrame

    began_s = float(os.environ["WINDOW_START_BEGAN"])
    times: dict[str, float] = {}
    houses: list[House] = []
    show = House.show

    def note(name: str) -> None:
        times.setdefault(name, round((time.time() - began_s) * 1e3))
        if {"first_raw_picture_ms", "first_engine_output_ms"} <= times.keys():
            houses[0].window.close()

    def watched(house: House) -> None:
        show(house)
        houses.append(house)
        house.window.repaint()
        note("window_shown_ms")
        house.pump.raw_arrived.connect(saw_raw)
        house.pump.event_happened.connect(heard)
        house.pump.output_arrived.connect(saw_output)

    def saw_raw(_: Frame) -> None:
        houses[0].live_page.stage.repaint()
        note("first_raw_picture_ms")

    def heard(event: Event) -> None:
        if event.kind is EventKind.ENGINE_READY:
            note("engine_ready_ms")

    def saw_output(output: StabilizedFrame) -> None:
        if output.stage_ms:  # went through the engine, even if it was then replaced because it was late
            note("first_engine_output_ms")

    House.show = watched  # type: ignore[method-assign, assignment]
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
    figures: dict[str, object] = {"runs": args.runs, "backend": args.backend}
    for name in starts[0]:
        values = [start[name] for start in starts if name in start]
        figures[name] = {"median": statistics.median(values), "max": max(values)}
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    run()
