"""The latency step in the window: the distribution grows while it flashes, and the delay is told in parts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.compose import House
from app.dialogs.flash import SPARE, FlashDialog
from app.presenters.bench_panel import panel_of, rows_of, spread_of
from app.presenters.bench_words import facts_of
from app.views.bench_page import BenchPage
from app.views.distribution import Spread, SpreadStrip
from engine.calibration.bench import Bench
from engine.calibration.latency import GOLDEN
from engine.calibration.profile import STEPS
from engine.calibration.steps import StepView
from engine.values import Frame

FPS, LOOP_MS = 60.0, 41.0
TRIALS = 120


@pytest.fixture
def dialog(house: House, qtbot: QtBot) -> Iterator[FlashDialog]:
    made = FlashDialog(house.theme, FPS, None, TRIALS, software_ms=lambda: 44.0)
    qtbot.addWidget(made)
    made.stop()  # the test flashes by itself
    yield made
    made.stop()


def flash(dialog: FlashDialog, trials: int) -> None:
    """Flashes seen by a camera whose exposures end LOOP_MS before its frames are in our hands."""
    rng, seen_s = np.random.default_rng(3), 0.5
    pictures = {is_lit: np.full((96, 128, 3), 220 if is_lit else 20, np.uint8) for is_lit in (True, False)}
    for index in range(trials):
        at_s = 1 + 0.2 * index + (index * GOLDEN % 1) / FPS
        dialog.patch.lit_ns.append(round(1e9 * at_s))
        while seen_s < 1 + 0.2 * index + 0.19:
            is_lit = 0 <= seen_s - at_s < 0.12
            in_hand_s = seen_s + (LOOP_MS + rng.normal(0, 0.5)) / 1000
            dialog.see(Frame(pictures[is_lit], 0, round(1e9 * in_hand_s)))
            seen_s += 1 / FPS


def test_the_distribution_is_shown_while_it_grows(dialog: FlashDialog) -> None:
    dialog._show_so_far()
    assert "no pictures" in dialog.explanation.text()
    flash(dialog, 40)
    dialog._show_so_far()
    assert "Hold it still" in dialog.explanation.text()
    median, p95 = dialog.spread.percentiles()
    assert median == pytest.approx(LOOP_MS + 500 / FPS, abs=2)
    assert p95 == pytest.approx(LOOP_MS + 950 / FPS, abs=2)
    dialog.grab()  # it paints
    assert f"p50 {median:.1f} ms" in dialog.spread.accessibleName()


def test_a_patch_that_is_not_seen_is_told_at_once(dialog: FlashDialog) -> None:
    for index in range(20):
        dialog.see(Frame(np.full((96, 128, 3), 90, np.uint8), index, index * 16_666_667))
    dialog.patch.lit_ns.append(100_000_000)
    dialog._show_so_far()
    assert "does not see the patch flash" in dialog.explanation.text()


def test_the_delay_is_told_in_parts_that_add_up(dialog: FlashDialog, qtbot: QtBot) -> None:
    flash(dialog, TRIALS)
    with qtbot.waitSignal(dialog.measured) as signal:
        dialog._judge()
    entry = signal.args[0]
    assert entry["trials"] == TRIALS
    parts = entry["parts_ms"]
    assert parts["software"] == 44.0
    assert parts["sampling"] == pytest.approx(500 / FPS)
    in_hand = parts["screen"] + parts["sampling"] + parts["camera"]
    assert in_hand == pytest.approx(np.mean(entry["samples_ms"]), abs=1e-3)
    assert in_hand == pytest.approx(LOOP_MS + 500 / FPS, abs=2)
    spread = spread_of("latency", entry, None)
    assert [name for name, _ in spread.parts_ms] == ["screen", "sampling", "camera", "software"]
    assert len(spread.samples_ms) == TRIALS
    assert ("software", "44.0 ms") in facts_of("latency", entry)


def test_flashes_that_were_not_seen_are_made_up_for(dialog: FlashDialog) -> None:
    flash(dialog, TRIALS - 1)
    assert not dialog.is_enough
    dialog.patch.lit_ns.append(dialog.patch.lit_ns[-1] + 200_000_000)  # nobody saw this one
    assert len(dialog.delays_ms()) == TRIALS - 1
    assert not dialog.is_enough
    dialog.patch.lit_ns += [dialog.patch.lit_ns[-1] + 200_000_000] * SPARE
    assert dialog.is_enough


def test_of_a_finished_bench_signing_is_the_one_thing_to_do_next(house: House, qtbot: QtBot) -> None:
    bench = Bench("camera", "Handpiece", (640, 480))
    for name in STEPS:
        bench.take(name, {"verdict": "pass"} if name == "latency" else {"verdict": "skipped", "reason": "known"})
    bench.results["latency"] |= {"median_ms": 1.0, "p95_ms": 1.0, "p99_ms": 1.0, "trials": 400, "parts_ms": {}}
    page = BenchPage(house.theme, rows_of(bench))
    qtbot.addWidget(page)
    page.show_panel(panel_of(bench, "latency", "", None))
    assert page.start.text() == "Do it again"
    assert page.start.property("primary") is False
    bench.take("latency", {**bench.results["latency"], "verdict": "fail", "failures": ["too late"]})
    page.show_panel(panel_of(bench, "latency", "", None))
    assert page.start.property("primary") is True


def test_the_intervals_of_a_source_are_shown_live_and_afterwards(house: House, qtbot: QtBot) -> None:
    strip = SpreadStrip(house.theme)
    qtbot.addWidget(strip)
    strip.show_spread(spread_of("source", {}, StepView(0.5, "", spread_ms=(33.2, 33.4, 33.3))))
    assert strip.distribution.percentiles()[0] == pytest.approx(33.3)
    assert strip.parts.isHidden()
    strip.show_spread(spread_of("source", {"intervals_ms": [20.0, 20.0, 20.0]}, None))
    assert strip.distribution.percentiles_words() == "p50 20.0 ms   p95 20.0 ms"
    strip.resize(600, 180)
    strip.grab()
    strip.show_spread(Spread("nothing yet"))
    assert strip.distribution.percentiles_words() == ""
