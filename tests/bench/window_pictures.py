"""Takes the pictures of the manual and the README from a real run of the demo.

`python -m tests.bench.window_pictures --out DIR [--backend B] [--seconds S]`
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt, QTimer

from app.compose import House, make_application
from app.opening import EngineChoice
from app.preferences import Preferences
from app.sources import SourceChoice
from app.views.chip import Chip
from app.views.stage import View
from engine.inference.choose import BackendOptions
from engine.session import Session

MANUAL_SIZE = (1280, 720)
README_SIZE = (1600, 900)
PAGE_WIDTH, QUALITY = 840, 90


def pictures(out: Path, backend: str, seconds: float) -> None:
    """One run, several states."""
    make_application()
    options = BackendOptions(backend, keeps_pace=True)
    session = Session(EngineChoice(options))
    house = House(session, Preferences(out / "none.json"), options, README_SIZE)
    house.start(SourceChoice())
    house.show()
    wait(seconds)
    shoot(house, out / "readme.png")
    house.window.resize(*MANUAL_SIZE)
    wait(1.5)
    shoot(house, out / "window.jpg")
    press(house, "view_one_large", "tooth_overlay")
    wait_until_healthy(house)
    house.live_page.controls.hide()
    shoot(house, out / "one-large.jpg")
    press(house, "tooth_overlay", "view_side_by_side", "plots")
    house.live_page.controls.hide()
    wait(10.0)
    wait_until_healthy(house)
    shoot(house, out / "plots.jpg")
    press(house, "plots", "freeze")
    shoot(house, out / "frozen.jpg")
    press(house, "freeze")
    session.stop()
    wait(2.3)
    shoot(house, out / "no-live-image.jpg")
    house.window.close()
    session.wait_until_stopped(5.0)


def wait(seconds: float) -> None:
    """Let the window live; QTest.qWait would keep Python's lock and starve the engine's threads."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def press(house: House, *names: str) -> None:
    """Trigger actions and let the window settle."""
    for name in names:
        house.actions[name].trigger()
    wait(1.2)


def wait_until_healthy(house: House) -> None:
    """A busy machine bypasses now and then; the manual shows that state by its own picture, not by chance."""
    for _ in range(60):
        chips = {house.live_page.stage.panes[view].chip.chip for view in View}
        if Chip.BYPASS not in chips:
            return
        wait(0.25)


def shoot(house: House, path: Path) -> None:
    """The window as it stands; as wide as a page of the manual, but for the README's PNG."""
    picture = house.window.grab()
    if path.suffix == ".png":
        picture.save(str(path))
        return
    page = picture.scaledToWidth(PAGE_WIDTH, Qt.TransformationMode.SmoothTransformation)
    page.save(str(path), quality=QUALITY)


def main() -> None:
    """Parse and shoot."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--backend", default="auto")
    parser.add_argument("--seconds", type=float, default=12.0)
    args = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    args.out.mkdir(parents=True, exist_ok=True)
    pictures(args.out, args.backend, args.seconds)


if __name__ == "__main__":
    main()
