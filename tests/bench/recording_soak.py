"""`make soak-recording`: minutes of recording the demo in real time, and what that costs the live path.

The session runs without recording, then records, then runs without again: latency and rate with and without are of
one and the same process. Afterwards the session is judged: frames lost, and the videos' presentation times against
the books. `python -m tests.bench.recording_soak [--minutes 30] [--out F.json]`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

import av
import psutil

from app.opening import BACKENDS, EngineChoice
from engine.archive.reader import SessionView, open_session
from engine.capture.synthetic import SyntheticSource
from engine.inference.choose import AUTO, DEFAULT_MODEL, BackendOptions
from engine.recording.recorder import RecordedSource, Recorder, RecordingOptions
from engine.recording.session_folder import Patient
from engine.session import Session
from tests.bench.soak import sampled, slope_mib_per_minute

SAMPLE_EVERY_S = 2.0
SETTLE_S = 8.0
WITHOUT_S = 20.0
MOST_P95_RATIO, LEAST_FPS, MOST_ERROR_MS, FLAT_MIB_PER_MINUTE = 1.25, 24.0, 1.0, 1.0
Sample = dict[str, float]


def watch(session: Session, seconds: float) -> list[Sample]:
    """One sample every two seconds; pictures are taken as the window takes them."""
    process, began_s, samples = psutil.Process(), time.monotonic(), []
    next_s = SAMPLE_EVERY_S
    while (elapsed_s := time.monotonic() - began_s) < seconds:
        session.take_raw()
        session.take_output()
        time.sleep(1 / 60)
        if elapsed_s >= next_s:
            next_s += SAMPLE_EVERY_S
            samples.append(sampled(process, session, elapsed_s))
    return samples


def mean_of(samples: Sequence[Sample], name: str) -> float:
    """Of what has settled: the meters look back some seconds."""
    settled = [sample for sample in samples if sample["t_s"] >= SETTLE_S] or list(samples)
    return round(mean(sample[name] for sample in settled), 2)


def largest_error_ms(session: SessionView, stream: str) -> float:
    """Presentation times of the video against the books, both from the stream's first frame."""
    with av.open(str(session.folder.video(stream))) as container:
        video = container.streams.video[0]
        base = float(video.time_base or 0)
        pts = sorted(packet.pts for packet in container.demux(video) if packet.pts is not None)
    times = session.frame_times_ns[stream]
    if len(pts) != len(times):
        return float("inf")
    pairs = zip(pts, times, strict=True)
    return max(abs((point - pts[0]) * base * 1e3 - (t_ns - times[0]) / 1e6) for point, t_ns in pairs)


def judge(result: dict[str, object]) -> list[str]:
    """What was not reached; empty if all was."""
    limits = (
        ("frames_lost_by_the_recorder", 0.0),
        ("p95_ratio", MOST_P95_RATIO),
        ("largest_timeline_error_ms", MOST_ERROR_MS),
        ("rss_slope_mib_per_minute", FLAT_MIB_PER_MINUTE),
    )
    missed = [f"{name} is over {most}" for name, most in limits if float(str(result[name])) > most]
    if float(str(result["fps_processed_recording"])) < LEAST_FPS:
        missed.append(f"the live rate is under {LEAST_FPS}")
    return missed


def soak(minutes: float, library: Path, backend: BackendOptions) -> dict[str, object]:
    """Without, with, without; then the session itself."""
    session, recorder = Session(EngineChoice(backend)), Recorder(RecordingOptions(library))
    session.attach_recorder(recorder)
    session.start(SyntheticSource())
    watch(session, SETTLE_S)  # the engine loads
    before = watch(session, WITHOUT_S)
    info = session.source_info
    if info is None:
        raise SystemExit("the demo source did not open")
    source = RecordedSource(info.identity, info.name, info.width, info.height, info.fps)
    folder = recorder.start(Patient(), source)
    during = watch(session, minutes * 60)
    status = recorder.stop()
    after = watch(session, WITHOUT_S)
    health = session.health()
    session.stop()
    session.wait_until_stopped(5.0)
    written = open_session(folder.root)
    p95_without = (mean_of(before, "p95_ms") + mean_of(after, "p95_ms")) / 2
    settled = during[len(during) // 4 :]  # buffers fill first
    return {
        "minutes": minutes,
        "backend": health.backend,
        "model": health.model,
        "encoder": str(written.entries.get("encoder", "")),
        "frames": status.frames,
        "frames_lost_by_the_recorder": sum(status.lost.values()),
        "gaps_by_kind": {kind: sum(g.count for g in written.gaps if g.kind == kind) for kind in kinds(written)},
        "p95_ms_without": round(p95_without, 2),
        "p95_ms_recording": mean_of(during, "p95_ms"),
        "p95_ratio": round(mean_of(during, "p95_ms") / max(p95_without, 0.1), 3),
        "fps_in_recording": mean_of(during, "fps_in"),
        "fps_processed_without": round((mean_of(before, "fps_processed") + mean_of(after, "fps_processed")) / 2, 2),
        "fps_processed_recording": mean_of(during, "fps_processed"),
        "largest_timeline_error_ms": round(max(largest_error_ms(written, one) for one in written.frame_times_ns), 4),
        "rss_mib_first_last": [settled[0]["rss_mib"], settled[-1]["rss_mib"]],
        "rss_slope_mib_per_minute": round(slope_mib_per_minute(settled), 2),
        "bytes_on_disk": sum(path.stat().st_size for path in folder.root.rglob("*") if path.is_file()),
        "samples": during[:: max(1, len(during) // 24)],
    }


def kinds(session: SessionView) -> list[str]:
    """The kinds of gaps there are."""
    return sorted({gap.kind for gap in session.gaps})


def main() -> int:
    """Run, judge, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--backend", choices=BACKENDS, default=AUTO)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--allow-untrained", action="store_true")
    parser.add_argument("--library", type=Path, help="where to record (default: a temporary folder)")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    backend = BackendOptions(args.backend, args.model, allow_untrained=args.allow_untrained, keeps_pace=True)
    with TemporaryDirectory() as scratch:
        result = soak(args.minutes, args.library or Path(scratch), backend)
    missed = judge(result)
    text = json.dumps({"verdict": "pass" if not missed else "fail", "missed": missed, **result}, indent=1)
    if args.out is not None:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")
    return 0 if not missed else 1


if __name__ == "__main__":
    sys.exit(main())
