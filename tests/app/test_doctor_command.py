"""`steadyscope doctor` tries what is there and says what to do about what is not."""

import json
from pathlib import Path

import pytest

from app.cli import main
from app.commands.doctor import display
from engine import diagnosis
from tests.fakes_onnx import write_toy


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return str(write_toy(tmp_path))


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "weights"
    folder.mkdir()
    monkeypatch.setattr(diagnosis.resources, "path", lambda _name: folder)
    return folder


def test_json_tells_of_every_topic(model: str, shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_toy(shelf)
    assert main(["doctor", "--json", "--model", model]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {"system", "cpu_features", "backends", "cameras", "gpu", "qt", "weights", "disk"} <= report.keys()
    backends = {each["name"]: each for each in report["backends"]}
    assert backends["openvino"]["ok"]
    assert backends["openvino"]["runs_as"].startswith("openvino-cpu-")
    refused = [each for each in backends.values() if not each["ok"]]
    assert all(each["reason"] and each["remedy"] for each in refused)
    assert report["weights"][0]["is_trained"]
    assert report["disk"][0]["free_bytes"] > 0


def test_the_page_for_people_has_a_remedy_under_each_lack(
    model: str, shelf: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = write_toy(shelf)
    manifest.with_suffix(".onnx").write_bytes(b"damaged")
    assert main(["doctor", "--model", model]) == 1
    shown = capsys.readouterr().out
    assert "does not match the sha256" in shown
    assert "reinstall Steadyscope" in shown


def test_a_machine_without_networks_is_not_ready(shelf: Path) -> None:
    findings = list(diagnosis.weights())
    assert [(finding.is_well, finding.is_needed) for finding in findings] == [(False, True)]


def test_an_untrained_network_is_not_well(shelf: Path) -> None:
    write_toy(shelf, trained=False)
    finding = next(iter(diagnosis.weights()))
    assert not finding.is_well
    assert "NOT trained" in finding.detail


def test_a_qt_platform_that_does_not_exist_is_named_with_those_that_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "abacus")
    finding = display()
    assert not finding.is_well
    assert "offscreen" in finding.remedy
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert display().is_well


def test_a_full_disk_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "LOW_DISK_BYTES", 2**80)
    assert not any(finding.is_well for finding in diagnosis.disks())
