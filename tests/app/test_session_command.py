"""`steadyscope record` and `steadyscope session` as a user types them."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.cli import main
from engine.annotation.interchange import to_json
from engine.annotation.shapes import Annotation, Kind
from engine.annotation.store import AnnotationStore
from engine.recording.disk import DiskRules, DiskState, DiskVerdict


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One session of the demo source, without the network: what is tested here is the record path."""
    library = tmp_path_factory.mktemp("library")
    back = tmp_path_factory.mktemp("back")
    arguments = ["--demo", "--seconds", "1.2", "--out", str(library), "--backend", "off", "--hand-back", str(back)]
    assert main(["record", *arguments, "--patient-id", "5", "--patient-name", "Doe, Jo"]) == 0
    (folder,) = library.iterdir()
    contents = json.loads((back / folder.name / "contents.json").read_text(encoding="utf-8"))
    assert contents["patient"]["family_name"] == "Doe"
    return folder


def test_a_recorded_session_holds_what_the_contract_names(recorded: Path) -> None:
    assert (recorded / "raw.mp4").is_file()
    assert (recorded / "session.sqlite").is_file()


def test_list_info_and_verify_agree_in_json(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["session", "list", str(recorded.parent), "--json"]) == 0
    (line,) = json.loads(capsys.readouterr().out)
    assert line["session_id"] == recorded.name
    assert main(["session", "info", str(recorded), "--json"]) == 0
    info = json.loads(capsys.readouterr().out)
    assert info["patient"]["family_name"] == "Doe"
    assert main(["session", "verify", str(recorded), "--json"]) == 0
    check = json.loads(capsys.readouterr().out)
    assert check["is_whole"]
    assert {one["name"]: one["frames_in_video"] for one in check["streams"]} == info["frames"]


