"""`make torture`: kill the recorder, fill its disk, slow its disk, and count what is lost.

Each trial records the demo source in a process of its own while annotations are saved, ends it the hard way, repairs
the session as the app does at its next start, and compares what is readable with what had happened.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from app.opening import OFF, EngineChoice
from app.sources import SourceChoice
from engine.annotation.shapes import Annotation, Kind
from engine.annotation.store import AnnotationStore
from engine.archive.reader import open_session
from engine.inference.choose import BackendOptions
from engine.recording import video_writer
from engine.recording.disk import DiskRules
from engine.recording.recorder import RecordedSource, Recorder, RecordingOptions
from engine.recording.recovery import repair, unfinished_sessions, verify
from engine.recording.session_folder import Patient, SessionFolder
from engine.session import Session
from engine.values import Frame, StabilizedFrame

ALLOWED_LOSS_S = 1.0
ANNOTATE_EVERY_S = 0.05
SMALL_DISK = 48 << 20


@dataclass(frozen=True)
class Trial:
    """What one ordeal did to one session."""

    ordeal: str
    after_s: float
    lost_s: float  # between the last grabbed frame and the last readable one, the worse of raw and stabilized
    lost_annotations: int
    opens: bool
    note: str = ""

    @property
    def is_passed(self) -> bool:
        return self.opens and self.lost_s <= ALLOWED_LOSS_S and self.lost_annotations == 0


class Clocked:
    """A recorder tap that also notes when the last frame came, so that the loss can be told to the frame.

    Frames that come after the recording was asked to end are not the recorder's: on a busy machine that takes seconds.
    """

    def __init__(self, recorder: Recorder, clock: Path) -> None:
        self._recorder, self._file = recorder, clock.open("wb", buffering=0)

    def offer_raw(self, frame: Frame) -> None:
        is_asked_for = self._recorder.is_open
        self._recorder.offer_raw(frame)
        if is_asked_for:
            os.pwrite(self._file.fileno(), frame.captured_ns.to_bytes(8, "little"), 0)

    def offer_output(self, result: StabilizedFrame) -> None:
        is_asked_for = self._recorder.is_open
        self._recorder.offer_output(result)
        if is_asked_for:
            os.pwrite(self._file.fileno(), result.raw.captured_ns.to_bytes(8, "little"), 8)


class SlowFile(io.FileIO):
    """A disk that is slow for a while: from the second to the seventh second each write takes 0.4 s."""

    began = time.monotonic()

    def write(self, data: object) -> int:
        if 2.0 < time.monotonic() - self.began < 7.0:
            time.sleep(0.4)
        return super().write(data)  # type: ignore[call-overload,no-any-return]


def child(library: Path, clock: Path, *, is_slow: bool, finish_below: int, seconds: float) -> None:
    """Record and annotate until killed, or until the recorder finishes by itself."""
    if is_slow:
        video_writer.open_exclusive = lambda path: SlowFile(path, "x")
    rules = DiskRules(0, 0, finish_below)
    recorder = Recorder(RecordingOptions(library, disk=rules, disk_look_every_s=0.2))
    session = Session(EngineChoice(BackendOptions(backend=OFF)))
    session.attach_recorder(Clocked(recorder, clock))
    session.start(SourceChoice().make())
    while session.health().fps_processed == 0:
        time.sleep(0.02)
    folder = recorder.start(Patient(), RecordedSource("demo", "Demo", 640, 480, 30))
    document = AnnotationStore(folder.database).load()
    began, saved = time.monotonic_ns(), 0
    say(str(folder.root))
    while recorder.status().is_recording and time.monotonic_ns() - began < seconds * 1e9:
        document.add(Annotation(Kind.MARKER, time.monotonic_ns() - began))
        saved += 1
        os.pwrite(os.open(clock, os.O_WRONLY), saved.to_bytes(8, "little"), 16)
        time.sleep(ANNOTATE_EVERY_S)
    status = recorder.stop()
    session.stop()
    say(status.notice)


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def run_child(library: Path, clock: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, "--child", str(library), str(clock), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def judge(ordeal: str, after_s: float, folder: SessionFolder, clock: Path, note: str = "") -> Trial:
    """Compare what is readable with what the child's clock says had happened."""
    data = clock.read_bytes()
    raw_ns, output_ns, saved = (int.from_bytes(data[at : at + 8], "little") for at in (0, 8, 16))
    try:
        session = open_session(folder.root)
        times = session.frame_times_ns
        raw_lost = raw_ns - (session.first_ns + times["raw"][-1])
        output_lost = output_ns - (session.first_ns + times["stabilized"][-1])
        missing = saved - len(session.annotations())
        is_whole = verify(folder).is_whole
    except Exception as error:  # whatever it is, the session does not open: that is the finding
        return Trial(ordeal, after_s, float("inf"), -1, opens=False, note=repr(error))
    return Trial(ordeal, after_s, max(raw_lost, output_lost) / 1e9, max(missing, 0), opens=is_whole, note=note)


