"""Recording: true times, booked gaps, disk rules, and what is left after a kill."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from engine.errors import RecordingError
from engine.recording import library, recovery
from engine.recording.disk import DiskRules, DiskVerdict
from engine.recording.encoder import Encoder, probe, refusal, x264
from engine.recording.recorder import Recorder, RecordingOptions
from engine.recording.session_folder import Patient, SessionFolder
from engine.recording.video_writer import VideoWriter
from engine.values import Frame
from tests.recorded_frames import ANY_DISK, SOURCE, STEP_NS, picture, result


def feed(recorder: Recorder, seqs: range | list[int]) -> None:
    for seq in seqs:
        value = result(seq, seq * STEP_NS)
        recorder.offer_raw(value.raw)
        recorder.offer_output(value)
        time.sleep(0.001)


def presentation_times(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return [float(frame.pts * frame.time_base) for frame in container.decode(video=0)]


def record(folder: Path, seqs: range | list[int]) -> SessionFolder:
    recorder = Recorder(RecordingOptions(folder, disk=ANY_DISK))
    session = recorder.start(Patient("PAT-42", "Doe", "Jo", "1980-02-29"), SOURCE)
    feed(recorder, seqs)
    status = recorder.stop()
    assert status.lost == {"raw": 0, "stabilized": 0}
    return session


def test_videos_carry_the_capture_times_to_the_millisecond(tmp_path: Path) -> None:
    session = record(tmp_path, range(40))
    expected = [seq * STEP_NS / 1e9 for seq in range(40)]
    for stream in ("raw", "stabilized"):
        times = presentation_times(session.video(stream))
        np.testing.assert_allclose(times, expected, atol=0.001)


def test_a_clean_session_verifies_as_whole_and_holds_its_motion(tmp_path: Path) -> None:
    session = record(tmp_path, range(20))
    check = recovery.verify(session)
    assert check.is_whole, check.problems
    assert check.state == "complete"
    with np.load(session.motion) as motion:
        np.testing.assert_array_equal(motion["seq"], np.arange(20))
        assert motion["stabilized_from_raw"][7, 0, 2] == 7.0


def test_a_camera_gap_is_booked_with_its_time(tmp_path: Path) -> None:
    session = record(tmp_path, [0, 1, 2, 6, 7])
    rows = sqlite3.connect(session.database).execute("SELECT * FROM gaps ORDER BY stream").fetchall()
    assert rows == [
        ("raw", "capture", 3, 3, 2 * STEP_NS, 6 * STEP_NS),
        ("stabilized", "pipeline", 3, 3, 2 * STEP_NS, 6 * STEP_NS),
    ]


def test_frames_still_queued_when_a_pause_begins_do_not_make_it_a_loss(tmp_path: Path) -> None:
    recorder = Recorder(RecordingOptions(tmp_path, disk=ANY_DISK))
    folder = recorder.start(Patient(), SOURCE)
    frames = [result(seq, seq * STEP_NS).raw for seq in range(60)]
    for frame in frames[:30]:
        recorder.offer_raw(frame)
    recorder.pause()  # while most of them wait for the encoder
    for frame in frames[30:40]:
        recorder.offer_raw(frame)
    recorder.resume()
    for frame in (*frames[40:50], *frames[52:]):
        recorder.offer_raw(frame)
    recorder.stop()
    with sqlite3.connect(folder.database) as books:
        gaps = books.execute("SELECT kind, first_seq, count FROM gaps ORDER BY first_seq").fetchall()
    books.close()
    assert gaps == [("pause", 30, 10), ("capture", 50, 2)]


def test_a_pause_is_a_gap_of_its_own_kind(tmp_path: Path) -> None:
    recorder = Recorder(RecordingOptions(tmp_path, disk=ANY_DISK))
    session = recorder.start(Patient(), SOURCE)
    feed(recorder, range(3))
    time.sleep(0.1)
    recorder.pause()
    feed(recorder, range(3, 8))
    recorder.resume()
    feed(recorder, range(8, 10))
    recorder.stop()
    kinds = sqlite3.connect(session.database).execute("SELECT DISTINCT kind, count FROM gaps").fetchall()
    assert kinds == [("pause", 5)]
    assert recovery.verify(session).streams[0].frames_in_video == 5


def test_frames_a_full_tap_refused_are_counted_and_booked(tmp_path: Path) -> None:
    recorder = Recorder(RecordingOptions(tmp_path, disk=ANY_DISK))
    big = replace(SOURCE, width=1920, height=1080)
    session = recorder.start(Patient(), big)
    pixels = picture(0, 1080, 1920)
    for seq in range(60):  # far faster than any encoder: the tap must fill, and offering must not wait
        recorder.offer_raw(Frame(pixels, seq, seq * STEP_NS))
    while recorder.status().frames["raw"] + recorder.status().lost["raw"] < 60:
        time.sleep(0.02)
    recorder.offer_raw(Frame(pixels, 60, 60 * STEP_NS))
    status = recorder.stop()
    assert status.lost["raw"] > 0
    booked = sqlite3.connect(session.database).execute("SELECT SUM(count) FROM gaps WHERE kind='recorder'").fetchone()
    assert booked == (status.lost["raw"],)
    assert status.frames["raw"] + status.lost["raw"] == 61


def test_stills_are_lossless_and_full_size(tmp_path: Path) -> None:
    recorder = Recorder(RecordingOptions(tmp_path, disk=ANY_DISK))
    recorder.start(Patient(), SOURCE)
    shown = result(5, 0)
    recorder.offer_raw(shown.raw)
    paths = recorder.still(shown)
    recorder.stop()
    assert [path.name for path in paths] == ["00000005-raw.png", "00000005-shown.png"]
    read = cv2.cvtColor(cv2.imread(str(paths[0])), cv2.COLOR_BGR2RGB)
    np.testing.assert_array_equal(read, shown.raw.pixels)


def test_no_patient_data_stands_in_any_file_name(tmp_path: Path) -> None:
    session = record(tmp_path, range(3))
    names = " ".join(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
    assert "Doe" not in names
    assert "PAT-42" not in session.audit.read_text()


def test_too_little_disk_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    recorder = Recorder(RecordingOptions(tmp_path, disk=DiskRules(refuse_below_min=1e12)))
    with pytest.raises(RecordingError, match="minutes of recording fit"):
        recorder.start(Patient(), SOURCE)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_runs_full_finishes_the_recording_cleanly(tmp_path: Path) -> None:
    options = RecordingOptions(tmp_path, disk=DiskRules(0, 0, 1 << 60), disk_look_every_s=0.05)
    recorder = Recorder(options)
    session = recorder.start(Patient(), SOURCE)
    feed(recorder, range(10))
    deadline = time.monotonic() + 5
    while recorder.status().is_recording and time.monotonic() < deadline:
        time.sleep(0.02)
    status = recorder.stop()
    assert "disk is almost full" in status.notice
    assert recovery.verify(session).is_whole


def test_disk_rules_warn_before_they_refuse() -> None:
    rules = DiskRules(10, 15, 0)
    free = rules.look(Path("/"), 1.0, is_recording=False).free_bytes
    verdicts = [rules.look(Path("/"), free / 60 / minutes, is_recording=False).verdict for minutes in (5, 12, 60)]
    assert verdicts == [DiskVerdict.REFUSE, DiskVerdict.WARN, DiskVerdict.ENOUGH]


def test_a_kill_loses_less_than_a_second_and_is_repaired(tmp_path: Path) -> None:
    script = (
        "import importlib.util, sys, time, pathlib\n"
        f"spec = importlib.util.spec_from_file_location('t', {str(Path(__file__))!r})\n"
        "t = importlib.util.module_from_spec(spec); spec.loader.exec_module(t)\n"
        "r = t.Recorder(t.RecordingOptions(pathlib.Path(sys.argv[1]), disk=t.ANY_DISK))\n"
        "r.start(t.Patient(), t.SOURCE)\n"
        "seq = 0\n"
        "while True:\n"
        "    v = t.result(seq, time.monotonic_ns()); r.offer_raw(v.raw); r.offer_output(v)\n"
        "    print(v.raw.captured_ns, flush=True); seq += 1; time.sleep(1 / 30)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    times = [int(child.stdout.readline()) for _ in range(65)]
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    (session,) = recovery.unfinished_sessions(tmp_path)
    check = recovery.repair(session)
    assert check.state == "repaired"
    recorded_s = min(stream.duration_s for stream in check.streams)
    assert (times[-1] - times[0]) / 1e9 - recorded_s < 1.0
    assert recovery.unfinished_sessions(tmp_path) == []
    (summary,), problems = library.list_sessions(tmp_path)
    assert (summary.state, problems) == ("repaired", [])


def test_a_deleted_session_can_be_brought_back_until_the_grace_ends(tmp_path: Path) -> None:
    session = record(tmp_path, range(3))
    trashed = library.delete(session, tmp_path)
    assert library.list_sessions(tmp_path)[0] == []
    assert library.purge(tmp_path) == []
    assert library.undelete(trashed, tmp_path).session_id == session.session_id
    library.delete(SessionFolder.existing(session.root), tmp_path)
    assert library.purge(tmp_path, grace_s=0) == [session.session_id]


def test_an_encoder_that_is_not_there_is_refused_with_a_reason() -> None:
    assert refusal(Encoder("h264_of_the_future")) == "not in this build of FFmpeg"
    assert refusal(x264(20)) is None
    assert probe().codec == "libx264" or not probe().refusals


def test_a_picture_that_changes_size_is_refused_in_a_sentence(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path / "a.mp4", (96, 128), 30, x264(20))
    writer.write(picture(0), 0)
    with pytest.raises(RecordingError, match="changed its size"):
        writer.write(picture(0, 48, 64), 1)
    writer.close()


def test_odd_sizes_are_recorded_whole(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path / "a.mp4", (95, 127), 30, x264(20))
    writer.write(picture(0, 95, 127), 0)
    writer.close()
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.height, stream.width) == (96, 128)


@pytest.mark.parametrize("birth_date", ["1980", "31.12.1980", "2000-02-30"])
def test_a_birth_date_that_is_none_is_refused(birth_date: str) -> None:
    with pytest.raises(RecordingError, match="is no date"):
        Patient("1", "Doe", "Jo", birth_date)
