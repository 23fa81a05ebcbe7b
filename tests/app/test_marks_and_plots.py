"""Marks lie where the engine found them, and the plots say what moved."""

from __future__ import annotations

import importlib
import threading
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.compose import House
from app.presenters.marks import ARROW_GAIN, flow_arrows, raw_overlay, tint_table, tooth_tint, transform_of
from app.presenters.plots import PlotsPresenter, ToothPath, spectrum
from app.presenters.verdicts import drop_reading, latency_reading, lost_frames, rate_reading
from engine.values import LatencyMs, Motion, StabilizedFrame, Tracking
from tests.fakes_session import SIZE, ScriptedSession, healthy, stabilized


def shifted(seq: int, raw_dx: float, correction_dx: float) -> StabilizedFrame:
    """The tooth moved by `raw_dx` since the frame before; the stabilizer shifts the picture by `correction_dx`."""
    current_from_previous = np.array([[1, 0, raw_dx], [0, 1, 0], [0, 0, 1]], dtype=np.float64)
    output = stabilized(seq, moved_px=(correction_dx, 0.0))
    return replace(output, motion=Motion(seq, current_from_previous, 0.1, 0.9))


def test_a_matrix_maps_points_as_qt_does() -> None:
    matrix = np.array([[1.1, -0.2, 5.0], [0.3, 0.9, -7.0], [0, 0, 1.0]])
    expected = matrix @ (30, 40, 1)
    mapped = transform_of(matrix).map(QPointF(30, 40))
    assert (mapped.x(), mapped.y()) == pytest.approx(expected[:2])


def test_flow_arrows_point_where_the_picture_moved_to() -> None:
    inference = stabilized(1).inference
    assert inference is not None
    arrows = flow_arrows(inference, SIZE)
    assert arrows
    assert all(arrow.dx() == pytest.approx(2 * ARROW_GAIN) for arrow in arrows)


def test_distrusted_flow_is_not_drawn() -> None:
    inference = stabilized(1).inference
    assert inference is not None
    assert flow_arrows(replace(inference, trust=np.zeros_like(inference.trust)), SIZE) == ()


def test_the_tint_is_clear_off_the_teeth_and_brightest_at_their_border() -> None:
    table = tint_table(QColor("#4ea8ff"))
    tint = tooth_tint(np.array([[0.0, 0.5, 1.0]], np.float32).repeat(400, 1), table)
    alphas = [tint.pixelColor(x, 0).alpha() for x in (200, 600, 1000)]
    assert alphas[0] == 0
    assert alphas[1] > alphas[2] > 0


@pytest.mark.parametrize(("tracking", "is_framed"), [(Tracking.TRACKING, True), (Tracking.LOST, False)])
def test_only_a_held_tooth_is_framed(tracking: Tracking, is_framed: bool) -> None:
    overlay = raw_overlay(stabilized(1, tracking=tracking), None, has_flow=False)
    assert (overlay.anchor_box is not None) is is_framed


def test_a_perfect_stabilizer_leaves_a_straight_path() -> None:
    path, position = ToothPath(), 0.0
    for seq in range(40):
        step = 3.0 * np.sin(seq)
        position += step
        raw, held = path.advance(shifted(seq, step, -position))
    assert raw != pytest.approx(0, abs=0.1)
    assert held == pytest.approx(0, abs=1e-9)


def test_an_unseen_tooth_leaves_a_gap() -> None:
    raw, held = ToothPath().advance(replace(stabilized(1), motion=None))
    assert np.isnan(raw)
    assert np.isnan(held)


def test_the_spectrum_finds_a_tremor_of_eight_hertz_and_its_amplitude() -> None:
    at_s = np.arange(300) / 30
    frequency, amplitude = spectrum(at_s, 5 * at_s + 2.0 * np.sin(2 * np.pi * 8 * at_s))
    peak = int(np.argmax(amplitude))
    assert frequency[peak] == pytest.approx(8, abs=0.1)
    assert amplitude[peak] == pytest.approx(2, rel=0.05)


def test_the_dock_draws_stages_path_and_spectrum(qtbot: QtBot, house: House, session: ScriptedSession) -> None:
    house.actions["plots"].setChecked(True)
    plots = next(each for each in house.attachments if isinstance(each, PlotsPresenter))
    for seq in range(90):
        output = shifted(seq, float(np.sin(seq)), 0.0)
        raw = replace(output.raw, captured_ns=round(seq * 1e9 / 30))
        house.pump.output_arrived.emit(replace(output, raw=raw))
    plots.draw()
    assert plots._strip is not None
    assert plots._strip.stage_names() == ["infer", "warp"]
    x, y = plots._strip._curves["spectrum_raw"].getData()
    assert len(x) == len(y) > 10
    house.actions["plots"].setChecked(False)


def test_the_plots_are_imported_on_the_windows_own_thread(
    qtbot: QtBot, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: dict[str, threading.Thread] = {}
    monkeypatch.setattr(importlib, "import_module", lambda name: threads.update({name: threading.current_thread()}))
    qtbot.waitUntil(lambda: "app.views.plots" in threads, timeout=5000)
    assert threads["app.views.plots"] is threading.main_thread(), "on a worker it crashed beside a painting window"
    assert house.actions["plots"].isEnabled()


@pytest.mark.parametrize(("p95", "job"), [(27.6, "good"), (80.0, "caution"), (130.0, "alarm")])
def test_latency_is_judged_by_its_95th_percentile(p95: float, job: str) -> None:
    reading = latency_reading(replace(healthy(), latency_ms=LatencyMs(21.4, p95, 140.0)))
    assert reading.job == job
    assert reading.text == f"21 · {p95:.0f} ms"


def test_a_view_that_skips_a_frame_is_no_loss() -> None:
    assert lost_frames(replace(healthy(), dropped={"raw_view": 12, "pipeline": 0})) == 0
    assert lost_frames(replace(healthy(), dropped={"raw_view": 12, "pipeline": 3})) == 3


def test_drops_are_amber_only_while_they_grow(house: House, session: ScriptedSession) -> None:
    bar = house.window.health_bar
    session.told = replace(healthy(), dropped={"pipeline": 3})
    house.vitals.show_health(session.told)
    assert bar.drops.reading == drop_reading(3, is_growing=True)
    house.vitals._shown_ns = 0
    house.vitals._lost_ns -= 11_000_000_000
    house.vitals.show_health(session.told)
    assert bar.drops.reading == drop_reading(3, is_growing=False)


def test_a_rate_below_its_promise_is_amber() -> None:
    assert rate_reading(29.9, 30.0).job == "good"
    assert rate_reading(22.0, 30.0).job == "caution"
