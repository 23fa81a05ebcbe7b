"""Photographs recording, library, review and report: `python -m tests.bench.session_pictures --out DIR`, then look.

One demo session is recorded through the window, annotated with the presenters' own commands, reviewed and reported, at
two sizes in both themes. The report is photographed with headless Chromium where there is one.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication, QWidget

from app.compose import House, make_application
from app.opening import BACKENDS, EngineChoice
from app.preferences import Preferences
from app.presenters.recording import RecordingPresenter
from app.presenters.review import ReviewPresenter
from app.sources import SourceChoice
from engine.annotation.shapes import Kind, Space
from engine.archive.exports import Wanted, export_session
from engine.archive.reader import open_session
from engine.inference.choose import AUTO, BackendOptions
from engine.recording.practice import Practice
from engine.recording.session_folder import Patient
from engine.session import Session
from tests.bench.window_pictures import wait, wait_until_healthy

SIZES = ((1280, 800), (1920, 1080))
THEMES = ("dark", "high_contrast")
PATIENT = Patient("4711", "Muster", "Erika", "1984-03-12")


class Photographer:
    """Shoots the window as it stands, at every size and in every theme."""

    def __init__(self, house: House, out: Path) -> None:
        self._house, self._out = house, out

    def shoot(self, name: str) -> None:
        """`NAME-THEME-WIDTH.png`, four of them."""
        for theme in THEMES:
            self._house.preferences.change("look", theme=theme)
            for width, height in SIZES:
                self._house.window.resize(width, height)
                wait(0.7)
                self._keep(self._house.window, f"{name}-{theme}-{width}")
        self._house.preferences.change("look", theme=THEMES[0])

    def shoot_dialog(self, name: str) -> None:
        """The dialog that is open, once."""
        wait(0.4)
        dialog = QApplication.activeModalWidget()
        if dialog is not None:
            self._keep(dialog, name)
            dialog.close()

    def _keep(self, widget: QWidget, name: str) -> None:
        widget.grab().save(str(self._out / f"{name}.png"))


def record(house: House, photographer: Photographer, seconds: float) -> Path:
    """A session with a marker, a range and a still; returns its folder."""
    (recording,) = [one for one in house.attachments if isinstance(one, RecordingPresenter)]
    recording.toggle()
    photographer.shoot_dialog("patient")
    roots: list[Path] = []
    recording.started.connect(lambda folder: roots.append(folder.root))
    recording.start(PATIENT)
    wait(seconds / 3)
    for action in ("marker", "range"):
        house.actions[action].trigger()
    wait(seconds / 3)
    for action in ("range", "still"):
        house.actions[action].trigger()
    photographer.shoot("recording")
    house.actions["pause_recording"].trigger()
    wait(1.0)
    photographer.shoot("paused")
    house.actions["pause_recording"].trigger()
    wait(seconds / 3)
    recording.toggle()
    wait(2.0)
    return roots[0]


def review(house: House, photographer: Photographer, root: Path) -> None:
    """Library, player, shapes, dialogs."""
    house.show_page("review")
    wait(3.0)
    photographer.shoot("library")
    page = house.pages["review"]
    assert isinstance(page, ReviewPresenter)
    page.open(root)
    wait(3.0)
    photographer.shoot("review")
    annotate(page)
    photographer.shoot("annotated")
    for command in ("wipe", "stabilized"):
        page.command(command)
        wait(0.5)
        photographer.shoot(command)
    page.command("two_up")
    page.command("set_in")
    for command in ("export", "pacs"):
        page.command(command)
        photographer.shoot_dialog(command)


def annotate(page: ReviewPresenter) -> None:
    """One of each kind, with labels and teeth."""
    annotations = page.annotations
    assert annotations is not None
    assert page.session is not None
    page.playback.seek(page.session.duration_ns // 2)
    wait(1.0)
    width, height = page.session.size
    strokes = (
        (Kind.ELLIPSE, "crack", 36, ((0.35, 0.35), (0.6, 0.62))),
        (Kind.ARROW, "caries", 36, ((0.8, 0.2), (0.66, 0.42))),
        (Kind.FREEHAND, "plaque", None, ((0.2, 0.6), (0.24, 0.7), (0.32, 0.76), (0.4, 0.8))),
        (Kind.TEXT, "", None, ((0.1, 0.15),)),
    )
    for kind, label, tooth, points in strokes:
        annotations.select("")
        annotations.hand.take(kind.value)
        corners = [QPointF(x * width, y * height) for x, y in points]
        annotations.hand.press(Space.STABILIZED, corners[0])
        for corner in corners[1:]:
            annotations.hand.move(Space.STABILIZED, corner)
        annotations.hand.release(Space.STABILIZED, corners[-1])
        if label:
            annotations.chosen.change(label=label, tooth=tooth)
        else:
            annotations.chosen.change(text="Check the margin again at the recall visit")
    annotations.choose_tool("select")
    annotations.select(annotations.document.annotations[-1].annotation_id)


def report(root: Path, out: Path) -> None:
    """The HTML report, photographed by a browser."""
    page = out / "report.html"
    export_session(open_session(root), "html", page, Wanted(is_identified=True), lambda _: True)
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is not None:
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1280,1900"]
        command = [browser, *flags, f"--screenshot={out / 'report.png'}", page.as_uri()]
        subprocess.run(command, capture_output=True, timeout=60, check=True)


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--backend", choices=BACKENDS, default=AUTO)
    parser.add_argument("--seconds", type=float, default=12.0)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    make_application()
    options = BackendOptions(args.backend, keeps_pace=True)
    session = Session(EngineChoice(options))
    with TemporaryDirectory() as scratch:
        preferences = Preferences(Path(scratch) / "none.json")
        preferences.change("recording", library=str(Path(scratch) / "library"), operator="Dr. Weiss")
        house = House(session, preferences, options, SIZES[0], Practice(PATIENT))
        house.start(SourceChoice())
        house.show()
        for _ in range(60):
            if session.source_info is None or session.health().fps_in == 0:
                wait(0.5)
        wait(2.0)
        wait_until_healthy(house)
        photographer = Photographer(house, args.out)
        root = record(house, photographer, args.seconds)
        review(house, photographer, root)
        house.window.close()
        session.wait_until_stopped(5.0)
        house.desk.workers.waitForDone()
        report(root, args.out)


if __name__ == "__main__":
    main()
