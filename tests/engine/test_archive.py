"""Finished sessions on their way out: video, text forms, report, DICOM, hand-back."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import ImageFont
from pydicom import dcmread

from engine.annotation.interchange import from_json
from engine.annotation.shapes import Annotation, Drawing, Kind, Nine, Space
from engine.annotation.store import AnnotationStore
from engine.archive.drawing import FONT, MOST_LINES, broken
from engine.archive.exports import FORMS, Wanted, export_session, hand_back
from engine.archive.pacs import PacsAddress, send
from engine.archive.reader import SessionView, open_session
from engine.archive.video_export import VideoExport
from engine.errors import RecordingError
from engine.recording.disk import DiskRules
from engine.recording.practice import HandBack
from engine.recording.recorder import RecordedSource, Recorder, RecordingOptions
from engine.recording.session_folder import Patient
from engine.values import Frame, Mode, Motion, StabilizedFrame, Tracking

SHIFT: Nine = (1.0, 0.0, 8.0, 0.0, 1.0, 4.0, 0.0, 0.0, 1.0)
STEP_NS = 40_000_000
MIDDLE = Drawing(((0.25, 0.25), (0.75, 0.75)), Space.STABILIZED, SHIFT, (160, 120))


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> SessionView:
    """Fifty frames with a loss, a marker, a range, a rectangle and a still."""
    options = RecordingOptions(tmp_path_factory.mktemp("library"), disk=DiskRules(0, 0, 0), operator="Dr. Ny")
    recorder = Recorder(options)
    folder = recorder.start(Patient("77", "Roe", "Ann", "1990-05-06"), RecordedSource("demo:1", "Demo", 160, 120, 25))
    texture = np.random.default_rng(1).integers(40, 200, (120, 160, 3), dtype=np.uint8)
    pixels = cv2.GaussianBlur(texture, (0, 0), 5)
    for seq in range(50):
        frame = Frame(pixels, seq, 10**9 + seq * STEP_NS)
        tracking = Tracking.LOST if 20 <= seq < 30 else Tracking.TRACKING
        motion = None if tracking is Tracking.LOST else Motion(seq, np.eye(3), 0.1, 1.0)
        pose = np.asarray(SHIFT).reshape(3, 3)
        result = StabilizedFrame(frame, None, pixels, pixels, pose, motion, tracking, Mode.STABILIZED, "")
        recorder.offer_raw(frame)
        recorder.offer_output(result)
        if seq == 10:
            recorder.still(result)
    assert recorder.stop().lost == {"raw": 0, "stabilized": 0}
    store = AnnotationStore(folder.database)
    document = store.load()
    document.add(Annotation(Kind.MARKER, 400_000_000, "caries", tooth=36, author="Dr. <Ü>"))
    document.add(Annotation(Kind.RANGE, 800_000_000, "preparation", end_ns=1_400_000_000))
    document.add(Annotation(Kind.RECTANGLE, 0, "here", end_ns=1_900_000_000, drawing=MIDDLE))
    store.close()
    return open_session(folder.root)


def never_cancel(_: float) -> bool:
    return True


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def test_the_reader_knows_where_tracking_was_lost(session: SessionView) -> None:
    (lost,) = session.stretches
    assert (lost.kind, lost.start_ns, lost.end_ns) == ("lost", 20 * STEP_NS, 30 * STEP_NS)
    assert session.duration_ns == 49 * STEP_NS
    assert session.size == (160, 120)
    assert session.pose_index(5 * STEP_NS + 1) == 5


def test_an_engine_that_was_late_is_no_lost_tooth(session: SessionView, tmp_path: Path) -> None:
    root = Path(shutil.copytree(session.folder.root, tmp_path / "copy"))
    with closing(sqlite3.connect(root / "session.sqlite")) as books, books:
        books.execute("UPDATE motion SET mode = 'passthrough', tracking = 'lost' WHERE seq BETWEEN 25 AND 39")
    kinds = [(one.kind, one.start_ns // STEP_NS, one.end_ns // STEP_NS) for one in open_session(root).stretches]
    assert kinds == [("lost", 20, 25), ("bypass", 25, 40)]
    (path,) = export_session(open_session(root), "html", tmp_path / "r.html", Wanted(), never_cancel)
    assert "<th>Raw picture shown</th><td>0.6 s" in path.read_text(encoding="utf-8")


def test_a_whole_video_keeps_every_frame_and_gets_chapters(session: SessionView, tmp_path: Path) -> None:
    wanted = Wanted(VideoExport("raw", is_burnt_in=False))
    (path,) = export_session(session, "mp4", tmp_path / "out.mp4", wanted, never_cancel)
    with av.open(str(path)) as container:
        chapters = [
            (chapter["metadata"]["title"], float(chapter["start"] * chapter["time_base"]))
            for chapter in container.chapters()
        ]
    assert chapters == [("Start", 0.0), ("caries, tooth 36", 0.4), ("preparation", 0.8)]
    assert len(decoded(path)) == 50


def test_a_trimmed_video_holds_just_the_stretch(session: SessionView, tmp_path: Path) -> None:
    wanted = Wanted(VideoExport("stabilized", 10 * STEP_NS, 20 * STEP_NS))
    (path,) = export_session(session, "mp4", tmp_path / "out.mp4", wanted, never_cancel)
    assert len(decoded(path)) == 11


def test_a_shape_drawn_on_stabilized_is_burnt_in_at_the_same_tissue_of_raw(
    session: SessionView, tmp_path: Path
) -> None:
    (path,) = export_session(session, "mp4", tmp_path / "raw.mp4", Wanted(VideoExport("raw")), never_cancel)
    plain = Wanted(VideoExport("raw", is_burnt_in=False))
    (clean,) = export_session(session, "mp4", tmp_path / "clean.mp4", plain, never_cancel)
    changed = np.abs(decoded(path)[5].astype(int) - decoded(clean)[5]).sum(2) > 60
    columns = np.flatnonzero(changed[50:60].any(0))  # rows between the rectangle's horizontal sides
    assert abs(columns[columns < 80].mean() - (40 - 8)) <= 1  # stabilized x 40 lies at raw x 32
    assert abs(columns[columns > 80].mean() - (120 - 8)) <= 1


@pytest.mark.parametrize("text", ["a note about the margin that goes on and on, " * 3, "m" * 40, "", "short"])
def test_a_long_caption_is_broken_at_the_edge_of_the_picture(text: str) -> None:
    font = ImageFont.truetype(FONT, 14)
    lines = broken(text, font, 200)
    assert all(font.getlength(line) <= 200 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_caption_has_a_few_lines_and_no_more() -> None:
    lines = broken("word " * 500, ImageFont.truetype(FONT, 14), 200)
    assert len(lines) == MOST_LINES
    assert lines[-1].endswith("…")


class Patience:
    """A progress that gives up at a share, and remembers what it was told."""

    def __init__(self, most: float) -> None:
        self.most, self.told = most, [0.0]

    def __call__(self, share: float) -> bool:
        self.told.append(share)
        return share < self.most


@pytest.mark.parametrize("most", [0.0, 0.3, 0.6, 0.9])
@pytest.mark.parametrize(("form", "video"), [("mp4", {}), ("mp4", {"is_burnt_in": False}), ("dicom", {})])
def test_a_cancelled_export_leaves_nothing(
    session: SessionView, tmp_path: Path, form: str, video: dict[str, bool], most: float
) -> None:
    patience = Patience(most)
    assert export_session(session, form, tmp_path / "new" / "out", Wanted(VideoExport(**video)), patience) == []
    assert max(patience.told) >= most
    assert patience.told == sorted(patience.told)
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_leaves_nothing_half_written_and_what_was_there_before(session: SessionView, tmp_path: Path) -> None:
    def interrupt(share: float) -> bool:
        if share > 0.5:
            raise KeyboardInterrupt
        return True

    (tmp_path / "video-raw.dcm").write_text("of yesterday")
    with pytest.raises(KeyboardInterrupt):
        export_session(session, "dicom", tmp_path, Wanted(), interrupt)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["of yesterday"]


def test_a_failed_dicom_export_leaves_nothing(session: SessionView, tmp_path: Path) -> None:
    torn = tmp_path / "torn.png"
    torn.write_bytes(b"no picture")
    broken = replace(session, stills=(*session.stills, torn))
    with pytest.raises(RecordingError, match=r"torn\.png"):
        export_session(broken, "dicom", tmp_path / "out", Wanted(), never_cancel)
    assert list(tmp_path.iterdir()) == [torn]


def test_json_gives_back_the_same_annotations_without_the_patient(session: SessionView, tmp_path: Path) -> None:
    (path,) = export_session(session, "json", tmp_path / "out.json", Wanted(), never_cancel)
    text = path.read_text(encoding="utf-8")
    assert from_json(text) == list(session.annotations())
    assert "Roe" not in text


def test_the_report_is_escaped_and_leaves_the_patient_out_unless_asked(session: SessionView, tmp_path: Path) -> None:
    (path,) = export_session(session, "html", tmp_path / "a.html", Wanted(), never_cancel)
    text = path.read_text(encoding="utf-8")
    assert "Dr. &lt;Ü&gt;" in text
    assert "00:00:00.000 · here" in text  # the drawn rectangle, as a picture
    assert "00:00:00.400 · as the camera saw it" in text
    assert text.count("<img ") == 3
    assert "Roe" not in text
    (path,) = export_session(session, "html", tmp_path / "b.html", Wanted(is_identified=True), never_cancel)
    assert "Roe, Ann" in path.read_text(encoding="utf-8")
    assert "Dr. Ny" in text


@pytest.mark.parametrize("form", sorted(FORMS))
def test_an_unwritable_place_is_said_in_a_sentence(session: SessionView, tmp_path: Path, form: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError):
        export_session(session, form, tmp_path / "file" / "out", Wanted(), never_cancel)


def dicom_files(session: SessionView, folder: Path, *, is_identified: bool = False) -> list[Path]:
    return export_session(session, "dicom", folder, Wanted(is_identified=is_identified), never_cancel)


def test_dicom_holds_videos_stills_and_report_of_one_study(session: SessionView, tmp_path: Path) -> None:
    files = [dcmread(path) for path in dicom_files(session, tmp_path)]
    assert [one.SOPClassUID.name.split(" Storage")[0] for one in files] == [
        "Video Photographic Image",
        "Video Photographic Image",
        "VL Photographic Image",
        "VL Photographic Image",
        "Basic Text SR",
    ]
    assert len({one.StudyInstanceUID for one in files}) == 1
    assert {str(one.PatientName) for one in files} == {"Anonymous^"}
    video = files[0]
    assert video.file_meta.TransferSyntaxUID.name.startswith("MPEG-4 AVC/H.264 High Profile / Level 4.1")
    assert int(video.NumberOfFrames) == 50
    assert float(video.FrameTime) == pytest.approx(40.0)
    report = files[-1]
    assert any("caries, tooth 36" in item.get("TextValue", "") for item in report.ContentSequence)


def test_dicom_carries_the_patient_when_asked(session: SessionView, tmp_path: Path) -> None:
    files = [dcmread(path) for path in dicom_files(session, tmp_path, is_identified=True)]
    one = files[0]
    assert (str(one.PatientName), one.PatientID, one.PatientBirthDate) == ("Roe^Ann", "77", "19900506")
    assert {str(each.OperatorsName) for each in files} == {"Dr. Ny"}
    assert str(files[-1].ContentSequence[0].PersonName) == "Dr. Ny"


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools is not installed: no independent judge")
@pytest.mark.parametrize("is_identified", [False, True])
def test_dciodvfy_finds_no_error(session: SessionView, tmp_path: Path, is_identified: bool) -> None:
    for path in dicom_files(session, tmp_path, is_identified=is_identified):
        verdict = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
        assert "Error" not in verdict.stdout + verdict.stderr, (path.name, verdict.stderr)


# pynetdicom forgets to close the socket of a refused connection; not ours to mend.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_silent_pacs_is_named_with_what_did_not_arrive(session: SessionView, tmp_path: Path) -> None:
    files = dicom_files(session, tmp_path)
    with pytest.raises(RecordingError, match=r"5 of 5 objects did not reach PACS at 127\.0\.0\.1:1"):
        send(files, PacsAddress("127.0.0.1", 1, "PACS", timeout_s=0.5), never_cancel, tries=1)


def test_a_pacs_of_unknown_name_and_a_file_that_is_no_dicom_are_named(session: SessionView, tmp_path: Path) -> None:
    files = export_session(session, "dicom", tmp_path, Wanted(), lambda _: True)
    with pytest.raises(RecordingError, match=r"nowhere\.invalid:104: "):
        send(files[:1], PacsAddress("nowhere.invalid", 104), lambda _: True, tries=1)
    (tmp_path / "x.dcm").write_text("text")
    with pytest.raises(RecordingError, match=r"x\.dcm is no DICOM object"):
        send([tmp_path / "x.dcm"], PacsAddress("127.0.0.1", 104), lambda _: True, tries=1)


def test_a_session_as_files_lists_its_contents_and_names_the_patient_only_when_asked(
    session: SessionView, tmp_path: Path
) -> None:
    for is_identified in (False, True):
        out = tmp_path / str(is_identified)
        written = export_session(session, "files", out, Wanted(is_identified=is_identified), never_cancel)
        assert {path.name for path in written} == {path.name for path in out.iterdir()}
        contents = json.loads((out / "contents.json").read_text(encoding="utf-8"))
        assert {one["name"] for one in contents["files"]} == {path.name for path in written} - {"contents.json"}
        assert ("patient" in contents) is is_identified
    assert len(decoded(out / "raw.mp4")) == 50


def test_hand_back_gives_each_session_a_folder_of_its_own(session: SessionView, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="is not there"):
        HandBack.existing(tmp_path / "nowhere")
    written = hand_back(session, HandBack(tmp_path, "dicom"), never_cancel)
    assert {path.parent for path in written} == {tmp_path / session.folder.session_id}
    assert str(dcmread(written[0]).PatientName) == "Roe^Ann"
