"""A new user's run through the calibration bench with simulated devices, photographed step by step.

`python -m tests.bench.bench_pictures --out DIR [--theme high_contrast] [--size 1280x800]`
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF

from app.dialogs.flash import TRIALS, FlashDialog
from engine.calibration import vibration_step
from engine.calibration.latency import GOLDEN
from engine.values import Frame, Image
from tests.bench.bench_run import STEP_NS, Run, wait
from tests.bench.bench_subjects import blurred, dusty, mouth, shaken, still_then_moving
from tests.rendered_boards import camera, photographs
from tests.rendered_charts import photograph_chart


def walk(run: Run) -> None:
    """Every step, as a technician takes it."""
    pictures = mouth()
    see_source(run, pictures)
    see_picture(run, pictures)
    boards = see_lens(run)
    see_colour(run)
    see_vibration(run, boards[4])
    see_latency(run, boards[4])
    sign(run)


def see_source(run: Run, pictures: Iterator[Image]) -> None:
    """Controls by hand, then the count."""
    bench = run.bench
    run.show(pictures, frames=2)
    wait(900)
    run.shoot("source-first-look")
    bench.controls.wish("auto_exposure", 1)
    bench.controls.wish("auto_focus", 0)
    bench.controls.send()
    wait(700)
    bench.controls.wish("exposure", 180)
    bench.controls.wish("gain", 24)
    wait(700)
    bench.start()
    flat = next(pictures)
    run.show(flat for _ in range(200))
    run.finish()
    bar = bench.page.controls_area.verticalScrollBar()
    bar.setValue(bar.maximum() // 3)
    run.shoot("source-passed")


def see_picture(run: Run, pictures: Iterator[Image]) -> None:
    """The focus is turned through its best; dust, then none."""
    bench = run.bench
    bench.go_on()
    run.show(blurred(pictures, [*np.linspace(4, 0, 60), *np.linspace(0, 2.5, 18)]))
    run.shoot("picture-out-of-focus")
    bright = (np.asarray(np.clip(pixels * 1.9, 0, 255), np.uint8) for pixels in pictures)
    run.show(bright, frames=4)
    run.shoot("picture-clipped")
    for name, grains in (("picture-failed-dust", 2), ("picture-judged", 0)):
        bench.start()
        run.show(dusty(still_then_moving(pictures), grains))
        run.finish()
        run.show(pictures, frames=30)
        run.shoot(name)


def see_lens(run: Run) -> list[Image]:
    """A dozen views of the sheet."""
    bench, rng = run.bench, np.random.default_rng(31)
    boards = photographs(11, camera(rng), rng)
    bench.choose("lens")
    bench.start()
    run.show(one for board in boards[:6] for one in (board, board))
    run.shoot("lens-running")
    run.show(one for board in boards[6:] for one in (board, board))
    bench.finish()
    run.finish()
    bench.page.preview.click()
    run.show(boards[2:3])
    run.shoot("lens-passed")
    return boards


def see_colour(run: Run) -> None:
    """One look at the chart."""
    bench = run.bench
    bench.choose("colour")
    chart, corners = photograph_chart(np.random.default_rng(8))
    bright, _ = photograph_chart(np.random.default_rng(8), exposure=1.25)
    run.show(bright for _ in range(3))
    bench.start()
    run.show(bright for _ in range(3))
    run.shoot("colour-overexposed")
    for x, y in corners[:3]:
        bench.tap(QPointF(x, y))
    run.show(chart for _ in range(2))
    run.shoot("colour-corners-tapped")
    bench.tap(QPointF(*corners[3]))
    run.show(chart for _ in range(3))
    run.finish()
    bench.page.preview.click()
    run.show([chart])
    run.shoot("colour-passed")


def see_vibration(run: Run, board: Image) -> None:
    """Live, then judged."""
    bench = run.bench
    bench.choose("vibration")
    vibration_step.MOVING_S = 6.0
    run.show(shaken(board, 6.5, 1.0), shaken(board, 6.5, 0.08))
    run.shoot("vibration-live")
    bench.start()
    run.show(shaken(board, 8, 1.0), shaken(board, 8, 0.08))
    run.finish()
    run.show([board])
    run.shoot("vibration-passed")


def see_latency(run: Run, board: Image) -> None:
    """A loop of 52 ms with some jitter; the flashes are written down, for two minutes are not waited."""
    bench = run.bench
    bench.choose("latency")
    run.show([board])
    run.shoot("latency")
    bench.start()
    dialog = bench._latency.dialog
    assert dialog is not None
    dialog.stop()
    flash(dialog, 0, 180)
    dialog.patch.light(is_lit=True)
    wait(250)
    run.shoot_widget(dialog, "latency-running")
    dialog.patch.lit_ns.pop()
    flash(dialog, 180, TRIALS)
    dialog._judge()
    run.show([board])
    run.shoot("latency-measured")


def flash(dialog: FlashDialog, first: int, last: int) -> None:
    """Trials `first` to `last`, seen through a loop of known delay."""
    rng = np.random.default_rng(first)
    dark, lit = (np.full((480, 640, 3), level, np.uint8) for level in (20, 220))
    for index in range(first, last):
        at_ns = round(1e9 * (1 + 0.3 * index + (index * GOLDEN % 1) / 30))
        dialog.patch.lit_ns.append(at_ns)
        for number in range(9 * index, 9 * index + 9):
            seen_ns = 1_000_000_000 + number * STEP_NS
            is_lit = 0 <= seen_ns - at_ns < 120_000_000
            grabbed_ns = seen_ns + round(1e6 * (31 + rng.gamma(2.0, 1.6)))
            dialog.see(Frame(lit if is_lit else dark, number, grabbed_ns))
    dialog.bar.setValue(last)
    dialog._show_so_far()


def sign(run: Run) -> None:
    """Everything is done: the operator signs."""
    bench = run.bench
    bench.page.sign_off.operator.setText("A. Technician")
    run.shoot("ready-to-sign")
    bench.sign_off.sign("A. Technician")
    wait(900)
    run.shoot("signed")


def main() -> None:
    """Parse and walk."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--theme", default="dark", choices=("dark", "high_contrast"))
    parser.add_argument("--size", default="1280x800")
    args = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    args.out.mkdir(parents=True, exist_ok=True)
    width, height = (int(part) for part in args.size.split("x"))
    run = Run(args.out, args.theme, (width, height))
    walk(run)
    run.source.close()
    run.close()


if __name__ == "__main__":
    main()
