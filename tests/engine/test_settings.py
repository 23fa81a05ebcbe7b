"""Settings: what is bad is told or refused, what is saved is whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.errors import SettingsError
from engine.settings import Engine, Keys, Look, Picture, Settings, Source, load, save


def written(path: Path, **pages: object) -> Path:
    path.write_text(json.dumps({"version": 1, **pages}), encoding="utf-8")
    return path


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    settings = Settings(
        look=Look(theme="high_contrast"),
        picture=Picture(is_mirrored=True, crop=0.1),
        source=Source(identity="v4l2:046d:0825:77"),
        engine=Engine(backend="openvino", threads=2),
        keys=Keys({"freeze": "F13"}),
    )
    path = tmp_path / "deep" / "settings.json"
    save(settings, path)
    assert load(path) == (settings, ())
    assert list(path.parent.iterdir()) == [path]


def test_no_file_means_defaults(tmp_path: Path) -> None:
    assert load(tmp_path / "none.json") == (Settings(), ())


def test_a_bad_cosmetic_value_falls_back_with_a_notice(tmp_path: Path) -> None:
    settings, notices = load(written(tmp_path / "s.json", look={"theme": "pink", "shows_plots": True}))
    assert settings.look == Look(shows_plots=True)
    assert len(notices) == 1
    assert "look.theme" in notices[0]
    assert "'pink'" in notices[0]


@pytest.mark.parametrize(
    "page",
    [
        {"picture": {"crop": 0.9}},
        {"picture": {"crop": "a lot"}},
        {"picture": {"crop": True}},
        {"picture": {"is_mirrored": 1}},
        {"picture": {"rotation_deg": 45}},
        {"source": {"identity": 0}},
        {"source": {"calibration": None}},
        {"engine": {"model": ""}},
        {"picture": "gone"},
    ],
)
def test_a_bad_safety_relevant_value_is_refused(tmp_path: Path, page: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="delete"):
        load(written(tmp_path / "s.json", **page))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"look": {}}', '{"version": 99}'])
def test_a_damaged_or_newer_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "s.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError):
        load(path)


def test_values_unknown_to_this_version_are_ignored(tmp_path: Path) -> None:
    assert load(written(tmp_path / "s.json", look={"sparkle": True}, novelty={})) == (Settings(), ())


def test_a_bad_value_cannot_even_be_made() -> None:
    with pytest.raises(SettingsError, match="crop"):
        Picture(crop=0.5)


def test_a_failed_save_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s.json"
    save(Settings(), path)

    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.settings.os.fsync", full_disk)
    with pytest.raises(SettingsError, match="No space"):
        save(Settings(look=Look(theme="high_contrast")), path)
    assert load(path) == (Settings(), ())
    assert list(tmp_path.iterdir()) == [path]
