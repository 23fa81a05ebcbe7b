from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.stabilization.similarity import Offset
from tests.bench.stabilization.clips import CENTRE, ClipSpec
from tests.bench.stabilization.plan import Job
from tests.bench.stabilization.record import TRACKING, Track, empty_track, load_track, made_by, tracks_in
from tests.bench.stabilization.report import write_report
from tests.bench.stabilization.run import Bench, run_job
from tests.bench.stabilization.summary import Truth, summarize
from tests.bench.stabilization.version import code_version, present_version

COUNT = 120  # frames
BACK = 60  # the frame in which the tooth is found again


def relocked(home_px: float, error_px: float, version: str = "") -> tuple[Truth, Track]:
    """A swaying tooth, lost for ten frames; then the picture goes home by `home_px` a frame, on poses off by
    `error_px` in every second frame."""
    sway = 3 * np.sin(2 * np.pi * 8 * np.arange(COUNT) / 30)
    track = empty_track(COUNT)
    track.tracking[:] = TRACKING.index("tracking")
    track.tracking[BACK - 10 : BACK] = TRACKING.index("lost")
    track.room_px[:], track.error_px[:], track.ms = 9.0, 0.0, np.ones(COUNT)
    for k in range(COUNT):
        told = sway[k] + error_px * (k % 2)
        home = Offset(complex(home_px * min(max(0, k - BACK), 10) - told)).at(CENTRE)
        pose = Offset(complex(told)).at(CENTRE)
        track.correction[k], track.pose[k] = (home.turn, home.shift), (pose.turn, pose.shift)
    track.pose[BACK - 10 : BACK] = np.nan
    track.made_by = version
    poses = [Offset(complex(x)).at(CENTRE) for x in sway]
    return Truth(poses, np.ones(COUNT, np.bool_), COUNT, 30.0, "B"), track


def test_a_step_of_the_shown_tooth_is_parted_into_the_stabilizers_own_and_the_error_of_its_poses() -> None:
    row = summarize(*relocked(home_px=0.5, error_px=2.0))
    assert row["jump_room_px"] == pytest.approx(2.5)
    assert row["own_jump_room_px"] == pytest.approx(0.5)


def test_without_kept_poses_the_own_step_is_unknown_and_not_nought() -> None:
    truth, track = relocked(0.5, 0.0)
    track.pose[:] = np.nan
    assert np.isnan(float(summarize(truth, track)["own_jump_room_px"]))


def test_words_change_no_version_but_a_number_does(tmp_path: Path) -> None:
    texts = ('"""Says one thing."""\nA = 1\n', '"""Says another."""\n\nA = 1  # and why\n', "A = 2\n")
    versions = []
    for n, text in enumerate(texts):
        (tmp_path / str(n)).mkdir()
        (tmp_path / str(n) / "module.py").write_text(text)
        versions.append(code_version(tmp_path / str(n)))
    assert versions[0] == versions[1] != versions[2]


def test_peers_never_grow_old_and_network_rows_do_with_the_weights() -> None:
    assert present_version("vidgear-masked") == ""
    assert present_version("ours-spoilt-lock") == code_version() == present_version("klt")
    assert present_version("ours-network-follow", "no-such-weights") == f"{code_version()}+none"


def saved(folder: Path, method: str, version: str) -> None:
    """One track with its truth, where the report looks for them."""
    truth, track = relocked(0.5, 0.0, version)
    track.save(folder / "B7-30fps-4s" / f"{method}.npz")
    poses = np.array([(p.turn, p.shift) for p in truth.poses])
    np.savez(folder / "B7-30fps-4s" / "truth.npz", poses=poses, visible=truth.visible, switch=truth.switch)


def test_the_table_marks_what_another_version_made(tmp_path: Path) -> None:
    saved(tmp_path / "work", "ours-exact-follow", code_version())
    saved(tmp_path / "work", "ours-spoilt-follow", "0badc0de")
    write_report(tmp_path / "work", tmp_path / "out", None)
    table = (tmp_path / "out" / "results.md").read_text()
    assert "| ours-exact-follow |" in table
    assert r"| ours-spoilt-follow\* |" in table


def test_renewing_runs_again_only_what_another_version_made(tmp_path: Path) -> None:
    saved(tmp_path, "ours-exact-follow", code_version())
    saved(tmp_path, "ours-spoilt-follow", "0badc0de")
    old, kept = (tmp_path / "B7-30fps-4s" / f"ours-{name}-follow.npz" for name in ("spoilt", "exact"))
    assert load_track(old).made_by == "0badc0de"
    asked: list[str] = []

    def refuse() -> None:
        asked.append("clip")
        raise InterruptedError

    job = Job(ClipSpec("B", 7, 30.0, 4.0), ("exact", "spoilt"), ("follow",), False, False)
    bench = Bench({"exact": refuse}, tmp_path, None, is_renewing=True)  # type: ignore[dict-item]
    assert run_job(job, refuse, bench) == 0  # type: ignore[arg-type]
    assert asked == []
    bench = Bench({"exact": refuse, "spoilt": refuse}, tmp_path, None, is_renewing=True)  # type: ignore[dict-item]
    with pytest.raises(InterruptedError):
        run_job(job, refuse, bench)  # type: ignore[arg-type]
    assert tracks_in(tmp_path / "B7-30fps-4s") == [kept]
    assert made_by(kept) == code_version()
