"""Frames for the recorder of a window, and the keys that start it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import numpy as np
from pytestqt.qtbot import QtBot

from app.compose import House
from app.presenters.recording import RecordingPresenter
from engine.capture.source import SourceInfo
from engine.recording.session_folder import Patient, SessionFolder
from engine.values import Frame, Mode, StabilizedFrame, Tracking
from tests.fakes_session import ScriptedSession

PATIENCE_MS = 30_000  # the first copy imports what it needs
INFO = SourceInfo("demo:seed=1", "Demo", 96, 64, 30.0, is_live=True)


def presenter_in(house: House, session: ScriptedSession, library: Path) -> RecordingPresenter:
    """Who records in this window, into `library`."""
    house.preferences.change("recording", library=str(library))
    session.source_info = INFO
    (presenter,) = [one for one in house.attachments if isinstance(one, RecordingPresenter)]
    presenter.use_settings()
    return presenter


def feed(presenter: RecordingPresenter, session: ScriptedSession, seqs: range) -> None:
    """Offer frames as the live path does."""
    for seq in seqs:
        pixels = np.full((64, 96, 3), seq % 255, np.uint8)
        frame = Frame(pixels, seq, seq * 33_000_000)
        result = StabilizedFrame(frame, None, pixels, pixels, np.eye(3), None, Tracking.TRACKING, Mode.STABILIZED, "")
        assert session.recorder is not None
        session.recorder.offer_raw(frame)
        session.recorder.offer_output(result)
        presenter.see(result)


def start(presenter: RecordingPresenter, qtbot: QtBot) -> SessionFolder:
    """Record patient 7 from now on."""
    with qtbot.waitSignal(presenter.started, timeout=PATIENCE_MS) as signal:
        presenter.start(Patient("7"))
    return signal.args[0]


@contextmanager
def busy_workers(house: House) -> Iterator[None]:
    """All workers of the window have something else to do, as with two exports."""
    may_go = Event()
    for _ in range(house.desk.workers.maxThreadCount()):
        house.desk.workers.start(lambda: may_go.wait(PATIENCE_MS / 1000) and None)
    try:
        yield
    finally:
        may_go.set()
