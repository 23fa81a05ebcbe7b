"""Rules of the house that no other tool checks."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE = ("app", "engine", "models", "resources", "tests", "packaging")
TOP_LEVEL = {
    *CODE,
    *("README.md", "LICENSE", "CHANGELOG.md", "THIRD_PARTY.md", "Makefile", "docs", "pyproject.toml"),
}


def python_files() -> list[Path]:
    return [path for room in CODE for path in (ROOT / room).rglob("*.py")]


def test_packaging_is_no_python_package() -> None:
    """An __init__.py there would shadow PyPI's `packaging` and break pip, pytest and pyqtgraph."""
    assert not (ROOT / "packaging" / "__init__.py").exists()


def test_pypi_packaging_is_what_gets_imported() -> None:
    import packaging.version

    assert packaging.version.Version("1.10") > packaging.version.Version("1.9")


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_outgrows_its_room(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 400, f"{path.relative_to(ROOT)} has {lines} lines: ask which room is missing"


def test_nothing_else_stands_at_the_top() -> None:
    visible = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert visible - {"build", "dist", "runs"} <= TOP_LEVEL