def killed(index: int) -> Trial:
    """SIGKILL at a random moment."""
    after_s = random.Random(index).uniform(0.8, 4.0)
    with TemporaryDirectory() as name:
        library, clock = Path(name) / "library", Path(name) / "clock"
        process = run_child(library, clock)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(after_s)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        (folder,) = unfinished_sessions(library)
        repair(folder)
        return judge("kill -9", after_s, folder, clock)


def full_disk(index: int) -> Trial:
    """A small file system that fills: once with the rule that ends in time, once without it."""
    has_rule = index % 2 == 0
    with TemporaryDirectory() as name:
        disk, clock = Path(name) / "disk", Path(name) / "clock"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "none", disk], check=True)
        try:
            (disk / "ballast").write_bytes(b"\0" * (SMALL_DISK // 2 + (index * 1_000_003) % (SMALL_DISK // 4)))
            began = time.monotonic()
            process = run_child(disk, clock, "--finish-below", str((8 << 20) if has_rule else 0))
            assert process.stdout is not None
            folder = SessionFolder(Path(process.stdout.readline().strip()))
            try:
                notice = process.communicate(timeout=120)[0].strip()
            except subprocess.TimeoutExpired:
                process.kill()
                return Trial("full disk", 120, float("inf"), -1, opens=False, note="the recording did not end")
            (disk / "ballast").unlink()
            if not has_rule:
                repair(folder)
            name_ = "full disk, finished in time" if has_rule else "full disk, no room at all"
            return judge(name_, time.monotonic() - began, folder, clock, notice)
        finally:
            subprocess.run(["umount", disk], check=True)


def slow_disk(index: int) -> Trial:
    """Five slow seconds, then a clean end: every grabbed frame must be written or booked as a gap."""
    after_s = 10.0 + index
    with TemporaryDirectory() as name:
        library, clock = Path(name) / "library", Path(name) / "clock"
        process = run_child(library, clock, "--slow", "--seconds", str(after_s))
        assert process.stdout is not None
        folder = SessionFolder(Path(process.stdout.readline().strip()))
        process.communicate(timeout=60)
        session = open_session(folder.root)
        first, last = session.frame_seqs["raw"][0], session.frame_seqs["raw"][-1]
        booked = sum(gap.count for gap in session.gaps if gap.stream == "raw")
        unaccounted = last - first + 1 - len(session.frame_seqs["raw"]) - booked
        trial = judge("slow disk for 5 s", after_s, folder, clock, f"{booked} frames booked as gaps")
        return replace(trial, opens=trial.opens and unaccounted == 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", nargs=2, metavar=("LIBRARY", "CLOCK"), type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--slow", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=3600.0, help=argparse.SUPPRESS)
    parser.add_argument("--finish-below", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--disks", type=int, default=4)
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks/torture"))
    args = parser.parse_args()
    if args.child:
        child(*args.child, is_slow=args.slow, finish_below=args.finish_below, seconds=args.seconds)
        return
    trials: list[Trial] = []
    for ordeal, count in ((killed, args.kills), (full_disk, args.disks), (slow_disk, args.disks)):
        for index in range(count):
            trials.append(ordeal(index))
            sys.stderr.write(f"{trials[-1]}\n")
    write(trials, args.out)
    sys.exit(0 if all(trial.is_passed for trial in trials) else 1)


def write(trials: list[Trial], out: Path) -> None:
    """results.json with every trial, README.md with a row an ordeal."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout
    facts = {"command": "make torture", "date": time.strftime("%Y-%m-%d"), "commit": commit.strip()}
    facts |= {"machine": f"{os.cpu_count()}-core x86-64, demo source 640x480 at 30 fps"}
    rows = [{**asdict(trial), "passed": trial.is_passed} for trial in trials]
    out.mkdir(parents=True, exist_ok=True)
    (out / "results.json").write_text(json.dumps({**facts, "trials": rows}, indent=1) + "\n")
    lines = [
        "# Pulling the plug",
        "",
        f"`make torture`, {facts['date']}, {facts['machine']}, commit {facts['commit']}.",
        "Loss is the time between the last grabbed frame and the last readable one, the worse of raw and stabilized.",
        "",
        "| ordeal | trials | passed | loss median (s) | loss worst (s) | annotations lost |",
        "|---|---|---|---|---|---|",
    ]
    for ordeal in dict.fromkeys(trial.ordeal for trial in trials):
        some = [trial for trial in trials if trial.ordeal == ordeal]
        losses = sorted(trial.lost_s for trial in some)
        passed = sum(trial.is_passed for trial in some)
        lost = sum(max(trial.lost_annotations, 0) for trial in some)
        lines.append(
            f"| {ordeal} | {len(some)} | {passed} | {losses[len(losses) // 2]:.2f} | {losses[-1]:.2f} | {lost} |"
        )
    (out / "README.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
