"""`steadyscope` or `steadyscope window`: open the window on a source."""

from __future__ import annotations

import argparse
import re
import signal
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication

from app.cli import INTERRUPTED, USER_ERROR
from app.compose import House, make_application
from app.garbage import GarbageCollector
from app.languages import install_language
from app.log_file import log_path, start_logging
from app.opening import BACKENDS, EngineChoice
from app.patient_arguments import add_patient_arguments, practice_of
from app.preferences import Preferences, standard_path
from app.report import report_of, write_report
from app.single_instance import Door, enter
from app.source_arguments import add_source_arguments, chosen_source
from app.start_request import Answer, StartRequest
from app.strength import stabilizer_options
from app.theme import PALETTES
from app.window import DEFAULT_SIZE
from engine.clock import now_ns
from engine.errors import RecordingError
from engine.events import Event, EventKind
from engine.inference.choose import BackendOptions
from engine.recording.practice import Practice
from engine.recording.session_folder import refuse_session_folder
from engine.session import Session

LEAST_SHOT_WIDTH = 1280
STOP_TIMEOUT_S = 5.0
PATIENCE_S = 30.0  # a busy machine draws the demo's first picture after twelve
LONGEST_RUN_S = 7 * 24 * 3600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the window."""
    add_source_arguments(parser)
    add_patient_arguments(parser)
    parser.add_argument("--backend", choices=BACKENDS, help="inference back end (default: as in the settings)")
    parser.add_argument("--model", help="network name or manifest (default: as in the settings)")
    parser.add_argument(
        "--run-for", metavar="S", type=_seconds, help="close the window S seconds after the first picture"
    )
    parser.add_argument("--report", metavar="R.json", type=Path, help="write what was measured, at the end")
    parser.add_argument("--screenshot", metavar="P.png", type=Path, help="write a picture of the window, at the end")
    parser.add_argument("--size", metavar="WxH", type=_size, help="size of the window (default: the screen)")
    parser.add_argument("--theme", choices=sorted(PALETTES), help="colours (default: as in the settings)")
    parser.add_argument("--settings", metavar="S.json", type=Path, help="another file of settings than the user's")


def run(args: argparse.Namespace) -> int:
    """Exit code 0, 2 when the source named here was given up or is lost at the end, 130 after Ctrl-C.

    2 too when a running window refuses the patient of this start; 0 when it took over.
    """
    refuse_session_folder(args.report, args.screenshot, args.settings)
    with ExitStack() as last, practice_of(args) as practice:  # a patient file is answered when the window stands
        start_logging(log_path())
        application = make_application()
        settings = args.settings or standard_path()
        door = enter(settings, StartRequest(practice)) if takes_part(args) else None
        if isinstance(door, Answer):
            return tell_answer(door, args)
        if door is not None:
            last.callback(door.leave)
        house = open_house(application, args, practice, door)
        house.show()
        leave = last.pop_all()
    with leave:
        return live(application, house, args)


def takes_part(args: argparse.Namespace) -> bool:
    """Measured runs are always their own; of the others there is one at a time."""
    return args.run_for is None and args.report is None and args.screenshot is None


def tell_answer(answer: Answer, args: argparse.Namespace) -> int:
    """What the running window said. Raises RecordingError when it refused."""
    if not answer.is_taken:
        raise RecordingError(answer.sentence, answer.remedy)
    print(f"steadyscope: {answer.sentence}")
    if is_source_named(args):
        print("steadyscope: The running window keeps its source; choose another one there.")
    return 0


def is_source_named(args: argparse.Namespace) -> bool:
    """Did the command line ask for a certain source?"""
    is_named = any(name is not None for name in (args.file, args.camera, args.url))
    return bool(args.demo or is_named or args.seed or args.scene)


def open_house(application: QApplication, args: argparse.Namespace, practice: Practice, door: Door | None) -> House:
    """The window with its session started, not shown yet. Raises EngineError for what the command line has wrong."""
    preferences = Preferences(args.settings or standard_path())
    install_language(application, preferences.settings.look.language)
    if args.theme is not None:
        preferences.change("look", theme=args.theme)
    kept = preferences.settings.source
    choice = chosen_source(args, kept.identity, kept.format)
    source = choice.make()  # a bad name or option is told before a window opens
    engine = preferences.settings.engine
    backend = BackendOptions(
        args.backend or engine.backend, args.model or engine.model, engine.threads, keeps_pace=engine.keeps_pace
    )
    session = Session(EngineChoice(backend, stabilizer_options(preferences.settings.picture), engine.has_own_process))
    session.start(source)  # source and engine open while the window is built
    house = House(session, preferences, backend, args.size or size_of_screen(), practice, door)
    house.expect(choice)
    return house


def live(application: QApplication, house: House, args: argparse.Namespace) -> int:
    """Until the window closes; returns the exit code."""
    verdict = SourceVerdict(application, house, is_source_named(args))
    if args.run_for is None:
        house.sheets.welcome()
    else:
        Countdown(application, house, args.run_for)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, partial(_quit, application))  # runs at the pump's next tick
    garbage = GarbageCollector(house)
    garbage.start()
    exit_code = application.exec()
    picture = house.window.grab() if args.screenshot is not None else None
    session = house.session
    health, tally, dropped = session.health(), session.tally(), session.dropped()
    if args.run_for is not None:
        verdict.judge_at_end(0 if tally is None else tally.frames_in)
    house.window.close()
    garbage.stop()
    session.wait_until_stopped(STOP_TIMEOUT_S)
    if house.desk.door is not None:
        house.desk.door.leave()  # the camera is free: the next window may open
    house.desk.workers.waitForDone()  # a recording may be on its way back to the practice
    if args.report is not None and tally is not None:
        write_report(args.report, report_of(tally, dropped, health.backend, health.model, health.source))
    if picture is not None:  # once a recording is closed and the report is written: this may fail
        save_screenshot(picture, args.screenshot)
    if verdict.loss is not None:
        print(f"steadyscope: {verdict.loss.sentence} {verdict.loss.remedy}", file=sys.stderr)
        return USER_ERROR
    return exit_code


class Countdown(QObject):
    """Quits so many seconds after the first picture; a source that gives none is waited for a little longer."""

    def __init__(self, application: QApplication, house: House, run_for_s: float) -> None:
        super().__init__(house)
        self._pump = house.pump
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(round(run_for_s * 1000))
        self._timer.timeout.connect(application.quit)
        house.pump.raw_arrived.connect(self._begin)
        QTimer.singleShot(round((run_for_s + PATIENCE_S) * 1000), application.quit)

    def _begin(self) -> None:
        self._pump.raw_arrived.disconnect(self._begin)
        self._timer.start()


class SourceVerdict(QObject):
    """What became of the source that the command line named; one that is given up ends the program."""

    def __init__(self, application: QApplication, house: House, is_named: bool) -> None:
        super().__init__(house)
        self._is_named = is_named
        self._application = application
        self._house = house
        self._last_words: Event | None = None
        self.loss: Event | None = None
        house.pump.event_happened.connect(self.hear)

    def hear(self, event: Event) -> None:
        """Remember the last words of a source; quit when it was given up."""
        if event.kind is EventKind.SOURCE_OPENED:
            self._last_words = None
        elif event.kind is EventKind.SOURCE_LOST:
            self._last_words = event
        elif event.kind is EventKind.SOURCE_FAILED and self._is_named and self._house.is_first_source:
            self.loss = event
            self._application.quit()

    def judge_at_end(self, frames_in: int) -> None:
        """A source that is lost when the time is over counts as lost, and so does one that never gave a picture."""
        if self.loss is None and self._is_named and self._house.is_first_source:
            self.loss = self._last_words
            if self.loss is None and frames_in == 0:
                sentence = f"The source gave no picture within {PATIENCE_S:.0f} seconds."
                remedy = "Close other programs, or check it with `steadyscope doctor`."
                self.loss = Event(EventKind.SOURCE_LOST, sentence, remedy, now_ns())


def size_of_screen() -> tuple[int, int]:
    """All that the screen has to give; without a screen, a common size."""
    screen = QApplication.primaryScreen()
    if QApplication.platformName() in ("offscreen", "minimal") or screen is None:
        return DEFAULT_SIZE
    room = screen.availableSize()
    return room.width(), room.height()


def _quit(application: QApplication, _number: int, _frame: FrameType | None) -> None:
    application.exit(INTERRUPTED)


def save_screenshot(picture: QPixmap, path: Path) -> None:
    """The window as it stood, at least 1280 px wide. Raises RecordingError when it cannot be written."""
    if picture.width() < LEAST_SHOT_WIDTH:
        picture = picture.scaledToWidth(LEAST_SHOT_WIDTH, Qt.TransformationMode.SmoothTransformation)
    if not picture.save(str(path)):
        raise RecordingError(f"The screenshot {path} cannot be written.", "Choose another place for it.")


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= LONGEST_RUN_S:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of seconds, at most a week's")
    return value


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{3,5})x(\d{3,5})", text)
    if match is None:
        raise argparse.ArgumentTypeError("give width and height as 1280x720")
    return int(match[1]), int(match[2])