@pytest.mark.parametrize("form", ["mp4", "json", "webvtt", "csv", "html"])
def test_each_form_is_written_where_it_was_asked(recorded: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / "deep" / f"out.{form}"
    assert main(["session", "export", str(recorded), "--format", form, "--out", str(out)]) == 0
    assert out.stat().st_size > 0


@pytest.mark.parametrize(
    ("form", "out", "words"),
    [
        ("csv", "{session}/session.sqlite", "lies in the folder of a recorded session"),
        ("mp4", "{session}/stills/new.mp4", "lies in the folder of a recorded session"),
        ("files", "{session}", "lies in the folder of a recorded session"),
        ("mp4", "{tmp}", "is a folder"),
        ("mp4", "", "is a folder"),
        ("dicom", "{session}/../file", "is a file"),
    ],
)
def test_an_export_spoils_no_recording_and_takes_no_wrong_place(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str, out: str, words: str
) -> None:
    root = Path(shutil.copytree(recorded, tmp_path / recorded.name))
    (tmp_path / "file").write_text("mine")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    place = out.format(session=root, tmp=tmp_path)
    assert main(["session", "export", str(root), "--format", form, "--out", place]) == 2
    assert words in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "arguments",
    [
        "calibrate board --board charuco:10x8:2:1.5:4X4_50 --out {session}/raw.mp4",
        "calibrate profile show nowhere.json --report {session}/report.html",
        "demo-clip {session}/stills/clip.mp4 --seconds 0.1",
        "demo-clip {session}/raw.mp4 --seconds 0.1 --truth",
        "engine build mostnet-lite --arch sm89 --out {session}",
        "record --demo --seconds 1 --backend off --out {session}",
        "record --demo --seconds 1 --backend off --out {tmp} --patient-id 5 --hand-back {session}",
        "window --demo --run-for 0.1 --report {session}/report.json",
        "window --demo --run-for 0.1 --screenshot {session}/raw.mp4",
        "window --demo --run-for 0.1 --settings {session}/settings.json",
        "process {session}/raw.mp4 --out {session}/stills",
    ],
)
def test_no_command_writes_into_the_folder_of_a_session(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: str
) -> None:
    root = Path(shutil.copytree(recorded, tmp_path / recorded.name))
    (root / "session.sqlite").rename(root / "session.sqlite.damaged-1")  # without its books it is a session still
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert main([word.format(session=root, tmp=tmp_path) for word in arguments.split()]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "lies in the folder of a recorded session, which it could spoil. Choose another place." in line
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("form", ["files", "dicom"])
def test_a_session_whose_videos_are_gone_hands_on_no_empty_folder(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    root = Path(shutil.copytree(recorded, tmp_path / recorded.name))
    for video in root.glob("*.mp4"):
        video.unlink()
    arguments = ["session", "export", str(root), "--format", form, "--out", str(tmp_path / "out")]
    assert main(arguments) == 2
    assert "raw.mp4 is missing. Put it back from a copy, or export what is left" in capsys.readouterr().err
    assert main([*arguments, "--partial"]) == 2
    assert "holds no video and no still" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("form", "left"), [("files", "raw.mp4"), ("dicom", "video-raw.dcm")])
def test_a_partial_export_goes_out_when_it_is_asked_for_and_says_what_is_missing(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str, left: str
) -> None:
    root = Path(shutil.copytree(recorded, tmp_path / recorded.name))
    (root / "stabilized.mp4").write_bytes((root / "stabilized.mp4").read_bytes()[:3000])
    arguments = ["session", "export", str(root), "--format", form, "--out", str(tmp_path / "out")]
    assert main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("steadyscope: stabilized.mp4 is not readable")
    assert not (tmp_path / "out").exists()
    assert main([*arguments, "--partial"]) == 0
    said = capsys.readouterr()
    assert "This is not the whole session" in said.err
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert left in names
    assert not any("stabilized" in name for name in names)


@pytest.mark.parametrize("time", ["abc", "nan", "1e400", "1e300"])
def test_a_time_that_is_none_is_refused_in_words(capsys: pytest.CaptureFixture[str], time: str) -> None:
    with pytest.raises(SystemExit):
        main(["session", "export", "any", "--format", "mp4", "--out", "out.mp4", "--end", time])
    assert f"'{time}' is no time in seconds" in capsys.readouterr().err


def test_an_import_reads_what_an_editor_on_windows_saved_and_refuses_what_is_no_text(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "annotations.json"
    path.write_text(to_json([], {"id": recorded.name}), encoding="utf-8-sig")
    assert main(["session", "import", str(recorded), str(path)]) == 0
    path.write_bytes(b"\xff\xfe\x00")
    assert main(["session", "import", str(recorded), str(path)]) == 2
    assert "it is no text" in capsys.readouterr().err
    assert main(["session", "import", str(recorded), str(tmp_path / "none.json")]) == 2
    assert "none.json cannot be read: No such file or directory." in capsys.readouterr().err


def test_an_annotation_that_cannot_be_read_is_named_and_stops_nothing(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = Path(shutil.copytree(recorded, tmp_path / recorded.name))
    with closing(AnnotationStore(root / "session.sqlite")) as store:
        document = store.load()
        document.add(Annotation(Kind.MARKER, 0, "caries"))
        document.add(Annotation(Kind.MARKER, 1, "plaque"))
    with closing(sqlite3.connect(root / "session.sqlite")) as books, books:
        books.execute("UPDATE annotations SET body = '{}' WHERE rowid = 1")
    assert main(["session", "info", str(root), "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["annotations"] == 1
    assert "Row 1 of the annotations is left out" in said.err
    assert main(["session", "export", str(root), "--format", "csv", "--out", str(tmp_path / "out.csv")]) == 0
    assert "1 annotation cannot be read and is left out" in capsys.readouterr().err
    assert "plaque" in (tmp_path / "out.csv").read_text(encoding="utf-8")
    assert main(["session", "verify", str(root)]) == 1
    assert "  session.sqlite, row 1 of annotations: An annotation entry is malformed" in capsys.readouterr().out
    assert main(["session", "repair", str(root)]) == 0
    assert main(["session", "verify", str(root)]) == 0


def test_a_disk_that_only_warns_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def low(rules: DiskRules, *_: object, is_recording: bool) -> DiskState:
        return DiskState(1 << 34, 12.0, DiskVerdict.WARN)

    monkeypatch.setattr(DiskRules, "look", low)
    arguments = ["--demo", "--seconds", "1.5", "--out", str(tmp_path), "--backend", "off", "--json"]
    assert main(["record", *arguments]) == 0
    assert "12 minutes" in json.loads(capsys.readouterr().out)["notice"]


def test_dicom_is_a_folder_of_objects(recorded: Path, tmp_path: Path) -> None:
    assert main(["session", "export", str(recorded), "--format", "dicom", "--out", str(tmp_path / "d")]) == 0
    assert {path.suffix for path in (tmp_path / "d").iterdir()} == {".dcm"}


def test_exported_annotations_come_back_once(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = {"format": "steadyscope-annotations", "version": 1, "session": {}, "annotations": []}
    (tmp_path / "a.json").write_text(json.dumps(document))
    assert main(["session", "import", str(recorded), str(tmp_path / "a.json")]) == 0
    assert "0 annotations added" in capsys.readouterr().out
    (tmp_path / "b.json").write_text(json.dumps({**document, "session": {"id": "another"}}))
    assert main(["session", "import", str(recorded), str(tmp_path / "b.json")]) == 2
    assert "belong to session another" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["session", "info", "/nowhere"],
        ["session", "list", "/nowhere"],
        ["session", "repair", "/nowhere"],
        ["session", "send", "/nowhere", "--host", "127.0.0.1", "--port", "1"],
        ["record", "--demo", "--seconds", "0", "--out", "/tmp/x"],
        ["record", "--demo", "--seconds", "nan", "--out", "/tmp/x"],
        ["record", "--demo", "--seconds", "1", "--out", "/tmp/x", "--patient-name", "Doe, Jo"],
        ["record", "--demo", "--seconds", "1", "--out", "/tmp/x", "--patient-id", "5", "--birth-date", "19900506"],
        ["record", "--demo", "--seconds", "1", "--out", "/tmp/x", "--hand-back", "/tmp"],
        ["record", "--demo", "--seconds", "1", "--out", "/tmp/x", "--patient-id", "5", "--hand-back", "/nowhere"],
        ["window", "--demo", "--patient-name", "Doe, Jo"],
        ["window", "--demo", "--vdds", "/nowhere.ini"],
        ["record", "--file", "/nowhere.mp4", "--seconds", "1", "--out", "/tmp/x", "--backend", "off"],
    ],
    ids=" ".join,
)
def test_a_mistake_ends_in_one_sentence_and_code_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("steadyscope: ")


def test_a_patient_that_contradicts_the_practice_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "p.ini"
    path.write_text("[PATIENT]\nPATID=9\nLASTNAME=Roe\nFIRSTNAME=Ann\nBIRTHDAY=19900506\n")
    arguments = ["record", "--demo", "--seconds", "1", "--out", str(tmp_path), "--vdds", str(path)]
    assert main([*arguments, "--patient-id", "8"]) == 2
    assert "different patients" in capsys.readouterr().err
    assert "ERRORLEVEL=1" in path.read_text()
    assert main(["window", "--demo", "--vdds", str(path), "--birth-date", "1990-05-07"]) == 2


def test_a_patient_whose_recording_never_began_is_answered_as_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "p.ini"
    path.write_text("[PATIENT]\nPATID=9\nLASTNAME=Roe\nFIRSTNAME=Ann\nBIRTHDAY=19900506\n")
    arguments = ["--file", str(tmp_path / "missing.mp4"), "--seconds", "1", "--out", str(tmp_path)]
    assert main(["record", *arguments, "--backend", "off", "--vdds", str(path)]) == 2
    assert "ERRORLEVEL=1" in path.read_text()


def test_a_time_that_is_none_is_refused(recorded: Path, tmp_path: Path) -> None:
    for option in ("--start", "--end"):
        with pytest.raises(SystemExit):
            main(["session", "export", str(recorded), "--format", "mp4", "--out", str(tmp_path / "x"), option, "nan"])


def test_verify_names_the_line_of_the_audit_trail_that_is_none(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(recorded, tmp_path / recorded.name))
    number = len((folder / "audit.jsonl").read_text(encoding="utf-8").splitlines()) + 1
    with (folder / "audit.jsonl").open("a", encoding="utf-8") as file:
        file.write("scribbled\n")
    assert main(["session", "verify", str(folder)]) == 1
    assert f"audit.jsonl, line {number}: It is no JSON." in "".join(capsys.readouterr())
    assert main(["session", "repair", str(folder)]) == 0
    assert main(["session", "verify", str(folder)]) == 0
